// SPDX-License-Identifier: Apache-2.0
/*
 * Putting containers together.
 */
#include "meta/draft.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#define NS_PER_S UINT64_C(1000000000)

void pk_draft_init(struct pk_draft *draft)
{
	*draft = (struct pk_draft){ .arena = PK_ARENA_INIT(PK_MAX_DRAFT_BYTES) };
}

void pk_draft_fini(struct pk_draft *draft)
{
	pk_arena_fini(&draft->arena);
	pk_buf_fini(&draft->labels);
	pk_buf_fini(&draft->mounts);
}

int pk_draft_text(struct pk_draft *draft, struct pk_text *field, const char *text, size_t len)
{
	char *copy;

	len = strnlen(text, len);
	if (len > PK_MAX_CONTAINER_IMAGE_BYTES)
		len = PK_MAX_CONTAINER_IMAGE_BYTES;
	if (field->data && field->len == len && !memcmp(field->data, text, len))
		return 0;
	copy = pk_arena_copy(&draft->arena, text, len);
	if (!copy)
		return -ENOMEM;
	*field = (struct pk_text){ copy, len };
	return 0;
}

/* ---- images ---- */

static bool is_bare_id(const char *name, size_t len)
{
	if (len > 7 && !memcmp(name, "sha256:", 7))
		return true;
	return len == 64 && strspn(name, "0123456789abcdef") >= len;
}

void pk_draft_split_image(struct pk_container *c)
{
	const char *name = c->image.data, *at, *colon, *slash;
	size_t len = c->image.len, rest;

	c->repository = c->tag = (struct pk_text){ "", 0 };
	if (!len || is_bare_id(name, len))
		return;
	at = memchr(name, '@', len);
	rest = at ? (size_t)(at - name) : len;
	slash = memrchr(name, '/', rest);
	colon = memrchr(name, ':', rest);
	if (colon && slash && colon < slash)
		colon = NULL; /* a registry's port */
	if (at && !c->digest.len)
		c->digest = (struct pk_text){ at + 1, len - rest - 1 };
	c->repository = (struct pk_text){ name, colon ? (size_t)(colon - name) : rest };
	if (colon)
		c->tag = (struct pk_text){ colon + 1, rest - c->repository.len - 1 };
	else if (!at)
		c->tag = (struct pk_text){ "latest", 6 };
}

int pk_draft_image(struct pk_draft *draft, const char *name, size_t len)
{
	struct pk_container *c = &draft->container;
	int err = pk_draft_text(draft, &c->image, name, len);

	if (!err)
		pk_draft_split_image(c);
	return err;
}

/* ---- lists ---- */

void pk_draft_clear_labels(struct pk_draft *draft)
{
	pk_buf_clear(&draft->labels);
	draft->container.flags &= ~PK_CONTAINER_LABELS_CUT;
}

void pk_draft_clear_mounts(struct pk_draft *draft)
{
	pk_buf_clear(&draft->mounts);
	draft->container.flags &= ~PK_CONTAINER_MOUNTS_CUT;
}

static int add_item(struct pk_buf *buf, const char *text, size_t len)
{
	int err = pk_buf_add(buf, text, len);

	return err ? err : pk_buf_add_char(buf, '\0');
}

int pk_draft_label(struct pk_draft *draft, const char *key, const char *value, size_t len)
{
	size_t key_len = strlen(key);
	int err;

	len = strnlen(value, len);
	draft->container.known |= PK_CONTAINER_LABELS;
	if (key_len + len + 2 > PK_MAX_CONTAINER_LABEL_BYTES ||
	    draft->labels.len_bytes + key_len + len + 2 > PK_MAX_CONTAINER_LABELS_BYTES) {
		draft->container.flags |= PK_CONTAINER_LABELS_CUT;
		return 0;
	}
	err = add_item(&draft->labels, key, key_len);
	return err ? err : add_item(&draft->labels, value, len);
}

int pk_draft_mount(struct pk_draft *draft, const char *source, const char *destination,
		   const char *mode, bool rw, const char *propagation)
{
	const char *const parts[] = { source, destination, mode, rw ? "rw" : "ro", propagation };
	size_t len = 0;
	int err = 0;

	draft->container.known |= PK_CONTAINER_MOUNTS;
	for (size_t i = 0; i < PK_ARRAY_SIZE(parts); i++)
		len += strlen(parts[i]) + 1;
	if (draft->mounts.len_bytes + len > PK_MAX_CONTAINER_MOUNTS_BYTES) {
		draft->container.flags |= PK_CONTAINER_MOUNTS_CUT;
		return 0;
	}
	for (size_t i = 0; i < PK_ARRAY_SIZE(parts) && !err; i++)
		err = add_item(&draft->mounts, parts[i], strlen(parts[i]));
	return err;
}

/* ---- the rest ---- */

void pk_draft_flag(struct pk_draft *draft, uint32_t known, uint32_t flag, bool is_set)
{
	draft->container.known |= known;
	if (is_set)
		draft->container.flags |= flag;
	else
		draft->container.flags &= ~flag;
}

static void parse_fraction(const char **text, uint64_t *ret_ns)
{
	uint64_t unit = 100000000;

	*ret_ns = 0;
	if (**text != '.')
		return;
	for ((*text)++; **text >= '0' && **text <= '9'; (*text)++) {
		*ret_ns += (uint64_t)(**text - '0') * unit;
		unit /= 10;
	}
}

int pk_draft_parse_time(const char *text, uint64_t *ret_ns)
{
	struct tm tm = { 0 };
	unsigned int hours = 0, minutes = 0;
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	uint64_t ns;
	time_t seconds;
	char sign;

	if (!rest)
		return -EBADMSG;
	if (tm.tm_year < 70)
		return -ENOENT;
	parse_fraction(&rest, &ns);
	seconds = timegm(&tm);
	if (sscanf(rest, "%c%2u:%2u", &sign, &hours, &minutes) == 3 && (sign == '+' || sign == '-'))
		seconds -= (sign == '+' ? 1 : -1) * (time_t)(hours * 3600 + minutes * 60);
	else if (*rest != 'Z' && *rest)
		return -EBADMSG;
	if (seconds < 0 || seconds >= (time_t)(INT64_MAX / NS_PER_S))
		return -EBADMSG;
	*ret_ns = (uint64_t)seconds * NS_PER_S + ns;
	return 0;
}

const struct pk_container *pk_draft_get(struct pk_draft *draft)
{
	draft->container.labels = (struct pk_text){ draft->labels.data, draft->labels.len_bytes };
	draft->container.mounts = (struct pk_text){ draft->mounts.data, draft->mounts.len_bytes };
	return &draft->container;
}
