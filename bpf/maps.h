/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Maps and globals that the families share. Weak, so that the linker makes one of each.
 */
#ifndef PK_MAPS_H
#define PK_MAPS_H

#include "kernel.h"
#include "event.h"
#include "config.h"
#include "judge.h"
#include "tables.h"

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

/* A walk up from a file to the root, see path.h. verifier: here for the same reason. */
struct pk_walk {
	__u64 dentry;
	__u64 mnt; /* struct vfsmount; more of it in pk_scratch.mount */
	__u64 root_dentry;
	__u64 root_mnt;
	__u32 pos;
	__u32 root_pos;
	__u32 mnt_pos;
	__u32 flags;
	__u32 one_mount; /* stop at the file system's root instead of crossing mounts */
	__u32 failed;
};

/* What is done about a judgement, see act.h. verifier: here for the same reason. */
struct pk_acting {
	__u64 now;
	__u64 object;
	__u64 repeat_cnt;
	__u32 kept;
	__u32 verdict;
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

/* What a walk needs of the mount that it is in. verifier: here, as stacks are short of room. */
struct pk_mount_facts {
	__u64 parent; /* struct mount */
	__u64 point;  /* struct dentry */
	__u64 root;   /* struct dentry */
};

/* How far a path was followed with typed pointers, which pk_path_resolve() cannot have: see there. */
struct pk_ahead {
	__u64 dentry;
	__u32 pos;   /* 0: it was not */
	__u32 named; /* the file has its name: it is not deleted */
};

/* A text being looked up: one buffer is the key of the exact maps and of the prefix trie. */
struct pk_text_key {
	__u32 first;  /* exact: text; prefix: bits */
	__u32 second; /* exact: length; prefix: text */
	char data[PK_EXACT_BYTES_MAX];
};

#define PK_TEXT_BYTES 8192u /* of a text that automata run over */
#define PK_TEXT_STEP \
	8u /* bytes that an automaton takes at a time, up to so many behind the text's end */
#define PK_TEXT_ARGS_AT \
	32u /* where arguments begin in pk_scratch.text, the name stands before them */

struct pk_name {
	char text[16];           /* zero-padded */
	__u64 anc[PK_WORDS_ANC]; /* what it adds to descendants' PK_WORD_ANC */
};

#define PK_LATER_HEAD 1u  /* pk_scratch.later: all of the head but kind, hook and mnt_ns */
#define PK_LATER_INODE 2u /* and facts about the file */

/* A name in a directory. */
struct pk_place {
	__u64 dir; /* struct dentry */
	__u64 mnt;
	__u64 name; /* kernel memory */
	__u32 name_bytes;
	__u32 pad0;
};

/* A record under construction, and the judgement of it. */
struct pk_scratch {
	__u32 busy; /* 0, or the owner's tid + 1: LSM programs can be preempted */
	__u32 data_bytes;
	__u64 word; /* see pk_scalar() */
	struct pk_judge judge;
	struct pk_needs needs; /* of this kind of event */
	__u32 phase;           /* exec: 1 while the bank that is being built looks at the process */
	__u32 pre;             /* a point where facts are missing */
	__u64 interest;        /* what the tables say of the text that was looked up last */
	__u64 own_anc[PK_WORDS_ANC]; /* as pk_facts.own_anc */
	struct pk_name name;         /* of the process that is judged */
	struct pk_origin origin;     /* of the process; no cgroup: none is known */
	__u64 first_mnt;             /* mount of the first path of the record; 0: none */
	__u64 cgroup_id; /* that the process is judged in (pk_cgroup_kept()); 0: where it is */
	/* verifier: the automata of a text, kept here and not on the stack, which is short of room */
	__u64 dfa_wanted; /* pk_needs.dfas */
	__u32 dfa_first;
	__u32 dfa_pool;
	__u32 dfa_text_state; /* PK_STATE_* */
	__u32 dfa_off;        /* where the text is in `text` */
	__u32 dfa_len;
	/* and the run of one */
	__u32 dfa_state;
	__u32 dfa_found; /* dfa_bits has some */
	__u32 pad0;
	__u64 dfa_bits[PK_DFA_WORDS];
	__u32 name_bytes;
	__u32 later; /* PK_LATER_*: parts of the record that are gathered when a rule has matched */
	/* arguments being put together: place in the record, its end, place in `text` */
	__u32 args_from;
	__u32 args_end;
	__u32 args_to;
	__u32 slot; /* which one this is: key of pk_scratch_map and pk_key_map */
	/* the end of the record: */
	struct pk_judgement out;
	__u32 out_matches[PK_MAX_MATCHES];
	union {
		struct pk_event head;
		struct pk_exec_event exec;
		struct pk_fork_event fork;
		struct pk_exit_event exit;
		struct pk_file_event file;
		struct pk_net_event net;
		struct pk_sys_event sys;
		char bytes[512 + PK_DATA_BYTES];
	} rec;
	char walk[PK_WALK_BYTES + 512]; /* a path, written from its end */
	char text[PK_TEXT_ARGS_AT + 2 * PK_TEXT_BYTES + PK_TEXT_STEP];
	struct pk_lookup lookup;
	struct pk_place place; /* of the path that is looked up */
	struct pk_path_call call;
	struct pk_ahead ahead;
	struct pk_mount_facts mount;
	struct pk_walk w;
	struct pk_acting acting;
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

static_assert(__builtin_offsetof(struct pk_scratch, busy) == PK_SCRATCH_BUSY_OFF, "emitted code");
static_assert(__builtin_offsetof(struct pk_scratch, judge) == PK_SCRATCH_JUDGE_OFF, "emitted code");

/*
 * Key and size as pk_scratch_map: each slot's key buffer. verifier: kernels before 6.2 take keys only
 * from the stack and from maps, and in a global function a scratch slot is neither.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PK_SCRATCH_SLOTS);
	__type(key, __u32);
	__type(value, struct pk_text_key);
} pk_key_map SEC(".maps") __weak;

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

/*
 * What a process's texts were found to be, by bank. Key: task (group leader). Written at its exec and
 * fork, and by user space for processes that were there before. Not to be had: counted with reason
 * storage; then what rules ask of the process is unknown.
 */
#define PK_FACTS_MAP(name)                               \
	struct {                                         \
		__uint(type, BPF_MAP_TYPE_TASK_STORAGE); \
		__uint(map_flags, BPF_F_NO_PREALLOC);    \
		__type(key, int);                        \
		__type(value, struct pk_facts);          \
	} name SEC(".maps") __weak

PK_FACTS_MAP(pk_facts_0);
PK_FACTS_MAP(pk_facts_1);

/*
 * The same for cgroup programs of the tracepoint backend, which cannot ask task storage. Key: pid in
 * the initial namespace. Removed at exit. Full: counted with reason storage.
 */
#define PK_FACTS_PID_MAP(name)                        \
	struct {                                      \
		__uint(type, BPF_MAP_TYPE_HASH);      \
		__uint(map_flags, BPF_F_NO_PREALLOC); \
		__uint(max_entries, 65536);           \
		__type(key, __u32);                   \
		__type(value, struct pk_facts);       \
	} name SEC(".maps") __weak

PK_FACTS_PID_MAP(pk_facts_pid_0);
PK_FACTS_PID_MAP(pk_facts_pid_1);

/*
 * What the container of a cgroup is to the rules, by bank. Key: cgroup id (of the unified hierarchy).
 * Written by user space, copied to cgroups that are made inside, removed with the cgroup. Full: the
 * cgroup stays unknown, which user space tells.
 */
#define PK_CONTAINER_MAP(name)                                 \
	struct {                                               \
		__uint(type, BPF_MAP_TYPE_HASH);               \
		__uint(map_flags, BPF_F_NO_PREALLOC);          \
		__uint(max_entries, PK_MAX_CONTAINER_CGROUPS); \
		__type(key, __u64);                            \
		__type(value, struct pk_container_facts);      \
	} name SEC(".maps") __weak

PK_CONTAINER_MAP(pk_containers_0);
PK_CONTAINER_MAP(pk_containers_1);

/* Key: task; threads have a copy of their own. Not to be had: counted with reason storage, none is known. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct pk_origin);
} pk_origin_map SEC(".maps") __weak;

/*
 * Key: task; threads have credentials of their own. Written by the task itself, and by its parent before it runs.
 * Not to be had: counted with reason storage, nothing is known.
 */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct pk_creds_pair);
} pk_creds_map SEC(".maps") __weak;

