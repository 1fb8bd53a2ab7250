// SPDX-License-Identifier: Apache-2.0
/*
 * Stands in for every program that a Sigma rule names, and makes them run.
 *
 *   standin drive CASES LOG
 *
 * In:  CASES, made by guest.py: for each case a line "ID SETUP SCRIPT", two numbers of bytes, and behind it so many bytes of
 *      words, each with a NUL at its end. SETUP is done by the driver, in a root of its own (a tmpfs in a mount namespace), so
 *      that nothing of the machine is touched; what is there goes away behind each case. SCRIPT is done by the case's first
 *      process. Its words lie in a file that is open as descriptor 200, and its offset says how far they are done; so
 *      a program that takes over by "run" goes on behind that word, whatever its name and arguments are.
 * Out: LOG, which is open as descriptor 201: "ID PID" of each process that is a case's subject, "ID failed ..." of what could
 *      not be done; status 1 if the driver itself failed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define FD_SCRIPT 200
#define FD_LOG 201
#define MAX_WORDS 4096
#define MAX_BYTES (1 << 20)

/* The words of a script that are left, and how to take the next. */
struct words {
	char *at;
	char *end;
};

static const char *case_id = "?";

__attribute__((format(printf, 1, 2))) static void tell(const char *format, ...)
{
	char line[1024];
	va_list arguments;
	int len;

	va_start(arguments, format);
	len = vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	if (len > 0 &&
	    write(FD_LOG, line, (size_t)len < sizeof(line) ? (size_t)len : sizeof(line) - 1) < 0)
		_exit(3);
}

static void fail(const char *what, const char *object)
{
	tell("%s failed %s '%s': %s\n", case_id, what, object, strerror(errno));
	_exit(1);
}

static char *next_word(struct words *words)
{
	char *word = words->at;

	if (word >= words->end)
		return NULL;
	words->at += strlen(word) + 1;
	return word;
}

static char *need_word(struct words *words)
{
	char *word = next_word(words);

	if (!word) {
		errno = EINVAL;
		fail("script", "ends too early");
	}
	return word;
}

/* "run" PATH COUNT ARGUMENT...: what is behind them is the new program's. */
static void run(struct words *words, char *begin)
{
	char *path = need_word(words);
	unsigned long count = strtoul(need_word(words), NULL, 10);
	char *argv[MAX_WORDS + 1] = { NULL };

	if (count > MAX_WORDS)
		count = MAX_WORDS;
	for (unsigned long i = 0; i < count; i++)
		argv[i] = need_word(words);
	lseek(FD_SCRIPT, words->at - begin, SEEK_CUR);
	execve(path, argv, (char *[]){ "PATH=/usr/bin", NULL });
	fail("run", path);
}

/* The child goes on; the parent waits for it and ends. */
static void split(void)
{
	pid_t pid = fork();
	int status = 0;

	if (pid < 0)
		fail("fork", "");
	if (!pid)
		return;
	waitpid(pid, &status, 0);
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

/* "connect" PROTOCOL ADDRESS PORT: the attempt is what counts. */
static void connect_to(struct words *words)
{
	int type = strcmp(need_word(words), "udp") ? SOCK_STREAM : SOCK_DGRAM;
	char *address = need_word(words);
	in_port_t port = htons((uint16_t)strtoul(need_word(words), NULL, 10));
	struct sockaddr_in peer = { .sin_family = AF_INET, .sin_port = port };
	struct sockaddr_in6 peer6 = { .sin6_family = AF_INET6,
				      .sin6_port = port,
				      .sin6_scope_id = 1 };
	bool is_v6 = strchr(address, ':');
	int fd = socket(is_v6 ? AF_INET6 : AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		fail("socket", address);
	if (is_v6 ? inet_pton(AF_INET6, address, &peer6.sin6_addr) != 1 :
		    inet_pton(AF_INET, address, &peer.sin_addr) != 1)
		fail("address", address);
	if (is_v6)
		connect(fd, (struct sockaddr *)&peer6, sizeof(peer6));
	else
		connect(fd, (struct sockaddr *)&peer, sizeof(peer));
	close(fd);
}

/* "call" NUMBER COUNT ARGUMENT...: numbers, or ":TEXT" for the address of a text. Whether it succeeds is the kernel's. */
static void call(struct words *words)
{
	long number = strtol(need_word(words), NULL, 10);
	unsigned long count = strtoul(need_word(words), NULL, 10);
	unsigned long arguments[6] = { 0 };

	for (unsigned long i = 0; i < count && i < 6; i++) {
		char *word = need_word(words);

		arguments[i] = word[0] == ':' ? (unsigned long)(word + 1) : strtoul(word, NULL, 0);
	}
	syscall(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4],
		arguments[5]);
}

static void open_file(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0666);

	if (fd < 0)
		fail("open", path);
	close(fd);
}

