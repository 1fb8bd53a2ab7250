// SPDX-License-Identifier: Apache-2.0
/*
 * Fields of the file or socket that an event is about. Unlike Falco's they are there for every
 * operation on a file, not only for calls that take a descriptor.
 */
#include <stdint.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "plan/field_table.h"

#define CLIENT(how) FROM(how(CLIENT_KINDS, LOCAL), how(ACCEPT, REMOTE))
#define SERVER(how) FROM(how(CLIENT_KINDS, REMOTE), how(SERVER_KINDS, LOCAL))
#define TWO_ENDED (CLIENT_KINDS | ACCEPT)

/* Whose first path is that of a file that is used: its mount tells where it lives. */
#define OUTSIDE_KINDS \
	(FILE_KINDS | EXEC | DO_MOUNT | MOVE_MOUNT | OPEN_TREE | PIVOT_ROOT | CHROOT | MODULE)

#define NO_SERVICES "ports are not resolved to names: compare the port"
#define NO_LISTS "calls that wait for several files are not seen"

static const struct pk_field fields[] = {
	HAS("fd.num", INT, NONE, EVENT, OPEN | NET_KINDS, BY_SOURCE,
	    FROM(S_NUM(DUP, ARG0), S_RANGE(OPEN | NET_KINDS, 0, INT32_MAX)),
	    "the descriptor; only known to be 0 or more; dup: the new one"),
	HAS("fd.name", TEXT, NONE, EVENT, FILE_KINDS | ATTRIBUTE_KINDS | NET_KINDS, BY_SOURCE,
	    FROM(S_TEXT(FILE_KINDS | ATTRIBUTE_KINDS | NET_KINDS, FD_NAME, EVENT)),
	    "files: where the file is as the process sees it, links resolved; rename, link: the old "
	    "name; Unix sockets: the path; other sockets: client:port->server:port"),
	HAS("fd.directory", TEXT, NONE, EVENT, FILE_KINDS, BY_SOURCE,
	    FROM(S_TEXT(FILE_KINDS, FD_DIR, EVENT)), "directory that the file is in"),
	HAS("fd.filename", TEXT, NONE, EVENT, FILE_KINDS, BY_SOURCE,
	    FROM(S_TEXT(FILE_KINDS, FD_FILE, EVENT)), "last part of the file's path"),
	HAS("fd.type", TEXT, NONE, EVENT, FILE_KINDS | NET_KINDS, BY_SOURCE,
	    FROM(S_CONST(MKDIR | RMDIR, "directory"), S_CONST(SYMLINK | MKNOD, "file"),
		 S_SYMBOL(FILE_KINDS, FILE_MODE, S_IFMT, pk_symbols_file_types),
		 S_SYMBOL(NET_KINDS, FAMILY, 0, pk_symbols_sock_types)),
	    "file, directory, ipv4, ipv6, unix, netlink; devices and pipes with a name are file"),
	HAS("fd.typechar", TEXT, NONE, EVENT, FILE_KINDS | NET_KINDS, BY_SOURCE,
	    FROM(S_CONST(MKDIR | RMDIR, "d"), S_CONST(SYMLINK | MKNOD, "f"),
		 S_SYMBOL(FILE_KINDS, FILE_MODE, S_IFMT, pk_symbols_file_typechars),
		 S_SYMBOL(NET_KINDS, FAMILY, 0, pk_symbols_sock_typechars)),
	    "f file, d directory, 4 IPv4, 6 IPv6, u Unix, n netlink"),
	HAS("fd.dev", INT, NONE, EVENT, FILE_KINDS, FD_DEV, USER,
	    "device number of the file's file system"),
	HAS("fd.dev.major", INT, NONE, EVENT, FILE_KINDS, FD_DEV_MAJOR, USER, "its major part"),
	HAS("fd.dev.minor", INT, NONE, EVENT, FILE_KINDS, FD_DEV_MINOR, USER, "its minor part"),
	HAS("fd.ino", INT, NONE, EVENT, FILE_KINDS, FD_INO, FROM(S_NUM(OLD_FILE_KINDS, INO)),
	    "inode number of the file"),
	HAS("fd.is_block_device", BOOL, NONE, EVENT, OLD_FILE_KINDS, BY_SOURCE,
	    FROM(S_BOOL(OLD_FILE_KINDS, FILE_MODE, S_IFMT, pk_symbols_block)),
	    "the file is a block device, such as a disk or a part of it, whatever it is called"),
	HAS("fd.is_memory_device", BOOL, NONE, EVENT, OLD_FILE_KINDS, BY_SOURCE,
	    FROM(S_BOOL(OLD_FILE_KINDS, DEVICE, 0, pk_symbols_memory)),
	    "the file is a device that is all of memory or all ports, such as /dev/mem, whatever it is "
	    "called"),
	HAS("fd.outside_container", BOOL, NONE, EVENT, OUTSIDE_KINDS, BY_SOURCE,
	    FROM(S_BOOL(OUTSIDE_KINDS, FD_OUTSIDE, 0, NULL)),
	    "the file is reached through a mount that is not the container's, however it is called: "
	    "the host's or another container's; exec: the binary; false for processes of no container"),
	HAS("fd.is_host_runtime", BOOL, NONE, EVENT, OLD_FILE_KINDS, BY_SOURCE,
	    FROM(S_BOOL(OLD_FILE_KINDS, FD_RUNTIME, 0, NULL)),
	    "a container's process has to do with the binary of a container runtime of the host"),
	HAS("fd.ip", ADDR, NONE, EVENT, NET_KINDS, BY_SOURCE, FROM(S_ADDR(NET_KINDS, ANY)),
	    "address of either end: = is true of one, != of both"),
	HAS("fd.cip", ADDR, NONE, EVENT, TWO_ENDED, BY_SOURCE, CLIENT(S_ADDR),
	    "address of the client"),
	HAS("fd.sip", ADDR, NONE, EVENT, NET_KINDS, BY_SOURCE, SERVER(S_ADDR),
	    "address of the server"),
	HAS("fd.lip", ADDR, NONE, EVENT, NET_KINDS, BY_SOURCE, FROM(S_ADDR(NET_KINDS, LOCAL)),
	    "address of this end"),
	HAS("fd.rip", ADDR, NONE, EVENT, TWO_ENDED, BY_SOURCE, FROM(S_ADDR(TWO_ENDED, REMOTE)),
	    "address of the other end"),
	HAS("fd.net", NET, NONE, EVENT, NET_KINDS, BY_SOURCE, FROM(S_ADDR(NET_KINDS, ANY)),
	    "address of either end, compared with networks"),
	HAS("fd.cnet", NET, NONE, EVENT, TWO_ENDED, BY_SOURCE, CLIENT(S_ADDR),
	    "address of the client, compared with networks"),
	HAS("fd.snet", NET, NONE, EVENT, NET_KINDS, BY_SOURCE, SERVER(S_ADDR),
	    "address of the server, compared with networks"),
	HAS("fd.lnet", NET, NONE, EVENT, NET_KINDS, BY_SOURCE, FROM(S_ADDR(NET_KINDS, LOCAL)),
	    "address of this end, compared with networks"),
	HAS("fd.rnet", NET, NONE, EVENT, TWO_ENDED, BY_SOURCE, FROM(S_ADDR(TWO_ENDED, REMOTE)),
	    "address of the other end, compared with networks"),
	HAS("fd.port", INT, NONE, EVENT, NET_KINDS, BY_SOURCE, FROM(S_PORT(NET_KINDS, ANY)),
	    "port of either end: = is true of one, != of both"),
	HAS("fd.cport", INT, NONE, EVENT, TWO_ENDED, BY_SOURCE, CLIENT(S_PORT),
	    "port of the client"),
	HAS("fd.sport", INT, NONE, EVENT, NET_KINDS, BY_SOURCE, SERVER(S_PORT),
	    "port of the server"),
	HAS("fd.lport", INT, NONE, EVENT, NET_KINDS, BY_SOURCE, FROM(S_PORT(NET_KINDS, LOCAL)),
	    "port of this end"),
	HAS("fd.rport", INT, NONE, EVENT, TWO_ENDED, BY_SOURCE, FROM(S_PORT(TWO_ENDED, REMOTE)),
	    "port of the other end"),
	HAS("fd.l4proto", TEXT, NONE, EVENT, NET_KINDS, BY_SOURCE,
	    FROM(S_SYMBOL(NET_KINDS, PROTO, 0, pk_symbols_l4protos)),
	    "tcp, udp, icmp, raw; `<NA>` for others"),
	HAS("fd.sockfamily", TEXT, NONE, EVENT, NET_KINDS, BY_SOURCE,
	    FROM(S_SYMBOL(NET_KINDS, FAMILY, 0, pk_symbols_sock_families)), "ip or unix"),
	HAS("fd.is_server", BOOL, NONE, EVENT, NET_KINDS, BY_SOURCE,
	    FROM(S_CONST(SERVER_KINDS, "true"), S_CONST(CLIENT_KINDS, "false")),
	    "the process is the server"),
	HAS("fd.connected", BOOL, NONE, EVENT, NET_KINDS, BY_SOURCE,
	    FROM(S_CONST(CONNECT | ACCEPT | DUP, "true"), S_CONST(SEND | BIND | LISTEN, "false")),
	    "connect, accept, dup: true; a datagram to an address, bind, listen: false"),
	HAS("fd.name_changed", BOOL, NONE, EVENT, NET_KINDS, BY_SOURCE,
	    FROM(S_CONST(TWO_ENDED & ~DUP, "true"), S_CONST(BIND | LISTEN | DUP, "false")),
	    "connect, accept, a datagram to another address than before: true"),
	HAS("fd.nameraw", TEXT, NONE, EVENT, OPEN, BY_SOURCE, FROM(S_TEXT(OPEN, ASKED, EVENT)),
	    "the path as the caller wrote it, links and .. and all; of the caller's memory, so that "
	    "another thread can change it; missing where no call names one (io_uring, handles)"),
	NOT("fd.uid", TEXT, NONE, "descriptors are not numbered", "process and descriptor in one"),
	HAS("fd.containername", TEXT, NONE, EVENT, FILE_KINDS | NET_KINDS, FD_CONTAINERNAME, USER,
	    "container.id, a colon, fd.name"),
	HAS("fd.containerdirectory", TEXT, NONE, EVENT, FILE_KINDS, FD_CONTAINERDIRECTORY, USER,
	    "container.id, a colon, fd.directory"),
	NOT("fd.proto", TEXT, NONE, NO_SERVICES, "service of either port"),
	NOT("fd.cproto", TEXT, NONE, NO_SERVICES, "service of the client's port"),
	NOT("fd.sproto", TEXT, NONE, NO_SERVICES, "service of the server's port"),
	NOT("fd.lproto", TEXT, NONE, NO_SERVICES, "service of this end's port"),
	NOT("fd.rproto", TEXT, NONE, NO_SERVICES, "service of the other end's port"),
	HAS("fd.cip.name", TEXT, NONE, EVENT, TWO_ENDED, FD_CIP_NAME, USER,
	    "host name of the client: which of the names that rules ask for has this address now"),
	HAS("fd.sip.name", TEXT, NONE, EVENT, NET_KINDS, FD_SIP_NAME, USER,
	    "host name of the server, likewise"),
	HAS("fd.lip.name", TEXT, NONE, EVENT, NET_KINDS, FD_LIP_NAME, USER,
	    "host name of this end, likewise"),
	HAS("fd.rip.name", TEXT, NONE, EVENT, TWO_ENDED, FD_RIP_NAME, USER,
	    "host name of the other end, likewise"),
	NOT("fd.types", LIST, OPTIONAL_INDEX, NO_LISTS, "fd.type of all of them"),
	NOT("fd.is_upper_layer", BOOL, NONE,
	    "layers are told apart of programs only: proc.is_exe_upper_layer",
	    "the file is not from the container's image"),
	NOT("fd.is_lower_layer", BOOL, NONE,
	    "layers are told apart of programs only: proc.is_exe_lower_layer",
	    "the file is from the container's image"),
	NOT("fdlist.nums", TEXT, NONE, NO_LISTS, "fd.num of all of them"),
	NOT("fdlist.names", TEXT, NONE, NO_LISTS, "fd.name of all of them"),
	NOT("fdlist.cips", TEXT, NONE, NO_LISTS, "fd.cip of all of them"),
	NOT("fdlist.sips", TEXT, NONE, NO_LISTS, "fd.sip of all of them"),
	NOT("fdlist.cports", TEXT, NONE, NO_LISTS, "fd.cport of all of them"),
	NOT("fdlist.sports", TEXT, NONE, NO_LISTS, "fd.sport of all of them"),
};

const struct pk_field_table pk_fields_fd = { fields, PK_ARRAY_SIZE(fields) };
