/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <errno.h>

#include "samples.h"
#include "stream/names.h"

static struct pk_record record;

static int check(size_t len)
{
	return pk_record_check(&record.u, len);
}

static int accept_record(void *ctx, const void *data, size_t len)
{
	__u64 *kinds = ctx;

	assert_int_equal(pk_record_check(data, len), 0);
	*kinds |= PK_KIND_BIT(((const struct pk_event *)data)->kind);
	return 0;
}

static void samples_hold_every_kind(void **state)
{
	__u64 kinds = 0;

	assert_int_equal(samples_emit(accept_record, &kinds), 0);
	assert_true(kinds == (PK_KINDS_SENSOR | PK_KINDS_STREAM | PK_KIND_BIT(PK_EVENT_PROC) |
			      PK_KIND_BIT(PK_EVENT_MOUNT) | PK_KIND_BIT(PK_EVENT_CONTAINER)));
}

static void size_field(void **state)
{
	size_t len;

	sample_file(&record, PK_EVENT_OPEN, 7, "/a");
	len = pk_record_finish(&record);
	assert_int_equal(check(len), 0);
	assert_int_equal(check(len - 8), -EBADMSG);
	assert_string_equal(pk_record_error(), "its size field is wrong");
	assert_int_equal(check(0), -EBADMSG);
	assert_int_equal(check(sizeof(struct pk_event) - 1), -EBADMSG);
	record.u.event.size_bytes = (__u32)len - 1;
	assert_int_equal(check(len - 1), -EBADMSG);
}

static void largest_record(void **state)
{
	sample_init(&record, PK_EVENT_EXIT, 7);
	record.u.event.size_bytes = PK_RECORD_MAX;
	assert_int_equal(check(PK_RECORD_MAX), 0);
	record.u.event.size_bytes = PK_RECORD_MAX + 8;
	assert_int_equal(check(PK_RECORD_MAX + 8), -EBADMSG);
	assert_string_equal(pk_record_error(), "longer than a record can be");
}

static void unknown_kinds(void **state)
{
	static const __u16 kinds[] = { 0, PK_KIND_MAX, PK_KIND_MAX + 1, 65535 };

	sample_init(&record, PK_EVENT_EXIT, 7);
	pk_record_finish(&record);
	for (size_t i = 0; i < PK_ARRAY_SIZE(kinds); i++) {
		record.u.event.kind = kinds[i];
		assert_int_equal(check(record.len_bytes), -EBADMSG);
		assert_string_equal(pk_record_error(), "its kind is not known");
	}
}

static void short_bodies(void **state)
{
	for (__u32 kind = 1; kind < PK_KIND_MAX; kind++) {
		size_t body_bytes = pk_record_body_bytes(kind);

		if (!body_bytes)
			continue;
		pk_record_init(&record, kind);
		record.u.event.size_bytes = (__u32)body_bytes;
		assert_int_equal(check(body_bytes), 0);
		record.u.event.size_bytes = (__u32)body_bytes - 8;
		assert_int_equal(check(body_bytes - 8), -EBADMSG);
	}
}

/* Strings may begin right behind the body and end right at the record's end, and not a byte on. */
static void string_bounds(void **state)
{
	struct pk_str *str = &record.u.mount.point;
	size_t len;

	sample_mount(&record, 1, "/", "/mnt/x7", 0);
	len = pk_record_finish(&record);
	assert_int_equal(len, sizeof(struct pk_mount_event) + 8);
	*str = (struct pk_str){ sizeof(struct pk_mount_event), 8 };
	assert_int_equal(check(len), 0);
	str->len = 9;
	assert_int_equal(check(len), -EBADMSG);
	*str = (struct pk_str){ sizeof(struct pk_mount_event) - 1, 2 };
	assert_int_equal(check(len), -EBADMSG);
	*str = (struct pk_str){ 65535, 65535 };
	assert_int_equal(check(len), -EBADMSG);
	*str = (struct pk_str){ 65535, 0 };
	assert_int_equal(check(len), 0);
}

