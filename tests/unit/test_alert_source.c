/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events with numbers of rules to lines: which rule set an event means, what is judged again, which events
 * are printed besides. Records are made by hand, as the kernel makes them.
 */
#include "cli/alert_source.h"

#include "samples.h"
#include "scratch_files.h"

#define RULE(name, condition) \
	"- rule: " name       \
	"\n  desc: d\n  output: on %fd.name\n  priority: INFO\n  condition: " condition "\n"

static struct pk_record record;

/* One source with its stream; what it prints is in `captured` once it has ended. */
struct bench {
	struct pk_alert_source *source;
	struct pk_sink *events;
	struct pk_sink *sink;
	struct pk_stream *stream;
	struct captured captured;
};

static struct pk_ruleset *load(uint32_t generation, const char *text)
{
	const struct pk_ruleset_text rules = { "rules", text, strlen(text) };
	const struct pk_ruleset_options options = {
		.plan = { .backend = PK_BACKEND_LSM, .generation = generation },
		.texts = &rules,
		.texts_cnt = 1,
	};
	struct pk_ruleset *set = NULL;

	assert_int_equal(pk_ruleset_load(NULL, 0, &options, &set), 0);
	return set;
}

static void feed(struct bench *bench)
{
	assert_int_equal(pk_stream_feed(bench->stream, &record.u, pk_record_finish(&record)), 0);
}

static void begin(struct bench *bench, __u64 kinds)
{
	struct pk_output_options output = PK_OUTPUT_OPTIONS_INIT;
	struct pk_stream_options stream = { .kinds = PK_KINDS_SENSOR | PK_KINDS_STREAM };

	*bench = (struct bench){ 0 };
	output.color = PK_COLOR_NEVER;
	capture_begin(&bench->captured);
	assert_int_equal(pk_alert_source_new(&bench->source), 0);
	if (kinds)
		assert_int_equal(pk_output_options_sink(&output, &bench->events), 0);
	assert_int_equal(pk_alert_source_sink(bench->source, &output, bench->events, kinds,
					      &bench->sink),
			 0);
	stream.sink = bench->sink;
	assert_int_equal(pk_stream_new(&stream, &bench->stream), 0);
	sample_start(&record);
	feed(bench);
}

static void end(struct bench *bench)
{
	assert_int_equal(pk_stream_flush(bench->stream), 0);
	pk_stream_free(bench->stream);
	pk_sink_free(bench->sink);
	pk_sink_free(bench->events);
	pk_alert_source_free(bench->source);
	capture_end(&bench->captured);
}

/* A file opened by bash, and what the kernel said of it. */
static void open_file(struct bench *bench, const char *path, enum pk_verdict verdict,
		      uint32_t generation, uint32_t match)
{
	struct {
		struct pk_judgement judgement;
		uint32_t matches[1];
		uint32_t pad;
	} said = {
		.judgement = { .generation = generation, .match_cnt = 1, .repeat_cnt = 3 },
		.matches = { match },
	};

	sample_file(&record, PK_EVENT_OPEN, 7, path);
	record.u.event.verdict = verdict;
	if (generation)
		assert_int_equal(pk_record_add(&record, &record.u.event.judgement, &said,
					       sizeof(said.judgement) + sizeof(said.matches)),
				 0);
	feed(bench);
}

static size_t count(const struct pk_buf *buf, const char *part)
{
	size_t cnt = 0;

	for (const char *at = buf->data; (at = strstr(at, part)); at++)
		cnt++;
	return cnt;
}

static void an_alert(void **state)
{
	pk_cleanup(pk_ruleset_free_p) struct pk_ruleset *set =
		load(1, RULE("first", "evt.type = open") RULE("second", "evt.type = open"));
	struct bench bench;

	begin(&bench, 0);
	pk_alert_source_set(bench.source, 1, set);
	open_file(&bench, "/a", PK_VERDICT_ALLOWED, 1, 1);
	open_file(&bench, "/b", PK_VERDICT_DENIED, 1, 0);
	open_file(&bench, "/c", PK_VERDICT_ALLOWED, 0, 0); /* nothing matched */
	open_file(&bench, "/d", PK_VERDICT_ALLOWED, 1, 2); /* there is no such rule */
	end(&bench);
	assert_has(&bench.captured.out, "second: on /a [3 more like it before]\n");
	assert_has(&bench.captured.out, "DENIED  first: on /b");
	assert_int_equal(count(&bench.captured.out, "\n"), 2);
	captured_fini(&bench.captured);
}

