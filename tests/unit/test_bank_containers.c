/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which cgroup is which container, as banks have it: told before and after a load, shared by cgroups inside,
 * renewed, gone; a map that is full; and with real cgroups: what is made inside of a container belongs to it
 * before anybody can be in it, and an open is judged by where its process is.
 */
#include "plans.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>

#include "own_cgroups.h"

#define FILE_NAME "/tmp/picket-test-containers"
#define OPENED "evt.type in (open, openat) and fd.name = " FILE_NAME
/* by bit: id = aaa, id != host, name = web */
#define RULES                                         \
	RULE("a", OPENED " and container.id = aaa")   \
	RULE("b", OPENED " and container.id != host") \
	RULE("c", "evt.type = mkdir and container.name = web")

struct facts {
	const char *id;
	const char *name;
	int *released;
};

struct rig {
	struct pk_sensors *sensors;
	struct pk_bank_containers *containers;
	struct pk_cgroups *cgroups;
	struct planned planned[2];
	struct own_cgroups own;
	int released;
	__u32 matches[64]; /* of opens */
	size_t match_cnt;
};

static int get(void *arg, const struct pk_field *field, const char *field_arg,
	       struct pk_value *ret_value)
{
	const struct facts *facts = arg;
	const char *text = NULL;

	(void)field_arg;
	assert_int_equal(field->life, PK_LIFE_CONTAINER);
	*ret_value = (struct pk_value){ .type = field->type };
	if (!strcmp(field->name, "container.id"))
		text = facts->id;
	else if (!strcmp(field->name, "container.name"))
		text = facts->name;
	if (text) {
		ret_value->state = PK_VALUE_KNOWN;
		ret_value->text = (struct pk_value_text){ text, strlen(text) };
	} else {
		ret_value->state = PK_VALUE_UNKNOWN;
	}
	return 0;
}

static int evaluated_cnt;

static void evaluated(void *arg)
{
	(void)arg;
	evaluated_cnt++;
}

static void release(void *arg)
{
	struct facts *facts = arg;

	++*facts->released;
	free(facts);
}

static struct facts *facts_new(struct rig *rig, const char *id, const char *name)
{
	struct facts *facts = calloc(1, sizeof(*facts));

	assert_non_null(facts);
	*facts = (struct facts){ id, name, &rig->released };
	return facts;
}

static int on_note(void *arg, const struct pk_cgroup_note *note)
{
	struct rig *rig = arg;

	own_cgroups_add_note(&rig->own, note);
	return 0;
}

static int rig_setup(void **state)
{
	static struct facts host = { "host", "host", NULL };
	const struct pk_bank_containers_options options = {
		.get = get, .host = &host, .evaluated = evaluated, .release = release
	};
	struct rig *rig = calloc(1, sizeof(*rig));
	char path[256];

	assert_non_null(rig);
	rig->sensors = own_cgroups_sensors(true, path);
	if (!rig->sensors) {
		free(rig);
		return 0;
	}
	own_cgroups_begin(&rig->own, path);
	evaluated_cnt = 0;
	assert_int_equal(pk_bank_containers_new(&options, &rig->containers), 0);
	assert_int_equal(pk_cgroups_new(rig->sensors, on_note, rig, &rig->cgroups), 0);
	rig->planned[0] = plan_text(RULES);
	rig->planned[1] = plan_with(RULES, (struct pk_plan_options){ .generation = 2 });
	*state = rig;
	return 0;
}

static int rig_teardown(void **state)
{
	struct rig *rig = *state;

	if (!rig)
		return 0;
	pk_cgroups_free(rig->cgroups);
	pk_sensors_free(rig->sensors);
	pk_bank_containers_free(rig->containers);
	planned_fini(&rig->planned[0]);
	planned_fini(&rig->planned[1]);
	cgroup_unmake(&rig->own, "");
	free(rig);
	return 0;
}

#define NEED_RIG(rig, state)        \
	struct rig *rig = *(state); \
	if (!rig)                   \
	skip()

static void load_rules(struct rig *rig, int which)
{
	struct pk_bank_stats stats;
	const char *what;

	assert_int_equal(pk_bank_load_named(rig->sensors, rig->planned[which].plan, rig->containers,
					    NULL, NULL, &stats, &what),
			 0);
}

static int bits_of(const struct rig *rig, __u64 cgroup_id)
{
	return container_bits(rig->sensors, cgroup_id);
}

