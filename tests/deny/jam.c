// SPDX-License-Identifier: Apache-2.0
/*
 * What happens when an event cannot be judged, since no scratch slot is free; and that nothing stale is used of
 * processes that executed unseen. Run by tests/vm/test-deny under picket, with rules of its own.
 *
 *	jam --closed             under closed.yaml: what rules with on_unknown: act are about is refused, all else passes
 *	jam --stale              under stale.yaml: after an exec that nobody could judge
 *	jam --inside FILE        under stale.yaml: writes the scope's cgroup to FILE, waits until FILE.done is there
 *	jam --outside FILE       begun before picket: executes outside of the scope, then enters it
 *
 * Slots are taken as the programs take them, by a mark in their map, on the one CPU that this process stays on.
 * Prints a line a case, and "N passed, N failed, N skipped".
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../ops/log.h"

#define TOP "/deny/closed"
#define SLOTS 3u         /* PK_SCRATCH_SLOTS; all are of the first CPU */
#define BUSY 0x7fffffffu /* no thread's */
#define EXIT_REFUSED 43
#define EXIT_OTHER 44
#define WAIT_TENTHS 3000 /* for picket to begin */

static unsigned int passed, failed;

static long bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

/* The map of slots, and how large one is. */
static int slots_open(__u32 *ret_bytes)
{
	union bpf_attr attr = {};

	while (!bpf(BPF_MAP_GET_NEXT_ID, &attr)) {
		struct bpf_map_info info = {};
		union bpf_attr by_id = { .map_id = attr.next_id };
		union bpf_attr ask = { .info.info_len = sizeof(info), .info.info = (__u64)&info };
		int fd = (int)bpf(BPF_MAP_GET_FD_BY_ID, &by_id);

		ask.info.bpf_fd = fd;
		if (fd >= 0 && !bpf(BPF_OBJ_GET_INFO_BY_FD, &ask) &&
		    !strcmp(info.name, "pk_scratch_map")) {
			*ret_bytes = info.value_size;
			return fd;
		}
		close(fd);
		attr.start_id = attr.next_id;
		attr.next_id = 0;
	}
	pk_log_die("no map of slots: %s", strerror(errno));
}

/* Takes all slots of this CPU, or gives them back. */
static void jam(bool on)
{
	__u32 bytes = 0, mark = on ? BUSY : 0;
	int fd = slots_open(&bytes);
	char *slot = bytes > sizeof(mark) ? malloc(bytes) : NULL;

	if (!slot)
		pk_log_die("no memory for a slot");
	for (__u32 key = 0; key < SLOTS; key++) {
		union bpf_attr attr = { .map_fd = fd, .key = (__u64)&key, .value = (__u64)slot };

		if (bpf(BPF_MAP_LOOKUP_ELEM, &attr))
			pk_log_die("cannot read a slot: %s", strerror(errno));
		memcpy(slot, &mark, sizeof(mark));
		if (bpf(BPF_MAP_UPDATE_ELEM, &attr))
			pk_log_die("cannot mark a slot: %s", strerror(errno));
	}
	free(slot);
	close(fd);
}

static void stay_on_first_cpu(void)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus))
		pk_log_die("cannot stay on one CPU: %s", strerror(errno));
}

static void tell(const char *name, bool good, const char *why)
{
	printf("%s %s%s%s\n", good ? "ok" : "FAIL", name, good ? "" : ": ", good ? "" : why);
	fflush(stdout);
	if (good)
		passed++;
	else
		failed++;
}

/* Attempts: 0 or -errno. */

static long result_of(long result)
{
	return result < 0 ? -errno : 0;
}

static long do_open(void)
{
	return result_of(open(TOP "/file", O_RDONLY));
}

static long do_create(void)
{
	return result_of(open(TOP "/created", O_WRONLY | O_CREAT, 0644));
}

static long do_mkdir(void)
{
	return result_of(mkdir(TOP "/dir", 0755));
}

static long do_rmdir(void)
{
	return result_of(rmdir(TOP "/there"));
}

static long do_chmod(void)
{
	return result_of(chmod(TOP "/file", 0600));
}

static long do_rename(void)
{
	return result_of(rename(TOP "/from", TOP "/to"));
}

static struct sockaddr_in port(int number)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons(number),
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static long connect_port(int number)
{
	struct sockaddr_in to = port(number);

	return result_of(connect(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0),
				 (struct sockaddr *)&to, sizeof(to)));
}

