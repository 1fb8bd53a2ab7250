// SPDX-License-Identifier: Apache-2.0
#include "stream/tags.h"

#include "test.h"

static struct pk_fork_event event_of(__u32 kind, __u64 exec_id, __u64 time_ns)
{
	return (struct pk_fork_event){ .head = { .kind = (__u16)kind,
						 .exec_id = exec_id,
						 .cgroup_id = 7,
						 .time_ns = time_ns } };
}

static __u64 tags_of(const struct pk_tags *tags, __u64 exec_id, __u64 time_ns)
{
	struct pk_fork_event event = event_of(PK_EVENT_OPEN, exec_id, time_ns);
	__u64 container;

	return pk_tags_get(tags, &event.head, &container);
}

static void set(struct pk_tags *tags, __u64 exec_id, unsigned int bit,
		enum pk_rules_tag_scope scope, uint64_t ttl_ns)
{
	struct pk_fork_event event = event_of(PK_EVENT_OPEN, exec_id, 100);

	pk_tags_set(tags, &event.head, bit, scope, ttl_ns);
}

static void fork_of(struct pk_tags *tags, __u64 exec_id, __u64 child)
{
	struct pk_fork_event event = event_of(PK_EVENT_FORK, exec_id, 100);

	event.child_exec_id = child;
	pk_tags_update(tags, &event.head);
}

static void process(void **state)
{
	pk_cleanup(pk_tags_free_p) struct pk_tags *tags = NULL;
	struct pk_fork_event gone = event_of(PK_EVENT_EXIT, 1, 300);

	assert_int_equal(pk_tags_new(&tags), 0);
	assert_int_equal(tags_of(tags, 1, 100), 0);
	set(tags, 1, 3, PK_RULES_TAG_PROCESS, 0);
	set(tags, 1, 63, PK_RULES_TAG_PROCESS, 0);
	assert_true(tags_of(tags, 1, UINT64_MAX - 1) == (1ull << 3 | 1ull << 63));
	assert_int_equal(tags_of(tags, 2, 100), 0);
	fork_of(tags, 1, 2);
	assert_int_equal(tags_of(tags, 2, 100), 0);
	pk_tags_update(tags, &gone.head);
	assert_int_equal(tags_of(tags, 1, 400), 0);
}

static void tree(void **state)
{
	pk_cleanup(pk_tags_free_p) struct pk_tags *tags = NULL;

	assert_int_equal(pk_tags_new(&tags), 0);
	set(tags, 1, 0, PK_RULES_TAG_PROCESS, 0);
	set(tags, 1, 1, PK_RULES_TAG_TREE, 50);
	fork_of(tags, 1, 2);
	fork_of(tags, 2, 3);
	assert_int_equal(tags_of(tags, 1, 100), 3);
	assert_int_equal(tags_of(tags, 2, 100), 2);
	assert_int_equal(tags_of(tags, 3, 149), 2);
	assert_int_equal(tags_of(tags, 3, 150), 0); /* the parent's time is the child's */
}

static void container(void **state)
{
	pk_cleanup(pk_tags_free_p) struct pk_tags *tags = NULL;
	struct pk_fork_event other = event_of(PK_EVENT_OPEN, 9, 100);
	__u64 bits;

	assert_int_equal(pk_tags_new(&tags), 0);
	set(tags, 1, 5, PK_RULES_TAG_CONTAINER, 0);
	assert_int_equal(pk_tags_get(tags, &other.head, &bits), 0);
	assert_int_equal(bits, 1 << 5);
	other.head.cgroup_id = 8;
	pk_tags_get(tags, &other.head, &bits);
	assert_int_equal(bits, 0);
}

static void ttl(void **state)
{
	pk_cleanup(pk_tags_free_p) struct pk_tags *tags = NULL;

	assert_int_equal(pk_tags_new(&tags), 0);
	set(tags, 1, 0, PK_RULES_TAG_PROCESS, 10);
	assert_int_equal(tags_of(tags, 1, 109), 1);
	assert_int_equal(tags_of(tags, 1, 110), 0);
	set(tags, 1, 0, PK_RULES_TAG_PROCESS, UINT64_MAX);
	assert_int_equal(tags_of(tags, 1, 1000), 1);
}

static void limit(void **state)
{
	pk_cleanup(pk_tags_free_p) struct pk_tags *tags = NULL;

	assert_int_equal(pk_tags_new(&tags), 0);
	for (__u64 id = 1; id <= PK_MAX_TAGGED; id++)
		set(tags, id, 0, PK_RULES_TAG_PROCESS, 0);
	assert_int_equal(pk_tags_get_refused_cnt(tags), 0);
	set(tags, PK_MAX_TAGGED + 1, 0, PK_RULES_TAG_PROCESS, 0);
	assert_int_equal(pk_tags_get_refused_cnt(tags), 1);
	assert_int_equal(tags_of(tags, PK_MAX_TAGGED + 1, 100), 0);
	assert_int_equal(tags_of(tags, PK_MAX_TAGGED, 100), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(process), cmocka_unit_test(tree),  cmocka_unit_test(container),
		cmocka_unit_test(ttl),     cmocka_unit_test(limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
