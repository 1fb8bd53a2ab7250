// SPDX-License-Identifier: Apache-2.0
/*
 * Scenes: processes by pid, each made known to the stream with a PROC record before it first acts.
 */
#include "cli/test_scene.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/test_body.h"
#include "cli/test_container.h"
#include "meta/container.h"
#include "rules/words.h"
#include "stream/names.h"
#include "stream/system.h"

#define SCENE_BEGIN_NS 3600000000000ull          /* an hour after boot */
#define SCENE_REALTIME_NS 1795442400000000000ull /* 2026-11-23T14:00:00Z */
#define EVENT_STEP_NS 1000000ull
#define PID_DEFAULT 1000u
#define CGROUP_DEFAULT 4711u
#define CGROUP_UNKNOWN 4712u

struct proc {
	struct pk_event head; /* as of its last event */
};

struct pk_scene {
	struct pk_rules_ctx *ctx;
	pk_emit_fn *emit;
	void *arg;
	__u64 now_ns;
	struct proc procs[PK_MAX_SCENE_PROCS];
	size_t procs_cnt;
	struct pk_record record;
};

static int emit_record(struct pk_scene *scene)
{
	size_t len = pk_record_finish(&scene->record);

	return scene->emit(scene->arg, &scene->record.u.event, len);
}

static int emit_start(struct pk_scene *scene)
{
	struct pk_start_event *start = &scene->record.u.start;

	pk_record_init(&scene->record, PK_EVENT_START);
	start->head.time_ns = scene->now_ns;
	start->realtime_ns = SCENE_REALTIME_NS;
	start->host_mnt_ns = PK_TEST_MNT_NS;
	start->wire_version = PK_WIRE_VERSION;
	start->backend = PK_BACKEND_LSM;
	if (pk_record_add(&scene->record, &start->hostname, "test", 4))
		return -EMSGSIZE;
	return emit_record(scene);
}

/* Who says nothing of a container is on the host. */
static int emit_host(struct pk_scene *scene)
{
	pk_container_to_record(&pk_container_host, CGROUP_DEFAULT, (struct pk_text){ "/", 1 },
			       &scene->record);
	scene->record.u.event.time_ns = scene->now_ns;
	return emit_record(scene);
}

int pk_scene_new(struct pk_rules_ctx *ctx, pk_emit_fn *emit, void *arg, struct pk_scene **ret_scene)
{
	pk_cleanup(pk_scene_free_p) struct pk_scene *scene = calloc(1, sizeof(*scene));
	int err;

	if (!scene)
		return -ENOMEM;
	scene->ctx = ctx;
	scene->emit = emit;
	scene->arg = arg;
	scene->now_ns = SCENE_BEGIN_NS;
	err = emit_start(scene);
	if (!err)
		err = emit_host(scene);
	if (err)
		return err;
	*ret_scene = pk_take_ptr(scene);
	return 0;
}

void pk_scene_free(struct pk_scene *scene)
{
	free(scene);
}

/* ---- processes ---- */

static struct proc *find_proc(struct pk_scene *scene, __u32 pid)
{
	for (size_t i = 0; i < scene->procs_cnt; i++) {
		if (scene->procs[i].head.pid == pid)
			return &scene->procs[i];
	}
	return NULL;
}

/* Starts at its own time, which is no tick of /proc's clock. */
static __u64 exec_id_of(__u32 pid)
{
	return ((__u64)1000000 * (pid % 3000000u + 1) + 1) ^ (__u64)pid << 42;
}

static struct proc *add_proc(struct pk_scene *scene, const struct pk_yaml_node *node, __u32 pid)
{
	struct proc *proc = &scene->procs[scene->procs_cnt];

	if (scene->procs_cnt == PK_MAX_SCENE_PROCS) {
		pk_yaml_diag(scene->ctx, PK_DIAG_ERROR, node, NULL,
			     "more than %u processes in one test", PK_MAX_SCENE_PROCS);
		return NULL;
	}
	scene->procs_cnt++;
	*proc = (struct proc){ .head = {
				       .hook = PK_HOOK_USER,
				       .exec_id = exec_id_of(pid),
				       .cgroup_id = CGROUP_DEFAULT,
				       .pid = pid,
				       .tid = pid,
				       .ns_pid = pid,
				       .mnt_ns = PK_TEST_MNT_NS,
			       } };
	return proc;
}

