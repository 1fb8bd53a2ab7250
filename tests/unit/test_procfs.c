/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stream/procfs.h"
#include "stream/tree.h"

static struct pk_record kept;
static __u32 kept_cnt;

static int keep(void *ctx, const void *data, size_t len)
{
	assert_int_equal(pk_record_check(data, len), 0);
	assert_int_equal(((const struct pk_event *)data)->kind, PK_EVENT_PROC);
	if (!ctx || *(__u32 *)ctx == ((const struct pk_event *)data)->pid) {
		memcpy(&kept.u, data, len);
		kept_cnt++;
	}
	return 0;
}

static int stop_at_once(void *ctx, const void *data, size_t len)
{
	return -ECANCELED;
}

static int parse(const char *text, struct pk_procfs_stat *stat)
{
	return pk_procfs_parse_stat(text, strlen(text), stat);
}

static void stat_lines(void **state)
{
	struct pk_procfs_stat stat;

	assert_int_equal(parse("12 (a) R (b) S 1 2 3 34818 5 6 7 8 9 10 11 12 13 14 15 16 17 18 "
			       "1234567 20 21\n",
			       &stat),
			 0);
	assert_string_equal(stat.comm, "a) R (b");
	assert_int_equal(stat.ppid, 1);
	assert_int_equal(stat.pgid, 2);
	assert_int_equal(stat.sid, 3);
	assert_int_equal(stat.tty, 136u << 20 | 2);
	assert_int_equal(stat.start_ticks, 1234567);
}

static void odd_stat_lines(void **state)
{
	struct pk_procfs_stat stat;

	assert_int_equal(parse("", &stat), -EBADMSG);
	assert_int_equal(parse("12 (a S 1 2 3", &stat), -EBADMSG);
	assert_int_equal(parse(")(", &stat), -EBADMSG);
	assert_int_equal(parse("1 (a) S 1 2 3 0 5 6 7 8 9 10", &stat), -EBADMSG);
	assert_int_equal(parse("12 (0123456789abcdefXYZ) S 1 2 3 0 5 6 7 8 9 10 11 12 13 14 15 16 "
			       "17 18 19 20\n",
			       &stat),
			 0);
	assert_string_equal(stat.comm, "0123456789abcde");
}

static void ourselves(void **state)
{
	const struct pk_exec_event *proc = &kept.u.exec;
	__u32 pid = (__u32)getpid();
	char exe[4096];
	ssize_t len = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	assert_true(len > 0);
	exe[len] = '\0';
	assert_int_equal(pk_procfs_one(pid, 0, keep, NULL), 0);
	assert_int_equal(proc->head.pid, pid);
	assert_int_equal(proc->head.ppid, getppid());
	assert_int_equal(proc->head.uid, getuid());
	assert_int_equal(proc->head.egid, getegid());
	assert_text(pk_record_path(proc, &proc->exe), exe);
	assert_true(proc->args.len > 0);
	assert_true(proc->cwd.name.len > 0);
	assert_true(proc->exe_inode.ino > 0);
	assert_true(proc->head.mnt_ns > 0);
	assert_int_equal(((proc->head.exec_id ^ (__u64)pid << 42) % PK_TICK_NS), 0);
}

static void the_exec_id_must_fit(void **state)
{
	__u32 pid = (__u32)getpid();
	__u64 rounded;

	assert_int_equal(pk_procfs_one(pid, 0, keep, NULL), 0);
	rounded = kept.u.event.exec_id ^ (__u64)pid << 42;
	assert_int_equal(pk_procfs_one(pid, (rounded + 5) ^ (__u64)pid << 42, keep, NULL), 0);
	assert_true(kept.u.event.exec_id == ((rounded + 5) ^ (__u64)pid << 42));
	assert_int_equal(pk_procfs_one(pid, (rounded - 1) ^ (__u64)pid << 42, keep, NULL), -ESRCH);
	assert_int_equal(pk_procfs_one(pid, (rounded + PK_TICK_NS) ^ (__u64)pid << 42, keep, NULL),
			 -ESRCH);
}

static void nobody(void **state)
{
	assert_int_equal(pk_procfs_one(4194304, 0, keep, NULL), -ESRCH);
}

/* Starts a child that runs `prepare` and waits to be killed. */
static pid_t start_child(void (*prepare)(void))
{
	int fds[2];
	pid_t pid;
	char byte;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		if (prepare)
			prepare();
		close(fds[0]);
		close(fds[1]);
		for (;;)
			pause();
	}
	close(fds[1]);
	assert_int_equal(read(fds[0], &byte, 1), 0);
	close(fds[0]);
	return pid;
}

static void take_odd_name(void)
{
	prctl(PR_SET_NAME, "a) S 1 (\nUid:\t0");
}

static void hostile_name(void **state)
{
	pid_t pid = start_child(take_odd_name);

	assert_int_equal(pk_procfs_one((__u32)pid, 0, keep, NULL), 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_int_equal(kept.u.event.ppid, getpid());
	assert_int_equal(kept.u.event.uid, getuid());
	assert_text(pk_record_comm(&kept.u.event), "a) S 1 (\nUid:\t0");
}

static void zombie(void **state)
{
	pid_t pid = start_child(NULL);
	siginfo_t info;

	kill(pid, SIGKILL);
	waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
	assert_int_equal(pk_procfs_one((__u32)pid, 0, keep, NULL), 0);
	assert_int_equal(kept.u.exec.exe.name.len, 0);
	assert_int_equal(kept.u.exec.args.len, 0);
	waitpid(pid, NULL, 0);
	assert_int_equal(pk_procfs_one((__u32)pid, 0, keep, NULL), -ESRCH);
}

/* ---- the whole of /proc ---- */

static struct pk_tree *tree;

static int into_tree(void *ctx, const void *data, size_t len)
{
	assert_int_equal(pk_record_check(data, len), 0);
	pk_tree_update(tree, data);
	return 0;
}

static void snapshot(void **state)
{
	const struct pk_node *node;

	assert_int_equal(pk_tree_new(&tree), 0);
	assert_int_equal(pk_procfs_snapshot(into_tree, NULL), 0);
	node = pk_tree_get_pid(tree, (__u32)getpid());
	assert_non_null(node);
	node = pk_tree_parent(tree, node);
	assert_non_null(node);
	assert_int_equal(node->pid, getppid());
	assert_true(node->child_cnt > 0); /* parents came first */
	pk_tree_free(tree);
	assert_int_equal(pk_procfs_snapshot(stop_at_once, NULL), -ECANCELED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stat_lines), cmocka_unit_test(odd_stat_lines),
		cmocka_unit_test(ourselves),  cmocka_unit_test(the_exec_id_must_fit),
		cmocka_unit_test(nobody),     cmocka_unit_test(hostile_name),
		cmocka_unit_test(zombie),     cmocka_unit_test(snapshot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
