// SPDX-License-Identifier: Apache-2.0
/*
 * Addresses, ports and names of sockets. An end that has no address yet is missing: before a connect
 * the kernel has not chosen the local one.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "stream/facts_internal.h"
#include "stream/hosts.h"

static const struct pk_net_event *net_of(const struct pk_facts_ctx *ctx)
{
	return (const struct pk_net_event *)ctx->view.event;
}

static bool has(const struct pk_net_event *net, enum pk_source_end end)
{
	bool inet = net->family == AF_INET || net->family == AF_INET6;

	return inet &&
	       net->net_flags & (end == PK_END_LOCAL ? PK_NET_HAS_LOCAL : PK_NET_HAS_REMOTE);
}

static const __u8 *addr_of(const struct pk_net_event *net, enum pk_source_end end)
{
	return end == PK_END_LOCAL ? net->local_addr : net->remote_addr;
}

static __u16 port_of(const struct pk_net_event *net, enum pk_source_end end)
{
	return end == PK_END_LOCAL ? net->local_port : net->remote_port;
}

/* The local end of what is about to be connected has no address before the kernel chooses one. */
static bool has_addr(const struct pk_net_event *net, enum pk_source_end end)
{
	static const __u8 any[16];

	if (!has(net, end))
		return false;
	return end == PK_END_REMOTE ||
	       (net->head.kind != PK_EVENT_CONNECT && net->head.kind != PK_EVENT_SEND) ||
	       memcmp(net->local_addr, any, sizeof(any)) != 0;
}

static bool has_port(const struct pk_net_event *net, enum pk_source_end end)
{
	return has_addr(net, end) || (has(net, end) && port_of(net, end));
}

static void add_addr(const struct pk_net_event *net, enum pk_source_end end, struct pk_value *value)
{
	uint8_t *addr = value->addr[value->addr_cnt];

	if (!has_addr(net, end))
		return;
	value->addr_cnt++;
	value->state = PK_VALUE_KNOWN;
	memset(addr, 0, 16);
	if (net->family == AF_INET6) {
		memcpy(addr, addr_of(net, end), 16);
		return;
	}
	memset(addr + 10, 0xff, 2);
	memcpy(addr + 12, addr_of(net, end), 4);
}

void pk_facts_addr(const struct pk_facts_ctx *ctx, enum pk_source_end end, struct pk_value *value)
{
	if (end != PK_END_REMOTE)
		add_addr(net_of(ctx), PK_END_LOCAL, value);
	if (end != PK_END_LOCAL)
		add_addr(net_of(ctx), PK_END_REMOTE, value);
}

static int add_port(struct pk_facts_ctx *ctx, enum pk_source_end end, struct pk_value *value)
{
	char text[8];
	int len = snprintf(text, sizeof(text), "%u", port_of(net_of(ctx), end));
	const char *copy = pk_arena_copy(&ctx->arena, text, (size_t)len);

	if (!copy)
		return -ENOMEM;
	value->state = PK_VALUE_KNOWN;
	value->list[value->list_cnt++] = (struct pk_value_text){ copy, (size_t)len };
	return 0;
}

int pk_facts_port(struct pk_facts_ctx *ctx, enum pk_source_end end, struct pk_value *value)
{
	const struct pk_net_event *net = net_of(ctx);
	int err = 0;

	if (end != PK_END_ANY) {
		if (has_port(net, end))
			pk_facts_put_int(value, port_of(net, end));
		return 0;
	}
	if (has_port(net, PK_END_LOCAL))
		err = add_port(ctx, PK_END_LOCAL, value);
	if (!err && has(net, PK_END_REMOTE))
		err = add_port(ctx, PK_END_REMOTE, value);
	return err;
}

static int add_end(struct pk_buf *buf, const struct pk_net_event *net, enum pk_source_end end)
{
	char text[INET6_ADDRSTRLEN] = "";

	inet_ntop(net->family == AF_INET ? AF_INET : AF_INET6, addr_of(net, end), text,
		  sizeof(text));
	return pk_facts_printf(buf, "%s:%u", text, port_of(net, end));
}

/* client:port->server:port; of a socket that waits its own address. */
static int inet_name(struct pk_facts_ctx *ctx, struct pk_value *value)
{
	const struct pk_net_event *net = net_of(ctx);
	bool accepted = net->head.kind == PK_EVENT_ACCEPT;
	bool waits = net->head.kind == PK_EVENT_BIND || net->head.kind == PK_EVENT_LISTEN;
	enum pk_source_end client = accepted ? PK_END_REMOTE : PK_END_LOCAL;
	enum pk_source_end server = accepted || waits ? PK_END_LOCAL : PK_END_REMOTE;
	int err = 0;

	if (!has(net, server)) {
		pk_facts_put_unknown(value);
		return 0;
	}
	pk_buf_clear(&ctx->buf);
	if (!waits && has_addr(net, client))
		err = add_end(&ctx->buf, net, client);
	if (!err && !waits)
		err = pk_buf_add_str(&ctx->buf, "->");
	if (!err)
		err = add_end(&ctx->buf, net, server);
	if (!err)
		err = pk_facts_put_buf(ctx, value);
	value->partial = value->cut_front = !waits && !has_addr(net, client);
	return err;
}

static void unix_name(const struct pk_net_event *net, struct pk_value *value)
{
	struct pk_text path = pk_record_path(net, &net->path);
	struct pk_text name = pk_record_text(net, net->sun_path);

	if (path.len && net->path.name.len)
		pk_facts_put_path(value, path, net->path.flags);
	else if (name.len)
		pk_facts_put_text(value, name);
}

int pk_facts_socket_name(struct pk_facts_ctx *ctx, struct pk_value *value)
{
	const struct pk_net_event *net = net_of(ctx);

	if (net->family == AF_INET || net->family == AF_INET6)
		return inet_name(ctx, value);
	if (net->family == AF_UNIX)
		unix_name(net, value);
	return 0;
}

/* The names that rules ask for which have the address of an end; "<NA>" if none has. */
int pk_facts_host(struct pk_facts_ctx *ctx, uint32_t id, struct pk_value *value)
{
	const struct pk_net_event *net = net_of(ctx);
	bool accepted = net->head.kind == PK_EVENT_ACCEPT;
	bool waits = net->head.kind == PK_EVENT_BIND || net->head.kind == PK_EVENT_LISTEN;
	enum pk_source_end end = PK_END_LOCAL;
	struct pk_value addr = { .state = PK_VALUE_MISSING };

	if (id == PK_FIELD_FD_RIP_NAME || (id == PK_FIELD_FD_CIP_NAME && accepted) ||
	    (id == PK_FIELD_FD_SIP_NAME && !accepted && !waits))
		end = PK_END_REMOTE;
	add_addr(net, end, &addr);
	if (!addr.addr_cnt)
		return 0;
	if (ctx->hosts)
		pk_hosts_get(ctx->hosts, addr.addr[0], value);
	if (value->list_cnt)
		value->text = value->list[0];
	else
		pk_facts_put_str(value, "<NA>");
	value->state = PK_VALUE_KNOWN;
	return 0;
}
