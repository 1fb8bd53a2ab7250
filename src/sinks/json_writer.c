/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strings and numbers of JSON. Clean text is copied sixteen bytes at a time; the first byte that
 * needs thought goes to the slow path, which knows UTF-8.
 */
#include "sinks/json_writer.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <stdint.h>

#include "base/utf8.h"

#define ESCAPED_MAX 6u /* output bytes for one byte of input: \u001f, or U+FFFD as \ufffd */

/* Sixteen bytes at once, on any machine: compilers know what to make of it. */
typedef unsigned char bytes16 __attribute__((vector_size(16)));
typedef uint64_t words2 __attribute__((vector_size(16)));

static const char digit_pairs[] = "00010203040506070809101112131415161718192021222324"
				  "25262728293031323334353637383940414243444546474849"
				  "50515253545556575859606162636465666768697071727374"
				  "75767778798081828384858687888990919293949596979899";

static const char hex_digits[] = "0123456789abcdef";

int pk_jw_begin(struct pk_jw *w, struct pk_buf *out)
{
	int err = pk_buf_reserve(out, PK_JW_SLACK_BYTES);

	if (err)
		return err;
	*w = (struct pk_jw){ .out = out,
			     .p = out->data + out->len_bytes,
			     .end = out->data + out->cap_bytes };
	return 0;
}

int pk_jw_end(struct pk_jw *w)
{
	assert(w->p <= w->end);
	if (w->failed)
		return -ENOMEM;
	w->out->len_bytes = (size_t)(w->p - w->out->data);
	return 0;
}

/* Room for `bytes` and the slack. False: none; what was written of the event is given up. */
static bool make_room(struct pk_jw *w, size_t bytes)
{
	size_t used = (size_t)(w->p - (w->out->data + w->out->len_bytes));

	assert(w->p <= w->end);
	if ((size_t)(w->end - w->p) >= bytes + PK_JW_SLACK_BYTES)
		return true;
	if (pk_buf_reserve(w->out, used + bytes + PK_JW_SLACK_BYTES) < 0) {
		w->p = w->out->data + w->out->len_bytes;
		w->failed = true;
		return false;
	}
	w->p = w->out->data + w->out->len_bytes + used;
	w->end = w->out->data + w->out->cap_bytes;
	return true;
}

/* Whether all bytes are printable ASCII without quote and backslash. */
static bool is_clean(bytes16 x)
{
	bytes16 dirty = (bytes16)(x < 0x20) | (bytes16)(x > 0x7e) | (bytes16)(x == '"') |
			(bytes16)(x == '\\');
	uint64_t halves[2];

	memcpy(halves, &dirty, sizeof(halves));
	return !(halves[0] | halves[1]);
}

