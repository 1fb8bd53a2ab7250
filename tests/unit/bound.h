/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tests of bound conditions share: a condition with values that the test gives.
 */
#ifndef PK_TESTS_BOUND_H
#define PK_TESTS_BOUND_H

#include "plan/eval.h"
#include "rules.h"

#define FACTS_MAX 16u

/* A field's value: "proc.name" or "proc.aname[2]". */
struct fact {
	const char *name;
	struct pk_value value;
};

static inline struct pk_value text_value(const char *text)
{
	return (struct pk_value){ .state = PK_VALUE_KNOWN,
				  .type = PK_FIELD_TEXT,
				  .text = { text, strlen(text) } };
}

static inline struct pk_value part_value(const char *text, bool cut_front)
{
	struct pk_value value = text_value(text);

	value.partial = true;
	value.cut_front = cut_front;
	return value;
}

/* Texts with commas between. */
static inline struct pk_value list_value(enum pk_field_type type, const char *texts)
{
	struct pk_value value = { .state = PK_VALUE_KNOWN, .type = type };

	while (*texts) {
		size_t len = strcspn(texts, ",");

		value.list[value.list_cnt++] = (struct pk_value_text){ texts, len };
		texts += len;
		texts += *texts == ',';
	}
	return value;
}

static inline struct pk_value int_value(int64_t i)
{
	return (struct pk_value){ .state = PK_VALUE_KNOWN, .type = PK_FIELD_INT, .num.i = i };
}

static inline struct pk_value uint_value(enum pk_field_type type, uint64_t u)
{
	return (struct pk_value){ .state = PK_VALUE_KNOWN, .type = type, .num.u = u };
}

static inline struct pk_value unknown_value(void)
{
	return (struct pk_value){ .state = PK_VALUE_UNKNOWN };
}

static inline struct pk_value range_value(int64_t min, int64_t max)
{
	return (struct pk_value){
		.state = PK_VALUE_UNKNOWN, .ranged = true, .min = min, .max = max
	};
}

struct facts {
	struct fact facts[FACTS_MAX]; /* ended by a NULL name */
	unsigned int asked_cnt;
};

/* What is not among the facts is missing. */
static inline int get_fact(void *arg, const struct pk_field *field, const char *field_arg,
			   struct pk_value *ret_value)
{
	struct facts *facts = arg;
	char name[64];

	facts->asked_cnt++;
	snprintf(name, sizeof(name), field_arg ? "%s[%s]" : "%s", field->name, field_arg);
	*ret_value = (struct pk_value){ .type = field->type };
	for (struct fact *fact = facts->facts; fact->name; fact++) {
		if (strcmp(fact->name, name) != 0)
			continue;
		*ret_value = fact->value;
		ret_value->type = field->type;
	}
	return 0;
}

struct bound {
	struct loaded loaded;
	struct pk_bound *bound; /* NULL: refused */
};

static inline void bound_fini(struct bound *bound)
{
	pk_bound_free(bound->bound);
	loaded_fini(&bound->loaded);
}
#define bound_cleanup pk_cleanup(bound_fini)

static inline struct bound bind_text(const char *text)
{
	const struct pk_rules_options options = { .field_known = pk_field_known };
	struct bound bound = { .loaded = load_files(&options, &text, 1) };
	int err;

	if (!bound.loaded.rules)
		fail_msg("%s", bound.loaded.said.data);
	err = pk_bound_new(bound.loaded.rules, &bound.bound);
	assert_true(err == 0 || err == -EBADMSG);
	pk_buf_clear(&bound.loaded.said);
	say(&bound.loaded.said, &bound.loaded.rules->ctx);
	return bound;
}

static inline struct bound bind_condition(const char *condition)
{
	char text[8192];

	snprintf(text, sizeof(text),
		 "- rule: r\n  desc: d\n  output: o\n  priority: INFO\n  condition: >\n    %s\n",
		 condition);
	return bind_text(text);
}

static inline void assert_truth(const char *condition, struct facts *facts, enum pk_truth expected)
{
	static const char *const names[] = { "false", "unknown", "true" };
	bound_cleanup struct bound bound = bind_condition(condition);
	enum pk_truth truth;

	if (!bound.bound)
		fail_msg("%s", bound.loaded.said.data);
	assert_int_equal(pk_bound_eval(bound.bound, bound.loaded.rules->items[0]->condition,
				       get_fact, facts, &truth),
			 0);
	if (truth != expected)
		fail_msg("%s\nis %s", condition, names[truth]);
}

#endif
