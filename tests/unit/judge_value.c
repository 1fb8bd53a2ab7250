/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A model's values of fields, by what the fields' sources say: no code of Picket's between.
 */
#include "judge_model.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "test.h"

enum {
	KNOWN,
	MISSING,
	UNKNOWN
};

static void text_value(const struct model_text *text, struct pk_value *ret_value)
{
	ret_value->state = text->state == KNOWN   ? PK_VALUE_KNOWN :
			   text->state == MISSING ? PK_VALUE_MISSING :
						    PK_VALUE_UNKNOWN;
	ret_value->text = (struct pk_value_text){ text->data, text->len };
}

static struct pk_value_text text_of(const char *text)
{
	return (struct pk_value_text){ text, strlen(text) };
}

static void ancestor_value(const struct model *model, const char *field_arg,
			   struct pk_value *ret_value)
{
	unsigned long n = field_arg ? strtoul(field_arg, NULL, 10) : 0;

	if (!model->facts_known) {
		ret_value->state = PK_VALUE_UNKNOWN;
		return;
	}
	if (field_arg) {
		if (n >= model->name_cnt)
			return;
		ret_value->state = PK_VALUE_KNOWN;
		ret_value->text = text_of(model->names[n]);
		return;
	}
	for (__u32 i = 1; i < model->name_cnt; i++)
		ret_value->list[ret_value->list_cnt++] = text_of(model->names[i]);
	ret_value->state = ret_value->list_cnt ? PK_VALUE_KNOWN : PK_VALUE_MISSING;
}

static bool file_num(const struct pk_file_event *file, __u32 id, __u64 *ret)
{
	switch (id) {
	case PK_NUM_FLAGS:
		*ret = file->open_flags;
		return true;
	case PK_NUM_FILE_FLAGS:
		*ret = file->file_flags;
		return true;
	case PK_NUM_MODE:
		*ret = file->mode;
		return true;
	case PK_NUM_FILE_MODE:
		*ret = file->inode.mode;
		return file->inode.ino;
	case PK_NUM_FILE_UID:
		*ret = file->inode.uid;
		return file->inode.ino;
	case PK_NUM_INO:
		*ret = file->inode.ino;
		return file->inode.ino;
	case PK_NUM_DEV:
		*ret = file->inode.dev;
		return file->inode.ino;
	case PK_NUM_DEVICE:
		*ret = S_ISCHR(file->inode.mode) ? file->inode.rdev : 0;
		return file->inode.ino;
	}
	return false;
}

static bool net_num(const struct pk_net_event *net, __u32 id, __u64 *ret)
{
	switch (id) {
	case PK_NUM_FAMILY:
		*ret = net->family;
		return true;
	case PK_NUM_SOCK_TYPE:
		*ret = net->sock_type;
		return true;
	case PK_NUM_PROTO:
		*ret = net->protocol;
		return true;
	}
	return false;
}

static bool sys_num(const struct pk_sys_event *sys, __u32 id, __u64 *ret)
{
	if (id >= PK_NUM_ARG0 && id <= PK_NUM_ARG5) {
		*ret = sys->arg[id - PK_NUM_ARG0];
		return true;
	}
	*ret = id == PK_NUM_TARGET_PID ? sys->target_pid : sys->target_uid;
	return sys->target_pid && (id == PK_NUM_TARGET_PID || id == PK_NUM_TARGET_UID);
}

static bool head_num(const struct model *model, __u32 id, __u64 *ret)
{
	const struct pk_event *head = &model->record.u.event;
	const __u64 numbers[] = {
		[PK_NUM_UID] = head->euid,
		[PK_NUM_GID] = head->egid,
		[PK_NUM_RUID] = head->uid,
		[PK_NUM_RGID] = head->gid,
		[PK_NUM_PID] = head->pid,
		[PK_NUM_TID] = head->tid,
		[PK_NUM_PPID] = head->ppid,
		[PK_NUM_VPID] = head->ns_pid,
		[PK_NUM_EVENT_FLAGS] = head->flags,
		[PK_NUM_EXE_FLAGS] = model->own.exec_flags,
		[PK_NUM_IN_HOST_NS] = head->mnt_ns == MODEL_HOST_MNT_NS,
	};

	if (id >= PK_ARRAY_SIZE(numbers))
		return false;
	*ret = numbers[id];
	return true;
}

