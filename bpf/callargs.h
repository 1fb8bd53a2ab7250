/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From the arguments of a system call to the facts of a struct pk_sys_event. In: pk_scratch.call.args, the record's
 * head filled. Out: the record's body, and in pk_scratch.call where paths stand.
 *
 * Arguments in registers are the kernel's copy. Paths are looked up again, texts read again from the
 * caller's memory when the call is over: on the lsm backend only for calls without a hook. Where the call is still
 * to be done (`pre`), what stands in the caller's memory is not looked at: it may change until it is used.
 */
#ifndef PK_CALLARGS_H
#define PK_CALLARGS_H

#include "system.h"
#include "argpath.h"

/* Before the call is done it may still change: it is not looked at, and not known. */
static __always_inline void user_text1(struct pk_scratch *s, __u64 text, bool pre)
{
	if (text && pre)
		s->rec.sys.sys_flags |= PK_SYS_TEXT_UNKNOWN;
	else if (text)
		pk_sys_text1(s, (void *)text, true);
}

static __always_inline void user_text2(struct pk_scratch *s, __u64 text, bool pre)
{
	if (text && pre)
		s->rec.sys.sys_flags |= PK_SYS_TEXT2_UNKNOWN;
	else if (text)
		pk_sys_text2(s, (void *)text, true);
}

/* What was asked for: after a change of root it would be looked up in another tree. */
static __always_inline void raw_path(struct pk_scratch *s, struct pk_path *path, __u64 text)
{
	path->flags = PK_PATH_ARGUMENT;
	if (pk_sys_text_add(s, text, &path->name, 1))
		path->flags |= PK_PATH_UNREADABLE;
}

static __always_inline void read_mount(struct pk_scratch *s, bool pre)
{
	struct pk_path_call *c = &s->call;

	c->text = c->args[1];
	c->follow = 1;
	s->rec.sys.arg[0] = c->args[3];
	user_text1(s, c->args[2], pre);
	user_text2(s, c->args[0], pre);
}

static __always_inline void read_move_mount(struct pk_scratch *s)
{
	struct pk_path_call *c = &s->call;

	c->dir = c->args[0];
	c->text = c->args[1];
	c->dir2 = c->args[2];
	c->text2 = c->args[3];
	c->follow = 1;
	s->rec.sys.arg[0] = (__u32)c->args[4];
}

/* The type of file system that a context from fsopen() is for. */
static __always_inline void read_context_type(struct pk_scratch *s, __s32 fd, bool pre)
{
	struct fs_context *context;
	struct file *file;

	if (pre) {
		s->rec.sys.sys_flags |= PK_SYS_TEXT_UNKNOWN;
		return;
	}
	file = pk_fd_file(bpf_get_current_task_btf(), fd);
	context = (struct fs_context *)BPF_CORE_READ(file, private_data);
	pk_sys_text1(s, BPF_CORE_READ(context, fs_type, name), false);
}

#define FSCONFIG_SET_STRING 1
#define FSCONFIG_SET_PATH 3
#define FSCONFIG_SET_PATH_EMPTY 4

static __always_inline void read_fsconfig(struct pk_scratch *s, bool pre)
{
	struct pk_path_call *c = &s->call;
	__u32 cmd = c->args[1];

	s->rec.sys.arg[0] = cmd;
	s->rec.sys.arg[1] = (__u32)c->args[4];
	user_text1(s, c->args[2], pre);
	if (cmd == FSCONFIG_SET_STRING || cmd == FSCONFIG_SET_PATH ||
	    cmd == FSCONFIG_SET_PATH_EMPTY)
		user_text2(s, c->args[3], pre);
}

static __always_inline void read_setattr(struct pk_scratch *s, bool pre)
{
	struct pk_path_call *c = &s->call;
	__u64 attr[2] = {};

	c->dir = c->args[0];
	c->text = c->args[1];
	c->follow = !(c->args[2] & 0x100); /* AT_SYMLINK_NOFOLLOW */
	s->rec.sys.arg[0] = (__u32)c->args[2];
	if (pre || bpf_probe_read_user(attr, sizeof(attr), (void *)c->args[3]))
		s->rec.sys.sys_flags |= PK_SYS_ARG_UNKNOWN(1) | PK_SYS_ARG_UNKNOWN(2);
	s->rec.sys.arg[1] = attr[0];
	s->rec.sys.arg[2] = attr[1];
}

/* The new root is the process's own by now: what it was called before is its whole path. */
static __always_inline void read_chroot(struct pk_scratch *s)
{
	struct task_struct *task = bpf_get_current_task_btf();

	pk_sys_path(s, task->fs->root.dentry, task->fs->root.mnt);
	s->rec.sys.path.root_off = 0;
	s->call.text = 0;
}

