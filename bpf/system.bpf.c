// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * System calls of struct pk_sys_event by their arguments.
 *
 * exit_system     the tracepoint backend: all of them, when they have succeeded
 * call_a, call_b  the lsm backend: those that no security hook stands for, when they have succeeded;
 *                 behind fexit programs of the calls themselves, so that no other call pays for it
 * lsm/capable     denies those where the kernel asks for CAP_SYS_ADMIN or CAP_SYS_MODULE on the way: what the registers
 *                 tell is known there, what stands in the caller's memory is not (and may change until it
 *                 is used). Rules that need that kill when the call is done.
 *
 * What is read of their arguments, and how far that can be trusted: callargs.h.
 */
#include "callargs.h"
#include "socket.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

PK_POINT(pk_p_call_a, PK_KINDS);
PK_POINT(pk_p_call_b, PK_KINDS);
PK_POINT(pk_p_capable, PK_KINDS);

PK_SYS_CALL(open_tree)
PK_SYS_CALL(fsmount)
PK_SYS_CALL(fsconfig)
PK_SYS_CALL(mount_setattr)
PK_SYS_CALL(setns)
PK_SYS_CALL(unshare)
PK_SYS_CALL_ONE(a, x64, "__x64_sys_keyctl", keyctl)
PK_SYS_CALL_ONE(b, x64, "__x64_sys_keyctl", keyctl)
PK_SYS_CALL_ONE(a, ia32, "__ia32_compat_sys_keyctl", keyctl)
PK_SYS_CALL_ONE(b, ia32, "__ia32_compat_sys_keyctl", keyctl)
PK_SYS_CALL(add_key)
PK_SYS_CALL(request_key)
PK_SYS_CALL(seccomp)
PK_SYS_CALL(perf_event_open)
PK_SYS_CALL(io_uring_setup)
PK_SYS_CALL(userfaultfd)
PK_SYS_CALL(memfd_create)
PK_SYS_CALL(personality)
PK_SYS_CALL(syslog)
PK_SYS_CALL_ONE(a, x64, "__x64_sys_sysinfo", sysinfo)
PK_SYS_CALL_ONE(b, x64, "__x64_sys_sysinfo", sysinfo)
PK_SYS_CALL_ONE(a, ia32, "__ia32_compat_sys_sysinfo", sysinfo)
PK_SYS_CALL_ONE(b, ia32, "__ia32_compat_sys_sysinfo", sysinfo)
PK_SYS_CALL(delete_module)
PK_SYS_CALL_ONE(a, x64, "__x64_sys_adjtimex", adjtimex)
PK_SYS_CALL_ONE(b, x64, "__x64_sys_adjtimex", adjtimex)
PK_SYS_CALL_ONE(a, ia32, "__ia32_sys_adjtimex_time32", adjtimex)
PK_SYS_CALL_ONE(b, ia32, "__ia32_sys_adjtimex_time32", adjtimex)
PK_SYS_CALL(clock_adjtime)
PK_SYS_CALL_ONE(a, ia32, "__ia32_sys_clock_adjtime32", clock_adjtime32)
PK_SYS_CALL_ONE(b, ia32, "__ia32_sys_clock_adjtime32", clock_adjtime32)
PK_SYS_CALL(dup)
PK_SYS_CALL(dup2)
PK_SYS_CALL(dup3)
PK_SYS_CALL_ONE(a, x64, "__x64_sys_fcntl", fcntl)
PK_SYS_CALL_ONE(b, x64, "__x64_sys_fcntl", fcntl)
PK_SYS_CALL_ONE(a, ia32, "__ia32_compat_sys_fcntl64", fcntl)
PK_SYS_CALL_ONE(b, ia32, "__ia32_compat_sys_fcntl64", fcntl)

/*
 * Which kind of event a call is; 0: none. verifier: a table, and not a switch, of which it would follow each
 * case to the program's end.
 */
