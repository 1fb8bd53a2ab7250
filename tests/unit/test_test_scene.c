// SPDX-License-Identifier: Apache-2.0
#include "cli/test_scene.h"

#include <errno.h>

#include "stream/stream.h"
#include "yaml_node.h"

/* A stream that the scene feeds, as `picket test` has one. */
struct stage {
	struct yaml yaml;
	struct pk_stream *stream;
	struct pk_scene *scene;
};

static struct stage stage_of(const char *text)
{
	const struct pk_stream_options options = { 0 };
	struct stage stage = { .yaml = yaml_read(text) };

	assert_int_equal(pk_stream_new(&options, &stage.stream), 0);
	assert_int_equal(pk_scene_new(stage.yaml.ctx, pk_stream_emit, stage.stream, &stage.scene),
			 0);
	return stage;
}

static void stage_fini(struct stage *stage)
{
	pk_scene_free(stage->scene);
	pk_stream_free(stage->stream);
	yaml_fini(&stage->yaml);
}
#define stage_cleanup pk_cleanup(stage_fini)

static const struct pk_event *play_node(struct stage *stage, const struct pk_yaml_node *node)
{
	const struct pk_event *event = NULL;
	int err = pk_scene_play(stage->scene, node, &event);

	assert_yaml_clean(&stage->yaml);
	assert_int_equal(err, 0);
	assert_int_equal(pk_stream_feed(stage->stream, event, event->size_bytes), 0);
	return event;
}

static const struct pk_event *play(struct stage *stage)
{
	return play_node(stage, stage->yaml.root);
}

static const struct pk_node *node_of(const struct stage *stage, const struct pk_event *event)
{
	return pk_tree_get(pk_stream_get_tree(stage->stream), event->exec_id, event->pid);
}

static void refuse(const char *text, const char *said)
{
	stage_cleanup struct stage stage = stage_of(text);
	const struct pk_event *event;

	assert_int_equal(pk_scene_play(stage.scene, stage.yaml.root, &event), -EBADMSG);
	assert_yaml_said(&stage.yaml, said);
}

static void smallest(void **state)
{
	stage_cleanup struct stage stage = stage_of("type: open\n");
	const struct pk_event *event = play(&stage);

	assert_int_equal(event->kind, PK_EVENT_OPEN);
	assert_int_equal(event->pid, 1000);
	assert_int_equal(event->ppid, 0);
	assert_int_equal(event->euid, 0);
}

static void process(void **state)
{
	stage_cleanup struct stage stage = stage_of(
		"type: open\n"
		"process: {name: sh, exe: /usr/bin/dash, pid: 7, uid: 10, euid: 0, gid: 5,\n"
		"          args: [sh, -c, x]}\n"
		"file: {path: /etc/shadow, flags: [O_RDWR, O_CREAT], created: true, mode: '0600'}\n"
		"io_uring: true\n");
	const struct pk_event *event = play(&stage);
	const struct pk_file_event *file = (const struct pk_file_event *)event;
	const struct pk_node *node = node_of(&stage, event);

	assert_int_equal(event->pid, 7);
	assert_int_equal(event->uid, 10);
	assert_int_equal(event->euid, 0);
	assert_int_equal(event->egid, 5);
	assert_text(pk_record_comm(event), "sh");
	assert_true(event->flags & PK_FLAG_IO_URING);
	assert_text(pk_record_path(file, &file->path), "/etc/shadow");
	assert_int_equal(file->open_flags, 0102);
	assert_int_equal(file->mode, 0600);
	assert_true(file->file_flags & PK_FILE_CREATED);
	assert_non_null(node);
	assert_text(pk_node_exe(node), "/usr/bin/dash");
	assert_int_equal(pk_node_args(node).len, 8);
	assert_memory_equal(pk_node_args(node).data, "sh\0-c\0x", 8);
}

