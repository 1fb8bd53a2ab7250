/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From a path that a caller gave to the dentry that it means, through the kernel's own dentry cache.
 *
 * For the tracepoint backend: when unlink("a/b") returns, no argument of any program names the
 * dentry that went away. The call has just walked the path, so every directory on it is cached;
 * this walk finds them again, by name among the children of the last, through mounts and
 * symbolic links, from where the kernel itself started (root, working directory, descriptor).
 *
 * The text is the caller's memory, read when the call has succeeded: another thread may have
 * changed it since. Where the walk gives up (a directory with more than PK_CHILDREN_MAX cached
 * names before the one sought, a link whose text is not in memory), the path is reported as
 * text, flagged PK_PATH_ARGUMENT.
 */
#ifndef PK_LOOKUP_H
#define PK_LOOKUP_H

#include "gather.h"

#define PK_COMPONENTS_MAX 512
#define PK_CHILDREN_MAX 8192
#define PK_LINKS_MAX 40

/* The text lies in the record's data area, above anything that two paths can fill. */
#define PK_TEXT_BASE 16896u
#define PK_TEXT_MASK 0x3fffu
#define PK_TEXT_START 9216u /* links are written before what is left of the text */

/* A macro until 6.15, then an enum with other values. */
enum dentry_flags___named {
	DCACHE_MOUNTED___named = 0x10000,
};
#define S_IFLNK 0120000

#define PK_LOOKUP_GOING 0
#define PK_LOOKUP_PARENT 1 /* dentry is the directory, the component at pos the name in it */
#define PK_LOOKUP_DONE 2   /* dentry is what was sought */
#define PK_LOOKUP_FAILED 3

/* Members whose names or types changed in 6.8: the old and the new, as separate flavors. */

struct list_head {
	struct list_head *next;
} __attribute__((preserve_access_index));

struct hlist_node {
	struct hlist_node *next;
} __attribute__((preserve_access_index));

struct hlist_head {
	struct hlist_node *first;
} __attribute__((preserve_access_index));

struct dentry___before_6_8 {
	struct list_head d_subdirs;
	struct list_head d_child;
} __attribute__((preserve_access_index));

struct dentry___since_6_8 {
	struct hlist_head d_children;
	struct hlist_node d_sib;
} __attribute__((preserve_access_index));

struct dentry___flags {
	unsigned int d_flags;
} __attribute__((preserve_access_index));

struct inode___link {
	char *i_link;
} __attribute__((preserve_access_index));

struct mount___children {
	struct list_head mnt_mounts;
	struct list_head mnt_child;
} __attribute__((preserve_access_index));

static __always_inline __u32 pk_mounted_flag(void)
{
	if (bpf_core_enum_value_exists(enum dentry_flags___named, DCACHE_MOUNTED___named))
		return bpf_core_enum_value(enum dentry_flags___named, DCACHE_MOUNTED___named);
	return 0x10000;
}

static __always_inline char *pk_text_at(struct pk_scratch *s, __u32 pos)
{
	return &s->rec.bytes[PK_TEXT_BASE + (pos & PK_TEXT_MASK)];
}

/* First child, and the next after one; 0 at the end. */
static __always_inline __u64 pk_child_first(__u64 dir)
{
	__u64 next = 0;

	if (bpf_core_field_exists(struct dentry___since_6_8, d_children)) {
		bpf_probe_read_kernel(&next, 8,
				      (void *)(dir +
					       bpf_core_field_offset(struct dentry___since_6_8,
								     d_children)));
		return next ? next - bpf_core_field_offset(struct dentry___since_6_8, d_sib) : 0;
	}
	bpf_probe_read_kernel(&next, 8,
			      (void *)(dir + bpf_core_field_offset(struct dentry___before_6_8,
								   d_subdirs)));
	if (!next || next == dir + bpf_core_field_offset(struct dentry___before_6_8, d_subdirs))
		return 0;
	return next - bpf_core_field_offset(struct dentry___before_6_8, d_child);
}

static __always_inline __u64 pk_child_next(__u64 dir, __u64 child)
{
	__u64 next = 0;

	if (bpf_core_field_exists(struct dentry___since_6_8, d_children)) {
		bpf_probe_read_kernel(
			&next, 8,
			(void *)(child + bpf_core_field_offset(struct dentry___since_6_8, d_sib)));
		return next ? next - bpf_core_field_offset(struct dentry___since_6_8, d_sib) : 0;
	}
	bpf_probe_read_kernel(&next, 8,
			      (void *)(child +
				       bpf_core_field_offset(struct dentry___before_6_8, d_child)));
	if (!next || next == dir + bpf_core_field_offset(struct dentry___before_6_8, d_subdirs))
		return 0;
	return next - bpf_core_field_offset(struct dentry___before_6_8, d_child);
}

