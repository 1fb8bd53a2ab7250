// SPDX-License-Identifier: Apache-2.0
/*
 * Bodies of test events.
 */
#include "cli/test_body.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "stream/names.h"

#define AT(type, field) (uint16_t) offsetof(struct type, field), sizeof(((struct type *)0)->field)
#define SUN_PATH_MAX 108u
#define TEST_DEV (8u << 20 | 1u)
#define TEST_INO 1000u

static void too_long(struct pk_keys *keys)
{
	pk_yaml_diag(keys->ctx, PK_DIAG_ERROR, keys->map, NULL,
		     "'%s' has more text than an event can hold", keys->what);
}

static void add(struct pk_record *record, struct pk_keys *keys, struct pk_str *str,
		const void *data, size_t len)
{
	if (pk_record_add(record, str, data, len))
		too_long(keys);
}

/* ---- paths ---- */

/* A path with its marks: the keys begin with the prefix's words. */
struct prefix {
	const char *path, *host_path;
	const char *truncated, *outside, *deleted, *unresolved, *pseudo, *unreadable;
};

static const struct prefix no_prefix = { "path",    "host_path",  "truncated", "outside_root",
					 "deleted", "unresolved", "pseudo",    "unreadable" };
static const struct prefix new_prefix = { "new_path",         "new_host_path", "new_truncated",
					  "new_outside_root", "new_deleted",   "new_unresolved",
					  "new_pseudo",       "new_unreadable" };
static const struct prefix cwd_prefix = { "cwd",           "cwd_host_path",
					  "cwd_truncated", "cwd_outside_root",
					  "cwd_deleted",   "cwd_unresolved",
					  "cwd_pseudo",    "cwd_unreadable" };
static const struct prefix interpreter_prefix = {
	"interpreter",           "interpreter_host_path",
	"interpreter_truncated", "interpreter_outside_root",
	"interpreter_deleted",   "interpreter_unresolved",
	"interpreter_pseudo",    "interpreter_unreadable"
};

static const struct prefix old_prefix = { "old_path",         "old_host_path", "old_truncated",
					  "old_outside_root", "old_deleted",   "old_unresolved",
					  "old_pseudo",       "old_unreadable" };

static bool take_path(struct pk_record *record, struct pk_keys *keys, const struct prefix *prefix,
		      struct pk_path *path)
{
	const struct {
		const char *key;
		__u32 flag;
	} marks[] = {
		{ prefix->truncated, PK_PATH_TRUNCATED },
		{ prefix->outside, PK_PATH_OUTSIDE },
		{ prefix->deleted, PK_PATH_DELETED },
		{ prefix->unresolved, PK_PATH_ARGUMENT },
		{ prefix->pseudo, PK_PATH_PSEUDO },
		{ prefix->unreadable, PK_PATH_UNREADABLE },
	};
	struct pk_text text = { 0 };
	bool there = pk_keys_text(keys, prefix->path, &text);

	pk_keys_take(keys, prefix->host_path); /* what a printed event has; nothing asks for it */
	if (there && text.len > PK_PATH_MAX) {
		too_long(keys);
		return false;
	}
	if (there)
		add(record, keys, &path->name, text.data, text.len);
	path->flags = record->u.event.mnt_ns == PK_TEST_MNT_NS ? PK_PATH_HOST_NS : 0;
	for (size_t i = 0; i < PK_ARRAY_SIZE(marks); i++) {
		if (pk_keys_flag(keys, marks[i].key))
			path->flags |= marks[i].flag;
	}
	return there;
}

void pk_test_path(struct pk_record *record, struct pk_keys *keys, enum pk_test_path which,
		  struct pk_path *path)
{
	static const struct prefix *const prefixes[] = {
		[PK_TEST_PATH] = &no_prefix,
		[PK_TEST_NEW_PATH] = &new_prefix,
		[PK_TEST_OLD_PATH] = &old_prefix,
	};

	/* no path at all is none, and not one that could not be read */
	if (!take_path(record, keys, prefixes[which], path))
		path->flags &= ~PK_PATH_HOST_NS;
}

