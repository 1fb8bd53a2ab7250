// SPDX-License-Identifier: Apache-2.0
/*
 * A pod is one block: the struct, its labels, containers and keys, and behind them the texts. The store
 * holds one reference of each block. A table of chains finds blocks by key (uid, config_uid, id of a
 * container); of two blocks with the same key the one that came last answers. One lock, held for a look-up
 * or the change of a few pointers; blocks are made outside of it.
 */
#include "meta/k8s_pods.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 4096u

struct key {
	struct key *next;
	struct block *block;
	struct pk_k8s_text text;
	uint64_t hash;
};

struct block {
	struct pk_k8s_pod pod;
	_Atomic uint32_t ref_cnt;
	uint32_t key_cnt;
	size_t bytes; /* of everything */
	struct key *keys;
	char *texts;
	size_t texts_bytes;
	/* the store's */
	struct block *next, *prev;
	uint64_t list; /* the one that named it last */
	bool gone;
};

/* Oldest first. */
struct blocks {
	struct block *first, *last;
	size_t cnt;
};

struct pk_k8s_pods {
	pthread_mutex_t lock;
	struct key *buckets[BUCKETS];
	struct blocks here, gone;
	size_t bytes;
	uint64_t list;
	uint64_t refused_cnt, cut_cnt, changed_cnt;
};

/* ---- blocks ---- */

/* Writes into a block, or, without one, counts what it would take. */
struct writer {
	char *texts; /* NULL: count */
	size_t bytes;
	uint32_t flags;
};

static struct pk_k8s_text add_text(struct writer *w, struct pk_k8s_text from, size_t max)
{
	size_t len = from.len < max ? from.len : max;
	char *to = w->texts ? w->texts + w->bytes : NULL;

	w->bytes += len + 1;
	if (!to)
		return (struct pk_k8s_text){ "", len };
	for (size_t i = 0; i < len; i++)
		to[i] = from.data[i] ? from.data[i] : (char)0xff;
	to[len] = '\0';
	return (struct pk_k8s_text){ to, len };
}

static struct pk_k8s_text add_name(struct writer *w, struct pk_k8s_text from)
{
	if (from.len > PK_MAX_K8S_TEXT_BYTES)
		w->flags |= PK_K8S_CUT_TEXT;
	return add_text(w, from, PK_MAX_K8S_TEXT_BYTES);
}

static void add_names(struct writer *w, const struct pk_k8s_pod *from, struct pk_k8s_pod *to)
{
	to->uid = add_name(w, from->uid);
	to->config_uid = add_name(w, from->config_uid);
	to->ns = add_name(w, from->ns);
	to->name = add_name(w, from->name);
	to->ip = add_name(w, from->ip);
	to->node = add_name(w, from->node);
	to->owner_kind = add_name(w, from->owner_kind);
	to->owner_name = add_name(w, from->owner_name);
	to->deployment = add_name(w, from->deployment);
}

/* A key that was cut could pass for another one: such labels are left out. */
static uint32_t add_labels(struct writer *w, const struct pk_k8s_pod *from, struct pk_k8s_label *to)
{
	uint32_t cnt = 0;

	for (uint32_t i = 0; i < from->label_cnt; i++) {
		struct pk_k8s_label label = from->labels[i];

		if (cnt == PK_MAX_K8S_LABELS || !label.key.len ||
		    label.key.len > PK_MAX_K8S_LABEL_KEY_BYTES) {
			w->flags |= PK_K8S_CUT_LABELS;
			continue;
		}
		if (label.value.len > PK_MAX_K8S_LABEL_VALUE_BYTES) {
			label.cut = true;
			w->flags |= PK_K8S_CUT_LABELS;
		}
		label.key = add_text(w, label.key, PK_MAX_K8S_LABEL_KEY_BYTES);
		label.value = add_text(w, label.value, PK_MAX_K8S_LABEL_VALUE_BYTES);
		if (to)
			to[cnt] = label;
		cnt++;
	}
	return cnt;
}

static uint32_t add_containers(struct writer *w, const struct pk_k8s_pod *from,
			       struct pk_k8s_container *to)
{
	uint32_t cnt = 0;

	for (uint32_t i = 0; i < from->container_cnt; i++) {
		struct pk_k8s_container container = from->containers[i];

		/* the id is the key: half of one finds nothing */
		if (cnt == PK_MAX_K8S_CONTAINERS || container.id.len > PK_MAX_K8S_TEXT_BYTES) {
			w->flags |= PK_K8S_CUT_CONTAINERS;
			continue;
		}
		container.id = add_name(w, container.id);
		container.runtime = add_name(w, container.runtime);
		container.name = add_name(w, container.name);
		container.image = add_name(w, container.image);
		container.image_id = add_name(w, container.image_id);
		if (to)
			to[cnt] = container;
		cnt++;
	}
	return cnt;
}

