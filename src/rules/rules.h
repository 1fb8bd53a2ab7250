/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules as loaded: what the compiler of rules reads. In: rule files in Falco's format, in order,
 * the user's last. Out: a rule set, all of it or nothing, and diagnostics either way.
 *
 *   pk_rules_loader_new -> pk_rules_load (each file) -> pk_rules_finish -> pk_rules_loader_free
 *
 * The loader owns the diagnostics, the rule set it gave away owns nothing of the loader.
 * The format and its semantics are Falco's (engine 0.63); docs/rules-conformance.md has the
 * differences. Ours on top, in a rule: action, on_unknown, tag, limit.
 */
#ifndef PK_RULES_RULES_H
#define PK_RULES_RULES_H

#include "rules/diag.h"
#include "rules/tree.h"

/* The engine version that required_engine_version is compared with: 0.MINOR.0. */
#define PK_RULES_ENGINE_MINOR 63u

enum pk_rules_priority {
	PK_RULES_EMERGENCY = 0,
	PK_RULES_ALERT,
	PK_RULES_CRITICAL,
	PK_RULES_ERROR,
	PK_RULES_WARNING,
	PK_RULES_NOTICE,
	PK_RULES_INFORMATIONAL,
	PK_RULES_DEBUG,
	PK_RULES_PRIORITY_CNT,
};

enum pk_rules_action {
	PK_RULES_ACTION_ALERT = 0,
	PK_RULES_ACTION_DENY,
	PK_RULES_ACTION_KILL,
};

enum pk_rules_on_unknown {
	PK_RULES_UNKNOWN_PASS = 0,
	PK_RULES_UNKNOWN_ACT,
};

enum pk_rules_tag_scope {
	PK_RULES_TAG_PROCESS = 0,
	PK_RULES_TAG_TREE,
	PK_RULES_TAG_CONTAINER,
};

/* tag: NAME [TTL] [on process|tree|container] */
struct pk_rules_tag {
	const char *name; /* NULL: the rule sets none */
	uint64_t ttl_ns;  /* 0: for good */
	enum pk_rules_tag_scope scope;
};

/* limit: N per DURATION */
#define PK_RULES_LIMIT_NONE UINT32_MAX /* "none": no match is told */

struct pk_rules_limit {
	uint32_t cnt; /* 0: no limit; PK_RULES_LIMIT_NONE */
	uint64_t duration_ns;
};

/* What a rule of Sigma says of itself; each may be NULL. */
struct pk_rule_sigma {
	const char *id, *author, *level, *status;
};

struct pk_rule {
	const char *name;
	struct pk_rules_pos pos; /* of the name where it was last defined */
	uint32_t span_bytes;
	struct pk_rules_text desc;
	struct pk_rules_text condition_text;   /* lists not yet put in, without exceptions */
	struct pk_rules_text output;           /* the template, as written */
	const struct pk_rules_node *condition; /* with exceptions, lists and macros */
	const char **tags;                     /* labels, Falco's "tags" */
	size_t tags_cnt;
	const char *source;
	enum pk_rules_priority priority;
	bool enabled;
	bool warn_evttypes;
	bool skip_if_unknown_filter;
	bool capture;
	uint64_t capture_duration_ms;      /* 0: not given */
	const struct pk_rule_sigma *sigma; /* NULL: it is none */
	enum pk_rules_action action;
	bool enforced; /* it was an alert, and denies or kills by pk_rules_loader_enforce() */
	enum pk_rules_on_unknown on_unknown;
	struct pk_rules_tag tag;
	struct pk_rules_limit limit;
	struct pk_rules_pos action_pos; /* pos of the rule when it gives no action */
	uint32_t action_span_bytes;
};

/* Whether its matches are told: all but those of a rule that only sets a tag. */
static inline bool pk_rules_tells(const struct pk_rule *rule)
{
	return rule->limit.cnt != PK_RULES_LIMIT_NONE || rule->action != PK_RULES_ACTION_ALERT;
}

