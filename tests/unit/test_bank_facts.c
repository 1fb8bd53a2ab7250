/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts of old processes: every process gets them, what is newer stays, what is of another generation
 * does not, and they can be taken away.
 */
#include "bank_object.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NEED_OBJECT(object, state)             \
	struct bank_object *object = *(state); \
	if (!object)                           \
	skip()

#define GENERATION 5

static int map_of(const struct bank_object *object, const char *kind, __u32 bank)
{
	char name[32];

	snprintf(name, sizeof(name), "pk_facts%s_%u", kind, bank);
	return pk_bank_map_fd(object->kernel.object, name);
}

static int facts_of(const struct bank_object *object, pid_t pid, __u32 bank,
		    struct pk_facts *ret_facts)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	int err;

	assert_true(pidfd >= 0);
	err = bpf_map_lookup_elem(map_of(object, "", bank), &pidfd, ret_facts);
	close(pidfd);
	return err;
}

static int pid_facts_of(const struct bank_object *object, pid_t pid, __u32 bank,
			struct pk_facts *ret_facts)
{
	__u32 key = (__u32)pid;

	return bpf_map_lookup_elem(map_of(object, "_pid", bank), &key, ret_facts);
}

static void store(const struct bank_object *object, pid_t pid, __u32 bank,
		  const struct pk_facts *facts)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	__u32 key = (__u32)pid;

	assert_int_equal(bpf_map_update_elem(map_of(object, "", bank), &pidfd, facts, BPF_ANY), 0);
	assert_int_equal(bpf_map_update_elem(map_of(object, "_pid", bank), &key, facts, BPF_ANY),
			 0);
	close(pidfd);
}

/* The feed's program ends in the emitted one: there must be one. */
static void ready(const struct bank_object *object, __u32 bank)
{
	struct pk_bank_programs programs = { 0 };
	const char *what;

	assert_int_equal(pk_bank_programs_load(&object->kernel, &object->plan, bank, &programs,
					       &what),
			 0);
	assert_int_equal(pk_bank_programs_put(&object->kernel, &programs, bank, &what), 0);
	pk_bank_programs_fini(&programs);
}

static int fill(const struct bank_object *object, __u32 generation, __u32 bank, __u64 *ret_cnt)
{
	const char *what;

	return pk_bank_facts_fill(&object->kernel, generation, bank, NULL, NULL, ret_cnt, &what);
}

static void test_all_get_them(void **state)
{
	NEED_OBJECT(object, state);
	struct pk_facts facts;
	__u64 cnt = 0, first_cnt;

	ready(object, 1);
	assert_int_equal(fill(object, GENERATION, 1, &cnt), 0);
	assert_true(cnt > 2);
	first_cnt = cnt;
	assert_int_equal(facts_of(object, getpid(), 1, &facts), 0);
	assert_int_equal(facts.generation, GENERATION);
	assert_memory_equal(facts.t, "test_bank_facts", 15);
	assert_int_equal(facts_of(object, 1, 1, &facts), 0);
	assert_int_equal(pid_facts_of(object, getpid(), 1, &facts), 0);
	assert_memory_equal(facts.t, "test_bank_facts", 15);
	assert_int_equal(facts_of(object, getpid(), 0, &facts), -ENOENT);

	cnt = ~0ull;
	assert_int_equal(fill(object, GENERATION, 1, &cnt), 0);
	/* only what has started since, which is more on a machine that has much to do */
	assert_true(cnt < first_cnt / 2);

	pk_bank_facts_clear(&object->kernel, 1);
	assert_int_equal(facts_of(object, getpid(), 1, &facts), -ENOENT);
	assert_int_equal(pid_facts_of(object, getpid(), 1, &facts), -ENOENT);
}

/* The sensors' facts are newer than /proc read before; those of another rule set are void. */
static void test_what_is_there(void **state)
{
	NEED_OBJECT(object, state);
	struct pk_facts facts = { .generation = GENERATION, .flags = 77 };
	__u64 cnt;

	ready(object, 0);
	store(object, getpid(), 0, &facts);
	facts.generation = GENERATION - 1;
	store(object, getppid(), 0, &facts);
	assert_int_equal(fill(object, GENERATION, 0, &cnt), 0);
	assert_int_equal(facts_of(object, getpid(), 0, &facts), 0);
	assert_int_equal(facts.flags, 77);
	assert_int_equal(facts_of(object, getppid(), 0, &facts), 0);
	assert_int_equal(facts.generation, GENERATION);
	assert_int_not_equal(facts.flags, 77);
}

