/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The facts about kernel and privileges that files tell, the parsers for those files, and the
 * backend that follows from all facts. What has to be tried is in trial.c.
 */
#include "kernel/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/trial.h"

#define TEXT_MAX 8192u /* of /proc/self/status and of files with one line */

/* Inode number of /proc/PID/ns/user for the initial user namespace, fixed by the kernel. */
#define USER_NS_INITIAL_INO 0xEFFFFFFDu
/* ... of /proc/PID/ns/pid for the initial pid namespace. */
#define PID_NS_INITIAL_INO 0xEFFFFFFCu

/* Since Linux 6.8, the same on all architectures. */
#ifndef SYS_lsm_list_modules
#define SYS_lsm_list_modules 461
#endif

const struct pk_probe_cap pk_probe_caps[] = {
	{ CAP_BPF, "CAP_BPF", true, "load programs, make maps" },
	{ CAP_PERFMON, "CAP_PERFMON", true, "attach to hooks, read kernel memory" },
	{ CAP_NET_ADMIN, "CAP_NET_ADMIN", false, "network hooks of cgroups" },
	{ CAP_SYS_PTRACE, "CAP_SYS_PTRACE", false,
	  "details of processes that ran before Picket, from /proc" },
	{ CAP_DAC_READ_SEARCH, "CAP_DAC_READ_SEARCH", false,
	  "files and directories of other users, to read" },
	{ CAP_KILL, "CAP_KILL", false, "signals to processes of other users" },
	{ CAP_SYS_RESOURCE, "CAP_SYS_RESOURCE", false, "raise its own resource limits" },
	{ CAP_SYS_ADMIN, "CAP_SYS_ADMIN", false,
	  "other mount namespaces, run-time statistics; stands in for CAP_BPF and CAP_PERFMON" },
	{ 0, NULL, false, NULL },
};

const char *const pk_probe_hooks[] = {
	"tp_btf/sched_process_exec",
	"tp_btf/sched_process_fork",
	"tp_btf/sched_process_exit",
	"tp_btf/sys_exit",
	"lsm/bprm_check_security",
	"lsm/file_open",
	"lsm/path_unlink",
	"lsm/path_rmdir",
	"lsm/path_mkdir",
	"lsm/path_mknod",
	"lsm/path_symlink",
	"lsm/path_link",
	"lsm/path_rename",
	"lsm/path_chmod",
	"lsm/path_chown",
	"lsm/path_truncate",
	"lsm/socket_connect",
	"lsm/socket_bind",
	"lsm/socket_listen",
	"lsm/sock_graft",
	"lsm/socket_sendmsg",
	"lsm/unix_stream_connect",
	"lsm/unix_may_send",
	"fexit/vfs_unlink",
	"fexit/vfs_rmdir",
	"fexit/vfs_mkdir",
	"fexit/vfs_mknod",
	"fexit/vfs_create",
	"fexit/vfs_symlink",
	"fexit/vfs_link",
	"fexit/vfs_rename",
	"fexit/notify_change",
	NULL,
};

static_assert(PK_ARRAY_SIZE(pk_probe_hooks) <= PK_PROBE_HOOKS_MAX, "limit");

const char *pk_probe_feature_name(enum pk_probe_feature feature)
{
	static const char *const names[PK_PROBE_FEATURE_MAX] = {
		[PK_PROBE_RAW_TP] = "raw_tp",
		[PK_PROBE_TP_BTF] = "tp_btf",
		[PK_PROBE_FENTRY] = "fentry",
		[PK_PROBE_FEXIT] = "fexit",
		[PK_PROBE_LSM] = "lsm",
		[PK_PROBE_CGROUP] = "cgroup",
		[PK_PROBE_READ_KERNEL] = "read_kernel",
		[PK_PROBE_RINGBUF] = "ringbuf",
		[PK_PROBE_TASK_STORAGE] = "task_storage",
		[PK_PROBE_SK_STORAGE] = "sk_storage",
		[PK_PROBE_TAIL_CALL] = "tail_call",
		[PK_PROBE_LOOP] = "loop",
		[PK_PROBE_ITER_TASK] = "iter_task",
		[PK_PROBE_SYSCALL] = "syscall",
	};

	return (unsigned int)feature < PK_PROBE_FEATURE_MAX ? names[feature] : "unknown";
}

