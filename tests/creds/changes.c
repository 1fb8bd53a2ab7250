/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every lawful way of changing credentials, as root in a test machine: run by tests/vm/test-creds under a rule that
 * matches whatever happens with credentials that nothing explains. None of it may.
 *
 *	creds-changes DIRECTORY [CASE]...
 *	creds-changes --probe FILE      what the cases execute: opens FILE to write, takes its ids anew
 *
 * Each case is a process of its own. Out: "ok CASE" or "FAILED CASE: what"; exit status 1 if any failed.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/securebits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define USER 1000
#define OTHER 1001

static const char *directory;
static char helper[4096]; /* this program */

static __attribute__((noreturn, format(printf, 1, 2))) void die(const char *format, ...)
{
	int err = errno;
	va_list args;

	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf(" (%s)\n", strerror(err));
	fflush(stdout);
	_exit(1);
}

#define MUST(call)                        \
	do {                              \
		if ((call) < 0)           \
			die("%s", #call); \
	} while (0)

/* Something that is judged. */
static void probe(void)
{
	char path[4200];
	int fd;

	snprintf(path, sizeof(path), "%s/probe-%d", directory, (int)syscall(SYS_gettid));
	fd = open(path, O_WRONLY | O_CREAT, 0666);
	if (fd < 0)
		die("open %s", path);
	close(fd);
	unlink(path);
}

static void finish(pid_t pid)
{
	int status;

	MUST(waitpid(pid, &status, 0));
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		die("child ended with %#x", status);
}

static void run(const char *file)
{
	pid_t pid = fork();

	MUST(pid);
	if (!pid) {
		execl(file, file, "--probe", directory, NULL);
		die("exec %s", file);
	}
	finish(pid);
}

static void probes(void)
{
	probe();
	run(helper);
}

static void caps_get(uint64_t caps[3])
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	MUST(syscall(SYS_capget, &head, data));
	caps[0] = data[0].effective | (uint64_t)data[1].effective << 32;
	caps[1] = data[0].permitted | (uint64_t)data[1].permitted << 32;
	caps[2] = data[0].inheritable | (uint64_t)data[1].inheritable << 32;
}

static void caps_set(uint64_t effective, uint64_t permitted, uint64_t inheritable)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = {
		{ (uint32_t)effective, (uint32_t)permitted, (uint32_t)inheritable },
		{ effective >> 32, permitted >> 32, inheritable >> 32 },
	};

	MUST(syscall(SYS_capset, &head, data));
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die("%s", path);
	close(fd);
}

/* Raw: this thread alone. */
static void become(int uid)
{
	MUST(syscall(SYS_setresgid, uid, uid, uid));
	MUST(syscall(SYS_setresuid, uid, uid, uid));
}

static void saved(void)
{
	MUST(setresuid(USER, USER, 0));
	probes();
	MUST(setresuid(-1, 0, -1));
	probes();
	MUST(seteuid(USER));
	probes();
	MUST(seteuid(0));
	MUST(setreuid(USER, 0));
	probes();
	MUST(setreuid(0, USER));
	probes();
	MUST(setuid(0));
	probes();
	MUST(setresuid(USER, OTHER, 0));
	probe();
	MUST(setresuid(OTHER, USER, USER));
	probes();
	MUST(setresuid(USER, OTHER, OTHER));
	probes();
}

static void groups(void)
{
	gid_t list[] = { 7, 8, 9 };

	MUST(setgroups(3, list));
	probes();
	MUST(setresgid(USER, OTHER, 0));
	probes();
	MUST(setregid(0, USER));
	probes();
	setfsgid(OTHER);
	probe();
	setfsgid(USER);
	MUST(setgroups(0, NULL));
	MUST(setgid(5));
	probes();
	MUST(setresgid(USER, OTHER, 5));
	MUST(setresuid(USER, USER, USER));
	probes();
	MUST(setresgid(5, USER, OTHER));
	probes();
}

static void file_system_ids(void)
{
	setfsuid(USER);
	probe();
	setfsuid(0);
	probe();
	setfsuid(OTHER);
	probe();
	MUST(setresuid(USER, OTHER, OTHER));
	probe();
	setfsuid(USER);
	probe();
	setfsuid(OTHER);
	probes();
}

