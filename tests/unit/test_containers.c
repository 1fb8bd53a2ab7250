// SPDX-License-Identifier: Apache-2.0
/*
 * The table: what is replaced and what is not, limits, what is freed.
 */
#include "meta/containers.h"

#include <stdio.h>

#include "test.h"

static struct pk_record record;
static struct pk_containers *containers;

static int setup(void **state)
{
	return pk_containers_new(&containers);
}

static int teardown(void **state)
{
	pk_containers_free(containers);
	return 0;
}

static void tell(uint64_t cgroup, uint32_t container_state, const char *id, uint32_t known,
		 const char *name)
{
	const struct pk_container c = {
		.state = container_state,
		.known = known,
		.id = { id, strlen(id) },
		.name = { name, strlen(name) },
	};

	pk_container_to_record(&c, cgroup, (struct pk_text){ "/x", 2 }, &record);
	pk_containers_update(containers, &record.u.container);
}

static struct pk_containers_stats stats(void)
{
	struct pk_containers_stats stats;

	pk_containers_get_stats(containers, &stats);
	return stats;
}

static void host_and_unknown(void **state)
{
	assert_false(pk_containers_has(containers, 5));
	assert_ptr_equal(pk_containers_get(containers, 5), &pk_container_unknown);
	tell(5, PK_CONTAINER_HOST, "", 0, "");
	assert_true(pk_containers_has(containers, 5));
	assert_ptr_equal(pk_containers_get(containers, 5), &pk_container_host);
	tell(6, PK_CONTAINER_UNKNOWN, "", 0, "");
	assert_true(pk_containers_has(containers, 6));
	assert_ptr_equal(pk_containers_get(containers, 6), &pk_container_unknown);
	tell(6, 77, "", 0, "");
	assert_ptr_equal(pk_containers_get(containers, 6), &pk_container_unknown);
	assert_int_equal(stats().container_cnt, 0);
}

static void what_knows_less_replaces_nothing(void **state)
{
	tell(5, PK_CONTAINER_RESOLVING, "abc", 0, "");
	assert_int_equal(pk_containers_get(containers, 5)->name.len, 0);
	tell(5, PK_CONTAINER_RESOLVING, "abc", PK_CONTAINER_NAME, "web");
	assert_text(pk_containers_get(containers, 5)->name, "web");
	tell(5, PK_CONTAINER_RESOLVED, "abc", PK_CONTAINER_NAME, "web2");
	assert_text(pk_containers_get(containers, 5)->name, "web2");
	/* another cgroup of it, of which only the path is known */
	tell(6, PK_CONTAINER_RESOLVING, "abc", 0, "");
	assert_text(pk_containers_get(containers, 5)->name, "web2");
	assert_ptr_equal(pk_containers_get(containers, 6), pk_containers_get(containers, 5));
	tell(6, PK_CONTAINER_RESOLVED, "abc", PK_CONTAINER_NAME, "web3");
	assert_text(pk_containers_get(containers, 5)->name, "web3");
	assert_int_equal(stats().container_cnt, 1);
	assert_int_equal(stats().cgroup_cnt, 2);
}

static void a_cgroup_changes_hands(void **state)
{
	tell(5, PK_CONTAINER_RESOLVED, "abc", 0, "");
	tell(5, PK_CONTAINER_RESOLVED, "def", 0, "");
	assert_text(pk_containers_get(containers, 5)->id, "def");
	assert_null(pk_containers_find(containers, (struct pk_text){ "abc", 3 }));
	assert_non_null(pk_containers_find(containers, (struct pk_text){ "def", 3 }));
	tell(5, PK_CONTAINER_HOST, "", 0, "");
	assert_int_equal(stats().container_cnt, 0);
	assert_ptr_equal(pk_containers_get(containers, 5), &pk_container_host);
}

/* Each once, by the cgroup that was used last. */
static void listed(void **state)
{
	uint64_t ids[4];

	assert_int_equal(pk_containers_list(containers, ids, 4), 0);
	tell(4, PK_CONTAINER_HOST, "", 0, "");
	tell(5, PK_CONTAINER_RESOLVED, "abc", 0, "");
	tell(6, PK_CONTAINER_RESOLVED, "def", 0, "");
	tell(7, PK_CONTAINER_RESOLVING, "abc", 0, "");
	assert_int_equal(pk_containers_list(containers, ids, 4), 2);
	assert_int_equal(ids[0], 7);
	assert_int_equal(ids[1], 6);
	pk_containers_get(containers, 5);
	assert_int_equal(pk_containers_list(containers, ids, 1), 1);
	assert_int_equal(ids[0], 5);
	/* what is known is from the first cgroup's record */
	assert_int_equal(pk_containers_record(containers, 7)->head.cgroup_id, 5);
	assert_null(pk_containers_record(containers, 4));
	assert_null(pk_containers_record(containers, 8));
}

