/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files for tests in a directory of their own, and what is printed while they are used.
 */
#ifndef PK_TESTS_SCRATCH_FILES_H
#define PK_TESTS_SCRATCH_FILES_H

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"

static char scratch_dir[] = "/tmp/picket-test-XXXXXX";

static inline int scratch_setup(void **state)
{
	return mkdtemp(scratch_dir) && !chdir(scratch_dir) ? 0 : -1;
}

static inline int scratch_remove(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	return remove(path);
}

static inline int scratch_teardown(void **state)
{
	return nftw(scratch_dir, scratch_remove, 8, FTW_DEPTH | FTW_PHYS);
}

static inline void scratch_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* Standard output and error of what runs between begin and end, NUL behind it. */
struct captured {
	int saved[2];
	int fds[2];
	struct pk_buf out, err;
};

static inline void capture_begin(struct captured *captured)
{
	fflush(NULL);
	*captured = (struct captured){ 0 };
	for (int i = 0; i < 2; i++) {
		captured->saved[i] = dup(i + 1);
		captured->fds[i] = memfd_create("captured", MFD_CLOEXEC);
		assert_true(captured->saved[i] >= 0 && captured->fds[i] >= 0);
		assert_int_equal(dup2(captured->fds[i], i + 1), i + 1);
	}
}

static inline void capture_end(struct captured *captured)
{
	fflush(NULL);
	for (int i = 0; i < 2; i++) {
		struct pk_buf *buf = i ? &captured->err : &captured->out;
		off_t size;

		dup2(captured->saved[i], i + 1);
		close(captured->saved[i]);
		size = lseek(captured->fds[i], 0, SEEK_END);
		assert_int_equal(pk_buf_reserve(buf, (size_t)size + 1), 0);
		assert_int_equal(pread(captured->fds[i], buf->data, (size_t)size, 0), size);
		buf->data[size] = '\0';
		buf->len_bytes = (size_t)size;
		close(captured->fds[i]);
	}
}

static inline void captured_fini(struct captured *captured)
{
	pk_buf_fini(&captured->out);
	pk_buf_fini(&captured->err);
}
#define captured_cleanup pk_cleanup(captured_fini)

static inline void assert_has(const struct pk_buf *buf, const char *part)
{
	if (!strstr(buf->data, part))
		fail_msg("not there: %s\nbut: %s", part, buf->data);
}

#endif
