// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The privilege family: who becomes somebody else, or reaches into other processes.
 *
 * lsm/task_fix_setuid, _setgid   set*uid(), set*gid(), after permission was checked
 * lsm/task_fix_setgroups         setgroups(), after; kernels before 6.0 have no such hook
 * lsm/capset                     capset(), after
 * lsm/ptrace_access_check        attaching, process_vm_readv(), process_vm_writev(), opening
 *                                /proc/PID/mem, pidfd_getfd(), after other checks; not mere looks
 * lsm/ptrace_traceme             PTRACE_TRACEME: the target is the parent
 * lsm/task_kill                  signals of processes to those of another cgroup or another user, after
 *                                permission was checked; not signal 0
 * lsm/userns_create              a new user namespace, by unshare() or clone()
 * lsm/task_prctl                 options that change privileges or hide the process; names of threads, which the kernel
 *                                reads only after the hook
 * lsm/key_permission             denies keyctl(), add_key(), request_key()
 *
 * fentry/commit_creds            no event: a look at credentials as they change (creds.h)
 *
 * tp_btf/signal_generate         the tracepoint backend: the same signals, when they are sent
 *
 * setns(), unshare(), keyctl() and seccomp() are seen when they have succeeded: system.bpf.c.
 */
#include "system.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

static __always_inline void setuid_fill(struct pk_scratch *s, const struct cred *cred)
{
	s->rec.sys.arg[0] = cred->uid.val;
	s->rec.sys.arg[1] = cred->euid.val;
	s->rec.sys.arg[2] = cred->suid.val;
	s->rec.sys.arg[3] = cred->fsuid.val;
}

PK_SYS_HOOK(task_fix_setuid, PK_HOOK_FIX_SETUID, PK_EVENT_SETUID, true, setuid_fill(s, new),
	    struct cred *new)

static __always_inline void setgid_fill(struct pk_scratch *s, const struct cred *cred)
{
	s->rec.sys.arg[0] = cred->gid.val;
	s->rec.sys.arg[1] = cred->egid.val;
	s->rec.sys.arg[2] = cred->sgid.val;
	s->rec.sys.arg[3] = cred->fsgid.val;
}

PK_SYS_HOOK(task_fix_setgid, PK_HOOK_FIX_SETGID, PK_EVENT_SETGID, true, setgid_fill(s, new),
	    struct cred *new)

static __always_inline void setgroups_fill(struct pk_scratch *s, const struct cred *cred)
{
	setgid_fill(s, cred);
	s->rec.sys.arg[4] = PK_SETGID_GROUPS;
	s->rec.sys.arg[5] = cred->group_info->ngroups;
}

PK_SYS_HOOK(task_fix_setgroups, PK_HOOK_FIX_SETGID, PK_EVENT_SETGID, true, setgroups_fill(s, new),
	    struct cred *new)

static __always_inline void capset_fill(struct pk_scratch *s, const struct cred *new)
{
	bpf_core_read(&s->rec.sys.arg[0], 8, &new->cap_effective);
	bpf_core_read(&s->rec.sys.arg[1], 8, &new->cap_permitted);
	bpf_core_read(&s->rec.sys.arg[2], 8, &new->cap_inheritable);
}

PK_SYS_HOOK(capset, PK_HOOK_CAPSET, PK_EVENT_CAPSET, true, capset_fill(s, new), struct cred *new)

#define PTRACE_MODE_ATTACH 2u
#define PTRACE_REQUEST_NONE (~0ull)

static __always_inline void ptrace_fill(struct pk_scratch *s, struct task_struct *task,
					struct task_struct *child)
{
	__u32 call = pk_exit_call((void *)bpf_task_pt_regs(task),
				  task->thread_info.status & TS_COMPAT);

	pk_sys_target(s, child);
	s->rec.sys.arg[1] = pk_ptrace_operation(call);
	s->rec.sys.arg[0] = PTRACE_REQUEST_NONE;
	if (call == PK_CALL_PTRACE)
		s->rec.sys.arg[0] = pk_call_arg(task, 0);
}

PK_SYS_HOOK(ptrace_access_check, PK_HOOK_PTRACE, PK_EVENT_PTRACE, mode &PTRACE_MODE_ATTACH,
	    ptrace_fill(s, task, child), struct task_struct *child, unsigned int mode)

static __always_inline void traceme_fill(struct pk_scratch *s, struct task_struct *parent)
{
	pk_sys_target(s, parent);
	s->rec.sys.arg[1] = PK_PTRACE_CALL;
}

