/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process tree. Nodes live in chunks that never move and are found by pid: a chain holds the
 * living process with that pid and the few exited ones still remembered. Exited nodes stand in one
 * of two lists, oldest first: `exited` (nobody's parent, short memory) and `pinned` (ancestors
 * of somebody). Paths and arguments are in images, which a fork shares.
 */
#include "stream/tree.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define BUCKETS_CNT 65536u /* pids are dense: no hashing needed beyond the mask */
#define CHUNK_NODES 1024u
#define CHUNKS_CNT (PK_MAX_PROCS / CHUNK_NODES)

struct list {
	__u32 head; /* oldest */
	__u32 tail;
	__u32 cnt;
};

struct pk_tree {
	struct pk_node *chunks[CHUNKS_CNT];
	__u32 chunks_cnt;
	__u32 free_idx; /* linked by hash_next */
	struct list exited;
	struct list pinned;
	struct pk_tree_stats stats;
	__u32 buckets[BUCKETS_CNT];
};

static_assert(sizeof(struct pk_node) == 104, "memory of the tree");

/* Indices count from 1: 0 is "none". */
static struct pk_node *node_at(const struct pk_tree *tree, __u32 idx)
{
	return &tree->chunks[(idx - 1) / CHUNK_NODES][(idx - 1) % CHUNK_NODES];
}

static __u64 start_ns(__u64 exec_id, __u32 pid)
{
	return exec_id ^ (__u64)pid << 42;
}

static bool is_rounded(__u64 exec_id, __u32 pid)
{
	return start_ns(exec_id, pid) % PK_TICK_NS == 0;
}

/* Both ids are of `pid`. */
static bool same_process(__u64 a, __u64 b, __u32 pid)
{
	if (a == b)
		return true;
	if (start_ns(a, pid) / PK_TICK_NS != start_ns(b, pid) / PK_TICK_NS)
		return false;
	return is_rounded(a, pid) || is_rounded(b, pid);
}

static __u32 find(const struct pk_tree *tree, __u64 exec_id, __u32 pid)
{
	__u32 idx = exec_id ? tree->buckets[pid % BUCKETS_CNT] : 0;

	while (idx) {
		const struct pk_node *node = node_at(tree, idx);

		if (node->pid == pid && same_process(node->exec_id, exec_id, pid))
			return idx;
		idx = node->hash_next;
	}
	return 0;
}

static __u32 find_living(const struct pk_tree *tree, __u32 pid)
{
	__u32 idx = tree->buckets[pid % BUCKETS_CNT];

	while (idx) {
		const struct pk_node *node = node_at(tree, idx);

		if (node->pid == pid && !(node->flags & PK_NODE_EXITED))
			return idx;
		idx = node->hash_next;
	}
	return 0;
}

/* ---- images ---- */

static size_t image_bytes(const struct pk_image *image)
{
	return sizeof(*image) + image->exe_bytes + image->args_bytes + image->script_bytes;
}

static void image_unref(struct pk_tree *tree, struct pk_image *image)
{
	if (!image || --image->ref_cnt)
		return;
	tree->stats.image_bytes -= (__u32)image_bytes(image);
	free(image);
}

static struct pk_image *image_ref(struct pk_image *image)
{
	if (image)
		image->ref_cnt++;
	return image;
}

/* ---- lists of exited nodes ---- */

static struct list *list_of(struct pk_tree *tree, const struct pk_node *node)
{
	return node->child_cnt ? &tree->pinned : &tree->exited;
}

static void list_add(struct pk_tree *tree, struct list *list, __u32 idx)
{
	struct pk_node *node = node_at(tree, idx);

	node->list_prev = list->tail;
	node->list_next = 0;
	if (list->tail)
		node_at(tree, list->tail)->list_next = idx;
	else
		list->head = idx;
	list->tail = idx;
	list->cnt++;
}

static void list_remove(struct pk_tree *tree, struct list *list, __u32 idx)
{
	const struct pk_node *node = node_at(tree, idx);

	if (node->list_prev)
		node_at(tree, node->list_prev)->list_next = node->list_next;
	else
		list->head = node->list_next;
	if (node->list_next)
		node_at(tree, node->list_next)->list_prev = node->list_prev;
	else
		list->tail = node->list_prev;
	list->cnt--;
}

/* Changes child_cnt by `delta`; an exited node moves to the list it then belongs in. */
static void count_child(struct pk_tree *tree, __u32 idx, int delta)
{
	struct pk_node *node = node_at(tree, idx);

	if (delta < 0 && !node->child_cnt)
		return; /* the parent the child was counted in was evicted and came back */
	if (node->flags & PK_NODE_EXITED)
		list_remove(tree, list_of(tree, node), idx);
	node->child_cnt += (__u32)delta;
	if (node->flags & PK_NODE_EXITED)
		list_add(tree, list_of(tree, node), idx);
}

