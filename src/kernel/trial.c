/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which hooks, maps and helpers this kernel gives to this process, found out by trying: with
 * programs of a few instructions, put together here so that no object file is needed.
 *
 * A kernel refuses at different points: hypervisors and lockdown when a program is loaded, kernels
 * built without function tracing when it is attached, and a BPF LSM that is built in but not
 * active takes a program and never calls it. So each trial goes on to the point that matters.
 * All programs return what changes nothing: 0, and 1 ("allow") for cgroup programs.
 */
#include "kernel/trial.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <sys/stat.h>

#include "base/cleanup.h"

#define VMLINUX_BTF "/sys/kernel/btf/vmlinux"
#define BTF_NAME_MAX 64u
#define WANT_MAX PK_PROBE_HOOKS_MAX /* all hooks, and ITER_TASK where their end is */
#define ITER_TASK "iter/task"

#define INSN(c, d, s, o, i) \
	((struct bpf_insn){ .code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i) })
#define MOV_IMM(dst, imm_) INSN(BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, imm_)
#define MOV_REG(dst, src) INSN(BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0)
#define ADD_IMM(dst, imm_) INSN(BPF_ALU64 | BPF_ADD | BPF_K, dst, 0, 0, imm_)
#define LOAD_U64(dst, src, off_) INSN(BPF_LDX | BPF_MEM | BPF_DW, dst, src, off_, 0)
#define ATOMIC_ADD_U64(dst, src) INSN(BPF_STX | BPF_ATOMIC | BPF_DW, dst, src, 0, BPF_ADD)
#define LOAD_IMM64(dst, pseudo, imm_) \
	INSN(BPF_LD | BPF_IMM | BPF_DW, dst, pseudo, 0, imm_), INSN(0, 0, 0, 0, 0)
#define CALL(helper) INSN(BPF_JMP | BPF_CALL, 0, 0, 0, helper)
#define EXIT() INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

/* Something to look for in the kernel's type information. */
struct want {
	const char *section;
	char btf_name[BTF_NAME_MAX];
	__u32 kind;
	int id; /* 0: not there */
};

struct trial {
	struct want wants[WANT_MAX];
	size_t want_cnt;
	int btf_err; /* 0: the ids are known; else -errno of reading the type information */
};

struct program {
	enum bpf_prog_type type;
	enum bpf_attach_type attach_type;
	int btf_id;
	__u32 flags;
};

/* The types of maps and functions made here, in an object of the kernel's. */
struct types {
	int fd;
	int int_id;
	int main_id;
	int callback_id;
};

static void btf_free_p(struct btf **btf)
{
	btf__free(*btf);
}

static struct pk_probe_result passed(void)
{
	return (struct pk_probe_result){ .state = PK_PROBE_OK };
}

static struct pk_probe_result refused(enum pk_probe_stage stage, int err)
{
	return (struct pk_probe_result){ .state = PK_PROBE_REFUSED, .stage = stage, .err = -err };
}

static struct pk_probe_result unknown(enum pk_probe_stage stage, int err)
{
	return (struct pk_probe_result){ .state = PK_PROBE_UNKNOWN, .stage = stage, .err = -err };
}

/* Writes the name under which the kernel's type information has the hook of a section. */
static void want_init(struct want *want, const char *section)
{
	static const struct {
		const char *prefix;
		const char *btf_prefix;
		__u32 kind;
	} kinds[] = {
		{ "lsm/", "bpf_lsm_", BTF_KIND_FUNC },
		{ "fexit/", "", BTF_KIND_FUNC },
		{ "tp_btf/", "btf_trace_", BTF_KIND_TYPEDEF },
		{ "iter/", "bpf_iter_", BTF_KIND_FUNC },
	};
	size_t i;

	*want = (struct want){ .section = section };
	for (i = 0; i < PK_ARRAY_SIZE(kinds); i++) {
		size_t len = strlen(kinds[i].prefix);

		if (strncmp(section, kinds[i].prefix, len))
			continue;
		want->kind = kinds[i].kind;
		snprintf(want->btf_name, sizeof(want->btf_name), "%s%s", kinds[i].btf_prefix,
			 section + len);
		return;
	}
	assert(!"a section of a kind that is not in the table");
}

