// SPDX-License-Identifier: Apache-2.0
/*
 * Two tables: cgroups by id, in the order of their last use; containers by full id, shared by their
 * cgroups and gone with the last of them. A container keeps a copy of the record that tells most.
 */
#include "meta/containers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 4096u /* of either table; a power of two */

struct box {
	struct pk_container container; /* texts are in `record` */
	struct box *next;              /* in its bucket */
	uint64_t hash;
	uint32_t ref_cnt;
	bool listed; /* while they are listed */
	size_t record_bytes;
	void *record;
};

struct cgroup {
	uint64_t id;
	struct cgroup *next; /* in its bucket */
	struct cgroup *newer, *older;
	struct box *box; /* NULL: `state` */
	uint32_t state;  /* HOST or UNKNOWN */
};

struct pk_containers {
	struct cgroup *cgroups[BUCKETS];
	struct box *boxes[BUCKETS];
	struct cgroup *newest, *oldest;
	struct pk_containers_stats stats;
};

int pk_containers_new(struct pk_containers **ret_containers)
{
	*ret_containers = calloc(1, sizeof(**ret_containers));
	return *ret_containers ? 0 : -ENOMEM;
}

/* ---- hashing ---- */

static uint64_t hash_text(struct pk_text text)
{
	uint64_t hash = 0xcbf29ce484222325ull; /* FNV-1a */

	for (size_t i = 0; i < text.len; i++)
		hash = (hash ^ (unsigned char)text.data[i]) * 0x100000001b3ull;
	return hash;
}

uint64_t pk_container_key(const struct pk_container *container)
{
	uint64_t hash;

	if (container->state == PK_CONTAINER_HOST)
		return PK_CONTAINER_KEY_HOST;
	if (!pk_container_is_one(container))
		return 0;
	hash = hash_text(container->id);
	return hash > PK_CONTAINER_KEY_HOST ? hash : hash + 2;
}

static struct cgroup **cgroup_bucket(const struct pk_containers *containers, uint64_t id)
{
	uint64_t hash = id * 0x9e3779b97f4a7c15ull;

	return (struct cgroup **)&containers->cgroups[hash >> 52 & (BUCKETS - 1)];
}

static struct box **box_bucket(const struct pk_containers *containers, uint64_t hash)
{
	return (struct box **)&containers->boxes[hash & (BUCKETS - 1)];
}

/* ---- containers ---- */

static struct box *find_box(const struct pk_containers *containers, struct pk_text id)
{
	uint64_t hash = hash_text(id);

	for (struct box *box = *box_bucket(containers, hash); box; box = box->next) {
		if (box->hash == hash && box->container.id.len == id.len &&
		    !memcmp(box->container.id.data, id.data, id.len))
			return box;
	}
	return NULL;
}

static void box_unref(struct pk_containers *containers, struct box *box)
{
	struct box **link;

	if (!box || --box->ref_cnt)
		return;
	link = box_bucket(containers, box->hash);
	while (*link != box)
		link = &(*link)->next;
	*link = box->next;
	containers->stats.container_cnt--;
	containers->stats.bytes -= sizeof(*box) + box->record_bytes;
	free(box->record);
	free(box);
}

static bool tells_more(const struct pk_container *known, const struct pk_container *now)
{
	if (now->state != known->state)
		return now->state > known->state;
	return !(known->known & ~now->known);
}

/* Replaces what the container is known by. */
static int box_fill(struct pk_containers *containers, struct box *box,
		    const struct pk_container_event *event)
{
	void *copy = malloc(event->head.size_bytes);

	if (!copy)
		return -ENOMEM;
	memcpy(copy, event, event->head.size_bytes);
	containers->stats.bytes -= box->record_bytes;
	free(box->record);
	box->record = copy;
	box->record_bytes = event->head.size_bytes;
	containers->stats.bytes += box->record_bytes;
	pk_container_from_record(copy, &box->container);
	return 0;
}

/* The container of the record with what is known now; a reference of the caller's. */
static struct box *take_in(struct pk_containers *containers, const struct pk_container_event *event)
{
	struct pk_container now;
	struct box *box, **bucket;

	pk_container_from_record(event, &now);
	box = find_box(containers, now.id);
	if (box) {
		/* without memory it stays as it was known */
		if (tells_more(&box->container, &now) && box_fill(containers, box, event))
			containers->stats.forgotten_cnt++;
		box->ref_cnt++;
		return box;
	}
	box = calloc(1, sizeof(*box));
	if (!box || box_fill(containers, box, event)) {
		free(box);
		return NULL;
	}
	box->ref_cnt = 1;
	box->hash = hash_text(now.id);
	bucket = box_bucket(containers, box->hash);
	box->next = *bucket;
	*bucket = box;
	containers->stats.container_cnt++;
	containers->stats.bytes += sizeof(*box);
	return box;
}

/* ---- cgroups ---- */

static struct cgroup *find_cgroup(const struct pk_containers *containers, uint64_t id)
{
	struct cgroup *cgroup = *cgroup_bucket(containers, id);

	while (cgroup && cgroup->id != id)
		cgroup = cgroup->next;
	return cgroup;
}

