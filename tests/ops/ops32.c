// SPDX-License-Identifier: Apache-2.0
/* A 32-bit program with nothing in it but its end (x86): it exits with PK_EXIT_CHILD. */
__attribute__((noreturn)) void _start(void);

void _start(void)
{
	for (;;)
		__asm__ volatile("int $0x80" : : "a"(1), "b"(42));
}
