// SPDX-License-Identifier: Apache-2.0
/*
 * Names of processes, sorted by pid.
 */
#include "cli/process_names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	__u32 pid;
	char name[PK_COMM_LEN];
};

struct pk_process_names {
	size_t cnt;
	size_t max;
	struct entry entries[];
};

static void add(void *arg, const struct pk_node *node)
{
	struct pk_process_names *names = arg;
	struct entry *entry = &names->entries[names->cnt];

	if (names->cnt == names->max || !node->name[0])
		return;
	entry->pid = node->pid;
	memcpy(entry->name, node->name, sizeof(entry->name));
	names->cnt++;
}

static int by_pid(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

int pk_process_names_new(const struct pk_tree *tree, struct pk_process_names **ret_names)
{
	struct pk_process_names *names;
	struct pk_tree_stats stats;

	pk_tree_get_stats(tree, &stats);
	names = calloc(1, sizeof(*names) + stats.node_cnt * sizeof(names->entries[0]));
	if (!names)
		return -ENOMEM;
	names->max = stats.node_cnt;
	pk_tree_each(tree, add, names);
	qsort(names->entries, names->cnt, sizeof(names->entries[0]), by_pid);
	*ret_names = names;
	return 0;
}

void pk_process_names_free(struct pk_process_names *names)
{
	free(names);
}

bool pk_process_names_get(void *arg, __u32 pid, char ret_name[PK_COMM_LEN])
{
	struct pk_process_names *names = arg;
	const struct entry key = { .pid = pid };
	const struct entry *found =
		names ? bsearch(&key, names->entries, names->cnt, sizeof(key), by_pid) : NULL;

	if (found)
		memcpy(ret_name, found->name, PK_COMM_LEN);
	return found;
}