/* Reads digits, at least one and no sign, and tells where they end. -EINVAL, -ERANGE. */
static int parse_digits(const char *text, int base, uint64_t *ret, const char **ret_end)
{
	const char *digits = base == 16 ? "0123456789abcdefABCDEF" : "0123456789";
	unsigned long long value;
	char *end;

	if (!strspn(text, digits))
		return -EINVAL;
	errno = 0;
	value = strtoull(text, &end, base);
	if (errno)
		return -ERANGE;
	*ret = value;
	*ret_end = end;
	return 0;
}

int pk_probe_parse_status(const char *text, const char *key, int base, uint64_t *ret)
{
	size_t key_len = strlen(key);
	const char *line = text;

	while (line) {
		const char *end = "";
		uint64_t value = 0;
		int err;

		if (strncmp(line, key, key_len) || line[key_len] != ':') {
			line = strchr(line, '\n');
			line = line ? line + 1 : NULL;
			continue;
		}
		line += key_len + 1;
		line += strspn(line, " \t");
		err = parse_digits(line, base, &value, &end);
		if (err || (*end != '\n' && *end != '\0'))
			return -EINVAL;
		*ret = value;
		return 0;
	}
	return -ENOENT;
}

bool pk_probe_list_has(const char *list, const char *name)
{
	size_t name_len = strlen(name);

	for (;;) {
		size_t len = strcspn(list, ",");

		if (len == name_len && !memcmp(list, name, len))
			return len > 0;
		if (!list[len])
			return false;
		list += len + 1;
	}
}

int pk_probe_parse_lockdown(const char *text, enum pk_probe_lockdown *ret)
{
	static const char *const words[] = {
		[PK_PROBE_LOCKDOWN_NONE] = "[none]",
		[PK_PROBE_LOCKDOWN_INTEGRITY] = "[integrity]",
		[PK_PROBE_LOCKDOWN_CONFIDENTIALITY] = "[confidentiality]",
	};
	size_t i;

	for (i = 0; i < PK_ARRAY_SIZE(words); i++) {
		if (strstr(text, words[i])) {
			*ret = (enum pk_probe_lockdown)i;
			return 0;
		}
	}
	return -EINVAL;
}

static bool is_octal(const char *digits)
{
	return digits[0] >= '0' && digits[0] <= '3' && digits[1] >= '0' && digits[1] <= '7' &&
	       digits[2] >= '0' && digits[2] <= '7';
}

/* Undoes \040 and its like in place; the kernel writes space, tab, newline and \ so. */
static void unescape(char *text)
{
	char *to = text;

	while (*text) {
		if (text[0] == '\\' && is_octal(text + 1) && strncmp(text + 1, "000", 3)) {
			*to++ = (char)((text[1] - '0') << 6 | (text[2] - '0') << 3 |
				       (text[3] - '0'));
			text += 4;
		} else {
			*to++ = *text++;
		}
	}
	*to = '\0';
}

struct mount {
	char *root;
	char *point;
	const char *type;
};

/* "36 35 98:0 /root /point rw,noatime master:1 - type source options": see proc(5). */
static int parse_mount(char *line, struct mount *ret)
{
	enum {
		ROOT = 3,
		POINT = 4,
		FIRST_OPTIONAL = 6
	};
	struct mount mount = { 0 };
	char *field;
	int i;

	line[strcspn(line, "\n")] = '\0';
	for (i = 0; (field = strsep(&line, " ")); i++) {
		if (i == ROOT)
			mount.root = field;
		else if (i == POINT)
			mount.point = field;
		else if (i >= FIRST_OPTIONAL && !strcmp(field, "-"))
			break;
	}
	mount.type = strsep(&line, " ");
	if (!mount.type || !mount.root || !mount.point || mount.root[0] != '/' ||
	    mount.point[0] != '/')
		return -EINVAL;
	unescape(mount.root);
	unescape(mount.point);
	*ret = mount;
	return 0;
}

