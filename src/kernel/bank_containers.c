// SPDX-License-Identifier: Apache-2.0
/*
 * Cgroups by id in a hash table; each points to a home, which all of a container share, and which lists them.
 * Under one lock, which a load holds while it evaluates all homes for its plan: what is told from then on is
 * evaluated for both banks.
 */
#include "kernel/bank_containers.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/bank_internal.h"

#define BUCKETS 4096u /* a power of two */
#define GONE 1024u    /* cgroups that are remembered to be gone */

/* What cgroups belong to: a container, or the host. It goes with the last of them. */
struct home {
	struct home *next;
	struct entry *entries;
	void *facts;
	__u64 key;
};

struct entry {
	struct entry *next;                   /* in the bucket */
	struct entry *sibling, **sibling_ref; /* of the same home; what points here */
	struct home *home;
	__u64 cgroup_id;
};

struct bank {
	const struct pk_plan *plan; /* NULL: it holds no rules */
	int map;
};

struct pk_bank_containers {
	struct pk_bank_containers_options options;
	pthread_mutex_t lock;
	struct bank banks[PK_BANKS];
	struct entry *buckets[BUCKETS]; /* by cgroup id */
	struct home *homes[BUCKETS];    /* by key */
	struct home host;
	/* Who tells of a container may have asked for long: the cgroup can be gone. Ids are not used again. */
	__u64 gone[GONE];
	size_t gone_cnt;
	struct pk_bank_containers_stats stats;
};

static void lock(struct pk_bank_containers *containers)
{
	pthread_mutex_lock(&containers->lock);
}

static void unlock(struct pk_bank_containers *containers)
{
	pthread_mutex_unlock(&containers->lock);
}

int pk_bank_containers_new(const struct pk_bank_containers_options *options,
			   struct pk_bank_containers **ret_containers)
{
	struct pk_bank_containers *containers = calloc(1, sizeof(*containers));

	if (!containers)
		return -ENOMEM;
	containers->options = *options;
	containers->host = (struct home){ .facts = options->host, .key = PK_CONTAINER_HOST_KEY };
	pthread_mutex_init(&containers->lock, NULL);
	*ret_containers = containers;
	return 0;
}

/* ---- homes and entries ---- */

static void release(const struct pk_bank_containers *containers, void *facts)
{
	if (facts && containers->options.release)
		containers->options.release(facts);
}

static size_t bucket_of(__u64 number)
{
	return number * 0x9e3779b97f4a7c15ull >> 40 & (BUCKETS - 1);
}

static struct home **place_of_home(struct pk_bank_containers *containers, __u64 key)
{
	struct home **place = &containers->homes[bucket_of(key)];

	while (*place && (*place)->key != key)
		place = &(*place)->next;
	return place;
}

static void free_unused(struct pk_bank_containers *containers, struct home *home)
{
	if (home->entries || home == &containers->host)
		return;
	*place_of_home(containers, home->key) = home->next;
	release(containers, home->facts);
	free(home);
}

static void enter(struct entry *entry, struct home *home)
{
	entry->home = home;
	entry->sibling = home->entries;
	entry->sibling_ref = &home->entries;
	if (entry->sibling)
		entry->sibling->sibling_ref = &entry->sibling;
	home->entries = entry;
}

static void leave(struct pk_bank_containers *containers, struct entry *entry)
{
	*entry->sibling_ref = entry->sibling;
	if (entry->sibling)
		entry->sibling->sibling_ref = entry->sibling_ref;
	free_unused(containers, entry->home);
}

static struct entry **place_of(struct pk_bank_containers *containers, __u64 cgroup_id)
{
	struct entry **place = &containers->buckets[bucket_of(cgroup_id)];

	while (*place && (*place)->cgroup_id != cgroup_id)
		place = &(*place)->next;
	return place;
}

static bool was_removed(const struct pk_bank_containers *containers, __u64 cgroup_id)
{
	for (size_t i = 0; i < GONE; i++) {
		if (containers->gone[i] == cgroup_id)
			return true;
	}
	return false;
}

static void remove_at(struct pk_bank_containers *containers, struct entry **place)
{
	struct entry *entry = *place;

	*place = entry->next;
	leave(containers, entry);
	free(entry);
	containers->stats.cgroup_cnt--;
}

/* The cgroup's entry with this home from now on. -ENOMEM */
static int put_entry(struct pk_bank_containers *containers, __u64 cgroup_id, struct home *home)
{
	struct entry **place = place_of(containers, cgroup_id);

	if (*place && (*place)->home == home)
		return 0;
	if (*place) {
		leave(containers, *place);
	} else {
		*place = calloc(1, sizeof(**place));
		if (!*place)
			return -ENOMEM;
		(*place)->cgroup_id = cgroup_id;
		containers->stats.cgroup_cnt++;
	}
	enter(*place, home);
	return 0;
}

