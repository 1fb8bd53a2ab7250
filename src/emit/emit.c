/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole program: its beginning and end, interest, the rules without key in turn, those that go by a
 * fact of the container, then the rules with keys, slot by slot.
 */
#include "emit/emit.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "config.h"
#include "emit/program.h"

#define PLAIN_COST 300u  /* a rule that costs more is taken apart */
#define SPARE_INSNS 300u /* a chunk's end and ways out */

static_assert(PK_JUDGE_OFF(memo) + sizeof(uint64_t) * PK_MEMO_WORDS < INT16_MAX, "offsets");

static void find_scratch(const struct pk_program *program, struct pk_coder *coder)
{
	uint32_t found = pk_coder_label(coder);
	uint32_t none = pk_coder_label(coder);

	pk_coder_alu_reg(coder, BPF_MOV, BPF_REG_6, BPF_REG_1);
	pk_coder_call(coder, BPF_FUNC_get_current_pid_tgid);
	pk_coder_alu_reg(coder, BPF_MOV, BPF_REG_8, BPF_REG_0);
	pk_coder_alu32(coder, BPF_ADD, BPF_REG_8, 1);
	pk_coder_call(coder, BPF_FUNC_get_smp_processor_id);
	pk_coder_alu_reg(coder, BPF_MOV, BPF_REG_9, BPF_REG_0);
	pk_coder_alu32(coder, BPF_MUL, BPF_REG_9, PK_SCRATCH_SLOTS);
	for (int i = 0; i < PK_SCRATCH_SLOTS; i++) {
		if (i)
			pk_coder_alu32(coder, BPF_ADD, BPF_REG_9, 1);
		pk_coder_add(coder, (struct bpf_insn){ .code = BPF_STX | BPF_W | BPF_MEM,
						       .dst_reg = BPF_REG_10,
						       .src_reg = BPF_REG_9,
						       .off = -4 });
		pk_coder_imm64(coder, BPF_REG_1, BPF_PSEUDO_MAP_FD,
			       (uint32_t)program->env->scratch_fd);
		pk_coder_alu_reg(coder, BPF_MOV, BPF_REG_2, BPF_REG_10);
		pk_coder_alu(coder, BPF_ADD, BPF_REG_2, -4);
		pk_coder_call(coder, BPF_FUNC_map_lookup_elem);
		pk_coder_if(coder, BPF_JEQ, BPF_REG_0, 0, true, none);
		pk_coder_load(coder, BPF_W, BPF_REG_1, BPF_REG_0, PK_SCRATCH_BUSY_OFF);
		pk_coder_if_reg(coder, BPF_JEQ, BPF_REG_1, BPF_REG_8, found);
	}
	pk_coder_bind(coder, none, false);
	pk_coder_alu(coder, BPF_MOV, BPF_REG_0, (int32_t)program->env->pass);
	pk_coder_exit(coder);
	pk_coder_bind(coder, found, false);
	pk_coder_alu_reg(coder, BPF_MOV, BPF_REG_7, BPF_REG_0);
}

bool pk_program_open(struct pk_program *program)
{
	struct pk_program_chunk *chunk;

	if (program->cnt == PK_CHUNKS) {
		program->err = -E2BIG;
		return false;
	}
	chunk = &program->chunks[program->cnt++];
	chunk->finish = pk_coder_label(&chunk->coder);
	chunk->give_up = pk_coder_label(&chunk->coder);
	chunk->match = pk_coder_label(&chunk->coder);
	find_scratch(program, &chunk->coder);
	return true;
}

static void tail_call(const struct pk_program *program, struct pk_coder *coder, uint32_t slot)
{
	pk_coder_alu_reg(coder, BPF_MOV, BPF_REG_1, BPF_REG_6);
	pk_coder_imm64(coder, BPF_REG_2, BPF_PSEUDO_MAP_FD, (uint32_t)program->env->progs_fd);
	pk_coder_alu(coder, BPF_MOV, BPF_REG_3, (int32_t)slot);
	pk_coder_call(coder, BPF_FUNC_tail_call);
}

void pk_program_tail(const struct pk_program *program, struct pk_program_chunk *chunk, size_t idx)
{
	tail_call(program, &chunk->coder, program->env->first_slot + (uint32_t)idx);
	pk_coder_goto(&chunk->coder, chunk->give_up);
}

/*
 * A function, since every rule ends with it. r1: the scratch slot, r2: what to write into matches[],
 * r3: actions.
 */