/* Is this child the one named by the component? Names of equal length are compared whole. */
static __always_inline bool pk_child_is(struct pk_lookup *l, struct pk_dentry_facts *d)
{
	__u64 head[4] = {};
	__u32 len = l->len;

	if (d->name_bytes != len)
		return false;
	if (len > 32)
		len = 32;
	if (bpf_probe_read_kernel(head, len, (void *)d->name))
		return false;
	return head[0] == l->name[0] && head[1] == l->name[1] && head[2] == l->name[2] &&
	       head[3] == l->name[3];
}

/* Names of more than 32 bytes: the rest of them. */
__weak __noinline int pk_child_rest(struct pk_scratch *s, __u64 name)
{
	struct pk_lookup *l;
	char a[32], b[32];

	if (!s)
		return 0;
	l = &s->lookup;

	for (__u32 off = 32; off < 256; off += 32) {
		__u32 len = l->len - off;

		if (off >= l->len)
			return true;
		if (len > 32)
			len = 32;
		__builtin_memset(a, 0, sizeof(a));
		__builtin_memset(b, 0, sizeof(b));
		if (bpf_probe_read_kernel(a, len, (void *)(name + off)) ||
		    bpf_probe_read_kernel(b, len, pk_text_at(s, l->pos + off)))
			return false;
#pragma unroll
		for (int i = 0; i < 4; i++)
			if (((__u64 *)a)[i] != ((__u64 *)b)[i])
				return false;
	}
	return true;
}

static long pk_child_step(__u32 i, void *ctx)
{
	struct pk_scratch *s = *(struct pk_scratch **)ctx;
	struct pk_lookup *l = &s->lookup;
	struct pk_dentry_facts d;

	if (!l->child || pk_dentry_read(l->child, &d))
		return 1;
	if (pk_child_is(l, &d) && (l->len <= 32 || pk_child_rest(s, d.name))) {
		l->found = l->child;
		return 1;
	}
	l->child = pk_child_next(l->dentry, l->child);
	return 0;
}

/* The child of l->dentry that the component names, in l->found; 0: not cached, or too many. */
__weak __noinline int pk_child_find(struct pk_scratch *s)
{
	struct pk_lookup *l;
	__u32 len;

	if (!s)
		return 0;
	l = &s->lookup;
	l->found = 0;
	len = l->len;
	if (len > 32)
		len = 32;
	__builtin_memset(l->name, 0, sizeof(l->name));
	if (bpf_probe_read_kernel(l->name, len, pk_text_at(s, l->pos)))
		return 0;
	l->child = pk_child_first(l->dentry);
	bpf_loop(PK_CHILDREN_MAX, pk_child_step, &s, 0);
	return 0;
}

static long pk_mount_step(__u32 i, void *ctx)
{
	const __u32 child_off = bpf_core_field_offset(struct mount___children, mnt_child);
	struct pk_scratch *s = *(struct pk_scratch **)ctx;
	struct pk_lookup *l = &s->lookup;
	__u64 head = l->mnt - bpf_core_field_offset(struct mount, mnt) +
		     bpf_core_field_offset(struct mount___children, mnt_mounts);
	struct mount *m;

	if (!l->child || l->child == head)
		return 1;
	m = (struct mount *)(l->child - child_off);
	if ((__u64)BPF_CORE_READ(m, mnt_mountpoint) == l->found) {
		l->mnt = (__u64)m + bpf_core_field_offset(struct mount, mnt);
		l->found = (__u64)BPF_CORE_READ(m, mnt.mnt_root);
		return 1;
	}
	bpf_probe_read_kernel(&l->child, 8, (void *)l->child);
	return 0;
}

/* If something is mounted on l->found, go there; at most four mounts on top of each other. */
__weak __noinline int pk_mounts_down(struct pk_scratch *s)
{
	struct pk_lookup *l;

	if (!s)
		return 0;
	l = &s->lookup;
	for (int i = 0; i < 4; i++) {
		struct dentry___flags *d = (void *)l->found;
		__u64 was = l->found;

		if (!(BPF_CORE_READ(d, d_flags) & pk_mounted_flag()))
			return 0;
		l->child = 0;
		bpf_probe_read_kernel(&l->child, 8,
				      (void *)(l->mnt - bpf_core_field_offset(struct mount, mnt) +
					       bpf_core_field_offset(struct mount___children,
								     mnt_mounts)));
		bpf_loop(4096, pk_mount_step, &s, 0);
		if (l->found == was)
			return 0;
	}
	return 0;
}

static __always_inline void pk_lookup_up(struct pk_lookup *l)
{
	struct dentry *d;

	for (int i = 0; i < 4; i++) {
		struct vfsmount *vfs = (void *)l->mnt;
		struct mount *m = (void *)(l->mnt - bpf_core_field_offset(struct mount, mnt));
		struct mount *parent;

		if (l->dentry == l->root_dentry && l->mnt == l->root_mnt)
			return;
		if (l->dentry != (__u64)BPF_CORE_READ(vfs, mnt_root))
			break;
		parent = BPF_CORE_READ(m, mnt_parent);
		if (parent == m)
			return;
		l->dentry = (__u64)BPF_CORE_READ(m, mnt_mountpoint);
		l->mnt = (__u64)parent + bpf_core_field_offset(struct mount, mnt);
	}
	d = (void *)l->dentry;
	l->dentry = (__u64)BPF_CORE_READ(d, d_parent);
}

