// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The process family: exec, fork, exit.
 *
 * tp_btf/sched_process_exec   the new image is in place and has not run an instruction: argv
 *                             is read where the kernel itself just wrote it, before any other
 *                             thread can exist. Failed execs are not events.
 * tp_btf/sched_process_fork   before the child runs. New threads are not events.
 * tp_btf/sched_process_exit   when the last thread of a process goes.
 * tp_btf/cgroup_attach_task   no event: notes that a process of the scope leaves its cgroup.
 * lsm/bprm_committed_creds    no event: what the exec has made of credentials (creds.h).
 * lsm/bprm_check_security     remembers the first file of an exec, so that a script is known by its
 *                             file and not by the text that was asked for. On the tracepoint backend
 *                             that text is all there is (flagged). Denies, by rules that need no
 *                             arguments: those are not there yet. A script is judged when its
 *                             interpreter is known. Fails open: what is unknown is not denied here,
 *                             it is judged again at sched_process_exec, which kills.
 *
 * Exec and fork also find and keep what rules ask of processes: facts.h.
 */
#include "act.h"
#include "facts.h"
#include "origin.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

PK_POINT(pk_p_exec, 1);
PK_POINT(pk_p_fork, 1);
PK_POINT(pk_p_exit, 1);
PK_POINT(pk_p_bprm, 1);

