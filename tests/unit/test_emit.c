/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Emitted programs in the kernel, held against pk_gate_eval(): random circuits, random facts, all
 * three values. Skipped where bpf() is refused.
 */
#include "emit/emit.h"
#include "test.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "config.h"
#include "plan/gate.h"

#define KIND PK_EVENT_OPEN
#define FINISHED 2
#define LITS 40

struct slot {
	__u32 busy;
	__u32 pad[3];
	struct pk_judge judge;
};

struct bed {
	struct pk_plan plan;
	struct pk_gates gates;
	struct pk_lit lits[LITS];
	struct pk_judged *judged;
	struct pk_code code;
	int scratch_fd, progs_fd;
	int prog_fds[PK_CHUNKS + 1];
	uint64_t state;
};

static uint64_t roll(struct bed *bed)
{
	bed->state ^= bed->state << 13;
	bed->state ^= bed->state >> 7;
	bed->state ^= bed->state << 17;
	return bed->state;
}

static uint32_t upto(struct bed *bed, uint32_t cnt)
{
	return (uint32_t)(roll(bed) >> 20) % cnt;
}

static bool have_bpf(void)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, NULL, 4, 4, 1, NULL);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static void start(struct bed *bed)
{
	cpu_set_t cpus;

	*bed = (struct bed){ .state = 0x1234567, .scratch_fd = -1, .progs_fd = -1 };
	CPU_ZERO(&cpus);
	CPU_SET(sched_getcpu(), &cpus);
	assert_int_equal(sched_setaffinity(0, sizeof(cpus), &cpus), 0);
	bed->plan.arena = PK_ARENA_INIT(256u << 20);
	assert_int_equal(pk_gates_init(&bed->gates, &bed->plan.arena), 0);
	bed->scratch_fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "scratch", 4, sizeof(struct slot),
					 PK_SCRATCH_SLOTS * 256, NULL);
	assert_true(bed->scratch_fd >= 0);
	bed->progs_fd = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "progs", 4, 4, PK_PROG_SLOTS, NULL);
	assert_true(bed->progs_fd >= 0);
	for (size_t i = 0; i <= PK_CHUNKS; i++)
		bed->prog_fds[i] = -1;
}

static void unload(struct bed *bed)
{
	for (size_t i = 0; i <= PK_CHUNKS; i++) {
		if (bed->prog_fds[i] >= 0)
			close(bed->prog_fds[i]);
		bed->prog_fds[i] = -1;
	}
	pk_code_fini(&bed->code);
}

static void end(struct bed *bed)
{
	unload(bed);
	close(bed->scratch_fd);
	close(bed->progs_fd);
	free(bed->judged);
	pk_gates_fini(&bed->gates);
	pk_arena_fini(&bed->plan.arena);
}

static int load_insns(const struct bpf_insn *insns, size_t cnt)
{
	static char log[1 << 20];
	LIBBPF_OPTS(bpf_prog_load_opts, opts);
	int fd = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "pk_judge", "GPL", insns, cnt, &opts);

	if (fd < 0) {
		opts.log_buf = log;
		opts.log_size = sizeof(log);
		opts.log_level = 1 | 4;
		fd = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "pk_judge", "GPL", insns, cnt,
				   &opts);
		if (fd < 0)
			fail_msg("%zu instructions: %s\n%s", cnt, strerror(errno),
				 log + (strlen(log) > 3000 ? strlen(log) - 3000 : 0));
	}
	return fd;
}

/* Emits and loads; the finish program returns FINISHED. */
static void load_all(struct bed *bed, struct pk_emit_env env)
{
	const struct bpf_insn finish[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = FINISHED },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	bed->plan.gate_cnt = bed->gates.cnt;
	env.scratch_fd = bed->scratch_fd;
	env.scratch_value_bytes = sizeof(struct slot);
	env.progs_fd = bed->progs_fd;
	env.first_slot = PK_CHUNKS;
	env.finish_slot = PK_SLOT_FINISH;
	assert_int_equal(pk_emit(&bed->plan, KIND, &env, &bed->code), 0);
	for (size_t i = 0; i <= bed->code.cnt; i++) {
		__u32 slot = i < bed->code.cnt ? env.first_slot + (__u32)i : PK_SLOT_FINISH;

		bed->prog_fds[i] = i < bed->code.cnt ? load_insns(bed->code.chunks[i].insns,
								  bed->code.chunks[i].cnt) :
						       load_insns(finish, 2);
		assert_int_equal(bpf_map_update_elem(bed->progs_fd, &slot, &bed->prog_fds[i], 0),
				 0);
	}
}

