/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log sources of Sigma, the events they stand for, and their fields. docs/sigma.md has the same as a table.
 */
#include "rules/sigma_internal.h"

#include <string.h>
#include <strings.h>

#include "base/cleanup.h"

#define TEXT(n, f)                                               \
	{                                                        \
		.name = (n), .field = (f), .type = PK_SIGMA_TEXT \
	}
#define PATH(n, f)                                               \
	{                                                        \
		.name = (n), .field = (f), .type = PK_SIGMA_PATH \
	}
#define DIR(n, f)                                               \
	{                                                       \
		.name = (n), .field = (f), .type = PK_SIGMA_DIR \
	}
#define NUMBER(n, f)                                               \
	{                                                          \
		.name = (n), .field = (f), .type = PK_SIGMA_NUMBER \
	}
#define LOGIN(n, f)                                               \
	{                                                         \
		.name = (n), .field = (f), .type = PK_SIGMA_LOGIN \
	}
#define HEX(n, f)                                               \
	{                                                       \
		.name = (n), .field = (f), .type = PK_SIGMA_HEX \
	}
#define ADDR(n, f, nets)                                                        \
	{                                                                       \
		.name = (n), .field = (f), .net = (nets), .type = PK_SIGMA_ADDR \
	}
#define CONST(n, ...)                                                               \
	{                                                                           \
		.name = (n), .type = PK_SIGMA_CONST, .words = (const char *const[]) \
		{                                                                   \
			__VA_ARGS__, NULL                                           \
		}                                                                   \
	}
#define EVENT(n)                                                         \
	{                                                                \
		.name = (n), .field = "evt.type", .type = PK_SIGMA_EVENT \
	}

#define RECORD(table)                                                 \
	{                                                             \
		.fields = (table), .fields_cnt = PK_ARRAY_SIZE(table) \
	}
#define TYPED(t, table)                                                            \
	{                                                                          \
		.type = (t), .fields = (table), .fields_cnt = PK_ARRAY_SIZE(table) \
	}
#define RECORDS(...) ((const struct pk_sigma_record *const[]){ __VA_ARGS__, NULL })
#define GUARD(...) ((const struct pk_sigma_guard[]){ __VA_ARGS__, { 0 } })
#define WHEN(g, f, v)                                    \
	{                                                \
		.field = (f), .value = (v), .group = (g) \
	}
#define UNLESS(g, f, v)                                                   \
	{                                                                 \
		.field = (f), .value = (v), .group = (g), .negated = true \
	}

/* ---- numbers of Sysmon's events, in rules that ask for those beside a category or in its stead ---- */

