/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parsers of kernel text on fixtures, and the backend on made-up facts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/probe.h"

#define STATUS                                                            \
	"Name:\tpicket\nUmask:\t0022\nSeccomp:\t2\nSeccomp_filters:\t1\n" \
	"CapPrm:\t000001ffffffffff\nCapEff:\t000000c000001000\nCapBnd:\t000001ffffffffff\n"

static void test_status(void **state)
{
	uint64_t value = 42;

	assert_int_equal(pk_probe_parse_status(STATUS, "CapEff", 16, &value), 0);
	assert_int_equal(value, 0xc000001000);
	assert_int_equal(pk_probe_parse_status(STATUS, "Seccomp", 10, &value), 0);
	assert_int_equal(value, 2);
	assert_int_equal(pk_probe_parse_status("CapEff: ffffffffffffffff", "CapEff", 16, &value),
			 0);
	assert_true(value == UINT64_MAX);
}

static void test_status_bad(void **state)
{
	static const struct {
		const char *text;
		int err;
	} cases[] = {
		{ "", -ENOENT },
		{ "Name:\tCapEff: 1\n", -ENOENT },
		{ "CapEff\n", -ENOENT },
		{ "CapEff:", -EINVAL },
		{ "CapEff:\t\n0001\n", -EINVAL },
		{ "CapEff:\t-1\n", -EINVAL },
		{ "CapEff:\t+1\n", -EINVAL },
		{ "CapEff:\tg\n", -EINVAL },
		{ "CapEff:\t12 34\n", -EINVAL },
		{ "CapEff:\t0x12\n", 0 },
		{ "CapEff:\t10000000000000000\n", -EINVAL },
	};
	size_t i;

	for (i = 0; i < PK_ARRAY_SIZE(cases); i++) {
		uint64_t value = 42;
		int err = pk_probe_parse_status(cases[i].text, "CapEff", 16, &value);

		assert_int_equal(err, cases[i].err);
		if (err)
			assert_int_equal(value, 42);
	}
}

static void test_list(void **state)
{
	assert_true(pk_probe_list_has("lockdown,capability,bpf", "bpf"));
	assert_true(pk_probe_list_has("bpf", "bpf"));
	assert_true(pk_probe_list_has("bpf,landlock", "bpf"));
	assert_true(pk_probe_list_has("yama,bpf,ima", "bpf"));
	assert_false(pk_probe_list_has("", "bpf"));
	assert_false(pk_probe_list_has("bpfx,xbpf,bp", "bpf"));
	assert_false(pk_probe_list_has(",,", ""));
	assert_false(pk_probe_list_has("a,,b", "bpf"));
}

static void test_lockdown(void **state)
{
	enum pk_probe_lockdown lockdown = PK_PROBE_LOCKDOWN_NONE;

	assert_int_equal(pk_probe_parse_lockdown("none [integrity] confidentiality\n", &lockdown),
			 0);
	assert_int_equal(lockdown, PK_PROBE_LOCKDOWN_INTEGRITY);
	assert_int_equal(pk_probe_parse_lockdown("none integrity [confidentiality]\n", &lockdown),
			 0);
	assert_int_equal(lockdown, PK_PROBE_LOCKDOWN_CONFIDENTIALITY);
	assert_int_equal(pk_probe_parse_lockdown("[none] integrity confidentiality\n", &lockdown),
			 0);
	assert_int_equal(lockdown, PK_PROBE_LOCKDOWN_NONE);
	lockdown = PK_PROBE_LOCKDOWN_INTEGRITY;
	assert_int_equal(pk_probe_parse_lockdown("", &lockdown), -EINVAL);
	assert_int_equal(pk_probe_parse_lockdown("none integrity", &lockdown), -EINVAL);
	assert_int_equal(pk_probe_parse_lockdown("[other] none", &lockdown), -EINVAL);
	assert_int_equal(lockdown, PK_PROBE_LOCKDOWN_INTEGRITY);
}

static int parse_mounts(const char *text, const char *type, char *buf, size_t size)
{
	pk_cleanup(pk_fclose_p) FILE *file = NULL;

	file = fmemopen((void *)text, strlen(text), "r");
	assert_non_null(file);
	return pk_probe_parse_mounts(file, type, buf, size);
}

