/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Record check and record builder. The check knows each kind's body size and where its strings
 * are; nothing here depends on what the strings say.
 */
#include "stream/record.h"

#include <assert.h>
#include <errno.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>

#include "base/cleanup.h"
#include "judge.h"

static _Thread_local const char *last_error = "no error";

/* Where a body has strings; offsets from the record's start, 0 ends a list. */
struct layout {
	__u16 body_bytes;
	__u16 paths[4];
	__u16 strs[23];
};

static const struct layout layout_file = {
	.body_bytes = sizeof(struct pk_file_event),
	.paths = { offsetof(struct pk_file_event, path), offsetof(struct pk_file_event, path2) },
	.strs = { offsetof(struct pk_file_event, target), offsetof(struct pk_file_event, asked) },
};

static const struct layout layout_net = {
	.body_bytes = sizeof(struct pk_net_event),
	.paths = { offsetof(struct pk_net_event, path) },
	.strs = { offsetof(struct pk_net_event, sun_path) },
};

static const struct layout layout_sys = {
	.body_bytes = sizeof(struct pk_sys_event),
	.paths = { offsetof(struct pk_sys_event, path), offsetof(struct pk_sys_event, path2) },
	.strs = { offsetof(struct pk_sys_event, text), offsetof(struct pk_sys_event, text2) },
};

static const struct layout layout_image = {
	.body_bytes = sizeof(struct pk_exec_event),
	.paths = { offsetof(struct pk_exec_event, exe), offsetof(struct pk_exec_event, script),
		   offsetof(struct pk_exec_event, cwd) },
	.strs = { offsetof(struct pk_exec_event, filename), offsetof(struct pk_exec_event, args),
		  offsetof(struct pk_exec_event, env) },
};

static const struct layout layout_fork = { .body_bytes = sizeof(struct pk_fork_event) };
static const struct layout layout_exit = { .body_bytes = sizeof(struct pk_exit_event) };
static const struct layout layout_lost = { .body_bytes = sizeof(struct pk_lost_event) };
static const struct layout layout_stop = { .body_bytes = sizeof(struct pk_stop_event) };

static const struct layout layout_repeats = {
	.body_bytes = sizeof(struct pk_repeats_event),
	.strs = { offsetof(struct pk_repeats_event, rule) },
};

static const struct layout layout_container = {
	.body_bytes = sizeof(struct pk_container_event),
	.strs = { offsetof(struct pk_container_event, cgroup),
		  offsetof(struct pk_container_event, id),
		  offsetof(struct pk_container_event, outer_id),
		  offsetof(struct pk_container_event, name),
		  offsetof(struct pk_container_event, image),
		  offsetof(struct pk_container_event, repository),
		  offsetof(struct pk_container_event, tag),
		  offsetof(struct pk_container_event, digest),
		  offsetof(struct pk_container_event, image_id),
		  offsetof(struct pk_container_event, ip),
		  offsetof(struct pk_container_event, pod_uid),
		  offsetof(struct pk_container_event, pod_name),
		  offsetof(struct pk_container_event, pod_namespace),
		  offsetof(struct pk_container_event, sandbox_id),
		  offsetof(struct pk_container_event, labels),
		  offsetof(struct pk_container_event, mounts),
		  offsetof(struct pk_container_event, pod_ip),
		  offsetof(struct pk_container_event, pod_node),
		  offsetof(struct pk_container_event, pod_labels),
		  offsetof(struct pk_container_event, pod_owner_kind),
		  offsetof(struct pk_container_event, pod_owner_name),
		  offsetof(struct pk_container_event, pod_deployment) },
};

static const struct layout layout_start = {
	.body_bytes = sizeof(struct pk_start_event),
	.strs = { offsetof(struct pk_start_event, hostname),
		  offsetof(struct pk_start_event, boot_id), offsetof(struct pk_start_event, kernel),
		  offsetof(struct pk_start_event, version) },
};