static uint64_t hash_of(char kind, const char *data, size_t len)
{
	uint64_t hash = 0xcbf29ce484222325ull ^ (unsigned char)kind;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)data[i]) * 0x100000001b3ull;
	return hash ^ (hash >> 29);
}

static void add_key(struct block *block, char kind, struct pk_k8s_text text)
{
	if (!text.len)
		return;
	block->keys[block->key_cnt++] = (struct key){
		.block = block,
		.text = text,
		.hash = hash_of(kind, text.data, text.len),
	};
}

static void add_keys(struct block *block)
{
	const struct pk_k8s_pod *pod = &block->pod;

	add_key(block, 'u', pod->uid);
	add_key(block, 'u', pod->config_uid);
	for (uint32_t i = 0; i < pod->container_cnt; i++)
		add_key(block, 'c', pod->containers[i].id);
}

static int block_new(const struct pk_k8s_pod *from, struct block **ret_block)
{
	struct writer w = { 0 };
	struct pk_k8s_pod sizes;
	uint32_t label_cnt, container_cnt, key_cnt;
	struct pk_k8s_container *containers;
	struct pk_k8s_label *labels;
	struct block *block;
	size_t bytes;

	add_names(&w, from, &sizes);
	label_cnt = add_labels(&w, from, NULL);
	container_cnt = add_containers(&w, from, NULL);
	key_cnt = 2 + container_cnt;
	bytes = sizeof(*block) + label_cnt * sizeof(*labels) + container_cnt * sizeof(*containers) +
		key_cnt * sizeof(*block->keys) + w.bytes;
	block = calloc(1, bytes);
	if (!block)
		return -ENOMEM;
	labels = (struct pk_k8s_label *)(block + 1);
	containers = (struct pk_k8s_container *)(labels + label_cnt);
	block->keys = (struct key *)(containers + container_cnt);
	block->texts = (char *)(block->keys + key_cnt);
	block->texts_bytes = w.bytes;
	block->bytes = bytes;
	w = (struct writer){ .texts = block->texts };
	add_names(&w, from, &block->pod);
	block->pod.label_cnt = add_labels(&w, from, labels);
	block->pod.container_cnt = add_containers(&w, from, containers);
	block->pod.labels = labels;
	block->pod.containers = containers;
	block->pod.flags = from->flags | w.flags;
	add_keys(block);
	block->ref_cnt = 1;
	*ret_block = block;
	return 0;
}

static void block_unref(struct block *block)
{
	if (atomic_fetch_sub(&block->ref_cnt, 1) == 1)
		free(block);
}

/* Texts stand in a fixed order, each with a NUL behind and none inside: the same bytes and counts are the
 * same pod. */
static bool block_same(const struct block *a, const struct block *b)
{
	return a->pod.flags == b->pod.flags && a->pod.label_cnt == b->pod.label_cnt &&
	       a->pod.container_cnt == b->pod.container_cnt && a->texts_bytes == b->texts_bytes &&
	       !memcmp(a->texts, b->texts, a->texts_bytes);
}

/* ---- the store; its lock is held ---- */

static void list_add(struct blocks *list, struct block *block)
{
	block->prev = list->last;
	block->next = NULL;
	if (list->last)
		list->last->next = block;
	else
		list->first = block;
	list->last = block;
	list->cnt++;
}

static void list_remove(struct blocks *list, struct block *block)
{
	if (block->prev)
		block->prev->next = block->next;
	else
		list->first = block->next;
	if (block->next)
		block->next->prev = block->prev;
	else
		list->last = block->prev;
	list->cnt--;
}

static struct block *find(struct pk_k8s_pods *pods, char kind, const char *data, size_t len)
{
	uint64_t hash = hash_of(kind, data, len);
	struct block *found = NULL;

	for (struct key *key = pods->buckets[hash % BUCKETS]; key; key = key->next) {
		if (key->hash != hash || key->text.len != len ||
		    memcmp(key->text.data, data, len) != 0)
			continue;
		/* anybody can write a config_uid: a pod's own uid goes before */
		if (kind == 'c' || key->text.data == key->block->pod.uid.data)
			return key->block;
		found = found ? found : key->block;
	}
	return found;
}

/* The pod whose own uid it is. */
static struct block *find_own(struct pk_k8s_pods *pods, struct pk_k8s_text uid)
{
	uint64_t hash = hash_of('u', uid.data, uid.len);

