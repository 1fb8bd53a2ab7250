/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Instructions being put together, with labels instead of distances. What nothing leads to is not
 * written: the verifier refuses instructions that cannot be reached.
 * Errors stick in `err` and come out of pk_coder_finish().
 */
#ifndef PK_EMIT_CODE_H
#define PK_EMIT_CODE_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PK_LABEL_NONE UINT32_MAX

struct pk_coder_label {
	uint32_t at; /* PK_LABEL_NONE: not bound yet */
	uint32_t refs;
};

struct pk_coder_fixup {
	uint32_t at; /* the jump or call */
	uint32_t label;
};

struct pk_coder {
	struct bpf_insn *insns;
	size_t cnt, cap;
	struct pk_coder_label *labels;
	size_t label_cnt, label_cap;
	struct pk_coder_fixup *fixups;
	size_t fixup_cnt, fixup_cap;
	size_t jump_cnt; /* conditional ones */
	bool dead;       /* what comes next cannot be reached */
	int err;
};

/* A place to come back to: what was added since is taken away. Labels made since are gone; none
 * that is older may have been bound since. */
struct pk_coder_mark {
	size_t cnt, label_cnt, fixup_cnt, jump_cnt;
	bool dead;
};

void pk_coder_fini(struct pk_coder *coder);

void pk_coder_add(struct pk_coder *coder, struct bpf_insn insn);
uint32_t pk_coder_label(struct pk_coder *coder);

/* The label stands for what comes next. `later`: jumps to it come only later in the code. */
void pk_coder_bind(struct pk_coder *coder, uint32_t label, bool later);

void pk_coder_goto(struct pk_coder *coder, uint32_t label);

/* if (dst OP imm) goto label. `wide`: 64 bits are compared; imm may then be any value, r1 is used
 * for large ones. Else the lower 32 bits. */
void pk_coder_if(struct pk_coder *coder, uint8_t op, uint8_t dst, uint64_t imm, bool wide,
		 uint32_t label);
/* if (dst OP src) goto label; 32 bits. */
void pk_coder_if_reg(struct pk_coder *coder, uint8_t op, uint8_t dst, uint8_t src, uint32_t label);

void pk_coder_imm64(struct pk_coder *coder, uint8_t dst, uint8_t src, uint64_t imm);
/* dst = *(size *)(src + off); *(size *)(dst + off) = src */
void pk_coder_load(struct pk_coder *coder, uint8_t size, uint8_t dst, uint8_t src, size_t off);
void pk_coder_store(struct pk_coder *coder, uint8_t size, uint8_t dst, size_t off, uint8_t src);
void pk_coder_store_imm(struct pk_coder *coder, uint8_t size, uint8_t dst, size_t off, int32_t imm);
void pk_coder_alu(struct pk_coder *coder, uint8_t op, uint8_t dst, int32_t imm);     /* 64 bits */
void pk_coder_alu32(struct pk_coder *coder, uint8_t op, uint8_t dst, int32_t imm);   /* 32 bits */
void pk_coder_alu_reg(struct pk_coder *coder, uint8_t op, uint8_t dst, uint8_t src); /* 64 bits */
void pk_coder_call(struct pk_coder *coder, int32_t helper);
/* Calls what begins at the label, a function of the program: behind all other code, up to its exit, entered
 * and left by nothing else. r1 to r5 are its arguments. */
void pk_coder_call_local(struct pk_coder *coder, uint32_t label);
void pk_coder_exit(struct pk_coder *coder);

struct pk_coder_mark pk_coder_mark(const struct pk_coder *coder);
void pk_coder_rewind(struct pk_coder *coder, struct pk_coder_mark mark);

/* Sets the distances and hands the instructions over. -ENOMEM; -E2BIG: a jump is too far. */
int pk_coder_finish(struct pk_coder *coder, struct bpf_insn **ret_insns, size_t *ret_cnt);

#endif
