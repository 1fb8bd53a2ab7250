/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Builds the tree from libfyaml's events. Events are used, not its documents: aliases, depth and
 * growth are bounded here, before anything is built.
 */
#include "rules/yaml.h"

#include <assert.h>

#include <errno.h>
#include <libfyaml.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "rules/scalar.h"

struct anchor {
	const char *name;
	size_t len_bytes;
	const struct pk_yaml_node *node;
};

struct level {
	struct pk_yaml_node *node;
	const struct pk_yaml_node *key; /* a mapping's, waiting for its value */
	bool again;                     /* the key has a value, which counts */
	char *anchor;
	size_t anchor_len_bytes;
};

struct reader {
	struct pk_rules_ctx *ctx;
	const struct pk_rules_source *source;
	uint32_t file_idx;
	struct level levels[PK_MAX_YAML_NESTING];
	size_t levels_cnt;
	struct anchor anchors[PK_MAX_YAML_ANCHORS];
	size_t anchors_cnt;
	uint64_t weight; /* of the file so far */
	const struct pk_yaml_node *root;
	void (*document)(void *arg, const struct pk_yaml_node *root);
	void *arg;
};

static void free_parser(struct fy_parser **parser)
{
	if (*parser)
		fy_parser_destroy(*parser);
}

static void free_diag(struct fy_diag **diag)
{
	if (*diag)
		fy_diag_destroy(*diag);
}

/* Keeps what libfyaml finds wrong instead of printing it. */
static struct fy_diag *new_diag(void)
{
	struct fy_diag_cfg config;
	struct fy_diag *diag;

	fy_diag_cfg_default(&config);
	config.fp = NULL;
	config.level = FYET_ERROR;
	diag = fy_diag_create(&config);
	if (diag)
		fy_diag_set_collect_errors(diag, true);
	return diag;
}

static struct pk_rules_pos pos_at(const struct reader *reader, size_t offset)
{
	if (offset > reader->source->len_bytes)
		offset = reader->source->len_bytes;
	return (struct pk_rules_pos){ reader->file_idx, (uint32_t)offset };
}

static int fail(struct reader *reader, struct pk_rules_pos pos, const char *what)
{
	pk_diag_add(reader->ctx, PK_DIAG_ERROR, pos, 1, NULL, "%s", what);
	return -EBADMSG;
}

static int fail_limit(struct reader *reader, struct pk_rules_pos pos, const char *what,
		      unsigned int limit)
{
	pk_diag_add(reader->ctx, PK_DIAG_ERROR, pos, 1, NULL, "more than %u %s", limit, what);
	return -EBADMSG;
}

static struct pk_yaml_node *new_node(struct reader *reader, enum pk_yaml_kind kind,
				     struct fy_event *event)
{
	const struct fy_mark *mark = fy_event_start_mark(event);
	struct pk_yaml_node *node = pk_rules_alloc(reader->ctx, sizeof(*node));

	if (node) {
		node->kind = kind;
		node->weight = 1;
		node->span_bytes = 1;
		if (mark)
			node->pos = pos_at(reader, mark->input_pos);
	}
	return node;
}

static enum pk_yaml_style style_of(struct fy_token *token)
{
	switch (fy_token_scalar_style(token)) {
	case FYSS_SINGLE_QUOTED:
		return PK_YAML_SINGLE_QUOTED;
	case FYSS_DOUBLE_QUOTED:
		return PK_YAML_DOUBLE_QUOTED;
	case FYSS_LITERAL:
	case FYSS_FOLDED:
		return PK_YAML_BLOCK;
	default:
		return PK_YAML_PLAIN;
	}
}

/*
 * Of a folded block that has an empty line before a line indented more, libfyaml (0.7.12) gives a byte too much for
 * each: behind the zero byte that ends the text. A block cannot spell a zero byte.
 */
static size_t block_len(const char *text, size_t len)
{
	return strnlen(text, len);
}

