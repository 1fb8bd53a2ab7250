/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests with real cgroups: the sensors that tell of them, a cgroup of the test's own and those below it,
 * the notes that came, and what banks have of them.
 */
#ifndef PK_TESTS_OWN_CGROUPS_H
#define PK_TESTS_OWN_CGROUPS_H

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cgroup_tree.h"
#include "kernel/bank_internal.h"
#include "kernel/cgroups.h"
#include "kernel/probe.h"
#include "test.h"

/* NULL: there are no cgroups, or the kernel refuses; that was said. Else the hierarchy's path besides. */
static inline struct pk_sensors *own_cgroups_sensors(bool judging, char ret_path[256])
{
	const struct pk_sensors_options wanted = {
		.backend = judging && !pk_probe_lsm() ? PK_BACKEND_LSM : PK_BACKEND_TRACEPOINT,
		.judging = judging,
		.cgroup_fd = -1,
	};
	struct pk_cgroup_tree tree;
	struct pk_sensors *sensors;
	const char *what;

	if (!pk_cgroup_tree_find(&tree) && snprintf(ret_path, 256, "%s", tree.path) < 256 &&
	    !pk_sensors_new(&wanted, &sensors, &what))
		return sensors;
	print_message("SKIPPED: no cgroups, or the kernel refuses BPF\n");
	return NULL;
}

struct own_cgroups {
	char root[512];
	__u64 root_id;
	struct pk_cgroup_note notes[64];
	size_t note_cnt;
};

/* `name` may be of several parts; "" is the test's own. */
static inline __u64 cgroup_make(const struct own_cgroups *own, const char *name)
{
	char path[600];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", own->root, name);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(stat(path, &st), 0);
	return st.st_ino;
}

static inline void cgroup_unmake(const struct own_cgroups *own, const char *name)
{
	char path[600];

	snprintf(path, sizeof(path), "%s/%s", own->root, name);
	for (int i = 0; i < 50 && rmdir(path) && errno == EBUSY; i++)
		usleep(2000);
}

static inline void own_cgroups_begin(struct own_cgroups *own, const char *hierarchy)
{
	snprintf(own->root, sizeof(own->root), "%s/picket-test-%d", hierarchy, getpid());
	own->root_id = cgroup_make(own, "");
}

static inline void own_cgroups_add_note(struct own_cgroups *own, const struct pk_cgroup_note *note)
{
	if (own->note_cnt < PK_ARRAY_SIZE(own->notes))
		own->notes[own->note_cnt++] = *note;
}

static inline const struct pk_cgroup_note *note_of(const struct own_cgroups *own, __u64 cgroup_id,
						   __u32 what)
{
	for (size_t i = 0; i < own->note_cnt; i++)
		if (own->notes[i].cgroup_id == cgroup_id && own->notes[i].what == what)
			return &own->notes[i];
	return NULL;
}

/* A bank's map of containers: of the one in force, or of the other. */
static inline int containers_map(const struct pk_sensors *sensors, bool in_force)
{
	__u32 bank = pk_sensors_get_state(sensors)->bank ^ !in_force;

	return pk_bank_map_fd(pk_sensors_get_object(sensors),
			      bank ? "pk_containers_1" : "pk_containers_0");
}

/* The cgroup's true and possible bits to the rules in force as t << 8 | c; -1: it is not there. */
static inline int container_bits(const struct pk_sensors *sensors, __u64 cgroup_id)
{
	const struct pk_state *state = pk_sensors_get_state(sensors);
	struct pk_container_facts facts;

	if (bpf_map_lookup_elem(containers_map(sensors, true), &cgroup_id, &facts))
		return -1;
	assert_int_equal(facts.cgroup_id, cgroup_id);
	assert_int_equal(facts.generation, state->generation[state->bank]);
	return (int)(facts.t[0] << 8 | facts.c[0]);
}

#endif
