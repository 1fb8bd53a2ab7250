// SPDX-License-Identifier: Apache-2.0
/*
 * A rule explained for the eye.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/explain.h"

/* Errors stick. */
struct out {
	struct pk_buf *buf;
	int err;
};

static void __attribute__((format(printf, 2, 3))) put(struct out *out, const char *format, ...)
{
	pk_cleanup(pk_free_p) char *text = NULL;
	va_list args;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0) {
		text = NULL;
		out->err = -ENOMEM;
	} else if (!out->err) {
		out->err = pk_buf_add(out->buf, text, (size_t)len);
	}
}

static void put_action(struct out *out, const struct pk_explain *explain)
{
	const struct pk_rule *rule = explain->rule;
	const char *written = pk_rules_action_name(rule->action);
	const char *action = pk_rules_action_name((enum pk_rules_action)explain->entry->action);

	put(out, "  action   %s", action);
	if (strcmp(action, written) != 0)
		put(out, " (%s as written)", written);
	if (explain->entry->action != PK_RULES_ACTION_ALERT)
		put(out, ", where it is unknown: %s",
		    rule->on_unknown == PK_RULES_UNKNOWN_ACT ? "as well" : "not");
	if (rule->tag.name)
		put(out, ", tags '%s'", rule->tag.name);
	put(out, "\n");
}

static void put_kind(struct out *out, const struct pk_explain_kind *kind)
{
	put(out, "  %-8s ", kind->name);
	if (!kind->hooks_cnt)
		put(out, "no hook on this backend");
	for (size_t i = 0; i < kind->hooks_cnt; i++)
		put(out, "%s%s", i ? ", " : "at ", kind->hooks[i]);
	put(out, "; %s; %zu instructions\n",
	    kind->kernel ? "decided in the kernel" : "finished in user space", kind->insns_cnt);
	if (kind->key)
		put(out, "           looked at only when %s\n", kind->key);
}

static void put_notes(struct out *out, const struct pk_explain *explain)
{
	for (size_t i = 0; i < explain->notes_cnt; i++) {
		const struct pk_explain_note *note = &explain->notes[i];

		if (note->atom)
			put(out, "  note     %s: %s\n", note->atom, note->text);
		else
			put(out, "  note     %s\n", note->text);
	}
}

int pk_explain_text(const struct pk_explain *explain, struct pk_buf *buf)
{
	struct out out = { buf, 0 };
	const char *separator = "  tables   ";

	put(&out, "%s (%s:%u)%s\n", explain->rule->name, explain->path, explain->line,
	    explain->rule->enabled ? "" : ", disabled");
	put_action(&out, explain);
	if (explain->planned->never)
		put(&out, "  events   none: it is never true here\n");
	for (size_t i = 0; i < explain->kinds_cnt; i++)
		put_kind(&out, &explain->kinds[i]);
	put(&out, "  deny     %s\n", explain->planned->can_deny ? "could" : "could not");
	put_notes(&out, explain);
	for (unsigned int bit = 0; bit < PK_EXPLAIN_TABLES; bit++) {
		if (!(explain->tables & 1u << bit))
			continue;
		put(&out, "%s%s", separator, pk_explain_table_name(bit));
		separator = ", ";
	}
	put(&out, explain->tables ? "\n\n" : "\n");
	return out.err;
}