static void capabilities(void)
{
	uint64_t caps[3], some = 1ull << CAP_NET_RAW | 1ull << CAP_SETUID | 1ull << CAP_SETPCAP |
				 1ull << CAP_SETGID;

	caps_get(caps);
	caps_set(0, caps[1], 0);
	probe();
	caps_set(caps[1], caps[1], 0);
	probes();
	caps_set(0, some, some);
	probe();
	caps_set(some, some, some);
	probe();
	MUST(prctl(PR_SET_KEEPCAPS, 1));
	become(USER);
	probe();
	caps_set(some, some, some);
	MUST(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_RAW, 0, 0));
	MUST(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SETUID, 0, 0));
	probes();
	MUST(prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN));
	probe();
	MUST(setresuid(0, 0, 0)); /* by CAP_SETUID */
	probes();
}

static void secure_bits(void)
{
	MUST(prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NO_SETUID_FIXUP | SECBIT_KEEP_CAPS));
	probes();
	become(USER);
	probes();
	MUST(prctl(PR_SET_SECUREBITS, 0));
	probes();
}

static void no_new_privileges(void)
{
	MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	become(USER);
	probes();
}

/* ---- user namespaces ---- */

static void map_self(void)
{
	put("/proc/self/setgroups", "deny");
	put("/proc/self/uid_map", "0 1000 1");
	put("/proc/self/gid_map", "0 1000 1");
}

static void unshared(void)
{
	become(USER);
	MUST(unshare(CLONE_NEWUSER));
	probes();
}

static void unshared_mapped(void)
{
	uint64_t caps[3];

	become(USER);
	MUST(prctl(PR_SET_DUMPABLE, 1));
	MUST(unshare(CLONE_NEWUSER | CLONE_NEWNS));
	map_self();
	probe();
	MUST(setresuid(0, 0, 0));
	MUST(setresgid(0, 0, 0));
	probes();
	caps_get(caps);
	caps_set(0, caps[1], 0);
	caps_set(caps[1], caps[1], 0);
	probes();
	MUST(unshare(CLONE_NEWUSER));
	probes();
}

static int cloned_child(void *unused)
{
	int go = *(int *)unused;
	char c;

	if (read(go, &c, 1) != 1)
		die("read");
	probes();
	MUST(setresgid(5, 6, 7));
	MUST(setresuid(5, 6, 7));
	probes();
	/* the ids that it has mean nothing there */
	MUST(unshare(CLONE_NEWUSER));
	probes();
	_exit(0);
}

static void cloned(void)
{
	static char stack[65536] __attribute__((aligned(64)));
	char path[64];
	int go[2];
	pid_t pid;

	MUST(pipe(go));
	pid = clone(cloned_child, stack + sizeof(stack), CLONE_NEWUSER | SIGCHLD, &go[0]);
	MUST(pid);
	snprintf(path, sizeof(path), "/proc/%d/uid_map", (int)pid);
	put(path, "0 100000 100\n100 1000 5\n");
	snprintf(path, sizeof(path), "/proc/%d/gid_map", (int)pid);
	put(path, "0 100000 100\n100 1000 5\n");
	if (write(go[1], "x", 1) != 1)
		die("write");
	finish(pid);
	probes();
}

/* Into a namespace that somebody else has made. */
static void entered(int uid)
{
	int ready[2], done[2], fd;
	char path[64], c;
	pid_t pid;

	if (uid)
		become(uid);
	MUST(prctl(PR_SET_DUMPABLE, 1));
	MUST(pipe(ready));
	MUST(pipe(done));
	pid = fork();
	MUST(pid);
	if (!pid) {
		MUST(unshare(CLONE_NEWUSER));
		if (uid)
			map_self();
		if (write(ready[1], "x", 1) != 1 || read(done[0], &c, 1) != 1)
			die("pipe");
		_exit(0);
	}
	if (read(ready[0], &c, 1) != 1)
		die("read");
	if (!uid) {
		snprintf(path, sizeof(path), "/proc/%d/uid_map", (int)pid);
		put(path, "0 0 4294967295");
	}
	snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
	fd = open(path, O_RDONLY);
	MUST(fd);
	MUST(setns(fd, CLONE_NEWUSER));
	probes();
	MUST(setresuid(0, 0, 0));
	probes();
	if (write(done[1], "x", 1) != 1)
		die("write");
	finish(pid);
}

