// SPDX-License-Identifier: Apache-2.0
#include "cli/enforce.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"

#define OPTION_ENFORCE 0x3000

/* "TAG" (deny), "TAG=deny" or "TAG=kill" */
static int add(struct pk_enforce *enforce, const char *text)
{
	const char *end = strchrnul(text, '=');

	if (end == text || (*end && strcmp(end, "=deny") != 0 && strcmp(end, "=kill") != 0))
		return -EINVAL;
	enforce->items[enforce->cnt].tag = text;
	enforce->items[enforce->cnt].tag_bytes = (size_t)(end - text);
	enforce->items[enforce->cnt].action = strcmp(end, "=kill") ? PK_RULES_ACTION_DENY :
								     PK_RULES_ACTION_KILL;
	enforce->cnt++;
	return 0;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct pk_enforce *enforce = state->input;

	if (key != OPTION_ENFORCE)
		return ARGP_ERR_UNKNOWN;
	if (enforce->cnt == PK_MAX_ENFORCE)
		argp_error(state, "--enforce: more than %u", PK_MAX_ENFORCE);
	else if (add(enforce, arg))
		argp_error(state, "--enforce '%s': it is TAG, TAG=deny or TAG=kill", arg);
	return 0;
}

static const struct argp_option options[] = {
	{ .name = "enforce",
	  .key = OPTION_ENFORCE,
	  .arg = "TAG[=deny|kill]",
	  .doc = "Rules with this tag that only alert deny (default) or kill; where the kernel cannot "
		 "deny, they kill; may be given several times" },
	{ 0 },
};

const struct argp pk_enforce_argp = { .options = options, .parser = parse_option };

int pk_enforce_apply(const struct pk_enforce *enforce, struct pk_rules_loader *loader)
{
	for (size_t i = 0; i < enforce->cnt; i++) {
		pk_cleanup(pk_free_p) char *tag = strndup(enforce->items[i].tag,
							  enforce->items[i].tag_bytes);

		if (!tag)
			return -ENOMEM;
		if (!pk_rules_loader_enforce(loader, tag, enforce->items[i].action)) {
			pk_error("rules: --enforce '%s': no rule has this tag", tag);
			return -EBADMSG;
		}
	}
	return 0;
}