/* Runs the program on a judge; the same judge comes back. */
static uint32_t run(struct bed *bed, struct pk_judge *judge)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	static struct slot slot;
	__u32 place = upto(bed, PK_SCRATCH_SLOTS);
	__u32 key = (__u32)sched_getcpu() * PK_SCRATCH_SLOTS;

	for (__u32 i = 0; i < PK_SCRATCH_SLOTS; i++) {
		__u32 at = key + i;

		memset(&slot, 0, sizeof(slot));
		slot.busy = i == place ? (__u32)gettid() + 1 : i;
		slot.judge = *judge;
		assert_int_equal(bpf_map_update_elem(bed->scratch_fd, &at, &slot, 0), 0);
	}
	assert_int_equal(bpf_prog_test_run_opts(bed->prog_fds[0], &opts), 0);
	key += place;
	assert_int_equal(bpf_map_lookup_elem(bed->scratch_fd, &key, &slot), 0);
	assert_int_equal(slot.busy, opts.retval == FINISHED ? gettid() + 1 : 0);
	*judge = slot.judge;
	return opts.retval;
}

static struct pk_range *random_ranges(struct bed *bed, bool wide, size_t *ret_cnt)
{
	size_t cnt = 1 + upto(bed, upto(bed, 4) ? 3 : 12);
	struct pk_range *ranges = pk_arena_alloc(&bed->plan.arena, cnt * sizeof(*ranges));
	uint64_t at = upto(bed, 3);

	for (size_t i = 0; i < cnt; i++) {
		ranges[i].lo = at;
		ranges[i].hi = at + (upto(bed, 2) ? 0 : upto(bed, 4));
		at = ranges[i].hi + 1 + upto(bed, 3);
	}
	if (wide && !upto(bed, 4))
		ranges[cnt - 1].hi = UINT64_MAX;
	if (wide && !upto(bed, 8))
		ranges[cnt - 1].lo = 0x80000000u;
	if (ranges[cnt - 1].hi < ranges[cnt - 1].lo)
		ranges[cnt - 1].hi = 0x123456789abull;
	if (!wide && !upto(bed, 8))
		ranges[cnt - 1].hi = PK_MAX_CLS;
	*ret_cnt = cnt;
	return ranges;
}

static void random_lits(struct bed *bed)
{
	for (size_t i = 0; i < LITS; i++) {
		struct pk_lit *lit = &bed->lits[i];

		*lit = (struct pk_lit){ .kind = (enum pk_lit_kind)upto(bed, 3),
					.slot2 = PK_SLOT_CNT,
					.ne = !upto(bed, 3) };
		if (lit->kind == PK_LIT_BIT) {
			lit->word = (uint16_t)upto(bed, PK_WORD_CNT);
			lit->bit = (uint16_t)upto(bed, 64);
			lit->ne = false;
			continue;
		}
		lit->ranges = random_ranges(bed, lit->kind == PK_LIT_NUM, &lit->range_cnt);
		if (lit->kind == PK_LIT_CLS) {
			lit->slot = (uint16_t)upto(bed, PK_SLOT_CNT);
			if (!upto(bed, 3))
				lit->slot2 = PK_SLOT_ID;
			continue;
		}
		lit->num = (uint16_t)upto(bed, PK_NUM_CNT);
		if (!upto(bed, 3))
			lit->mask = upto(bed, 2) ? upto(bed, 16) : 0xff00000000000007ull;
	}
}

static const struct pk_gate *random_gate(struct bed *bed, unsigned int depth)
{
	const struct pk_gate *children[4];
	size_t cnt = 2 + upto(bed, 3);

	if (!depth || !upto(bed, 5))
		return upto(bed, 25) ? pk_gates_lit(&bed->gates, &bed->lits[upto(bed, LITS)],
						    upto(bed, 2)) :
				       pk_gates_constant(&bed->gates, PK_GATE_UNKNOWN);
	for (size_t i = 0; i < cnt; i++)
		children[i] = random_gate(bed, depth - 1);
	return pk_gates_op(&bed->gates, upto(bed, 2) ? PK_GATE_AND : PK_GATE_OR, children, cnt);
}

