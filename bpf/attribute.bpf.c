// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What is attached to files: extended attributes, and flags that ioctl() sets. And ioctl(TIOCSTI), which types into
 * a terminal.
 *
 * lsm/inode_setxattr, _removexattr     after permission was checked, before it is done
 * lsm/inode_set_acl, _remove_acl       the same of POSIX ACLs since 6.2; before they pass the two above
 * lsm/file_ioctl, file_ioctl_compat    of ioctl() only the requests of pk_ioctl_matters()
 *
 * The hooks of attributes know no mount. It is that of the call's own argument, if that is the hook's file; else
 * that of the process's root or working directory, if they are of the same file system; else the path is unknown.
 *
 * Not seen: what a file system sets in another's files on its own account (an overlay in its layers), and
 * operations of io_uring under other credentials than the caller's, which look the same. Denying fails open.
 */
#include "callargs.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* PK_CALL_* that this thread is in, whichever table it came by. */
static __always_inline __u32 call_of(struct task_struct *task, struct pt_regs *regs)
{
	__u64 nr = (__u32)regs->orig_ax & ~NR_X32;

	if (nr >= PK_SYSCALL_MAX)
		return PK_CALL_NONE;
	return pk_exit_calls[task->thread_info.status & TS_COMPAT ? 1 : 0]
			    [nr & (PK_SYSCALL_MAX - 1)];
}

static __always_inline bool is_xattr_call(__u32 call)
{
	return call >= PK_CALL_SETXATTR && call <= PK_CALL_REMOVEXATTRAT;
}

/* Is it what the caller asked for? An overlay works on its layers as who mounted it. */
static __always_inline bool is_own(struct task_struct *task)
{
	struct pt_regs *regs;

	if (task->cred != task->real_cred)
		return false;
	if (task->flags & PF_IO_WORKER)
		return true;
	regs = (void *)bpf_task_pt_regs(task);
	return regs->orig_ax == PK_NR_IO_URING_ENTER || is_xattr_call(call_of(task, regs));
}

/* A mount that the file can be seen through, when the call does not tell: not necessarily the one that was used. */
static __always_inline const void *some_mount(struct task_struct *task, struct dentry *dentry)
{
	if (task->fs->root.mnt->mnt_sb == dentry->d_inode->i_sb)
		return task->fs->root.mnt;
	if (task->fs->pwd.mnt->mnt_sb == dentry->d_inode->i_sb)
		return task->fs->pwd.mnt;
	return NULL;
}

/* verifier: a function of its own, with a stack of its own that is gone when the way to a path begins. */
__weak __noinline int pk_place_of_fd(struct pk_scratch *s, __s32 fd, __u64 dentry)
{
	struct file *file;

	if (!s)
		return 0;
	s->place.dir = s->place.mnt = 0;
	file = pk_fd_file(bpf_get_current_task_btf(), fd);
	if (!file || (__u64)BPF_CORE_READ(file, f_path.dentry) != dentry)
		return 0;
	s->place.dir = dentry;
	s->place.mnt = (__u64)BPF_CORE_READ(file, f_path.mnt);
	return 0;
}

static __always_inline bool place_by_fd(struct pk_scratch *s, __s32 fd, __u64 dentry)
{
	pk_place_of_fd(s, fd, dentry);
	if (!s->place.mnt)
		return false;
	pk_path_resolve(s, s->place.dir, s->place.mnt, &s->rec.sys.path);
	return true;
}

/* The same: pk_scratch.call of this thread's call; its kind is not 0 if that is one about attributes. */
__weak __noinline int pk_xattr_call(struct pk_scratch *s)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct pt_regs *regs = (void *)bpf_task_pt_regs(task);
	bool compat = task->thread_info.status & TS_COMPAT;
	__u32 call = call_of(task, regs);
	struct pk_path_call *c;

	if (!s)
		return 0;
	c = &s->call;
	__builtin_memset(c, 0, sizeof(*c));
	if ((task->flags & PF_IO_WORKER) || !is_xattr_call(call))
		return 0;
