/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cgroups that are there, that are made, and of which notes were lost. What notes say of containers:
 * test_bank_containers.c.
 */
#include "kernel/cgroups.h"

#include "own_cgroups.h"

struct rig {
	struct pk_sensors *sensors;
	struct pk_cgroups *cgroups;
	struct own_cgroups own;
	int stop; /* what the function returns */
};

static int on_note(void *arg, const struct pk_cgroup_note *note)
{
	struct rig *rig = arg;

	own_cgroups_add_note(&rig->own, note);
	return rig->stop;
}

static int rig_setup(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));
	char path[256];

	assert_non_null(rig);
	rig->sensors = own_cgroups_sensors(false, path);
	if (!rig->sensors) {
		free(rig);
		return 0;
	}
	own_cgroups_begin(&rig->own, path);
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
	cgroup_unmake(&rig->own, "");
	free(rig);
	return 0;
}

#define NEED_RIG(rig, state)        \
	struct rig *rig = *(state); \
	if (!rig)                   \
	skip()

static void test_walk(void **state)
{
	__u64 a, b;
	NEED_RIG(rig, state);

	a = cgroup_make(&rig->own, "a");
	b = cgroup_make(&rig->own, "a/b");
	assert_int_equal(pk_cgroups_read(rig->cgroups), 0);
	rig->own.note_cnt = 0;
	assert_int_equal(pk_cgroups_walk(rig->cgroups), 0);
	assert_non_null(note_of(&rig->own, 1, PK_CGROUP_MADE));
	assert_string_equal(note_of(&rig->own, 1, PK_CGROUP_MADE)->path, "/");
	assert_non_null(note_of(&rig->own, b, PK_CGROUP_MADE));
	assert_int_equal(note_of(&rig->own, b, PK_CGROUP_MADE)->parent_id, a);
	assert_int_equal(note_of(&rig->own, a, PK_CGROUP_MADE)->parent_id, rig->own.root_id);
	assert_true(note_of(&rig->own, a, PK_CGROUP_MADE) < note_of(&rig->own, b, PK_CGROUP_MADE));
	cgroup_unmake(&rig->own, "a/b");
	cgroup_unmake(&rig->own, "a");
}

/* More notes than fit: all cgroups are told of instead. */
static void test_lost_notes(void **state)
{
	__u64 id;
	NEED_RIG(rig, state);

	id = cgroup_make(&rig->own, "kept");
	for (int i = 0; i < 1200; i++) {
		cgroup_make(&rig->own, "n");
		cgroup_unmake(&rig->own, "n");
	}
	assert_true(pk_sensors_get_state(rig->sensors)->cgroup_lost_cnt > 0);
	rig->own.note_cnt = PK_ARRAY_SIZE(rig->own.notes);
	while (rig->own.note_cnt == PK_ARRAY_SIZE(rig->own.notes)) {
		rig->own.note_cnt = 0;
		assert_int_equal(pk_cgroups_read(rig->cgroups), 0);
	}
	assert_true(pk_cgroups_get_lost_cnt(rig->cgroups) > 0);
	rig->own.note_cnt = 0;
	assert_int_equal(pk_cgroups_walk(rig->cgroups), 0);
	assert_non_null(note_of(&rig->own, id, PK_CGROUP_MADE));
	cgroup_unmake(&rig->own, "kept");
}

/* What the function returns ends the reading. */
static void test_stopped(void **state)
{
	NEED_RIG(rig, state);

	rig->stop = -EPIPE;
	cgroup_make(&rig->own, "a");
	assert_int_equal(pk_cgroups_walk(rig->cgroups), -EPIPE);
	assert_int_equal(rig->own.note_cnt, 1);
	assert_int_equal(pk_cgroups_read(rig->cgroups), -EPIPE);
	assert_int_equal(rig->own.note_cnt, 2);
	cgroup_unmake(&rig->own, "a");
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