static __u64 interest_of(const struct rig *rig, __u64 cgroup_id)
{
	struct pk_container_facts facts;

	assert_int_equal(bpf_map_lookup_elem(containers_map(rig->sensors, true), &cgroup_id,
					     &facts),
			 0);
	return facts.interest;
}

#define AAA 0x0303 /* aaa, not the host */
#define OTHER 0x0202
#define WEB 0x0404
#define HOST 0

static void test_told(void **state)
{
	NEED_RIG(rig, state);

	assert_int_equal(rig->planned[0].plan->container_cnt, 3);
	assert_int_equal(pk_bank_containers_set(rig->containers, 100, 7,
						facts_new(rig, "aaa", "x")),
			 0);
	assert_int_equal(pk_bank_containers_set_host(rig->containers, 101), 0);
	load_rules(rig, 0);
	/* told before, told after */
	assert_int_equal(pk_bank_containers_set(rig->containers, 102, 8,
						facts_new(rig, "bbb", "web")),
			 0);
	assert_int_equal(bits_of(rig, 100), AAA);
	assert_int_equal(bits_of(rig, 101), HOST);
	assert_int_equal(bits_of(rig, 102), OTHER | WEB);
	assert_int_equal(bits_of(rig, 103), -1);
	assert_int_equal(interest_of(rig, 100), 1ull << PK_EVENT_OPEN);
	assert_int_equal(interest_of(rig, 101), 0);
	assert_int_equal(interest_of(rig, 102), 1ull << PK_EVENT_OPEN | 1ull << PK_EVENT_MKDIR);
	/* what is not known of a container yet is possible */
	assert_int_equal(pk_bank_containers_set(rig->containers, 104, 9,
						facts_new(rig, "ccc", NULL)),
			 0);
	assert_int_equal(bits_of(rig, 104), OTHER | 0x04);
	assert_int_equal(pk_bank_containers_set(rig->containers, 104, 9,
						facts_new(rig, "ccc", "web")),
			 0);
	assert_int_equal(rig->released, 1);
	assert_int_equal(bits_of(rig, 104), OTHER | WEB);
}

static void test_reload(void **state)
{
	struct pk_container_facts facts;
	NEED_RIG(rig, state);

	load_rules(rig, 0);
	assert_int_equal(pk_bank_containers_set(rig->containers, 100, 7,
						facts_new(rig, "aaa", "x")),
			 0);
	load_rules(rig, 1);
	assert_int_equal(bits_of(rig, 100), AAA);
	assert_int_not_equal(bpf_map_lookup_elem(containers_map(rig->sensors, false),
						 &(__u64){ 100 }, &facts),
			     0);
	/* the bank that is not in force holds nothing, and is told nothing */
	assert_int_equal(pk_bank_containers_set(rig->containers, 101, 8, facts_new(rig, "b", "x")),
			 0);
	assert_int_equal(bits_of(rig, 101), OTHER);
	assert_int_not_equal(bpf_map_lookup_elem(containers_map(rig->sensors, false),
						 &(__u64){ 101 }, &facts),
			     0);
}

/* However many cgroups a container has, and however often rules are loaded: once a container and rule set. */
static void test_evaluated_once(void **state)
{
	NEED_RIG(rig, state);

	for (__u64 id = 100; id < 110; id++)
		assert_int_equal(pk_bank_containers_set(rig->containers, id, 7 + id % 2,
							facts_new(rig, "aaa", "x")),
				 0);
	for (__u64 id = 200; id < 210; id++)
		assert_int_equal(pk_bank_containers_set_host(rig->containers, id), 0);
	assert_int_equal(evaluated_cnt, 0);
	load_rules(rig, 0);
	assert_int_equal(evaluated_cnt, 3);
	load_rules(rig, 1);
	assert_int_equal(evaluated_cnt, 6);
	/* a cgroup that moves is not the other container's any more */
	assert_int_equal(pk_bank_containers_set_host(rig->containers, 104), 0);
	assert_int_equal(pk_bank_containers_set(rig->containers, 106, 8,
						facts_new(rig, "bbb", "x")),
			 0);
	assert_int_equal(pk_bank_containers_set(rig->containers, 100, 7,
						facts_new(rig, "aaa", "web")),
			 0);
	assert_int_equal(evaluated_cnt, 9);
	assert_int_equal(bits_of(rig, 102), AAA | WEB);
	assert_int_equal(bits_of(rig, 104), HOST);
	assert_int_equal(bits_of(rig, 106), OTHER);
	assert_int_equal(bits_of(rig, 101), OTHER);
	assert_int_equal(bits_of(rig, 200), HOST);
}

