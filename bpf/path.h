/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where a file is: from a (dentry, mount) pair to a path, by walking the kernel's own tree.
 *
 * One walk gives three answers. It writes names from the end of a buffer backwards, crosses
 * mounts upwards to the root of the mount namespace, and notes where it passed the root of
 * the file's own mount and the root of the process. bpf_d_path() would stop at the process's
 * root, is allowed on few hooks, and says nothing about the rest.
 *
 * Not held: rename_lock. A directory renamed during the walk can give a path that mixes old
 * and new names; the operations that the hooks report hold their own directories' locks.
 */
#ifndef PK_PATH_H
#define PK_PATH_H

#include "maps.h"

#define PK_WALK_MASK (PK_WALK_BYTES - 1)
#define PK_WALK_STEPS 4200 /* names and mounts of one path: 8,192 bytes of one-letter names */

#define PK_POS_NONE 0xffffffffu

/* The walk is in pk_scratch.w. */
struct pk_walker {
	struct pk_scratch *s;
};

/*
 * verifier: a pointer with a type cannot be passed to a global function as a number, and has to be
 * forgotten first; through memory that is not tracked.
 */
static __always_inline __u64 pk_scalar(struct pk_scratch *s, const void *pointer)
{
	volatile __u64 *word = &s->word;

	*word = (__u64)pointer;
	return *word;
}

/* The three fields that a step needs, side by side in every kernel so far: one read. */
struct pk_dentry_facts {
	__u64 parent;
	__u64 name;
	__u32 name_bytes;
};

static __always_inline int pk_dentry_read(__u64 dentry, struct pk_dentry_facts *ret)
{
	const __u32 parent_off = bpf_core_field_offset(struct dentry, d_parent);
	const __u32 name_off = bpf_core_field_offset(struct dentry, d_name);
	const __u32 len_off = bpf_core_field_offset(struct qstr, len);
	const __u32 str_off = bpf_core_field_offset(struct qstr, name);
	const __u32 skip = name_off - parent_off;
	__u64 raw[4];

	/* verifier: all offsets are constants after relocation, the branch not taken is dropped */
	if (skip == 8 && len_off == 4 && str_off == 8) {
		if (bpf_probe_read_kernel(raw, 24, (void *)(dentry + parent_off)))
			return -1;
		ret->parent = raw[0];
		ret->name_bytes = raw[1] >> 32;
		ret->name = raw[2];
		return 0;
	}
	if (bpf_probe_read_kernel(&ret->parent, 8, (void *)(dentry + parent_off)) ||
	    bpf_probe_read_kernel(&ret->name_bytes, 4, (void *)(dentry + name_off + len_off)) ||
	    bpf_probe_read_kernel(&ret->name, 8, (void *)(dentry + name_off + str_off)))
		return -1;
	return 0;
}

/* Write a name before what is there, with a slash before it. Non-zero: no room. */
static __always_inline int pk_walk_push(struct pk_scratch *s, __u64 name, __u32 len)
{
	struct pk_walk *w = &s->w;
	__u32 pos = w->pos;

	if (len > 255)
		len = 255;
	if (pos > PK_WALK_BYTES || pos < len + 1) {
		w->flags |= PK_PATH_TRUNCATED;
		return 1;
	}
	pos -= len;
	if (bpf_probe_read_kernel(&s->walk[pos & PK_WALK_MASK], len & 0xff, (void *)name)) {
		w->failed = 1;
		return 1;
	}
	pos -= 1;
	s->walk[pos & PK_WALK_MASK] = '/';
	w->pos = pos;
	return 0;
}