static void want_match(struct trial *trial, const char *name, __u32 kind, int id)
{
	size_t i;

	for (i = 0; i < trial->want_cnt; i++) {
		struct want *want = &trial->wants[i];

		if (want->btf_name[0] == name[0] && want->kind == kind &&
		    !strcmp(want->btf_name, name))
			want->id = id;
	}
}

/* Fills the ids of all that is wanted in one pass: the types are a hundred thousand. */
static int find_ids(struct trial *trial)
{
	pk_cleanup(btf_free_p) struct btf *btf = NULL;
	int id, type_cnt;

	btf = btf__parse_raw(VMLINUX_BTF);
	if (!btf)
		return -errno;
	type_cnt = (int)btf__type_cnt(btf);
	for (id = 1; id < type_cnt; id++) {
		const struct btf_type *type = btf__type_by_id(btf, (__u32)id);
		__u32 kind = btf_kind(type);
		const char *name;

		if (kind != BTF_KIND_FUNC && kind != BTF_KIND_TYPEDEF)
			continue;
		name = btf__name_by_offset(btf, type->name_off);
		if (name)
			want_match(trial, name, kind, id);
	}
	return 0;
}

static void trial_init(struct trial *trial)
{
	size_t i;

	trial->want_cnt = 0;
	for (i = 0; pk_probe_hooks[i]; i++)
		want_init(&trial->wants[trial->want_cnt++], pk_probe_hooks[i]);
	want_init(&trial->wants[trial->want_cnt++], ITER_TASK);
	trial->btf_err = find_ids(trial);
}

/* Type id of a section's hook, -ENOENT, or -errno of reading the type information. */
static int hook_id(const struct trial *trial, const char *section)
{
	size_t i;

	if (trial->btf_err)
		return trial->btf_err;
	for (i = 0; i < trial->want_cnt; i++)
		if (!strcmp(trial->wants[i].section, section))
			return trial->wants[i].id ? trial->wants[i].id : -ENOENT;
	return -ENOENT;
}

static int load(const struct program *program, const struct bpf_insn *insns, size_t insn_cnt)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = program->attach_type,
		    .attach_btf_id = (__u32)program->btf_id, .prog_flags = program->flags);

	return bpf_prog_load(program->type, "picket_probe", "GPL", insns, insn_cnt, &opts);
}

/* A program that returns `value` and does nothing. */
static int load_empty(const struct program *program, int value)
{
	const struct bpf_insn insns[] = { MOV_IMM(BPF_REG_0, value), EXIT() };

	return load(program, insns, PK_ARRAY_SIZE(insns));
}

/* 0 if the program returns `expected`; else -errno, -EOPNOTSUPP for another value. */
static int run(int program_fd, __u32 expected)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	int err = bpf_prog_test_run_opts(program_fd, &opts);

	if (err)
		return err;
	return opts.retval == expected ? 0 : -EOPNOTSUPP;
}

/* Creates, in the kernel, the few types that storage maps and functions need. */
static int types_init(struct types *ret)
{
	pk_cleanup(btf_free_p) struct btf *btf = NULL;
	struct types types = { .fd = -1 };
	const void *data;
	__u32 data_bytes;
	int proto_id;

	btf = btf__new_empty();
	if (!btf)
		return -errno;
	types.int_id = btf__add_int(btf, "int", sizeof(int), BTF_INT_SIGNED);
	proto_id = btf__add_func_proto(btf, types.int_id);
	types.main_id = btf__add_func(btf, "picket_probe", BTF_FUNC_STATIC, proto_id);
	types.callback_id = btf__add_func(btf, "picket_callback", BTF_FUNC_STATIC, proto_id);
	data = btf__raw_data(btf, &data_bytes);
	if (types.int_id < 0 || proto_id < 0 || types.main_id < 0 || types.callback_id < 0 || !data)
		return -ENOMEM;
	types.fd = bpf_btf_load(data, data_bytes, NULL);
	if (types.fd < 0)
		return types.fd;
	*ret = types;
	return 0;
}

