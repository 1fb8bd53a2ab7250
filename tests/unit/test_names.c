/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "stream/names.h"

static void kinds_round_trip(void **state)
{
	for (__u32 kind = 1; kind < PK_KIND_MAX; kind++) {
		const char *name = pk_event_kind_name(kind);

		if (pk_record_body_bytes(kind))
			assert_int_equal(pk_event_kind_from_name(name, strlen(name)), kind);
		else
			assert_string_equal(name, "unknown");
	}
	assert_string_equal(pk_event_kind_name(PK_KIND_MAX), "unknown");
	assert_int_equal(pk_event_kind_from_name("exe", 3), PK_EVENT_NONE);
	assert_int_equal(pk_event_kind_from_name("execve", 6), PK_EVENT_NONE);
	assert_int_equal(pk_event_kind_from_name("", 0), PK_EVENT_NONE);
}

static void groups_cover_all(void **state)
{
	for (__u32 kind = PK_EVENT_EXEC; kind < PK_EVENT_SENSOR_MAX; kind++) {
		int cnt = !!(PK_KINDS_PROCESS & PK_KIND_BIT(kind)) +
			  !!((PK_KINDS_FILE | PK_KINDS_ATTRIBUTE) & PK_KIND_BIT(kind)) +
			  !!(PK_KINDS_NETWORK & PK_KIND_BIT(kind)) +
			  !!(PK_KINDS_MOUNT & PK_KIND_BIT(kind)) +
			  !!(PK_KINDS_PRIVILEGE & PK_KIND_BIT(kind)) +
			  !!(PK_KINDS_KERNEL & PK_KIND_BIT(kind)) +
			  !!(PK_KINDS_MEMORY & PK_KIND_BIT(kind));

		assert_int_equal(cnt, 1);
	}
	assert_int_equal(PK_KINDS_SENSOR & PK_KINDS_STREAM, 0);
}

static void every_hook_and_loss_has_a_name(void **state)
{
	for (__u32 hook = 0; hook < PK_HOOK_MAX; hook++)
		assert_string_not_equal(pk_hook_name(hook), "unknown");
	assert_string_equal(pk_hook_name(PK_HOOK_MAX), "unknown");
	assert_string_equal(pk_hook_name(~0u), "unknown");
	for (__u32 reason = 0; reason < PK_LOSS_MAX; reason++)
		assert_string_not_equal(pk_loss_name(reason), "unknown");
	assert_string_equal(pk_loss_name(PK_LOSS_MAX), "unknown");
	assert_string_equal(pk_backend_name(PK_BACKEND_TRACEPOINT), "tracepoint");
	assert_string_equal(pk_backend_name(77), "unknown");
}

static void system_numbers(void **state)
{
	assert_string_equal(pk_file_type_name(S_IFDIR | 0700), "directory");
	assert_string_equal(pk_file_type_name(0), "unknown");
	assert_string_equal(pk_signal_name(9), "SIGKILL");
	assert_null(pk_signal_name(0));
	assert_null(pk_signal_name(64));
	assert_string_equal(pk_family_name(AF_INET6), "ipv6");
	assert_null(pk_family_name(1000));
	assert_string_equal(pk_socket_type_name(SOCK_SEQPACKET), "seqpacket");
	assert_null(pk_socket_type_name(0));
	assert_string_equal(pk_protocol_name(262), "mptcp");
	assert_null(pk_protocol_name(253));
	assert_string_equal(pk_open_access_name(O_RDWR | O_CREAT), "O_RDWR");
	assert_string_equal(pk_open_access_name(3), "O_NOACCESS");
}

static void ttys(void **state)
{
	static const struct {
		__u32 major;
		__u32 minor;
		const char *name;
	} cases[] = {
		{ 136, 0, "pts/0" },   { 136, 1048575, "pts/1048575" },
		{ 137, 1, "pts/257" }, { 4, 1, "tty1" },
		{ 4, 64, "ttyS0" },    { 5, 1, "console" },
		{ 229, 0, "229:0" },   { 4095, 1048575, "4095:1048575" },
	};
	char name[PK_TTY_NAME_MAX];

	for (size_t i = 0; i < PK_ARRAY_SIZE(cases); i++) {
		pk_tty_name(cases[i].major << 20 | cases[i].minor, name);
		assert_string_equal(name, cases[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds_round_trip),
		cmocka_unit_test(groups_cover_all),
		cmocka_unit_test(every_hook_and_loss_has_a_name),
		cmocka_unit_test(system_numbers),
		cmocka_unit_test(ttys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