static __always_inline struct pk_op *op_get(struct task_struct *task, __u32 hook)
{
	struct pk_op *op = bpf_task_storage_get(&pk_op_map, task, NULL,
						BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (!op)
		pk_count_lost(hook, PK_LOSS_STORAGE);
	return op;
}

static __always_inline void script_fill(struct pk_scratch *s, struct task_struct *task,
					struct linux_binprm *bprm)
{
	struct pk_exec_event *e = &s->rec.exec;
	struct pk_op *op = NULL;
	struct dentry *dentry;
	struct inode *inode;

	if (bprm->interp == bprm->filename)
		return;
	if (pk_config.backend == PK_BACKEND_LSM)
		op = bpf_task_storage_get(&pk_op_map, task, NULL, 0);
	e->exec_flags |= PK_EXEC_SCRIPT;
	if (!op || !op->script_dentry) {
		e->script.name = e->filename;
		e->script.flags = PK_PATH_ARGUMENT;
		return;
	}
	pk_path_resolve(s, op->script_dentry, op->script_mnt, &e->script);
	dentry = (struct dentry *)op->script_dentry;
	inode = BPF_CORE_READ(dentry, d_inode);
	e->script_ino = BPF_CORE_READ(inode, i_ino);
	e->script_dev = BPF_CORE_READ(inode, i_sb, s_dev);
	op->script_dentry = 0;
	pk_path_check(&e->head, &e->script);
}

static __always_inline void filename_fill(struct pk_scratch *s, struct linux_binprm *bprm)
{
	struct pk_exec_event *e = &s->rec.exec;
	__u32 off = s->data_bytes;
	long n;

	if (off > 512 + PK_DATA_BYTES - 4096 - 16)
		return;
	n = bpf_probe_read_kernel_str(&s->rec.bytes[off], 4096, bprm->filename);
	if (n <= 0) {
		pk_fact_lost(&e->head);
		return;
	}
	e->filename.off = off;
	e->filename.len = n - 1;
	s->data_bytes = off + (n - 1);
}

/*
 * Which of an overlay's layers a file is in. The overlay's own inode goes on behind the one that all file systems
 * share with the dentry in the upper layer, in every kernel so far; its type is a module's, and not known to
 * who loads these programs before the module.
 */
static __always_inline __u32 layer_of(struct inode *inode)
{
	__u64 upper = 0;

	if (BPF_CORE_READ(inode, i_sb, s_magic) != OVERLAYFS_MAGIC)
		return PK_EXEC_LOWER | PK_EXEC_NO_OVERLAY;
	if (bpf_probe_read_kernel(&upper, sizeof(upper),
				  (void *)((__u64)inode + bpf_core_type_size(struct inode))))
		return 0;
	return upper ? PK_EXEC_UPPER : PK_EXEC_LOWER;
}

/* The name that the new image will have: the last part of the file as called. */
static __always_inline void name_of_filename(struct pk_scratch *s)
{
	struct pk_str *str = &s->rec.exec.filename;
	struct pk_slash slash = { .s = s, .end = str->off + str->len };
	__u32 from;

	bpf_loop(str->len & 0x1fff, pk_last_slash_step, &slash, 0);
	from = slash.found ?: str->off;
	s->rec.bytes[slash.end & 0x7fff] = '\0';
	bpf_probe_read_kernel_str(s->name.text, sizeof(s->name.text), &s->rec.bytes[from & 0x7fff]);
}

static __always_inline bool pre_exec_judged(struct linux_binprm *bprm, __u32 bank)
{
	char begin[2] = {};

	if (!pk_config.judging || !(pk_state.pre_kinds[bank] & (1ull << PK_EVENT_EXEC)))
		return false;
	/* a script is judged with its interpreter, which comes here next */
	bpf_core_read(begin, sizeof(begin), &bprm->buf);
	return begin[0] != '#' || begin[1] != '!';
}

SEC("lsm/bprm_check_security")
int BPF_PROG(pk_bprm_check, struct linux_binprm *bprm)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct pk_origin *origin;
	struct pk_exec_event *e;
	struct pk_facts *facts;
	struct pk_scratch *s;
	struct pk_op *op;
	__u32 bank;

	if (pk_skip(task))
		return 0;
	/* called again for each interpreter; the first file is what was executed */
	if (bprm->interp == bprm->filename) {
		op = op_get(task, PK_HOOK_BPRM_CHECK);
		if (op) {
			op->script_dentry = (__u64)BPF_CORE_READ(bprm, file, f_path.dentry);
			op->script_mnt = (__u64)BPF_CORE_READ(bprm, file, f_path.mnt);
		}
	}
	bank = pk_state.bank & 1;
	if (!pre_exec_judged(bprm, bank))
		return 0;
	s = pk_scratch_get(PK_HOOK_BPRM_CHECK, sizeof(*e));
	if (!s)
		return pk_lsm_return(pk_closed(bank, PK_EVENT_EXEC));
	e = &s->rec.exec;
	pk_head_fill(s, PK_EVENT_EXEC, PK_HOOK_BPRM_CHECK);
	e->head.euid = BPF_CORE_READ(bprm, cred, euid.val);
	e->head.egid = BPF_CORE_READ(bprm, cred, egid.val);
	pk_path_resolve(s, (__u64)BPF_CORE_READ(bprm, file, f_path.dentry),
			(__u64)BPF_CORE_READ(bprm, file, f_path.mnt), &e->exe);
	pk_path_check(&e->head, &e->exe);
	pk_inode_fill(&e->exe_inode, BPF_CORE_READ(bprm, file, f_inode));
	if (e->exe.flags & PK_PATH_PSEUDO)
		e->exec_flags |= PK_EXEC_MEMFD;
	if (!e->exe_inode.nlink)
		e->exec_flags |= PK_EXEC_DELETED;
	e->exec_flags |= layer_of(BPF_CORE_READ(bprm, file, f_inode));
	filename_fill(s, bprm);
	/* it ends the name where the script's path will begin */
	name_of_filename(s);
	if (bprm->interp != bprm->filename) {
		op = bpf_task_storage_get(&pk_op_map, task, NULL, 0);
		e->exec_flags |= PK_EXEC_SCRIPT;
		if (op && op->script_dentry)
			pk_path_resolve(s, op->script_dentry, op->script_mnt, &e->script);
	}
	s->judge.bank = bank;
	facts = pk_facts_get(task->group_leader, bank);
	origin = pk_origin_get(task, bank);
	if (origin)
		s->origin = *origin;
	e->head.flags |= pk_creds_asked(bank, PK_EVENT_EXEC);
	if (pk_judge_begin(s, facts, PK_BEGIN_PRE)) {
		/* set-id bits and capabilities of files take effect later */
		if (e->exe_inode.mode & 04000)
			pk_num_unknown(&s->judge, PK_NUM_UID);
		if (e->exe_inode.mode & 02000)
			pk_num_unknown(&s->judge, PK_NUM_GID);
		pk_num_unknown(&s->judge, PK_NUM_CAP_EFFECTIVE);
		pk_num_unknown(&s->judge, PK_NUM_CAP_PERMITTED);
		pk_num_unknown(&s->judge, PK_NUM_CAP_INHERITABLE);
		facts = pk_facts_get(task->real_parent->group_leader, bank);
		if (facts)
			pk_judge_parent(s, facts);
		pk_judge_event(s);
		pk_judge_exec(s);
		pk_judge_call(ctx, s, pk_p_bprm, 0);
	}
	pk_scratch_put(s);
	return 0;
}

