// SPDX-License-Identifier: Apache-2.0
/*
 * Which files are the binaries of the host's container runtimes, by device and inode number, for facts about
 * who writes or runs them from inside of a container. In: the places where distributions put them. Out: entries of
 * pk_runtime_map; those of files that were replaced go.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/bank_internal.h"

static const char *const dirs[] = {
	"/usr/bin",
	"/usr/sbin",
	"/usr/local/bin",
	"/usr/local/sbin",
	"/usr/libexec",
	"/usr/libexec/crio",
	"/usr/libexec/podman",
	"/usr/lib/podman",
	"/usr/lib/cri-o-runc/sbin",
	"/opt/bin",
	"/opt/containerd/bin",
	"/var/lib/rancher/k3s/data/current/bin",
	"/var/lib/rancher/rke2/bin",
};

static const char *const names[] = {
	"runc",         "crun",
	"youki",        "runsc",
	"kata-runtime", "conmon",
	"conmonrs",     "containerd-shim",
	"docker-runc",  "containerd-shim-runc-v1",
	"docker-init",  "containerd-shim-runc-v2",
	"catatonit",
};

static_assert(PK_ARRAY_SIZE(dirs) * PK_ARRAY_SIZE(names) <= PK_MAX_RUNTIME_FILES, "room");

static bool is_among(const struct pk_ident_key *keys, size_t cnt, const struct pk_ident_key *key)
{
	for (size_t i = 0; i < cnt; i++) {
		if (!memcmp(&keys[i], key, sizeof(*key)))
			return true;
	}
	return false;
}

static size_t collect(struct pk_ident_key *ret_keys)
{
	size_t cnt = 0;

	for (size_t dir = 0; dir < PK_ARRAY_SIZE(dirs); dir++) {
		for (size_t name = 0; name < PK_ARRAY_SIZE(names); name++) {
			char path[PATH_MAX];
			char real[PATH_MAX];
			struct pk_ident_key key;

			snprintf(path, sizeof(path), "%s/%s", dirs[dir], names[name]);
			if (!realpath(path, real) || pk_bank_ident_of(real, &key))
				continue;
			if (!is_among(ret_keys, cnt, &key))
				ret_keys[cnt++] = key;
		}
	}
	return cnt;
}

static void remove_stale(int map, const struct pk_ident_key *keys, size_t cnt)
{
	struct pk_ident_key key, next;
	int err = bpf_map_get_next_key(map, NULL, &next);

	for (__u32 i = 0; !err && i < PK_MAX_RUNTIME_FILES; i++) {
		key = next;
		err = bpf_map_get_next_key(map, &key, &next);
		if (!is_among(keys, cnt, &key))
			bpf_map_delete_elem(map, &key);
	}
}

bool pk_bank_asks_runtimes(const struct pk_plan *plan)
{
	const __u64 nums = 1ull << PK_NUM_EXE_RUNTIME | 1ull << PK_NUM_FD_RUNTIME;

	for (size_t kind = 0; kind < PK_KINDS; kind++) {
		if (plan->table.kinds[kind].nums & nums)
			return true;
	}
	return false;
}

int pk_bank_runtimes_fill(int map)
{
	struct pk_ident_key keys[PK_ARRAY_SIZE(dirs) * PK_ARRAY_SIZE(names)];
	size_t cnt = collect(keys);
	__u32 one = 1;
	int err = 0;

	remove_stale(map, keys, cnt);
	for (size_t i = 0; i < cnt && !err; i++)
		err = bpf_map_update_elem(map, &keys[i], &one, BPF_ANY);
	return err;
}
