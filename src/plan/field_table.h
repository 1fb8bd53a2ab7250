/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tables of fields (field_evt.c, field_arg.c, field_proc.c, field_fd.c, field_container.c,
 * field_k8s.c) are written with. Only src/plan/field*.c includes this.
 */
#ifndef PK_PLAN_FIELD_TABLE_H
#define PK_PLAN_FIELD_TABLE_H

#include "plan/field.h"
#include "plan/field_id.h"
#include "plan/field_symbols.h"

#define EXEC PK_FIELD_KIND(PK_EVENT_EXEC)
#define FORK PK_FIELD_KIND(PK_EVENT_FORK)
#define EXIT PK_FIELD_KIND(PK_EVENT_EXIT)
#define OPEN PK_FIELD_KIND(PK_EVENT_OPEN)
#define RENAME PK_FIELD_KIND(PK_EVENT_RENAME)
#define UNLINK PK_FIELD_KIND(PK_EVENT_UNLINK)
#define LINK PK_FIELD_KIND(PK_EVENT_LINK)
#define SYMLINK PK_FIELD_KIND(PK_EVENT_SYMLINK)
#define MKDIR PK_FIELD_KIND(PK_EVENT_MKDIR)
#define RMDIR PK_FIELD_KIND(PK_EVENT_RMDIR)
#define MKNOD PK_FIELD_KIND(PK_EVENT_MKNOD)
#define CHMOD PK_FIELD_KIND(PK_EVENT_CHMOD)
#define CHOWN PK_FIELD_KIND(PK_EVENT_CHOWN)
#define TRUNCATE PK_FIELD_KIND(PK_EVENT_TRUNCATE)
#define CONNECT PK_FIELD_KIND(PK_EVENT_CONNECT)
#define BIND PK_FIELD_KIND(PK_EVENT_BIND)
#define LISTEN PK_FIELD_KIND(PK_EVENT_LISTEN)
#define ACCEPT PK_FIELD_KIND(PK_EVENT_ACCEPT)
#define SEND PK_FIELD_KIND(PK_EVENT_SEND)
#define DUP PK_FIELD_KIND(PK_EVENT_DUP)

#define DO_MOUNT PK_FIELD_KIND(PK_EVENT_DO_MOUNT)
#define UMOUNT PK_FIELD_KIND(PK_EVENT_UMOUNT)
#define MOVE_MOUNT PK_FIELD_KIND(PK_EVENT_MOVE_MOUNT)
#define OPEN_TREE PK_FIELD_KIND(PK_EVENT_OPEN_TREE)
#define FSMOUNT PK_FIELD_KIND(PK_EVENT_FSMOUNT)
#define FSCONFIG PK_FIELD_KIND(PK_EVENT_FSCONFIG)
#define MOUNT_SETATTR PK_FIELD_KIND(PK_EVENT_MOUNT_SETATTR)
#define PIVOT_ROOT PK_FIELD_KIND(PK_EVENT_PIVOT_ROOT)
#define CHROOT PK_FIELD_KIND(PK_EVENT_CHROOT)

#define SETUID PK_FIELD_KIND(PK_EVENT_SETUID)
#define SETGID PK_FIELD_KIND(PK_EVENT_SETGID)
#define CAPSET PK_FIELD_KIND(PK_EVENT_CAPSET)
#define PTRACE PK_FIELD_KIND(PK_EVENT_PTRACE)
#define KILL PK_FIELD_KIND(PK_EVENT_KILL)
#define SETNS PK_FIELD_KIND(PK_EVENT_SETNS)
#define UNSHARE PK_FIELD_KIND(PK_EVENT_UNSHARE)
#define USERNS PK_FIELD_KIND(PK_EVENT_USERNS)
#define KEYCTL PK_FIELD_KIND(PK_EVENT_KEYCTL)
#define PRCTL PK_FIELD_KIND(PK_EVENT_PRCTL)
#define SECCOMP PK_FIELD_KIND(PK_EVENT_SECCOMP)