static void test_mounts(void **state)
{
	static const struct {
		const char *text;
		const char *point;
	} cases[] = {
		/* unified */
		{ "23 28 0:21 / /proc rw - proc proc rw\n"
		  "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n",
		  "/sys/fs/cgroup" },
		/* hybrid */
		{ "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
		  "32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n"
		  "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n",
		  "/sys/fs/cgroup/unified" },
		/* no optional field, several of them, one that looks like a type */
		{ "1 1 0:1 / /a rw - cgroup2 none rw\n", "/a" },
		{ "1 1 0:1 / /a rw shared:1 master:2 unbindable - cgroup2 none rw\n", "/a" },
		{ "1 1 0:1 / /b rw cgroup2 - tmpfs none rw\n"
		  "1 1 0:1 / /a rw - cgroup2 none rw\n",
		  "/a" },
		/* escapes: space, tab, newline, backslash, a byte of UTF-8, and what is none */
		{ "1 1 0:1 / /a\\040b\\011c\\012d\\134e\\303\\244 rw - cgroup2 none rw\n",
		  "/a b\tc\nd\\e\303\244" },
		{ "1 1 0:1 / /a\\04 rw - cgroup2 none rw\n", "/a\\04" },
		{ "1 1 0:1 / /a\\477\\000\\ rw - cgroup2 none rw\n", "/a\\477\\000\\" },
		{ "1 1 0:1 / /a\\134040 rw - cgroup2 none rw\n", "/a\\040" },
		/* the whole file system goes before a part of it, else the first one */
		{ "1 1 0:1 /x /part rw - cgroup2 none rw\n1 1 0:1 / /whole rw - cgroup2 none rw\n",
		  "/whole" },
		{ "1 1 0:1 /x /part rw - cgroup2 none rw\n1 1 0:1 /y /other rw - cgroup2 none rw\n",
		  "/part" },
		{ "1 1 0:1 / /first rw - cgroup2 none rw\n1 1 0:1 / /second rw - cgroup2 none rw\n",
		  "/first" },
		/* lines without sense */
		{ "\n-\n- cgroup2\n1 1 0:1 / /x rw\n1 1 0:1 / /x rw -\n"
		  "1 1 0:1 x y rw - cgroup2 n r\n"
		  "1 1 0:1 / /a rw - cgroup2",
		  "/a" },
	};
	char buf[64];
	size_t i;

	for (i = 0; i < PK_ARRAY_SIZE(cases); i++) {
		assert_int_equal(parse_mounts(cases[i].text, "cgroup2", buf, sizeof(buf)), 0);
		assert_string_equal(buf, cases[i].point);
	}
}

static void test_mounts_bad(void **state)
{
	const char *hybrid = "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
	char buf[64];

	assert_int_equal(parse_mounts("\n", "cgroup2", buf, sizeof(buf)), -ENOENT);
	assert_int_equal(parse_mounts("1 1 0:1 / /a rw - cgroup none rw\n", "cgroup2", buf,
				      sizeof(buf)),
			 -ENOENT);
	assert_int_equal(parse_mounts(hybrid, "tracefs", buf, sizeof(buf)), -ENOENT);
	assert_int_equal(parse_mounts(hybrid, "cgroup2", buf, sizeof("/sys/fs/cgroup/unified")), 0);
	assert_int_equal(parse_mounts(hybrid, "cgroup2", buf, sizeof("/sys/fs/cgroup/unified") - 1),
			 -ENAMETOOLONG);
}

static void test_caps(void **state)
{
	struct pk_probe *probe = calloc(1, sizeof(*probe));

	assert_non_null(probe);
	probe->caps_effective.value = 1ull << CAP_BPF | 1ull << CAP_KILL;
	assert_true(pk_probe_has_cap(probe, CAP_BPF));
	assert_true(pk_probe_has_cap(probe, CAP_KILL));
	assert_false(pk_probe_has_cap(probe, CAP_PERFMON));
	assert_false(pk_probe_has_cap(probe, 64));
	/* CAP_SYS_ADMIN is enough for bpf(), and nothing else */
	probe->caps_effective.value = 1ull << CAP_SYS_ADMIN;
	assert_true(pk_probe_has_cap(probe, CAP_BPF));
	assert_true(pk_probe_has_cap(probe, CAP_PERFMON));
	assert_true(pk_probe_has_cap(probe, CAP_NET_ADMIN));
	assert_false(pk_probe_has_cap(probe, CAP_KILL));
	probe->caps_effective.err = EACCES;
	assert_false(pk_probe_has_cap(probe, CAP_BPF));
	free(probe);
}

/* A kernel and a process that have everything. */
static struct pk_probe *probe_new(void)
{
	struct pk_probe *probe = calloc(1, sizeof(*probe));
	int i;