static long pk_slash_step(__u32 i, void *ctx)
{
	struct pk_scratch *s = *(struct pk_scratch **)ctx;
	struct pk_lookup *l = &s->lookup;

	if (*pk_text_at(s, l->pos) != '/')
		return 1;
	l->pos++;
	return 0;
}

static long pk_name_step(__u32 i, void *ctx)
{
	struct pk_scratch *s = *(struct pk_scratch **)ctx;
	struct pk_lookup *l = &s->lookup;
	char c = *pk_text_at(s, l->end);

	if (c == '/' || c == '\0')
		return 1;
	l->end++;
	return 0;
}

static long pk_tail_step(__u32 i, void *ctx)
{
	struct pk_scratch *s = *(struct pk_scratch **)ctx;
	struct pk_lookup *l = &s->lookup;

	if (*pk_text_at(s, l->end) != '/')
		return 1;
	l->end++;
	return 0;
}

/* Put a link's text before what is left. Non-zero: it is not to be had. */
static __always_inline int pk_link_push(struct pk_scratch *s)
{
	struct pk_lookup *l = &s->lookup;
	struct dentry *d = (void *)l->found;
	struct inode___link *inode = (void *)BPF_CORE_READ(d, d_inode);
	char *link = BPF_CORE_READ(inode, i_link);
	__u32 pos = l->pos + l->len; /* at the slash or the end behind the component */
	__u32 len = 0;
	char *to;
	long n;

	if (!link || ++l->links > PK_LINKS_MAX)
		return 1;
	/* written once to learn its length, in room that is free, then before the rest */
	n = bpf_probe_read_kernel_str(s->walk, 4096, link);
	if (n <= 1 || n > 4096)
		return 1;
	len = n - 1;
	if (pos < len)
		return 1;
	pos -= len;
	to = pk_text_at(s, pos);
	barrier_var(len);
	if (len > 4095 || (pos & PK_TEXT_MASK) > PK_TEXT_MASK - 4096)
		return 1;
	if (bpf_probe_read_kernel(to, len, s->walk))
		return 1;
	l->pos = pos;
	if (s->walk[0] == '/') {
		l->dentry = l->root_dentry;
		l->mnt = l->root_mnt;
	}
	return 0;
}

static __always_inline bool pk_is_link(__u64 dentry)
{
	struct dentry *d = (void *)dentry;

	return (BPF_CORE_READ(d, d_inode, i_mode) & S_IFMT) == S_IFLNK;
}

/* One component. */
static long pk_lookup_step(__u32 i, void *ctx)
{
	struct pk_scratch *s = *(struct pk_scratch **)ctx;
	struct pk_lookup *l = &s->lookup;
	__u64 mnt = l->mnt;
	bool last;

	bpf_loop(4096, pk_slash_step, &s, 0);
	l->end = l->pos;
	bpf_loop(256, pk_name_step, &s, 0);
	l->len = l->end - l->pos;
	if (!l->len) {
		l->state = PK_LOOKUP_DONE;
		return 1;
	}
	if (l->len > 255) {
		l->state = PK_LOOKUP_FAILED;
		return 1;
	}
	bpf_loop(4096, pk_tail_step, &s, 0);
	last = *pk_text_at(s, l->end) == '\0';
	if (last && !l->follow) {
		l->state = PK_LOOKUP_PARENT;
		return 1;
	}
	if (*pk_text_at(s, l->pos) == '.' && l->len == 1) {
		l->pos++;
		return 0;
	}
	if (*pk_text_at(s, l->pos) == '.' && *pk_text_at(s, l->pos + 1) == '.' && l->len == 2) {
		pk_lookup_up(l);
		l->pos += 2;
		return 0;
	}
	pk_child_find(s);
	if (l->found)
		pk_mounts_down(s);
	if (!l->found) {
		l->state = PK_LOOKUP_FAILED;
		return 1;
	}
	if (pk_is_link(l->found)) {
		l->mnt = mnt;
		if (!pk_link_push(s))
			return 0;
		l->state = PK_LOOKUP_FAILED;
		return 1;
	}
	l->dentry = l->found;
	l->pos += l->len;
	return 0;
}

/*
 * Look the text at PK_TEXT_START up from (l->dentry, l->mnt). l->state says how it ended; with
 * PK_LOOKUP_PARENT l->found is the name's own dentry if it is still to be had.
 */
__weak __noinline int pk_lookup_run(struct pk_scratch *s)
{
	struct pk_lookup *l;

	if (!s)
		return 0;
	l = &s->lookup;
	bpf_loop(PK_COMPONENTS_MAX, pk_lookup_step, &s, 0);
	if (l->state == PK_LOOKUP_GOING)
		l->state = PK_LOOKUP_FAILED;
	if (l->state == PK_LOOKUP_PARENT)
		pk_child_find(s);
	return 0;
}

#endif
