/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts of bpf/escape.h about this process, held against origins that it might have had.
 */
#include "test.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <sys/stat.h>

#include "kernel/bank_internal.h"
#include "picket.skel.h"

#define KEY 7777u
#define OTHER_CGROUP 4242u

struct rig {
	struct picket_bpf *skeleton;
	struct pk_origin own; /* what this process has */
};

static void run(const struct rig *rig, struct pk_escape_trial *trial)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	int map = bpf_map__fd(rig->skeleton->maps.pk_escape_map);
	__u32 zero = 0;

	trial->done = 0;
	assert_int_equal(bpf_map_update_elem(map, &zero, trial, BPF_ANY), 0);
	assert_int_equal(bpf_prog_test_run_opts(bpf_program__fd(rig->skeleton->progs.pk_escape_run),
						&opts),
			 0);
	assert_int_equal(bpf_map_lookup_elem(map, &zero, trial), 0);
	assert_int_equal(trial->done, 1);
}

static __u32 flags_of(const struct rig *rig, const struct pk_origin *origin)
{
	struct pk_escape_trial trial = { .origin = *origin, .kind = PK_EVENT_OPEN };

	run(rig, &trial);
	return trial.flags;
}

static __u32 host_mnt_ns(void)
{
	struct stat st;

	assert_int_equal(stat("/proc/self/ns/mnt", &st), 0);
	return (__u32)st.st_ino;
}