/* What the process is now. */
static __always_inline void read_cred(struct pk_scratch *s, __u32 call)
{
	const struct cred *cred = bpf_get_current_task_btf()->cred;
	__u64 *arg = s->rec.sys.arg;

	if (call == PK_CALL_SETUID) {
		arg[0] = cred->uid.val;
		arg[1] = cred->euid.val;
		arg[2] = cred->suid.val;
		arg[3] = cred->fsuid.val;
	} else if (call == PK_CALL_SETGID || call == PK_CALL_SETGROUPS) {
		arg[0] = cred->gid.val;
		arg[1] = cred->egid.val;
		arg[2] = cred->sgid.val;
		arg[3] = cred->fsgid.val;
		if (call == PK_CALL_SETGROUPS) {
			arg[4] = PK_SETGID_GROUPS;
			arg[5] = cred->group_info->ngroups;
		}
	} else {
		bpf_core_read(&arg[0], 8, &cred->cap_effective);
		bpf_core_read(&arg[1], 8, &cred->cap_permitted);
		bpf_core_read(&arg[2], 8, &cred->cap_inheritable);
	}
}

/* Whom a number means is only known where pids are the host's. */
static __always_inline void read_ptrace(struct pk_scratch *s, __u32 call)
{
	struct pk_path_call *c = &s->call;
	__u32 pid = call == PK_CALL_PTRACE ? c->args[1] : c->args[0];

	s->rec.sys.arg[0] = call == PK_CALL_PTRACE ? c->args[0] : ~0ull;
	s->rec.sys.arg[1] = pk_ptrace_operation(call);
	s->rec.sys.sys_flags |= PK_SYS_TEXT_UNKNOWN;
	if (call == PK_CALL_PTRACE && !c->args[0])
		s->rec.sys.target_pid = s->rec.head.ppid; /* PTRACE_TRACEME */
	else if (call != PK_CALL_PIDFD_GETFD && s->rec.head.pid == s->rec.head.ns_pid)
		s->rec.sys.target_pid = pid;
}

#define NSFS_MAGIC 0x6e736673

/* Since 6.18 it stands in the namespace itself. */
struct ns_common___since_6_18 {
	__u32 ns_type;
} __attribute__((preserve_access_index));

static __always_inline __u32 ns_type(struct ns_common *ns)
{
	struct ns_common___since_6_18 *other = (void *)ns;

	if (bpf_core_field_exists(other->ns_type))
		return BPF_CORE_READ(other, ns_type);
	if (bpf_core_field_exists(struct proc_ns_operations, type))
		return BPF_CORE_READ(ns, ops, type);
	return 0;
}

static __always_inline void read_setns(struct pk_scratch *s, bool pre)
{
	struct pk_path_call *c = &s->call;
	struct file *file;
	struct inode *inode;
	struct ns_common *ns;

	s->rec.sys.arg[0] = (__u32)c->args[1];
	if (pre) {
		/* 0: any, by the descriptor, which can be replaced until it is used */
		s->rec.sys.sys_flags |= PK_SYS_ARG_UNKNOWN(1);
		if (!c->args[1])
			s->rec.sys.sys_flags |= PK_SYS_ARG_UNKNOWN(0);
		return;
	}
	file = pk_fd_file(bpf_get_current_task_btf(), c->args[0]);
	inode = BPF_CORE_READ(file, f_inode);
	if (BPF_CORE_READ(inode, i_sb, s_magic) != NSFS_MAGIC)
		return;
	ns = BPF_CORE_READ(inode, i_private);
	s->rec.sys.arg[0] = ns_type(ns);
	s->rec.sys.arg[1] = BPF_CORE_READ(inode, i_ino);
}

static __always_inline void read_key(struct pk_scratch *s, __u32 call, bool pre)
{
	struct pk_path_call *c = &s->call;

	if (call == PK_CALL_KEYCTL) {
		s->rec.sys.arg[0] = (__u32)c->args[0];
		s->rec.sys.arg[1] = (__u32)c->args[1];
		return;
	}
	s->rec.sys.arg[0] = call == PK_CALL_ADD_KEY ? PK_KEYCTL_ADD_KEY : PK_KEYCTL_REQUEST_KEY;
	s->rec.sys.arg[1] = (__u32)(call == PK_CALL_ADD_KEY ? c->args[4] : c->args[3]);
	user_text1(s, c->args[0], pre);
	user_text2(s, c->args[1], pre);
}

