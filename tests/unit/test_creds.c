/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bpf/creds.h: from which credentials a thread can have come to which. Those of this process stand for real ones, as the
 * user namespace is looked at.
 */
#include "test.h"

#include <bpf/bpf.h>
#include <errno.h>

#include "kernel/bank_internal.h"
#include "picket.skel.h"

#define SETGID (1ull << 6)
#define SETUID (1ull << 7)
#define ADMIN (1ull << 21)

enum {
	UID,
	GID,
	SUID,
	SGID,
	EUID,
	EGID,
	FSUID,
	FSGID
};

struct rig {
	struct picket_bpf *skeleton;
	struct pk_creds user; /* one without privileges, in this process's user namespace */
};

static void run(const struct rig *rig, struct pk_creds_trial *trial)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	int map = bpf_map__fd(rig->skeleton->maps.pk_creds_trial_map);
	__u32 zero = 0;

	trial->done = 0;
	assert_int_equal(bpf_map_update_elem(map, &zero, trial, BPF_ANY), 0);
	assert_int_equal(bpf_prog_test_run_opts(bpf_program__fd(rig->skeleton->progs.pk_creds_run),
						&opts),
			 0);
	assert_int_equal(bpf_map_lookup_elem(map, &zero, trial), 0);
	assert_int_equal(trial->done, 1);
}

static bool grown(const struct rig *rig, const struct pk_creds *base, const struct pk_creds *now,
		  __u32 how)
{
	struct pk_creds_trial trial = { .pair = { .base = *base, .now = *now }, .how = how };

	run(rig, &trial);
	return trial.grown;
}

static void ids_set(struct pk_creds *creds, __u32 uid, __u32 gid)
{
	for (__u32 i = 0; i < PK_CREDS_IDS; i++)
		creds->ids[i] = i & 1 ? gid : uid;
}

static int setup(void **state)
{
	struct pk_creds_trial trial = { .how = 0 };
	struct rig *rig = calloc(1, sizeof(*rig));
	struct bpf_program *program;
	int err;

	assert_non_null(rig);
	rig->skeleton = picket_bpf__open();
	assert_non_null(rig->skeleton);
	bpf_object__for_each_program(program, rig->skeleton->obj)
	{
		bpf_program__set_autoload(program, program == rig->skeleton->progs.pk_creds_run);
	}
	err = picket_bpf__load(rig->skeleton);
	if (err == -EPERM) {
		print_message("SKIPPED: the kernel refuses BPF\n");
		picket_bpf__destroy(rig->skeleton);
		free(rig);
		return 0;
	}
	assert_int_equal(err, 0);
	run(rig, &trial);
	rig->user = trial.pair.now;
	rig->user.permitted = 0;
	rig->user.effective = 0;
	rig->user.bound = 0xff;
	ids_set(&rig->user, 1000, 1000);
	*state = rig;
	return 0;
}

static int teardown(void **state)
{
	struct rig *rig = *state;

	if (rig)
		picket_bpf__destroy(rig->skeleton);
	free(rig);
	return 0;
}

static void what_it_has(void **state)
{
	struct pk_creds_trial trial = { .how = 0 };
	const struct rig *rig = *state;

	if (!rig)
		skip();
	run(rig, &trial);
	assert_true(trial.pair.now.user_ns && trial.pair.now.groups);
	assert_int_equal(trial.pair.now.ids[UID], getuid());
	assert_int_equal(trial.pair.now.ids[EUID], geteuid());
	assert_int_equal(trial.pair.now.ids[GID], getgid());
	assert_int_equal(trial.pair.now.ids[EGID], getegid());
	assert_false(grown(rig, &trial.pair.now, &trial.pair.now, 0));
}

