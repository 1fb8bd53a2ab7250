// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The file family on the lsm backend. (The tracepoint backend's part is in sysexit.bpf.c.)
 *
 * lsm/file_open               open: every road to an open file passes here (open, creat, openat2, handles,
 *                             io_uring), after all permission checks. A driver's own refusal after
 *                             it (a FIFO with no reader) still shows as an open. Not events: O_PATH (nothing is
 *                             opened), the image of an exec, a file system's own opens (overlay).
 * lsm/path_*                  remember which dentry and mount an operation is about; only the
 *                             path hooks know the mount. They run before permission checks, so
 *                             they report nothing but what they deny. Rules are judged here: those that
 *                             deny or kill act at once, alerts wait for the operation's end.
 * fentry/notify_change        remembers what was asked for.
 * fexit/vfs_*, notify_change  the operation's end: reported if it succeeded and is the one
 *                             that was remembered (an overlay's work on its layers is not).
 *
 * Denying fails open: an event for which no scratch slot is free is counted and let pass, and so is
 * one whose facts cannot be read unless the rule says otherwise (on_unknown).
 */
#include "sysexit.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

PK_POINT(pk_p_file_open, 1);

/*
 * Did a file system open this for itself? An overlay reads its layers through mounts that are in
 * nobody's namespace. So are memfds, which have no path (PK_PATH_PSEUDO).
 */
static __always_inline bool internal_open(struct file *file, const struct pk_path *path)
{
	struct mount *mnt;

	if ((path->flags & (PK_PATH_OUTSIDE | PK_PATH_PSEUDO)) != PK_PATH_OUTSIDE)
		return false;
	mnt = (void *)BPF_CORE_READ(file, f_path.mnt) - bpf_core_field_offset(struct mount, mnt);
	return BPF_CORE_READ(mnt, mnt_ns) == MNT_NS_INTERNAL;
}

static __always_inline void open_inode(struct pk_file_event *e, struct file *file)
{
	pk_inode_fill(&e->inode, file->f_inode);
	if (e->file_flags)
		e->mode = e->inode.mode & S_IALLUGO;
}

/* What was left for later. */
static __always_inline void open_complete(struct pk_scratch *s, struct file *file)
{
	struct pk_file_event *e = &s->rec.file;

	if (s->later & PK_LATER_HEAD) {
		pk_head_fill(s, PK_EVENT_OPEN, PK_HOOK_FILE_OPEN);
		pk_head_io_uring(&e->head, bpf_get_current_task_btf());
		pk_path_check(&e->head, &e->path);
	}
	if (s->later & PK_LATER_INODE)
		open_inode(e, file);
}

SEC("lsm/file_open")
int BPF_PROG(pk_file_open, struct file *file)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct pk_file_event *e;
	struct pk_actor actor;
	struct pk_scratch *s;
	__u32 flags;

	if (!pk_enter(task, PK_EVENT_OPEN, &actor))
		return 0;
	flags = file->f_flags;
	if ((flags & FMODE_EXEC_FLAG) || (file->f_mode & FMODE_NOACCOUNT))
		return 0;
	s = pk_scratch_get(PK_HOOK_FILE_OPEN, sizeof(*e));
	if (!s)
		return pk_unjudgeable(&actor, PK_EVENT_OPEN);
	e = &s->rec.file;
	s->later = pk_later(&actor, PK_EVENT_OPEN);
	pk_head_begin(s, PK_EVENT_OPEN, PK_HOOK_FILE_OPEN);
	if (!(s->later & PK_LATER_HEAD))
		pk_head_io_uring(&e->head, task);
	e->open_flags = flags;
	if (file->f_mode & FMODE_CREATED)
		e->file_flags |= PK_FILE_CREATED;
	if (flags & O_TMPFILE_BIT)
		e->file_flags |= PK_FILE_TMPFILE;
	if (!(s->later & PK_LATER_INODE))
		open_inode(e, file);
	pk_path_ahead(s, file);
	pk_path_resolve(s, pk_scalar(s, file->f_path.dentry), pk_scalar(s, file->f_path.mnt),
			&e->path);
	if (internal_open(file, &e->path)) {
		pk_scratch_put(s);
		return 0;
	}
	if (!(s->later & PK_LATER_HEAD))
		pk_path_check(&e->head, &e->path);
	if (pk_text_asked(&actor, PK_EVENT_OPEN, PK_TEXT_ASKED))
		pk_asked_fill(s);
	pk_judge_record(ctx, s, &actor, pk_p_file_open, 0);
	pk_unjudged(s, PK_EVENT_OPEN, PK_HOOK_FILE_OPEN);
	return 0;
}

