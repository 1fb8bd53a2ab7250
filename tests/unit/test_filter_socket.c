/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "imported.h"

#define ARG(index, op, values) \
	"{matchArgs: [{index: " #index ", operator: " op ", values: [" values "]}]}"
#define TCP "evt.type = connect and fd.l4proto = tcp and "

static void test_addresses(void **state)
{
	becomes(KPROBE("tcp_connect", ARG(0, "daddr", "127.0.0.1")),
		TCP "fd.rnet = \"127.0.0.1/32\"");
	becomes(KPROBE("tcp_connect", ARG(0, "NotDAddr", "10.1.2.3/8, '::1/128'")),
		TCP "not (fd.rnet = \"10.0.0.0/8\" or fd.rnet = \"::1/128\")");
	becomes(KPROBE("tcp_connect", ARG(0, "SAddr", "'fe80::/10'")),
		TCP "fd.lnet = \"fe80::/10\"");
	becomes(KPROBE("security_socket_connect", ARG(1, "NotSAddr", "127.0.0.0/8")),
		"evt.type = connect and fd.type in (ipv4, ipv6) and not fd.rnet = \"127.0.0.0/8\"");
	becomes(KPROBE("security_socket_connect", ARG(0, "Protocol", "IPPROTO_TCP")),
		"evt.type = connect and fd.l4proto = tcp");
	becomes(KPROBE("security_socket_bind", ARG(1, "SPort", "80")),
		"evt.type = bind and fd.lport = 80");
	has_none(KPROBE("tcp_connect", ARG(0, "DAddr", "somewhere")),
		 "not an address: 'somewhere'");
	has_none(KPROBE("tcp_connect", ARG(0, "DAddr", "10.0.0.0/33")),
		 "not a network: '10.0.0.0/33'");
	has_none(KPROBE("tcp_connect", ARG(0, "DAddr", "'::1/129'")), "not a network");
	has_none(KPROBE("tcp_connect", ARG(0, "DAddr", "10.0.0.0/-1")), "not a network");
}

static void test_ports(void **state)
{
	becomes(KPROBE("tcp_connect", ARG(0, "DPort", "22, '6000:6010'")),
		TCP "(fd.rport = 22 or (fd.rport >= 6000 and fd.rport <= 6010))");
	becomes(KPROBE("inet_csk_listen_start", ARG(0, "SPort", "1337")),
		"evt.type = listen and fd.l4proto = tcp and fd.lport = 1337");
	becomes(KPROBE("tcp_connect", "{matchArgs: [{index: 0, operator: NotDPortPriv}]}"),
		TCP "not fd.rport < 1024");
	has_none(KPROBE("tcp_connect", ARG(0, "DPort", "65536")), "not a port: '65536'");
	has_none(KPROBE("tcp_connect", ARG(0, "DPort", "'1:x'")), "not a port");
}

static void test_what_sockets_are(void **state)
{
	becomes(KPROBE("security_socket_connect", ARG(1, "Family", "AF_INET, '10'")),
		"evt.type = connect and (fd.type = ipv4 or fd.type = ipv6)");
	becomes(KPROBE("tcp_connect", ARG(0, "Protocol", "IPPROTO_TCP")), TCP "fd.l4proto = tcp");
	has_none(KPROBE("tcp_connect", ARG(0, "Protocol", "IPPROTO_SCTP")),
		 "do not have 'IPPROTO_SCTP'");
	has_none(KPROBE("tcp_connect", ARG(0, "State", "TCP_SYN_RECV")), "states of connections");
	has_none(KPROBE("tcp_connect", ARG(0, "Equal", "1")), "no operator for sockets: 'Equal'");
	has_none(KPROBE("tcp_connect", ARG(0, "Not", "1")), "no operator for sockets: 'Not'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_ports),
		cmocka_unit_test(test_what_sockets_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
