// SPDX-License-Identifier: Apache-2.0
/*
 * What asks much of the kernel, and memory that is written and executed, by both tables of system calls. In a
 * child that logs all of these operations.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "system.h"

#define NAMES(...) ((char *const[]){ __VA_ARGS__, NULL })

static bool begin(const struct pk_sys_way *way, const char *type, const char *what, long result)
{
	char variant[128];

	pk_format(variant, sizeof(variant), "%s, %s", way->name, what);
	/* addresses may look negative */
	if (result < 0 && result > -4096) {
		pk_format(variant, sizeof(variant), "%s: %s, %s", type, way->name, what);
		pk_log_skipped(variant, -result);
		return false;
	}
	pk_log_begin(type, variant);
	pk_log_bool("compat", way->compat);
	return true;
}

static void memfd(const struct pk_sys_way *way)
{
	long fd = pk_sys_call(way, SYS_memfd_create, 356, pk_sys_text(way, "picket test"),
			      MFD_CLOEXEC | MFD_ALLOW_SEALING, 0, 0, 0);

	if (!begin(way, "memfd_create", "sealable", fd))
		return;
	pk_log_str("name", "picket test");
	pk_log_strs("flags", NAMES("MFD_CLOEXEC", "MFD_ALLOW_SEALING"));
	pk_log_end();
	close(fd);
}

static void faults(const struct pk_sys_way *way)
{
	long fd = pk_sys_call(way, SYS_userfaultfd, 374, 02000000, 0, 0, 0, 0);

	if (!begin(way, "userfaultfd", "closed at exec", fd))
		return;
	pk_log_strs("flags", NAMES("O_CLOEXEC"));
	pk_log_end();
	close(fd);
}

static void ring(const struct pk_sys_way *way)
{
	struct io_uring_params params = { .flags = IORING_SETUP_CLAMP };
	long fd = pk_sys_call(way, SYS_io_uring_setup, 425, 4,
			      pk_sys_bytes(way, &params, sizeof(params)), 0, 0, 0);

	if (!begin(way, "io_uring", "set up", fd))
		return;
	pk_log_str("operation", "setup");
	pk_log_int("entries", 4);
	pk_log_strs("flags", NAMES("IORING_SETUP_CLAMP"));
	pk_log_end();
	close(fd);
}

static void counter(const struct pk_sys_way *way)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_SOFTWARE, .size = sizeof(attr) };
	long fd = pk_sys_call(way, SYS_perf_event_open, 336, pk_sys_bytes(way, &attr, sizeof(attr)),
			      0, -1, -1, 0);

	if (!begin(way, "perf_event_open", "a clock", fd))
		return;
	pk_log_str("event_type", "PERF_TYPE_SOFTWARE");
	pk_log_end();
	close(fd);
}

static void map(const struct pk_sys_way *way)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1
	};
	long fd;

	memcpy(attr.map_name, "picket_test", 11);
	fd = pk_sys_call(way, SYS_bpf, 357, BPF_MAP_CREATE, pk_sys_bytes(way, &attr, sizeof(attr)),
			 sizeof(attr), 0, 0);
	if (!begin(way, "bpf", "a map", fd))
		return;
	pk_log_str("command", "BPF_MAP_CREATE");
	pk_log_str("name", "picket_test");
	pk_log_int("object_type", BPF_MAP_TYPE_ARRAY);
	pk_log_end();
	close(fd);
}

static void rare_socket(const struct pk_sys_way *way)
{
	long fd = pk_sys_call(way, SYS_socket, 359, AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0, 0, 0);

	if (!begin(way, "socket", "of packets", fd))
		return;
	pk_log_str("domain", "AF_PACKET");
	pk_log_int("socket_type", SOCK_DGRAM);
	pk_log_int("protocol", 0);
	pk_log_end();
	close(fd);
}

static void memory(const struct pk_sys_way *way)
{
	char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	long result;

	if (pages == MAP_FAILED)
		pk_log_die("cannot map memory: %s", strerror(errno));
	pages[0] = 1;
	result = pk_sys_call(way, SYS_mprotect, 125, (long)pages, 4096, PROT_READ | PROT_EXEC, 0,
			     0);
	if (begin(way, "mprotect", "written memory", result)) {
		pk_log_int("length", 4096);
		pk_log_strs("prot", NAMES("PROT_READ", "PROT_EXEC"));
		pk_log_end();
	}
	munmap(pages, 8192);
	result = way->compat ? pk_int80(192, 0, 4096, 7, MAP_PRIVATE | MAP_ANONYMOUS, -1) :
			       (long)mmap(NULL, 4096, 7, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!begin(way, "mmap", "all at once", result))
		return;
	pk_log_int("length", 4096);
	pk_log_strs("prot", NAMES("PROT_READ", "PROT_WRITE", "PROT_EXEC"));
	pk_log_strs("flags", NAMES("MAP_PRIVATE", "MAP_ANONYMOUS"));
	pk_log_end();
}

void pk_group_kernel(void)
{
	const struct pk_sys_way *way;
	int pid;

	pk_group_enter("kernel");
	for (way = pk_sys_ways; way->name; way++) {
		if (way->compat && !pk_has_int80())
			continue;
		pid = pk_fork("to ask the kernel");
		if (!pid) {
			memfd(way);
			faults(way);
			ring(way);
			counter(way);
			map(way);
			rare_socket(way);
			memory(way);
			pk_load_group(way);
			_exit(0);
		}
		pk_wait(pid);
	}
	pk_group_leave();
}
