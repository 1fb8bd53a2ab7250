/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loader from outside: files in, a rule set out.
 */
#include "rules/rules.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "rules/collect.h"
#include "rules/compile.h"
#include "rules/sigma.h"

int pk_rules_loader_new(const struct pk_rules_options *options, struct pk_rules_loader **ret_loader)
{
	struct pk_rules_loader *loader = calloc(1, sizeof(*loader));

	if (!loader)
		return -ENOMEM;
	loader->ctx.arena = PK_ARENA_INIT(PK_MAX_RULES_BYTES);
	if (options)
		loader->options = *options;
	if (pk_rules_values_cache_new(&loader->cache)) {
		free(loader);
		return -ENOMEM;
	}
	*ret_loader = loader;
	return 0;
}

void pk_rules_loader_free(struct pk_rules_loader *loader)
{
	if (!loader)
		return;
	pk_rules_values_cache_free(loader->cache);
	pk_arena_fini(&loader->ctx.arena);
	free(loader);
}

const struct pk_rules_ctx *pk_rules_loader_get_ctx(const struct pk_rules_loader *loader)
{
	return &loader->ctx;
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
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		buf->len_bytes += (size_t)got;
		if (buf->len_bytes > PK_MAX_RULES_FILE_BYTES)
			return -EFBIG;
	} while (got != 0);
	return 0;
}

int pk_rules_load(struct pk_rules_loader *loader, const char *path)
{
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;
	int err = read_file(path, &buf);

	return err ? err : pk_rules_load_text(loader, path, buf.data, buf.len_bytes);
}

static void on_document(void *arg, const struct pk_yaml_node *root)
{
	if (pk_sigma_is(root))
		pk_sigma_collect(arg, root);
	else
		pk_rules_collect(arg, root);
}

int pk_rules_load_text(struct pk_rules_loader *loader, const char *path, const char *data,
		       size_t len)
{
	uint32_t file_idx;
	int err;

	if (loader->ctx.err)
		return loader->ctx.err;
	err = pk_rules_sources_add(&loader->ctx.sources, &loader->ctx.arena, path, data, len,
				   &file_idx);
	if (err)
		return err;
	pk_yaml_read(&loader->ctx, file_idx, on_document, loader);
	return loader->ctx.err;
}

static bool has_tag(const struct pk_rule *rule, const char *tag)
{
	for (size_t i = 0; i < rule->tags_cnt; i++) {
		if (!strcmp(rule->tags[i], tag))
			return true;
	}
	return false;
}

size_t pk_rules_loader_enforce(struct pk_rules_loader *loader, const char *tag,
			       enum pk_rules_action action)
{
	size_t cnt = 0;

	for (struct pk_rules_rule_def *def = loader->rules; def; def = def->next) {
		if (!has_tag(&def->rule, tag))
			continue;
		cnt++;
		if (def->rule.action != PK_RULES_ACTION_ALERT)
			continue;
		def->rule.action = action;
		def->rule.enforced = action != PK_RULES_ACTION_ALERT;
	}
	return cnt;
}

static int list_rules(struct pk_rules_loader *loader, struct pk_rules *rules)
{
	const struct pk_rule **items = pk_arena_alloc(&loader->ctx.arena,
						      loader->rules_cnt * sizeof(struct pk_rule *));

	if (!items)
		return -ENOMEM;
	rules->items = items;
	for (const struct pk_rules_rule_def *def = loader->rules; def; def = def->next) {
		if (!def->skipped && def->rule.condition)
			items[rules->cnt++] = &def->rule;
	}
	return 0;
}

static int compile(struct pk_rules_loader *loader)
{
	if (loader->ctx.err)
		return loader->ctx.err;
	pk_rules_compile(loader);
	if (loader->ctx.err)
		return loader->ctx.err;
	return pk_diags_sort(&loader->ctx.diags);
}

/* From the loader to a rule set of its own. */
static int give_away(struct pk_rules_loader *loader, struct pk_rules **ret_rules)
{
	pk_cleanup(pk_free_p) struct pk_rules *rules = NULL;
	int err;

	rules = calloc(1, sizeof(*rules));
	if (!rules)
		return -ENOMEM;
	err = list_rules(loader, rules);
	if (err)
		return err;
	rules->left_out_cnt = loader->left_out_cnt;
	rules->macros_cnt = loader->macros_cnt;
	rules->lists_cnt = loader->lists_cnt;
	rules->ctx = loader->ctx;
	loader->ctx = (struct pk_rules_ctx){ .arena = PK_ARENA_INIT(PK_MAX_RULES_BYTES) };
	*ret_rules = pk_take_ptr(rules);
	return 0;
}

int pk_rules_finish(struct pk_rules_loader *loader, struct pk_rules **ret_rules)
{
	int err = compile(loader);

	if (!err && loader->ctx.diags.errors_cnt)
		err = -EBADMSG;
	return err ? err : give_away(loader, ret_rules);
}

int pk_rules_finish_partly(struct pk_rules_loader *loader, struct pk_rules **ret_rules)
{
	int err = compile(loader);

	if (!err)
		err = give_away(loader, ret_rules);
	return !err && (*ret_rules)->ctx.diags.errors_cnt ? -EBADMSG : err;
}

void pk_rules_free(struct pk_rules *rules)
{
	if (!rules)
		return;
	pk_arena_fini(&rules->ctx.arena);
	free(rules);
}
