/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loading a bank and changing over: events are judged by one bank from beginning to end, a failure
 * changes nothing, nothing is left behind.
 */
#include "bank_object.h"

#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NEED_OBJECT(object, state)             \
	struct bank_object *object = *(state); \
	if (!object)                           \
	skip()

static int load(struct bank_object *object, __u32 generation, struct pk_bank_stats *ret_stats)
{
	const char *what = "unset";
	int err;

	object->plan.table.generation = generation;
	err = pk_bank_load_into(&object->kernel, &object->plan, NULL, NULL, ret_stats, &what);
	if (err)
		assert_string_not_equal(what, "unset");
	else
		assert_null(what);
	return err;
}

static bool has_table(const struct bank_object *object, __u32 bank)
{
	__u32 id;

	return !bpf_map_lookup_elem(pk_bank_map_fd(object->kernel.object, "pk_plans"), &bank, &id);
}

static bool has_facts(const struct bank_object *object, __u32 bank)
{
	int fd = pk_bank_map_fd(object->kernel.object, bank ? "pk_facts_1" : "pk_facts_0");
	int pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	struct pk_facts facts;
	bool ret = !bpf_map_lookup_elem(fd, &pidfd, &facts);

	close(pidfd);
	return ret;
}

static unsigned int fd_cnt(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int cnt = 0;

	assert_non_null(dir);
	while (readdir(dir))
		cnt++;
	closedir(dir);
	return cnt;
}

static void test_load_and_change(void **state)
{
	NEED_OBJECT(object, state);
	struct pk_judged judged = { .rule_idx = 0 };
	unsigned int fds = fd_cnt();
	struct pk_bank_stats stats;

	assert_int_equal(bank_object_event(object), 0);
	object->plan.circuits[PK_EVENT_OPEN] = (struct pk_circuit){ &judged, 1 };
	for (__u32 generation = 1; generation < 5; generation++) {
		__u32 bank = generation & 1;

		judged.action = generation == 4 ? PK_RULES_ACTION_KILL : PK_RULES_ACTION_ALERT;

		assert_int_equal(load(object, generation, &stats), 0);
		assert_int_equal(object->kernel.state->bank, bank);
		assert_int_equal(object->kernel.state->next_bank, 0);
		assert_int_equal(object->kernel.state->generation[bank], generation);
		assert_int_equal(object->kernel.state->generation[1 - bank], 0);
		assert_int_equal(object->kernel.state->judged_kinds[bank], 1ull << PK_EVENT_OPEN);
		assert_int_equal(object->kernel.state->pre_kinds[bank],
				 generation == 4 ? 1ull << PK_EVENT_OPEN : 0);
		assert_int_equal(object->kernel.state->judged_kinds[1 - bank], 0);
		assert_int_equal(object->kernel.state->pre_kinds[1 - bank], 0);
		assert_int_equal(bank_object_event(object), 1 + generation);
		assert_true(has_table(object, bank));
		assert_false(has_table(object, 1 - bank));
		assert_true(has_facts(object, bank));
		assert_false(has_facts(object, 1 - bank));
		assert_int_equal(stats.program_cnt, 3);
		assert_true(stats.insn_cnt && stats.map_bytes && stats.program_bytes);
		assert_true(stats.load_ns && stats.process_cnt > 2);
	}
	print_message("%llu ns\n", stats.load_ns);
	assert_int_equal(fd_cnt(), fds);
}

/* Whatever fails, at whatever step: the bank in force judges on, the other one is empty. */
static void test_failure_changes_nothing(void **state)
{
	NEED_OBJECT(object, state);
	struct pk_bank_stats stats;
	struct pk_plan_exact longest = { .data = "", .len = PK_EXACT_BYTES_MAX + 1 };
	unsigned int fds;

	assert_int_equal(load(object, 1, &stats), 0);
	fds = fd_cnt();
	bank_emit_err = -E2BIG;
	assert_int_equal(load(object, 2, &stats), -E2BIG);
	bank_emit_err = 0;
	object->plan.exact = &longest;
	object->plan.exact_cnt = 1;
	assert_int_equal(load(object, 2, &stats), -E2BIG);
	object->plan.exact_cnt = 0;
	/* no points at all: this plan's feed does not come to its end */
	object->kernel.backend = PK_BACKEND_NONE;
	assert_int_equal(load(object, 2, &stats), -EIO);
	object->kernel.backend = PK_BACKEND_TRACEPOINT;

	assert_int_equal(fd_cnt(), fds);
	assert_int_equal(object->kernel.state->bank, 1);
	assert_int_equal(object->kernel.state->next_bank, 0);
	assert_false(has_table(object, 0));
	assert_false(has_facts(object, 0));
	assert_true(has_facts(object, 1));
	assert_int_equal(bank_object_event(object), 2);
	assert_int_equal(load(object, 2, &stats), 0);
	assert_int_equal(bank_object_event(object), 3);
}

struct hammer {
	struct bank_object *object;
	bool stop;
	__u32 event_cnt, unjudged_cnt, mixed_cnt;
};

static void *hammer(void *arg)
{
	struct hammer *h = arg;

	while (!__atomic_load_n(&h->stop, __ATOMIC_RELAXED)) {
		__u32 ret = bank_object_event(h->object);

		h->event_cnt++;
		h->unjudged_cnt += ret == 0;
		h->mixed_cnt += ret == ~0u;
	}
	return NULL;
}

/* Events that come while banks change: each is judged, each by one bank with all of its tables. */
static void test_change_under_load(void **state)
{
	NEED_OBJECT(object, state);
	struct hammer h = { .object = object };
	struct pk_bank_stats stats;
	pthread_t thread;

	assert_int_equal(load(object, 1, &stats), 0);
	assert_int_equal(pthread_create(&thread, NULL, hammer, &h), 0);
	for (__u32 generation = 2; generation < 12; generation++)
		assert_int_equal(load(object, generation, &stats), 0);
	__atomic_store_n(&h.stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	print_message("%u events\n", h.event_cnt);
	assert_true(h.event_cnt > 10);
	assert_int_equal(h.unjudged_cnt, 0);
	assert_int_equal(h.mixed_cnt, 0);
}

#define WITH_OBJECT(test) \
	cmocka_unit_test_setup_teardown(test, bank_object_setup, bank_object_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_OBJECT(test_load_and_change),
		WITH_OBJECT(test_failure_changes_nothing),
		WITH_OBJECT(test_change_under_load),
	};

	return cmocka_run_group_tests_name("bank", tests, NULL, NULL);
}
