/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kinds of struct pk_sys_event are made of: which of its fields each has, and what they are called in
 * output. The sinks, `picket test` and the docs' schema follow it.
 */
#ifndef PK_STREAM_SYSTEM_H
#define PK_STREAM_SYSTEM_H

#include <stdbool.h>

#include "event.h"
#include "plan/field.h"

enum pk_system_form {
	PK_SYSTEM_NONE = 0, /* it has no such argument */
	PK_SYSTEM_NUMBER,
	PK_SYSTEM_S32,
	PK_SYSTEM_HEX,
	PK_SYSTEM_BITS,   /* names of the bits that are set */
	PK_SYSTEM_SYMBOL, /* the name of the number, or the number in quotes */
	PK_SYSTEM_CAPS,   /* 64 bits in hexadecimal */
};

struct pk_system_arg {
	const char *name;
	enum pk_system_form form;
	bool if_set; /* left out when it is 0 */
	const struct pk_symbol *symbols;
};

struct pk_system_shape {
	const char *object; /* the member of an event that has it all: "mount", ... */
	const char *text;   /* NULL: it has none */
	const char *text2;
	const char *path2; /* what the members about path2 begin with */
	bool has_path;
	bool has_target;
	struct pk_system_arg args[PK_SYS_ARGS];
};

/* Of a kind from PK_EVENT_DO_MOUNT on; NULL: no such kind. */
const struct pk_system_shape *pk_system_shape(__u32 kind);

/* "mount", ... by number from 0; NULL behind the last. */
const char *pk_system_object(unsigned int idx);

#endif
