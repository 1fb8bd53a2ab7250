// SPDX-License-Identifier: Apache-2.0
/* The objects below /bypass: what rules.yaml names, decoys, and programs to execute. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bypass.h"

#define TOP PK_BYPASS_TOP

static const char *const dirs[] = {
	"",         "/secret",   "/race",       "/trapped", "/decoyed", "/names", "/only",
	"/named",   "/user",     "/write",      "/bin",     "/mnt",     "/other", "/root",
	"/root/in", "/fuse",     "/noise",      "/out",     "/links",   "/vault", "/own",
	"/upper",   "/upper/up", "/upper/work", "/many",
};

static const char *const secrets[] = {
	"/secret/file", "/race/s",       "/trapped/file", "/only/file",
	"/named/file",  "/user/file",    "/vault/file",   "/write/file",
	"/many/file",   "/names/linked", "/names/kept",
};

static const char *const decoys[] = {
	"/race/d", "/decoyed/file", "/other/file", "/noise/file", "/secret/decoy",
};

static const char *const programs[] = {
	"/bin/f", "/bin/g", "/bin/good", "/bin/imposter", "/trapped/prog", "/decoyed/prog",
};

static const char *at(const char *name)
{
	static char paths[4][256];
	static unsigned int next;
	char *path = paths[next++ % 4];

	pk_format(path, sizeof(paths[0]), "%s%s", TOP, name);
	return path;
}

void pk_bypass_write(const char *path, const char *content, unsigned int mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	ssize_t len = (ssize_t)strlen(content);

	if (fd < 0 || write(fd, content, (size_t)len) != len)
		pk_log_die("cannot write '%s': %s", path, strerror(errno));
	close(fd);
}

void pk_bypass_copy(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);

	if (in < 0 || out < 0)
		pk_log_die("cannot copy '%s' to '%s': %s", from, to, strerror(errno));
	while (sendfile(out, in, NULL, 1 << 20) > 0)
		;
	close(in);
	close(out);
}

void pk_bypass_setup(void)
{
	size_t i;

	for (i = 0; i < PK_ARRAY_SIZE(dirs); i++) {
		if (mkdir(at(dirs[i]), 0755))
			pk_log_die("cannot make '%s', which must not be there yet: %s", at(dirs[i]),
				   strerror(errno));
	}
	for (i = 0; i < PK_ARRAY_SIZE(secrets); i++)
		pk_bypass_write(at(secrets[i]), PK_BYPASS_SECRET, 0644);
	for (i = 0; i < PK_ARRAY_SIZE(decoys); i++)
		pk_bypass_write(at(decoys[i]), "nothing\n", 0644);
	for (i = 0; i < PK_ARRAY_SIZE(programs); i++)
		pk_bypass_copy("/proc/self/exe", at(programs[i]));
	pk_bypass_copy("/bin/bash", at("/bin/f.dyn"));
	pk_bypass_write(at("/bin/script"), "#!" TOP "/bin/f " PK_BYPASS_IMAGE " run\n", 0755);
	pk_bypass_write(at("/bin/forbidden.sh"), "printf x >&99\n", 0755);
	pk_bypass_write(at("/bin/shebang"), "#!/bin/bash\nprintf x >&99\n", 0755);
	if (symlink(TOP "/secret/file", at("/links/file")) ||
	    symlink(TOP "/secret", at("/links/dir")) ||
	    symlink("../links/file", at("/links/twice")) ||
	    symlink(TOP "/other/file", at("/links/other")) ||
	    symlink(TOP "/bin/f", at("/links/prog")) ||
	    symlink(TOP "/bin/imposter", at("/links/good")) ||
	    link(at("/bin/f"), at("/bin/f.link")) || link(at("/secret/file"), at("/links/hard")))
		pk_log_die("cannot make links: %s", strerror(errno));
	if (chmod(at("/names"), 0777) || chmod(at("/out"), 0777))
		pk_log_die("cannot open directories to all: %s", strerror(errno));
}
