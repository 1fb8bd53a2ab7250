// SPDX-License-Identifier: Apache-2.0
/*
 * Images executed: every call, by path, by descriptor, from memory, as a script, from a thread.
 * The image is this program itself, told to end with a given code: that code is the proof.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ops.h"

extern char **environ;

/* What is executed, and what is to be seen of it. */
struct image {
	const char *path;     /* given to execve(), or relative to fd for execveat() */
	int fd;               /* for calls that take a descriptor */
	int flags;            /* AT_* */
	char *const *args;    /* as given */
	const char *real;     /* absolute path of the file */
	const char *filename; /* as the kernel has it; NULL: as `path` */
	const char *script_interpreter;
	char *const *seen_args; /* NULL: as given */
	const char *kind;       /* "memfd", "deleted", NULL */
};

/* Shared with the child: why the exec failed. */
static int *exec_error;

static char *child_args[] = { "ops", "--child", "42", NULL };

static void run_execve(const struct image *image)
{
	syscall(SYS_execve, image->path, image->args, environ);
	*exec_error = errno;
	_exit(PK_EXIT_FAILED);
}

static void run_execveat(const struct image *image)
{
	syscall(SYS_execveat, image->fd, image->path, image->args, environ, image->flags);
	*exec_error = errno;
	_exit(PK_EXIT_FAILED);
}

static void *exec_thread(void *arg)
{
	run_execve(arg);
	return NULL;
}

/* All other threads end, and the one that calls becomes the first. */
static void run_thread(const struct image *image)
{
	pthread_t thread;

	pthread_create(&thread, NULL, exec_thread, (void *)image);
	pause();
}

/* argv and the environment as 32-bit pointers. */
static void run_execve32(const struct image *image)
{
	__u32 args[8] = {}, env[1] = {};
	long result;
	int i;

	for (i = 0; image->args[i] && i < 7; i++)
		args[i] = pk_low_str(image->args[i]);
	result = pk_int80(PK_NR32_EXECVE, pk_low_str(image->path), pk_low(args, sizeof(args)),
			  pk_low(env, sizeof(env)), 0, 0);
	*exec_error = -result;
	_exit(PK_EXIT_FAILED);
}

static void run_execveat32(const struct image *image)
{
	__u32 args[8] = {}, env[1] = {};
	long result;
	int i;

	for (i = 0; image->args[i] && i < 7; i++)
		args[i] = pk_low_str(image->args[i]);
	result = pk_int80(PK_NR32_EXECVEAT, image->fd, pk_low_str(image->path),
			  pk_low(args, sizeof(args)), pk_low(env, sizeof(env)), image->flags);
	*exec_error = -result;
	_exit(PK_EXIT_FAILED);
}

/* Whether by the 32-bit call is past by then: "compat" says what the new image is. */
static void log_exec(const char *variant, const struct image *image, int pid)
{
	const char *filename = image->filename ? image->filename : image->path;
	char cwd[PK_PATH_BYTES];

	pk_log_begin("exec", variant);
	pk_log_pid(pid);
	pk_log_bool("compat", image->real == pk_place.self32);
	if (image->kind)
		pk_log_bool(image->kind, true);
	pk_log_path("path", image->real);
	pk_log_str("asked", filename[0] == '/' ? filename : pk_at(filename));
	pk_log_str("filename", filename);
	if (image->script_interpreter)
		pk_log_path("interpreter", image->script_interpreter);
	pk_log_strs("args", image->seen_args ? image->seen_args : image->args);
	if (syscall(SYS_getcwd, cwd, sizeof(cwd)) > 0)
		pk_log_path("cwd", cwd);
	pk_log_end();
}

/* Waits for the child and logs exec and exit, or that there was no exec. */
static void reap(const char *variant, const struct image *image, int pid)
{
	siginfo_t info = {};
	char name[128];

	waitid(P_PID, pid, &info, WEXITED | WNOWAIT);
	if (info.si_code == CLD_EXITED && info.si_status == PK_EXIT_CHILD) {
		log_exec(variant, image, pid);
	} else {
		pk_format(name, sizeof(name), "exec: %s", variant);
		pk_log_skipped(name, *exec_error);
	}
	pk_wait(pid);
}

static void execute(const char *variant, const struct image *image,
		    void (*run)(const struct image *image))
{
	int pid = pk_fork("to exec");

	if (!pid)
		run(image);
	reap(variant, image, pid);
}

static void execute_vfork(const struct image *image)
{
	int pid = vfork();

	if (!pid)
		run_execve(image);
	pk_log_begin("fork", "vfork to exec");
	pk_log_int("child_pid", pid);
	pk_log_end();
	reap("vfork, execve", image, pid);
}

