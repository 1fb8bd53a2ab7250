// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Cgroups that are made, so that user space knows which container one is before anything runs in it, however short
 * it lives.
 *
 * tp_btf/cgroup_mkdir         of the hierarchy that containers are in. The record is a PK_EVENT_CONTAINER that has the id and
 *                             the path and no more: the live source makes the one that the stream gets out of it. It is no event:
 *                             the books do not count it. What does not fit into the ring, or has a longer path, is counted as
 *                             a missing fact: the cgroup is then looked up with its first event.
 */
#include "gather.h"

#define PATH_BYTES 1024u

struct pk_made {
	struct pk_container_event event;
	char path[PATH_BYTES];
};

SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(pk_cgroup_mkdir, struct cgroup *made, const char *path)
{
	struct pk_made *r;
	long len;

	if (!pk_cgroup_matters(made))
		return 0;
	r = bpf_ringbuf_reserve(&pk_ring, sizeof(*r), 0);
	if (!r) {
		pk_count_lost(PK_HOOK_CGROUP_MKDIR, PK_LOSS_READ);
		return 0;
	}
	__builtin_memset(&r->event, 0, sizeof(r->event));
	/* clang makes no call of it this way: BPF has no memset() */
	for (__u32 i = 0; i < PATH_BYTES / sizeof(__u64); i++)
		((volatile __u64 *)r->path)[i] = 0;
	len = bpf_probe_read_kernel_str(r->path, sizeof(r->path), path);
	if (len <= 1 || len == sizeof(r->path)) {
		pk_count_lost(PK_HOOK_CGROUP_MKDIR, PK_LOSS_READ);
		bpf_ringbuf_discard(r, BPF_RB_NO_WAKEUP);
		return 0;
	}
	r->event.head.size_bytes = sizeof(*r);
	r->event.head.kind = PK_EVENT_CONTAINER;
	r->event.head.hook = PK_HOOK_CGROUP_MKDIR;
	r->event.head.time_ns = bpf_ktime_get_boot_ns();
	r->event.head.cgroup_id = BPF_CORE_READ(made, kn, id);
	r->event.cgroup.off = __builtin_offsetof(struct pk_made, path);
	r->event.cgroup.len = len - 1;
	/* at once: until something runs in it there is little time to ask the runtime */
	bpf_ringbuf_submit(r, BPF_RB_FORCE_WAKEUP);
	return 0;
}
