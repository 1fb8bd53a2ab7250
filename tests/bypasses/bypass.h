/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One way around a rule. A child of its own tries it, so that the pid tells whose alert an alert is, and so
 * that it may change its root, its mounts or its user, or be killed. What counts is the effect: a secret
 * that was read, a name that is gone, a connection that arrived, a program that ran.
 */
#ifndef PK_BYPASS_H
#define PK_BYPASS_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "../ops/call.h"
#include "../ops/log.h"
#include "../ops/net.h"

#define PK_BYPASS_TOP "/bypass" /* all objects are below; the rules name them */
#define PK_BYPASS_SECRET "secret\n"
#define PK_BYPASS_USER 4261
#define PK_BYPASS_PIPE_FD 99      /* where an image says that it runs */
#define PK_BYPASS_IMAGE "--image" /* first argument of a copy of this program that is executed */

/* Ports that rules are about; the next one of each is nobody's. */
enum pk_bypass_port {
	PK_BYPASS_TCP = 7201,
	PK_BYPASS_TCP_FREE = 7202,
	PK_BYPASS_UDP = 7211,
	PK_BYPASS_UDP_FREE = 7212,
	PK_BYPASS_SLOW = 7221,
	PK_BYPASS_ACCEPT = 7231,
};

/* What the parent looks at, besides what the child says. */
enum pk_bypass_watch {
	PK_BYPASS_SAID = 0, /* the child calls pk_bypass_effect() */
	PK_BYPASS_GONE,     /* path is gone; made anew before */
	PK_BYPASS_MADE,     /* path is there; removed afterwards */
	PK_BYPASS_STREAM,   /* a TCP connection arrived at port */
	PK_BYPASS_DATAGRAM, /* a UDP datagram arrived at port */
};

struct pk_bypass {
	const char *id;     /* as in docs/bypasses.md */
	const char *rule;   /* that is about it */
	const char *object; /* what its alert names; NULL: the rule names no object */
	/* In the child: what the kernel returned, or -errno. */
	long (*run)(const struct pk_bypass *b);
	enum pk_bypass_watch watch;
	const char *path;
	const char *back; /* where to GONE files are moved */
	int port;
	int how;         /* of run()'s own */
	const void *arg; /* the same */
	bool races;      /* each effect has one alert, no more and no less */
};

struct pk_bypass_group {
	const struct pk_bypass *items;
	size_t cnt;
};

extern const struct pk_bypass_group pk_bypass_races;
extern const struct pk_bypass_group pk_bypass_traps;
extern const struct pk_bypass_group pk_bypass_delays;
extern const struct pk_bypass_group pk_bypass_paths;
extern const struct pk_bypass_group pk_bypass_views;
extern const struct pk_bypass_group pk_bypass_rings;
extern const struct pk_bypass_group pk_bypass_tables;
extern const struct pk_bypass_group pk_bypass_mounts;
extern const struct pk_bypass_group pk_bypass_execs;
extern const struct pk_bypass_group pk_bypass_names;
extern const struct pk_bypass_group pk_bypass_fds;
extern const struct pk_bypass_group pk_bypass_nets;
extern const struct pk_bypass_group pk_bypass_creds;
extern const struct pk_bypass_group pk_bypass_floods;

#define PK_BYPASS_GROUP(table)              \
	{                                   \
		table, PK_ARRAY_SIZE(table) \
	}

/* ---- in the child, and below ---- */

/* It had its effect, once more. */
void pk_bypass_effect(void);
/* Effects so far, of images too. */
unsigned int pk_bypass_effects(void);
/* The ground for it cannot be had here. `error`: a positive errno. */
__attribute__((noreturn)) void pk_bypass_unable(const char *what, int error);
/* result < 0 (-1 with errno, or -errno): unable. Returns it. */
long pk_bypass_need(long result, const char *what);
/* This process is the one that alerts are to name. */
void pk_bypass_is_me(void);
/* Reads; the secret is an effect. fd: a descriptor or -errno. Returns fd's error, or 0. Closes it. */
long pk_bypass_read(long fd);
/* The bytes are the secret: an effect. */
void pk_bypass_got(const void *bytes, size_t len);
/* Whether rules deny or kill in this run. */
bool pk_bypass_stops(void);
/* How many irrelevant events a flood has; how many processes. */
unsigned int pk_bypass_flood_events(void);
unsigned int pk_bypass_flood_processes(void);
__u64 pk_bypass_now_ns(void);
/* A mount namespace of its own, whose changes go nowhere. */
void pk_bypass_own_mounts(void);
/* The parent's receiver of the case: STREAM, DATAGRAM. */
int pk_bypass_receiver(void);
/* 127.0.0.1 */
struct pk_addr pk_bypass_host(int port);
long pk_bypass_connect(int fd, int port);
/* Waits for a child and ends as it did: by its signal, too. Returns what it exited with. */
int pk_bypass_wait(int pid);
/* A file with these bytes, in place of what was there. */
void pk_bypass_write(const char *path, const char *content, unsigned int mode);
void pk_bypass_copy(const char *from, const char *to);

/* What a copy of this program does that was executed with PK_BYPASS_IMAGE WORD... (images.c). */
__attribute__((noreturn)) void pk_bypass_image(int argc, char *argv[]);
/* Arguments for one that says that it runs, and ends. */
extern char *const pk_bypass_runs[];
extern char *const pk_bypass_no_env[];

void pk_bypass_setup(void); /* objects.c */

#endif
