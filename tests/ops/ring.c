// SPDX-License-Identifier: Apache-2.0
/*
 * io_uring by its three system calls: one entry is put in, and its completion awaited, at a time.
 * A ring of each kind is made when it is first needed and lives as long as the process.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "call.h"

#define RING_ENTRIES 8u
#define SQPOLL_IDLE_MS 20

struct ring {
	int fd; /* 0: not made yet; negative: -errno of making it */
	unsigned int *sq_tail;
	unsigned int *sq_mask;
	unsigned int *sq_flags;
	unsigned int *sq_array;
	unsigned int *cq_head;
	unsigned int *cq_tail;
	unsigned int *cq_mask;
	struct io_uring_cqe *cqes;
	struct io_uring_sqe *sqes;
};

static struct ring rings[2]; /* plain, polled by a kernel thread */

static int ring_map(struct ring *ring, const struct io_uring_params *params)
{
	size_t sq_bytes = params->sq_off.array + params->sq_entries * sizeof(__u32);
	size_t cq_bytes = params->cq_off.cqes + params->cq_entries * sizeof(struct io_uring_cqe);
	size_t sqe_bytes = params->sq_entries * sizeof(struct io_uring_sqe);
	const int prot = PROT_READ | PROT_WRITE;
	char *sq, *cq;

	sq = mmap(NULL, sq_bytes, prot, MAP_SHARED | MAP_POPULATE, ring->fd, IORING_OFF_SQ_RING);
	cq = mmap(NULL, cq_bytes, prot, MAP_SHARED | MAP_POPULATE, ring->fd, IORING_OFF_CQ_RING);
	ring->sqes = mmap(NULL, sqe_bytes, prot, MAP_SHARED | MAP_POPULATE, ring->fd,
			  IORING_OFF_SQES);
	if (sq == MAP_FAILED || cq == MAP_FAILED || ring->sqes == MAP_FAILED)
		return -ENOMEM;
	ring->sq_tail = (void *)(sq + params->sq_off.tail);
	ring->sq_mask = (void *)(sq + params->sq_off.ring_mask);
	ring->sq_flags = (void *)(sq + params->sq_off.flags);
	ring->sq_array = (void *)(sq + params->sq_off.array);
	ring->cq_head = (void *)(cq + params->cq_off.head);
	ring->cq_tail = (void *)(cq + params->cq_off.tail);
	ring->cq_mask = (void *)(cq + params->cq_off.ring_mask);
	ring->cqes = (void *)(cq + params->cq_off.cqes);
	return 0;
}

static struct ring *ring_get(enum pk_how how)
{
	struct ring *ring = &rings[how == PK_HOW_RING_SQPOLL];
	struct io_uring_params params = {};
	int error;

	if (ring->fd)
		return ring;
	if (how == PK_HOW_RING_SQPOLL) {
		params.flags = IORING_SETUP_SQPOLL;
		params.sq_thread_idle = SQPOLL_IDLE_MS;
	}
	ring->fd = PK_SYS(SYS_io_uring_setup, RING_ENTRIES, &params);
	if (ring->fd < 0)
		return ring;
	error = ring_map(ring, &params);
	if (error)
		ring->fd = error;
	return ring;
}

long pk_ring_renew(void)
{
	const struct ring *ring;

	rings[0] = (struct ring){ 0 };
	ring = ring_get(PK_HOW_RING);
	return ring->fd < 0 ? ring->fd : (long)RING_ENTRIES;
}

long pk_ring_register_creds(void)
{
	return PK_SYS(SYS_io_uring_register, ring_get(PK_HOW_RING)->fd, IORING_REGISTER_PERSONALITY,
		      NULL, 0);
}

/* Puts the entry in and tells the kernel; the completion may come later. */
static long ring_submit(struct ring *ring, const struct io_uring_sqe *sqe, bool polled)
{
	unsigned int tail = *ring->sq_tail;
	unsigned int idx = tail & *ring->sq_mask;
	unsigned int flags = IORING_ENTER_GETEVENTS;

	ring->sqes[idx] = *sqe;
	ring->sq_array[idx] = idx;
	__atomic_store_n(ring->sq_tail, tail + 1, __ATOMIC_RELEASE);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (polled && (__atomic_load_n(ring->sq_flags, __ATOMIC_ACQUIRE) & IORING_SQ_NEED_WAKEUP))
		flags |= IORING_ENTER_SQ_WAKEUP;
	return PK_SYS(SYS_io_uring_enter, ring->fd, 1u, 1u, flags, NULL, 0ul);
}

/* Takes one completion; some operations announce a second one. */
static long ring_reap(struct ring *ring, bool *ret_more)
{
	unsigned int head = *ring->cq_head;
	struct io_uring_cqe *cqe;
	long result;

	while (head == __atomic_load_n(ring->cq_tail, __ATOMIC_ACQUIRE)) {
		result = PK_SYS(SYS_io_uring_enter, ring->fd, 0u, 1u, IORING_ENTER_GETEVENTS, NULL,
				0ul);
		if (result < 0 && result != -EINTR)
			return result;
	}
	cqe = &ring->cqes[head & *ring->cq_mask];
	result = cqe->res;
	*ret_more = cqe->flags & IORING_CQE_F_MORE;
	__atomic_store_n(ring->cq_head, head + 1, __ATOMIC_RELEASE);
	return result;
}

long pk_ring_run(enum pk_how how, const struct io_uring_sqe *sqe)
{
	struct ring *ring = ring_get(how);
	struct io_uring_sqe entry = *sqe;
	bool more = false, again;
	long result;

	if (ring->fd < 0)
		return ring->fd;
	if (how == PK_HOW_RING_ASYNC)
		entry.flags |= IOSQE_ASYNC;
	result = ring_submit(ring, &entry, how == PK_HOW_RING_SQPOLL);
	if (result < 0)
		return result;
	result = ring_reap(ring, &more);
	while (more) {
		ring_reap(ring, &again);
		more = again;
	}
	return result;
}

long pk_ring_files(enum pk_how how, unsigned int cnt)
{
	struct ring *ring = ring_get(how);
	int empty[RING_ENTRIES];

	memset(empty, 0xff, sizeof(empty));
	if (ring->fd < 0)
		return ring->fd;
	return PK_SYS(SYS_io_uring_register, ring->fd, IORING_REGISTER_FILES, empty, cnt);
}

void pk_ring_forget(void)
{
	memset(rings, 0, sizeof(rings));
}
