// SPDX-License-Identifier: Apache-2.0
/*
 * matchArgs about sockets: addresses, ports, protocols, families.
 */
#include <arpa/inet.h>
#include <strings.h>

#include "base/cleanup.h"
#include "import/filter.h"

struct named {
	const char *name, *ours;
};

static bool put_word(struct pk_import_filter *filter, const struct named *words, size_t cnt,
		     const char *field, const struct pk_yaml_node *value,
		     struct pk_import_text *piece)
{
	for (size_t i = 0; i < cnt; i++) {
		if (!pk_yaml_is(value, words[i].name))
			continue;
		pk_import_text_str(piece, field);
		pk_import_text_str(piece, words[i].ours);
		return true;
	}
	return pk_import_filter_lose(filter, "the events do not have", value);
}

static bool put_protocol(struct pk_import_filter *filter, const void *arg,
			 const struct pk_yaml_node *value, struct pk_import_text *piece)
{
	static const struct named words[] = {
		{ "IPPROTO_TCP", "tcp" },   { "6", "tcp" },  { "tcp", "tcp" },   { "TCP", "tcp" },
		{ "IPPROTO_UDP", "udp" },   { "17", "udp" }, { "udp", "udp" },   { "UDP", "udp" },
		{ "IPPROTO_ICMP", "icmp" }, { "1", "icmp" }, { "icmp", "icmp" }, { "ICMP", "icmp" },
	};

	(void)arg;
	return put_word(filter, words, PK_ARRAY_SIZE(words), "fd.l4proto = ", value, piece);
}

static bool put_family(struct pk_import_filter *filter, const void *arg,
		       const struct pk_yaml_node *value, struct pk_import_text *piece)
{
	static const struct named words[] = {
		{ "AF_INET", "ipv4" },  { "2", "ipv4" },  { "inet", "ipv4" },
		{ "AF_INET6", "ipv6" }, { "10", "ipv6" }, { "inet6", "ipv6" },
		{ "AF_UNIX", "unix" },  { "1", "unix" },  { "AF_LOCAL", "unix" },
		{ "unix", "unix" },
	};

	(void)arg;
	return put_word(filter, words, PK_ARRAY_SIZE(words), "fd.type = ", value, piece);
}

/* ADDRESS or ADDRESS/BITS; written down as a network, without bits behind the prefix. */
static bool put_network(struct pk_import_filter *filter, const void *arg,
			const struct pk_yaml_node *value, struct pk_import_text *piece)
{
	char text[INET6_ADDRSTRLEN];
	unsigned char address[16];
	const char *data = value->text.data;
	const char *slash = memchr(data, '/', value->text.len_bytes);
	size_t len = slash ? (size_t)(slash - data) : value->text.len_bytes;
	bool six = memchr(data, ':', len) != NULL;
	int64_t bits = six ? 128 : 32;

	if (!len || len >= sizeof(text))
		return pk_import_filter_lose(filter, "not an address:", value);
	memcpy(text, data, len);
	text[len] = '\0';
	if (inet_pton(six ? AF_INET6 : AF_INET, text, address) != 1)
		return pk_import_filter_lose(filter, "not an address:", value);
	if (slash && (!pk_import_number(slash + 1, value->text.len_bytes - len - 1, &bits) ||
		      bits < 0 || bits > (six ? 128 : 32)))
		return pk_import_filter_lose(filter, "not a network:", value);
	for (int64_t bit = bits; bit < (six ? 128 : 32); bit++)
		address[bit / 8] &= (unsigned char)~(0x80 >> (bit % 8));
	if (!inet_ntop(six ? AF_INET6 : AF_INET, address, text, sizeof(text)))
		return pk_import_filter_lose(filter, "not an address:", value);
	pk_import_text_str(piece, arg);
	pk_import_text_str(piece, " = \"");
	pk_import_text_str(piece, text);
	pk_import_text_str(piece, "/");
	pk_import_text_number(piece, bits);
	pk_import_text_str(piece, "\"");
	return true;
}

static bool put_port(struct pk_import_filter *filter, const void *arg,
		     const struct pk_yaml_node *value, struct pk_import_text *piece)
{
	const char *data = value->text.data;
	const char *colon = memchr(data, ':', value->text.len_bytes);
	size_t before = colon ? (size_t)(colon - data) : value->text.len_bytes;
	int64_t from, to;

	if (!pk_import_number(data, before, &from) || from < 0 || from > UINT16_MAX)
		return pk_import_filter_lose(filter, "not a port:", value);
	pk_import_text_str(piece, colon ? "(" : "");
	pk_import_text_str(piece, arg);
	pk_import_text_str(piece, colon ? " >= " : " = ");
	pk_import_text_number(piece, from);
	if (!colon)
		return true;
	if (!pk_import_number(colon + 1, value->text.len_bytes - before - 1, &to) || to < 0 ||
	    to > UINT16_MAX)
		return pk_import_filter_lose(filter, "not a port:", value);
	pk_import_text_str(piece, " and ");
	pk_import_text_str(piece, arg);
	pk_import_text_str(piece, " <= ");
	pk_import_text_number(piece, to);
	pk_import_text_str(piece, ")");
	return true;
}

static bool filter_privileged(struct pk_import_filter *filter, const char *field, bool negative)
{
	pk_import_text_str(&filter->condition, negative ? "not " : "");
	pk_import_text_str(&filter->condition, field);
	pk_import_text_str(&filter->condition, " < 1024");
	return true;
}

/* An address that is none of IP is not compared: NotDAddr is about those that are. */
static bool filter_network(struct pk_import_filter *filter, enum pk_import_arg_kind kind,
			   const char *field, const struct pk_yaml_node *values, bool negative)
{
	if (negative && kind != PK_IMPORT_SOCK)
		pk_import_text_str(&filter->condition, "fd.type in (ipv4, ipv6)\nand ");
	return pk_import_filter_each(filter, values, negative, put_network, field);
}

bool pk_import_filter_socket(struct pk_import_filter *filter, enum pk_import_arg_kind kind,
			     const struct pk_yaml_node *op, const struct pk_yaml_node *values)
{
	bool negative = op->text.len_bytes > 3 && !strncasecmp(op->text.data, "Not", 3);
	const char *name = op->text.data + (negative ? 3 : 0);
	bool own = kind == PK_IMPORT_OWN ||
		   (kind == PK_IMPORT_SOCK && (name[0] == 'S' || name[0] == 's'));

	if (!strcasecmp(name, "DAddr") || !strcasecmp(name, "SAddr"))
		return filter_network(filter, kind, own ? "fd.lnet" : "fd.rnet", values, negative);
	if (!strcasecmp(name, "DPort") || !strcasecmp(name, "SPort"))
		return pk_import_filter_each(filter, values, negative, put_port,
					     own ? "fd.lport" : "fd.rport");
	if (!strcasecmp(name, "DPortPriv") || !strcasecmp(name, "SPortPriv"))
		return filter_privileged(filter, own ? "fd.lport" : "fd.rport", negative);
	if (!strcasecmp(name, "Protocol"))
		return pk_import_filter_each(filter, values, negative, put_protocol, NULL);
	if (!strcasecmp(name, "Family"))
		return pk_import_filter_each(filter, values, negative, put_family, NULL);
	if (!strcasecmp(name, "State"))
		return pk_import_filter_lose(filter, "states of connections are no events", NULL);
	return pk_import_filter_lose(filter, "no operator for sockets:", op);
}