static uint64_t sparse(struct bed *bed)
{
	return upto(bed, 3) ? roll(bed) & roll(bed) : roll(bed);
}

static void random_judge(struct bed *bed, struct pk_judge *judge)
{
	memset(judge, 0, sizeof(*judge));
	memset(judge->memo, 0xff, sizeof(judge->memo));
	judge->num_present = roll(bed) | roll(bed);
	judge->num_unknown = roll(bed);
	for (size_t i = 0; i < PK_NUM_CNT; i++) {
		judge->num[i] = upto(bed, 24);
		if (!upto(bed, 6))
			judge->num[i] = upto(bed, 2) ? roll(bed) : 0x80000000u - upto(bed, 3);
	}
	for (size_t i = 0; i < PK_WORD_CNT; i++) {
		judge->t[i] = sparse(bed);
		judge->c[i] = judge->t[i] | sparse(bed);
	}
	for (size_t i = 0; i < PK_SLOT_CNT; i++) {
		static const uint32_t odd[] = { PK_CLS_MISSING, PK_CLS_UNKNOWN, PK_CLS_UNKNOWN,
						PK_CLS_OTHER };

		judge->cls[i] = upto(bed, 4) ? upto(bed, 24) : odd[upto(bed, 4)];
	}
}

/* Keys where an AND has a literal that can be one. */
static const struct pk_lit *key_of(const struct pk_gate *gate)
{
	if (gate->kind == PK_GATE_LIT && gate->lit->kind == PK_LIT_CLS && !gate->lit->ne &&
	    gate->lit->ranges[0].lo > 0)
		return gate->lit;
	for (uint32_t i = 0; gate->kind == PK_GATE_AND && i < gate->child_cnt; i++) {
		const struct pk_lit *key = gate->children[i]->child_cnt ? NULL :
									  key_of(gate->children[i]);

		if (key)
			return key;
	}
	return NULL;
}

/* Facts of the container likewise. */
static const struct pk_lit *scope_of(const struct pk_gate *gate)
{
	if (gate->kind == PK_GATE_LIT && gate->lit->kind == PK_LIT_BIT &&
	    gate->lit->word >= PK_WORD_CONTAINER)
		return gate->lit;
	for (uint32_t i = 0; gate->kind == PK_GATE_AND && i < gate->child_cnt; i++) {
		const struct pk_lit *scope = gate->children[i]->child_cnt ?
						     NULL :
						     scope_of(gate->children[i]);

		if (scope)
			return scope;
	}
	return NULL;
}

static void random_rules(struct bed *bed, size_t cnt)
{
	free(bed->judged);
	bed->judged = calloc(cnt, sizeof(*bed->judged));
	assert_non_null(bed->judged);
	random_lits(bed);
	for (size_t i = 0; i < cnt; i++) {
		const struct pk_gate *gate = random_gate(bed, 1 + upto(bed, 3));

		if (i && !upto(bed, 4)) /* a shared part */
			gate = pk_gates_op2(&bed->gates, upto(bed, 2) ? PK_GATE_AND : PK_GATE_OR,
					    gate, bed->judged[i - 1].gate);
		bed->judged[i] = (struct pk_judged){ .rule_idx = (uint32_t)(i * 3),
						     .gate = gate,
						     .action = (uint8_t)upto(bed, 3),
						     .act_on_unknown = !upto(bed, 3),
						     .key = key_of(gate) };
		if (!bed->judged[i].key || upto(bed, 2))
			bed->judged[i].scope = scope_of(gate);
		if (bed->judged[i].scope)
			bed->judged[i].key = NULL;
	}
	bed->plan.circuits[KIND] = (struct pk_circuit){ bed->judged, cnt };
}

static uint32_t wanted_of(const struct pk_judged *judged, enum pk_truth truth)
{
	static const uint32_t wants[] = { PK_WANT_REPORT, PK_WANT_REPORT | PK_WANT_DENY,
					  PK_WANT_REPORT | PK_WANT_KILL };

	if (truth == PK_FALSE)
		return 0;
	return truth == PK_TRUE || judged->act_on_unknown ? wants[judged->action] : PK_WANT_REPORT;
}