struct pk_rules {
	struct pk_rules_ctx ctx;            /* the memory and the files that positions point into */
	const struct pk_rule *const *items; /* in the order of first definition */
	size_t cnt;                         /* disabled ones too; skipped ones not */
	size_t macros_cnt, lists_cnt;       /* defined, used or not */
	size_t left_out_cnt;                /* rules of Sigma that ask for what there is not */
};

/* How a field is looked up while loading. */
struct pk_rules_field_query {
	const char *name;
	const char *field_arg; /* NULL: none */
	const char
		*suggestion; /* set by the callback when it has one; borrowed until the next call */
};

/* Whether there is such a field, with such an argument. */
typedef bool pk_rules_field_known_fn(void *arg, struct pk_rules_field_query *query);

/* Whether a regular expression can be run; else why not is written to `why`. */
#define PK_RULES_REGEX_WHY_BYTES 128u
typedef bool pk_rules_regex_known_fn(void *arg, const char *text, size_t len,
				     char why[PK_RULES_REGEX_WHY_BYTES]);

struct pk_rules_options {
	pk_rules_field_known_fn *field_known; /* NULL: any field will do */
	pk_rules_regex_known_fn
		*regex_known; /* NULL: any will do, for now: the binder says what is wrong */
	void *arg;
};

struct pk_rules_loader;

/* `options` may be NULL. -ENOMEM */
int pk_rules_loader_new(const struct pk_rules_options *options,
			struct pk_rules_loader **ret_loader);
void pk_rules_loader_free(struct pk_rules_loader *loader);

/*
 * Reads one file. Mistakes in it are diagnostics and not an error here, so that the next file can
 * be read too and pk_rules_finish() finds all of them. -errno of opening and reading; -EFBIG past
 * PK_MAX_RULES_FILE_BYTES; -EMFILE past PK_MAX_RULES_FILES; -ENOMEM.
 */
int pk_rules_load(struct pk_rules_loader *loader, const char *path);

/* The same from memory; `path` is what diagnostics call it. */
int pk_rules_load_text(struct pk_rules_loader *loader, const char *path, const char *data,
		       size_t len);

/*
 * What was loaded so far and has this among its tags (Falco's, not the one a rule sets), does `action` from now on,
 * if it only alerted. Where no hook can deny, such a rule kills instead of being refused. Result: how many
 * rules have the tag, whatever they do.
 */
size_t pk_rules_loader_enforce(struct pk_rules_loader *loader, const char *tag,
			       enum pk_rules_action action);

/*
 * Checks and puts together all that was loaded. -EBADMSG: at least one diagnostic is an error and
 * there is no rule set; -ENOMEM, also when it would need more than PK_MAX_RULES_BYTES.
 * Once only. Diagnostics stay with the loader, unless it gave the rule set away: then
 * the rule set has them.
 */
int pk_rules_finish(struct pk_rules_loader *loader, struct pk_rules **ret_rules);

/*
 * The same, but with errors too there is a rule set, of those rules that could be put together: for later
 * stages to find what they have to say about them in the same go. It is not to be used.
 * -EBADMSG: *ret_rules is set, and has the diagnostics.
 */
int pk_rules_finish_partly(struct pk_rules_loader *loader, struct pk_rules **ret_rules);

/* The diagnostics so far: first of a list, or NULL. Valid until the loader (or the rule set that
 * came of it) is freed. Printing: pk_diag_print() with the context. */
const struct pk_rules_ctx *pk_rules_loader_get_ctx(const struct pk_rules_loader *loader);

void pk_rules_free(struct pk_rules *rules);

const char *pk_rules_priority_name(enum pk_rules_priority priority); /* "Critical", as in alerts */
const char *pk_rules_action_name(enum pk_rules_action action);       /* "deny" */

#endif
