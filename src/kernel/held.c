// SPDX-License-Identifier: Apache-2.0
/*
 * A walk through pk_seen_map: keys and values in batches, then each one that is due is taken out as a
 * whole. Its next match is a first one again and is reported, which is what would happen anyway:
 * the time in which it would not be is over.
 */
#include "kernel/held.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "judge.h"

#define BATCH 512u /* more than a hash's chain is long */

struct batch {
	struct pk_seen_key keys[BATCH];
	struct pk_seen values[BATCH];
};

static __u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (__u64)ts.tv_sec * 1000000000ull + (__u64)ts.tv_nsec;
}

static struct pk_held held_of(const struct pk_seen_key *key, const struct pk_seen *seen)
{
	return (struct pk_held){
		.exec_id = key->exec_id,
		.cnt = seen->suppressed_cnt,
		.pid = seen->pid,
		.verdict = seen->verdict,
		.rule_idx = key->rule,
		.generation = key->generation,
	};
}

/* Out of the map, with what was counted last. Kernels before 5.14 cannot do both at once. */
static int take_out(int fd, const struct pk_seen_key *key, struct pk_seen *ret_seen)
{
	int err = bpf_map_lookup_and_delete_elem(fd, key, ret_seen);

	if (!err || err == -ENOENT)
		return err;
	err = bpf_map_lookup_elem(fd, key, ret_seen);
	return err ?: bpf_map_delete_elem(fd, key);
}

static int take(int fd, const struct pk_held_taker *taker, const struct pk_seen_key *key,
		const struct pk_seen *seen, bool *left)
{
	struct pk_held held = held_of(key, seen);
	struct pk_seen last;
	__u64 now = now_ns();
	int err;

	if (!seen->suppressed_cnt)
		return 0;
	if (seen->reported_ns + taker->wait_ns(taker->arg, &held) > now) {
		*left = true;
		return 0;
	}
	err = take_out(fd, key, &last);
	if (err)
		return err == -ENOENT ? 0 : err;
	held = held_of(key, &last);
	/* a report may have told it meanwhile */
	return held.cnt ? taker->take(taker->arg, &held) : 0;
}

int pk_held_take_from(int fd, const struct pk_held_taker *taker, bool *ret_left)
{
	pk_cleanup(pk_free_p) struct batch *batch = malloc(sizeof(*batch));
	__u32 place = 0;
	bool left = false;
	int err = 0;

	if (!batch)
		return -ENOMEM;
	for (bool first = true; err != -ENOENT; first = false) {
		__u32 cnt = BATCH;

		err = bpf_map_lookup_batch(fd, first ? NULL : &place, &place, batch->keys,
					   batch->values, &cnt, NULL);
		if (err && err != -ENOENT)
			return err;
		for (__u32 i = 0; i < cnt; i++) {
			int take_err = take(fd, taker, &batch->keys[i], &batch->values[i], &left);

			if (take_err)
				return take_err;
		}
	}
	*ret_left = left;
	return 0;
}

__u64 pk_held_cnt(const struct pk_sensors *sensors)
{
	return __atomic_load_n(&pk_sensors_get_state(sensors)->suppressed_cnt, __ATOMIC_RELAXED);
}

int pk_held_take(const struct pk_sensors *sensors, const struct pk_held_taker *taker,
		 bool *ret_left)
{
	int fd = bpf_object__find_map_fd_by_name(pk_sensors_get_object(sensors), "pk_seen_map");

	return fd < 0 ? fd : pk_held_take_from(fd, taker, ret_left);
}