/* ---- exec ---- */

static const struct pk_keys_number image_numbers[] = {
	{ "suid", PK_KEYS_DECIMAL, AT(pk_exec_event, suid) },
	{ "sgid", PK_KEYS_DECIMAL, AT(pk_exec_event, sgid) },
	{ "fsuid", PK_KEYS_DECIMAL, AT(pk_exec_event, fsuid) },
	{ "fsgid", PK_KEYS_DECIMAL, AT(pk_exec_event, fsgid) },
	{ "login_uid", PK_KEYS_DECIMAL, AT(pk_exec_event, login_uid) },
	{ "audit_session", PK_KEYS_DECIMAL, AT(pk_exec_event, session_id) },
	{ "cap_effective", PK_KEYS_HEX, AT(pk_exec_event, cap_effective) },
	{ "cap_permitted", PK_KEYS_HEX, AT(pk_exec_event, cap_permitted) },
	{ "cap_inheritable", PK_KEYS_HEX, AT(pk_exec_event, cap_inheritable) },
	{ "sid", PK_KEYS_DECIMAL, AT(pk_exec_event, sid) },
	{ "pgid", PK_KEYS_DECIMAL, AT(pk_exec_event, pgid) },
	{ "args_bytes", PK_KEYS_DECIMAL, AT(pk_exec_event, args_bytes) },
	{ NULL },
};

static const struct pk_keys_number inode_numbers[] = {
	{ "inode", PK_KEYS_DECIMAL, AT(pk_inode, ino) },
	{ "dev", PK_KEYS_DEVICE, AT(pk_inode, dev) },
	{ "uid", PK_KEYS_DECIMAL, AT(pk_inode, uid) },
	{ "gid", PK_KEYS_DECIMAL, AT(pk_inode, gid) },
	{ "nlink", PK_KEYS_DECIMAL, AT(pk_inode, nlink) },
	{ "rdev", PK_KEYS_DEVICE, AT(pk_inode, rdev) },
	{ NULL },
};

/* A list of texts, each with a NUL behind it. False: there is none. */
static bool take_texts(struct pk_record *record, struct pk_keys *keys, const char *key,
		       struct pk_str *ret)
{
	const struct pk_yaml_node *texts = pk_keys_take(keys, key);
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;

	if (!texts)
		return false;
	if (texts->kind != PK_YAML_SEQUENCE) {
		pk_yaml_diag(keys->ctx, PK_DIAG_ERROR, texts, NULL, "'%s' wants a list%s", key,
			     !strcmp(key, "args") ? ", the program's name first" : "");
		return false;
	}
	for (const struct pk_yaml_pair *item = texts->first; item; item = item->next) {
		if (item->value->kind != PK_YAML_SCALAR) {
			pk_yaml_diag(keys->ctx, PK_DIAG_ERROR, item->value, NULL,
				     !strcmp(key, "args") ? "an argument is a text" :
							    "a variable is a text");
			return false;
		}
		/* with the NUL behind it */
		if (pk_buf_add(&buf, item->value->text.data, item->value->text.len_bytes + 1)) {
			too_long(keys);
			return false;
		}
	}
	if (buf.len_bytes > PK_ARGS_MAX) {
		too_long(keys);
		return false;
	}
	add(record, keys, ret, buf.data, buf.len_bytes);
	return true;
}

static void take_args(struct pk_record *record, struct pk_keys *keys)
{
	struct pk_exec_event *exec = &record->u.exec;

	if (take_texts(record, keys, "args", &exec->args))
		exec->args_bytes = exec->args.len;
	/* without: nobody had asked for it */
	if (take_texts(record, keys, "env", &exec->env))
		exec->exec_flags |= PK_EXEC_ENV;
}

static void take_exec_flags(struct pk_keys *keys, struct pk_exec_event *exec)
{
	static const struct {
		const char *key;
		__u32 flag;
	} flags[] = {
		{ "args_truncated", PK_EXEC_ARGS_TRUNCATED },
		{ "args_unreadable", PK_EXEC_ARGS_UNREADABLE },
		{ "memfd", PK_EXEC_MEMFD },
		{ "secure", PK_EXEC_SECURE },
	};

	for (size_t i = 0; i < PK_ARRAY_SIZE(flags); i++) {
		if (pk_keys_flag(keys, flags[i].key))
			exec->exec_flags |= flags[i].flag;
	}
}