static void test_inside(void **state)
{
	struct pk_bank_containers_stats stats;
	NEED_RIG(rig, state);

	load_rules(rig, 0);
	assert_int_equal(pk_bank_containers_made(rig->containers, 200, 199, false), 0);
	assert_int_equal(pk_bank_containers_set(rig->containers, 200, 7,
						facts_new(rig, "aaa", "x")),
			 0);
	assert_int_equal(pk_bank_containers_made(rig->containers, 201, 200, false), 1);
	assert_int_equal(pk_bank_containers_made(rig->containers, 202, 201, true), 1);
	assert_int_equal(bits_of(rig, 202), AAA);
	/* news of the container is news of all its cgroups, but not of one nested in it */
	assert_int_equal(pk_bank_containers_set(rig->containers, 202, 8,
						facts_new(rig, "inner", "x")),
			 0);
	assert_int_equal(pk_bank_containers_set(rig->containers, 200, 7,
						facts_new(rig, "aaa", "web")),
			 0);
	assert_int_equal(bits_of(rig, 200), AAA | WEB);
	assert_int_equal(bits_of(rig, 201), AAA | WEB);
	assert_int_equal(bits_of(rig, 202), OTHER);
	/* another cgroup of the container, which nobody inherited */
	assert_int_equal(pk_bank_containers_set(rig->containers, 203, 7,
						facts_new(rig, "aaa", "x")),
			 0);
	assert_int_equal(bits_of(rig, 203), AAA);
	assert_int_equal(bits_of(rig, 201), AAA);
	assert_int_equal(pk_bank_containers_set(rig->containers, 203, 7,
						facts_new(rig, "aaa", "web")),
			 0);
	pk_bank_containers_forget(rig->containers, 203);
	/* the host's children can be anything, unless the kernel side knew */
	assert_int_equal(pk_bank_containers_set_host(rig->containers, 300), 0);
	assert_int_equal(pk_bank_containers_made(rig->containers, 301, 300, false), 0);
	assert_int_equal(pk_bank_containers_made(rig->containers, 302, 300, true), 1);
	assert_int_equal(bits_of(rig, 301), -1);
	assert_int_equal(bits_of(rig, 302), HOST);
	/* gone: what comes late is passed over */
	pk_bank_containers_forget(rig->containers, 200);
	assert_int_equal(bits_of(rig, 200), -1);
	assert_int_equal(bits_of(rig, 201), AAA | WEB);
	assert_int_equal(pk_bank_containers_set(rig->containers, 200, 7,
						facts_new(rig, "aaa", "x")),
			 0);
	assert_int_equal(pk_bank_containers_set_host(rig->containers, 200), 0);
	assert_int_equal(bits_of(rig, 200), -1);
	/* but not by the container's other cgroups */
	assert_int_equal(bits_of(rig, 201), AAA);
	assert_false(pk_bank_containers_has(rig->containers, 200));
	pk_bank_containers_forget(rig->containers, 201);
	pk_bank_containers_forget(rig->containers, 202);
	assert_int_equal(pk_bank_containers_set(rig->containers, 200, 7,
						facts_new(rig, "aaa", "web")),
			 0);
	pk_bank_containers_get_stats(rig->containers, &stats);
	assert_int_equal(stats.cgroup_cnt, 2);
	assert_int_equal(rig->released, 7);
}

static void test_full(void **state)
{
	struct pk_container_facts facts = { .generation = 1 };
	struct pk_bank_containers_stats stats;
	NEED_RIG(rig, state);

	load_rules(rig, 0);
	for (__u64 i = 0; i < PK_MAX_CONTAINER_CGROUPS; i++) {
		facts.cgroup_id = 1000000 + i;
		assert_int_equal(pk_bank_set_container(containers_map(rig->sensors, true), &facts),
				 0);
	}
	assert_int_equal(pk_bank_containers_set(rig->containers, 100, 7,
						facts_new(rig, "aaa", "x")),
			 -ENOSPC);
	pk_bank_containers_get_stats(rig->containers, &stats);
	assert_int_equal(stats.full_cnt, 1);
	assert_int_equal(bits_of(rig, 100), -1);
	/* it was kept: the next rules have room for it */
	load_rules(rig, 1);
	assert_int_equal(bits_of(rig, 100), AAA);
}

