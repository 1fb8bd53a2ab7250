// SPDX-License-Identifier: Apache-2.0
#include "stream/judge.h"

#include <fcntl.h>

#include "rules.h"
#include "samples.h"
#include "stream/facts.h"

/* A rule set from a text, and a judger over a stream of samples. */
struct court {
	struct loaded loaded;
	struct pk_bound *bound;
	struct pk_plan *plan;
	struct pk_judger *judger;
	struct pk_sink sink;
	struct pk_stream *stream;
	const uint32_t *only; /* rule indexes */
	size_t only_cnt;
	struct pk_finding found[8];
	size_t cnt;
	enum pk_verdict verdict;
};

static struct pk_record record;

static int on_event(struct pk_sink *sink, const struct pk_view *view)
{
	struct court *court = (struct court *)((char *)sink - offsetof(struct court, sink));
	const struct pk_finding *findings;

	assert_int_equal(pk_judge_view(court->judger, view, court->only, court->only_cnt, &findings,
				       &court->cnt),
			 0);
	assert_true(court->cnt <= PK_ARRAY_SIZE(court->found));
	memcpy(court->found, findings, court->cnt * sizeof(*findings));
	court->verdict = pk_judger_get_verdict(court->judger);
	return 0;
}

static const struct pk_sink_ops ops = { .event = on_event };

static void open_court(struct court *court, const char *rules)
{
	const struct pk_plan_options plan = { .backend = PK_BACKEND_LSM, .generation = 1 };
	struct pk_judge_options judge = { .remember_tags = true };
	const struct pk_stream_options stream = { .kinds = PK_KINDS_SENSOR, .sink = &court->sink };

	*court = (struct court){ .loaded = load(rules), .sink.ops = &ops };
	assert_clean(&court->loaded);
	assert_int_equal(pk_bound_new(court->loaded.rules, &court->bound), 0);
	assert_int_equal(pk_plan_new(court->loaded.rules, court->bound, &plan, &court->plan), 0);
	judge.rules = court->loaded.rules;
	judge.bound = court->bound;
	judge.plan = court->plan;
	assert_int_equal(pk_judger_new(&judge, &court->judger), 0);
	assert_int_equal(pk_stream_new(&stream, &court->stream), 0);
}

static void court_fini(struct court *court)
{
	pk_stream_free(court->stream);
	pk_judger_free(court->judger);
	pk_plan_free(court->plan);
	pk_bound_free(court->bound);
	loaded_fini(&court->loaded);
}

static void feed(struct court *court)
{
	size_t len = pk_record_finish(&record);

	assert_int_equal(pk_stream_feed(court->stream, &record.u.event, len), 0);
}

static void open_file(struct court *court, __u32 pid, const char *path)
{
	sample_file(&record, PK_EVENT_OPEN, pid, path);
	feed(court);
}

static void findings(void **state)
{
	pk_cleanup(court_fini) struct court court;
	const uint32_t only[] = { 2 | PK_MATCH_UNKNOWN, 99, 0 };

	open_court(&court, RULE("a", "evt.type = open and fd.name = /a")
				   RULE("b", "evt.type = open and fd.name = /b")
					   RULE("c", "evt.type = open"));
	open_file(&court, 300, "/a");
	assert_int_equal(court.cnt, 2);
	assert_int_equal(court.found[0].rule_idx, 0);
	assert_int_equal(court.found[0].truth, PK_TRUE);
	assert_int_equal(court.found[1].rule_idx, 2);
	assert_int_equal(court.verdict, PK_VERDICT_ALLOWED);
	court.only = only;
	court.only_cnt = 3;
	open_file(&court, 300, "/b");
	assert_int_equal(court.cnt, 1);
	assert_int_equal(court.found[0].rule_idx, 2);
	open_file(&court, 300, "/a");
	assert_int_equal(court.cnt, 2);
	assert_int_equal(court.found[1].rule_idx, 0);
}

static void disabled(void **state)
{
	pk_cleanup(court_fini) struct court court;

	open_court(&court, RULE("a", "evt.type = open") "  enabled: false\n");
	open_file(&court, 300, "/a");
	assert_int_equal(court.cnt, 0);
}

static void verdicts(void **state)
{
	pk_cleanup(court_fini) struct court court;

	open_court(
		&court,
		RULE("a", "evt.type = open and fd.name startswith /a")
			RULE("d", "evt.type = open and fd.name startswith /a/d") "  action: deny\n" RULE(
				"k", "evt.type = open and fd.name = /a/d/k") "  action: kill\n");
	open_file(&court, 300, "/a");
	assert_int_equal(court.verdict, PK_VERDICT_ALLOWED);
	open_file(&court, 300, "/a/d");
	assert_int_equal(court.verdict, PK_VERDICT_DENIED);
	open_file(&court, 300, "/a/d/k");
	assert_int_equal(court.verdict, PK_VERDICT_KILLED);
	open_file(&court, 1, "/a/d/k");
	assert_int_equal(court.verdict, PK_VERDICT_SPARED);
	open_file(&court, 300, "/b");
	assert_int_equal(court.verdict, PK_VERDICT_ALLOWED);
}

static void unknown(void **state)
{
	pk_cleanup(court_fini) struct court court;

	open_court(&court,
		   RULE("p", "evt.type = open and fd.name startswith /a/") "  action: deny\n" RULE(
			   "q",
			   "evt.type = open and fd.name startswith /b/") "  action: kill\n"
									 "  on_unknown: act\n");
	sample_file(&record, PK_EVENT_OPEN, 300, "c");
	record.u.file.path.flags |= PK_PATH_TRUNCATED;
	feed(&court);
	assert_int_equal(court.cnt, 2);
	assert_int_equal(court.found[0].truth, PK_UNKNOWN);
	assert_int_equal(court.verdict, PK_VERDICT_KILLED);
}

static void tags(void **state)
{
	pk_cleanup(court_fini) struct court court;

	open_court(&court,
		   RULE("set", "evt.type = open and fd.name = /a") "  tag: t on tree\n" RULE(
			   "has", "evt.type = open and proc.tag = t"));
	open_file(&court, 300, "/b");
	assert_int_equal(court.cnt, 0);
	open_file(&court, 300, "/a");
	assert_int_equal(court.cnt, 1);
	assert_int_equal(court.found[0].rule_idx, 0);
	open_file(&court, 300, "/b");
	assert_int_equal(court.cnt, 1);
	assert_int_equal(court.found[0].rule_idx, 1);
	sample_fork(&record, 300, 1200);
	feed(&court);
	open_file(&court, 1200, "/b");
	assert_int_equal(court.cnt, 1);
	open_file(&court, 1201, "/b");
	assert_int_equal(court.cnt, 0);
	sample_exit(&record, 300, 0);
	feed(&court);
	open_file(&court, 300, "/b");
	assert_int_equal(court.cnt, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(findings), cmocka_unit_test(disabled), cmocka_unit_test(verdicts),
		cmocka_unit_test(unknown),  cmocka_unit_test(tags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
