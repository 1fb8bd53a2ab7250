/* SPDX-License-Identifier: Apache-2.0 */
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

#define L50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

const char *const model_names[] = {
	"bash", "sh", "sshd", "nginx", "cat", "a", "systemd-journal", "python3", "cat1"
};
const size_t model_names_cnt = PK_ARRAY_SIZE(model_names);
const char *const model_paths[] = {
	"/",
	"/etc",
	"/etc/passwd",
	"/etc/passwd-",
	"/etc/ssh/sshd_config",
	"/etc/ssh",
	"/usr/bin/cat",
	"/usr/bin/bash",
	"/bin/sh",
	"/tmp/x",
	"/tmp/x.so.1",
	"/root/.ssh/authorized_keys",
	"/var/lib/docker/overlay2/" L50 "/merged/etc/passwd",
	"/very/" L50 L50 L50 L50 L50 "/long",
};
const size_t model_paths_cnt = PK_ARRAY_SIZE(model_paths);
const char *const model_args[] = { "-c",   "-x", "--flag=1", "/etc/passwd", "id",
				   "http", "a",  "AbC",      "1000" };
const size_t model_args_cnt = PK_ARRAY_SIZE(model_args);
const __u8 model_addrs[MODEL_ADDR_CNT][16] = {
	{ [10] = 0xff, 0xff, 10, 0, 0, 1 },   { [10] = 0xff, 0xff, 10, 1, 2, 3 },
	{ [10] = 0xff, 0xff, 127, 0, 0, 1 },  { [10] = 0xff, 0xff, 169, 254, 169, 254 },
	{ 0x20, 0x01, 0x0d, 0xb8, [15] = 1 },
};
const char *const model_ips[MODEL_ADDR_CNT] = { "10.0.0.1", "10.1.2.3", "127.0.0.1",
						"169.254.169.254", "2001:db8::1" };
const char *const model_nets[MODEL_ADDR_CNT] = { "10.0.0.0/8", "10.1.0.0/16", "127.0.0.0/8",
						 "169.254.169.254/32", "2001:db8::/32" };

const char *const model_tags[MODEL_TAG_CNT + 1] = { "seen", "t.1", "t-2", "seen3", "nobody" };

__u32 model_random(struct model_random *random, __u32 below)
{
	random->state = random->state * 6364136223846793005ull + 1442695040888963407ull;
	return (__u32)(random->state >> 33) % below;
}

const char *model_pick(struct model_random *random, const char *const *pool, size_t cnt)
{
	return pool[model_random(random, (__u32)cnt)];
}

static void text_set(struct model_text *text, const char *data)
{
	text->state = KNOWN;
	text->len = strlen(data);
	memcpy(text->data, data, text->len + 1);
}

/* ---- making ---- */

/* One of the pool, or something near to it; without two slashes one after the other, which no path of the
 * kernel's has. */
static void any_path(struct model_random *random, char *ret_path)
{
	const char *path = model_pick(random, model_paths, model_paths_cnt);
	const char *arg = model_pick(random, model_args, model_args_cnt);

	switch (model_random(random, 4)) {
	case 0:
		snprintf(ret_path, 1000, "%s%s", path, arg + (!path[1] && arg[0] == '/'));
		break;
	case 1:
		snprintf(ret_path, 1000, "%s/%s", path[1] ? path : "",
			 model_pick(random, model_names, model_names_cnt));
		break;
	default:
		snprintf(ret_path, 1000, "%s", path);
	}
}

static void make_args(struct model_proc *proc, struct model_random *random, const char *name)
{
	char rest[512] = "", line[1024];
	__u32 cnt = model_random(random, 4);
	const char *exe = model_random(random, 2) ?
				  name :
				  model_pick(random, model_paths, model_paths_cnt - 2);

	text_set(&proc->texts[PK_TEXT_EXE], exe);
	proc->args_bytes = strlen(exe) + 1;
	memcpy(proc->args, exe, proc->args_bytes);
	for (__u32 i = 0; i < cnt; i++) {
		const char *arg = model_pick(random, model_args, model_args_cnt);

		snprintf(rest + strlen(rest), sizeof(rest) - strlen(rest), "%s%s", i ? " " : "",
			 arg);
		memcpy(proc->args + proc->args_bytes, arg, strlen(arg) + 1);
		proc->args_bytes += strlen(arg) + 1;
	}
	text_set(&proc->texts[PK_TEXT_ARGS], rest);
	snprintf(line, sizeof(line), "%s%s%s", name, cnt ? " " : "", rest);
	text_set(&proc->texts[PK_TEXT_CMDLINE], line);
	snprintf(line, sizeof(line), "%s%s%s", exe, cnt ? " " : "", rest);
	text_set(&proc->texts[PK_TEXT_EXELINE], line);
}