static __always_inline void read_load(struct pk_scratch *s, __u32 call)
{
	struct pk_path_call *c = &s->call;
	bool of_file = call == PK_CALL_FINIT_MODULE || call == PK_CALL_KEXEC_FILE;
	struct file *file;

	s->rec.sys.arg[0] = of_file;
	if (call != PK_CALL_INIT_MODULE)
		s->rec.sys.arg[1] = call == PK_CALL_FINIT_MODULE ? (__u32)c->args[2] :
				    call == PK_CALL_KEXEC_LOAD   ? c->args[3] :
								   c->args[4];
	if (!of_file)
		return;
	file = pk_fd_file(bpf_get_current_task_btf(), c->args[0]);
	pk_sys_path(s, BPF_CORE_READ(file, f_path.dentry), BPF_CORE_READ(file, f_path.mnt));
}

static __always_inline void read_perf(struct pk_scratch *s, bool pre)
{
	struct pk_path_call *c = &s->call;
	__u32 type = 0;

	s->rec.sys.arg[2] = (__u32)c->args[1];
	s->rec.sys.arg[3] = (__u32)c->args[2];
	if (pre) {
		s->rec.sys.sys_flags |= PK_SYS_ARG_UNKNOWN(0) | PK_SYS_ARG_UNKNOWN(1);
		return;
	}
	bpf_probe_read_user(&type, sizeof(type), (void *)c->args[0]);
	s->rec.sys.arg[0] = type;
	bpf_probe_read_user(&s->rec.sys.arg[1], 8, (void *)(c->args[0] + 8));
}

static __always_inline void read_ring(struct pk_scratch *s, bool pre)
{
	struct pk_path_call *c = &s->call;
	__u32 flags = 0;

	s->rec.sys.arg[1] = (__u32)c->args[0];
	if (pre)
		s->rec.sys.sys_flags |= PK_SYS_ARG_UNKNOWN(2);
	else
		bpf_probe_read_user(&flags, sizeof(flags), (void *)(c->args[1] + 8));
	s->rec.sys.arg[2] = flags;
}

/* The name as the kernel keeps it, behind "memfd:". */
static __always_inline void read_memfd(struct pk_scratch *s, bool pre)
{
	struct file *file;

	s->rec.sys.arg[0] = (__u32)s->call.args[1];
	if (pre) {
		s->rec.sys.sys_flags |= PK_SYS_TEXT_UNKNOWN;
		return;
	}
	file = pk_fd_file(bpf_get_current_task_btf(), s->call.value);
	if (file)
		pk_sys_text1(s, BPF_CORE_READ(file, f_path.dentry, d_name.name) + 6, false);
}

static __always_inline void read_map(struct pk_scratch *s, __u32 call)
{
	struct pk_path_call *c = &s->call;

	s->rec.sys.arg[0] = c->args[0];
	s->rec.sys.arg[1] = c->args[1];
	s->rec.sys.arg[2] = (__u32)c->args[2];
	s->rec.sys.arg[3] = call == PK_CALL_MMAP ? (__u32)c->args[3] : 0;
	if (call == PK_CALL_MPROTECT)
		s->rec.sys.sys_flags |= PK_SYS_ARG_UNKNOWN(3); /* what it was before */
}

/* Where the file of a call about attributes stands; without a text it is the descriptor `dir`. */
static __always_inline void pk_xattr_place(struct pk_path_call *c, __u32 call)
{
	c->dir = PK_AT_FDCWD;
	c->text = c->args[0];
	switch (call) {
	case PK_CALL_SETXATTR:
	case PK_CALL_REMOVEXATTR:
		c->follow = 1;
		break;
	case PK_CALL_SETXATTRAT:
	case PK_CALL_REMOVEXATTRAT:
		c->dir = c->args[0];
		c->text = c->args[1];
		c->follow = !(c->args[2] & 0x100); /* AT_SYMLINK_NOFOLLOW */
		break;
	case PK_CALL_FSETXATTR:
	case PK_CALL_FREMOVEXATTR:
		c->dir = c->args[0];
		c->text = 0;
		break;
	default:
		break;
	}
}

/* The file that a descriptor stands for. */
static __always_inline void read_fd(struct pk_scratch *s, __s32 fd)
{
	struct file *file = pk_fd_file(bpf_get_current_task_btf(), fd);

	if (file)
		pk_sys_path(s, BPF_CORE_READ(file, f_path.dentry), BPF_CORE_READ(file, f_path.mnt));
	else
		s->rec.sys.path.flags |= PK_PATH_UNREADABLE;
}

