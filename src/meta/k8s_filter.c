// SPDX-License-Identifier: Apache-2.0
/*
 * Goes through the objects on the way to what is wanted, member by member; a member's value is gone into,
 * copied as it is, or skipped. A member that is left out for its length leaves a null.
 */
#include "meta/k8s_filter.h"

#include <errno.h>
#include <string.h>

#include "meta/k8s_pods.h"

#define KEEP_BYTES (64u << 10) /* a buffer that grew beyond it is given back */

enum state {
	STATE_VALUE = 0, /* a value begins */
	STATE_MEMBER,    /* a key, or the object's end */
	STATE_KEY,
	STATE_COLON,
	STATE_COPY,
	STATE_SKIP,
	STATE_AFTER, /* a comma, or the object's end */
	STATE_END,
};

/* ---- what is wanted ---- */

#define TEXT(name, flag)                                                              \
	{                                                                             \
		.key = (name), .max_bytes = PK_MAX_K8S_LEAF_BYTES, .cut_flag = (flag) \
	}
#define ARRAY(name, flag)                                                              \
	{                                                                              \
		.key = (name), .max_bytes = PK_MAX_K8S_ARRAY_BYTES, .cut_flag = (flag) \
	}
#define OBJECT(name, members)                                                          \
	{                                                                              \
		.key = (name), .wanted = (members), .want_cnt = PK_ARRAY_SIZE(members) \
	}

static const struct pk_k8s_want label = {
	.max_bytes = PK_MAX_K8S_LABEL_BYTES,
	.cut_flag = PK_K8S_CUT_LABELS,
};

static const struct pk_k8s_want annotations[] = { TEXT("kubernetes.io/config.hash", 0) };

static const struct pk_k8s_want metadata[] = {
	TEXT("uid", PK_K8S_CUT_TEXT),
	TEXT("namespace", PK_K8S_CUT_TEXT),
	TEXT("name", PK_K8S_CUT_TEXT),
	TEXT("resourceVersion", 0),
	ARRAY("ownerReferences", PK_K8S_CUT_TEXT),
	OBJECT("annotations", annotations),
	{ .key = "labels",
	  .wanted = &label,
	  .want_cnt = 1,
	  .max = PK_MAX_K8S_LABELS,
	  .cut_flag = PK_K8S_CUT_LABELS },
};

static const struct pk_k8s_want spec[] = {
	TEXT("nodeName", PK_K8S_CUT_TEXT),
	TEXT("hostNetwork", 0),
};

static const struct pk_k8s_want status[] = {
	TEXT("podIP", PK_K8S_CUT_TEXT),
	ARRAY("containerStatuses", PK_K8S_CUT_CONTAINERS),
	ARRAY("initContainerStatuses", PK_K8S_CUT_CONTAINERS),
	ARRAY("ephemeralContainerStatuses", PK_K8S_CUT_CONTAINERS),
};

static const struct pk_k8s_want pod[] = {
	OBJECT("metadata", metadata),
	OBJECT("spec", spec),
	OBJECT("status", status),
};

static const struct pk_k8s_want pod_or_status[] = {
	OBJECT("metadata", metadata), OBJECT("spec", spec),
	OBJECT("status", status),     TEXT("code", 0),
	TEXT("message", 0),
};

static const struct pk_k8s_want event[] = {
	TEXT("type", 0),
	OBJECT("object", pod_or_status),
};

const struct pk_k8s_want pk_k8s_want_pod = OBJECT(NULL, pod);
const struct pk_k8s_want pk_k8s_want_event = OBJECT(NULL, event);

/* ---- going through ---- */

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void put(struct pk_k8s_filter *filter, const char *data, size_t len)
{
	int err;

	if (filter->err)
		return;
	err = filter->out.len_bytes + len > PK_MAX_K8S_KEPT_BYTES ?
		      -EFBIG :
		      pk_buf_add(&filter->out, data, len);
	filter->err = err;
}

static const struct pk_k8s_want *find_want(const struct pk_k8s_filter *filter)
{
	const struct pk_k8s_want *object = filter->levels[filter->level_cnt - 1];

	for (uint32_t i = 0; i < object->want_cnt; i++) {
		const struct pk_k8s_want *want = &object->wanted[i];

		if (!want->key || (strlen(want->key) == filter->key_len &&
				   !memcmp(want->key, filter->key, filter->key_len)))
			return want;
	}
	return NULL;
}

/* The key is known: is its value wanted? */
static void decide(struct pk_k8s_filter *filter)
{
	const struct pk_k8s_want *object = filter->levels[filter->level_cnt - 1];
	uint32_t *cnt = &filter->cnts[filter->level_cnt - 1];

	filter->want = filter->key_cut ? NULL : find_want(filter);
	if (filter->key_cut || (filter->want && object->max && *cnt == object->max)) {
		filter->flags |= object->cut_flag;
		filter->want = NULL;
	}
	if (!filter->want)
		return;
	if ((*cnt)++)
		put(filter, ",", 1);
	put(filter, "\"", 1);
	put(filter, filter->key, filter->key_len);
	put(filter, "\":", 2);
}

static void enter(struct pk_k8s_filter *filter)
{
	filter->levels[filter->level_cnt] = filter->want;
	filter->cnts[filter->level_cnt++] = 0;
	put(filter, "{", 1);
	filter->state = STATE_MEMBER;
}

static void leave(struct pk_k8s_filter *filter)
{
	put(filter, "}", 1);
	filter->level_cnt--;
	filter->state = filter->level_cnt ? STATE_AFTER : STATE_END;
}