static void check(struct bed *bed, struct pk_judge *judge, bool must_only)
{
	struct pk_judge before = *judge;
	uint32_t actions = 0;
	uint32_t cnt = 0;
	uint32_t retval = run(bed, judge);

	for (size_t i = 0; i < bed->plan.circuits[KIND].cnt; i++) {
		const struct pk_judged *judged = &bed->judged[i];
		enum pk_truth truth = pk_gate_eval(judged->gate, &before);
		enum pk_truth got = PK_FALSE;
		unsigned int times = 0;

		if (must_only && (truth == PK_UNKNOWN || judged->action == 0))
			truth = PK_FALSE;
		for (uint32_t m = 0; m < judge->match_cnt && m < PK_MAX_MATCHES; m++) {
			if ((judge->matches[m] & ~PK_MATCH_UNKNOWN) != judged->rule_idx)
				continue;
			got = judge->matches[m] & PK_MATCH_UNKNOWN ? PK_UNKNOWN : PK_TRUE;
			times++;
		}
		assert_int_equal(got, truth);
		assert_int_equal(times, truth != PK_FALSE);
		actions |= wanted_of(judged, truth);
		cnt += truth != PK_FALSE;
	}
	assert_int_equal(judge->match_cnt, cnt);
	assert_int_equal(judge->actions, actions);
	assert_int_equal(retval, cnt ? FINISHED : 0);
}

static void random_circuits(bool keyless, bool must_only)
{
	struct bed bed;

	start(&bed);
	for (int round = 0; round < 40; round++) {
		random_rules(&bed, 1 + upto(&bed, 50));
		load_all(&bed, (struct pk_emit_env){ .keyless = keyless, .must_only = must_only });
		for (int i = 0; i < 100; i++) {
			struct pk_judge judge;

			random_judge(&bed, &judge);
			check(&bed, &judge, must_only);
		}
		unload(&bed);
	}
	end(&bed);
}

static void test_random_circuits(void **state)
{
	if (!have_bpf())
		skip();
	random_circuits(false, false);
}

static void test_random_circuits_keyless(void **state)
{
	if (!have_bpf())
		skip();
	random_circuits(true, false);
}

static void test_random_circuits_must_only(void **state)
{
	if (!have_bpf())
		skip();
	random_circuits(false, true);
}

/* Rule i wants class i + 1 at slot NAME (or EXACT with its file), and a prefix. */
static void fleet(struct bed *bed, size_t cnt)
{
	struct pk_lit *lits = pk_arena_alloc(&bed->plan.arena, 2 * cnt * sizeof(*lits));
	struct pk_range *ranges = pk_arena_alloc(&bed->plan.arena, 2 * cnt * sizeof(*ranges));

	bed->judged = calloc(cnt, sizeof(*bed->judged));
	assert_true(lits && ranges && bed->judged);
	for (size_t i = 0; i < cnt; i++) {
		bool by_file = i % 4 == 3;
		const struct pk_gate *both[2];

		ranges[2 * i].lo = ranges[2 * i].hi = 1 + i;
		ranges[2 * i + 1].lo = 1 + i % 7;
		ranges[2 * i + 1].hi = 4 + i % 7;
		lits[2 * i] = (struct pk_lit){ .kind = PK_LIT_CLS,
					       .slot = by_file ? PK_SLOT_EXACT : PK_SLOT_NAME,
					       .slot2 = by_file && i % 8 == 3 ? PK_SLOT_ID :
										PK_SLOT_CNT,
					       .ranges = &ranges[2 * i],
					       .range_cnt = 1 };
		lits[2 * i + 1] = (struct pk_lit){ .kind = PK_LIT_CLS,
						   .slot = PK_SLOT_PREFIX,
						   .slot2 = PK_SLOT_CNT,
						   .ranges = &ranges[2 * i + 1],
						   .range_cnt = 1 };
		both[0] = pk_gates_lit(&bed->gates, &lits[2 * i], false);
		both[1] = pk_gates_lit(&bed->gates, &lits[2 * i + 1], false);
		bed->judged[i] = (struct pk_judged){
			.rule_idx = (uint32_t)i,
			.gate = pk_gates_op(&bed->gates, PK_GATE_AND, both, 2),
			.key = &lits[2 * i],
		};
	}
	bed->plan.circuits[KIND] = (struct pk_circuit){ bed->judged, cnt };
}