void pk_bank_containers_free(struct pk_bank_containers *containers)
{
	if (!containers)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		while (containers->buckets[i])
			remove_at(containers, &containers->buckets[i]);
	}
	pthread_mutex_destroy(&containers->lock);
	free(containers);
}

/* ---- the kernel's side ---- */

static int map_of(const struct bpf_object *object, __u32 bank)
{
	return pk_bank_map_fd(object, bank ? "pk_containers_1" : "pk_containers_0");
}

int pk_bank_set_container(int map, const struct pk_container_facts *facts)
{
	int err = bpf_map_update_elem(map, &facts->cgroup_id, facts, BPF_ANY);

	return err == -E2BIG ? -ENOSPC : err;
}

void pk_bank_forget_container(int map, __u64 cgroup_id)
{
	bpf_map_delete_elem(map, &cgroup_id);
}

void pk_bank_containers_clear(const struct bpf_object *object, __u32 bank)
{
	int map = map_of(object, bank);
	__u64 id, next;
	int err;

	if (map < 0)
		return;
	err = bpf_map_get_next_key(map, NULL, &next);
	while (!err) {
		id = next;
		err = bpf_map_get_next_key(map, &id, &next);
		bpf_map_delete_elem(map, &id);
	}
}

static int eval_home(const struct pk_bank_containers *containers, const struct pk_plan *plan,
		     const struct home *home, struct pk_container_facts *ret_facts)
{
	int err = pk_plan_container_eval(plan, containers->options.get, home->facts, ret_facts);

	if (containers->options.evaluated)
		containers->options.evaluated(home->facts);
	ret_facts->key = home->key;
	ret_facts->flags = home == &containers->host ? PK_CONTAINER_FACTS_HOST : 0;
	return err;
}

/* One cgroup, whose home is evaluated. */
static int push(struct pk_bank_containers *containers, __u32 bank, struct pk_container_facts *facts,
		__u64 cgroup_id)
{
	int err;

	facts->cgroup_id = cgroup_id;
	err = pk_bank_set_container(containers->banks[bank].map, facts);
	if (err == -ENOSPC)
		containers->stats.full_cnt++;
	return err;
}

/* That the map is full is told if nothing worse happened. */
static int worse(int err, int other)
{
	return !err || (err == -ENOSPC && other) ? other : err;
}

/* Cgroups of a home, to one bank: `only`, or all of them if it is 0. */
static int push_home(struct pk_bank_containers *containers, __u32 bank, const struct home *home,
		     __u64 only)
{
	struct pk_container_facts facts;
	int err = eval_home(containers, containers->banks[bank].plan, home, &facts);

	if (err)
		return err;
	if (only)
		return push(containers, bank, &facts, only);
	for (const struct entry *entry = home->entries; entry; entry = entry->sibling)
		err = worse(err, push(containers, bank, &facts, entry->cgroup_id));
	return err;
}

/* The same to all banks that hold rules. */
static int push_banks(struct pk_bank_containers *containers, const struct home *home, __u64 only)
{
	int err = 0;

	for (__u32 bank = 0; bank < PK_BANKS; bank++) {
		if (containers->banks[bank].plan)
			err = worse(err, push_home(containers, bank, home, only));
	}
	return err;
}

/* Every cgroup, to one bank. Where the map is full the rest stays unknown. */
static int push_all(struct pk_bank_containers *containers, __u32 bank)
{
	int err = push_home(containers, bank, &containers->host, 0);

	for (size_t i = 0; i < BUCKETS; i++) {
		for (const struct home *home = containers->homes[i]; home; home = home->next)
			err = worse(err, push_home(containers, bank, home, 0));
	}
	return err == -ENOSPC ? 0 : err;
}

/* Do rules ask for containers at all, or for how processes stand to theirs? */
static bool asks(const struct pk_plan *plan)
{
	bool escapes = false;

	for (size_t kind = 0; kind < PK_KINDS; kind++)
		escapes |= (plan->table.kinds[kind].nums & PK_NUMS_ESCAPE) != 0;
	return escapes || plan->container_cnt;
}

int pk_bank_containers_attach(struct pk_bank_containers *containers,
			      const struct bpf_object *object, __u32 bank,
			      const struct pk_plan *plan)
{
	int map = map_of(object, bank);
	int err;

	if (map < 0)
		return map;
	lock(containers);
	containers->banks[bank] = (struct bank){ asks(plan) ? plan : NULL, map };
	err = asks(plan) ? push_all(containers, bank) : 0;
	unlock(containers);
	return err;
}

