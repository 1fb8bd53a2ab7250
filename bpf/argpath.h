/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a path that a system call was given means, when the call returns: looked up again in the dentry
 * cache (lookup.h), or the text as it stands in the caller's memory.
 */
#ifndef PK_ARGPATH_H
#define PK_ARGPATH_H

#include "sysexit.h"
#include "lookup.h"

/* The directory that a relative or absolute text starts from, by the kernel's own objects. */
static __always_inline void pk_base_of(struct pk_scratch *s, struct task_struct *task, __s32 dir,
				       bool absolute, __u64 *ret_dentry, __u64 *ret_mnt)
{
	struct file *file;

	if (absolute) {
		*ret_dentry = pk_scalar(s, task->fs->root.dentry);
		*ret_mnt = pk_scalar(s, task->fs->root.mnt);
	} else if (dir == PK_AT_FDCWD) {
		*ret_dentry = pk_scalar(s, task->fs->pwd.dentry);
		*ret_mnt = pk_scalar(s, task->fs->pwd.mnt);
	} else {
		file = pk_fd_file(task, dir);
		*ret_dentry = (__u64)BPF_CORE_READ(file, f_path.dentry);
		*ret_mnt = (__u64)BPF_CORE_READ(file, f_path.mnt);
	}
}

/* The text as it is, behind the directory that it starts from. */
static __always_inline void pk_path_of_text(struct pk_scratch *s, __u64 text, __u64 dir, __u64 mnt,
					    struct pk_path *ret)
{
	char first = 0;
	__u32 off;
	long n;

	/* links that were followed may stand where the text stood */
	bpf_probe_read_user(&first, 1, (void *)text);
	pk_path_resolve(s, dir, mnt, ret);
	ret->flags |= PK_PATH_ARGUMENT;
	off = s->data_bytes;
	barrier_var(off);
	if (off > PK_TEXT_BASE - 4096 - 32)
		return;
	/* a directory that is a root ends in a slash already */
	if (s->rec.bytes[(off - 1) & 0x3fff] == '/') {
		off = (off - 1) & 0x3fff;
		ret->root_off = 0;
		ret->mnt_off = 0;
	}
	barrier_var(off);
	if (off > PK_TEXT_BASE - 4096 - 32)
		return;
	if (first != '/') {
		s->rec.bytes[off] = '/';
		off += 1;
	}
	n = bpf_probe_read_user_str(&s->rec.bytes[off], 4096, (void *)text);
	if (n <= 0)
		return;
	s->data_bytes = off + n - 1;
	if (ret->name.off && s->data_bytes > ret->name.off)
		ret->name.len = s->data_bytes - ret->name.off;
	if (ret->root_off > ret->name.len)
		ret->root_off = 0;
	if (ret->mnt_off > ret->name.len)
		ret->mnt_off = 0;
}

/* What an argument of a call by path meant: where it is, and if it still is, which file. */
__weak __noinline int pk_argument_path(struct pk_scratch *s, __u32 second)
{
	struct pk_lookup *l;
	struct pk_path_call *c;
	struct task_struct *task;
	struct pk_place *place;
	struct dentry *found;
	struct pk_path *ret;
	long n;

	if (!s)
		return 0;
	task = bpf_get_current_task_btf();
	l = &s->lookup;
	c = &s->call;
	place = &s->place;
	ret = second ? &s->rec.file.path2 : &s->rec.file.path;
	__builtin_memset(l, 0, sizeof(*l));
	l->pos = PK_TEXT_START;
	l->follow = second ? 0 : c->follow;
	n = bpf_probe_read_user_str(pk_text_at(s, PK_TEXT_START), 4096,
				    (void *)(second ? c->text2 : c->text));
	if (n < 0) {
		ret->flags |= PK_PATH_UNREADABLE;
		return 0;
	}
	if (!n) /* an empty text, to kernels before 6.13 or so */
		*pk_text_at(s, PK_TEXT_START) = '\0';
	l->root_dentry = (__u64)task->fs->root.dentry;
	l->root_mnt = (__u64)task->fs->root.mnt;
	pk_base_of(s, task, second ? c->dir2 : c->dir, *pk_text_at(s, PK_TEXT_START) == '/',
		   &l->dentry, &l->mnt);
	place->dir = l->dentry;
	place->mnt = l->mnt;
	pk_lookup_run(s);
	if (l->state == PK_LOOKUP_FAILED) {
		pk_path_of_text(s, second ? c->text2 : c->text, place->dir, place->mnt, ret);
		return 0;
	}
	if (l->state == PK_LOOKUP_DONE) {
		l->found = l->dentry;
		pk_path_resolve(s, l->dentry, l->mnt, ret);
	} else {
		place->dir = l->dentry;
		place->mnt = l->mnt;
		place->name = (__u64)pk_text_at(s, l->pos);
		place->name_bytes = l->len;
		pk_path_resolve_in(s, place, ret);
	}
	found = (struct dentry *)l->found;
	if (found)
		pk_inode_fill(&s->rec.file.inode, BPF_CORE_READ(found, d_inode));
	if (!s->rec.file.inode.dev) {
		/* the file is gone, its directory is not */
		found = (struct dentry *)l->dentry;
		s->rec.file.inode.dev = BPF_CORE_READ(found, d_inode, i_sb, s_dev);
	}
	return 0;
}

#endif