static void judge_of(struct pk_judge *judge, uint32_t name, uint32_t file, uint32_t id)
{
	memset(judge, 0, sizeof(*judge));
	judge->cls[PK_SLOT_NAME] = name;
	judge->cls[PK_SLOT_EXACT] = file;
	judge->cls[PK_SLOT_ID] = id;
	judge->cls[PK_SLOT_PREFIX] = 4;
}

static void test_fleet_of_keyed_rules(void **state)
{
	const uint32_t cnt = 10000;
	struct pk_judge judge;
	struct bed bed;

	if (!have_bpf())
		skip();
	start(&bed);
	fleet(&bed, cnt);
	load_all(&bed, (struct pk_emit_env){ 0 });
	assert_in_range(bed.code.cnt, 2, PK_CHUNKS);
	for (uint32_t i = 0; i < cnt; i += 1 + i / 64) {
		bool hit = 4 >= 1 + i % 7 && 4 <= 4 + i % 7;

		judge_of(&judge, i % 4 == 3 ? 0 : i + 1, i % 4 == 3 && i % 8 != 3 ? i + 1 : 0,
			 i % 8 == 3 ? i + 1 : PK_CLS_MISSING);
		assert_int_equal(run(&bed, &judge), hit ? FINISHED : 0);
		assert_int_equal(judge.match_cnt, hit);
		if (hit)
			assert_int_equal(judge.matches[0], i);
	}
	/* unknown: all that may be are counted */
	judge_of(&judge, PK_CLS_UNKNOWN, PK_CLS_MISSING, PK_CLS_MISSING);
	assert_int_equal(run(&bed, &judge), FINISHED);
	assert_in_range(judge.match_cnt, cnt * 3 / 4 * 4 / 7 - 10, cnt * 3 / 4 * 4 / 7 + 10);
	/* both of a rule's slots have it: counted once */
	judge_of(&judge, 0, 4 + 8 * 7, 4 + 8 * 7);
	assert_int_equal(run(&bed, &judge), FINISHED);
	assert_int_equal(judge.match_cnt, 1);
	judge_of(&judge, PK_CLS_OTHER, PK_CLS_MISSING, PK_CLS_MISSING);
	assert_int_equal(run(&bed, &judge), 0);
	end(&bed);
}

/* Three rules for each fact of the container, each with a number besides. */
static void scoped_fleet(struct bed *bed, size_t cnt)
{
	static const struct pk_range small = { 0, 3 };
	struct pk_lit *lits = pk_arena_alloc(&bed->plan.arena, 2 * cnt * sizeof(*lits));

	bed->judged = calloc(cnt, sizeof(*bed->judged));
	assert_true(lits && bed->judged);
	for (size_t i = 0; i < cnt; i++) {
		uint32_t bit = (uint32_t)(i * 7) % PK_MAX_CONTAINER_BITS;
		const struct pk_gate *both[2];

		lits[2 * i] = (struct pk_lit){ .kind = PK_LIT_BIT,
					       .slot2 = PK_SLOT_CNT,
					       .word = (uint16_t)(PK_WORD_CONTAINER + bit / 64),
					       .bit = (uint16_t)(bit % 64) };
		lits[2 * i + 1] = (struct pk_lit){ .kind = PK_LIT_NUM,
						   .slot2 = PK_SLOT_CNT,
						   .num = (uint16_t)(i % PK_NUM_CNT),
						   .ranges = &small,
						   .range_cnt = 1 };
		both[0] = pk_gates_lit(&bed->gates, &lits[2 * i], false);
		both[1] = pk_gates_lit(&bed->gates, &lits[2 * i + 1], false);
		bed->judged[i] = (struct pk_judged){
			.rule_idx = (uint32_t)i,
			.gate = pk_gates_op(&bed->gates, PK_GATE_AND, both, 2),
			.scope = &lits[2 * i],
		};
	}
	bed->plan.circuits[KIND] = (struct pk_circuit){ bed->judged, cnt };
}

