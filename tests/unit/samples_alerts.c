/* SPDX-License-Identifier: Apache-2.0 */
/*
 * samples_alerts: prints an alert of each event of the sample stream as JSON on standard output,
 * with every action, verdict, priority and type of value somewhere.
 */
#include "test.h"

#include <stdio.h>
#include <unistd.h>

#include "alerts.h"

static void give_all(struct values *values)
{
	static const char *const texts[] = { "a", "b\n" };

	give_text(values, "proc.name", "bash\xff\033[31m");
	give_number(values, "evt.rawres", PK_FIELD_INT, INT64_MIN);
	give_number(values, "proc.pid", PK_FIELD_UINT, -1);
	give_number(values, "evt.is_open_read", PK_FIELD_BOOL, 1);
	set_address(give(values, "fd.sip", PK_FIELD_ADDR), 0, "10.1.2.3");
	give_list(values, "proc.tags", PK_FIELD_LIST, texts, 2);
}

struct sampled {
	struct alerted alerted;
	unsigned int cnt;
};

/* The next record's alert is another one. */
static int emit(void *ctx, const void *record, size_t len)
{
	static const struct pk_rule_sigma sigma = { "5f1e", "a, \"b\"", "high", "test" };
	struct sampled *sampled = ctx;
	struct alerted *alerted = &sampled->alerted;
	unsigned int cnt = sampled->cnt++;

	alerted->verdict = (enum pk_verdict)(cnt % PK_VERDICT_MAX);
	alerted->repeat_cnt = cnt % 5;
	alerted->rule.action = (enum pk_rules_action)(cnt % 3);
	alerted->rule.priority = (enum pk_rules_priority)(cnt % PK_RULES_PRIORITY_CNT);
	alerted->rule.sigma = cnt % 4 ? NULL : &sigma;
	alerted->rule.tags_cnt = cnt % (PK_ARRAY_SIZE(alerted_tags) + 1);
	return pk_stream_feed(alerted->stream, record, len);
}

int main(void)
{
	struct sampled sampled = { 0 };
	int err;

	alerted_init(
		&sampled.alerted, false, false,
		"%proc.name %evt.rawres %proc.pid %evt.is_open_read %fd.sip %proc.tags %fd.name "
		"%evt.time.s %proc.aname[2]");
	give_all(&sampled.alerted.values);
	err = pk_alert_sink_new(STDOUT_FILENO, PK_ALERT_JSON, false, &sampled.alerted.alert_sink);
	if (!err)
		err = samples_emit(emit, &sampled);
	if (!err)
		err = pk_alert_sink_flush(sampled.alerted.alert_sink);
	pk_alert_sink_free(sampled.alerted.alert_sink);
	alerted_fini(&sampled.alerted);
	if (err)
		fprintf(stderr, "samples_alerts: %s\n", strerror(-err));
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