static const __u8 kinds_of_calls[PK_CALL_MAX] = {
	[PK_CALL_MOUNT] = PK_EVENT_DO_MOUNT,
	[PK_CALL_UMOUNT] = PK_EVENT_UMOUNT,
	[PK_CALL_OLDUMOUNT] = PK_EVENT_UMOUNT,
	[PK_CALL_MOVE_MOUNT] = PK_EVENT_MOVE_MOUNT,
	[PK_CALL_OPEN_TREE] = PK_EVENT_OPEN_TREE,
	[PK_CALL_FSMOUNT] = PK_EVENT_FSMOUNT,
	[PK_CALL_FSCONFIG] = PK_EVENT_FSCONFIG,
	[PK_CALL_MOUNT_SETATTR] = PK_EVENT_MOUNT_SETATTR,
	[PK_CALL_PIVOT_ROOT] = PK_EVENT_PIVOT_ROOT,
	[PK_CALL_CHROOT] = PK_EVENT_CHROOT,
	[PK_CALL_SETUID] = PK_EVENT_SETUID,
	[PK_CALL_SETGID] = PK_EVENT_SETGID,
	[PK_CALL_SETGROUPS] = PK_EVENT_SETGID,
	[PK_CALL_CAPSET] = PK_EVENT_CAPSET,
	[PK_CALL_PTRACE] = PK_EVENT_PTRACE,
	[PK_CALL_VM_READ] = PK_EVENT_PTRACE,
	[PK_CALL_VM_WRITE] = PK_EVENT_PTRACE,
	[PK_CALL_PIDFD_GETFD] = PK_EVENT_PTRACE,
	[PK_CALL_SETNS] = PK_EVENT_SETNS,
	[PK_CALL_UNSHARE] = PK_EVENT_UNSHARE,
	[PK_CALL_CLONE] = PK_EVENT_USERNS,
	[PK_CALL_CLONE3] = PK_EVENT_USERNS,
	[PK_CALL_KEYCTL] = PK_EVENT_KEYCTL,
	[PK_CALL_ADD_KEY] = PK_EVENT_KEYCTL,
	[PK_CALL_REQUEST_KEY] = PK_EVENT_KEYCTL,
	[PK_CALL_PRCTL] = PK_EVENT_PRCTL,
	[PK_CALL_SECCOMP] = PK_EVENT_SECCOMP,
	[PK_CALL_INIT_MODULE] = PK_EVENT_MODULE,
	[PK_CALL_FINIT_MODULE] = PK_EVENT_MODULE,
	[PK_CALL_KEXEC_LOAD] = PK_EVENT_KEXEC,
	[PK_CALL_KEXEC_FILE] = PK_EVENT_KEXEC,
	[PK_CALL_BPF] = PK_EVENT_BPF,
	[PK_CALL_PERF_EVENT] = PK_EVENT_PERF_EVENT,
	[PK_CALL_IO_URING] = PK_EVENT_IO_URING,
	[PK_CALL_USERFAULTFD] = PK_EVENT_USERFAULTFD,
	[PK_CALL_MEMFD] = PK_EVENT_MEMFD,
	[PK_CALL_MMAP] = PK_EVENT_MMAP,
	[PK_CALL_MPROTECT] = PK_EVENT_MPROTECT,
	[PK_CALL_SOCKET] = PK_EVENT_SOCKET,
	[PK_CALL_DUP] = PK_EVENT_DUP,
	[PK_CALL_FCNTL] = PK_EVENT_DUP,
	[PK_CALL_PERSONALITY] = PK_EVENT_PERSONALITY,
	[PK_CALL_SYSLOG] = PK_EVENT_SYSLOG,
	[PK_CALL_SYSINFO] = PK_EVENT_SYSINFO,
	[PK_CALL_SETXATTR] = PK_EVENT_SETXATTR,
	[PK_CALL_LSETXATTR] = PK_EVENT_SETXATTR,
	[PK_CALL_FSETXATTR] = PK_EVENT_SETXATTR,
	[PK_CALL_SETXATTRAT] = PK_EVENT_SETXATTR,
	[PK_CALL_REMOVEXATTR] = PK_EVENT_REMOVEXATTR,
	[PK_CALL_LREMOVEXATTR] = PK_EVENT_REMOVEXATTR,
	[PK_CALL_FREMOVEXATTR] = PK_EVENT_REMOVEXATTR,
	[PK_CALL_REMOVEXATTRAT] = PK_EVENT_REMOVEXATTR,
	[PK_CALL_CLOCK_SETTIME] = PK_EVENT_SETTIME,
	[PK_CALL_CLOCK_SETTIME32] = PK_EVENT_SETTIME,
	[PK_CALL_SETTIMEOFDAY] = PK_EVENT_SETTIME,
	[PK_CALL_STIME] = PK_EVENT_SETTIME,
	[PK_CALL_ADJTIMEX] = PK_EVENT_SETTIME,
	[PK_CALL_CLOCK_ADJTIME] = PK_EVENT_SETTIME,
	[PK_CALL_DELETE_MODULE] = PK_EVENT_DELETE_MODULE,
	[PK_CALL_IOCTL] = PK_EVENT_IOCTL,
};

