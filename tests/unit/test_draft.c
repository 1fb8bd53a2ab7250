// SPDX-License-Identifier: Apache-2.0
/*
 * Drafts: names of images, limits of labels and mounts, times.
 */
#include "meta/draft.h"

#include <errno.h>
#include <stdio.h>

#include "drafted.h"
#include "test.h"

static void is_image(const char *name, const char *repository, const char *tag, const char *digest)
{
	teardown(NULL);
	setup(NULL);
	assert_int_equal(pk_draft_image(&draft, name, strlen(name)), 0);
	assert_text(draft.container.image, name);
	assert_text(draft.container.repository, repository);
	assert_text(draft.container.tag, tag);
	assert_text(draft.container.digest, digest);
}

static void images(void **state)
{
	static const char id[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

	is_image("nginx", "nginx", "latest", "");
	is_image("nginx:1.25", "nginx", "1.25", "");
	is_image("reg.example:5000/a/b", "reg.example:5000/a/b", "latest", "");
	is_image("reg.example:5000/a/b:2", "reg.example:5000/a/b", "2", "");
	is_image("a/b@sha256:12", "a/b", "", "sha256:12");
	is_image("a/b:3@sha256:12", "a/b", "3", "sha256:12");
	is_image("r:5000/b@sha256:12", "r:5000/b", "", "sha256:12");
	is_image(id, "", "", "");
	is_image("sha256:0123456789", "", "", "");
	is_image("", "", "", "");
	is_image("@", "", "", "");
	is_image(":", "", "", "");
}

static void lists(void **state)
{
	const struct pk_container *c;
	struct pk_container_mount mount;
	struct pk_text value, mounts;

	assert_int_equal(pk_draft_label(&draft, "a", "b\0c", 3), 0);
	assert_int_equal(pk_draft_label(&draft, "d", "", 0), 0);
	assert_int_equal(pk_draft_mount(&draft, "/a", "/b", "z", false, "rslave"), 0);
	c = pk_draft_get(&draft);
	assert_true(pk_container_label(c, "a", &value));
	assert_text(value, "b");
	assert_true(pk_container_label(c, "d", &value));
	mounts = c->mounts;
	assert_true(pk_container_next_mount(&mounts, &mount));
	assert_text(mount.propagation, "rslave");
	assert_false(mount.rw);
	assert_true(c->known & PK_CONTAINER_LABELS);
	pk_draft_clear_labels(&draft);
	assert_int_equal(pk_draft_get(&draft)->labels.len, 0);
}

static void labels_are_limited(void **state)
{
	static char text[PK_MAX_CONTAINER_LABEL_BYTES];
	size_t longest = PK_MAX_CONTAINER_LABEL_BYTES - 3; /* the key and two NULs */

	memset(text, 'x', sizeof(text));
	assert_int_equal(pk_draft_label(&draft, "k", text, longest), 0);
	assert_int_equal(draft.container.flags, 0);
	assert_int_equal(pk_draft_label(&draft, "k", text, longest + 1), 0);
	assert_true(draft.container.flags & PK_CONTAINER_LABELS_CUT);
	assert_int_equal(draft.labels.len_bytes, PK_MAX_CONTAINER_LABEL_BYTES);
	for (int i = 0; i < 3; i++)
		pk_draft_label(&draft, "k", text, longest);
	assert_int_equal(draft.labels.len_bytes, PK_MAX_CONTAINER_LABELS_BYTES);
	pk_draft_label(&draft, "", "", 0);
	assert_int_equal(draft.labels.len_bytes, PK_MAX_CONTAINER_LABELS_BYTES);
}

static void mounts_are_limited(void **state)
{
	for (int i = 0; i < 2000; i++)
		assert_int_equal(pk_draft_mount(&draft, "/source", "/destination", "", true, ""),
				 0);
	assert_true(draft.container.flags & PK_CONTAINER_MOUNTS_CUT);
	assert_true(draft.mounts.len_bytes <= PK_MAX_CONTAINER_MOUNTS_BYTES);
	assert_true(draft.mounts.len_bytes > PK_MAX_CONTAINER_MOUNTS_BYTES - 32);
}

static void texts(void **state)
{
	static char text[2 * PK_MAX_CONTAINER_IMAGE_BYTES];

	memset(text, 'x', sizeof(text));
	assert_int_equal(pk_draft_text(&draft, &draft.container.name, text, sizeof(text)), 0);
	assert_int_equal(draft.container.name.len, PK_MAX_CONTAINER_IMAGE_BYTES);
	/* the same again takes no memory */
	for (int i = 0; i < 10000; i++)
		assert_int_equal(pk_draft_text(&draft, &draft.container.name, text, 100), 0);
	/* and others at some time find none */
	for (int i = 0; i < 10000; i++) {
		text[0] = (char)('a' + i % 2);
		pk_draft_text(&draft, &draft.container.name, text, 500);
	}
	assert_true(draft.arena.used_bytes <= PK_MAX_DRAFT_BYTES);
}

static void is_time(const char *text, uint64_t expected)
{
	uint64_t ns = 0;

	if (pk_draft_parse_time(text, &ns) || ns != expected)
		fail_msg("%s is %llu", text, (unsigned long long)ns);
}

static void times(void **state)
{
	uint64_t ns;

	is_time("2024-05-01T10:11:12Z", 1714558272000000000ull);
	is_time("2024-05-01T10:11:12.5Z", 1714558272500000000ull);
	is_time("2024-05-01T10:11:12.123456789Z", 1714558272123456789ull);
	is_time("2024-05-01T12:11:12.123456789123+02:00", 1714558272123456789ull);
	is_time("2024-05-01T08:41:12-01:30", 1714558272000000000ull);
	is_time("1970-01-01T00:00:00Z", 0);
	assert_int_equal(pk_draft_parse_time("0001-01-01T00:00:00Z", &ns), -ENOENT);
	assert_int_equal(pk_draft_parse_time("", &ns), -EBADMSG);
	is_time("2262-01-01T00:00:00Z", 9214646400000000000ull);
	assert_int_equal(pk_draft_parse_time("9999-01-01T00:00:00Z", &ns), -EBADMSG);
	assert_int_equal(pk_draft_parse_time("yesterday", &ns), -EBADMSG);
	assert_int_equal(pk_draft_parse_time("2024-05-01T10:11:12x", &ns), -EBADMSG);
}

static void flags(void **state)
{
	pk_draft_flag(&draft, PK_CONTAINER_PRIVILEGED, PK_CONTAINER_IS_PRIVILEGED, true);
	assert_int_equal(draft.container.flags, PK_CONTAINER_IS_PRIVILEGED);
	pk_draft_flag(&draft, PK_CONTAINER_PRIVILEGED, PK_CONTAINER_IS_PRIVILEGED, false);
	assert_int_equal(draft.container.flags, 0);
	assert_int_equal(draft.container.known, PK_CONTAINER_PRIVILEGED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(images, setup, teardown),
		cmocka_unit_test_setup_teardown(lists, setup, teardown),
		cmocka_unit_test_setup_teardown(labels_are_limited, setup, teardown),
		cmocka_unit_test_setup_teardown(mounts_are_limited, setup, teardown),
		cmocka_unit_test_setup_teardown(texts, setup, teardown),
		cmocka_unit_test(times),
		cmocka_unit_test_setup_teardown(flags, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