SEC("lsm/bprm_check_security")
int BPF_PROG(pk_f_bprm, struct linux_binprm *bprm)
{
	struct pk_scratch *s = pk_scratch_mine();

	return s ? pk_finish_pre(s, PK_HOOK_BPRM_CHECK) : 0;
}

/* On the lsm backend: nothing may be judged before, as what an exec adds looks like nothing's work till then. */
SEC("lsm/bprm_committed_creds")
int BPF_PROG(pk_creds_exec_committed, struct linux_binprm *bprm)
{
	struct task_struct *task = bpf_get_current_task_btf();

	if (pk_skip(task))
		pk_creds_forget(task);
	else
		pk_creds_exec(task, bprm, PK_HOOK_PROCESS_EXEC);
	return 0;
}

static __always_inline void args_fill(struct pk_scratch *s, struct task_struct *task)
{
	struct pk_exec_event *e = &s->rec.exec;
	__u64 start = task->mm->arg_start;
	__u64 len = task->mm->arg_end - start;
	__u32 off = s->data_bytes;
	__u32 n = len;

	if (len > 0x7fffffff)
		return;
	e->args_bytes = len;
	/* all of them within the 32,768 bytes that facts.h looks at */
	if (off > PK_DATA_BYTES - PK_ARGS_MAX) {
		e->exec_flags |= PK_EXEC_ARGS_TRUNCATED;
		return;
	}
	if (len > PK_ARGS_MAX)
		e->exec_flags |= PK_EXEC_ARGS_TRUNCATED;
	/* verifier: the bound must be seen on the register that is passed on */
	barrier_var(n);
	if (n > PK_ARGS_MAX)
		n = PK_ARGS_MAX;
	if (bpf_probe_read_user(&s->rec.bytes[off], n, (void *)start)) {
		/* a page is not there: what stands before it still tells most */
		n = 4096 - (start & 4095);
		e->exec_flags |= PK_EXEC_ARGS_UNREADABLE | PK_EXEC_ARGS_TRUNCATED;
		pk_fact_lost(&e->head);
		if (n > len)
			n = len & 4095;
		if (bpf_probe_read_user(&s->rec.bytes[off], n, (void *)start))
			return;
	}
	e->args.off = off;
	e->args.len = n;
	s->data_bytes = off + n;
}