static int storage_create(enum bpf_map_type type, const struct types *types)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_NO_PREALLOC,
		    .btf_fd = (__u32)types->fd, .btf_key_type_id = (__u32)types->int_id,
		    .btf_value_type_id = (__u32)types->int_id);

	return bpf_map_create(type, "picket_probe", sizeof(int), sizeof(int), 0, &opts);
}

static struct pk_probe_result try_raw_tp(void)
{
	const struct program program = { .type = BPF_PROG_TYPE_RAW_TRACEPOINT };
	pk_cleanup(pk_close_p) int fd = -1, link = -1;

	fd = load_empty(&program, 0);
	if (fd < 0)
		return refused(PK_PROBE_STAGE_LOAD, fd);
	link = bpf_raw_tracepoint_open("sched_process_exec", fd);
	if (link < 0)
		return refused(PK_PROBE_STAGE_ATTACH, link);
	return passed();
}

static struct pk_probe_result try_tracing(const struct trial *trial, const char *section,
					  enum bpf_attach_type attach_type)
{
	struct program program = { .type = BPF_PROG_TYPE_TRACING, .attach_type = attach_type };
	pk_cleanup(pk_close_p) int fd = -1, link = -1;

	program.btf_id = hook_id(trial, section);
	if (program.btf_id < 0)
		return refused(PK_PROBE_STAGE_FIND, program.btf_id);
	fd = load_empty(&program, 0);
	if (fd < 0)
		return refused(PK_PROBE_STAGE_LOAD, fd);
	link = bpf_raw_tracepoint_open(NULL, fd);
	if (link < 0)
		return refused(PK_PROBE_STAGE_ATTACH, link);
	return passed();
}

/*
 * Without "bpf" among the active security modules the kernel takes LSM programs and attaches
 * them, but never calls them: only a count of calls tells.
 */
static struct pk_probe_result try_lsm(const struct trial *trial)
{
	struct program program = { .type = BPF_PROG_TYPE_LSM, .attach_type = BPF_LSM_MAC };
	pk_cleanup(pk_close_p) int counter = -1, fd = -1, link = -1, opened = -1;
	const __u32 key = 0;
	__u64 call_cnt = 0;
	int err;

	program.btf_id = hook_id(trial, "lsm/file_open");
	if (program.btf_id < 0)
		return refused(PK_PROBE_STAGE_FIND, program.btf_id);
	counter = bpf_map_create(BPF_MAP_TYPE_ARRAY, "picket_probe", sizeof(key), sizeof(call_cnt),
				 1, NULL);
	if (counter < 0)
		return refused(PK_PROBE_STAGE_CREATE, counter);

	const struct bpf_insn insns[] = {
		LOAD_IMM64(BPF_REG_1, BPF_PSEUDO_MAP_VALUE, counter),
		MOV_IMM(BPF_REG_2, 1),
		ATOMIC_ADD_U64(BPF_REG_1, BPF_REG_2),
		MOV_IMM(BPF_REG_0, 0),
		EXIT(),
	};

	fd = load(&program, insns, PK_ARRAY_SIZE(insns));
	if (fd < 0)
		return refused(PK_PROBE_STAGE_LOAD, fd);
	link = bpf_raw_tracepoint_open(NULL, fd);
	if (link < 0)
		return refused(PK_PROBE_STAGE_ATTACH, link);
	opened = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (opened < 0)
		return unknown(PK_PROBE_STAGE_RUN, -errno);
	err = bpf_map_lookup_elem(counter, &key, &call_cnt);
	if (err)
		return unknown(PK_PROBE_STAGE_RUN, err);
	return call_cnt ? passed() : refused(PK_PROBE_STAGE_RUN, -EOPNOTSUPP);
}

/* Attaches to an empty cgroup made for it, so that no process is concerned. */
static struct pk_probe_result try_cgroup(const struct pk_probe_path *cgroup2)
{
	const struct program program = { .type = BPF_PROG_TYPE_CGROUP_SOCK_ADDR,
					 .attach_type = BPF_CGROUP_INET4_CONNECT };
	pk_cleanup(pk_close_p) int fd = -1, parent = -1, cgroup = -1, link = -1;
	char name[32];