static __always_inline __u32 kind_of(__u32 call)
{
	return call < PK_CALL_MAX ? kinds_of_calls[call] : PK_EVENT_NONE;
}

/* The socket that a descriptor stands for, if it is an IPv4 or IPv6 one. */
static __always_inline struct sock *inet_sock_of(__s32 fd)
{
	struct file *file = pk_fd_file(bpf_get_current_task_btf(), fd);
	struct socket *socket;
	struct sock *sk;

	if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
		return NULL;
	socket = (struct socket *)BPF_CORE_READ(file, private_data);
	sk = BPF_CORE_READ(socket, sk);
	return sk && inet(sock_family(sk)) ? sk : NULL;
}

/* A struct pk_net_event, and not one of struct pk_sys_event as all others here. */
__weak __noinline int pk_dup_fill(struct pk_scratch *s, __u32 fd)
{
	struct pk_net_event *e;
	struct sock *sk;

	if (!s)
		return 0;
	e = &s->rec.net;
	e->new_fd = fd;
	sk = inet_sock_of(fd);
	if (!sk)
		return 0;
	sock_fill(e, sk);
	local_fill(e, sk);
	if (BPF_CORE_READ(sk, __sk_common.skc_dport))
		remote_fill(e, sk);
	return 0;
}

static __always_inline struct pk_scratch *gather(struct pt_regs *regs, __u32 hook, __u32 kind,
						 __u32 call, long ret, bool compat, bool pre)
{
	struct pk_scratch *s = pk_sys_begin(hook, kind);

	if (!s)
		return NULL;
	__builtin_memset(&s->call, 0, sizeof(s->call));
#pragma unroll
	for (int i = 0; i < 5; i++)
		s->call.args[i] = pk_arg(regs, compat, i);
	s->call.value = ret;
	if (kind == PK_EVENT_DUP) {
		pk_dup_fill(s, ret);
		return s;
	}
	pk_sys_read(s, call, pre);
	pk_sys_read_paths(s, pre);
	return s;
}

/* ---- when the call is over ---- */

#define CLONE_NEWUSER 0x10000000u
#define PTRACE_ATTACH 16u
#define PTRACE_SEIZE 0x4206u
#define F_DUPFD 0u
#define F_DUPFD_CLOEXEC 1030u

/* Does adjtimex() step the clock? It may also just slow or hasten it, or only ask. */
static __always_inline bool steps(__u64 timex)
{
	__u32 modes = 0;

	bpf_probe_read_user(&modes, sizeof(modes), (void *)timex);
	return modes & PK_ADJ_SETOFFSET;
}

/* Of calls whose second argument says what they do. */
static __always_inline bool by_second(__u32 call)
{
	return call == PK_CALL_FCNTL || call == PK_CALL_IOCTL || call == PK_CALL_CLOCK_ADJTIME;
}