/* The bit that says that such a fact is known; the one above it says what it is. 0: no such fact. */
static __u32 escape_bit(__u32 id)
{
	static const __u32 bits[] = {
		[PK_NUM_NS_ESCAPED - PK_NUM_NS_ESCAPED] = PK_FLAG_NS_KNOWN,
		[PK_NUM_FD_OUTSIDE - PK_NUM_NS_ESCAPED] = PK_FLAG_FD_KNOWN,
		[PK_NUM_CAPS_GAINED - PK_NUM_NS_ESCAPED] = PK_FLAG_CAPS_KNOWN,
		[PK_NUM_EXE_RUNTIME - PK_NUM_NS_ESCAPED] = PK_FLAG_EXE_RUNTIME_KNOWN,
		[PK_NUM_FD_RUNTIME - PK_NUM_NS_ESCAPED] = PK_FLAG_FD_RUNTIME_KNOWN,
	};

	if (id == PK_NUM_CREDS)
		return PK_FLAG_CREDS_KNOWN;
	return id >= PK_NUM_NS_ESCAPED && id <= PK_NUM_FD_RUNTIME ? bits[id - PK_NUM_NS_ESCAPED] :
								    0;
}

static bool number(const struct model *model, __u32 id, __u64 *ret)
{
	__u32 kind = model->record.u.event.kind;

	if (id == PK_NUM_EXE_UPPER) {
		*ret = (model->own.exec_flags & PK_EXEC_UPPER) != 0;
		return true;
	}
	if (escape_bit(id)) {
		*ret = (model->record.u.event.flags & escape_bit(id) << 1) != 0;
		return true;
	}
	if (kind >= PK_EVENT_OPEN && kind <= PK_EVENT_TRUNCATE &&
	    file_num(&model->record.u.file, id, ret))
		return true;
	if (kind == PK_EVENT_DUP && id == PK_NUM_ARG0) {
		*ret = model->record.u.net.new_fd;
		return true;
	}
	if (((kind >= PK_EVENT_CONNECT && kind <= PK_EVENT_SEND) || kind == PK_EVENT_DUP) &&
	    net_num(&model->record.u.net, id, ret))
		return true;
	if (kind >= PK_EVENT_DO_MOUNT && kind != PK_EVENT_DUP &&
	    sys_num(&model->record.u.sys, id, ret))
		return true;
	return head_num(model, id, ret);
}

/* It is there, and not known. */
static bool is_unknown(const struct model *model, __u32 id)
{
	const struct pk_sys_event *sys = &model->record.u.sys;

	if (id == PK_NUM_EXE_UPPER)
		return !model->facts_known ||
		       !(model->own.exec_flags & (PK_EXEC_UPPER | PK_EXEC_LOWER));
	if (escape_bit(id))
		return !(sys->head.flags & escape_bit(id));
	if (sys->head.kind < PK_EVENT_DO_MOUNT || sys->head.kind == PK_EVENT_DUP)
		return id == PK_NUM_EXE_FLAGS && !model->facts_known;
	if (id >= PK_NUM_ARG0 && id <= PK_NUM_ARG5)
		return sys->sys_flags & PK_SYS_ARG_UNKNOWN(id - PK_NUM_ARG0);
	return id == PK_NUM_EXE_FLAGS && !model->facts_known;
}

static void bits_value(struct model *model, const struct pk_field_source *source, __u64 n,
		       struct pk_value *ret_value)
{
	model->buffer[0] = '\0';
	for (const struct pk_symbol *symbol = source->symbols; symbol->name; symbol++) {
		if ((n & (symbol->mask ?: symbol->value)) != symbol->value)
			continue;
		snprintf(model->buffer + strlen(model->buffer),
			 sizeof(model->buffer) - strlen(model->buffer), "%s%s",
			 model->buffer[0] ? source->text : "", symbol->name);
	}
	ret_value->text = text_of(model->buffer);
}

static bool symbol_value(const struct pk_field_source *source, __u64 n, struct pk_value *ret_value)
{
	for (const struct pk_symbol *symbol = source->symbols; symbol && symbol->name; symbol++) {
		if (symbol->value != n)
			continue;
		ret_value->text = text_of(symbol->name);
		return true;
	}
	ret_value->text = text_of("<NA>");
	return false;
}

