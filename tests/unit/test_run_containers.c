/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From what the stream knows of containers to what the kernel has of them: cgroups that are there, made and
 * removed; facts that come one after the other; values that have to be put together.
 */
#include "cli/run_containers.h"

#include "plans.h"

#include "meta/attribution.h"
#include "own_cgroups.h"

#define ID "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define OPENED "evt.type = open and "
/* by bit */
#define TEXT                                                               \
	RULE("a", OPENED "container.id = 001122334455")                    \
	RULE("b", OPENED "container.image.repository = nginx")             \
	RULE("c", OPENED "container.info contains \"container_name=web\"") \
	RULE("d", OPENED "container.label[tier] = front")                  \
	RULE("e", OPENED "container.id = host")

struct rig {
	struct pk_sensors *sensors;
	struct pk_run_containers *containers;
	struct pk_stream *stream;
	struct pk_attribution *attribution;
	struct pk_live *live;
	struct planned planned;
	char cgroup[600];
};

static int rig_setup(void **state)
{
	const struct pk_resolver_options usual = { .root = "/nonexistent" };
	struct pk_stream_options stream = { .on_container = pk_run_containers_tell };
	struct rig *rig = calloc(1, sizeof(*rig));
	struct pk_bank_stats stats;
	const char *what;
	char path[256];

	assert_non_null(rig);
	rig->sensors = own_cgroups_sensors(true, path);
	if (!rig->sensors) {
		free(rig);
		return 0;
	}
	snprintf(rig->cgroup, sizeof(rig->cgroup), "%s/docker-" ID ".scope", path);
	rig->planned = plan_text(TEXT);
	assert_int_equal(pk_run_containers_new(&rig->containers), 0);
	stream.on_container_arg = rig->containers;
	assert_int_equal(pk_stream_new(&stream, &rig->stream), 0);
	assert_int_equal(pk_attribution_new(&usual, &rig->attribution), 0);
	assert_int_equal(pk_live_new(rig->sensors, rig->stream, rig->attribution, &rig->live), 0);
	assert_int_equal(pk_bank_load_named(rig->sensors, rig->planned.plan,
					    pk_run_containers_get_bank(rig->containers), NULL, NULL,
					    &stats, &what),
			 0);
	*state = rig;
	return 0;
}

static int rig_teardown(void **state)
{
	struct rig *rig = *state;

	if (!rig)
		return 0;
	rmdir(rig->cgroup);
	pk_live_free(rig->live);
	pk_attribution_free(rig->attribution);
	pk_sensors_free(rig->sensors);
	pk_stream_free(rig->stream);
	pk_run_containers_free(rig->containers);
	planned_fini(&rig->planned);
	free(rig);
	return 0;
}

#define NEED_RIG(rig, state)        \
	struct rig *rig = *(state); \
	if (!rig)                   \
	skip()

static int bits_of(const struct rig *rig, __u64 cgroup_id)
{
	return container_bits(rig->sensors, cgroup_id);
}

#define SET_TEXT(field, text)          \
	(field) = (struct pk_text)     \
	{                              \
		text, sizeof(text) - 1 \
	}

static void test_told(void **state)
{
	struct pk_container container = { .state = PK_CONTAINER_RESOLVING };
	char labels[] = "tier\0front";
	NEED_RIG(rig, state);

	pk_run_containers_tell(rig->containers, 7, &pk_container_unknown);
	assert_int_equal(bits_of(rig, 7), -1);
	pk_run_containers_tell(rig->containers, 0, &pk_container_host);
	assert_int_equal(bits_of(rig, 0), -1);
	pk_run_containers_tell(rig->containers, 8, &pk_container_host);
	assert_int_equal(bits_of(rig, 8), 0x1010);
	/* first its id, then the rest; the caller's texts go away */
	SET_TEXT(container.id, ID);
	pk_run_containers_tell(rig->containers, 9, &container);
	assert_int_equal(bits_of(rig, 9) >> 8, 0x01);
	assert_int_equal(bits_of(rig, 9) & 0x1b, 0x0b);
	container.state = PK_CONTAINER_RESOLVED;
	container.known = PK_CONTAINER_NAME | PK_CONTAINER_IMAGE | PK_CONTAINER_LABELS;
	SET_TEXT(container.name, "web");
	SET_TEXT(container.image, "nginx:1");
	SET_TEXT(container.repository, "nginx");
	container.labels = (struct pk_text){ labels, sizeof(labels) };
	pk_run_containers_tell(rig->containers, 9, &container);
	memset(labels, 'x', sizeof(labels));
	assert_int_equal(bits_of(rig, 9), 0x0f0f);
}

