// SPDX-License-Identifier: Apache-2.0
/*
 * Facts of the processes that were there before the rules: /proc read, classified by the kernel side's
 * own program (pk_feed_run), stored with the process. From the moment pk_state.next_bank names the
 * bank, the exec and fork sensors store facts too; what they store is newer, so nothing of theirs is
 * overwritten here.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/cgroup_tree.h"
#include "kernel/bank_feed.h"
#include "kernel/bank_internal.h"

#define MAX_PASSES 5
#define STORE_TRIES 1000

/* Where facts of one bank are stored. */
struct stores {
	int tasks; /* by pidfd */
	int pids; /* by process id, for hooks without task storage; -1: there are none on this backend */
};

struct filler {
	struct stores stores;
	int feed_map;
	int feed_run;
	__u32 generation;
	__u32 bank;
	struct pk_feed *feed;
	__u64 host_mnt_ns;
	struct pk_cgroup_tree tree; /* its path empty: there is none */
};

static int stores_find(const struct bpf_object *object, __u32 bank, struct stores *ret_stores)
{
	char name[32];

	snprintf(name, sizeof(name), "pk_facts_%u", bank);
	ret_stores->tasks = pk_bank_map_fd(object, name);
	snprintf(name, sizeof(name), "pk_facts_pid_%u", bank);
	ret_stores->pids = pk_bank_map_fd(object, name);
	return ret_stores->tasks < 0 ? ret_stores->tasks : 0;
}

static int open_pidfd(__u32 pid)
{
	long fd = syscall(SYS_pidfd_open, pid, 0);

	return fd < 0 ? -errno : (int)fd;
}

/*
 * Their generation, 0: there are none. Those of another one are left from before, and are taken away; but
 * PK_FACTS_VOID stays: the process has executed since, and what /proc said before is no more so.
 */
static __u32 find_facts(int map, const void *key, __u32 generation)
{
	struct pk_facts facts;

	if (bpf_map_lookup_elem(map, key, &facts))
		return 0;
	if (facts.generation == generation || facts.generation == PK_FACTS_VOID)
		return facts.generation;
	bpf_map_delete_elem(map, key);
	return 0;
}

static __u64 mnt_ns_of(const char *pid)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%s/ns/mnt", pid);
	return stat(path, &st) ? 0 : st.st_ino;
}

/* The cgroup that process `pid` is in; 0: not to be had. */
static __u64 cgroup_of(const struct filler *filler, const char *pid)
{
	char path[64], line[PATH_MAX], whole[2 * PATH_MAX];
	pk_cleanup(pk_fclose_p) FILE *file = NULL;
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%s/cgroup", pid);
	file = filler->tree.path[0] ? fopen(path, "re") : NULL;
	while (file && fgets(line, sizeof(line), file)) {
		const char *below = pk_cgroup_tree_parse_proc(&filler->tree, line);

		if (!below)
			continue;
		snprintf(whole, sizeof(whole), "%s%s", filler->tree.path, below);
		return stat(whole, &st) ? 0 : st.st_ino;
	}
	return 0;
}

static bool is_runtime(const struct pk_bank_proc *proc)
{
	static const char *const names[] = { "runc", "crun", "youki", "conmon" };

	for (size_t i = 0; i < PK_ARRAY_SIZE(names); i++) {
		if (!strncmp(proc->name, names[i], sizeof(proc->name)))
			return true;
	}
	return false;
}

/* Where it was executed is not told any more: where it is, but for what is a runtime by name. */
static __u64 home_of(const struct filler *filler, const struct pk_bank_proc *proc)
{
	char text[16];
	__u64 mnt_ns;

	if (is_runtime(proc))
		return PK_HOME_HOST;
	snprintf(text, sizeof(text), "%u", proc->pid);
	mnt_ns = mnt_ns_of(text);
	return mnt_ns && mnt_ns == filler->host_mnt_ns ? PK_HOME_HOST : cgroup_of(filler, text);
}

/* Classifies filler->feed. -EIO: the program did not come to its end. */
static int run_feed(const struct filler *filler)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	const __u32 zero = 0;
	int err;

	filler->feed->bank = filler->bank;
	err = bpf_map_update_elem(filler->feed_map, &zero, filler->feed, BPF_ANY);
	if (!err)
		err = bpf_prog_test_run_opts(filler->feed_run, &opts);
	if (!err)
		err = bpf_map_lookup_elem(filler->feed_map, &zero, filler->feed);
	if (!err && !filler->feed->done)
		err = -EIO;
	filler->feed->facts.generation = filler->generation;
	return err;
}

