// SPDX-License-Identifier: Apache-2.0
/*
 * Frames of gRPC, and servers that are none. With a real one: tests/vm/test-containers.
 */
#include "meta/grpc_unix.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "rooted.h"
#include "test.h"

static void frames(void **state)
{
	struct pk_text message;

	assert_int_equal(pk_grpc_unframe((struct pk_text){ "\0\0\0\0\2hi", 7 }, &message), 0);
	assert_text(message, "hi");
	assert_int_equal(pk_grpc_unframe((struct pk_text){ "\0\0\0\0\0", 5 }, &message), 0);
	assert_int_equal(message.len, 0);
	assert_int_equal(pk_grpc_unframe((struct pk_text){ "\0\0\0\0\3hi", 7 }, &message),
			 -EBADMSG);
	assert_int_equal(pk_grpc_unframe((struct pk_text){ "\1\0\0\0\2hi", 7 }, &message),
			 -EBADMSG);
	assert_int_equal(pk_grpc_unframe((struct pk_text){ "\0\0\0", 3 }, &message), -EBADMSG);
	assert_int_equal(pk_grpc_unframe((struct pk_text){ "\0\377\377\377\377hi", 7 }, &message),
			 -EBADMSG);
}

static void nobody_answers(void **state)
{
	pk_cleanup(pk_grpc_unix_free_p) struct pk_grpc_unix *grpc = NULL;
	pk_buf_cleanup struct pk_buf request = PK_BUF_INIT;
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct pk_text answer;
	int fd;

	assert_int_equal(pk_grpc_unix_new(200, &grpc), 0);
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/socket", root);
	assert_int_equal(pk_grpc_unix_call(grpc, addr.sun_path, "/a.B/C", NULL, &request, &answer),
			 -ECONNREFUSED);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(pk_grpc_unix_call(grpc, addr.sun_path, "/a.B/C", "x: y", &request,
					   &answer),
			 -ETIMEDOUT);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames),
		cmocka_unit_test_setup_teardown(nobody_answers, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