static int setup(void **state)
{
	struct pk_escape_trial trial = { .kind = PK_EVENT_OPEN };
	struct rig *rig = calloc(1, sizeof(*rig));
	struct bpf_program *program;
	struct pk_config *config;
	int err;

	assert_non_null(rig);
	rig->skeleton = picket_bpf__open();
	assert_non_null(rig->skeleton);
	bpf_object__for_each_program(program, rig->skeleton->obj)
	{
		bpf_program__set_autoload(program, program == rig->skeleton->progs.pk_escape_run);
	}
	config = (struct pk_config *)&rig->skeleton->rodata->pk_config;
	config->cpu_cnt = (__u32)libbpf_num_possible_cpus();
	config->backend = PK_BACKEND_TRACEPOINT;
	config->judging = 1;
	config->host_mnt_ns = host_mnt_ns();
	bpf_map__set_max_entries(rig->skeleton->maps.pk_scratch_map,
				 config->cpu_cnt * PK_SCRATCH_SLOTS);
	err = picket_bpf__load(rig->skeleton);
	if (err == -EPERM) {
		print_message("SKIPPED: the kernel refuses BPF\n");
		picket_bpf__destroy(rig->skeleton);
		free(rig);
		return 0;
	}
	assert_int_equal(err, 0);
	run(rig, &trial);
	rig->own = trial.origin;
	rig->own.key = KEY;
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

static void has_left(const struct rig *rig, const struct pk_origin *origin)
{
	assert_int_equal(flags_of(rig, origin) & (PK_FLAG_NS_KNOWN | PK_FLAG_NS_ESCAPED),
			 PK_FLAG_NS_KNOWN | PK_FLAG_NS_ESCAPED);
}

static void where_it_began(void **state)
{
	struct rig *rig = *state;

	if (!rig)
		skip();
	assert_true(rig->own.mnt && rig->own.net && rig->own.user && rig->own.pid);
	assert_int_equal(flags_of(rig, &rig->own), PK_FLAGS_ESCAPE_KNOWN);
}

static void whose_it_is(void **state)
{
	struct rig *rig = *state;
	struct pk_origin origin;

	if (!rig)
		skip();
	origin = rig->own;
	origin.mnt += 1000; /* the container is newer than this namespace */
	origin.key = 0;     /* nobody knows yet which one it is */
	assert_int_equal(flags_of(rig, &origin), 0);
	origin.key = PK_ORIGIN_KEY_HOST;
	assert_int_equal(flags_of(rig, &origin), PK_FLAGS_ESCAPE_KNOWN);
}

static void namespaces(void **state)
{
	struct rig *rig = *state;
	struct pk_origin origin;

	if (!rig)
		skip();
	origin = rig->own;
	origin.user++;
	has_left(rig, &origin);
	origin = rig->own;
	origin.user_level++;
	has_left(rig, &origin);
	origin = rig->own;
	origin.pid++;
	has_left(rig, &origin);
	origin = rig->own;
	origin.pid_level++;
	has_left(rig, &origin);
}

/* This process is in the host's mount namespace: with another one to begin with it has left. */
static void mounts(void **state)
{
	struct rig *rig = *state;
	struct pk_origin origin;
	__u32 flags;

	if (!rig)
		skip();
	for (int newer = 0; newer < 2; newer++) {
		origin = rig->own;
		origin.mnt += newer ? 1 : -1ull;
		flags = flags_of(rig, &origin);
		assert_int_equal(flags & (PK_FLAG_NS_ESCAPED | PK_FLAG_FD_OUTSIDE),
				 PK_FLAG_NS_ESCAPED | PK_FLAG_FD_OUTSIDE);
	}
}

static void networks(void **state)
{
	struct rig *rig = *state;
	struct pk_ns_owner owner = { .cgroup_id = OTHER_CGROUP };
	struct pk_container_facts facts = { .cgroup_id = OTHER_CGROUP, .key = KEY + 1 };
	struct pk_origin origin;
	struct pk_ns_key key;
	int owners, containers;

	if (!rig)
		skip();
	owners = bpf_map__fd(rig->skeleton->maps.pk_ns_owner_map);
	containers = bpf_map__fd(rig->skeleton->maps.pk_containers_0);
	key = (struct pk_ns_key){ .id = rig->own.net, .type = PK_NS_NET };
	origin = rig->own;
	origin.net++;
	/* nobody began there: made by the line itself */
	assert_false(flags_of(rig, &origin) & PK_FLAG_NS_ESCAPED);
	assert_int_equal(bpf_map_update_elem(owners, &key, &owner, BPF_ANY), 0);
	has_left(rig, &origin);
	assert_int_equal(bpf_map_update_elem(containers, &facts.cgroup_id, &facts, BPF_ANY), 0);
	has_left(rig, &origin);
	/* another cgroup of the same container */
	facts.key = KEY;
	assert_int_equal(bpf_map_update_elem(containers, &facts.cgroup_id, &facts, BPF_ANY), 0);
	assert_false(flags_of(rig, &origin) & PK_FLAG_NS_ESCAPED);
	/* a container that was made inside */
	facts.key = KEY + 1;
	owner.outer_key = KEY;
	assert_int_equal(bpf_map_update_elem(containers, &facts.cgroup_id, &facts, BPF_ANY), 0);
	assert_int_equal(bpf_map_update_elem(owners, &key, &owner, BPF_ANY), 0);
	assert_false(flags_of(rig, &origin) & PK_FLAG_NS_ESCAPED);
	bpf_map_delete_elem(owners, &key);
}

static void capabilities(void **state)
{
	struct rig *rig = *state;
	struct pk_origin origin;

	if (!rig)
		skip();
	origin = rig->own;
	origin.caps = 0; /* root here has some */
	assert_int_equal(flags_of(rig, &origin) & (PK_FLAG_CAPS_KNOWN | PK_FLAG_CAPS_GAINED),
			 PK_FLAG_CAPS_KNOWN | PK_FLAG_CAPS_GAINED);
}

/* The binary of this test counts as a runtime's. */
static void runtimes(void **state)
{
	struct rig *rig = *state;
	struct pk_ident_key key;
	char path[4096];
	ssize_t len;
	__u32 one = 1;
	int map;

	if (!rig)
		skip();
	map = bpf_map__fd(rig->skeleton->maps.pk_runtime_map);
	len = readlink("/proc/self/exe", path, sizeof(path) - 1);
	assert_true(len > 0);
	path[len] = '\0';
	assert_int_equal(pk_bank_ident_of(path, &key), 0);
	assert_false(flags_of(rig, &rig->own) & PK_FLAG_EXE_RUNTIME);
	assert_int_equal(bpf_map_update_elem(map, &key, &one, BPF_ANY), 0);
	assert_true(flags_of(rig, &rig->own) & PK_FLAG_EXE_RUNTIME);
	/* which this file is none of: it goes */
	assert_int_equal(pk_bank_runtimes_fill(map), 0);
	assert_false(flags_of(rig, &rig->own) & PK_FLAG_EXE_RUNTIME);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(where_it_began), cmocka_unit_test(whose_it_is),
		cmocka_unit_test(namespaces),     cmocka_unit_test(mounts),
		cmocka_unit_test(networks),       cmocka_unit_test(capabilities),
		cmocka_unit_test(runtimes),
	};

	return cmocka_run_group_tests_name("escape", tests, setup, teardown);
}