static void set_comm(struct pk_event *head, struct pk_text name)
{
	const char *slash = name.len ? memrchr(name.data, '/', name.len) : NULL;

	if (slash) {
		name.len -= (size_t)(slash + 1 - name.data);
		name.data = slash + 1;
	}
	if (name.len >= PK_COMM_LEN)
		name.len = PK_COMM_LEN - 1;
	memset(head->comm, 0, sizeof(head->comm));
	memcpy(head->comm, name.data, name.len);
}

#define HEAD(field) \
	(uint16_t) offsetof(struct pk_event, field), sizeof(((struct pk_event *)0)->field)

/* Keys of "process" that each of its events has. */
static void take_head(struct pk_keys *keys, struct pk_event *head, bool known)
{
	static const struct pk_keys_number numbers[] = {
		{ "tid", PK_KEYS_DECIMAL, HEAD(tid) },
		{ "ns_pid", PK_KEYS_DECIMAL, HEAD(ns_pid) },
		{ "ppid", PK_KEYS_DECIMAL, HEAD(ppid) },
		{ "cgroup_id", PK_KEYS_DECIMAL, HEAD(cgroup_id) },
		{ "mnt_ns", PK_KEYS_DECIMAL, HEAD(mnt_ns) },
		{ NULL },
	};
	static const struct pk_keys_number ids[] = { { "uid", PK_KEYS_DECIMAL, HEAD(uid) },
						     { "gid", PK_KEYS_DECIMAL, HEAD(gid) },
						     { NULL } };
	static const struct pk_keys_number effective[] = {
		{ "euid", PK_KEYS_DECIMAL, HEAD(euid) },
		{ "egid", PK_KEYS_DECIMAL, HEAD(egid) },
		{ NULL },
	};
	const __u32 uid = head->uid, gid = head->gid;
	struct pk_text name;

	pk_keys_numbers(keys, numbers, head);
	pk_keys_numbers(keys, ids, head);
	if (!known || head->uid != uid)
		head->euid = head->uid;
	if (!known || head->gid != gid)
		head->egid = head->gid;
	pk_keys_numbers(keys, effective, head);
	pk_keys_number(keys, "exec_id", PK_KEYS_HEX, &(uint64_t){ 0 }); /* of a printed event */
	if (pk_keys_text(keys, "name", &name))
		set_comm(head, name);
}

/* What runs is said by "exe"; the keys of an exec's image are taken too ("args", "tty" ...). */
static void take_program(struct pk_scene *scene, struct pk_keys *keys)
{
	struct pk_exec_event *exec = &scene->record.u.exec;
	struct pk_text exe;

	if (pk_keys_text(keys, "exe", &exe)) {
		if (pk_record_add(&scene->record, &exec->exe.name, exe.data, exe.len))
			pk_yaml_diag(scene->ctx, PK_DIAG_ERROR, keys->map, NULL,
				     "'exe' is too long");
		if (!exec->head.comm[0])
			set_comm(&exec->head, exe);
	}
}

static int emit_proc(struct pk_scene *scene, struct proc *proc, struct pk_keys *keys)
{
	pk_record_init(&scene->record, PK_EVENT_PROC);
	proc->head.time_ns = scene->now_ns;
	proc->head.kind = PK_EVENT_PROC;
	scene->record.u.event = proc->head;
	take_program(scene, keys);
	proc->head = scene->record.u.event;
	pk_test_image(&scene->record, keys);
	return emit_record(scene);
}

/* "pid", or one that is free. */
static __u32 take_pid(struct pk_scene *scene, struct pk_keys *keys, __u32 otherwise)
{
	uint64_t pid;

	if (!pk_keys_number(keys, "pid", PK_KEYS_DECIMAL, &pid))
		return otherwise;
	if (pid >= 1 && pid <= 4194304)
		return (__u32)pid;
	pk_yaml_diag(scene->ctx, PK_DIAG_ERROR, keys->map, NULL, "'pid' is from 1 to 4194304");
	return otherwise;
}

/* A name alone says as much as a mapping with a name. */
static void init_proc_keys(struct pk_scene *scene, const struct pk_yaml_node *node,
			   struct pk_keys *keys, const char *what)
{
	bool scalar = node && node->kind == PK_YAML_SCALAR && !pk_yaml_is_null(node);

	pk_keys_init(keys, scene->ctx, scalar ? NULL : node, what);
}