static int set_text(struct reader *reader, struct pk_yaml_node *node, struct fy_event *event)
{
	struct fy_token *token = event->scalar.value;
	const struct fy_mark *start = fy_event_start_mark(event);
	const struct fy_mark *end = fy_event_end_mark(event);
	size_t len = 0, from, to;
	const char *text = token ? fy_token_get_text(token, &len) : "";
	enum pk_yaml_style style = token ? style_of(token) : PK_YAML_PLAIN;

	if (!text) {
		text = "";
		len = 0;
	}
	if (style == PK_YAML_BLOCK)
		len = block_len(text, len);
	from = start ? start->input_pos : reader->source->len_bytes;
	to = end ? end->input_pos : from;
	if (from > reader->source->len_bytes)
		from = reader->source->len_bytes;
	if (to > reader->source->len_bytes)
		to = reader->source->len_bytes;
	if (to < from)
		to = from;
	if (memchr(text, '\0', len))
		return fail(reader, node->pos, "a zero byte in a text");
	node->quoted = style != PK_YAML_PLAIN;
	node->span_bytes = (uint32_t)(to > from ? to - from : 1);
	return pk_yaml_map(text, len, reader->source->data + from, to - from, pos_at(reader, from),
			   style, &reader->ctx->arena, &node->text);
}

/* An empty value has no place of its own: it gets the end of its key. */
static void place_empty(struct pk_yaml_node *node, const struct pk_yaml_node *key,
			const struct pk_yaml_node *parent, struct reader *reader)
{
	const struct pk_yaml_node *near = key ? key : parent;
	struct pk_rules_piece *piece;

	if (node->text.len_bytes || node->quoted || !near)
		return;
	piece = pk_rules_alloc(reader->ctx, sizeof(*piece));
	if (!piece)
		return;
	node->pos = near->pos;
	node->span_bytes = near->span_bytes;
	piece->pos = near->pos;
	node->text.pieces = piece;
	node->text.pieces_cnt = 1;
}

static bool same_text(const struct pk_yaml_node *a, const struct pk_yaml_node *b)
{
	return a->text.len_bytes == b->text.len_bytes &&
	       !memcmp(a->text.data, b->text.data, a->text.len_bytes);
}

/*
 * In Falco's format, whose documents are sequences, the first value of a key counts. What a rule does to
 * processes must not hang on that, and elsewhere it is a mistake.
 */
static void say_again(struct reader *reader, const struct pk_yaml_node *key)
{
	static const char *const ours[] = { "action", "on_unknown", "tag", "limit" };
	bool allowed = reader->levels[0].node->kind == PK_YAML_SEQUENCE;

	for (size_t i = 0; i < PK_ARRAY_SIZE(ours); i++)
		allowed = allowed && !pk_yaml_is(key, ours[i]);
	reader->levels[reader->levels_cnt - 1].again = true;
	if (allowed)
		pk_yaml_diag(reader->ctx, PK_DIAG_WARNING, key, NULL,
			     "key '%s' given a second time: the first counts, as in Falco",
			     key->text.data);
	else
		pk_yaml_diag(reader->ctx, PK_DIAG_ERROR, key, NULL, "key '%s' given a second time",
			     key->text.data);
}

static int check_key(struct reader *reader, const struct pk_yaml_node *mapping,
		     const struct pk_yaml_node *key)
{
	if (key->kind != PK_YAML_SCALAR)
		return fail(reader, key->pos, "a key must be a text");
	if (mapping->cnt == PK_MAX_YAML_KEYS)
		return fail_limit(reader, key->pos, "keys in a mapping", PK_MAX_YAML_KEYS);
	for (const struct pk_yaml_pair *pair = mapping->first; pair; pair = pair->next) {
		if (same_text(pair->key, key)) {
			say_again(reader, key);
			return 0;
		}
	}
	return 0;
}

