/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "imported.h"

#define IN(filter, rest) "{" filter ": [{" rest "}]}"
#define MKDIR "evt.type = mkdir and "

static void test_binaries(void **state)
{
	becomes(KPROBE("sys_mkdir", IN("matchBinaries", "operator: In, values: [/bin/a, /bin/b]")),
		MKDIR "proc.exepath in (\"/bin/a\", \"/bin/b\")");
	becomes(KPROBE("sys_mkdir", IN("matchBinaries", "operator: NotPostfix, values: [a]")),
		MKDIR "not proc.exepath endswith \"a\"");
	becomes(KPROBE("sys_mkdir",
		       IN("matchBinaries", "operator: In, values: [/bin/a], followChildren: true")),
		MKDIR "(proc.exepath = \"/bin/a\" or proc.aexepath = \"/bin/a\")");
	becomes(KPROBE("sys_mkdir", IN("matchParentBinaries", "operator: In, values: [/bin/a]")),
		MKDIR "proc.pexepath = \"/bin/a\"");
	/* who executes, and what is executed */
	becomes(KPROBE("security_bprm_check",
		       "{matchBinaries: [{operator: In, values: [/bin/sh]}], "
		       "matchArgs: [{index: 0, operator: Equal, values: [/bin/a]}]}"),
		"evt.type = execve and proc.pexepath = \"/bin/sh\" and proc.exepath = \"/bin/a\"");
}

static void test_pids(void **state)
{
	becomes(KPROBE("sys_mkdir", IN("matchPIDs", "operator: In, values: [1, 7]")),
		MKDIR "(proc.pid = 1 or proc.pid = 7)");
	becomes(KPROBE("sys_mkdir",
		       IN("matchPIDs", "operator: NotIn, isNamespacePID: true, values: [1]")),
		MKDIR "not proc.vpid = 1");
	has_none(KPROBE("sys_mkdir", IN("matchPIDs", "operator: Equal, values: [1]")),
		 "no operator for pids: 'Equal'");
	has_none(KPROBE("sys_mkdir", IN("matchPIDs", "operator: In, values: [-1]")),
		 "not a pid: '-1'");
}

/* A rule that acts on more than its policy does not act. */
static void test_descendants(void **state)
{
	static const char *const filters[] = { "In", "NotIn" };
	static const char *const actions[] = { "  action: kill\n", "  priority: NOTICE\n" };

	for (size_t i = 0; i < 2; i++) {
		char text[1024];
		struct imported imported;

		snprintf(text, sizeof(text),
			 KPROBE("sys_mkdir",
				"{matchPIDs: [{operator: %s, values: [5], followForks: true}], "
				"matchActions: [{action: Sigkill}]}"),
			 filters[i]);
		imported = import_text(text);
		has_text(&imported.out, "descendants of the process are not asked for: pid '5'");
		has_text(&imported.out, actions[i]);
		imported_fini(&imported);
	}
}

#define HOST "container.id = host"
static void test_namespaces(void **state)
{
	becomes(KPROBE("sys_mkdir",
		       IN("matchNamespaces", "namespace: Pid, operator: In, values: [host_ns]")),
		MKDIR "(" HOST " or container.host_pid = true)");
	becomes(KPROBE("sys_mkdir",
		       IN("matchNamespaces", "namespace: Mnt, operator: NotIn, values: [host_ns]")),
		MKDIR "not " HOST);
	becomes(KPROBE("sys_mkdir", IN("matchNamespaces",
				       "namespace: Uts, operator: In, values: ['4026531838']")),
		MKDIR HOST);
	has_none(KPROBE("sys_mkdir", IN("matchNamespaces",
					"namespace: Net, operator: In, values: ['4026531840']")),
		 "only the host's namespaces");
	has_none(KPROBE("sys_mkdir",
			IN("matchNamespaces", "namespace: User, operator: In, values: [host_ns]")),
		 "the user namespace of a process is not known");
	becomes(KPROBE("create_user_ns", IN("matchNamespaces",
					    "namespace: User, operator: NotIn, values: [host_ns]")),
		"evt.type = userns_create and not evt.arg.level = 0");
	has_none(KPROBE("sys_mkdir",
			IN("matchNamespaces", "namespace: Moon, operator: In, values: [host_ns]")),
		 "no such namespace here: 'Moon'");
}

static void test_capabilities(void **state)
{
	becomes(KPROBE("sys_mkdir",
		       IN("matchCapabilities",
			  "type: Permitted, operator: In, values: [CAP_BPF, CAP_CHOWN]")),
		MKDIR
		"(thread.cap_permitted contains CAP_BPF or thread.cap_permitted contains CAP_CHOWN)");
	becomes(KPROBE("sys_mkdir",
		       IN("matchCapabilities",
			  "type: Effective, operator: NotIn, values: [CAP_SYS_ADMIN]")),
		MKDIR "not thread.cap_effective contains CAP_SYS_ADMIN");
	becomes(KPROBE("create_user_ns",
		       IN("matchCapabilities",
			  "type: Effective, operator: NotIn, values: [CAP_SYS_ADMIN]")),
		"evt.type = userns_create and (evt.arg.level > 0 or not thread.cap_effective contains "
		"CAP_SYS_ADMIN)");
	has_none(KPROBE("sys_mkdir", IN("matchCapabilities",
					"type: Effective, operator: In, values: [CAP_FLY]")),
		 "no such capability: 'CAP_FLY'");
	has_none(KPROBE("sys_mkdir",
			IN("matchCapabilities", "type: Bounding, operator: In, values: [CAP_BPF]")),
		 "no such set of capabilities: 'Bounding'");
	has_none(KPROBE("sys_mkdir",
			IN("matchCapabilityChanges", "operator: In, values: [CAP_BPF]")),
		 "what changed since the exec is not kept");
	becomes(KPROBE("security_capset",
		       "{matchArgs: [{index: 2, operator: Capability, values: [CAP_BPF]}]}"),
		"evt.type = capset and evt.arg.cap_effective contains CAP_BPF");
	has_none(KPROBE("security_capset",
			"{matchArgs: [{index: 2, operator: GT, values: [CAP_BPF]}]}"),
		 "no operator for this: 'GT'");
}

static void test_what_was_returned(void **state)
{
	becomes(KPROBE("sys_mkdir",
		       IN("matchReturnArgs", "index: 0, operator: Equal, values: [0]")),
		"evt.type = mkdir");
	becomes(KPROBE("sys_openat", IN("matchReturnArgs", "index: 0, operator: GT, values: [0]")),
		"evt.type = open");
	has_none(KPROBE("sys_mkdir",
			IN("matchReturnArgs", "index: 0, operator: Equal, values: [-13]")),
		 "only calls that failed return this");
	has_none(KPROBE("sys_mkdir", IN("matchReturnArgs", "index: 0, operator: LT, values: [0]")),
		 "only calls that failed return this");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_binaries),     cmocka_unit_test(test_pids),
		cmocka_unit_test(test_descendants),  cmocka_unit_test(test_namespaces),
		cmocka_unit_test(test_capabilities), cmocka_unit_test(test_what_was_returned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
