// SPDX-License-Identifier: Apache-2.0
/*
 * matchArgs: texts, numbers, flags. Several values are one of them, with "not" none of them.
 */
#include "import/filter.h"

#include <errno.h>
#include <stdlib.h>
#include <strings.h>

#include "base/cleanup.h"

void pk_import_filter_fini(struct pk_import_filter *filter)
{
	pk_import_text_fini(&filter->condition);
	pk_import_text_fini(&filter->lost);
}

bool pk_import_filter_lose_text(struct pk_import_filter *filter, const char *why, const char *about,
				size_t len)
{
	pk_import_text_str(&filter->lost, why);
	if (about) {
		pk_import_text_str(&filter->lost, " '");
		pk_import_text_visible(&filter->lost, about, len, 80);
		pk_import_text_str(&filter->lost, "'");
	}
	pk_import_text_str(&filter->lost, "\n");
	return false;
}

bool pk_import_filter_lose(struct pk_import_filter *filter, const char *why,
			   const struct pk_yaml_node *about)
{
	if (!about || about->kind != PK_YAML_SCALAR)
		return pk_import_filter_lose_text(filter, why, NULL, 0);
	return pk_import_filter_lose_text(filter, why, about->text.data, about->text.len_bytes);
}

bool pk_import_is(const struct pk_yaml_node *node, const char *word)
{
	return node && node->kind == PK_YAML_SCALAR && !strcasecmp(node->text.data, word);
}

bool pk_import_number(const char *text, size_t len, int64_t *ret_number)
{
	char digits[24];
	char *end;

	if (!len || len >= sizeof(digits) || text[0] == ' ' || text[0] == '\t')
		return false;
	memcpy(digits, text, len);
	digits[len] = '\0';
	errno = 0;
	*ret_number = strtoll(digits, &end, 0);
	return !errno && end != digits && !*end;
}

/* ---- several values ---- */

/* In parentheses if it is several, and not so already. */
static void put_wrapped(struct pk_import_text *text, const struct pk_import_text *all,
			bool negative)
{
	const char *data = all->buf.data;
	size_t len = all->buf.len_bytes;
	bool several = memmem(data, len, " or ", 4) || memmem(data, len, "\nor ", 4) ||
		       memmem(data, len, " and ", 5) || memmem(data, len, "\nand ", 5);

	if (several && data[0] == '(' && memchr(data, ')', len) == data + len - 1)
		several = false;
	pk_import_text_str(text, negative ? "not " : "");
	pk_import_text_str(text, several ? "(" : "");
	pk_import_text_append(text, all);
	pk_import_text_str(text, several ? ")" : "");
}

/* What each value is for the engine, `between` between them; of what is none, why. false: there is nothing. */
static bool put_values(struct pk_import_filter *filter, const struct pk_yaml_node *values,
		       bool negative, pk_import_put_fn *put, const void *arg, const char *between,
		       struct pk_import_text *all, size_t *ret_cnt)
{
	size_t taken = 0, lost = 0;

	if (!values || values->kind != PK_YAML_SEQUENCE || !values->cnt) {
		pk_import_filter_lose(filter, "a filter without values", NULL);
		return false;
	}
	for (const struct pk_yaml_pair *pair = values->first; pair; pair = pair->next) {
		pk_import_text_cleanup struct pk_import_text piece = PK_IMPORT_TEXT_INIT;

		if (pair->value->kind != PK_YAML_SCALAR) {
			pk_import_filter_lose(filter, "a value that is no text", NULL);
			lost++;
			continue;
		}
		if (!put(filter, arg, pair->value, &piece)) {
			lost++;
			continue;
		}
		if (taken++)
			pk_import_text_str(all, between);
		pk_import_text_append(all, &piece);
	}
	if (!taken)
		return false;
	if (lost)
		filter->off |= negative ? PK_IMPORT_BROADER : PK_IMPORT_NARROWER;
	*ret_cnt = taken;
	return true;
}

