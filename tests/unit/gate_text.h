/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A gate as text, to be held against what is expected:
 *
 *	c32{1,4-6}    class in slot 32 is one of these; c32/38{1}: in slot 38 too
 *	b18.3         bit 3 of word 18
 *	n0&7{5}       number 0, masked
 *	ne X          there is a value, and it is another one
 *	not X  (X & Y)  (X | Y)  yes  no  ?
 */
#ifndef PK_TESTS_GATE_TEXT_H
#define PK_TESTS_GATE_TEXT_H

#include <inttypes.h>

#include "plans.h"

static inline void __attribute__((format(printf, 2, 3)))
gate_put(struct pk_buf *buf, const char *format, ...)
{
	char text[128];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	assert_int_equal(pk_buf_add_str(buf, text), 0);
}

static inline void gate_put_ranges(struct pk_buf *buf, const struct pk_lit *lit)
{
	gate_put(buf, "{");
	for (size_t i = 0; i < lit->range_cnt; i++) {
		gate_put(buf, "%s%" PRIu64, i ? "," : "", lit->ranges[i].lo);
		if (lit->ranges[i].hi == UINT64_MAX)
			gate_put(buf, "-");
		else if (lit->ranges[i].hi != lit->ranges[i].lo)
			gate_put(buf, "-%" PRIu64, lit->ranges[i].hi);
	}
	gate_put(buf, "}");
}

static inline void gate_put_lit(struct pk_buf *buf, const struct pk_lit *lit)
{
	gate_put(buf, "%s", lit->ne ? "ne " : "");
	switch (lit->kind) {
	case PK_LIT_CLS:
		gate_put(buf, "c%u", lit->slot);
		if (lit->slot2 != PK_SLOT_CNT)
			gate_put(buf, "/%u", lit->slot2);
		gate_put_ranges(buf, lit);
		break;
	case PK_LIT_BIT:
		gate_put(buf, "b%u.%u", lit->word, lit->bit);
		break;
	case PK_LIT_NUM:
		gate_put(buf, "n%u", lit->num);
		if (lit->mask)
			gate_put(buf, "&%" PRIu64, lit->mask);
		gate_put_ranges(buf, lit);
		break;
	}
}

static inline void gate_put_gate(struct pk_buf *buf, const struct pk_gate *gate)
{
	static const char *const constants[] = { "no", "yes", "?" };

	switch (gate->kind) {
	case PK_GATE_FALSE:
	case PK_GATE_TRUE:
	case PK_GATE_UNKNOWN:
		gate_put(buf, "%s", constants[gate->kind]);
		return;
	case PK_GATE_NOT_LIT:
		gate_put(buf, "not ");
		__attribute__((fallthrough));
	case PK_GATE_LIT:
		gate_put_lit(buf, gate->lit);
		return;
	default:
		for (uint32_t i = 0; i < gate->child_cnt; i++) {
			gate_put(buf, "%s", !i ? "(" : gate->kind == PK_GATE_AND ? " & " : " | ");
			gate_put_gate(buf, gate->children[i]);
		}
		gate_put(buf, ")");
	}
}

static inline void assert_gate(const struct pk_gate *gate, const char *expected)
{
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;

	if (gate)
		gate_put_gate(&buf, gate);
	else
		gate_put(&buf, "none");
	assert_int_equal(pk_buf_add_char(&buf, '\0'), 0);
	if (strcmp(buf.data, expected))
		fail_msg("gate: %s\nexpected: %s", buf.data, expected);
}

/* What a condition becomes on one kind of event, alone in its rule set. "none": it is never true. */
static inline void assert_lowered_with(uint32_t kind, const char *condition, const char *more,
				       const char *expected)
{
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;

	gate_put(&text, "- rule: r\n  desc: d\n  output: o\n  priority: INFO\n  condition: ");
	assert_int_equal(pk_buf_add_str(&text, condition), 0);
	gate_put(&text, "\n%s", more);
	assert_int_equal(pk_buf_add_char(&text, '\0'), 0);
	{
		planned_cleanup struct planned planned =
			plan_with(text.data, (struct pk_plan_options){ .backend = PK_BACKEND_LSM,
								       .generation = 1,
								       .i_know = true });
		const struct pk_judged *judged;

		if (planned.err)
			fail_msg("%s: %s", condition, planned.said.data);
		judged = judged_of(&planned, kind, 0);
		assert_gate(judged ? judged->gate : NULL, expected);
	}
}

static inline void assert_lowered(uint32_t kind, const char *condition, const char *expected)
{
	assert_lowered_with(kind, condition, "", expected);
}

/* The first reason why something is left to user space. */
static inline void assert_left(const char *condition, const char *why)
{
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;

	gate_put(&text, "- rule: r\n  desc: d\n  output: o\n  priority: INFO\n  condition: ");
	assert_int_equal(pk_buf_add_str(&text, condition), 0);
	assert_int_equal(pk_buf_add_char(&text, '\0'), 0);
	{
		planned_cleanup struct planned planned = plan_text(text.data);
		const struct pk_plan_note *notes = planned.plan->plan_rules[0].notes;

		if (!notes)
			fail_msg("%s: nothing is left", condition);
		assert_string_equal(notes->text, why);
	}
}

#endif
