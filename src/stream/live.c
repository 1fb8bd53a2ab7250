// SPDX-License-Identifier: Apache-2.0
/*
 * Reading in batches: a wake-up of the reader costs more than an event. While events come, the
 * reader looks by itself every few milliseconds and the kernel wakes it only when the buffer
 * fills; before it sleeps for good it asks (pk_state.reader_idle) to be woken by the next record.
 */
#include "stream/live.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "meta/attribution.h"
#include "stream/mounts.h"
#include "stream/procfs.h"

#define CLOCK_STEP_NS 10000000ll /* a wall clock that moved by more was set */

struct pk_live {
	struct pk_sensors *sensors;
	struct pk_stream *stream;
	struct pk_attribution *attribution;
	struct ring_buffer *ring;
	struct pk_state *state;
	enum pk_backend backend;
	__s64 clock_offset_ns;
	__u64 delivered_cnt;
	__u64 asked_pid;             /* the last process that /proc was asked about in vain */
	int error;                   /* of the sink: stop */
	struct pk_counters reported; /* what lost events have said so far */
	bool detached;
	struct pk_stop_event totals; /* once it is detached; its head is not filled */
	struct pk_record record;
};

void pk_live_free(struct pk_live *live)
{
	if (!live)
		return;
	ring_buffer__free(live->ring);
	free(live);
}

/* Before an event its cgroup. */
static int introduce_cgroup(struct pk_live *live, __u64 cgroup_id)
{
	if (!live->attribution)
		return 0;
	return pk_attribution_see(live->attribution, cgroup_id,
				  pk_stream_get_containers(live->stream), pk_stream_emit,
				  live->stream);
}

/* A PROC: /proc has no id of its cgroup. */
static int emit_proc(void *ctx, const void *data, size_t len)
{
	struct pk_live *live = ctx;
	struct pk_event *event = (struct pk_event *)data; /* pk_procfs's own, not yet fed */
	int err;

	if (live->attribution)
		event->cgroup_id = pk_attribution_cgroup_of(live->attribution, event->pid);
	err = introduce_cgroup(live, event->cgroup_id);
	return err ? err : pk_stream_feed(live->stream, event, len);
}

/* A process that was there before the sensors, or whose fork was lost: ask /proc once. */
static void introduce(struct pk_live *live, const struct pk_event *event)
{
	if (event->kind == PK_EVENT_EXEC || live->asked_pid == event->exec_id ||
	    pk_tree_has(pk_stream_get_tree(live->stream), event->exec_id, event->pid))
		return;
	live->asked_pid = event->exec_id;
	pk_procfs_one(event->pid, event->exec_id, emit_proc, live);
}

/* A cgroup was made: no event, but its container may be looked up before anything happens in it. */
static int on_cgroup(struct pk_live *live, const struct pk_container_event *event, size_t len)
{
	if (!live->attribution || pk_record_check(event, len) ||
	    event->head.kind != PK_EVENT_CONTAINER)
		return 0;
	return pk_attribution_see_path(live->attribution, event->head.cgroup_id,
				       pk_record_text(event, event->cgroup),
				       pk_stream_get_containers(live->stream), pk_stream_emit,
				       live->stream);
}

static int feed(struct pk_live *live, const struct pk_event *event, size_t len)
{
	int err = 0;

	live->delivered_cnt++;
	if (len >= sizeof(*event)) {
		introduce(live, event);
		err = introduce_cgroup(live, event->cgroup_id);
	}
	return err ? err : pk_stream_feed(live->stream, event, len);
}

static int on_record(void *ctx, void *data, size_t len)
{
	const struct pk_event *event = data;
	struct pk_live *live = ctx;
	int err;

	if (len >= sizeof(*event) && event->hook == PK_HOOK_CGROUP_MKDIR)
		err = on_cgroup(live, data, len);
	else
		err = feed(live, event, len);
	if (!err || err == -EBADMSG)
		return 0;
	live->error = err;
	return err;
}

int pk_live_new(struct pk_sensors *sensors, struct pk_stream *stream,
		struct pk_attribution *attribution, struct pk_live **ret_live)
{
	pk_cleanup(pk_live_free_p) struct pk_live *live = NULL;

