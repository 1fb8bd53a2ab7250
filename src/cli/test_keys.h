/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading one YAML mapping key by key, saying which keys nobody asked for. In: a mapping of a test file.
 * Out: values; mistakes are diagnostics of the file. A value that is wrong reads as one that is not there.
 */
#ifndef PK_CLI_TEST_KEYS_H
#define PK_CLI_TEST_KEYS_H

#include "rules/yaml.h"
#include "stream/record.h"

#define PK_MAX_KEYS 64u /* of one mapping */

struct pk_keys {
	struct pk_rules_ctx *ctx;
	const struct pk_yaml_node *map; /* NULL: no keys */
	const char *what;               /* for messages: "process" */
	uint64_t used;                  /* bit per pair */
	const char *asked[PK_MAX_KEYS * 2];
	size_t asked_cnt;
};

/* `map` may be NULL. What is no mapping, or has too many keys, is said and read as empty. */
void pk_keys_init(struct pk_keys *keys, struct pk_rules_ctx *ctx, const struct pk_yaml_node *map,
		  const char *what);

/* The value of a key, or NULL. `name` must outlive pk_keys_end(). */
const struct pk_yaml_node *pk_keys_take(struct pk_keys *keys, const char *name);

/* These: whether there is a (good) value. A text may be empty. */
bool pk_keys_text(struct pk_keys *keys, const char *name, struct pk_text *ret_text);
bool pk_keys_flag(struct pk_keys *keys, const char *name); /* its value; not there: false */

enum pk_keys_form {
	PK_KEYS_DECIMAL = 0,
	PK_KEYS_OCTAL,
	PK_KEYS_HEX,
	PK_KEYS_DEVICE, /* major:minor, as struct pk_inode.dev */
};

bool pk_keys_number(struct pk_keys *keys, const char *name, enum pk_keys_form form,
		    uint64_t *ret_number);

/* Numbers that go straight into a structure. */
struct pk_keys_number {
	const char *name; /* NULL ends a table */
	enum pk_keys_form form;
	uint16_t offset_bytes;
	uint8_t size_bytes; /* 2, 4 or 8 */
};

/* Takes all of `table`; what is not there keeps its value. */
void pk_keys_numbers(struct pk_keys *keys, const struct pk_keys_number *table, void *base);

/* A name that `name_of` gives to some number below `end`. */
bool pk_keys_word(struct pk_keys *keys, const char *name, const char *(*name_of)(uint32_t number),
		  uint32_t end, uint32_t *ret_number);

/* Says which keys are unknown. */
void pk_keys_end(struct pk_keys *keys);

/* Digits of `form` and nothing else, up to 64 bits. */
bool pk_keys_parse(const char *text, size_t len, enum pk_keys_form form, uint64_t *ret_number);

#endif