static void write_match(struct pk_coder *coder, uint32_t label)
{
	uint32_t full = pk_coder_label(coder);

	pk_coder_bind(coder, label, false);
	pk_coder_load(coder, BPF_W, BPF_REG_5, BPF_REG_1, PK_JUDGE_OFF(match_cnt));
	pk_coder_if(coder, BPF_JGE, BPF_REG_5, PK_MAX_MATCHES, true, full);
	pk_coder_alu_reg(coder, BPF_MOV, BPF_REG_4, BPF_REG_5);
	pk_coder_alu(coder, BPF_LSH, BPF_REG_4, 2);
	pk_coder_alu_reg(coder, BPF_ADD, BPF_REG_4, BPF_REG_1);
	pk_coder_store(coder, BPF_W, BPF_REG_4, PK_JUDGE_OFF(matches), BPF_REG_2);
	pk_coder_bind(coder, full, false);
	pk_coder_alu(coder, BPF_ADD, BPF_REG_5, 1);
	pk_coder_store(coder, BPF_W, BPF_REG_1, PK_JUDGE_OFF(match_cnt), BPF_REG_5);
	pk_coder_load(coder, BPF_W, BPF_REG_5, BPF_REG_1, PK_JUDGE_OFF(actions));
	pk_coder_alu_reg(coder, BPF_OR, BPF_REG_5, BPF_REG_3);
	pk_coder_store(coder, BPF_W, BPF_REG_1, PK_JUDGE_OFF(actions), BPF_REG_5);
	pk_coder_alu(coder, BPF_MOV, BPF_REG_0, 0);
	pk_coder_exit(coder);
}

static void end_chunk(const struct pk_program *program, struct pk_program_chunk *chunk)
{
	const struct pk_emit_env *env = program->env;
	struct pk_coder *coder = &chunk->coder;

	pk_coder_bind(coder, chunk->finish, false);
	if (!env->always_finish) {
		pk_coder_load(coder, BPF_W, BPF_REG_1, BPF_REG_7, PK_JUDGE_OFF(actions));
		pk_coder_if(coder, BPF_JEQ, BPF_REG_1, 0, false, chunk->give_up);
	}
	if (env->progs_fd < 0) {
		pk_coder_alu(coder, BPF_MOV, BPF_REG_0, 2);
		pk_coder_exit(coder);
	} else {
		tail_call(program, coder, env->finish_slot);
	}
	pk_coder_bind(coder, chunk->give_up, false);
	pk_coder_store_imm(coder, BPF_W, BPF_REG_7, PK_SCRATCH_BUSY_OFF, 0);
	pk_coder_alu(coder, BPF_MOV, BPF_REG_0, (int32_t)env->pass);
	pk_coder_exit(coder);
	write_match(coder, chunk->match);
}

static uint32_t wants(const struct pk_judged *judged)
{
	if (judged->action == PK_RULES_ACTION_DENY)
		return PK_WANT_REPORT | PK_WANT_DENY;
	return judged->action == PK_RULES_ACTION_KILL ? PK_WANT_REPORT | PK_WANT_KILL :
							PK_WANT_REPORT;
}

/*
 * The first question of a rule; `yes` stands right behind it. verifier: it follows the way of
 * jumps not taken first, and keeps a state for each conditional jump on it. So the first part of
 * an AND jumps when it holds, and what comes after it is not on that way.
 */
static void first_question(struct pk_program_chunk *chunk, struct pk_memos *memos,
			   const struct pk_gate *gate, bool must, uint32_t yes, uint32_t no)
{
	size_t before = chunk->coder.jump_cnt;

	if (gate->kind == PK_GATE_AND) {
		uint32_t more = pk_coder_label(&chunk->coder);

		pk_logic_gate(&chunk->coder, memos, gate->children[0], must, more, no,
			      PK_LABEL_NONE);
		chunk->path_cnt += chunk->coder.jump_cnt - before;
		pk_coder_bind(&chunk->coder, more, false);
		for (uint32_t i = 1; i + 1 < gate->child_cnt; i++) {
			more = pk_coder_label(&chunk->coder);
			pk_logic_gate(&chunk->coder, memos, gate->children[i], must, more, no,
				      more);
			pk_coder_bind(&chunk->coder, more, false);
		}
		pk_logic_gate(&chunk->coder, memos, gate->children[gate->child_cnt - 1], must, yes,
			      no, yes);
		return;
	}
	pk_logic_gate(&chunk->coder, memos, gate, must, yes, no, PK_LABEL_NONE);
	chunk->path_cnt += chunk->coder.jump_cnt - before;
}