SEC("lsm/file_open")
int BPF_PROG(pk_f_file_open, struct file *file)
{
	struct pk_scratch *s = pk_scratch_mine();

	if (!s)
		return 0;
	open_complete(s, file);
	return pk_finish_lsm(s, PK_HOOK_FILE_OPEN);
}

/* Who an operation by name is about. */
struct op_target {
	struct vfsmount *mnt;
	struct dentry *dentry; /* may be negative (mkdir): then there is no inode yet */
};

/* Remember an operation. */
static __always_inline struct pk_op *op_begin(__u32 hook, __u32 kind,
					      const struct op_target *target)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct dentry *dentry = target->dentry;
	struct pk_op *op;

	op = bpf_task_storage_get(&pk_op_map, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!op) {
		pk_count_lost(hook, PK_LOSS_STORAGE);
		return NULL;
	}
	op->kind = kind;
	op->mnt = (__u64)target->mnt;
	op->dentry = (__u64)target->dentry;
	op->judgement.match_cnt = 0;
	__builtin_memset(&op->inode, 0, sizeof(op->inode));
	pk_inode_fill(&op->inode, BPF_CORE_READ(dentry, d_inode));
	return op;
}

/* An operation that nobody asks about: one that came before and failed must not be taken for it. */
static __always_inline void op_forget(void)
{
	struct pk_op *op = bpf_task_storage_get(&pk_op_map, bpf_get_current_task_btf(), NULL, 0);

	if (op)
		op->kind = PK_EVENT_NONE;
}

/* The record of an operation that has not happened yet, to be judged. */
static __always_inline struct pk_scratch *op_gather(__u32 hook, __u32 kind,
						    const struct op_target *target)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct dentry *dentry = target->dentry;
	struct vfsmount *mnt = target->mnt;
	struct pk_file_event *e;
	struct pk_scratch *s;

	s = pk_scratch_get(hook, sizeof(*e));
	if (!s)
		return NULL;
	e = &s->rec.file;
	pk_head_fill(s, kind, hook);
	pk_head_io_uring(&e->head, task);
	pk_inode_fill(&e->inode, BPF_CORE_READ(dentry, d_inode));
	if (!e->inode.ino)
		e->inode.dev = BPF_CORE_READ(mnt, mnt_sb, s_dev);
	pk_path_resolve(s, pk_scalar(s, target->dentry), pk_scalar(s, target->mnt), &e->path);
	e->path.flags &= ~PK_PATH_DELETED;
	pk_path_check(&e->head, &e->path);
	return s;
}

static __always_inline void op_text(struct pk_scratch *s, struct pk_str *ret, const char *text)
{
	__u32 off = s->data_bytes;
	long n;

	if (off > 512 + PK_DATA_BYTES - 4096 - 16)
		return;
	n = bpf_probe_read_kernel_str(&s->rec.bytes[off], 4096, text);
	if (n <= 1)
		return;
	ret->off = off;
	ret->len = n - 1;
	s->data_bytes = off + (n - 1);
}

static __always_inline bool op_stops(const struct pk_scratch *s)
{
	return s->judge.actions & (PK_WANT_DENY | PK_WANT_KILL);
}

/* Keep the matches until the operation has succeeded. */
static __always_inline void op_keep(struct pk_op *op, struct pk_scratch *s)
{
	if (!op)
		return;
	op->judgement.generation = s->judge.generation;
	op->judgement.tags = s->judge.num[PK_NUM_TAGS];
	op->judgement.container_tags = s->judge.num[PK_NUM_CTAGS];
	op->judgement.match_cnt = s->judge.match_cnt;
	op->fact_flags = s->rec.head.flags & PK_FLAGS_FOUND;
	op->bank = s->judge.bank;
	__builtin_memcpy(op->matches, s->judge.matches, sizeof(op->matches));
}

/*
 * The hook of an operation by name, in two halves, between them the emitted program. Without rules the
 * operation is remembered at once. `prepare` adds to the record what the hook's arguments tell,
 * `remember` to the operation.
 */
