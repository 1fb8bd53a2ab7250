/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every jump is written with distance 0 and noted; distances are set when all labels stand.
 */
#include "emit/code.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"

void pk_coder_fini(struct pk_coder *coder)
{
	free(coder->insns);
	free(coder->labels);
	free(coder->fixups);
	*coder = (struct pk_coder){ 0 };
}

/* Room for one more of something. False: none, and err is set. */
static bool room(struct pk_coder *coder, void *items_p, size_t size, size_t cnt, size_t *cap)
{
	void **items = items_p;
	size_t bigger_cap = *cap ? *cap * 2 : 256;
	void *bigger;

	if (coder->err)
		return false;
	if (cnt < *cap)
		return true;
	bigger = reallocarray(*items, bigger_cap, size);
	if (!bigger) {
		coder->err = -ENOMEM;
		return false;
	}
	*items = bigger;
	*cap = bigger_cap;
	return true;
}

void pk_coder_add(struct pk_coder *coder, struct bpf_insn insn)
{
	if (coder->dead ||
	    !room(coder, &coder->insns, sizeof(*coder->insns), coder->cnt, &coder->cap))
		return;
	coder->insns[coder->cnt++] = insn;
}

uint32_t pk_coder_label(struct pk_coder *coder)
{
	if (!room(coder, &coder->labels, sizeof(*coder->labels), coder->label_cnt,
		  &coder->label_cap))
		return 0;
	coder->labels[coder->label_cnt] = (struct pk_coder_label){ .at = PK_LABEL_NONE };
	return (uint32_t)coder->label_cnt++;
}

void pk_coder_bind(struct pk_coder *coder, uint32_t label, bool later)
{
	if (coder->err)
		return;
	assert(coder->labels[label].at == PK_LABEL_NONE);
	coder->labels[label].at = (uint32_t)coder->cnt;
	if (coder->labels[label].refs || later)
		coder->dead = false;
}

static void jump(struct pk_coder *coder, struct bpf_insn insn, uint32_t label)
{
	if (coder->dead || !room(coder, &coder->fixups, sizeof(*coder->fixups), coder->fixup_cnt,
				 &coder->fixup_cap))
		return;
	coder->fixups[coder->fixup_cnt++] = (struct pk_coder_fixup){ .at = (uint32_t)coder->cnt,
								     .label = label };
	coder->labels[label].refs++;
	pk_coder_add(coder, insn);
}

void pk_coder_goto(struct pk_coder *coder, uint32_t label)
{
	jump(coder, (struct bpf_insn){ .code = BPF_JMP | BPF_JA }, label);
	coder->dead = true;
}

void pk_coder_if(struct pk_coder *coder, uint8_t op, uint8_t dst, uint64_t imm, bool wide,
		 uint32_t label)
{
	struct bpf_insn insn = { .dst_reg = dst };

	if (coder->dead)
		return;
	if (wide && imm > INT32_MAX) {
		pk_coder_imm64(coder, BPF_REG_1, 0, imm);
		insn.code = BPF_JMP | op | BPF_X;
		insn.src_reg = BPF_REG_1;
	} else {
		insn.code = (wide ? BPF_JMP : BPF_JMP32) | op | BPF_K;
		insn.imm = (int32_t)(uint32_t)imm;
	}
	coder->jump_cnt++;
	jump(coder, insn, label);
}

void pk_coder_if_reg(struct pk_coder *coder, uint8_t op, uint8_t dst, uint8_t src, uint32_t label)
{
	if (coder->dead)
		return;
	coder->jump_cnt++;
	jump(coder,
	     (struct bpf_insn){ .code = BPF_JMP32 | op | BPF_X, .dst_reg = dst, .src_reg = src },
	     label);
}

void pk_coder_imm64(struct pk_coder *coder, uint8_t dst, uint8_t src, uint64_t imm)
{
	pk_coder_add(coder, (struct bpf_insn){ .code = BPF_LD | BPF_DW, /* BPF_IMM: 0 */
					       .dst_reg = dst,
					       .src_reg = src,
					       .imm = (int32_t)(uint32_t)imm });
	pk_coder_add(coder, (struct bpf_insn){ .imm = (int32_t)(uint32_t)(imm >> 32) });
}