void pk_program_rule(const struct pk_program *program, struct pk_program_chunk *chunk,
		     struct pk_memos *memos, const struct pk_judged *judged)
{
	struct pk_coder *coder = &chunk->coder;
	bool must_only = program->env->must_only || !judged->gate->can_be_unknown;
	uint32_t is = pk_coder_label(coder);
	uint32_t write = pk_coder_label(coder);
	uint32_t skip = pk_coder_label(coder);

	if (!must_only) {
		uint32_t can = pk_coder_label(coder);
		uint32_t want = judged->act_on_unknown ? wants(judged) : PK_WANT_REPORT;

		first_question(chunk, memos, judged->gate, false, can, skip);
		pk_coder_bind(coder, can, false);
		pk_coder_alu32(coder, BPF_MOV, BPF_REG_2,
			       (int32_t)(judged->rule_idx | PK_MATCH_UNKNOWN));
		pk_coder_alu32(coder, BPF_MOV, BPF_REG_3, (int32_t)want);
		pk_logic_gate(coder, memos, judged->gate, true, is, write, is);
	} else {
		first_question(chunk, memos, judged->gate, true, is, skip);
	}
	pk_coder_bind(coder, is, false);
	pk_coder_alu32(coder, BPF_MOV, BPF_REG_2, (int32_t)judged->rule_idx);
	pk_coder_alu32(coder, BPF_MOV, BPF_REG_3, (int32_t)wants(judged));
	pk_coder_bind(coder, write, false);
	pk_coder_alu_reg(coder, BPF_MOV, BPF_REG_1, BPF_REG_7);
	pk_coder_call_local(coder, chunk->match);
	pk_coder_bind(coder, skip, false);
}

bool pk_program_fits(const struct pk_program_chunk *chunk, size_t entry_cnt)
{
	return !chunk->coder.err &&
	       chunk->coder.cnt + entry_cnt * 3 + SPARE_INSNS <= PK_MAX_CHUNK_INSNS &&
	       chunk->path_cnt <= PK_MAX_CHUNK_JUMPS;
}

static void add_interest(struct pk_program *program)
{
	struct pk_program_chunk *chunk = pk_program_last(program);
	struct pk_coder *coder = &chunk->coder;
	size_t before = coder->jump_cnt;

	for (uint32_t kind = 0; kind < PK_KINDS; kind++) {
		const struct pk_gate *gate = program->plan->interest[kind];
		uint32_t yes;
		uint32_t no;

		if (!gate || gate->kind == PK_GATE_FALSE || gate->kind == PK_GATE_TRUE)
			continue; /* TRUE stands in the table */
		yes = pk_coder_label(coder);
		no = pk_coder_label(coder);
		pk_logic_gate(coder, &program->memos, gate, false, yes, no, yes);
		pk_coder_bind(coder, yes, false);
		pk_coder_load(coder, BPF_DW, BPF_REG_1, BPF_REG_7, PK_JUDGE_OFF(interest));
		/* an immediate operand has 32 bits, and its sign is extended */
		pk_coder_imm64(coder, BPF_REG_2, 0, 1ull << kind);
		pk_coder_alu_reg(coder, BPF_OR, BPF_REG_1, BPF_REG_2);
		pk_coder_store(coder, BPF_DW, BPF_REG_7, PK_JUDGE_OFF(interest), BPF_REG_1);
		pk_coder_bind(coder, no, false);
		if (!pk_program_fits(chunk, 0)) {
			program->err = coder->err ? coder->err : -E2BIG;
			return;
		}
	}
	chunk->path_cnt += coder->jump_cnt - before;
}

/* A rule, or the answer to a question about a part of several. */
struct plain {
	const struct pk_judged *judged;
	const struct pk_gate *part; /* NULL: the rule */
	bool must;
};

static void write_plain(struct pk_program *program, const struct plain *plain)
{
	struct pk_program_chunk *chunk = pk_program_last(program);
	size_t before = chunk->coder.jump_cnt;

	if (!plain->part) {
		pk_program_rule(program, chunk, &program->memos, plain->judged);
		return;
	}
	pk_logic_prepare(&chunk->coder, &program->memos, plain->part, plain->must);
	chunk->path_cnt += chunk->coder.jump_cnt - before;
}