static void number_value(struct model *model, const struct pk_field *field,
			 const struct pk_field_source *source, struct pk_value *ret_value)
{
	__u64 n;

	if (!number(model, source->id, &n))
		return;
	if (is_unknown(model, source->id)) {
		ret_value->state = PK_VALUE_UNKNOWN;
		return;
	}
	ret_value->state = PK_VALUE_KNOWN;
	if (source->how == PK_SOURCE_BITS) {
		bits_value(model, source, source->mask ? n & source->mask : n, ret_value);
		return;
	}
	if (source->mask)
		n &= source->mask;
	if (source->how == PK_SOURCE_BOOL)
		ret_value->num.u = source->symbols ? symbol_value(source, n, ret_value) : n != 0;
	else if (source->how == PK_SOURCE_SYMBOL)
		symbol_value(source, n, ret_value);
	else if (field->type == PK_FIELD_INT)
		ret_value->num.i = (int64_t)n;
	else
		ret_value->num.u = n;
}

static void add_addr(const struct pk_net_event *net, const __u8 *addr, struct pk_value *ret_value)
{
	__u8 *to = ret_value->addr[ret_value->addr_cnt++];

	memset(to, 0, 16);
	if (net->family == AF_INET) {
		to[10] = to[11] = 0xff;
		memcpy(to + 12, addr, 4);
	} else {
		memcpy(to, addr, 16);
	}
	ret_value->state = PK_VALUE_KNOWN;
}

static void end_value(struct model *model, const struct pk_field_source *source,
		      struct pk_value *ret_value)
{
	const struct pk_net_event *net = &model->record.u.net;
	bool local = source->end != PK_END_REMOTE && (net->net_flags & PK_NET_HAS_LOCAL);
	bool chosen = (net->head.kind != PK_EVENT_CONNECT && net->head.kind != PK_EVENT_SEND) ||
		      memcmp(net->local_addr, (const __u8[16]){ 0 }, 16) != 0;
	bool remote = source->end != PK_END_LOCAL && (net->net_flags & PK_NET_HAS_REMOTE);

	if (source->how == PK_SOURCE_ADDR) {
		if (local && chosen)
			add_addr(net, net->local_addr, ret_value);
		if (remote)
			add_addr(net, net->remote_addr, ret_value);
		return;
	}
	local = local && (chosen || net->local_port);
	if (!local && !remote)
		return;
	ret_value->state = PK_VALUE_KNOWN;
	ret_value->num.i = local ? net->local_port : net->remote_port;
	if (source->end != PK_END_ANY)
		return;
	snprintf(model->ports[0], sizeof(model->ports[0]), "%u", net->local_port);
	snprintf(model->ports[1], sizeof(model->ports[1]), "%u", net->remote_port);
	if (local)
		ret_value->list[ret_value->list_cnt++] = text_of(model->ports[0]);
	if (remote)
		ret_value->list[ret_value->list_cnt++] = text_of(model->ports[1]);
}

static void const_value(const struct pk_field *field, const struct pk_field_source *source,
			struct pk_value *ret_value)
{
	ret_value->state = PK_VALUE_KNOWN;
	if (source->how == PK_SOURCE_CONST) {
		ret_value->text = text_of(source->text);
		if (field->type == PK_FIELD_BOOL)
			ret_value->num.u = !strcmp(source->text, "true");
		return;
	}
	for (const struct pk_symbol *symbol = source->symbols; symbol->name; symbol++)
		ret_value->list[ret_value->list_cnt++] = text_of(symbol->name);
	ret_value->text = ret_value->list[0];
}

static void range_value(const struct pk_field_source *source, struct pk_value *ret_value)
{
	ret_value->state = source->min == source->max ? PK_VALUE_KNOWN : PK_VALUE_UNKNOWN;
	ret_value->num.i = source->min;
	ret_value->ranged = true;
	ret_value->min = source->min;
	ret_value->max = source->max;
}

/* None: missing. */
static void tag_value(const struct model *model, const struct pk_field_source *source,
		      struct pk_value *ret_value)
{
	__u64 bits = source->id == PK_NUM_TAGS ? model->tags : model->container_tags;