static void make_proc(struct model_proc *proc, struct model_random *random, const char *name)
{
	char path[1000];

	any_path(random, path);
	text_set(&proc->texts[PK_TEXT_EXEPATH], path);
	text_set(&proc->texts[PK_TEXT_NAME], name);
	make_args(proc, random, name);
	proc->exec_flags = (model_random(random, 4) ? 0 : PK_EXEC_MEMFD) |
			   (model_random(random, 3) ? 0 : PK_EXEC_SCRIPT) |
			   (model_random(random, 3) << 6); /* upper layer, lower, not known */
	static_assert(PK_EXEC_UPPER == 1u << 6 && PK_EXEC_LOWER == 2u << 6, "above");
}

/* Mostly all is known, sometimes nothing, sometimes a part. */
static void make_escape(struct pk_event *head, struct model_random *random)
{
	__u32 known = PK_FLAGS_ESCAPE_KNOWN | PK_FLAG_CREDS_KNOWN;

	switch (model_random(random, 8)) {
	case 0:
		return;
	case 1:
		known &= model_random(random, PK_FLAGS_FOUND + 1);
		break;
	default:
		break;
	}
	head->flags |= known | (model_random(random, PK_FLAGS_FOUND + 1) & known << 1);
}

static void make_head(struct model *model, struct model_random *random)
{
	struct pk_event *head = &model->record.u.event;

	head->exec_id = 12345;
	head->cgroup_id = 77;
	model->tags = model_random(random, 1u << MODEL_TAG_CNT);
	model->container_tags = model_random(random, 3) ? model_random(random, 4) : 0;
	head->pid = head->tid = 1000 + model_random(random, 3);
	head->ppid = 1 + model_random(random, 3);
	head->ns_pid = model_random(random, 2) ? head->pid : 1;
	head->uid = model_random(random, 2) * 1000;
	head->euid = model_random(random, 2) * 1000;
	head->gid = head->uid;
	head->egid = head->euid;
	head->mnt_ns = MODEL_HOST_MNT_NS + model_random(random, 2);
	make_escape(head, random);
	strncpy(head->comm, model->names[0], sizeof(head->comm));
}

static void set_path(struct model *model, struct pk_path *path, struct model_text *text,
		     struct model_random *random)
{
	char whole[1100];
	char seen[1000];

	any_path(random, seen);
	text_set(text, seen);
	/* some processes are confined to a root of their own, and see only what is below */
	path->root_off = model_random(random, 3) ? 0 : 5;
	snprintf(whole, sizeof(whole), "%s%s", path->root_off ? "/jail" : "", seen);
	assert_int_equal(pk_record_add(&model->record, &path->name, whole, strlen(whole)), 0);
	if (model_random(random, 12))
		return;
	path->flags |= model_random(random, 2) ? PK_PATH_TRUNCATED : PK_PATH_UNREADABLE;
	text->state = UNKNOWN;
}

/* What stands before the last slash and behind it. */
static void split_name(struct model *model)
{
	const struct model_text *name = &model->texts[PK_TEXT_FD_NAME];
	const char *slash = strrchr(name->data, '/');
	char part[1024];

	snprintf(part, sizeof(part), "%.*s", slash == name->data ? 1 : (int)(slash - name->data),
		 name->data);
	text_set(&model->texts[PK_TEXT_FD_DIR], part);
	text_set(&model->texts[PK_TEXT_FD_FILE], slash + 1);
	model->texts[PK_TEXT_FD_DIR].state = name->state;
	model->texts[PK_TEXT_FD_FILE].state = name->state;
}

