/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The "file" and "network" members of JSON events, and paths wherever they stand.
 */
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "sinks/json_parts.h"

const struct pk_json_prefix pk_json_no_prefix = { "", 0 };
static const struct pk_json_prefix new_prefix = { "new_", 4 };

/* ---- paths ---- */

static void put_key(struct pk_jw *w, const struct pk_json_prefix *prefix, const char *key)
{
	pk_jw_lit(w, ",\"");
	pk_jw_raw(w, prefix->text, prefix->len);
	pk_jw_raw(w, key, strlen(key));
	pk_jw_lit(w, "\":");
}

void pk_json_markers(struct pk_jw *w, const struct pk_json_prefix *prefix, __u32 flags)
{
	static const struct pk_flag_name markers[] = {
		{ PK_PATH_TRUNCATED, "truncated" }, { PK_PATH_OUTSIDE, "outside_root" },
		{ PK_PATH_DELETED, "deleted" },     { PK_PATH_ARGUMENT, "unresolved" },
		{ PK_PATH_PSEUDO, "pseudo" },       { PK_PATH_UNREADABLE, "unreadable" },
	};

	if (!(flags & ~PK_PATH_HOST_NS))
		return;
	for (size_t i = 0; i < PK_ARRAY_SIZE(markers); i++) {
		if (flags & markers[i].bits) {
			put_key(w, prefix, markers[i].name);
			pk_jw_lit(w, "true");
		}
	}
}

static bool same_text(struct pk_text a, struct pk_text b)
{
	return a.len == b.len && (a.data == b.data || memcmp(a.data, b.data, a.len) == 0);
}

static void put_host_path(struct pk_json_job *job, const struct pk_json_prefix *prefix,
			  const struct pk_path *path, __u32 dev)
{
	const struct pk_view *view = job->view;
	struct pk_text host_path;
	int known = pk_mounts_host_path(view->mounts, view->event, path, dev, &job->json->scratch,
					&host_path);

	if (known < 0)
		job->w.failed = true;
	if (known <= 0 || same_text(host_path, pk_record_path(view->event, path)))
		return;
	put_key(&job->w, prefix, "host_path");
	pk_jw_text(&job->w, host_path);
}

/* "path" and "host_path", without markers. */
void pk_json_path(struct pk_json_job *job, const struct pk_json_prefix *prefix,
		  const struct pk_path *path, __u32 dev)
{
	struct pk_text name = pk_record_path(job->view->event, path);

	if (!name.len)
		return;
	put_key(&job->w, prefix, "path");
	pk_jw_text(&job->w, name);
	put_host_path(job, prefix, path, dev);
}

/* ---- files ---- */

/* Whether `mode` of the event rather than of the inode is the one after the event. */
static bool has_own_mode(const struct pk_file_event *file)
{
	switch (file->head.kind) {
	case PK_EVENT_CHMOD:
	case PK_EVENT_MKDIR:
	case PK_EVENT_MKNOD:
		return true;
	case PK_EVENT_OPEN:
		return file->file_flags & PK_FILE_CREATED;
	default:
		return false;
	}
}

static void put_inode(struct pk_jw *w, const struct pk_file_event *file)
{
	const struct pk_inode *inode = &file->inode;
	bool known = inode->ino || inode->mode;

	if (known) {
		pk_jw_field_u64(w, "inode", inode->ino);
		pk_jw_lit(w, ",\"dev\":");
		pk_jw_dev(w, inode->dev);
		pk_json_field_name(w, "type", pk_file_type_name(inode->mode));
	}
	if (known || has_own_mode(file)) {
		pk_jw_lit(w, ",\"mode\":");
		pk_jw_mode(w, has_own_mode(file) ? file->mode : inode->mode);
	}
	if (known) {
		pk_jw_field_u64(w, "uid", inode->uid);
		pk_jw_field_u64(w, "gid", inode->gid);
		pk_jw_field_u64(w, "nlink", inode->nlink);
	}
	if (S_ISCHR(inode->mode) || S_ISBLK(inode->mode)) {
		pk_jw_lit(w, ",\"rdev\":");
		pk_jw_dev(w, inode->rdev);
	}
}

/* The members of an array: names of the flags set; groups come before their parts. */
static void put_flag_names(struct pk_jw *w, __u32 flags, const struct pk_flag_name *names)
{
	for (; names->name; names++) {
		if ((flags & names->bits) != names->bits)
			continue;
		*w->p++ = ',';
		pk_json_name(w, names->name);
		flags &= ~names->bits;
	}
}

static void put_open(struct pk_jw *w, const struct pk_file_event *file)
{
	size_t array;

	pk_jw_lit(w, ",\"flags\":");
	array = pk_jw_open(w);
	*w->p++ = ',';
	pk_json_name(w, pk_open_access_name(file->open_flags));
	put_flag_names(w, file->open_flags, pk_open_flag_names);
	pk_jw_close_array(w, array);
	if (file->file_flags & PK_FILE_CREATED)
		pk_jw_field_true(w, "created");
	if (file->file_flags & PK_FILE_TMPFILE)
		pk_jw_field_true(w, "tmpfile");
}

