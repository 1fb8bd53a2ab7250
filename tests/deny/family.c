// SPDX-License-Identifier: Apache-2.0
/*
 * One family of operations: every way to its object plainly spelled, the plain ways in every other
 * spelling, and the plain ways on neighbours. Where only its identity tells what a file is and the rule
 * does not go by that, the attempt is to succeed: "beyond".
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "attempt.h"

struct job {
	const struct pk_deny_family *family;
	const struct pk_deny_form *form;
	struct pk_variant *variant;
	const char *dir;
	const char *object;
	const char *other;
	bool beyond;
	bool neighbour;
};

static long run_spelled(const struct job *job, const struct pk_deny_spelling *s)
{
	const struct pk_deny_family *f = job->family;
	char path[PK_PATH_BYTES], path2[PK_PATH_BYTES];
	struct pk_call c = { .fd = -1,
			     .path = path,
			     .path2 = path2,
			     .name = s->name,
			     .name2 = job->other,
			     .target = "target",
			     .flags = f->flags,
			     .mode = f->mode,
			     .dev = f->dev,
			     .uid = f->uid,
			     .gid = f->uid,
			     .size = f->size };

	pk_format(path, sizeof(path), "%s/%s", s->dir, s->name);
	pk_format(path2, sizeof(path2), "%s/%s", s->dir, job->other ? job->other : "");
	c.dirfd = open(s->dir, O_PATH | O_DIRECTORY);
	if (c.dirfd < 0)
		pk_deny_unable("the directory", errno);
	if (f->traits & PK_DENY_FD) {
		c.fd = open(path, f->fd_flags);
		if (c.fd < 0)
			pk_deny_unable("a descriptor", errno);
	}
	/* for ways that take names from there */
	if (strcmp(s->dir, ".") != 0 && s->dir[0] == '/' && chdir(s->dir))
		pk_deny_unable("chdir", errno);
	return pk_variant_run(job->variant, &c);
}

static long run_job(void *arg)
{
	const struct job *job = arg;
	struct pk_deny_spelling spelling;

	job->form->enter(job->dir, job->object, &spelling);
	return run_spelled(job, &spelling);
}

/* Plain ways stand for all others when the path is spelled in other ways. */
static bool is_core(const struct pk_variant *v)
{
	return !strchr(v->way->name, '/') && !strchr(v->way->name, ' ') &&
	       v->how != PK_HOW_THREAD && v->how != PK_HOW_RING_ASYNC &&
	       v->how != PK_HOW_RING_SQPOLL && strcmp(v->way->name, "OPENAT2") != 0 &&
	       !(v->way->compat && strstr(v->name, "at2"));
}

/* The same file by a path that no rule by path is about. */
static void past_of(char *past, size_t bytes, const char *path)
{
	pk_format(past, bytes, "%s/forms/bind%s", PK_DENY_TOP, path + sizeof(PK_DENY_TOP) - 1);
}

/* Where the rule goes by the path alone, what was done past it is mended past it too. */
static void make(const struct pk_deny_family *f, const char *path, enum pk_deny_object what)
{
	char past[PK_PATH_BYTES];

	past_of(past, sizeof(past), path);
	pk_deny_make(f->traits & PK_DENY_IDENTITY ? path : past, what);
}

/* The parent moves things past rules too, where that can be. Both on one mount. */
static void move(const struct pk_deny_family *f, const char *from, const char *to)
{
	char past_from[PK_PATH_BYTES], past_to[PK_PATH_BYTES];

	past_of(past_from, sizeof(past_from), from);
	past_of(past_to, sizeof(past_to), to);
	if (rename(past_from, past_to))
		pk_log_die("cannot move '%s' in '%s': %s", from, f->name, strerror(errno));
}

/* One for each kind: by path, by io_uring. */
static bool is_first(const struct pk_variant *v)
{
	return v->first || v->how == PK_HOW_RING;
}

static void hard_link(const char *path)
{
	char past[PK_PATH_BYTES];

	/* a link is made within one mount */
	past_of(past, sizeof(past), path);
	if (link(past, PK_DENY_TOP "/forms/bind/forms/linked"))
		pk_log_die("cannot link '%s': %s", past, strerror(errno));
}