/* Every string of every kind is looked at. */
static void every_string_is_checked(void **state)
{
	static const size_t exec_strs[] = {
		offsetof(struct pk_exec_event, exe.name),
		offsetof(struct pk_exec_event, exe.mnt_root),
		offsetof(struct pk_exec_event, script.name),
		offsetof(struct pk_exec_event, script.mnt_root),
		offsetof(struct pk_exec_event, cwd.name),
		offsetof(struct pk_exec_event, cwd.mnt_root),
		offsetof(struct pk_exec_event, filename),
		offsetof(struct pk_exec_event, args),
		offsetof(struct pk_exec_event, env),
	};
	static const size_t file_strs[] = {
		offsetof(struct pk_file_event, path.name),
		offsetof(struct pk_file_event, path.mnt_root),
		offsetof(struct pk_file_event, path2.name),
		offsetof(struct pk_file_event, path2.mnt_root),
		offsetof(struct pk_file_event, target),
		offsetof(struct pk_file_event, asked),
	};
	static const size_t net_strs[] = {
		offsetof(struct pk_net_event, path.name),
		offsetof(struct pk_net_event, path.mnt_root),
		offsetof(struct pk_net_event, sun_path),
	};
	static const size_t start_strs[] = {
		offsetof(struct pk_start_event, hostname),
		offsetof(struct pk_start_event, boot_id),
		offsetof(struct pk_start_event, kernel),
		offsetof(struct pk_start_event, version),
	};
	static const size_t mount_strs[] = {
		offsetof(struct pk_mount_event, root),
		offsetof(struct pk_mount_event, point),
	};
	static const size_t sys_strs[] = {
		offsetof(struct pk_sys_event, path.name),
		offsetof(struct pk_sys_event, path.mnt_root),
		offsetof(struct pk_sys_event, path2.name),
		offsetof(struct pk_sys_event, path2.mnt_root),
		offsetof(struct pk_sys_event, text),
		offsetof(struct pk_sys_event, text2),
	};
	static const size_t container_strs[] = {
		offsetof(struct pk_container_event, cgroup),
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
		offsetof(struct pk_container_event, pod_deployment),
	};
	static const struct {
		__u32 kind;
		const size_t *strs;
		size_t strs_cnt;
	} kinds[] = {
		{ PK_EVENT_EXEC, exec_strs, PK_ARRAY_SIZE(exec_strs) },
		{ PK_EVENT_PROC, exec_strs, PK_ARRAY_SIZE(exec_strs) },
		{ PK_EVENT_RENAME, file_strs, PK_ARRAY_SIZE(file_strs) },
		{ PK_EVENT_CONNECT, net_strs, PK_ARRAY_SIZE(net_strs) },
		{ PK_EVENT_DUP, net_strs, PK_ARRAY_SIZE(net_strs) },
		{ PK_EVENT_DO_MOUNT, sys_strs, PK_ARRAY_SIZE(sys_strs) },
		{ PK_EVENT_REQUEST_MODULE, sys_strs, PK_ARRAY_SIZE(sys_strs) },
		{ PK_EVENT_SYSINFO, sys_strs, PK_ARRAY_SIZE(sys_strs) },
		{ PK_EVENT_IOCTL, sys_strs, PK_ARRAY_SIZE(sys_strs) },
		{ PK_EVENT_START, start_strs, PK_ARRAY_SIZE(start_strs) },
		{ PK_EVENT_MOUNT, mount_strs, PK_ARRAY_SIZE(mount_strs) },
		{ PK_EVENT_CONTAINER, container_strs, PK_ARRAY_SIZE(container_strs) },
	};

	for (size_t i = 0; i < PK_ARRAY_SIZE(kinds); i++) {
		for (size_t j = 0; j < kinds[i].strs_cnt; j++) {
			struct pk_str outside = { 8, 8 };

			pk_record_init(&record, kinds[i].kind);
			pk_record_finish(&record);
			memcpy(record.u.bytes + kinds[i].strs[j], &outside, sizeof(outside));
			assert_int_equal(check(record.len_bytes), -EBADMSG);
		}
	}
}

