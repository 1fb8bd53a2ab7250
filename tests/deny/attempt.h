/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One attempt that a rule is to stop, or that no rule may stop, and how it is proved. An attempt is
 * made by a child of its own, so that the pid tells whose alert an alert is, and so that it may change
 * its root, its mounts or its user, or be killed. The parent looks at the objects before and after.
 */
#ifndef PK_DENY_ATTEMPT_H
#define PK_DENY_ATTEMPT_H

#include <stdbool.h>
#include <sys/types.h>

#include "../ops/log.h"
#include "../ops/ops.h"
#include "../ops/ways.h"

#define PK_DENY_TOP "/deny" /* all objects are below; the rules name them */
#define PK_DENY_CONTENT "protected\n"

/* Exit codes of images that are executed: PK_EXIT_CHILD (did it), or: */
#define PK_DENY_EXIT_EPERM 43
#define PK_DENY_EXIT_OTHER 44

#define PK_DENY_PID_FD 99 /* where an image writes the pid that makes the attempt */

enum pk_deny_expect {
	PK_DENY_ALLOWED = 0,
	PK_DENY_DENIED,
	PK_DENY_KILLED,
};

struct pk_deny_case {
	char name[224];
	const char *rule;  /* that is to stop it; NULL: none may */
	bool always_kills; /* its rule kills, whatever the others do */
	bool repeats;      /* more than one alert may come of it */
	/* Makes the attempt, in the child: what the kernel returned. */
	long (*attempt)(void *arg);
	void *arg;
	/* Paths whose state must differ afterwards if it happened, and must not if it was stopped. */
	const char *watched[2];
	bool changes; /* false: what happens does not change them: an open to read */
	/* In the parent, after: whether it was seen to happen. NULL: by watched alone. */
	bool (*happened)(void *arg);
};

/* Runs it and prints its line. Does nothing when --only names others. */
void pk_deny_run(const struct pk_deny_case *c);

/* What is expected of attempts that a rule covers. */
enum pk_deny_expect pk_deny_expected(void);

/* --quick: other spellings and neighbours by the first way of each kind only. */
bool pk_deny_quick(void);

/* In the child. Gives up: the ground for the attempt cannot be had here. `error`: a positive errno. */
__attribute__((noreturn)) void pk_deny_unable(const char *what, int error);
/* In the child or below: this process makes the attempt. */
void pk_deny_is_me(void);

/* ---- objects (objects.c); made before any rule is in force ---- */

void pk_deny_setup(void);
void pk_deny_setup_setid(void); /* setid.c */
/* Files whose content is to be as it was set up, read when no rule is in force: how many are not. */
int pk_deny_verify(void);

enum pk_deny_object {
	PK_DENY_NOTHING = 0, /* the name is free */
	PK_DENY_FILE,
	PK_DENY_DIR,
	PK_DENY_KEEP, /* as it is: a program */
};

/* Makes it so, with as few operations as can be: none when it is so already. */
void pk_deny_make(const char *path, enum pk_deny_object what);
void pk_deny_copy(const char *from, const char *to);

/* ---- forms (forms.c): ways to spell the path of one file ---- */

/* An object as asked for. */
struct pk_deny_spelling {
	char dir[512];  /* may be relative to the working directory */
	char name[128]; /* the last part */
};

enum pk_deny_form_flags {
	PK_DENY_FORM_LAST = 1 << 0, /* its last part is another one: for calls that follow links */
	PK_DENY_FORM_IDENTITY =
		1 << 1, /* the process sees another path: only the file's identity tells */
	PK_DENY_FORM_USERNS = 1 << 2, /* loses rights */
	PK_DENY_FORM_MOVED = 1 << 3,  /* the parent moves the file to pk_deny_moved before */
	PK_DENY_FORM_LINKED = 1 << 4, /* the parent gives it a second name before, PK_DENY_LINKED */
};

struct pk_deny_form {
	const char *name;
	unsigned int flags;
	/* In the child. `dir` and `name` are the object's real ones. */
	void (*enter)(const char *dir, const char *name, struct pk_deny_spelling *out);
};

extern const struct pk_deny_form pk_deny_forms[];
extern const unsigned int pk_deny_form_cnt;
#define PK_DENY_MOVED PK_DENY_TOP "/forms/moved"
#define PK_DENY_LINKED PK_DENY_TOP "/forms/linked"
/* Links that forms need for this object. */
void pk_deny_form_links(const char *dir, const char *name);

/* ---- groups of cases ---- */

void pk_deny_group_files(void);      /* files.c */
void pk_deny_group_more(void);       /* more.c */
void pk_deny_group_exec(void);       /* execs.c */
void pk_deny_group_setid(void);      /* setid.c */
void pk_deny_group_nets(void);       /* nets.c */
void pk_deny_group_addrs(void);      /* addrs.c */
void pk_deny_group_turns(void);      /* turns.c */
void pk_deny_group_facts(void);      /* facts.c */
void pk_deny_group_mounts(void);     /* mounts.c */
void pk_deny_group_kernel(void);     /* kernel.c */
void pk_deny_group_privileges(void); /* privileges.c */
void pk_deny_group_attributes(void); /* attributes.c */

/* What an image does that facts.c executed. */
__attribute__((noreturn)) void pk_deny_image(int argc, char *argv[]);

/* A family of operations on one object: every way, every form, and its neighbours. */
enum pk_deny_traits {
	PK_DENY_FOLLOWS = 1 << 0,   /* the last part may be a link */
	PK_DENY_IDENTITY = 1 << 1,  /* the rule's file is known by its identity too */
	PK_DENY_FD = 1 << 2,        /* the way may want the object as a descriptor */
	PK_DENY_READS = 1 << 3,     /* changes nothing */
	PK_DENY_USERNS = 1 << 4,    /* works without rights */
	PK_DENY_NO_FORMS = 1 << 5,  /* every way, plainly spelled */
	PK_DENY_CORE_ONLY = 1 << 6, /* plain ways, but all forms */
	PK_DENY_ALONE = 1 << 7,     /* no neighbours */
};

struct pk_deny_family {
	const char *name;
	const char *rule;
	const char *dir;
	const char *object; /* what the call is about */
	enum pk_deny_object what;
	const char *other; /* the second name; NULL: none */
	enum pk_deny_object other_what;
	const struct pk_ways *ways;
	unsigned int traits;
	int flags;
	unsigned int mode;
	unsigned int dev;
	unsigned int uid; /* and gid */
	off_t size;
	int fd_flags;
	bool (*happened)(void *arg);
};

void pk_deny_family_run(const struct pk_deny_family *family);

#endif
