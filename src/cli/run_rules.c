// SPDX-License-Identifier: Apache-2.0
/*
 * The rules of picket run.
 *
 * Two threads: the main one reads events, and owns everything but what a reload is making. A rule set is
 * handed over before it is put into the kernel, since events judged by it may come at once; the lock
 * covers that. Sets that are no longer in force are kept a while for events on their way.
 */
#include "cli/run_rules.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/alert_source.h"
#include "cli/process_names.h"
#include "cli/rules_fit.h"
#include "cli/rules_watch.h"
#include "kernel/held.h"
#include "kernel/sensor_table.h"
#include "meta/k8s_value.h"
#include "stream/names.h"

#define SETS 4u /* in force, coming, and two that events on their way may still name */
#define REPEAT_NS 1000000000ull /* the kernel tells repeats once in it: PK_REPEAT_NS */
#define REFRESH_TICKS 5         /* seconds between looks at the files of literal paths */

struct pk_run_rules {
	struct pk_run_rules_options options;
	struct pk_alert_source *source;
	struct pk_rules_watch *watch;
	struct pk_sensors *sensors;
	const struct pk_tree *tree;
	struct pk_process_names *names; /* of the load that is under way */
	struct pk_ruleset *sets[SETS];  /* by generation */
	uint32_t generation;            /* in force */
	uint32_t last; /* given out last: none is used twice, loads that fail included */
	int done_fd;
	pthread_t thread;
	bool busy;  /* the thread is at work */
	bool again; /* asked for meanwhile */
	/* the thread's, until it is done */
	struct pk_ruleset *coming;
	int err;
	const char *what;
	struct pk_bank_stats stats;
	unsigned int ticks;
	__u64 held_cnt; /* that were held back when they were last looked at */
	bool held_left; /* some were not due */
	struct pk_record record;
};

/* What rules held back, on its way to the stream. */
struct telling {
	struct pk_run_rules *rules;
	struct pk_stream *stream;
	bool all;
};

static struct pk_ruleset **set_of(struct pk_run_rules *rules, uint32_t generation)
{
	return &rules->sets[generation % SETS];
}

/* One that was never used, and whose place is not that of the set in force. */
static uint32_t next_generation(const struct pk_run_rules *rules)
{
	uint32_t next = rules->last + 1;

	return next % SETS == rules->generation % SETS ? next + 1 : next;
}

/* A rule that waits for what nobody will tell is worth a word: the first of them. */
static void tell_untold(const struct pk_plan *plan)
{
	for (size_t i = 0; i < plan->container_cnt; i++) {
		const struct pk_field *field = plan->containers[i].atom->field;

		if (!field || !pk_k8s_value_is_told(field))
			continue;
		pk_warning("rules: %s is asked for, which only the API server tells: without --k8s "
			   "NODE it stays unknown",
			   field->name);
		return;
	}
}

static int load_files(struct pk_run_rules *rules, uint32_t generation, struct pk_ruleset **ret_set)
{
	struct pk_ruleset *now = *set_of(rules, rules->generation);
	struct pk_ruleset_options options = { .plan = rules->options.plan, .again = now != NULL };
	int err;

	options.plan.generation = generation;
	options.enforce = rules->options.enforce;
	if (now) {
		options.plan.tag_names = now->plan->tag_names;
		options.plan.tag_cnt = now->plan->tag_cnt;
	}
	err = pk_ruleset_load(rules->options.paths, rules->options.path_cnt, &options, ret_set);
	if (!err && rules->options.containers && !rules->options.pods_told)
		tell_untold((*ret_set)->plan);
	return err;
}

/* `coming` becomes the set of its generation. The one that had its place is not named by any event any
 * more: two generations have come since. */
static void hand_over(struct pk_run_rules *rules, uint32_t generation)
{
	struct pk_ruleset **place = set_of(rules, generation);
	struct pk_ruleset *old = *place;

	pk_alert_source_lock(rules->source);
	*place = pk_take_ptr(rules->coming);
	pk_alert_source_set(rules->source, generation, *place);
	pk_alert_source_unlock(rules->source);
	pk_ruleset_free(old);
}

/* A set that did not come into force. */
static void take_back(struct pk_run_rules *rules, uint32_t generation)
{
	struct pk_ruleset **place = set_of(rules, generation);

	pk_alert_source_lock(rules->source);
	pk_alert_source_set(rules->source, generation, NULL);
	pk_alert_source_unlock(rules->source);
	pk_ruleset_free(*place);
	*place = NULL;
}

/* The kinds of event that sensors are needed for, and PK_KINDS_CREDS. */
static __u64 kinds_of(const struct pk_plan *plan)
{
	__u64 kinds = pk_plan_kinds(plan);

	for (size_t kind = 0; kind < PK_KINDS; kind++)
		if (plan->table.kinds[kind].nums & 1ull << PK_NUM_CREDS)
			kinds |= PK_KINDS_CREDS;
	return kinds;
}