static void the_least_used_are_forgotten(void **state)
{
	char id[32];

	for (uint64_t i = 0; i < PK_MAX_CGROUPS; i++) {
		snprintf(id, sizeof(id), "c%llu", (unsigned long long)i);
		tell(i, PK_CONTAINER_RESOLVED, id, 0, "");
	}
	assert_int_equal(stats().cgroup_cnt, PK_MAX_CGROUPS);
	assert_int_equal(stats().forgotten_cnt, 0);
	pk_containers_get(containers, 0);
	tell(PK_MAX_CGROUPS, PK_CONTAINER_RESOLVED, "new", 0, "");
	assert_int_equal(stats().cgroup_cnt, PK_MAX_CGROUPS);
	assert_int_equal(stats().container_cnt, PK_MAX_CGROUPS);
	assert_int_equal(stats().forgotten_cnt, 1);
	assert_true(pk_containers_has(containers, 0));
	assert_false(pk_containers_has(containers, 1));
	assert_true(pk_containers_has(containers, 2));
}

/* As many short ones as a busy machine has in a day, each with much to say. */
static void peeking_is_no_use(void **state)
{
	for (uint64_t i = 1; i <= PK_MAX_CGROUPS; i++)
		tell(i, PK_CONTAINER_HOST, "", 0, "");
	assert_ptr_equal(pk_containers_peek(containers, 1), &pk_container_host);
	assert_ptr_equal(pk_containers_peek(containers, PK_MAX_CGROUPS + 1), &pk_container_unknown);
	tell(PK_MAX_CGROUPS + 1, PK_CONTAINER_RESOLVED, "a", 0, "");
	assert_false(pk_containers_has(containers, 1));
	assert_text(pk_containers_peek(containers, PK_MAX_CGROUPS + 1)->id, "a");
}

static void memory_is_bounded(void **state)
{
	static char labels[PK_MAX_CONTAINER_LABELS_BYTES];
	struct pk_container c = { .state = PK_CONTAINER_RESOLVED,
				  .labels = { labels, sizeof(labels) } };
	char id[32];

	for (uint64_t i = 0; i < 100000; i++) {
		int len = snprintf(id, sizeof(id), "c%llu", (unsigned long long)i);

		c.id = (struct pk_text){ id, (size_t)len };
		pk_container_to_record(&c, i, (struct pk_text){ "/x", 2 }, &record);
		pk_containers_update(containers, &record.u.container);
		assert_true(stats().bytes <= PK_MAX_CONTAINERS_BYTES);
	}
	assert_true(stats().container_cnt > 1000);
	assert_true(pk_containers_has(containers, 99999));
	assert_true(stats().forgotten_cnt > 90000);
}

static void keys(void **state)
{
	struct pk_container a = { .state = PK_CONTAINER_RESOLVING, .id = { "abc", 3 } };
	struct pk_container b = { .state = PK_CONTAINER_RESOLVED, .id = { "abd", 3 } };

	assert_int_equal(pk_container_key(&pk_container_unknown), 0);
	assert_int_equal(pk_container_key(&pk_container_host), PK_CONTAINER_KEY_HOST);
	assert_true(pk_container_key(&a) > PK_CONTAINER_KEY_HOST);
	assert_true(pk_container_key(&a) != pk_container_key(&b));
	b.id = a.id;
	assert_true(pk_container_key(&a) == pk_container_key(&b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(host_and_unknown, setup, teardown),
		cmocka_unit_test_setup_teardown(what_knows_less_replaces_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(a_cgroup_changes_hands, setup, teardown),
		cmocka_unit_test_setup_teardown(listed, setup, teardown),
		cmocka_unit_test_setup_teardown(the_least_used_are_forgotten, setup, teardown),
		cmocka_unit_test_setup_teardown(peeking_is_no_use, setup, teardown),
		cmocka_unit_test_setup_teardown(memory_is_bounded, setup, teardown),
		cmocka_unit_test(keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
