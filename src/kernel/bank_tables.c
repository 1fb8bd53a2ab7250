// SPDX-License-Identifier: Apache-2.0
/*
 * A plan's tables as maps: made to measure, filled, then put into the outer maps of bpf/tables.h. In: a
 * plan. Out: maps, each the copy of its outer map's prototype but for the number of entries.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kernel/bank_internal.h"

struct table {
	const char *outer;
	enum bpf_map_type type;
	__u32 flags;
	__u32 key_bytes;
	__u32 value_bytes;
};

static const struct table tables_table[PK_BANK_TABLE_CNT] = {
	[PK_BANK_EXACT32] = { "pk_exact32", BPF_MAP_TYPE_HASH, 0, 32,
			      sizeof(struct pk_exact_value) },
	[PK_BANK_EXACT64] = { "pk_exact64", BPF_MAP_TYPE_HASH, 0, 64,
			      sizeof(struct pk_exact_value) },
	[PK_BANK_EXACT128] = { "pk_exact128", BPF_MAP_TYPE_HASH, 0, 128,
			       sizeof(struct pk_exact_value) },
	[PK_BANK_EXACT256] = { "pk_exact256", BPF_MAP_TYPE_HASH, 0, 256,
			       sizeof(struct pk_exact_value) },
	[PK_BANK_PREFIXES] = { "pk_prefixes", BPF_MAP_TYPE_LPM_TRIE, BPF_F_NO_PREALLOC,
			       sizeof(struct pk_prefix_key), sizeof(struct pk_prefix_value) },
	[PK_BANK_NETWORKS] = { "pk_networks", BPF_MAP_TYPE_LPM_TRIE, BPF_F_NO_PREALLOC,
			       sizeof(struct pk_addr_key), sizeof(struct pk_prefix_value) },
	[PK_BANK_IDENTS] = { "pk_idents", BPF_MAP_TYPE_HASH, BPF_F_NO_PREALLOC,
			     sizeof(struct pk_ident_key), sizeof(struct pk_prefix_value) },
	[PK_BANK_DFAS] = { "pk_dfas", BPF_MAP_TYPE_ARRAY, BPF_F_INNER_MAP, sizeof(__u32),
			   sizeof(struct pk_dfa) },
	[PK_BANK_PLANS] = { "pk_plans", BPF_MAP_TYPE_ARRAY, 0, sizeof(__u32),
			    sizeof(struct pk_plan_table) },
	[PK_BANK_RULE_ENTRIES] = { "pk_rule_entries", BPF_MAP_TYPE_ARRAY, BPF_F_INNER_MAP,
				   sizeof(__u32), sizeof(struct pk_rule_entry) },
};

struct exact_key {
	struct pk_exact_head head;
	char data[PK_EXACT_BYTES_MAX];
};

/* The smallest size that the text fits into; PK_EXACT_SIZES: none. */
static size_t exact_size(size_t len)
{
	for (size_t i = 0; i < PK_EXACT_SIZES; i++)
		if (len <=
		    tables_table[PK_BANK_EXACT32 + i].key_bytes - sizeof(struct pk_exact_head))
			return i;
	return PK_EXACT_SIZES;
}

/* How many entries each table needs. */
static int count(const struct pk_plan *plan, __u32 ret_cnts[PK_BANK_TABLE_CNT])
{
	memset(ret_cnts, 0, PK_BANK_TABLE_CNT * sizeof(ret_cnts[0]));
	for (size_t i = 0; i < plan->exact_cnt; i++) {
		size_t size = exact_size(plan->exact[i].len);

		if (size == PK_EXACT_SIZES)
			return -E2BIG;
		ret_cnts[PK_BANK_EXACT32 + size]++;
	}
	ret_cnts[PK_BANK_PREFIXES] = (__u32)plan->prefix_cnt;
	ret_cnts[PK_BANK_NETWORKS] = (__u32)plan->net_cnt;
	ret_cnts[PK_BANK_IDENTS] = pk_bank_idents_max(plan);
	ret_cnts[PK_BANK_DFAS] = (__u32)plan->dfa_cnt;
	ret_cnts[PK_BANK_PLANS] = 1;
	ret_cnts[PK_BANK_RULE_ENTRIES] = (__u32)plan->rules->cnt;
	return 0;
}

static int fill_exact(const int fds[PK_EXACT_SIZES], const struct pk_plan *plan)
{
	for (size_t i = 0; i < plan->exact_cnt; i++) {
		const struct pk_plan_exact *exact = &plan->exact[i];
		struct exact_key key = { .head = { exact->text, (__u32)exact->len } };
		int err;

		memcpy(key.data, exact->data, exact->len);
		err = bpf_map_update_elem(fds[exact_size(exact->len)], &key, &exact->value,
					  BPF_ANY);
		if (err)
			return err;
	}
	return 0;
}

static int fill_prefixes(int fd, const struct pk_plan *plan)
{
	for (size_t i = 0; i < plan->prefix_cnt; i++) {
		const struct pk_plan_prefix *prefix = &plan->prefix[i];
		struct pk_prefix_key key = {
			.prefix_bits = 32 + 8 * (__u32)prefix->len,
			.text = prefix->text,
		};
		int err;

		if (prefix->len > sizeof(key.data))
			return -E2BIG;
		memcpy(key.data, prefix->data, prefix->len);
		err = bpf_map_update_elem(fd, &key, &prefix->value, BPF_ANY);
		if (err)
			return err;
	}
	return 0;
}

static int fill_networks(int fd, const struct pk_plan *plan)
{
	for (size_t i = 0; i < plan->net_cnt; i++) {
		const struct pk_plan_net *net = &plan->nets[i];
		struct pk_addr_key key = { .prefix_bits = net->net.bits };
		int err;

		memcpy(key.addr, net->net.addr, sizeof(key.addr));
		err = bpf_map_update_elem(fd, &key, &net->value, BPF_ANY);
		if (err)
			return err;
	}
	return 0;
}