bool pk_import_filter_each(struct pk_import_filter *filter, const struct pk_yaml_node *values,
			   bool negative, pk_import_put_fn *put, const void *arg)
{
	pk_import_text_cleanup struct pk_import_text all = PK_IMPORT_TEXT_INIT;
	size_t cnt;

	if (!put_values(filter, values, negative, put, arg, "\nor ", &all, &cnt))
		return false;
	put_wrapped(&filter->condition, &all, negative);
	return true;
}

/* The same for values that stand in one list behind "in". */
static bool put_list(struct pk_import_filter *filter, const char *field,
		     const struct pk_yaml_node *values, bool negative, pk_import_put_fn *put,
		     const void *arg)
{
	pk_import_text_cleanup struct pk_import_text all = PK_IMPORT_TEXT_INIT;
	size_t cnt;

	if (!put_values(filter, values, negative, put, arg, ",\n", &all, &cnt))
		return false;
	pk_import_text_str(&filter->condition, negative ? "not " : "");
	pk_import_text_str(&filter->condition, field);
	pk_import_text_str(&filter->condition, cnt > 1 ? " in (" : " = ");
	pk_import_text_append(&filter->condition, &all);
	pk_import_text_str(&filter->condition, cnt > 1 ? ")" : "");
	return true;
}

/* ---- texts ---- */

struct text_operator {
	const char *name;
	const char *ours; /* NULL: a list */
	bool negative;
};

static const struct text_operator text_operators[] = {
	{ "Equal", NULL, false },
	{ "NotEqual", NULL, true },
	{ "In", NULL, false },
	{ "NotIn", NULL, true },
	{ "Prefix", "startswith", false },
	{ "NotPrefix", "startswith", true },
	{ "Postfix", "endswith", false },
	{ "NotPostfix", "endswith", true },
	{ "SubString", "contains", false },
	{ "SubStringIgnCase", "icontains", false },
};

struct text_pattern {
	const char *field;
	const char *op;
};

static bool quote(struct pk_import_filter *filter, const struct pk_yaml_node *value,
		  struct pk_import_text *piece)
{
	if (!pk_import_text_can_quote(value->text.data, value->text.len_bytes))
		return pk_import_filter_lose(filter, "cannot stand in a condition:", value);
	pk_import_text_quoted(piece, value->text.data, value->text.len_bytes);
	return true;
}

static bool put_text(struct pk_import_filter *filter, const void *arg,
		     const struct pk_yaml_node *value, struct pk_import_text *piece)
{
	(void)arg;
	return quote(filter, value, piece);
}

static bool put_pattern(struct pk_import_filter *filter, const void *arg,
			const struct pk_yaml_node *value, struct pk_import_text *piece)
{
	const struct text_pattern *pattern = arg;

	pk_import_text_str(piece, pattern->field);
	pk_import_text_str(piece, " ");
	pk_import_text_str(piece, pattern->op);
	pk_import_text_str(piece, " ");
	return quote(filter, value, piece);
}

bool pk_import_filter_text(struct pk_import_filter *filter, const char *field,
			   const struct pk_yaml_node *op, const struct pk_yaml_node *values)
{
	struct text_pattern pattern = { .field = field };

	for (size_t i = 0; op && i < PK_ARRAY_SIZE(text_operators); i++) {
		if (!pk_import_is(op, text_operators[i].name))
			continue;
		pattern.op = text_operators[i].ours;
		if (!pattern.op)
			return put_list(filter, field, values, text_operators[i].negative, put_text,
					NULL);
		return pk_import_filter_each(filter, values, text_operators[i].negative,
					     put_pattern, &pattern);
	}
	return pk_import_filter_lose(filter, "no operator for texts:", op);
}

/* ---- numbers ---- */

