// SPDX-License-Identifier: Apache-2.0
/*
 * Loading rule files.
 */
#include "cli/rules_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/commands.h"
#include "cli/rules_links.h"
#include "plan/pattern.h"
#include "rules/suggest.h"

/* ---- findings ---- */

#define RED "\033[1;31m"
#define YELLOW "\033[1;33m"
#define CYAN "\033[1;36m"
#define RESET "\033[0m"

/* The severity in colour: the first ": error:" of the line. */
static int add_colored(struct pk_buf *buf, const struct pk_buf *plain,
		       enum pk_diag_severity severity)
{
	static const char *const words[] = { ": error: ", ": warning: ", ": note: " };
	static const char *const colors[] = { RED, YELLOW, CYAN };
	const char *word = words[severity];
	const char *at = memmem(plain->data, plain->len_bytes, word, strlen(word));
	const char *end = plain->data + plain->len_bytes;
	int err;

	if (!at)
		return pk_buf_add(buf, plain->data, plain->len_bytes);
	err = pk_buf_add(buf, plain->data, (size_t)(at + 2 - plain->data));
	if (!err)
		err = pk_buf_add_str(buf, colors[severity]);
	if (!err)
		err = pk_buf_add(buf, at + 2, strlen(word) - 3);
	if (!err)
		err = pk_buf_add_str(buf, RESET);
	at += strlen(word) - 1;
	return err ? err : pk_buf_add(buf, at, (size_t)(end - at));
}

static bool wants_color(void)
{
	const char *no_color = getenv("NO_COLOR");

	return isatty(STDERR_FILENO) && !(no_color && *no_color);
}

void pk_ruleset_print_diags(const struct pk_rules_ctx *ctx, bool notes)
{
	pk_buf_cleanup struct pk_buf all = PK_BUF_INIT;
	bool color = wants_color();
	int err = 0;

	for (const struct pk_diag *diag = ctx->diags.first; diag && !err; diag = diag->next) {
		pk_buf_cleanup struct pk_buf one = PK_BUF_INIT;

		if (diag->severity == PK_DIAG_NOTE && !notes)
			continue;
		err = pk_diag_print(ctx, diag, &one);
		if (!err)
			err = color ? add_colored(&all, &one, diag->severity) :
				      pk_buf_add(&all, one.data, one.len_bytes);
	}
	pk_buf_write(&all, STDERR_FILENO);
	if (err)
		pk_error("rules: cannot print all findings: %s", strerror(-err));
	if (ctx->diags.cnt >= PK_MAX_DIAGS)
		pk_error("rules: more than %u findings; the rest is not shown", PK_MAX_DIAGS);
}

/* ---- files ---- */

/* What the command was given. */
struct named {
	const char *const *paths;
	size_t cnt;
};

static int tell(const char *path, int err)
{
	if (err == -EMFILE)
		pk_error("rules: cannot read '%s': more than %u files", path, PK_MAX_RULES_FILES);
	else if (err == -EFBIG)
		pk_error("rules: cannot read '%s': larger than %u MiB", path,
			 PK_MAX_RULES_FILE_BYTES >> 20);
	else if (err)
		pk_error("rules: cannot read '%s': %s", path, strerror(-err));
	return err;
}

static int load_file(struct pk_rules_loader *loader, const char *path)
{
	return tell(path, pk_rules_load(loader, path));
}

static int is_rule_file(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && entry->d_name[0] != '.' && (!strcmp(dot, ".yaml") || !strcmp(dot, ".yml"));
}

/* alphasort() would follow the locale */
static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int load_entry(struct pk_rules_loader *loader, const char *dir, const char *name,
		      size_t *loaded_cnt)
{
	pk_cleanup(pk_free_p) char *path = NULL;
	struct stat st;

	if (asprintf(&path, "%s%s%s", dir, dir[strlen(dir) - 1] == '/' ? "" : "/", name) < 0) {
		path = NULL;
		return tell(dir, -ENOMEM);
	}
	if (stat(path, &st))
		return tell(path, -errno);
	if (!S_ISREG(st.st_mode))
		return 0;
	++*loaded_cnt;
	return load_file(loader, path);
}

/* A directory in one of those that are read, and none of them itself. */
static bool is_unread(const struct named *named, const char *parent, const char *name)
{
	pk_cleanup(pk_free_p) char *path = NULL;
	struct stat st, other;

	if (asprintf(&path, "%s/%s", parent, name) < 0) {
		path = NULL;
		return false;
	}
	if (stat(path, &st) || !S_ISDIR(st.st_mode))
		return false;
	for (size_t i = 0; i < named->cnt; i++) {
		if (!stat(named->paths[i], &other) && other.st_dev == st.st_dev &&
		    other.st_ino == st.st_ino)
			return false;
	}
	return true;
}