#define MODULE PK_FIELD_KIND(PK_EVENT_MODULE)
#define KEXEC PK_FIELD_KIND(PK_EVENT_KEXEC)
#define BPF PK_FIELD_KIND(PK_EVENT_BPF)
#define PERF_EVENT PK_FIELD_KIND(PK_EVENT_PERF_EVENT)
#define IO_URING PK_FIELD_KIND(PK_EVENT_IO_URING)
#define USERFAULTFD PK_FIELD_KIND(PK_EVENT_USERFAULTFD)
#define MEMFD PK_FIELD_KIND(PK_EVENT_MEMFD)
#define MMAP PK_FIELD_KIND(PK_EVENT_MMAP)
#define MPROTECT PK_FIELD_KIND(PK_EVENT_MPROTECT)
#define SOCKET PK_FIELD_KIND(PK_EVENT_SOCKET)
#define PERSONALITY PK_FIELD_KIND(PK_EVENT_PERSONALITY)
#define SYSLOG PK_FIELD_KIND(PK_EVENT_SYSLOG)
#define SYSINFO PK_FIELD_KIND(PK_EVENT_SYSINFO)
#define SETXATTR PK_FIELD_KIND(PK_EVENT_SETXATTR)
#define REMOVEXATTR PK_FIELD_KIND(PK_EVENT_REMOVEXATTR)
#define SETTIME PK_FIELD_KIND(PK_EVENT_SETTIME)
#define DELETE_MODULE PK_FIELD_KIND(PK_EVENT_DELETE_MODULE)
#define SET_NAME PK_FIELD_KIND(PK_EVENT_SET_NAME)
#define IOCTL PK_FIELD_KIND(PK_EVENT_IOCTL)
#define REQUEST_MODULE PK_FIELD_KIND(PK_EVENT_REQUEST_MODULE)

#define PROCESS_KINDS (EXEC | FORK | EXIT)
#define FILE_KINDS \
	(OPEN | RENAME | UNLINK | LINK | SYMLINK | MKDIR | RMDIR | MKNOD | CHMOD | CHOWN | TRUNCATE)
/* Of files too, but not of struct pk_file_event. */
#define XATTR_KINDS (SETXATTR | REMOVEXATTR)
#define ATTRIBUTE_KINDS (XATTR_KINDS | IOCTL)
#define NET_KINDS (CONNECT | BIND | LISTEN | ACCEPT | SEND | DUP)
#define MOUNT_KINDS                                                                        \
	(DO_MOUNT | UMOUNT | MOVE_MOUNT | OPEN_TREE | FSMOUNT | FSCONFIG | MOUNT_SETATTR | \
	 PIVOT_ROOT | CHROOT)
#define PRIVILEGE_KINDS                                                                         \
	(SETUID | SETGID | CAPSET | PTRACE | KILL | SETNS | UNSHARE | USERNS | KEYCTL | PRCTL | \
	 SECCOMP | SET_NAME)
#define KERNEL_KINDS                                                                   \
	(MODULE | KEXEC | BPF | PERF_EVENT | IO_URING | USERFAULTFD | MEMFD | SOCKET | \
	 REQUEST_MODULE | PERSONALITY | SYSLOG | SYSINFO | SETTIME | DELETE_MODULE)
#define MEMORY_KINDS (MMAP | MPROTECT)
#define ALL_KINDS                                                                                \
	(PROCESS_KINDS | FILE_KINDS | NET_KINDS | MOUNT_KINDS | PRIVILEGE_KINDS | KERNEL_KINDS | \
	 MEMORY_KINDS | ATTRIBUTE_KINDS)
/* That give a descriptor. */
#define FD_KINDS \
	(OPEN | ACCEPT | OPEN_TREE | FSMOUNT | PERF_EVENT | IO_URING | USERFAULTFD | MEMFD | SOCKET)
