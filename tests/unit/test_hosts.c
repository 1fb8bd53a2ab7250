// SPDX-License-Identifier: Apache-2.0
#include <string.h>
#include <unistd.h>

#include "plans.h"
#include "stream/hosts.h"

static const uint8_t loopback[16] = { [10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1 };

/* "localhost" is in every host's own table. */
static void test_names_of_rules(void **state)
{
	planned_cleanup struct planned planned = plan_text(
		RULE("a", "fd.sip.name in (localhost, nosuch.invalid)")
			RULE("b", "fd.cip.name = localhost and fd.name = other"));
	struct pk_value value = { 0 };
	struct pk_hosts *hosts = NULL;
	uint8_t other[16] = { [15] = 9 };

	assert_int_equal(pk_hosts_new(planned.bound, &hosts), 0);
	assert_non_null(hosts);
	/* an answer may be longer in coming than the maker waits */
	for (int i = 0; i < 100 && !value.list_cnt; i++) {
		pk_hosts_get(hosts, loopback, &value);
		if (!value.list_cnt)
			usleep(100000);
	}
	assert_int_equal(value.list_cnt, 1);
	assert_memory_equal(value.list[0].data, "localhost", value.list[0].len);
	value.list_cnt = 0;
	pk_hosts_get(hosts, other, &value);
	assert_int_equal(value.list_cnt, 0);
	pk_hosts_free(hosts);
}

static void test_no_names(void **state)
{
	planned_cleanup struct planned planned = plan_text(RULE("a", "fd.name = localhost"));
	struct pk_hosts *hosts = (void *)1;

	assert_int_equal(pk_hosts_new(planned.bound, &hosts), 0);
	assert_null(hosts);
	pk_hosts_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_of_rules),
		cmocka_unit_test(test_no_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
