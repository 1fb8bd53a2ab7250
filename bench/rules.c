// SPDX-License-Identifier: Apache-2.0
/*
 * What a rule set costs before an event comes, and rules without their index to hold it against.
 *
 *   rules compile BACKEND FILE...   files to a plan to instructions, no kernel: one JSON line
 *   rules hold [--keyless] FILE     puts them into the kernel, says so in one JSON line, and so on with
 *                                   each file that a line of standard input names, until its end.
 *                                   --keyless: every rule in turn, which no user wants. Reports nothing.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/rules_files.h"
#include "emit/emit.h"
#include "kernel/bank_internal.h"
#include "kernel/probe.h"

_Noreturn static void die(const char *what, int err)
{
	fprintf(stderr, "rules: %s: %s\n", what, strerror(err < 0 ? -err : err));
	exit(EXIT_FAILURE);
}

static unsigned long long now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + (unsigned long long)ts.tv_nsec;
}

static struct pk_ruleset *load(enum pk_backend backend, char **paths, size_t cnt)
{
	struct pk_ruleset_options options = { .plan = { .backend = backend, .generation = 1 } };
	struct pk_ruleset *ret;
	int err = pk_ruleset_load((const char *const *)paths, cnt, &options, &ret);

	if (err)
		die(paths[0], err);
	return ret;
}

/* ---- compile ---- */

static size_t emit(const struct pk_plan *plan, enum pk_backend backend)
{
	struct pk_emit_env env = {
		.scratch_value_bytes = 65536,
		.progs_fd = 0,
		.finish_slot = PK_SLOT_FINISH,
	};
	size_t insn_cnt = 0, cnt;
	const struct pk_point *points = pk_points_get(&cnt);

	for (size_t i = 0; i < cnt; i++) {
		pk_cleanup(pk_code_fini) struct pk_code code = { 0 };
		int err;

		if (points[i].by_test || !(points[i].backends & 1u << backend) ||
		    !plan->circuits[points[i].kind].cnt)
			continue;
		env.must_only = points[i].pre;
		env.always_finish = points[i].always_finish;
		err = pk_emit(plan, points[i].kind, &env, &code);
		if (err)
			die(points[i].progs, err);
		for (size_t k = 0; k < code.cnt; k++)
			insn_cnt += code.chunks[k].cnt;
	}
	return insn_cnt;
}

static void compile(enum pk_backend backend, char **paths, size_t cnt)
{
	unsigned long long begin_ns = now_ns(), emit_ns;
	pk_cleanup(pk_ruleset_free_p) struct pk_ruleset *set = load(backend, paths, cnt);
	size_t insn_cnt;

	emit_ns = now_ns();
	insn_cnt = emit(set->plan, backend);
	printf("{\"rules\":%zu,\"plan_ns\":%llu,\"emit_ns\":%llu,\"insns\":%zu}\n", set->rules->cnt,
	       emit_ns - begin_ns, now_ns() - emit_ns, insn_cnt);
}

/* ---- hold ---- */

static size_t memlock_of(int fd)
{
	pk_cleanup(pk_free_p) char *path = NULL;
	char line[256];
	size_t ret = 0;
	FILE *file;

	if (asprintf(&path, "/proc/self/fdinfo/%d", fd) < 0)
		die("memory", ENOMEM);
	file = fopen(path, "re");
	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file)) {
		if (!strncmp(line, "memlock:", 8))
			ret = strtoul(line + 8, NULL, 10);
	}
	fclose(file);
	return ret;
}

/* What the sensors have whatever the rules are, and how much of it each CPU has for itself. */
static void sensors_bytes(const struct bpf_object *object, size_t *ret_all, size_t *ret_cpu)
{
	const struct bpf_map *map;

	bpf_object__for_each_map(map, object)
	{
		const char *name = bpf_map__name(map);
		size_t entry = bpf_map__value_size(map);

		if (bpf_map__fd(map) < 0)
			continue;
		*ret_all += memlock_of(bpf_map__fd(map));
		if (!strcmp(name, "pk_scratch_map") || !strcmp(name, "pk_key_map"))
			*ret_cpu += PK_SCRATCH_SLOTS * entry;
		else if (bpf_map__type(map) == BPF_MAP_TYPE_PERCPU_ARRAY)
			*ret_cpu += bpf_map__max_entries(map) * entry;
	}
}

static void put(struct pk_sensors *sensors, char *path, bool keyless)
{
	struct pk_bank_kernel kernel = {
		.object = pk_sensors_get_object(sensors),
		.sensors = sensors,
		.state = pk_sensors_get_state(sensors),
		.backend = pk_sensors_get_backend(sensors),
		.keyless = keyless,
	};
	pk_cleanup(pk_ruleset_free_p) struct pk_ruleset *set = load(kernel.backend, &path, 1);
	size_t all = 0, cpu = 0;
	struct pk_bank_stats stats;
	const char *what = NULL;
	int err;

	/* of the file before, generation 1 too, nothing is in use any more when this is */
	set->plan->table.generation += kernel.state->generation[kernel.state->bank & 1];
	err = pk_sensors_set_judged(sensors, pk_plan_kinds(set->plan), &what);
	if (!err)
		err = pk_bank_load_into(&kernel, set->plan, NULL, NULL, &stats, &what);
	if (err)
		die(what ? what : "rules", err);
	sensors_bytes(kernel.object, &all, &cpu);
	printf("{\"rules\":%zu,\"load_ns\":%llu,\"processes\":%llu,\"programs\":%zu,\"insns\":%zu,"
	       "\"map_bytes\":%zu,\"program_bytes\":%zu,\"sensors_bytes\":%zu,\"cpu_bytes\":%zu}\n",
	       set->rules->cnt, (unsigned long long)stats.load_ns,
	       (unsigned long long)stats.process_cnt, stats.program_cnt, stats.insn_cnt,
	       stats.map_bytes, stats.program_bytes, all, cpu);
	fflush(stdout);
}

static void hold(char *path, bool keyless)
{
	struct pk_sensors_options options = {
		.backend = pk_probe_lsm() ? PK_BACKEND_TRACEPOINT : PK_BACKEND_LSM,
		.judging = true,
		.cgroup_fd = -1,
	};
	pk_cleanup(pk_sensors_free_p) struct pk_sensors *sensors = NULL;
	const char *what = NULL;
	char line[4096];
	int err = pk_sensors_new(&options, &sensors, &what);

	if (err)
		die(what ? what : "sensors", err);
	put(sensors, path, keyless);
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		put(sensors, line, keyless);
	}
}

int main(int argc, char **argv)
{
	bool keyless = argc > 3 && !strcmp(argv[2], "--keyless");

	if (argc > 3 && !strcmp(argv[1], "compile") && !strcmp(argv[2], "lsm")) {
		compile(PK_BACKEND_LSM, argv + 3, (size_t)argc - 3);
	} else if (argc > 3 && !strcmp(argv[1], "compile") && !strcmp(argv[2], "tracepoint")) {
		compile(PK_BACKEND_TRACEPOINT, argv + 3, (size_t)argc - 3);
	} else if (argc == 3 + keyless && !strcmp(argv[1], "hold")) {
		hold(argv[2 + keyless], keyless);
	} else {
		fprintf(stderr,
			"usage: rules compile lsm|tracepoint FILE... | hold [--keyless] FILE\n");
		return 2;
	}
	return EXIT_SUCCESS;
}