/* Own ids in any place, and no others. */
static void ids(void **state)
{
	const struct rig *rig = *state;
	struct pk_creds base, now;

	if (!rig)
		skip();
	base = rig->user;
	base.ids[SUID] = 0;
	base.ids[SGID] = 7;
	for (__u32 i = 0; i < PK_CREDS_IDS; i++) {
		now = base;
		now.ids[i] = i & 1 ? 7 : 0;
		assert_false(grown(rig, &base, &now, 0));
		now.ids[i] = i & 1 ? 0 : 7; /* one of the other kind */
		assert_true(grown(rig, &base, &now, 0));
	}
	ids_set(&now, 1000, 1000);
	assert_false(grown(rig, &base, &now, 0));
	/* and gone they are */
	assert_true(grown(rig, &now, &base, 0));
}

static void ids_by_capability(void **state)
{
	const struct rig *rig = *state;
	struct pk_creds base, now;

	if (!rig)
		skip();
	base = rig->user;
	now = base;
	now.ids[EUID] = 0;
	base.permitted = SETGID | ADMIN;
	assert_true(grown(rig, &base, &now, 0));
	base.permitted = SETUID;
	assert_false(grown(rig, &base, &now, 0));
	now.ids[EGID] = 0;
	assert_true(grown(rig, &base, &now, 0));
	base.permitted |= SETGID;
	assert_false(grown(rig, &base, &now, 0));
}

static void capabilities(void **state)
{
	const struct rig *rig = *state;
	struct pk_creds base, now;

	if (!rig)
		skip();
	base = rig->user;
	base.permitted = ADMIN | 1;
	now = base;
	now.effective = ADMIN;
	assert_false(grown(rig, &base, &now, 0));
	now.effective = 2;
	assert_true(grown(rig, &base, &now, 0));
	now.effective = 0;
	now.permitted = ADMIN;
	assert_false(grown(rig, &base, &now, 0));
	now.permitted |= 2;
	assert_true(grown(rig, &base, &now, 0));
	assert_false(grown(rig, &base, &now, PK_CREDS_CAPS));
	now = base;
	now.bound = 0x7f;
	assert_false(grown(rig, &base, &now, 0));
	now.bound = 0x1ff;
	assert_true(grown(rig, &base, &now, 0));
	assert_true(grown(rig, &base, &now, PK_CREDS_CAPS));
}

static void groups(void **state)
{
	const struct rig *rig = *state;
	struct pk_creds base, now;

	if (!rig)
		skip();
	base = rig->user;
	now = base;
	now.groups++;
	assert_true(grown(rig, &base, &now, 0));
	base.permitted = SETGID;
	assert_false(grown(rig, &base, &now, 0));
}

/* Of a set-id file the real ids are not. */
static void execs(void **state)
{
	const struct rig *rig = *state;
	struct pk_creds base, now;

	if (!rig)
		skip();
	base = rig->user;
	now = base;
	now.ids[EUID] = now.ids[SUID] = now.ids[FSUID] = 0;
	assert_true(grown(rig, &base, &now, PK_CREDS_SETGID | PK_CREDS_CAPS));
	assert_false(grown(rig, &base, &now, PK_CREDS_SETUID));
	now.ids[UID] = 0;
	assert_true(grown(rig, &base, &now, PK_CREDS_SETUID));
	now = base;
	now.ids[EGID] = now.ids[SGID] = now.ids[FSGID] = 0;
	assert_true(grown(rig, &base, &now, PK_CREDS_SETUID));
	assert_false(grown(rig, &base, &now, PK_CREDS_SETGID));
	now.ids[GID] = 0;
	assert_true(grown(rig, &base, &now, PK_CREDS_SETGID));
}

/* Which is not below the one that it was in. Those below are made in test machines: tests/creds. */
static void user_namespaces(void **state)
{
	const struct rig *rig = *state;
	struct pk_creds base, now;

	if (!rig)
		skip();
	base = rig->user;
	now = base;
	base.user_ns += 8;
	assert_true(grown(rig, &base, &now, 0));
	base.user_level = now.user_level + 1;
	assert_true(grown(rig, &base, &now, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_it_has),
		cmocka_unit_test(ids),
		cmocka_unit_test(ids_by_capability),
		cmocka_unit_test(capabilities),
		cmocka_unit_test(groups),
		cmocka_unit_test(execs),
		cmocka_unit_test(user_namespaces),
	};

	return cmocka_run_group_tests_name("creds", tests, setup, teardown);
}
