/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "imported.h"

#define DOES(actions) "{matchActions: [" actions "]}"

static void does(const char *actions, const char *expected, const char *note)
{
	char text[1024];
	struct imported imported;

	snprintf(text, sizeof(text), KPROBE("sys_mkdir", "{matchActions: [%s]}"), actions);
	imported = import_text(text);
	assert_int_equal(imported.import->cnt.rules, 1);
	has_text(&imported.out, expected);
	if (note)
		has_text(&imported.out, note);
	imported_fini(&imported);
}

static void test_actions(void **state)
{
	does("{action: Post}", "  priority: NOTICE\n  tags: [tetragon]\n\n", NULL);
	does("{action: Sigkill}", "  priority: WARNING\n  tags: [tetragon]\n  action: kill\n",
	     NULL);
	does("{action: Signal, argSig: 9}", "  action: kill\n", NULL);
	does("{action: Override, argError: -1}", "  action: deny\n", NULL);
	does("{action: Override, argError: -13}", "  action: deny\n",
	     "differs: the call fails with EPERM (-1), and not with -13");
	does("{action: Override, argError: -1}, {action: Sigkill}", "  action: kill\n", NULL);
	does("{action: NotifyEnforcer, argError: -1}", "  action: deny\n", NULL);
	does("{action: NotifyEnforcer, argSig: 9}", "  action: kill\n", NULL);
	does("{action: Sigkill}, {action: NoPost}", "  action: kill\n",
	     "alerts as well, in spite of NoPost");
	does("{action: Post, rateLimit: '5'}", "  limit: 1 per 5s\n",
	     "limited for the rule as a whole");
	does("{action: Post, rateLimit: 2h}", "  limit: 1 per 2h\n", NULL);
	does("{action: Post, kernelStackTrace: true}", "priority: NOTICE",
	     "asked for by kernelStackTrace");
}

static void test_what_is_not_done(void **state)
{
	does("{action: Override, argError: 0}", "  priority: NOTICE\n",
	     "left out: not done: the call would do nothing");
	does("{action: Override, argError: x}", "  priority: NOTICE\n",
	     "an argError that is no number: x");
	does("{action: Signal, argSig: 15}", "  priority: NOTICE\n",
	     "only SIGKILL (9) is sent, not signal 15");
	does("{action: DnsLookup, argFqdn: a.b}", "  priority: NOTICE\n",
	     "there is no action DnsLookup");
	does("{action: Post, rateLimit: often}", "  priority: NOTICE\n",
	     "not limited: no time: often");
	does("{action: }", "  priority: NOTICE\n", "left out: ");
	does("7", "  priority: NOTICE\n", "an action without a name");
	/* what nobody would do must not be passed over silently */
	does("{action: TrackSock}, {action: NoPost}", "  priority: NOTICE\n",
	     "there is no action TrackSock");
}

static void test_filters_are_all_true(void **state)
{
	becomes(KPROBE("sys_mkdir",
		       "{matchBinaries: [{operator: In, values: [/a]}, {operator: NotIn, values: [/b]}], "
		       "matchPIDs: [{operator: In, values: [1]}]}"),
		"evt.type = mkdir and proc.exepath = \"/a\" and not proc.exepath = \"/b\" and proc.pid = 1");
	has_none(KPROBE("sys_mkdir",
			"{matchBinaries: [{operator: In, values: [/a]}], matchMoon: [{}]}"),
		 "no such filter here: 'matchMoon'");
	has_none(KPROBE("sys_mkdir", "{matchBinaries: {operator: In}}"),
		 "a filter that is no list");
	has_none(KPROBE("sys_mkdir", "{matchBinaries: [7]}"), "a filter that is no mapping");
	has_none(KPROBE("sys_mkdir", "{matchArgs: [{index: x, operator: Equal, values: [1]}]}"),
		 "a filter without index");
	has_none(KPROBE("sys_mkdir",
			"{matchArgs: [{index: 99999999999, operator: Equal, values: [1]}]}"),
		 "does not have this argument");
	has_none(KPROBE("sys_mkdir", "7"), "a selector that is no mapping");
	becomes(KPROBE("sys_mkdir", "{matchArgs: [{args: [0], operator: Equal, values: [/a]}]}"),
		"evt.type = mkdir and fd.name = \"/a\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_actions),
		cmocka_unit_test(test_what_is_not_done),
		cmocka_unit_test(test_filters_are_all_true),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
