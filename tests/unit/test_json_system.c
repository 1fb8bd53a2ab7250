// SPDX-License-Identifier: Apache-2.0
/*
 * Members of the kinds of struct pk_sys_event: which are there, and how numbers are written.
 */
#include "test.h"

#include "render.h"
#include "samples.h"

static struct render render;
static struct pk_record record;

static int setup(void **state)
{
	return render_init(&render, false, false);
}

static int teardown(void **state)
{
	render_fini(&render);
	return 0;
}

static const char *show(void)
{
	assert_int_equal(render_record(&render, &record), 0);
	assert_int_equal(pk_buf_add_char(&render.out, '\0'), 0);
	return render.out.data;
}

static void has(const char *text)
{
	const char *line = show();

	if (!strstr(line, text))
		fail_msg("no '%s' in %s", text, line);
}

static void mount_exactly(void **state)
{
	sample_system(&record, PK_EVENT_DO_MOUNT, SAMPLE_SYSTEM_PLAIN);
	record.u.sys.arg[0] = 1 | 4096;
	has("\"type\":\"mount\",");
	has(",\"mount\":{\"path\":\"/mnt/data\",\"inode\":77,\"dev\":\"8:1\",\"fs_type\":\"tmpfs\","
	    "\"source\":\"no \\\"ne\\\"\",\"flags\":[\"RDONLY\",\"BIND\"]}}");
}

/* What has no name is told as a number. */
static void numbers_without_names(void **state)
{
	sample_system(&record, PK_EVENT_UMOUNT, SAMPLE_SYSTEM_PLAIN);
	record.u.sys.arg[0] = 2 | 0x4500;
	has("\"flags\":[\"DETACH\",\"0x4500\"]");
	sample_system(&record, PK_EVENT_FSCONFIG, SAMPLE_SYSTEM_PLAIN);
	record.u.sys.arg[0] = 99;
	record.u.sys.arg[1] = ~0ull;
	has("\"command\":\"99\",\"aux\":-1}");
}

static void nothing_to_say(void **state)
{
	sample_system(&record, PK_EVENT_CHROOT, SAMPLE_SYSTEM_BARE);
	has(",\"mount\":{}}");
	sample_system(&record, PK_EVENT_DO_MOUNT, SAMPLE_SYSTEM_PLAIN);
	record.u.sys.arg[0] = 4096;
	record.u.sys.sys_flags = PK_SYS_ARG_UNKNOWN(0);
	assert_null(strstr(show(), "flags"));
}

static void second_paths(void **state)
{
	sample_system(&record, PK_EVENT_MOVE_MOUNT, SAMPLE_SYSTEM_PLAIN);
	has("\"new_path\":\"/mnt/other\"");
	sample_system(&record, PK_EVENT_PIVOT_ROOT, SAMPLE_SYSTEM_MARKED);
	has("\"old_path\":\"/mnt/other\",\"old_truncated\":true");
}

int main(void)
{
#define system_test(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		system_test(mount_exactly),
		system_test(numbers_without_names),
		system_test(nothing_to_say),
		system_test(second_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