/* Made known unless its pid is; `parent` (NULL: none) is its own parent. */
static int play_ancestor(struct pk_scene *scene, const struct pk_yaml_node *node,
			 const struct pk_event *parent, __u32 otherwise, struct pk_event *ret_head)
{
	struct pk_keys keys;
	struct proc *proc;
	__u32 pid;
	int err = 0;

	init_proc_keys(scene, node, &keys, "parent");
	pid = take_pid(scene, &keys, otherwise);
	proc = find_proc(scene, pid);
	if (proc) {
		take_head(&keys, &(struct pk_event){ 0 }, true);
		pk_keys_take(&keys, "exe");
	} else {
		proc = add_proc(scene, node, pid);
		if (!proc)
			return -EBADMSG;
		if (parent) {
			proc->head.ppid = parent->pid;
			proc->head.parent_exec_id = parent->exec_id;
		}
		take_head(&keys, &proc->head, false);
		if (node && node->kind == PK_YAML_SCALAR)
			set_comm(&proc->head,
				 (struct pk_text){ node->text.data, node->text.len_bytes });
		err = emit_proc(scene, proc, &keys);
	}
	pk_keys_end(&keys);
	*ret_head = proc->head;
	return err;
}

/*
 * "parent" and "ancestors" (nearest first: the parent), from the oldest on. *ret_parent has pid 0 when
 * there are none.
 */
static int play_ancestors(struct pk_scene *scene, struct pk_keys *keys, __u32 pid,
			  struct pk_event *ret_parent)
{
	const struct pk_yaml_node *parent = pk_keys_take(keys, "parent");
	const struct pk_yaml_node *list = pk_keys_take(keys, "ancestors");
	const struct pk_yaml_node *nodes[PK_MAX_KEYS];
	struct pk_event head = { 0 };
	size_t cnt = 0;

	if (list && list->kind != PK_YAML_SEQUENCE) {
		pk_yaml_diag(scene->ctx, PK_DIAG_ERROR, list, NULL,
			     "'ancestors' wants a list, the parent first");
		return -EBADMSG;
	}
	if (parent)
		nodes[cnt++] = parent;
	for (const struct pk_yaml_pair *item = list ? list->first : NULL; item; item = item->next) {
		if (parent && item == list->first)
			continue; /* "parent" says more of the same */
		if (cnt == PK_MAX_KEYS) {
			pk_yaml_diag(scene->ctx, PK_DIAG_ERROR, item->value, NULL,
				     "more than %u ancestors", PK_MAX_KEYS);
			return -EBADMSG;
		}
		nodes[cnt++] = item->value;
	}
	for (size_t i = cnt; i > 0; i--) {
		__u32 otherwise = pid > i ? pid - (__u32)i : pid + (__u32)i;
		struct pk_event next;
		int err = play_ancestor(scene, nodes[i - 1], head.pid ? &head : NULL, otherwise,
					&next);

		if (err)
			return err;
		head = next;
	}
	*ret_parent = head;
	return 0;
}

/* "container", from this event on; null: the host's again; "unknown": a cgroup that nobody told of. */
static int play_container(struct pk_scene *scene, struct pk_keys *event_keys, struct pk_event *head)
{
	const struct pk_yaml_node *node = pk_keys_take(event_keys, "container");
	bool is_helper = false;
	int len;

	if (!node)
		return 0;
	if (pk_yaml_is_null(node) || pk_yaml_is(node, "host")) {
		head->cgroup_id = CGROUP_DEFAULT;
		head->mnt_ns = PK_TEST_MNT_NS;
		return 0;
	}
	if (pk_yaml_is(node, "unknown")) {
		head->cgroup_id = CGROUP_UNKNOWN;
		head->mnt_ns = PK_TEST_MNT_NS + 1;
		return 0;
	}
	len = pk_test_container(scene->ctx, node, &scene->record, &is_helper);
	if (len < 0)
		return len;
	scene->record.u.event.time_ns = scene->now_ns;
	head->cgroup_id = scene->record.u.event.cgroup_id;
	head->mnt_ns = is_helper ? PK_TEST_MNT_NS : PK_TEST_MNT_NS + 1;
	return scene->emit(scene->arg, &scene->record.u.event, (size_t)len);
}

/* The process that acts. An exec makes it known by itself. */
static int play_process(struct pk_scene *scene, struct pk_keys *event_keys, __u32 kind,
			struct proc **ret_proc)
{
	const struct pk_yaml_node *node = pk_keys_take(event_keys, "process");
	struct pk_event parent = { 0 };
	struct pk_keys keys;
	struct proc *proc;
	__u32 pid;
	bool known;
	int err;