/* pts/3, tty1 or major:minor */
static void take_tty(struct pk_keys *keys, __u32 *tty)
{
	static const struct {
		const char *prefix;
		__u64 base;
	} kinds[] = { { "pts/", 136u << 20 }, { "ttyS", 4u << 20 | 64u }, { "tty", 4u << 20 } };
	struct pk_text text;
	uint64_t number;

	if (!pk_keys_text(keys, "tty", &text))
		return;
	if (pk_keys_parse(text.data, text.len, PK_KEYS_DEVICE, &number) ||
	    (text.len == 1 && text.data[0] == '0' && !(number = 0))) {
		*tty = (__u32)number;
		return;
	}
	for (size_t i = 0; i < PK_ARRAY_SIZE(kinds); i++) {
		size_t len = strlen(kinds[i].prefix);

		if (text.len <= len || memcmp(text.data, kinds[i].prefix, len) != 0 ||
		    !pk_keys_parse(text.data + len, text.len - len, PK_KEYS_DECIMAL, &number) ||
		    number >= 1u << 20)
			continue;
		*tty = (__u32)(kinds[i].base + number);
		return;
	}
	pk_yaml_diag(keys->ctx, PK_DIAG_ERROR, keys->map, NULL,
		     "'tty' wants pts/NUMBER, ttyNUMBER or major:minor");
}

static void take_namespaces(struct pk_keys *keys, struct pk_exec_event *exec)
{
	static const struct pk_keys_number numbers[] = {
		{ "pid", PK_KEYS_DECIMAL, AT(pk_exec_event, pid_ns) },
		{ "net", PK_KEYS_DECIMAL, AT(pk_exec_event, net_ns) },
		{ "user", PK_KEYS_DECIMAL, AT(pk_exec_event, user_ns) },
		{ "cgroup", PK_KEYS_DECIMAL, AT(pk_exec_event, cgroup_ns) },
		{ NULL },
	};
	struct pk_keys inner;

	pk_keys_init(&inner, keys->ctx, pk_keys_take(keys, "namespaces"), "namespaces");
	pk_keys_numbers(&inner, numbers, exec);
	pk_keys_end(&inner);
}

/* The name it is called by: what was asked for, its first argument, the file. */
static void default_filename(struct pk_record *record, struct pk_keys *keys)
{
	struct pk_exec_event *exec = &record->u.exec;
	const struct pk_path *path = exec->script.name.len ? &exec->script : &exec->exe;
	struct pk_text text;

	if (pk_keys_text(keys, "filename", &text)) {
		add(record, keys, &exec->filename, text.data, text.len);
		return;
	}
	text = pk_record_text(record, path->name);
	add(record, keys, &exec->filename, text.data, text.len);
}

void pk_test_image(struct pk_record *record, struct pk_keys *keys)
{
	struct pk_exec_event *exec = &record->u.exec;
	const struct pk_event *head = &exec->head;
	uint64_t mode;

	exec->suid = exec->fsuid = head->euid;
	exec->sgid = exec->fsgid = head->egid;
	exec->login_uid = exec->session_id = ~0u;
	exec->sid = exec->pgid = head->pid;
	exec->exe_inode = (struct pk_inode){
		.ino = TEST_INO, .dev = TEST_DEV, .mode = S_IFREG | 0755, .nlink = 1
	};
	if (take_path(record, keys, &interpreter_prefix, &exec->exe)) {
		exec->exec_flags |= PK_EXEC_SCRIPT;
		take_path(record, keys, &no_prefix, &exec->script);
	} else {
		take_path(record, keys, &no_prefix, &exec->exe);
	}
	if ((exec->exe.flags | exec->script.flags) & PK_PATH_DELETED)
		exec->exec_flags |= PK_EXEC_DELETED;
	pk_keys_numbers(keys,
			(const struct pk_keys_number[]){
				inode_numbers[0], inode_numbers[1], { NULL } },
			&exec->exe_inode);
	if (pk_keys_number(keys, "mode", PK_KEYS_OCTAL, &mode))
		exec->exe_inode.mode = S_IFREG | (mode & 07777);
	take_path(record, keys, &cwd_prefix, &exec->cwd);
	default_filename(record, keys);
	take_args(record, keys);
	take_exec_flags(keys, exec);
	pk_keys_numbers(keys, image_numbers, exec);
	if (!pk_keys_take(keys, "cap_permitted"))
		exec->cap_permitted = exec->cap_effective;
	take_tty(keys, &exec->tty);
	take_namespaces(keys, exec);
	pk_keys_take(keys, "ancestors");
}