/* ---- real cgroups ---- */

static bool is_odd(void *arg, __u64 cgroup_id)
{
	struct rig *rig = arg;

	/* no lock is held */
	return pk_bank_containers_has(rig->containers, cgroup_id) && cgroup_id & 1;
}

static void test_swept(void **state)
{
	struct pk_bank_containers_stats stats;
	NEED_RIG(rig, state);

	load_rules(rig, 0);
	assert_int_equal(pk_bank_containers_sweep(rig->containers, is_odd, rig), 0);
	for (__u64 id = 10; id < 20; id++)
		assert_int_equal(pk_bank_containers_set(rig->containers, id, 7,
							facts_new(rig, "a", "b")),
				 0);
	assert_int_equal(pk_bank_containers_set_host(rig->containers, 21), 0);
	assert_int_equal(pk_bank_containers_sweep(rig->containers, is_odd, rig), 6);
	pk_bank_containers_get_stats(rig->containers, &stats);
	assert_int_equal(stats.cgroup_cnt, 5);
	assert_int_equal(container_bits(rig->sensors, 11), -1);
	assert_int_equal(container_bits(rig->sensors, 21), -1);
	assert_true(container_bits(rig->sensors, 12) >= 0);
	assert_int_equal(pk_bank_containers_sweep(rig->containers, is_odd, rig), 0);
}

static void test_made_in_container(void **state)
{
	const struct pk_cgroup_note *note;
	__u64 c, inside;
	NEED_RIG(rig, state);

	load_rules(rig, 0);
	c = cgroup_make(&rig->own, "c");
	assert_int_equal(bits_of(rig, c), -1);
	assert_int_equal(pk_bank_containers_set(rig->containers, c, 7, facts_new(rig, "aaa", "x")),
			 0);
	inside = cgroup_make(&rig->own, "c/inside");
	assert_int_equal(bits_of(rig, inside), AAA); /* nobody told */
	assert_int_equal(pk_cgroups_read(rig->cgroups), 0);
	note = note_of(&rig->own, inside, PK_CGROUP_MADE);
	assert_non_null(note);
	assert_int_equal(note->flags, PK_CGROUP_INHERITED);
	assert_int_equal(note->parent_id, c);
	assert_string_equal(note->path + note->path_bytes - strlen("/c/inside"), "/c/inside");
	note = note_of(&rig->own, c, PK_CGROUP_MADE);
	assert_non_null(note);
	assert_int_equal(note->flags, 0);
	cgroup_unmake(&rig->own, "c/inside");
	assert_int_equal(bits_of(rig, inside), -1);
	assert_int_equal(pk_cgroups_read(rig->cgroups), 0);
	assert_non_null(note_of(&rig->own, inside, PK_CGROUP_REMOVED));
	cgroup_unmake(&rig->own, "c");
	assert_int_equal(bits_of(rig, c), -1);
}

static void test_made_on_host(void **state)
{
	NEED_RIG(rig, state);

	load_rules(rig, 0);
	assert_int_equal(pk_bank_containers_set_host(rig->containers, rig->own.root_id), 0);
	assert_int_equal(bits_of(rig, cgroup_make(&rig->own, "a.service")), HOST);
	assert_int_equal(bits_of(rig, cgroup_make(&rig->own, "b.slice")), HOST);
	assert_int_equal(bits_of(rig, cgroup_make(&rig->own, "docker-1.scope")), -1);
	assert_int_equal(bits_of(rig, cgroup_make(&rig->own, "slice")), -1);
	cgroup_unmake(&rig->own, "a.service");
	cgroup_unmake(&rig->own, "b.slice");
	cgroup_unmake(&rig->own, "docker-1.scope");
	cgroup_unmake(&rig->own, "slice");
}

/* ---- judged ---- */

static int on_record(void *arg, void *data, size_t len)
{
	const struct pk_event *event = data;
	const char *at = (const char *)data + event->judgement.off;
	struct pk_judgement judgement;
	struct rig *rig = arg;

	(void)len;
	if (event->kind != PK_EVENT_OPEN || !event->judgement.len)
		return 0;
	memcpy(&judgement, at, sizeof(judgement)); /* it need not be aligned */
	for (__u32 i = 0; i < judgement.match_cnt && rig->match_cnt < 64; i++)
		memcpy(&rig->matches[rig->match_cnt++], at + sizeof(judgement) + i * sizeof(__u32),
		       sizeof(__u32));
	return 0;
}