	init_proc_keys(scene, node, &keys, "process");
	pid = take_pid(scene, &keys, PID_DEFAULT);
	err = play_ancestors(scene, event_keys, pid, &parent);
	if (err)
		return err;
	proc = find_proc(scene, pid);
	known = proc != NULL;
	if (!known)
		proc = add_proc(scene, node, pid);
	if (!proc)
		return -EBADMSG;
	if (parent.pid) {
		proc->head.ppid = parent.pid;
		proc->head.parent_exec_id = parent.exec_id;
	}
	err = play_container(scene, event_keys, &proc->head);
	if (err)
		return err;
	take_head(&keys, &proc->head, known);
	if (node && node->kind == PK_YAML_SCALAR)
		set_comm(&proc->head, (struct pk_text){ node->text.data, node->text.len_bytes });
	if (kind == PK_EVENT_EXEC)
		pk_keys_take(&keys, "exe"); /* of a printed event: what "exec" says better */
	else if (!known)
		err = emit_proc(scene, proc, &keys);
	pk_keys_end(&keys);
	*ret_proc = proc;
	return err;
}

/* ---- events ---- */

static const char *kind_of(uint32_t number)
{
	return number > PK_EVENT_NONE && number < PK_EVENT_SENSOR_MAX ? pk_event_kind_name(number) :
									NULL;
}

static void play_exec(struct pk_scene *scene, struct pk_keys *keys, struct proc *proc)
{
	struct pk_exec_event *exec = &scene->record.u.exec;
	struct pk_keys inner;
	struct pk_text name;

	pk_keys_init(&inner, scene->ctx, pk_keys_take(keys, "exec"), "exec");
	pk_test_image(&scene->record, &inner);
	name = pk_record_text(exec, exec->filename);
	pk_keys_end(&inner);
	/* unless the test gives the name: the one that the kernel would */
	if (!proc->head.comm[0])
		set_comm(&exec->head, name);
	proc->head = exec->head;
}

static void play_fork(struct pk_scene *scene, struct pk_keys *keys, const struct proc *proc)
{
	struct pk_fork_event *fork = &scene->record.u.fork;
	struct pk_keys inner;
	struct proc *child;
	uint64_t pid = proc->head.pid + 1000u;

	pk_keys_init(&inner, scene->ctx, pk_keys_take(keys, "fork"), "fork");
	pk_keys_number(&inner, "child_pid", PK_KEYS_DECIMAL, &pid);
	fork->child_pid = fork->child_ns_pid = (__u32)pid;
	fork->child_ppid = proc->head.pid;
	fork->child_exec_id = exec_id_of(fork->child_pid);
	fork->child_parent_exec_id = proc->head.exec_id;
	pk_keys_numbers(&inner,
			(const struct pk_keys_number[]){
				{ "child_ns_pid", PK_KEYS_DECIMAL,
				  offsetof(struct pk_fork_event, child_ns_pid), 4 },
				{ "child_ppid", PK_KEYS_DECIMAL,
				  offsetof(struct pk_fork_event, child_ppid), 4 },
				{ NULL } },
			fork);
	pk_keys_take(&inner, "child_exec_id");
	pk_keys_take(&inner, "child_parent_exec_id");
	pk_keys_end(&inner);
	if (find_proc(scene, fork->child_pid)) {
		pk_yaml_diag(scene->ctx, PK_DIAG_ERROR, keys->map, NULL,
			     "there is a process %u already", fork->child_pid);
		return;
	}
	child = add_proc(scene, keys->map, fork->child_pid);
	if (!child)
		return;
	child->head = proc->head;
	child->head.pid = child->head.tid = fork->child_pid;
	child->head.ns_pid = fork->child_ns_pid;
	child->head.ppid = fork->child_ppid;
	child->head.exec_id = fork->child_exec_id;
	child->head.parent_exec_id = fork->child_parent_exec_id;
}

