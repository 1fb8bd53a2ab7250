// SPDX-License-Identifier: Apache-2.0
/*
 * Running rule tests. Each test has a stream of its own; its events are judged as they come out of it.
 */
#include "cli/test_run.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cli/test_file.h"
#include "cli/test_keys.h"
#include "cli/test_scene.h"
#include "rules/suggest.h"
#include "stream/judge.h"
#include "stream/names.h"
#include "stream/stream.h"

/* What is said of one test, before it is known whether there is anything to say. */
struct report {
	struct pk_buf lines;
	bool failed;
};

struct test {
	struct pk_sink sink; /* first: where the stream's events go */
	struct pk_test_file *file;
	struct pk_judger *judger;
	struct pk_stream *stream;
	struct pk_scene *scene;
	const struct pk_finding *findings; /* of the event just fed */
	size_t findings_cnt;
	struct report report;
};

/* ---- reporting ---- */

static uint32_t line_of(const struct pk_test_file *file, const struct pk_yaml_node *node)
{
	uint32_t line = 0, column;

	pk_rules_sources_place(&file->ctx.sources, node->pos, &line, &column);
	return line;
}

static void __attribute__((format(printf, 3, 4)))
differs(struct test *test, const struct pk_yaml_node *node, const char *format, ...)
{
	pk_cleanup(pk_free_p) char *text = NULL;
	char where[32];
	va_list args;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	test->report.failed = true;
	if (len < 0) {
		text = NULL;
		return;
	}
	snprintf(where, sizeof(where), ":%u: ", line_of(test->file, node));
	/* what does not fit is not shown: the test has failed all the same */
	if (pk_buf_add_str(&test->report.lines, "     ") ||
	    pk_buf_add_str(&test->report.lines, test->file->path) ||
	    pk_buf_add_str(&test->report.lines, where) ||
	    pk_buf_add(&test->report.lines, text, (size_t)len))
		return;
	pk_buf_add_char(&test->report.lines, '\n');
}

/* ---- judging ---- */

static int on_event(struct pk_sink *sink, const struct pk_view *view)
{
	struct test *test = (struct test *)sink;

	return pk_judge_view(test->judger, view, NULL, 0, &test->findings, &test->findings_cnt);
}

/* Never flushed and never freed as a sink. */
static const struct pk_sink_ops ops = { .event = on_event };

/* ---- comparing ---- */

static const char *action_of(const struct pk_ruleset *ruleset, uint32_t rule_idx)
{
	return pk_rules_action_name((enum pk_rules_action)ruleset->plan->entries[rule_idx].action);
}

static bool names_rule(const struct pk_yaml_node *item, const char *name)
{
	if (item->kind == PK_YAML_MAPPING && item->first)
		item = item->first->key;
	return pk_yaml_is(item, name);
}

static bool is_listed(const struct pk_yaml_node *list, const char *name)
{
	for (const struct pk_yaml_pair *item = list ? list->first : NULL; item; item = item->next) {
		if (names_rule(item->value, name))
			return true;
	}
	return false;
}

static bool is_found(const struct test *test, uint32_t rule_idx, enum pk_truth truth)
{
	for (size_t i = 0; i < test->findings_cnt; i++) {
		if (test->findings[i].rule_idx == rule_idx && test->findings[i].truth == truth)
			return true;
	}
	return false;
}

