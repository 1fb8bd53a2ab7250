/* SPDX-License-Identifier: Apache-2.0 */
#include "import/filter.h"

#include <stdio.h>

#include "imported.h"

#define ARG(index, op, values) \
	"{matchArgs: [{index: " #index ", operator: " op ", values: [" values "]}]}"
#define OPEN "evt.type = open and "

static void test_texts(void **state)
{
	becomes(KPROBE("security_file_open", ARG(0, "Equal", "/a")), OPEN "fd.name = \"/a\"");
	becomes(KPROBE("security_file_open", ARG(0, "In", "/a, /b")),
		OPEN "fd.name in (\"/a\", \"/b\")");
	becomes(KPROBE("security_file_open", ARG(0, "NotEqual", "/a, /b")),
		OPEN "not fd.name in (\"/a\", \"/b\")");
	becomes(KPROBE("security_file_open", ARG(0, "Prefix", "/a, /b")),
		OPEN "(fd.name startswith \"/a\" or fd.name startswith \"/b\")");
	becomes(KPROBE("security_file_open", ARG(0, "NotPrefix", "/a, /b")),
		OPEN "not (fd.name startswith \"/a\" or fd.name startswith \"/b\")");
	becomes(KPROBE("security_file_open", ARG(0, "Postfix", ".so")),
		OPEN "fd.name endswith \".so\"");
	becomes(KPROBE("security_file_open", ARG(0, "SubString", "x")),
		OPEN "fd.name contains \"x\"");
	becomes(KPROBE("security_file_open", ARG(0, "SubStringIgnCase", "x")),
		OPEN "fd.name icontains \"x\"");
	has_none(KPROBE("security_file_open", ARG(0, "Sounds", "x")),
		 "no operator for texts: 'Sounds'");
	has_none(KPROBE("security_file_open", ARG(0, "Equal", "")), "a filter without values");
	has_none(KPROBE("security_file_open", ARG(1, "Equal", "3")),
		 "the event does not have this argument\n#               (of argument 1)");
	/* a zero byte at the end is part of how calls take texts */
	becomes(KPROBE("sys_symlinkat", ARG(0, "Equal", "\"/etc/passwd\\0\"")),
		"evt.type = symlink and evt.arg.target = \"/etc/passwd\"");
}

static void test_numbers(void **state)
{
	becomes(KPROBE("sys_setuid", ARG(0, "Equal", "0")),
		"evt.type = setuid and evt.arg.euid = 0");
	becomes(KPROBE("sys_setuid", ARG(0, "NotIn", "0, 0x10")),
		"evt.type = setuid and not evt.arg.euid in (0, 16)");
	becomes(KPROBE("sys_setuid", ARG(0, "GT", "999")),
		"evt.type = setuid and evt.arg.euid > 999");
	becomes(KPROBE("sys_setuid", ARG(0, "LT", "5")), "evt.type = setuid and evt.arg.euid < 5");
	becomes(KPROBE("sys_setuid", ARG(0, "InRange", "'1:9'")),
		"evt.type = setuid and (evt.arg.euid >= 1 and evt.arg.euid <= 9)");
	becomes(KPROBE("sys_setuid", ARG(0, "InMap", "'0', '5:7'")),
		"evt.type = setuid and (evt.arg.euid = 0 or (evt.arg.euid >= 5 and evt.arg.euid <= 7))");
	becomes(KPROBE("sys_setuid", ARG(0, "NotInMap", "'0'")),
		"evt.type = setuid and not evt.arg.euid = 0");
	becomes(KPROBE("sys_ptrace", ARG(0, "InMap", "'16'")),
		"evt.type = ptrace and evt.arg.operation = ptrace and "
		"evt.arg.request = PTRACE_ATTACH");
	has_none(KPROBE("sys_setreuid", ARG(0, "InMap", "'4294967295'")), "left as it is");
	has_none(KPROBE("sys_setuid", ARG(0, "Equal", "root")), "not a number: 'root'");
	has_none(KPROBE("sys_setreuid", ARG(0, "Equal", "'4294967295'")), "left as it is");
	has_none(KPROBE("sys_setuid", ARG(0, "Prefix", "0")),
		 "no operator for numbers here: 'Prefix'");
}

