/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tetragon's TracingPolicies to rules. In: a YAML file with any number of documents. Out: a rule file as text,
 * whose comments say what each rule came from, how it differs, and what has no rule and why.
 * What comes out is compiled before it is given away, so that `picket check` takes it. A rule is never broader
 * than its policy in what it denies or kills: one that would be alerts.
 * docs/import.md says what becomes of what.
 */
#ifndef PK_IMPORT_IMPORT_H
#define PK_IMPORT_IMPORT_H

#include "import/text.h"
#include "rules/names.h"
#include "rules/yaml.h"

#define PK_MAX_IMPORT_SELECTORS 64u /* of a hook */
#define PK_MAX_IMPORT_RULES 16384u  /* of one run */

struct pk_import_cnt {
	size_t policies;
	size_t whole;    /* of those: each hook and selector has its rule */
	size_t part;     /* of those: there are rules, and something is left out */
	size_t rules;    /* written */
	size_t left_out; /* hooks, selectors, values, actions */
};

struct pk_import {
	struct pk_rules_ctx *ctx; /* the files, and what is wrong with them */
	struct pk_import_text out;
	struct pk_import_cnt cnt;
	struct pk_rules_names names; /* of the rules so far */
};

/* `ctx` outlives it. -ENOMEM */
int pk_import_new(struct pk_rules_ctx *ctx, struct pk_import **ret_import);
void pk_import_free(struct pk_import *import);
PK_DEFINE_CLEANUP(struct pk_import *, pk_import_free);

/*
 * Texts of policies may end in a zero byte, written \0, as arguments of calls do: takes those away, in place, and
 * leaves the length as it is.
 */
void pk_import_blank_zeros(char *data, size_t len);

/*
 * Adds what becomes of a file of ctx->sources to import->out. -EBADMSG: it is no YAML, or a document is no
 * policy; that is among the findings, and what came before it has been added. -ENOMEM, -EFBIG.
 */
int pk_import_tetragon(struct pk_import *import, uint32_t file_idx);

/*
 * Whether a rule file of this text would be taken by the lsm backend. 0; -EBADMSG: not, *reterr_why is the
 * first reason; -ENOMEM.
 */
int pk_import_accept(const struct pk_import_text *rule, struct pk_import_text *reterr_why);

#endif
