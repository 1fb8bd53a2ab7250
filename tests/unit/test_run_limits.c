// SPDX-License-Identifier: Apache-2.0
/*
 * A stream that met no limit, and one that did.
 */
#include "cli/run_limits.h"

#include <stdio.h>
#include <unistd.h>

#include "test.h"

/* What is printed on stderr. */
static size_t tell(const struct pk_stream *stream, char *text, size_t bytes)
{
	FILE *file = tmpfile();
	int kept = dup(STDERR_FILENO);
	size_t len;

	assert_non_null(file);
	dup2(fileno(file), STDERR_FILENO);
	pk_run_limits_tell(stream);
	dup2(kept, STDERR_FILENO);
	close(kept);
	rewind(file);
	len = fread(text, 1, bytes - 1, file);
	text[len] = '\0';
	fclose(file);
	return len;
}

static void limits(void **state)
{
	const struct pk_stream_options options = { 0 };
	struct pk_stream *stream = NULL;
	_Alignas(8) char record[sizeof(struct pk_event)] = { 0 };
	char text[512];

	assert_int_equal(pk_stream_new(&options, &stream), 0);
	assert_int_equal(tell(stream, text, sizeof(text)), 0);
	assert_int_equal(pk_stream_feed(stream, record, sizeof(record)), -EBADMSG);
	assert_true(tell(stream, text, sizeof(text)) > 0);
	assert_string_equal(text,
			    "picket: warning: stream: 1 records were malformed and left out\n");
	pk_stream_free(stream);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