	for (struct key *key = pods->buckets[hash % BUCKETS]; key; key = key->next) {
		if (key->hash == hash && key->text.data == key->block->pod.uid.data &&
		    key->text.len == uid.len && !memcmp(key->text.data, uid.data, uid.len))
			return key->block;
	}
	return NULL;
}

static void insert(struct pk_k8s_pods *pods, struct block *block)
{
	for (uint32_t i = 0; i < block->key_cnt; i++) {
		struct key *key = &block->keys[i];

		key->next = pods->buckets[key->hash % BUCKETS];
		pods->buckets[key->hash % BUCKETS] = key;
	}
	list_add(&pods->here, block);
	block->list = pods->list;
	pods->bytes += block->bytes;
	pods->changed_cnt++;
}

static void forget(struct pk_k8s_pods *pods, struct block *block)
{
	for (uint32_t i = 0; i < block->key_cnt; i++) {
		struct key **at = &pods->buckets[block->keys[i].hash % BUCKETS];

		while (*at != &block->keys[i])
			at = &(*at)->next;
		*at = block->keys[i].next;
	}
	list_remove(block->gone ? &pods->gone : &pods->here, block);
	pods->bytes -= block->bytes;
	pods->changed_cnt++;
	block_unref(block);
}

static void leave(struct pk_k8s_pods *pods, struct block *block)
{
	if (block->gone)
		return;
	list_remove(&pods->here, block);
	block->gone = true;
	list_add(&pods->gone, block);
	pods->changed_cnt++;
	if (pods->gone.cnt > PK_MAX_K8S_GONE)
		forget(pods, pods->gone.first);
}

/* Pods that are gone make room for those that are there. */
static bool has_room(struct pk_k8s_pods *pods, const struct block *block, const struct block *old)
{
	size_t freed_bytes = old ? old->bytes : 0;

	if (pods->here.cnt >= PK_MAX_K8S_PODS && !(old && !old->gone))
		return false;
	while (pods->bytes - freed_bytes + block->bytes > PK_MAX_K8S_STORE_BYTES) {
		struct block *victim = pods->gone.first;

		if (victim && victim == old)
			victim = victim->next;
		if (!victim)
			return false;
		forget(pods, victim);
	}
	return true;
}

/* Takes over the caller's reference of `block` if it has a place for it. */
static bool take_in(struct pk_k8s_pods *pods, struct block *block)
{
	struct block *old = find_own(pods, block->pod.uid);

	if (old && !old->gone && block_same(old, block)) {
		old->list = pods->list;
		return false;
	}
	if (!has_room(pods, block, old)) {
		pods->refused_cnt++;
		if (old)
			old->list = pods->list; /* out of date is better than not there */
		return false;
	}
	if (old)
		forget(pods, old);
	insert(pods, block);
	return true;
}

/* ---- what others call ---- */

int pk_k8s_pods_new(struct pk_k8s_pods **ret_pods)
{
	struct pk_k8s_pods *pods = calloc(1, sizeof(*pods));

	if (!pods)
		return -ENOMEM;
	pthread_mutex_init(&pods->lock, NULL);
	*ret_pods = pods;
	return 0;
}

void pk_k8s_pods_free(struct pk_k8s_pods *pods)
{
	if (!pods)
		return;
	while (pods->here.first)
		forget(pods, pods->here.first);
	while (pods->gone.first)
		forget(pods, pods->gone.first);
	pthread_mutex_destroy(&pods->lock);
	free(pods);
}

static void count_refused(struct pk_k8s_pods *pods)
{
	pthread_mutex_lock(&pods->lock);
	pods->refused_cnt++;
	pthread_mutex_unlock(&pods->lock);
}

int pk_k8s_pods_put(struct pk_k8s_pods *pods, const struct pk_k8s_pod *pod)
{
	const uint32_t cut = PK_K8S_CUT_TEXT | PK_K8S_CUT_LABELS | PK_K8S_CUT_CONTAINERS;
	struct block *block = NULL;
	uint64_t refused_cnt;
	bool taken;
	int err;

	/* half a uid would be another pod's */
	err = !pod->uid.len || pod->uid.len > PK_MAX_K8S_TEXT_BYTES ? -EINVAL :
								      block_new(pod, &block);
	if (err) {
		count_refused(pods);
		return err;
	}
	pthread_mutex_lock(&pods->lock);
	refused_cnt = pods->refused_cnt;
	taken = take_in(pods, block);
	if (taken && (block->pod.flags & cut))
		pods->cut_cnt++;
	err = pods->refused_cnt != refused_cnt ? -ENOSPC : 0;
	pthread_mutex_unlock(&pods->lock);
	if (!taken)
		block_unref(block);
	return err;
}

