/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "samples.h"
#include "stream/tree.h"

static struct pk_record record;
static struct pk_tree *tree;

static int setup(void **state)
{
	return pk_tree_new(&tree);
}

static int teardown(void **state)
{
	pk_tree_free(tree);
	return 0;
}

static __u64 id_of(__u32 pid)
{
	struct pk_event *event = &record.u.event;

	sample_init(&record, PK_EVENT_EXIT, pid);
	return event->exec_id;
}

static void feed(void)
{
	assert_int_equal(pk_record_check(&record.u, pk_record_finish(&record)), 0);
	pk_tree_update(tree, &record.u.event);
}

static void exec(__u32 pid, __u32 ppid, const char *exe)
{
	sample_exec(&record, pid, ppid, exe, "a\0b", 4);
	feed();
}

static void fork_child(__u32 pid, __u32 child_pid)
{
	sample_fork(&record, pid, child_pid);
	feed();
}

static void leave(__u32 pid)
{
	sample_exit(&record, pid, 0);
	feed();
}

static const struct pk_node *get(__u32 pid)
{
	return pk_tree_get(tree, id_of(pid), pid);
}

static struct pk_tree_stats stats(void)
{
	struct pk_tree_stats stats;

	pk_tree_get_stats(tree, &stats);
	return stats;
}

static void fork_copies_exec_replaces(void **state)
{
	exec(10, 1, "/bin/sh");
	fork_child(10, 11);
	assert_text(pk_node_exe(get(11)), "/bin/sh");
	assert_ptr_equal(get(11)->image, get(10)->image);
	assert_int_equal(get(11)->ppid, 10);
	assert_ptr_equal(pk_tree_parent(tree, get(11)), get(10));
	exec(11, 10, "/bin/ls");
	assert_text(pk_node_exe(get(11)), "/bin/ls");
	assert_text(pk_node_comm(get(11)), "ls");
	assert_text(pk_node_exe(get(10)), "/bin/sh");
	assert_int_equal(pk_node_args(get(11)).len, 4);
	assert_int_equal(get(11)->uid, 1000);
}

static void unknown_process_gets_a_bare_node(void **state)
{
	assert_false(pk_tree_has(tree, id_of(10), 10));
	sample_file(&record, PK_EVENT_OPEN, 10, "/x");
	feed();
	assert_true(pk_tree_has(tree, id_of(10), 10));
	assert_text(pk_node_exe(get(10)), "");
	assert_text(pk_node_comm(get(10)), "bash");
	assert_null(pk_tree_get(tree, 0, 10));
	assert_null(pk_tree_get(tree, id_of(10), 11));
}

static void threads_do_not_rename_their_process(void **state)
{
	exec(10, 1, "/bin/sh");
	sample_file(&record, PK_EVENT_OPEN, 10, "/x");
	record.u.event.tid = 12;
	feed();
	assert_text(pk_node_comm(get(10)), "sh");
	sample_file(&record, PK_EVENT_OPEN, 10, "/x");
	feed();
	assert_text(pk_node_comm(get(10)), "bash");
}

static void exited_is_remembered(void **state)
{
	exec(10, 1, "/bin/sh");
	leave(10);
	leave(10);
	assert_text(pk_node_exe(get(10)), "/bin/sh");
	assert_null(pk_tree_get_pid(tree, 10));
	assert_int_equal(stats().exited_cnt, 1);
	leave(99);
	assert_null(get(99));
}

static void exited_nodes_at_and_past_the_limit(void **state)
{
	for (__u32 i = 0; i < PK_MAX_EXITED; i++) {
		exec(10 + i, 1, "/bin/true");
		leave(10 + i);
	}
	assert_non_null(get(10));
	assert_int_equal(stats().node_cnt, PK_MAX_EXITED);
	exec(10 + PK_MAX_EXITED, 1, "/bin/true");
	leave(10 + PK_MAX_EXITED);
	assert_null(get(10));
	assert_non_null(get(11));
	assert_int_equal(stats().node_cnt, PK_MAX_EXITED);
}

static void ancestors_outlive_the_fifo(void **state)
{
	exec(10, 1, "/bin/sh");
	fork_child(10, 11);
	leave(10);
	for (__u32 i = 0; i < 2 * PK_MAX_EXITED; i++) {
		exec(100 + i, 1, "/bin/true");
		leave(100 + i);
	}
	assert_non_null(get(10));
	assert_ptr_equal(pk_tree_parent(tree, get(11)), get(10));
	leave(11);
	for (__u32 i = 0; i < 2 * PK_MAX_EXITED; i++) {
		exec(20000 + i, 1, "/bin/true");
		leave(20000 + i);
	}
	assert_null(get(11));
	assert_null(get(10));
}