static void entered_by_root(void)
{
	entered(0);
}

static void entered_by_owner(void)
{
	entered(USER);
}

/* ---- execs ---- */

/* A copy of this program. */
static void copy(char *ret_path, const char *name, mode_t mode, int uid, int gid)
{
	char buf[65536];
	ssize_t n;
	int from = open(helper, O_RDONLY), to;

	snprintf(ret_path, 4096, "%s/%s", directory, name);
	to = open(ret_path, O_WRONLY | O_CREAT | O_TRUNC, 0755);
	MUST(from);
	MUST(to);
	while ((n = read(from, buf, sizeof(buf))) > 0)
		if (write(to, buf, (size_t)n) != n)
			die("write");
	MUST(fchown(to, (uid_t)uid, (gid_t)gid));
	MUST(fchmod(to, mode));
	close(to);
	close(from);
}

static void set_id(void)
{
	static const struct {
		mode_t mode;
		int uid, gid;
	} files[] = {
		{ 04755, 0, 0 }, { 04755, OTHER, 0 },     { 02755, 0, OTHER },
		{ 06755, 0, 0 }, { 06755, OTHER, OTHER }, { 02755, 0, 0 },
	};
	char path[4096];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char name[32];
		pid_t pid;

		snprintf(name, sizeof(name), "set-id-%zu", i);
		copy(path, name, files[i].mode, files[i].uid, files[i].gid);
		pid = fork();
		MUST(pid);
		if (!pid) {
			become(USER);
			run(path);
			_exit(0);
		}
		finish(pid);
	}
}

static void file_capabilities(void)
{
	const uint64_t some = 1ull << CAP_SETUID | 1ull << CAP_SETGID | 1ull << CAP_NET_ADMIN;
	struct {
		uint32_t magic, permitted, inheritable, permitted2, inheritable2;
	} value = { 0x02000001, (uint32_t)some, 0, 0, 0 };
	char path[4096];

	copy(path, "file-caps", 0755, 0, 0);
	MUST(setxattr(path, "security.capability", &value, sizeof(value), 0));
	become(USER);
	run(path);
}

static void traced_exec(void)
{
	char path[4096];
	int status;
	pid_t pid;

	copy(path, "traced", 04755, 0, 0);
	become(USER);
	pid = fork();
	MUST(pid);
	if (!pid) {
		MUST(ptrace(PTRACE_TRACEME, 0, 0, 0));
		execl(path, path, "--probe", directory, NULL);
		die("exec");
	}
	for (;;) {
		MUST(waitpid(pid, &status, 0));
		if (WIFEXITED(status))
			break;
		ptrace(PTRACE_CONT, pid, 0, 0);
	}
	if (WEXITSTATUS(status))
		die("traced child");
}

/* ---- threads ---- */

static void *thread_drop(void *exec)
{
	become(USER);
	probe();
	if (exec) {
		execl(helper, helper, "--probe", directory, NULL);
		die("exec");
	}
	return NULL;
}

static void threads(void)
{
	pthread_t thread;
	pid_t pid;

	for (int i = 0; i < 8; i++) {
		if (pthread_create(&thread, NULL, thread_drop, NULL))
			die("thread");
		probe();
		pthread_join(thread, NULL);
		probes();
	}
	pid = fork();
	MUST(pid);
	if (!pid) {
		if (pthread_create(&thread, NULL, thread_drop, helper))
			die("thread");
		pause();
	}
	finish(pid);
}

/* ---- credentials of others, for a while ---- */

