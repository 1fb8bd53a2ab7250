/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events as JSON. The order of members is fixed; members that say nothing (no such fact, or the
 * usual value named in docs/events.md) are left out. One function an object.
 */
#include "sinks/json.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/cleanup.h"
#include "sinks/json_parts.h"

#define FLUSH_BYTES 65536u
#define KEEP_BYTES (256u << 10) /* memory kept after an unusually long line */

/* ---- time ---- */

static void render_date(struct pk_json *json, __s64 second)
{
	time_t time = (time_t)second;
	struct tm tm = { 0 };
	char *p = json->date;

	gmtime_r(&time, &tm);
	p = pk_jw_padded(p, (__u32)(tm.tm_year + 1900), 4);
	*p++ = '-';
	p = pk_jw_padded(p, (__u32)(tm.tm_mon + 1), 2);
	*p++ = '-';
	p = pk_jw_padded(p, (__u32)tm.tm_mday, 2);
	*p++ = 'T';
	p = pk_jw_padded(p, (__u32)tm.tm_hour, 2);
	*p++ = ':';
	p = pk_jw_padded(p, (__u32)tm.tm_min, 2);
	*p++ = ':';
	p = pk_jw_padded(p, (__u32)tm.tm_sec, 2);
	*p = '.';
	json->second = second;
}

/* Any 64 bits of nanoseconds are a date between 1677 and 2262. */
void pk_json_time(struct pk_json_job *job)
{
	__s64 ns = (__s64)(job->view->event->time_ns + (__u64)job->view->context->clock_offset_ns);
	__s64 second = ns / 1000000000;
	__s64 rest = ns % 1000000000;

	if (rest < 0) {
		rest += 1000000000;
		second--;
	}
	if (second != job->json->second)
		render_date(job->json, second);
	*job->w.p++ = '"';
	pk_jw_raw(&job->w, job->json->date, sizeof(job->json->date));
	job->w.p = pk_jw_padded(job->w.p, (__u32)rest, 9);
	pk_jw_lit(&job->w, "Z\"");
}

/* ---- who ---- */

static void put_process(struct pk_json_job *job)
{
	const struct pk_event *event = job->view->event;
	struct pk_text exe = { 0 };
	struct pk_jw *w = &job->w;
	size_t object;

	if (job->view->process)
		exe = pk_node_exe(job->view->process);
	pk_jw_lit(w, ",\"process\":");
	object = pk_jw_open(w);
	if (event->exec_id) {
		pk_jw_lit(w, ",\"exec_id\":");
		pk_jw_hex64(w, event->exec_id);
	}
	pk_jw_field_u64(w, "pid", event->pid);
	pk_jw_field_u64(w, "tid", event->tid);
	pk_jw_field_u64(w, "ppid", event->ppid);
	if (event->ns_pid != event->pid)
		pk_jw_field_u64(w, "ns_pid", event->ns_pid);
	pk_jw_field_text(w, "name", pk_record_comm(event));
	if (exe.len)
		pk_jw_field_text(w, "exe", exe);
	pk_jw_field_u64(w, "uid", event->uid);
	pk_jw_field_u64(w, "gid", event->gid);
	if (event->euid != event->uid)
		pk_jw_field_u64(w, "euid", event->euid);
	if (event->egid != event->gid)
		pk_jw_field_u64(w, "egid", event->egid);
	if (event->cgroup_id)
		pk_jw_field_u64(w, "cgroup_id", event->cgroup_id);
	if (event->mnt_ns && event->mnt_ns != job->view->context->host_mnt_ns)
		pk_jw_field_u64(w, "mnt_ns", event->mnt_ns);
	pk_jw_close_object(w, object);
}

static void put_parent(struct pk_json_job *job)
{
	const struct pk_event *event = job->view->event;
	const struct pk_node *parent = job->view->parent;
	struct pk_jw *w = &job->w;
	size_t object;

	if (!event->ppid)
		return;
	pk_jw_lit(w, ",\"parent\":");
	object = pk_jw_open(w);
	if (event->parent_exec_id) {
		pk_jw_lit(w, ",\"exec_id\":");
		pk_jw_hex64(w, event->parent_exec_id);
	}
	pk_jw_field_u64(w, "pid", event->ppid);
	if (parent)
		pk_jw_field_text(w, "name", pk_node_comm(parent));
	if (parent && pk_node_exe(parent).len)
		pk_jw_field_text(w, "exe", pk_node_exe(parent));
	pk_jw_close_object(w, object);
}