static long do_connect(void)
{
	return connect_port(9);
}

static long do_connect_unix(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX, .sun_path = TOP "/listener" };

	return result_of(connect(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0),
				 (struct sockaddr *)&to, sizeof(to)));
}

static long do_send(void)
{
	struct sockaddr_in to = port(9);

	return result_of(sendto(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "x", 1, 0,
				(struct sockaddr *)&to, sizeof(to)));
}

static long do_bind(void)
{
	struct sockaddr_in to = port(7193);

	return result_of(bind(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), (struct sockaddr *)&to,
			      sizeof(to)));
}

static int listener;

static long do_accept(void)
{
	return result_of(accept(listener, NULL, NULL));
}

static long do_exec(void)
{
	return result_of(execl(TOP "/prog", "prog", "--end", NULL));
}

struct attempt {
	const char *name;
	long (*run)(void);
	bool refused; /* a rule about its kind acts on what is unknown */
	const char *not_made;
};

static const struct attempt attempts[] = {
	{ "open", do_open, true, NULL },
	{ "open that creates", do_create, true, TOP "/created" },
	{ "mkdir", do_mkdir, true, TOP "/dir" },
	{ "connect", do_connect, true, NULL },
	{ "connect to a Unix socket", do_connect_unix, true, NULL },
	{ "send", do_send, true, NULL },
	{ "accept", do_accept, true, NULL },
	{ "exec", do_exec, true, NULL },
	{ "rename", do_rename, true, TOP "/to" },
	{ "chmod, of which a rule lets pass what is unknown", do_chmod, false, NULL },
	{ "rmdir, of which a rule only alerts", do_rmdir, false, NULL },
	{ "bind, about which no rule is", do_bind, false, NULL },
};

/* In a child: the status as of wait(). */
static int in_child(long (*run)(void))
{
	int pid = fork(), status = 0;

	if (!pid) {
		long result = run();

		_exit(!result ? 0 : result == -EPERM ? EXIT_REFUSED : EXIT_OTHER);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		pk_log_die("no child: %s", strerror(errno));
	return status;
}

static void try(const struct attempt *attempt, bool jammed)
{
	bool refused = jammed && attempt->refused;
	char name[128], why[64];
	int status;

	if (jammed)
		jam(true);
	status = in_child(attempt->run);
	if (jammed)
		jam(false);
	snprintf(name, sizeof(name), "%s %s", jammed ? "no slot:" : "slots:", attempt->name);
	snprintf(why, sizeof(why), "status 0x%x", status);
	tell(name,
	     status == (refused ? EXIT_REFUSED << 8 : 0) &&
		     (!refused || !attempt->not_made || access(attempt->not_made, F_OK)),
	     why);
}

static void copy_self(const char *to)
{
	int in = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);

	if (in < 0 || out < 0)
		pk_log_die("cannot copy the program to '%s': %s", to, strerror(errno));
	while (sendfile(out, in, NULL, 1 << 20) > 0)
		;
	close(in);
	close(out);
}

static void listen_unix(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX, .sun_path = TOP "/listener" };

	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	unlink(at.sun_path);
	if (bind(listener, (struct sockaddr *)&at, sizeof(at)) || listen(listener, 64))
		pk_log_die("cannot listen: %s", strerror(errno));
}

static void make_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0)
		pk_log_die("cannot make '%s': %s", path, strerror(errno));
	close(fd);
}

static void prepare(void)
{
	unlink(TOP "/to");
	unlink(TOP "/created");
	rmdir(TOP "/dir");
	make_file(TOP "/from");
	if (mkdir(TOP "/there", 0755) && errno != EEXIST)
		pk_log_die("cannot make a directory: %s", strerror(errno));
}

static void closed(void)
{
	listen_unix();
	make_file(TOP "/file");
	copy_self(TOP "/prog");
	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		prepare();
		if (attempts[i].run == do_accept)
			do_connect_unix();
		try(&attempts[i], true);
		prepare();
		if (attempts[i].run == do_accept)
			do_connect_unix();
		try(&attempts[i], false);
	}
}

/*
 * stale.yaml: programs called pk-marked must not connect to port 7191, what is unknown neither; nor
 * to 7192, but there what is unknown may.
 */

/* The new image: --then PORT. */
static void image(int number)
{
	jam(false);
	_exit(connect_port(number) == -EPERM ? EXIT_REFUSED : 0);
}