/* ---- files ---- */

void pk_test_inode(struct pk_keys *keys, struct pk_inode *inode)
{
	pk_keys_numbers(keys, inode_numbers, inode);
}

static bool flag_of(const struct pk_flag_name *names, const char *word, size_t len, __u32 *ret_bits)
{
	for (; names->name; names++) {
		if (strlen(names->name) == len && memcmp(names->name, word, len) == 0) {
			*ret_bits = names->bits;
			return true;
		}
	}
	return false;
}

static void add_flag(struct pk_keys *keys, const struct pk_yaml_node *node, __u32 kind,
		     const char *word, size_t len, __u32 *flags)
{
	__u32 bits = 0;

	for (__u32 access = 0; kind == PK_EVENT_OPEN && access < 4; access++) {
		const char *name = pk_open_access_name(access);

		if (strlen(name) == len && memcmp(name, word, len) == 0) {
			*flags = (*flags & ~(__u32)O_ACCMODE) | access;
			return;
		}
	}
	if (!flag_of(kind == PK_EVENT_RENAME ? pk_rename_flag_names : pk_open_flag_names, word, len,
		     &bits))
		pk_yaml_diag(keys->ctx, PK_DIAG_ERROR, node, NULL, "unknown flag '%.*s'", (int)len,
			     word);
	*flags |= bits;
}

/* "O_RDWR|O_CREAT", or a list of names. */
static void take_flags(struct pk_keys *keys, __u32 kind, __u32 *flags)
{
	const struct pk_yaml_node *node;

	if (kind != PK_EVENT_OPEN && kind != PK_EVENT_RENAME)
		return;
	node = pk_keys_take(keys, "flags");
	if (node && node->kind == PK_YAML_SEQUENCE) {
		for (const struct pk_yaml_pair *item = node->first; item; item = item->next)
			add_flag(keys, item->value, kind, item->value->text.data,
				 item->value->kind == PK_YAML_SCALAR ? item->value->text.len_bytes :
								       0,
				 flags);
	} else if (node && node->kind == PK_YAML_SCALAR) {
		for (const char *p = node->text.data; *p;) {
			size_t len = strcspn(p, "| ,");

			if (len)
				add_flag(keys, node, kind, p, len, flags);
			p += len + (p[len] != '\0');
		}
	} else if (node) {
		pk_yaml_diag(keys->ctx, PK_DIAG_ERROR, node, NULL, "'flags' wants names of flags");
	}
}

static __u32 default_mode(__u32 kind)
{
	if (kind == PK_EVENT_MKDIR || kind == PK_EVENT_RMDIR)
		return S_IFDIR | 0755;
	if (kind == PK_EVENT_SYMLINK)
		return S_IFLNK | 0777;
	return S_IFREG | 0644;
}

static const char *type_of(uint32_t number)
{
	return number ? pk_file_type_name(number << 12) : NULL;
}

static void take_mode(struct pk_keys *keys, struct pk_file_event *file)
{
	const __u32 kind = file->head.kind;
	uint64_t mode;
	uint32_t type;

	if (pk_keys_word(keys, "type", type_of, 16, &type))
		file->inode.mode = (file->inode.mode & ~(__u32)S_IFMT) | type << 12;
	if (pk_keys_number(keys, "mode", PK_KEYS_OCTAL, &mode))
		file->inode.mode = (file->inode.mode & S_IFMT) | ((__u32)mode & 07777);
	if (kind == PK_EVENT_CHMOD || kind == PK_EVENT_MKDIR || kind == PK_EVENT_MKNOD ||
	    file->file_flags & PK_FILE_CREATED)
		file->mode = file->inode.mode & 07777;
}

