/* SPDX-License-Identifier: Apache-2.0 */
#include "judge_rules.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "test.h"

static void add(struct pk_buf *buf, const char *text)
{
	assert_int_equal(pk_buf_add_str(buf, text), 0);
}

static void add_quoted(struct pk_buf *buf, const char *text)
{
	add(buf, "\"");
	add(buf, text);
	add(buf, "\"");
}

static const struct pk_field *any_field(struct model_random *random, bool of_container)
{
	size_t cnt;
	const struct pk_field *fields = pk_fields_get(&cnt);

	for (;;) {
		const struct pk_field *field = &fields[model_random(random, (__u32)cnt)];

		if (model_has(field) && (!of_container || field->life == PK_LIFE_CONTAINER))
			return field;
	}
}

/* A text that some event may have for this field. */
static const char *any_text(struct model_random *random, const struct pk_field *field)
{
	static const struct {
		const char *const *pool;
		const size_t *cnt;
	} pools[] = {
		{ model_names, &model_names_cnt },
		{ model_paths, &model_paths_cnt },
		{ model_args, &model_args_cnt },
	};
	size_t source_cnt = 0;
	const struct pk_field_source *source = field->sources;
	__u32 pool;

	if (field->life == PK_LIFE_CONTAINER)
		return model_pick(random, model_names, model_names_cnt);
	while (source[source_cnt].kinds)
		source_cnt++;
	source += model_random(random, (__u32)source_cnt);
	if (source->how == PK_SOURCE_TAG)
		return model_pick(random, model_tags, PK_ARRAY_SIZE(model_tags));
	if (source->how == PK_SOURCE_CONST)
		return source->text;
	if (source->symbols && source->symbols->name) {
		size_t cnt = 0;

		while (source->symbols[cnt].name)
			cnt++;
		return source->symbols[model_random(random, (__u32)cnt)].name;
	}
	pool = source->id == PK_TEXT_NAME && source->whose != PK_WHOSE_EVENT ?
		       0 :
		       model_random(random, PK_ARRAY_SIZE(pools));
	return model_pick(random, pools[pool].pool, *pools[pool].cnt);
}

static void add_list(struct pk_buf *buf, struct model_random *random, const struct pk_field *field)
{
	__u32 cnt = 1 + model_random(random, 4);

	add(buf, "(");
	for (__u32 i = 0; i < cnt; i++) {
		add(buf, i ? ", " : "");
		add_quoted(buf, any_text(random, field));
	}
	add(buf, ")");
}

/* A part of a text that may be there: its beginning, its end, its middle. */
static void any_part(struct model_random *random, const char *text, char ret_part[1024])
{
	size_t len = strlen(text);
	size_t from = model_random(random, 3) ? model_random(random, (__u32)len) : 0;
	size_t to = model_random(random, 3) ? from + 1 + model_random(random, (__u32)(len - from)) :
					      len;

	snprintf(ret_part, 1024, "%.*s", (int)(to - from), text + from);
}

static void text_atom(struct pk_buf *buf, struct model_random *random, const struct pk_field *field)
{
	static const char *const ops[] = { " = ",          " != ",       " startswith ",
					   " endswith ",   " contains ", " icontains ",
					   " glob ",       " iglob ",    " regex ",
					   " in ",         " in ",       " pmatch ",
					   " intersects ", " exists",    " = " };
	__u32 op = model_random(random, PK_ARRAY_SIZE(ops));
	char part[1024], pattern[1100];

	add(buf, ops[op]);
	any_part(random, any_text(random, field), part);
	switch (op) {
	case 2:
	case 3:
	case 4:
	case 5:
		add_quoted(buf, part);
		break;
	case 6:
	case 7:
		snprintf(pattern, sizeof(pattern), "%s%s%s", model_random(random, 2) ? "*" : "",
			 part, model_random(random, 2) ? "*" : "?");
		add_quoted(buf, pattern);
		break;
	case 8:
		add_quoted(buf, model_random(random, 2) ? ".*/[a-z]+" : "[^/]*s.*");
		break;
	case 9:
	case 10:
	case 11:
	case 12:
		add_list(buf, random, field);
		break;
	case 13:
		break;
	default:
		add_quoted(buf, any_text(random, field));
	}
}

