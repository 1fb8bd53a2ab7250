/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel side against the reference. Rule sets and events at random; each event is judged by the
 * programs that were emitted, on tables as they are loaded, and by the evaluator of conditions. What
 * the kernel says is true or false must be so; what it leaves open is counted, and may only be
 * something that the plan said it would.
 *
 * Not made up, since the programs take them from the running task and not from a record: the working
 * directory, login uid, session, terminal, capabilities and age. tests/ops holds those against what a
 * program knows of itself.
 *
 * PICKET_SEED=N begins elsewhere, PICKET_ROUNDS=N takes longer, PICKET_SHOWN=N shows more
 * differences, PICKET_DEPTH=0 makes each rule one comparison.
 */
#include "test.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>

#include "judge_rules.h"
#include "kernel/bank_internal.h"
#include "picket.skel.h"
#include "rules/diag.h"

#define RULES 24u
#define EVENTS 100u
#define ROUNDS 22u /* 52,800 pairs of a rule and an event */
#define MAX_ROUNDS 100u
#define DIFFERENCES_SHOWN 5u

struct rig {
	struct picket_bpf *skeleton;
	struct pk_bank_kernel kernel;
	__u64 ruled_out_cnt; /* events that the container alone rules out */
	__u64 judged_cnt, true_cnt, kill_cnt, act_cnt, unknown_cnt, differ_cnt;
};

struct rule_set {
	struct pk_buf text;
	struct pk_rules_loader *loader;
	struct pk_rules *rules;
	struct pk_bound *bound;
	struct pk_plan *plan;
};

static __u64 setting(const char *name, __u64 otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 10) : otherwise;
}

/* Only what is run by hand is loaded: nothing is attached to anything. */
static int rig_setup(void **state)
{
	static const char *const wanted[] = { "pk_feed_run", "pk_f_feed", "pk_replay_run",
					      "pk_f_replay" };
	struct rig *rig = calloc(1, sizeof(*rig));
	struct bpf_program *program;
	struct pk_config *config;
	int err;

	assert_non_null(rig);
	rig->skeleton = picket_bpf__open();
	assert_non_null(rig->skeleton);
	bpf_object__for_each_program(program, rig->skeleton->obj)
	{
		bool is_wanted = false;

		for (size_t i = 0; i < PK_ARRAY_SIZE(wanted); i++)
			is_wanted |= !strcmp(bpf_program__name(program), wanted[i]);
		bpf_program__set_autoload(program, is_wanted);
	}
	config = (struct pk_config *)&rig->skeleton->rodata->pk_config;
	config->host_mnt_ns = MODEL_HOST_MNT_NS;
	config->cpu_cnt = (__u32)libbpf_num_possible_cpus();
	config->backend = PK_BACKEND_TRACEPOINT;
	config->judging = 1;
	bpf_map__set_max_entries(rig->skeleton->maps.pk_key_map,
				 config->cpu_cnt * PK_SCRATCH_SLOTS);
	bpf_map__set_max_entries(rig->skeleton->maps.pk_scratch_map,
				 config->cpu_cnt * PK_SCRATCH_SLOTS);
	err = picket_bpf__load(rig->skeleton);
	if (err == -EPERM) {
		print_message("SKIPPED: the kernel refuses BPF\n");
		picket_bpf__destroy(rig->skeleton);
		free(rig);
		return 0;
	}
	rig->kernel = (struct pk_bank_kernel){
		.object = rig->skeleton->obj,
		.state = (struct pk_state *)&rig->skeleton->bss->pk_state,
		.backend = PK_BACKEND_TRACEPOINT,
	};
	*state = rig;
	return err;
}

static int rig_teardown(void **state)
{
	struct rig *rig = *state;

	if (rig)
		picket_bpf__destroy(rig->skeleton);
	free(rig);
	return 0;
}

static void put_finishes(const struct rig *rig)
{
	size_t cnt;
	const struct pk_point *points = pk_points_get(&cnt);

	for (size_t i = 0; i < cnt; i++) {
		__u32 slot = points[i].group * PK_PROG_SLOTS + PK_SLOT_FINISH;
		int fd = pk_bank_program_fd(rig->kernel.object, points[i].finish);

		if (fd >= 0)
			assert_int_equal(bpf_map_update_elem(pk_bank_map_fd(rig->kernel.object,
									    points[i].progs),
							     &slot, &fd, BPF_ANY),
					 0);
	}
}

/* ---- rules ---- */

static void complain(const struct pk_rules_ctx *ctx)
{
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;

	for (const struct pk_diag *diag = ctx->diags.first; diag; diag = diag->next)
		pk_diag_print(ctx, diag, &buf);
	print_error("%.*s\n", (int)buf.len_bytes, buf.data);
	fail();
}