void pk_test_file(struct pk_record *record, struct pk_keys *keys)
{
	static const struct pk_keys_number owner[] = {
		{ "old_uid", PK_KEYS_DECIMAL, AT(pk_file_event, old_uid) },
		{ "old_gid", PK_KEYS_DECIMAL, AT(pk_file_event, old_gid) },
		{ NULL },
	};
	static const struct pk_keys_number size[] = {
		{ "size", PK_KEYS_DECIMAL, AT(pk_file_event, size_bytes) },
		{ NULL },
	};
	struct pk_file_event *file = &record->u.file;
	const __u32 kind = file->head.kind;
	struct pk_text text;

	file->inode = (struct pk_inode){
		.ino = TEST_INO, .dev = TEST_DEV, .mode = default_mode(kind), .nlink = 1
	};
	take_path(record, keys, &no_prefix, &file->path);
	if (kind == PK_EVENT_RENAME || kind == PK_EVENT_LINK)
		take_path(record, keys, &new_prefix, &file->path2);
	pk_keys_numbers(keys, inode_numbers, &file->inode);
	take_flags(keys, kind, &file->open_flags);
	if (kind == PK_EVENT_OPEN && pk_keys_flag(keys, "created"))
		file->file_flags |= PK_FILE_CREATED;
	if (kind == PK_EVENT_OPEN && pk_keys_flag(keys, "tmpfile"))
		file->file_flags |= PK_FILE_TMPFILE;
	take_mode(keys, file);
	if (kind == PK_EVENT_OPEN && pk_keys_text(keys, "asked", &text))
		add(record, keys, &file->asked, text.data, text.len);
	if (kind == PK_EVENT_SYMLINK && pk_keys_text(keys, "target", &text))
		add(record, keys, &file->target, text.data, text.len);
	if (kind == PK_EVENT_CHOWN) {
		file->old_uid = file->old_gid = PK_OWNER_UNKNOWN;
		pk_keys_numbers(keys, owner, file);
	}
	if (kind == PK_EVENT_TRUNCATE)
		pk_keys_numbers(keys, size, file);
}

/* ---- network ---- */

static void take_end(struct pk_keys *keys, const char *name, __u32 *family, __u8 addr[16],
		     __u16 *port, __u32 *net_flags, __u32 flag)
{
	static const struct pk_keys_number numbers[] = { { "port", PK_KEYS_DECIMAL, 0, 2 },
							 { NULL } };
	const struct pk_yaml_node *node = pk_keys_take(keys, name);
	struct pk_keys inner;
	struct pk_text text;

	if (!node)
		return;
	*net_flags |= flag;
	pk_keys_init(&inner, keys->ctx, node, name);
	pk_keys_numbers(&inner, numbers, port);
	if (pk_keys_text(&inner, "address", &text)) {
		bool v6 = memchr(text.data, ':', text.len) != NULL;

		if (!*family)
			*family = v6 ? AF_INET6 : AF_INET;
		if ((*family == AF_INET6) != v6 || inet_pton((int)*family, text.data, addr) != 1)
			pk_yaml_diag(keys->ctx, PK_DIAG_ERROR, node, NULL,
				     "'%s' has a bad address '%s'", name, text.data);
	}
	pk_keys_end(&inner);
}

