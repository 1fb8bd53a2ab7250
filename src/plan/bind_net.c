// SPDX-License-Identifier: Apache-2.0
/*
 * Addresses and networks from text. IPv4 stands as ::ffff:a.b.c.d.
 */
#include <arpa/inet.h>
#include <string.h>

#include "plan/bind_internal.h"

#define V4_BITS_BEFORE 96u
#define TEXT_MAX 64u

bool pk_addr_parse(const char *text, uint8_t ret_addr[16])
{
	static const uint8_t v4_prefix[12] = { [10] = 0xff, [11] = 0xff };
	uint8_t addr[16];

	if (inet_pton(AF_INET, text, addr + 12) == 1)
		memcpy(addr, v4_prefix, sizeof(v4_prefix));
	else if (inet_pton(AF_INET6, text, addr) != 1)
		return false;
	memcpy(ret_addr, addr, sizeof(addr));
	return true;
}

/* Up to three digits. */
static bool parse_bits(const char *text, uint32_t max, uint32_t *ret_bits)
{
	size_t len = strspn(text, "0123456789");
	uint32_t bits = 0;

	if (!len || len > 3 || text[len])
		return false;
	for (size_t i = 0; i < len; i++)
		bits = bits * 10 + (uint32_t)(text[i] - '0');
	*ret_bits = bits;
	return bits <= max;
}

/* "255.255.0.0" as a number of bits, if it is one. */
static bool parse_mask(const char *text, uint32_t *ret_bits)
{
	struct in_addr mask;
	uint32_t value;

	if (inet_pton(AF_INET, text, &mask) != 1)
		return false;
	value = ntohl(mask.s_addr);
	*ret_bits = (uint32_t)__builtin_popcount(value);
	return value == (*ret_bits ? ~0u << (32 - *ret_bits) : 0);
}

static void clear_host_bits(struct pk_net *net)
{
	for (uint32_t bit = net->bits; bit < 128; bit++)
		net->addr[bit / 8] &= (uint8_t) ~(0x80u >> bit % 8);
}

bool pk_net_parse(const char *text, struct pk_net *ret_net)
{
	const char *slash = strchr(text, '/');
	char addr[TEXT_MAX];
	struct pk_net net;
	bool v4;

	if (!slash || (size_t)(slash - text) >= sizeof(addr))
		return false;
	memcpy(addr, text, (size_t)(slash - text));
	addr[slash - text] = '\0';
	v4 = !strchr(addr, ':');
	if (!pk_addr_parse(addr, net.addr))
		return false;
	if (!parse_bits(slash + 1, v4 ? 32 : 128, &net.bits) &&
	    !(v4 && parse_mask(slash + 1, &net.bits)))
		return false;
	if (v4)
		net.bits += V4_BITS_BEFORE;
	clear_host_bits(&net);
	*ret_net = net;
	return true;
}
