/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comparisons to gates. In: a bound atom and where the kernel has its field. Out: a gate over
 * literals of the index; UNKNOWN, with the reason, for what the kernel cannot answer.
 */
#ifndef PK_PLAN_LOWER_H
#define PK_PLAN_LOWER_H

#include "plan/gate.h"
#include "plan/index.h"

#define PK_FILE_KINDS_WITH_ID                                            \
	(PK_FIELD_KIND(PK_EVENT_OPEN) | PK_FIELD_KIND(PK_EVENT_RENAME) | \
	 PK_FIELD_KIND(PK_EVENT_UNLINK) | PK_FIELD_KIND(PK_EVENT_LINK) | \
	 PK_FIELD_KIND(PK_EVENT_RMDIR) | PK_FIELD_KIND(PK_EVENT_CHMOD) | \
	 PK_FIELD_KIND(PK_EVENT_CHOWN) | PK_FIELD_KIND(PK_EVENT_TRUNCATE))

/* Literal paths that are known by their files too. */
enum pk_lower_ident {
	PK_IDENT_NONE = 0,
	PK_IDENT_FILE, /* of the file that something is done to */
	PK_IDENT_EXE,  /* of the program that is executed */
};

/* An atom as one source of its field answers it. Hangs off pk_atom.user. */
struct pk_lowered {
	const struct pk_field_source *source;
	enum pk_lower_ident ident;
	const struct pk_gate *gate;
	const char *why; /* why the kernel cannot answer it, or not all of it; NULL: it can */
	struct pk_lowered *next;
};

struct pk_lower {
	struct pk_arena *arena;
	struct pk_gates *gates;
	struct pk_index *index;
	const char *const *tag_names; /* by bit */
	size_t tag_cnt;
	const char *why; /* of the atom at work */
	int err;
};

/* NULL: lower->err, gates->err or index->err. */
const struct pk_lowered *pk_lower_atom(struct pk_lower *lower, struct pk_atom *atom,
				       const struct pk_field_source *source,
				       enum pk_lower_ident ident);

/* ---- parts of it ---- */

const struct pk_gate *pk_lower_unknown(struct pk_lower *lower, const char *why);
const struct pk_gate *pk_lower_lit(struct pk_lower *lower, const struct pk_index_lit *wanted);
const struct pk_gate *pk_lower_num(struct pk_lower *lower, uint32_t num, uint64_t mask, bool ne,
				   const struct pk_range *ranges, size_t cnt);
/* The atom's value when its field is that text. */
enum pk_truth pk_lower_ask_text(struct pk_lower *lower, const struct pk_atom *atom,
				const char *text);

const struct pk_gate *pk_lower_text(struct pk_lower *lower, const struct pk_atom *atom,
				    const struct pk_field_source *source,
				    enum pk_lower_ident ident);
const struct pk_gate *pk_lower_number(struct pk_lower *lower, const struct pk_atom *atom,
				      const struct pk_field_source *source);
const struct pk_gate *pk_lower_names(struct pk_lower *lower, const struct pk_atom *atom,
				     const struct pk_field_source *source);
const struct pk_gate *pk_lower_addr(struct pk_lower *lower, const struct pk_atom *atom,
				    const struct pk_field_source *source);

#endif