static void set_user(unsigned long uid)
{
	if (setresgid((gid_t)uid, (gid_t)uid, (gid_t)uid) ||
	    setresuid((uid_t)uid, (uid_t)uid, (uid_t)uid))
		fail("uid", "");
}

/* One word of a script that is about files. Returns whether it was one. */
static bool do_file(const char *word, struct words *words)
{
	const char *path;

	if (!strcmp(word, "create")) {
		open_file(need_word(words), O_WRONLY | O_CREAT);
	} else if (!strcmp(word, "write")) {
		open_file(need_word(words), O_WRONLY);
	} else if (!strcmp(word, "read")) {
		open_file(need_word(words), O_RDONLY);
	} else if (!strcmp(word, "rename")) {
		path = need_word(words);
		if (rename(path, need_word(words)))
			fail("rename", path);
	} else if (!strcmp(word, "unlink")) {
		path = need_word(words);
		if (unlink(path))
			fail("unlink", path);
	} else {
		return false;
	}
	return true;
}

static void do_script(struct words *words)
{
	char *begin = words->at, *word;
	int fd;

	while ((word = next_word(words))) {
		if (!strcmp(word, "run")) {
			run(words, begin);
		} else if (!strcmp(word, "fork")) {
			split();
		} else if (!strcmp(word, "subject")) {
			tell("%s %d\n", need_word(words), getpid());
		} else if (!strcmp(word, "chdir")) {
			word = need_word(words);
			if (chdir(word))
				fail("chdir", word);
		} else if (!strcmp(word, "uid")) {
			set_user(strtoul(need_word(words), NULL, 10));
		} else if (!strcmp(word, "loginuid")) {
			word = need_word(words);
			fd = open("/pk/proc/self/loginuid", O_WRONLY | O_CLOEXEC);
			if (fd < 0 || write(fd, word, strlen(word)) < 0)
				fail("loginuid", word);
			close(fd);
		} else if (!strcmp(word, "connect")) {
			connect_to(words);
		} else if (!strcmp(word, "call")) {
			call(words);
		} else if (!do_file(word, words)) {
			errno = EINVAL;
			fail("word", word);
		}
	}
}

/* What a program does that runs under any name: what is left of the script. */
static int be_program(void)
{
	static char bytes[MAX_BYTES + 1];
	off_t done = lseek(FD_SCRIPT, 0, SEEK_CUR);
	ssize_t len;

	if (done < 0)
		return 0;
	len = pread(FD_SCRIPT, bytes, MAX_BYTES, done);
	if (len > 0)
		do_script(&(struct words){ bytes, bytes + len });
	return 0;
}

/* ---- the driver ---- */

static void make_parents(const char *path)
{
	char copy[4096];

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *at = copy + 1; (at = strchr(at, '/')); at++) {
		*at = 0;
		if (mkdir(copy, 0777) && errno != EEXIST)
			fail("mkdir", copy);
		*at = '/';
	}
}

