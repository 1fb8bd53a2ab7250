/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables: every literal is found where the kernel side looks for it, at each size of key and one past.
 */
#include "bank_object.h"

#include <bpf/bpf.h>
#include <errno.h>

#define NEED_OBJECT(object, state)             \
	struct bank_object *object = *(state); \
	if (!object)                           \
	skip()

static struct pk_bank_tables build(const struct pk_plan *plan)
{
	struct pk_bank_tables tables = PK_BANK_TABLES_NONE;
	const char *what;

	assert_int_equal(pk_bank_tables_build(plan, &tables, &what), 0);
	return tables;
}

/* The class of a text, looked up as the kernel side does; 0: none. */
static __u32 exact_cls(const struct pk_bank_tables *tables, __u32 text, const char *data,
		       size_t len)
{
	static const size_t sizes[] = { 24, 56, 120, 248 };
	char key[256] = { 0 };
	struct pk_exact_head head = { text, (__u32)len };
	struct pk_exact_value value;
	size_t size = 0;

	while (len > sizes[size])
		size++;
	memcpy(key, &head, sizeof(head));
	memcpy(key + sizeof(head), data, len);
	if (bpf_map_lookup_elem(tables->fds[PK_BANK_EXACT32 + size], key, &value))
		return 0;
	return value.cls;
}

static void test_exact(void **state)
{
	NEED_OBJECT(object, state);
	static const size_t lens[] = { 0, 1, 24, 25, 56, 57, 120, 121, 248 };
	struct pk_plan_exact exact[PK_ARRAY_SIZE(lens)];
	struct pk_bank_tables tables;
	char text[256];
	const char *what;

	memset(text, 'x', sizeof(text));
	for (size_t i = 0; i < PK_ARRAY_SIZE(lens); i++)
		exact[i] = (struct pk_plan_exact){
			PK_TEXT_EXE, text, lens[i], { .cls = (__u32)i + 1 }
		};
	object->plan.exact = exact;
	object->plan.exact_cnt = PK_ARRAY_SIZE(exact);
	tables = build(&object->plan);
	for (size_t i = 0; i < PK_ARRAY_SIZE(lens); i++) {
		assert_int_equal(exact_cls(&tables, PK_TEXT_EXE, text, lens[i]), i + 1);
		assert_int_equal(exact_cls(&tables, PK_TEXT_ARGS, text, lens[i]), 0);
	}
	assert_int_equal(exact_cls(&tables, PK_TEXT_EXE, text, 2), 0);
	assert_true(pk_bank_tables_bytes(&tables) > 0);
	pk_bank_tables_fini(&tables);

	exact[0].len = 249;
	assert_int_equal(pk_bank_tables_build(&object->plan, &tables, &what), -E2BIG);
}

static __u32 prefix_cls(int fd, __u32 text, const char *data)
{
	struct pk_prefix_key key = { .prefix_bits = 32 + 8 * (__u32)strlen(data), .text = text };
	struct pk_prefix_value value;

	memcpy(key.data, data, strlen(data));
	return bpf_map_lookup_elem(fd, &key, &value) ? 0 : value.cls;
}

/* The longest prefix that there is, and only of the same text. */
static void test_prefixes(void **state)
{
	NEED_OBJECT(object, state);
	char longest[250];
	struct pk_plan_prefix prefix[] = {
		{ PK_TEXT_FD_NAME, "/etc", 4, { .cls = 1 } },
		{ PK_TEXT_FD_NAME, "/etc/ssh", 8, { .cls = 2 } },
		{ PK_TEXT_FD_DIR, "", 0, { .cls = 3 } },
		{ PK_TEXT_FD_NAME, longest, 248, { .cls = 4 } },
	};
	struct pk_bank_tables tables;
	const char *what;
	int fd;

	memset(longest, 'l', sizeof(longest));
	longest[248] = '\0';
	object->plan.prefix = prefix;
	object->plan.prefix_cnt = PK_ARRAY_SIZE(prefix);
	tables = build(&object->plan);
	fd = tables.fds[PK_BANK_PREFIXES];
	assert_int_equal(prefix_cls(fd, PK_TEXT_FD_NAME, "/etc/passwd"), 1);
	assert_int_equal(prefix_cls(fd, PK_TEXT_FD_NAME, "/etc/ssh/x"), 2);
	assert_int_equal(prefix_cls(fd, PK_TEXT_FD_NAME, "/et"), 0);
	assert_int_equal(prefix_cls(fd, PK_TEXT_FD_DIR, "/etc"), 3);
	assert_int_equal(prefix_cls(fd, PK_TEXT_FD_NAME, longest), 4);
	pk_bank_tables_fini(&tables);

	prefix[3].len = 249;
	assert_int_equal(pk_bank_tables_build(&object->plan, &tables, &what), -E2BIG);
}