/* What the kernel could not tell is judged again; what then is false is no alert. */
static void unknown(void **state)
{
	pk_cleanup(pk_ruleset_free_p) struct pk_ruleset *set =
		load(1, RULE("a", "evt.type = open and fd.name = /a")
				RULE("b", "evt.type = open and fd.name = /b"));
	struct bench bench;

	begin(&bench, 0);
	pk_alert_source_set(bench.source, 1, set);
	open_file(&bench, "/a", PK_VERDICT_ALLOWED, 1, 0 | PK_MATCH_UNKNOWN);
	open_file(&bench, "/a", PK_VERDICT_ALLOWED, 1, 1 | PK_MATCH_UNKNOWN);
	end(&bench);
	assert_int_equal(count(&bench.captured.out, "\n"), 1);
	assert_has(&bench.captured.out, " a: on /a");
	captured_fini(&bench.captured);
}

/* Rule sets one after the other; events of one that has gone are not taken for another's. */
static void generations(void **state)
{
	static const char *const texts[6] = {
		[1] = RULE("set 1", "evt.type = open"),
		[2] = RULE("set 2", "evt.type = open"),
		[5] = RULE("set 5", "evt.type = open"),
	};
	struct pk_ruleset *sets[PK_ARRAY_SIZE(texts)] = { 0 };
	struct bench bench;

	for (uint32_t i = 0; i < PK_ARRAY_SIZE(sets); i++)
		sets[i] = texts[i] ? load(i, texts[i]) : NULL;
	begin(&bench, 0);
	pk_alert_source_set(bench.source, 1, sets[1]);
	pk_alert_source_set(bench.source, 2, sets[2]);
	open_file(&bench, "/x", PK_VERDICT_ALLOWED, 2, 0);
	open_file(&bench, "/x", PK_VERDICT_ALLOWED, 1, 0);
	pk_alert_source_set(bench.source, 5, sets[5]);
	open_file(&bench, "/x", PK_VERDICT_ALLOWED, 5, 0);
	open_file(&bench, "/y", PK_VERDICT_ALLOWED, 1, 0); /* 5 has its place */
	pk_alert_source_set(bench.source, 2, NULL);
	open_file(&bench, "/y", PK_VERDICT_ALLOWED, 2, 0);
	open_file(&bench, "/y", PK_VERDICT_ALLOWED, 4000000000u, 0);
	end(&bench);
	assert_int_equal(count(&bench.captured.out, "\n"), 3);
	assert_has(&bench.captured.out, "set 1: ");
	assert_has(&bench.captured.out, "set 2: ");
	assert_has(&bench.captured.out, "set 5: ");
	assert_int_equal(count(&bench.captured.err, "no longer in force"), 1);
	captured_fini(&bench.captured);
	for (uint32_t i = 0; i < PK_ARRAY_SIZE(sets); i++)
		pk_ruleset_free(sets[i]);
}

/* Events that were asked for; what was denied did not happen, and repeats are told though they were. */
static void events_besides(void **state)
{
	struct bench bench;

	begin(&bench, PK_KIND_BIT(PK_EVENT_OPEN) | PK_KIND_BIT(PK_EVENT_REPEATS));
	open_file(&bench, "/happened", PK_VERDICT_ALLOWED, 0, 0);
	open_file(&bench, "/spared", PK_VERDICT_SPARED, 0, 0);
	open_file(&bench, "/denied", PK_VERDICT_DENIED, 0, 0);
	sample_file(&record, PK_EVENT_UNLINK, 7, "/unasked");
	feed(&bench);
	pk_record_init(&record, PK_EVENT_REPEATS);
	record.u.event.verdict = PK_VERDICT_DENIED;
	record.u.repeats.cnt = 5;
	feed(&bench);
	end(&bench);
	assert_has(&bench.captured.out, "/happened O_RDONLY\n");
	assert_has(&bench.captured.out, "/spared O_RDONLY\n");
	assert_has(&bench.captured.out, "# 5 more of rule 0 by process 0, denied\n");
	assert_int_equal(count(&bench.captured.out, "\n"), 3);
	captured_fini(&bench.captured);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_alert),
		cmocka_unit_test(unknown),
		cmocka_unit_test(generations),
		cmocka_unit_test(events_besides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