static void run_one(struct job *job)
{
	const struct pk_deny_family *f = job->family;
	char path[PK_PATH_BYTES], other[PK_PATH_BYTES];
	bool moved = job->form->flags & PK_DENY_FORM_MOVED;
	bool linked = job->form->flags & PK_DENY_FORM_LINKED;
	struct pk_deny_case c = { .rule = job->beyond || job->neighbour ? NULL : f->rule,
				  .attempt = run_job,
				  .arg = job,
				  .changes = !(f->traits & PK_DENY_READS),
				  .happened = f->happened };

	pk_format(path, sizeof(path), "%s/%s", job->dir, job->object);
	pk_format(c.name, sizeof(c.name), "%s%s%s: %s, %s", job->beyond ? "beyond " : "", f->name,
		  job->neighbour ? " neighbour" : "", job->variant->name, job->form->name);
	if (job->neighbour)
		pk_format(c.name + strlen(c.name), sizeof(c.name) - strlen(c.name), ", %s", path);
	make(f, path, f->what);
	c.watched[0] = path;
	if (job->other) {
		pk_format(other, sizeof(other), "%s/%s", job->dir, job->other);
		make(f, other, f->other_what);
		c.watched[1] = other;
	}
	if (moved) {
		move(f, path, PK_DENY_MOVED);
		c.watched[0] = PK_DENY_MOVED;
	}
	if (linked)
		hard_link(path);
	pk_deny_run(&c);
	if (linked)
		unlink(PK_DENY_LINKED);
	if (moved)
		move(f, PK_DENY_MOVED, path);
}

static void run_forms(struct job *job)
{
	const struct pk_deny_family *f = job->family;
	const struct pk_deny_form *form;

	for (form = pk_deny_forms + 1; form < pk_deny_forms + pk_deny_form_cnt; form++) {
		if ((form->flags & PK_DENY_FORM_LAST) && !(f->traits & PK_DENY_FOLLOWS))
			continue;
		if ((form->flags & PK_DENY_FORM_USERNS) && !(f->traits & PK_DENY_USERNS))
			continue;
		job->form = form;
		job->beyond = (form->flags & PK_DENY_FORM_IDENTITY) &&
			      !(f->traits & PK_DENY_IDENTITY);
		run_one(job);
	}
	job->form = pk_deny_forms;
	job->beyond = false;
}

/* Names that are like the protected one, and the same name elsewhere. */
static void run_neighbours(const struct job *job)
{
	struct job near = *job;
	char longer[PK_PATH_BYTES], shorter[PK_PATH_BYTES];

	near.neighbour = true;
	near.other = job->other ? "second" : NULL;
	pk_format(longer, sizeof(longer), "%s.other", job->object);
	pk_format(shorter, sizeof(shorter), "%.*s", (int)strlen(job->object) - 1, job->object);
	if (!strcmp(job->dir, PK_DENY_TOP "/tree/a/b") ||
	    !strcmp(job->dir, PK_DENY_TOP "/vault/a")) {
		near.dir = PK_DENY_TOP "/treeless";
		run_one(&near);
	} else {
		near.object = longer;
		run_one(&near);
		near.object = shorter;
		run_one(&near);
	}
	near.object = job->object;
	near.dir = PK_DENY_TOP "/elsewhere";
	run_one(&near);
}

static void run_variant(struct pk_variant *v, void *arg)
{
	const struct pk_deny_family *f = arg;
	struct job job = { .family = f,
			   .form = pk_deny_forms,
			   .variant = v,
			   .dir = f->dir,
			   .object = f->object,
			   .other = f->other };
	bool core = is_core(v);

	if (core || !(f->traits & PK_DENY_CORE_ONLY))
		run_one(&job);
	if (!core || (pk_deny_quick() && !is_first(v)))
		return;
	if (!(f->traits & PK_DENY_NO_FORMS))
		run_forms(&job);
	if (!(f->traits & PK_DENY_ALONE))
		run_neighbours(&job);
}

void pk_deny_family_run(const struct pk_deny_family *family)
{
	pk_variants_each(family->ways->items, family->ways->cnt, run_variant, (void *)family);
}