/* Of calls that do many things: those that count, by their first (by_second(): second) and third argument. */
__weak __noinline int pk_call_matters(__u32 call, __u64 first, __u64 third, long ret)
{
	__u64 flags = 0;

	switch (call) {
	case PK_CALL_PTRACE:
		return !first || first == PTRACE_ATTACH || first == PTRACE_SEIZE;
	case PK_CALL_CLONE:
		return ret && (first & CLONE_NEWUSER);
	case PK_CALL_CLONE3:
		bpf_probe_read_user(&flags, sizeof(flags), (void *)first);
		return ret && (flags & CLONE_NEWUSER);
	case PK_CALL_PRCTL:
		return pk_prctl_matters(first) || (__u32)first == PK_PR_SET_NAME;
	case PK_CALL_SECCOMP:
		return (__u32)first <= 1; /* SECCOMP_SET_MODE_STRICT, _FILTER */
	case PK_CALL_BPF:
		return pk_bpf_matters(first);
	case PK_CALL_MMAP:
		return (third & 6) == 6; /* PROT_WRITE | PROT_EXEC */
	case PK_CALL_MPROTECT:
		return !!(third & 4);
	case PK_CALL_SOCKET:
		return pk_socket_matters(first, third);
	case PK_CALL_FCNTL:
		return (first == F_DUPFD || first == F_DUPFD_CLOEXEC) && inet_sock_of(ret);
	case PK_CALL_DUP:
		return inet_sock_of(ret) != NULL;
	case PK_CALL_PERSONALITY:
		return (__u32)first != 0xffffffff; /* which only asks */
	case PK_CALL_CLOCK_SETTIME:
	case PK_CALL_CLOCK_SETTIME32:
		return !(__u32)first; /* CLOCK_REALTIME; others are of devices */
	case PK_CALL_SETTIMEOFDAY:
		return !!first; /* not the time zone alone */
	case PK_CALL_ADJTIMEX:
	case PK_CALL_CLOCK_ADJTIME:
		return steps(first);
	case PK_CALL_IOCTL:
		return pk_ioctl_matters(first);
	default:
		return true;
	}
}

static __always_inline struct pk_scratch *at_exit(struct pt_regs *regs, long ret,
						  struct pk_actor *actor, __u32 *ret_kind)
{
	struct task_struct *task = bpf_get_current_task_btf();
	bool compat = task->thread_info.status & TS_COMPAT;
	__u32 call = pk_exit_call(regs, compat);