static void put_rename_flags(struct pk_jw *w, const struct pk_file_event *file)
{
	size_t array;

	if (!file->open_flags)
		return;
	pk_jw_lit(w, ",\"flags\":");
	array = pk_jw_open(w);
	put_flag_names(w, file->open_flags, pk_rename_flag_names);
	pk_jw_close_array(w, array);
}

/* What only some kinds of file events have. */
static void put_file_change(struct pk_jw *w, const struct pk_file_event *file)
{
	switch (file->head.kind) {
	case PK_EVENT_OPEN:
		put_open(w, file);
		break;
	case PK_EVENT_RENAME:
		put_rename_flags(w, file);
		break;
	case PK_EVENT_SYMLINK:
		pk_jw_field_text(w, "target", pk_record_text(file, file->target));
		break;
	case PK_EVENT_CHOWN:
		if (file->old_uid == PK_OWNER_UNKNOWN)
			break;
		pk_jw_field_u64(w, "old_uid", file->old_uid);
		pk_jw_field_u64(w, "old_gid", file->old_gid);
		break;
	case PK_EVENT_TRUNCATE:
		pk_jw_field_u64(w, "size", file->size_bytes);
		break;
	default:
		break;
	}
}

void pk_json_file(struct pk_json_job *job)
{
	const struct pk_file_event *file = (const struct pk_file_event *)job->view->event;
	struct pk_jw *w = &job->w;
	size_t object;

	pk_jw_lit(w, ",\"file\":");
	object = pk_jw_open(w);
	pk_json_path(job, &pk_json_no_prefix, &file->path, file->inode.dev);
	pk_json_markers(w, &pk_json_no_prefix, file->path.flags);
	pk_json_path(job, &new_prefix, &file->path2, file->inode.dev);
	pk_json_markers(w, &new_prefix, file->path2.flags);
	put_inode(w, file);
	put_file_change(w, file);
	pk_jw_close_object(w, object);
}

/* ---- network ---- */

/* A name, or the number in quotes where there is none. */
static void put_name_or_number(struct pk_jw *w, const char *name, __u32 number)
{
	if (name) {
		pk_json_name(w, name);
		return;
	}
	*w->p++ = '"';
	pk_jw_u64(w, number);
	*w->p++ = '"';
}

static void put_endpoint(struct pk_jw *w, __u32 family, const __u8 address[16], __u16 port)
{
	pk_jw_lit(w, "{\"address\":");
	if (family == AF_INET)
		pk_jw_ipv4(w, address);
	else
		pk_jw_ipv6(w, address);
	pk_jw_field_u64(w, "port", port);
	*w->p++ = '}';
}

static void put_inet(struct pk_jw *w, const struct pk_net_event *net)
{
	pk_jw_lit(w, ",\"protocol\":");
	put_name_or_number(w, pk_protocol_name(net->protocol), net->protocol);
	if (net->net_flags & PK_NET_HAS_LOCAL) {
		pk_jw_lit(w, ",\"local\":");
		put_endpoint(w, net->family, net->local_addr, net->local_port);
	}
	if (net->net_flags & PK_NET_HAS_REMOTE) {
		pk_jw_lit(w, ",\"remote\":");
		put_endpoint(w, net->family, net->remote_addr, net->remote_port);
	}
}

/* The socket's file if it is known, else the name as the program gave it. */
static void put_unix(struct pk_json_job *job, const struct pk_net_event *net)
{
	struct pk_text name = pk_record_text(net, net->sun_path);
	struct pk_jw *w = &job->w;

	if (net->net_flags & PK_NET_ABSTRACT) {
		pk_jw_field_text(w, "abstract", name);
	} else if (net->path.name.len) {
		pk_json_path(job, &pk_json_no_prefix, &net->path, net->path_dev);
		pk_json_markers(w, &pk_json_no_prefix, net->path.flags);
		if (name.len && !same_text(name, pk_record_path(net, &net->path)))
			pk_jw_field_text(w, "sun_path", name);
	} else if (name.len) {
		pk_jw_field_text(w, "path", name);
		pk_jw_field_true(w, "unresolved");
	}
	if (net->net_flags & PK_NET_UNNAMED)
		pk_jw_field_true(w, "unnamed");
}

void pk_json_net(struct pk_json_job *job)
{
	const struct pk_net_event *net = (const struct pk_net_event *)job->view->event;
	struct pk_jw *w = &job->w;
	size_t object;

	pk_jw_lit(w, ",\"network\":");
	object = pk_jw_open(w);
	pk_jw_lit(w, ",\"family\":");
	put_name_or_number(w, pk_family_name(net->family), net->family);
	pk_jw_lit(w, ",\"type\":");
	put_name_or_number(w, pk_socket_type_name(net->sock_type), net->sock_type);
	if (net->family == AF_INET || net->family == AF_INET6)
		put_inet(w, net);
	else if (net->family == AF_UNIX)
		put_unix(job, net);
	if (net->head.kind == PK_EVENT_LISTEN) {
		pk_jw_lit(w, ",\"backlog\":");
		pk_jw_s32(w, net->backlog);
	}
	if (net->head.kind == PK_EVENT_DUP)
		pk_jw_field_u64(w, "new_fd", net->new_fd);
	if (net->net_ns)
		pk_jw_field_u64(w, "net_ns", net->net_ns);
	if (net->sock_ino)
		pk_jw_field_u64(w, "socket_inode", net->sock_ino);
	pk_jw_close_object(w, object);
}