static const struct layout layout_mount = {
	.body_bytes = sizeof(struct pk_mount_event),
	.strs = { offsetof(struct pk_mount_event, root), offsetof(struct pk_mount_event, point) },
};

static const struct layout *layout_of(__u32 kind)
{
	if (kind >= PK_EVENT_OPEN && kind <= PK_EVENT_TRUNCATE)
		return &layout_file;
	if ((kind >= PK_EVENT_CONNECT && kind <= PK_EVENT_SEND) || kind == PK_EVENT_DUP)
		return &layout_net;
	if (kind >= PK_EVENT_DO_MOUNT && kind < PK_EVENT_SENSOR_MAX)
		return &layout_sys;
	switch (kind) {
	case PK_EVENT_EXEC:
	case PK_EVENT_PROC:
		return &layout_image;
	case PK_EVENT_FORK:
		return &layout_fork;
	case PK_EVENT_EXIT:
		return &layout_exit;
	case PK_EVENT_START:
		return &layout_start;
	case PK_EVENT_MOUNT:
		return &layout_mount;
	case PK_EVENT_LOST:
		return &layout_lost;
	case PK_EVENT_STOP:
		return &layout_stop;
	case PK_EVENT_REPEATS:
		return &layout_repeats;
	case PK_EVENT_CONTAINER:
		return &layout_container;
	default:
		return NULL;
	}
}

size_t pk_record_body_bytes(__u32 kind)
{
	const struct layout *layout = layout_of(kind);

	return layout ? layout->body_bytes : 0;
}

const char *pk_record_error(void)
{
	return last_error;
}

static int refuse(const char *why)
{
	last_error = why;
	return -EBADMSG;
}

static bool str_ok(const struct layout *layout, size_t len, const struct pk_str *str)
{
	return !str->len || (str->off >= layout->body_bytes && (size_t)str->off + str->len <= len);
}

static int check_path(const struct layout *layout, size_t len, const struct pk_path *path)
{
	if (!str_ok(layout, len, &path->name) || !str_ok(layout, len, &path->mnt_root))
		return refuse("a path lies outside the record");
	if (path->root_off > path->name.len || path->mnt_off > path->name.len)
		return refuse("an offset lies outside its path");
	return 0;
}

static int check_strings(const struct layout *layout, const char *data, size_t len)
{
	for (size_t i = 0; i < PK_ARRAY_SIZE(layout->paths) && layout->paths[i]; i++) {
		int err = check_path(layout, len,
				     (const struct pk_path *)(data + layout->paths[i]));

		if (err)
			return err;
	}
	for (size_t i = 0; i < PK_ARRAY_SIZE(layout->strs) && layout->strs[i]; i++) {
		if (!str_ok(layout, len, (const struct pk_str *)(data + layout->strs[i])))
			return refuse("a string lies outside the record");
	}
	return 0;
}

/* Behind struct pk_judgement stand as many numbers as it says. Neither need be aligned. */
static int check_judgement(const struct layout *layout, const char *data, size_t len)
{
	const struct pk_event *event = (const struct pk_event *)data;
	const struct pk_str *str = &event->judgement;
	struct pk_judgement judgement;

	if (event->verdict >= PK_VERDICT_MAX)
		return refuse("its verdict is not known");
	if (!str->len)
		return 0;
	if (!str_ok(layout, len, str))
		return refuse("its judgement lies outside the record");
	if (str->len < sizeof(judgement))
		return refuse("its judgement is too short");
	memcpy(&judgement, data + str->off, sizeof(judgement));
	if (judgement.match_cnt > PK_MAX_MATCHES ||
	    str->len != sizeof(judgement) + judgement.match_cnt * sizeof(__u32))
		return refuse("its judgement has another length than it says");
	return 0;
}