	assert_non_null(probe);
	probe->caps_effective.value = UINT64_MAX;
	probe->user_ns_initial.value = 1;
	probe->pid_ns_initial.value = 1;
	probe->btf_bytes.value = 1;
	for (i = 0; i < PK_PROBE_FEATURE_MAX; i++)
		probe->features[i].state = PK_PROBE_OK;
	return probe;
}

static void refuse(struct pk_probe *probe, enum pk_probe_feature feature, enum pk_probe_stage stage,
		   int err)
{
	probe->features[feature] = (struct pk_probe_result){ PK_PROBE_REFUSED, stage, err };
}

static void set_missing(struct pk_probe *probe, const char *hook)
{
	size_t i;

	for (i = 0; pk_probe_hooks[i]; i++) {
		if (!strcmp(pk_probe_hooks[i], hook)) {
			probe->hook_missing[i] = true;
			return;
		}
	}
	fail_msg("no hook '%s'", hook);
}

/* Frees the facts. */
static void check(struct pk_probe *probe, enum pk_backend backend, const char *in_reason)
{
	const char *reason = NULL;

	assert_int_equal(pk_probe_backend(probe, &reason), backend);
	assert_non_null(reason);
	if (!reason || !strstr(reason, in_reason))
		fail_msg("reason '%s' does not have '%s'", reason ? reason : "", in_reason);
	free(probe);
}

static void test_backend_features(void **state)
{
	static const struct {
		enum pk_probe_feature feature;
		enum pk_probe_stage stage;
		enum pk_backend backend;
		const char *in_reason;
	} cases[] = {
		{ PK_PROBE_LSM, PK_PROBE_STAGE_FIND, PK_BACKEND_TRACEPOINT, "without BPF LSM" },
		{ PK_PROBE_LSM, PK_PROBE_STAGE_LOAD, PK_BACKEND_TRACEPOINT, "refuses LSM" },
		{ PK_PROBE_LSM, PK_PROBE_STAGE_ATTACH, PK_BACKEND_TRACEPOINT, "attach LSM" },
		{ PK_PROBE_LSM, PK_PROBE_STAGE_RUN, PK_BACKEND_TRACEPOINT, "security modules" },
		{ PK_PROBE_FEXIT, PK_PROBE_STAGE_LOAD, PK_BACKEND_TRACEPOINT, "fexit" },
		{ PK_PROBE_TP_BTF, PK_PROBE_STAGE_LOAD, PK_BACKEND_NONE, "tp_btf" },
		{ PK_PROBE_RINGBUF, PK_PROBE_STAGE_CREATE, PK_BACKEND_NONE, "ring buffers" },
		{ PK_PROBE_TASK_STORAGE, PK_PROBE_STAGE_LOAD, PK_BACKEND_NONE, "task storage" },
		{ PK_PROBE_READ_KERNEL, PK_PROBE_STAGE_LOAD, PK_BACKEND_NONE, "memory" },
		{ PK_PROBE_LOOP, PK_PROBE_STAGE_LOAD, PK_BACKEND_NONE, "bpf_loop" },
		/* nothing stands on these alone */
		{ PK_PROBE_RAW_TP, PK_PROBE_STAGE_LOAD, PK_BACKEND_LSM, "" },
		{ PK_PROBE_FENTRY, PK_PROBE_STAGE_LOAD, PK_BACKEND_LSM, "" },
		{ PK_PROBE_CGROUP, PK_PROBE_STAGE_LOAD, PK_BACKEND_LSM, "" },
		{ PK_PROBE_SK_STORAGE, PK_PROBE_STAGE_CREATE, PK_BACKEND_LSM, "" },
		{ PK_PROBE_TAIL_CALL, PK_PROBE_STAGE_LOAD, PK_BACKEND_LSM, "" },
		{ PK_PROBE_ITER_TASK, PK_PROBE_STAGE_LOAD, PK_BACKEND_LSM, "" },
		{ PK_PROBE_SYSCALL, PK_PROBE_STAGE_LOAD, PK_BACKEND_LSM, "" },
	};
	size_t i;

	check(probe_new(), PK_BACKEND_LSM, "LSM");
	for (i = 0; i < PK_ARRAY_SIZE(cases); i++) {
		struct pk_probe *probe = probe_new();

		refuse(probe, cases[i].feature, cases[i].stage, EPERM);
		check(probe, cases[i].backend, cases[i].in_reason);
	}
}

static void test_backend_unknown_is_not_ok(void **state)
{
	struct pk_probe *probe = probe_new();

	probe->features[PK_PROBE_LSM].state = PK_PROBE_UNKNOWN;
	check(probe, PK_BACKEND_TRACEPOINT, "LSM");
	probe = probe_new();
	probe->features[PK_PROBE_RINGBUF].state = PK_PROBE_UNKNOWN;
	check(probe, PK_BACKEND_NONE, "ring buffers");
}