#pragma unroll
	for (int i = 0; i < 5; i++)
		c->args[i] = pk_arg(regs, compat, i);
	pk_xattr_place(c, call);
	c->kind = PK_EVENT_SETXATTR;
	return 0;
}

/* The same, which takes much of a stack. */
__weak __noinline int pk_xattr_inode(struct pk_scratch *s, __u64 dentry)
{
	struct dentry *d = (struct dentry *)dentry;

	if (!s)
		return 0;
	__builtin_memset(&s->rec.sys.inode, 0, sizeof(s->rec.sys.inode));
	pk_inode_fill(&s->rec.sys.inode, BPF_CORE_READ(d, d_inode));
	return 0;
}

/* By the call's argument; false: that is another file, or none. */
static __always_inline bool place_by_call(struct pk_scratch *s, __u64 dentry)
{
	pk_xattr_call(s);
	if (!s->call.kind)
		return false;
	if (!s->call.text)
		return place_by_fd(s, s->call.dir, dentry);
	pk_argument_path(s, 0);
	return s->lookup.found == dentry;
}

static __always_inline void xattr_fill(struct pk_scratch *s, struct task_struct *task,
				       struct dentry *dentry, const char *name)
{
	struct pk_sys_event *e = &s->rec.sys;
	const void *mnt;

	/* verifier: what the hook was given first, so that it is not kept on the stack, which is short of room */
	pk_sys_text1(s, name, false);
	pk_head_io_uring(&e->head, task);
	if (!place_by_call(s, pk_scalar(s, dentry))) {
		__builtin_memset(&e->path, 0, sizeof(e->path));
		mnt = some_mount(task, dentry);
		if (mnt)
			pk_path_resolve(s, pk_scalar(s, dentry), (__u64)mnt, &e->path);
		else
			e->path.flags |= PK_PATH_UNREADABLE;
	}
	pk_xattr_inode(s, pk_scalar(s, dentry));
	pk_path_check(&e->head, &e->path);
}

static __always_inline void setxattr_fill(struct pk_scratch *s, struct task_struct *task,
					  struct dentry *dentry, const char *name,
					  unsigned long size, int flags)
{
	s->rec.sys.arg[0] = (__u32)flags;
	s->rec.sys.arg[1] = size;
	xattr_fill(s, task, dentry, name);
}

PK_SYS_HOOK(inode_setxattr, PK_HOOK_XATTR, PK_EVENT_SETXATTR, is_own(task),
	    setxattr_fill(s, task, dentry, name, size, flags), void *idmap, struct dentry *dentry,
	    const char *name, const void *value, unsigned long size, int flags)
PK_SYS_HOOK(inode_removexattr, PK_HOOK_XATTR, PK_EVENT_REMOVEXATTR, is_own(task),
	    xattr_fill(s, task, dentry, name), void *idmap, struct dentry *dentry, const char *name)
PK_SYS_HOOK(inode_set_acl, PK_HOOK_XATTR, PK_EVENT_SETXATTR, is_own(task),
	    xattr_fill(s, task, dentry, name), void *idmap, struct dentry *dentry, const char *name)
PK_SYS_HOOK(inode_remove_acl, PK_HOOK_XATTR, PK_EVENT_REMOVEXATTR, is_own(task),
	    xattr_fill(s, task, dentry, name), void *idmap, struct dentry *dentry, const char *name)

static __always_inline void ioctl_fill(struct pk_scratch *s, struct file *file, __u32 cmd,
				       unsigned long arg)
{
	pk_sys_path(s, file->f_path.dentry, file->f_path.mnt);
	pk_ioctl_fill(s, cmd, arg);
}

PK_SYS_HOOK(file_ioctl, PK_HOOK_IOCTL, PK_EVENT_IOCTL, pk_ioctl_matters(cmd),
	    ioctl_fill(s, file, cmd, arg), struct file *file, unsigned int cmd, unsigned long arg)
PK_SYS_HOOK(file_ioctl_compat, PK_HOOK_IOCTL, PK_EVENT_IOCTL, pk_ioctl_matters(cmd),
	    ioctl_fill(s, file, cmd, arg), struct file *file, unsigned int cmd, unsigned long arg)