int pk_probe_parse_mounts(FILE *mountinfo, const char *fs_type, char *buf, size_t size)
{
	pk_cleanup(pk_free_p) char *line = NULL;
	size_t line_size = 0;
	bool found = false;

	while (getline(&line, &line_size, mountinfo) >= 0) {
		struct mount mount;
		bool whole;

		if (parse_mount(line, &mount) || strcmp(mount.type, fs_type))
			continue;
		whole = !strcmp(mount.root, "/");
		if (found && !whole)
			continue;
		if (strlen(mount.point) >= size)
			return -ENAMETOOLONG;
		memcpy(buf, mount.point, strlen(mount.point) + 1);
		if (whole)
			return 0;
		found = true;
	}
	if (ferror(mountinfo))
		return -EIO;
	return found ? 0 : -ENOENT;
}

static int find_mount(const char *fs_type, char *buf, size_t size)
{
	pk_cleanup(pk_fclose_p) FILE *mountinfo = NULL;

	mountinfo = fopen("/proc/self/mountinfo", "re");
	if (!mountinfo)
		return -errno;
	return pk_probe_parse_mounts(mountinfo, fs_type, buf, size);
}

int pk_probe_cgroup2_path(char *buf, size_t size)
{
	struct statfs fs;
	int err = find_mount("cgroup2", buf, size);

	if (err)
		return err;
	if (statfs(buf, &fs))
		return -errno;
	/* Something else may be mounted over it. */
	return fs.f_type == CGROUP2_SUPER_MAGIC ? 0 : -ENOENT;
}