static void test_backend_hooks(void **state)
{
	static const struct {
		const char *hook;
		enum pk_backend backend;
		const char *in_reason;
	} cases[] = {
		{ "lsm/path_unlink", PK_BACKEND_TRACEPOINT, "security hooks" },
		{ "lsm/sock_graft", PK_BACKEND_TRACEPOINT, "security hooks" },
		{ "fexit/vfs_rename", PK_BACKEND_TRACEPOINT, "fexit" },
		{ "fexit/notify_change", PK_BACKEND_TRACEPOINT, "fexit" },
		{ "tp_btf/sched_process_exec", PK_BACKEND_NONE, "exec, fork and exit" },
		{ "tp_btf/sched_process_exit", PK_BACKEND_NONE, "exec, fork and exit" },
		{ "tp_btf/sys_exit", PK_BACKEND_LSM, "" },
	};
	struct pk_probe *probe;
	size_t i;

	for (i = 0; i < PK_ARRAY_SIZE(cases); i++) {
		probe = probe_new();
		set_missing(probe, cases[i].hook);
		check(probe, cases[i].backend, cases[i].in_reason);
	}
	/* what only the tracepoint backend stands on */
	probe = probe_new();
	refuse(probe, PK_PROBE_LSM, PK_PROBE_STAGE_LOAD, EPERM);
	set_missing(probe, "tp_btf/sys_exit");
	check(probe, PK_BACKEND_NONE, "end of system calls");
	probe = probe_new();
	refuse(probe, PK_PROBE_LSM, PK_PROBE_STAGE_LOAD, EPERM);
	refuse(probe, PK_PROBE_TAIL_CALL, PK_PROBE_STAGE_LOAD, EPERM);
	check(probe, PK_BACKEND_NONE, "tail calls");
}

static struct pk_probe *probe_new_refused(void)
{
	struct pk_probe *probe = probe_new();
	int i;

	for (i = 0; i < PK_PROBE_FEATURE_MAX; i++)
		refuse(probe, (enum pk_probe_feature)i, PK_PROBE_STAGE_LOAD, EPERM);
	return probe;
}

static void test_backend_none_names_the_cause(void **state)
{
	struct pk_probe *probe = probe_new_refused();

	probe->caps_effective.value = 0;
	check(probe, PK_BACKEND_NONE, "CAP_BPF is missing");
	probe = probe_new_refused();
	probe->caps_effective.value = 1ull << CAP_BPF;
	check(probe, PK_BACKEND_NONE, "CAP_PERFMON is missing");
	probe = probe_new_refused();
	probe->user_ns_initial.value = 0;
	check(probe, PK_BACKEND_NONE, "user namespace");
	probe = probe_new_refused();
	probe->btf_bytes.err = ENOENT;
	probe->hooks_err = ENOENT;
	check(probe, PK_BACKEND_NONE, "no type information");
	probe = probe_new_refused();
	probe->hooks_err = EACCES;
	check(probe, PK_BACKEND_NONE, "cannot be read");
	/* with all privileges the kernel is it */
	check(probe_new_refused(), PK_BACKEND_NONE, "tp_btf");
	/* all works there, and would name the wrong processes */
	probe = probe_new();
	probe->pid_ns_initial.value = 0;
	check(probe, PK_BACKEND_NONE, "pid namespace");
	/* what works is believed, whatever the facts about privileges say */
	probe = probe_new();
	probe->caps_effective.value = 0;
	check(probe, PK_BACKEND_LSM, "");
}

static void test_names(void **state)
{
	int i, j;

	for (i = 0; i < PK_PROBE_FEATURE_MAX; i++) {
		assert_non_null(pk_probe_feature_name((enum pk_probe_feature)i));
		for (j = 0; j < i; j++)
			assert_string_not_equal(pk_probe_feature_name((enum pk_probe_feature)i),
						pk_probe_feature_name((enum pk_probe_feature)j));
	}
	assert_string_equal(pk_probe_feature_name(PK_PROBE_FEATURE_MAX), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_status_bad),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_lockdown),
		cmocka_unit_test(test_mounts),
		cmocka_unit_test(test_mounts_bad),
		cmocka_unit_test(test_caps),
		cmocka_unit_test(test_backend_features),
		cmocka_unit_test(test_backend_unknown_is_not_ok),
		cmocka_unit_test(test_backend_hooks),
		cmocka_unit_test(test_backend_none_names_the_cause),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("probe", tests, NULL, NULL);
}
