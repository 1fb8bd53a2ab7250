/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of keys: what each looks like, and what is said when it does not.
 */
#include "rules/words.h"

#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "rules/suggest.h"

#define NS_PER_MS 1000000ull
#define MAX_DURATION_NS (365ull * 86400 * 1000 * NS_PER_MS)
#define MAX_TAG_NAME_BYTES 64u

static const char *const priority_names[PK_RULES_PRIORITY_CNT] = {
	"Emergency", "Alert", "Critical", "Error", "Warning", "Notice", "Informational", "Debug",
};

static const char *const action_names[] = { "alert", "deny", "kill" };
static const char *const on_unknown_names[] = { "pass", "act" };
static const char *const scope_names[] = { "process", "tree", "container" };

const char *pk_rules_priority_name(enum pk_rules_priority priority)
{
	return priority_names[priority];
}

const char *pk_rules_action_name(enum pk_rules_action action)
{
	return action_names[action];
}

static bool is_scalar(struct pk_rules_ctx *ctx, const struct pk_yaml_node *node, const char *what)
{
	if (node->kind == PK_YAML_SCALAR)
		return true;
	pk_yaml_diag(ctx, PK_DIAG_ERROR, node, NULL, "'%s' takes a text, not a %s", what,
		     node->kind == PK_YAML_MAPPING ? "mapping" : "sequence");
	return false;
}

bool pk_rules_read_text(struct pk_rules_ctx *ctx, const struct pk_yaml_node *node, const char *what,
			struct pk_rules_text *ret_text)
{
	if (!is_scalar(ctx, node, what))
		return false;
	if (pk_yaml_is_null(node) || !node->text.len_bytes) {
		pk_yaml_diag(ctx, PK_DIAG_ERROR, node, NULL, "'%s' is empty", what);
		return false;
	}
	*ret_text = node->text;
	return true;
}

bool pk_rules_read_bool(struct pk_rules_ctx *ctx, const struct pk_yaml_node *node, const char *what,
			bool *ret_value)
{
	static const char *const yes[] = { "true", "yes", "on", "y" };
	static const char *const no[] = { "false", "no", "off", "n" };

	if (!is_scalar(ctx, node, what))
		return false;
	for (size_t i = 0; i < PK_ARRAY_SIZE(yes); i++) {
		bool is_yes = !strcasecmp(node->text.data, yes[i]);

		if (is_yes || !strcasecmp(node->text.data, no[i])) {
			*ret_value = is_yes;
			return true;
		}
	}
	pk_yaml_diag(ctx, PK_DIAG_ERROR, node, NULL, "'%s' is true or false", what);
	return false;
}