static void ancestors(void **state)
{
	stage_cleanup struct stage stage = stage_of(
		"type: unlink\n"
		"process: cat\n"
		"parent: {name: bash, exe: /bin/bash, pid: 50}\n"
		"ancestors: [bash, sshd, {name: systemd, pid: 1}]\n");
	const struct pk_event *event = play(&stage);
	const struct pk_tree *tree = pk_stream_get_tree(stage.stream);
	const struct pk_node *node = node_of(&stage, event);

	assert_text(pk_node_comm(node), "cat");
	node = pk_tree_parent(tree, node);
	assert_int_equal(node->pid, 50);
	assert_text(pk_node_exe(node), "/bin/bash");
	node = pk_tree_parent(tree, node);
	assert_text(pk_node_comm(node), "sshd");
	node = pk_tree_parent(tree, node);
	assert_int_equal(node->pid, 1);
	assert_null(pk_tree_parent(tree, node));
}

static void exec(void **state)
{
	stage_cleanup struct stage stage = stage_of(
		"type: exec\n"
		"parent: bash\n"
		"exec: {path: /opt/run.sh, interpreter: /usr/bin/dash, filename: ./run.sh,\n"
		"       args: [./run.sh], cwd: /opt, tty: pts/3, cap_effective: '0000000000000400',\n"
		"       login_uid: 1000, secure: true}\n");
	const struct pk_event *event = play(&stage);
	const struct pk_exec_event *image = (const struct pk_exec_event *)event;

	assert_text(pk_record_comm(event), "run.sh");
	assert_text(pk_record_path(image, &image->exe), "/usr/bin/dash");
	assert_text(pk_record_path(image, &image->script), "/opt/run.sh");
	assert_text(pk_record_text(image, image->filename), "./run.sh");
	assert_int_equal(image->exec_flags, PK_EXEC_SCRIPT | PK_EXEC_SECURE);
	assert_int_equal(image->tty, 136u << 20 | 3u);
	assert_int_equal(image->cap_effective, 0x400);
	assert_int_equal(image->cap_permitted, 0x400);
	assert_int_equal(image->login_uid, 1000);
	assert_text(pk_node_exe(node_of(&stage, event)), "/usr/bin/dash");
}

static void network(void **state)
{
	stage_cleanup struct stage stage = stage_of(
		"- type: connect\n"
		"  network: {remote: {address: 10.1.2.3, port: 443}}\n"
		"- type: bind\n"
		"  network: {family: ipv6, type: dgram, local: {address: '::1', port: 53}}\n"
		"- type: connect\n"
		"  network: {path: /run/docker.sock}\n"
		"- type: connect\n"
		"  network: {abstract: x}\n");
	const struct pk_yaml_pair *item = stage.yaml.root->first;
	const struct pk_net_event *net;

	net = (const struct pk_net_event *)play_node(&stage, item->value);
	assert_int_equal(net->family, 2);
	assert_int_equal(net->protocol, 6);
	assert_int_equal(net->remote_port, 443);
	assert_int_equal(net->net_flags, PK_NET_HAS_REMOTE);
	assert_memory_equal(net->remote_addr, "\x0a\x01\x02\x03", 4);
	item = item->next;
	net = (const struct pk_net_event *)play_node(&stage, item->value);
	assert_int_equal(net->family, 10);
	assert_int_equal(net->protocol, 17);
	assert_int_equal(net->local_addr[15], 1);
	item = item->next;
	net = (const struct pk_net_event *)play_node(&stage, item->value);
	assert_int_equal(net->family, 1);
	assert_text(pk_record_text(net, net->sun_path), "/run/docker.sock");
	item = item->next;
	net = (const struct pk_net_event *)play_node(&stage, item->value);
	assert_true(net->net_flags & PK_NET_ABSTRACT);
}

static void sequence(void **state)
{
	stage_cleanup struct stage stage = stage_of(
		"- {type: fork, process: {name: sh, pid: 5, uid: 3}, fork: {child_pid: 6}}\n"
		"- {type: exec, process: {pid: 6}, exec: {path: /bin/ls}, after: 10s}\n"
		"- {type: exit, process: {pid: 6}, exit: {code: 3}}\n");
	const struct pk_yaml_pair *item = stage.yaml.root->first;
	const struct pk_event *event = play_node(&stage, item->value);
	__u64 begin_ns = event->time_ns;
	__u64 child_id = ((const struct pk_fork_event *)event)->child_exec_id;

	item = item->next;
	event = play_node(&stage, item->value);
	assert_int_equal(event->time_ns - begin_ns, 10000000000ull);
	assert_true(event->exec_id == child_id);
	assert_int_equal(event->ppid, 5);
	assert_int_equal(event->uid, 3);
	assert_text(pk_record_comm(event), "ls");
	event = play_node(&stage, item->next->value);
	assert_int_equal(((const struct pk_exit_event *)event)->status, 3 << 8);
	assert_text(pk_record_comm(event), "ls");
}