static void ring_open(int ring, struct io_uring_params *p, int personality, int flags)
{
	size_t bytes = p->sq_off.array + p->sq_entries * 4;
	char *sq = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring,
			IORING_OFF_SQ_RING);
	struct io_uring_sqe *sqe = mmap(NULL, p->sq_entries * sizeof(*sqe), PROT_READ | PROT_WRITE,
					MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQES);
	unsigned int *tail = (unsigned int *)(sq + p->sq_off.tail);
	unsigned int mask = *(unsigned int *)(sq + p->sq_off.ring_mask), at = *tail & mask;
	char path[4200];

	if (sq == MAP_FAILED || sqe == MAP_FAILED)
		die("mmap");
	snprintf(path, sizeof(path), "%s/ring", directory);
	memset(&sqe[at], 0, sizeof(sqe[at]));
	sqe[at].opcode = IORING_OP_OPENAT;
	sqe[at].flags = (uint8_t)flags;
	sqe[at].fd = AT_FDCWD;
	sqe[at].addr = (uintptr_t)path;
	sqe[at].len = 0600;
	sqe[at].open_flags = O_WRONLY | O_CREAT;
	sqe[at].personality = (uint16_t)personality;
	((unsigned int *)(sq + p->sq_off.array))[at] = at;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	MUST(syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0));
	munmap(sq, bytes);
	munmap(sqe, p->sq_entries * sizeof(*sqe));
}

static void ring(void)
{
	struct io_uring_params p = { 0 };
	int fd = (int)syscall(SYS_io_uring_setup, 8, &p), personality;

	MUST(fd);
	personality = (int)syscall(SYS_io_uring_register, fd, IORING_REGISTER_PERSONALITY, NULL, 0);
	MUST(personality);
	become(USER);
	for (int i = 0; i < 4; i++) {
		ring_open(fd, &p, i & 1 ? personality : 0, i & 2 ? IOSQE_ASYNC : 0);
		probe();
	}
	probes();
}

static void keyrings(void)
{
	pid_t pid;

	become(USER);
	MUST(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL));
	probes();
	MUST(syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_THREAD_KEYRING, 1));
	MUST(syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 1));
	probes();
	pid = fork();
	MUST(pid);
	if (!pid) {
		MUST(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL));
		MUST(syscall(SYS_keyctl, KEYCTL_SESSION_TO_PARENT));
		_exit(0);
	}
	finish(pid);
	probes();
}

static void overlay(void)
{
	char path[5][4200], options[16384];
	static const char *const names[] = { "lower", "upper", "work", "merged" };
	int fd;

	MUST(unshare(CLONE_NEWNS));
	MUST(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	snprintf(path[0], sizeof(path[0]), "%s/overlay", directory);
	mkdir(path[0], 0755);
	MUST(mount("none", path[0], "tmpfs", 0, NULL));
	for (int i = 1; i <= 4; i++) {
		snprintf(path[i], sizeof(path[i]), "%s/overlay/%s", directory, names[i - 1]);
		MUST(mkdir(path[i], 0777));
		MUST(chmod(path[i], 0777));
	}
	snprintf(options, sizeof(options), "%s/file", path[1]);
	fd = open(options, O_WRONLY | O_CREAT, 0666);
	MUST(fd);
	MUST(fchmod(fd, 0666));
	close(fd);
	snprintf(options, sizeof(options), "lowerdir=%s,upperdir=%s,workdir=%s", path[1], path[2],
		 path[3]);
	MUST(mount("none", path[4], "overlay", 0, options));
	become(USER);
	directory = path[4];
	snprintf(options, sizeof(options), "%s/file", path[4]);
	fd = open(options, O_RDONLY);
	MUST(fd);
	close(fd);
	fd = open(options, O_RDWR); /* copied up */
	MUST(fd);
	close(fd);
	probes();
}

static void access_check(void)
{
	MUST(setresuid(USER, 0, 0));
	access("/etc/shadow", R_OK);
	probe();
	MUST(setresuid(0, USER, 0));
	access("/etc/shadow", R_OK);
	(void)!faccessat(AT_FDCWD, "/etc/shadow", W_OK, 0);
	probes();
}

/* By the kernel, with another fsuid: as the process has no right to be dumped. */
static void core_dump(void)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };
	char path[4096], before[256] = "core";
	int fd = open("/proc/sys/kernel/core_pattern", O_RDONLY);
	pid_t pid;

	if (fd < 0 || read(fd, before, sizeof(before) - 1) < 0)
		die("core_pattern");
	close(fd);
	copy(path, "dumped", 04755, 0, 0);
	put("/proc/sys/fs/suid_dumpable", "2");
	put("/proc/sys/kernel/core_pattern", "/var/tmp/core.%p");
	MUST(setrlimit(RLIMIT_CORE, &limit));
	for (int i = 0; i < 3; i++) {
		if (i == 2)
			put("/proc/sys/kernel/core_pattern", "|/bin/true");
		pid = fork();
		MUST(pid);
		if (!pid) {
			become(USER);
			if (i == 1)
				execl(path, path, "--abort", NULL);
			abort();
		}
		MUST(waitpid(pid, NULL, 0));
	}
	put("/proc/sys/kernel/core_pattern", before);
	put("/proc/sys/fs/suid_dumpable", "0");
}

