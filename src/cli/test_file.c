// SPDX-License-Identifier: Apache-2.0
/*
 * Reading files of rule tests.
 */
#include "cli/test_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/test_keys.h"

#define MAX_RULES_ITEMS 256u

/* What "rules" names. */
struct sources {
	char *paths[MAX_RULES_ITEMS];
	size_t paths_cnt;
	struct pk_ruleset_text texts[MAX_RULES_ITEMS];
	char *data[MAX_RULES_ITEMS]; /* of texts */
	size_t texts_cnt;
};

static void sources_fini(struct sources *sources)
{
	for (size_t i = 0; i < sources->paths_cnt; i++)
		free(sources->paths[i]);
	for (size_t i = 0; i < sources->texts_cnt; i++)
		free(sources->data[i]);
}

static int read_file(const char *path, struct pk_buf *buf)
{
	pk_cleanup(pk_close_p) int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return -errno;
	do {
		int err = pk_buf_reserve(buf, 65536);

		if (err)
			return err;
		got = read(fd, buf->data + buf->len_bytes, 65536);
		if (got < 0 && errno != EINTR)
			return -errno;
		if (got > 0)
			buf->len_bytes += (size_t)got;
		if (buf->len_bytes > PK_MAX_RULES_FILE_BYTES)
			return -EFBIG;
	} while (got != 0);
	return 0;
}

static void on_document(void *arg, const struct pk_yaml_node *root)
{
	struct pk_test_file *file = arg;

	if (file->root)
		pk_yaml_diag(&file->ctx, PK_DIAG_ERROR, root, NULL, "one document a file of tests");
	else
		file->root = root;
}

static int read_yaml(struct pk_test_file *file)
{
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;
	int err = read_file(file->path, &buf);

	if (!err)
		err = pk_rules_sources_add(&file->ctx.sources, &file->ctx.arena, file->path,
					   buf.data ? buf.data : "", buf.len_bytes,
					   &file->file_idx);
	if (err) {
		pk_error("test: cannot read '%s': %s", file->path, strerror(-err));
		return err;
	}
	err = pk_yaml_read(&file->ctx, file->file_idx, on_document, file);
	return err == -EBADMSG ? 0 : err; /* said in the findings */
}

/* ---- rules ---- */

/* Paths are relative to the test file. NULL: no memory. */
static char *path_beside(const char *file, const char *path)
{
	const char *slash = strrchr(file, '/');
	char *joined;

	if (*path == '/' || !slash)
		return strdup(path);
	if (asprintf(&joined, "%.*s%s", (int)(slash + 1 - file), file, path) < 0)
		return NULL;
	return joined;
}

/*
 * The rules within the test file as a text in which every byte stands where it does in the file, with blanks
 * around: so that findings have the right line and column.
 */
static char *text_in_place(const struct pk_test_file *file, const struct pk_rules_text *text,
			   size_t *ret_len)
{
	const struct pk_rules_source *source = file->ctx.sources.files[file->file_idx];
	char *data = malloc(source->len_bytes + 1);
	size_t len = 0;

	if (!data)
		return NULL;
	for (size_t i = 0; i < source->len_bytes; i++)
		data[i] = source->data[i] == '\n' ? '\n' : ' ';
	for (size_t i = 0; i < text->len_bytes; i++) {
		struct pk_rules_pos pos = pk_rules_text_pos(text, i);

		if (text->data[i] == '\n' || pos.offset_bytes >= source->len_bytes)
			continue;
		data[pos.offset_bytes] = text->data[i];
		len = pos.offset_bytes + 1;
	}
	data[len] = '\n';
	*ret_len = len + 1;
	return data;
}

static int add_source(struct pk_test_file *file, const struct pk_yaml_node *node,
		      struct sources *sources)
{
	size_t len;
	char *data;