static void test_cgroups(void **state)
{
	struct stat st;
	NEED_RIG(rig, state);

	assert_int_equal(pk_run_containers_start(rig->containers, rig->sensors, rig->live), 0);
	assert_true(pk_run_containers_get_fd(rig->containers) >= 0);
	assert_int_equal(bits_of(rig, 1), 0x1010); /* the topmost is the host's */
	assert_int_equal(mkdir(rig->cgroup, 0755), 0);
	assert_int_equal(stat(rig->cgroup, &st), 0);
	assert_int_equal(bits_of(rig, st.st_ino), -1);
	assert_int_equal(pk_run_containers_read(rig->containers), 0);
	assert_int_equal(bits_of(rig, st.st_ino) >> 8, 0x01);
	assert_int_equal(rmdir(rig->cgroup), 0);
	assert_int_equal(pk_run_containers_read(rig->containers), 0);
	assert_int_equal(bits_of(rig, st.st_ino), -1);
	assert_false(
		pk_bank_containers_has(pk_run_containers_get_bank(rig->containers), st.st_ino));
}

/* An answer about a cgroup that was removed before anybody remembers. */
static void test_late(void **state)
{
	struct pk_container container = { .state = PK_CONTAINER_RESOLVING };
	struct pk_bank_containers *bank;
	struct stat st;
	NEED_RIG(rig, state);

	SET_TEXT(container.id, ID);
	bank = pk_run_containers_get_bank(rig->containers);
	assert_int_equal(pk_run_containers_start(rig->containers, rig->sensors, rig->live), 0);
	pk_run_containers_tell(rig->containers, 1ull << 60, &container);
	assert_false(pk_bank_containers_has(bank, 1ull << 60));
	pk_run_containers_tell(rig->containers, 1ull << 60, &pk_container_host);
	assert_false(pk_bank_containers_has(bank, 1ull << 60));
	assert_int_equal(mkdir(rig->cgroup, 0755), 0);
	assert_int_equal(stat(rig->cgroup, &st), 0);
	pk_run_containers_tell(rig->containers, st.st_ino, &container);
	assert_true(pk_bank_containers_has(bank, st.st_ino));
}

/* More cgroups come and go than notes fit: what is gone is found out all the same. */
static void test_lost(void **state)
{
	char other[640];
	struct stat st;
	NEED_RIG(rig, state);

	assert_int_equal(pk_run_containers_start(rig->containers, rig->sensors, rig->live), 0);
	assert_int_equal(mkdir(rig->cgroup, 0755), 0);
	assert_int_equal(stat(rig->cgroup, &st), 0);
	assert_int_equal(pk_run_containers_read(rig->containers), 0);
	assert_true(pk_bank_containers_has(pk_run_containers_get_bank(rig->containers), st.st_ino));
	snprintf(other, sizeof(other), "%s.other", rig->cgroup);
	for (int i = 0; i < 600; i++) {
		assert_int_equal(mkdir(other, 0755), 0);
		assert_int_equal(rmdir(other), 0);
	}
	assert_int_equal(rmdir(rig->cgroup), 0);
	assert_int_equal(pk_run_containers_read(rig->containers), 0);
	assert_false(
		pk_bank_containers_has(pk_run_containers_get_bank(rig->containers), st.st_ino));
	/* and what is there stays */
	assert_int_equal(bits_of(rig, 1), 0x1010);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_told, rig_setup, rig_teardown),
		cmocka_unit_test_setup_teardown(test_cgroups, rig_setup, rig_teardown),
		cmocka_unit_test_setup_teardown(test_late, rig_setup, rig_teardown),
		cmocka_unit_test_setup_teardown(test_lost, rig_setup, rig_teardown),
	};

	return cmocka_run_group_tests_name("run_containers", tests, NULL, NULL);
}
