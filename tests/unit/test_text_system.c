// SPDX-License-Identifier: Apache-2.0
/*
 * Lines of text of struct pk_sys_event's kinds.
 */
#include "test.h"

#include "render.h"
#include "samples.h"

static struct render render;
static struct pk_record record;

static int setup(void **state)
{
	return render_init(&render, true, false);
}

static int teardown(void **state)
{
	render_fini(&render);
	return 0;
}

static void ends_in(const char *text)
{
	size_t len = strlen(text);

	assert_int_equal(render_record(&render, &record), 0);
	if (render.out.len_bytes < len + 1 ||
	    memcmp(render.out.data + render.out.len_bytes - len - 1, text, len))
		fail_msg("'%.*s' does not end in '%s'", (int)render.out.len_bytes, render.out.data,
			 text);
}

static void mounts(void **state)
{
	sample_system(&record, PK_EVENT_DO_MOUNT, SAMPLE_SYSTEM_PLAIN);
	record.u.sys.arg[0] = 4096 | 1ull << 50;
	ends_in(" mount    /mnt/data fs_type=tmpfs source=no \"ne\" flags=BIND|0x4000000000000");
	sample_system(&record, PK_EVENT_MOVE_MOUNT, SAMPLE_SYSTEM_PLAIN);
	record.u.sys.arg[0] = 0;
	ends_in(" move_mount /mnt/data -> /mnt/other");
	sample_system(&record, PK_EVENT_FSCONFIG, SAMPLE_SYSTEM_BARE);
	ends_in(" fsconfig command=FSCONFIG_SET_FLAG");
}

/* What a process chose cannot make another line of it. */
static void texts_are_made_visible(void **state)
{
	sample_system(&record, PK_EVENT_DO_MOUNT, SAMPLE_SYSTEM_BARE);
	sample_str(&record, &record.u.sys.text2, "a\nb\x1b[31m");
	ends_in(" mount    source=a\\nb\\x1b[31m");
}

int main(void)
{
#define system_test(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		system_test(mounts),
		system_test(texts_are_made_visible),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
