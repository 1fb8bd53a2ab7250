/* SPDX-License-Identifier: Apache-2.0 */
#include "import/hooks.h"

#include <stdio.h>

#include "imported.h"

/* Each row's condition is one that rules can have, and each field of its arguments is one that its events have. */
static void rule_is_taken(const char *condition, const char *field, const char *name)
{
	pk_import_text_cleanup struct pk_import_text rule = PK_IMPORT_TEXT_INIT;
	pk_import_text_cleanup struct pk_import_text why = PK_IMPORT_TEXT_INIT;

	pk_import_text_str(
		&rule, "- rule: x\n  desc: x\n  output: x\n  priority: INFO\n  condition: >\n    ");
	for (const char *c = condition; *c; c++)
		pk_import_text_add(&rule, *c == '\n' ? " " : c, 1);
	if (field) {
		pk_import_text_str(&rule, " and ");
		pk_import_text_str(&rule, field);
		pk_import_text_str(&rule, " exists");
	}
	pk_import_text_str(&rule, "\n");
	if (pk_import_accept(&rule, &why))
		fail_msg("%s, '%s': %.*s", name, field ? field : condition, (int)why.buf.len_bytes,
			 why.buf.len_bytes ? why.buf.data : "");
}

static void test_table(void **state)
{
	size_t cnt;
	const struct pk_import_hook *hooks = pk_import_hooks(&cnt);

	for (size_t i = 0; i < cnt; i++) {
		assert_int_equal(hooks[i].names[0], ' ');
		assert_int_equal(hooks[i].names[strlen(hooks[i].names) - 1], ' ');
		if (!hooks[i].condition) {
			assert_non_null(hooks[i].note);
			continue;
		}
		rule_is_taken(hooks[i].condition, NULL, hooks[i].names);
		for (size_t arg = 0; arg < PK_IMPORT_ARGS; arg++) {
			if (hooks[i].args[arg].field)
				rule_is_taken(hooks[i].condition, hooks[i].args[arg].field,
					      hooks[i].names);
		}
	}
}

/* A name stands for one thing. */
static void test_names_are_there_once(void **state)
{
	size_t cnt;
	const struct pk_import_hook *hooks = pk_import_hooks(&cnt);

	for (size_t i = 0; i < cnt; i++) {
		for (const char *at = hooks[i].names; at[1]; at = strchr(at + 1, ' ')) {
			size_t len = (size_t)(strchr(at + 1, ' ') - at) + 1;
			size_t found = 0;
			char name[128];

			assert_true(len < sizeof(name));
			memcpy(name, at, len);
			name[len] = '\0';
			for (size_t j = 0; j < cnt; j++) {
				const char *hit = strstr(hooks[j].names, name);

				found += hit != NULL;
				found += hit && strstr(hit + 1, name);
			}
			if (found != 1)
				fail_msg("'%s' is there %zu times", name, found);
		}
	}
}

static const struct pk_import_hook *function(const char *name)
{
	return pk_import_hook_function(name, strlen(name));
}

static const struct pk_import_hook *lsm(const char *name)
{
	return pk_import_hook_lsm(name, strlen(name));
}

static void test_functions(void **state)
{
	assert_non_null(function("sys_openat"));
	assert_ptr_equal(function("__x64_sys_openat"), function("sys_openat"));
	assert_ptr_equal(function("__ia32_sys_openat"), function("sys_openat"));
	assert_ptr_equal(function("__arm64_sys_openat"), function("sys_openat"));
	assert_ptr_equal(function("__sys_setuid"), function("sys_setuid"));
	assert_ptr_equal(function("ksys_unshare"), function("sys_unshare"));
	assert_null(function("sys_"));
	assert_null(function("sys_nosuchcall"));
	assert_null(function("openat"));
	assert_null(function("sys:openat openat2"));
	assert_null(function(""));
	assert_null(pk_import_hook_function("sys_openat\0x", 12));
	assert_null(function("sched_process_fork"));
}

static void test_lsm_hooks(void **state)
{
	assert_ptr_equal(lsm("file_open"), function("security_file_open"));
	assert_ptr_equal(lsm("bprm_check_security"), function("security_bprm_check"));
	assert_ptr_equal(lsm("userns_create"), function("create_user_ns"));
	assert_ptr_not_equal(lsm("mmap_file"), function("security_mmap_file"));
	assert_null(lsm("security_file_open"));
	assert_null(lsm("nosuchhook"));
}

static void test_tracepoints(void **state)
{
	unsigned int first = 0;

	assert_ptr_equal(pk_import_hook_tracepoint("syscalls", "sys_enter_openat", &first),
			 function("sys_openat"));
	assert_int_equal(first, 5);
	assert_ptr_equal(pk_import_hook_tracepoint("syscalls", "sys_exit_mkdir", &first),
			 function("sys_mkdir"));
	assert_non_null(pk_import_hook_tracepoint("sched", "sched_process_exec", &first));
	assert_non_null(pk_import_hook_tracepoint("sched", "sched_process_exit", &first));
	assert_null(pk_import_hook_tracepoint("sched", "sched_switch", &first));
	assert_null(pk_import_hook_tracepoint("syscalls", "openat", &first));
	assert_null(pk_import_hook_tracepoint("net", "net_dev_queue ", &first));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),       cmocka_unit_test(test_names_are_there_once),
		cmocka_unit_test(test_functions),   cmocka_unit_test(test_lsm_hooks),
		cmocka_unit_test(test_tracepoints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