static void do_setup(struct words *words)
{
	char *word;

	while ((word = next_word(words))) {
		char *path = need_word(words);

		make_parents(path);
		if (!strcmp(word, "dir")) {
			if (mkdir(path, 0777) && errno != EEXIST)
				fail("mkdir", path);
		} else if (!strcmp(word, "image")) {
			if (link("/pk/standin", path) && errno != EEXIST)
				fail("link", path);
		} else if (!strcmp(word, "symlink")) {
			if (symlink(need_word(words), path))
				fail("symlink", path);
		} else if (!strcmp(word, "file")) {
			open_file(path, O_WRONLY | O_CREAT);
		} else {
			errno = EINVAL;
			fail("setup", word);
		}
	}
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
	(void)status;
	(void)type;
	if (!ftw->level)
		return FTW_CONTINUE;
	if (ftw->level == 1 && !strcmp(path, "/pk"))
		return FTW_CONTINUE;
	if (!strncmp(path, "/pk/", 4))
		return FTW_CONTINUE;
	return remove(path) ? FTW_STOP : FTW_CONTINUE;
}

/* A root of its own, with this program in it, and nothing else. */
static int enter_root(const char *self)
{
	static const char root[] = "/run/picket-sigma";

	if (unshare(CLONE_NEWNS | CLONE_NEWNET) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return -errno;
	if (mkdir(root, 0755) && errno != EEXIST)
		return -errno;
	if (mount("sigma", root, "tmpfs", 0, "mode=0777") || chdir(root) || mkdir("pk", 0755) ||
	    mkdir("pk/proc", 0755) || mkdir("pk/old", 0755))
		return -errno;
	if (mount("proc", "pk/proc", "proc", 0, NULL))
		return -errno;
	int from = open(self, O_RDONLY | O_CLOEXEC),
	    to = open("pk/standin", O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	char bytes[65536];
	ssize_t len;

	if (from < 0 || to < 0)
		return -errno;
	while ((len = read(from, bytes, sizeof(bytes))) > 0) {
		if (write(to, bytes, (size_t)len) != len)
			return -EIO;
	}
	close(from);
	close(to);
	if (syscall(SYS_pivot_root, ".", "pk/old") || umount2("/pk/old", MNT_DETACH) || chdir("/"))
		return -errno;
	return 0;
}

static void do_case(struct words setup, struct words script)
{
	pid_t pid = fork();
	int fd, status = 0;

	if (pid < 0)
		fail("fork", "driver");
	if (!pid) {
		do_setup(&setup);
		fd = open("/pk", O_RDWR | O_TMPFILE, 0600);
		if (fd < 0 || write(fd, script.at, (size_t)(script.end - script.at)) < 0 ||
		    dup2(fd, FD_SCRIPT) < 0 || lseek(FD_SCRIPT, 0, SEEK_SET))
			fail("script", "file");
		close(fd);
		/* a process of its own, so that what made the script is not among the subject's events */
		split();
		do_script(&script);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		tell("%s failed status %d\n", case_id, status);
	/* the driver goes on with an empty root */
	umask(0);
	if (nftw("/", remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT))
		fail("cleanup", "/");
}

static int drive(const char *self, const char *cases, const char *log)
{
	FILE *file = fopen(cases, "re");
	int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0644), status;
	char id[64];
	size_t setup_len, script_len;

	if (!file || fd < 0 || dup2(fd, FD_LOG) < 0) {
		perror("standin: cases");
		return 1;
	}
	close(fd);
	umask(0);
	status = enter_root(self);
	if (status) {
		fprintf(stderr, "standin: own root: %s\n", strerror(-status));
		return 1;
	}
	case_id = id;
	while (fscanf(file, "%63s %zu %zu", id, &setup_len, &script_len) == 3) {
		char *bytes = malloc(setup_len + script_len + 1);

		if (!bytes || fgetc(file) != '\n' ||
		    fread(bytes, 1, setup_len + script_len, file) != setup_len + script_len) {
			fprintf(stderr, "standin: '%s' is cut\n", id);
			return 1;
		}
		do_case((struct words){ bytes, bytes + setup_len },
			(struct words){ bytes + setup_len, bytes + setup_len + script_len });
		free(bytes);
	}
	tell("end 0\n");
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "drive") && fcntl(FD_SCRIPT, F_GETFD) < 0)
		return drive("/proc/self/exe", argv[2], argv[3]);
	return be_program();
}