	if (node->kind != PK_YAML_SCALAR || pk_yaml_is_null(node)) {
		pk_yaml_diag(&file->ctx, PK_DIAG_ERROR, node, NULL,
			     "'rules' wants the path of a file, or rules as a block of text (|)");
		return 0;
	}
	if (!memchr(node->text.data, '\n', node->text.len_bytes)) {
		data = path_beside(file->path, node->text.data);
		if (!data)
			return -ENOMEM;
		sources->paths[sources->paths_cnt++] = data;
		return 0;
	}
	data = text_in_place(file, &node->text, &len);
	if (!data)
		return -ENOMEM;
	sources->data[sources->texts_cnt] = data;
	sources->texts[sources->texts_cnt++] = (struct pk_ruleset_text){ file->path, data, len };
	return 0;
}

static int find_sources(struct pk_test_file *file, const struct pk_yaml_node *rules,
			struct sources *sources)
{
	int err = 0;

	if (rules->kind != PK_YAML_SEQUENCE)
		return add_source(file, rules, sources);
	if (rules->cnt > MAX_RULES_ITEMS) {
		pk_yaml_diag(&file->ctx, PK_DIAG_ERROR, rules, NULL, "more than %u items",
			     MAX_RULES_ITEMS);
		return 0;
	}
	for (const struct pk_yaml_pair *item = rules->first; item && !err; item = item->next)
		err = add_source(file, item->value, sources);
	return err;
}

/* ---- all ---- */

static int find_parts(struct pk_test_file *file, struct sources *sources)
{
	const struct pk_yaml_node *rules;
	struct pk_keys keys;
	int err = 0;

	if (!file->root) {
		if (!file->ctx.diags.errors_cnt)
			pk_error("test: '%s' is empty", file->path);
		return -EBADMSG;
	}
	pk_keys_init(&keys, &file->ctx, file->root, "test file");
	rules = pk_keys_take(&keys, "rules");
	file->tests = pk_keys_take(&keys, "tests");
	pk_keys_end(&keys);
	if (!rules)
		pk_yaml_diag(&file->ctx, PK_DIAG_ERROR, file->root, NULL, "which 'rules'?");
	else
		err = find_sources(file, rules, sources);
	if (!file->tests || file->tests->kind != PK_YAML_SEQUENCE)
		pk_yaml_diag(&file->ctx, PK_DIAG_ERROR, file->tests ? file->tests : file->root,
			     NULL, "'tests' wants a list");
	if (err || file->ctx.err)
		return err ? err : file->ctx.err;
	return file->ctx.diags.errors_cnt ? -EBADMSG : 0;
}

static int load_rules(struct pk_test_file *file, const struct pk_plan_options *plan,
		      const struct pk_enforce *enforce, const struct sources *sources)
{
	const struct pk_ruleset_options options = {
		.plan = *plan,
		.enforce = enforce,
		.texts = sources->texts,
		.texts_cnt = sources->texts_cnt,
	};

	return pk_ruleset_load((const char *const *)sources->paths, sources->paths_cnt, &options,
			       &file->ruleset);
}

int pk_test_file_new(const char *path, const struct pk_plan_options *plan,
		     const struct pk_enforce *enforce, struct pk_test_file **ret_file)
{
	pk_cleanup(pk_test_file_free_p) struct pk_test_file *file = calloc(1, sizeof(*file));
	pk_cleanup(pk_free_p) struct sources *sources = calloc(1, sizeof(*sources));
	int err;

	if (!file || !sources)
		return -ENOMEM;
	file->path = path;
	file->ctx.arena = PK_ARENA_INIT(PK_MAX_RULES_BYTES);
	err = read_yaml(file);
	if (!err) {
		err = find_parts(file, sources);
		if (pk_diags_sort(&file->ctx.diags) && !err)
			err = -ENOMEM;
		pk_ruleset_print_diags(&file->ctx, false);
		file->ctx.diags = (struct pk_diags){ 0 };
	}
	if (!err)
		err = load_rules(file, plan, enforce, sources);
	sources_fini(sources);
	if (err)
		return err;
	*ret_file = pk_take_ptr(file);
	return 0;
}

void pk_test_file_free(struct pk_test_file *file)
{
	if (!file)
		return;
	pk_ruleset_free(file->ruleset);
	pk_arena_fini(&file->ctx.arena);
	free(file);
}