static void test_fleet_of_scoped_rules(void **state)
{
	struct bed bed;

	if (!have_bpf())
		skip();
	start(&bed);
	scoped_fleet(&bed, 3 * PK_MAX_CONTAINER_BITS);
	load_all(&bed, (struct pk_emit_env){ 0 });
	assert_true(bed.code.cnt > 1); /* in several chunks */
	for (int i = 0; i < 200; i++) {
		struct pk_judge judge;

		/* few facts hold in a container, some are not known */
		random_judge(&bed, &judge);
		memset(&judge.t[PK_WORD_CONTAINER], 0, PK_WORDS_CONTAINER * 8);
		memset(&judge.c[PK_WORD_CONTAINER], 0, PK_WORDS_CONTAINER * 8);
		for (uint32_t k = upto(&bed, 4); k; k--) {
			uint32_t bit = upto(&bed, PK_MAX_CONTAINER_BITS);

			judge.c[PK_WORD_CONTAINER + bit / 64] |= 1ull << bit % 64;
			if (upto(&bed, 2))
				judge.t[PK_WORD_CONTAINER + bit / 64] |= 1ull << bit % 64;
		}
		check(&bed, &judge, false);
	}
	end(&bed);
}

/* More rules of one class than a chunk takes, between others. */
static void test_group_larger_than_a_chunk(void **state)
{
	static struct pk_range same = { 51, 51 };
	const uint32_t cnt = 3000;
	struct pk_judge judge;
	struct bed bed;

	if (!have_bpf())
		skip();
	start(&bed);
	fleet(&bed, cnt);
	for (uint32_t i = 50; i < 2600; i++)
		((struct pk_lit *)bed.judged[i].key)->slot = PK_SLOT_NAME;
	for (uint32_t i = 50; i < 2600; i++)
		((struct pk_lit *)bed.judged[i].key)->slot2 = PK_SLOT_CNT;
	for (uint32_t i = 50; i < 2600; i++)
		((struct pk_lit *)bed.judged[i].key)->ranges = &same;
	load_all(&bed, (struct pk_emit_env){ 0 });
	assert_in_range(bed.code.cnt, 4, PK_CHUNKS);
	for (uint32_t cls = 1; cls <= cnt; cls += cls > 2500 || cls < 100 ? 1 : 100) {
		uint32_t expected = 0;

		judge_of(&judge, cls, PK_CLS_MISSING, PK_CLS_MISSING);
		for (uint32_t i = 0; i < cnt; i++)
			expected += pk_gate_eval(bed.judged[i].gate, &judge) == PK_TRUE;
		assert_int_equal(run(&bed, &judge), expected ? FINISHED : 0);
		assert_int_equal(judge.match_cnt, expected);
	}
	judge_of(&judge, PK_CLS_UNKNOWN, PK_CLS_MISSING, PK_CLS_MISSING);
	{
		uint32_t expected = 0;

		for (uint32_t i = 0; i < cnt; i++)
			expected += pk_gate_eval(bed.judged[i].gate, &judge) != PK_FALSE;
		assert_int_equal(run(&bed, &judge), FINISHED);
		assert_int_equal(judge.match_cnt, expected);
	}
	end(&bed);
}

/* Each level uses the one before twice: written out it would be a million literals. */
static void test_nested_parts_stay_small(void **state)
{
	struct bed bed;

	if (!have_bpf())
		skip();
	start(&bed);
	for (int round = 0; round < 20; round++) {
		const struct pk_gate *gate = NULL;

		random_rules(&bed, 3);
		for (int level = 0; level < 20; level++) {
			const struct pk_gate *lits[2];

			for (int i = 0; i < 2; i++)
				lits[i] = pk_gates_lit(&bed.gates, &bed.lits[upto(&bed, LITS)],
						       upto(&bed, 2));
			if (!gate)
				gate = lits[0];
			gate = pk_gates_op2(&bed.gates, PK_GATE_OR,
					    pk_gates_op2(&bed.gates, PK_GATE_AND, gate, lits[0]),
					    pk_gates_op2(&bed.gates, PK_GATE_AND, lits[1],
							 level < 8 ?
								 pk_gates_not(&bed.gates, gate) :
								 gate));
		}
		bed.judged[1].gate = gate;
		bed.judged[1].key = NULL;
		load_all(&bed, (struct pk_emit_env){ .must_only = round % 4 == 3 });
		assert_int_equal(bed.code.cnt, 1);
		for (int i = 0; i < 50; i++) {
			struct pk_judge judge;

			random_judge(&bed, &judge);
			check(&bed, &judge, round % 4 == 3);
		}
		unload(&bed);
	}
	end(&bed);
}