/* "NAME", or "NAME: ACTION" in braces. */
static void compare_item(struct test *test, const struct pk_yaml_node *item, enum pk_truth truth)
{
	const struct pk_ruleset *ruleset = test->file->ruleset;
	const struct pk_yaml_node *name = item, *action = NULL;
	const char *suggestion = NULL;
	long idx;

	if (item->kind == PK_YAML_MAPPING && item->cnt == 1) {
		name = item->first->key;
		action = item->first->value;
	}
	if (name->kind != PK_YAML_SCALAR || (action && action->kind != PK_YAML_SCALAR)) {
		pk_yaml_diag(&test->file->ctx, PK_DIAG_ERROR, item, NULL,
			     "expected the name of a rule, or {NAME: ACTION}");
		return;
	}
	idx = pk_ruleset_find(ruleset, name->text.data, &suggestion);
	if (idx < 0) {
		pk_yaml_diag(&test->file->ctx, PK_DIAG_ERROR, name, suggestion,
			     "there is no rule '%s'", name->text.data);
		return;
	}
	if (!is_found(test, (uint32_t)idx, truth))
		differs(test, item, "- %s: %s", truth == PK_TRUE ? "expected" : "expected unknown",
			name->text.data);
	else if (action && !pk_yaml_is(action, action_of(ruleset, (uint32_t)idx)))
		differs(test, item, "- %s: expected to %s, but it would %s", name->text.data,
			action->text.data, action_of(ruleset, (uint32_t)idx));
}

static void compare_list(struct test *test, const struct pk_yaml_node *step,
			 const struct pk_yaml_node *list, enum pk_truth truth)
{
	const struct pk_ruleset *ruleset = test->file->ruleset;

	if (list && pk_yaml_is_null(list))
		list = NULL;
	if (list && list->kind != PK_YAML_SEQUENCE) {
		pk_yaml_diag(&test->file->ctx, PK_DIAG_ERROR, list, NULL,
			     "expected a list of names of rules");
		return;
	}
	for (const struct pk_yaml_pair *item = list ? list->first : NULL; item; item = item->next)
		compare_item(test, item->value, truth);
	for (size_t i = 0; i < test->findings_cnt; i++) {
		uint32_t idx = test->findings[i].rule_idx;
		const char *name = ruleset->rules->items[idx]->name;

		if (test->findings[i].truth == truth && !is_listed(list, name))
			differs(test, list ? list : step, "+ %s: %s",
				truth == PK_TRUE ? "not expected" : "not expected unknown", name);
	}
}

static const char *verdict_name(uint32_t verdict)
{
	static const char *const names[PK_VERDICT_MAX] = { "allowed", "denied", "killed",
							   "spared" };

	return verdict < PK_VERDICT_MAX ? names[verdict] : NULL;
}

static void compare_verdict(struct test *test, struct pk_keys *keys)
{
	uint32_t expected, got = pk_judger_get_verdict(test->judger);

	if (!pk_keys_word(keys, "verdict", verdict_name, PK_VERDICT_MAX, &expected))
		return;
	if (expected != got)
		differs(test, pk_yaml_get(keys->map, "verdict"), "verdict: expected %s, got %s",
			verdict_name(expected), verdict_name(got));
}

/* ---- running ---- */

/* One event and what is to come of it; of `keys` what a step has. */
static int run_step(struct test *test, struct pk_keys *keys)
{
	const struct pk_yaml_node *event = pk_keys_take(keys, "event");
	const struct pk_yaml_node *expect = pk_keys_take(keys, "expect");
	const struct pk_yaml_node *unknown = pk_keys_take(keys, "unknown");
	const struct pk_event *record;
	int err;

	pk_keys_take(keys, "verdict"); /* known, whatever becomes of the event */
	if (!event) {
		if (keys->map)
			pk_yaml_diag(&test->file->ctx, PK_DIAG_ERROR, keys->map, NULL,
				     "which 'event'?");
		return 0;
	}
	test->findings_cnt = 0;
	err = pk_scene_play(test->scene, event, &record);
	if (err == -EBADMSG)
		return 0; /* said */
	if (!err)
		err = pk_stream_feed(test->stream, record, record->size_bytes);
	if (err == -EBADMSG) {
		pk_yaml_diag(&test->file->ctx, PK_DIAG_ERROR, event, NULL,
			     "no such event can be: %s", pk_record_error());
		return 0;
	}
	if (err)
		return err;
	compare_list(test, keys->map, expect, PK_TRUE);
	compare_list(test, keys->map, unknown, PK_UNKNOWN);
	compare_verdict(test, keys);
	return 0;
}