	for (__u32 i = 0; i < MODEL_TAG_CNT; i++)
		if (bits >> i & 1)
			ret_value->list[ret_value->list_cnt++] = text_of(model_tags[i]);
	if (!bits)
		return;
	ret_value->state = PK_VALUE_KNOWN;
	ret_value->text = ret_value->list[0];
}

/* Whatever the field is: by its number and the container's, of few values, now and then none. */
int model_container_value(void *arg, const struct pk_field *field, const char *field_arg,
			  struct pk_value *ret_value)
{
	const struct model *model = arg;
	struct model_random random = { model->container * 1021u + field->id * 131u +
				       (field_arg ? (__u8)*field_arg : 0) + 1u };
	__u32 state = model_random(&random, 8);

	memset(ret_value, 0, sizeof(*ret_value));
	ret_value->type = field->type;
	ret_value->state = state == 0 ? PK_VALUE_MISSING :
			   state == 1 ? PK_VALUE_UNKNOWN :
					PK_VALUE_KNOWN;
	if (state < 2)
		return 0;
	if (field->type == PK_FIELD_TEXT)
		ret_value->text = text_of(model_pick(&random, model_names, model_names_cnt));
	else
		ret_value->num.u = model_random(&random, 2);
	return 0;
}

int model_value(void *arg, const struct pk_field *field, const char *field_arg,
		struct pk_value *ret_value)
{
	struct model *model = arg;
	const struct pk_field_source *source = pk_field_source(field, model->record.u.event.kind);

	memset(ret_value, 0, sizeof(*ret_value));
	ret_value->type = field->type;
	if (!source)
		return 0;
	if (field->life == PK_LIFE_CONTAINER) {
		if (model->is_helper)
			return 0;
		ret_value->state = PK_VALUE_UNKNOWN;
		return model->container_known ?
			       model_container_value(arg, field, field_arg, ret_value) :
			       0;
	}
	switch (source->how) {
	case PK_SOURCE_KIND:
	case PK_SOURCE_CONST:
		const_value(field, source, ret_value);
		break;
	case PK_SOURCE_RANGE:
		range_value(source, ret_value);
		break;
	case PK_SOURCE_TEXT:
		if (source->whose == PK_WHOSE_ANCESTOR)
			ancestor_value(model, field_arg, ret_value);
		else
			text_value(source->whose == PK_WHOSE_OWN ?
					   &model->own.texts[source->id] :
				   source->whose == PK_WHOSE_PARENT ?
					   &model->parent.texts[source->id] :
					   &model->texts[source->id],
				   ret_value);
		break;
	case PK_SOURCE_ADDR:
	case PK_SOURCE_PORT:
		end_value(model, source, ret_value);
		break;
	case PK_SOURCE_TAG:
		tag_value(model, source, ret_value);
		break;
	case PK_SOURCE_USER:
		ret_value->state = PK_VALUE_UNKNOWN;
		break;
	default:
		number_value(model, field, source, ret_value);
	}
	return 0;
}

/* Numbers of the running task, and its directory, are not in a record. */
static bool of_task(const struct pk_field_source *source)
{
	switch (source->how) {
	case PK_SOURCE_TEXT:
		return source->whose == PK_WHOSE_EVENT && source->id == PK_TEXT_CWD;
	case PK_SOURCE_INT32:
	case PK_SOURCE_NUM:
	case PK_SOURCE_BOOL:
	case PK_SOURCE_SYMBOL:
	case PK_SOURCE_BITS:
		return source->id == PK_NUM_LOGINUID ||
		       (source->id >= PK_NUM_SID && source->id <= PK_NUM_CAP_INHERITABLE) ||
		       (source->id >= PK_NUM_AGE_NS && source->id < PK_NUM_TAGS);
	default:
		return false;
	}
}

bool model_has(const struct pk_field *field)
{
	if (field->kinds && field->life == PK_LIFE_CONTAINER)
		return true;
	if (!field->kinds || !field->sources)
		return false;
	if (field->arg != PK_ARG_NONE && strcmp(field->name, "proc.aname"))
		return false;
	for (const struct pk_field_source *source = field->sources; source->kinds; source++)
		if (of_task(source))
			return false;
	return true;
}
