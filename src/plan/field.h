/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fields of conditions and outputs: Falco's names, what they are, which events have them, and
 * where the kernel side has them while it judges. One table; the binder, the compiler, the evaluator,
 * output templates and docs/fields.md all follow from it.
 */
#ifndef PK_PLAN_FIELD_H
#define PK_PLAN_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "event.h"
#include "judge.h"
#include "rules/rules.h"

#define PK_FIELD_KIND(kind) (1ull << (kind)) /* enum pk_event_kind */

enum pk_field_type {
	PK_FIELD_TEXT = 0,
	PK_FIELD_INT, /* signed 64 bits; also ports, ids, booleans' neighbours */
	PK_FIELD_UINT,
	PK_FIELD_BOOL, /* in conditions: true or false */
	PK_FIELD_ADDR, /* IPv4 or IPv6 */
	PK_FIELD_NET,  /* an address, compared with networks: 10.0.0.0/8 */
	PK_FIELD_TIME, /* nanoseconds: since the epoch, or a duration */
	PK_FIELD_LIST, /* several texts: intersects, in */
};

/* When its value is settled. */
enum pk_field_life {
	PK_LIFE_EVENT = 0,
	PK_LIFE_PROCESS,
	PK_LIFE_CONTAINER,
};

enum pk_field_arg {
	PK_ARG_NONE = 0,
	PK_ARG_INDEX,          /* a number is required: proc.acmdline[2] */
	PK_ARG_OPTIONAL_INDEX, /* proc.aname, proc.aname[2] */
	PK_ARG_KEY,            /* any text is required */
	PK_ARG_OPTIONAL_KEY,
};

/* How the kernel side can answer a comparison of this field. */
enum pk_source_how {
	PK_SOURCE_USER = 0, /* it cannot: finished in user space */
	PK_SOURCE_KIND, /* text that the kind of event settles: evt.type; names in `symbols`, all true */
	PK_SOURCE_CONST, /* text or boolean, the same for every event of these kinds: `text` */
	PK_SOURCE_RANGE, /* number of which only the range is known: [min, max] (fd.num) */
	PK_SOURCE_TEXT,  /* text `id` (enum pk_text_id) of `whose` */
	PK_SOURCE_NUM, /* number `id` (enum pk_num), compared as it is after `& mask` (0: all bits) */
	PK_SOURCE_BOOL, /* true when number `id` & mask is one of symbols' values, or not 0 without */
	PK_SOURCE_SYMBOL, /* text: the name in `symbols` whose value is number `id` & mask, else <NA> */
	PK_SOURCE_BITS, /* text of the names of all symbols that number `id` & mask has, `text` between */
	PK_SOURCE_ADDR,  /* address `end` */
	PK_SOURCE_PORT,  /* port of `end` */
	PK_SOURCE_TAG,   /* a tag's name: bit in number `id`; no bit: missing */
	PK_SOURCE_INT32, /* number `id`, whose low 32 bits are a signed number: user.loginuid */
};

enum pk_source_whose {
	PK_WHOSE_EVENT = 0,
	PK_WHOSE_OWN,
	PK_WHOSE_PARENT,
	PK_WHOSE_ANCESTOR, /* the one that the argument names, 0: itself; without argument any, itself
			    * not among them; NAME only */
};

/* Ends of a connection. Which of local and remote is client and server depends on the kind of
 * event: connect, send: local is the client; accept, bind, listen: local is the server. */
enum pk_source_end {
	PK_END_LOCAL = 0,
	PK_END_REMOTE,
	PK_END_ANY, /* either: "=" is true when one is equal, "!=" when none is */
};

/* BITS: it is there when number & (mask, or value if that is 0) is value. SYMBOL: number is value. */
struct pk_symbol {
	const char *name;
	uint64_t value;
	uint64_t mask;
};

struct pk_field_source {
	uint64_t kinds; /* PK_FIELD_KIND(): for which events; 0 ends a list */
	enum pk_source_how how;
	uint32_t id;
	enum pk_source_whose whose;
	enum pk_source_end end;
	uint64_t mask;
	int64_t min, max;
	const char *text;
	const struct pk_symbol *symbols; /* ended by a NULL name */
};

struct pk_field {
	const char *name;
	enum pk_field_type type;
	enum pk_field_arg arg;
	enum pk_field_life life;
	const char *desc; /* one line for docs/fields.md; of our own words */
	uint64_t kinds; /* events that have it; for others it is missing; 0: none of ours (see why_not) */
	const char *why_not;                   /* kinds == 0: why no event can give it; else NULL */
	const struct pk_field_source *sources; /* by kind, the first that fits; NULL: user space */
	uint32_t id; /* enum pk_field_id, for whoever gets its value; 0: its sources tell */
};

/* All of them, in the order of the docs. */
const struct pk_field *pk_fields_get(size_t *ret_cnt);

/* By name, checking the argument (NULL: none). NULL: there is no such field, or its argument is wrong;
 * then *ret_suggestion (may be NULL) is the nearest name or NULL. */
const struct pk_field *pk_field_find(const char *name, const char *arg,
				     const char **ret_suggestion);

/* pk_field_find() as what pk_rules_options wants. */
bool pk_field_known(void *arg, struct pk_rules_field_query *query);

/* Source for one kind of event, PK_SOURCE_USER if it has none; NULL: the event has no such field. */
const struct pk_field_source *pk_field_source(const struct pk_field *field, uint32_t kind);

/* docs/fields.md. -ENOMEM */
int pk_fields_print_markdown(struct pk_buf *buf);

/* ---- values, in user space ---- */

enum pk_value_state {
	PK_VALUE_MISSING = 0, /* the event has none: every comparison is false */
	PK_VALUE_UNKNOWN,     /* it has one that is not known */
	PK_VALUE_KNOWN,
};

struct pk_value_text {
	const char *data; /* not NUL-terminated */
	size_t len;
};

#define PK_VALUE_LIST_MAX 64u

/*
 * Several texts: PK_FIELD_LIST, and a field of another type whose list_cnt is not 0: evt.type (all names
 * of the operation; "=" is true of any, "!=" when none is equal), fields of ancestors without an
 * index (every comparison is true when it is true of one).
 *
 * A field's value. Texts are borrowed: valid until the event is over. */
struct pk_value {
	enum pk_value_state state;
	enum pk_field_type type;
	struct pk_value_text text;
	union {
		int64_t i;
		uint64_t u; /* UINT, TIME; BOOL: 0 or 1 */
	} num;
	uint8_t addr[2][16];                          /* ADDR, NET; IPv4 as ::ffff:a.b.c.d */
	uint32_t addr_cnt;                            /* 2: either end (fd.ip, fd.net) */
	struct pk_value_text list[PK_VALUE_LIST_MAX]; /* LIST, and proc.aname without index */
	uint32_t list_cnt;
	bool partial;   /* text: cut; what is there is a true part. List: there are more */
	bool cut_front; /* partial text: its beginning is missing, else its end */
	bool ranged;    /* UNKNOWN, number: but it lies within [min, max] */
	int64_t min, max;
};

/*
 * Whoever has the event: gives a field's value. `field_arg` as in the condition. Texts that have to be
 * put together live in memory of the callee's that stays valid until the event is over. -ENOMEM.
 */
typedef int pk_value_fn(void *arg, const struct pk_field *field, const char *field_arg,
			struct pk_value *ret_value);

#endif
