/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's mounts, found by (device, root). A look-up walks the path inside the file system once
 * and asks at every component boundary; the last hit is the longest root. Strings stand in one
 * buffer, entries hold offsets.
 */
#include "stream/mounts.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

#define SLOTS_CNT (2 * PK_MAX_MOUNTS)
#define MAX_MOUNTINFO_BYTES (32u << 20)

struct entry {
	__u32 dev;
	__u32 root_off;
	__u32 point_off;
	__u16 root_bytes;
	__u16 point_bytes;
};

struct pk_mounts {
	struct entry *entries; /* grown by doubling */
	__u32 entries_cap;
	__u32 cnt;        /* entries that can be found */
	__u32 listed_cnt; /* and those that an earlier one with the same device and root hides */
	__u32 refused_cnt;
	struct pk_buf strings;
	__u16 slots[SLOTS_CNT]; /* 1 + index of an entry; linear probing */
};

static_assert(PK_MAX_MOUNTS < UINT16_MAX, "slots");

int pk_mounts_new(struct pk_mounts **ret_mounts)
{
	struct pk_mounts *mounts = calloc(1, sizeof(*mounts));

	if (!mounts)
		return -ENOMEM;
	/* Never NULL, however short the strings: offsets into it are taken. */
	if (pk_buf_reserve(&mounts->strings, 1) < 0) {
		free(mounts);
		return -ENOMEM;
	}
	*ret_mounts = mounts;
	return 0;
}

void pk_mounts_free(struct pk_mounts *mounts)
{
	if (!mounts)
		return;
	free(mounts->entries);
	pk_buf_fini(&mounts->strings);
	free(mounts);
}

__u32 pk_mounts_get_cnt(const struct pk_mounts *mounts)
{
	return mounts->listed_cnt;
}

__u32 pk_mounts_get_refused_cnt(const struct pk_mounts *mounts)
{
	return mounts->refused_cnt;
}

/* FNV-1a, so that a path's prefixes are hashed on the way to the whole. */
static __u32 hash_start(__u32 dev)
{
	return (2166136261u ^ dev) * 16777619u;
}

static __u32 hash_add(__u32 hash, char c)
{
	return (hash ^ (unsigned char)c) * 16777619u;
}

static bool is_entry(const struct pk_mounts *mounts, const struct entry *entry, __u32 dev,
		     const char *root, size_t root_bytes)
{
	return entry->dev == dev && entry->root_bytes == root_bytes &&
	       (!root_bytes ||
		memcmp(mounts->strings.data + entry->root_off, root, root_bytes) == 0);
}

/* The slot that holds (dev, root), or the free one where it belongs. */
static __u32 find_slot(const struct pk_mounts *mounts, __u32 hash, __u32 dev, const char *root,
		       size_t root_bytes)
{
	__u32 slot = (hash ^ hash >> 15) % SLOTS_CNT;

	while (mounts->slots[slot] &&
	       !is_entry(mounts, &mounts->entries[mounts->slots[slot] - 1], dev, root, root_bytes))
		slot = (slot + 1) % SLOTS_CNT;
	return slot;
}

static void clear(struct pk_mounts *mounts)
{
	memset(mounts->slots, 0, sizeof(mounts->slots));
	mounts->cnt = 0;
	mounts->listed_cnt = 0;
	mounts->refused_cnt = 0;
	pk_buf_clear(&mounts->strings);
}

static int reserve_entry(struct pk_mounts *mounts)
{
	__u32 cap = mounts->entries_cap ? 2 * mounts->entries_cap : 64;
	struct entry *entries;

	if (mounts->cnt < mounts->entries_cap)
		return 0;
	entries = realloc(mounts->entries, cap * sizeof(*entries));
	if (!entries)
		return -ENOMEM;
	mounts->entries = entries;
	mounts->entries_cap = cap;
	return 0;
}

/* The root "/" is kept as "": every path in a file system then starts with root, slash. */
static struct pk_text without_slash(struct pk_text path)
{
	while (path.len && path.data[path.len - 1] == '/')
		path.len--;
	return path;
}

static bool has_room(const struct pk_mounts *mounts, size_t bytes)
{
	return mounts->listed_cnt < PK_MAX_MOUNTS &&
	       mounts->strings.len_bytes + bytes <= PK_MAX_MOUNTS_BYTES;
}

static void add_at(struct pk_mounts *mounts, __u32 slot, __u32 dev, struct pk_text root,
		   struct pk_text point)
{
	__u32 off = (__u32)mounts->strings.len_bytes;