void pk_k8s_pods_del(struct pk_k8s_pods *pods, const char *uid, size_t len)
{
	struct block *block;

	pthread_mutex_lock(&pods->lock);
	block = find_own(pods, (struct pk_k8s_text){ uid, len });
	if (block)
		leave(pods, block);
	pthread_mutex_unlock(&pods->lock);
}

void pk_k8s_pods_begin(struct pk_k8s_pods *pods)
{
	pthread_mutex_lock(&pods->lock);
	pods->list++;
	pthread_mutex_unlock(&pods->lock);
}

void pk_k8s_pods_end(struct pk_k8s_pods *pods)
{
	struct block *next;

	pthread_mutex_lock(&pods->lock);
	for (struct block *block = pods->here.first; block; block = next) {
		next = block->next;
		if (block->list != pods->list)
			leave(pods, block);
	}
	pthread_mutex_unlock(&pods->lock);
}

static const struct pk_k8s_pod *find_ref(struct pk_k8s_pods *pods, char kind, const char *data,
					 size_t len)
{
	struct block *block;

	pthread_mutex_lock(&pods->lock);
	block = find(pods, kind, data, len);
	if (block)
		atomic_fetch_add(&block->ref_cnt, 1);
	pthread_mutex_unlock(&pods->lock);
	return block ? &block->pod : NULL;
}

const struct pk_k8s_pod *pk_k8s_pods_find(struct pk_k8s_pods *pods, const char *uid, size_t len)
{
	char plain[PK_MAX_K8S_TEXT_BYTES];

	if (len > sizeof(plain))
		return NULL;
	for (size_t i = 0; i < len; i++)
		plain[i] = uid[i] == '_' ? '-' : uid[i];
	return find_ref(pods, 'u', plain, len);
}

const struct pk_k8s_pod *pk_k8s_pods_find_container(struct pk_k8s_pods *pods, const char *id,
						    size_t len)
{
	return find_ref(pods, 'c', id, len);
}

void pk_k8s_pod_unref(const struct pk_k8s_pod *pod)
{
	if (pod)
		block_unref((struct block *)((char *)pod - offsetof(struct block, pod)));
}

void pk_k8s_pods_get_stats(struct pk_k8s_pods *pods, struct pk_k8s_pods_stats *ret_stats)
{
	pthread_mutex_lock(&pods->lock);
	*ret_stats = (struct pk_k8s_pods_stats){
		.refused_cnt = pods->refused_cnt,
		.cut_cnt = pods->cut_cnt,
		.changed_cnt = pods->changed_cnt,
		.pod_cnt = pods->here.cnt,
		.gone_cnt = pods->gone.cnt,
		.bytes = pods->bytes,
	};
	pthread_mutex_unlock(&pods->lock);
}

/* ---- one pod ---- */

const struct pk_k8s_container *pk_k8s_pod_container(const struct pk_k8s_pod *pod, const char *id,
						    size_t len)
{
	for (uint32_t i = 0; i < pod->container_cnt; i++) {
		const struct pk_k8s_container *container = &pod->containers[i];

		if (len && container->id.len == len && !memcmp(container->id.data, id, len))
			return container;
	}
	return NULL;
}

int pk_k8s_pod_label(const struct pk_k8s_pod *pod, const char *key, size_t len,
		     struct pk_k8s_text *ret_value)
{
	for (uint32_t i = 0; i < pod->label_cnt; i++) {
		const struct pk_k8s_label *label = &pod->labels[i];

		if (label->key.len != len || memcmp(label->key.data, key, len) != 0)
			continue;
		if (label->cut)
			return -EOVERFLOW;
		*ret_value = label->value;
		return 0;
	}
	/* labels whose values were cut are there; others may have been left out */
	return pod->flags & PK_K8S_CUT_LABELS ? -EOVERFLOW : -ENOENT;
}

int pk_k8s_pod_labels(const struct pk_k8s_pod *pod, struct pk_buf *buf)
{
	int err = 0;

	for (uint32_t i = 0; i < pod->label_cnt && !err; i++) {
		const struct pk_k8s_label *label = &pod->labels[i];

		err = i ? pk_buf_add_char(buf, ',') : 0;
		if (!err)
			err = pk_buf_add(buf, label->key.data, label->key.len);
		if (!err)
			err = pk_buf_add_char(buf, ':');
		if (!err)
			err = pk_buf_add(buf, label->value.data, label->value.len);
	}
	return err;
}