/* Digits only. */
static bool parse_number(const char *text, size_t len, uint64_t max, uint64_t *ret_value)
{
	uint64_t value = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned int digit = (unsigned int)(text[i] - '0');

		if (digit > 9 || value > (max - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*ret_value = value;
	return len > 0;
}

bool pk_rules_read_number(struct pk_rules_ctx *ctx, const struct pk_yaml_node *node,
			  const char *what, uint64_t *ret_value)
{
	if (!is_scalar(ctx, node, what))
		return false;
	if (parse_number(node->text.data, node->text.len_bytes, UINT32_MAX, ret_value))
		return true;
	pk_yaml_diag(ctx, PK_DIAG_ERROR, node, NULL, "'%s' is a number from 0 to %u", what,
		     UINT32_MAX);
	return false;
}

/* One of a few words; `case_matters` as in strcmp or strcasecmp. */
static int find_word(const char *text, const char *const *words, size_t cnt, bool case_matters)
{
	for (size_t i = 0; i < cnt; i++) {
		if (case_matters ? !strcmp(text, words[i]) : !strcasecmp(text, words[i]))
			return (int)i;
	}
	return -1;
}

bool pk_rules_read_priority(struct pk_rules_ctx *ctx, const struct pk_yaml_node *node,
			    enum pk_rules_priority *ret_priority)
{
	int found;

	if (!is_scalar(ctx, node, "priority"))
		return false;
	found = find_word(node->text.data, priority_names, PK_RULES_PRIORITY_CNT, false);
	if (found < 0 && !strcasecmp(node->text.data, "INFO"))
		found = PK_RULES_INFORMATIONAL;
	if (found < 0) {
		pk_yaml_diag(ctx, PK_DIAG_ERROR, node,
			     pk_suggest_from(node->text.data, node->text.len_bytes, priority_names,
					     PK_RULES_PRIORITY_CNT),
			     "unknown priority '%.64s'", node->text.data);
		return false;
	}
	*ret_priority = (enum pk_rules_priority)found;
	return true;
}

static int read_word(struct pk_rules_ctx *ctx, const struct pk_yaml_node *node, const char *what,
		     const char *choice, const char *const *words, size_t cnt)
{
	int found;

	if (!is_scalar(ctx, node, what))
		return -1;
	found = find_word(node->text.data, words, cnt, true);
	if (found < 0)
		pk_yaml_diag(ctx, PK_DIAG_ERROR, node,
			     pk_suggest_from(node->text.data, node->text.len_bytes, words, cnt),
			     "'%s' is %s", what, choice);
	return found;
}

bool pk_rules_read_action(struct pk_rules_ctx *ctx, const struct pk_yaml_node *node,
			  enum pk_rules_action *ret_action)
{
	int found = read_word(ctx, node, "action", "alert, deny or kill", action_names,
			      PK_ARRAY_SIZE(action_names));

	if (found >= 0)
		*ret_action = (enum pk_rules_action)found;
	return found >= 0;
}

bool pk_rules_read_on_unknown(struct pk_rules_ctx *ctx, const struct pk_yaml_node *node,
			      enum pk_rules_on_unknown *ret_on_unknown)
{
	int found = read_word(ctx, node, "on_unknown", "pass or act", on_unknown_names,
			      PK_ARRAY_SIZE(on_unknown_names));

	if (found >= 0)
		*ret_on_unknown = (enum pk_rules_on_unknown)found;
	return found >= 0;
}

bool pk_rules_read_duration(const char *text, size_t len, uint64_t *ret_ns)
{
	static const struct {
		const char *unit;
		uint64_t ns;
	} units[] = {
		{ "ms", NS_PER_MS },
		{ "s", 1000 * NS_PER_MS },
		{ "m", 60 * 1000 * NS_PER_MS },
		{ "h", 3600 * 1000 * NS_PER_MS },
		{ "d", 86400 * 1000 * NS_PER_MS },
	};
	size_t digits = strspn(text, "0123456789");
	uint64_t cnt;

	if (digits >= len)
		return false;
	for (size_t i = 0; i < PK_ARRAY_SIZE(units); i++) {
		if (strlen(units[i].unit) != len - digits ||
		    memcmp(units[i].unit, text + digits, len - digits))
			continue;
		if (!parse_number(text, digits, MAX_DURATION_NS / units[i].ns, &cnt) || !cnt)
			return false;
		*ret_ns = cnt * units[i].ns;
		return true;
	}
	return false;
}

/* The words of a scalar, one after the other. */
struct words {
	const struct pk_rules_text *text;
	size_t from;
	size_t to;
};

static bool next_word(struct words *words)
{
	const char *data = words->text->data;

	words->from = words->to + strspn(data + words->to, " \t\n");
	words->to = words->from + strcspn(data + words->from, " \t\n");
	return words->to > words->from;
}

static bool is_word(const struct words *words, const char *word)
{
	return words->to - words->from == strlen(word) &&
	       !memcmp(words->text->data + words->from, word, words->to - words->from);
}

static bool fail_word(struct pk_rules_ctx *ctx, const struct words *words, const char *suggestion,
		      const char *what)
{
	pk_diag_add_text(ctx, PK_DIAG_ERROR, words->text, words->from, words->to, suggestion, "%s",
			 what);
	return false;
}

static bool is_tag_name(const char *text, size_t len)
{
	if (!len || len > MAX_TAG_NAME_BYTES || text[0] == '-' || text[0] == '.')
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '_' || c == '-' || c == '.'))
			return false;
	}
	return true;
}

static bool read_scope(struct pk_rules_ctx *ctx, struct words *words,
		       enum pk_rules_tag_scope *ret_scope)
{
	const char *suggestion;

	if (!next_word(words))
		return fail_word(ctx, words, NULL,
				 "expected process, tree or container behind 'on'");
	for (size_t i = 0; i < PK_ARRAY_SIZE(scope_names); i++) {
		if (is_word(words, scope_names[i])) {
			*ret_scope = (enum pk_rules_tag_scope)i;
			return true;
		}
	}
	suggestion = pk_suggest_from(words->text->data + words->from, words->to - words->from,
				     scope_names, PK_ARRAY_SIZE(scope_names));
	return fail_word(ctx, words, suggestion, "a tag is on process, tree or container");
}