/* An exec that could not be judged: /proc may have been read before it, so nothing is known. */
static void test_void(void **state)
{
	NEED_OBJECT(object, state);
	struct pk_facts facts = { .generation = PK_FACTS_VOID };
	__u32 pid = (__u32)getpid();
	__u64 cnt;

	ready(object, 0);
	store(object, getpid(), 0, &facts);
	/* the sensor takes the copy by pid away */
	assert_int_equal(bpf_map_delete_elem(map_of(object, "_pid", 0), &pid), 0);
	assert_int_equal(fill(object, GENERATION, 0, &cnt), 0);
	assert_int_equal(facts_of(object, getpid(), 0, &facts), 0);
	assert_int_equal(facts.generation, PK_FACTS_VOID);
	assert_int_equal(pid_facts_of(object, getpid(), 0, &facts), -ENOENT);

	/* the next rules begin anew */
	pk_bank_facts_clear(&object->kernel, 0);
	assert_int_equal(fill(object, GENERATION + 1, 0, &cnt), 0);
	assert_int_equal(facts_of(object, getpid(), 0, &facts), 0);
	assert_int_equal(facts.generation, GENERATION + 1);
}

/* Without an emitted program the feed does not come to its end: an error, and no false facts. */
static void test_no_program(void **state)
{
	NEED_OBJECT(object, state);
	struct pk_facts facts;
	__u64 cnt;

	assert_int_equal(fill(object, GENERATION, 1, &cnt), -EIO);
	assert_int_equal(facts_of(object, getpid(), 1, &facts), -ENOENT);
}

/* A thousand processes in a second, on any machine; told, so that it can be watched. */
static void test_thousand(void **state)
{
	NEED_OBJECT(object, state);
	static pid_t pids[1000];
	struct timespec begin, end;
	struct pk_facts facts;
	__u64 cnt;
	double seconds;

	for (size_t i = 0; i < PK_ARRAY_SIZE(pids); i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			pause();
			_exit(0);
		}
		assert_true(pids[i] > 0);
	}
	ready(object, 1);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	assert_int_equal(fill(object, GENERATION, 1, &cnt), 0);
	clock_gettime(CLOCK_MONOTONIC, &end);
	assert_true(cnt > PK_ARRAY_SIZE(pids));
	assert_int_equal(facts_of(object, pids[999], 1, &facts), 0);
	for (size_t i = 0; i < PK_ARRAY_SIZE(pids); i++)
		kill(pids[i], SIGKILL);
	for (size_t i = 0; i < PK_ARRAY_SIZE(pids); i++)
		waitpid(pids[i], NULL, 0);
	seconds = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
	print_message("%llu processes in %.3f s\n", cnt, seconds);
	assert_true(seconds < 20);
}

struct others {
	int map;
	int pidfd;
	int stop;
	unsigned int again_cnt; /* updates of ours that the kernel sent away */
};

/* Makes and removes the only element, and with it the storage, of a process. */
static void *run_others(void *arg)
{
	struct others *others = arg;
	const struct pk_facts facts = { .generation = GENERATION };

	while (!__atomic_load_n(&others->stop, __ATOMIC_RELAXED)) {
		int err = bpf_map_update_elem(others->map, &others->pidfd, &facts, BPF_ANY);

		if (err == -EAGAIN || err == -EBUSY)
			__atomic_fetch_add(&others->again_cnt, 1, __ATOMIC_RELAXED);
		bpf_map_delete_elem(others->map, &others->pidfd);
	}
	return NULL;
}

/* A sensor may store facts of the same process at the same moment: no reason to refuse rules. */
static void test_store_raced(void **state)
{
	NEED_OBJECT(object, state);
	const struct pk_facts facts = { .generation = GENERATION };
	struct others others = { .map = map_of(object, "", 1) };
	pid_t pid = fork();
	pthread_t threads[2];
	time_t begin = time(NULL);

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pause();
		_exit(0);
	}
	assert_true(pid > 0);
	others.pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	assert_true(others.pidfd >= 0);
	for (size_t i = 0; i < PK_ARRAY_SIZE(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, run_others, &others), 0);
	while (time(NULL) - begin < 3)
		assert_in_range(pk_bank_facts_store(others.map, &others.pidfd, &facts), 0, 1);
	__atomic_store_n(&others.stop, 1, __ATOMIC_RELAXED);
	for (size_t i = 0; i < PK_ARRAY_SIZE(threads); i++)
		pthread_join(threads[i], NULL);
	print_message("%u updates sent away\n", others.again_cnt);
	close(others.pidfd);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

#define WITH_OBJECT(test) \
	cmocka_unit_test_setup_teardown(test, bank_object_setup, bank_object_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_OBJECT(test_all_get_them), WITH_OBJECT(test_what_is_there),
		WITH_OBJECT(test_void),         WITH_OBJECT(test_no_program),
		WITH_OBJECT(test_thousand),     WITH_OBJECT(test_store_raced),
	};

	return cmocka_run_group_tests_name("bank_facts", tests, NULL, NULL);
}