static int fill_dfas(int fd, const struct pk_plan *plan)
{
	for (__u32 i = 0; i < plan->dfa_cnt; i++) {
		int err = bpf_map_update_elem(fd, &i, plan->dfas[i], BPF_ANY);

		if (err)
			return err;
	}
	return 0;
}

static int fill_plan(int fd, const struct pk_plan *plan)
{
	const __u32 zero = 0;

	return bpf_map_update_elem(fd, &zero, &plan->table, BPF_ANY);
}

static int fill_entries(int fd, const struct pk_plan *plan)
{
	for (__u32 i = 0; i < plan->rules->cnt; i++) {
		int err = bpf_map_update_elem(fd, &i, &plan->entries[i], BPF_ANY);

		if (err)
			return err;
	}
	return 0;
}

static int fill(const struct pk_bank_tables *tables, const struct pk_plan *plan,
		const char **reterr_what)
{
	static int (*const fills[PK_BANK_TABLE_CNT])(int fd, const struct pk_plan *plan) = {
		[PK_BANK_PREFIXES] = fill_prefixes,
		[PK_BANK_NETWORKS] = fill_networks,
		[PK_BANK_IDENTS] = pk_bank_idents_fill,
		[PK_BANK_DFAS] = fill_dfas,
		[PK_BANK_PLANS] = fill_plan,
		[PK_BANK_RULE_ENTRIES] = fill_entries,
	};
	int err;

	*reterr_what = tables_table[PK_BANK_EXACT32].outer;
	err = fill_exact(&tables->fds[PK_BANK_EXACT32], plan);
	for (size_t i = PK_BANK_PREFIXES; !err && i < PK_BANK_TABLE_CNT; i++) {
		*reterr_what = tables_table[i].outer;
		if (tables->fds[i] >= 0)
			err = fills[i](tables->fds[i], plan);
	}
	return err;
}

static int create(const struct table *table, __u32 entry_cnt)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = table->flags);

	return bpf_map_create(table->type, table->outer, table->key_bytes, table->value_bytes,
			      entry_cnt, &opts);
}

void pk_bank_tables_fini(struct pk_bank_tables *tables)
{
	for (size_t i = 0; i < PK_BANK_TABLE_CNT; i++)
		pk_close_p(&tables->fds[i]);
	*tables = PK_BANK_TABLES_NONE;
}

int pk_bank_tables_build(const struct pk_plan *plan, struct pk_bank_tables *ret_tables,
			 const char **reterr_what)
{
	pk_cleanup(pk_bank_tables_fini) struct pk_bank_tables tables = PK_BANK_TABLES_NONE;
	__u32 cnts[PK_BANK_TABLE_CNT];
	int err;

	*reterr_what = "a literal of the rules";
	err = count(plan, cnts);
	if (err)
		return err;
	for (size_t i = 0; i < PK_BANK_TABLE_CNT; i++) {
		if (!cnts[i])
			continue;
		*reterr_what = tables_table[i].outer;
		tables.fds[i] = create(&tables_table[i], cnts[i]);
		if (tables.fds[i] < 0)
			return tables.fds[i];
	}
	err = fill(&tables, plan, reterr_what);
	if (err)
		return err;
	*ret_tables = tables;
	tables = PK_BANK_TABLES_NONE;
	return 0;
}

static size_t map_bytes(int fd)
{
	pk_cleanup(pk_fclose_p) FILE *file = NULL;
	char path[64];
	char line[128];
	size_t bytes;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "memlock: %zu", &bytes) == 1)
			return bytes;
	return 0;
}

size_t pk_bank_tables_bytes(const struct pk_bank_tables *tables)
{
	size_t sum = 0;

	for (size_t i = 0; i < PK_BANK_TABLE_CNT; i++)
		if (tables->fds[i] >= 0)
			sum += map_bytes(tables->fds[i]);
	return sum;
}

/* Empties a slot. Only if it is not empty: the kernel waits for running programs either way. */
static int slot_clear(int outer, __u32 bank)
{
	__u32 id;

	if (bpf_map_lookup_elem(outer, &bank, &id) == -ENOENT)
		return 0;
	return bpf_map_delete_elem(outer, &bank);
}

int pk_bank_tables_put(const struct bpf_object *object, const struct pk_bank_tables *tables,
		       __u32 bank, const char **reterr_what)
{
	for (size_t i = 0; i < PK_BANK_TABLE_CNT; i++) {
		int outer = pk_bank_map_fd(object, tables_table[i].outer);
		int err;

		*reterr_what = tables_table[i].outer;
		if (outer < 0)
			return outer;
		if (tables->fds[i] >= 0)
			err = bpf_map_update_elem(outer, &bank, &tables->fds[i], BPF_ANY);
		else
			err = slot_clear(outer, bank);
		if (err)
			return err;
	}
	return 0;
}

void pk_bank_tables_clear(const struct bpf_object *object, __u32 bank)
{
	for (size_t i = 0; i < PK_BANK_TABLE_CNT; i++) {
		int outer = pk_bank_map_fd(object, tables_table[i].outer);

		if (outer >= 0)
			slot_clear(outer, bank);
	}
}

int pk_bank_wait(const struct bpf_object *object, const struct pk_bank_tables *tables, __u32 bank)
{
	int outer = pk_bank_map_fd(object, tables_table[PK_BANK_PLANS].outer);

	if (outer < 0)
		return outer;
	return bpf_map_update_elem(outer, &bank, &tables->fds[PK_BANK_PLANS], BPF_ANY);
}