/* ---- life and death of nodes ---- */

static void unhash(struct pk_tree *tree, __u32 idx)
{
	const struct pk_node *node = node_at(tree, idx);
	__u32 *link = &tree->buckets[node->pid % BUCKETS_CNT];

	while (*link != idx)
		link = &node_at(tree, *link)->hash_next;
	*link = node->hash_next;
}

static void node_free(struct pk_tree *tree, __u32 idx)
{
	struct pk_node *node = node_at(tree, idx);

	if (node->flags & PK_NODE_EXITED) {
		list_remove(tree, list_of(tree, node), idx);
		tree->stats.exited_cnt--;
	}
	unhash(tree, idx);
	if (node->flags & PK_NODE_CHILD_REF) {
		__u32 parent_idx = find(tree, node->parent_exec_id, node->ppid);

		if (parent_idx)
			count_child(tree, parent_idx, -1);
	}
	image_unref(tree, node->image);
	node->image = NULL;
	node->hash_next = tree->free_idx;
	tree->free_idx = idx;
	tree->stats.node_cnt--;
}

/* Makes room by forgetting who exited first, ancestors of the living last. */
static bool evict_one(struct pk_tree *tree)
{
	if (tree->exited.head)
		node_free(tree, tree->exited.head);
	else if (tree->pinned.head)
		node_free(tree, tree->pinned.head);
	else
		return false;
	return true;
}

static void mark_exited(struct pk_tree *tree, __u32 idx)
{
	struct pk_node *node = node_at(tree, idx);

	if (node->flags & PK_NODE_EXITED)
		return;
	node->flags |= PK_NODE_EXITED;
	list_add(tree, list_of(tree, node), idx);
	tree->stats.exited_cnt++;
}

/* Never forgets the youngest of a list, so a node that was just marked stays valid. */
static void trim_exited(struct pk_tree *tree)
{
	while (tree->exited.cnt > PK_MAX_EXITED)
		node_free(tree, tree->exited.head);
	while (tree->pinned.cnt > PK_MAX_EXITED_PINNED)
		node_free(tree, tree->pinned.head);
}

static int add_chunk(struct pk_tree *tree)
{
	struct pk_node *chunk;

	assert(tree->chunks_cnt < CHUNKS_CNT);
	chunk = calloc(CHUNK_NODES, sizeof(*chunk));
	if (!chunk)
		return -ENOMEM;
	tree->chunks[tree->chunks_cnt++] = chunk;
	for (__u32 i = CHUNK_NODES; i-- > 0;) {
		chunk[i].hash_next = tree->free_idx;
		tree->free_idx = (tree->chunks_cnt - 1) * CHUNK_NODES + i + 1;
	}
	return 0;
}

static __u32 node_alloc(struct pk_tree *tree)
{
	__u32 idx;

	if (!tree->free_idx && tree->chunks_cnt < CHUNKS_CNT && add_chunk(tree) < 0 &&
	    !evict_one(tree))
		return 0;
	if (!tree->free_idx && !evict_one(tree))
		return 0;
	idx = tree->free_idx;
	tree->free_idx = node_at(tree, idx)->hash_next;
	memset(node_at(tree, idx), 0, sizeof(struct pk_node));
	return idx;
}

/* A living node with this pid has exited unseen if the new process is younger. False: it is not. */
static bool retire(struct pk_tree *tree, __u64 exec_id, __u32 pid)
{
	__u32 idx = find_living(tree, pid);

	if (!idx)
		return true;
	if (start_ns(node_at(tree, idx)->exec_id, pid) > start_ns(exec_id, pid))
		return false;
	mark_exited(tree, idx);
	return true;
}

struct identity {
	__u64 exec_id;
	__u64 parent_exec_id;
	__u32 pid;
	__u32 ppid;
};

static __u32 node_add(struct pk_tree *tree, const struct identity *id)
{
	struct pk_node *node;
	__u32 parent_idx;
	__u32 *bucket = &tree->buckets[id->pid % BUCKETS_CNT];
	__u32 idx;

	if (!id->exec_id || !retire(tree, id->exec_id, id->pid))
		return 0;
	idx = node_alloc(tree);
	if (!idx) {
		tree->stats.refused_cnt++;
		return 0;
	}
	node = node_at(tree, idx);
	node->exec_id = id->exec_id;
	node->parent_exec_id = id->parent_exec_id;
	node->pid = id->pid;
	node->ppid = id->ppid;
	parent_idx = find(tree, id->parent_exec_id, id->ppid);
	node->hash_next = *bucket;
	*bucket = idx;
	tree->stats.node_cnt++;
	if (parent_idx) {
		node->flags |= PK_NODE_CHILD_REF;
		count_child(tree, parent_idx, 1);
	}
	return idx;
}