static void test_flags_and_names(void **state)
{
	becomes(KPROBE("sys_openat", ARG(2, "Mask", "64, 3")),
		OPEN "(evt.arg.flags contains O_CREAT or evt.arg.flags contains O_WRONLY or "
		     "evt.arg.flags contains O_RDWR)");
	becomes(KPROBE("sys_unshare", ARG(0, "Mask", "'0x10000000'")),
		"evt.type = unshare and evt.arg.flags contains CLONE_NEWUSER");
	has_none(KPROBE("sys_openat", ARG(2, "Equal", "64")),
		 "flags can be asked by Mask, not by 'Equal'");
	becomes(KPROBE("sys_bpf", ARG(0, "In", "0, 5")),
		"evt.type = bpf and evt.arg.cmd in (BPF_MAP_CREATE, BPF_PROG_LOAD)");
	has_none(KPROBE("sys_bpf", ARG(0, "Equal", "99999")), "a number without a name: '99999'");
	becomes(KPROBE("security_socket_create", ARG(0, "Equal", "40")),
		"evt.type = socket and evt.arg.domain = AF_VSOCK");
	has_none(KPROBE("security_socket_create", ARG(0, "Equal", "2")), "is no event: family '2'");
}

static void test_what_is_asked_of_the_open(void **state)
{
	becomes(KPROBE("security_file_permission", ARG(1, "Equal", "4")),
		OPEN "evt.is_open_read = true");
	becomes(KPROBE("security_file_permission", ARG(1, "Equal", "2")),
		OPEN "evt.is_open_write = true");
	becomes(KPROBE("security_file_permission", ARG(1, "Mask", "6")),
		OPEN "(evt.is_open_read = true or evt.is_open_write = true)");
	has_none(KPROBE("security_file_permission", ARG(1, "Equal", "1")),
		 "neither read nor written");
	becomes(KPROBE("security_mmap_file", ARG(1, "Mask", "2")), OPEN "evt.is_open_write = true");
	becomes(KPROBE("security_mmap_file",
		       "{matchArgs: [{index: 1, operator: Equal, values: [1]}, "
		       "{index: 2, operator: Mask, values: [1]}]}"),
		OPEN "evt.is_open_read = true");
	has_none(KPROBE("security_mmap_file", ARG(2, "Mask", "2")), "only shared mappings");
	has_none(KPROBE("security_mmap_file", ARG(1, "Equal", "4")), "neither read nor written");
	becomes(KPROBE("security_kernel_read_file", ARG(1, "Equal", "2")),
		"evt.type in (init_module, kexec_load) and evt.arg.from = file and evt.type = init_module");
	has_none(KPROBE("security_kernel_read_file", ARG(1, "Equal", "5")), "only modules (2)");
}

/* Of some values: those that can be asked for, and it is said. */
static void test_some_values(void **state)
{
	imported_cleanup struct imported imported =
		import_text(KPROBE("sys_setuid", ARG(0, "Equal", "0, root")));

	assert_int_equal(imported.import->cnt.rules, 1);
	assert_int_equal(imported.import->cnt.part, 1);
	has_text(&imported.out, "evt.arg.euid = 0'");
	has_text(&imported.out, "left out: not a number: 'root'");
}

static void test_number(void **state)
{
	int64_t number;

	assert_true(pk_import_number("0x1f", 4, &number));
	assert_int_equal(number, 31);
	assert_true(pk_import_number("-13", 3, &number));
	assert_int_equal(number, -13);
	assert_false(pk_import_number("", 0, &number));
	assert_false(pk_import_number(" 1", 2, &number));
	assert_false(pk_import_number("1x", 2, &number));
	assert_false(pk_import_number("99999999999999999999", 20, &number));
	assert_false(pk_import_number("111111111111111111111111111", 27, &number));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_flags_and_names),
		cmocka_unit_test(test_what_is_asked_of_the_open),
		cmocka_unit_test(test_some_values),
		cmocka_unit_test(test_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