static __always_inline void read_xattr(struct pk_scratch *s, __u32 call, bool pre)
{
	struct pk_path_call *c = &s->call;
	bool at = call == PK_CALL_SETXATTRAT || call == PK_CALL_REMOVEXATTRAT;
	__u32 more[2] = {}; /* of struct xattr_args: size, flags */

	pk_xattr_place(c, call);
	if (!c->text)
		read_fd(s, c->dir);
	user_text1(s, at ? c->args[3] : c->args[1], pre);
	if (call >= PK_CALL_REMOVEXATTR)
		return;
	if (!at) {
		s->rec.sys.arg[0] = (__u32)c->args[4];
		s->rec.sys.arg[1] = c->args[3];
		return;
	}
	if (bpf_probe_read_user(more, sizeof(more), (void *)(c->args[4] + 8)))
		s->rec.sys.sys_flags |= PK_SYS_ARG_UNKNOWN(0) | PK_SYS_ARG_UNKNOWN(1);
	s->rec.sys.arg[0] = more[1];
	s->rec.sys.arg[1] = more[0];
}

static __always_inline void read_settime(struct pk_scratch *s, __u32 call)
{
	struct pk_path_call *c = &s->call;
	bool compat = bpf_get_current_task_btf()->thread_info.status & TS_COMPAT;
	bool second = call == PK_CALL_CLOCK_SETTIME || call == PK_CALL_CLOCK_SETTIME32;
	void *at = (void *)(second ? c->args[1] : c->args[0]);
	__u32 operation = pk_settime_operation(call);
	__s64 wide[2] = {};
	__s32 narrow[2] = {};
	long err;

	s->rec.sys.arg[0] = operation;
	if (operation == PK_SETTIME_STEP) {
		s->rec.sys.sys_flags |= PK_SYS_ARG_UNKNOWN(1) | PK_SYS_ARG_UNKNOWN(2);
		return;
	}
	if (compat && call != PK_CALL_CLOCK_SETTIME) {
		err = bpf_probe_read_user(narrow, operation == PK_SETTIME_STIME ? 4 : 8, at);
		wide[0] = narrow[0];
		wide[1] = narrow[1];
	} else {
		err = bpf_probe_read_user(wide, sizeof(wide), at);
	}
	if (err)
		s->rec.sys.sys_flags |= PK_SYS_ARG_UNKNOWN(1) | PK_SYS_ARG_UNKNOWN(2);
	s->rec.sys.arg[1] = wide[0];
	s->rec.sys.arg[2] = operation == PK_SETTIME_DAY ? wide[1] * 1000 : wide[1];
}

/*
 * The record's own facts, from pk_scratch.call.args. Of paths only where they stand: pk_sys_read_paths(). Global, so
 * that the verifier looks at it once a program.
 */