	*ret_kind = kind_of(call);
	if (call == PK_CALL_PRCTL && (__u32)pk_arg(regs, compat, 0) == PK_PR_SET_NAME)
		*ret_kind = PK_EVENT_SET_NAME;
	if (!*ret_kind || !pk_enter(task, *ret_kind, actor) ||
	    !pk_call_matters(call,
			     by_second(call) ? pk_arg(regs, compat, 1) : pk_arg(regs, compat, 0),
			     pk_arg(regs, compat, 2), ret))
		return NULL;
	return gather(regs, PK_HOOK_EXIT_SYSTEM, *ret_kind, call, ret, compat, false);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(pk_exit_system, struct pt_regs *regs, long ret)
{
	struct pk_actor actor;
	struct pk_scratch *s;
	__u32 kind;

	s = at_exit(regs, ret, &actor, &kind);
	if (!s)
		return 0;
	pk_judge_exit(ctx, s, &actor, kind);
	pk_unjudged(s, kind, PK_HOOK_EXIT_SYSTEM);
	return 0;
}

/* fexit programs of the lsm backend go on here. User space chooses the function that stands for its group. */
#define CALL_GROUP(group)                                                                       \
	SEC("fexit/__x64_sys_open_tree")                                                        \
	int BPF_PROG(pk_call_##group, struct pt_regs *regs, long ret)                           \
	{                                                                                       \
		struct pk_actor actor;                                                          \
		struct pk_scratch *s;                                                           \
		__u32 kind;                                                                     \
                                                                                                \
		s = at_exit(regs, ret, &actor, &kind);                                          \
		if (!s)                                                                         \
			return 0;                                                               \
		if (pk_config.judging) {                                                        \
			if (pk_judge_start(s, &actor, 0)) {                                     \
				pk_judge_event(s);                                              \
				bpf_tail_call(ctx, &pk_p_call_##group,                          \
					      kind *PK_PROG_SLOTS + s->judge.bank * PK_CHUNKS); \
			}                                                                       \
		}                                                                               \
		pk_unjudged(s, kind, PK_HOOK_EXIT_SYSTEM);                                      \
		return 0;                                                                       \
	}                                                                                       \
	SEC("fexit/__x64_sys_open_tree")                                                        \
	int BPF_PROG(pk_f_call_##group, struct pt_regs *regs, long ret)                         \
	{                                                                                       \
		struct pk_scratch *s = pk_scratch_mine();                                       \
                                                                                                \
		if (s)                                                                          \
			pk_finish(s, PK_HOOK_EXIT_SYSTEM, PK_CAN_KILL);                         \
		return 0;                                                                       \
	}

CALL_GROUP(a)
CALL_GROUP(b)

/* ---- where it can still be denied ---- */

/* Kinds that ask for CAP_SYS_ADMIN, or the last for CAP_SYS_MODULE, and have no hook of their own. */
#define GUARDED                                                                               \
	(1ull << PK_EVENT_OPEN_TREE | 1ull << PK_EVENT_FSMOUNT | 1ull << PK_EVENT_FSCONFIG |  \
	 1ull << PK_EVENT_MOUNT_SETATTR | 1ull << PK_EVENT_SETNS | 1ull << PK_EVENT_UNSHARE | \
	 1ull << PK_EVENT_DELETE_MODULE)

/* A call of one of `kinds` that this thread is in, if some rule may stop it; not judged yet. */
static __always_inline struct pk_scratch *guarded(__u32 hook, __u64 kinds, struct pk_actor *actor,
						  __u32 *ret_kind)
{
	struct task_struct *task;
	struct pt_regs *regs;
	__u64 stopped;
	__u32 call;
	bool compat;

	*ret_kind = PK_EVENT_NONE;
	if (!pk_config.judging)
		return NULL;
	stopped = pk_state.pre_kinds[pk_state.bank & 1] & kinds;
	if (!stopped)
		return NULL;
	task = bpf_get_current_task_btf();
	if (task->flags & (PF_KTHREAD | PF_IO_WORKER))
		return NULL;
	regs = (void *)bpf_task_pt_regs(task);
	compat = task->thread_info.status & TS_COMPAT;
	call = pk_exit_call(regs, compat);
	*ret_kind = kind_of(call);
	if (!*ret_kind || !(stopped & (1ull << *ret_kind)) || !pk_enter(task, *ret_kind, actor)) {
		*ret_kind = PK_EVENT_NONE;
		return NULL;
	}
	return gather(regs, hook, *ret_kind, call, 0, compat, true);
}

/* The first half of a hook where calls are denied that have none of their own. */
#define GUARD(name, hook, kinds, when, ...)                                             \
	SEC("lsm/" #name)                                                               \
	int BPF_PROG(pk_##name, __VA_ARGS__)                                            \
	{                                                                               \
		struct pk_actor actor;                                                  \
		struct pk_scratch *s;                                                   \
		__u32 kind;                                                             \
                                                                                        \
		if (!(when))                                                            \
			return 0;                                                       \
		s = guarded(hook, kinds, &actor, &kind);                                \
		if (!s)                                                                 \
			return kind ? pk_unjudgeable(&actor, kind) : 0;                 \
		if (pk_judge_start(s, &actor, PK_BEGIN_PRE)) {                          \
			pk_judge_event(s);                                              \
			bpf_tail_call(ctx, &pk_p_##name,                                \
				      kind *PK_PROG_SLOTS + s->judge.bank * PK_CHUNKS); \
		}                                                                       \
		pk_scratch_put(s);                                                      \
		return 0;                                                               \
	}                                                                               \
	PK_SYS_FINISH(name, hook, __VA_ARGS__)

GUARD(capable, PK_HOOK_CAPABLE, GUARDED, cap == CAP_SYS_ADMIN || cap == CAP_SYS_MODULE,
      const struct cred *cred, struct user_namespace *ns, int cap)

PK_POINT(pk_p_key_permission, PK_KINDS);

GUARD(key_permission, PK_HOOK_KEY, 1ull << PK_EVENT_KEYCTL, true, void *key)

PK_POINT(pk_p_perf_event_open, PK_KINDS);
PK_POINT(pk_p_inode_init_security_anon, PK_KINDS);
PK_POINT(pk_p_file_alloc_security, PK_KINDS);

/* Kernels differ in the arguments of this hook: none is looked at. */
GUARD(perf_event_open, PK_HOOK_PERF, 1ull << PK_EVENT_PERF_EVENT, true, void *unused)
GUARD(inode_init_security_anon, PK_HOOK_ANON,
      1ull << PK_EVENT_IO_URING | 1ull << PK_EVENT_USERFAULTFD, true, void *inode)
GUARD(file_alloc_security, PK_HOOK_ALLOC, 1ull << PK_EVENT_MEMFD, true, void *file)
