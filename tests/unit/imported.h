/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies from texts, and what becomes of them.
 */
#ifndef PK_TESTS_IMPORTED_H
#define PK_TESTS_IMPORTED_H

#include "import/import.h"
#include "test.h"

struct imported {
	struct pk_rules_ctx *ctx;
	struct pk_import *import;
	struct pk_buf
		out; /* rules, with blanks for line ends that a condition may have; NUL behind */
	struct pk_buf said; /* findings; NUL behind */
	int err;
};

static inline void imported_fini(struct imported *imported)
{
	pk_import_free(imported->import);
	pk_arena_fini(&imported->ctx->arena);
	free(imported->ctx);
	pk_buf_fini(&imported->out);
	pk_buf_fini(&imported->said);
}
#define imported_cleanup pk_cleanup(imported_fini)

/* Lines of folded conditions put together again. */
static inline void unfold(struct pk_buf *to, const struct pk_buf *from)
{
	for (size_t i = 0; i < from->len_bytes; i++) {
		if (i + 5 < from->len_bytes && !memcmp(from->data + i, "\n    ", 5)) {
			assert_int_equal(pk_buf_add_char(to, ' '), 0);
			i += 4;
		} else {
			assert_int_equal(pk_buf_add_char(to, from->data[i]), 0);
		}
	}
	assert_int_equal(pk_buf_add_char(to, '\0'), 0);
}

static inline struct imported import_texts(const char *const *texts, size_t cnt)
{
	struct imported imported = { .ctx = calloc(1, sizeof(*imported.ctx)) };

	assert_non_null(imported.ctx);
	imported.ctx->arena = PK_ARENA_INIT(PK_MAX_RULES_BYTES);
	assert_int_equal(pk_import_new(imported.ctx, &imported.import), 0);
	for (size_t i = 0; i < cnt; i++) {
		size_t len = strlen(texts[i]);
		char *copy = malloc(len + 1);
		uint32_t file_idx;
		int err;

		assert_non_null(copy);
		memcpy(copy, texts[i], len + 1);
		pk_import_blank_zeros(copy, len);
		assert_int_equal(pk_rules_sources_add(&imported.ctx->sources, &imported.ctx->arena,
						      "policy.yaml", copy, len, &file_idx),
				 0);
		free(copy);
		err = pk_import_tetragon(imported.import, file_idx);
		imported.err = imported.err ? imported.err : err;
	}
	unfold(&imported.out, &imported.import->out.buf);
	for (const struct pk_diag *diag = imported.ctx->diags.first; diag; diag = diag->next)
		assert_int_equal(pk_diag_print(imported.ctx, diag, &imported.said), 0);
	assert_int_equal(pk_buf_add_char(&imported.said, '\0'), 0);
	return imported;
}

static inline struct imported import_text(const char *text)
{
	return import_texts(&text, 1);
}

#define POLICY(name, spec)                                                 \
	"apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata:\n" \
	"  name: " name "\nspec:\n" spec
/* One hook; `selectors` in flow style. */
#define KPROBE(call, selectors) \
	POLICY("p", "  kprobes:\n  - call: " call "\n    selectors: [" selectors "]\n")

static inline void has_text(const struct pk_buf *buf, const char *part)
{
	if (!strstr(buf->data, part))
		fail_msg("no '%s' in:\n%s", part, buf->data);
}

static inline void has_no_text(const struct pk_buf *buf, const char *part)
{
	if (strstr(buf->data, part))
		fail_msg("'%s' in:\n%s", part, buf->data);
}

/* The condition of the only rule; and nothing is left out. */
static inline void becomes(const char *text, const char *condition)
{
	imported_cleanup struct imported imported = import_text(text);
	char line[1024];

	assert_int_equal(imported.err, 0);
	snprintf(line, sizeof(line), "  condition: '%s'\n", condition);
	has_text(&imported.out, line);
	assert_int_equal(imported.import->cnt.rules, 1);
	if (imported.import->cnt.left_out)
		fail_msg("left out: %s", imported.out.data);
}

/* No rule, and the reason. */
static inline void has_none(const char *text, const char *why)
{
	imported_cleanup struct imported imported = import_text(text);

	assert_int_equal(imported.err, 0);
	assert_int_equal(imported.import->cnt.rules, 0);
	assert_true(imported.import->cnt.left_out > 0);
	has_text(&imported.out, why);
}

#endif