static bool put_number(struct pk_import_filter *filter, const void *arg,
		       const struct pk_yaml_node *value, struct pk_import_text *piece)
{
	const struct pk_import_arg *of = arg;
	int64_t number;

	if (!pk_import_node_number(value, &number))
		return pk_import_filter_lose(filter, "not a number:", value);
	if (of->kind == PK_IMPORT_ID && (number < 0 || number >= UINT32_MAX))
		return pk_import_filter_lose(filter,
					     "an id that is left as it is is no event:", value);
	pk_import_text_number(piece, number);
	return true;
}

static bool put_compared(struct pk_import_filter *filter, const struct pk_import_arg *arg,
			 const char *sign, const struct pk_yaml_node *value,
			 struct pk_import_text *piece)
{
	pk_import_text_str(piece, arg->field);
	pk_import_text_str(piece, sign);
	return put_number(filter, arg, value, piece);
}

static bool put_greater(struct pk_import_filter *filter, const void *arg,
			const struct pk_yaml_node *value, struct pk_import_text *piece)
{
	return put_compared(filter, arg, " > ", value, piece);
}

static bool put_less(struct pk_import_filter *filter, const void *arg,
		     const struct pk_yaml_node *value, struct pk_import_text *piece)
{
	return put_compared(filter, arg, " < ", value, piece);
}

/* FROM:TO, both included */
static bool put_range(struct pk_import_filter *filter, const void *arg,
		      const struct pk_yaml_node *value, struct pk_import_text *piece)
{
	const struct pk_import_arg *of = arg;
	const char *data = value->text.data;
	const char *colon = memchr(data, ':', value->text.len_bytes);
	size_t before = colon ? (size_t)(colon - data) : value->text.len_bytes;
	int64_t from, to;

	if (!pk_import_number(data, before, &from))
		return pk_import_filter_lose(filter, "not a range:", value);
	to = from;
	if (colon && !pk_import_number(colon + 1, value->text.len_bytes - before - 1, &to))
		return pk_import_filter_lose(filter, "not a range:", value);
	pk_import_text_str(piece, "(");
	pk_import_text_str(piece, of->field);
	pk_import_text_str(piece, " >= ");
	pk_import_text_number(piece, from);
	pk_import_text_str(piece, " and ");
	pk_import_text_str(piece, of->field);
	pk_import_text_str(piece, " <= ");
	pk_import_text_number(piece, to);
	pk_import_text_str(piece, ")");
	return true;
}

static bool put_in_map(struct pk_import_filter *filter, const void *arg,
		       const struct pk_yaml_node *value, struct pk_import_text *piece)
{
	return memchr(value->text.data, ':', value->text.len_bytes) ?
		       put_range(filter, arg, value, piece) :
		       put_compared(filter, arg, " = ", value, piece);
}

/* Equal to one of the values, of which numbers may be ranges. */
static bool is_in_map(const struct pk_yaml_node *op, bool *ret_negative)
{
	*ret_negative = pk_import_is(op, "NotInMap");
	return *ret_negative || pk_import_is(op, "InMap");
}

static bool is_equal(const struct pk_yaml_node *op, bool *ret_negative)
{
	*ret_negative = pk_import_is(op, "NotEqual") || pk_import_is(op, "NotIn");
	return *ret_negative || pk_import_is(op, "Equal") || pk_import_is(op, "In");
}

static bool filter_number(struct pk_import_filter *filter, const struct pk_import_arg *arg,
			  const struct pk_yaml_node *op, const struct pk_yaml_node *values)
{
	bool negative;

	if (is_equal(op, &negative))
		return put_list(filter, arg->field, values, negative, put_number, arg);
	if (pk_import_is(op, "GT") || pk_import_is(op, "GreaterThan"))
		return pk_import_filter_each(filter, values, false, put_greater, arg);
	if (pk_import_is(op, "LT") || pk_import_is(op, "LessThan"))
		return pk_import_filter_each(filter, values, false, put_less, arg);
	if (is_in_map(op, &negative))
		return pk_import_filter_each(filter, values, negative, put_in_map, arg);
	if (pk_import_is(op, "InRange") || pk_import_is(op, "NotInRange"))
		return pk_import_filter_each(filter, values, pk_import_is(op, "NotInRange"),
					     put_range, arg);
	return pk_import_filter_lose(filter, "no operator for numbers here:", op);
}