void pk_bank_containers_detach(struct pk_bank_containers *containers, __u32 bank)
{
	lock(containers);
	containers->banks[bank].plan = NULL;
	unlock(containers);
}

/* ---- being told ---- */

/* What is new of a container is new to all its cgroups, also if the one it was asked for is gone. */
static int set(struct pk_bank_containers *containers, __u64 cgroup_id, __u64 key, void *facts)
{
	struct home **place = place_of_home(containers, key);
	bool gone = was_removed(containers, cgroup_id);
	struct home *home = *place;
	int err;

	if (gone && !home) {
		release(containers, facts);
		return 0;
	}
	if (!home)
		home = calloc(1, sizeof(*home));
	if (!home) {
		release(containers, facts);
		return -ENOMEM;
	}
	home->key = key;
	*place = home;
	err = gone ? 0 : put_entry(containers, cgroup_id, home);
	if (err) {
		release(containers, facts);
		free_unused(containers, home);
		return err;
	}
	release(containers, home->facts);
	home->facts = facts;
	return push_banks(containers, home, 0);
}

int pk_bank_containers_set(struct pk_bank_containers *containers, __u64 cgroup_id, __u64 key,
			   void *facts)
{
	int err;

	lock(containers);
	err = set(containers, cgroup_id, key, facts);
	unlock(containers);
	return err;
}

int pk_bank_containers_set_host(struct pk_bank_containers *containers, __u64 cgroup_id)
{
	int err = 0;

	lock(containers);
	if (!was_removed(containers, cgroup_id)) {
		err = put_entry(containers, cgroup_id, &containers->host);
		if (!err)
			err = push_banks(containers, &containers->host, cgroup_id);
	}
	unlock(containers);
	return err;
}

int pk_bank_containers_made(struct pk_bank_containers *containers, __u64 cgroup_id, __u64 parent_id,
			    bool inherited)
{
	const struct entry *parent;
	bool known;
	int err = 0;

	lock(containers);
	parent = *place_of(containers, parent_id);
	known = *place_of(containers, cgroup_id) != NULL;
	if (!known && parent && !was_removed(containers, cgroup_id) &&
	    (inherited || parent->home != &containers->host)) {
		err = put_entry(containers, cgroup_id, parent->home);
		if (!err)
			err = push_banks(containers, parent->home, cgroup_id);
		known = true;
	}
	unlock(containers);
	return err ? err : known;
}

void pk_bank_containers_forget(struct pk_bank_containers *containers, __u64 cgroup_id)
{
	struct entry **place;

	lock(containers);
	place = place_of(containers, cgroup_id);
	if (*place)
		remove_at(containers, place);
	containers->gone[containers->gone_cnt++ % GONE] = cgroup_id;
	for (__u32 bank = 0; bank < PK_BANKS; bank++) {
		if (containers->banks[bank].plan)
			pk_bank_forget_container(containers->banks[bank].map, cgroup_id);
	}
	unlock(containers);
}

/* All cgroups, copied: their number. */
static size_t copy_ids(struct pk_bank_containers *containers, __u64 **ret_ids)
{
	size_t cnt = 0;

	lock(containers);
	*ret_ids = calloc(containers->stats.cgroup_cnt + 1, sizeof(**ret_ids));
	for (size_t i = 0; *ret_ids && i < BUCKETS; i++) {
		for (const struct entry *entry = containers->buckets[i]; entry; entry = entry->next)
			(*ret_ids)[cnt++] = entry->cgroup_id;
	}
	unlock(containers);
	return cnt;
}

int pk_bank_containers_sweep(struct pk_bank_containers *containers,
			     bool (*is_gone)(void *arg, __u64 cgroup_id), void *arg)
{
	pk_cleanup(pk_free_p) __u64 *ids = NULL;
	size_t cnt = copy_ids(containers, &ids);
	int gone_cnt = 0;

	if (!ids)
		return -ENOMEM;
	for (size_t i = 0; i < cnt; i++) {
		if (!is_gone(arg, ids[i]))
			continue;
		pk_bank_containers_forget(containers, ids[i]);
		gone_cnt++;
	}
	return gone_cnt;
}

bool pk_bank_containers_has(struct pk_bank_containers *containers, __u64 cgroup_id)
{
	bool has;

	lock(containers);
	has = *place_of(containers, cgroup_id) != NULL;
	unlock(containers);
	return has;
}

void pk_bank_containers_get_stats(struct pk_bank_containers *containers,
				  struct pk_bank_containers_stats *ret_stats)
{
	lock(containers);
	*ret_stats = containers->stats;
	unlock(containers);
}
