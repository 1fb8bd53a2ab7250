// SPDX-License-Identifier: Apache-2.0
/*
 * Two tables of chains, by exec_id and by cgroup_id.
 */
#include "stream/tags.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS_CNT 1024u

struct entry {
	struct entry *next;
	uint64_t id;
	uint64_t bits;
	uint64_t tree_bits;             /* of bits: children inherit them */
	uint64_t until_ns[PK_TAG_BITS]; /* of each bit; UINT64_MAX: for good */
};

struct table {
	struct entry *buckets[BUCKETS_CNT];
};

struct pk_tags {
	struct table processes;
	struct table containers;
	size_t cnt;
	uint64_t refused_cnt;
};

int pk_tags_new(struct pk_tags **ret_tags)
{
	struct pk_tags *tags = calloc(1, sizeof(*tags));

	if (!tags)
		return -ENOMEM;
	*ret_tags = tags;
	return 0;
}

static void table_fini(struct table *table)
{
	for (size_t i = 0; i < BUCKETS_CNT; i++) {
		while (table->buckets[i]) {
			struct entry *entry = table->buckets[i];

			table->buckets[i] = entry->next;
			free(entry);
		}
	}
}

void pk_tags_free(struct pk_tags *tags)
{
	if (!tags)
		return;
	table_fini(&tags->processes);
	table_fini(&tags->containers);
	free(tags);
}

/* The link that leads to the entry, or to the end of its chain. */
static struct entry **find(const struct table *table, uint64_t id)
{
	uint64_t hash = id * 0x9e3779b97f4a7c15ull;
	struct entry **link = (struct entry **)&table->buckets[(hash >> 32) % BUCKETS_CNT];

	while (*link && (*link)->id != id)
		link = &(*link)->next;
	return link;
}

static struct entry *find_or_add(struct pk_tags *tags, struct table *table, uint64_t id)
{
	struct entry **link = find(table, id);

	if (*link)
		return *link;
	if (tags->cnt < PK_MAX_TAGGED)
		*link = calloc(1, sizeof(**link));
	if (!*link) {
		tags->refused_cnt++;
		return NULL;
	}
	(*link)->id = id;
	tags->cnt++;
	return *link;
}

static uint64_t until(uint64_t now_ns, uint64_t ttl_ns)
{
	return ttl_ns && ttl_ns < UINT64_MAX - now_ns ? now_ns + ttl_ns : UINT64_MAX;
}

void pk_tags_set(struct pk_tags *tags, const struct pk_event *event, unsigned int bit,
		 enum pk_rules_tag_scope scope, uint64_t ttl_ns)
{
	bool container = scope == PK_RULES_TAG_CONTAINER;
	uint64_t id = container ? event->cgroup_id : event->exec_id;
	struct entry *entry;

	if (!id || bit >= PK_TAG_BITS)
		return;
	entry = find_or_add(tags, container ? &tags->containers : &tags->processes, id);
	if (!entry)
		return;
	entry->bits |= 1ull << bit;
	if (scope == PK_RULES_TAG_TREE)
		entry->tree_bits |= 1ull << bit;
	entry->until_ns[bit] = until(event->time_ns, ttl_ns);
}

static uint64_t bits_at(const struct entry *entry, uint64_t now_ns)
{
	uint64_t bits = 0;

	for (unsigned int bit = 0; entry && bit < PK_TAG_BITS; bit++) {
		if (entry->bits & 1ull << bit && now_ns < entry->until_ns[bit])
			bits |= 1ull << bit;
	}
	return bits;
}

__u64 pk_tags_get(const struct pk_tags *tags, const struct pk_event *event,
		  __u64 *ret_container_tags)
{
	*ret_container_tags = bits_at(*find(&tags->containers, event->cgroup_id), event->time_ns);
	return bits_at(*find(&tags->processes, event->exec_id), event->time_ns);
}

static void inherit(struct pk_tags *tags, const struct pk_fork_event *fork)
{
	const struct entry *parent = *find(&tags->processes, fork->head.exec_id);
	struct entry *child;

	if (!parent || !parent->tree_bits || !fork->child_exec_id)
		return;
	child = find_or_add(tags, &tags->processes, fork->child_exec_id);
	if (!child)
		return;
	child->bits = child->tree_bits = parent->tree_bits;
	memcpy(child->until_ns, parent->until_ns, sizeof(child->until_ns));
}

void pk_tags_update(struct pk_tags *tags, const struct pk_event *event)
{
	struct entry **link;
	struct entry *gone;

	if (event->kind == PK_EVENT_FORK)
		inherit(tags, (const struct pk_fork_event *)event);
	if (event->kind != PK_EVENT_EXIT)
		return;
	link = find(&tags->processes, event->exec_id);
	gone = *link;
	if (!gone)
		return;
	*link = gone->next;
	free(gone);
	tags->cnt--;
}

uint64_t pk_tags_get_refused_cnt(const struct pk_tags *tags)
{
	return tags->refused_cnt;
}
