/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs emitted instructions without a kernel: those that src/emit writes, and the helpers that they call.
 * Memory is the program's stack and one scratch slot. What the verifier would refuse fails the test.
 */
#ifndef PK_TESTS_BPF_MACHINE_H
#define PK_TESTS_BPF_MACHINE_H

#include "emit/emit.h"
#include "test.h"

#include <string.h>

struct machine_slot {
	__u32 busy;
	__u32 pad[3];
	struct pk_judge judge;
};

struct machine {
	const struct pk_code *code; /* NULL: no tail calls */
	uint32_t first_slot, finish_slot;
	struct machine_slot slot;
	uint64_t r[11];
	char stack[16];
	bool finished;
	size_t steps, chunks;
};

#define MACHINE_TASK 41u
#define MACHINE_STEPS 2000000u

static inline void *machine_memory(struct machine *m, uint64_t at, size_t bytes)
{
	uint64_t slot = (uint64_t)&m->slot;
	uint64_t stack = (uint64_t)m->stack;
	bool in_slot = at >= slot && at + bytes <= slot + sizeof(m->slot);

	if (!in_slot && (at < stack || at + bytes > stack + sizeof(m->stack)))
		fail_msg("outside of memory");
	return (void *)at;
}

static inline size_t machine_bytes(const struct bpf_insn *insn)
{
	switch (BPF_SIZE(insn->code)) {
	case BPF_B:
		return 1;
	case BPF_W:
		return 4;
	default:
		assert_int_equal(BPF_SIZE(insn->code), BPF_DW);
		return 8;
	}
}

static inline void machine_move(struct machine *m, const struct bpf_insn *insn)
{
	size_t bytes = machine_bytes(insn);
	uint64_t value = 0;

	switch (BPF_CLASS(insn->code)) {
	case BPF_LDX:
		memcpy(&value, machine_memory(m, m->r[insn->src_reg] + (uint64_t)insn->off, bytes),
		       bytes);
		m->r[insn->dst_reg] = value;
		return;
	case BPF_ST:
		value = (uint64_t)(int64_t)insn->imm;
		break;
	default:
		value = m->r[insn->src_reg];
	}
	memcpy(machine_memory(m, m->r[insn->dst_reg] + (uint64_t)insn->off, bytes), &value, bytes);
}

static inline void machine_alu(struct machine *m, const struct bpf_insn *insn)
{
	uint64_t with = BPF_SRC(insn->code) == BPF_X ? m->r[insn->src_reg] :
						       (uint64_t)(int64_t)insn->imm;
	uint64_t *to = &m->r[insn->dst_reg];

	switch (BPF_OP(insn->code)) {
	case BPF_MOV:
		*to = with;
		break;
	case BPF_ADD:
		*to += with;
		break;
	case BPF_MUL:
		*to *= with;
		break;
	case BPF_AND:
		*to &= with;
		break;
	case BPF_OR:
		*to |= with;
		break;
	case BPF_LSH:
		*to <<= with & 63;
		break;
	default:
		fail_msg("operation %#x", insn->code);
	}
	if (BPF_CLASS(insn->code) == BPF_ALU)
		*to = (uint32_t)*to;
}

static inline bool machine_holds(const struct machine *m, const struct bpf_insn *insn)
{
	uint64_t a = m->r[insn->dst_reg];
	uint64_t b = BPF_SRC(insn->code) == BPF_X ? m->r[insn->src_reg] :
						    (uint64_t)(int64_t)insn->imm;

	if (BPF_CLASS(insn->code) == BPF_JMP32) {
		a = (uint32_t)a;
		b = (uint32_t)b;
	}
	switch (BPF_OP(insn->code)) {
	case BPF_JA:
		return true;
	case BPF_JEQ:
		return a == b;
	case BPF_JNE:
		return a != b;
	case BPF_JGT:
		return a > b;
	case BPF_JGE:
		return a >= b;
	case BPF_JLT:
		return a < b;
	case BPF_JLE:
		return a <= b;
	case BPF_JSET:
		return a & b;
	}
	fail_msg("jump %#x", insn->code);
	return false;
}

/* A tail call that goes somewhere: the chunk's index + 1, or SIZE_MAX: the second half. 0: none. */
static inline size_t machine_call(struct machine *m, int32_t helper)
{
	uint64_t slot = m->r[3];

	m->r[0] = 0;
	switch (helper) {
	case BPF_FUNC_get_current_pid_tgid:
		m->r[0] = (uint64_t)MACHINE_TASK << 32 | MACHINE_TASK;
		return 0;
	case BPF_FUNC_get_smp_processor_id:
		return 0;
	case BPF_FUNC_map_lookup_elem:
		m->r[0] = (uint64_t)&m->slot;
		return 0;
	case BPF_FUNC_tail_call:
		if (m->code && slot == m->finish_slot)
			return SIZE_MAX;
		if (m->code && slot >= m->first_slot && slot < m->first_slot + m->code->cnt)
			return slot - m->first_slot + 1;
		fail_msg("tail call to nowhere: %llu", (unsigned long long)slot);
	}
	fail_msg("helper %d", helper);
	return 0;
}

/* Runs `insns` from where the registers are; r0 at the end. */
static inline uint64_t machine_run(struct machine *m, const struct bpf_insn *insns, size_t cnt)
{
	size_t chunk;

	m->r[10] = (uint64_t)m->stack + sizeof(m->stack);
	for (size_t at = 0; at < cnt; at++) {
		const struct bpf_insn *insn = &insns[at];

		assert_true(++m->steps < MACHINE_STEPS);
		switch (BPF_CLASS(insn->code)) {
		case BPF_LD: /* 64 bits at once, in two */
			m->r[insn->dst_reg] = (uint32_t)insn->imm |
					      (uint64_t)(uint32_t)insns[++at].imm << 32;
			break;
		case BPF_LDX:
		case BPF_ST:
		case BPF_STX:
			machine_move(m, insn);
			break;
		case BPF_ALU:
		case BPF_ALU64:
			machine_alu(m, insn);
			break;
		default:
			if (BPF_OP(insn->code) == BPF_EXIT)
				return m->r[0];
			if (BPF_OP(insn->code) != BPF_CALL) {
				at += machine_holds(m, insn) ? (size_t)insn->off : 0;
				break;
			}
			chunk = machine_call(m, insn->imm);
			if (chunk == SIZE_MAX) {
				m->finished = true;
				return 0;
			}
			if (chunk) {
				m->chunks++;
				insns = m->code->chunks[chunk - 1].insns;
				cnt = m->code->chunks[chunk - 1].cnt;
				at = SIZE_MAX; /* 0 next */
			}
		}
	}
	fail_msg("ran past its end");
	return 0;
}

/* Judges by a whole program. True: the second half was called. */
static inline bool machine_judge(struct machine *m, const struct pk_code *code,
				 const struct pk_emit_env *env, struct pk_judge *judge)
{
	*m = (struct machine){ .code = code,
			       .first_slot = env->first_slot,
			       .finish_slot = env->finish_slot };
	m->slot.busy = MACHINE_TASK + 1;
	m->slot.judge = *judge;
	machine_run(m, code->chunks[0].insns, code->chunks[0].cnt);
	*judge = m->slot.judge;
	return m->finished;
}

#endif
