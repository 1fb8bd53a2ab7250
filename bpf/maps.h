/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Maps and globals that the families share. Weak, so that the linker makes one of each.
 */
#ifndef PK_MAPS_H
#define PK_MAPS_H

#include "kernel.h"
#include "event.h"
#include "config.h"

#define PK_WALK_BYTES 8192u
#define PK_DATA_BYTES 32768u

const volatile struct pk_config pk_config __weak = {};
struct pk_state pk_state __weak = {};

/*
 * A walk down a path, see lookup.h. In a map and not on the stack: what the verifier does not
 * track, it does not enumerate.
 */
struct pk_lookup {
	__u64 dentry; /* how far it came: a directory, or what was sought */
	__u64 mnt;
	__u64 root_dentry;
	__u64 root_mnt;
	__u64 child;
	__u64 found;
	__u32 pos; /* of the rest of the text */
	__u32 end; /* of the component at pos */
	__u32 len;
	__u32 links;
	__u32 follow;  /* the last component too, if it is a link */
	__u32 state;   /* PK_LOOKUP_* */
	__u64 name[4]; /* the first bytes of the component, to compare */
};

/* A call by path, its arguments put into one form. */
struct pk_path_call {
	__u64 args[5]; /* as in the registers */
	__u64 text;    /* caller's memory: the path; old path of rename and link */
	__u64 text2;   /* new path */
	__u64 target;
	__s32 dir;
	__s32 dir2;
	__u64 value; /* rename: flags; chmod: mode; truncate: size */
	__u32 kind;
	__u32 follow; /* a link as the last component of text is followed */
};

/* A record under construction. */
struct pk_scratch {
	__u32 busy; /* taken with an atomic exchange: LSM programs can be preempted */
	__u32 data_bytes;
	__u64 word; /* see pk_scalar() */
	union {
		struct pk_event head;
		struct pk_exec_event exec;
		struct pk_fork_event fork;
		struct pk_exit_event exit;
		struct pk_file_event file;
		struct pk_net_event net;
		char bytes[512 + PK_DATA_BYTES];
	} rec;
	char walk[PK_WALK_BYTES + 512]; /* a path, written from its end */
	struct pk_lookup lookup;
	struct pk_path_call call;
};

/*
 * Key: CPU * PK_SCRATCH_SLOTS + slot. Capacity set at load. Full (all slots of the CPU busy):
 * the event is counted as lost with reason scratch.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PK_SCRATCH_SLOTS);
	__type(key, __u32);
	__type(value, struct pk_scratch);
} pk_scratch_map SEC(".maps") __weak;

/* Records to user space. Full: counted as lost with reason ring. Size set at load. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4 << 20);
} pk_ring SEC(".maps") __weak;

/* Key 0: this CPU's counters. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pk_counters);
} pk_counter_map SEC(".maps") __weak;

/* What is known of a process, on its group leader. */
struct pk_proc {
	__u32 in_scope; /* it or an ancestor was in the scope's cgroup */
	__u32 exited;   /* its exit was reported */
};

/* Key: task. Allocated on first use; on failure counted with reason storage. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct pk_proc);
} pk_proc_map SEC(".maps") __weak;

/*
 * An operation between its security hook, which knows where, and the end of the kernel's
 * work, which knows whether it happened. Pointers are compared and read, never trusted.
 */
struct pk_op {
	__u64 dentry; /* what is changed; identifies the operation at its end */
	__u64 mnt;
	__u64 dir; /* rename: the old directory */
	__u64 script_dentry;
	__u64 script_mnt;
	__u64 sock; /* connect of a Unix datagram socket under way */
	__u64 sock_ino;
	__u32 valid; /* chmod, chown, truncate: ATTR_* as asked for */
	__u32 pad0;
	__u32 kind;
	__u32 name_bytes;
	struct pk_inode inode; /* the file before the operation */
	char name[256];        /* rename: the old name */
};

/* Key: task (thread). Allocated on the first operation; on failure counted, reason storage. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct pk_op);
} pk_op_map SEC(".maps") __weak;

/* Call numbers of the running architecture; [1] is its 32-bit table. Values: enum pk_call. */
const volatile __u8 pk_exit_calls[2][PK_SYSCALL_MAX] __weak = {};

/* Key: enum pk_exit_prog. An empty slot: that family is not wanted, the call is passed over. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, PK_EXIT_MAX);
	__type(key, __u32);
	__type(value, __u32);
} pk_exit_progs SEC(".maps") __weak;

#endif
