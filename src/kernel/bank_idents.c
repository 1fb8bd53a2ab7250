// SPDX-License-Identifier: Apache-2.0
/*
 * Which files the literal paths of deny and kill rules name: by device and inode number, so that
 * another name of the file does not lead around the rule. In: paths. Out: entries of an inner map of
 * pk_idents.
 *
 * stat() is no help for the device: overlay and btrfs tell one that is not the super block's. The mount
 * table has that one, for the mount that statx() says the file was found on.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "kernel/bank_internal.h"

#define LEARNED_FACTOR 4u
#define LEARNED_MIN 1024u

struct ident {
	struct pk_ident_key key;
	struct pk_prefix_value value;
};

__u32 pk_bank_idents_max(const struct pk_plan *plan)
{
	return plan->ident_cnt ? (__u32)plan->ident_cnt * LEARNED_FACTOR + LEARNED_MIN : 0;
}

static int open_strictly(const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS,
	};
	long fd = syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

/* The device of a mount's super block, in the kernel's encoding. */
static int mount_dev(__u64 mnt_id, __u32 *ret_dev)
{
	pk_cleanup(pk_fclose_p) FILE *file = fopen("/proc/self/mountinfo", "re");
	pk_cleanup(pk_free_p) char *line = NULL;
	size_t line_bytes = 0;
	unsigned long long id;
	unsigned int major, minor;

	if (!file)
		return -errno;
	while (getline(&line, &line_bytes, file) > 0) {
		if (sscanf(line, "%llu %*u %u:%u", &id, &major, &minor) != 3 || id != mnt_id)
			continue;
		*ret_dev = major << 20 | minor;
		return 0;
	}
	return -ENOENT;
}

int pk_bank_ident_of(const char *path, struct pk_ident_key *ret_key)
{
	pk_cleanup(pk_close_p) int fd = open_strictly(path);
	struct pk_ident_key key = { 0 };
	struct statx stx;
	int err;

	if (fd < 0)
		return fd;
	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_INO | STATX_MNT_ID, &stx))
		return -errno;
	key.ino = stx.stx_ino;
	key.dev = stx.stx_dev_major << 20 | stx.stx_dev_minor;
	if (stx.stx_mask & STATX_MNT_ID) {
		err = mount_dev(stx.stx_mnt_id, &key.dev);
		if (err)
			return err;
	}
	*ret_key = key;
	return 0;
}

static const struct ident *find(const struct ident *idents, size_t cnt,
				const struct pk_ident_key *key)
{
	for (size_t i = 0; i < cnt; i++)
		if (!memcmp(&idents[i].key, key, sizeof(*key)))
			return &idents[i];
	return NULL;
}

/* What the paths name now; of two that name the same file the first stands. */
static size_t collect(const struct pk_plan *plan, struct ident *ret_idents)
{
	size_t cnt = 0;

	for (size_t i = 0; i < plan->ident_cnt; i++) {
		struct ident ident = { .value = plan->idents[i].value };

		if (pk_bank_ident_of(plan->idents[i].path, &ident.key))
			continue;
		ident.key.text = plan->idents[i].text;
		ident.value.kinds |= PK_BANK_IDENT_OURS;
		if (!find(ret_idents, cnt, &ident.key))
			ret_idents[cnt++] = ident;
	}
	return cnt;
}

/* Ours that are not among `idents` any more go. The next key is asked for before one is deleted. */
static int remove_stale(int fd, const struct ident *idents, size_t cnt, __u32 key_max)
{
	struct pk_ident_key key, next;
	int err = bpf_map_get_next_key(fd, NULL, &next);

	for (__u32 i = 0; !err && i < key_max; i++) {
		struct pk_prefix_value value;

		key = next;
		err = bpf_map_get_next_key(fd, &key, &next);
		if (!bpf_map_lookup_elem(fd, &key, &value) && (value.kinds & PK_BANK_IDENT_OURS) &&
		    !find(idents, cnt, &key))
			bpf_map_delete_elem(fd, &key);
	}
	return err == -ENOENT ? 0 : err;
}

int pk_bank_idents_fill(int fd, const struct pk_plan *plan)
{
	pk_cleanup(pk_free_p) struct ident *idents = NULL;
	size_t cnt;
	int err;

	if (!plan->ident_cnt)
		return 0;
	idents = calloc(plan->ident_cnt, sizeof(*idents));
	if (!idents)
		return -ENOMEM;
	cnt = collect(plan, idents);
	err = remove_stale(fd, idents, cnt, pk_bank_idents_max(plan));
	for (size_t i = 0; !err && i < cnt; i++)
		err = bpf_map_update_elem(fd, &idents[i].key, &idents[i].value, BPF_ANY);
	return err;
}
