/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "samples.h"
#include "stream/recording.h"

static struct pk_record record;
static char reason[PK_RECORDING_ERROR_MAX];

static int memory_file(void)
{
	int fd = memfd_create("recording", MFD_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static int write_one(void *ctx, const void *data, size_t len)
{
	return pk_recording_writer_add(ctx, data, len);
}

/* Records the samples on a copy of `fd` and rewinds. */
static void record_samples(int fd)
{
	pk_cleanup(pk_recording_writer_free_p) struct pk_recording_writer *writer = NULL;

	assert_int_equal(pk_recording_writer_new_fd(dup(fd), &writer), 0);
	assert_int_equal(samples_emit(write_one, writer), 0);
	assert_int_equal(pk_recording_writer_flush(writer), 0);
	lseek(fd, 0, SEEK_SET);
}

/* Reads all; how many records, and what ended them. */
static int read_all(int fd, __u32 *ret_cnt, char *text)
{
	pk_cleanup(pk_recording_reader_free_p) struct pk_recording_reader *reader = NULL;
	const void *data;
	size_t len;
	int got = pk_recording_reader_new_fd(dup(fd), &reader, text);

	*ret_cnt = 0;
	if (got)
		return got;
	while ((got = pk_recording_reader_next(reader, &data, &len)) > 0)
		++*ret_cnt;
	assert_int_equal(pk_recording_reader_next(reader, &data, &len), got);
	snprintf(text, PK_RECORDING_ERROR_MAX, "%s", pk_recording_reader_error(reader));
	return got;
}

struct comparison {
	struct pk_recording_reader *reader;
};

static int same_as_read(void *ctx, const void *expected, size_t expected_len)
{
	struct comparison *comparison = ctx;
	const void *data;
	size_t len;

	assert_int_equal(pk_recording_reader_next(comparison->reader, &data, &len), 1);
	assert_int_equal((uintptr_t)data % 8, 0);
	assert_int_equal(len, expected_len);
	assert_memory_equal(data, expected, len);
	return 0;
}

static void round_trip(void **state)
{
	struct comparison comparison;
	const void *data;
	size_t len;
	int fd = memory_file();

	record_samples(fd);
	assert_int_equal(pk_recording_reader_new_fd(fd, &comparison.reader, reason), 0);
	assert_int_equal(samples_emit(same_as_read, &comparison), 0);
	assert_int_equal(pk_recording_reader_next(comparison.reader, &data, &len), 0);
	pk_recording_reader_free(comparison.reader);
}

/* Largest records, so many that reader and writer go through their buffers several times. */
static void large_records(void **state)
{
	pk_cleanup(pk_recording_writer_free_p) struct pk_recording_writer *writer = NULL;
	static char args[PK_RECORD_MAX - sizeof(struct pk_exec_event)];
	int fd = memory_file();
	__u32 cnt;

	assert_int_equal(pk_recording_writer_new_fd(dup(fd), &writer), 0);
	for (int i = 0; i < 20; i++) {
		sample_init(&record, PK_EVENT_EXEC, 7);
		pk_record_add(&record, &record.u.exec.args, args, sizeof(args));
		assert_int_equal(pk_record_finish(&record), PK_RECORD_MAX);
		assert_int_equal(pk_recording_writer_add(writer, &record.u, PK_RECORD_MAX), 0);
	}
	assert_int_equal(pk_recording_writer_flush(writer), 0);
	assert_int_equal(pk_recording_writer_get_cnt(writer), 20);
	lseek(fd, 0, SEEK_SET);
	assert_int_equal(read_all(fd, &cnt, reason), 0);
	assert_int_equal(cnt, 20);
	close(fd);
}

/* Every length a file can be cut to gives the records before the cut, and an error inside one. */
static void truncated_files(void **state)
{
	int fd = memory_file();
	__u32 all_cnt, cnt;
	off_t size;
	int whole = 0;

	record_samples(fd);
	size = lseek(fd, 0, SEEK_END);
	lseek(fd, 0, SEEK_SET);
	assert_int_equal(read_all(fd, &all_cnt, reason), 0);
	for (off_t cut = size - 1; cut > 0; cut--) {
		int err;

		assert_int_equal(ftruncate(fd, cut), 0);
		lseek(fd, 0, SEEK_SET);
		err = read_all(fd, &cnt, reason);
		if (cut < (off_t)sizeof(struct pk_recording_head))
			assert_int_equal(err, -EBADMSG);
		else
			assert_true(err == 0 || err == -ENODATA);
		assert_true(cnt < all_cnt);
		whole += err == 0;
	}
	assert_int_equal(whole, all_cnt);
	close(fd);
}

static void truncation_is_told_with_its_offset(void **state)
{
	int fd = memory_file();
	__u32 cnt;

	record_samples(fd);
	assert_int_equal(ftruncate(fd, 20), 0);
	assert_int_equal(read_all(fd, &cnt, reason), -ENODATA);
	assert_string_equal(reason, "incomplete record at offset 8: the file ends 12 bytes on");
	close(fd);
}

static void damaged_records(void **state)
{
	int fd = memory_file();
	__u16 kind = 999;
	__u32 size = 4;
	__u32 cnt;

	record_samples(fd);
	assert_int_equal(pwrite(fd, &kind, sizeof(kind), 8 + 4), sizeof(kind));
	assert_int_equal(read_all(fd, &cnt, reason), -EBADMSG);
	assert_string_equal(reason, "damaged record at offset 8: its kind is not known");
	assert_int_equal(pwrite(fd, &size, sizeof(size), 8), sizeof(size));
	lseek(fd, 0, SEEK_SET);
	assert_int_equal(read_all(fd, &cnt, reason), -EBADMSG);
	assert_string_equal(reason, "damaged record at offset 8: its size field is wrong");
	assert_int_equal(cnt, 0);
	close(fd);
}

static int read_head(struct pk_recording_head head)
{
	int fd = memory_file();
	__u32 cnt;
	int err;

	assert_int_equal(write(fd, &head, sizeof(head)), sizeof(head));
	lseek(fd, 0, SEEK_SET);
	err = read_all(fd, &cnt, reason);
	close(fd);
	return err;
}

static void heads(void **state)
{
	struct pk_recording_head head = { PK_RECORDING_MAGIC, PK_WIRE_VERSION, sizeof(head) };

	assert_int_equal(read_head(head), 0);
	head.wire_version++;
	assert_int_equal(read_head(head), -EPROTONOSUPPORT);
	assert_string_equal(reason, "recorded with wire version 6, this picket reads version 5");
	head.wire_version--;
	head.head_bytes++;
	assert_int_equal(read_head(head), -EBADMSG);
	head.magic = __builtin_bswap32(PK_RECORDING_MAGIC);
	assert_int_equal(read_head(head), -EPROTONOSUPPORT);
	head.magic = 0x464c457f;
	assert_int_equal(read_head(head), -EBADMSG);
	assert_string_equal(reason, "not a recording");
}

static void unreadable_files(void **state)
{
	struct pk_recording_reader *reader = NULL;

	assert_int_equal(pk_recording_reader_new("/nonexistent/x", &reader, reason), -ENOENT);
	assert_string_equal(reason, "No such file or directory");
	assert_int_equal(pk_recording_reader_new("/", &reader, reason), -EISDIR);
	assert_int_equal(pk_recording_reader_new("/dev/null", &reader, reason), -EBADMSG);
	assert_string_equal(reason, "not a recording: too short");
	assert_null(reader);
}

static void new_files_are_private(void **state)
{
	pk_cleanup(pk_recording_writer_free_p) struct pk_recording_writer *writer = NULL;
	char path[] = "/tmp/picket-test-XXXXXX";
	char name[64];
	struct stat st;

	assert_non_null(mkdtemp(path));
	snprintf(name, sizeof(name), "%s/r", path);
	assert_int_equal(pk_recording_writer_new(name, &writer), 0);
	assert_int_equal(stat(name, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_size, sizeof(struct pk_recording_head));
	unlink(name);
	rmdir(path);
}

/* A file size limit stands in for a full disk: write() comes back short, then fails. */
static void disk_full(void **state)
{
	pk_cleanup(pk_recording_writer_free_p) struct pk_recording_writer *writer = NULL;
	struct rlimit saved, limit;
	int fd = memory_file();
	__u32 errors = 0;
	__u32 cnt;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &saved);
	limit = saved;
	limit.rlim_cur = 100000;
	assert_int_equal(pk_recording_writer_new_fd(dup(fd), &writer), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	for (int i = 0; i < 2000; i++) {
		sample_file(&record, PK_EVENT_OPEN, 7, "/some/file");
		errors += pk_recording_writer_add(writer, &record.u, pk_record_finish(&record)) < 0;
	}
	errors += pk_recording_writer_flush(writer) < 0;
	setrlimit(RLIMIT_FSIZE, &saved);
	assert_int_equal(errors, 1);
	assert_int_equal(pk_recording_writer_get_cnt(writer), 2000);
	lseek(fd, 0, SEEK_SET);
	assert_int_equal(read_all(fd, &cnt, reason), 0);
	assert_int_equal(cnt, 2000 - pk_recording_writer_get_dropped_cnt(writer));
	assert_int_equal(cnt, (100000 - 8) / record.len_bytes);
	close(fd);
}

static void no_room_for_the_head(void **state)
{
	struct pk_recording_writer *writer = NULL;

	assert_int_equal(pk_recording_writer_new("/dev/full", &writer), -ENOSPC);
	assert_null(writer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(large_records),
		cmocka_unit_test(truncated_files),
		cmocka_unit_test(truncation_is_told_with_its_offset),
		cmocka_unit_test(damaged_records),
		cmocka_unit_test(heads),
		cmocka_unit_test(unreadable_files),
		cmocka_unit_test(new_files_are_private),
		cmocka_unit_test(disk_full),
		cmocka_unit_test(no_room_for_the_head),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