/* Far more rules without key than one chunk takes. */
static void test_many_plain_rules(void **state)
{
	struct pk_judge judge;
	struct bed bed;

	if (!have_bpf())
		skip();
	start(&bed);
	fleet(&bed, 3000);
	load_all(&bed, (struct pk_emit_env){ .keyless = true });
	assert_in_range(bed.code.cnt, 2, PK_CHUNKS);
	judge_of(&judge, 2997 + 1, PK_CLS_MISSING, PK_CLS_MISSING);
	assert_int_equal(run(&bed, &judge), FINISHED);
	assert_int_equal(judge.match_cnt, 1);
	assert_int_equal(judge.matches[0], 2997);
	end(&bed);
}

static void test_too_many_rules(void **state)
{
	const struct pk_emit_env env = { .progs_fd = -1 };
	struct bed bed;

	if (!have_bpf())
		skip();
	start(&bed);
	fleet(&bed, 40000);
	bed.plan.gate_cnt = bed.gates.cnt;
	assert_int_equal(pk_emit(&bed.plan, KIND, &env, &bed.code), -E2BIG);
	end(&bed);
}

/* Interest, and going on without a match. */
static void test_interest(void **state)
{
	const struct pk_emit_env env = { .progs_fd = -1, .always_finish = true };
	const struct pk_range range = { 7, 7 };
	const struct pk_lit lit = {
		.slot = PK_SLOT_NAME, .slot2 = PK_SLOT_CNT, .ranges = &range, .range_cnt = 1
	};
	struct pk_emit_env used = env;
	struct pk_judge judge;
	struct bed bed;

	if (!have_bpf())
		skip();
	start(&bed);
	bed.plan.interest[PK_EVENT_OPEN] = pk_gates_lit(&bed.gates, &lit, false);
	bed.plan.interest[PK_EVENT_BIND] = pk_gates_lit(&bed.gates, &lit, true);
	bed.plan.interest[PK_EVENT_USERNS] = pk_gates_lit(&bed.gates, &lit, false);
	bed.plan.interest[31] = pk_gates_lit(&bed.gates, &lit, true);
	bed.plan.interest[PK_KINDS - 1] = pk_gates_lit(&bed.gates, &lit, true);
	bed.plan.gate_cnt = bed.gates.cnt;
	used.scratch_fd = bed.scratch_fd;
	assert_int_equal(pk_emit(&bed.plan, PK_EVENT_EXEC, &used, &bed.code), 0);
	bed.prog_fds[0] = load_insns(bed.code.chunks[0].insns, bed.code.chunks[0].cnt);
	for (uint32_t cls = 6; cls < 8; cls++) {
		judge_of(&judge, cls, 0, 0);
		judge.interest = 1;
		assert_int_equal(run(&bed, &judge), FINISHED);
		assert_true(judge.interest ==
			    (1 | (cls == 7 ? 1ull << PK_EVENT_OPEN | 1ull << PK_EVENT_USERNS :
					     1ull << PK_EVENT_BIND | 1ull << 31 |
						     1ull << (PK_KINDS - 1))));
	}
	judge_of(&judge, PK_CLS_UNKNOWN, 0, 0);
	assert_int_equal(run(&bed, &judge), FINISHED);
	assert_true(judge.interest ==
		    (1ull << PK_EVENT_OPEN | 1ull << PK_EVENT_BIND | 1ull << PK_EVENT_USERNS |
		     1ull << 31 | 1ull << (PK_KINDS - 1)));
	end(&bed);
}

static void test_rule_cost(void **state)
{
	struct bed bed;

	if (!have_bpf())
		skip();
	start(&bed);
	fleet(&bed, 4);
	assert_in_range(pk_emit_rule_cost(&bed.plan, KIND, 2), 10, 60);
	assert_int_equal(pk_emit_rule_cost(&bed.plan, KIND, 4), 0);
	end(&bed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_circuits),
		cmocka_unit_test(test_random_circuits_keyless),
		cmocka_unit_test(test_random_circuits_must_only),
		cmocka_unit_test(test_fleet_of_keyed_rules),
		cmocka_unit_test(test_fleet_of_scoped_rules),
		cmocka_unit_test(test_group_larger_than_a_chunk),
		cmocka_unit_test(test_nested_parts_stay_small),
		cmocka_unit_test(test_many_plain_rules),
		cmocka_unit_test(test_too_many_rules),
		cmocka_unit_test(test_interest),
		cmocka_unit_test(test_rule_cost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
