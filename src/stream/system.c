// SPDX-License-Identifier: Apache-2.0
/*
 * The table of struct pk_sys_event's kinds.
 */
#include "stream/system.h"

#include "base/cleanup.h"
#include "plan/field_symbols.h"

#define MOUNT "mount"
#define PRIVILEGE "privilege"
#define KERNEL "kernel"
#define MEMORY "memory"
#define ATTRIBUTE "file"

#define NUMBER(n)                                  \
	{                                          \
		(n), PK_SYSTEM_NUMBER, false, NULL \
	}
#define BITS(n, names)                                        \
	{                                                     \
		(n), PK_SYSTEM_BITS, true, pk_symbols_##names \
	}
#define SYMBOL(n, names)                                         \
	{                                                        \
		(n), PK_SYSTEM_SYMBOL, false, pk_symbols_##names \
	}
#define CAPS(n)                                  \
	{                                        \
		(n), PK_SYSTEM_CAPS, false, NULL \
	}
#define S32(n)                                  \
	{                                       \
		(n), PK_SYSTEM_S32, false, NULL \
	}
#define HEX(n)                                  \
	{                                       \
		(n), PK_SYSTEM_HEX, false, NULL \
	}
#define IF_SET(n, f)                           \
	{                                      \
		(n), PK_SYSTEM_##f, true, NULL \
	}

