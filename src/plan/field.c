// SPDX-License-Identifier: Apache-2.0
/*
 * The table of fields, put together once out of its parts, and looking fields up.
 */
#include "plan/field.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>

#include "base/cleanup.h"
#include "plan/field_table.h"
#include "rules/suggest.h"

#define FIELDS_MAX 512u
#define INDEX_DIGITS_MAX 9u

static struct pk_field all[FIELDS_MAX];
static uint16_t by_name[FIELDS_MAX]; /* numbers of `all`, sorted by name */
static size_t all_cnt;
static pthread_once_t all_once = PTHREAD_ONCE_INIT;

static const struct pk_field_source in_user_space = { .kinds = ~0ull, .how = PK_SOURCE_USER };

static int compare_by_name(const void *a, const void *b)
{
	return strcmp(all[*(const uint16_t *)a].name, all[*(const uint16_t *)b].name);
}

static void add_table(const struct pk_field_table *table)
{
	assert(all_cnt + table->cnt <= FIELDS_MAX);
	memcpy(all + all_cnt, table->fields, table->cnt * sizeof(*all));
	all_cnt += table->cnt;
}

static void put_together(void)
{
	add_table(&pk_fields_evt);
	add_table(&pk_fields_arg);
	add_table(&pk_fields_proc);
	add_table(&pk_fields_fd);
	add_table(&pk_fields_container);
	add_table(&pk_fields_k8s);
	for (size_t i = 0; i < all_cnt; i++)
		by_name[i] = (uint16_t)i;
	qsort(by_name, all_cnt, sizeof(by_name[0]), compare_by_name);
}

const struct pk_field *pk_fields_get(size_t *ret_cnt)
{
	pthread_once(&all_once, put_together);
	*ret_cnt = all_cnt;
	return all;
}

static int compare_with_name(const void *name, const void *idx)
{
	return strcmp(name, all[*(const uint16_t *)idx].name);
}

static const struct pk_field *find_exact(const char *name)
{
	const uint16_t *idx;

	pthread_once(&all_once, put_together);
	idx = bsearch(name, by_name, all_cnt, sizeof(by_name[0]), compare_with_name);
	return idx ? &all[*idx] : NULL;
}

/* proc.args and proc.args[n] are two fields of one name, next to each other. */
static const struct pk_field *twin_of(const struct pk_field *field)
{
	if (field > all && !strcmp(field[-1].name, field->name))
		return field - 1;
	if (field < all + all_cnt - 1 && !strcmp(field[1].name, field->name))
		return field + 1;
	return NULL;
}

/* evt.arg.NAME and evt.arg[NAME] are the same; an argument that no event of ours has is evt.arg. */
static const struct pk_field *find_arg(const char *name)
{
	const struct pk_field *field = NULL;
	char whole[PK_MAX_SUGGEST_BYTES];
	int len = snprintf(whole, sizeof(whole), "evt.arg.%s", name);

	if (len > 0 && (size_t)len < sizeof(whole))
		field = find_exact(whole);
	if (!field && pk_field_is_arg_name(name))
		field = find_exact("evt.arg");
	return field;
}

static const struct pk_field *find_name(const char *name)
{
	static const char rawarg[] = "evt.rawarg.";
	static const char arg[] = "evt.arg.";
	const struct pk_field *field = find_exact(name);

	if (field)
		return field;
	if (!strncmp(name, arg, sizeof(arg) - 1))
		return find_arg(name + sizeof(arg) - 1);
	if (!strncmp(name, rawarg, sizeof(rawarg) - 1) &&
	    pk_field_is_arg_name(name + sizeof(rawarg) - 1))
		return find_exact("evt.rawarg");
	return NULL;
}

static bool is_index(const char *arg)
{
	size_t len = strspn(arg, "0123456789");

	return len && len <= INDEX_DIGITS_MAX && !arg[len];
}

static bool takes(const struct pk_field *field, const char *name, const char *arg)
{
	switch (field->arg) {
	case PK_ARG_NONE:
		return !arg;
	case PK_ARG_INDEX:
		return arg && is_index(arg);
	case PK_ARG_OPTIONAL_INDEX:
		return !arg || is_index(arg);
	case PK_ARG_KEY: /* evt.arg.NAME brings its own */
		return strcmp(field->name, name) ? !arg : arg && *arg;
	case PK_ARG_OPTIONAL_KEY:
		return !arg || *arg;
	}
	return false;
}

static const char *suggest(const char *name)
{
	struct pk_suggest nearest = PK_SUGGEST_INIT(name, strlen(name));

	for (size_t i = 0; i < all_cnt; i++)
		pk_suggest_offer(&nearest, all[i].name);
	return nearest.best;
}

const struct pk_field *pk_field_find(const char *name, const char *arg, const char **ret_suggestion)
{
	const struct pk_field *field = find_name(name);

	if (field && arg && !strcmp(name, "evt.arg") && !is_index(arg)) {
		field = find_arg(arg);
		arg = field && field->arg == PK_ARG_NONE ? NULL : arg;
	}
	if (field && takes(field, name, arg))
		return field;
	if (field && twin_of(field) && takes(twin_of(field), name, arg))
		return twin_of(field);
	if (ret_suggestion)
		*ret_suggestion = field ? NULL : suggest(name);
	return NULL;
}

bool pk_field_known(void *arg, struct pk_rules_field_query *query)
{
	(void)arg;
	return pk_field_find(query->name, query->field_arg, &query->suggestion) != NULL;
}

const struct pk_field_source *pk_field_source(const struct pk_field *field, uint32_t kind)
{
	uint64_t bit = kind < 64 ? PK_FIELD_KIND(kind) : 0;

	if (!(field->kinds & bit))
		return NULL;
	for (const struct pk_field_source *s = field->sources; s && s->kinds; s++) {
		if (s->kinds & bit)
			return s;
	}
	return &in_user_space;
}