	live = calloc(1, sizeof(*live));
	if (!live)
		return -ENOMEM;
	live->sensors = sensors;
	live->stream = stream;
	live->attribution = attribution;
	live->state = pk_sensors_get_state(sensors);
	live->ring = ring_buffer__new(pk_sensors_get_ring_fd(sensors), on_record, live, NULL);
	if (!live->ring)
		return -errno;
	*ret_live = pk_take_ptr(live);
	return 0;
}

static __s64 clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return ts.tv_sec * 1000000000ll + ts.tv_nsec;
}

static __s64 clock_offset(void)
{
	return clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_BOOTTIME);
}

/* A command's own ancestors, nearest last, as far as /proc tells. */
static int emit_ancestors(struct pk_live *live, __u32 pid)
{
	const struct pk_node *node;
	int err;

	for (int depth = 0; pid && depth < 64; depth++) {
		err = pk_procfs_one(pid, 0, emit_proc, live);
		if (err)
			return err == -ESRCH ? 0 : err;
		node = pk_tree_get_pid(pk_stream_get_tree(live->stream), pid);
		pid = node ? node->ppid : 0;
	}
	return 0;
}

int pk_live_begin(struct pk_live *live, enum pk_backend backend, __u32 scope_pid,
		  __u32 *ret_mounts_left_out)
{
	int err;

	live->backend = backend;
	live->clock_offset_ns = clock_offset();
	err = pk_record_emit_start(backend, 0, pk_stream_emit, live->stream);
	if (err)
		return err;
	err = pk_mounts_read(1, pk_stream_emit, live->stream, ret_mounts_left_out);
	if (err)
		err = pk_mounts_read(0, pk_stream_emit, live->stream, ret_mounts_left_out);
	if (err)
		return err;
	if (scope_pid)
		return emit_ancestors(live, scope_pid);
	return pk_procfs_snapshot(emit_proc, live);
}

int pk_live_get_fd(const struct pk_live *live)
{
	return pk_sensors_get_ring_fd(live->sensors);
}

int pk_live_consume(struct pk_live *live)
{
	int cnt = ring_buffer__consume(live->ring);
	int err;

	__atomic_store_n(&live->state->reader_called, 0, __ATOMIC_SEQ_CST);
	if (live->error)
		return live->error;
	if (cnt < 0)
		return cnt;
	err = pk_stream_flush(live->stream);
	return err ? err : cnt;
}

void pk_live_set_idle(struct pk_live *live, bool idle)
{
	__atomic_store_n(&live->state->reader_idle, idle, __ATOMIC_SEQ_CST);
}

static int emit_lost(struct pk_live *live, __u32 hook, __u32 reason, __u64 cnt, __u64 total)
{
	struct pk_record *r = &live->record;

	pk_record_init(r, PK_EVENT_LOST);
	r->u.lost.cnt = cnt;
	r->u.lost.total_cnt = total;
	r->u.lost.lost_hook = hook;
	r->u.lost.reason = reason;
	return pk_stream_feed(live->stream, r->u.bytes, pk_record_finish(r));
}

static int tell_lost(struct pk_live *live, const struct pk_counters *now)
{
	for (__u32 hook = 0; hook < PK_HOOK_MAX; hook++) {
		for (__u32 reason = 0; reason < PK_LOSS_MAX; reason++) {
			__u64 total = now->lost[hook][reason];
			__u64 *said = &live->reported.lost[hook][reason];
			int err;

			if (total == *said)
				continue;
			err = emit_lost(live, hook, reason, total - *said, total);
			if (err)
				return err;
			*said = total;
		}
	}
	return 0;
}

int pk_live_tick(struct pk_live *live)
{
	__s64 offset = clock_offset();
	struct pk_counters now;
	int err;

	if (llabs(offset - live->clock_offset_ns) > CLOCK_STEP_NS) {
		live->clock_offset_ns = offset;
		err = pk_record_emit_start(live->backend, PK_START_CLOCK, pk_stream_emit,
					   live->stream);
		if (err)
			return err;
	}
	err = pk_sensors_read_counters(live->sensors, &now);
	if (err)
		return err;
	err = tell_lost(live, &now);
	return err ? err : pk_stream_flush(live->stream);
}