bool pk_rules_read_tag(struct pk_rules_ctx *ctx, const struct pk_yaml_node *node,
		       struct pk_rules_tag *ret_tag)
{
	struct words words = { .text = &node->text };
	struct pk_rules_tag tag = { 0 };
	bool more;

	if (node->kind == PK_YAML_SEQUENCE) {
		pk_yaml_diag(ctx, PK_DIAG_ERROR, node, "tags",
			     "'tag' takes one name; labels of the rule are given as 'tags'");
		return false;
	}
	if (!is_scalar(ctx, node, "tag"))
		return false;
	if (!next_word(&words) || !is_tag_name(node->text.data + words.from, words.to - words.from))
		return fail_word(ctx, &words, NULL,
				 "a tag's name is up to 64 letters, digits, '_', '-' and '.'");
	tag.name = pk_rules_copy(ctx, node->text.data + words.from, words.to - words.from);
	more = next_word(&words);
	if (more && !is_word(&words, "on")) {
		if (!pk_rules_read_duration(node->text.data + words.from, words.to - words.from,
					    &tag.ttl_ns))
			return fail_word(ctx, &words, NULL,
					 "expected how long the tag stays, such as 10m, or 'on'");
		more = next_word(&words);
	}
	if (more && !is_word(&words, "on"))
		return fail_word(ctx, &words, NULL, "expected 'on'");
	if (more && !read_scope(ctx, &words, &tag.scope))
		return false;
	if (more && next_word(&words))
		return fail_word(ctx, &words, NULL, "expected nothing more");
	*ret_tag = tag;
	return tag.name != NULL;
}

bool pk_rules_read_limit(struct pk_rules_ctx *ctx, const struct pk_yaml_node *node,
			 struct pk_rules_limit *ret_limit)
{
	struct words words = { .text = &node->text };
	struct pk_rules_limit limit;
	uint64_t cnt;

	if (!is_scalar(ctx, node, "limit"))
		return false;
	if (next_word(&words) && is_word(&words, "none")) {
		if (next_word(&words))
			return fail_word(ctx, &words, NULL, "expected nothing more");
		*ret_limit = (struct pk_rules_limit){ .cnt = PK_RULES_LIMIT_NONE };
		return true;
	}
	if (!parse_number(node->text.data + words.from, words.to - words.from, UINT32_MAX - 1,
			  &cnt) ||
	    !cnt)
		return fail_word(ctx, &words, NULL,
				 "expected a number from 1, as in '5 per 1m', or 'none'");
	limit.cnt = (uint32_t)cnt;
	if (!next_word(&words) || !is_word(&words, "per"))
		return fail_word(ctx, &words, NULL, "expected 'per', as in '5 per 1m'");
	if (!next_word(&words) ||
	    !pk_rules_read_duration(node->text.data + words.from, words.to - words.from,
				    &limit.duration_ns))
		return fail_word(ctx, &words, NULL,
				 "expected a duration in ms, s, m, h or d, such as 1m");
	if (next_word(&words))
		return fail_word(ctx, &words, NULL, "expected nothing more");
	*ret_limit = limit;
	return true;
}

static bool has_tag(const struct pk_rule *rule, const char *tag)
{
	for (size_t i = 0; i < rule->tags_cnt; i++) {
		if (!strcmp(rule->tags[i], tag))
			return true;
	}
	return false;
}

bool pk_rules_read_tags(struct pk_rules_ctx *ctx, const struct pk_yaml_node *node,
			struct pk_rule *rule)
{
	const char **tags;

	if (node->kind != PK_YAML_SEQUENCE && !pk_yaml_is_null(node)) {
		pk_yaml_diag(ctx, PK_DIAG_ERROR, node, NULL, "'tags' takes a sequence of texts");
		return false;
	}
	if (rule->tags_cnt + node->cnt > PK_MAX_TAGS) {
		pk_yaml_diag(ctx, PK_DIAG_ERROR, node, NULL, "more than %u tags", PK_MAX_TAGS);
		return false;
	}
	tags = pk_rules_alloc(ctx, (rule->tags_cnt + node->cnt) * sizeof(*tags));
	if (!tags)
		return false;
	if (rule->tags_cnt)
		memcpy(tags, rule->tags, rule->tags_cnt * sizeof(*tags));
	rule->tags = tags;
	for (const struct pk_yaml_pair *pair = node->first; pair; pair = pair->next) {
		if (!is_scalar(ctx, pair->value, "tags"))
			return false;
		if (!has_tag(rule, pair->value->text.data))
			tags[rule->tags_cnt++] = pair->value->text.data;
	}
	return true;
}