/* The environment, if some rule asks for it; what stands there first, where it is long. */
__weak __noinline int pk_env_fill(struct pk_scratch *s)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct pk_exec_event *e;
	__u64 start, len;
	__u32 off, n;

	if (!s)
		return 0;
	e = &s->rec.exec;
	if (e->exec_flags & PK_EXEC_ENV)
		return 0;
	e->exec_flags |= PK_EXEC_ENV;
	start = BPF_CORE_READ(task, mm, env_start);
	len = BPF_CORE_READ(task, mm, env_end) - start;
	if (!len || len > 0x7fffffff)
		return 0;
	off = s->data_bytes;
	barrier_var(off);
	if (off > PK_DATA_BYTES - PK_ENV_MAX) {
		e->exec_flags |= PK_EXEC_ENV_TRUNCATED;
		return 0;
	}
	if (len > PK_ENV_MAX)
		e->exec_flags |= PK_EXEC_ENV_TRUNCATED;
	n = len;
	/* verifier: the bound must be seen on the register that is passed on */
	barrier_var(n);
	if (n > PK_ENV_MAX)
		n = PK_ENV_MAX;
	if (bpf_probe_read_user(&s->rec.bytes[off], n, (void *)start)) {
		e->exec_flags |= PK_EXEC_ENV_UNREADABLE | PK_EXEC_ENV_TRUNCATED;
		pk_fact_lost(&e->head);
		return 0;
	}
	e->env.off = off;
	e->env.len = n;
	s->data_bytes = off + n;
	return 0;
}

/* Times of files before Linux 6.6, before 6.7 and 6.11, and since. */
struct inode___plain_times {
	struct timespec64 i_ctime;
	struct timespec64 i_mtime;
} __attribute__((preserve_access_index));
struct inode___private_ctime {
	struct timespec64 __i_ctime;
} __attribute__((preserve_access_index));
struct inode___private_mtime {
	struct timespec64 __i_mtime;
} __attribute__((preserve_access_index));
struct inode___split_times {
	__s64 i_ctime_sec;
	__u32 i_ctime_nsec;
	__s64 i_mtime_sec;
	__u32 i_mtime_nsec;
} __attribute__((preserve_access_index));

static __always_inline __u64 time_ns(__s64 sec, __s64 nsec)
{
	return (__u64)sec * 1000000000ull + (__u64)nsec;
}

/* When the binary was changed last: its inode, its contents. */
__weak __noinline int pk_exe_times(struct pk_scratch *s, __u64 inode)
{
	struct inode___split_times *split = (void *)inode;
	struct inode___private_ctime *ctime = (void *)inode;
	struct inode___private_mtime *mtime = (void *)inode;
	struct inode___plain_times *plain = (void *)inode;
	struct pk_exec_event *e;

	if (!s)
		return 0;
	e = &s->rec.exec;
	if (bpf_core_field_exists(split->i_ctime_sec))
		e->exe_ctime_ns = time_ns(BPF_CORE_READ(split, i_ctime_sec),
					  BPF_CORE_READ(split, i_ctime_nsec));
	else if (bpf_core_field_exists(ctime->__i_ctime))
		e->exe_ctime_ns = time_ns(BPF_CORE_READ(ctime, __i_ctime.tv_sec),
					  BPF_CORE_READ(ctime, __i_ctime.tv_nsec));
	else if (bpf_core_field_exists(plain->i_ctime))
		e->exe_ctime_ns = time_ns(BPF_CORE_READ(plain, i_ctime.tv_sec),
					  BPF_CORE_READ(plain, i_ctime.tv_nsec));
	if (bpf_core_field_exists(split->i_mtime_sec))
		e->exe_mtime_ns = time_ns(BPF_CORE_READ(split, i_mtime_sec),
					  BPF_CORE_READ(split, i_mtime_nsec));
	else if (bpf_core_field_exists(mtime->__i_mtime))
		e->exe_mtime_ns = time_ns(BPF_CORE_READ(mtime, __i_mtime.tv_sec),
					  BPF_CORE_READ(mtime, __i_mtime.tv_nsec));
	else if (bpf_core_field_exists(plain->i_mtime))
		e->exe_mtime_ns = time_ns(BPF_CORE_READ(plain, i_mtime.tv_sec),
					  BPF_CORE_READ(plain, i_mtime.tv_nsec));
	return 0;
}

