/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drives a fuzz target without libFuzzer, the same way each time: every file of the corpus as it
 * is, then RUNS changed ones. driver RUNS CORPUS_DIR
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "fuzz.h"

#define MAX_FILES 256
#define MAX_CHANGES 6

static struct pk_buf files[MAX_FILES];
static size_t files_cnt;
static uint64_t random_state = 88172645463325252ull;

/* xorshift64 */
static size_t pick(size_t below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return below ? random_state % below : 0;
}

static void load_file(int dir_fd, const char *name)
{
	pk_cleanup(pk_close_p) int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC);
	struct pk_buf *file = &files[files_cnt];
	ssize_t got;

	fuzz_check(fd >= 0);
	do {
		fuzz_check(pk_buf_reserve(file, 65536) == 0);
		got = read(fd, file->data + file->len_bytes, 65536);
		fuzz_check(got >= 0);
		file->len_bytes += (size_t)got;
	} while (got > 0);
	files_cnt++;
}

static void load_corpus(const char *path)
{
	struct dirent **entries = NULL;
	pk_cleanup(pk_close_p) int dir_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int cnt = scandir(path, &entries, NULL, alphasort);

	fuzz_check(dir_fd >= 0 && cnt >= 0);
	for (int i = 0; i < cnt; i++) {
		if (entries[i]->d_name[0] != '.' && files_cnt < MAX_FILES)
			load_file(dir_fd, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	fuzz_check(files_cnt > 0);
}

static void set_number(struct pk_buf *input, size_t at)
{
	static const uint32_t numbers[] = { 0,      1,          7,          8,         104,
					    0x7f,   0xff,       0x7fff,     0x8000,    0xffff,
					    0xc000, 0x7fffffff, 0x80000000, 0xffffffff };
	uint32_t number = numbers[pick(PK_ARRAY_SIZE(numbers))];
	size_t bytes = (size_t)1 << pick(3);

	at -= at % bytes;
	if (at + bytes <= input->len_bytes)
		memcpy(input->data + at, &number, bytes);
}

/* Puts a piece of another file over, or behind, what is there. */
static void graft(struct pk_buf *input, size_t at)
{
	const struct pk_buf *other = &files[pick(files_cnt)];
	size_t from = pick(other->len_bytes);
	size_t len = pick(other->len_bytes - from + 1);

	if (pick(2))
		at = input->len_bytes;
	input->len_bytes = at;
	fuzz_check(pk_buf_add(input, other->data + from, len) == 0);
}

static void change(struct pk_buf *input)
{
	size_t at = pick(input->len_bytes);

	switch (pick(5)) {
	case 0:
		if (input->len_bytes)
			input->data[at] ^= (char)(1u << pick(8));
		break;
	case 1:
		if (input->len_bytes)
			input->data[at] = (char)pick(256);
		break;
	case 2:
	case 3:
		set_number(input, at);
		break;
	default:
		if (pick(4))
			graft(input, at);
		else
			input->len_bytes = at;
		break;
	}
}

static void run(const struct pk_buf *input)
{
	LLVMFuzzerTestOneInput((const uint8_t *)input->data, input->len_bytes);
}

int main(int argc, char **argv)
{
	pk_buf_cleanup struct pk_buf input = PK_BUF_INIT;
	unsigned int runs_cnt;

	if (argc != 3 || sscanf(argv[1], "%u", &runs_cnt) != 1) {
		fprintf(stderr, "Usage: %s RUNS CORPUS_DIR\n", argv[0]);
		return 2;
	}
	load_corpus(argv[2]);
	for (size_t i = 0; i < files_cnt; i++)
		run(&files[i]);
	for (unsigned int i = 0; i < runs_cnt; i++) {
		const struct pk_buf *file = &files[pick(files_cnt)];

		pk_buf_clear(&input);
		fuzz_check(pk_buf_add(&input, file->data, file->len_bytes) == 0);
		for (size_t changes = 1 + pick(MAX_CHANGES); changes > 0; changes--)
			change(&input);
		run(&input);
	}
	for (size_t i = 0; i < files_cnt; i++)
		pk_buf_fini(&files[i]);
	printf("%zu files, %u changed ones\n", files_cnt, runs_cnt);
	return 0;
}
