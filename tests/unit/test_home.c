// SPDX-License-Identifier: Apache-2.0
/*
 * Who lives in a container: processes on their way into one, those that run in it, and those that were there before.
 */
#include "stream/home.h"

#include "samples.h"
#include "test.h"

#define PID_RUNTIME 900u
#define PID_APP 901u
#define PID_CHILD 902u
#define HOST_CGROUP 4711u

static struct pk_record record;
static struct pk_stream *stream;

static struct {
	struct pk_sink sink;
	bool is_helper;
	const struct pk_container *container;
} spy;

static int spy_event(struct pk_sink *sink, const struct pk_view *view)
{
	spy.is_helper = view->is_helper;
	spy.container = view->container;
	return 0;
}

static void feed(void)
{
	size_t len = pk_record_finish(&record);

	assert_int_equal(pk_stream_feed(stream, &record.u, len), 0);
}

static int setup(void **state)
{
	static const struct pk_sink_ops ops = { .event = spy_event };
	const struct pk_stream_options options = { .kinds = PK_KINDS_SENSOR, .sink = &spy.sink };

	spy.sink.ops = &ops;
	if (pk_stream_new(&options, &stream))
		return -1;
	sample_start(&record);
	feed();
	pk_container_to_record(&pk_container_host, HOST_CGROUP, (struct pk_text){ "/", 1 },
			       &record);
	feed();
	pk_container_to_record(&sample_box, SAMPLE_BOX_CGROUP, (struct pk_text){ "/b", 2 },
			       &record);
	feed();
	return 0;
}

static int teardown(void **state)
{
	pk_stream_free(stream);
	return 0;
}

static void place(uint64_t cgroup_id, uint32_t mnt_ns)
{
	record.u.event.cgroup_id = cgroup_id;
	record.u.event.mnt_ns = mnt_ns;
	feed();
}

static void runs(uint32_t pid, const char *exe, uint64_t cgroup_id, uint32_t mnt_ns)
{
	sample_exec(&record, pid, 1, exe, "x", 2);
	place(cgroup_id, mnt_ns);
}

static void was_there(uint32_t pid, const char *exe, uint64_t cgroup_id, uint32_t mnt_ns)
{
	sample_exec(&record, pid, 1, exe, "x", 2);
	record.u.event.kind = PK_EVENT_PROC;
	place(cgroup_id, mnt_ns);
}

static bool opens_as_helper(uint32_t pid, uint64_t cgroup_id, uint32_t mnt_ns)
{
	sample_file(&record, PK_EVENT_OPEN, pid, "/x");
	place(cgroup_id, mnt_ns);
	return spy.is_helper;
}

static void on_the_way_in(void **state)
{
	runs(PID_RUNTIME, "/usr/sbin/runc", HOST_CGROUP, SAMPLE_HOST_MNT_NS);
	assert_false(spy.is_helper);
	assert_ptr_equal(spy.container, &pk_container_host);
	/* joins the cgroup, then leaves the mount namespace, then executes */
	assert_true(opens_as_helper(PID_RUNTIME, SAMPLE_BOX_CGROUP, SAMPLE_HOST_MNT_NS));
	assert_true(opens_as_helper(PID_RUNTIME, SAMPLE_BOX_CGROUP, SAMPLE_BOX_MNT_NS));
	runs(PID_RUNTIME, "/bin/sh", SAMPLE_BOX_CGROUP, SAMPLE_BOX_MNT_NS);
	assert_false(spy.is_helper);
	assert_text(spy.container->id,
		    "8a1f30c7b2d94e65a0c1d2e3f405162738495a6b7c8d9e0f1a2b3c4d5e6f7081");
	assert_false(opens_as_helper(PID_RUNTIME, SAMPLE_BOX_CGROUP, SAMPLE_BOX_MNT_NS));
}

/* Who has left its container is not on its way in. */
static void on_the_way_out(void **state)
{
	runs(PID_APP, "/bin/app", SAMPLE_BOX_CGROUP, SAMPLE_BOX_MNT_NS);
	sample_file(&record, PK_EVENT_OPEN, PID_APP, "/x");
	record.u.event.flags |= PK_FLAG_NS_KNOWN | PK_FLAG_NS_ESCAPED;
	place(SAMPLE_BOX_CGROUP, SAMPLE_HOST_MNT_NS);
	assert_false(spy.is_helper);
}

