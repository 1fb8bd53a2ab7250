/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cgroups that are there, that are made, and of which notes were lost. What notes say of containers:
 * test_bank_containers.c.
 */
#include "kernel/cgroups.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/probe.h"
#include "test.h"

struct rig {
	struct pk_sensors *sensors;
	struct pk_cgroups *cgroups;
	char root[512]; /* of the test's own cgroups */
	__u64 root_id;
	struct pk_cgroup_note notes[64];
	size_t note_cnt;
	int stop; /* what the function returns */
};

static int on_note(void *arg, const struct pk_cgroup_note *note)
{
	struct rig *rig = arg;

	if (rig->note_cnt < PK_ARRAY_SIZE(rig->notes))
		rig->notes[rig->note_cnt++] = *note;
	return rig->stop;
}

static int rig_setup(void **state)
{
	struct pk_sensors_options wanted = { .backend = PK_BACKEND_TRACEPOINT, .cgroup_fd = -1 };
	struct rig *rig = calloc(1, sizeof(*rig));
	const char *what;
	char path[256];
	struct stat st;

	assert_non_null(rig);
	if (pk_probe_cgroup2_path(path, sizeof(path)) ||
	    pk_sensors_new(&wanted, &rig->sensors, &what)) {
		print_message("SKIPPED: no cgroup v2, or the kernel refuses BPF\n");
		free(rig);
		return 0;
	}
	snprintf(rig->root, sizeof(rig->root), "%s/picket-cgroups-%d", path, getpid());
	assert_int_equal(mkdir(rig->root, 0755), 0);
	assert_int_equal(stat(rig->root, &st), 0);
	rig->root_id = st.st_ino;
	assert_int_equal(pk_cgroups_new(rig->sensors, on_note, rig, &rig->cgroups), 0);
	*state = rig;
	return 0;
}

static int rig_teardown(void **state)
{
	struct rig *rig = *state;

	if (!rig)
		return 0;
	pk_cgroups_free(rig->cgroups);
	pk_sensors_free(rig->sensors);
	rmdir(rig->root);
	free(rig);
	return 0;
}

#define NEED_RIG(rig, state)        \
	struct rig *rig = *(state); \
	if (!rig)                   \
	skip()

static __u64 make(struct rig *rig, const char *name)
{
	char path[600];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", rig->root, name);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(stat(path, &st), 0);
	return st.st_ino;
}

static void unmake(struct rig *rig, const char *name)
{
	char path[600];

	snprintf(path, sizeof(path), "%s/%s", rig->root, name);
	for (int i = 0; i < 50 && rmdir(path) && errno == EBUSY; i++)
		usleep(2000);
}

static const struct pk_cgroup_note *note_of(struct rig *rig, __u64 cgroup_id, __u32 what)
{
	for (size_t i = 0; i < rig->note_cnt; i++)
		if (rig->notes[i].cgroup_id == cgroup_id && rig->notes[i].what == what)
			return &rig->notes[i];
	return NULL;
}

static void test_walk(void **state)
{
	__u64 a, b;
	NEED_RIG(rig, state);

	a = make(rig, "a");
	b = make(rig, "a/b");
	assert_int_equal(pk_cgroups_read(rig->cgroups), 0);
	rig->note_cnt = 0;
	assert_int_equal(pk_cgroups_walk(rig->cgroups), 0);
	assert_non_null(note_of(rig, 1, PK_CGROUP_MADE));
	assert_string_equal(note_of(rig, 1, PK_CGROUP_MADE)->path, "/");
	assert_non_null(note_of(rig, b, PK_CGROUP_MADE));
	assert_int_equal(note_of(rig, b, PK_CGROUP_MADE)->parent_id, a);
	assert_int_equal(note_of(rig, a, PK_CGROUP_MADE)->parent_id, rig->root_id);
	assert_true(note_of(rig, a, PK_CGROUP_MADE) < note_of(rig, b, PK_CGROUP_MADE));
	unmake(rig, "a/b");
	unmake(rig, "a");
}

/* More notes than fit: all cgroups are told of instead. */
static void test_lost_notes(void **state)
{
	__u64 id;
	NEED_RIG(rig, state);

	id = make(rig, "kept");
	for (int i = 0; i < 1200; i++) {
		make(rig, "n");
		unmake(rig, "n");
	}
	assert_true(pk_sensors_get_state(rig->sensors)->cgroup_lost_cnt > 0);
	rig->note_cnt = PK_ARRAY_SIZE(rig->notes);
	while (rig->note_cnt == PK_ARRAY_SIZE(rig->notes)) {
		rig->note_cnt = 0;
		assert_int_equal(pk_cgroups_read(rig->cgroups), 0);
	}
	assert_true(pk_cgroups_get_lost_cnt(rig->cgroups) > 0);
	rig->note_cnt = 0;
	assert_int_equal(pk_cgroups_walk(rig->cgroups), 0);
	assert_non_null(note_of(rig, id, PK_CGROUP_MADE));
	unmake(rig, "kept");
}

/* What the function returns ends the reading. */
static void test_stopped(void **state)
{
	NEED_RIG(rig, state);

	rig->stop = -EPIPE;
	make(rig, "a");
	assert_int_equal(pk_cgroups_walk(rig->cgroups), -EPIPE);
	assert_int_equal(rig->note_cnt, 1);
	assert_int_equal(pk_cgroups_read(rig->cgroups), -EPIPE);
	assert_int_equal(rig->note_cnt, 2);
	unmake(rig, "a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_walk, rig_setup, rig_teardown),
		cmocka_unit_test_setup_teardown(test_lost_notes, rig_setup, rig_teardown),
		cmocka_unit_test_setup_teardown(test_stopped, rig_setup, rig_teardown),
	};

	return cmocka_run_group_tests_name("cgroups", tests, NULL, NULL);
}