/* What the walk needs of its mount, side by side in every kernel so far: one read. */
static __always_inline void pk_walk_mount(struct pk_scratch *s, __u64 mount)
{
	const __u32 parent_off = bpf_core_field_offset(struct mount, mnt_parent);
	const __u32 point_off = bpf_core_field_offset(struct mount, mnt_mountpoint);
	const __u32 root_off = bpf_core_field_offset(struct mount, mnt.mnt_root);
	struct mount *mnt = (void *)mount;

	s->w.mnt = mount + bpf_core_field_offset(struct mount, mnt);
	/* verifier: all offsets are constants after relocation, the branch not taken is dropped */
	if (point_off == parent_off + 8 && root_off == parent_off + 16) {
		if (bpf_probe_read_kernel(&s->mount, 24, (void *)(mount + parent_off)))
			s->w.failed = 1;
		return;
	}
	s->mount.parent = (__u64)BPF_CORE_READ(mnt, mnt_parent);
	s->mount.point = (__u64)BPF_CORE_READ(mnt, mnt_mountpoint);
	s->mount.root = (__u64)BPF_CORE_READ(mnt, mnt.mnt_root);
}

/* Go from a mount's root to the directory that it is mounted on. Non-zero: at the top. */
static __always_inline int pk_walk_cross(struct pk_scratch *s)
{
	struct pk_walk *w = &s->w;
	__u64 mount = w->mnt - bpf_core_field_offset(struct mount, mnt);

	if (w->mnt_pos == PK_POS_NONE)
		w->mnt_pos = w->pos;
	if (w->one_mount || s->mount.parent == mount || !s->mount.parent)
		return 1;
	w->dentry = s->mount.point;
	pk_walk_mount(s, s->mount.parent);
	return w->failed ? 1 : 0;
}

static long pk_walk_step(__u32 i, void *ctx)
{
	struct pk_scratch *s = ((struct pk_walker *)ctx)->s;
	struct pk_walk *w = &s->w;
	struct pk_dentry_facts d;

	if (w->dentry == w->root_dentry && w->mnt == w->root_mnt && w->root_pos == PK_POS_NONE)
		w->root_pos = w->pos;
	if (w->dentry == s->mount.root && !w->one_mount)
		return pk_walk_cross(s);
	if (pk_dentry_read(w->dentry, &d)) {
		w->failed = 1;
		return 1;
	}
	if (d.parent == w->dentry) {
		/* a root that no mount shows: memfd, pipe, unconnected */
		if (!w->one_mount) {
			w->flags |= PK_PATH_PSEUDO;
			pk_walk_push(s, d.name, d.name_bytes);
		}
		return 1;
	}
	if (pk_walk_push(s, d.name, d.name_bytes))
		return 1;
	w->dentry = d.parent;
	return 0;
}

/* Append `len` bytes at `src` to the record's data. Says where; `what` is cut when it does not fit. */
static __always_inline struct pk_str pk_data_add(struct pk_scratch *s, const void *src, __u32 len)
{
	struct pk_str ret = {};
	__u32 off = s->data_bytes;

	if (len > PK_PATH_MAX)
		len = PK_PATH_MAX;
	if (off > 512 + PK_DATA_BYTES - PK_PATH_MAX - 16 || !len)
		return ret;
	if (bpf_probe_read_kernel(&s->rec.bytes[off], len, src))
		return ret;
	ret.off = off;
	ret.len = len;
	s->data_bytes = off + len;
	return ret;
}

/* Start a walk at (dentry, mnt). `in_host` : the process is in the host's mount namespace. */
static __always_inline void pk_walk_init(struct pk_scratch *s, __u64 dentry, __u64 mnt)
{
	struct pk_walk *w = &s->w;

	__builtin_memset(w, 0, sizeof(*w));
	w->dentry = dentry;
	w->pos = PK_WALK_BYTES;
	if (s->ahead.pos) {
		w->dentry = s->ahead.dentry;
		w->pos = s->ahead.pos;
	}
	pk_walk_mount(s, mnt - bpf_core_field_offset(struct mount, mnt));
	w->root_pos = PK_POS_NONE;
	w->mnt_pos = PK_POS_NONE;
}