static void make_file(struct model *model, struct model_random *random, __u32 kind)
{
	static const __u32 types[] = { S_IFREG, S_IFDIR, S_IFCHR, S_IFIFO };
	static const __u32 flags[] = { 0, 1, 2, 0x241, 0x8000, 0x80042 };
	struct pk_file_event *file = &model->record.u.file;
	bool is_new = kind == PK_EVENT_SYMLINK || kind == PK_EVENT_MKDIR || kind == PK_EVENT_MKNOD;

	set_path(model, &file->path, &model->texts[PK_TEXT_FD_NAME], random);
	split_name(model);
	if (kind == PK_EVENT_RENAME || kind == PK_EVENT_LINK)
		set_path(model, &file->path2, &model->texts[PK_TEXT_NAME2], random);
	if (kind == PK_EVENT_OPEN && model_random(random, 2)) {
		struct model_text *asked = &model->texts[PK_TEXT_ASKED];

		text_set(asked, model_pick(random, model_paths, model_paths_cnt));
		pk_record_add(&model->record, &file->asked, asked->data, asked->len);
	}
	if (kind == PK_EVENT_SYMLINK) {
		text_set(&model->texts[PK_TEXT_TARGET],
			 model_pick(random, model_paths, model_paths_cnt));
		pk_record_add(&model->record, &file->target, model->texts[PK_TEXT_TARGET].data,
			      model->texts[PK_TEXT_TARGET].len);
	}
	file->open_flags = kind == PK_EVENT_OPEN ? flags[model_random(random, 6)] :
						   model_random(random, 3);
	file->file_flags = model_random(random, 2) ? PK_FILE_CREATED : 0;
	file->mode = model_random(random, 2) ? 0644 : 04755;
	if (is_new)
		return;
	file->inode.ino = 1 + model_random(random, 3);
	file->inode.dev = 1 << 20 | 3;
	file->inode.mode = types[model_random(random, 4)] | 0600;
	file->inode.rdev = 1u << 20 | model_random(random, 5);
	file->inode.uid = model_random(random, 2) * 1000;
}

static void make_addr(struct model_random *random, __u32 family, __u8 *ret_addr, __u16 *ret_port)
{
	static const __u16 ports[] = { 22, 53, 80, 443, 4444, 40000 };
	__u32 idx = family == AF_INET ? model_random(random, 4) : 4;

	memcpy(ret_addr, model_addrs[idx] + (family == AF_INET ? 12 : 0),
	       family == AF_INET ? 4 : 16);
	*ret_port = ports[model_random(random, 6)];
}

static void make_net(struct model *model, struct model_random *random, __u32 kind)
{
	static const __u32 families[] = { AF_INET, AF_INET, AF_INET6, AF_UNIX };
	struct pk_net_event *net = &model->record.u.net;

	net->family = families[model_random(random, 4)];
	net->sock_type = SOCK_STREAM;
	if (net->family == AF_UNIX) {
		set_path(model, &net->path, &model->texts[PK_TEXT_FD_NAME], random);
		split_name(model);
		return;
	}
	model->texts[PK_TEXT_FD_NAME].state = UNKNOWN;
	net->protocol = model_random(random, 2) ? 6 : 17;
	net->new_fd = kind == PK_EVENT_DUP ? model_random(random, 4) : 0;
	net->net_flags = PK_NET_HAS_LOCAL;
	make_addr(random, net->family, net->local_addr, &net->local_port);
	if ((kind == PK_EVENT_CONNECT || kind == PK_EVENT_SEND) && model_random(random, 2)) {
		memset(net->local_addr, 0, sizeof(net->local_addr));
		if (model_random(random, 2))
			net->local_port = 0;
	}
	if (kind == PK_EVENT_BIND || kind == PK_EVENT_LISTEN)
		return;
	net->net_flags |= PK_NET_HAS_REMOTE;
	make_addr(random, net->family, net->remote_addr, &net->remote_port);
}

/* Mostly there, sometimes nobody had asked for it. */
static void make_env(struct model *model, struct model_random *random)
{
	struct pk_exec_event *exec = &model->record.u.exec;
	struct model_text *env = &model->texts[PK_TEXT_ENV];
	const char *one = model_pick(random, model_paths, model_paths_cnt);
	char data[2048];
	int len = snprintf(data, sizeof(data), "%s%c%s", one, '\0', "cat");

	env->state = UNKNOWN;
	if (!model_random(random, 4))
		return;
	exec->exec_flags |= PK_EXEC_ENV;
	pk_record_add(&model->record, &exec->env, data, (size_t)len + 1);
	data[strlen(one)] = ' ';
	text_set(env, data);
}

static void make_exec(struct model *model, struct model_random *random)
{
	struct pk_exec_event *exec = &model->record.u.exec;
	const struct model_text *exe = &model->own.texts[PK_TEXT_EXEPATH];

	pk_record_add(&model->record, &exec->exe.name, exe->data, exe->len);
	pk_record_add(&model->record, &exec->args, model->own.args, model->own.args_bytes);
	exec->args_bytes = (__u32)model->own.args_bytes;
	exec->exec_flags = model->own.exec_flags;
	make_env(model, random);
	if (exec->exec_flags & PK_EXEC_SCRIPT)
		set_path(model, &exec->script, &model->texts[PK_TEXT_FD_NAME], random);
}

