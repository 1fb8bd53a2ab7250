// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Cgroups come and go. No events: what the container of a cgroup is to the rules has to be there before the
 * first process in it acts, and to go away with it.
 *
 * tp_btf/cgroup_mkdir   the cgroup is complete, but user space cannot see it yet, so nobody is in it. One
 *                       that is made inside of a container's belongs to the container. Below the host's, one
 *                       that is called like a unit of systemd (.service, .slice) is the host's: no runtime
 *                       calls a container so. What any other is, user space has to say, and until then it is
 *                       unknown.
 * tp_btf/cgroup_rmdir   it is empty and gone.
 *
 * Both with a spinlock held: nothing else runs on the CPU.
 */
#include "gather.h"

#include "cgroup.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* struct pk_cgroup_note. Full: counted in pk_state.cgroup_lost_cnt; user space looks for itself then. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, PK_CGROUP_RING_BYTES);
} pk_cgroup_ring SEC(".maps");

/* Key 0: facts on their way from one cgroup to another, too large for a stack. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pk_container_facts);
} pk_container_copy SEC(".maps");

static __always_inline __u64 parent_of(struct cgroup *cgroup)
{
	return BPF_CORE_READ(cgroup, self.parent, cgroup, kn, id);
}

/* Does the path end like a unit's? */
static __always_inline bool is_unit(const struct pk_cgroup_note *note)
{
	__u64 end, service = 0, slice = 0;
	__u32 len = note->path_bytes;

	if (len < 8 || len >= PK_CGROUP_PATH_BYTES)
		return false;
	if (bpf_probe_read_kernel(&end, sizeof(end), &note->path[len - 8]))
		return false;
	__builtin_memcpy(&service, ".service", 8);
	__builtin_memcpy((char *)&slice + 2, ".slice", 6);
	return end == service || (end & ~0xffffull) == slice; /* little-endian, as all of bpf/ */
}

/* What the parent is to the rules of one bank, the child is too. */
static __always_inline bool inherit(void *map, __u64 parent_id, __u64 id, bool unit)
{
	struct pk_container_facts *from = bpf_map_lookup_elem(map, &parent_id), *copy;
	__u32 zero = 0;

	if (!from || ((from->flags & PK_CONTAINER_FACTS_HOST) && !unit))
		return false;
	copy = bpf_map_lookup_elem(&pk_container_copy, &zero);
	if (!copy)
		return false;
	__builtin_memcpy(copy, from, sizeof(*copy));
	/* user space can replace the parent's meanwhile, and its memory be given to another's */
	barrier();
	if (from->cgroup_id != parent_id)
		return false;
	copy->cgroup_id = id;
	return !bpf_map_update_elem(map, &id, copy, BPF_NOEXIST);
}

/* In both banks. verifier: a function, so that it is there once */
static __noinline bool inherit_all(__u64 parent_id, __u64 id, bool unit)
{
	bool inherited = inherit(&pk_containers_0, parent_id, id, unit);

	return inherit(&pk_containers_1, parent_id, id, unit) || inherited;
}

static __always_inline struct pk_cgroup_note *note_begin(__u32 what, __u64 id, __u64 parent_id,
							 const char *path)
{
	struct pk_cgroup_note *note = bpf_ringbuf_reserve(&pk_cgroup_ring, sizeof(*note), 0);
	long n;

	if (!note) {
		__sync_fetch_and_add(&pk_state.cgroup_lost_cnt, 1);
		return NULL;
	}
	__builtin_memset(note, 0, sizeof(*note));
	note->cgroup_id = id;
	note->parent_id = parent_id;
	note->what = what;
	n = bpf_probe_read_kernel_str(note->path, sizeof(note->path), path);
	if (n > 1 && n < (long)sizeof(note->path))
		note->path_bytes = n - 1;
	return note;
}

SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(pk_container_mkdir, struct cgroup *cgroup, const char *path)
{
	struct pk_cgroup_note *note;
	__u64 id, parent_id;

	if (!pk_cgroup_matters(cgroup))
		return 0;
	id = BPF_CORE_READ(cgroup, kn, id);
	parent_id = parent_of(cgroup);
	note = note_begin(PK_CGROUP_MADE, id, parent_id, path);
	/* verifier: kernels before 6.2 do not remember that a note is there when it is asked again */
	if (!note) {
		if (pk_config.judging)
			inherit_all(parent_id, id, false);
		return 0;
	}
	if (pk_config.judging && inherit_all(parent_id, id, is_unit(note)))
		note->flags |= PK_CGROUP_INHERITED;
	bpf_ringbuf_submit(note, 0);
	return 0;
}

SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(pk_container_rmdir, struct cgroup *cgroup, const char *path)
{
	struct pk_cgroup_note *note;
	__u64 id;

	if (!pk_cgroup_matters(cgroup))
		return 0;
	id = BPF_CORE_READ(cgroup, kn, id);
	bpf_map_delete_elem(&pk_containers_0, &id);
	bpf_map_delete_elem(&pk_containers_1, &id);
	bpf_map_delete_elem(&pk_container_tag_map, &id);
	note = note_begin(PK_CGROUP_REMOVED, id, parent_of(cgroup), path);
	if (note)
		bpf_ringbuf_submit(note, 0);
	return 0;
}
