// SPDX-License-Identifier: Apache-2.0
/*
 * docs/fields.md, from the table of fields.
 */
#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "plan/field.h"
#include "plan/plan_internal.h"

static const char head[] =
	"# Fields\n"
	"\n"
	"What conditions and outputs can ask. The names are Falco's, and so are types and forms, but for\n"
	"what is said below. This page is made from the table that the compiler of rules uses.\n"
	"\n"
	"**Type**: text; int and uint, decimal or `0x` hexadecimal; bool, `true` or `false`; address\n"
	"(`10.0.0.1`, `::1`); network (`10.0.0.0/8`); time in nanoseconds; list of texts.\n"
	"\n"
	"**Events**: those that have the field. On all others it is missing, and a comparison of a missing\n"
	"field is false, also with `!=`. Operations on files are open, rename, unlink, link, symlink, mkdir,\n"
	"rmdir, mknod, chmod, chown, truncate, setxattr, removexattr, ioctl; on sockets connect, bind, listen, accept, send, dup; on mounts mount,\n"
	"umount, move_mount, open_tree, fsmount, fsconfig, mount_setattr, pivot_root, chroot; on privileges setuid, setgid,\n"
	"capset, ptrace, kill, setns, unshare, userns_create, keyctl, prctl, set_name, seccomp; on the kernel module, kexec, bpf,\n"
	"perf_event_open, io_uring, userfaultfd, memfd_create, socket, request_module, personality, syslog, sysinfo,\n"
	"clock_settime, delete_module;\n"
	"on memory mmap, mprotect.\n"
	"\n"
	"**Kernel**: whether the kernel can answer a comparison, before the operation is done. What it cannot\n"
	"is finished in user space: rules that ask it can alert, and not deny. \"by event\": for some events.\n"
	"Comparisons of facts of a container and its pod are made once a container, and the kernel finds them by cgroup;\n"
	"until those are known they are unknown. \"By --k8s\": [kubernetes.md](kubernetes.md#in-rules) says what follows without.\n"
	"\n"
	"`[n]` is an index, `[key]` a text; in parentheses: may be left out.\n";

static const char foot_head[] =
	"\n"
	"## Known, and never there\n"
	"\n"
	"Rules that use these load. No event has them, so each comparison is false.\n"
	"\n"
	"| field | type | what it would be | why not |\n"
	"| --- | --- | --- | --- |\n";

static const char *type_name(enum pk_field_type type)
{
	static const char *const names[] = {
		[PK_FIELD_TEXT] = "text", [PK_FIELD_INT] = "int",      [PK_FIELD_UINT] = "uint",
		[PK_FIELD_BOOL] = "bool", [PK_FIELD_ADDR] = "address", [PK_FIELD_NET] = "network",
		[PK_FIELD_TIME] = "time", [PK_FIELD_LIST] = "list",
	};

	return names[type];
}

static const char *arg_text(enum pk_field_arg arg)
{
	static const char *const texts[] = {
		[PK_ARG_NONE] = "",
		[PK_ARG_INDEX] = "[n]",
		[PK_ARG_OPTIONAL_INDEX] = "([n])",
		[PK_ARG_KEY] = "[key]",
		[PK_ARG_OPTIONAL_KEY] = "([key])",
	};

	return texts[arg];
}

static const struct {
	const char *name;
	uint64_t kinds;
} groups[] = {
	{ "all", PK_FIELD_KIND(PK_EVENT_SENSOR_MAX) - PK_FIELD_KIND(PK_EVENT_EXEC) },
	{ "files", PK_FIELD_KIND(PK_EVENT_CONNECT) - PK_FIELD_KIND(PK_EVENT_OPEN) },
	{ "sockets", (PK_FIELD_KIND(PK_EVENT_SEND + 1) - PK_FIELD_KIND(PK_EVENT_CONNECT)) |
			     PK_FIELD_KIND(PK_EVENT_DUP) },
	{ "mounts", PK_FIELD_KIND(PK_EVENT_CHROOT + 1) - PK_FIELD_KIND(PK_EVENT_DO_MOUNT) },
	{ "privileges", (PK_FIELD_KIND(PK_EVENT_SECCOMP + 1) - PK_FIELD_KIND(PK_EVENT_SETUID)) |
				PK_FIELD_KIND(PK_EVENT_SET_NAME) },
	{ "kernel", (PK_FIELD_KIND(PK_EVENT_MEMFD + 1) - PK_FIELD_KIND(PK_EVENT_MODULE)) |
			    PK_FIELD_KIND(PK_EVENT_SOCKET) |
			    PK_FIELD_KIND(PK_EVENT_REQUEST_MODULE) |
			    PK_FIELD_KIND(PK_EVENT_PERSONALITY) | PK_FIELD_KIND(PK_EVENT_SYSLOG) |
			    PK_FIELD_KIND(PK_EVENT_SYSINFO) | PK_FIELD_KIND(PK_EVENT_SETTIME) |
			    PK_FIELD_KIND(PK_EVENT_DELETE_MODULE) },
	{ "memory", PK_FIELD_KIND(PK_EVENT_MPROTECT + 1) - PK_FIELD_KIND(PK_EVENT_MMAP) },
};