	if (reserve_entry(mounts) < 0 ||
	    pk_buf_reserve(&mounts->strings, root.len + point.len) < 0) {
		mounts->refused_cnt++;
		return;
	}
	pk_buf_add(&mounts->strings, root.data, root.len);
	pk_buf_add(&mounts->strings, point.data, point.len);
	mounts->entries[mounts->cnt] = (struct entry){ .dev = dev,
						       .root_off = off,
						       .point_off = off + (__u32)root.len,
						       .root_bytes = (__u16)root.len,
						       .point_bytes = (__u16)point.len };
	mounts->slots[slot] = (__u16)++mounts->cnt;
	mounts->listed_cnt++;
}

void pk_mounts_update(struct pk_mounts *mounts, const struct pk_mount_event *event)
{
	struct pk_text root = without_slash(pk_record_text(event, event->root));
	struct pk_text point = without_slash(pk_record_text(event, event->point));
	__u32 hash = hash_start(event->dev);
	__u32 slot;

	if (event->mount_flags & PK_MOUNT_FIRST)
		clear(mounts);
	if (!has_room(mounts, root.len + point.len)) {
		mounts->refused_cnt++;
		return;
	}
	for (size_t i = 0; i < root.len; i++)
		hash = hash_add(hash, root.data[i]);
	slot = find_slot(mounts, hash, event->dev, root.data, root.len);
	if (mounts->slots[slot])
		mounts->listed_cnt++;
	else
		add_at(mounts, slot, event->dev, root, point);
}

/* The mount of `dev` with the longest root that `path` is in, or NULL. */
static const struct entry *find_mount(const struct pk_mounts *mounts, __u32 dev,
				      struct pk_text path)
{
	const struct entry *best = NULL;
	__u32 hash = hash_start(dev);

	for (size_t i = 0; i <= path.len; i++) {
		if (i == path.len || path.data[i] == '/') {
			__u32 slot = find_slot(mounts, hash, dev, path.data, i);

			if (mounts->slots[slot])
				best = &mounts->entries[mounts->slots[slot] - 1];
		}
		if (i < path.len)
			hash = hash_add(hash, path.data[i]);
	}
	return best;
}

/* The path from the file system's root on: "" or "/a/b". */
static int inner_path(const struct pk_event *event, const struct pk_path *path,
		      struct pk_buf *scratch)
{
	struct pk_text mnt_root = without_slash(pk_record_text(event, path->mnt_root));
	struct pk_text name = pk_record_text(event, path->name);
	struct pk_text rest = { name.data + path->mnt_off, name.len - path->mnt_off };
	int err;

	rest = without_slash(rest);
	pk_buf_clear(scratch);
	err = pk_buf_add(scratch, mnt_root.data, mnt_root.len);
	if (!err && rest.len && rest.data[0] != '/')
		err = pk_buf_add_char(scratch, '/');
	return err ? err : pk_buf_add(scratch, rest.data, rest.len);
}

/* `scratch` holds the inner path; the answer is put behind it. */
static int join(const struct pk_mounts *mounts, const struct entry *entry, struct pk_buf *scratch,
		struct pk_text *ret_path)
{
	size_t inner_bytes = scratch->len_bytes;
	size_t rest_bytes = inner_bytes - entry->root_bytes;
	int err = pk_buf_reserve(scratch, entry->point_bytes + rest_bytes + 1);

	if (err)
		return err;
	pk_buf_add(scratch, mounts->strings.data + entry->point_off, entry->point_bytes);
	pk_buf_add(scratch, scratch->data + entry->root_bytes, rest_bytes);
	if (scratch->len_bytes == inner_bytes)
		pk_buf_add_char(scratch, '/');
	*ret_path = (struct pk_text){ scratch->data + inner_bytes,
				      scratch->len_bytes - inner_bytes };
	return 1;
}

int pk_mounts_host_path(const struct pk_mounts *mounts, const struct pk_event *event,
			const struct pk_path *path, __u32 dev, struct pk_buf *scratch,
			struct pk_text *ret_path)
{
	const struct entry *entry;
	int err;

	if (!path->name.len || path->flags & (PK_PATH_PSEUDO | PK_PATH_ARGUMENT))
		return 0;
	if (path->flags & PK_PATH_HOST_NS) {
		*ret_path = pk_record_text(event, path->name);
		return 1;
	}
	if (path->flags & (PK_PATH_TRUNCATED | PK_PATH_UNREADABLE))
		return 0; /* mnt_off counts from a beginning that is missing */
	err = inner_path(event, path, scratch);
	if (err)
		return err;
	entry = find_mount(mounts, dev, (struct pk_text){ scratch->data, scratch->len_bytes });
	return entry ? join(mounts, entry, scratch, ret_path) : 0;
}