static void set_load(struct rule_set *set, struct model_random *random, __u32 generation,
		     __u32 depth, __u32 kills, __u32 acts, bool scoped)
{
	const struct pk_rules_options options = { .field_known = pk_field_known };
	const struct pk_plan_options plan_options = { .backend = PK_BACKEND_TRACEPOINT,
						      .generation = generation,
						      .i_know = true };

	*set = (struct rule_set){ 0 };
	judge_rules_make(&set->text, random, RULES, depth, kills, acts, scoped);
	assert_int_equal(pk_rules_loader_new(&options, &set->loader), 0);
	assert_int_equal(pk_rules_load_text(set->loader, "random.yaml", set->text.data,
					    set->text.len_bytes),
			 0);
	if (pk_rules_finish(set->loader, &set->rules))
		complain(pk_rules_loader_get_ctx(set->loader));
	if (pk_bound_new(set->rules, &set->bound) ||
	    pk_plan_new(set->rules, set->bound, &plan_options, &set->plan))
		complain(&set->rules->ctx);
}

static void set_free(struct rule_set *set)
{
	pk_plan_free(set->plan);
	pk_bound_free(set->bound);
	pk_rules_free(set->rules);
	pk_rules_loader_free(set->loader);
	pk_buf_fini(&set->text);
}

/* ---- judging ---- */

static void run(const struct rig *rig, const char *program)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	assert_int_equal(bpf_prog_test_run_opts(pk_bank_program_fd(rig->kernel.object, program),
						&opts),
			 0);
}

static void facts_of(const struct rig *rig, const struct model *model, bool of_parent,
		     struct pk_facts *ret_facts)
{
	int map = pk_bank_map_fd(rig->kernel.object, "pk_feed_map");
	struct pk_feed *feed = malloc(sizeof(*feed));
	__u32 zero = 0;

	assert_non_null(feed);
	model_feed(model, of_parent, feed);
	feed->bank = rig->kernel.state->bank;
	assert_int_equal(bpf_map_update_elem(map, &zero, feed, BPF_ANY), 0);
	run(rig, "pk_feed_run");
	assert_int_equal(bpf_map_lookup_elem(map, &zero, feed), 0);
	assert_int_equal(feed->done, 1);
	*ret_facts = feed->facts;
	free(feed);
}

/* Those that are not there ran out long ago. */
static void put_tags(const struct rig *rig, const char *map, __u64 key, __u64 bits)
{
	struct pk_tagged tagged = { .bits = (1u << MODEL_TAG_CNT) - 1 };

	for (__u32 i = 0; i < MODEL_TAG_CNT; i++)
		tagged.until_ns[i] = bits >> i & 1 ? 0 : 1;
	assert_int_equal(bpf_map_update_elem(pk_bank_map_fd(rig->kernel.object, map), &key, &tagged,
					     BPF_ANY),
			 0);
}

/* What user space does once a container. */
static void put_container(const struct rig *rig, const struct rule_set *set, struct model *model,
			  struct pk_container_facts *ret_facts)
{
	__u64 key = model->record.u.event.cgroup_id;
	int map = pk_bank_map_fd(rig->kernel.object,
				 rig->kernel.state->bank ? "pk_containers_1" : "pk_containers_0");

	memset(ret_facts, 0, sizeof(*ret_facts));
	if (!model->container_known) {
		bpf_map_delete_elem(map, &key);
		return;
	}
	assert_int_equal(pk_plan_container_eval(set->plan, model_container_value, model, ret_facts),
			 0);
	ret_facts->cgroup_id = key;
	ret_facts->key = 1 + model->container;
	ret_facts->flags = model->container ? 0 : PK_CONTAINER_FACTS_HOST;
	assert_int_equal(bpf_map_update_elem(map, &key, ret_facts, BPF_ANY), 0);
}

static void judge(const struct rig *rig, const struct model *model, struct pk_replay *replay)
{
	int map = pk_bank_map_fd(rig->kernel.object, "pk_replay_map");
	__u32 zero = 0;

	put_tags(rig, "pk_tag_map", model->record.u.event.exec_id, model->tags);
	put_tags(rig, "pk_container_tag_map", model->record.u.event.cgroup_id,
		 model->container_tags);
	memset(replay, 0, sizeof(*replay));
	replay->bank = rig->kernel.state->bank;
	replay->record_bytes = model->record.u.event.size_bytes;
	memcpy(replay->record, model->record.u.bytes, replay->record_bytes);
	replay->has_facts = model->facts_known;
	if (model->facts_known)
		facts_of(rig, model, false, &replay->facts);
	if (model->record.u.event.kind == PK_EVENT_EXEC) {
		/* who has no parent has the facts that say so, which the feed found */
		if (model->name_cnt > 1)
			facts_of(rig, model, true, &replay->parent);
	}
	assert_int_equal(bpf_map_update_elem(map, &zero, replay, BPF_ANY), 0);
	run(rig, "pk_replay_run");
	assert_int_equal(bpf_map_lookup_elem(map, &zero, replay), 0);
	assert_int_equal(replay->done, 1);
}