static int run_steps(struct test *test, const struct pk_yaml_node *steps)
{
	int err = 0;

	if (steps->kind != PK_YAML_SEQUENCE || !steps->cnt || steps->cnt > PK_MAX_TEST_STEPS) {
		pk_yaml_diag(&test->file->ctx, PK_DIAG_ERROR, steps, NULL,
			     "'steps' wants a list of 1 to %u", PK_MAX_TEST_STEPS);
		return 0;
	}
	for (const struct pk_yaml_pair *item = steps->first; item && !err; item = item->next) {
		struct pk_keys keys;

		pk_keys_init(&keys, &test->file->ctx, item->value, "step");
		err = run_step(test, &keys);
		pk_keys_end(&keys);
	}
	return err;
}

static int setup(struct test *test)
{
	const struct pk_ruleset *ruleset = test->file->ruleset;
	const struct pk_judge_options judge = {
		.rules = ruleset->rules,
		.bound = ruleset->bound,
		.plan = ruleset->plan,
		.remember_tags = true,
	};
	const struct pk_stream_options stream = { .kinds = PK_KINDS_SENSOR, .sink = &test->sink };
	int err;

	test->sink.ops = &ops;
	err = pk_judger_new(&judge, &test->judger);
	if (!err)
		err = pk_stream_new(&stream, &test->stream);
	if (!err)
		err = pk_scene_new(&test->file->ctx, pk_stream_emit, test->stream, &test->scene);
	return err;
}

static void test_fini(struct test *test)
{
	pk_scene_free(test->scene);
	pk_stream_free(test->stream);
	pk_judger_free(test->judger);
	pk_buf_fini(&test->report.lines);
}

static void print_result(struct test *test, const struct pk_yaml_node *node,
			 const struct pk_text *name, const struct pk_test_options *options)
{
	if (!test->report.failed && options->quiet)
		return;
	if (test->report.failed)
		printf("FAIL %s:%u: ", test->file->path, line_of(test->file, node));
	else
		printf("ok   %s: ", test->file->path);
	printf("%.*s\n%.*s", (int)name->len, name->data, (int)test->report.lines.len_bytes,
	       test->report.lines.data ? test->report.lines.data : "");
}

/* Findings about the test itself, behind its line. */
static void print_mistakes(struct pk_test_file *file)
{
	fflush(stdout);
	pk_ruleset_print_diags(&file->ctx, false);
	file->ctx.diags = (struct pk_diags){ 0 };
}

static int run_test(struct pk_test_file *file, const struct pk_yaml_node *node,
		    const struct pk_test_options *options, struct pk_test_counts *counts)
{
	pk_cleanup(test_fini) struct test test = { .file = file };
	struct pk_text name = { "(without a name)", 16 };
	const struct pk_yaml_node *steps;
	struct pk_keys keys;
	int err = setup(&test);

	if (err)
		return err;
	pk_keys_init(&keys, &file->ctx, node, "test");
	pk_keys_text(&keys, "name", &name);
	steps = pk_keys_take(&keys, "steps");
	err = steps ? run_steps(&test, steps) : run_step(&test, &keys);
	pk_keys_end(&keys);
	if (!err)
		err = file->ctx.err;
	if (err)
		return err;
	test.report.failed |= file->ctx.diags.errors_cnt > 0;
	print_result(&test, node, &name, options);
	print_mistakes(file);
	if (test.report.failed)
		counts->failed_cnt++;
	else
		counts->passed_cnt++;
	return 0;
}

int pk_test_run(const char *path, const struct pk_test_options *options,
		struct pk_test_counts *counts)
{
	pk_cleanup(pk_test_file_free_p) struct pk_test_file *file = NULL;
	int err = pk_test_file_new(path, &options->plan, &options->enforce, &file);

	for (const struct pk_yaml_pair *item = err ? NULL : file->tests->first; item && !err;
	     item = item->next)
		err = run_test(file, item->value, options, counts);
	if (err && file)
		pk_error("test: cannot go on with '%s': %s", path, strerror(-err));
	return err;
}