PK_SYS_HOOK(ptrace_traceme, PK_HOOK_PTRACE, PK_EVENT_PTRACE, true, traceme_fill(s, parent),
	    struct task_struct *parent)

/* Within a cgroup and a user signals are everyday business. */
static __always_inline bool kill_matters(struct task_struct *task, struct task_struct *target,
					 int sig)
{
	if (!sig)
		return false;
	return target->cred->uid.val != task->cred->uid.val ||
	       pk_cgroup_id_of(target) != pk_cgroup_id();
}

static __always_inline void kill_fill(struct pk_scratch *s, struct task_struct *target, int sig)
{
	pk_sys_target(s, target);
	s->rec.sys.arg[0] = sig;
}

PK_SYS_HOOK(task_kill, PK_HOOK_TASK_KILL, PK_EVENT_KILL, kill_matters(task, p, sig),
	    kill_fill(s, p, sig), struct task_struct *p, struct kernel_siginfo *info, int sig)

PK_POINT(pk_p_signal_generate, 1);

/* Of the kernel's own making are the first two values, and codes above 0. */
static __always_inline bool of_process(const struct kernel_siginfo *info)
{
	if ((__u64)info == 1)
		return false;
	return !info || BPF_CORE_READ(info, si_code) <= 0;
}

SEC("tp_btf/signal_generate")
int BPF_PROG(pk_signal_generate, int sig, struct kernel_siginfo *info, struct task_struct *target)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct pk_actor actor;
	struct pk_scratch *s;

	if (task->group_leader == target->group_leader || !of_process(info) ||
	    !kill_matters(task, target, sig) || !pk_enter(task, PK_EVENT_KILL, &actor))
		return 0;
	s = pk_sys_begin(PK_HOOK_TASK_KILL, PK_EVENT_KILL);
	if (!s)
		return 0;
	kill_fill(s, target, sig);
	pk_judge_record(ctx, s, &actor, pk_p_signal_generate, 0);
	pk_unjudged(s, PK_EVENT_KILL, PK_HOOK_TASK_KILL);
	return 0;
}

SEC("tp_btf/signal_generate")
int BPF_PROG(pk_f_signal_generate, int sig, struct kernel_siginfo *info, struct task_struct *target)
{
	struct pk_scratch *s = pk_scratch_mine();

	if (s)
		pk_finish(s, PK_HOOK_TASK_KILL, PK_CAN_KILL);
	return 0;
}

static __always_inline void userns_fill(struct pk_scratch *s, const struct cred *cred)
{
	s->rec.sys.arg[0] = cred->user_ns->level;
}

PK_SYS_HOOK(userns_create, PK_HOOK_USERNS, PK_EVENT_USERNS, true, userns_fill(s, cred),
	    const struct cred *cred)

static __always_inline void prctl_fill(struct pk_scratch *s, int option, unsigned long arg2,
				       unsigned long arg3, unsigned long arg4, unsigned long arg5)
{
	s->rec.sys.arg[0] = (__u32)option;
	s->rec.sys.arg[1] = arg2;
	s->rec.sys.arg[2] = arg3;
	s->rec.sys.arg[3] = arg4;
	s->rec.sys.arg[4] = arg5;
}

PK_SYS_HOOK(task_prctl, PK_HOOK_PRCTL, PK_EVENT_PRCTL, pk_prctl_matters(option),
	    prctl_fill(s, option, arg2, arg3, arg4, arg5), int option, unsigned long arg2,
	    unsigned long arg3, unsigned long arg4, unsigned long arg5)

/* A program of its own: nobody but who asks for names pays for what every pool of threads does. */
PK_SYS_HOOK_OF(set_name, "task_prctl", PK_HOOK_PRCTL, PK_EVENT_SET_NAME, option == PK_PR_SET_NAME,
	       pk_name_fill(s, arg2, true), int option, unsigned long arg2)

/* Those before: was anything done to them? Those to come: what they do not have any more is not granted later. */
SEC("fentry/commit_creds")
int BPF_PROG(pk_creds_commit, struct cred *new)
{
	if (!pk_creds_watched() || pk_skip(bpf_get_current_task_btf()) ||
	    !pk_creds_flags(PK_HOOK_CAPSET))
		return 0;
	pk_creds_coming(new, PK_HOOK_CAPSET);
	return 0;
}
