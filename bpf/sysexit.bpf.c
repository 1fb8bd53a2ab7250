// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * tp_btf/sys_exit: the tracepoint backend's eye on files, and its switchboard.
 *
 * pk_sys_exit runs at the end of every system call, so it does next to nothing: two table
 * look-ups, then a tail call for the few calls that matter. Successful calls only.
 *
 *   exit_open  open calls, from the file that the new descriptor names
 *   exit_fd    fchmod, fchown, ftruncate, from the descriptor's file
 *   exit_path  calls that name files by path, looked up again in the dentry cache: lookup.h
 *   exit_socket, exit_system   in network.bpf.c, system.bpf.c
 *
 * Not seen: io_uring's file operations, 64-bit calls through the x32 table, a descriptor
 * that another thread closes before the call has returned.
 */
#include "sysexit.h"
#include "argpath.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* A process that a cgroup program has marked. */
static __always_inline void kill_doomed(void)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;

	if (!bpf_map_delete_elem(&pk_doomed_map, &pid)) {
		__sync_fetch_and_add(&pk_state.doomed_cnt, -1);
		bpf_send_signal(SIGKILL);
	}
}

/* Calls that change credentials, and not for the same ids: see creds.h. */
static __always_inline bool changes_creds(__u32 call)
{
	return (call >= PK_CALL_SETUID && call <= PK_CALL_CAPSET) || call == PK_CALL_SETNS ||
	       call == PK_CALL_UNSHARE;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(pk_sys_exit, struct pt_regs *regs, long ret)
{
	__u64 nr = regs->orig_ax;
	struct task_struct *task;
	__u32 call;

	if (pk_config.judging && pk_state.doomed_cnt)
		kill_doomed();
	if (ret < 0 || nr >= PK_SYSCALL_MAX)
		return 0;
	nr &= PK_SYSCALL_MAX - 1;
	if (!pk_exit_calls[0][nr] && !pk_exit_calls[1][nr])
		return 0;
	task = bpf_get_current_task_btf();
	call = pk_exit_calls[task->thread_info.status & TS_COMPAT ? 1 : 0][nr];
	/* the gate, for the programs behind it too */
	if (call == PK_CALL_NONE || pk_skip(task))
		return 0;
	if (changes_creds(call) && pk_creds_watched())
		pk_creds_flags(PK_HOOK_EXIT_SYSTEM);
	/* static: each with its own slot, so that the kernel makes it a plain jump */
	if (call <= PK_CALL_OPEN_HANDLE)
		bpf_tail_call_static(ctx, &pk_exit_progs, PK_EXIT_OPEN);
	else if (call <= PK_CALL_FTRUNCATE)
		bpf_tail_call_static(ctx, &pk_exit_progs, PK_EXIT_FD);
	else if (call <= PK_CALL_TRUNCATE)
		bpf_tail_call_static(ctx, &pk_exit_progs, PK_EXIT_PATH);
	else if (call < PK_CALL_SYSTEM)
		bpf_tail_call_static(ctx, &pk_exit_progs, PK_EXIT_SOCKET);
	else
		bpf_tail_call_static(ctx, &pk_exit_progs, PK_EXIT_SYSTEM);
	return 0;
}

/* Flags as asked for: those about creation are gone from the open file by now. */
static __always_inline __u32 asked_flags(struct pt_regs *regs, __u32 call, bool compat)
{
	__u64 how = 0;

	switch (call) {
	case PK_CALL_OPEN:
		return pk_arg(regs, compat, 1);
	case PK_CALL_CREAT:
		return 01 | 0100 | 01000; /* O_WRONLY | O_CREAT | O_TRUNC */
	case PK_CALL_OPENAT:
	case PK_CALL_OPEN_HANDLE:
		return pk_arg(regs, compat, 2);
	case PK_CALL_OPENAT2:
		bpf_probe_read_user(&how, sizeof(how), (void *)pk_arg(regs, compat, 2));
		return how;
	default:
		return 0;
	}
}

SEC("tp_btf/sys_exit")
int BPF_PROG(pk_exit_open, struct pt_regs *regs, long ret)
{
	const __u32 creation = 0100 | 0200 | 0400 | 01000; /* O_CREAT O_EXCL O_NOCTTY O_TRUNC */
	struct task_struct *task = bpf_get_current_task_btf();
	bool compat = task->thread_info.status & TS_COMPAT;
	struct pk_file_event *e;
	struct pk_actor actor;
	struct pk_scratch *s;
	struct file *file;
	__u32 mode;

	if (!pk_enter(task, PK_EVENT_OPEN, &actor))
		return 0;
	file = pk_fd_file(task, ret);
	if (!file) {
		pk_count_lost(PK_HOOK_EXIT_OPEN, PK_LOSS_READ);
		return 0;
	}
	mode = BPF_CORE_READ(file, f_mode);
	if (mode & FMODE_PATH)
		return 0;
	s = pk_scratch_get(PK_HOOK_EXIT_OPEN, sizeof(*e));
	if (!s)
		return 0;
	e = &s->rec.file;
	pk_head_fill(s, PK_EVENT_OPEN, PK_HOOK_EXIT_OPEN);
	e->open_flags = BPF_CORE_READ(file, f_flags) |
			(asked_flags(regs, pk_exit_call(regs, compat), compat) & creation);
	if (mode & FMODE_CREATED)
		e->file_flags |= PK_FILE_CREATED;
	if (e->open_flags & O_TMPFILE_BIT)
		e->file_flags |= PK_FILE_TMPFILE;
	pk_inode_fill(&e->inode, BPF_CORE_READ(file, f_inode));
	if (e->file_flags)
		e->mode = e->inode.mode & S_IALLUGO;
	pk_path_resolve(s, (__u64)BPF_CORE_READ(file, f_path.dentry),
			(__u64)BPF_CORE_READ(file, f_path.mnt), &e->path);
	pk_path_check(&e->head, &e->path);
	if (pk_text_asked(&actor, PK_EVENT_OPEN, PK_TEXT_ASKED))
		pk_asked_fill(s);
	pk_judge_exit(ctx, s, &actor, PK_EVENT_OPEN);
	pk_unjudged(s, PK_EVENT_OPEN, PK_HOOK_EXIT_OPEN);
	return 0;
}

static __always_inline __u32 fd_kind(__u32 call)
{
	switch (call) {
	case PK_CALL_FCHMOD:
		return PK_EVENT_CHMOD;
	case PK_CALL_FCHOWN:
		return PK_EVENT_CHOWN;
	default:
		return PK_EVENT_TRUNCATE;
	}
}

SEC("tp_btf/sys_exit")
int BPF_PROG(pk_exit_fd, struct pt_regs *regs, long ret)
{
	struct task_struct *task = bpf_get_current_task_btf();
	bool compat = task->thread_info.status & TS_COMPAT;
	__u32 kind = fd_kind(pk_exit_call(regs, compat));
	struct pk_file_event *e;
	struct pk_actor actor;
	struct pk_scratch *s;
	struct file *file;

	if (!pk_enter(task, kind, &actor))
		return 0;
	file = pk_fd_file(task, pk_arg(regs, compat, 0));
	s = pk_scratch_get(PK_HOOK_EXIT_FD, sizeof(*e));
	if (!s)
		return 0;
	e = &s->rec.file;
	pk_head_fill(s, kind, PK_HOOK_EXIT_FD);
	pk_inode_fill(&e->inode, BPF_CORE_READ(file, f_inode));
	e->mode = e->inode.mode & S_IALLUGO;
	e->old_uid = PK_OWNER_UNKNOWN;
	e->old_gid = PK_OWNER_UNKNOWN;
	e->size_bytes = BPF_CORE_READ(file, f_inode, i_size);
	pk_path_resolve(s, (__u64)BPF_CORE_READ(file, f_path.dentry),
			(__u64)BPF_CORE_READ(file, f_path.mnt), &e->path);
	if (!file)
		e->path.flags |= PK_PATH_UNREADABLE;
	pk_path_check(&e->head, &e->path);
	pk_judge_exit(ctx, s, &actor, kind);
	pk_unjudged(s, kind, PK_HOOK_EXIT_FD);
	return 0;
}

/* Global, as all below: see pk_path_resolve(). */
__weak __noinline int pk_path_call_read(struct pk_path_call *c, __u32 call)
{
	__u64 a0, a1, a2, a3, a4;

	if (!c)
		return 0;
	a0 = c->args[0];
	a1 = c->args[1];
	a2 = c->args[2];
	a3 = c->args[3];
	a4 = c->args[4];

	c->dir = PK_AT_FDCWD;
	c->dir2 = PK_AT_FDCWD;
	c->text = a0;
	switch (call) {
	case PK_CALL_UNLINK:
		c->kind = PK_EVENT_UNLINK;
		break;
	case PK_CALL_UNLINKAT:
		c->kind = a2 & 0x200 ? PK_EVENT_RMDIR : PK_EVENT_UNLINK; /* AT_REMOVEDIR */
		c->dir = a0;
		c->text = a1;
		break;
	case PK_CALL_RMDIR:
		c->kind = PK_EVENT_RMDIR;
		break;
	case PK_CALL_MKDIR:
		c->kind = PK_EVENT_MKDIR;
		break;
	case PK_CALL_MKDIRAT:
		c->kind = PK_EVENT_MKDIR;
		c->dir = a0;
		c->text = a1;
		break;
	case PK_CALL_MKNOD:
		c->kind = PK_EVENT_MKNOD;
		break;
	case PK_CALL_MKNODAT:
		c->kind = PK_EVENT_MKNOD;
		c->dir = a0;
		c->text = a1;
		break;
	case PK_CALL_SYMLINK:
		c->kind = PK_EVENT_SYMLINK;
		c->target = a0;
		c->text = a1;
		break;
	case PK_CALL_SYMLINKAT:
		c->kind = PK_EVENT_SYMLINK;
		c->target = a0;
		c->dir = a1;
		c->text = a2;
		break;
	case PK_CALL_LINK:
		c->kind = PK_EVENT_LINK;
		c->text2 = a1;
		break;
	case PK_CALL_LINKAT:
		c->kind = PK_EVENT_LINK;
		c->dir = a0;
		c->text = a1;
		c->dir2 = a2;
		c->text2 = a3;
		c->follow = a4 & 0x400; /* AT_SYMLINK_FOLLOW */
		break;
	case PK_CALL_RENAME:
		c->kind = PK_EVENT_RENAME;
		c->text2 = a1;
		break;
	case PK_CALL_RENAMEAT2:
		c->value = a4;
		/* fall through */
	case PK_CALL_RENAMEAT:
		c->kind = PK_EVENT_RENAME;
		c->dir = a0;
		c->text = a1;
		c->dir2 = a2;
		c->text2 = a3;
		break;
	case PK_CALL_CHMOD:
		c->kind = PK_EVENT_CHMOD;
		c->value = a1;
		c->follow = 1;
		break;
	case PK_CALL_FCHMODAT:
	case PK_CALL_FCHMODAT2:
		c->kind = PK_EVENT_CHMOD;
		c->dir = a0;
		c->text = a1;
		c->value = a2;
		c->follow = call == PK_CALL_FCHMODAT || !(a3 & 0x100); /* AT_SYMLINK_NOFOLLOW */
		break;
	case PK_CALL_CHOWN:
		c->kind = PK_EVENT_CHOWN;
		c->follow = 1;
		break;
	case PK_CALL_LCHOWN:
		c->kind = PK_EVENT_CHOWN;
		break;
	case PK_CALL_FCHOWNAT:
		c->kind = PK_EVENT_CHOWN;
		c->dir = a0;
		c->text = a1;
		c->follow = !(a4 & 0x100);
		break;
	case PK_CALL_TRUNCATE:
		c->kind = PK_EVENT_TRUNCATE;
		c->value = a1;
		c->follow = 1;
		break;
	default:
		break;
	}
	return 0;
}

static __always_inline void target_fill(struct pk_scratch *s, struct pk_str *ret, __u64 target)
{
	__u32 off = s->data_bytes;
	long n;

	if (off > 512 + PK_DATA_BYTES - 4096 - 16)
		return;
	n = bpf_probe_read_user_str(&s->rec.bytes[off], 4096, (void *)target);
	if (n <= 1)
		return;
	ret->off = off;
	ret->len = n - 1;
	s->data_bytes = off + (n - 1);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(pk_exit_path, struct pt_regs *regs, long ret)
{
	struct task_struct *task = bpf_get_current_task_btf();
	bool compat = task->thread_info.status & TS_COMPAT;
	struct pk_file_event *e;
	struct pk_path_call *c;
	struct pk_actor actor;
	struct pk_scratch *s;

	s = pk_scratch_get(PK_HOOK_EXIT_PATH, sizeof(*e));
	if (!s)
		return 0;
	c = &s->call;
	__builtin_memset(c, 0, sizeof(*c));
#pragma unroll
	for (int i = 0; i < 5; i++)
		c->args[i] = pk_arg(regs, compat, i);
	pk_path_call_read(c, pk_exit_call(regs, compat));
	if (!c->kind || c->kind >= PK_EVENT_SENSOR_MAX || !pk_enter(task, c->kind, &actor)) {
		pk_scratch_put(s);
		return 0;
	}
	e = &s->rec.file;
	pk_head_fill(s, c->kind, PK_HOOK_EXIT_PATH);
	if (c->kind == PK_EVENT_RENAME)
		e->open_flags = c->value;
	else if (c->kind == PK_EVENT_TRUNCATE)
		e->size_bytes = c->value;
	else if (c->kind == PK_EVENT_CHOWN)
		e->old_uid = e->old_gid = PK_OWNER_UNKNOWN;
	pk_argument_path(s, 0);
	if (c->text2)
		pk_argument_path(s, 1);
	if (c->target)
		target_fill(s, &e->target, c->target);
	e->mode = e->inode.mode & S_IALLUGO;
	if (c->kind == PK_EVENT_CHMOD)
		e->mode = c->value & S_IALLUGO;
	pk_path_check(&e->head, &e->path);
	pk_path_check(&e->head, &e->path2);
	pk_judge_exit(ctx, s, &actor, c->kind);
	pk_unjudged(s, c->kind, PK_HOOK_EXIT_PATH);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(pk_f_sys_exit, struct pt_regs *regs, long ret)
{
	struct pk_scratch *s = pk_scratch_mine();

	if (s)
		pk_finish(s, s->rec.head.hook, PK_CAN_KILL);
	return 0;
}