/* A line of `picket run -o json` is an event. */
static void pasted(void **state)
{
	stage_cleanup struct stage stage = stage_of(
		"{\"time\":\"2026-11-23T14:00:00.123456789Z\",\"type\":\"open\",\"process\":{"
		"\"exec_id\":\"0004b000000f4241\",\"pid\":1200,\"tid\":1200,\"ppid\":1,\"name\":"
		"\"bash\",\"exe\":\"/bin/bash\",\"uid\":1000,\"gid\":1000,\"cgroup_id\":4711},"
		"\"parent\":{\"exec_id\":\"000004000098968\",\"pid\":1,\"name\":\"systemd\",\"exe\":"
		"\"/sbin/init\"},\"file\":{\"path\":\"/etc/passwd\",\"inode\":5,\"dev\":\"8:1\","
		"\"type\":\"regular\",\"mode\":\"0644\",\"uid\":0,\"gid\":0,\"nlink\":1,\"flags\":["
		"\"O_RDONLY\",\"O_CLOEXEC\"]}}");
	const struct pk_event *event = play(&stage);
	const struct pk_file_event *file = (const struct pk_file_event *)event;

	assert_int_equal(event->pid, 1200);
	assert_int_equal(event->ppid, 1);
	assert_int_equal(file->inode.ino, 5);
	assert_int_equal(file->inode.mode, 0100644);
}

static void mistakes(void **state)
{
	refuse("process: x\n", "wants a 'type'");
	refuse("type: opne\n", "unknown type 'opne'");
	refuse("type: start\n", "unknown type 'start'");
	refuse("type: open\nfile: {pth: /x}\n", "unknown key 'pth' in 'file'");
	refuse("type: open\nfile: {flags: [O_NOSUCH]}\n", "unknown flag 'O_NOSUCH'");
	refuse("type: open\nfile: {new_path: /x}\n", "unknown key 'new_path'");
	refuse("type: open\nexec: {}\n", "unknown key 'exec'");
	refuse("type: open\nprocess: {pid: 0}\n", "'pid' is from 1");
	refuse("type: open\nancestors: x\n", "'ancestors' wants a list");
	refuse("type: connect\nnetwork: {type: stream}\n", "wants a family");
	refuse("type: connect\n", "wants 'network'");
	refuse("type: connect\nnetwork: x\n", "'network' wants keys");
	refuse("type: connect\nnetwork: {remote: {address: 1.2.3}}\n", "bad address");
	refuse("type: connect\nnetwork: {remote: {port: 65536}}\n", "'port' is too large");
	refuse("type: exec\nexec: {args: ls}\n", "'args' wants a list");
	refuse("type: exec\nexec: {tty: x}\n", "'tty' wants");
	refuse("type: open\nafter: soon\n", "'after' wants a duration");
	refuse("[]", "'event' wants keys");
}

static void long_texts(void **state)
{
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;

	for (size_t len = PK_PATH_MAX; len <= PK_PATH_MAX + 1; len++) {
		pk_buf_clear(&text);
		assert_int_equal(pk_buf_add_str(&text, "type: unlink\nfile:\n  path: /"), 0);
		for (size_t i = 1; i < len; i++)
			assert_int_equal(pk_buf_add_char(&text, 'x'), 0);
		assert_int_equal(pk_buf_add(&text, "\n", 2), 0);
		if (len <= PK_PATH_MAX) {
			stage_cleanup struct stage stage = stage_of(text.data);

			play(&stage);
		} else {
			refuse(text.data, "more text than an event can hold");
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(smallest),   cmocka_unit_test(process),
		cmocka_unit_test(ancestors),  cmocka_unit_test(exec),
		cmocka_unit_test(network),    cmocka_unit_test(sequence),
		cmocka_unit_test(pasted),     cmocka_unit_test(mistakes),
		cmocka_unit_test(long_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