/* The first size - 1 bytes of a file, and a NUL. */
static int read_text(const char *path, char *buf, size_t size)
{
	pk_cleanup(pk_close_p) int fd = -1;
	size_t len = 0;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	while (len < size - 1) {
		ssize_t got = read(fd, buf + len, size - 1 - len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (!got)
			break;
		len += (size_t)got;
	}
	buf[len] = '\0';
	return 0;
}

static struct pk_probe_number unknown_number(int err)
{
	return (struct pk_probe_number){ .err = -err };
}

static struct pk_probe_number known_number(uint64_t value)
{
	return (struct pk_probe_number){ .value = value };
}

/* A file that holds one number. */
static struct pk_probe_number read_number(const char *path)
{
	char text[64];
	const char *end;
	uint64_t value = 0;
	int err = read_text(path, text, sizeof(text));

	if (!err)
		err = parse_digits(text, 10, &value, &end);
	return err ? unknown_number(err) : known_number(value);
}

static struct pk_probe_number read_file_size(const char *path)
{
	struct stat st;

	return stat(path, &st) ? unknown_number(-errno) : known_number((uint64_t)st.st_size);
}

static struct pk_probe_number read_ns_initial(const char *path, ino_t initial)
{
	struct stat st;

	if (stat(path, &st))
		return unknown_number(-errno);
	return known_number(st.st_ino == initial);
}

bool pk_probe_pid_ns_differs(void)
{
	struct pk_probe_number initial = read_ns_initial("/proc/self/ns/pid", PID_NS_INITIAL_INO);

	return !initial.err && !initial.value;
}

static struct pk_probe_number read_status(const char *text, int text_err, const char *key, int base)
{
	uint64_t value = 0;
	int err = text_err ? text_err : pk_probe_parse_status(text, key, base, &value);

	return err ? unknown_number(err) : known_number(value);
}

static void probe_privileges(struct pk_probe *probe)
{
	char text[TEXT_MAX] = "";
	int err = read_text("/proc/self/status", text, sizeof(text));

	probe->caps_effective = read_status(text, err, "CapEff", 16);
	probe->seccomp = read_status(text, err, "Seccomp", 10);
	probe->user_ns_initial = read_ns_initial("/proc/self/ns/user", USER_NS_INITIAL_INO);
	probe->pid_ns_initial = read_ns_initial("/proc/self/ns/pid", PID_NS_INITIAL_INO);
}

static void probe_mount(const char *fs_type, struct pk_probe_path *ret)
{
	int err = find_mount(fs_type, ret->path, sizeof(ret->path));

	ret->err = -err;
	if (err)
		ret->path[0] = '\0';
}

static const char *lsm_id_name(uint64_t id)
{
	/* From 100 on, as numbered by the kernel's interface. */
	static const char *const names[] = { "capability", "selinux", "smack",    "tomoyo",
					     "apparmor",   "yama",    "loadpin",  "safesetid",
					     "lockdown",   "bpf",     "landlock", "ima",
					     "evm",        "ipe" };

	return id >= 100 && id - 100 < PK_ARRAY_SIZE(names) ? names[id - 100] : NULL;
}

/* Without securityfs, where the system call is there (Linux 6.8 and later). */
static int list_lsms(char *buf, size_t size)
{
	uint64_t ids[64];
	uint64_t ids_bytes = sizeof(ids); /* the kernel takes 32 bits of it or, in 6.8, 64 */
	long id_cnt = syscall(SYS_lsm_list_modules, ids, &ids_bytes, 0);
	size_t len = 0;
	long i;

	if (id_cnt < 0)
		return -errno;
	buf[0] = '\0';
	for (i = 0; i < id_cnt && i < (long)PK_ARRAY_SIZE(ids); i++) {
		const char *name = lsm_id_name(ids[i]);
		int added = name ? snprintf(buf + len, size - len, "%s%s", len ? "," : "", name) :
				   snprintf(buf + len, size - len, "%s%llu", len ? "," : "",
					    (unsigned long long)ids[i]);

		if (added < 0 || (size_t)added >= size - len)
			return -ENAMETOOLONG;
		len += (size_t)added;
	}
	return 0;
}

static void probe_security(struct pk_probe *probe)
{
	enum pk_probe_lockdown lockdown;
	char text[TEXT_MAX];
	int err;

	err = read_text("/sys/kernel/security/lsm", probe->lsms.list, sizeof(probe->lsms.list));
	if (err && !list_lsms(probe->lsms.list, sizeof(probe->lsms.list)))
		err = 0;
	probe->lsms.err = -err;
	probe->lsms.list[err ? 0 : strcspn(probe->lsms.list, "\n")] = '\0';

	err = read_text("/sys/kernel/security/lockdown", text, sizeof(text));
	if (!err)
		err = pk_probe_parse_lockdown(text, &lockdown);
	probe->lockdown = err ? unknown_number(err) : known_number(lockdown);
}

static void probe_kernel(const struct utsname *names, struct pk_probe *probe)
{
	int err;

	snprintf(probe->release, sizeof(probe->release), "%s", names->release);
	snprintf(probe->arch, sizeof(probe->arch), "%s", names->machine);
	probe->btf_bytes = read_file_size("/sys/kernel/btf/vmlinux");
	probe->jit = read_number("/proc/sys/net/core/bpf_jit_enable");
	probe->unprivileged_bpf_disabled =
		read_number("/proc/sys/kernel/unprivileged_bpf_disabled");
	probe->bpf_stats = read_number("/proc/sys/kernel/bpf_stats_enabled");
	probe_mount("tracefs", &probe->tracefs);
	probe_mount("securityfs", &probe->securityfs);
	err = pk_probe_cgroup2_path(probe->cgroup2.path, sizeof(probe->cgroup2.path));
	probe->cgroup2.err = -err;
	if (err)
		probe->cgroup2.path[0] = '\0';
}

int pk_probe_run(struct pk_probe *ret)
{
	struct utsname names;

	if (uname(&names))
		return -errno;
	memset(ret, 0, sizeof(*ret));
	probe_kernel(&names, ret);
	probe_privileges(ret);
	probe_security(ret);
	pk_trial_run(ret);
	return 0;
}

int pk_probe_lsm(void)
{
	struct pk_probe_result result = pk_trial_lsm();

	return result.state == PK_PROBE_OK ? 0 : -result.err;
}

bool pk_probe_has_cap(const struct pk_probe *probe, unsigned int cap)
{
	const bool stood_in = cap == CAP_BPF || cap == CAP_PERFMON || cap == CAP_NET_ADMIN;
	const uint64_t caps = probe->caps_effective.value;

	if (probe->caps_effective.err || cap > 63)
		return false;
	return caps >> cap & 1 || (stood_in && caps >> CAP_SYS_ADMIN & 1);
}

/* What every backend stands on, and what to say if it is not there. */
static const struct {
	enum pk_probe_feature feature;
	const char *reason;
} needs[] = {
	{ PK_PROBE_TP_BTF, "the kernel refuses tracepoint programs (tp_btf)" },
	{ PK_PROBE_RINGBUF, "the kernel refuses ring buffers" },
	{ PK_PROBE_TASK_STORAGE, "the kernel refuses task storage" },
	{ PK_PROBE_READ_KERNEL, "the kernel does not let programs read its memory" },
	{ PK_PROBE_LOOP, "the kernel is older than Linux 5.17: no bpf_loop" },
};

static bool feature_ok(const struct pk_probe *probe, enum pk_probe_feature feature)
{
	return probe->features[feature].state == PK_PROBE_OK;
}

/* Why programs or maps are refused; NULL if privileges and type information are not it. */
static const char *refusal_reason(const struct pk_probe *probe)
{
	if (!probe->caps_effective.err && !pk_probe_has_cap(probe, CAP_BPF))
		return "CAP_BPF is missing";
	if (!probe->caps_effective.err && !pk_probe_has_cap(probe, CAP_PERFMON))
		return "CAP_PERFMON is missing";
	if (!probe->user_ns_initial.err && !probe->user_ns_initial.value)
		return "capabilities of a user namespace do not count for BPF";
	if (probe->btf_bytes.err == ENOENT)
		return "the kernel has no type information (/sys/kernel/btf/vmlinux)";
	if (probe->hooks_err)
		return "the kernel's type information (/sys/kernel/btf/vmlinux) cannot be read";
	return NULL;
}

/* Whether a hook is missing among those that begin so. */
static bool misses_hook(const struct pk_probe *probe, const char *prefix)
{
	size_t i;

	for (i = 0; pk_probe_hooks[i]; i++)
		if (!strncmp(pk_probe_hooks[i], prefix, strlen(prefix)) && probe->hook_missing[i])
			return true;
	return false;
}

/* NULL if every backend has what it stands on. */
static const char *none_reason(const struct pk_probe *probe)
{
	const char *refusal = refusal_reason(probe);
	size_t i;

	if (!probe->pid_ns_initial.err && !probe->pid_ns_initial.value)
		return "it runs in a pid namespace of its own, where /proc does not name the "
		       "processes that the kernel tells of";
	for (i = 0; i < PK_ARRAY_SIZE(needs); i++)
		if (!feature_ok(probe, needs[i].feature))
			return refusal ? refusal : needs[i].reason;
	if (probe->hooks_err)
		return refusal;
	if (misses_hook(probe, "tp_btf/sched_process_"))
		return "the kernel has no tracepoints for exec, fork and exit";
	return NULL;
}

/* Why the backend cannot be lsm; NULL if it can. */
static const char *not_lsm_reason(const struct pk_probe *probe)
{
	const struct pk_probe_result *lsm = &probe->features[PK_PROBE_LSM];

	if (lsm->state != PK_PROBE_OK) {
		switch (lsm->stage) {
		case PK_PROBE_STAGE_FIND:
			return "the kernel is built without BPF LSM";
		case PK_PROBE_STAGE_RUN:
			return "BPF is not among the active security modules";
		case PK_PROBE_STAGE_ATTACH:
			return "the kernel refuses to attach LSM programs";
		default:
			return "the kernel refuses LSM programs";
		}
	}
	if (!feature_ok(probe, PK_PROBE_FEXIT))
		return "the kernel refuses fexit programs";
	if (misses_hook(probe, "lsm/"))
		return "the kernel lacks security hooks for paths or sockets";
	if (misses_hook(probe, "fexit/"))
		return "the kernel lacks functions the fexit hooks stand on";
	return NULL;
}

enum pk_backend pk_probe_backend(const struct pk_probe *probe, const char **ret_reason)
{
	const char *reason = none_reason(probe);

	if (reason) {
		*ret_reason = reason;
		return PK_BACKEND_NONE;
	}
	reason = not_lsm_reason(probe);
	if (!reason) {
		*ret_reason = "LSM, fexit and tracepoint programs can be attached";
		return PK_BACKEND_LSM;
	}
	if (misses_hook(probe, "tp_btf/sys_exit")) {
		*ret_reason = "no LSM programs, and no tracepoint at the end of system calls";
		return PK_BACKEND_NONE;
	}
	if (!feature_ok(probe, PK_PROBE_TAIL_CALL)) {
		*ret_reason = "no LSM programs, and the kernel refuses tail calls";
		return PK_BACKEND_NONE;
	}
	*ret_reason = reason;
	return PK_BACKEND_TRACEPOINT;
}