	fd = load_empty(&program, 1);
	if (fd < 0)
		return refused(PK_PROBE_STAGE_LOAD, fd);
	if (cgroup2->err)
		return unknown(PK_PROBE_STAGE_ATTACH, -cgroup2->err);
	parent = open(cgroup2->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (parent < 0)
		return unknown(PK_PROBE_STAGE_ATTACH, -errno);
	snprintf(name, sizeof(name), "picket-probe-%d", getpid());
	if (mkdirat(parent, name, 0700))
		return unknown(PK_PROBE_STAGE_ATTACH, -errno);
	cgroup = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	link = cgroup < 0 ? -errno : bpf_link_create(fd, cgroup, program.attach_type, NULL);
	unlinkat(parent, name, AT_REMOVEDIR);
	if (link < 0)
		return refused(PK_PROBE_STAGE_ATTACH, link);
	return passed();
}

static struct pk_probe_result try_read_kernel(const struct trial *trial)
{
	struct program program = { .type = BPF_PROG_TYPE_TRACING, .attach_type = BPF_TRACE_RAW_TP };
	pk_cleanup(pk_close_p) int fd = -1;
	const struct bpf_insn insns[] = {
		LOAD_U64(BPF_REG_3, BPF_REG_1, 0),
		MOV_REG(BPF_REG_1, BPF_REG_10),
		ADD_IMM(BPF_REG_1, -8),
		MOV_IMM(BPF_REG_2, 8),
		CALL(BPF_FUNC_probe_read_kernel),
		MOV_IMM(BPF_REG_0, 0),
		EXIT(),
	};

	program.btf_id = hook_id(trial, "tp_btf/sched_process_exec");
	if (program.btf_id < 0)
		return refused(PK_PROBE_STAGE_FIND, program.btf_id);
	fd = load(&program, insns, PK_ARRAY_SIZE(insns));
	return fd < 0 ? refused(PK_PROBE_STAGE_LOAD, fd) : passed();
}

static struct pk_probe_result try_ringbuf(void)
{
	pk_cleanup(pk_close_p) int fd = -1;

	fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "picket_probe", 0, 0,
			    (__u32)sysconf(_SC_PAGESIZE), NULL);
	return fd < 0 ? refused(PK_PROBE_STAGE_CREATE, fd) : passed();
}

static struct pk_probe_result try_task_storage(const struct trial *trial)
{
	struct program program = { .type = BPF_PROG_TYPE_TRACING, .attach_type = BPF_TRACE_RAW_TP };
	pk_cleanup(pk_close_p) int types_fd = -1, map = -1, fd = -1;
	struct types types = { .fd = -1 };
	int err;

	program.btf_id = hook_id(trial, "tp_btf/sched_process_exec");
	if (program.btf_id < 0)
		return refused(PK_PROBE_STAGE_FIND, program.btf_id);
	err = types_init(&types);
	if (err)
		return refused(PK_PROBE_STAGE_CREATE, err);
	types_fd = types.fd;
	map = storage_create(BPF_MAP_TYPE_TASK_STORAGE, &types);
	if (map < 0)
		return refused(PK_PROBE_STAGE_CREATE, map);

	const struct bpf_insn insns[] = {
		LOAD_U64(BPF_REG_2, BPF_REG_1, 0), /* the task */
		LOAD_IMM64(BPF_REG_1, BPF_PSEUDO_MAP_FD, map),
		MOV_IMM(BPF_REG_3, 0),
		MOV_IMM(BPF_REG_4, BPF_LOCAL_STORAGE_GET_F_CREATE),
		CALL(BPF_FUNC_task_storage_get),
		MOV_IMM(BPF_REG_0, 0),
		EXIT(),
	};

	fd = load(&program, insns, PK_ARRAY_SIZE(insns));
	return fd < 0 ? refused(PK_PROBE_STAGE_LOAD, fd) : passed();
}