/* As trees of Sigma rules have; those of ConfigMaps are hidden. */
static void warn_of_dirs(const struct named *named, const char *dir)
{
	struct dirent **entries = NULL;
	int cnt = scandir(dir, &entries, NULL, by_name);
	bool told = false;

	for (int i = 0; i < cnt; i++) {
		const char *name = entries[i]->d_name;

		if (!told && *name != '.' && is_unread(named, dir, name)) {
			pk_warning("rules: directories in '%s' are not read, as '%s': name those "
				   "that have rules",
				   dir, name);
			told = true;
		}
		free(entries[i]);
	}
	free(entries);
}

static int load_dir(struct pk_rules_loader *loader, const struct named *named, const char *dir)
{
	struct dirent **entries = NULL;
	size_t loaded_cnt = 0;
	int err = 0;
	int cnt = scandir(dir, &entries, is_rule_file, by_name);

	if (cnt < 0)
		return tell(dir, -errno);
	for (int i = 0; i < cnt; i++) {
		if (!err)
			err = load_entry(loader, dir, entries[i]->d_name, &loaded_cnt);
		free(entries[i]);
	}
	free(entries);
	if (!err && !loaded_cnt)
		pk_warning("rules: no *.yaml or *.yml in '%s'", dir);
	if (!err)
		warn_of_dirs(named, dir);
	return err;
}

/* What was in a pipe is gone: it would be taken for no rules. */
static int refuse_pipe(const char *path)
{
	pk_error("rules: cannot read '%s' again: it is a pipe", path);
	return -ESPIPE;
}

static int load_path(struct pk_rules_loader *loader, const struct named *named, const char *path,
		     bool again)
{
	struct stat st;

	if (!*path || stat(path, &st))
		return tell(path, *path ? -errno : -ENOENT);
	if (again && S_ISFIFO(st.st_mode))
		return refuse_pipe(path);
	return S_ISDIR(st.st_mode) ? load_dir(loader, named, path) : load_file(loader, path);
}

/* ---- from files to the plan ---- */

/* Rules are checked; of what stands in `ruleset` everything may be NULL. -EBADMSG: said in the findings. */
static int make_templates(struct pk_ruleset *ruleset)
{
	struct pk_rules *rules = ruleset->rules;

	ruleset->templates = calloc(rules->cnt + 1, sizeof(*ruleset->templates));
	if (!ruleset->templates)
		return -ENOMEM;
	ruleset->template_cnt = rules->cnt;
	for (size_t i = 0; i < rules->cnt; i++) {
		/* a rule without output, which has been said */
		if (!rules->items[i]->output.pieces_cnt)
			continue;
		ruleset->templates[i] = pk_template_new(&rules->ctx, &rules->items[i]->output);
		if (rules->ctx.err)
			return rules->ctx.err;
	}
	return rules->ctx.diags.errors_cnt ? -EBADMSG : 0;
}

/* Rules are refused: what has the plan to say of those that can be bound? */
static int look_further(struct pk_ruleset *ruleset, const struct pk_ruleset_options *options)
{
	struct pk_bound *bound = NULL;
	struct pk_plan *plan = NULL;
	int err = pk_bound_filter(ruleset->rules);

	if (!err)
		err = pk_bound_new(ruleset->rules, &bound);
	if (!err)
		err = pk_plan_new(ruleset->rules, bound, &options->plan, &plan);
	pk_plan_free(plan);
	pk_bound_free(bound);
	return err ? err : -EBADMSG;
}

/* `load_err`: 0 or -EBADMSG, what loading found. Every stage says what it has to say before rules are
 * refused. */
static int compile(struct pk_ruleset *ruleset, const struct pk_ruleset_options *options,
		   int load_err)
{
	int bind_err, err;

	ruleset->rules->ctx.one_a_place = load_err;
	bind_err = pk_bound_new(ruleset->rules, &ruleset->bound);
	if (bind_err && bind_err != -EBADMSG)
		return bind_err;
	err = make_templates(ruleset);
	if (err && err != -EBADMSG)
		return err;
	if (load_err || bind_err || err) {
		ruleset->rules->ctx.one_a_place = true;
		return look_further(ruleset, options);
	}
	err = pk_plan_new(ruleset->rules, ruleset->bound, &options->plan, &ruleset->plan);
	if (!err && options->links)
		err = pk_rules_warn_links(ruleset->rules, ruleset->bound, ruleset->plan);
	return err;
}

static int finish(struct pk_rules_loader *loader, const struct pk_ruleset_options *options,
		  struct pk_ruleset **ret_ruleset)
{
	pk_cleanup(pk_ruleset_free_p) struct pk_ruleset *ruleset = calloc(1, sizeof(*ruleset));
	int err;

	if (!ruleset)
		return -ENOMEM;
	err = pk_rules_finish_partly(loader, &ruleset->rules);
	if (!ruleset->rules)
		return err;
	err = compile(ruleset, options, err);
	if (pk_diags_sort(&ruleset->rules->ctx.diags) && !err)
		err = -ENOMEM;
	pk_ruleset_print_diags(&ruleset->rules->ctx, options->notes);
	if (err)
		return err;
	*ret_ruleset = pk_take_ptr(ruleset);
	return 0;
}

