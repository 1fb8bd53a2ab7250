// SPDX-License-Identifier: Apache-2.0
/*
 * Time limits are the socket's own: connecting waits while the agent's queue is full, sending while its buffer is.
 */
#include "meta/hook_client.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include "base/cleanup.h"
#include "meta/hook_wire.h"

static int set_limits(int fd, uint32_t timeout_ms)
{
	struct timeval limit = { .tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000 };

	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)))
		return -errno;
	return 0;
}

static int connect_to(int fd, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path) + 1);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)))
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len))
		return -errno;
	return peer.uid == geteuid() ? 0 : -EPERM;
}

static int send_facts(int fd, const struct pk_record *record, int pidfd)
{
	struct pk_hook_head head = { .magic = PK_HOOK_MAGIC,
				     .wire_version = PK_WIRE_VERSION,
				     .head_bytes = sizeof(head) };
	struct iovec parts[] = { { &head, sizeof(head) },
				 { (void *)&record->u, record->len_bytes } };
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(pidfd))];
	} control = { 0 };
	struct msghdr message = { .msg_iov = parts,
				  .msg_iovlen = PK_ARRAY_SIZE(parts),
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *rights = CMSG_FIRSTHDR(&message);

	rights->cmsg_level = SOL_SOCKET;
	rights->cmsg_type = SCM_RIGHTS;
	rights->cmsg_len = CMSG_LEN(sizeof(pidfd));
	memcpy(CMSG_DATA(rights), &pidfd, sizeof(pidfd));
	if (sendmsg(fd, &message, MSG_NOSIGNAL) < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	return 0;
}

static int read_answer(int fd)
{
	struct pk_hook_answer answer;
	ssize_t got = recv(fd, &answer, sizeof(answer), 0);

	if (got < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	if (got != sizeof(answer) || answer.magic != PK_HOOK_MAGIC || answer.err > 0)
		return -EPROTO;
	return answer.err;
}

int pk_hook_client_tell(const char *path, const struct pk_record *record, int pidfd,
			uint32_t timeout_ms)
{
	pk_cleanup(pk_close_p) int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	int err;

	if (fd < 0)
		return -errno;
	err = set_limits(fd, timeout_ms);
	err = err ?: connect_to(fd, path);
	err = err ?: send_facts(fd, record, pidfd);
	return err ?: read_answer(fd);
}
