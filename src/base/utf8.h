/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
 */
#ifndef PK_BASE_UTF8_H
#define PK_BASE_UTF8_H

#include <stddef.h>

/* Lowest and highest second byte that may follow the first. */
static inline void pk_utf8_second(unsigned char first, unsigned char *ret_low,
				  unsigned char *ret_high)
{
	*ret_low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
	*ret_high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
}

/* Bytes of the character that `data` (`len` > 0 bytes) starts with, 1 to 4; 0: not UTF-8. */
static inline size_t pk_utf8_check(const unsigned char *data, size_t len)
{
	unsigned char first = data[0];
	unsigned char low, high;
	size_t bytes;

	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	bytes = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	if (len < bytes)
		return 0;
	pk_utf8_second(first, &low, &high);
	if (data[1] < low || data[1] > high)
		return 0;
	for (size_t i = 2; i < bytes; i++) {
		if (data[i] < 0x80 || data[i] > 0xbf)
			return 0;
	}
	return bytes;
}

/* The code point of the `bytes` that pk_utf8_check() counted. */
static inline unsigned int pk_utf8_decode(const unsigned char *data, size_t bytes)
{
	unsigned int code = bytes == 1 ? data[0] : data[0] & (0xffu >> (bytes + 1));

	for (size_t i = 1; i < bytes; i++)
		code = code << 6 | (data[i] & 0x3f);
	return code;
}

#endif
