// SPDX-License-Identifier: Apache-2.0
/*
 * 32-bit system calls out of a 64-bit program: int $0x80 with pointers below 4 GiB (x86). A kernel that has
 * them switched off (ia32_emulation=0) answers with SIGSEGV: here that is -ENOSYS.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>

#include "call.h"

#define LOW_SLOTS 64u
#define LOW_SLOT_BYTES 16384u

#ifdef __x86_64__
static sigjmp_buf back;

static void on_fault(int signo)
{
	siglongjmp(back, 1);
}

static long interrupt(long nr, long a, long b, long c, long d, long e)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(nr), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
			 : "r8", "r9", "r10", "r11", "memory");
	return (int)result;
}

/* Asked once, with a call that does nothing: getpid(). */
bool pk_has_int80(void)
{
	static int known;
	const struct sigaction action = { .sa_handler = on_fault, .sa_flags = SA_NODEFER };
	struct sigaction before;

	if (known)
		return known > 0;
	sigaction(SIGSEGV, &action, &before);
	known = -1;
	if (!sigsetjmp(back, 1)) {
		interrupt(20, 0, 0, 0, 0, 0);
		known = 1;
	}
	sigaction(SIGSEGV, &before, NULL);
	return known > 0;
}

long pk_int80(long nr, long a, long b, long c, long d, long e)
{
	return pk_has_int80() ? interrupt(nr, a, b, c, d, e) : -ENOSYS;
}

__u32 pk_low(const void *bytes, size_t len)
{
	static char *slots;
	static unsigned int next;
	char *slot;

	if (!slots)
		slots = mmap(NULL, LOW_SLOTS * LOW_SLOT_BYTES, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	if (slots == MAP_FAILED || len > LOW_SLOT_BYTES)
		return 0;
	slot = slots + (next++ % LOW_SLOTS) * LOW_SLOT_BYTES;
	memcpy(slot, bytes, len);
	return (__u32)(unsigned long)slot;
}
#else
bool pk_has_int80(void)
{
	return false;
}

long pk_int80(long nr, long a, long b, long c, long d, long e)
{
	return -ENOSYS;
}

__u32 pk_low(const void *bytes, size_t len)
{
	return 0;
}
#endif

__u32 pk_low_str(const char *text)
{
	return pk_low(text, strlen(text) + 1);
}