int pk_bank_facts_store(int map, const void *key, const struct pk_facts *facts)
{
	int err = -EAGAIN;

	/* A task's storage is made with its first element and goes with its last: who meets that is sent away. */
	for (int i = 0; i < STORE_TRIES && (err == -EAGAIN || err == -EBUSY); i++)
		err = bpf_map_update_elem(map, key, facts, BPF_NOEXIST);
	if (!err)
		return 1;
	return err == -EEXIST || err == -ENOENT || err == -ESRCH ? 0 : err;
}

/* 1: it had none and has now; 0: nothing to do. */
static int fill_one(const struct filler *filler, const struct pk_bank_procs *procs,
		    const struct pk_bank_proc *proc)
{
	pk_cleanup(pk_close_p) int pidfd = open_pidfd(proc->pid);
	__u32 in_task, in_pids;
	int stored = 0;
	int err;

	if (pidfd < 0)
		return pidfd == -ESRCH || pidfd == -EINVAL ? 0 : pidfd;
	in_task = find_facts(filler->stores.tasks, &pidfd, filler->generation);
	in_pids = filler->stores.pids < 0 ?
			  filler->generation :
			  find_facts(filler->stores.pids, &proc->pid, filler->generation);
	if (in_task == PK_FACTS_VOID || (in_task && in_pids))
		return 0;
	pk_bank_feed_fill(filler->feed, procs, proc);
	err = run_feed(filler);
	if (err)
		return err;
	filler->feed->facts.home = home_of(filler, proc);
	if (!in_task)
		stored = pk_bank_facts_store(filler->stores.tasks, &pidfd, &filler->feed->facts);
	if (stored >= 0 && !in_pids && syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0) == 0) {
		err = pk_bank_facts_store(filler->stores.pids, &proc->pid, &filler->feed->facts);
		stored = err < 0 ? err : stored | err;
	}
	return stored;
}

/* One walk over all processes; how many had no facts. */
static int pass(const struct filler *filler, pk_bank_name_fn *name, void *arg,
		__u64 *ret_stored_cnt)
{
	pk_cleanup(pk_bank_procs_fini) struct pk_bank_procs procs = { 0 };
	__u64 cnt = 0;
	int err = pk_bank_procs_read(name, arg, &procs);

	for (size_t i = 0; err >= 0 && i < procs.cnt; i++) {
		err = fill_one(filler, &procs, &procs.items[i]);
		if (err > 0)
			cnt++;
	}
	*ret_stored_cnt = cnt;
	return err < 0 ? err : 0;
}

int pk_bank_facts_fill(const struct pk_bank_kernel *kernel, __u32 generation, __u32 bank,
		       pk_bank_name_fn *name, void *arg, __u64 *ret_process_cnt,
		       const char **reterr_what)
{
	pk_cleanup(pk_free_p) struct pk_feed *feed = calloc(1, sizeof(*feed));
	struct filler filler = { .generation = generation, .bank = bank, .feed = feed };
	__u64 sum = 0;
	int err;

	*reterr_what = "facts of processes";
	if (!feed)
		return -ENOMEM;
	err = stores_find(kernel->object, bank, &filler.stores);
	filler.feed_map = pk_bank_map_fd(kernel->object, "pk_feed_map");
	filler.feed_run = pk_bank_program_fd(kernel->object, "pk_feed_run");
	if (err || filler.feed_map < 0 || filler.feed_run < 0)
		return -ENOENT;
	filler.host_mnt_ns = mnt_ns_of("1") ?: mnt_ns_of("self");
	if (pk_cgroup_tree_find(&filler.tree))
		filler.tree.path[0] = '\0';
	/* a process that was forked by one without facts, behind the walk, has none: walk again */
	for (int i = 0; i < MAX_PASSES; i++) {
		__u64 cnt;

		err = pass(&filler, name, arg, &cnt);
		if (err)
			return err;
		sum += cnt;
		if (!cnt)
			break;
	}
	*ret_process_cnt = sum;
	return 0;
}

static void clear_pids(int map)
{
	__u32 pid, next;
	int err = bpf_map_get_next_key(map, NULL, &next);

	while (!err) {
		pid = next;
		err = bpf_map_get_next_key(map, &pid, &next);
		bpf_map_delete_elem(map, &pid);
	}
}

void pk_bank_facts_clear(const struct pk_bank_kernel *kernel, __u32 bank)
{
	pk_cleanup(pk_bank_procs_fini) struct pk_bank_procs procs = { 0 };
	struct stores stores;

	if (stores_find(kernel->object, bank, &stores))
		return;
	if (stores.pids >= 0)
		clear_pids(stores.pids);
	/* those that cannot be reached are found by their generation the next time */
	if (pk_bank_procs_read(NULL, NULL, &procs))
		return;
	for (size_t i = 0; i < procs.cnt; i++) {
		pk_cleanup(pk_close_p) int pidfd = open_pidfd(procs.items[i].pid);

		if (pidfd >= 0)
			bpf_map_delete_elem(stores.tasks, &pidfd);
	}
}
