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

/* A call that is overridden does nothing, whatever it returns; a hook of the LSM lets pass by 0. */
static void test_override(void **state)
{
	imported_cleanup struct imported passes =
		import_text(KPROBE("security_inode_mkdir",
				   "{matchActions: [{action: Override, argError: 0}]}"));
	imported_cleanup struct imported fails =
		import_text(KPROBE("security_inode_mkdir",
				   "{matchActions: [{action: Override, argError: 1}]}"));

	does("{action: Override, argError: 0}", "  action: deny\n", "EPERM (-1), and not with 0");
	does("{action: Override}", "  action: deny\n", NULL);
	does("{action: override, argError: 5}", "  action: deny\n", "and not with 5");
	has_no_text(&passes.out, "action: deny");
	has_text(&passes.out, "left out: not done: the hook would let it pass, with 0");
	has_text(&fails.out, "  action: deny\n");
}

/* What an argument leads to is another thing; "args" counts in the list of the hook. */
static void test_arguments(void **state)
{
#define HOOK(args, filter)                                        \
	POLICY("p", "  kprobes: [{call: sys_mkdirat, args: " args \
		    ", selectors: [{matchArgs: [" filter "]}]}]\n")
	becomes(HOOK("[{index: 1, type: string}]", "{args: [0], operator: Equal, values: [/a]}"),
		"evt.type = mkdir and fd.name = \"/a\"");
	becomes(HOOK("[{index: 0, type: int}, {index: 1, type: string}]",
		     "{index: 1, operator: Equal, values: [/a]}"),
		"evt.type = mkdir and fd.name = \"/a\"");
	has_none(HOOK("[{index: 1, type: string, resolve: a.b}]",
		      "{index: 1, operator: Equal, values: [/a]}"),
		 "what an argument leads to is not asked for");
	has_none(HOOK("[{index: 1, type: string}]", "{args: [x], operator: Equal, values: [/a]}"),
		 "a filter without index");
}

static void test_what_is_not_done(void **state)
{
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
	becomes(KPROBE("sys_mkdir", "{matchArgs: [{args: [0], operator: equal, values: [/a]}]}"),
		"evt.type = mkdir and fd.name = \"/a\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_actions),
		cmocka_unit_test(test_override),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_what_is_not_done),
		cmocka_unit_test(test_filters_are_all_true),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