static void number_atom(struct pk_buf *buf, struct model_random *random)
{
	static const char *const ops[] = { " = ", " != ", " < ", " <= ", " > ", " >= ", " in " };
	static const char *const numbers[] = { "0",  "1",  "2",   "3",    "1000",  "1001",
					       "22", "53", "443", "4444", "40000", "65535" };
	__u32 op = model_random(random, PK_ARRAY_SIZE(ops));

	add(buf, ops[op]);
	add(buf, op == 6 ? "(" : "");
	add(buf, model_pick(random, numbers, PK_ARRAY_SIZE(numbers)));
	if (op < 6)
		return;
	add(buf, ", ");
	add(buf, model_pick(random, numbers, PK_ARRAY_SIZE(numbers)));
	add(buf, ")");
}

static void addr_atom(struct pk_buf *buf, struct model_random *random, const char *const *pool)
{
	static const char *const ops[] = { " = ", " != ", " in " };
	__u32 op = model_random(random, 3);

	add(buf, ops[op]);
	add(buf, op == 2 ? "(" : "");
	add_quoted(buf, model_pick(random, pool, MODEL_ADDR_CNT));
	if (op < 2)
		return;
	add(buf, ", ");
	add_quoted(buf, model_pick(random, pool, MODEL_ADDR_CNT));
	add(buf, ")");
}

static void atom(struct pk_buf *buf, struct model_random *random, bool of_container)
{
	const struct pk_field *field = any_field(random, of_container);
	char index[8];

	add(buf, field->name);
	if (field->arg == PK_ARG_KEY) {
		snprintf(index, sizeof(index), "[%c]", 'a' + (int)model_random(random, 3));
		add(buf, index);
	} else if (field->arg != PK_ARG_NONE && model_random(random, 3)) {
		snprintf(index, sizeof(index), "[%u]", model_random(random, 10));
		add(buf, index);
	}
	switch (field->type) {
	case PK_FIELD_TEXT:
	case PK_FIELD_LIST:
		text_atom(buf, random, field);
		break;
	case PK_FIELD_BOOL:
		add(buf, model_random(random, 2) ? " = true" : " = false");
		break;
	case PK_FIELD_ADDR:
		addr_atom(buf, random, model_ips);
		break;
	case PK_FIELD_NET:
		addr_atom(buf, random, model_nets);
		break;
	default:
		number_atom(buf, random);
	}
}

static void condition(struct pk_buf *buf, struct model_random *random, __u32 depth)
{
	__u32 cnt;
	const char *op;

	if (!depth || !model_random(random, 4)) {
		add(buf, model_random(random, 4) ? "" : "not ");
		atom(buf, random, false);
		return;
	}
	add(buf, model_random(random, 5) ? "(" : "not (");
	cnt = 2 + model_random(random, 2);
	op = model_random(random, 3) ? " or " : " and ";
	for (__u32 i = 0; i < cnt; i++) {
		add(buf, i ? op : "");
		condition(buf, random, depth - 1);
	}
	add(buf, ")");
}

/* A fact of the container; in `narrow` sets nearly always the same one, so that there are containers that no rule is
 * about. */
static void scope(struct pk_buf *buf, struct model_random *random, bool narrow, __u32 idx,
		  struct pk_buf *shared)
{
	size_t begin = buf->len_bytes;

	if (narrow && idx % 8) {
		assert_int_equal(pk_buf_add(buf, shared->data, shared->len_bytes), 0);
		return;
	}
	atom(buf, random, true);
	add(buf, " and ");
	if (!idx)
		assert_int_equal(pk_buf_add(shared, buf->data + begin, buf->len_bytes - begin), 0);
}

void judge_rules_make(struct pk_buf *buf, struct model_random *random, __u32 cnt, __u32 depth,
		      __u32 kills, __u32 acts, bool scoped)
{
	pk_buf_cleanup struct pk_buf shared = PK_BUF_INIT;
	bool narrow = scoped && model_random(random, 2);
	char name[64];

	for (__u32 i = 0; i < cnt; i++) {
		snprintf(name, sizeof(name), "- rule: r%u\n", i);
		add(buf, name);
		add(buf, "  desc: at random\n  output: x\n  priority: INFO\n");
		add(buf, kills >> i & 1 ? "  action: kill\n" : "");
		add(buf, acts >> i & 1 ? "  on_unknown: act\n" : "");
		if (i < MODEL_TAG_CNT) {
			snprintf(name, sizeof(name), "  tag: %s\n", model_tags[i]);
			add(buf, name);
		}
		add(buf, "  condition: >\n    ");
		if (scoped)
			scope(buf, random, narrow, i, &shared);
		condition(buf, random, depth);
		add(buf, "\n");
	}
}