static void add_plain_one(struct pk_program *program, const struct plain *plain)
{
	for (int fresh = 0; fresh < 2 && !program->err; fresh++) {
		struct pk_program_chunk *chunk = pk_program_last(program);
		struct pk_coder_mark mark = pk_coder_mark(&chunk->coder);
		size_t path_cnt = chunk->path_cnt;

		write_plain(program, plain);
		if (pk_program_fits(chunk, 0))
			return;
		if (chunk->coder.err || fresh) {
			program->err = chunk->coder.err ? chunk->coder.err : -E2BIG;
			return;
		}
		if (plain->part)
			program->memos.ready[plain->part->id][plain->must] = false;
		pk_coder_rewind(&chunk->coder, mark);
		chunk->path_cnt = path_cnt;
		pk_program_tail(program, chunk, program->cnt);
		pk_program_open(program);
	}
}

/* What of a large circuit is used several times is computed first, from below: written out at
 * each use, nested macros would double with each level. */
static void prepare_parts(struct pk_program *program, const struct pk_gate *gate)
{
	if (gate->cost < PK_MEMO_COST || program->prepared[gate->id] || program->err)
		return;
	program->prepared[gate->id] = true;
	for (uint32_t i = 0; i < gate->child_cnt; i++)
		prepare_parts(program, gate->children[i]);
	if (program->memos.refs[gate->id] < 2)
		return;
	for (int must = 0; must < 2; must++) {
		if (must || !program->env->must_only)
			add_plain_one(program, &(struct plain){ .part = gate, .must = must != 0 });
	}
}

static void add_plain_rule(struct pk_program *program, const struct pk_judged *judged)
{
	if (judged->gate->cost > PLAIN_COST)
		prepare_parts(program, judged->gate);
	add_plain_one(program, &(struct plain){ .judged = judged });
}

static bool wanted(const struct pk_program *program, const struct pk_judged *judged)
{
	if (judged->gate->kind == PK_GATE_FALSE)
		return false;
	return !program->env->must_only || judged->action != PK_RULES_ACTION_ALERT;
}

static bool keyed(const struct pk_program *program, const struct pk_judged *judged,
		  uint32_t max_classes)
{
	return judged->key && !program->env->keyless && judged->gate->cost <= PLAIN_COST &&
	       pk_lit_class_cnt(judged->key) <= max_classes;
}

static bool is_scoped(const struct pk_program *program, const struct pk_judged *judged)
{
	return judged->scope && !program->env->keyless && judged->gate->cost <= PLAIN_COST;
}

/* It is looked at whatever the event's classes and the container are. */
static bool is_plain(const struct pk_program *program, const struct pk_judged *judged,
		     uint32_t max_classes)
{
	return wanted(program, judged) && !keyed(program, judged, max_classes) &&
	       !is_scoped(program, judged);
}

static void add_plain(struct pk_program *program, uint32_t max_classes)
{
	const struct pk_circuit *circuit = program->circuit;

	for (size_t i = 0; i < circuit->cnt; i++) {
		const struct pk_judged *judged = &circuit->judged[i];

		if (is_plain(program, judged, max_classes))
			pk_memos_count(&program->memos, judged->gate);
	}
	for (uint32_t i = 0; i < PK_MEMO_WORDS; i++)
		pk_coder_store_imm(&pk_program_last(program)->coder, BPF_DW, BPF_REG_7,
				   PK_JUDGE_OFF(memo) + i * sizeof(uint64_t), 0);
	if (program->kind == PK_EVENT_EXEC || program->kind == PK_EVENT_FORK) {
		for (uint32_t kind = 0; kind < PK_KINDS; kind++) {
			if (program->plan->interest[kind])
				pk_memos_count(&program->memos, program->plan->interest[kind]);
		}
		if (!program->env->must_only)
			add_interest(program);
	}
	for (size_t i = 0; i < circuit->cnt && !program->err; i++) {
		const struct pk_judged *judged = &circuit->judged[i];

		if (is_plain(program, judged, max_classes))
			add_plain_rule(program, judged);
	}
}

static void add_scoped(struct pk_program *program)
{
	const struct pk_circuit *circuit = program->circuit;
	pk_cleanup(pk_free_p) uint32_t *items = calloc(circuit->cnt + 1, sizeof(*items));
	size_t cnt = 0;

	if (!items) {
		program->err = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < circuit->cnt; i++) {
		if (wanted(program, &circuit->judged[i]) && is_scoped(program, &circuit->judged[i]))
			items[cnt++] = (uint32_t)i;
	}
	pk_program_scopes(program, items, cnt);
}