static void play_body(struct pk_scene *scene, struct pk_keys *keys, struct proc *proc)
{
	const __u32 kind = scene->record.u.event.kind;
	struct pk_keys inner;

	if (kind == PK_EVENT_EXEC) {
		play_exec(scene, keys, proc);
	} else if (kind == PK_EVENT_FORK) {
		play_fork(scene, keys, proc);
	} else if (kind == PK_EVENT_EXIT) {
		pk_keys_init(&inner, scene->ctx, pk_keys_take(keys, "exit"), "exit");
		pk_test_exit(&scene->record, &inner);
		pk_keys_end(&inner);
	} else if (PK_KIND_BIT(kind) & PK_KINDS_FILE) {
		pk_keys_init(&inner, scene->ctx, pk_keys_take(keys, "file"), "file");
		pk_test_file(&scene->record, &inner);
		pk_keys_end(&inner);
	} else if (pk_system_shape(kind)) {
		const char *object = pk_system_shape(kind)->object;

		pk_keys_init(&inner, scene->ctx, pk_keys_take(keys, object), object);
		pk_test_system(&scene->record, &inner);
		pk_keys_end(&inner);
	} else {
		pk_keys_init(&inner, scene->ctx, pk_keys_take(keys, "network"), "network");
		if (inner.map)
			pk_test_network(&scene->record, &inner);
		else
			pk_yaml_diag(
				scene->ctx, PK_DIAG_ERROR, keys->map, NULL,
				"an event of the network wants 'network', with keys and values");
		pk_keys_end(&inner);
	}
}

/* "after: 10s": how long after the event before. */
static void take_time(struct pk_scene *scene, struct pk_keys *keys)
{
	struct pk_text text;
	uint64_t step_ns = EVENT_STEP_NS;

	pk_keys_take(keys, "time"); /* of a printed event */
	if (pk_keys_text(keys, "after", &text) &&
	    !pk_rules_read_duration(text.data, text.len, &step_ns))
		pk_yaml_diag(scene->ctx, PK_DIAG_ERROR, keys->map, NULL,
			     "'after' wants a duration in ms, s, m, h or d, such as 10s");
	scene->now_ns += step_ns;
}

static void take_flags(struct pk_keys *keys, struct pk_event *head)
{
	if (pk_keys_flag(keys, "compat"))
		head->flags |= PK_FLAG_COMPAT;
	if (pk_keys_flag(keys, "io_uring"))
		head->flags |= PK_FLAG_IO_URING;
	if (pk_keys_flag(keys, "facts_lost"))
		head->flags |= PK_FLAG_FACTS_LOST;
	head->flags |= PK_FLAG_BACKEND_LSM;
}

static bool is_named(const struct pk_yaml_node *process)
{
	return process && (process->kind == PK_YAML_SCALAR || pk_yaml_get(process, "name") != NULL);
}

static int play(struct pk_scene *scene, struct pk_keys *keys)
{
	struct proc *proc;
	__u32 kind;
	int err;

	if (!pk_keys_word(keys, "type", kind_of, PK_EVENT_SENSOR_MAX, &kind)) {
		if (!pk_yaml_get(keys->map, "type"))
			pk_yaml_diag(scene->ctx, PK_DIAG_ERROR, keys->map, NULL,
				     "an event wants a 'type'");
		return -EBADMSG;
	}
	take_time(scene, keys);
	err = play_process(scene, keys, kind, &proc);
	if (err)
		return err;
	if (kind == PK_EVENT_EXEC && !is_named(pk_yaml_get(keys->map, "process")))
		memset(proc->head.comm, 0, sizeof(proc->head.comm));
	pk_record_init(&scene->record, kind);
	proc->head.kind = (__u16)kind;
	proc->head.time_ns = scene->now_ns;
	proc->head.flags = 0;
	scene->record.u.event = proc->head;
	take_flags(keys, &scene->record.u.event);
	play_body(scene, keys, proc);
	return 0;
}

int pk_scene_play(struct pk_scene *scene, const struct pk_yaml_node *event,
		  const struct pk_event **ret_event)
{
	size_t errors_cnt = scene->ctx->diags.errors_cnt;
	struct pk_keys keys;
	int err;

	pk_keys_init(&keys, scene->ctx, event, "event");
	if (!keys.map) {
		if (scene->ctx->diags.errors_cnt == errors_cnt)
			pk_yaml_diag(scene->ctx, PK_DIAG_ERROR, event, NULL, "an empty event");
		return -EBADMSG;
	}
	err = play(scene, &keys);
	if (err)
		return err;
	pk_keys_end(&keys);
	if (scene->ctx->diags.errors_cnt != errors_cnt)
		return -EBADMSG;
	pk_record_finish(&scene->record);
	*ret_event = &scene->record.u.event;
	return scene->ctx->err;
}