int pk_record_check(const void *data, size_t len)
{
	const struct pk_event *event = data;
	const struct layout *layout;

	assert((uintptr_t)data % alignof(struct pk_event) == 0);
	if (len < sizeof(*event))
		return refuse("shorter than a record's head");
	if (len > PK_RECORD_MAX)
		return refuse("longer than a record can be");
	if (event->size_bytes != len || len % 8)
		return refuse("its size field is wrong");
	layout = layout_of(event->kind);
	if (!layout)
		return refuse("its kind is not known");
	if (len < layout->body_bytes)
		return refuse("shorter than its kind's body");
	return check_strings(layout, data, len) ?: check_judgement(layout, data, len);
}

struct pk_text pk_record_comm(const struct pk_event *event)
{
	return (struct pk_text){ event->comm, strnlen(event->comm, PK_COMM_LEN) };
}

static __u64 clock_ns(clockid_t clock)
{
	struct timespec now = { 0 };

	clock_gettime(clock, &now);
	return (__u64)now.tv_sec * 1000000000ull + (__u64)now.tv_nsec;
}

void pk_record_init(struct pk_record *record, __u32 kind)
{
	size_t body_bytes = pk_record_body_bytes(kind);

	assert(body_bytes);
	memset(&record->u, 0, body_bytes);
	record->len_bytes = body_bytes;
	record->u.event.kind = (__u16)kind;
	record->u.event.hook = PK_HOOK_USER;
	record->u.event.time_ns = clock_ns(CLOCK_BOOTTIME);
}

int pk_record_add(struct pk_record *record, struct pk_str *str, const void *data, size_t len)
{
	if (len > PK_RECORD_MAX - record->len_bytes)
		return -EMSGSIZE;
	if (!len)
		return 0;
	memcpy(record->u.bytes + record->len_bytes, data, len);
	str->off = (__u16)record->len_bytes;
	str->len = (__u16)len;
	record->len_bytes += len;
	return 0;
}

size_t pk_record_finish(struct pk_record *record)
{
	while (record->len_bytes % 8)
		record->u.bytes[record->len_bytes++] = 0;
	record->u.event.size_bytes = (__u32)record->len_bytes;
	return record->len_bytes;
}

/* One line of a small file, without its newline; empty when it cannot be read. */
static size_t read_line(const char *path, char *line, size_t line_bytes)
{
	pk_cleanup(pk_fclose_p) FILE *file = fopen(path, "re");

	line[0] = '\0';
	if (!file || !fgets(line, (int)line_bytes, file))
		return 0;
	line[strcspn(line, "\n")] = '\0';
	return strlen(line);
}

int pk_record_emit_start(enum pk_backend backend, __u32 start_flags, pk_emit_fn *emit, void *ctx)
{
	pk_cleanup(pk_free_p) struct pk_record *record = malloc(sizeof(*record));
	struct pk_start_event *start;
	struct utsname names;
	struct stat mnt_ns;
	char boot_id[64];
	size_t boot_id_len = read_line("/proc/sys/kernel/random/boot_id", boot_id, sizeof(boot_id));

	if (!record)
		return -ENOMEM;
	if (uname(&names) < 0)
		return -errno;
	if (stat("/proc/1/ns/mnt", &mnt_ns) < 0 && stat("/proc/self/ns/mnt", &mnt_ns) < 0)
		return -errno;
	pk_record_init(record, PK_EVENT_START);
	start = &record->u.start;
	start->realtime_ns = clock_ns(CLOCK_REALTIME);
	start->host_mnt_ns = (__u32)mnt_ns.st_ino;
	start->wire_version = PK_WIRE_VERSION;
	start->backend = backend;
	start->start_flags = start_flags;
	/* Short strings into an empty record: they fit. */
	pk_record_add(record, &start->hostname, names.nodename, strlen(names.nodename));
	pk_record_add(record, &start->boot_id, boot_id, boot_id_len);
	pk_record_add(record, &start->kernel, names.release, strlen(names.release));
	pk_record_add(record, &start->version, PK_VERSION, strlen(PK_VERSION));
	return emit(ctx, &record->u, pk_record_finish(record));
}
