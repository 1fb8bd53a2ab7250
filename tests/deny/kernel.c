// SPDX-License-Identifier: Apache-2.0
/* What asks much of the kernel, kernel code, and memory that is written and executed. */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/kexec.h>
#include <linux/module.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../ops/call.h"
#include "../ops/system.h"
#include "attempt.h"

struct job {
	const struct pk_sys_way *way;
	bool neighbour;
};

#define CALL(nr, nr32, ...) pk_sys_call(job->way, nr, nr32, __VA_ARGS__)
#define BYTES(thing) pk_sys_bytes(job->way, &(thing), sizeof(thing))

static long do_memfd(void *arg)
{
	const struct job *job = arg;

	return CALL(SYS_memfd_create, 356, pk_sys_text(job->way, "attempt"),
		    job->neighbour ? 0 : MFD_CLOEXEC | MFD_ALLOW_SEALING, 0, 0, 0);
}

static long do_userfaultfd(void *arg)
{
	const struct job *job = arg;

	return CALL(SYS_userfaultfd, 374, job->neighbour ? 02000000 : 02004000, 0, 0, 0, 0);
}

static long do_ring(void *arg)
{
	const struct job *job = arg;
	struct io_uring_params params = {};

	return CALL(SYS_io_uring_setup, 425, job->neighbour ? 2 : 16, BYTES(params), 0, 0, 0);
}

static long do_perf(void *arg)
{
	const struct job *job = arg;
	struct perf_event_attr attr = { .type = PERF_TYPE_SOFTWARE, .size = sizeof(attr) };

	return CALL(SYS_perf_event_open, 336, BYTES(attr), 0, -1, -1, 0);
}

static long do_bpf(void *arg)
{
	const struct job *job = arg;
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1
	};

	memcpy(attr.map_name, job->neighbour ? "another" : "denied_map", 10);
	return CALL(SYS_bpf, 357, BPF_MAP_CREATE, BYTES(attr), sizeof(attr), 0, 0);
}

static long do_mmap(void *arg)
{
	const struct job *job = arg;
	int prot = job->neighbour ? PROT_READ | PROT_EXEC : PROT_READ | PROT_WRITE | PROT_EXEC;
	long result = job->way->compat ?
			      pk_int80(192, 0, 4096, prot, MAP_SHARED | MAP_ANONYMOUS, -1) :
			      (long)mmap(NULL, 4096, prot, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (!job->way->compat && result == -1)
		return -errno;
	return result < 0 && result > -4096 ? result : 0;
}

static long do_mprotect(void *arg)
{
	const struct job *job = arg;
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	if (page == MAP_FAILED)
		pk_deny_unable("memory", errno);
	page[0] = 1;
	return CALL(SYS_mprotect, 125, (long)page, 4096,
		    job->neighbour ? PROT_READ : PROT_READ | PROT_EXEC, 0, 0);
}

/* Garbage is what the kernel says of it when nobody has stopped it. */
static long garbage(long result, int error)
{
	return result == -error ? 0 : result;
}

static long do_module(void *arg)
{
	return garbage(pk_load_module(((const struct job *)arg)->way), ENOEXEC);
}

static long do_module_file(void *arg)
{
	const struct job *job = arg;
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		pk_deny_unable("a file", errno);
	return garbage(pk_load_module_file(job->way, fd,
					   job->neighbour ? 0 : MODULE_INIT_IGNORE_VERMAGIC),
		       ENOEXEC);
}

static long do_kexec(void *arg)
{
	const struct job *job = arg;

	return garbage(pk_load_kernel(job->way, job->neighbour ? 0 : KEXEC_ON_CRASH), EINVAL);
}

static long do_kexec_file(void *arg)
{
	const struct job *job = arg;
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		pk_deny_unable("a file", errno);
	return garbage(pk_load_kernel_file(job->way, fd), ENOEXEC);
}

/* An operation of a ring under credentials that were registered with it; no other table has another ring. */
static long do_credentials(void *arg)
{
	const struct job *job = arg;
	struct io_uring_sqe sqe = { .opcode = IORING_OP_NOP };
	long result = pk_ring_renew();

	if (result >= 0)
		result = pk_ring_register_creds();
	if (result < 0)
		pk_deny_unable("a ring with credentials", (int)-result);
	sqe.personality = job->neighbour ? 0 : (__u16)result;
	return pk_ring_run(PK_HOW_RING, &sqe);
}

static const struct {
	const char *name;
	const char *rule;
	long (*attempt)(void *arg);
} attempts[] = {
	{ "memfd_create", "no memfd", do_memfd },
	{ "userfaultfd", "no userfaultfd", do_userfaultfd },
	{ "io_uring", "no ring", do_ring },
	{ "perf_event_open", "no perf event", do_perf },
	{ "io_uring credentials", "no credentials", do_credentials },
	{ "init_module", "no module", do_module },
	{ "finit_module", "no module", do_module_file },
	{ "kexec_load", "no kexec", do_kexec },
	{ "kexec_file_load", "no kexec", do_kexec_file },
	{ "bpf", "no map", do_bpf },
	{ "mmap", "no writable code", do_mmap },
	{ "mprotect", "no new code", do_mprotect },
};

/* Of some calls the rule says no more than which. */
static bool has_neighbour(long (*attempt)(void *arg))
{
	return attempt != do_perf && attempt != do_module && attempt != do_kexec_file;
}

void pk_deny_group_kernel(void)
{
	const struct pk_sys_way *way;
	unsigned int i;

	for (way = pk_sys_ways; way->name; way++) {
		if (way->compat && !pk_has_int80())
			continue;
		for (i = 0; i < 2 * PK_ARRAY_SIZE(attempts); i++) {
			struct job job = { .way = way, .neighbour = i & 1 };
			struct pk_deny_case c = { .rule = job.neighbour ? NULL :
									  attempts[i / 2].rule,
						  .attempt = attempts[i / 2].attempt,
						  .arg = &job };

			if (job.neighbour && !has_neighbour(attempts[i / 2].attempt))
				continue;
			pk_format(c.name, sizeof(c.name), "%s%s: %s", attempts[i / 2].name,
				  job.neighbour ? " neighbour" : "", way->name);
			pk_deny_run(&c);
		}
	}
}
