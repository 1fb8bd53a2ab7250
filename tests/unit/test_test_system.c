// SPDX-License-Identifier: Apache-2.0
/*
 * Bodies of struct pk_sys_event in test files: what was printed can be played.
 */
#include <errno.h>

#include "cli/test_scene.h"
#include "stream/stream.h"
#include "yaml_node.h"

static const struct pk_sys_event *play(struct yaml *yaml, const char *text,
				       struct pk_scene **ret_scene, struct pk_stream **ret_stream)
{
	const struct pk_stream_options options = { 0 };
	const struct pk_event *event = NULL;
	int err;

	*yaml = yaml_read(text);
	assert_int_equal(pk_stream_new(&options, ret_stream), 0);
	assert_int_equal(pk_scene_new(yaml->ctx, pk_stream_emit, *ret_stream, ret_scene), 0);
	err = pk_scene_play(*ret_scene, yaml->root, &event);
	return err ? NULL : (const struct pk_sys_event *)event;
}

static void fini(struct yaml *yaml, struct pk_scene *scene, struct pk_stream *stream)
{
	pk_scene_free(scene);
	pk_stream_free(stream);
	yaml_fini(yaml);
}

static void is_text(const struct pk_sys_event *sys, struct pk_str str, const char *text)
{
	struct pk_text got = pk_record_text(sys, str);

	assert_int_equal(got.len, strlen(text));
	assert_memory_equal(got.data, text, got.len);
}

static void mount(void **state)
{
	struct pk_stream *stream;
	struct pk_scene *scene;
	struct yaml yaml;
	const struct pk_sys_event *sys =
		play(&yaml,
		     "type: mount\n"
		     "process: sh\n"
		     "mount: {path: /mnt, fs_type: ext4, source: /dev/sda, flags: RDONLY|BIND}\n",
		     &scene, &stream);

	assert_non_null(sys);
	is_text(sys, sys->path.name, "/mnt");
	is_text(sys, sys->text, "ext4");
	is_text(sys, sys->text2, "/dev/sda");
	assert_int_equal(sys->arg[0], 1 | 4096);
	assert_int_equal(pk_record_check(sys, sys->head.size_bytes), 0);
	fini(&yaml, scene, stream);
}

static void forms_of_numbers(void **state)
{
	struct pk_stream *stream;
	struct pk_scene *scene;
	struct yaml yaml;
	const struct pk_sys_event *sys =
		play(&yaml,
		     "type: fsconfig\n"
		     "process: sh\n"
		     "mount: {key: a, command: FSCONFIG_SET_FD, aux: -2}\n",
		     &scene, &stream);

	assert_non_null(sys);
	assert_int_equal(sys->arg[0], 5);
	assert_int_equal((int)sys->arg[1], -2);
	fini(&yaml, scene, stream);
	sys = play(&yaml,
		   "type: move_mount\n"
		   "process: sh\n"
		   "mount: {path: /a, new_path: /b, flags: [MOVE_MOUNT_T_SYMLINKS, '0x4000']}\n",
		   &scene, &stream);
	assert_non_null(sys);
	is_text(sys, sys->path2.name, "/b");
	assert_int_equal(sys->arg[0], 0x4010);
	fini(&yaml, scene, stream);
}

static void mistakes(void **state)
{
	static const char *const texts[] = {
		"type: mount\nprocess: sh\nmount: {flags: [BINDD]}\n",
		"type: mount\nprocess: sh\nmount: {flags: {a: b}}\n",
		"type: mount\nprocess: sh\nmount: {nosuch: 1}\n",
		"type: fsconfig\nprocess: sh\nmount: {aux: many}\n",
	};
	struct pk_stream *stream;
	struct pk_scene *scene;
	struct yaml yaml;

	for (size_t i = 0; i < PK_ARRAY_SIZE(texts); i++) {
		assert_null(play(&yaml, texts[i], &scene, &stream));
		fini(&yaml, scene, stream);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mount),
		cmocka_unit_test(forms_of_numbers),
		cmocka_unit_test(mistakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
