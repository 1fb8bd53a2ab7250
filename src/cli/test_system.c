// SPDX-License-Identifier: Apache-2.0
/*
 * Bodies of test events of struct pk_sys_event's kinds: "mount" and the others, by the table that printed them.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/test_body.h"
#include "stream/system.h"

static bool number_of(const struct pk_symbol *symbols, const char *word, size_t len,
		      uint64_t *ret_number)
{
	for (; symbols && symbols->name; symbols++) {
		if (strlen(symbols->name) == len && !memcmp(symbols->name, word, len)) {
			*ret_number = symbols->value;
			return true;
		}
	}
	return pk_keys_parse(word, len, len > 2 && word[1] == 'x' ? PK_KEYS_HEX : PK_KEYS_DECIMAL,
			     ret_number);
}

static void add_word(struct pk_keys *keys, const struct pk_yaml_node *node,
		     const struct pk_system_arg *arg, const char *word, size_t len,
		     uint64_t *number)
{
	uint64_t value = 0;

	if (!number_of(arg->symbols, word, len, &value))
		pk_yaml_diag(keys->ctx, PK_DIAG_ERROR, node, NULL, "unknown word '%.*s' in '%s'",
			     (int)len, word, arg->name);
	*number |= value;
}

/* "A|B", or a list of names. */
static void take_words(struct pk_keys *keys, const struct pk_yaml_node *node,
		       const struct pk_system_arg *arg, uint64_t *number)
{
	if (node->kind == PK_YAML_SEQUENCE) {
		for (const struct pk_yaml_pair *item = node->first; item; item = item->next) {
			if (item->value->kind == PK_YAML_SCALAR)
				add_word(keys, item->value, arg, item->value->text.data,
					 item->value->text.len_bytes, number);
		}
	} else if (node->kind == PK_YAML_SCALAR) {
		for (const char *p = node->text.data; *p;) {
			size_t len = strcspn(p, "| ,");

			if (len)
				add_word(keys, node, arg, p, len, number);
			p += len + (p[len] != '\0');
		}
	} else {
		pk_yaml_diag(keys->ctx, PK_DIAG_ERROR, node, NULL, "'%s' wants names", arg->name);
	}
}

static __u64 take_arg(struct pk_keys *keys, const struct pk_system_arg *arg)
{
	const struct pk_yaml_node *node = pk_keys_take(keys, arg->name);
	uint64_t number = 0;
	const char *text;

	if (!node)
		return 0;
	if (arg->symbols) {
		take_words(keys, node, arg, &number);
		return number;
	}
	text = node->kind == PK_YAML_SCALAR ? node->text.data : "";
	if (arg->form == PK_SYSTEM_S32 && *text == '-' &&
	    pk_keys_parse(text + 1, strlen(text + 1), PK_KEYS_DECIMAL, &number))
		return (__u32)-number;
	pk_keys_number(keys, arg->name,
		       arg->form == PK_SYSTEM_HEX || arg->form == PK_SYSTEM_CAPS ? PK_KEYS_HEX :
										   PK_KEYS_DECIMAL,
		       &number);
	return number;
}

static void take_text(struct pk_record *record, struct pk_keys *keys, const char *name,
		      struct pk_str *str)
{
	struct pk_text text;

	if (name && pk_keys_text(keys, name, &text) &&
	    pk_record_add(record, str, text.data, text.len))
		pk_yaml_diag(keys->ctx, PK_DIAG_ERROR, keys->map, NULL,
			     "'%s' has more text than an event can hold", keys->what);
}

static void take_target(struct pk_record *record, struct pk_keys *keys, struct pk_sys_event *sys)
{
	const struct pk_yaml_node *node = pk_keys_take(keys, "target");
	struct pk_keys inner;
	struct pk_text name;
	uint64_t number;

	if (!node)
		return;
	pk_keys_init(&inner, keys->ctx, node, "target");
	if (pk_keys_number(&inner, "pid", PK_KEYS_DECIMAL, &number))
		sys->target_pid = (__u32)number;
	if (pk_keys_number(&inner, "uid", PK_KEYS_DECIMAL, &number))
		sys->target_uid = (__u32)number;
	if (pk_keys_number(&inner, "cgroup_id", PK_KEYS_DECIMAL, &number))
		sys->target_cgroup_id = number;
	if (pk_keys_number(&inner, "exec_id", PK_KEYS_HEX, &number))
		sys->target_exec_id = number;
	if (pk_keys_text(&inner, "name", &name)) {
		if (name.len > PK_COMM_LEN - 1)
			name.len = PK_COMM_LEN - 1;
		memcpy(sys->target_comm, name.data, name.len);
		pk_record_add(record, &sys->text, name.data, name.len);
	}
	pk_keys_end(&inner);
}

void pk_test_system(struct pk_record *record, struct pk_keys *keys)
{
	struct pk_sys_event *sys = &record->u.sys;
	const struct pk_system_shape *shape = pk_system_shape(sys->head.kind);

	if (!shape)
		return;
	if (shape->has_path)
		pk_test_path(record, keys, PK_TEST_PATH, &sys->path);
	if (shape->path2)
		pk_test_path(record, keys,
			     *shape->path2 == 'o' ? PK_TEST_OLD_PATH : PK_TEST_NEW_PATH,
			     &sys->path2);
	if (shape->has_path)
		pk_test_inode(keys, &sys->inode);
	take_text(record, keys, shape->text, &sys->text);
	take_text(record, keys, shape->text2, &sys->text2);
	for (unsigned int i = 0; i < PK_SYS_ARGS; i++) {
		if (shape->args[i].name)
			sys->arg[i] = take_arg(keys, &shape->args[i]);
	}
	if (shape->has_target)
		take_target(record, keys, sys);
}