#define OP_HOOK(name, hook, kind, target_, prepare, remember, ...)         \
	PK_POINT(pk_p_##name, 1);                                          \
	SEC("lsm/" #name)                                                  \
	int BPF_PROG(pk_##name, __VA_ARGS__)                               \
	{                                                                  \
		const struct op_target target = target_;                   \
		struct pk_actor actor;                                     \
		struct pk_scratch *s;                                      \
		struct pk_op *op;                                          \
                                                                           \
		if (!pk_enter(bpf_get_current_task_btf(), kind, &actor)) { \
			if (pk_config.judging)                             \
				op_forget();                               \
			return 0;                                          \
		}                                                          \
		if (pk_config.judging) {                                   \
			op_forget();                                       \
			s = op_gather(hook, kind, &target);                \
			if (!s)                                            \
				return pk_unjudgeable(&actor, kind);       \
			prepare;                                           \
			pk_judge_record(ctx, s, &actor, pk_p_##name, 0);   \
			pk_scratch_put(s);                                 \
			if (!pk_reported(kind))                            \
				return 0;                                  \
		}                                                          \
		op = op_begin(hook, kind, &target);                        \
		if (op) {                                                  \
			remember;                                          \
		}                                                          \
		return 0;                                                  \
	}                                                                  \
	SEC("lsm/" #name)                                                  \
	int BPF_PROG(pk_f_##name, __VA_ARGS__)                             \
	{                                                                  \
		const struct op_target target = target_;                   \
		struct pk_scratch *s = pk_scratch_mine();                  \
		struct pk_op *op;                                          \
                                                                           \
		if (!s)                                                    \
			return 0;                                          \
		if (op_stops(s) && s->rec.head.pid != 1)                   \
			return pk_finish_lsm(s, hook);                     \
		op = op_begin(hook, kind, &target);                        \
		if (op) {                                                  \
			op_keep(op, s);                                    \
			remember;                                          \
		}                                                          \
		pk_scratch_put(s);                                         \
		return 0;                                                  \
	}

#define TARGET(mnt_, dentry_) ((struct op_target){ .mnt = (mnt_), .dentry = (dentry_) })
#define NOTHING ((void)0)

OP_HOOK(path_unlink, PK_HOOK_PATH_UNLINK, PK_EVENT_UNLINK, TARGET(dir->mnt, dentry), NOTHING,
	NOTHING, const struct path *dir, struct dentry *dentry)
OP_HOOK(path_rmdir, PK_HOOK_PATH_RMDIR, PK_EVENT_RMDIR, TARGET(dir->mnt, dentry), NOTHING, NOTHING,
	const struct path *dir, struct dentry *dentry)
OP_HOOK(path_mkdir, PK_HOOK_PATH_MKDIR, PK_EVENT_MKDIR, TARGET(dir->mnt, dentry),
	s->rec.file.mode = mode & S_IALLUGO, NOTHING, const struct path *dir, struct dentry *dentry,
	umode_t mode)
/* A register of the system call that this thread is in. */
#define call_reg(regs, name)                                                   \
	({                                                                     \
		unsigned long value_ = 0;                                      \
		bpf_probe_read_kernel(&value_, sizeof(value_), &(regs)->name); \
		value_;                                                        \
	})

/*
 * lsm/path_mknod stands before every new file, but for links and directories: mknod(), a socket's bind(),
 * and an open that creates. Which, only the system call tells.
 */
static __always_inline bool creates_by_open(struct task_struct *task, umode_t mode,
					    __u32 *ret_open_flags)
{
	bool compat = task->thread_info.status & TS_COMPAT;
	struct pt_regs *regs = (void *)bpf_task_pt_regs(task);

	*ret_open_flags = PK_OPEN_FLAGS_UNKNOWN;
	if ((mode & S_IFMT) != S_IFREG)
		return false;
	/* io_uring's workers are in no call */
	if (task->flags & PF_IO_WORKER)
		return true;
	switch ((__u32)call_reg(regs, orig_ax) & ~NR_X32) {
	case 133: /* mknod; 32-bit: fchdir */
	case 259: /* mknodat; 32-bit: timer_create */
		return compat;
	case 14:  /* 32-bit: mknod; rt_sigprocmask */
	case 297: /* 32-bit: mknodat; rt_tgsigqueueinfo */
		return !compat;
	case 2: /* open; 32-bit: fork */
		*ret_open_flags = call_reg(regs, si);
		return true;
	case 257: /* openat */
		*ret_open_flags = call_reg(regs, dx);
		return true;
	case 5: /* 32-bit: open */
		*ret_open_flags = call_reg(regs, cx);
		return true;
	case 295: /* 32-bit: openat; preadv */
		*ret_open_flags = call_reg(regs, dx);
		return true;
	case 8:                                      /* 32-bit: creat; lseek */
	case 85:                                     /* creat; 32-bit: readlink */
		*ret_open_flags = 01 | 0100 | 01000; /* O_WRONLY | O_CREAT | O_TRUNC */
		return true;
	default: /* openat2, io_uring: in the caller's memory, which is not to be trusted */
		return true;
	}
}

PK_POINT(pk_p_path_mknod, 1);
PK_POINT(pk_p_open_create, 1);

/* A file that an open would make: it is denied before it is there. Otherwise file_open judges the open. */
static __always_inline struct pk_scratch *open_create(const struct op_target *target, umode_t mode,
						      __u32 open_flags, bool *ret_closed)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct pk_actor actor;
	struct pk_scratch *s;

	if (!pk_config.judging ||
	    !(pk_state.pre_kinds[pk_state.bank & 1] & (1ull << PK_EVENT_OPEN)) ||
	    !pk_enter(task, PK_EVENT_OPEN, &actor))
		return NULL;
	s = op_gather(PK_HOOK_PATH_MKNOD, PK_EVENT_OPEN, target);
	if (!s) {
		*ret_closed = pk_closed(actor.bank, PK_EVENT_OPEN);
		return NULL;
	}
	s->rec.file.mode = mode & S_IALLUGO;
	s->rec.file.inode.mode = mode;
	s->rec.file.open_flags = open_flags;
	s->rec.file.file_flags = PK_FILE_CREATED;
	if (pk_judge_start(s, &actor, PK_BEGIN_PRE)) {
		pk_judge_event(s);
		return s;
	}
	pk_scratch_put(s);
	return NULL;
}

SEC("lsm/path_mknod")
int BPF_PROG(pk_path_mknod, const struct path *dir, struct dentry *dentry, umode_t mode)
{
	struct task_struct *task = bpf_get_current_task_btf();
	const struct op_target target = TARGET(dir->mnt, dentry);
	struct pk_actor actor;
	struct pk_scratch *s;
	bool closed = false;
	__u32 open_flags;

	if (creates_by_open(task, mode, &open_flags)) {
		s = open_create(&target, mode, open_flags, &closed);
		if (s) {
			pk_judge_call(ctx, s, pk_p_open_create, 0);
			pk_scratch_put(s);
		}
		return pk_lsm_return(closed);
	}
	if (pk_config.judging)
		op_forget();
	if (!pk_enter(task, PK_EVENT_MKNOD, &actor))
		return 0;
	if (pk_config.judging) {
		s = op_gather(PK_HOOK_PATH_MKNOD, PK_EVENT_MKNOD, &target);
		if (!s)
			return pk_unjudgeable(&actor, PK_EVENT_MKNOD);
		s->rec.file.mode = mode & S_IALLUGO;
		pk_judge_record(ctx, s, &actor, pk_p_path_mknod, 0);
		pk_scratch_put(s);
		if (!pk_reported(PK_EVENT_MKNOD))
			return 0;
	}
	op_begin(PK_HOOK_PATH_MKNOD, PK_EVENT_MKNOD, &target);
	return 0;
}

SEC("lsm/path_mknod")
int BPF_PROG(pk_f_path_mknod, const struct path *dir, struct dentry *dentry)
{
	const struct op_target target = TARGET(dir->mnt, dentry);
	struct pk_scratch *s = pk_scratch_mine();
	struct pk_op *op;

	if (!s)
		return 0;
	if (op_stops(s) && s->rec.head.pid != 1)
		return pk_finish_lsm(s, PK_HOOK_PATH_MKNOD);
	op = op_begin(PK_HOOK_PATH_MKNOD, PK_EVENT_MKNOD, &target);
	if (op)
		op_keep(op, s);
	pk_scratch_put(s);
	return 0;
}

SEC("lsm/path_mknod")
int BPF_PROG(pk_f_open_create, const struct path *dir, struct dentry *dentry)
{
	struct pk_scratch *s = pk_scratch_mine();

	/* flags that are not known are not to be shown */
	if (s && s->rec.file.open_flags == PK_OPEN_FLAGS_UNKNOWN)
		s->rec.file.open_flags = 0100; /* O_CREAT */
	return s ? pk_finish_pre(s, PK_HOOK_PATH_MKNOD) : 0;
}

OP_HOOK(path_symlink, PK_HOOK_PATH_SYMLINK, PK_EVENT_SYMLINK, TARGET(dir->mnt, dentry),
	op_text(s, &s->rec.file.target, old_name), NOTHING, const struct path *dir,
	struct dentry *dentry, const char *old_name)
OP_HOOK(path_chmod, PK_HOOK_PATH_CHMOD, PK_EVENT_CHMOD, TARGET(path->mnt, path->dentry),
	s->rec.file.mode = mode & S_IALLUGO, NOTHING, const struct path *path, umode_t mode)
OP_HOOK(path_chown, PK_HOOK_PATH_CHOWN, PK_EVENT_CHOWN, TARGET(path->mnt, path->dentry), NOTHING,
	NOTHING, const struct path *path)
OP_HOOK(path_truncate, PK_HOOK_PATH_TRUNCATE, PK_EVENT_TRUNCATE, TARGET(path->mnt, path->dentry),
	NOTHING, NOTHING, const struct path *path)
/* Since 6.2 ftruncate() has a hook of its own. */
OP_HOOK(file_truncate, PK_HOOK_PATH_TRUNCATE, PK_EVENT_TRUNCATE,
	TARGET(file->f_path.mnt, file->f_path.dentry), NOTHING, NOTHING, struct file *file)
OP_HOOK(path_link, PK_HOOK_PATH_LINK, PK_EVENT_LINK, TARGET(new_dir->mnt, old_dentry),
	pk_path_resolve(s, pk_scalar(s, new_dentry), pk_scalar(s, new_dir->mnt),
			&s->rec.file.path2),
	NOTHING, struct dentry *old_dentry, const struct path *new_dir, struct dentry *new_dentry)

/* Of a rename the old directory and name have to be kept: afterwards the dentry stands at the new place. */
static __always_inline void rename_keep(struct pk_op *op, const struct path *old_dir,
					struct dentry *old_dentry)
{
	__u32 len = BPF_CORE_READ(old_dentry, d_name.len);

	op->dir = (__u64)old_dir->dentry;
	if (len > 255)
		len = 255;
	op->name_bytes = len;
	if (bpf_probe_read_kernel(op->name, len & 0xff, BPF_CORE_READ(old_dentry, d_name.name)))
		op->name_bytes = 0;
}

PK_POINT(pk_p_path_rename, 1);

/*
 * An exchange moves two files: it is judged from the other one's side first (phase 1), then as it was
 * asked for. Only the latter is reported, unless the former was stopped.
 */
static __always_inline void rename_turn(struct pk_scratch *s, struct dentry *dentry)
{
	struct pk_file_event *e = &s->rec.file;
	struct pk_path path = e->path;

	e->path = e->path2;
	e->path2 = path;
	__builtin_memset(&e->inode, 0, sizeof(e->inode));
	pk_inode_fill(&e->inode, BPF_CORE_READ(dentry, d_inode));
}

SEC("lsm/path_rename")
int BPF_PROG(pk_path_rename, const struct path *old_dir, struct dentry *old_dentry,
	     const struct path *new_dir, struct dentry *new_dentry, unsigned int flags)
{
	const struct op_target target = TARGET(old_dir->mnt, old_dentry);
	struct pk_actor actor;
	struct pk_scratch *s;
	struct pk_op *op;

	if (pk_config.judging)
		op_forget();
	if (!pk_enter(bpf_get_current_task_btf(), PK_EVENT_RENAME, &actor))
		return 0;
	if (pk_config.judging) {
		s = op_gather(PK_HOOK_PATH_RENAME, PK_EVENT_RENAME, &target);
		if (!s)
			return pk_unjudgeable(&actor, PK_EVENT_RENAME);
		s->rec.file.open_flags = flags;
		pk_path_resolve(s, pk_scalar(s, new_dentry), pk_scalar(s, new_dir->mnt),
				&s->rec.file.path2);
		if ((flags & RENAME_EXCHANGE) &&
		    (pk_state.pre_kinds[actor.bank & 1] & (1ull << PK_EVENT_RENAME))) {
			rename_turn(s, new_dentry);
			if (pk_judge_start(s, &actor, 0)) {
				pk_judge_event(s);
				s->phase = 1;
				s->judge.actions |= PK_WANT_REPORT;
				pk_judge_call(ctx, s, pk_p_path_rename, 0);
			}
			rename_turn(s, old_dentry);
		}
		pk_judge_record(ctx, s, &actor, pk_p_path_rename, 0);
		pk_scratch_put(s);
		if (!pk_reported(PK_EVENT_RENAME))
			return 0;
	}
	op = op_begin(PK_HOOK_PATH_RENAME, PK_EVENT_RENAME, &target);
	if (op)
		rename_keep(op, old_dir, old_dentry);
	return 0;
}

SEC("lsm/path_rename")
int BPF_PROG(pk_f_path_rename, const struct path *old_dir, struct dentry *old_dentry,
	     const struct path *new_dir, struct dentry *new_dentry, unsigned int flags)
{
	const struct op_target target = TARGET(old_dir->mnt, old_dentry);
	struct task_struct *task = bpf_get_current_task_btf();
	struct pk_scratch *s = pk_scratch_mine();
	struct pk_actor actor;
	struct pk_op *op;

	if (!s)
		return 0;
	if (op_stops(s) && s->rec.head.pid != 1)
		return pk_finish_lsm(s, PK_HOOK_PATH_RENAME);
	if (s->phase) {
		s->phase = 0;
		rename_turn(s, old_dentry);
		actor.bank = s->judge.bank;
		actor.facts = pk_facts_get(task->group_leader, actor.bank);
		actor.origin = NULL; /* it stands in the slot */
		pk_judge_record(ctx, s, &actor, pk_p_path_rename, 0);
		pk_scratch_put(s);
		return 0;
	}
	op = op_begin(PK_HOOK_PATH_RENAME, PK_EVENT_RENAME, &target);
	if (op) {
		op_keep(op, s);
		rename_keep(op, old_dir, old_dentry);
	}
	pk_scratch_put(s);
	return 0;
}

/* Kernels differ in what the vfs functions return: an error number, or since 6.15 a dentry. */
static __always_inline bool vfs_failed(__u64 ret)
{
	__u32 high = ret >> 32;

	return (high == 0 || high == ~0u) && (__u32)ret;
}

/* The operation that this thread began on `dentry`. */
static __always_inline struct pk_op *op_get(struct dentry *dentry)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct pk_op *op;

	if (pk_skip(task))
		return NULL;
	op = bpf_task_storage_get(&pk_op_map, task, NULL, 0);
	return op && op->dentry == (__u64)dentry ? op : NULL;
}

/* The same if it is of this kind and succeeded; it is over then. */
static __always_inline struct pk_op *op_end(__u32 kind, struct dentry *dentry, __u64 ret)
{
	struct pk_op *op = op_get(dentry);

	if (!op || op->kind != kind)
		return NULL;
	op->kind = PK_EVENT_NONE;
	return vfs_failed(ret) ? NULL : op;
}

static __always_inline struct pk_scratch *file_event(__u32 hook, __u32 kind)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct pk_scratch *s;

	if (!pk_wanted(kind))
		return NULL;
	s = pk_scratch_get(hook, sizeof(struct pk_file_event));
	if (!s)
		return NULL;
	pk_head_fill(s, kind, hook);
	pk_head_io_uring(&s->rec.head, task);
	return s;
}

/* Reports what happened, with the rules that matched it before. */
static __always_inline void op_report(struct pk_op *op, struct pk_scratch *s, __u32 hook)
{
	struct pk_judge *j = &s->judge;

	if (pk_config.judging) {
		j->bank = op->bank;
		j->generation = op->judgement.generation;
		j->match_cnt = op->judgement.match_cnt;
		j->actions = 0;
		s->rec.head.flags |= op->fact_flags & PK_FLAGS_FOUND;
		j->num[PK_NUM_TAGS] = op->judgement.tags;
		j->num[PK_NUM_CTAGS] = op->judgement.container_tags;
		__builtin_memcpy(j->matches, op->matches, sizeof(op->matches));
		pk_finish(s, hook, 0);
		return;
	}
	pk_emit(s, hook);
}

/* Removal: the dentry still knows its place, the inode's facts are from before. */
static __always_inline int removed(__u32 hook, __u32 kind, struct dentry *dentry, __u64 ret)
{
	struct pk_op *op = op_end(kind, dentry, ret);
	struct pk_file_event *e;
	struct pk_scratch *s;

	if (!op)
		return 0;
	s = file_event(hook, kind);
	if (!s)
		return 0;
	e = &s->rec.file;
	e->inode = op->inode;
	pk_path_resolve(s, op->dentry, op->mnt, &e->path);
	e->path.flags &= ~PK_PATH_DELETED; /* that is what the event says */
	pk_path_check(&e->head, &e->path);
	op_report(op, s, hook);
	return 0;
}

SEC("fexit/vfs_unlink")
int BPF_PROG(pk_vfs_unlink, void *idmap, struct inode *dir, struct dentry *dentry,
	     struct inode **delegated, __u64 ret)
{
	return removed(PK_HOOK_VFS_UNLINK, PK_EVENT_UNLINK, dentry, ret);
}

SEC("fexit/vfs_rmdir")
int BPF_PROG(pk_vfs_rmdir, void *idmap, struct inode *dir, struct dentry *dentry, __u64 ret)
{
	return removed(PK_HOOK_VFS_RMDIR, PK_EVENT_RMDIR, dentry, ret);
}

/* Creation: the dentry has its inode now. */
static __always_inline int created(__u32 hook, __u32 kind, struct dentry *dentry, __u64 ret,
				   const char *target)
{
	struct pk_op *op = op_end(kind, dentry, ret);
	struct pk_file_event *e;
	struct pk_scratch *s;
	__u32 off;
	long n;

	if (!op)
		return 0;
	s = file_event(hook, kind);
	if (!s)
		return 0;
	e = &s->rec.file;
	pk_inode_fill(&e->inode, BPF_CORE_READ(dentry, d_inode));
	e->mode = e->inode.mode & S_IALLUGO;
	pk_path_resolve(s, op->dentry, op->mnt, &e->path);
	pk_path_check(&e->head, &e->path);
	off = s->data_bytes;
	if (target && off <= 512 + PK_DATA_BYTES - 4096 - 16) {
		n = bpf_probe_read_kernel_str(&s->rec.bytes[off], 4096, target);
		if (n > 1) {
			e->target.off = off;
			e->target.len = n - 1;
			s->data_bytes = off + (n - 1);
		}
	}
	op_report(op, s, hook);
	return 0;
}

SEC("fexit/vfs_mkdir")
int BPF_PROG(pk_vfs_mkdir, void *idmap, struct inode *dir, struct dentry *dentry, umode_t mode,
	     __u64 ret)
{
	return created(PK_HOOK_VFS_MKDIR, PK_EVENT_MKDIR, dentry, ret, NULL);
}

SEC("fexit/vfs_mknod")
int BPF_PROG(pk_vfs_mknod, void *idmap, struct inode *dir, struct dentry *dentry, umode_t mode,
	     __u32 dev, __u64 ret)
{
	return created(PK_HOOK_VFS_MKNOD, PK_EVENT_MKNOD, dentry, ret, NULL);
}

/* mknod() of a regular file */
SEC("fexit/vfs_create")
int BPF_PROG(pk_vfs_create, void *idmap, struct inode *dir, struct dentry *dentry, umode_t mode,
	     bool want_excl, __u64 ret)
{
	return created(PK_HOOK_VFS_CREATE, PK_EVENT_MKNOD, dentry, ret, NULL);
}

SEC("fexit/vfs_symlink")
int BPF_PROG(pk_vfs_symlink, void *idmap, struct inode *dir, struct dentry *dentry,
	     const char *target, __u64 ret)
{
	return created(PK_HOOK_VFS_SYMLINK, PK_EVENT_SYMLINK, dentry, ret, target);
}

SEC("fexit/vfs_link")
int BPF_PROG(pk_vfs_link, struct dentry *old_dentry, void *idmap, struct inode *dir,
	     struct dentry *new_dentry, struct inode **delegated, __u64 ret)
{
	struct pk_op *op = op_end(PK_EVENT_LINK, old_dentry, ret);
	struct pk_file_event *e;
	struct pk_scratch *s;

	if (!op)
		return 0;
	s = file_event(PK_HOOK_VFS_LINK, PK_EVENT_LINK);
	if (!s)
		return 0;
	e = &s->rec.file;
	pk_inode_fill(&e->inode, BPF_CORE_READ(old_dentry, d_inode));
	pk_path_resolve(s, op->dentry, op->mnt, &e->path);
	pk_path_resolve(s, pk_scalar(s, new_dentry), op->mnt, &e->path2);
	pk_path_check(&e->head, &e->path);
	pk_path_check(&e->head, &e->path2);
	op_report(op, s, PK_HOOK_VFS_LINK);
	return 0;
}

/*
 * After a rename the old dentry stands at the new place, and the target's dentry keeps its name
 * there; after an exchange each stands at the other's place.
 */
SEC("fexit/vfs_rename")
int BPF_PROG(pk_vfs_rename, struct renamedata *rd, __u64 ret)
{
	struct pk_op *op = op_end(PK_EVENT_RENAME, rd->old_dentry, ret);
	struct pk_place old = {};
	struct pk_file_event *e;
	struct pk_scratch *s;

	if (!op)
		return 0;
	/* two names of one file: nothing happens, and that is a success */
	if (BPF_CORE_READ(rd, old_dentry, d_inode) == BPF_CORE_READ(rd, new_dentry, d_inode))
		return 0;
	s = file_event(PK_HOOK_VFS_RENAME, PK_EVENT_RENAME);
	if (!s)
		return 0;
	e = &s->rec.file;
	e->open_flags = rd->flags;
	pk_inode_fill(&e->inode, BPF_CORE_READ(rd, old_dentry, d_inode));
	old.dir = op->dir;
	old.mnt = op->mnt;
	old.name = (__u64)op->name;
	old.name_bytes = op->name_bytes;
	pk_path_resolve_in(s, &old, &e->path);
	if (e->open_flags & RENAME_EXCHANGE)
		pk_path_resolve(s, pk_scalar(s, rd->old_dentry), op->mnt, &e->path2);
	else
		pk_path_resolve(s, pk_scalar(s, rd->new_dentry), op->mnt, &e->path2);
	e->path2.flags &= ~PK_PATH_DELETED; /* the target's dentry, replaced */
	pk_path_check(&e->head, &e->path);
	pk_path_check(&e->head, &e->path2);
	op_report(op, s, PK_HOOK_VFS_RENAME);
	return 0;
}

static __always_inline __u32 change_kind(__u32 valid)
{
	/* chown clears set-id bits in the same call: the owner says more */
	if (valid & (ATTR_UID | ATTR_GID))
		return PK_EVENT_CHOWN;
	if (valid & ATTR_SIZE)
		return valid & ATTR_OPEN ? PK_EVENT_NONE : PK_EVENT_TRUNCATE;
	if (valid & ATTR_MODE)
		return PK_EVENT_CHMOD;
	return PK_EVENT_NONE;
}

/* Kept from the beginning: an overlay clears bits in place on the way. */
SEC("fentry/notify_change")
int BPF_PROG(pk_change_begin, void *idmap, struct dentry *dentry, struct iattr *attr)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct pk_op *op;

	if (pk_skip(task))
		return 0;
	op = bpf_task_storage_get(&pk_op_map, task, NULL, 0);
	if (op && op->dentry == (__u64)dentry)
		op->valid = attr->ia_valid;
	return 0;
}

SEC("fexit/notify_change")
int BPF_PROG(pk_notify_change, void *idmap, struct dentry *dentry, struct iattr *attr,
	     struct inode **delegated, __u64 ret)
{
	struct pk_file_event *e;
	struct pk_scratch *s;
	struct pk_op *op;
	__u32 kind;

	op = op_get(dentry);
	if (!op)
		return 0;
	kind = change_kind(op->valid);
	if (!kind || !op_end(kind, dentry, ret))
		return 0;
	s = file_event(PK_HOOK_NOTIFY_CHANGE, kind);
	if (!s)
		return 0;
	e = &s->rec.file;
	pk_inode_fill(&e->inode, BPF_CORE_READ(dentry, d_inode));
	e->old_uid = op->inode.uid;
	e->old_gid = op->inode.gid;
	e->mode = e->inode.mode & S_IALLUGO;
	e->size_bytes = BPF_CORE_READ(dentry, d_inode, i_size);
	pk_path_resolve(s, op->dentry, op->mnt, &e->path);
	pk_path_check(&e->head, &e->path);
	op_report(op, s, PK_HOOK_NOTIFY_CHANGE);
	return 0;
}