/* A part of the value that is copied. */
static void copy(struct pk_k8s_filter *filter, char c)
{
	if (filter->state != STATE_COPY)
		return;
	if (filter->out.len_bytes - filter->leaf_at < filter->want->max_bytes) {
		put(filter, &c, 1);
		return;
	}
	if (filter->err)
		return;
	filter->out.len_bytes = filter->leaf_at;
	filter->flags |= filter->want->cut_flag;
	put(filter, "null", 4);
	filter->state = STATE_SKIP;
}

/* Within a value that is copied or skipped. False: `c` stands behind it. */
static bool value_byte(struct pk_k8s_filter *filter, char c)
{
	bool ends = false;

	if (filter->in_string) {
		ends = !filter->escaped && c == '"' && !filter->depth;
		if (!filter->escaped && c == '"')
			filter->in_string = false;
		filter->escaped = filter->in_string && !filter->escaped && c == '\\';
	} else if (c == '"') {
		filter->in_string = true;
	} else if (c == '{' || c == '[') {
		filter->depth++;
	} else if (!filter->depth && (c == ',' || c == '}' || c == ']' || is_space(c))) {
		filter->state = STATE_AFTER; /* behind a number or a word */
		return false;
	} else if (c == '}' || c == ']') {
		ends = !--filter->depth;
	}
	copy(filter, c);
	if (ends)
		filter->state = STATE_AFTER;
	return true;
}

static void begin_value(struct pk_k8s_filter *filter, char c)
{
	bool is_root = !filter->level_cnt;

	if (is_space(c))
		return;
	if (is_root)
		filter->want = filter->root;
	if (filter->want && filter->want->wanted && c == '{') {
		enter(filter);
		return;
	}
	if (is_root || c == ',' || c == '}' || c == ']' || c == ':') {
		filter->err = -EBADMSG;
		return;
	}
	filter->depth = 0;
	filter->leaf_at = filter->out.len_bytes;
	filter->state = filter->want && !filter->want->wanted ? STATE_COPY : STATE_SKIP;
	if (filter->want && filter->want->wanted)
		put(filter, "null", 4); /* no object where one should be */
	value_byte(filter, c);
}

static void key_byte(struct pk_k8s_filter *filter, char c)
{
	if (!filter->escaped && c == '"') {
		filter->state = STATE_COLON;
		return;
	}
	filter->escaped = !filter->escaped && c == '\\';
	if (filter->key_len < sizeof(filter->key))
		filter->key[filter->key_len++] = c;
	else
		filter->key_cut = true;
}

/* Between members. */
static void member_byte(struct pk_k8s_filter *filter, char c)
{
	if (is_space(c))
		return;
	if (c == '}' && filter->level_cnt) {
		leave(filter);
	} else if (filter->state == STATE_AFTER && c == ',') {
		filter->state = STATE_MEMBER;
	} else if (filter->state == STATE_MEMBER && c == '"') {
		filter->key_len = 0;
		filter->key_cut = filter->escaped = false;
		filter->state = STATE_KEY;
	} else {
		filter->err = -EBADMSG;
	}
}

static void colon_byte(struct pk_k8s_filter *filter, char c)
{
	if (is_space(c))
		return;
	if (c != ':') {
		filter->err = -EBADMSG;
		return;
	}
	decide(filter);
	filter->state = STATE_VALUE;
}

static void one_byte(struct pk_k8s_filter *filter, char c)
{
	switch ((enum state)filter->state) {
	case STATE_VALUE:
		begin_value(filter, c);
		break;
	case STATE_KEY:
		key_byte(filter, c);
		break;
	case STATE_COLON:
		colon_byte(filter, c);
		break;
	case STATE_COPY:
	case STATE_SKIP:
		if (!value_byte(filter, c))
			member_byte(filter, c);
		break;
	case STATE_MEMBER:
	case STATE_AFTER:
		member_byte(filter, c);
		break;
	case STATE_END:
		if (!is_space(c))
			filter->err = -EBADMSG;
		break;
	}
}

void pk_k8s_filter_add(struct pk_k8s_filter *filter, const char *data, size_t len)
{
	if (len > PK_MAX_K8S_LINE - filter->raw_bytes)
		filter->err = filter->err ?: -EFBIG;
	else
		filter->raw_bytes += len;
	for (size_t i = 0; i < len && !filter->err; i++)
		one_byte(filter, data[i]);
}

/* A NUL in a key would end it for the parser: it becomes what stands for no character. */
static void replace_nuls(char *data, size_t len)
{
	for (size_t i = 0; i + 1 < len; i++) {
		if (data[i] != '\\')
			continue;
		i++;
		if (data[i] == 'u' && len - i > 4 && !memcmp(data + i + 1, "0000", 4))
			memcpy(data + i + 1, "fffd", 4);
	}
}

int pk_k8s_filter_end(struct pk_k8s_filter *filter)
{
	if (!filter->err && filter->state != STATE_END)
		filter->err = -EBADMSG;
	if (!filter->err)
		replace_nuls(filter->out.data, filter->out.len_bytes);
	return filter->err;
}

void pk_k8s_filter_reset(struct pk_k8s_filter *filter)
{
	struct pk_buf out = filter->out;

	pk_buf_shrink(&out, KEEP_BYTES);
	*filter = PK_K8S_FILTER_INIT(filter->root);
	filter->out = out;
}

void pk_k8s_filter_fini(struct pk_k8s_filter *filter)
{
	pk_buf_fini(&filter->out);
}
