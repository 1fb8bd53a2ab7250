// SPDX-License-Identifier: Apache-2.0
/*
 * A rule explained for programs: one object a line, always with the same keys.
 */
#include <string.h>

#include "cli/explain.h"
#include "sinks/json_writer.h"

static void put_string(struct pk_jw *w, const char *text)
{
	pk_jw_string(w, text, strlen(text));
}

#define PUT_BOOL(w, key, value)                             \
	do {                                                \
		if (value)                                  \
			pk_jw_lit(w, ",\"" key "\":true");  \
		else                                        \
			pk_jw_lit(w, ",\"" key "\":false"); \
	} while (0)

#define PUT_STRING(w, key, text)               \
	do {                                   \
		pk_jw_lit(w, ",\"" key "\":"); \
		put_string(w, text);           \
	} while (0)

static void put_kind(struct pk_jw *w, const struct pk_explain_kind *kind)
{
	size_t object, array;

	pk_jw_lit(w, ",");
	object = pk_jw_open(w);
	PUT_STRING(w, "event", kind->name);
	pk_jw_lit(w, ",\"hooks\":");
	array = pk_jw_open(w);
	for (size_t i = 0; i < kind->hooks_cnt; i++) {
		pk_jw_lit(w, ",");
		put_string(w, kind->hooks[i]);
	}
	pk_jw_close_array(w, array);
	PUT_BOOL(w, "kernel", kind->kernel);
	PUT_BOOL(w, "hook_can_deny", kind->can_deny);
	pk_jw_field_u64(w, "instructions", kind->insns_cnt);
	if (kind->key)
		PUT_STRING(w, "key", kind->key);
	else
		pk_jw_lit(w, ",\"key\":null");
	pk_jw_close_object(w, object);
}

static void put_note(struct pk_jw *w, const struct pk_explain_note *note)
{
	size_t object;

	pk_jw_lit(w, ",");
	object = pk_jw_open(w);
	if (note->atom)
		PUT_STRING(w, "atom", note->atom);
	else
		pk_jw_lit(w, ",\"atom\":null");
	PUT_STRING(w, "text", note->text);
	pk_jw_close_object(w, object);
}

static void put_lists(struct pk_jw *w, const struct pk_explain *explain)
{
	size_t array;

	pk_jw_lit(w, ",\"events\":");
	array = pk_jw_open(w);
	for (size_t i = 0; i < explain->kinds_cnt; i++)
		put_kind(w, &explain->kinds[i]);
	pk_jw_close_array(w, array);
	pk_jw_lit(w, ",\"notes\":");
	array = pk_jw_open(w);
	for (size_t i = 0; i < explain->notes_cnt; i++)
		put_note(w, &explain->notes[i]);
	pk_jw_close_array(w, array);
	pk_jw_lit(w, ",\"tables\":");
	array = pk_jw_open(w);
	for (unsigned int bit = 0; bit < PK_EXPLAIN_TABLES; bit++) {
		if (!(explain->tables & 1u << bit))
			continue;
		pk_jw_lit(w, ",");
		put_string(w, pk_explain_table_name(bit));
	}
	pk_jw_close_array(w, array);
}

int pk_explain_json(const struct pk_explain *explain, struct pk_buf *out)
{
	struct pk_jw w;
	size_t object;
	int err = pk_jw_begin(&w, out);

	if (err)
		return err;
	object = pk_jw_open(&w);
	PUT_STRING(&w, "rule", explain->rule->name);
	PUT_STRING(&w, "file", explain->path);
	pk_jw_field_u64(&w, "line", explain->line);
	PUT_BOOL(&w, "enabled", explain->rule->enabled);
	PUT_STRING(&w, "action",
		   pk_rules_action_name((enum pk_rules_action)explain->entry->action));
	PUT_BOOL(&w, "never", explain->planned->never);
	PUT_BOOL(&w, "can_deny", explain->planned->can_deny);
	put_lists(&w, explain);
	pk_jw_close_object(&w, object);
	pk_jw_lit(&w, "\n");
	return pk_jw_end(&w);
}