/* Of events in a container. What is not known of it is left out. */
static void put_container(struct pk_json_job *job)
{
	const struct pk_container *container = job->view->container;
	struct pk_jw *w = &job->w;
	size_t object;

	if (!container || !pk_container_is_one(container))
		return;
	pk_jw_lit(w, ",\"container\":");
	object = pk_jw_open(w);
	pk_jw_field_text(w, "id", container->id);
	if (container->name.len)
		pk_jw_field_text(w, "name", container->name);
	if (container->image.len)
		pk_jw_field_text(w, "image", container->image);
	if (container->runtime)
		pk_json_field_name(w, "runtime", pk_container_runtime_name(container->runtime));
	if (container->outer_id.len)
		pk_jw_field_text(w, "outer_id", container->outer_id);
	if (container->flags & PK_CONTAINER_IS_PRIVILEGED)
		pk_jw_field_true(w, "privileged");
	if (job->view->is_helper)
		pk_jw_field_true(w, "helper");
	pk_jw_close_object(w, object);
}

static void put_known(struct pk_jw *w, const char *name, struct pk_text text)
{
	if (!text.len)
		return;
	*w->p++ = ',';
	pk_jw_string(w, name, strlen(name));
	*w->p++ = ':';
	pk_jw_text(w, text);
}

static void put_owner(struct pk_jw *w, const struct pk_container *container)
{
	size_t object;

	if (!container->pod_owner_name.len)
		return;
	pk_jw_lit(w, ",\"owner\":");
	object = pk_jw_open(w);
	pk_jw_field_text(w, "kind", container->pod_owner_kind);
	pk_jw_field_text(w, "name", container->pod_owner_name);
	pk_jw_close_object(w, object);
}

/* Of events in a container of a pod, likewise. */
static void put_pod(struct pk_json_job *job)
{
	const struct pk_container *container = job->view->container;
	struct pk_jw *w = &job->w;
	size_t object;

	if (!container || !pk_container_has_pod(container))
		return;
	pk_jw_lit(w, ",\"k8s\":");
	object = pk_jw_open(w);
	put_known(w, "namespace", container->pod_namespace);
	put_known(w, "pod", container->pod_name);
	put_known(w, "uid", container->pod_uid);
	put_known(w, "ip", container->pod_ip);
	put_known(w, "node", container->pod_node);
	put_owner(w, container);
	put_known(w, "deployment", container->pod_deployment);
	pk_jw_close_object(w, object);
}

/* ---- the stream itself ---- */

static void put_start(struct pk_json_job *job)
{
	const struct pk_start_event *start = (const struct pk_start_event *)job->view->event;
	struct pk_jw *w = &job->w;
	size_t object;

	pk_jw_lit(w, ",\"start\":");
	object = pk_jw_open(w);
	pk_jw_field_text(w, "hostname", pk_record_text(start, start->hostname));
	pk_jw_field_text(w, "boot_id", pk_record_text(start, start->boot_id));
	pk_jw_field_text(w, "kernel", pk_record_text(start, start->kernel));
	pk_json_field_name(w, "backend", pk_backend_name(start->backend));
	pk_jw_field_text(w, "version", pk_record_text(start, start->version));
	pk_jw_field_u64(w, "wire_version", start->wire_version);
	pk_jw_field_u64(w, "mnt_ns", start->host_mnt_ns);
	if (start->start_flags & PK_START_CLOCK)
		pk_jw_field_true(w, "clock_set");
	pk_jw_close_object(w, object);
}

static void put_lost(struct pk_json_job *job)
{
	const struct pk_lost_event *lost = (const struct pk_lost_event *)job->view->event;
	struct pk_jw *w = &job->w;
	size_t object;

	pk_jw_lit(w, ",\"lost\":");
	object = pk_jw_open(w);
	pk_json_field_name(w, "hook", pk_hook_name(lost->lost_hook));
	pk_json_field_name(w, "reason", pk_loss_name(lost->reason));
	pk_jw_field_u64(w, "count", lost->cnt);
	pk_jw_field_u64(w, "total", lost->total_cnt);
	pk_jw_close_object(w, object);
}

static void put_stop(struct pk_json_job *job)
{
	const struct pk_stop_event *stop = (const struct pk_stop_event *)job->view->event;
	struct pk_jw *w = &job->w;
	size_t object;

	pk_jw_lit(w, ",\"stop\":");
	object = pk_jw_open(w);
	pk_jw_field_u64(w, "produced", stop->produced_cnt);
	pk_jw_field_u64(w, "delivered", stop->delivered_cnt);
	pk_jw_field_u64(w, "lost", stop->lost_cnt);
	pk_jw_field_u64(w, "facts_lost", stop->facts_lost_cnt);
	pk_jw_close_object(w, object);
}