static __always_inline void creds_fill(struct pk_exec_event *e, struct task_struct *task)
{
	const struct cred *cred = task->cred;
	struct signal_struct *signal = task->signal;
	struct tty_struct *tty = signal->tty;

	bpf_core_read(&e->cap_permitted, 8, &cred->cap_permitted);
	bpf_core_read(&e->cap_effective, 8, &cred->cap_effective);
	bpf_core_read(&e->cap_inheritable, 8, &cred->cap_inheritable);
	e->suid = cred->suid.val;
	e->sgid = cred->sgid.val;
	e->fsuid = cred->fsuid.val;
	e->fsgid = cred->fsgid.val;
	e->user_ns = cred->user_ns->ns.inum;
	e->login_uid = ~0u;
	e->session_id = ~0u;
	if (bpf_core_field_exists(task->loginuid)) {
		e->login_uid = task->loginuid.val;
		e->session_id = task->sessionid;
	}
	if (tty)
		e->tty = (__u32)(tty->driver->major << 20) |
			 (__u32)(tty->driver->minor_start + tty->index);
	e->pgid = BPF_CORE_READ(signal, pids[2], numbers[0].nr);
	e->sid = BPF_CORE_READ(signal, pids[3], numbers[0].nr);
	e->net_ns = task->nsproxy->net_ns->ns.inum;
	e->cgroup_ns = task->nsproxy->cgroup_ns->ns.inum;
}

static __always_inline void pid_ns_fill(struct pk_exec_event *e, struct task_struct *task)
{
	struct pid *pid = task->thread_pid;
	__u32 level = BPF_CORE_READ(pid, level);
	struct pid_namespace *ns = NULL;

	bpf_probe_read_kernel(&ns, sizeof(ns), &pid->numbers[level & 31].ns);
	e->pid_ns = BPF_CORE_READ(ns, ns.inum);
}