/* A chain in which each process forks the next and leaves must not grow without end. */
static void pinned_nodes_at_and_past_the_limit(void **state)
{
	exec(10, 1, "/bin/sh");
	for (__u32 i = 0; i < PK_MAX_EXITED_PINNED; i++) {
		fork_child(10 + i, 11 + i);
		leave(10 + i);
	}
	assert_non_null(get(10));
	fork_child(10 + PK_MAX_EXITED_PINNED, 11 + PK_MAX_EXITED_PINNED);
	leave(10 + PK_MAX_EXITED_PINNED);
	assert_null(get(10));
	assert_non_null(get(11));
	assert_int_equal(stats().node_cnt, PK_MAX_EXITED_PINNED + 1);
}

static void living_nodes_at_and_past_the_limit(void **state)
{
	exec(10, 1, "/bin/sh");
	for (__u32 i = 1; i < PK_MAX_PROCS; i++)
		fork_child(10, 10 + i);
	assert_int_equal(stats().node_cnt, PK_MAX_PROCS);
	assert_int_equal(stats().refused_cnt, 0);
	fork_child(10, 10 + PK_MAX_PROCS);
	assert_null(get(10 + PK_MAX_PROCS));
	assert_int_equal(stats().refused_cnt, 1);
	leave(11);
	fork_child(10, 10 + PK_MAX_PROCS);
	assert_non_null(get(10 + PK_MAX_PROCS));
	assert_null(get(11));
}

static void image_bytes_are_bounded(void **state)
{
	static char path[PK_PATH_MAX];
	__u32 fit = PK_MAX_TREE_IMAGE_BYTES / (sizeof(struct pk_image) + sizeof(path));

	memset(path, 'x', sizeof(path) - 1);
	path[0] = '/';
	for (__u32 i = 0; i < fit + 8; i++)
		exec(10 + i, 1, path);
	assert_true(stats().image_bytes <= PK_MAX_TREE_IMAGE_BYTES);
	assert_true(stats().cut_cnt > 0);
	assert_text(pk_node_exe(get(10)), path);
	assert_text(pk_node_exe(get(10 + fit + 7)), "");
	leave(10);
	exec(9000, 1, path);
	assert_text(pk_node_exe(get(9000)), path);
	for (__u32 i = 0; i < fit + 8; i++)
		exec(10 + i, 1, "/bin/true");
	assert_true(stats().image_bytes < 100 * (fit + 9) + PK_PATH_MAX);
}

static void arguments_are_cut(void **state)
{
	static char args[PK_TREE_ARGS_MAX + 1];

	sample_exec(&record, 10, 1, "/bin/sh", args, PK_TREE_ARGS_MAX);
	feed();
	assert_int_equal(pk_node_args(get(10)).len, PK_TREE_ARGS_MAX);
	sample_exec(&record, 10, 1, "/bin/sh", args, PK_TREE_ARGS_MAX + 1);
	feed();
	assert_int_equal(pk_node_args(get(10)).len, PK_TREE_ARGS_MAX);
}

static void proc(__u32 pid, __u64 start_ns, const char *exe)
{
	sample_exec(&record, pid, 1, exe, "", 0);
	record.u.event.kind = PK_EVENT_PROC;
	record.u.event.exec_id = sample_exec_id(pid, start_ns);
	feed();
}

static void rounded_id_meets_the_exact_one(void **state)
{
	__u64 exact = sample_exec_id(10, 7 * PK_TICK_NS + 123);
	__u64 rounded = sample_exec_id(10, 7 * PK_TICK_NS);

	proc(10, 7 * PK_TICK_NS, "/bin/sh");
	assert_true(pk_tree_has(tree, exact, 10));
	assert_false(pk_tree_has(tree, sample_exec_id(10, 8 * PK_TICK_NS), 10));
	assert_false(pk_tree_has(tree, sample_exec_id(10, 7 * PK_TICK_NS - 1), 10));
	sample_file(&record, PK_EVENT_OPEN, 10, "/x");
	record.u.event.exec_id = exact;
	feed();
	assert_int_equal(stats().node_cnt, 1);
	assert_true(pk_tree_get(tree, exact, 10)->exec_id == exact);
	assert_true(pk_tree_has(tree, rounded, 10)); /* children from /proc know it by this one */
	assert_false(pk_tree_has(tree, sample_exec_id(10, 7 * PK_TICK_NS + 124), 10));
}

