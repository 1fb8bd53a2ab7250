/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process tree: who each process is and descends from, built from records alone.
 *
 * In: checked records, in stream order. Out: nodes, valid until the next pk_tree_update().
 * A process is known by its pid and exec_id. An exec_id whose start time is a whole number of
 * clock ticks (10 ms) came from /proc and matches any exec_id of the same pid in that tick; the
 * exact one replaces it when it shows up. Memory is bounded by the PK_MAX_* below.
 */
#ifndef PK_STREAM_TREE_H
#define PK_STREAM_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "event.h"
#include "stream/record.h"

#define PK_MAX_PROCS 65536u                /* nodes, living and exited */
#define PK_MAX_EXITED 4096u                /* exited nodes without children in the tree */
#define PK_MAX_EXITED_PINNED 16384u        /* exited nodes kept as somebody's ancestor */
#define PK_MAX_TREE_IMAGE_BYTES (6u << 20) /* paths and arguments of all nodes */
#define PK_TREE_ARGS_MAX 1024u             /* argument bytes kept a process */
#define PK_MAX_ANCESTORS 8u                /* in output */

#define PK_TICK_NS 10000000ull /* of /proc/PID/stat: USER_HZ is 100 everywhere */

/* What a process runs, and who ran it, as it was at the exec; shared by a process and the children it
 * forked, freed with the last. */
struct pk_image {
	__u32 ref_cnt;
	__u32 exec_flags; /* PK_EXEC_*; ARGS_TRUNCATED also when args_bytes is less than there was */
	__u64 exe_ino;
	__u64 cap_permitted;
	__u64 cap_effective;
	__u64 cap_inheritable;
	__u64 home; /* pk_container_key() of where it was executed; 0 unknown */
	__u32 login_uid;
	__u32 tty;
	__u32 sid;
	__u32 pgid;
	__u32 exe_flags; /* PK_PATH_* of exe */
	__u32 script_flags;
	__u16 exe_bytes;
	__u16 args_bytes; /* kept: at most PK_TREE_ARGS_MAX */
	__u16 script_bytes;
	__u16 pad0;
	char data[]; /* exe as its process sees it, the arguments, each ended by a NUL, the script */
};

#define PK_NODE_EXITED (1u << 0)
#define PK_NODE_CHILD_REF (1u << 1) /* counted in its parent's child_cnt */

struct pk_node {
	__u64 exec_id;
	__u64 parent_exec_id;   /* who forked it; 0 unknown */
	struct pk_image *image; /* NULL: unknown, or a kernel thread */
	__u32 pid;
	__u32 ppid; /* belongs to parent_exec_id */
	__u32 uid;
	__u32 gid;
	__u32 euid;
	__u32 egid;
	__u32 flags;     /* PK_NODE_* */
	__u32 child_cnt; /* nodes that name this one as parent */
	__u32 hash_next; /* links of the tree's own: indices, 0 none */
	__u32 list_prev;
	__u32 list_next;
	__u32 ns_pid;           /* in its own pid namespace; 0 unknown */
	char comm[PK_COMM_LEN]; /* of its first thread, as last seen */
	char name[PK_COMM_LEN]; /* comm at the last exec, of it or whom it was forked from */
};

struct pk_tree_stats {
	__u32 node_cnt;
	__u32 exited_cnt; /* of node_cnt */
	__u32 image_bytes;
	__u64 refused_cnt; /* processes not taken in: PK_MAX_PROCS living ones */
	__u64 cut_cnt;     /* images kept without arguments or at all: PK_MAX_TREE_IMAGE_BYTES */
};

struct pk_tree;

/* -ENOMEM */
int pk_tree_new(struct pk_tree **ret_tree);
void pk_tree_free(struct pk_tree *tree);

/* Takes in what one checked record says; records that say nothing about processes are fine. An
 * allocation that fails leaves the process without image or out of the tree, and is counted. */
void pk_tree_update(struct pk_tree *tree, const struct pk_event *event);

/* Behind pk_tree_update() of an exec or PROC: where the image was executed. An image that knows it already
 * keeps it. */
void pk_tree_set_home(struct pk_tree *tree, const struct pk_event *event, __u64 home);

/* The process, living or recently exited, or NULL. May be called with a 0 exec_id (NULL). */
const struct pk_node *pk_tree_get(const struct pk_tree *tree, __u64 exec_id, __u32 pid);

/* Whether pk_tree_get() would find it. */
bool pk_tree_has(const struct pk_tree *tree, __u64 exec_id, __u32 pid);

/* The living process with this pid, or NULL. */
const struct pk_node *pk_tree_get_pid(const struct pk_tree *tree, __u32 pid);

/* Calls `each` for every living process, in no order. The tree must not be changed meanwhile. */
typedef void pk_tree_each_fn(void *arg, const struct pk_node *node);
void pk_tree_each(const struct pk_tree *tree, pk_tree_each_fn *each, void *arg);

/* The process that forked `node`, or NULL when not known. */
const struct pk_node *pk_tree_parent(const struct pk_tree *tree, const struct pk_node *node);

void pk_tree_get_stats(const struct pk_tree *tree, struct pk_tree_stats *ret_stats);

static inline struct pk_text pk_node_exe(const struct pk_node *node)
{
	return node->image ? (struct pk_text){ node->image->data, node->image->exe_bytes } :
			     (struct pk_text){ "", 0 };
}

static inline struct pk_text pk_node_args(const struct pk_node *node)
{
	return node->image ? (struct pk_text){ node->image->data + node->image->exe_bytes,
					       node->image->args_bytes } :
			     (struct pk_text){ "", 0 };
}

/* The script that exe interprets; empty: it is none. */
static inline struct pk_text pk_node_script(const struct pk_node *node)
{
	return node->image ? (struct pk_text){ node->image->data + node->image->exe_bytes +
						       node->image->args_bytes,
					       node->image->script_bytes } :
			     (struct pk_text){ "", 0 };
}

static inline struct pk_text pk_node_comm(const struct pk_node *node)
{
	return (struct pk_text){ node->comm, strnlen(node->comm, PK_COMM_LEN) };
}

static inline struct pk_text pk_node_name(const struct pk_node *node)
{
	return (struct pk_text){ node->name, strnlen(node->name, PK_COMM_LEN) };
}

#endif