static void sys_text(struct model *model, struct pk_str *str, struct model_text *text,
		     __u32 unknown, struct model_random *random)
{
	struct pk_sys_event *sys = &model->record.u.sys;

	switch (model_random(random, 8)) {
	case 0:
		text->state = UNKNOWN;
		sys->sys_flags |= unknown;
		return;
	case 1:
		return;
	default:
		text_set(text, model_pick(random, model_names, model_names_cnt));
		pk_record_add(&model->record, str, text->data, text->len);
	}
}

/* Whatever the kind has: fields ask for what it has. */
static void make_sys(struct model *model, struct model_random *random)
{
	static const __u64 args[] = { 0, 1, 2, 3, 22, 1000, 0x1001, 0x8000, 4096 };
	struct pk_sys_event *sys = &model->record.u.sys;

	if (model_random(random, 8))
		set_path(model, &sys->path, &model->texts[PK_TEXT_FD_NAME], random);
	if (model_random(random, 2))
		set_path(model, &sys->path2, &model->texts[PK_TEXT_NAME2], random);
	else
		sys_text(model, &sys->text2, &model->texts[PK_TEXT_NAME2], PK_SYS_TEXT2_UNKNOWN,
			 random);
	sys_text(model, &sys->text, &model->texts[PK_TEXT_TARGET], PK_SYS_TEXT_UNKNOWN, random);
	for (__u32 i = 0; i < PK_SYS_ARGS; i++) {
		sys->arg[i] = args[model_random(random, PK_ARRAY_SIZE(args))];
		if (!model_random(random, 16))
			sys->sys_flags |= PK_SYS_ARG_UNKNOWN(i);
	}
	if (model_random(random, 2))
		return;
	sys->target_pid = 1 + model_random(random, 3);
	sys->target_uid = model_random(random, 2) * 1000;
}

void model_make(struct model *model, struct model_random *random, __u32 kind)
{
	memset(model, 0, sizeof(*model));
	for (size_t i = 0; i < PK_TEXT_CNT; i++)
		model->texts[i].state = MISSING;
	for (size_t i = 0; i < PK_TEXT_PROC_CNT; i++)
		model->parent.texts[i].state = MISSING;
	model->name_cnt = 1 + model_random(random, MODEL_NAMES);
	for (__u32 i = 0; i < model->name_cnt; i++)
		snprintf(model->names[i], sizeof(model->names[i]), "%s",
			 model_pick(random, model_names, model_names_cnt));
	make_proc(&model->own, random, model->names[0]);
	if (model->name_cnt > 1)
		make_proc(&model->parent, random, model->names[1]);
	model->facts_known = kind == PK_EVENT_EXEC || model_random(random, 8);
	for (size_t i = 0; !model->facts_known && i < PK_TEXT_PROC_CNT; i++)
		model->own.texts[i].state = model->parent.texts[i].state = UNKNOWN;
	model->container_known = model_random(random, 8);
	model->container = model_random(random, 16);
	pk_record_init(&model->record, kind);
	make_head(model, random);
	model->is_helper = model->container_known && model->container &&
			   model->record.u.event.mnt_ns == MODEL_HOST_MNT_NS &&
			   !(model->record.u.event.flags & PK_FLAGS_ESCAPE_SO);
	if (kind == PK_EVENT_EXEC)
		make_exec(model, random);
	else if (kind >= PK_EVENT_OPEN && kind <= PK_EVENT_TRUNCATE)
		make_file(model, random, kind);
	else if ((kind >= PK_EVENT_CONNECT && kind <= PK_EVENT_SEND) || kind == PK_EVENT_DUP)
		make_net(model, random, kind);
	else if (kind >= PK_EVENT_DO_MOUNT)
		make_sys(model, random);
	pk_record_finish(&model->record);
}

/* ---- as a feed ---- */

static void feed_texts(struct pk_feed_text *to, const struct model_text *from)
{
	for (size_t i = 0; i < PK_TEXT_PROC_CNT; i++) {
		to[i].state = from[i].state;
		to[i].len_bytes = (__u32)from[i].len;
		memcpy(to[i].data, from[i].data, from[i].len);
	}
}

void model_feed(const struct model *model, bool of_parent, struct pk_feed *ret_feed)
{
	memset(ret_feed, 0, sizeof(*ret_feed));
	for (__u32 i = of_parent; i < model->name_cnt; i++)
		memcpy(ret_feed->names[ret_feed->name_cnt++], model->names[i], 16);
	feed_texts(ret_feed->own, of_parent ? model->parent.texts : model->own.texts);
	ret_feed->exec_flags = of_parent ? model->parent.exec_flags : model->own.exec_flags;
	if (!of_parent)
		feed_texts(ret_feed->parent, model->parent.texts);
	for (size_t i = 0; of_parent && i < PK_TEXT_PROC_CNT; i++)
		ret_feed->parent[i].state = MISSING;
}
