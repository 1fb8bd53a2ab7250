// SPDX-License-Identifier: Apache-2.0
/*
 * Kernel code: modules, and kernels to boot into; and io_uring operations under registered credentials. What is
 * loaded is none of both, which the kernel finds out when it has asked the security modules: an attempt.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kexec.h>
#include <linux/module.h>
#include <string.h>
#include <unistd.h>

#include "call.h"
#include "system.h"

#define FILE_NAME "no-module"
#define SEGMENTS_BEYOND (KEXEC_SEGMENT_MAX + 1)

static const char garbage[256] = "neither a module nor a kernel";

/* Too few rights, or what these calls are is switched off: they end before the hook. */
static bool came_to_nothing(long result)
{
	return result == -EPERM || result == -ENOSYS;
}

static bool begin(const struct pk_sys_way *way, const char *type, const char *what, long result)
{
	char variant[128];

	if (came_to_nothing(result)) {
		pk_format(variant, sizeof(variant), "%s: %s, %s", type, way->name, what);
		pk_log_skipped(variant, -result);
		return false;
	}
	if (result != -ENOEXEC && result != -EINVAL)
		pk_log_die("%s of garbage gives %ld", what, result);
	pk_format(variant, sizeof(variant), "%s, %s", way->name, what);
	pk_log_begin(type, variant);
	pk_log_bool("compat", way->compat);
	pk_log_int("result", result);
	return true;
}

long pk_load_module(const struct pk_sys_way *way)
{
	return pk_sys_call(way, SYS_init_module, 128, pk_sys_bytes(way, garbage, sizeof(garbage)),
			   sizeof(garbage), pk_sys_text(way, ""), 0, 0);
}

long pk_load_module_file(const struct pk_sys_way *way, int fd, int flags)
{
	return pk_sys_call(way, SYS_finit_module, 350, fd, pk_sys_text(way, ""), flags, 0, 0);
}

long pk_load_kernel(const struct pk_sys_way *way, unsigned long flags)
{
	return pk_sys_call(way, SYS_kexec_load, 283, 0, SEGMENTS_BEYOND, 0, (long)flags, 0);
}

long pk_load_kernel_file(const struct pk_sys_way *way, int fd)
{
	return pk_sys_call(way, SYS_kexec_file_load, -1, fd, -1, 0, 0, KEXEC_FILE_NO_INITRAMFS);
}

static void modules(const struct pk_sys_way *way, int fd)
{
	const int flags = MODULE_INIT_IGNORE_VERMAGIC;

	if (begin(way, "module", "init_module", pk_load_module(way))) {
		pk_log_str("from", "memory");
		pk_log_end();
	}
	if (begin(way, "module", "finit_module", pk_load_module_file(way, fd, flags))) {
		pk_log_str("from", "file");
		pk_log_path("path", pk_at(FILE_NAME));
		pk_log_strs("flags", (char *const[]){ "MODULE_INIT_IGNORE_VERMAGIC", NULL });
		pk_log_end();
	}
}

static void kernels(const struct pk_sys_way *way, int fd)
{
	if (begin(way, "kexec", "kexec_load", pk_load_kernel(way, KEXEC_ON_CRASH))) {
		pk_log_str("from", "memory");
		pk_log_strs("flags", (char *const[]){ "ON_CRASH", NULL });
		pk_log_end();
	}
	if (begin(way, "kexec", "kexec_file_load", pk_load_kernel_file(way, fd))) {
		pk_log_str("from", "file");
		pk_log_path("path", pk_at(FILE_NAME));
		pk_log_strs("flags", (char *const[]){ "NO_INITRAMFS", NULL });
		pk_log_end();
	}
}

static void credentials(void)
{
	struct io_uring_sqe sqe = { .opcode = IORING_OP_NOP };
	long result = pk_ring_renew();

	if (result < 0) {
		pk_log_skipped("io_uring: credentials", -result);
		return;
	}
	pk_log_begin("io_uring", "a ring with credentials");
	pk_log_str("operation", "setup");
	pk_log_int("entries", result);
	pk_log_end();
	result = pk_ring_register_creds();
	if (result > 0) {
		sqe.personality = (__u16)result;
		result = pk_ring_run(PK_HOW_RING, &sqe);
	}
	if (result < 0) {
		pk_log_skipped("io_uring: credentials", -result);
		return;
	}
	pk_log_begin("io_uring", "under registered credentials");
	pk_log_str("operation", "override_creds");
	pk_log_end();
}

void pk_load_group(const struct pk_sys_way *way)
{
	int fd = syscall(SYS_openat, AT_FDCWD, FILE_NAME, O_WRONLY | O_CREAT | O_EXCL, 0600);

	if (fd < 0)
		pk_log_die("cannot make '%s': %s", FILE_NAME, strerror(errno));
	pk_log_begin("open", "something to load");
	pk_log_opened(fd, pk_at(FILE_NAME), O_WRONLY | O_CREAT | O_EXCL, true);
	pk_log_end();
	if (write(fd, garbage, sizeof(garbage)) != sizeof(garbage))
		pk_log_die("cannot write '%s': %s", FILE_NAME, strerror(errno));
	close(fd);
	fd = pk_open_file(FILE_NAME, O_RDONLY | O_CLOEXEC, "to be loaded");
	modules(way, fd);
	kernels(way, fd);
	close(fd);
	pk_remove_file(FILE_NAME);
	if (!way->compat)
		credentials();
}