static int load_all(struct pk_rules_loader *loader, const char *const *paths, size_t cnt,
		    const struct pk_ruleset_options *options)
{
	const struct named named = { paths, cnt };
	int first_err = 0;

	/* one that cannot be read does not hide the next one's */
	for (size_t i = 0; i < cnt; i++) {
		int err = load_path(loader, &named, paths[i], options->again);

		first_err = first_err ? first_err : err;
	}
	for (size_t i = 0; i < options->texts_cnt; i++) {
		const struct pk_ruleset_text *text = &options->texts[i];
		int err = tell(text->path,
			       pk_rules_load_text(loader, text->path, text->data, text->len));

		first_err = first_err ? first_err : err;
	}
	return first_err;
}

static void free_loader(struct pk_rules_loader **loader)
{
	pk_rules_loader_free(*loader);
}

int pk_ruleset_load(const char *const *paths, size_t cnt, const struct pk_ruleset_options *options,
		    struct pk_ruleset **ret_ruleset)
{
	pk_cleanup(free_loader) struct pk_rules_loader *loader = NULL;
	const struct pk_rules_options known = { .field_known = pk_field_known,
						.regex_known = pk_pattern_regex_known };
	int err = pk_rules_loader_new(&known, &loader);

	if (!err) {
		err = load_all(loader, paths, cnt, options);
		if (err) {
			/* told; mistakes in what could be read are worth telling as well */
			pk_ruleset_print_diags(pk_rules_loader_get_ctx(loader), options->notes);
			return err;
		}
		if (options->enforce)
			err = pk_enforce_apply(options->enforce, loader);
		if (!err)
			err = finish(loader, options, ret_ruleset);
	}
	if (err == -ENOMEM)
		pk_error("rules: not enough memory, or more than %zu MiB of rules",
			 PK_MAX_RULES_BYTES >> 20);
	else if (err && err != -EBADMSG)
		pk_error("rules: cannot compile: %s", strerror(-err));
	return err;
}

void pk_ruleset_free(struct pk_ruleset *ruleset)
{
	if (!ruleset)
		return;
	/* not as many as rules: of a set that is refused some may be gone */
	for (size_t i = 0; i < ruleset->template_cnt; i++)
		pk_template_free(ruleset->templates[i]);
	free(ruleset->templates);
	pk_plan_free(ruleset->plan);
	pk_bound_free(ruleset->bound);
	pk_rules_free(ruleset->rules);
	free(ruleset);
}

long pk_ruleset_find(const struct pk_ruleset *ruleset, const char *name,
		     const char **ret_suggestion)
{
	struct pk_suggest suggest = PK_SUGGEST_INIT(name, strlen(name));

	for (size_t i = 0; i < ruleset->rules->cnt; i++) {
		if (!strcmp(ruleset->rules->items[i]->name, name))
			return (long)i;
		pk_suggest_offer(&suggest, ruleset->rules->items[i]->name);
	}
	if (ret_suggestion)
		*ret_suggestion = suggest.best;
	return -1;
}

/* ---- argp ---- */

enum {
	OPTION_BACKEND = 0x2000,
	OPTION_DEGRADE,
	OPTION_I_KNOW,
};

static const struct argp_option plan_options[] = {
	{ .name = "backend",
	  .key = OPTION_BACKEND,
	  .arg = "NAME",
	  .doc = "Compile for lsm (default) or tracepoint" },
	{ .name = "degrade",
	  .key = OPTION_DEGRADE,
	  .arg = "deny=kill",
	  .doc = "Where the backend cannot deny, kill instead of refusing the rule" },
	{ .name = "i-know",
	  .key = OPTION_I_KNOW,
	  .doc = "Take a rule that denies everything to everyone" },
	{ 0 },
};

static error_t parse_plan_option(int key, char *arg, struct argp_state *state)
{
	struct pk_plan_options *options = state->input;

	switch (key) {
	case OPTION_BACKEND:
		if (!strcmp(arg, "lsm"))
			options->backend = PK_BACKEND_LSM;
		else if (!strcmp(arg, "tracepoint"))
			options->backend = PK_BACKEND_TRACEPOINT;
		else
			argp_failure(state, PK_EXIT_USAGE, 0,
				     "--backend: '%s' is not one of lsm, tracepoint", arg);
		return 0;
	case OPTION_DEGRADE:
		if (strcmp(arg, "deny=kill") != 0)
			argp_failure(state, PK_EXIT_USAGE, 0, "--degrade: '%s' is not deny=kill",
				     arg);
		options->degrade_deny_to_kill = true;
		return 0;
	case OPTION_I_KNOW:
		options->i_know = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp pk_plan_argp = {
	.options = plan_options,
	.parser = parse_plan_option,
};