/* Events whose file is there before they happen. */
#define OLD_FILE_KINDS (FILE_KINDS & ~(SYMLINK | MKDIR | MKNOD))
/* Whose end is the server's. */
#define CLIENT_KINDS (CONNECT | SEND | DUP)
#define SERVER_KINDS (BIND | LISTEN | ACCEPT)

/* Sources. */
#define S_KIND(kind, names)                                                \
	{                                                                  \
		.kinds = (kind), .how = PK_SOURCE_KIND, .symbols = (names) \
	}
#define S_CONST(k, value)                                             \
	{                                                             \
		.kinds = (k), .how = PK_SOURCE_CONST, .text = (value) \
	}
#define S_RANGE(k, lo, hi)                                                     \
	{                                                                      \
		.kinds = (k), .how = PK_SOURCE_RANGE, .min = (lo), .max = (hi) \
	}
#define S_TEXT(k, name, who)                                                                       \
	{                                                                                          \
		.kinds = (k), .how = PK_SOURCE_TEXT, .id = PK_TEXT_##name, .whose = PK_WHOSE_##who \
	}
#define S_NUM(k, name)                                                  \
	{                                                               \
		.kinds = (k), .how = PK_SOURCE_NUM, .id = PK_NUM_##name \
	}
#define S_INT32(k, name)                                                  \
	{                                                                 \
		.kinds = (k), .how = PK_SOURCE_INT32, .id = PK_NUM_##name \
	}
#define S_BOOL(k, name, bits, values)                                                     \
	{                                                                                 \
		.kinds = (k), .how = PK_SOURCE_BOOL, .id = PK_NUM_##name, .mask = (bits), \
		.symbols = (values)                                                       \
	}
#define S_SYMBOL(k, name, bits, names)                                                      \
	{                                                                                   \
		.kinds = (k), .how = PK_SOURCE_SYMBOL, .id = PK_NUM_##name, .mask = (bits), \
		.symbols = (names)                                                          \
	}
#define S_BITS(k, name, names, between)                                                      \
	{                                                                                    \
		.kinds = (k), .how = PK_SOURCE_BITS, .id = PK_NUM_##name, .text = (between), \
		.symbols = (names)                                                           \
	}
#define S_ADDR(k, which)                                                   \
	{                                                                  \
		.kinds = (k), .how = PK_SOURCE_ADDR, .end = PK_END_##which \
	}
#define S_PORT(k, which)                                                   \
	{                                                                  \
		.kinds = (k), .how = PK_SOURCE_PORT, .end = PK_END_##which \
	}
#define S_TAG(k, name)                                                  \
	{                                                               \
		.kinds = (k), .how = PK_SOURCE_TAG, .id = PK_NUM_##name \
	}

/* One to four sources of a field. */
#define FROM(...) ((const struct pk_field_source[]){ __VA_ARGS__, { 0 } })
#define USER NULL

/* A field that events have. */
#define HAS(n, t, a, l, k, i, s, d)                                                        \
	{                                                                                  \
		.name = (n), .type = PK_FIELD_##t, .arg = PK_ARG_##a, .life = PK_LIFE_##l, \
		.kinds = (k), .id = PK_FIELD_##i, .sources = (s), .desc = (d)              \
	}
/* A name that is known and that no event has. */
#define NOT(n, t, a, why, d)                                                            \
	{                                                                               \
		.name = (n), .type = PK_FIELD_##t, .arg = PK_ARG_##a, .why_not = (why), \
		.desc = (d)                                                             \
	}

struct pk_field_table {
	const struct pk_field *fields;
	size_t cnt;
};

extern const struct pk_field_table pk_fields_evt;
extern const struct pk_field_table pk_fields_arg;
extern const struct pk_field_table pk_fields_proc;
extern const struct pk_field_table pk_fields_fd;
extern const struct pk_field_table pk_fields_container;
extern const struct pk_field_table pk_fields_k8s;

/* Whether some system call of Falco's has an argument called so. */
bool pk_field_is_arg_name(const char *name);

#endif