static const struct pk_system_shape shapes[] = {
	[0] = { /* PK_EVENT_DO_MOUNT */
		.object = MOUNT, .has_path = true, .text = "fs_type", .text2 = "source",
		.args = { BITS("flags", mount_flags) },
	},
	[PK_EVENT_UMOUNT - PK_EVENT_DO_MOUNT] = {
		.object = MOUNT, .has_path = true, .args = { BITS("flags", umount_flags) },
	},
	[PK_EVENT_MOVE_MOUNT - PK_EVENT_DO_MOUNT] = {
		.object = MOUNT, .has_path = true, .path2 = "new_",
		.args = { BITS("flags", move_flags) },
	},
	[PK_EVENT_OPEN_TREE - PK_EVENT_DO_MOUNT] = {
		.object = MOUNT, .has_path = true, .args = { BITS("flags", tree_flags) },
	},
	[PK_EVENT_FSMOUNT - PK_EVENT_DO_MOUNT] = {
		.object = MOUNT, .text = "fs_type",
		.args = { BITS("flags", fsmount_flags), BITS("attributes", mount_attrs) },
	},
	[PK_EVENT_FSCONFIG - PK_EVENT_DO_MOUNT] = {
		.object = MOUNT, .text = "key", .text2 = "value",
		.args = { SYMBOL("command", fsconfig_cmds), IF_SET("aux", S32) },
	},
	[PK_EVENT_MOUNT_SETATTR - PK_EVENT_DO_MOUNT] = {
		.object = MOUNT, .has_path = true,
		.args = { BITS("flags", at_flags), BITS("attributes", mount_attrs),
			  BITS("cleared", mount_attrs) },
	},
	[PK_EVENT_PIVOT_ROOT - PK_EVENT_DO_MOUNT] = {
		.object = MOUNT, .has_path = true, .path2 = "old_",
	},
	[PK_EVENT_CHROOT - PK_EVENT_DO_MOUNT] = { .object = MOUNT, .has_path = true },
	[PK_EVENT_SETUID - PK_EVENT_DO_MOUNT] = {
		.object = PRIVILEGE,
		.args = { NUMBER("uid"), NUMBER("euid"), NUMBER("suid"), NUMBER("fsuid") },
	},
	[PK_EVENT_SETGID - PK_EVENT_DO_MOUNT] = {
		.object = PRIVILEGE,
		.args = { NUMBER("gid"), NUMBER("egid"), NUMBER("sgid"), NUMBER("fsgid"),
			  { "operation", PK_SYSTEM_SYMBOL, true, pk_symbols_setgid_operations },
			  IF_SET("groups", NUMBER) },
	},
	[PK_EVENT_CAPSET - PK_EVENT_DO_MOUNT] = {
		.object = PRIVILEGE,
		.args = { CAPS("effective"), CAPS("permitted"), CAPS("inheritable") },
	},
	[PK_EVENT_PTRACE - PK_EVENT_DO_MOUNT] = {
		.object = PRIVILEGE, .has_target = true,
		.args = { SYMBOL("request", ptrace_requests), SYMBOL("operation", ptrace_operations) },
	},
	[PK_EVENT_KILL - PK_EVENT_DO_MOUNT] = {
		.object = PRIVILEGE, .has_target = true, .args = { SYMBOL("signal", signals) },
	},
	[PK_EVENT_SETNS - PK_EVENT_DO_MOUNT] = {
		.object = PRIVILEGE,
		.args = { BITS("types", clone_flags), IF_SET("inode", NUMBER) },
	},
	[PK_EVENT_UNSHARE - PK_EVENT_DO_MOUNT] = {
		.object = PRIVILEGE, .args = { BITS("flags", clone_flags) },
	},
	[PK_EVENT_USERNS - PK_EVENT_DO_MOUNT] = {
		.object = PRIVILEGE, .args = { NUMBER("level") },
	},
	[PK_EVENT_KEYCTL - PK_EVENT_DO_MOUNT] = {
		.object = PRIVILEGE, .text = "key_type", .text2 = "description",
		.args = { SYMBOL("operation", keyctl_operations), S32("key") },
	},
	[PK_EVENT_PRCTL - PK_EVENT_DO_MOUNT] = {
		.object = PRIVILEGE,
		.args = { SYMBOL("option", prctl_options), HEX("arg2"), IF_SET("arg3", HEX),
			  IF_SET("arg4", HEX), IF_SET("arg5", HEX) },
	},
	[PK_EVENT_SECCOMP - PK_EVENT_DO_MOUNT] = {
		.object = PRIVILEGE,
		.args = { SYMBOL("operation", seccomp_modes), BITS("flags", seccomp_flags) },
	},
	[PK_EVENT_MODULE - PK_EVENT_DO_MOUNT] = {
		.object = KERNEL, .has_path = true,
		.args = { SYMBOL("from", load_ways), BITS("flags", module_flags) },
	},
	[PK_EVENT_KEXEC - PK_EVENT_DO_MOUNT] = {
		.object = KERNEL, .has_path = true,
		.args = { SYMBOL("from", load_ways), BITS("flags", kexec_flags) },
	},
	[PK_EVENT_BPF - PK_EVENT_DO_MOUNT] = {
		.object = KERNEL, .text = "name",
		.args = { SYMBOL("command", bpf_cmds), IF_SET("object_type", NUMBER) },
	},
	[PK_EVENT_PERF_EVENT - PK_EVENT_DO_MOUNT] = {
		.object = KERNEL,
		.args = { SYMBOL("event_type", perf_types), HEX("config"), S32("pid"), S32("cpu") },
	},
	[PK_EVENT_IO_URING - PK_EVENT_DO_MOUNT] = {
		.object = KERNEL,
		.args = { SYMBOL("operation", uring_operations), IF_SET("entries", NUMBER),
			  BITS("flags", uring_flags), IF_SET("uid", NUMBER) },
	},
	[PK_EVENT_USERFAULTFD - PK_EVENT_DO_MOUNT] = {
		.object = KERNEL, .args = { BITS("flags", userfaultfd_flags) },
	},
	[PK_EVENT_MEMFD - PK_EVENT_DO_MOUNT] = {
		.object = KERNEL, .text = "name", .args = { BITS("flags", memfd_flags) },
	},
	[PK_EVENT_MMAP - PK_EVENT_DO_MOUNT] = {
		.object = MEMORY, .has_path = true,
		.args = { HEX("addr"), NUMBER("length"), BITS("prot", prot),
			  BITS("flags", map_flags) },
	},
	[PK_EVENT_MPROTECT - PK_EVENT_DO_MOUNT] = {
		.object = MEMORY, .has_path = true,
		.args = { HEX("addr"), NUMBER("length"), BITS("prot", prot), BITS("old_prot", prot) },
	},
	[PK_EVENT_SOCKET - PK_EVENT_DO_MOUNT] = {
		.object = KERNEL,
		.args = { SYMBOL("domain", families), NUMBER("socket_type"), NUMBER("protocol") },
	},
	[PK_EVENT_REQUEST_MODULE - PK_EVENT_DO_MOUNT] = { .object = KERNEL, .text = "name" },
	[PK_EVENT_PERSONALITY - PK_EVENT_DO_MOUNT] = { .object = KERNEL, .args = { HEX("persona") } },
	[PK_EVENT_SYSLOG - PK_EVENT_DO_MOUNT] = {
		.object = KERNEL, .args = { SYMBOL("action", syslog_actions), NUMBER("length") },
	},
	[PK_EVENT_SYSINFO - PK_EVENT_DO_MOUNT] = { .object = KERNEL },
	[PK_EVENT_SETXATTR - PK_EVENT_DO_MOUNT] = {
		.object = ATTRIBUTE, .has_path = true, .text = "attribute",
		.args = { BITS("flags", xattr_flags), NUMBER("size") },
	},
	[PK_EVENT_REMOVEXATTR - PK_EVENT_DO_MOUNT] = {
		.object = ATTRIBUTE, .has_path = true, .text = "attribute",
	},
	[PK_EVENT_SETTIME - PK_EVENT_DO_MOUNT] = {
		.object = KERNEL,
		.args = { SYMBOL("operation", settime_operations), NUMBER("seconds"),
			  NUMBER("nanoseconds") },
	},
	[PK_EVENT_DELETE_MODULE - PK_EVENT_DO_MOUNT] = {
		.object = KERNEL, .text = "name", .args = { BITS("flags", unload_flags) },
	},
	[PK_EVENT_SET_NAME - PK_EVENT_DO_MOUNT] = { .object = PRIVILEGE, .text = "name" },
	[PK_EVENT_IOCTL - PK_EVENT_DO_MOUNT] = {
		.object = ATTRIBUTE, .has_path = true,
		.args = { SYMBOL("request", ioctl_requests), BITS("flags", inode_flags) },
	},
};

static_assert(PK_ARRAY_SIZE(shapes) == PK_EVENT_SENSOR_MAX - PK_EVENT_DO_MOUNT, "a shape a kind");

const struct pk_system_shape *pk_system_shape(__u32 kind)
{
	if (kind < PK_EVENT_DO_MOUNT || kind == PK_EVENT_DUP ||
	    kind - PK_EVENT_DO_MOUNT >= PK_ARRAY_SIZE(shapes))
		return NULL;
	return &shapes[kind - PK_EVENT_DO_MOUNT];
}

const char *pk_system_object(unsigned int idx)
{
	static const char *const objects[] = { MOUNT, PRIVILEGE, KERNEL, MEMORY, ATTRIBUTE };

	return idx < PK_ARRAY_SIZE(objects) ? objects[idx] : NULL;
}