static bool is_clean_byte(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static char *put_u4(char *p, unsigned int code)
{
	memcpy(p, "\\u00", 4);
	p[4] = hex_digits[code >> 4 & 0xf];
	p[5] = hex_digits[code & 0xf];
	return p + 6;
}

static char *put_ascii(char *p, unsigned char c)
{
	static const char shorts[] = { ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
				       ['\r'] = 'r', ['"'] = '"',  ['\\'] = '\\' };

	if (is_clean_byte(c)) {
		*p = (char)c;
		return p + 1;
	}
	if (c < sizeof(shorts) && shorts[c]) {
		p[0] = '\\';
		p[1] = shorts[c];
		return p + 2;
	}
	return put_u4(p, c);
}

/* One character: how many bytes of input it took. C1 controls are escaped, some terminals obey. */
static size_t put_char(struct pk_jw *w, char **p, const unsigned char *data, size_t len)
{
	size_t bytes = pk_utf8_check(data, len);

	if (bytes == 1) {
		*p = put_ascii(*p, data[0]);
	} else if (bytes == 0) {
		memcpy(*p, "\\ufffd", 6);
		*p += 6;
		w->invalid_utf8 = true;
		bytes = 1;
	} else if (bytes == 2 && data[0] == 0xc2 && data[1] < 0xa0) {
		*p = put_u4(*p, data[1]);
	} else {
		memcpy(*p, data, bytes);
		*p += bytes;
	}
	return bytes;
}

/* The last bytes of a string, fewer than sixteen: words that overlap, as long as all are clean. */
static size_t copy_clean_tail(char *p, const char *data, size_t len)
{
	uint64_t first, last;
	size_t i = 0;

	if (len >= sizeof(first)) {
		memcpy(&first, data, sizeof(first));
		memcpy(&last, data + len - sizeof(last), sizeof(last));
		if (is_clean((bytes16)(words2){ first, last })) {
			memcpy(p, &first, sizeof(first));
			memcpy(p + len - sizeof(last), &last, sizeof(last));
			return len;
		}
	}
	while (i < len && is_clean_byte((unsigned char)data[i])) {
		p[i] = data[i];
		i++;
	}
	return i;
}

/* Copies the clean bytes at the beginning of `data` and returns how many they are. */
static size_t copy_clean(char *p, const char *data, size_t len)
{
	size_t i = 0;
	bytes16 x;

	for (; len - i >= sizeof(x); i += sizeof(x)) {
		memcpy(&x, data + i, sizeof(x));
		if (!is_clean(x))
			break;
		memcpy(p + i, &x, sizeof(x));
	}
	if (len - i >= sizeof(x))
		return i + copy_clean_tail(p + i, data + i, sizeof(x) - 1);
	return i + copy_clean_tail(p + i, data + i, len - i);
}

void pk_jw_string(struct pk_jw *w, const char *data, size_t len)
{
	size_t i = 0;
	char *p;

	if (!make_room(w, ESCAPED_MAX * len + 2))
		return;
	p = w->p;
	*p++ = '"';
	for (;;) {
		size_t clean = copy_clean(p, data + i, len - i);

		p += clean;
		i += clean;
		if (i == len)
			break;
		i += put_char(w, &p, (const unsigned char *)data + i, len - i);
	}
	*p++ = '"';
	w->p = p;
}

static unsigned int count_digits(__u64 number)
{
	unsigned int cnt = 1;

	while (number >= 100) {
		number /= 100;
		cnt += 2;
	}
	return cnt + (number >= 10);
}

void pk_jw_u64(struct pk_jw *w, __u64 number)
{
	char *p = w->p + count_digits(number);

	w->p = p;
	while (number >= 100) {
		p -= 2;
		memcpy(p, digit_pairs + 2 * (number % 100), 2);
		number /= 100;
	}
	if (number >= 10)
		memcpy(p - 2, digit_pairs + 2 * number, 2);
	else
		p[-1] = (char)('0' + number);
}

void pk_jw_s32(struct pk_jw *w, __s32 number)
{
	__s64 wide = number;

	if (wide < 0)
		*w->p++ = '-';
	pk_jw_u64(w, (__u64)(wide < 0 ? -wide : wide));
}

/* Eight digits at once: a nibble a byte, then '0', or 'a' - 10 above nine, added to each. */
static void put_hex32(char *p, __u32 number)
{
	uint64_t x = number;
	uint64_t above_nine;

	x = (x | x << 16) & 0x0000ffff0000ffffull;
	x = (x | x << 8) & 0x00ff00ff00ff00ffull;
	x = (x | x << 4) & 0x0f0f0f0f0f0f0f0full;
	above_nine = (x + 0x0606060606060606ull) >> 4 & 0x0101010101010101ull;
	x = htobe64(x + 0x3030303030303030ull + above_nine * ('a' - 10 - '0'));
	memcpy(p, &x, sizeof(x));
}

void pk_jw_hex64(struct pk_jw *w, __u64 number)
{
	char *p = w->p;

	p[0] = '"';
	put_hex32(p + 1, (__u32)(number >> 32));
	put_hex32(p + 9, (__u32)number);
	p[17] = '"';
	w->p = p + 18;
}

void pk_jw_mode(struct pk_jw *w, __u32 mode)
{
	char *p = w->p;

	*p++ = '"';
	for (int shift = 9; shift >= 0; shift -= 3)
		*p++ = (char)('0' + (mode >> shift & 7));
	*p++ = '"';
	w->p = p;
}

void pk_jw_dev(struct pk_jw *w, __u32 dev)
{
	*w->p++ = '"';
	pk_jw_u64(w, dev >> 20);
	*w->p++ = ':';
	pk_jw_u64(w, dev & 0xfffff);
	*w->p++ = '"';
}

static void put_dotted(struct pk_jw *w, const __u8 address[4])
{
	for (int i = 0; i < 4; i++) {
		if (i)
			*w->p++ = '.';
		pk_jw_u64(w, address[i]);
	}
}

void pk_jw_ipv4(struct pk_jw *w, const __u8 address[4])
{
	*w->p++ = '"';
	put_dotted(w, address);
	*w->p++ = '"';
}

/* The longest run of two or more zero groups, the first of equals. */
static void find_zeros(const unsigned int groups[8], int *ret_at, int *ret_cnt)
{
	*ret_at = -1;
	*ret_cnt = 1;
	for (int i = 0; i < 8; i++) {
		int cnt = 0;

		while (i + cnt < 8 && !groups[i + cnt])
			cnt++;
		if (cnt > *ret_cnt) {
			*ret_at = i;
			*ret_cnt = cnt;
		}
		i += cnt;
	}
}

static void put_group(struct pk_jw *w, unsigned int group)
{
	bool started = false;

	for (int shift = 12; shift >= 0; shift -= 4) {
		unsigned int digit = group >> shift & 0xf;

		started = started || digit || !shift;
		if (started)
			*w->p++ = hex_digits[digit];
	}
}

static void put_groups(struct pk_jw *w, const unsigned int groups[8])
{
	int zeros_at, zeros_cnt;

	find_zeros(groups, &zeros_at, &zeros_cnt);
	for (int i = 0; i < 8; i++) {
		if (i == zeros_at) {
			pk_jw_lit(w, "::");
			i += zeros_cnt - 1;
			continue;
		}
		if (i && i != zeros_at + zeros_cnt)
			*w->p++ = ':';
		put_group(w, groups[i]);
	}
}

void pk_jw_ipv6(struct pk_jw *w, const __u8 address[16])
{
	static const __u8 mapped[12] = { [10] = 0xff, [11] = 0xff };
	unsigned int groups[8];

	for (int i = 0; i < 8; i++)
		groups[i] = (unsigned int)address[2 * i] << 8 | address[2 * i + 1];
	*w->p++ = '"';
	if (memcmp(address, mapped, sizeof(mapped)) == 0) {
		pk_jw_lit(w, "::ffff:");
		put_dotted(w, address + 12);
	} else {
		put_groups(w, groups);
	}
	*w->p++ = '"';
}

char *pk_jw_padded(char *p, __u32 number, unsigned int digits)
{
	for (unsigned int i = digits; i-- > 0; number /= 10)
		p[i] = (char)('0' + number % 10);
	return p + digits;
}