static void take_unix(struct pk_record *record, struct pk_keys *keys)
{
	struct pk_net_event *net = &record->u.net;
	struct pk_text text;

	if (take_path(record, keys, &no_prefix, &net->path))
		net->family = AF_UNIX;
	if (pk_keys_text(keys, "abstract", &text)) {
		net->family = AF_UNIX;
		net->net_flags |= PK_NET_ABSTRACT;
		add(record, keys, &net->sun_path, text.data, text.len);
	} else if (pk_keys_text(keys, "sun_path", &text)) {
		add(record, keys, &net->sun_path, text.data, text.len);
	} else if (net->path.name.len) {
		text = pk_record_text(record, net->path.name);
		add(record, keys, &net->sun_path, text.data,
		    text.len < SUN_PATH_MAX ? text.len : SUN_PATH_MAX);
	}
	if (pk_keys_flag(keys, "unnamed"))
		net->net_flags |= PK_NET_UNNAMED;
}

/* As wide as any socket call's: tcp for streams, udp for datagrams. */
static __u32 default_protocol(const struct pk_net_event *net)
{
	if (net->family != AF_INET && net->family != AF_INET6)
		return 0;
	return net->sock_type == SOCK_DGRAM ? IPPROTO_UDP : IPPROTO_TCP;
}

void pk_test_network(struct pk_record *record, struct pk_keys *keys)
{
	static const struct pk_keys_number numbers[] = {
		{ "net_ns", PK_KEYS_DECIMAL, AT(pk_net_event, net_ns) },
		{ "socket_inode", PK_KEYS_DECIMAL, AT(pk_net_event, sock_ino) },
		{ "backlog", PK_KEYS_DECIMAL, AT(pk_net_event, backlog) },
		{ "new_fd", PK_KEYS_DECIMAL, AT(pk_net_event, new_fd) },
		{ NULL },
	};
	struct pk_net_event *net = &record->u.net;

	net->sock_type = net->head.kind == PK_EVENT_SEND ? SOCK_DGRAM : SOCK_STREAM;
	pk_keys_word(keys, "family", pk_family_name, 64, &net->family);
	pk_keys_word(keys, "type", pk_socket_type_name, 16, &net->sock_type);
	take_end(keys, "local", &net->family, net->local_addr, &net->local_port, &net->net_flags,
		 PK_NET_HAS_LOCAL);
	take_end(keys, "remote", &net->family, net->remote_addr, &net->remote_port, &net->net_flags,
		 PK_NET_HAS_REMOTE);
	take_unix(record, keys);
	net->protocol = default_protocol(net);
	pk_keys_word(keys, "protocol", pk_protocol_name, 512, &net->protocol);
	pk_keys_numbers(keys, numbers, net);
	if (!net->family)
		pk_yaml_diag(keys->ctx, PK_DIAG_ERROR, keys->map, NULL,
			     "'network' wants a family, an address or a path");
}

/* ---- exit ---- */

static const char *signal_of(uint32_t number)
{
	return pk_signal_name(number);
}

void pk_test_exit(struct pk_record *record, struct pk_keys *keys)
{
	static const struct pk_keys_number numbers[] = {
		{ "user_ns", PK_KEYS_DECIMAL, AT(pk_exit_event, user_ns) },
		{ "system_ns", PK_KEYS_DECIMAL, AT(pk_exit_event, system_ns) },
		{ "cpu_ns", PK_KEYS_DECIMAL, AT(pk_exit_event, cpu_ns) },
		{ "max_rss_kib", PK_KEYS_DECIMAL, AT(pk_exit_event, max_rss_kib) },
		{ "minor_faults", PK_KEYS_DECIMAL, AT(pk_exit_event, minor_faults) },
		{ "major_faults", PK_KEYS_DECIMAL, AT(pk_exit_event, major_faults) },
		{ NULL },
	};
	struct pk_exit_event *exit = &record->u.exit;
	uint64_t number = 0;
	uint32_t signal;

	if (pk_keys_number(keys, "code", PK_KEYS_DECIMAL, &number))
		exit->status = ((__u32)number & 0xff) << 8;
	if (pk_keys_number(keys, "signal", PK_KEYS_DECIMAL, &number))
		exit->status = (__u32)number & 0x7f;
	if (pk_keys_word(keys, "signal_name", signal_of, 65, &signal))
		exit->status = signal;
	if (pk_keys_flag(keys, "core_dumped"))
		exit->status |= 0x80;
	pk_keys_numbers(keys, numbers, exit);
}
