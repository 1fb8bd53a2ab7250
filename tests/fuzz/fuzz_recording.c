/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recording files from a hostile source: whatever the reader hands out is a well-formed record, it
 * ends, and its last error has a text.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "fuzz.h"
#include "stream/record.h"
#include "stream/recording.h"

static int make_file(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	fuzz_check(fd >= 0);
	fuzz_check(write(fd, data, size) == (ssize_t)size);
	fuzz_check(lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	pk_cleanup(pk_recording_reader_free_p) struct pk_recording_reader *reader = NULL;
	char reason[PK_RECORDING_ERROR_MAX];
	size_t total = sizeof(struct pk_recording_head);
	const void *record;
	size_t len;
	int got;

	if (pk_recording_reader_new_fd(make_file(data, size), &reader, reason) < 0) {
		fuzz_check(reason[0]);
		return 0;
	}
	while ((got = pk_recording_reader_next(reader, &record, &len)) > 0) {
		fuzz_check((uintptr_t)record % 8 == 0);
		fuzz_check(pk_record_check(record, len) == 0);
		total += len;
		fuzz_check(total <= size);
	}
	fuzz_check(got < 0 ? pk_recording_reader_error(reader)[0] : total == size);
	return 0;
}