__weak __noinline int pk_sys_read(struct pk_scratch *s, __u32 call, __u32 pre)
{
	struct pk_path_call *c;

	if (!s)
		return 0;
	c = &s->call;
	c->dir = c->dir2 = PK_AT_FDCWD;
	switch (call) {
	case PK_CALL_MOUNT:
		read_mount(s, pre);
		break;
	case PK_CALL_UMOUNT:
		c->text = c->args[0];
		c->follow = !(c->args[1] & 8); /* UMOUNT_NOFOLLOW */
		s->rec.sys.arg[0] = (__u32)c->args[1];
		break;
	case PK_CALL_OLDUMOUNT:
		c->text = c->args[0];
		c->follow = 1;
		break;
	case PK_CALL_MOVE_MOUNT:
		read_move_mount(s);
		break;
	case PK_CALL_OPEN_TREE:
		c->dir = c->args[0];
		c->text = c->args[1];
		c->follow = !(c->args[2] & 0x100);
		s->rec.sys.arg[0] = (__u32)c->args[2];
		break;
	case PK_CALL_FSMOUNT:
		s->rec.sys.arg[0] = (__u32)c->args[1];
		s->rec.sys.arg[1] = (__u32)c->args[2];
		read_context_type(s, c->args[0], pre);
		break;
	case PK_CALL_FSCONFIG:
		read_fsconfig(s, pre);
		break;
	case PK_CALL_MOUNT_SETATTR:
		read_setattr(s, pre);
		break;
	case PK_CALL_PIVOT_ROOT:
		raw_path(s, &s->rec.sys.path, c->args[0]);
		raw_path(s, &s->rec.sys.path2, c->args[1]);
		break;
	case PK_CALL_CHROOT:
		read_chroot(s);
		break;
	case PK_CALL_SETUID:
	case PK_CALL_SETGID:
	case PK_CALL_SETGROUPS:
	case PK_CALL_CAPSET:
		read_cred(s, call);
		break;
	case PK_CALL_PTRACE:
	case PK_CALL_VM_READ:
	case PK_CALL_VM_WRITE:
	case PK_CALL_PIDFD_GETFD:
		read_ptrace(s, call);
		break;
	case PK_CALL_SETNS:
		read_setns(s, pre);
		break;
	case PK_CALL_UNSHARE:
		s->rec.sys.arg[0] = (__u32)c->args[0];
		break;
	case PK_CALL_CLONE:
	case PK_CALL_CLONE3:
		s->rec.sys.arg[0] = bpf_get_current_task_btf()->cred->user_ns->level;
		break;
	case PK_CALL_KEYCTL:
	case PK_CALL_ADD_KEY:
	case PK_CALL_REQUEST_KEY:
		read_key(s, call, pre);
		break;
	case PK_CALL_PRCTL:
		if ((__u32)c->args[0] == PK_PR_SET_NAME) {
			pk_name_fill(s, (__u64)bpf_get_current_task_btf()->comm, false);
			break;
		}
		s->rec.sys.arg[0] = (__u32)c->args[0];
		s->rec.sys.arg[1] = c->args[1];
		s->rec.sys.arg[2] = c->args[2];
		s->rec.sys.arg[3] = c->args[3];
		s->rec.sys.arg[4] = c->args[4];
		break;
	case PK_CALL_SECCOMP:
		s->rec.sys.arg[0] = (__u32)c->args[0];
		s->rec.sys.arg[1] = (__u32)c->args[1];
		break;
	case PK_CALL_INIT_MODULE:
	case PK_CALL_FINIT_MODULE:
	case PK_CALL_KEXEC_LOAD:
	case PK_CALL_KEXEC_FILE:
		read_load(s, call);
		break;
	case PK_CALL_BPF:
		pk_bpf_fill(s, c->args[0], c->args[1], true);
		break;
	case PK_CALL_PERF_EVENT:
		read_perf(s, pre);
		break;
	case PK_CALL_IO_URING:
		read_ring(s, pre);
		break;
	case PK_CALL_PERSONALITY:
	case PK_CALL_USERFAULTFD:
		s->rec.sys.arg[0] = (__u32)c->args[0];
		break;
	case PK_CALL_SYSLOG:
		s->rec.sys.arg[0] = (__u32)c->args[0];
		s->rec.sys.arg[1] = (__u32)c->args[2];
		break;
	case PK_CALL_MEMFD:
		read_memfd(s, pre);
		break;
	case PK_CALL_SETXATTR:
	case PK_CALL_LSETXATTR:
	case PK_CALL_FSETXATTR:
	case PK_CALL_SETXATTRAT:
	case PK_CALL_REMOVEXATTR:
	case PK_CALL_LREMOVEXATTR:
	case PK_CALL_FREMOVEXATTR:
	case PK_CALL_REMOVEXATTRAT:
		read_xattr(s, call, pre);
		break;
	case PK_CALL_CLOCK_SETTIME:
	case PK_CALL_CLOCK_SETTIME32:
	case PK_CALL_SETTIMEOFDAY:
	case PK_CALL_STIME:
	case PK_CALL_ADJTIMEX:
	case PK_CALL_CLOCK_ADJTIME:
		read_settime(s, call);
		break;
	case PK_CALL_DELETE_MODULE:
		s->rec.sys.arg[0] = (__u32)c->args[1];
		user_text1(s, c->args[0], pre);
		break;
	case PK_CALL_IOCTL:
		read_fd(s, c->args[0]);
		pk_ioctl_fill(s, c->args[1], c->args[2]);
		break;
	case PK_CALL_MMAP:
	case PK_CALL_MPROTECT:
		read_map(s, call);
		break;
	case PK_CALL_SOCKET:
		pk_socket_fill(s, c->args[0], c->args[1], c->args[2]);
		break;
	default:
		break;
	}
	return 0;
}

/* Part of its caller: Linux 6.1 counts 32 bytes of stack for each function, and the way to a path is long. */
static __always_inline void pk_sys_read_paths(struct pk_scratch *s, __u32 pre)
{
	if (pre) {
		if (s->call.text)
			s->rec.sys.path.flags |= PK_PATH_UNREADABLE;
		if (s->call.text2)
			s->rec.sys.path2.flags |= PK_PATH_UNREADABLE;
		return;
	}
	if (s->call.text)
		pk_argument_path(s, 0);
	if (s->call.text2)
		pk_argument_path(s, 1);
	pk_path_check(&s->rec.head, &s->rec.sys.path);
	pk_path_check(&s->rec.head, &s->rec.sys.path2);
}

#endif
