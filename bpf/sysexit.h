/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The end of a system call on the tracepoint backend: its arguments and the objects that its
 * file descriptors name.
 *
 * Argument registers are the kernel's copy, not the caller's memory. What they point at is
 * the caller's memory: read only where no kernel object is left to ask, and flagged.
 */
#ifndef PK_SYSEXIT_H
#define PK_SYSEXIT_H

#include "act.h"

#define PK_AT_FDCWD (-100)

/* Judging programs of all of the tracepoint backend's system calls: a group a kind of event. */
PK_POINT(pk_p_sys_exit, PK_KINDS);

/* pk_judge_record() where the kind of event is no constant. */
static __always_inline void pk_judge_exit(void *ctx, struct pk_scratch *s,
					  const struct pk_actor *actor, __u32 kind)
{
	if (!pk_config.judging)
		return;
	if (!pk_judge_start(s, actor, 0))
		return;
	pk_judge_event(s);
	bpf_tail_call(ctx, &pk_p_sys_exit, kind * PK_PROG_SLOTS + s->judge.bank * PK_CHUNKS);
}

static __always_inline __u64 pk_arg(struct pt_regs *regs, bool compat, int i)
{
	if (compat) {
		switch (i) {
		case 0:
			return (__u32)regs->bx;
		case 1:
			return (__u32)regs->cx;
		case 2:
			return (__u32)regs->dx;
		case 3:
			return (__u32)regs->si;
		case 4:
			return (__u32)regs->di;
		default:
			return (__u32)regs->bp;
		}
	}
	switch (i) {
	case 0:
		return regs->di;
	case 1:
		return regs->si;
	case 2:
		return regs->dx;
	case 3:
		return regs->r10;
	case 4:
		return regs->r8;
	default:
		return regs->r9;
	}
}

/* The open file behind a descriptor of this thread; NULL if there is none (any more). */
static __always_inline struct file *pk_fd_file(struct task_struct *task, __s32 fd)
{
	struct fdtable *fdt = BPF_CORE_READ(task, files, fdt);
	struct file **fds = BPF_CORE_READ(fdt, fd);
	struct file *file = NULL;

	if (fd < 0 || (__u32)fd >= BPF_CORE_READ(fdt, max_fds))
		return NULL;
	bpf_probe_read_kernel(&file, sizeof(file), &fds[fd]);
	return file;
}

static __always_inline __u32 pk_exit_call(struct pt_regs *regs, bool compat)
{
	__u64 nr = regs->orig_ax;

	if (nr >= PK_SYSCALL_MAX)
		return PK_CALL_NONE;
	return pk_exit_calls[compat ? 1 : 0][nr & (PK_SYSCALL_MAX - 1)];
}

/* Does a rule in force on events of this kind ask for this text? */
static __always_inline bool pk_text_asked(const struct pk_actor *actor, __u32 kind, __u32 text)
{
	const struct pk_plan_table *plan;

	if (!pk_config.judging)
		return false;
	plan = pk_plan_get(actor->bank);
	return plan &&
	       ((plan->kinds[kind].exact | plan->kinds[kind].prefix | plan->kinds[kind].dfa) &
		(1u << text));
}

/*
 * The path of the open that this thread is in, as the caller wrote it: of the caller's memory, which may have been
 * changed since the kernel read it. None where no open call is what it is in (io_uring, a handle).
 */
__weak __noinline int pk_asked_fill(struct pk_scratch *s)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct pk_file_event *e;
	struct pt_regs *regs;
	__u32 call, off;
	bool compat;
	__u64 text;
	long n;

	if (!s || (task->flags & (PF_KTHREAD | PF_IO_WORKER)))
		return 0;
	e = &s->rec.file;
	regs = (void *)bpf_task_pt_regs(task);
	compat = task->thread_info.status & TS_COMPAT;
	call = pk_exit_call(regs, compat);
	if (call < PK_CALL_OPEN || call > PK_CALL_OPENAT2)
		return 0;
	text = call <= PK_CALL_CREAT ? pk_arg(regs, compat, 0) : pk_arg(regs, compat, 1);
	off = s->data_bytes;
	barrier_var(off);
	if (off > 512 + PK_DATA_BYTES - 4096 - 1024)
		return 0;
	n = bpf_probe_read_user_str(&s->rec.bytes[off], 4096, (void *)text);
	if (n <= 1)
		return 0;
	e->asked.off = off;
	e->asked.len = n - 1;
	s->data_bytes = off + (n - 1);
	return 0;
}

#endif