/* Remember that a process is in scope, wherever it goes. */
static __always_inline void scope_enter(struct task_struct *leader, __u32 hook)
{
	struct pk_proc *proc = bpf_task_storage_get(&pk_proc_map, leader, NULL,
						    BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (proc)
		proc->in_scope = 1;
	else
		pk_count_lost(hook, PK_LOSS_STORAGE);
}

SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(pk_cgroup_attach, struct cgroup *to, const char *path, struct task_struct *task)
{
	struct pk_proc *proc;

	if (!pk_config.scope_cgroup_id || BPF_CORE_READ(to, kn, id) == pk_config.scope_cgroup_id)
		return 0;
	proc = bpf_task_storage_get(&pk_proc_map, task->group_leader, NULL, 0);
	if (proc && proc->in_scope)
		pk_state.strays = 1;
	return 0;
}

/*
 * An exec that cannot be looked at, or is not: from now on nothing is known of the process. While rules are put in
 * place user space could still store what it read of the old image before, unless something is there.
 */
static __always_inline void facts_void(struct task_struct *task)
{
	__u64 make = pk_state.next_bank ? BPF_LOCAL_STORAGE_GET_F_CREATE : 0;
	struct pk_facts *facts;

	if (!pk_config.judging)
		return;
	facts = bpf_task_storage_get(&pk_facts_0, task->group_leader, NULL, make);
	if (facts)
		facts->generation = PK_FACTS_VOID;
	facts = bpf_task_storage_get(&pk_facts_1, task->group_leader, NULL, make);
	if (facts)
		facts->generation = PK_FACTS_VOID;
	pk_facts_withdraw(task->tgid, 0);
	pk_facts_withdraw(task->tgid, 1);
}

/* Judges the exec in the slot by the rules of one bank. */
static __always_inline void judge_exec(struct pk_scratch *s, struct task_struct *task, __u32 bank)
{
	struct pk_facts *facts;

	s->judge.bank = bank;
	facts = pk_facts_get(task->group_leader, bank);
	if (!pk_judge_begin(s, facts, 0))
		return;
	/* what was known of the old image is void, also if judging comes to no end */
	if (facts)
		facts->generation = PK_FACTS_VOID;
	pk_facts_withdraw(task->tgid, bank);
	facts = pk_facts_get(task->real_parent->group_leader, bank);
	if (facts)
		pk_judge_parent(s, facts);
	__builtin_memcpy(s->name.text, s->rec.head.comm, sizeof(s->name.text));
	if (pk_needs_text(s, PK_TEXT_ENV))
		pk_env_fill(s);
	pk_judge_event(s);
	pk_judge_exec(s);
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(pk_process_exec, struct task_struct *task, pid_t old_pid, struct linux_binprm *bprm)
{
	struct pk_exec_event *e;
	struct pk_scratch *s;
	struct file *exe;

	if (pk_skip(task)) {
		/* it may come into the scope later */
		facts_void(task);
		pk_creds_forget(task);
		return 0;
	}
	if (pk_config.backend == PK_BACKEND_TRACEPOINT)
		pk_creds_exec(task, bprm, PK_HOOK_PROCESS_EXEC);
	if (pk_config.scope_cgroup_id)
		scope_enter(task->group_leader, PK_HOOK_PROCESS_EXEC);
	s = pk_scratch_get(PK_HOOK_PROCESS_EXEC, sizeof(*e));
	if (!s) {
		facts_void(task);
		if (pk_closed(pk_state.bank, PK_EVENT_EXEC))
			bpf_send_signal(SIGKILL);
		return 0;
	}
	e = &s->rec.exec;
	pk_head_fill(s, PK_EVENT_EXEC, PK_HOOK_PROCESS_EXEC);
	if (BPF_CORE_READ_BITFIELD_PROBED(bprm, secureexec))
		e->exec_flags |= PK_EXEC_SECURE;
	exe = bprm->file;
	pk_path_resolve(s, pk_scalar(s, exe->f_path.dentry), pk_scalar(s, exe->f_path.mnt),
			&e->exe);
	pk_path_check(&e->head, &e->exe);
	pk_inode_fill(&e->exe_inode, exe->f_inode);
	pk_exe_times(s, pk_scalar(s, exe->f_inode));
	if (e->exe.flags & PK_PATH_PSEUDO)
		e->exec_flags |= PK_EXEC_MEMFD;
	if (!e->exe_inode.nlink)
		e->exec_flags |= PK_EXEC_DELETED;
	e->exec_flags |= layer_of(exe->f_inode);
	pk_path_resolve(s, pk_scalar(s, task->fs->pwd.dentry), pk_scalar(s, task->fs->pwd.mnt),
			&e->cwd);
	pk_path_check(&e->head, &e->cwd);
	filename_fill(s, bprm);
	script_fill(s, task, bprm);
	args_fill(s, task);
	creds_fill(e, task);
	pid_ns_fill(e, task);
	if (pk_config.judging) {
		__u32 next = pk_state.next_bank;

		pk_origin_exec(s, task, pk_state.bank & 1, PK_HOOK_PROCESS_EXEC);
		e->head.flags |= pk_creds_asked(pk_state.bank, PK_EVENT_EXEC);
		/* the rules that are being put in place learn of the process first, without judging */
		if (next) {
			judge_exec(s, task, (next - 1) & 1);
			s->phase = 1;
			pk_judge_call(ctx, s, pk_p_exec, 0);
			s->phase = 0; /* they were taken away again */
		}
		judge_exec(s, task, pk_state.bank & 1);
		pk_judge_call(ctx, s, pk_p_exec, 0);
	}
	pk_unjudged(s, PK_EVENT_EXEC, PK_HOOK_PROCESS_EXEC);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(pk_f_exec, struct task_struct *task, pid_t old_pid, struct linux_binprm *bprm)
{
	struct pk_scratch *s = pk_scratch_mine();
	struct pk_facts *facts;

	if (!s)
		return 0;
	facts = pk_facts_make(task->group_leader, s->judge.bank, PK_HOOK_PROCESS_EXEC);
	if (facts) {
		pk_facts_fill(facts, s);
		pk_facts_publish(facts, task->tgid, s->judge.bank, PK_HOOK_PROCESS_EXEC);
	}
	if (s->phase) {
		judge_exec(s, task, pk_state.bank & 1);
		pk_judge_call(ctx, s, pk_p_exec, 0);
		pk_unjudged(s, PK_EVENT_EXEC, PK_HOOK_PROCESS_EXEC);
		return 0;
	}
	pk_finish(s, PK_HOOK_PROCESS_EXEC, PK_CAN_KILL);
	return 0;
}

/* A child begins with its parent's texts; what was its parent's is its grandparent's now. */
static __always_inline void facts_fork(struct task_struct *parent, struct task_struct *child,
				       __u32 bank)
{
	struct pk_facts *from = pk_facts_get(parent->group_leader, bank);
	struct pk_plan_table *plan = pk_plan_get(bank);
	struct pk_facts *to;

	/* of another process that had this pid */
	pk_facts_withdraw(child->tgid, bank);
	if (!from || !plan)
		return;
	to = pk_facts_make(child, bank, PK_HOOK_PROCESS_FORK);
	if (!to)
		return;
	__builtin_memcpy(to, from, sizeof(*to));
	/* with CLONE_PARENT it is a sibling */
	if (child->real_parent->group_leader == parent->group_leader)
		pk_facts_inherit(to->cls, to->t, to->c, from);
	/* other ancestors: rules that ask for them may be true now */
	to->interest = from->interest | plan->ancestry;
	pk_facts_publish(to, child->tgid, bank, PK_HOOK_PROCESS_FORK);
}

/* Tags that a rule set on the whole tree go with it. */
static __always_inline void tags_fork(__u64 parent_id, __u64 child_id)
{
	struct pk_tagged *from = bpf_map_lookup_elem(&pk_tag_map, &parent_id), *to;

	if (!from || !from->tree)
		return;
	if (bpf_map_update_elem(&pk_tag_map, &child_id, from, BPF_ANY)) {
		pk_count_lost(PK_HOOK_PROCESS_FORK, PK_LOSS_STORAGE);
		return;
	}
	to = bpf_map_lookup_elem(&pk_tag_map, &child_id);
	if (to)
		to->bits &= to->tree;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(pk_process_fork, struct task_struct *parent, struct task_struct *child)
{
	struct pk_actor actor = {};
	struct pk_fork_event *e;
	struct pk_scratch *s;

	if (pk_skip(parent))
		return 0;
	if (pk_config.judging)
		pk_origin_fork(parent, child, PK_HOOK_PROCESS_FORK);
	pk_creds_fork(child, PK_HOOK_PROCESS_FORK);
	if (child->pid != child->tgid) {
		/* a thread that executes becomes the process */
		if (pk_config.scope_cgroup_id)
			scope_enter(child, PK_HOOK_PROCESS_FORK);
		return 0;
	}
	if (pk_config.scope_cgroup_id) {
		scope_enter(child, PK_HOOK_PROCESS_FORK);
		/* clone3() can start it in another cgroup */
		if (BPF_CORE_READ(child, cgroups, dfl_cgrp, kn, id) != pk_config.scope_cgroup_id)
			pk_state.strays = 1;
	}
	if (pk_config.judging) {
		__u32 next = pk_state.next_bank;

		actor.bank = pk_state.bank & 1;
		if (next && ((next - 1) & 1) != actor.bank)
			facts_fork(parent, child, !actor.bank);
		facts_fork(parent, child, actor.bank);
		tags_fork(pk_exec_id(parent->group_leader), pk_exec_id(child));
		actor.facts = pk_facts_get(parent->group_leader, actor.bank);
		actor.origin = pk_origin_get(parent, actor.bank);
		actor.flags = pk_creds_asked(actor.bank, PK_EVENT_FORK);
	}
	if (!pk_wanted(PK_EVENT_FORK))
		return 0;
	s = pk_scratch_get(PK_HOOK_PROCESS_FORK, sizeof(*e));
	if (!s)
		return 0;
	e = &s->rec.fork;
	pk_head_fill(s, PK_EVENT_FORK, PK_HOOK_PROCESS_FORK);
	e->child_exec_id = pk_exec_id(child);
	e->child_parent_exec_id = pk_exec_id(child->real_parent->group_leader);
	e->child_pid = child->tgid;
	e->child_ns_pid = pk_ns_pid(child);
	e->child_ppid = child->real_parent->tgid;
	pk_judge_record(ctx, s, &actor, pk_p_fork, 0);
	pk_unjudged(s, PK_EVENT_FORK, PK_HOOK_PROCESS_FORK);
	return 0;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(pk_f_fork, struct task_struct *parent, struct task_struct *child)
{
	struct pk_scratch *s = pk_scratch_mine();

	if (s)
		pk_finish(s, PK_HOOK_PROCESS_FORK, 0);
	return 0;
}

/* Nothing is kept of a process that is gone. Task storage goes with the task. */
static __always_inline void forget(struct task_struct *leader)
{
	__u64 exec_id = pk_exec_id(leader);
	__u32 pid = leader->tgid;

	if (!pk_config.judging)
		return;
	bpf_map_delete_elem(&pk_tag_map, &exec_id);
	if (pk_state.doomed_cnt && !bpf_map_delete_elem(&pk_doomed_map, &pid))
		__sync_fetch_and_add(&pk_state.doomed_cnt, -1);
	pk_facts_withdraw(pid, 0);
	pk_facts_withdraw(pid, 1);
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(pk_process_exit, struct task_struct *task)
{
	struct signal_struct *signal = task->signal;
	struct task_struct *leader = task->group_leader;
	struct pk_actor actor = {};
	struct pk_exit_event *e;
	struct pk_scratch *s;
	struct pk_proc *proc;

	if (signal->live.counter > 0 || pk_skip(task))
		return 0;
	/* two last threads can both see none alive: one of them reports */
	proc = bpf_task_storage_get(&pk_proc_map, leader, NULL,
				    signal->nr_threads > 1 ? BPF_LOCAL_STORAGE_GET_F_CREATE : 0);
	if (proc && __sync_lock_test_and_set(&proc->exited, 1))
		return 0;
	s = pk_scratch_get(PK_HOOK_PROCESS_EXIT, sizeof(*e));
	if (!s) {
		forget(leader);
		return 0;
	}
	e = &s->rec.exit;
	pk_head_fill(s, PK_EVENT_EXIT, PK_HOOK_PROCESS_EXIT);
	e->status = signal->flags & SIGNAL_GROUP_EXIT ? signal->group_exit_code : leader->exit_code;
	e->user_ns = signal->utime + task->utime;
	e->system_ns = signal->stime + task->stime;
	e->cpu_ns = signal->sum_sched_runtime + task->se.sum_exec_runtime;
	e->minor_faults = signal->min_flt + task->min_flt;
	e->major_faults = signal->maj_flt + task->maj_flt;
	if (leader != task) {
		/* whoever happens to be last, a worker of io_uring even: it is the process that ends */
		e->head.flags &= ~PK_FLAG_IO_URING;
		bpf_probe_read_kernel(e->head.comm, sizeof(e->head.comm), leader->comm);
		e->user_ns += leader->utime;
		e->system_ns += leader->stime;
		e->cpu_ns += leader->se.sum_exec_runtime;
		e->minor_faults += leader->min_flt;
		e->major_faults += leader->maj_flt;
	}
	e->max_rss_kib = signal->maxrss * 4;
	actor.bank = pk_state.bank & 1;
	if (pk_config.judging)
		actor.facts = pk_facts_get(leader, actor.bank);
	if (pk_config.judging)
		actor.origin = pk_origin_get(task, actor.bank);
	actor.flags = pk_creds_asked(actor.bank, PK_EVENT_EXIT);
	pk_judge_record(ctx, s, &actor, pk_p_exit, 0);
	forget(leader);
	pk_unjudged(s, PK_EVENT_EXIT, PK_HOOK_PROCESS_EXIT);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(pk_f_exit, struct task_struct *task)
{
	struct pk_scratch *s = pk_scratch_mine();

	if (!s)
		return 0;
	pk_finish(s, PK_HOOK_PROCESS_EXIT, 0);
	forget(task->group_leader);
	return 0;
}
