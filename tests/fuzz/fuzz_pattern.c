/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns: refused with a reason, or the automaton of all says what each alone says, and what a
 * beginning of the text settles stays so. Input: lines; the last is the text, the others are patterns,
 * each behind a digit for its kind and one for its flags.
 */
#include <string.h>

#include "fuzz.h"
#include "plan/pattern.h"

#define MAX_PATTERNS 8
#define MAX_BYTES 2048

struct input {
	struct pk_pattern *patterns[MAX_PATTERNS];
	size_t cnt;
	const char *text;
	size_t len;
};

static struct pk_dfa dfa;

static void add_pattern(struct input *input, const char *line, size_t len)
{
	char error[PK_PATTERN_ERROR_MAX] = "";
	enum pk_pattern_kind kind;
	size_t at = SIZE_MAX;
	int err;

	if (len < 2 || input->cnt == MAX_PATTERNS)
		return;
	kind = (unsigned char)line[0] % (PK_PATTERN_REGEX + 1);
	err = pk_pattern_new(kind, (unsigned char)line[1] % 4, line + 2, len - 2,
			     &input->patterns[input->cnt], error, &at);
	if (err == 0)
		input->cnt++;
	else if (err == -EINVAL)
		fuzz_check(error[0] && at <= len - 2);
	else
		fuzz_check(err == -E2BIG);
}

static void check_parts(const struct input *input, const struct pk_pattern *pattern, bool expected)
{
	for (size_t len = 0; len <= input->len; len += 1 + len / 8) {
		int settled = pk_pattern_match_part(pattern, input->text, len);

		fuzz_check(settled < 0 || settled == expected);
	}
}

static void check(const struct input *input)
{
	uint64_t bits[PK_DFA_WORDS] = { 0 };
	int err = pk_dfa_build((const struct pk_pattern *const *)input->patterns, input->cnt, &dfa);

	fuzz_check(err == 0 || err == -E2BIG);
	if (!err)
		pk_dfa_run(&dfa, input->text, input->len, bits);
	for (size_t i = 0; i < input->cnt; i++) {
		bool expected = pk_pattern_match(input->patterns[i], input->text, input->len);

		fuzz_check(err || ((bits[0] >> i) & 1) == expected);
		check_parts(input, input->patterns[i], expected);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { .text = (const char *)data, .len = size };
	const char *newline;

	if (size > MAX_BYTES)
		return 0;
	while (input.len && (newline = memchr(input.text, '\n', input.len))) {
		add_pattern(&input, input.text, (size_t)(newline - input.text));
		input.len -= (size_t)(newline - input.text) + 1;
		input.text = newline + 1;
	}
	check(&input);
	for (size_t i = 0; i < input.cnt; i++)
		pk_pattern_free(input.patterns[i]);
	return 0;
}