static enum pk_truth verdict(const struct pk_judge *judge, __u32 rule)
{
	for (__u32 i = 0; i < judge->match_cnt && i < PK_MAX_MATCHES; i++) {
		if ((judge->matches[i] & ~PK_MATCH_UNKNOWN) != rule)
			continue;
		return judge->matches[i] & PK_MATCH_UNKNOWN ? PK_UNKNOWN : PK_TRUE;
	}
	return PK_FALSE;
}

/* What the circuit says on the very same facts. */
static enum pk_truth by_gate(const struct rule_set *set, __u32 kind, __u32 rule,
			     const struct pk_judge *judge)
{
	const struct pk_circuit *circuit = &set->plan->circuits[kind];

	for (size_t i = 0; i < circuit->cnt; i++)
		if (circuit->judged[i].rule_idx == rule)
			return pk_gate_eval(circuit->judged[i].gate, judge);
	return PK_FALSE;
}

static void differ(struct rig *rig, const struct rule_set *set, const struct model *model,
		   __u32 rule, const char *what, int kernel, int reference)
{
	const struct pk_rule *item = set->rules->items[rule];

	if (rig->differ_cnt++ >= setting("PICKET_SHOWN", DIFFERENCES_SHOWN))
		return;

	print_error("%s: kernel side %d, reference %d; kind %u\n  %.*s\n", what, kernel, reference,
		    model->record.u.event.kind, (int)item->condition_text.len_bytes,
		    item->condition_text.data);
	for (size_t i = 0; i < PK_TEXT_PROC_CNT; i++)
		print_error("  own %zu '%s'  parent '%s'\n", i, model->own.texts[i].data,
			    model->parent.texts[i].data);
	for (size_t i = PK_TEXT_PROC_CNT; i < PK_TEXT_CNT; i++)
		print_error("  text %zu (%u) '%s'\n", i, model->texts[i].state,
			    model->texts[i].data);
	for (__u32 i = 0; i < model->name_cnt; i++)
		print_error("  name %u '%s'\n", i, model->names[i]);
}

static bool escape_unknown(const struct model *model)
{
	return (~model->record.u.event.flags & (PK_FLAGS_ESCAPE_KNOWN | PK_FLAG_CREDS_KNOWN)) ||
	       !(model->own.exec_flags & (PK_EXEC_UPPER | PK_EXEC_LOWER));
}

static bool all_known(const struct model *model)
{
	for (size_t i = 0; i < PK_TEXT_CNT; i++)
		if (model->texts[i].state == 2)
			return false;
	if (model->record.u.event.kind >= PK_EVENT_DO_MOUNT && model->record.u.sys.sys_flags)
		return false;
	if (escape_unknown(model))
		return false;
	return model->facts_known && model->container_known;
}

static bool numbers_unknown(const struct model *model)
{
	if (escape_unknown(model))
		return true;
	return model->record.u.event.kind >= PK_EVENT_DO_MOUNT &&
	       model->record.u.sys.sys_flags >= PK_SYS_ARG_UNKNOWN(0);
}

static void compare(struct rig *rig, const struct rule_set *set, struct model *model,
		    const struct pk_replay *replay, const struct pk_container_facts *container)
{
	__u32 kind = model->record.u.event.kind;
	__u32 wanted = 0;

	for (__u32 rule = 0; rule < set->rules->cnt; rule++) {
		const struct pk_plan_rule *plan_rule = &set->plan->plan_rules[rule];
		enum pk_truth kernel = verdict(&replay->judge, rule);
		enum pk_truth gate = by_gate(set, kind, rule, &replay->judge);
		enum pk_truth reference;

		assert_int_equal(pk_bound_eval(set->bound, set->rules->items[rule]->condition,
					       model_value, model, &reference),
				 0);
		rig->judged_cnt++;
		rig->true_cnt += kernel == PK_TRUE;
		rig->unknown_cnt += kernel == PK_UNKNOWN;
		if (set->rules->items[rule]->action == PK_RULES_ACTION_KILL) {
			bool acts = kernel == PK_UNKNOWN &&
				    set->rules->items[rule]->on_unknown == PK_RULES_UNKNOWN_ACT;

			if (kernel == PK_TRUE || acts)
				wanted = PK_WANT_KILL;
			rig->kill_cnt += kernel == PK_TRUE;
			rig->act_cnt += acts;
		}
		if (kernel != gate)
			differ(rig, set, model, rule, "program and circuit", kernel, gate);
		/* of a number that is not known it may say that no value would do */
		if (kernel != PK_UNKNOWN && kernel != reference &&
		    !(reference == PK_UNKNOWN && numbers_unknown(model)))
			differ(rig, set, model, rule, "verdict", kernel, reference);
		if (kernel == PK_UNKNOWN && reference != PK_UNKNOWN &&
		    (plan_rule->kernel_kinds & 1ull << kind) && all_known(model))
			differ(rig, set, model, rule, "needlessly unknown", kernel, reference);
		if (kernel != PK_FALSE && kind != PK_EVENT_EXEC && model->facts_known &&
		    !(replay->facts.interest & 1ull << kind))
			differ(rig, set, model, rule, "interest", 0, kernel);
		if (kernel != PK_FALSE && model->container_known && !model->is_helper &&
		    !(container->interest & 1ull << kind))
			differ(rig, set, model, rule, "interest of the container", 0, kernel);
	}
	/* what is only unknown kills nobody, unless the rule says so */
	assert_int_equal(replay->judge.actions & (PK_WANT_DENY | PK_WANT_KILL), wanted);
}

