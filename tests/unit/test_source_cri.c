// SPDX-License-Identifier: Apache-2.0
/*
 * Answers of CRI and containerd, put together by hand.
 */
#include "meta/source_cri.h"

#include <errno.h>

#include "drafted.h"
#include "meta/protobuf.h"
#include "test.h"

static struct pk_text text_of(const struct pk_buf *buf)
{
	return (struct pk_text){ buf->data, buf->len_bytes };
}

/* A message in a message; shorter than 128 bytes, or than 16 KiB. */
static void add_message(struct pk_buf *buf, uint32_t number, const struct pk_buf *inner)
{
	size_t len = inner->len_bytes;

	assert_true(number < 256);
	pk_buf_add_char(buf, (char)((number & 0xf) << 3 | 2 | (number > 15 ? 0x80 : 0)));
	if (number > 15)
		pk_buf_add_char(buf, (char)(number >> 4));
	if (len > 127) {
		pk_buf_add_char(buf, (char)(len | 0x80));
		len >>= 7;
	}
	pk_buf_add_char(buf, (char)len);
	pk_buf_add(buf, inner->data, inner->len_bytes);
}

static void add_number(struct pk_buf *buf, uint32_t number, uint64_t value)
{
	pk_buf_add_char(buf, (char)(number << 3));
	for (; value > 127; value >>= 7)
		pk_buf_add_char(buf, (char)(value | 0x80));
	pk_buf_add_char(buf, (char)value);
}

static void add_label(struct pk_buf *buf, uint32_t number, const char *key, const char *value)
{
	pk_buf_cleanup struct pk_buf entry = PK_BUF_INIT;

	pk_pb_add_text(&entry, 1, key);
	pk_pb_add_text(&entry, 2, value);
	add_message(buf, number, &entry);
}

static void make_status(struct pk_buf *answer)
{
	pk_buf_cleanup struct pk_buf status = PK_BUF_INIT;
	pk_buf_cleanup struct pk_buf metadata = PK_BUF_INIT;
	pk_buf_cleanup struct pk_buf image = PK_BUF_INIT;
	pk_buf_cleanup struct pk_buf mount = PK_BUF_INIT;

	pk_pb_add_text(&metadata, 1, "app");
	pk_pb_add_text(&image, 1, "docker.io/library/nginx:1.25");
	pk_pb_add_text(&mount, 1, "/data");
	pk_pb_add_text(&mount, 2, "/srv");
	add_number(&mount, 3, 1);
	add_number(&mount, 5, 2);
	pk_pb_add_text(&status, 1, "id");
	add_message(&status, 2, &metadata);
	add_number(&status, 4, 1714558272000000000ull);
	add_number(&status, 5, 1714558273000000000ull);
	add_message(&status, 8, &image);
	pk_pb_add_text(&status, 9, "docker.io/library/nginx@sha256:77");
	add_label(&status, 12, "app", "shop");
	add_label(&status, 12, "io.kubernetes.pod.name", "shop-1");
	add_label(&status, 12, "io.kubernetes.pod.namespace", "shops");
	add_message(&status, 14, &mount);
	pk_pb_add_text(&status, 17, "sha256:ab12");
	add_message(answer, 1, &status);
}

static void cri(void **state)
{
	pk_buf_cleanup struct pk_buf answer = PK_BUF_INIT;
	struct pk_container_mount mount;
	const struct pk_container *c;
	struct pk_text value, mounts;

	make_status(&answer);
	assert_int_equal(pk_source_cri_status(text_of(&answer), &draft), 0);
	c = pk_draft_get(&draft);
	assert_text(c->name, "app");
	assert_text(c->repository, "docker.io/library/nginx");
	assert_text(c->tag, "1.25");
	assert_text(c->digest, "sha256:77");
	assert_text(c->image_id, "ab12");
	assert_text(c->pod_name, "shop-1");
	assert_text(c->pod_namespace, "shops");
	assert_true(c->known & PK_CONTAINER_POD);
	assert_true(c->start_ns == 1714558273000000000ull);
	assert_true(pk_container_label(c, "app", &value));
	assert_text(value, "shop");
	mounts = c->mounts;
	assert_true(pk_container_next_mount(&mounts, &mount));
	assert_text(mount.source, "/srv");
	assert_text(mount.propagation, "rshared");
	assert_false(mount.rw);
}

/* The image that a bundle named is not replaced by a bare id. */
static void image_by_id(void **state)
{
	pk_buf_cleanup struct pk_buf answer = PK_BUF_INIT;
	pk_buf_cleanup struct pk_buf status = PK_BUF_INIT;
	pk_buf_cleanup struct pk_buf image = PK_BUF_INIT;

	pk_draft_image(&draft, "a/b:2", 5);
	pk_pb_add_text(&image, 1, "sha256:0123456789");
	add_message(&status, 8, &image);
	add_message(&answer, 1, &status);
	assert_int_equal(pk_source_cri_status(text_of(&answer), &draft), 0);
	assert_text(draft.container.repository, "a/b");
}

static void containerd(void **state)
{
	pk_buf_cleanup struct pk_buf answer = PK_BUF_INIT;
	pk_buf_cleanup struct pk_buf container = PK_BUF_INIT;
	pk_buf_cleanup struct pk_buf when = PK_BUF_INIT;
	struct pk_text value;

	pk_draft_text(&draft, &draft.container.id, "box", 3);
	pk_pb_add_text(&container, 1, "box");
	add_label(&container, 2, "team", "blue");
	pk_pb_add_text(&container, 3, "picket.test/tiny:1.5");
	add_number(&when, 1, 1714558272);
	add_number(&when, 2, 5);
	add_message(&container, 8, &when);
	add_message(&answer, 1, &container);
	assert_int_equal(pk_source_containerd(text_of(&answer), &draft), 0);
	assert_text(draft.container.name, "box");
	assert_text(draft.container.tag, "1.5");
	assert_true(draft.container.start_ns == 1714558272000000005ull);
	assert_true(pk_container_label(pk_draft_get(&draft), "team", &value));
}

static void every_cut(void **state)
{
	pk_buf_cleanup struct pk_buf answer = PK_BUF_INIT;

	make_status(&answer);
	for (size_t len = 0; len < answer.len_bytes; len++)
		assert_int_equal(pk_source_cri_status((struct pk_text){ answer.data, len }, &draft),
				 -EBADMSG);
	assert_int_equal(pk_source_containerd((struct pk_text){ "", 0 }, &draft), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(cri, setup, teardown),
		cmocka_unit_test_setup_teardown(image_by_id, setup, teardown),
		cmocka_unit_test_setup_teardown(containerd, setup, teardown),
		cmocka_unit_test_setup_teardown(every_cut, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