static int add_words(struct pk_buf *buf, bool *comma, const char *word)
{
	int err = *comma ? pk_buf_add_str(buf, ", ") : 0;

	*comma = true;
	return err ? err : pk_buf_add_str(buf, word);
}

static int add_kinds(struct pk_buf *buf, uint64_t kinds)
{
	bool comma = false;
	int err = 0;

	for (size_t i = 0; i < PK_ARRAY_SIZE(groups) && !err; i++) {
		if ((kinds & groups[i].kinds) != groups[i].kinds)
			continue;
		kinds &= ~groups[i].kinds;
		err = add_words(buf, &comma, groups[i].name);
	}
	for (uint32_t kind = 1; kind < PK_KINDS && !err; kind++) {
		if (kinds & PK_FIELD_KIND(kind))
			err = add_words(buf, &comma, pk_planner_kind_name(kind));
	}
	return err;
}

static const char *kernel_word(const struct pk_field *field)
{
	bool some = false;
	bool every = true;

	for (uint32_t kind = 1; kind < PK_KINDS; kind++) {
		const struct pk_field_source *source = pk_field_source(field, kind);

		if (!source)
			continue;
		if (source->how == PK_SOURCE_USER && field->life != PK_LIFE_CONTAINER)
			every = false;
		else
			some = true;
	}
	if (!some)
		return "no";
	return every ? "yes" : "by event";
}

static int add_row(struct pk_buf *buf, const struct pk_field *field)
{
	char start[160];
	int err;

	snprintf(start, sizeof(start), "| `%s%s` | %s | ", field->name, arg_text(field->arg),
		 type_name(field->type));
	err = pk_buf_add_str(buf, start);
	if (!err && field->kinds)
		err = add_kinds(buf, field->kinds);
	if (!err && field->kinds)
		err = pk_buf_add_str(buf, " | ");
	if (!err && field->kinds)
		err = pk_buf_add_str(buf, kernel_word(field));
	if (!err && field->kinds)
		err = pk_buf_add_str(buf, " | ");
	if (!err)
		err = pk_buf_add_str(buf, field->desc);
	if (!err && !field->kinds)
		err = pk_buf_add_str(buf, " | ");
	if (!err && !field->kinds)
		err = pk_buf_add_str(buf, field->why_not);
	return err ? err : pk_buf_add_str(buf, " |\n");
}

/* Up to the first dot. */
static size_t family_len(const char *name)
{
	return strcspn(name, ".");
}

static int add_family(struct pk_buf *buf, const char *name)
{
	char title[160];

	snprintf(title, sizeof(title),
		 "\n## %.*s\n\n| field | type | events | kernel | what it is |\n"
		 "| --- | --- | --- | --- | --- |\n",
		 (int)family_len(name), name);
	return pk_buf_add_str(buf, title);
}

int pk_fields_print_markdown(struct pk_buf *buf)
{
	size_t cnt;
	const struct pk_field *fields = pk_fields_get(&cnt);
	const char *family = "";
	int err = pk_buf_add_str(buf, head);

	for (size_t i = 0; i < cnt && !err; i++) {
		size_t len = family_len(fields[i].name);

		if (!fields[i].kinds)
			continue;
		if (len != family_len(family) || memcmp(family, fields[i].name, len))
			err = add_family(buf, fields[i].name);
		family = fields[i].name;
		if (!err)
			err = add_row(buf, &fields[i]);
	}
	if (!err)
		err = pk_buf_add_str(buf, foot_head);
	for (size_t i = 0; i < cnt && !err; i++) {
		if (!fields[i].kinds)
			err = add_row(buf, &fields[i]);
	}
	return err;
}