/* Walk on to the top and put the result into the record, whose head is filled. */
static __always_inline void pk_walk_finish(struct pk_scratch *s, struct pk_path *ret)
{
	struct pk_walker walker = { .s = s };
	struct pk_walk *w = &s->w;
	__u64 own_mnt_root = s->mount.root;
	bool host_ns = s->rec.head.mnt_ns == pk_config.host_mnt_ns;
	struct fs_struct *fs = bpf_get_current_task_btf()->fs;
	__u32 pos, flags;

	w->root_dentry = pk_scalar(s, fs->root.dentry);
	w->root_mnt = pk_scalar(s, fs->root.mnt);
	bpf_loop(PK_WALK_STEPS, pk_walk_step, &walker, 0);

	pos = w->pos;
	flags = w->flags;
	if (w->failed)
		flags |= PK_PATH_UNREADABLE;
	if (w->root_pos == PK_POS_NONE && !(flags & (PK_PATH_TRUNCATED | PK_PATH_PSEUDO)))
		flags |= PK_PATH_OUTSIDE;
	if (pos > PK_WALK_BYTES - 1) {
		/* the root itself */
		pos = PK_WALK_BYTES - 1;
		s->walk[pos] = '/';
	}
	if (flags & PK_PATH_PSEUDO)
		pos++; /* a name, not a path: no slash */
	if (host_ns)
		flags |= PK_PATH_HOST_NS;
	if (pos < PK_WALK_BYTES)
		ret->name = pk_data_add(s, &s->walk[pos & PK_WALK_MASK], PK_WALK_BYTES - pos);
	if (!ret->name.len)
		flags |= PK_PATH_UNREADABLE;
	if (w->root_pos != PK_POS_NONE && w->root_pos >= pos)
		ret->root_off = w->root_pos - pos;
	if (w->mnt_pos != PK_POS_NONE && w->mnt_pos >= pos)
		ret->mnt_off = w->mnt_pos - pos;
	if (ret->root_off > ret->name.len)
		ret->root_off = ret->name.len;
	if (ret->mnt_off > ret->name.len)
		ret->mnt_off = ret->name.len;
	ret->flags = flags;
	if (host_ns || (flags & (PK_PATH_PSEUDO | PK_PATH_UNREADABLE)))
		return;

	/* a bind mount of a part of a file system: which part */
	w->dentry = own_mnt_root;
	w->one_mount = 1;
	w->pos = PK_WALK_BYTES;
	w->flags = 0;
	bpf_loop(PK_WALK_STEPS, pk_walk_step, &walker, 0);
	pos = w->pos;
	if (pos < PK_WALK_BYTES)
		ret->mnt_root = pk_data_add(s, &s->walk[pos & PK_WALK_MASK], PK_WALK_BYTES - pos);
}

/* Has the dentry lost its name? Roots of file systems never had one. */
static __always_inline bool pk_dentry_gone(struct dentry *d)
{
	const __u32 pprev_off = bpf_core_field_offset(struct dentry, d_hash.pprev);
	const __u32 parent_off = bpf_core_field_offset(struct dentry, d_parent);
	__u64 raw[2];

	/* side by side in every kernel so far: one read */
	if (parent_off == pprev_off + 8) {
		if (bpf_probe_read_kernel(raw, 16, (void *)((__u64)d + pprev_off)))
			return false;
		return !raw[0] && raw[1] != (__u64)d;
	}
	return !BPF_CORE_READ(d, d_hash.pprev) && BPF_CORE_READ(d, d_parent) != d;
}

#define PK_AHEAD_NAMES 6

/*
 * Where there is a pointer with a type, fields are plain loads, and not calls as in the walk: follows
 * an open file's path before pk_path_resolve(), which goes on from there. Within its mount, and
 * not past the process's root.
 */
static __always_inline void pk_path_ahead(struct pk_scratch *s, struct file *file)
{
	struct dentry *d = file->f_path.dentry;
	struct dentry *top = file->f_path.mnt->mnt_root;
	struct dentry *root = bpf_get_current_task_btf()->fs->root.dentry;
	__u32 pos = PK_WALK_BYTES;

	s->ahead.named = d->d_hash.pprev != NULL;
#pragma unroll
	for (int i = 0; i < PK_AHEAD_NAMES; i++) {
		struct dentry *parent = d->d_parent;
		__u32 len = d->d_name.len;

		if (d == top || d == root || d == parent || len > 255)
			break;
		pos -= len;
		if (bpf_probe_read_kernel(&s->walk[pos & PK_WALK_MASK], len & 0xff, d->d_name.name))
			break;
		pos--;
		s->walk[pos & PK_WALK_MASK] = '/';
		s->ahead.dentry = pk_scalar(s, parent);
		s->ahead.pos = pos;
		d = parent;
	}
}