static void children_find_a_rounded_parent(void **state)
{
	proc(10, 7 * PK_TICK_NS, "/bin/sh");
	sample_exec(&record, 11, 10, "/bin/ls", "", 0);
	record.u.event.kind = PK_EVENT_PROC;
	record.u.event.parent_exec_id = sample_exec_id(10, 7 * PK_TICK_NS);
	feed();
	sample_file(&record, PK_EVENT_OPEN, 10, "/x");
	record.u.event.exec_id = sample_exec_id(10, 7 * PK_TICK_NS + 5);
	feed();
	assert_text(pk_node_exe(pk_tree_parent(tree, get(11))), "/bin/sh");
}

static void proc_only_fills_in(void **state)
{
	exec(10, 1, "/bin/new");
	sample_exec(&record, 10, 1, "/bin/old", "", 0);
	record.u.event.kind = PK_EVENT_PROC;
	feed();
	assert_text(pk_node_exe(get(10)), "/bin/new");
	sample_file(&record, PK_EVENT_OPEN, 12, "/x");
	feed();
	sample_exec(&record, 12, 1, "/bin/found", "", 0);
	record.u.event.kind = PK_EVENT_PROC;
	feed();
	assert_text(pk_node_exe(get(12)), "/bin/found");
}

static void reused_pid_retires_the_older_process(void **state)
{
	proc(10, 7 * PK_TICK_NS, "/bin/old");
	proc(10, 9 * PK_TICK_NS, "/bin/new");
	assert_text(pk_node_exe(pk_tree_get_pid(tree, 10)), "/bin/new");
	assert_int_equal(stats().exited_cnt, 1);
	proc(10, 8 * PK_TICK_NS, "/bin/late"); /* older than who is there now */
	assert_text(pk_node_exe(pk_tree_get_pid(tree, 10)), "/bin/new");
	assert_int_equal(stats().node_cnt, 2);
}

/* 20,000 processes at a time, a million events: what is held depends on the former only. */
static void memory_follows_the_living(void **state)
{
	for (__u32 round = 0; round < 10; round++) {
		for (__u32 pid = 10; pid < 20010; pid++) {
			__u32 global_pid = pid + round * 20000;

			fork_child(10, global_pid);
			exec(global_pid, 10, "/usr/bin/true");
			leave(global_pid);
		}
	}
	assert_true(stats().node_cnt <= PK_MAX_EXITED + 2);
	assert_true(stats().image_bytes < 100 * (PK_MAX_EXITED + 2));
}

/* Whatever a hostile stream says, the tree stays consistent: run this with sanitizers. */
static void random_records(void **state)
{
	unsigned int seed = 1;

	for (int i = 0; i < 300000; i++) {
		static const __u32 kinds[] = { PK_EVENT_EXEC, PK_EVENT_FORK, PK_EVENT_EXIT,
					       PK_EVENT_OPEN, PK_EVENT_PROC };
		__u32 kind = kinds[rand_r(&seed) % 5];
		struct pk_event *event = &record.u.event;

		sample_init(&record, kind, (__u32)rand_r(&seed) % 50);
		event->exec_id = (__u64)rand_r(&seed) % 20 * PK_TICK_NS / 2;
		event->ppid = (__u32)rand_r(&seed) % 50;
		event->parent_exec_id = (__u64)rand_r(&seed) % 20 * PK_TICK_NS / 2;
		if (kind == PK_EVENT_EXEC || kind == PK_EVENT_PROC)
			sample_str(&record, &record.u.exec.exe.name, "/bin/sh");
		if (kind == PK_EVENT_FORK) {
			record.u.fork.child_pid = (__u32)rand_r(&seed) % 50;
			record.u.fork.child_exec_id = (__u64)rand_r(&seed) % 20 * PK_TICK_NS / 2;
		}
		feed();
	}
	assert_true(stats().node_cnt <= 50 * 20);
}

int main(void)
{
#define tree_test(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		tree_test(fork_copies_exec_replaces),
		tree_test(unknown_process_gets_a_bare_node),
		tree_test(threads_do_not_rename_their_process),
		tree_test(exited_is_remembered),
		tree_test(exited_nodes_at_and_past_the_limit),
		tree_test(ancestors_outlive_the_fifo),
		tree_test(pinned_nodes_at_and_past_the_limit),
		tree_test(living_nodes_at_and_past_the_limit),
		tree_test(image_bytes_are_bounded),
		tree_test(arguments_are_cut),
		tree_test(rounded_id_meets_the_exact_one),
		tree_test(children_find_a_rounded_parent),
		tree_test(proc_only_fills_in),
		tree_test(reused_pid_retires_the_older_process),
		tree_test(memory_follows_the_living),
		tree_test(random_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