static void unlink_use(struct pk_containers *containers, struct cgroup *cgroup)
{
	if (cgroup->newer)
		cgroup->newer->older = cgroup->older;
	else
		containers->newest = cgroup->older;
	if (cgroup->older)
		cgroup->older->newer = cgroup->newer;
	else
		containers->oldest = cgroup->newer;
}

static void link_newest(struct pk_containers *containers, struct cgroup *cgroup)
{
	cgroup->newer = NULL;
	cgroup->older = containers->newest;
	if (containers->newest)
		containers->newest->newer = cgroup;
	else
		containers->oldest = cgroup;
	containers->newest = cgroup;
}

static void forget(struct pk_containers *containers, struct cgroup *cgroup)
{
	struct cgroup **link = cgroup_bucket(containers, cgroup->id);

	while (*link != cgroup)
		link = &(*link)->next;
	*link = cgroup->next;
	unlink_use(containers, cgroup);
	containers->stats.cgroup_cnt--;
	containers->stats.bytes -= sizeof(*cgroup);
	box_unref(containers, cgroup->box);
	free(cgroup);
}

static struct cgroup *new_cgroup(struct pk_containers *containers, uint64_t id)
{
	struct cgroup *cgroup = calloc(1, sizeof(*cgroup));
	struct cgroup **bucket = cgroup_bucket(containers, id);

	if (!cgroup)
		return NULL;
	cgroup->id = id;
	cgroup->next = *bucket;
	*bucket = cgroup;
	link_newest(containers, cgroup);
	containers->stats.cgroup_cnt++;
	containers->stats.bytes += sizeof(*cgroup);
	return cgroup;
}

void pk_containers_update(struct pk_containers *containers, const struct pk_container_event *event)
{
	struct cgroup *cgroup = find_cgroup(containers, event->head.cgroup_id);
	bool is_one = event->state == PK_CONTAINER_RESOLVING ||
		      event->state == PK_CONTAINER_RESOLVED;
	struct box *box = is_one ? take_in(containers, event) : NULL;

	if (!cgroup)
		cgroup = new_cgroup(containers, event->head.cgroup_id);
	if (!cgroup || (is_one && !box))
		containers->stats.forgotten_cnt++;
	if (!cgroup) {
		box_unref(containers, box);
		return;
	}
	box_unref(containers, cgroup->box);
	cgroup->box = box;
	cgroup->state = event->state == PK_CONTAINER_HOST ? PK_CONTAINER_HOST :
							    PK_CONTAINER_UNKNOWN;
	while ((containers->stats.cgroup_cnt > PK_MAX_CGROUPS ||
		containers->stats.bytes > PK_MAX_CONTAINERS_BYTES) &&
	       containers->oldest != cgroup) {
		forget(containers, containers->oldest);
		containers->stats.forgotten_cnt++;
	}
}

static const struct pk_container *container_of(const struct cgroup *cgroup)
{
	if (cgroup->box)
		return &cgroup->box->container;
	return cgroup->state == PK_CONTAINER_HOST ? &pk_container_host : &pk_container_unknown;
}

const struct pk_container *pk_containers_get(struct pk_containers *containers, uint64_t cgroup_id)
{
	struct cgroup *cgroup = find_cgroup(containers, cgroup_id);

	if (!cgroup)
		return &pk_container_unknown;
	if (containers->newest != cgroup) {
		unlink_use(containers, cgroup);
		link_newest(containers, cgroup);
	}
	return container_of(cgroup);
}

const struct pk_container *pk_containers_peek(const struct pk_containers *containers,
					      uint64_t cgroup_id)
{
	const struct cgroup *cgroup = find_cgroup(containers, cgroup_id);

	return cgroup ? container_of(cgroup) : &pk_container_unknown;
}

bool pk_containers_has(const struct pk_containers *containers, uint64_t cgroup_id)
{
	return find_cgroup(containers, cgroup_id) != NULL;
}

static void unlist(const struct pk_containers *containers)
{
	for (size_t i = 0; i < BUCKETS; i++) {
		for (struct box *box = containers->boxes[i]; box; box = box->next)
			box->listed = false;
	}
}

size_t pk_containers_list(const struct pk_containers *containers, uint64_t *ret_cgroup_ids,
			  size_t max)
{
	size_t cnt = 0;

	unlist(containers);
	for (const struct cgroup *cgroup = containers->newest; cgroup && cnt < max;
	     cgroup = cgroup->older) {
		if (!cgroup->box || cgroup->box->listed)
			continue;
		cgroup->box->listed = true;
		ret_cgroup_ids[cnt++] = cgroup->id;
	}
	return cnt;
}

const struct pk_container_event *pk_containers_record(const struct pk_containers *containers,
						      uint64_t cgroup_id)
{
	const struct cgroup *cgroup = find_cgroup(containers, cgroup_id);

	return cgroup && cgroup->box ? cgroup->box->record : NULL;
}

const struct pk_container *pk_containers_find(const struct pk_containers *containers,
					      struct pk_text id)
{
	const struct box *box = find_box(containers, id);

	return box ? &box->container : NULL;
}

void pk_containers_get_stats(const struct pk_containers *containers,
			     struct pk_containers_stats *ret_stats)
{
	*ret_stats = containers->stats;
}

void pk_containers_free(struct pk_containers *containers)
{
	if (!containers)
		return;
	while (containers->oldest)
		forget(containers, containers->oldest);
	free(containers);
}