static __u32 net_cls(int fd, const __u8 *addr)
{
	struct pk_addr_key key = { .prefix_bits = 128 };
	struct pk_prefix_value value;

	memcpy(key.addr, addr, 16);
	return bpf_map_lookup_elem(fd, &key, &value) ? 0 : value.cls;
}

static void test_networks(void **state)
{
	NEED_OBJECT(object, state);
	struct pk_plan_net nets[] = {
		{ { { [10] = 0xff, 0xff, 10 }, 104 }, { .cls = 1 } },
		{ { { [10] = 0xff, 0xff, 10, 1, 2, 3 }, 128 }, { .cls = 2 } },
	};
	const __u8 inside[16] = { [10] = 0xff, 0xff, 10, 9, 9, 9 };
	const __u8 host[16] = { [10] = 0xff, 0xff, 10, 1, 2, 3 };
	const __u8 outside[16] = { [10] = 0xff, 0xff, 11, 1, 2, 3 };
	struct pk_bank_tables tables;

	object->plan.nets = nets;
	object->plan.net_cnt = PK_ARRAY_SIZE(nets);
	tables = build(&object->plan);
	assert_int_equal(net_cls(tables.fds[PK_BANK_NETWORKS], inside), 1);
	assert_int_equal(net_cls(tables.fds[PK_BANK_NETWORKS], host), 2);
	assert_int_equal(net_cls(tables.fds[PK_BANK_NETWORKS], outside), 0);
	pk_bank_tables_fini(&tables);
}

static void test_arrays(void **state)
{
	NEED_OBJECT(object, state);
	struct pk_dfa *dfas[2] = { calloc(1, sizeof(struct pk_dfa)),
				   calloc(1, sizeof(struct pk_dfa)) };
	struct pk_dfa *got = calloc(1, sizeof(*got));
	struct pk_bank_tables tables;
	struct pk_plan_table table;
	struct pk_rule_entry entry;
	__u32 key = 1;

	assert_true(dfas[0] && dfas[1] && got);
	dfas[1]->kinds = 99;
	dfas[1]->next[PK_DFA_CELLS - 1] = 42;
	object->plan.dfas = dfas;
	object->plan.dfa_cnt = 2;
	tables = build(&object->plan);
	assert_int_equal(bpf_map_lookup_elem(tables.fds[PK_BANK_DFAS], &key, got), 0);
	assert_memory_equal(got, dfas[1], sizeof(*got));
	assert_int_equal(bpf_map_lookup_elem(tables.fds[PK_BANK_RULE_ENTRIES], &key, &entry), 0);
	assert_int_equal(entry.limit_cnt, 7);
	key = 0;
	assert_int_equal(bpf_map_lookup_elem(tables.fds[PK_BANK_PLANS], &key, &table), 0);
	assert_int_equal(table.generation, 1);
	pk_bank_tables_fini(&tables);
	free(dfas[0]);
	free(dfas[1]);
	free(got);
}

static bool is_there(const struct bank_object *object, const char *outer, __u32 bank)
{
	__u32 id;

	return !bpf_map_lookup_elem(pk_bank_map_fd(object->kernel.object, outer), &bank, &id);
}

/* What a rule set does not have leaves its slot empty, also where an earlier one filled it. */
static void test_put_and_clear(void **state)
{
	NEED_OBJECT(object, state);
	struct pk_plan_exact exact = { PK_TEXT_EXE, "x", 1, { .cls = 1 } };
	struct pk_bank_tables tables;
	const char *what;

	object->plan.exact = &exact;
	object->plan.exact_cnt = 1;
	tables = build(&object->plan);
	assert_int_equal(pk_bank_tables_put(object->kernel.object, &tables, 1, &what), 0);
	assert_true(is_there(object, "pk_exact32", 1));
	assert_false(is_there(object, "pk_exact32", 0));
	assert_false(is_there(object, "pk_exact64", 1));
	assert_true(is_there(object, "pk_plans", 1));
	assert_int_equal(pk_bank_wait(object->kernel.object, &tables, 1), 0);
	pk_bank_tables_fini(&tables);

	object->plan.exact_cnt = 0;
	tables = build(&object->plan);
	assert_int_equal(pk_bank_tables_put(object->kernel.object, &tables, 1, &what), 0);
	assert_false(is_there(object, "pk_exact32", 1));
	assert_true(is_there(object, "pk_plans", 1));
	pk_bank_tables_fini(&tables);
	pk_bank_tables_clear(object->kernel.object, 1);
	assert_false(is_there(object, "pk_plans", 1));
}

#define WITH_OBJECT(test) \
	cmocka_unit_test_setup_teardown(test, bank_object_setup, bank_object_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_OBJECT(test_exact),         WITH_OBJECT(test_prefixes),
		WITH_OBJECT(test_networks),      WITH_OBJECT(test_arrays),
		WITH_OBJECT(test_put_and_clear),
	};

	return cmocka_run_group_tests_name("bank_tables", tests, NULL, NULL);
}