static void add_keyed(struct pk_program *program, uint32_t max_classes)
{
	const struct pk_circuit *circuit = program->circuit;
	pk_cleanup(pk_free_p) uint32_t *items = calloc(circuit->cnt + 1, sizeof(*items));
	uint32_t slots[PK_SLOT_CNT] = { 0 };
	uint32_t last = 0;
	size_t cnt = 0;

	if (!items) {
		program->err = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < circuit->cnt; i++) {
		const struct pk_judged *judged = &circuit->judged[i];

		if (!wanted(program, judged) || !keyed(program, judged, max_classes))
			continue;
		items[cnt++] = (uint32_t)i;
		slots[judged->key->slot]++;
		if (judged->key->slot2 < PK_SLOT_CNT)
			slots[judged->key->slot2]++;
	}
	for (uint32_t slot = 0; slot < PK_SLOT_CNT; slot++)
		last = slots[slot] ? slot : last;
	for (uint16_t slot = 0; slot < PK_SLOT_CNT && !program->err; slot++) {
		struct pk_groups groups = { 0 };

		if (!slots[slot])
			continue;
		program->err = pk_groups_make(circuit, items, cnt, slot, &groups);
		if (!program->err)
			pk_program_slot(program, &groups, slot, slot == last);
		pk_groups_fini(&groups);
	}
}

static void finish(struct pk_program *program, struct pk_code *ret_code)
{
	for (size_t i = 0; i < program->cnt && !program->err; i++) {
		struct pk_program_chunk *chunk = &program->chunks[i];

		end_chunk(program, chunk);
		program->err = pk_coder_finish(&chunk->coder, &ret_code->chunks[i].insns,
					       &ret_code->chunks[i].cnt);
		ret_code->cnt = i + 1;
	}
}

static int try_emit(const struct pk_plan *plan, uint32_t kind, const struct pk_emit_env *env,
		    uint32_t max_classes, struct pk_code *ret_code)
{
	struct pk_program *program = calloc(1, sizeof(*program));
	struct pk_code code = { 0 };
	int err;

	if (!program)
		return -ENOMEM;
	program->plan = plan;
	program->circuit = &plan->circuits[kind];
	program->env = env;
	program->kind = kind;
	program->done = calloc(program->circuit->cnt + 1, sizeof(*program->done));
	program->prepared = calloc(plan->gate_cnt + 1, sizeof(*program->prepared));
	program->err = program->done && program->prepared ?
			       pk_memos_init(&program->memos, plan->gate_cnt) :
			       -ENOMEM;
	if (!program->err && pk_program_open(program)) {
		add_plain(program, max_classes);
		if (!program->err)
			add_scoped(program);
		if (!program->err)
			add_keyed(program, max_classes);
		finish(program, &code);
	}
	err = program->err;
	for (size_t i = 0; i < PK_CHUNKS; i++)
		pk_coder_fini(&program->chunks[i].coder);
	pk_memos_fini(&program->memos);
	free(program->done);
	free(program->prepared);
	free(program);
	if (err)
		pk_code_fini(&code);
	else
		*ret_code = code;
	return err;
}

int pk_emit(const struct pk_plan *plan, uint32_t kind, const struct pk_emit_env *env,
	    struct pk_code *ret_code)
{
	int err = -E2BIG;

	/* a rule whose key has many classes may stand in as many groups */
	for (uint32_t max = PK_MAX_KEY_CLASSES; max && err == -E2BIG; max /= 4)
		err = try_emit(plan, kind, env, max, ret_code);
	return err;
}

void pk_code_fini(struct pk_code *code)
{
	for (size_t i = 0; i < PK_CHUNKS; i++)
		free(code->chunks[i].insns);
	*code = (struct pk_code){ 0 };
}

size_t pk_emit_rule_cost(const struct pk_plan *plan, uint32_t kind, uint32_t rule_idx)
{
	static const struct pk_emit_env env = { .progs_fd = -1 };
	struct pk_program program = { .plan = plan, .env = &env, .kind = kind };
	const struct pk_circuit *circuit = &plan->circuits[kind];
	struct pk_program_chunk *chunk = &program.chunks[0];
	size_t cost = 0;

	chunk->match = pk_coder_label(&chunk->coder);
	for (size_t i = 0; i < circuit->cnt; i++) {
		if (circuit->judged[i].rule_idx == rule_idx &&
		    circuit->judged[i].gate->kind != PK_GATE_FALSE)
			pk_program_rule(&program, chunk, NULL, &circuit->judged[i]);
	}
	if (chunk->coder.cnt) {
		chunk->coder.dead = true;
		write_match(&chunk->coder, chunk->match);
	}
	cost = chunk->coder.err ? 0 : chunk->coder.cnt;
	pk_coder_fini(&chunk->coder);
	return cost;
}