/* Binaries of the host's container runtimes, by device and inode; filled by user space. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, PK_MAX_RUNTIME_FILES);
	__type(key, struct pk_ident_key);
	__type(value, __u32);
} pk_runtime_map SEC(".maps") __weak;

/* Least recently used ones go when it is full: such a namespace counts as made by who is in it. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, PK_MAX_NS_OWNERS);
	__type(key, struct pk_ns_key);
	__type(value, struct pk_ns_owner);
} pk_ns_owner_map SEC(".maps") __weak;

/* Key: exec_id of the process. Removed at its exit. Full: counted with reason storage, not tagged. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, __u64);
	__type(value, struct pk_tagged);
} pk_tag_map SEC(".maps") __weak;

/* Key: cgroup id. Least recently used ones go when it is full. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, struct pk_tagged);
} pk_container_tag_map SEC(".maps") __weak;

/* Least recently used ones go when it is full: their next event is a first one again. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct pk_seen_key);
	__type(value, struct pk_seen);
} pk_seen_map SEC(".maps") __weak;

/* Alerts of a rule with a limit in the present span of time. */
struct pk_spent_key {
	__u32 rule;
	__u32 generation;
};

struct pk_spent {
	__u64 since_ns;
	__u64 cnt;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct pk_spent_key);
	__type(value, struct pk_spent);
} pk_spent_map SEC(".maps") __weak;

/*
 * Processes to kill at the end of a system call: cgroup programs cannot. Key: pid. Removed at exit.
 * Full: counted with reason storage; the call is denied all the same.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u32);
} pk_doomed_map SEC(".maps") __weak;

/* Old processes and tests, see judge.h. Key 0. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pk_feed);
} pk_feed_map SEC(".maps") __weak;

/* Tests, see judge.h. Key 0. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pk_replay);
} pk_replay_map SEC(".maps") __weak;

/* Tests, see judge.h. Key 0. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pk_escape_trial);
} pk_escape_map SEC(".maps") __weak;

/* Tests, see judge.h. Key 0. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pk_creds_trial);
} pk_creds_trial_map SEC(".maps") __weak;

/* Programs of a point where events are judged; see PK_PROG_SLOTS. `groups`: kinds of event. */
#define PK_POINT(name, groups)                               \
	struct {                                             \
		__uint(type, BPF_MAP_TYPE_PROG_ARRAY);       \
		__uint(max_entries, (groups)*PK_PROG_SLOTS); \
		__type(key, __u32);                          \
		__type(value, __u32);                        \
	} name SEC(".maps") __weak

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

#define PK_OP_MATCHES PK_MAX_MATCHES

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
	__u32 bank; /* that judged it */
	__u32 pad1;
	__u32 fact_flags; /* PK_FLAGS_FOUND */
	__u32 pad2;
	struct pk_inode inode; /* the file before the operation */
	char name[256];        /* rename: the old name */
	/* alerts that wait for the operation to succeed */
	struct pk_judgement judgement;
	__u32 matches[PK_MAX_MATCHES];
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
