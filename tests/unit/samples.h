/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records to test with: a stream that holds every kind of record, with all its optional facts
 * somewhere, made the same on every machine and at every time.
 */
#ifndef PK_TESTS_SAMPLES_H
#define PK_TESTS_SAMPLES_H

#include "meta/container.h"
#include "stream/record.h"

#define SAMPLE_HOST_MNT_NS 4026531841u
#define SAMPLE_BOX_MNT_NS 4026532500u
#define SAMPLE_BOX_CGROUP 5150u
#define SAMPLE_DEV_ROOT (8u << 20 | 1u)
#define SAMPLE_DEV_BOX 47u                        /* 0:47, an overlay */
#define SAMPLE_REALTIME_NS 1795442400123456789ull /* 2026-11-23T14:00:00.123456789Z */
#define SAMPLE_BOOTTIME_NS 5000000000ull

/* The exec_id of a process that started `start_ns` after boot. */
__u64 sample_exec_id(__u32 pid, __u64 start_ns);

/* Starts a record at SAMPLE_BOOTTIME_NS of process `pid` ("bash", uid 1000), a child of pid 1. */
void sample_init(struct pk_record *record, __u32 kind, __u32 pid);

void sample_str(struct pk_record *record, struct pk_str *str, const char *text);

/* A path in the host's mount namespace. */
void sample_path(struct pk_record *record, struct pk_path *path, const char *name);

/* A container of podman's, and what is known of it at once, in cgroup SAMPLE_BOX_CGROUP. */
extern const struct pk_container sample_box;

/* Single records, each complete but for pk_record_finish(). */
void sample_start(struct pk_record *record);
void sample_mount(struct pk_record *record, __u32 dev, const char *root, const char *point,
		  __u32 flags);
void sample_exec(struct pk_record *record, __u32 pid, __u32 ppid, const char *exe, const char *args,
		 size_t args_bytes);
void sample_fork(struct pk_record *record, __u32 pid, __u32 child_pid);
void sample_exit(struct pk_record *record, __u32 pid, __u32 status);
void sample_file(struct pk_record *record, __u32 kind, __u32 pid, const char *name);

/* samples_system.c: of a kind of struct pk_sys_event. */
enum sample_system {
	SAMPLE_SYSTEM_PLAIN = 0,
	SAMPLE_SYSTEM_MARKED, /* every mark and flag */
	SAMPLE_SYSTEM_BOX,    /* in another mount namespace; parts are unknown */
	SAMPLE_SYSTEM_BARE,   /* nothing is there */
	SAMPLE_SYSTEM_CNT,
};
void sample_system(struct pk_record *record, __u32 kind, enum sample_system which);

/* The whole stream. Returns what `emit` returned, or 0. */
int samples_emit(pk_emit_fn *emit, void *ctx);

#endif