#define SYSMON_EVENT(name, id)                                                         \
	static const struct pk_sigma_field name##_fields[] = { CONST("EventID", id) }; \
	static const struct pk_sigma_record name = RECORD(name##_fields)

SYSMON_EVENT(sysmon_exec, "1");
SYSMON_EVENT(sysmon_connect, "3");
SYSMON_EVENT(sysmon_create, "11");
SYSMON_EVENT(sysmon_delete, "23");

/* ---- processes ---- */

#define PROCESS_FIELDS                                                                            \
	PATH("Image", "proc.exepath"), TEXT("CommandLine", "proc.exeline"),                       \
		PATH("ParentImage", "proc.pexepath"), TEXT("ParentCommandLine", "proc.pexeline"), \
		DIR("CurrentDirectory", "proc.cwd"), TEXT("User", "user.name"),                   \
		NUMBER("ProcessId", "proc.pid"), NUMBER("ParentProcessId", "proc.ppid"),          \
		LOGIN("LogonId", "user.loginuid"), NUMBER("TerminalSessionId", "proc.sid")

static const struct pk_sigma_field process_fields[] = { PROCESS_FIELDS };
static const struct pk_sigma_record process_record = RECORD(process_fields);

#define PROCESS_VIEWS                                                                        \
	{                                                                                    \
		GUARD(WHEN(0, "evt.type", "execve")), RECORDS(&process_record, &sysmon_exec) \
	}

static const struct pk_sigma_view process_views[] = { PROCESS_VIEWS };

/* ---- files that come to be, or are written ---- */

static const struct pk_sigma_field file_fields[] = { PROCESS_FIELDS,
						     PATH("TargetFilename", "fd.name") };
static const struct pk_sigma_field new_name_fields[] = { PROCESS_FIELDS,
							 PATH("TargetFilename", "evt.arg.newpath"),
							 PATH("SourceFilename", "fd.name") };
static const struct pk_sigma_record file_record = RECORD(file_fields);
static const struct pk_sigma_record new_name_record = RECORD(new_name_fields);

#define FILE_VIEWS                                                                     \
	{ GUARD(WHEN(0, "evt.type", "open"), WHEN(1, "evt.is_open_write", "true"),     \
		WHEN(1, "evt.is_open_create", "true")),                                \
	  RECORDS(&file_record, &sysmon_create) },                                     \
		{ GUARD(WHEN(0, "evt.type", "symlink"), WHEN(0, "evt.type", "mknod")), \
		  RECORDS(&file_record, &sysmon_create) },                             \
	{                                                                              \
		GUARD(WHEN(0, "evt.type", "rename"), WHEN(0, "evt.type", "link")),     \
			RECORDS(&new_name_record, &sysmon_create)                      \
	}
#define DELETE_VIEWS                                                                        \
	{                                                                                   \
		GUARD(WHEN(0, "evt.type", "unlink")), RECORDS(&file_record, &sysmon_delete) \
	}

static const struct pk_sigma_view file_views[] = { FILE_VIEWS };
static const struct pk_sigma_view delete_views[] = { DELETE_VIEWS };

static const struct pk_sigma_view rename_views[] = {
	{ GUARD(WHEN(0, "evt.type", "rename")), RECORDS(&new_name_record) },
};

/* ---- connections ---- */

#define NET_FIELDS                                                                            \
	PROCESS_FIELDS, ADDR("SourceIp", "fd.cip", "fd.cnet"),                                \
		ADDR("DestinationIp", "fd.sip", "fd.snet"), NUMBER("SourcePort", "fd.cport"), \
		NUMBER("DestinationPort", "fd.sport"), TEXT("Protocol", "fd.l4proto")

static const struct pk_sigma_field connect_fields[] = { NET_FIELDS,
							TEXT("DestinationHostname", "fd.sip.name"),
							CONST("Initiated", "true") };
static const struct pk_sigma_field accept_fields[] = { NET_FIELDS, CONST("Initiated", "false") };
static const struct pk_sigma_record connect_record = RECORD(connect_fields);
static const struct pk_sigma_record accept_record = RECORD(accept_fields);

#define NET_VIEWS                                                                \
	{ GUARD(WHEN(0, "evt.type", "connect"), WHEN(1, "fd.type", "ipv4"),      \
		WHEN(1, "fd.type", "ipv6")),                                     \
	  RECORDS(&connect_record, &sysmon_connect) },                           \
	{                                                                        \
		GUARD(WHEN(0, "evt.type", "accept"), WHEN(1, "fd.type", "ipv4"), \
		      WHEN(1, "fd.type", "ipv6")),                               \
			RECORDS(&accept_record, &sysmon_connect)                 \
	}

static const struct pk_sigma_view net_views[] = { NET_VIEWS };

static const struct pk_sigma_view sysmon_views[] = { PROCESS_VIEWS, NET_VIEWS, FILE_VIEWS,
						     DELETE_VIEWS };

/* ---- auditd: an event has several records ---- */

static const struct pk_sigma_field execve_fields[] = { CONST("type", "EXECVE") };
static const struct pk_sigma_record execve_record = { .type = "EXECVE",
						      .fields = execve_fields,
						      .fields_cnt = PK_ARRAY_SIZE(execve_fields),
						      .arguments = true };

/* cwd and the command line: collectors put an event's records together. */
#define SYSCALL_FIELDS                                                                             \
	CONST("type", "SYSCALL"), EVENT("SYSCALL"), EVENT("syscall"), PATH("exe", "proc.exepath"), \
		TEXT("comm", "proc.name"), NUMBER("uid", "user.ruid"), NUMBER("euid", "user.uid"), \
		NUMBER("egid", "group.gid"), LOGIN("auid", "user.loginuid"),                       \
		NUMBER("pid", "proc.pid"), NUMBER("ppid", "proc.ppid"), LOGIN("ses", "proc.sid"),  \
		CONST("success", "yes"), DIR("cwd", "proc.cwd"), TEXT("cmdline", "proc.exeline"),  \
		TEXT("proctitle", "proc.exeline")

static const struct pk_sigma_field syscall_fields[] = { SYSCALL_FIELDS };
static const struct pk_sigma_field call_fields[] = { SYSCALL_FIELDS, HEX("a0", "evt.arg.a0"),
						     HEX("a1", "evt.arg.a1"),
						     HEX("a2", "evt.arg.a2") };
static const struct pk_sigma_record syscall_record = TYPED("SYSCALL", syscall_fields);
static const struct pk_sigma_record call_record = TYPED("SYSCALL", call_fields);

static const struct pk_sigma_field exec_path_fields[] = { CONST("type", "PATH"),
							  PATH("name", "proc.exepath"),
							  CONST("nametype", "NORMAL") };
static const struct pk_sigma_field path_fields[] = { CONST("type", "PATH"), PATH("name", "fd.name"),
						     CONST("nametype", "NORMAL") };
static const struct pk_sigma_field made_path_fields[] = { CONST("type", "PATH"),
							  PATH("name", "fd.name"),
							  CONST("nametype", "CREATE") };
static const struct pk_sigma_field gone_path_fields[] = { CONST("type", "PATH"),
							  PATH("name", "fd.name"),
							  CONST("nametype", "DELETE") };
static const struct pk_sigma_field new_path_fields[] = { CONST("type", "PATH"),
							 PATH("name", "evt.arg.newpath"),
							 CONST("nametype", "CREATE") };
static const struct pk_sigma_record exec_path_record = TYPED("PATH", exec_path_fields);
static const struct pk_sigma_record path_record = TYPED("PATH", path_fields);
static const struct pk_sigma_record made_path_record = TYPED("PATH", made_path_fields);
static const struct pk_sigma_record gone_path_record = TYPED("PATH", gone_path_fields);
static const struct pk_sigma_record new_path_record = TYPED("PATH", new_path_fields);

static const struct pk_sigma_field cwd_fields[] = { CONST("type", "CWD"), DIR("cwd", "proc.cwd") };
static const struct pk_sigma_record cwd_record = TYPED("CWD", cwd_fields);

static const struct pk_sigma_field title_fields[] = { CONST("type", "PROCTITLE"),
						      TEXT("proctitle", "proc.exeline"),
						      TEXT("cmdline", "proc.exeline") };
static const struct pk_sigma_record title_record = TYPED("PROCTITLE", title_fields);

#define COMMON_RECORDS &syscall_record, &cwd_record, &title_record

static const struct pk_sigma_view auditd_views[] = {
	{ GUARD(WHEN(0, "evt.type", "execve")),
	  RECORDS(&execve_record, &syscall_record, &exec_path_record, &cwd_record, &title_record) },
	{ GUARD(WHEN(0, "evt.type", "open"), WHEN(0, "evt.type", "chmod"),
		WHEN(0, "evt.type", "chown"), WHEN(0, "evt.type", "truncate"),
		WHEN(0, "evt.type", "setxattr"), WHEN(0, "evt.type", "removexattr"),
		UNLESS(1, "evt.is_open_create", "true")),
	  RECORDS(&path_record, COMMON_RECORDS) },
	{ GUARD(WHEN(0, "evt.is_open_create", "true"), WHEN(0, "evt.type", "mkdir"),
		WHEN(0, "evt.type", "mknod"), WHEN(0, "evt.type", "symlink")),
	  RECORDS(&made_path_record, COMMON_RECORDS) },
	{ GUARD(WHEN(0, "evt.type", "unlink"), WHEN(0, "evt.type", "rmdir"),
		WHEN(0, "evt.type", "rename")),
	  RECORDS(&gone_path_record, COMMON_RECORDS) },
	{ GUARD(WHEN(0, "evt.type", "rename"), WHEN(0, "evt.type", "link")),
	  RECORDS(&new_path_record, COMMON_RECORDS) },
	/* all else that is a call */
	{ GUARD(UNLESS(0, "evt.type", "execve"), UNLESS(0, "evt.type", "open"),
		UNLESS(0, "evt.type", "chmod"), UNLESS(0, "evt.type", "chown"),
		UNLESS(0, "evt.type", "truncate"), UNLESS(0, "evt.type", "mkdir"),
		UNLESS(0, "evt.type", "mknod"), UNLESS(0, "evt.type", "symlink"),
		UNLESS(0, "evt.type", "unlink"), UNLESS(0, "evt.type", "rmdir"),
		UNLESS(0, "evt.type", "rename"), UNLESS(0, "evt.type", "link"),
		UNLESS(0, "evt.type", "setxattr"), UNLESS(0, "evt.type", "removexattr")),
	  RECORDS(&call_record, &cwd_record, &title_record) },
};

/* ---- which is which ---- */

#define SOURCE(table)                                               \
	{                                                           \
		.views = (table), .views_cnt = PK_ARRAY_SIZE(table) \
	}

#define AUDITD_SOURCE                                                                           \
	{                                                                                       \
		.views = auditd_views, .views_cnt = PK_ARRAY_SIZE(auditd_views), .typed = true, \
		.keywords = true                                                                \
	}

static const struct {
	const char *category, *service;
	struct pk_sigma_source source;
} sources[] = {
	{ "process_creation", NULL, SOURCE(process_views) },
	{ "file_event", NULL, SOURCE(file_views) },
	{ "file_change", NULL, SOURCE(file_views) },
	{ "file_delete", NULL, SOURCE(delete_views) },
	{ "file_rename", NULL, SOURCE(rename_views) },
	{ "network_connection", NULL, SOURCE(net_views) },
	{ NULL, "sysmon", SOURCE(sysmon_views) },
	{ NULL, "auditd", AUDITD_SOURCE },
	{ "auditd", NULL, AUDITD_SOURCE },
};

static bool same(const char *a, const char *b)
{
	return a && b ? !strcasecmp(a, b) : a == b;
}

/* Sysmon's events are in categories: with one, who logs them does not matter. */
static bool is_meant(const struct pk_sigma_logsource *logsource, const char *category,
		     const char *service)
{
	return same(category, logsource->category) &&
	       (same(service, logsource->service) ||
		(logsource->category && same("sysmon", logsource->service)));
}

const struct pk_sigma_source *pk_sigma_source_find(const struct pk_sigma_logsource *logsource,
						   const char **ret_why)
{
	if (logsource->product && strcasecmp(logsource->product, "linux") != 0) {
		*ret_why = "it is about another system than Linux";
		return NULL;
	}
	for (size_t i = 0; i < PK_ARRAY_SIZE(sources); i++) {
		if (is_meant(logsource, sources[i].category, sources[i].service))
			return &sources[i].source;
	}
	if (logsource->service)
		*ret_why = "it is about the log of a service, and Picket reads no logs";
	else if (logsource->category)
		*ret_why = "no events of the kernel are of this category";
	else
		*ret_why = "it is about lines of any log, and Picket reads no logs";
	return NULL;
}

/* "a0", "a12": the number; -1: it is none. */
static int argument_of(const char *name)
{
	size_t digits = strspn(name + 1, "0123456789");

	if (*name != 'a' || !digits || digits > 3 || name[1 + digits] ||
	    (name[1] == '0' && digits > 1))
		return -1;
	return atoi(name + 1);
}

static const char *argument_idx(int argument)
{
	static const char *const digits[] = { "0", "1", "2",  "3",  "4",  "5",  "6",  "7",
					      "8", "9", "10", "11", "12", "13", "14", "15" };

	return argument < (int)PK_ARRAY_SIZE(digits) ? digits[argument] : NULL;
}

const struct pk_sigma_field *pk_sigma_field_find(const struct pk_sigma_record *record,
						 const char *name, struct pk_sigma_field *room)
{
	int argument = record->arguments ? argument_of(name) : -1;

	if (argument == 0) {
		*room = (struct pk_sigma_field)TEXT(name, "proc.exe");
		return room;
	}
	if (argument > 0 && argument_idx(argument - 1)) {
		*room = (struct pk_sigma_field)TEXT(name, "proc.args");
		room->arg = argument_idx(argument - 1);
		return room;
	}
	for (size_t i = 0; i < record->fields_cnt; i++) {
		if (!strcmp(record->fields[i].name, name))
			return &record->fields[i];
	}
	return NULL;
}

bool pk_sigma_type_known(const char *type)
{
	static const char *const types[] = { "EXECVE", "SYSCALL", "PATH", "CWD", "PROCTITLE" };

	for (size_t i = 0; i < PK_ARRAY_SIZE(types); i++) {
		if (!strcasecmp(types[i], type))
			return true;
	}
	return false;
}

bool pk_sigma_source_knows(const struct pk_sigma_source *source, const char *name)
{
	struct pk_sigma_field room;

	for (size_t view = 0; view < source->views_cnt; view++) {
		for (size_t i = 0; source->views[view].records[i]; i++) {
			if (pk_sigma_field_find(source->views[view].records[i], name, &room))
				return true;
		}
	}
	return false;
}

const char *pk_sigma_source_spelt(const struct pk_sigma_source *source, const char *name)
{
	for (size_t view = 0; view < source->views_cnt; view++) {
		for (size_t i = 0; source->views[view].records[i]; i++) {
			const struct pk_sigma_record *record = source->views[view].records[i];

			for (size_t field = 0; field < record->fields_cnt; field++) {
				if (!strcasecmp(record->fields[field].name, name))
					return record->fields[field].name;
			}
		}
	}
	return NULL;
}

const char *pk_sigma_field_why(const char *name)
{
	static const struct {
		const char *name, *why;
	} fields[] = {
		{ "key", "keys are given by rules of auditd, which need not be there" },
		{ "exit", "calls that failed are no events, and of others it is not kept" },
		{ "arch", "calls of all architectures are one event" },
		{ "unit", "services are started and stopped by systemd, in its own log" },
		{ "Hashes", "binaries are not hashed" },
		{ "md5", "binaries are not hashed" },
		{ "sha1", "binaries are not hashed" },
		{ "sha256", "binaries are not hashed" },
		{ "imphash", "binaries are not hashed" },
		{ "OriginalFileName", "binaries of Linux have no such header" },
		{ "IntegrityLevel", "Linux has none" },
		{ "SourceHostname", "addresses of others are not resolved to names" },
	};

	for (size_t i = 0; i < PK_ARRAY_SIZE(fields); i++) {
		if (!strcmp(fields[i].name, name))
			return fields[i].why;
	}
	return NULL;
}