/* The sensors of both rule sets are there while one takes over from the other. */
static int put_into_kernel(struct pk_run_rules *rules, uint32_t generation)
{
	struct pk_ruleset *old = *set_of(rules, rules->generation);
	struct pk_ruleset *set = *set_of(rules, generation);
	__u64 kinds = kinds_of(set->plan);
	int err;

	err = pk_sensors_set_judged(rules->sensors, kinds | (old ? kinds_of(old->plan) : 0),
				    &rules->what);
	if (!err)
		err = pk_bank_load_named(rules->sensors, set->plan, rules->options.containers,
					 pk_process_names_get, rules->names, &rules->stats,
					 &rules->what);
	return err;
}

static void *reload_thread(void *arg)
{
	struct pk_run_rules *rules = arg;
	uint32_t generation = rules->last;
	__u64 one = 1;

	rules->what = NULL;
	rules->err = load_files(rules, generation, &rules->coming);
	if (!rules->err) {
		hand_over(rules, generation);
		rules->err = put_into_kernel(rules, generation);
		if (rules->err)
			take_back(rules, generation);
	}
	if (write(rules->done_fd, &one, sizeof(one)) < 0)
		pk_error("rules: cannot say that loading has ended: %s", strerror(errno));
	return NULL;
}

static void say_failed(const struct pk_run_rules *rules)
{
	if (rules->what && rules->err == -E2BIG)
		pk_error(
			"rules: they do not fit into the kernel's program at %s: " PK_RULES_FIT_ADVICE,
			rules->what);
	else if (rules->what)
		pk_error("rules: cannot put them into the kernel: %s: %s; PICKET_DEBUG=1 shows the "
			 "kernel's reason",
			 rules->what, strerror(-rules->err));
	else if (rules->err != -EBADMSG)
		pk_error("rules: not loaded: %s", strerror(-rules->err));
}

int pk_run_rules_new(const struct pk_run_rules_options *options, struct pk_run_rules **ret_rules)
{
	pk_cleanup(pk_run_rules_free_p) struct pk_run_rules *rules = calloc(1, sizeof(*rules));
	int err;

	if (!rules) {
		pk_error("rules: %s", strerror(ENOMEM));
		return -ENOMEM;
	}
	rules->options = *options;
	rules->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	err = rules->done_fd < 0 ? -errno : pk_alert_source_new(&rules->source);
	if (!err)
		err = pk_rules_watch_new(options->paths, options->path_cnt, &rules->watch);
	if (err) {
		pk_error("rules: %s", strerror(-err));
		return err;
	}
	err = load_files(rules, 1, &rules->coming);
	if (err)
		return err;
	rules->generation = rules->last = 1;
	hand_over(rules, 1);
	*ret_rules = pk_take_ptr(rules);
	return 0;
}

void pk_run_rules_stop(struct pk_run_rules *rules)
{
	if (!rules || !rules->busy)
		return;
	pthread_join(rules->thread, NULL);
	rules->busy = false;
}

void pk_run_rules_free(struct pk_run_rules *rules)
{
	if (!rules)
		return;
	pk_run_rules_stop(rules);
	pk_alert_source_free(rules->source);
	pk_rules_watch_free(rules->watch);
	for (size_t i = 0; i < SETS; i++)
		pk_ruleset_free(rules->sets[i]);
	pk_ruleset_free(rules->coming);
	pk_process_names_free(rules->names);
	pk_close_p(&rules->done_fd);
	free(rules);
}

__u64 pk_run_rules_kinds(const struct pk_run_rules *rules)
{
	return kinds_of(rules->sets[rules->generation % SETS]->plan);
}

size_t pk_run_rules_cnt(const struct pk_run_rules *rules)
{
	const struct pk_rules *set = rules->sets[rules->generation % SETS]->rules;
	size_t cnt = 0;

	for (size_t i = 0; i < set->cnt; i++)
		cnt += set->items[i]->enabled;
	return cnt;
}

int pk_run_rules_sink(struct pk_run_rules *rules, struct pk_sink *events, struct pk_sink **ret_sink)
{
	return pk_alert_source_sink(rules->source, &rules->options.output, events,
				    rules->options.event_kinds, ret_sink);
}

/* For lack of memory /proc has to do. */
static void take_names(struct pk_run_rules *rules)
{
	pk_process_names_free(rules->names);
	rules->names = NULL;
	if (pk_process_names_new(rules->tree, &rules->names))
		pk_warning("rules: no memory for the names of processes: those of /proc are taken");
}

int pk_run_rules_start(struct pk_run_rules *rules, struct pk_sensors *sensors,
		       const struct pk_tree *tree)
{
	rules->sensors = sensors;
	rules->tree = tree;
	take_names(rules);
	rules->err = put_into_kernel(rules, rules->generation);
	if (rules->err)
		say_failed(rules);
	return rules->err;
}