/* Of a rule that is no longer there only the number is left. */
static void put_repeats(struct pk_json_job *job)
{
	const struct pk_repeats_event *repeats = (const struct pk_repeats_event *)job->view->event;
	struct pk_jw *w = &job->w;
	size_t object;

	pk_jw_lit(w, ",\"repeats\":");
	object = pk_jw_open(w);
	if (repeats->rule.len)
		pk_jw_field_text(w, "rule", pk_record_text(repeats, repeats->rule));
	pk_jw_field_u64(w, "rule_index", repeats->rule_idx);
	pk_jw_field_u64(w, "generation", repeats->generation);
	pk_json_field_name(w, "verdict", pk_verdict_name(repeats->head.verdict));
	pk_jw_field_u64(w, "count", repeats->cnt);
	if (repeats->head.exec_id) {
		pk_jw_lit(w, ",\"exec_id\":");
		pk_jw_hex64(w, repeats->head.exec_id);
	}
	pk_jw_field_u64(w, "pid", repeats->head.pid);
	pk_jw_close_object(w, object);
}

/* ---- one event ---- */

static void put_body(struct pk_json_job *job)
{
	__u32 kind = job->view->event->kind;

	if (PK_KIND_BIT(kind) & PK_KINDS_FILE)
		pk_json_file(job);
	else if (PK_KIND_BIT(kind) & PK_KINDS_NETWORK)
		pk_json_net(job);
	else if (PK_KIND_BIT(kind) & PK_KINDS_SYSTEM)
		pk_json_system(job);
	else if (kind == PK_EVENT_EXEC)
		pk_json_exec(job);
	else if (kind == PK_EVENT_FORK)
		pk_json_fork(job);
	else if (kind == PK_EVENT_EXIT)
		pk_json_exit(job);
	else if (kind == PK_EVENT_START)
		put_start(job);
	else if (kind == PK_EVENT_LOST)
		put_lost(job);
	else if (kind == PK_EVENT_STOP)
		put_stop(job);
	else if (kind == PK_EVENT_REPEATS)
		put_repeats(job);
}

int pk_json_render(struct pk_json *json, const struct pk_view *view, struct pk_buf *out)
{
	struct pk_json_job job = { .json = json, .view = view };
	struct pk_jw *w = &job.w;
	int err = pk_jw_begin(w, out);

	if (err)
		return err;
	pk_jw_lit(w, "{\"time\":");
	pk_json_time(&job);
	pk_jw_lit(w, ",\"type\":");
	pk_json_name(w, pk_event_kind_name(view->event->kind));
	if (view->event->kind < PK_EVENT_SENSOR_MAX) {
		put_process(&job);
		put_parent(&job);
		put_container(&job);
		put_pod(&job);
	}
	put_body(&job);
	if (view->event->flags & PK_FLAG_COMPAT)
		pk_jw_field_true(w, "compat");
	if (view->event->flags & PK_FLAG_IO_URING)
		pk_jw_field_true(w, "io_uring");
	if (view->event->flags & PK_FLAG_FACTS_LOST)
		pk_jw_field_true(w, "facts_lost");
	if (w->invalid_utf8)
		pk_jw_field_true(w, "invalid_utf8");
	pk_jw_lit(w, "}\n");
	return pk_jw_end(w);
}

void pk_json_init(struct pk_json *json)
{
	*json = (struct pk_json){ 0 };
	render_date(json, 0);
}

void pk_json_fini(struct pk_json *json)
{
	pk_buf_fini(&json->scratch);
}

/* ---- the sink ---- */

struct json_sink {
	struct pk_sink sink;
	struct pk_json json;
	struct pk_buf out;
	int fd;
};

static int sink_flush(struct pk_sink *sink)
{
	struct json_sink *self = (struct json_sink *)sink;
	int err = pk_buf_write(&self->out, self->fd);

	if (!err)
		pk_buf_shrink(&self->out, KEEP_BYTES);
	return err;
}

static int sink_event(struct pk_sink *sink, const struct pk_view *view)
{
	struct json_sink *self = (struct json_sink *)sink;
	int err = pk_json_render(&self->json, view, &self->out);

	if (err || self->out.len_bytes < FLUSH_BYTES)
		return err;
	return sink_flush(sink);
}

static void sink_free(struct pk_sink *sink)
{
	struct json_sink *self = (struct json_sink *)sink;

	pk_json_fini(&self->json);
	pk_buf_fini(&self->out);
	free(self);
}

int pk_json_sink_new(int fd, struct pk_sink **ret_sink)
{
	static const struct pk_sink_ops ops = {
		.event = sink_event,
		.flush = sink_flush,
		.free = sink_free,
	};
	struct json_sink *self = calloc(1, sizeof(*self));

	if (!self)
		return -ENOMEM;
	self->sink.ops = &ops;
	self->fd = fd;
	pk_json_init(&self->json);
	*ret_sink = &self->sink;
	return 0;
}
