/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rule library for scripts.
 *   rules_tool parse        conditions on stdin, each ended by a zero byte: one line each,
 *                           "ok TEXT" or "no", then a line "parsed N"
 *   rules_tool load FILE... diagnostics on stderr; on success a line "NAME<tab>CONDITION" a rule.
 *                           Status 0, 1 when the files are refused, 2 for anything else
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "rules/parse.h"
#include "rules/rules.h"

static int read_all(struct pk_buf *buf)
{
	ssize_t got;

	do {
		if (pk_buf_reserve(buf, 65536))
			return -ENOMEM;
		got = read(STDIN_FILENO, buf->data + buf->len_bytes, 65536);
		if (got < 0)
			return -errno;
		buf->len_bytes += (size_t)got;
	} while (got > 0);
	return 0;
}

static int print_diags(const struct pk_rules_ctx *ctx)
{
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;

	for (const struct pk_diag *diag = ctx->diags.first; diag; diag = diag->next) {
		if (pk_diag_print(ctx, diag, &buf))
			return -ENOMEM;
	}
	return pk_buf_write(&buf, STDERR_FILENO);
}

static int parse_one(const char *data, size_t len)
{
	pk_buf_cleanup struct pk_buf printed = PK_BUF_INIT;
	pk_rules_draft_cleanup struct pk_rules_draft draft = PK_RULES_DRAFT_INIT;
	struct pk_rules_ctx ctx = { .arena = PK_ARENA_INIT(PK_MAX_RULES_BYTES) };
	struct pk_rules_parse_env env = { .ctx = &ctx };
	const struct pk_rules_node *node;
	struct pk_rules_pos pos = { 0 };
	struct pk_rules_text text;

	if (pk_rules_sources_add(&ctx.sources, &ctx.arena, "condition", data, len, &pos.file_idx))
		return -ENOMEM;
	pk_rules_draft_mark(&draft, pos, 0);
	pk_rules_draft_add(&draft, data, len);
	if (pk_rules_draft_finish(&draft, &ctx.arena, &text))
		return -ENOMEM;
	node = pk_rules_parse(&env, &text);
	if (!node && !ctx.diags.errors_cnt)
		return -ENOMEM;
	if (node && !pk_rules_node_print(node, &printed))
		printf("ok %.*s\n", (int)printed.len_bytes, printed.data);
	else
		printf("no\n");
	print_diags(&ctx);
	pk_arena_fini(&ctx.arena);
	return 0;
}

static int parse_all(void)
{
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;
	size_t cnt = 0;

	if (read_all(&buf))
		return 2;
	for (size_t at = 0; at < buf.len_bytes; cnt++) {
		size_t len = strnlen(buf.data + at, buf.len_bytes - at);

		if (parse_one(buf.data + at, len))
			return 2;
		at += len + 1;
	}
	printf("parsed %zu\n", cnt);
	return 0;
}

static int print_rules(const struct pk_rules *rules)
{
	for (size_t i = 0; i < rules->cnt; i++) {
		pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;

		if (pk_rules_node_print(rules->items[i]->condition, &buf))
			return 2;
		printf("%s\t%.*s\n", rules->items[i]->name, (int)buf.len_bytes, buf.data);
	}
	return print_diags(&rules->ctx) ? 2 : 0;
}

static int load_all(char **paths)
{
	struct pk_rules_loader *loader = NULL;
	struct pk_rules *rules = NULL;
	int status = 2;
	int err = pk_rules_loader_new(NULL, &loader);

	for (; !err && *paths; paths++)
		err = pk_rules_load(loader, *paths);
	if (!err)
		err = pk_rules_finish(loader, &rules);
	if (!err)
		status = print_rules(rules);
	else if (err == -EBADMSG && !print_diags(pk_rules_loader_get_ctx(loader)))
		status = 1;
	else
		fprintf(stderr, "rules_tool: %s\n", strerror(-err));
	pk_rules_free(rules);
	pk_rules_loader_free(loader);
	return status;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "parse"))
		return parse_all();
	if (argc >= 2 && !strcmp(argv[1], "load"))
		return load_all(argv + 2);
	fprintf(stderr, "Usage: rules_tool parse | load FILE...\n");
	return 2;
}
