// SPDX-License-Identifier: Apache-2.0
/*
 * One operation, by whatever name this program is called: what provokes rules, and what is beside them. Static: it
 * runs in any root. Run by guest.py in the test machine.
 *
 *	act OPERATION ARGUMENT...
 *
 * Status 0: done; 1: it failed, with the reason on standard error; 2: usage. An operation of which only the attempt
 * counts (connect, setns of what is not allowed) ends with 0 too.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static int fail(const char *what)
{
	fprintf(stderr, "act: %s: %s\n", what, strerror(errno));
	return 1;
}

/* open MODE PATH; letters of MODE: r w, t truncates, c creates */
static int do_open(char **args)
{
	int flags = strchr(args[0], 'w') ? O_WRONLY : O_RDONLY;
	int fd;

	flags |= strchr(args[0], 't') ? O_TRUNC : 0;
	flags |= strchr(args[0], 'c') ? O_CREAT : 0;
	fd = open(args[1], flags, 0600);
	return fd < 0 ? fail(args[1]) : 0;
}

/* sleep SECONDS OPERATION ... */
static int do_operation(char **args);

static int do_sleep(char **args)
{
	sleep((unsigned int)atoi(args[0]));
	return do_operation(args + 1);
}

static int wait_for(pid_t pid)
{
	int status = 0;

	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return fail("fork");
	return status ? 1 : 0;
}

/* run PROGRAM ARGUMENT...: as a child, which one can tell the parent of */
static int do_run(char **args)
{
	pid_t pid = fork();

	if (!pid) {
		execv(args[0], args);
		_exit(127);
	}
	return wait_for(pid);
}

/* as UID OPERATION ... */
static int do_as(char **args)
{
	uid_t uid = (uid_t)atoi(args[0]);

	if (setresuid(uid, uid, uid))
		return fail("setresuid");
	return do_operation(args + 1);
}

static int do_exec(char **args)
{
	execv(args[0], args);
	return fail(args[0]);
}

static int socket_to(const char *kind, const char *address, const char *port,
		     struct sockaddr_in *ret_to)
{
	*ret_to = (struct sockaddr_in){ .sin_family = AF_INET };
	ret_to->sin_port = htons((uint16_t)atoi(port));
	inet_pton(AF_INET, address, &ret_to->sin_addr);
	return socket(AF_INET, (strcmp(kind, "udp") ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK, 0);
}

/* connect tcp|udp ADDRESS PORT */
static int do_connect(char **args)
{
	struct sockaddr_in to;
	int fd = socket_to(args[0], args[1], args[2], &to);

	if (fd < 0)
		return fail("socket");
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) && errno != EINPROGRESS)
		fail("connect (only tried)");
	return 0;
}

/* redirect DESCRIPTOR: a socket in its place */
static int do_redirect(char **args)
{
	struct sockaddr_in to;
	int fd = socket_to("udp", "127.0.0.1", "9", &to);

	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)))
		return fail("socket");
	return dup2(fd, atoi(args[0])) < 0 ? fail("dup2") : 0;
}

static int do_packet(char **args)
{
	(void)args;
	return socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)) < 0 ? fail("socket") : 0;
}

static pid_t make_child(void)
{
	pid_t pid = fork();

	if (!pid) {
		pause();
		_exit(0);
	}
	return pid;
}

static int end_child(pid_t pid, long err)
{
	int saved = errno;

	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	errno = saved;
	return err < 0 ? fail("child") : 0;
}

static int do_attach(char **args)
{
	pid_t pid = make_child();

	(void)args;
	return end_child(pid, ptrace(PTRACE_ATTACH, pid, NULL, NULL));
}

static int do_vmread(char **args)
{
	char byte, *from = &byte;
	struct iovec local = { &byte, 1 }, remote = { from, 1 };
	pid_t pid = make_child();

	(void)args;
	return end_child(pid, process_vm_readv(pid, &local, 1, &remote, 1, 0));
}

static int do_traceme(char **args)
{
	(void)args;
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 ? fail("ptrace") : 0;
}

static int do_symlink(char **args)
{
	unlink(args[1]);
	return symlink(args[0], args[1]) ? fail(args[1]) : unlink(args[1]);
}

static int do_link(char **args)
{
	unlink(args[1]);
	return link(args[0], args[1]) ? fail(args[1]) : unlink(args[1]);
}