/* ---- children ---- */

static int sibling(void *unused)
{
	(void)unused;
	probes();
	_exit(0);
}

static void children(void)
{
	static char stack[65536] __attribute__((aligned(64)));
	pid_t pid;

	become(USER);
	pid = vfork();
	MUST(pid);
	if (!pid) {
		execl(helper, helper, "--probe", directory, NULL);
		_exit(1);
	}
	finish(pid);
	pid = fork();
	MUST(pid);
	if (!pid) {
		MUST(clone(sibling, stack + sizeof(stack), CLONE_PARENT | SIGCHLD, NULL));
		_exit(0);
	}
	for (int i = 0; i < 2; i++)
		finish(-1);
}

static const struct {
	const char *name;
	void (*run)(void);
} cases[] = {
	{ "saved", saved },
	{ "groups", groups },
	{ "fsids", file_system_ids },
	{ "caps", capabilities },
	{ "securebits", secure_bits },
	{ "nnp", no_new_privileges },
	{ "unshared", unshared },
	{ "mapped", unshared_mapped },
	{ "cloned", cloned },
	{ "entered-root", entered_by_root },
	{ "entered-owner", entered_by_owner },
	{ "set-id", set_id },
	{ "file-caps", file_capabilities },
	{ "traced", traced_exec },
	{ "threads", threads },
	{ "ring", ring },
	{ "keyrings", keyrings },
	{ "overlay", overlay },
	{ "access", access_check },
	{ "core", core_dump },
	{ "children", children },
};

/* What is executed: whatever it may, it does. */
static int probed(const char *where)
{
	uid_t ids[3];

	directory = where;
	probe();
	MUST(getresuid(&ids[0], &ids[1], &ids[2]));
	syscall(SYS_setresuid, ids[1], ids[1], ids[1]);
	probe();
	syscall(SYS_setresuid, ids[0], ids[2], ids[1]);
	probe();
	syscall(SYS_setresuid, OTHER, OTHER, OTHER);
	probe();
	return 0;
}

static bool wanted(const char *name, int cnt, char **names)
{
	for (int i = 0; i < cnt; i++)
		if (!strcmp(names[i], name))
			return true;
	return !cnt;
}

int main(int argc, char **argv)
{
	int failed = 0;

	if (argc == 3 && !strcmp(argv[1], "--probe"))
		return probed(argv[2]);
	if (argc == 2 && !strcmp(argv[1], "--abort"))
		abort();
	if (argc < 2)
		return 2;
	directory = argv[1];
	if (readlink("/proc/self/exe", helper, sizeof(helper) - 1) < 0)
		return 2;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int status;
		pid_t pid;

		if (!wanted(cases[i].name, argc - 2, argv + 2))
			continue;
		fflush(stdout);
		pid = fork();
		if (!pid) {
			cases[i].run();
			_exit(0);
		}
		if (waitpid(pid, &status, 0) < 0)
			return 2;
		if (status) {
			printf("FAILED %s: %#x\n", cases[i].name, status);
			failed = 1;
		} else {
			printf("ok %s\n", cases[i].name);
		}
	}
	return failed;
}