/* As with clone3() into the cgroup. */
static void executed_in_the_cgroup(void **state)
{
	runs(PID_RUNTIME, "/usr/sbin/runc", SAMPLE_BOX_CGROUP, SAMPLE_HOST_MNT_NS);
	assert_true(spy.is_helper);
	assert_true(opens_as_helper(PID_RUNTIME, SAMPLE_BOX_CGROUP, SAMPLE_BOX_MNT_NS));
}

static void forks(void **state)
{
	runs(PID_APP, "/bin/app", SAMPLE_BOX_CGROUP, SAMPLE_BOX_MNT_NS);
	sample_fork(&record, PID_APP, PID_CHILD);
	place(SAMPLE_BOX_CGROUP, SAMPLE_BOX_MNT_NS);
	sample_file(&record, PK_EVENT_OPEN, PID_CHILD, "/x");
	record.u.event.exec_id = 0;
	place(SAMPLE_BOX_CGROUP, SAMPLE_BOX_MNT_NS);
	assert_false(spy.is_helper);
	/* the program is the container's, but not the place */
	assert_true(opens_as_helper(PID_APP, SAMPLE_BOX_CGROUP, SAMPLE_HOST_MNT_NS));
}

static void before_the_exec(void **state)
{
	runs(PID_RUNTIME, "/usr/sbin/runc", HOST_CGROUP, SAMPLE_HOST_MNT_NS);
	sample_exec(&record, PID_RUNTIME, 1, "/bin/sh", "x", 2);
	record.u.event.hook = PK_HOOK_BPRM_CHECK;
	place(SAMPLE_BOX_CGROUP, SAMPLE_BOX_MNT_NS);
	assert_false(spy.is_helper);
	/* it was refused: what goes on is the runtime */
	assert_true(opens_as_helper(PID_RUNTIME, SAMPLE_BOX_CGROUP, SAMPLE_BOX_MNT_NS));
}

static void there_before_the_sensors(void **state)
{
	was_there(PID_APP, "/bin/app", SAMPLE_BOX_CGROUP, SAMPLE_BOX_MNT_NS);
	assert_false(opens_as_helper(PID_APP, SAMPLE_BOX_CGROUP, SAMPLE_BOX_MNT_NS));
	was_there(PID_RUNTIME, "/usr/bin/crun", SAMPLE_BOX_CGROUP, SAMPLE_BOX_MNT_NS);
	assert_true(opens_as_helper(PID_RUNTIME, SAMPLE_BOX_CGROUP, SAMPLE_BOX_MNT_NS));
	was_there(PID_CHILD, "/memfd:runc_cloned:/proc/self/exe", SAMPLE_BOX_CGROUP,
		  SAMPLE_BOX_MNT_NS);
	assert_true(opens_as_helper(PID_CHILD, SAMPLE_BOX_CGROUP, SAMPLE_BOX_MNT_NS));
}

static void nobody_knows(void **state)
{
	assert_false(opens_as_helper(77, SAMPLE_BOX_CGROUP, SAMPLE_BOX_MNT_NS));
	assert_true(opens_as_helper(77, SAMPLE_BOX_CGROUP, SAMPLE_HOST_MNT_NS));
	assert_false(opens_as_helper(77, 123456, SAMPLE_BOX_MNT_NS));
	assert_ptr_equal(spy.container, &pk_container_unknown);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(on_the_way_in, setup, teardown),
		cmocka_unit_test_setup_teardown(on_the_way_out, setup, teardown),
		cmocka_unit_test_setup_teardown(executed_in_the_cgroup, setup, teardown),
		cmocka_unit_test_setup_teardown(forks, setup, teardown),
		cmocka_unit_test_setup_teardown(before_the_exec, setup, teardown),
		cmocka_unit_test_setup_teardown(there_before_the_sensors, setup, teardown),
		cmocka_unit_test_setup_teardown(nobody_knows, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