/* Rules that may kill: what is left to user space cannot, unless unknown is enough. */
static __u32 can_kill(const struct rule_set *set, bool on_unknown)
{
	__u32 mask = 0;

	for (__u32 i = 0; i < set->rules->cnt; i++) {
		const struct pk_plan_rule *rule = &set->plan->plan_rules[i];

		/* forks and exits alone cannot be killed: refused */
		if (rule->kinds & ~(1ull << PK_EVENT_FORK | 1ull << PK_EVENT_EXIT) &&
		    (on_unknown || rule->kinds == rule->kernel_kinds))
			mask |= 1u << i;
	}
	return mask;
}

static void round_of(struct rig *rig, __u64 seed, __u32 generation)
{
	struct model_random random = { seed };
	struct model *model = malloc(sizeof(*model));
	struct pk_replay *replay = malloc(sizeof(*replay));
	struct pk_container_facts container;
	struct pk_bank_stats stats;
	__u32 depth = (__u32)setting("PICKET_DEPTH", seed % 4);
	bool scoped = seed % 3 == 0;
	struct rule_set set;
	const char *what;
	__u32 kills, acts;

	assert_true(model && replay);
	set_load(&set, &random, generation, depth, 0, 0, scoped);
	acts = can_kill(&set, true) & (__u32)(seed * 0x85ebca6bu) & (__u32)(seed * 0xc2b2ae35u);
	kills = acts | (can_kill(&set, false) & (__u32)(seed * 0x9e3779b1u));
	set_free(&set);
	random.state = seed;
	set_load(&set, &random, generation, depth, kills, acts, scoped);
	assert_int_equal(pk_bank_load_into(&rig->kernel, set.plan, NULL, NULL, &stats, &what), 0);
	for (__u32 i = 0; i < EVENTS; i++) {
		model_make(model, &random, 1 + i % (PK_EVENT_SENSOR_MAX - 1));
		put_container(rig, &set, model, &container);
		rig->ruled_out_cnt += model->container_known &&
				      !(container.interest & 1ull << model->record.u.event.kind);
		judge(rig, model, replay);
		compare(rig, &set, model, replay, &container);
	}
	set_free(&set);
	free(replay);
	free(model);
}

static void test_agrees(void **state)
{
	struct rig *rig = *state;
	__u64 seed = setting("PICKET_SEED", 1);
	__u64 rounds = setting("PICKET_ROUNDS", ROUNDS);

	if (!rig)
		skip();
	put_finishes(rig);
	for (__u64 i = 0; i < rounds; i++) {
		print_message("seed %llu\n", seed + i);
		round_of(rig, seed + i, (__u32)i + 1);
	}
	/* rare: rules that all ask for another container */
	for (; !rig->ruled_out_cnt && rounds < MAX_ROUNDS; rounds++)
		round_of(rig, seed + rounds, (__u32)rounds + 1);
	print_message("%llu pairs compared: %llu true (%llu kill), %llu unknown (%llu kill), "
		      "%llu differ; %llu events ruled out by their container\n",
		      rig->judged_cnt, rig->true_cnt, rig->kill_cnt, rig->unknown_cnt, rig->act_cnt,
		      rig->differ_cnt, rig->ruled_out_cnt);
	assert_int_equal(rig->judged_cnt, rounds * RULES * EVENTS);
	assert_int_equal(rig->differ_cnt, 0);
	assert_true(rig->true_cnt > rig->judged_cnt / 50);
	/* seldom, with rules at random: the usual seed is known to have some */
	assert_true(seed != 1 || rig->ruled_out_cnt > 0);
	assert_true(rig->kill_cnt > 0 && (rounds < ROUNDS || rig->act_cnt > 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_agrees, rig_setup, rig_teardown),
	};

	return cmocka_run_group_tests_name("judge", tests, NULL, NULL);
}