int pk_run_rules_get_done_fd(const struct pk_run_rules *rules)
{
	return rules->done_fd;
}

int pk_run_rules_get_files_fd(const struct pk_run_rules *rules)
{
	return pk_rules_watch_get_fd(rules->watch);
}

void pk_run_rules_reload(struct pk_run_rules *rules)
{
	int err;

	if (rules->busy) {
		rules->again = true;
		return;
	}
	take_names(rules);
	rules->last = next_generation(rules);
	err = pthread_create(&rules->thread, NULL, reload_thread, rules);
	if (err) {
		pk_error("rules: cannot load them again: %s; those in force stay", strerror(err));
		return;
	}
	rules->busy = true;
}

static void on_done(struct pk_run_rules *rules)
{
	__u64 cnt;

	if (read(rules->done_fd, &cnt, sizeof(cnt)) < 0 || !rules->busy)
		return;
	pthread_join(rules->thread, NULL);
	rules->busy = false;
	if (rules->err) {
		say_failed(rules);
		pk_warning("rules: those in force stay in force");
	} else {
		rules->generation = rules->last;
		pk_sensors_set_judged(rules->sensors, pk_run_rules_kinds(rules), &rules->what);
		pk_info("rules: %zu in force, generation %u, loaded in %.3f s",
			pk_run_rules_cnt(rules), rules->generation,
			(double)rules->stats.load_ns / 1e9);
	}
	if (rules->again) {
		rules->again = false;
		pk_run_rules_reload(rules);
	}
}

void pk_run_rules_on_ready(struct pk_run_rules *rules, int fd)
{
	if (fd == rules->done_fd)
		on_done(rules);
	else if (pk_rules_watch_changed(rules->watch))
		pk_run_rules_reload(rules);
}

/* ---- what rules held back ---- */

static const struct pk_rule *rule_of(const struct pk_run_rules *rules, uint32_t generation,
				     uint32_t idx)
{
	const struct pk_ruleset *set = rules->sets[generation % SETS];

	if (!set || set->plan->options.generation != generation || idx >= set->rules->cnt)
		return NULL;
	return set->rules->items[idx];
}

/* Alerts wait for the span of their rule's limit to end: the next one would tell. */
static __u64 wait_ns(void *arg, const struct pk_held *held)
{
	const struct telling *telling = arg;
	const struct pk_rule *rule = rule_of(telling->rules, held->generation, held->rule_idx);

	if (telling->all)
		return 0;
	if (!rule || rule->action != PK_RULES_ACTION_ALERT || rule->limit.duration_ns < REPEAT_NS)
		return REPEAT_NS;
	return rule->limit.duration_ns;
}

static int tell(void *arg, const struct pk_held *held)
{
	const struct telling *telling = arg;
	const struct pk_rule *rule = rule_of(telling->rules, held->generation, held->rule_idx);
	struct pk_record *record = &telling->rules->record;
	struct pk_repeats_event *repeats = &record->u.repeats;

	pk_record_init(record, PK_EVENT_REPEATS);
	repeats->head.exec_id = held->exec_id;
	repeats->head.pid = held->pid;
	repeats->head.verdict = held->verdict < PK_VERDICT_MAX ? held->verdict : 0;
	repeats->cnt = held->cnt;
	repeats->rule_idx = held->rule_idx;
	repeats->generation = held->generation;
	if (rule)
		pk_record_add(record, &repeats->rule, rule->name, strlen(rule->name));
	return pk_stream_feed(telling->stream, record->u.bytes, pk_record_finish(record));
}

/* The lock: a load that is under way puts its set into place. */
static int tell_held(struct pk_run_rules *rules, struct pk_stream *stream, bool all)
{
	struct telling telling = { rules, stream, all };
	const struct pk_held_taker taker = { wait_ns, tell, &telling };
	__u64 cnt = pk_held_cnt(rules->sensors);
	int err;

	if (cnt == rules->held_cnt && !rules->held_left)
		return 0;
	rules->held_cnt = cnt;
	pk_alert_source_lock(rules->source);
	err = pk_held_take(rules->sensors, &taker, &rules->held_left);
	pk_alert_source_unlock(rules->source);
	return err;
}

static void refresh_files(struct pk_run_rules *rules)
{
	int err;

	if (rules->busy || ++rules->ticks % REFRESH_TICKS)
		return;
	err = pk_bank_refresh_idents(rules->sensors, (*set_of(rules, rules->generation))->plan);
	if (err)
		pk_warning("rules: cannot look up the files that rules name: %s", strerror(-err));
}

int pk_run_rules_tick(struct pk_run_rules *rules, struct pk_stream *stream)
{
	refresh_files(rules);
	return tell_held(rules, stream, false);
}

int pk_run_rules_end(struct pk_run_rules *rules, struct pk_stream *stream)
{
	return tell_held(rules, stream, true);
}