/* The node of `id`, made if need be; an exact exec_id replaces a rounded one. */
static __u32 ensure(struct pk_tree *tree, const struct identity *id)
{
	__u32 idx = find(tree, id->exec_id, id->pid);
	struct pk_node *node;

	if (!idx)
		return node_add(tree, id);
	node = node_at(tree, idx);
	if (is_rounded(node->exec_id, node->pid))
		node->exec_id = id->exec_id;
	return idx;
}

/* ---- what records say ---- */

static struct identity identity_of(const struct pk_event *event)
{
	return (struct identity){ event->exec_id, event->parent_exec_id, event->pid, event->ppid };
}

static void set_facts(struct pk_node *node, const struct pk_event *event)
{
	node->uid = event->uid;
	node->gid = event->gid;
	node->euid = event->euid;
	node->egid = event->egid;
	memcpy(node->comm, event->comm, sizeof(node->comm));
	node->ns_pid = event->ns_pid;
}

static void set_name(struct pk_node *node, const char name[PK_COMM_LEN])
{
	memcpy(node->name, name, sizeof(node->name));
}

static bool image_fits(struct pk_tree *tree, size_t bytes)
{
	while (tree->stats.image_bytes + bytes > PK_MAX_TREE_IMAGE_BYTES) {
		if (!evict_one(tree))
			return false;
	}
	return true;
}

static void fill_image(struct pk_image *image, const struct pk_exec_event *event)
{
	*image = (struct pk_image){ .ref_cnt = 1,
				    .exec_flags = event->exec_flags,
				    .exe_ino = event->exe_inode.ino,
				    .cap_permitted = event->cap_permitted,
				    .cap_effective = event->cap_effective,
				    .cap_inheritable = event->cap_inheritable,
				    .login_uid = event->login_uid,
				    .tty = event->tty,
				    .sid = event->sid,
				    .pgid = event->pgid,
				    .exe_flags = event->exe.flags,
				    .script_flags = event->script.flags };
}

/* The image of the record, or NULL: nothing to keep, or no room for it (counted). */
static struct pk_image *image_new(struct pk_tree *tree, const struct pk_exec_event *event)
{
	struct pk_text exe = pk_record_path(event, &event->exe);
	struct pk_text args = pk_record_text(event, event->args);
	struct pk_text script = pk_record_path(event, &event->script);
	size_t args_were = args.len;
	struct pk_image *image;

	if (args.len > PK_TREE_ARGS_MAX)
		args.len = PK_TREE_ARGS_MAX;
	if (!exe.len && !args.len)
		return NULL;
	if (!image_fits(tree, sizeof(*image) + exe.len + args.len + script.len)) {
		tree->stats.cut_cnt++;
		args.len = 0;
	}
	if (!image_fits(tree, sizeof(*image) + exe.len + args.len + script.len))
		return NULL;
	image = malloc(sizeof(*image) + exe.len + args.len + script.len);
	if (!image) {
		tree->stats.cut_cnt++;
		return NULL;
	}
	fill_image(image, event);
	if (args.len < args_were)
		image->exec_flags |= PK_EXEC_ARGS_TRUNCATED;
	image->exe_bytes = (__u16)exe.len;
	image->args_bytes = (__u16)args.len;
	image->script_bytes = (__u16)script.len;
	memcpy(image->data, exe.data, exe.len);
	memcpy(image->data + exe.len, args.data, args.len);
	memcpy(image->data + exe.len + args.len, script.data, script.len);
	tree->stats.image_bytes += (__u32)image_bytes(image);
	return image;
}

/* Only living nodes get images: making room for one may forget exited nodes. */
static void update_exec(struct pk_tree *tree, const struct pk_exec_event *event)
{
	struct identity id = identity_of(&event->head);
	__u32 idx = ensure(tree, &id);
	struct pk_node *node;

	if (!idx || node_at(tree, idx)->flags & PK_NODE_EXITED)
		return;
	node = node_at(tree, idx);
	image_unref(tree, node->image);
	node->image = NULL;
	node->image = image_new(tree, event);
	set_facts(node, &event->head);
	set_name(node, event->head.comm);
}

/* /proc knows less than the sensors, and may be late: it only fills in what is not known. */
static void update_proc(struct pk_tree *tree, const struct pk_exec_event *event)
{
	struct identity id = identity_of(&event->head);
	__u32 idx = ensure(tree, &id);
	struct pk_node *node;

	if (!idx)
		return;
	node = node_at(tree, idx);
	if (node->flags & PK_NODE_EXITED || node->image)
		return;
	node->image = image_new(tree, event);
	set_facts(node, &event->head);
	set_name(node, event->head.comm);
}