static void path_offsets(void **state)
{
	struct pk_path *path = &record.u.file.path;

	sample_file(&record, PK_EVENT_OPEN, 7, "/abc");
	pk_record_finish(&record);
	path->root_off = path->mnt_off = 4;
	assert_int_equal(check(record.len_bytes), 0);
	path->root_off = 5;
	assert_int_equal(check(record.len_bytes), -EBADMSG);
	path->root_off = 0;
	path->mnt_off = 5;
	assert_int_equal(check(record.len_bytes), -EBADMSG);
}

static void process_view_of_paths(void **state)
{
	struct pk_path *path = &record.u.file.path;

	sample_file(&record, PK_EVENT_OPEN, 7, "/jail/etc/x");
	assert_text(pk_record_path(&record.u, path), "/jail/etc/x");
	path->root_off = 5;
	assert_text(pk_record_path(&record.u, path), "/etc/x");
	path->root_off = path->name.len;
	assert_text(pk_record_path(&record.u, path), "/");
	path->flags |= PK_PATH_OUTSIDE;
	assert_text(pk_record_path(&record.u, path), "/jail/etc/x");
	path->name.len = path->root_off = 0;
	path->flags = 0;
	assert_text(pk_record_path(&record.u, path), "");
}

static void comm_without_nul(void **state)
{
	sample_init(&record, PK_EVENT_EXIT, 7);
	memcpy(record.u.event.comm, "0123456789abcdef", PK_COMM_LEN);
	assert_text(pk_record_comm(&record.u.event), "0123456789abcdef");
}

static void builder_limit(void **state)
{
	static char text[PK_RECORD_MAX];
	struct pk_str str = { 0 };
	size_t room = PK_RECORD_MAX - sizeof(struct pk_mount_event);

	pk_record_init(&record, PK_EVENT_MOUNT);
	assert_int_equal(pk_record_add(&record, &str, text, room + 1), -EMSGSIZE);
	assert_int_equal(str.len, 0);
	assert_int_equal(pk_record_add(&record, &str, text, room), 0);
	assert_int_equal(str.len, room);
	assert_int_equal(pk_record_add(&record, &str, text, 1), -EMSGSIZE);
	assert_int_equal(pk_record_finish(&record), PK_RECORD_MAX);
	assert_int_equal(check(PK_RECORD_MAX), 0);
}

static int keep(void *ctx, const void *data, size_t len)
{
	assert_int_equal(pk_record_check(data, len), 0);
	memcpy(&record.u, data, len);
	return 42;
}

static void start_of_this_machine(void **state)
{
	assert_int_equal(pk_record_emit_start(PK_BACKEND_LSM, PK_START_CLOCK, keep, NULL), 42);
	assert_int_equal(record.u.event.kind, PK_EVENT_START);
	assert_int_equal(record.u.start.backend, PK_BACKEND_LSM);
	assert_int_equal(record.u.start.start_flags, PK_START_CLOCK);
	assert_true(record.u.start.realtime_ns > record.u.event.time_ns);
	assert_true(record.u.start.host_mnt_ns > 0);
	assert_text(pk_record_text(&record.u, record.u.start.version), PK_VERSION);
	assert_true(record.u.start.kernel.len > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(samples_hold_every_kind),
		cmocka_unit_test(size_field),
		cmocka_unit_test(largest_record),
		cmocka_unit_test(unknown_kinds),
		cmocka_unit_test(short_bodies),
		cmocka_unit_test(string_bounds),
		cmocka_unit_test(every_string_is_checked),
		cmocka_unit_test(path_offsets),
		cmocka_unit_test(process_view_of_paths),
		cmocka_unit_test(comm_without_nul),
		cmocka_unit_test(builder_limit),
		cmocka_unit_test(start_of_this_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