/* Hangs a whole node where it belongs. */
static int attach(struct reader *reader, const struct pk_yaml_node *node)
{
	struct pk_yaml_pair *pair;
	struct level *level;

	if (!reader->levels_cnt) {
		reader->root = node;
		return 0;
	}
	level = &reader->levels[reader->levels_cnt - 1];
	assert(level->node);
	if (level->node->kind == PK_YAML_MAPPING && !level->key) {
		level->key = node;
		return check_key(reader, level->node, node);
	}
	if (level->again) {
		level->key = NULL;
		level->again = false;
		return 0;
	}
	pair = pk_rules_alloc(reader->ctx, sizeof(*pair));
	if (!pair)
		return -ENOMEM;
	pair->key = level->key;
	pair->value = node;
	level->key = NULL;
	if (level->node->last)
		level->node->last->next = pair;
	else
		level->node->first = pair;
	level->node->last = pair;
	level->node->cnt++;
	level->node->weight += node->weight + 1;
	return 0;
}

static int count_weight(struct reader *reader, const struct pk_yaml_node *node, uint32_t weight)
{
	reader->weight += weight;
	if (reader->weight > PK_MAX_YAML_NODES)
		return fail_limit(reader, node->pos, "nodes of YAML, with what aliases stand for",
				  PK_MAX_YAML_NODES);
	return 0;
}

static int add_anchor(struct reader *reader, const char *name, size_t len,
		      const struct pk_yaml_node *node)
{
	struct anchor *anchor;

	if (!name)
		return 0;
	if (reader->anchors_cnt == PK_MAX_YAML_ANCHORS)
		return fail_limit(reader, node->pos, "anchors in a document", PK_MAX_YAML_ANCHORS);
	anchor = &reader->anchors[reader->anchors_cnt++];
	anchor->name = name;
	anchor->len_bytes = len;
	anchor->node = node;
	return 0;
}

static char *anchor_name(struct reader *reader, struct fy_token *token, size_t *ret_len)
{
	const char *text = token ? fy_token_get_text(token, ret_len) : NULL;

	return text ? pk_rules_copy(reader->ctx, text, *ret_len) : NULL;
}

static int on_scalar(struct reader *reader, struct fy_event *event)
{
	struct pk_yaml_node *node = new_node(reader, PK_YAML_SCALAR, event);
	struct level *level = reader->levels_cnt ? &reader->levels[reader->levels_cnt - 1] : NULL;
	size_t len = 0;
	char *name = anchor_name(reader, event->scalar.anchor, &len);
	int err;

	if (!node)
		return -ENOMEM;
	if (!fy_event_start_mark(event) && level)
		node->pos = level->key ? level->key->pos : level->node->pos;
	err = set_text(reader, node, event);
	if (err)
		return err;
	if (level)
		place_empty(node, level->key, level->node, reader);
	err = count_weight(reader, node, 1);
	if (!err)
		err = add_anchor(reader, name, len, node);
	return err ? err : attach(reader, node);
}

static int on_alias(struct reader *reader, struct fy_event *event)
{
	const struct fy_mark *mark = fy_event_start_mark(event);
	struct pk_rules_pos pos = pos_at(reader, mark ? mark->input_pos : 0);
	size_t len = 0;
	const char *name = fy_token_get_text(event->alias.anchor, &len);
	int err;

	for (size_t i = reader->anchors_cnt; name && i-- > 0;) {
		const struct anchor *anchor = &reader->anchors[i];

		if (anchor->len_bytes != len || memcmp(anchor->name, name, len))
			continue;
		err = count_weight(reader, anchor->node, anchor->node->weight);
		return err ? err : attach(reader, anchor->node);
	}
	return fail(reader, pos, "no anchor of that name stands before this alias");
}

