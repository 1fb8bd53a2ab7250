/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the sensors of struct pk_sys_event share: texts, the shape of an LSM hook in two halves, and the
 * system calls that have no hook of their own.
 *
 * An LSM hook of these families says that it was tried: the facts are the kernel's own objects, before the
 * work is done. Denying fails open, as everywhere: pk_unjudgeable().
 */
#ifndef PK_SYSTEM_H
#define PK_SYSTEM_H

#include "sysexit.h"

#define PK_SYS_TEXT_MAX 4096u

/* Appends a text, ended by a NUL, of the kernel's or the caller's memory. NULL: none. */
__weak __noinline int pk_sys_text_add(struct pk_scratch *s, __u64 text, struct pk_str *ret,
				      __u32 of_user)
{
	__u32 off;
	long n;

	if (!s || !ret || !text)
		return 0;
	off = s->data_bytes;
	barrier_var(off);
	if (off > 512 + PK_DATA_BYTES - PK_SYS_TEXT_MAX - 16)
		return 0;
	n = of_user ? bpf_probe_read_user_str(&s->rec.bytes[off], PK_SYS_TEXT_MAX, (void *)text) :
		      bpf_probe_read_kernel_str(&s->rec.bytes[off], PK_SYS_TEXT_MAX, (void *)text);
	if (n < 0)
		return -1;
	if (n <= 1)
		return 0;
	ret->off = off;
	ret->len = n - 1;
	s->data_bytes = off + (n - 1);
	return 0;
}

/* A text that has to be there: not to be read is not none. */
static __always_inline void pk_sys_text1(struct pk_scratch *s, const void *text, bool of_user)
{
	if (pk_sys_text_add(s, pk_scalar(s, text), &s->rec.sys.text, of_user)) {
		s->rec.sys.sys_flags |= PK_SYS_TEXT_UNKNOWN;
		pk_fact_lost(&s->rec.head);
	}
}

static __always_inline void pk_sys_text2(struct pk_scratch *s, const void *text, bool of_user)
{
	if (pk_sys_text_add(s, pk_scalar(s, text), &s->rec.sys.text2, of_user)) {
		s->rec.sys.sys_flags |= PK_SYS_TEXT2_UNKNOWN;
		pk_fact_lost(&s->rec.head);
	}
}

/* Where something is, and its inode. */
static __always_inline void pk_sys_path(struct pk_scratch *s, const void *dentry, const void *mnt)
{
	struct dentry *d = (struct dentry *)dentry;

	pk_path_resolve(s, pk_scalar(s, dentry), pk_scalar(s, mnt), &s->rec.sys.path);
	pk_inode_fill(&s->rec.sys.inode, BPF_CORE_READ(d, d_inode));
	pk_path_check(&s->rec.head, &s->rec.sys.path);
}

static __always_inline void pk_sys_path2(struct pk_scratch *s, const void *dentry, const void *mnt)
{
	pk_path_resolve(s, pk_scalar(s, dentry), pk_scalar(s, mnt), &s->rec.sys.path2);
	pk_path_check(&s->rec.head, &s->rec.sys.path2);
}

/* Argument `i` of the system call that this thread is in, from the kernel's copy of the registers. */
static __always_inline __u64 pk_call_arg(struct task_struct *task, int i)
{
	return pk_arg((void *)bpf_task_pt_regs(task), task->thread_info.status & TS_COMPAT, i);
}

/* The process that it is done to. */
static __always_inline void pk_sys_target(struct pk_scratch *s, struct task_struct *task)
{
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);
	struct pk_sys_event *e = &s->rec.sys;

	e->target_pid = BPF_CORE_READ(leader, tgid);
	e->target_exec_id = BPF_CORE_READ(leader, start_boottime) ^ ((__u64)e->target_pid << 42);
	e->target_uid = BPF_CORE_READ(leader, cred, uid.val);
	e->target_cgroup_id = pk_cgroup_id_of(leader);
	BPF_CORE_READ_INTO(&e->target_comm, leader, comm);
	pk_sys_text1(s, e->target_comm, false); /* for rules */
}

/* PK_PTRACE_* by PK_CALL_* */
static __always_inline __u32 pk_ptrace_operation(__u32 call)
{
	switch (call) {
	case PK_CALL_PTRACE:
		return PK_PTRACE_CALL;
	case PK_CALL_VM_READ:
		return PK_PTRACE_VM_READ;
	case PK_CALL_VM_WRITE:
		return PK_PTRACE_VM_WRITE;
	case PK_CALL_PIDFD_GETFD:
		return PK_PTRACE_GETFD;
	case PK_CALL_OPEN:
	case PK_CALL_OPENAT:
	case PK_CALL_OPENAT2:
		return PK_PTRACE_MEM;
	default:
		return PK_PTRACE_OTHER;
	}
}

