/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The "mount" member of JSON events, and those of the other families of struct pk_sys_event: written by the
 * table of their kinds.
 */
#include "base/cleanup.h"
#include "sinks/json_parts.h"
#include "stream/system.h"

static void put_key(struct pk_jw *w, const char *key)
{
	pk_jw_lit(w, ",\"");
	pk_jw_raw(w, key, strlen(key));
	pk_jw_lit(w, "\":");
}

static void put_hex(struct pk_jw *w, __u64 number)
{
	static const char digits[] = "0123456789abcdef";
	char text[16];
	size_t i = sizeof(text);

	do {
		text[--i] = digits[number & 15];
		number >>= 4;
	} while (number);
	pk_jw_lit(w, "\"0x");
	pk_jw_raw(w, text + i, sizeof(text) - i);
	*w->p++ = '"';
}

static void put_bits(struct pk_jw *w, __u64 number, const struct pk_symbol *symbols)
{
	size_t array = pk_jw_open(w);

	for (; symbols->name; symbols++) {
		if ((number & (symbols->mask ?: symbols->value)) != symbols->value)
			continue;
		*w->p++ = ',';
		pk_json_name(w, symbols->name);
		number &= ~symbols->value;
	}
	if (number) {
		/* what has no name */
		*w->p++ = ',';
		put_hex(w, number);
	}
	pk_jw_close_array(w, array);
}

static void put_symbol(struct pk_jw *w, __u64 number, const struct pk_symbol *symbols)
{
	for (; symbols->name; symbols++) {
		if (symbols->value != number)
			continue;
		pk_json_name(w, symbols->name);
		return;
	}
	*w->p++ = '"';
	pk_jw_u64(w, number);
	*w->p++ = '"';
}

static void put_arg(struct pk_jw *w, const struct pk_system_arg *arg, __u64 number)
{
	put_key(w, arg->name);
	switch (arg->form) {
	case PK_SYSTEM_BITS:
		put_bits(w, number, arg->symbols);
		break;
	case PK_SYSTEM_SYMBOL:
		put_symbol(w, number, arg->symbols);
		break;
	case PK_SYSTEM_S32:
		pk_jw_s32(w, (__s32)number);
		break;
	case PK_SYSTEM_HEX:
		put_hex(w, number);
		break;
	case PK_SYSTEM_CAPS:
		pk_jw_hex64(w, number);
		break;
	default:
		pk_jw_u64(w, number);
		break;
	}
}

static void put_args(struct pk_jw *w, const struct pk_system_shape *shape,
		     const struct pk_sys_event *sys)
{
	for (unsigned int i = 0; i < PK_SYS_ARGS; i++) {
		const struct pk_system_arg *arg = &shape->args[i];

		if (!arg->name || (arg->if_set && !sys->arg[i]) ||
		    sys->sys_flags & PK_SYS_ARG_UNKNOWN(i))
			continue;
		put_arg(w, arg, sys->arg[i]);
	}
}

static void put_texts(struct pk_jw *w, const struct pk_system_shape *shape,
		      const struct pk_sys_event *sys)
{
	if (shape->text && sys->text.len) {
		put_key(w, shape->text);
		pk_jw_text(w, pk_record_text(sys, sys->text));
	}
	if (shape->text2 && sys->text2.len) {
		put_key(w, shape->text2);
		pk_jw_text(w, pk_record_text(sys, sys->text2));
	}
}

static void put_target(struct pk_jw *w, const struct pk_sys_event *sys)
{
	size_t object;

	if (!sys->target_pid)
		return;
	pk_jw_lit(w, ",\"target\":");
	object = pk_jw_open(w);
	if (sys->target_exec_id) {
		pk_jw_lit(w, ",\"exec_id\":");
		pk_jw_hex64(w, sys->target_exec_id);
	}
	pk_jw_field_u64(w, "pid", sys->target_pid);
	if (sys->target_comm[0])
		pk_jw_field_text(w, "name",
				 ((struct pk_text){ sys->target_comm,
						    strnlen(sys->target_comm, PK_COMM_LEN) }));
	pk_jw_field_u64(w, "uid", sys->target_uid);
	if (sys->target_cgroup_id)
		pk_jw_field_u64(w, "cgroup_id", sys->target_cgroup_id);
	pk_jw_close_object(w, object);
}

static void put_path(struct pk_json_job *job, const char *prefix, const struct pk_path *path,
		     __u32 dev)
{
	const struct pk_json_prefix json_prefix = { prefix, strlen(prefix) };

	pk_json_path(job, &json_prefix, path, dev);
	pk_json_markers(&job->w, &json_prefix, path->flags);
}

void pk_json_system(struct pk_json_job *job)
{
	const struct pk_sys_event *sys = (const struct pk_sys_event *)job->view->event;
	const struct pk_system_shape *shape = pk_system_shape(sys->head.kind);
	struct pk_jw *w = &job->w;
	size_t object;

	if (!shape)
		return;
	put_key(w, shape->object);
	object = pk_jw_open(w);
	if (shape->has_path) {
		put_path(job, "", &sys->path, sys->inode.dev);
		if (sys->inode.ino) {
			pk_jw_field_u64(w, "inode", sys->inode.ino);
			pk_jw_lit(w, ",\"dev\":");
			pk_jw_dev(w, sys->inode.dev);
		}
	}
	if (shape->path2)
		put_path(job, shape->path2, &sys->path2, 0);
	put_texts(w, shape, sys);
	put_args(w, shape, sys);
	if (shape->has_target)
		put_target(w, sys);
	pk_jw_close_object(w, object);
}