static void execute_spawn(const struct image *image)
{
	int pid = 0, error;

	error = posix_spawn(&pid, image->path, NULL, NULL, image->args, environ);
	if (error) {
		pk_log_skipped("exec: posix_spawn", error);
		return;
	}
	pk_log_begin("fork", "posix_spawn");
	pk_log_int("child_pid", pid);
	pk_log_end();
	reap("posix_spawn", image, pid);
}

static void by_path(void)
{
	static char *env_args[] = { "",  "--child", "42", "", "an argument", "quote\"\n\xc3\xa9",
				    NULL };
	const struct image image = { .path = pk_place.self,
				     .real = pk_place.self,
				     .args = child_args };
	struct image odd = image, linked = image, near = image;
	char local[PK_PATH_BYTES];

	execute("execve", &image, run_execve);
	execute("execve by a thread", &image, run_thread);
	execute("int80/execve", &image, run_execve32);
	execute_vfork(&image);
	execute_spawn(&image);
	odd.args = env_args;
	execute("execve, odd arguments", &odd, run_execve);

	pk_make_symlink(pk_place.self, "symlink");
	linked.path = "./symlink";
	execute("execve by a symlink", &linked, run_execve);
	linked.path = "../exec/../exec/symlink";
	execute("execve by .. and a symlink", &linked, run_execve);

	if (!link(pk_place.self, "hard link")) {
		struct stat st = pk_stat("hard link");

		pk_log_begin("link", "prepare");
		pk_log_path("path", pk_place.self);
		pk_log_path("new_path", pk_at("hard link"));
		pk_log_stat(&st);
		pk_log_end();
		strcpy(local, pk_at("hard link"));
		near.path = "hard link";
		near.real = local;
		execute("execve of a name alone", &near, run_execve);
	} else {
		pk_log_skipped("exec: a second name of the program", errno);
	}
}

/* Opens a program for execution by descriptor, logged. */
static int open_program(int flags)
{
	return pk_open_file(pk_place.self, flags, "prepare");
}

static void by_descriptor(void)
{
	char filename[64], proc[64], at_name[PK_PATH_BYTES + 64];
	char self_dir[PK_PATH_BYTES];
	struct image image = { .path = "",
			       .args = child_args,
			       .flags = AT_EMPTY_PATH,
			       .real = pk_place.self,
			       .filename = filename };
	int dirfd;

	image.fd = open_program(O_RDONLY | O_CLOEXEC);
	pk_format(filename, sizeof(filename), "/dev/fd/%d", image.fd);
	execute("execveat/AT_EMPTY_PATH", &image, run_execveat);
	execute("int80/execveat/AT_EMPTY_PATH", &image, run_execveat32);
	pk_format(proc, sizeof(proc), "/proc/self/fd/%d", image.fd);
	image.path = proc;
	image.filename = NULL;
	execute("execve of /proc/self/fd", &image, run_execve);
	close(image.fd);

	image.fd = open(pk_place.self, O_PATH | O_CLOEXEC);
	image.path = "";
	image.filename = filename;
	pk_format(filename, sizeof(filename), "/dev/fd/%d", image.fd);
	execute("execveat of O_PATH", &image, run_execveat);
	close(image.fd);

	strcpy(self_dir, pk_place.self);
	*strrchr(self_dir, '/') = '\0';
	dirfd = open(self_dir[0] ? self_dir : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	image.fd = dirfd;
	image.path = "ops";
	image.flags = 0;
	pk_format(at_name, sizeof(at_name), "/dev/fd/%d/ops", dirfd);
	image.filename = at_name;
	execute("execveat of a directory and a name", &image, run_execveat);
	execute("int80/execveat of a directory and a name", &image, run_execveat32);
	close(dirfd);

	image.fd = AT_FDCWD;
	image.path = pk_place.self;
	image.filename = NULL;
	execute("execveat/AT_FDCWD", &image, run_execveat);
}

static bool copy_to(int to)
{
	int from = open_program(O_RDONLY | O_CLOEXEC);
	off_t len = lseek(from, 0, SEEK_END), at = 0;

	while (at < len && sendfile(to, from, &at, len - at) > 0)
		;
	close(from);
	return at == len;
}

static void from_memory(void)
{
	char filename[64], proc[64];
	struct image image = { .path = "",
			       .args = child_args,
			       .flags = AT_EMPTY_PATH,
			       .real = "memfd:in memory",
			       .filename = filename,
			       .kind = "memfd" };

	image.fd = memfd_create("in memory", MFD_CLOEXEC);
	if (image.fd < 0 || !copy_to(image.fd)) {
		pk_log_skipped("exec: memfd", errno);
		return;
	}
	pk_format(filename, sizeof(filename), "/dev/fd/%d", image.fd);
	execute("execveat of a memfd", &image, run_execveat);
	pk_format(proc, sizeof(proc), "/proc/self/fd/%d", image.fd);
	image.path = proc;
	image.filename = NULL;
	execute("execve of a memfd by /proc", &image, run_execve);
	close(image.fd);
}

/* A program whose file has no name left. */
static void of_deleted(void)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
	char filename[64], real[PK_PATH_BYTES];
	struct image image = { .path = "",
			       .args = child_args,
			       .flags = AT_EMPTY_PATH,
			       .real = real,
			       .filename = filename,
			       .kind = "deleted" };
	int fd = open("goes", flags, 0755);

	strcpy(real, pk_at("goes"));
	pk_log_begin("open", "prepare");
	pk_log_opened(fd, real, flags, true);
	pk_log_end();
	copy_to(fd);
	close(fd);
	image.fd = pk_open_file("goes", O_RDONLY | O_CLOEXEC, "prepare");
	pk_remove_file("goes");
	pk_format(filename, sizeof(filename), "/dev/fd/%d", image.fd);
	execute("execveat of a deleted file", &image, run_execveat);
	close(image.fd);
}