/* A process opens the file: in a mount namespace of its own or not, executed in the cgroup or not. */
static void open_in(struct rig *rig, const char *name, bool own_ns, bool exec)
{
	char path[600], pid[32];
	int status, fd;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child) {
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(status, 0);
		return;
	}
	snprintf(path, sizeof(path), "%s/%s/cgroup.procs", rig->own.root, name);
	snprintf(pid, sizeof(pid), "%d", getpid());
	if (!exec) {
		/* our own children have no facts: who executes outside and then enters */
		execlp("unshare", "unshare", "-m", "sh", "-c", "echo 0 >\"$1\" && : <" FILE_NAME,
		       "sh", path, NULL);
		_exit(3);
	}
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, pid, strlen(pid)) < 0 || (own_ns && unshare(CLONE_NEWNS)))
		_exit(2);
	execl("/bin/sh", "sh", "-c", ": <" FILE_NAME, NULL);
	_exit(3);
}

static void opened(struct rig *rig, const char *name, bool own_ns, bool exec)
{
	struct ring_buffer *ring;

	rig->match_cnt = 0;
	ring = ring_buffer__new(pk_sensors_get_ring_fd(rig->sensors), on_record, rig, NULL);
	assert_non_null(ring);
	open_in(rig, name, own_ns, exec);
	assert_true(ring_buffer__consume(ring) >= 0);
	ring_buffer__free(ring);
}

#define IS(rule) (rule)
#define MAY(rule) ((rule) | PK_MATCH_UNKNOWN)

#define matched(rig, cnt, a, b) matched_at(rig, cnt, a, b, __LINE__)

static void matched_at(const struct rig *rig, size_t cnt, __u32 a, __u32 b, int line)
{
	bool seen_a = false, seen_b = false;

	if (rig->match_cnt != cnt)
		fail_msg("line %d: %zu rules matched, not %zu", line, rig->match_cnt, cnt);
	for (size_t i = 0; i < cnt; i++) {
		seen_a |= rig->matches[i] == a;
		seen_b |= rig->matches[i] == b;
	}
	assert_true(cnt < 1 || seen_a);
	assert_true(cnt < 2 || seen_b);
}

static void test_judged(void **state)
{
	const char *what;
	int fd;
	NEED_RIG(rig, state);

	fd = open(FILE_NAME, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(pk_sensors_set_judged(rig->sensors, pk_plan_kinds(rig->planned[0].plan),
					       &what),
			 0);
	load_rules(rig, 0);
	assert_int_equal(pk_bank_containers_set(rig->containers, cgroup_make(&rig->own, "a"), 7,
						facts_new(rig, "aaa", "x")),
			 0);
	assert_int_equal(pk_bank_containers_set(rig->containers, cgroup_make(&rig->own, "b"), 8,
						facts_new(rig, "bbb", "x")),
			 0);
	assert_int_equal(pk_bank_containers_set_host(rig->containers, cgroup_make(&rig->own, "h")),
			 0);
	cgroup_make(&rig->own, "unknown");
	cgroup_make(&rig->own, "a/inside");
	opened(rig, "a", true, true);
	matched(rig, 2, IS(0), IS(1));
	opened(rig, "a/inside", true, true);
	matched(rig, 2, IS(0), IS(1));
	opened(rig, "b", true, true);
	matched(rig, 1, IS(1), 0);
	opened(rig, "h", true, true);
	matched(rig, 0, 0, 0);
	opened(rig, "unknown", true, true);
	matched(rig, 2, MAY(0), MAY(1));
	/* the runtime's: in the host's mounts, or executed before it came here */
	opened(rig, "a", false, true);
	matched(rig, 0, 0, 0);
	opened(rig, "a", true, false);
	matched(rig, 0, 0, 0);
	cgroup_unmake(&rig->own, "a/inside");
	cgroup_unmake(&rig->own, "a");
	cgroup_unmake(&rig->own, "b");
	cgroup_unmake(&rig->own, "h");
	cgroup_unmake(&rig->own, "unknown");
	unlink(FILE_NAME);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_told),         TEST(test_reload), TEST(test_evaluated_once),
		TEST(test_inside),       TEST(test_full),   TEST(test_made_in_container),
		TEST(test_made_on_host), TEST(test_judged), TEST(test_swept),
	};

	return cmocka_run_group_tests_name("bank_containers", tests, NULL, NULL);
}
