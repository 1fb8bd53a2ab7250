// SPDX-License-Identifier: Apache-2.0
/*
 * picket import: rules out of policies of other programs, on standard output. Exit status: 0 all of them became
 * rules; 1 something has no rule, or a file is wrong; 2 wrong usage.
 */
#include <argp.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "cli/commands.h"
#include "cli/rules_files.h"
#include "import/import.h"

#define READ_BYTES 65536u

struct arguments {
	const char *format;
	const char *paths[PK_MAX_RULES_FILES];
	size_t cnt;
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		if (!arguments->format) {
			if (strcmp(arg, "tetragon") != 0)
				argp_failure(state, PK_EXIT_USAGE, 0,
					     "cannot read '%s'; what can be read: tetragon", arg);
			arguments->format = arg;
			return 0;
		}
		if (arguments->cnt == PK_MAX_RULES_FILES)
			argp_failure(state, PK_EXIT_USAGE, 0, "more than %u files",
				     PK_MAX_RULES_FILES);
		arguments->paths[arguments->cnt++] = arg;
		return 0;
	case ARGP_KEY_END:
		if (!arguments->format)
			argp_failure(state, PK_EXIT_USAGE, 0, "out of what? tetragon FILE...");
		if (!arguments->cnt)
			argp_failure(state, PK_EXIT_USAGE, 0, "which policies? FILE...");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.parser = parse_option,
	.args_doc = "tetragon FILE_OR_DIR...",
	.doc = "Print the rules that TracingPolicies of Tetragon are, with comments that say where each comes from,"
	       " how it differs, and what has no rule and why.",
};

/* ---- files ---- */

static int tell(const char *path, int err)
{
	if (err == -EFBIG)
		pk_error("import: cannot read '%s': larger than %u MiB", path,
			 PK_MAX_RULES_FILE_BYTES >> 20);
	else if (err && err != -EBADMSG)
		pk_error("import: cannot read '%s': %s", path, strerror(-err));
	return err;
}

static int read_all(int fd, struct pk_buf *buf)
{
	for (;;) {
		ssize_t got;
		int err = pk_buf_reserve(buf, READ_BYTES);

		if (err)
			return err;
		got = read(fd, buf->data + buf->len_bytes, READ_BYTES);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? -errno : 0;
		buf->len_bytes += (size_t)got;
		if (buf->len_bytes > PK_MAX_RULES_FILE_BYTES)
			return -EFBIG;
	}
}

static int import_file(struct pk_import *import, const char *path)
{
	pk_cleanup(pk_close_p) int fd = open(path, O_RDONLY | O_CLOEXEC);
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;
	uint32_t file_idx;
	int err = fd < 0 ? -errno : read_all(fd, &buf);

	if (err)
		return tell(path, err);
	pk_import_blank_zeros(buf.data, buf.len_bytes);
	err = pk_rules_sources_add(&import->ctx->sources, &import->ctx->arena, path, buf.data,
				   buf.len_bytes, &file_idx);
	return tell(path, err ? err : pk_import_tetragon(import, file_idx));
}

static int is_policy_file(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && entry->d_name[0] != '.' && (!strcmp(dot, ".yaml") || !strcmp(dot, ".yml"));
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* Wrong files do not hide those behind them. */
static int import_dir(struct pk_import *import, const char *dir)
{
	struct dirent **entries = NULL;
	int first_err = 0;
	int cnt = scandir(dir, &entries, is_policy_file, by_name);

	if (cnt < 0)
		return tell(dir, -errno);
	for (int i = 0; i < cnt; i++) {
		pk_cleanup(pk_free_p) char *path = NULL;
		struct stat st;
		int err = 0;

		if (asprintf(&path, "%s/%s", dir, entries[i]->d_name) < 0) {
			path = NULL;
			err = -ENOMEM;
		} else if (stat(path, &st)) {
			err = tell(path, -errno);
		} else if (S_ISREG(st.st_mode)) {
			err = import_file(import, path);
		}
		first_err = first_err ? first_err : err;
		free(entries[i]);
	}
	free(entries);
	if (!cnt)
		pk_warning("import: no *.yaml or *.yml in '%s'", dir);
	return first_err;
}

static int import_all(struct pk_import *import, const struct arguments *arguments)
{
	int first_err = 0;

	for (size_t i = 0; i < arguments->cnt; i++) {
		const char *path = arguments->paths[i];
		struct stat st;
		int err;

		if (!*path || stat(path, &st))
			err = tell(path, *path ? -errno : -ENOENT);
		else
			err = S_ISDIR(st.st_mode) ? import_dir(import, path) :
						    import_file(import, path);
		first_err = first_err ? first_err : err;
		if (err == -ENOMEM)
			break;
	}
	return first_err;
}

static void tell_cnt(const struct pk_import_cnt *cnt)
{
	pk_info("import: %zu polic%s: %zu whole, %zu in part, %zu without rules; %zu rule%s, %zu thing%s left out",
		cnt->policies, cnt->policies == 1 ? "y" : "ies", cnt->whole, cnt->part,
		cnt->policies - cnt->whole - cnt->part, cnt->rules, cnt->rules == 1 ? "" : "s",
		cnt->left_out, cnt->left_out == 1 ? "" : "s");
}

static void fini_ctx(struct pk_rules_ctx **ctx)
{
	if (*ctx)
		pk_arena_fini(&(*ctx)->arena);
	free(*ctx);
}

int pk_cmd_import(int argc, char **argv)
{
	static char name[] = "picket import";
	static struct arguments arguments;
	pk_cleanup(fini_ctx) struct pk_rules_ctx *ctx = calloc(1, sizeof(*ctx));
	pk_cleanup(pk_import_free_p) struct pk_import *import = NULL;
	int err;

	arguments = (struct arguments){ 0 };
	if (argc > 0)
		argv[0] = name;
	if (argp_parse(&argp, argc, argv, 0, NULL, &arguments))
		return PK_EXIT_USAGE;
	if (!ctx)
		return PK_EXIT_FAILED;
	ctx->arena = PK_ARENA_INIT(PK_MAX_RULES_BYTES);
	if (pk_import_new(ctx, &import)) {
		pk_error("import: not enough memory");
		return PK_EXIT_FAILED;
	}
	err = import_all(import, &arguments);
	if (pk_diags_sort(&ctx->diags) && !err)
		err = -ENOMEM;
	pk_ruleset_print_diags(ctx, true);
	if (!import->out.err && pk_buf_write(&import->out.buf, STDOUT_FILENO)) {
		pk_error("import: cannot write to standard output: %s", strerror(errno));
		return PK_EXIT_FAILED;
	}
	tell_cnt(&import->cnt);
	return err || import->cnt.left_out ? PK_EXIT_FAILED : PK_EXIT_OK;
}