/* Options of prctl() that change privileges, or what others see of the process. */
static __always_inline bool pk_prctl_matters(__u32 option)
{
	switch (option) {
	case 4:          /* PR_SET_DUMPABLE */
	case 8:          /* PR_SET_KEEPCAPS */
	case 22:         /* PR_SET_SECCOMP */
	case 24:         /* PR_CAPBSET_DROP */
	case 28:         /* PR_SET_SECUREBITS */
	case 35:         /* PR_SET_MM */
	case 36:         /* PR_SET_CHILD_SUBREAPER */
	case 38:         /* PR_SET_NO_NEW_PRIVS */
	case 47:         /* PR_CAP_AMBIENT */
	case 0x59616d61: /* PR_SET_PTRACER */
		return true;
	default:
		return false;
	}
}

#define PK_PR_SET_NAME 15u

/* What the process calls itself, as the kernel would have it: as much as it keeps. Of the caller's memory, until then. */
static __always_inline void pk_name_fill(struct pk_scratch *s, __u64 name, bool of_user)
{
	struct pk_sys_event *e = &s->rec.sys;
	long n = of_user ? bpf_probe_read_user_str(e->target_comm, sizeof(e->target_comm),
						   (void *)name) :
			   bpf_probe_read_kernel_str(e->target_comm, sizeof(e->target_comm),
						     (void *)name);

	e->arg[0] = PK_PR_SET_NAME;
	if (n < 0) {
		e->sys_flags |= PK_SYS_TEXT_UNKNOWN;
		pk_fact_lost(&e->head);
		return;
	}
	pk_sys_text1(s, e->target_comm, false);
}

#define PK_ADJ_SETOFFSET 0x0100u

/* PK_SETTIME_* by PK_CALL_* */
static __always_inline __u32 pk_settime_operation(__u32 call)
{
	switch (call) {
	case PK_CALL_SETTIMEOFDAY:
		return PK_SETTIME_DAY;
	case PK_CALL_STIME:
		return PK_SETTIME_STIME;
	case PK_CALL_ADJTIMEX:
	case PK_CALL_CLOCK_ADJTIME:
		return PK_SETTIME_STEP;
	default:
		return PK_SETTIME_CLOCK;
	}
}

#define PK_FS_IOC_SETFLAGS 0x40086602u
#define PK_FS_IOC32_SETFLAGS 0x40046602u
#define PK_FS_IOC_FSSETXATTR 0x401c5820u
#define PK_TIOCSTI 0x5412u

/* Requests that set flags of a file, and the one that types into a terminal. */
static __always_inline bool pk_ioctl_matters(__u32 request)
{
	return request == PK_FS_IOC_SETFLAGS || request == PK_FS_IOC32_SETFLAGS ||
	       request == PK_FS_IOC_FSSETXATTR || request == PK_TIOCSTI;
}

/* The flags as FS_*_FL, out of the caller's memory: only these two have the same meaning everywhere. */
static __always_inline void pk_ioctl_fill(struct pk_scratch *s, __u32 request, __u64 arg)
{
	__u32 flags = 0;

	s->rec.sys.arg[0] = request == PK_FS_IOC32_SETFLAGS ? PK_FS_IOC_SETFLAGS : request;
	if (request == PK_TIOCSTI)
		return;
	if (bpf_probe_read_user(&flags, sizeof(flags), (void *)arg)) {
		s->rec.sys.sys_flags |= PK_SYS_ARG_UNKNOWN(1);
		pk_fact_lost(&s->rec.head);
	}
	if (request == PK_FS_IOC_FSSETXATTR) /* FS_XFLAG_IMMUTABLE, _APPEND */
		flags = (flags & 0x18) << 1;
	s->rec.sys.arg[1] = flags;
}

/* Commands of bpf() that make, attach or hand on programs and maps. */
static __always_inline bool pk_bpf_matters(int cmd)
{
	const __u64 cmds = 1ull << 0 | 1ull << 5 | 1ull << 6 | 1ull << 7 | 1ull << 8 | 1ull << 9 |
			   1ull << 13 | 1ull << 14 | 1ull << 17 | 1ull << 18 | 1ull << 28 |
			   1ull << 29 | 1ull << 30 | 1ull << 34 | 1ull << 35 | 1ull << 36;

	return (__u32)cmd < 64 && (cmds >> cmd & 1);
}

/* What union bpf_attr at `attr` says: the type at its beginning, and the name. */
static __always_inline void pk_bpf_fill(struct pk_scratch *s, __u32 cmd, __u64 attr, bool of_user)
{
	__u64 name = cmd == 0 ? attr + 28 : cmd == 5 ? attr + 48 : 0;
	__u32 type = 0;

	s->rec.sys.arg[0] = cmd;
	if (!name)
		return;
	if (of_user)
		bpf_probe_read_user(&type, sizeof(type), (void *)attr);
	else
		bpf_probe_read_kernel(&type, sizeof(type), (void *)attr);
	s->rec.sys.arg[1] = type;
	pk_sys_text1(s, (void *)name, of_user);
}

