/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What picket doctor advises on made-up facts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/doctor.h"

struct fixture {
	struct pk_probe probe;
	struct pk_doctor doctor;
};

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	int i;

	if (!fixture)
		return -1;
	fixture->doctor.probe = &fixture->probe;
	fixture->probe.caps_effective.value = UINT64_MAX;
	fixture->probe.user_ns_initial.value = 1;
	fixture->probe.pid_ns_initial.value = 1;
	fixture->probe.btf_bytes.value = 1;
	fixture->probe.jit.value = 1;
	for (i = 0; i < PK_PROBE_FEATURE_MAX; i++)
		fixture->probe.features[i].state = PK_PROBE_OK;
	snprintf(fixture->probe.lsms.list, sizeof(fixture->probe.lsms.list), "lockdown,yama");
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

static void refuse(struct fixture *fixture, enum pk_probe_feature feature,
		   enum pk_probe_stage stage, int err)
{
	fixture->probe.features[feature] = (struct pk_probe_result){ PK_PROBE_REFUSED, stage, err };
}

static void refuse_all(struct fixture *fixture)
{
	int i;

	for (i = 0; i < PK_PROBE_FEATURE_MAX; i++)
		refuse(fixture, (enum pk_probe_feature)i, PK_PROBE_STAGE_LOAD, EPERM);
}

/* Exactly one advice, with `text` in it. */
static void check_only(struct fixture *fixture, const char *text)
{
	pk_doctor_conclude(&fixture->doctor);
	assert_int_equal(fixture->doctor.advice.cnt, 1);
	if (!strstr(fixture->doctor.advice.lines[0], text))
		fail_msg("'%s' does not have '%s'", fixture->doctor.advice.lines[0], text);
}

static void test_nothing_to_advise(void **state)
{
	struct fixture *fixture = *state;

	pk_doctor_conclude(&fixture->doctor);
	assert_int_equal(fixture->doctor.backend, PK_BACKEND_LSM);
	assert_int_equal(fixture->doctor.advice.cnt, 0);
}

static void test_capabilities(void **state)
{
	struct fixture *fixture = *state;

	refuse_all(fixture);
	fixture->probe.caps_effective.value = 1ull << CAP_BPF;
	check_only(fixture, "give Picket CAP_PERFMON, CAP_NET_ADMIN (");
	fixture->probe.caps_effective.value = 0;
	check_only(fixture, "give Picket CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN (");
	assert_int_equal(fixture->doctor.backend, PK_BACKEND_NONE);
}

static void test_user_namespace(void **state)
{
	struct fixture *fixture = *state;

	refuse_all(fixture);
	fixture->probe.user_ns_initial.value = 0;
	check_only(fixture, "outside of user namespaces");
}

static void test_pid_namespace(void **state)
{
	struct fixture *fixture = *state;

	fixture->probe.pid_ns_initial.value = 0;
	check_only(fixture, "in the host's pid namespace");
	assert_int_equal(fixture->doctor.backend, PK_BACKEND_NONE);
}

static void test_lsm_not_active(void **state)
{
	struct fixture *fixture = *state;

	refuse(fixture, PK_PROBE_LSM, PK_PROBE_STAGE_RUN, EOPNOTSUPP);
	check_only(fixture, "lsm=lockdown,yama,bpf");
	fixture->probe.lsms.err = ENOENT;
	check_only(fixture, "kernel parameter lsm=");
}

static void test_lsm_longest_list(void **state)
{
	struct fixture *fixture = *state;

	memset(fixture->probe.lsms.list, 'x', PK_PROBE_LSMS_MAX - 1);
	refuse(fixture, PK_PROBE_LSM, PK_PROBE_STAGE_RUN, EOPNOTSUPP);
	check_only(fixture, "xxx,bpf for the lsm backend");
}

static void test_lsm_refused(void **state)
{
	struct fixture *fixture = *state;

	refuse(fixture, PK_PROBE_LSM, PK_PROBE_STAGE_FIND, ENOENT);
	check_only(fixture, "CONFIG_BPF_LSM");
	refuse(fixture, PK_PROBE_LSM, PK_PROBE_STAGE_LOAD, EPERM);
	check_only(fixture, "refuses LSM or fexit programs with EPERM");
	refuse(fixture, PK_PROBE_LSM, PK_PROBE_STAGE_ATTACH, 524);
	check_only(fixture, "do not attach (ENOTSUPP)");
	assert_int_equal(fixture->doctor.backend, PK_BACKEND_TRACEPOINT);
}

static void test_kernel(void **state)
{
	struct fixture *fixture = *state;

	fixture->probe.jit.value = 0;
	check_only(fixture, "bpf_jit_enable=1");
	fixture->probe.jit.err = EACCES;
	fixture->probe.cgroup2.err = ENOENT;
	check_only(fixture, "mount -t cgroup2");
	fixture->probe.cgroup2.err = 0;
	refuse(fixture, PK_PROBE_READ_KERNEL, PK_PROBE_STAGE_LOAD, EINVAL);
	check_only(fixture, "lockdown=confidentiality");
	fixture->probe.features[PK_PROBE_READ_KERNEL].state = PK_PROBE_OK;
	refuse(fixture, PK_PROBE_LOOP, PK_PROBE_STAGE_LOAD, EINVAL);
	check_only(fixture, "Linux 5.17");
}

static void test_bpf_refused(void **state)
{
	struct fixture *fixture = *state;

	refuse_all(fixture);
	fixture->probe.seccomp.value = 2;
	check_only(fixture, "seccomp");
	fixture->probe.seccomp.value = 0;
	check_only(fixture, "bpf() is refused with EPERM");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_nothing_to_advise, setup, teardown),
		cmocka_unit_test_setup_teardown(test_capabilities, setup, teardown),
		cmocka_unit_test_setup_teardown(test_user_namespace, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pid_namespace, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lsm_not_active, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lsm_longest_list, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lsm_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_kernel, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bpf_refused, setup, teardown),
	};

	return cmocka_run_group_tests_name("doctor", tests, NULL, NULL);
}