int pk_live_cgroup(struct pk_live *live, __u64 cgroup_id, struct pk_text path)
{
	if (!live->attribution || !path.len)
		return introduce_cgroup(live, cgroup_id);
	return pk_attribution_see_path(live->attribution, cgroup_id, path,
				       pk_stream_get_containers(live->stream), pk_stream_emit,
				       live->stream);
}

int pk_live_containers(struct pk_live *live)
{
	int err = live->attribution ? pk_attribution_take(live->attribution,
							  pk_stream_get_containers(live->stream),
							  pk_stream_emit, live->stream) :
				      0;

	return err ? err : pk_stream_flush(live->stream);
}

int pk_live_pods(struct pk_live *live)
{
	/* what has happened before, happened in the pods that were known then */
	int err = pk_live_consume(live);

	if (err < 0)
		return err;
	err = 0;
	if (live->attribution)
		err = pk_attribution_take_pods(live->attribution,
					       pk_stream_get_containers(live->stream),
					       pk_stream_emit, live->stream);
	return err ? err : pk_stream_flush(live->stream);
}

int pk_live_told(struct pk_live *live, __u64 cgroup_id, const struct pk_container *told)
{
	if (!live->attribution)
		return -ENOENT;
	return pk_attribution_told(live->attribution, cgroup_id, told,
				   pk_stream_get_containers(live->stream), pk_stream_emit,
				   live->stream);
}

int pk_live_mounts(struct pk_live *live)
{
	__u32 left_out;
	int err = pk_mounts_read(1, pk_stream_emit, live->stream, &left_out);

	return err == -ENOENT || err == -EACCES ?
		       pk_mounts_read(0, pk_stream_emit, live->stream, &left_out) :
		       err;
}

static void count_up(const struct pk_counters *now, struct pk_stop_event *ret_stop)
{
	ret_stop->produced_cnt = ret_stop->lost_cnt = ret_stop->facts_lost_cnt = 0;
	for (__u32 hook = 0; hook < PK_HOOK_MAX; hook++) {
		ret_stop->produced_cnt += now->produced[hook];
		for (__u32 reason = 0; reason < PK_LOSS_MAX; reason++) {
			if (reason < PK_LOSS_EVENT_MAX)
				ret_stop->lost_cnt += now->lost[hook][reason];
			else
				ret_stop->facts_lost_cnt += now->lost[hook][reason];
		}
	}
}

/* Programs that were running when they were detached may still deliver. */
int pk_live_detach(struct pk_live *live)
{
	struct pk_stop_event *stop = &live->totals;
	struct pk_counters now;
	int err = 0;

	if (live->detached)
		return 0;
	live->detached = true;
	pk_sensors_detach(live->sensors);
	for (int i = 0; i < 50; i++) {
		err = pk_live_consume(live);
		if (err < 0)
			return err;
		err = pk_sensors_read_counters(live->sensors, &now);
		if (err)
			return err;
		count_up(&now, stop);
		stop->delivered_cnt = live->delivered_cnt;
		if (stop->produced_cnt == stop->delivered_cnt + stop->lost_cnt)
			break;
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	}
	return tell_lost(live, &now);
}

int pk_live_end(struct pk_live *live, struct pk_stop_event *ret_stop)
{
	struct pk_record *r = &live->record;
	int err = pk_live_detach(live);

	*ret_stop = live->totals;
	if (err)
		return err;
	pk_record_init(r, PK_EVENT_STOP);
	r->u.stop.produced_cnt = ret_stop->produced_cnt;
	r->u.stop.delivered_cnt = ret_stop->delivered_cnt;
	r->u.stop.lost_cnt = ret_stop->lost_cnt;
	r->u.stop.facts_lost_cnt = ret_stop->facts_lost_cnt;
	err = pk_stream_feed(live->stream, r->u.bytes, pk_record_finish(r));
	return err ? err : pk_stream_flush(live->stream);
}