static void executes(const char *name, const char *first, const char *second, const char *number,
		     bool refused)
{
	int pid = fork(), status;
	char why[64];

	if (!pid) {
		execl(first, first, "--jam-and", second, number, NULL);
		_exit(EXIT_OTHER);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		pk_log_die("no child: %s", strerror(errno));
	snprintf(why, sizeof(why), "status 0x%x", status);
	tell(name, status == (refused ? EXIT_REFUSED << 8 : 0), why);
}

static void stale(void)
{
	executes("facts: of an image that was judged", TOP "/other", TOP "/other", "7191+", false);
	executes("facts: of a marked image that was judged", TOP "/other", TOP "/pk-marked",
		 "7192+", true);
	executes("facts: not of the image before, which was not marked", TOP "/other",
		 TOP "/pk-marked", "7191", true);
	executes("facts: not of the image before, which was marked", TOP "/pk-marked", TOP "/other",
		 "7192", false);
}

/* In the first image. A number with a plus: the exec is judged. */
static void jam_and(const char *second, const char *number)
{
	if (!strchr(number, '+'))
		jam(true);
	execl(second, second, "--then", number, NULL);
	jam(false);
	_exit(EXIT_OTHER);
}

/* The scope. */

static bool wait_for(const char *path, int tenths)
{
	for (int i = 0; i < tenths && access(path, F_OK); i++)
		usleep(100000);
	return !access(path, F_OK);
}

static void inside(const char *path)
{
	char done[512], temporary[512], line[512] = "";
	FILE *own = fopen("/proc/self/cgroup", "re"), *out;

	snprintf(done, sizeof(done), "%s.done", path);
	snprintf(temporary, sizeof(temporary), "%s.new", path);
	out = fopen(temporary, "we");
	while (own && out && fgets(line, sizeof(line), own)) {
		if (!strncmp(line, "0::", 3))
			fputs(line + 3, out);
	}
	if (!own || !out || fclose(out) || rename(temporary, path))
		pk_log_die("cannot write '%s': %s", path, strerror(errno));
	tell("scope: a process entered it", wait_for(done, 300), "nobody came");
}

/* It was fed as --outside is called now, executes unseen, and enters the scope: nothing is known of it. */
static void outside(const char *path)
{
	if (!wait_for(path, WAIT_TENTHS))
		pk_log_die("no '%s'", path);
	execl(TOP "/pk-marked", "pk-marked", "--enter", path, NULL);
	pk_log_die("cannot execute: %s", strerror(errno));
}

static void enter(const char *path)
{
	char procs[1200], done[512], group[512] = "";
	FILE *in = fopen(path, "re"), *out;
	long result;

	snprintf(done, sizeof(done), "%s.done", path);
	if (in && fgets(group, sizeof(group), in))
		group[strcspn(group, "\n")] = '\0';
	snprintf(procs, sizeof(procs), "/sys/fs/cgroup%s/cgroup.procs", group);
	out = fopen(procs, "we");
	if (!out || fprintf(out, "%d\n", getpid()) < 0 || fclose(out))
		pk_log_die("cannot enter '%s': %s", procs, strerror(errno));
	result = connect_port(7191);
	tell("scope: what executed outside of it and came in is not known", result == -EPERM,
	     strerror((int)-result));
	make_file(done);
}

int main(int argc, char *argv[])
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "--setup")) {
		copy_self(TOP "/other");
		copy_self(TOP "/pk-marked");
		return 0;
	}
	if (!strcmp(what, "--end"))
		return 0;
	if (!strcmp(what, "--then") && argc == 3)
		image(atoi(argv[2]));
	if (!strcmp(what, "--jam-and") && argc == 4)
		jam_and(argv[2], argv[3]);
	if (!strcmp(what, "--closed") || !strcmp(what, "--stale"))
		stay_on_first_cpu();
	if (!strcmp(what, "--closed"))
		closed();
	else if (!strcmp(what, "--stale"))
		stale();
	else if (!strcmp(what, "--inside") && argc == 3)
		inside(argv[2]);
	else if (!strcmp(what, "--outside") && argc == 3)
		outside(argv[2]);
	else if (!strcmp(what, "--enter") && argc == 3)
		enter(argv[2]);
	else
		return 2;
	printf("%u passed, %u failed, 0 skipped\n", passed, failed);
	return failed != 0;
}