/* ---- numbers with names ---- */

static bool put_named(struct pk_import_filter *filter, const void *arg,
		      const struct pk_yaml_node *value, struct pk_import_text *piece)
{
	const struct pk_import_arg *of = arg;
	bool rare = !strcmp(of->field, "evt.arg.domain");
	int64_t number;

	if (!pk_import_node_number(value, &number))
		return pk_import_filter_lose(filter, "not a number:", value);
	if (rare && (number == 1 || number == 2 || number == 10))
		return pk_import_filter_lose(
			filter, "that a socket of IPv4, IPv6 or Unix is made is no event: family",
			value);
	for (const struct pk_symbol *symbol = of->symbols; symbol->name; symbol++) {
		if (symbol->value != (uint64_t)number)
			continue;
		pk_import_text_str(piece, symbol->name);
		filter->settles = rare;
		return true;
	}
	return pk_import_filter_lose(filter, "a number without a name:", value);
}

/* Any bit of the value, by the names of the flags that have it. */
static bool put_mask(struct pk_import_filter *filter, const void *arg,
		     const struct pk_yaml_node *value, struct pk_import_text *piece)
{
	const struct pk_import_arg *of = arg;
	uint64_t named = 0;
	int64_t number;

	if (!pk_import_node_number(value, &number) || number <= 0)
		return pk_import_filter_lose(filter, "not a mask:", value);
	for (const struct pk_symbol *symbol = of->symbols; symbol->name; symbol++) {
		if (!(symbol->value & (uint64_t)number))
			continue;
		pk_import_text_str(piece, named ? "\nor " : "");
		pk_import_text_str(piece, of->field);
		pk_import_text_str(piece, " contains ");
		pk_import_text_str(piece, symbol->name);
		named |= symbol->value;
	}
	if (!named)
		return pk_import_filter_lose(filter, "a mask of bits without names:", value);
	if ((uint64_t)number & ~named) {
		pk_import_filter_lose(filter, "a mask that has bits without names:", value);
		filter->off |= PK_IMPORT_NARROWER;
	}
	return true;
}

/* ---- what is asked of the open instead ---- */

struct access_bits {
	unsigned int read, write;
	bool any; /* one of them is enough */
};

static bool put_access(struct pk_import_filter *filter, const void *arg,
		       const struct pk_yaml_node *value, struct pk_import_text *piece)
{
	const struct access_bits *bits = arg;
	int64_t number;
	bool reads, writes;

	if (!pk_import_node_number(value, &number))
		return pk_import_filter_lose(filter, "not a number:", value);
	reads = number & bits->read;
	writes = number & bits->write;
	if (!reads && !writes)
		return pk_import_filter_lose(filter, "neither read nor written:", value);
	pk_import_text_str(piece, reads && writes ? "(" : "");
	pk_import_text_str(piece, reads ? "evt.is_open_read = true" : "");
	if (reads && writes)
		pk_import_text_str(piece, bits->any ? " or " : " and ");
	pk_import_text_str(piece, writes ? "evt.is_open_write = true" : "");
	pk_import_text_str(piece, reads && writes ? ")" : "");
	return true;
}

static bool filter_access(struct pk_import_filter *filter, enum pk_import_arg_kind kind,
			  const struct pk_yaml_node *op, const struct pk_yaml_node *values)
{
	struct access_bits bits = { .read = 4, .write = 2 };
	bool negative = false;

	if (kind == PK_IMPORT_PROT)
		bits.read = 1;
	bits.any = pk_import_is(op, "Mask");
	if (!bits.any && !is_equal(op, &negative))
		return pk_import_filter_lose(filter, "no operator for this:", op);
	return pk_import_filter_each(filter, values, negative, put_access, &bits);
}