void pk_coder_load(struct pk_coder *coder, uint8_t size, uint8_t dst, uint8_t src, size_t off)
{
	pk_coder_add(coder, (struct bpf_insn){ .code = BPF_LDX | size | BPF_MEM,
					       .dst_reg = dst,
					       .src_reg = src,
					       .off = (int16_t)off });
}

void pk_coder_store(struct pk_coder *coder, uint8_t size, uint8_t dst, size_t off, uint8_t src)
{
	pk_coder_add(coder, (struct bpf_insn){ .code = BPF_STX | size | BPF_MEM,
					       .dst_reg = dst,
					       .src_reg = src,
					       .off = (int16_t)off });
}

void pk_coder_store_imm(struct pk_coder *coder, uint8_t size, uint8_t dst, size_t off, int32_t imm)
{
	pk_coder_add(coder, (struct bpf_insn){ .code = BPF_ST | size | BPF_MEM,
					       .dst_reg = dst,
					       .off = (int16_t)off,
					       .imm = imm });
}

void pk_coder_alu(struct pk_coder *coder, uint8_t op, uint8_t dst, int32_t imm)
{
	pk_coder_add(coder, (struct bpf_insn){
				    .code = BPF_ALU64 | op | BPF_K, .dst_reg = dst, .imm = imm });
}

void pk_coder_alu32(struct pk_coder *coder, uint8_t op, uint8_t dst, int32_t imm)
{
	pk_coder_add(coder,
		     (struct bpf_insn){ .code = BPF_ALU | op | BPF_K, .dst_reg = dst, .imm = imm });
}

void pk_coder_alu_reg(struct pk_coder *coder, uint8_t op, uint8_t dst, uint8_t src)
{
	pk_coder_add(coder, (struct bpf_insn){ .code = BPF_ALU64 | op | BPF_X,
					       .dst_reg = dst,
					       .src_reg = src });
}

void pk_coder_call(struct pk_coder *coder, int32_t helper)
{
	pk_coder_add(coder, (struct bpf_insn){ .code = BPF_JMP | BPF_CALL, .imm = helper });
}

void pk_coder_call_local(struct pk_coder *coder, uint32_t label)
{
	jump(coder, (struct bpf_insn){ .code = BPF_JMP | BPF_CALL, .src_reg = BPF_PSEUDO_CALL },
	     label);
}

void pk_coder_exit(struct pk_coder *coder)
{
	pk_coder_add(coder, (struct bpf_insn){ .code = BPF_JMP | BPF_EXIT });
	coder->dead = true;
}

struct pk_coder_mark pk_coder_mark(const struct pk_coder *coder)
{
	return (struct pk_coder_mark){ coder->cnt, coder->label_cnt, coder->fixup_cnt,
				       coder->jump_cnt, coder->dead };
}

void pk_coder_rewind(struct pk_coder *coder, struct pk_coder_mark mark)
{
	while (coder->fixup_cnt > mark.fixup_cnt)
		coder->labels[coder->fixups[--coder->fixup_cnt].label].refs--;
	coder->cnt = mark.cnt;
	coder->label_cnt = mark.label_cnt;
	coder->jump_cnt = mark.jump_cnt;
	coder->dead = mark.dead;
}

int pk_coder_finish(struct pk_coder *coder, struct bpf_insn **ret_insns, size_t *ret_cnt)
{
	if (coder->err)
		return coder->err;
	for (size_t i = 0; i < coder->fixup_cnt; i++) {
		const struct pk_coder_fixup *fixup = &coder->fixups[i];
		int64_t off = (int64_t)coder->labels[fixup->label].at - fixup->at - 1;

		assert(coder->labels[fixup->label].at != PK_LABEL_NONE);
		if (coder->insns[fixup->at].code == (BPF_JMP | BPF_CALL)) {
			coder->insns[fixup->at].imm = (int32_t)off;
			continue;
		}
		if (off < INT16_MIN || off > INT16_MAX)
			return -E2BIG;
		coder->insns[fixup->at].off = (int16_t)off;
	}
	*ret_insns = pk_take_ptr(coder->insns);
	*ret_cnt = coder->cnt;
	coder->cnt = coder->cap = 0;
	return 0;
}