static void write_script(const char *name, const char *interpreter, const char *argument)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
	int fd = open(name, flags, 0755);

	if (fd < 0)
		pk_log_die("cannot create '%s': %s", name, strerror(errno));
	pk_log_begin("open", "prepare");
	pk_log_opened(fd, pk_at(name), flags, true);
	pk_log_end();
	dprintf(fd, "#!%s %s\n", interpreter, argument);
	close(fd);
}

static void scripts(void)
{
	char script[PK_PATH_BYTES], nested[PK_PATH_BYTES], fd_name[64];
	char *args[] = { "not seen", "two", NULL };
	char *seen[] = { pk_place.self, "--script", "./script", "two", NULL };
	char *seen_nested[] = { pk_place.self, "--script", "./script", "./nested", "two", NULL };
	char *seen_fd[] = { pk_place.self, "--script", fd_name, "two", NULL };
	struct image image = { .path = "./script",
			       .real = script,
			       .args = args,
			       .seen_args = seen,
			       .script_interpreter = pk_place.self };

	/* the kernel reads no more of the first line */
	if (strlen(pk_place.self) > 200) {
		pk_log_skipped("exec: scripts", ENAMETOOLONG);
		return;
	}
	strcpy(script, pk_at("script"));
	write_script("script", pk_place.self, "--script");
	execute("execve of a script", &image, run_execve);
	execute("execve of a script by a thread", &image, run_thread);
	pk_make_symlink("script", "script link");
	image.path = "./script link";
	seen[2] = "./script link";
	execute("execve of a script by a symlink", &image, run_execve);

	image.fd = pk_open_file("script", O_RDONLY, "prepare");
	image.path = "";
	image.flags = AT_EMPTY_PATH;
	pk_format(fd_name, sizeof(fd_name), "/dev/fd/%d", image.fd);
	image.filename = fd_name;
	image.seen_args = seen_fd;
	execute("execveat of a script", &image, run_execveat);
	close(image.fd);

	write_script("nested", "./script", "");
	strcpy(nested, pk_at("nested"));
	image.path = "./nested";
	image.filename = NULL;
	image.real = nested;
	image.seen_args = seen_nested;
	execute("execve of a script whose interpreter is a script", &image, run_execve);
}

/* As long arguments as are kept whole (15 bytes before the text, a NUL behind), and longer. */
static void long_arguments(void)
{
	static const unsigned int lengths[] = { 4000, 8175, 8176, 8177, 20000 };
	char *text = malloc(32768);
	char *args[] = { "ops", "--child", "42", text, NULL };
	char *many[1100];
	struct image image = { .path = pk_place.self, .real = pk_place.self, .args = args };
	size_t i;

	for (i = 0; i < PK_ARRAY_SIZE(lengths); i++) {
		memset(text, 'a', lengths[i]);
		text[lengths[i]] = '\0';
		execute("execve, long arguments", &image, run_execve);
	}
	memcpy(many, child_args, sizeof(child_args));
	for (i = 3; i < PK_ARRAY_SIZE(many) - 1; i++)
		many[i] = "x";
	many[i] = NULL;
	image.args = many;
	execute("execve, many arguments", &image, run_execve);
	free(text);
}

static void image_32(void)
{
	char *args[] = { "ops32", NULL };
	struct image image = { .path = pk_place.self32, .real = pk_place.self32, .args = args };

	if (!pk_place.self32[0]) {
		pk_log_skipped("exec: a 32-bit program", ENOENT);
		return;
	}
	execute("execve of a 32-bit program", &image, run_execve);
}

void pk_group_exec(void)
{
	exec_error = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pk_group_enter("exec");
	by_path();
	by_descriptor();
	from_memory();
	of_deleted();
	scripts();
	long_arguments();
	image_32();
	pk_group_leave();
	munmap(exec_error, 4096);
}