static int do_unlink(char **args)
{
	return unlink(args[0]) ? fail(args[0]) : 0;
}

/* chmod OCTAL FILE */
static int do_chmod(char **args)
{
	return chmod(args[1], (mode_t)strtoul(args[0], NULL, 8)) ? fail(args[1]) : 0;
}

static int do_setuid(char **args)
{
	return setuid((uid_t)atoi(args[0])) ? fail("setuid") : 0;
}

/* setns FILE */
static int do_setns(char **args)
{
	int fd = open(args[0], O_RDONLY | O_CLOEXEC);

	return fd < 0 || setns(fd, 0) ? fail(args[0]) : 0;
}

static int do_unshare(char **args)
{
	return unshare(strcmp(args[0], "user") ? CLONE_NEWUTS : CLONE_NEWUSER) ? fail("unshare") :
										 0;
}

static int copy(int from, int to)
{
	char data[65536];
	ssize_t n;

	while ((n = read(from, data, sizeof(data))) > 0) {
		if (write(to, data, (size_t)n) != n)
			return -1;
	}
	return n < 0 ? -1 : 0;
}

/* memfd PROGRAM: executed from memory; with "keep" instead of "exec" only put there */
static int do_memfd(char **args)
{
	int from = open(args[1], O_RDONLY | O_CLOEXEC);
	int fd = memfd_create("falco", strcmp(args[0], "keep") ? 0 : MFD_CLOEXEC);
	char *const none[] = { NULL };

	if (from < 0 || fd < 0 || copy(from, fd))
		return fail("memfd");
	if (!strcmp(args[0], "keep"))
		return 0;
	close(from);
	fexecve(fd, args + 1, none);
	return fail("fexecve");
}

/* drop PROGRAM PLACE: copied there, and executed */
static int do_drop(char **args)
{
	int from = open(args[0], O_RDONLY | O_CLOEXEC);
	int fd = open(args[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);

	if (from < 0 || fd < 0 || copy(from, fd))
		return fail(args[1]);
	close(from);
	close(fd);
	return do_run(args + 1);
}

static int do_bpf(char **args)
{
	/* r0 = 0; exit */
	const struct bpf_insn insns[] = { { .code = 0xb7 }, { .code = 0x95 } };
	union bpf_attr attr;

	(void)args;
	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
	attr.insns = (uint64_t)(uintptr_t)insns;
	attr.insn_cnt = 2;
	attr.license = (uint64_t)(uintptr_t) "GPL";
	return syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr)) < 0 ? fail("bpf") : 0;
}

/* module FILE FLAGS */
static int do_module(char **args)
{
	int fd = open(args[0], O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return fail(args[0]);
	if (syscall(SYS_finit_module, fd, "", atoi(args[1])) < 0 && errno != EEXIST)
		return fail("finit_module");
	return 0;
}

static int do_nothing(char **args)
{
	(void)args;
	return 0;
}

static const struct {
	const char *name;
	int args;
	int (*run)(char **args);
} operations[] = {
	{ "open", 2, do_open },         { "sleep", 2, do_sleep },
	{ "run", 1, do_run },           { "as", 2, do_as },
	{ "exec", 1, do_exec },         { "connect", 3, do_connect },
	{ "redirect", 1, do_redirect }, { "packet", 0, do_packet },
	{ "attach", 0, do_attach },     { "vmread", 0, do_vmread },
	{ "traceme", 0, do_traceme },   { "symlink", 2, do_symlink },
	{ "link", 2, do_link },         { "unlink", 1, do_unlink },
	{ "chmod", 2, do_chmod },       { "setuid", 1, do_setuid },
	{ "setns", 1, do_setns },       { "unshare", 1, do_unshare },
	{ "memfd", 2, do_memfd },       { "drop", 2, do_drop },
	{ "bpf", 0, do_bpf },           { "module", 2, do_module },
};

/* Anything else is a program's own arguments, which only its name and they matter of. */
static int do_operation(char **args)
{
	int cnt = 0;

	while (args[cnt])
		cnt++;
	for (size_t i = 0; cnt && i < sizeof(operations) / sizeof(operations[0]); i++) {
		if (!strcmp(args[0], operations[i].name) && cnt > operations[i].args)
			return operations[i].run(args + 1);
	}
	return do_nothing(args);
}

int main(int argc, char **argv)
{
	if (argc < 1)
		return 2;
	return do_operation(argv + 1);
}