/* Families that few programs have to do with: not IPv4, IPv6, Unix, and of netlink only netfilter. */
static __always_inline bool pk_socket_matters(__u32 family, __u32 protocol)
{
	switch (family) {
	case 1:  /* AF_UNIX */
	case 2:  /* AF_INET */
	case 10: /* AF_INET6 */
		return false;
	case 16:                       /* AF_NETLINK */
		return protocol == 12; /* NETLINK_NETFILTER */
	default:
		return true;
	}
}

#define PK_SOCK_TYPE_MASK 0xfu /* the rest is SOCK_CLOEXEC, SOCK_NONBLOCK */

static __always_inline void pk_socket_fill(struct pk_scratch *s, __u32 family, __u32 type,
					   __u32 protocol)
{
	s->rec.sys.arg[0] = family;
	s->rec.sys.arg[1] = type & PK_SOCK_TYPE_MASK;
	s->rec.sys.arg[2] = protocol;
}

/* A record of one of these kinds with its head; the gate was passed. */
static __always_inline struct pk_scratch *pk_sys_begin(__u32 hook, __u32 kind)
{
	struct pk_scratch *s;

	if (!pk_wanted(kind))
		return NULL;
	s = pk_scratch_get(hook, sizeof(struct pk_sys_event));
	if (s)
		pk_head_fill(s, kind, hook);
	return s;
}

/*
 * An LSM hook that stands for one kind of event, in two halves with the emitted program between them.
 * `when`: whether the call is one of interest at all; `fill` adds facts to the record in `s`.
 */
#define PK_SYS_HOOK(name, ...) PK_SYS_HOOK_OF(name, #name, __VA_ARGS__)
/* The same where another program has the hook's name. */
#define PK_SYS_HOOK_OF(name, lsm, hook, kind_, when, fill, ...)        \
	PK_POINT(pk_p_##name, 1);                                      \
	SEC("lsm/" lsm)                                                \
	int BPF_PROG(pk_##name, __VA_ARGS__)                           \
	{                                                              \
		struct task_struct *task = bpf_get_current_task_btf(); \
		struct pk_actor actor;                                 \
		struct pk_scratch *s;                                  \
                                                                       \
		if (!(when) || !pk_enter(task, kind_, &actor))         \
			return 0;                                      \
		s = pk_sys_begin(hook, kind_);                         \
		if (!s)                                                \
			return pk_unjudgeable(&actor, kind_);          \
		fill;                                                  \
		pk_judge_record(ctx, s, &actor, pk_p_##name, 0);       \
		pk_unjudged(s, kind_, hook);                           \
		return 0;                                              \
	}                                                              \
	PK_SYS_FINISH_OF(name, lsm, hook, __VA_ARGS__)

#define PK_SYS_FINISH(name, ...) PK_SYS_FINISH_OF(name, #name, __VA_ARGS__)
#define PK_SYS_FINISH_OF(name, lsm, hook, ...)            \
	SEC("lsm/" lsm)                                   \
	int BPF_PROG(pk_f_##name, __VA_ARGS__)            \
	{                                                 \
		struct pk_scratch *s = pk_scratch_mine(); \
                                                          \
		return s ? pk_finish_lsm(s, hook) : 0;    \
	}

/*
 * The end of one system call that has no hook of its own, on the lsm backend: goes on in the program that
 * reads them all. Kernels have two BTF prototypes for these functions, by the name of their argument, and
 * tail calls stay within one: each is there for both, and user space loads the one that fits.
 */
#define PK_SYS_CALL_ONE(group, abi, fn, name)                                     \
	SEC("fexit/" fn)                                                          \
	int BPF_PROG(pk_##group##_##abi##_##name, struct pt_regs *regs, long ret) \
	{                                                                         \
		if (ret >= 0)                                                     \
			bpf_tail_call_static(ctx, &pk_call_progs_##group, 0);     \
		return 0;                                                         \
	}
#define PK_SYS_CALL(name)                                   \
	PK_SYS_CALL_ONE(a, x64, "__x64_sys_" #name, name)   \
	PK_SYS_CALL_ONE(b, x64, "__x64_sys_" #name, name)   \
	PK_SYS_CALL_ONE(a, ia32, "__ia32_sys_" #name, name) \
	PK_SYS_CALL_ONE(b, ia32, "__ia32_sys_" #name, name)

/* Key 0: pk_call_a, pk_call_b. Empty: nobody asks. */
#define PK_CALL_PROGS(name)                            \
	struct {                                       \
		__uint(type, BPF_MAP_TYPE_PROG_ARRAY); \
		__uint(max_entries, 1);                \
		__type(key, __u32);                    \
		__type(value, __u32);                  \
	} name SEC(".maps") __weak

PK_CALL_PROGS(pk_call_progs_a);
PK_CALL_PROGS(pk_call_progs_b);

#endif