static struct pk_probe_result try_sk_storage(void)
{
	pk_cleanup(pk_close_p) int types_fd = -1, map = -1;
	struct types types = { .fd = -1 };
	int err = types_init(&types);

	if (err)
		return refused(PK_PROBE_STAGE_CREATE, err);
	types_fd = types.fd;
	map = storage_create(BPF_MAP_TYPE_SK_STORAGE, &types);
	return map < 0 ? refused(PK_PROBE_STAGE_CREATE, map) : passed();
}

static struct pk_probe_result try_tail_call(void)
{
	const struct program program = { .type = BPF_PROG_TYPE_RAW_TRACEPOINT };
	const __u32 key = 0, reached = 7;
	pk_cleanup(pk_close_p) int map = -1, target = -1, fd = -1;
	int err;

	map = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "picket_probe", sizeof(key), sizeof(__u32), 1,
			     NULL);
	if (map < 0)
		return refused(PK_PROBE_STAGE_CREATE, map);

	const struct bpf_insn insns[] = {
		LOAD_IMM64(BPF_REG_2, BPF_PSEUDO_MAP_FD, map),
		MOV_IMM(BPF_REG_3, 0),
		CALL(BPF_FUNC_tail_call),
		MOV_IMM(BPF_REG_0, 0),
		EXIT(),
	};

	target = load_empty(&program, reached);
	if (target < 0)
		return refused(PK_PROBE_STAGE_LOAD, target);
	fd = load(&program, insns, PK_ARRAY_SIZE(insns));
	if (fd < 0)
		return refused(PK_PROBE_STAGE_LOAD, fd);
	err = bpf_map_update_elem(map, &key, &target, BPF_ANY);
	if (err)
		return refused(PK_PROBE_STAGE_ATTACH, err);
	err = run(fd, reached);
	return err ? refused(PK_PROBE_STAGE_RUN, err) : passed();
}

/* bpf_loop(8, callback, NULL, 0) returns how often it called back. */
static struct pk_probe_result try_loop(void)
{
	enum {
		LOOP_CNT = 8,
		CALLBACK_INSN = 7
	};
	const struct bpf_insn insns[] = {
		MOV_IMM(BPF_REG_1, LOOP_CNT),
		/* 1: the callback's distance is counted from the next instruction */
		LOAD_IMM64(BPF_REG_2, BPF_PSEUDO_FUNC, CALLBACK_INSN - 2),
		MOV_IMM(BPF_REG_3, 0),
		MOV_IMM(BPF_REG_4, 0),
		CALL(BPF_FUNC_loop),
		EXIT(),
		/* 7: the callback */
		MOV_IMM(BPF_REG_0, 0),
		EXIT(),
	};
	pk_cleanup(pk_close_p) int types_fd = -1, fd = -1;
	struct types types = { .fd = -1 };
	int err = types_init(&types);

	if (err)
		return refused(PK_PROBE_STAGE_CREATE, err);
	types_fd = types.fd;

	const struct bpf_func_info functions[] = {
		{ .insn_off = 0, .type_id = (__u32)types.main_id },
		{ .insn_off = CALLBACK_INSN, .type_id = (__u32)types.callback_id },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .prog_btf_fd = (__u32)types.fd,
		    .func_info = functions, .func_info_cnt = PK_ARRAY_SIZE(functions),
		    .func_info_rec_size = sizeof(functions[0]));

	fd = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "picket_probe", "GPL", insns,
			   PK_ARRAY_SIZE(insns), &opts);
	if (fd < 0)
		return refused(PK_PROBE_STAGE_LOAD, fd);
	err = run(fd, LOOP_CNT);
	return err ? refused(PK_PROBE_STAGE_RUN, err) : passed();
}

static struct pk_probe_result try_iter_task(const struct trial *trial)
{
	struct program program = { .type = BPF_PROG_TYPE_TRACING, .attach_type = BPF_TRACE_ITER };
	pk_cleanup(pk_close_p) int fd = -1, link = -1, iter = -1;