static __u32 update_any(struct pk_tree *tree, const struct pk_event *event)
{
	struct identity id = identity_of(event);
	__u32 idx = find(tree, id.exec_id, id.pid);

	if (!idx) {
		idx = node_add(tree, &id);
		if (!idx)
			return 0;
		set_facts(node_at(tree, idx), event);
		set_name(node_at(tree, idx), event->comm); /* the best guess there is */
		return idx;
	}
	idx = ensure(tree, &id);
	if (event->tid == event->pid)
		set_facts(node_at(tree, idx), event);
	return idx;
}

/* Taking in the child may forget its parent: what the child inherits is held before. */
static void update_fork(struct pk_tree *tree, const struct pk_fork_event *event)
{
	struct identity id = { event->child_exec_id, event->child_parent_exec_id, event->child_pid,
			       event->child_ppid };
	__u32 caller_idx = update_any(tree, &event->head);
	struct pk_image *image = caller_idx ? image_ref(node_at(tree, caller_idx)->image) : NULL;
	char name[PK_COMM_LEN];
	struct pk_node *node;
	__u32 idx;

	memcpy(name, caller_idx ? node_at(tree, caller_idx)->name : event->head.comm, sizeof(name));
	idx = ensure(tree, &id);
	if (!idx || node_at(tree, idx)->flags & PK_NODE_EXITED) {
		image_unref(tree, image);
		return;
	}
	node = node_at(tree, idx);
	if (image) {
		image_unref(tree, node->image);
		node->image = image;
	}
	set_facts(node, &event->head);
	set_name(node, name);
	node->ns_pid = event->child_ns_pid;
}

static void update_exit(struct pk_tree *tree, const struct pk_event *event)
{
	__u32 idx = find(tree, event->exec_id, event->pid);

	if (idx)
		mark_exited(tree, idx);
}

void pk_tree_update(struct pk_tree *tree, const struct pk_event *event)
{
	switch (event->kind) {
	case PK_EVENT_EXEC:
		update_exec(tree, (const struct pk_exec_event *)event);
		break;
	case PK_EVENT_PROC:
		update_proc(tree, (const struct pk_exec_event *)event);
		break;
	case PK_EVENT_FORK:
		update_fork(tree, (const struct pk_fork_event *)event);
		break;
	case PK_EVENT_EXIT:
		update_exit(tree, event);
		break;
	default:
		if (event->kind < PK_EVENT_SENSOR_MAX)
			update_any(tree, event);
		break;
	}
	trim_exited(tree);
}

void pk_tree_set_home(struct pk_tree *tree, const struct pk_event *event, __u64 home)
{
	__u32 idx = find(tree, event->exec_id, event->pid);
	struct pk_image *image = idx ? node_at(tree, idx)->image : NULL;

	if (image && !image->home)
		image->home = home;
}

/* ---- asking ---- */

const struct pk_node *pk_tree_get(const struct pk_tree *tree, __u64 exec_id, __u32 pid)
{
	__u32 idx = find(tree, exec_id, pid);

	return idx ? node_at(tree, idx) : NULL;
}

bool pk_tree_has(const struct pk_tree *tree, __u64 exec_id, __u32 pid)
{
	return find(tree, exec_id, pid) != 0;
}

const struct pk_node *pk_tree_get_pid(const struct pk_tree *tree, __u32 pid)
{
	__u32 idx = find_living(tree, pid);

	return idx ? node_at(tree, idx) : NULL;
}

void pk_tree_each(const struct pk_tree *tree, pk_tree_each_fn *each, void *arg)
{
	for (size_t bucket = 0; bucket < BUCKETS_CNT; bucket++) {
		for (__u32 idx = tree->buckets[bucket]; idx; idx = node_at(tree, idx)->hash_next) {
			const struct pk_node *node = node_at(tree, idx);

			if (!(node->flags & PK_NODE_EXITED))
				each(arg, node);
		}
	}
}

const struct pk_node *pk_tree_parent(const struct pk_tree *tree, const struct pk_node *node)
{
	return pk_tree_get(tree, node->parent_exec_id, node->ppid);
}

void pk_tree_get_stats(const struct pk_tree *tree, struct pk_tree_stats *ret_stats)
{
	*ret_stats = tree->stats;
}

int pk_tree_new(struct pk_tree **ret_tree)
{
	struct pk_tree *tree = calloc(1, sizeof(*tree));

	if (!tree)
		return -ENOMEM;
	*ret_tree = tree;
	return 0;
}

static void free_images(struct pk_tree *tree, struct pk_node *chunk)
{
	for (__u32 i = 0; i < CHUNK_NODES; i++)
		image_unref(tree, chunk[i].image);
}

void pk_tree_free(struct pk_tree *tree)
{
	if (!tree)
		return;
	for (__u32 i = 0; i < tree->chunks_cnt; i++) {
		free_images(tree, tree->chunks[i]);
		free(tree->chunks[i]);
	}
	free(tree);
}
