/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is taken out of a map like pk_seen_map, and what is left in it. Needs BPF.
 */
#include "kernel/held.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "judge.h"
#include "test.h"

#define SECOND 1000000000ull

struct taken {
	struct pk_held last;
	__u64 sum;
	unsigned int cnt;
	__u64 wait_ns;
	int err;
};

static __u64 wait_ns(void *arg, const struct pk_held *held)
{
	return ((struct taken *)arg)->wait_ns;
}

static int take(void *arg, const struct pk_held *held)
{
	struct taken *taken = arg;

	taken->last = *held;
	taken->sum += held->cnt;
	taken->cnt++;
	return taken->err;
}

static int map_new(void)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_LRU_HASH, "held", sizeof(struct pk_seen_key),
				sizeof(struct pk_seen), 16384, NULL);

	if (fd == -EPERM) {
		print_message("SKIPPED: bpf() is not permitted here\n");
		skip();
	}
	assert_true(fd >= 0);
	return fd;
}

static __u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (__u64)ts.tv_sec * SECOND + (__u64)ts.tv_nsec;
}

static void put(int fd, __u64 object, __u64 cnt, __u64 age_ns)
{
	struct pk_seen_key key = { .exec_id = 7, .object = object, .rule = 3, .generation = 2 };
	struct pk_seen seen = { .reported_ns = now_ns() - age_ns,
				.suppressed_cnt = cnt,
				.pid = 77,
				.verdict = PK_VERDICT_DENIED };

	assert_int_equal(bpf_map_update_elem(fd, &key, &seen, BPF_ANY), 0);
}

static bool has(int fd, __u64 object)
{
	struct pk_seen_key key = { .exec_id = 7, .object = object, .rule = 3, .generation = 2 };
	struct pk_seen seen;

	return !bpf_map_lookup_elem(fd, &key, &seen);
}

static void due_ones(void **state)
{
	struct taken taken = { .wait_ns = 5 * SECOND };
	const struct pk_held_taker taker = { wait_ns, take, &taken };
	bool left = true;
	int fd = map_new();

	assert_int_equal(pk_held_take_from(fd, &taker, &left), 0);
	assert_false(left);
	assert_int_equal(taken.cnt, 0);
	put(fd, 1, 4, 6 * SECOND);
	put(fd, 2, 0, 6 * SECOND);
	assert_int_equal(pk_held_take_from(fd, &taker, &left), 0);
	assert_int_equal(taken.cnt, 1);
	assert_int_equal(taken.last.cnt, 4);
	assert_int_equal(taken.last.exec_id, 7);
	assert_int_equal(taken.last.pid, 77);
	assert_int_equal(taken.last.rule_idx, 3);
	assert_int_equal(taken.last.generation, 2);
	assert_int_equal(taken.last.verdict, PK_VERDICT_DENIED);
	assert_false(left);
	/* what counts nothing stays: it is what makes the next one a repeat */
	assert_false(has(fd, 1));
	assert_true(has(fd, 2));
	put(fd, 3, 9, 1 * SECOND);
	assert_int_equal(pk_held_take_from(fd, &taker, &left), 0);
	assert_int_equal(taken.cnt, 1);
	assert_true(left);
	assert_true(has(fd, 3));
	taken.wait_ns = 0;
	assert_int_equal(pk_held_take_from(fd, &taker, &left), 0);
	assert_int_equal(taken.sum, 13);
	assert_false(left);
	close(fd);
}

/* More than a batch. */
static void many(void **state)
{
	struct taken taken = { 0 };
	const struct pk_held_taker taker = { wait_ns, take, &taken };
	bool left = true;
	int fd = map_new();

	for (__u64 i = 0; i < 5000; i++)
		put(fd, i * 0x9e3779b97f4a7c15ull, 2, SECOND);
	assert_int_equal(pk_held_take_from(fd, &taker, &left), 0);
	assert_int_equal(taken.cnt, 5000);
	assert_int_equal(taken.sum, 10000);
	assert_false(left);
	close(fd);
}

static void errors(void **state)
{
	struct taken taken = { .err = -EPIPE };
	const struct pk_held_taker taker = { wait_ns, take, &taken };
	bool left;
	int fd = map_new();

	put(fd, 1, 1, SECOND);
	put(fd, 2, 1, SECOND);
	assert_int_equal(pk_held_take_from(fd, &taker, &left), -EPIPE);
	assert_int_equal(taken.cnt, 1);
	close(fd);
	assert_int_equal(pk_held_take_from(-1, &taker, &left), -EBADF);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(due_ones),
		cmocka_unit_test(many),
		cmocka_unit_test(errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
