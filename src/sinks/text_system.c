/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kinds of struct pk_sys_event say of themselves in a line of text: paths, texts, then the numbers
 * by their names.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sinks/text.h"
#include "stream/system.h"

struct line {
	struct pk_buf *out;
	const char *separator;
	int err;
};

static void put(struct line *line, const char *text)
{
	if (!line->err)
		line->err = pk_buf_add_str(line->out, text);
}

static void __attribute__((format(printf, 2, 3))) putf(struct line *line, const char *format, ...)
{
	char text[128];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	put(line, text);
}

static void put_visible(struct line *line, struct pk_text text)
{
	if (!line->err)
		line->err = pk_text_visible(line->out, text.data, text.len);
}

static void separate(struct line *line)
{
	put(line, line->separator);
	line->separator = " ";
}

static void put_path(struct line *line, const struct pk_sys_event *sys, const struct pk_path *path)
{
	struct pk_text name = pk_record_path(sys, path);

	if (!name.len && !path->flags)
		return;
	separate(line);
	if (path->flags & PK_PATH_TRUNCATED)
		put(line, "...");
	if (name.len)
		put_visible(line, name);
	else
		put(line, "?");
	if (path->flags & PK_PATH_ARGUMENT)
		put(line, " [unresolved]");
	if (path->flags & PK_PATH_DELETED)
		put(line, " [deleted]");
}

static void put_text(struct line *line, const struct pk_sys_event *sys, const char *name,
		     struct pk_str text)
{
	if (!name || !text.len)
		return;
	separate(line);
	putf(line, "%s=", name);
	put_visible(line, pk_record_text(sys, text));
}

static void put_bits(struct line *line, __u64 number, const struct pk_symbol *symbols)
{
	const char *separator = "";

	for (; symbols->name; symbols++) {
		if ((number & (symbols->mask ?: symbols->value)) != symbols->value)
			continue;
		putf(line, "%s%s", separator, symbols->name);
		separator = "|";
		number &= ~symbols->value;
	}
	if (number || !*separator)
		putf(line, "%s0x%llx", separator, (unsigned long long)number);
}

static void put_symbol(struct line *line, __u64 number, const struct pk_symbol *symbols)
{
	for (; symbols->name; symbols++) {
		if (symbols->value == number) {
			put(line, symbols->name);
			return;
		}
	}
	putf(line, "%llu", (unsigned long long)number);
}

static void put_arg(struct line *line, const struct pk_system_arg *arg, __u64 number)
{
	separate(line);
	putf(line, "%s=", arg->name);
	switch (arg->form) {
	case PK_SYSTEM_BITS:
		put_bits(line, number, arg->symbols);
		break;
	case PK_SYSTEM_SYMBOL:
		put_symbol(line, number, arg->symbols);
		break;
	case PK_SYSTEM_S32:
		putf(line, "%d", (int)number);
		break;
	case PK_SYSTEM_HEX:
	case PK_SYSTEM_CAPS:
		putf(line, "0x%llx", (unsigned long long)number);
		break;
	default:
		putf(line, "%llu", (unsigned long long)number);
		break;
	}
}

static void put_target(struct line *line, const struct pk_sys_event *sys)
{
	if (!sys->target_pid)
		return;
	separate(line);
	putf(line, "of %u ", sys->target_pid);
	put_visible(line,
		    (struct pk_text){ sys->target_comm, strnlen(sys->target_comm, PK_COMM_LEN) });
}

int pk_text_system(struct pk_buf *out, const struct pk_view *view)
{
	const struct pk_sys_event *sys = (const struct pk_sys_event *)view->event;
	const struct pk_system_shape *shape = pk_system_shape(sys->head.kind);
	struct line line = { .out = out, .separator = "" };

	if (!shape)
		return 0;
	if (shape->has_path)
		put_path(&line, sys, &sys->path);
	if (shape->path2) {
		put(&line, " ->");
		put_path(&line, sys, &sys->path2);
	}
	if (shape->has_target)
		put_target(&line, sys);
	put_text(&line, sys, shape->text, sys->text);
	put_text(&line, sys, shape->text2, sys->text2);
	for (unsigned int i = 0; i < PK_SYS_ARGS; i++) {
		const struct pk_system_arg *arg = &shape->args[i];

		if (arg->name && (!arg->if_set || sys->arg[i]) &&
		    !(sys->sys_flags & PK_SYS_ARG_UNKNOWN(i)))
			put_arg(&line, arg, sys->arg[i]);
	}
	return line.err;
}