static int on_start(struct reader *reader, struct fy_event *event, enum pk_yaml_kind kind)
{
	struct pk_yaml_node *node = new_node(reader, kind, event);
	struct fy_token *anchor = kind == PK_YAML_MAPPING ? event->mapping_start.anchor :
							    event->sequence_start.anchor;
	struct level *level;

	if (!node)
		return -ENOMEM;
	if (reader->levels_cnt == PK_MAX_YAML_NESTING)
		return fail_limit(reader, node->pos, "levels of YAML within one another",
				  PK_MAX_YAML_NESTING);
	level = &reader->levels[reader->levels_cnt++];
	*level = (struct level){ .node = node };
	level->anchor = anchor_name(reader, anchor, &level->anchor_len_bytes);
	return count_weight(reader, node, 1);
}

static int on_end(struct reader *reader)
{
	struct level *level = &reader->levels[--reader->levels_cnt];
	int err = add_anchor(reader, level->anchor, level->anchor_len_bytes, level->node);

	return err ? err : attach(reader, level->node);
}

static void on_document_end(struct reader *reader)
{
	if (reader->root)
		reader->document(reader->arg, reader->root);
	reader->root = NULL;
	reader->anchors_cnt = 0;
}

static int on_event(struct reader *reader, struct fy_event *event)
{
	switch (event->type) {
	case FYET_SCALAR:
		return on_scalar(reader, event);
	case FYET_ALIAS:
		return on_alias(reader, event);
	case FYET_MAPPING_START:
		return on_start(reader, event, PK_YAML_MAPPING);
	case FYET_SEQUENCE_START:
		return on_start(reader, event, PK_YAML_SEQUENCE);
	case FYET_MAPPING_END:
	case FYET_SEQUENCE_END:
		return on_end(reader);
	case FYET_DOCUMENT_END:
		on_document_end(reader);
		return 0;
	default:
		return 0;
	}
}

/* libfyaml's lines and columns are from 1 and 1. */
static struct pk_rules_pos pos_of_error(const struct reader *reader,
					const struct fy_diag_error *error)
{
	size_t line = error->line > 0 ? (size_t)error->line - 1 : 0;
	size_t column = error->column > 0 ? (size_t)error->column - 1 : 0;

	if (line >= reader->source->lines_cnt)
		line = reader->source->lines_cnt - 1;
	return pos_at(reader, reader->source->lines[line] + column);
}

static int report(struct reader *reader, struct fy_diag *diag)
{
	const struct fy_diag_error *error;
	void *iterator = NULL;
	bool said = false;

	while (diag && (error = fy_diag_errors_iterate(diag, &iterator))) {
		pk_diag_add(reader->ctx, PK_DIAG_ERROR, pos_of_error(reader, error), 1, NULL,
			    "YAML: %s", error->msg ? error->msg : "not well-formed");
		said = true;
	}
	if (!said)
		fail(reader, pos_at(reader, 0), "YAML: not well-formed");
	return -EBADMSG;
}

static int read_events(struct reader *reader, struct fy_parser *parser)
{
	struct fy_event *event;
	int err = 0;

	while (!err && (event = fy_parser_parse(parser))) {
		err = on_event(reader, event);
		fy_parser_event_free(parser, event);
		if (reader->ctx->err)
			err = reader->ctx->err;
	}
	return err;
}

/* What is not allowed in YAML, or NULL. */
static const char *bad_char(unsigned int code, size_t bytes)
{
	if (!bytes)
		return "not UTF-8";
	if ((code < 0x20 && code != '\t' && code != '\n' && code != '\r') ||
	    (code >= 0x7f && code < 0xa0 && code != 0x85) || code == 0xfffe || code == 0xffff)
		return "a control character";
	return NULL;
}

/* Length of "%YAML 1.1" or "%YAML 1.2" and the blanks behind it, if that is the whole line; 0: it is not. */
static size_t version_len(const char *text, size_t len)
{
	static const char *const versions[] = { "%YAML 1.1", "%YAML 1.2" };
	size_t end = strlen(versions[0]);

	if (len < end || (memcmp(text, versions[0], end) && memcmp(text, versions[1], end)))
		return 0;
	while (end < len && (text[end] == ' ' || text[end] == '\r'))
		end++;
	return end < len && text[end] == '\n' ? end : 0;
}