	program.btf_id = hook_id(trial, ITER_TASK);
	if (program.btf_id < 0)
		return refused(PK_PROBE_STAGE_FIND, program.btf_id);
	fd = load_empty(&program, 0);
	if (fd < 0)
		return refused(PK_PROBE_STAGE_LOAD, fd);
	link = bpf_link_create(fd, 0, BPF_TRACE_ITER, NULL);
	if (link < 0)
		return refused(PK_PROBE_STAGE_ATTACH, link);
	iter = bpf_iter_create(link);
	if (iter < 0)
		return refused(PK_PROBE_STAGE_ATTACH, iter);
	return passed();
}

static struct pk_probe_result try_syscall(void)
{
	const struct program program = { .type = BPF_PROG_TYPE_SYSCALL, .flags = BPF_F_SLEEPABLE };
	const int value = 7;
	pk_cleanup(pk_close_p) int fd = -1;
	int err;

	fd = load_empty(&program, value);
	if (fd < 0)
		return refused(PK_PROBE_STAGE_LOAD, fd);
	err = run(fd, (__u32)value);
	return err ? refused(PK_PROBE_STAGE_RUN, err) : passed();
}

static void find_missing_hooks(const struct trial *trial, struct pk_probe *probe)
{
	size_t i;

	probe->hooks_err = -trial->btf_err;
	for (i = 0; pk_probe_hooks[i]; i++)
		probe->hook_missing[i] = !trial->btf_err && hook_id(trial, pk_probe_hooks[i]) < 0;
}

static struct pk_probe_result find_all_hooks(const struct trial *trial)
{
	size_t i;

	for (i = 0; pk_probe_hooks[i]; i++) {
		int id = hook_id(trial, pk_probe_hooks[i]);

		/* The lsm backend has no use for this one. */
		if (id < 0 && strcmp(pk_probe_hooks[i], "tp_btf/sys_exit"))
			return refused(PK_PROBE_STAGE_FIND, id);
	}
	return passed();
}

void pk_trial_run(struct pk_probe *probe)
{
	libbpf_print_fn_t print = libbpf_set_print(NULL);
	struct pk_probe_result *features = probe->features;
	struct trial trial;

	trial_init(&trial);
	find_missing_hooks(&trial, probe);
	features[PK_PROBE_RAW_TP] = try_raw_tp();
	features[PK_PROBE_TP_BTF] = try_tracing(&trial, "tp_btf/sched_process_exec",
						BPF_TRACE_RAW_TP);
	features[PK_PROBE_FENTRY] = try_tracing(&trial, "fexit/vfs_unlink", BPF_TRACE_FENTRY);
	features[PK_PROBE_FEXIT] = try_tracing(&trial, "fexit/vfs_unlink", BPF_TRACE_FEXIT);
	features[PK_PROBE_LSM] = try_lsm(&trial);
	features[PK_PROBE_CGROUP] = try_cgroup(&probe->cgroup2);
	features[PK_PROBE_READ_KERNEL] = try_read_kernel(&trial);
	features[PK_PROBE_RINGBUF] = try_ringbuf();
	features[PK_PROBE_TASK_STORAGE] = try_task_storage(&trial);
	features[PK_PROBE_SK_STORAGE] = try_sk_storage();
	features[PK_PROBE_TAIL_CALL] = try_tail_call();
	features[PK_PROBE_LOOP] = try_loop();
	features[PK_PROBE_ITER_TASK] = try_iter_task(&trial);
	features[PK_PROBE_SYSCALL] = try_syscall();
	libbpf_set_print(print);
}

struct pk_probe_result pk_trial_lsm(void)
{
	libbpf_print_fn_t print = libbpf_set_print(NULL);
	struct pk_probe_result result;
	struct trial trial;

	trial_init(&trial);
	result = try_lsm(&trial);
	if (result.state == PK_PROBE_OK)
		result = try_tracing(&trial, "fexit/vfs_unlink", BPF_TRACE_FEXIT);
	if (result.state == PK_PROBE_OK)
		result = find_all_hooks(&trial);
	libbpf_set_print(print);
	return result;
}