/* A mapping that is shared is the one that the open stands for. */
static bool filter_map(struct pk_import_filter *filter, const struct pk_yaml_node *op,
		       const struct pk_yaml_node *values)
{
	int64_t number;

	if (!values || values->kind != PK_YAML_SEQUENCE ||
	    (!pk_import_is(op, "Mask") && !pk_import_is(op, "Equal")))
		return pk_import_filter_lose(filter, "no operator for flags of mappings:", op);
	for (const struct pk_yaml_pair *pair = values->first; pair; pair = pair->next) {
		if (pk_import_node_number(pair->value, &number) && (number & 1))
			return true;
	}
	return pk_import_filter_lose(filter, "only shared mappings can be asked for", NULL);
}

/* enum kernel_read_file_id, enum kernel_load_data_id */
static bool put_read(struct pk_import_filter *filter, const void *arg,
		     const struct pk_yaml_node *value, struct pk_import_text *piece)
{
	int64_t number;

	(void)arg;
	if (!pk_import_node_number(value, &number))
		return pk_import_filter_lose(filter, "not a number:", value);
	if (number != 2 && number != 3)
		return pk_import_filter_lose(
			filter, "only modules (2) and kernels to boot into (3) are events, not",
			value);
	pk_import_text_str(piece, number == 2 ? "evt.type = init_module" : "evt.type = kexec_load");
	filter->settles = true;
	return true;
}

/* ---- by argument ---- */

bool pk_import_filter_arg(struct pk_import_filter *filter, const struct pk_import_arg *arg,
			  const struct pk_yaml_node *op, const struct pk_yaml_node *values)
{
	bool negative = false;

	if (!op || op->kind != PK_YAML_SCALAR)
		return pk_import_filter_lose(filter, "a filter without operator", NULL);
	switch (arg->kind) {
	case PK_IMPORT_TEXT:
		return pk_import_filter_text(filter, arg->field, op, values);
	case PK_IMPORT_NUMBER:
	case PK_IMPORT_ID:
		return filter_number(filter, arg, op, values);
	case PK_IMPORT_FLAGS:
		if (!pk_import_is(op, "Mask"))
			return pk_import_filter_lose(filter, "flags can be asked by Mask, not by",
						     op);
		return pk_import_filter_each(filter, values, false, put_mask, arg);
	case PK_IMPORT_NAMED:
		if (!is_equal(op, &negative) && !is_in_map(op, &negative))
			return pk_import_filter_lose(filter, "no operator for this:", op);
		return put_list(filter, arg->field, values, negative, put_named, arg);
	case PK_IMPORT_CAPS:
		if (!is_equal(op, &negative) && !pk_import_is(op, "Capability"))
			return pk_import_filter_lose(filter, "no operator for this:", op);
		return pk_import_filter_capabilities(filter, arg->field, values, negative);
	case PK_IMPORT_ACCESS:
	case PK_IMPORT_PROT:
		return filter_access(filter, arg->kind, op, values);
	case PK_IMPORT_MAP:
		return filter_map(filter, op, values);
	case PK_IMPORT_SOCK:
	case PK_IMPORT_PEER:
	case PK_IMPORT_OWN:
		return pk_import_filter_socket(filter, arg->kind, op, values);
	case PK_IMPORT_READ:
		if (!is_equal(op, &negative) || negative)
			return pk_import_filter_lose(filter, "no operator for this:", op);
		return pk_import_filter_each(filter, values, false, put_read, NULL);
	case PK_IMPORT_NONE:
	case PK_IMPORT_IGNORED:
		break;
	}
	return pk_import_filter_lose(filter, "the event does not have this argument", NULL);
}