/*
 * Fill `ret` with where (dentry, mnt) is, for the current task. A global function, so that the
 * verifier looks at it once a program and not at every call.
 */
__weak __noinline int pk_path_resolve(struct pk_scratch *s, __u64 dentry, __u64 mnt,
				      struct pk_path *ret)
{
	if (!s || !ret || !dentry || !mnt)
		return 0;
	if (!s->first_mnt)
		s->first_mnt = mnt;
	pk_walk_init(s, dentry, mnt);
	pk_walk_finish(s, ret);
	if (!(ret->flags & PK_PATH_PSEUDO) && !(s->ahead.pos && s->ahead.named) &&
	    pk_dentry_gone((struct dentry *)dentry))
		ret->flags |= PK_PATH_DELETED;
	s->ahead.pos = 0;
	return 0;
}

/* The same for a name whose own dentry is not to be had any more. */
__weak __noinline int pk_path_resolve_in(struct pk_scratch *s, struct pk_place *place,
					 struct pk_path *ret)
{
	if (!s || !ret || !place || !place->dir || !place->mnt)
		return 0;
	pk_walk_init(s, place->dir, place->mnt);
	pk_walk_push(s, place->name, place->name_bytes);
	pk_walk_finish(s, ret);
	return 0;
}

#define PK_INODE_SPAN 80u /* of the fields below, together in every kernel so far */

/* Where `field` is, from i_mode on. */
#define PK_INODE_OFF(field) \
	(bpf_core_field_offset(struct inode, field) - bpf_core_field_offset(struct inode, i_mode))

static __always_inline void pk_inode_fill(struct pk_inode *ret, struct inode *inode)
{
	const __u32 mode_off = bpf_core_field_offset(struct inode, i_mode);
	const __u32 sb_off = PK_INODE_OFF(i_sb), ino_off = PK_INODE_OFF(i_ino);
	const __u32 uid_off = PK_INODE_OFF(i_uid), gid_off = PK_INODE_OFF(i_gid);
	const __u32 nlink_off = PK_INODE_OFF(i_nlink);
	struct super_block *sb;
	char raw[PK_INODE_SPAN] __attribute__((aligned(8)));

	if (!inode)
		return;
	/* verifier: all offsets are constants after relocation, the branch not taken is dropped */
	if (uid_off <= PK_INODE_SPAN - 4 && gid_off <= PK_INODE_SPAN - 4 &&
	    sb_off <= PK_INODE_SPAN - 8 && ino_off <= PK_INODE_SPAN - 8 &&
	    nlink_off <= PK_INODE_SPAN - 4) {
		if (bpf_probe_read_kernel(raw, sizeof(raw), (void *)((__u64)inode + mode_off)))
			return;
		ret->ino = *(__u64 *)(raw + ino_off);
		ret->mode = *(__u16 *)raw;
		ret->uid = *(__u32 *)(raw + uid_off);
		ret->gid = *(__u32 *)(raw + gid_off);
		ret->nlink = *(__u32 *)(raw + nlink_off);
		sb = *(struct super_block **)(raw + sb_off);
	} else {
		ret->ino = BPF_CORE_READ(inode, i_ino);
		ret->mode = BPF_CORE_READ(inode, i_mode);
		ret->uid = BPF_CORE_READ(inode, i_uid.val);
		ret->gid = BPF_CORE_READ(inode, i_gid.val);
		ret->nlink = BPF_CORE_READ(inode, i_nlink);
		sb = BPF_CORE_READ(inode, i_sb);
	}
	ret->dev = BPF_CORE_READ(sb, s_dev);
	if ((ret->mode & S_IFMT) == 0020000 || (ret->mode & S_IFMT) == 0060000)
		ret->rdev = BPF_CORE_READ(inode, i_rdev);
}

#endif
