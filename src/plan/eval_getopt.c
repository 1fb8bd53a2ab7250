// SPDX-License-Identifier: Apache-2.0
/*
 * getopt(): which options a command line has, as POSIX reads them. In: arguments (a list, or one text
 * with blanks between) and options as for getopt(3): "nt:" is -n, and -t with an argument; long
 * ones as "exec:,listen". Out: a list of the options that are there, or one's argument.
 */
#include <string.h>

#include "plan/bind_internal.h"

struct args {
	const struct pk_value *value;
	struct pk_value_text rest; /* of a single text */
	uint32_t idx;
};

static bool next_arg(struct args *args, struct pk_value_text *ret_arg)
{
	const char *blank;

	if (args->value->list_cnt) {
		if (args->idx == args->value->list_cnt)
			return false;
		*ret_arg = args->value->list[args->idx++];
		return true;
	}
	while (args->rest.len && *args->rest.data == ' ') {
		args->rest.data++;
		args->rest.len--;
	}
	if (!args->rest.len)
		return false;
	blank = memchr(args->rest.data, ' ', args->rest.len);
	*ret_arg = args->rest;
	if (blank)
		ret_arg->len = (size_t)(blank - args->rest.data);
	args->rest.data += ret_arg->len;
	args->rest.len -= ret_arg->len;
	return true;
}

struct found {
	const char *key; /* NULL: all are collected */
	struct pk_value *value;
};

static void note(struct found *found, const char *name, size_t name_len,
		 struct pk_value_text argument)
{
	struct pk_value *value = found->value;

	if (found->key) {
		if (strlen(found->key) == name_len && !memcmp(found->key, name, name_len)) {
			value->state = PK_VALUE_KNOWN;
			value->text = argument;
		}
		return;
	}
	if (value->list_cnt == PK_VALUE_LIST_MAX) {
		value->partial = true;
		return;
	}
	value->state = PK_VALUE_KNOWN;
	value->list[value->list_cnt++] = (struct pk_value_text){ name, name_len };
}

/* -abc, -ofile, -o file */
static void short_options(struct args *args, struct pk_value_text arg, const char *options,
			  struct found *found)
{
	for (size_t i = 1; i < arg.len; i++) {
		const char *option = arg.data[i] == ':' ? NULL : strchr(options, arg.data[i]);
		struct pk_value_text argument = { "", 0 };

		if (!arg.data[i] || !option)
			continue;
		if (option[1] != ':') {
			note(found, &arg.data[i], 1, argument);
			continue;
		}
		argument = (struct pk_value_text){ arg.data + i + 1, arg.len - i - 1 };
		if (!argument.len && !next_arg(args, &argument))
			argument = (struct pk_value_text){ "", 0 };
		note(found, &arg.data[i], 1, argument);
		return;
	}
}

/* The option in "exec:,listen" called so; NULL: there is none. */
static const char *find_long(const char *options, const char *name, size_t len)
{
	while (options && *options) {
		size_t option_len = strcspn(options, ":,");

		if (option_len == len && !memcmp(options, name, len))
			return options;
		options += strcspn(options, ",");
		options += *options == ',';
	}
	return NULL;
}

/* --name, --name=argument, --name argument */
static void long_option(struct args *args, struct pk_value_text arg, const char *options,
			struct found *found)
{
	const char *equals = memchr(arg.data, '=', arg.len);
	size_t len = equals ? (size_t)(equals - arg.data) : arg.len;
	const char *option = find_long(options, arg.data + 2, len - 2);
	struct pk_value_text argument = { "", 0 };

	if (!option)
		return;
	if (equals)
		argument = (struct pk_value_text){ equals + 1, arg.len - len - 1 };
	else if (option[len - 2] == ':' && !next_arg(args, &argument))
		argument = (struct pk_value_text){ "", 0 };
	note(found, arg.data + 2, len - 2, argument);
}

void pk_eval_getopt(const struct pk_value *value, const char *options, const char *long_options,
		    const char *key, struct pk_value *ret_value)
{
	struct args args = { value, value->text, 0 };
	struct found found = { key, ret_value };
	struct pk_value_text arg;

	*ret_value = (struct pk_value){ .type = key ? PK_FIELD_TEXT : PK_FIELD_LIST };
	while (next_arg(&args, &arg)) {
		if (arg.len < 2 || *arg.data != '-')
			continue; /* options may stand behind other arguments */
		if (arg.data[1] != '-')
			short_options(&args, arg, options, &found);
		else if (arg.len == 2)
			break;
		else
			long_option(&args, arg, long_options, &found);
	}
}
