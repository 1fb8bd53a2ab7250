/* SPDX-License-Identifier: Apache-2.0 */
/*
 * samples_json: prints the sample stream as JSON on standard output.
 * samples_json FILE: writes it as a recording. samples_json split DIR: writes one record a file.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "samples.h"
#include "sinks/json.h"
#include "stream/stream.h"

static int print_json(void)
{
	pk_cleanup(pk_sink_free_p) struct pk_sink *sink = NULL;
	pk_cleanup(pk_stream_free_p) struct pk_stream *stream = NULL;
	struct pk_stream_options options = { .kinds = ~0ull };
	int err = pk_json_sink_new(STDOUT_FILENO, &sink);

	options.sink = sink;
	if (!err)
		err = pk_stream_new(&options, &stream);
	if (!err)
		err = samples_emit(pk_stream_emit, stream);
	return err ? err : pk_stream_flush(stream);
}

static int add_record(void *ctx, const void *record, size_t len)
{
	return pk_recording_writer_add(ctx, record, len);
}

static int write_recording(const char *path)
{
	pk_cleanup(pk_recording_writer_free_p) struct pk_recording_writer *writer = NULL;
	int err = pk_recording_writer_new(path, &writer);

	if (!err)
		err = samples_emit(add_record, writer);
	return err ? err : pk_recording_writer_flush(writer);
}

struct split {
	const char *dir;
	int idx;
};

static int write_record(void *ctx, const void *record, size_t len)
{
	struct split *split = ctx;
	pk_cleanup(pk_close_p) int fd = -1;
	char path[4096];

	snprintf(path, sizeof(path), "%s/%02d", split->dir, split->idx++);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	return write(fd, record, len) == (ssize_t)len ? 0 : -EIO;
}

int main(int argc, char **argv)
{
	struct split split = { .dir = argc > 2 ? argv[2] : NULL };
	int err;

	if (argc == 1)
		err = print_json();
	else if (argc == 2)
		err = write_recording(argv[1]);
	else
		err = samples_emit(write_record, &split);
	if (err)
		fprintf(stderr, "samples_json: %s\n", strerror(-err));
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