/*
 * libfyaml (0.7.12) is not given what it takes badly: a zero byte is the end to it, and a broken
 * directive can hold it for ever. Of directives rules have the version, in the first line.
 */
static int check_bytes(struct reader *reader)
{
	const unsigned char *data = (const unsigned char *)reader->source->data;
	size_t len = reader->source->len_bytes;
	size_t begin = len >= 3 && !memcmp(data, "\xef\xbb\xbf", 3) ? 3 : 0;
	size_t at = begin + version_len(reader->source->data + begin, len - begin);

	while (at < len) {
		size_t bytes = pk_utf8_check(data + at, len - at);
		unsigned int code = bytes ? pk_utf8_decode(data + at, bytes) : 0;
		const char *bad = bad_char(code, bytes);

		if (!bad && code == '%' &&
		    (at == begin || data[at - 1] == '\n' || data[at - 1] == '\r'))
			bad = "a YAML directive";
		if (bad) {
			pk_diag_add(reader->ctx, PK_DIAG_ERROR, pos_at(reader, at), 1, NULL,
				    "%s, which rule files cannot have", bad);
			return -EBADMSG;
		}
		at += bytes;
	}
	return 0;
}

int pk_yaml_read(struct pk_rules_ctx *ctx, uint32_t file_idx,
		 void (*document)(void *arg, const struct pk_yaml_node *root), void *arg)
{
	/* flow collections may close at the margin, as they do in Falco's own files */
	struct fy_parse_cfg config = { .flags = FYPCF_SLOPPY_FLOW_INDENTATION };
	pk_cleanup(free_diag) struct fy_diag *diag = NULL;
	pk_cleanup(free_parser) struct fy_parser *parser = NULL;
	pk_cleanup(pk_free_p) struct reader *reader = calloc(1, sizeof(*reader));
	int err;

	if (!reader)
		return ctx->err = -ENOMEM;
	reader->ctx = ctx;
	reader->source = ctx->sources.files[file_idx];
	reader->file_idx = file_idx;
	reader->document = document;
	reader->arg = arg;
	err = check_bytes(reader);
	if (err || !reader->source->len_bytes)
		return err;
	config.diag = diag = new_diag();
	parser = diag ? fy_parser_create(&config) : NULL;
	if (!parser ||
	    fy_parser_set_string(parser, reader->source->data, reader->source->len_bytes))
		return ctx->err = -ENOMEM;
	err = read_events(reader, parser);
	if (err)
		return err;
	if (!fy_parser_get_stream_error(parser))
		return 0;
	return report(reader, diag);
}

bool pk_yaml_is_null(const struct pk_yaml_node *node)
{
	if (node->kind != PK_YAML_SCALAR || node->quoted)
		return false;
	return !node->text.len_bytes || pk_yaml_is(node, "~") || pk_yaml_is(node, "null") ||
	       pk_yaml_is(node, "Null") || pk_yaml_is(node, "NULL");
}

bool pk_yaml_is(const struct pk_yaml_node *node, const char *text)
{
	return node->kind == PK_YAML_SCALAR && !strcmp(node->text.data, text);
}

const struct pk_yaml_node *pk_yaml_get(const struct pk_yaml_node *mapping, const char *key)
{
	if (mapping->kind != PK_YAML_MAPPING)
		return NULL;
	for (const struct pk_yaml_pair *pair = mapping->first; pair; pair = pair->next) {
		if (pk_yaml_is(pair->key, key))
			return pair->value;
	}
	return NULL;
}

void pk_yaml_diag(struct pk_rules_ctx *ctx, enum pk_diag_severity severity,
		  const struct pk_yaml_node *node, const char *suggestion, const char *format, ...)
{
	char message[512];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	pk_diag_add(ctx, severity, node->pos, node->span_bytes, suggestion, "%s", message);
}