/* ---- /proc/PID/mountinfo: proc_pid_mountinfo(5) ---- */

/* Undoes the kernel's \ooo for space, tab, newline, backslash and '#', in place. */
static size_t unescape(char *text)
{
	char *out = text;

	for (const char *in = text; *in;) {
		if (in[0] == '\\' && in[1] >= '0' && in[1] <= '3' && in[2] >= '0' && in[2] <= '7' &&
		    in[3] >= '0' && in[3] <= '7') {
			*out++ = (char)((in[1] - '0') << 6 | (in[2] - '0') << 3 | (in[3] - '0'));
			in += 4;
		} else {
			*out++ = *in++;
		}
	}
	*out = '\0';
	return (size_t)(out - text);
}

struct line {
	unsigned int mount_id;
	unsigned int major;
	unsigned int minor;
	char *root;
	char *point;
};

static int parse_line(char *text, struct line *ret_line)
{
	unsigned int parent_id;
	char *save = NULL;
	int used = 0;

	if (sscanf(text, "%u %u %u:%u %n", &ret_line->mount_id, &parent_id, &ret_line->major,
		   &ret_line->minor, &used) != 4 ||
	    !used || ret_line->major > 0xfff || ret_line->minor > 0xfffff)
		return -EBADMSG;
	ret_line->root = strtok_r(text + used, " ", &save);
	ret_line->point = strtok_r(NULL, " ", &save);
	if (!ret_line->root || !ret_line->point)
		return -EBADMSG;
	return 0;
}

static int emit_line(struct pk_record *record, struct line *line, __u32 flags, pk_emit_fn *emit,
		     void *ctx)
{
	struct pk_mount_event *mount = &record->u.mount;
	int err;

	pk_record_init(record, PK_EVENT_MOUNT);
	mount->dev = line->major << 20 | line->minor;
	mount->mount_id = line->mount_id;
	mount->mount_flags = flags;
	err = pk_record_add(record, &mount->root, line->root, unescape(line->root));
	if (!err)
		err = pk_record_add(record, &mount->point, line->point, unescape(line->point));
	if (err)
		return -EBADMSG;
	return emit(ctx, &record->u, pk_record_finish(record));
}

int pk_mounts_parse(char *text, size_t len, pk_emit_fn *emit, void *ctx, __u32 *ret_left_out)
{
	pk_cleanup(pk_free_p) struct pk_record *record = malloc(sizeof(*record));
	char *const end = text + len;
	__u32 left_out = 0;
	__u32 cnt = 0;

	if (!record)
		return -ENOMEM;
	while (text < end) {
		char *newline = memchr(text, '\n', (size_t)(end - text));
		struct line line;
		int err;

		if (!newline)
			return -EBADMSG;
		*newline = '\0';
		err = parse_line(text, &line);
		if (!err && cnt >= PK_MAX_MOUNTS)
			left_out++;
		else if (!err)
			err = emit_line(record, &line, cnt ? 0 : PK_MOUNT_FIRST, emit, ctx);
		if (err < 0)
			return err;
		cnt++;
		text = newline + 1;
	}
	*ret_left_out = left_out;
	return 0;
}

static int read_all(int fd, struct pk_buf *buf)
{
	for (;;) {
		int err = pk_buf_reserve(buf, 65536);
		ssize_t got;

		if (err)
			return err;
		got = read(fd, buf->data + buf->len_bytes, buf->cap_bytes - buf->len_bytes);
		if (got < 0 && errno != EINTR)
			return -errno;
		if (got == 0)
			return 0;
		if (got > 0)
			buf->len_bytes += (size_t)got;
		if (buf->len_bytes > MAX_MOUNTINFO_BYTES)
			return -EFBIG;
	}
}

int pk_mounts_read(__u32 pid, pk_emit_fn *emit, void *ctx, __u32 *ret_left_out)
{
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
	pk_cleanup(pk_close_p) int fd = -1;
	char path[64];
	int err;

	if (pid)
		snprintf(path, sizeof(path), "/proc/%u/mountinfo", pid);
	else
		snprintf(path, sizeof(path), "/proc/self/mountinfo");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = read_all(fd, &text);
	if (err)
		return err;
	return pk_mounts_parse(text.data, text.len_bytes, emit, ctx, ret_left_out);
}
