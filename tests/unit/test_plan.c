/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/plan.h"
#include "plans.h"
#include "world.h"

#include <time.h>

#define DENY "  action: deny\n"
#define KILL "  action: kill\n"
#define TAGGED(name, condition, tag) RULE(name, condition) "  tag: " tag "\n"

/* ---- against the reference ---- */

static const char *const atoms[] = {
	"evt.type = open",
	"evt.type in (openat, execve, connect)",
	"evt.type != unlink",
	"evt.dir = <",
	"fd.num >= 0",
	"fd.num < 3",
	"evt.failed = false",
	"evt.rawres < 0",
	"proc.name = sh",
	"proc.name != sh",
	"proc.name in (sh, bash, nc)",
	"proc.name in (bash, cat)",
	"proc.name startswith b",
	"proc.name startswith ba",
	"proc.name contains a",
	"proc.name icontains A",
	"proc.name endswith sh",
	"proc.name glob '*a*'",
	"proc.name regex '(ba|c).*'",
	"proc.name exists",
	"proc.name = ''",
	"proc.name startswith ''",
	"proc.name contains ''",
	"proc.pname = bash",
	"proc.pname startswith b",
	"proc.pname contains a",
	"proc.pname exists",
	"proc.pname != sh",
	"proc.aname in (nc, sh)",
	"proc.aname = cat",
	"proc.aname != cat",
	"proc.aname[2] = sh",
	"proc.aname[2] exists",
	"proc.aname[3] in (sh, bash)",
	"proc.aname[1] startswith s",
	"proc.aname[9] = sh",
	"proc.exepath startswith /usr",
	"proc.exepath startswith /usr/bin",
	"proc.exepath startswith oneof (/usr/bin, /tmp)",
	"proc.exepath startswith allof (/usr, /usr/bin)",
	"proc.exepath pmatch (/usr/bin, /tmp/)",
	"proc.pexepath pmatch (/)",
	"proc.exepath = /usr/bin/cat",
	"proc.cmdline contains passwd",
	"proc.cmdline contains anyof (passwd, shadow)",
	"proc.cmdline contains allof (cat, shadow)",
	"proc.cmdline bcontains 70617373",
	"proc.pcmdline contains shadow",
	"proc.args = ''",
	"fd.name = /etc/shadow",
	"fd.name != /etc/shadow",
	"fd.name in (/etc/shadow, /etc/passwd, /tmp/x)",
	"fd.name startswith /etc",
	"fd.name startswith /etc/s",
	"fd.name pmatch (/etc, /tmp)",
	"fd.name pmatch (/e*)",
	"fd.name glob '/etc/*'",
	"fd.name endswith .conf",
	"fd.name exists",
	"fd.directory = /etc",
	"fd.directory in (/etc, /tmp)",
	"fd.filename in (shadow, x)",
	"fd.filename icontains SHAD",
	"proc.cwd startswith /tmp",
	"fs.path.target = /tmp/x",
	"evt.arg.newpath startswith /tmp",
	"evt.arg.flags contains O_CREAT",
	"evt.arg.flags contains O_WRONLY",
	"evt.arg.flags contains O_RD",
	"evt.arg.flags icontains o_sync",
	"evt.arg.flags exists",
	"evt.arg.flags = O_RDONLY",
	"evt.is_open_write = true",
	"evt.is_open_write = false",
	"evt.is_open_read != true",
	"evt.is_open_create = true",
	"evt.arg.mode contains S_IXUSR",
	"thread.cap_effective contains CAP_SYS_ADMIN",
	"thread.cap_effective contains SYS",
	"fd.type = directory",
	"fd.type in (ipv4, ipv6)",
	"fd.type != file",
	"fd.typechar = f",
	"fd.l4proto = tcp",
	"fd.l4proto != tcp",
	"user.uid = 0",
	"user.uid != 0",
	"user.uid > 1000",
	"user.uid in (0, 1000, 1001)",
	"user.loginuid = -1",
	"user.loginuid != -1",
	"user.loginuid >= 0",
	"user.loginuid < 1000",
	"proc.pid = 1",
	"proc.pid < 0",
	"proc.pid != -3",
	"proc.vpid = 1",
	"proc.tty = 0",
	"proc.duration < 1000000",
	"proc.is_exe_from_memfd = true",
	"fd.sport = 53",
	"fd.sport != 53",
	"fd.port = 53",
	"fd.port != 53",
	"fd.port in (53, 80)",
	"fd.lport > 1024",
	"fd.sip = 8.8.8.8",
	"fd.sip != 8.8.8.8",
	"fd.ip = 8.8.8.8",
	"fd.ip != 8.8.8.8",
	"fd.snet in (10.0.0.0/8, 192.168.0.0/16)",
	"fd.snet = 10.1.0.0/16",
	"fd.rnet != 10.0.0.0/8",
	"fd.net in (10.1.0.0/16, 8.8.0.0/16)",
	"fd.cip exists",
	"proc.tag = alpha",
	"proc.tag != alpha",
	"proc.tag in (alpha, beta)",
	"proc.tag exists",
	"container.tag = beta",
	"proc.sname = sh",
	"tolower(proc.name) = sh",
	"proc.name = val(proc.pname)",
};

static const char *const names[] = { "sh", "bash", "cat", "nc", "a", "" };
static const char *const paths[] = { "/usr/bin/cat", "/usr",  "/usr/binx", "/tmp",
				     "/tmp/x",       "/etc",  "/etc/",     "/etc/shadow",
				     "/etc/passwd",  "/etcx", "/a.conf",   "x" };
static const char *const lines[] = { "cat /etc/passwd", "cat /etc/shadow", "", "sh -c x",
				     "cat passwd shadow" };
static const char *const tags[] = { "alpha", "beta" };

static uint64_t seed = 88172645463325252ull;

static uint32_t upto(size_t cnt)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)((seed >> 20) % cnt);
}

static struct world_text some(const char *const *texts, size_t cnt, bool all_known)
{
	static const enum pk_value_state odd[] = { PK_VALUE_MISSING, PK_VALUE_UNKNOWN };
	enum pk_value_state state = upto(5) ? PK_VALUE_KNOWN : odd[upto(all_known ? 1 : 2)];

	return (struct world_text){ state, texts[upto(cnt)] };
}
#define SOME(texts) some(texts, PK_ARRAY_SIZE(texts), all_known)

static void some_numbers(struct world *world, bool all_known)
{
	static const uint64_t values[] = { 0, 1, 53, 80, 1000, 1001, 2000, 0xffffffff, 0100644 };

	for (uint32_t i = 0; i < PK_NUM_CNT; i++) {
		world->num_state[i] = some(names, 1, all_known).state;
		world->num[i] = values[upto(PK_ARRAY_SIZE(values))];
	}
	world->num[PK_NUM_FLAGS] = upto(1 << 23);
	world->num[PK_NUM_CAP_EFFECTIVE] = upto(1u << 31);
	world->num[PK_NUM_FILE_MODE] = upto(16) << 12;
	world->num[PK_NUM_FAMILY] = upto(3) ? 2 : upto(20);
	world->num[PK_NUM_PROTO] = upto(20);
	world->num[PK_NUM_TAGS] = upto(4);
	world->num[PK_NUM_CTAGS] = upto(4);
}

static void some_world(struct world *world, bool all_known)
{
	static const uint8_t addrs[][16] = {
		{ 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 1, 2, 3 },
		{ 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 2, 2, 3 },
		{ 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 8, 8, 8, 8 },
		{ 0xfe, 0x80, 1 },
	};
	bool ended = false;

	*world = (struct world){ .kind = 1 + upto(PK_KINDS - 1),
				 .tag_names = tags,
				 .tag_cnt = PK_ARRAY_SIZE(tags) };
	for (int n = 0; n < WORLD_ANCESTORS; n++) { /* behind a missing one there is none */
		world->names[n] = SOME(names);
		ended = ended || (n && world->names[n].state == PK_VALUE_MISSING);
		if (ended)
			world->names[n].state = PK_VALUE_MISSING;
	}
	for (uint32_t t = PK_TEXT_EXE; t < PK_TEXT_PROC_CNT; t++) {
		world->own[t] = t >= PK_TEXT_CMDLINE ? SOME(lines) : SOME(paths);
		world->parent[t] = t >= PK_TEXT_CMDLINE ? SOME(lines) : SOME(paths);
	}
	for (uint32_t t = PK_TEXT_FD_NAME; t < PK_TEXT_CNT; t++)
		world->event[t] = SOME(paths);
	some_numbers(world, all_known);
	for (int end = 0; end < 2; end++) {
		world->has_addr[end] = upto(4);
		memcpy(world->addr[end], addrs[upto(4)], 16);
	}
	/* a port is there when its number is; either end's state is known */
	if (world->num_state[PK_NUM_LPORT] == PK_VALUE_UNKNOWN)
		world->num_state[PK_NUM_LPORT] = PK_VALUE_MISSING;
	if (world->num_state[PK_NUM_RPORT] == PK_VALUE_UNKNOWN)
		world->num_state[PK_NUM_RPORT] = PK_VALUE_MISSING;
}

static void add_condition(struct pk_buf *buf, int depth)
{
	static const char *const joints[] = { " and ", " or " };
	const char *joint = joints[upto(2)];
	size_t cnt = 2 + upto(2);

	if (!upto(4))
		pk_buf_add_str(buf, "not ");
	pk_buf_add_str(buf, "(");
	if (!depth || !upto(3))
		pk_buf_add_str(buf, atoms[upto(PK_ARRAY_SIZE(atoms))]);
	for (size_t i = 0; buf->data[buf->len_bytes - 1] == '(' && i < 1; i++)
		for (size_t c = 0; c < cnt; c++) {
			if (c)
				pk_buf_add_str(buf, joint);
			add_condition(buf, depth - 1);
		}
	pk_buf_add_str(buf, ")");
}

static void add_rule(struct pk_buf *buf, size_t number, const char *condition)
{
	char head[128];

	snprintf(head, sizeof(head),
		 "- rule: r%zu\n  desc: d\n  output: o\n  priority: INFO\n  condition: >\n    ",
		 number);
	pk_buf_add_str(buf, head);
	if (condition)
		pk_buf_add_str(buf, condition);
	else
		add_condition(buf, 2);
	pk_buf_add_str(buf, number < 2 ? "\n  tag: " : "\n");
	if (number < 2) {
		pk_buf_add_str(buf, tags[number]);
		pk_buf_add_str(buf, "\n");
	}
}

/* What was not known comes to be known. */
static void learn(struct world *world)
{
	struct world_text *all[] = { world->names, world->own, world->parent, world->event };
	const size_t cnts[] = { WORLD_ANCESTORS, PK_TEXT_PROC_CNT, PK_TEXT_PROC_CNT, PK_TEXT_CNT };

	for (size_t a = 0; a < PK_ARRAY_SIZE(all); a++) {
		for (size_t i = 0; i < cnts[a]; i++) {
			if (all[a][i].state == PK_VALUE_UNKNOWN)
				all[a][i].state = PK_VALUE_KNOWN;
		}
	}
	for (size_t i = 0; i < PK_NUM_CNT; i++) {
		if (world->num_state[i] == PK_VALUE_UNKNOWN)
			world->num_state[i] = PK_VALUE_KNOWN;
	}
}

/* What the kernel decides with some facts unknown is what the reference says once they are known;
 * with all facts known the kernel decides all that is not left to user space. */
static void against_reference(const struct planned *planned, struct world *world, bool all_known)
{
	const struct pk_plan *plan = planned->plan;
	const struct pk_gate *interest = plan->interest[world->kind];
	struct pk_judge judge;
	bool concerned;

	world_judge(plan, world, &judge);
	concerned = (world_rows(plan, world, &judge) >> world->kind & 1) ||
		    pk_gate_eval(interest, &judge) != PK_FALSE;
	learn(world);
	for (size_t i = 0; i < plan->rules->cnt; i++) {
		const struct pk_judged *judged = judged_of(planned, world->kind, (uint32_t)i);
		enum pk_truth got = judged ? pk_gate_eval(judged->gate, &judge) : PK_FALSE;
		bool left = !(plan->plan_rules[i].kernel_kinds >> world->kind & 1);
		enum pk_truth wanted;

		assert_int_equal(pk_bound_eval(planned->bound, plan->rules->items[i]->condition,
					       world_get, world, &wanted),
				 0);
		assert_true(got == PK_FALSE || concerned);
		if (got == PK_UNKNOWN && (!all_known || left))
			continue;
		if (got != wanted)
			fail_msg("%s on kind %u: kernel %d, reference %d",
				 plan->rules->items[i]->condition_text.data, world->kind, got,
				 wanted);
	}
}

static void test_circuits_agree_with_the_reference(void **state)
{
	for (int round = 0; round < 60; round++) {
		pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
		size_t cnt = round < 12 ? PK_ARRAY_SIZE(atoms) : 3;

		for (size_t i = 0; i < cnt; i++)
			add_rule(&text, i, round ? NULL : atoms[i]);
		pk_buf_add_char(&text, '\0');
		{
			planned_cleanup struct planned planned = plan_text(text.data);

			for (int i = 0; i < 400; i++) {
				struct world world;

				some_world(&world, i % 2);
				against_reference(&planned, &world, i % 2);
			}
		}
	}
}

/* ---- folding ---- */

static void test_kind_is_folded_away(void **state)
{
	planned_cleanup struct planned planned = plan_text(
		RULE("a", "evt.type in (open, openat) and evt.dir = < and fd.num >= 0 and "
			  "proc.name = sh"));

	for (uint32_t kind = 1; kind < PK_KINDS; kind++) {
		const struct pk_judged *judged = judged_of(&planned, kind, 0);

		assert_int_equal(judged != NULL, kind == PK_EVENT_OPEN);
		if (judged)
			assert_int_equal(judged->gate->kind, PK_GATE_LIT);
	}
	assert_int_equal(planned.plan->plan_rules[0].kinds, PK_FIELD_KIND(PK_EVENT_OPEN));
	assert_int_equal(pk_plan_kinds(planned.plan), PK_FIELD_KIND(PK_EVENT_OPEN));
	assert_true(planned.plan->plan_rules[0].can_deny);
}

static void test_missing_fields_make_comparisons_false(void **state)
{
	planned_cleanup struct planned planned =
		plan_text(RULE("a", "fd.sport != 80") RULE("b", "not fd.sport exists"));

	assert_null(judged_of(&planned, PK_EVENT_OPEN, 0));
	assert_non_null(judged_of(&planned, PK_EVENT_CONNECT, 0));
	assert_int_equal(judged_of(&planned, PK_EVENT_OPEN, 1)->gate->kind, PK_GATE_TRUE);
}

static void test_unknown_is_noted(void **state)
{
	planned_cleanup struct planned planned =
		plan_text(RULE("a", "evt.type = open and proc.name = sh and user.name = root"));
	const struct pk_plan_rule *rule = &planned.plan->plan_rules[0];

	assert_int_equal(rule->kernel_kinds, 0);
	assert_false(rule->can_deny);
	assert_non_null(rule->notes);
	assert_string_equal(rule->notes->check->left->field, "user.name");
	assert_non_null(rule->notes->text);
	assert_null(rule->notes->next);
}

static void test_never_true_is_warned_of(void **state)
{
	planned_cleanup struct planned planned = plan_text(RULE("a", "container.healthcheck = x"));

	assert_true(planned.plan->plan_rules[0].never);
	assert_planned_said(&planned, "warning: rule 'a' is never true");
}

/* ---- tables ---- */

static void test_prefixes_nest(void **state)
{
	planned_cleanup struct planned planned = plan_text(
		RULE("a", "evt.type = open and fd.name startswith /etc/s")
			RULE("b", "evt.type = open and fd.name startswith /etc")
				RULE("c", "evt.type = open and fd.name startswith /f"));
	const struct pk_lit *b = judged_of(&planned, PK_EVENT_OPEN, 1)->gate->lit;

	assert_int_equal(planned.plan->prefix_cnt, 3);
	assert_int_equal(b->range_cnt, 1);
	assert_int_equal(b->ranges[0].lo, 1);
	assert_int_equal(b->ranges[0].hi, 2);
	assert_int_equal(planned.plan->table.kinds[PK_EVENT_OPEN].prefix, 1u << PK_TEXT_FD_NAME);
	assert_int_equal(planned.plan->table.kinds[PK_EVENT_OPEN].exact, 0);
}

static void test_interest_of_required_names_stands_in_rows(void **state)
{
	planned_cleanup struct planned planned = plan_text(
		RULE("a", "evt.type = open and proc.name = sh and fd.name = /x")
			RULE("b", "evt.type = connect and proc.pname = bash"));
	const struct pk_plan *plan = planned.plan;

	assert_int_equal(plan->interest[PK_EVENT_OPEN]->kind, PK_GATE_LIT);
	assert_int_equal(plan->interest[PK_EVENT_OPEN]->lit->slot, PK_SLOT_NAME);
	assert_int_equal(plan->interest[PK_EVENT_OPEN]->lit->range_cnt, 0);
	assert_int_equal(plan->interest[PK_EVENT_CONNECT]->kind, PK_GATE_LIT);
	assert_int_equal(plan->interest[PK_EVENT_CONNECT]->lit->slot, PK_SLOT_NAME + 1);
	assert_int_equal(plan->table.always, 0);
	assert_int_equal(plan->table.ancestry, 1ull << PK_EVENT_CONNECT);
	for (size_t i = 0; i < plan->exact_cnt; i++) {
		bool is_sh = plan->exact[i].text == PK_TEXT_NAME && plan->exact[i].len == 2;

		assert_int_equal(plan->exact[i].value.kinds, is_sh ? 1u << PK_EVENT_OPEN : 0);
	}
}

static void test_interest_of_all(void **state)
{
	planned_cleanup struct planned planned =
		plan_text(RULE("a", "evt.type = open and fd.name = /x"));

	assert_int_equal(planned.plan->table.always, 1ull << PK_EVENT_OPEN);
}

static void test_longer_prefixes_concern_whom_shorter_ones_do(void **state)
{
	planned_cleanup struct planned planned = plan_text(
		RULE("a", "evt.type = open and proc.exepath startswith /usr and fd.name = /x")
			RULE("b", "evt.type = bind and proc.exepath startswith /usr/bin"));
	const struct pk_plan *plan = planned.plan;

	assert_int_equal(plan->prefix_cnt, 2);
	assert_int_equal(plan->prefix[0].value.kinds, 1u << PK_EVENT_OPEN);
	assert_int_equal(plan->prefix[1].value.kinds, 1u << PK_EVENT_OPEN | 1u << PK_EVENT_BIND);
}

static void test_keys_are_what_few_share(void **state)
{
	planned_cleanup struct planned planned = plan_text(
		RULE("a", "evt.type = open and proc.name = sh and fd.name = /a")
			RULE("b", "evt.type = open and proc.name = sh and fd.name = /b")
				RULE("c", "evt.type = open and proc.name != sh"));

	assert_int_equal(judged_of(&planned, PK_EVENT_OPEN, 0)->key->slot, PK_SLOT_EXACT);
	assert_int_equal(judged_of(&planned, PK_EVENT_OPEN, 1)->key->slot, PK_SLOT_EXACT);
	assert_null(judged_of(&planned, PK_EVENT_OPEN, 2)->key);
}

static void test_files_of_denying_rules_are_known_by_id(void **state)
{
	planned_cleanup struct planned planned = plan_text(
		RULE("a", "evt.type = open and fd.name in (/etc/shadow, x)")
			DENY RULE("b", "evt.type = open and fd.name = /etc/passwd"));
	const struct pk_plan *plan = planned.plan;

	assert_int_equal(plan->ident_cnt, 1);
	assert_string_equal(plan->idents[0].path, "/etc/shadow");
	assert_int_equal(judged_of(&planned, PK_EVENT_OPEN, 0)->key->slot2, PK_SLOT_ID);
	assert_int_equal(judged_of(&planned, PK_EVENT_OPEN, 1)->key->slot2, PK_SLOT_CNT);
	assert_true(plan->table.kinds[PK_EVENT_OPEN].flags & PK_NEED_IDENT);
	assert_true(plan->table.kinds[PK_EVENT_OPEN].flags & PK_NEED_STOP);
}

/* Of what is executed, and not of who does something else. */
static void test_programs_of_denying_rules_are_known_by_id(void **state)
{
	planned_cleanup struct planned planned = plan_text(
		RULE("a", "evt.type = execve and proc.exepath in (/bin/a, /bin/b)")
			DENY RULE("b", "evt.type = open and fd.name = /x and proc.exepath = /bin/c")
				DENY RULE("c", "evt.type = execve and proc.exepath = /bin/d")
					RULE("d", "evt.type = execve and proc.exepath != /bin/e")
						DENY);
	const struct pk_plan *plan = planned.plan;

	assert_int_equal(plan->ident_cnt, 3);
	assert_string_equal(plan->idents[0].path, "/bin/a");
	assert_int_equal(plan->idents[0].text, PK_TEXT_EXEPATH);
	assert_string_equal(plan->idents[1].path, "/bin/b");
	assert_string_equal(plan->idents[2].path, "/x");
	assert_int_equal(plan->idents[2].text, PK_TEXT_FD_NAME);
	assert_int_equal(judged_of(&planned, PK_EVENT_EXEC, 0)->key->slot2, PK_SLOT_ID);
	assert_true(plan->table.kinds[PK_EVENT_EXEC].flags & PK_NEED_IDENT);
}

static void test_needs_of_pre_are_of_rules_that_stop(void **state)
{
	planned_cleanup struct planned planned = plan_text(
		RULE("a", "evt.type = execve and proc.exepath = /x")
			DENY RULE("b", "evt.type = execve and proc.name = sh"));
	const struct pk_plan_table *table = &planned.plan->table;

	assert_int_equal(table->pre[PK_EVENT_EXEC].exact, 1u << PK_TEXT_EXEPATH);
	assert_int_equal(table->pre[PK_EVENT_EXEC].flags,
			 PK_NEED_JUDGE | PK_NEED_STOP | PK_NEED_IDENT);
	assert_int_equal(table->process.exact, 1u << PK_TEXT_EXEPATH | 1u << PK_TEXT_NAME);
	assert_int_equal(table->pre[PK_EVENT_OPEN].flags, 0);
}

static void test_needs_tell_of_patterns_of_processes(void **state)
{
	planned_cleanup struct planned planned = plan_text(
		RULE("a", "evt.type = open and fd.name contains x and proc.name = sh")
			RULE("b", "evt.type = connect and proc.cmdline contains x")
				RULE("c", "evt.type = listen and proc.aname = sh"));
	const struct pk_plan_table *table = &planned.plan->table;

	assert_false(table->kinds[PK_EVENT_OPEN].flags & PK_NEED_PROC_BITS);
	assert_true(table->kinds[PK_EVENT_CONNECT].flags & PK_NEED_PROC_BITS);
	assert_true(table->kinds[PK_EVENT_LISTEN].flags & PK_NEED_PROC_BITS);
}

#define FD_NAME (1u << PK_TEXT_FD_NAME)

static void test_opens_that_read_ask_for_less(void **state)
{
	planned_cleanup struct planned planned = plan_text(
		RULE("a", "evt.type = open and evt.is_open_write = true and "
			  "(fd.name contains x or fd.filename = y)")
			RULE("b", "evt.type = open and not evt.is_open_write = true and "
				  "fd.name startswith /etc"));
	planned_cleanup struct planned more = plan_text(
		RULE("a", "evt.type = open and (evt.is_open_write = true or proc.name = sh) and "
			  "fd.name contains x")
			RULE("b", "evt.type = open and evt.is_open_create = true and "
				  "fd.name contains z")
				RULE("c", "evt.type = unlink and fd.name contains v"));
	const struct pk_plan_table *table = &planned.plan->table;

	assert_int_equal(table->kinds[PK_EVENT_OPEN].dfa, FD_NAME);
	assert_int_equal(table->kinds[PK_EVENT_OPEN].exact, 1u << PK_TEXT_FD_FILE);
	assert_int_equal(table->reads.prefix, FD_NAME);
	assert_int_equal(table->reads.exact, 0);
	assert_int_equal(table->reads.dfa, 0);
	assert_int_equal(table->reads.dfas, 0);
	/* some process may be called so */
	table = &more.plan->table;
	assert_int_equal(table->reads.dfa, FD_NAME);
	assert_int_equal(table->reads.dfas, 1);
	assert_int_equal(table->kinds[PK_EVENT_UNLINK].dfas, 1);
	assert_int_equal(table->kinds[PK_EVENT_CONNECT].dfas, 0);
}

static void test_tags_get_bits(void **state)
{
	planned_cleanup struct planned planned = plan_text(
		TAGGED("a", "evt.type = open", "seen 10s on tree")
			RULE("b", "evt.type = connect and proc.tag = seen")
				RULE("c", "evt.type = connect and proc.tag = other"));
	const struct pk_plan *plan = planned.plan;

	assert_int_equal(plan->tag_cnt, 1);
	assert_int_equal(plan->entries[0].tag, 1);
	assert_int_equal(plan->entries[0].tag_scope, PK_RULES_TAG_TREE);
	assert_int_equal(plan->entries[0].tag_ttl_ns, 10000000000ull);
	assert_int_equal(plan->table.tag_kinds, 1ull << PK_EVENT_CONNECT);
	assert_planned_said(&planned, "warning: no rule sets the tag 'other'");
	assert_true(plan->plan_rules[2].never);
}

/* ---- refusals ---- */

static void refused(const char *text, enum pk_backend backend, const char *said)
{
	planned_cleanup struct planned planned =
		plan_with(text, (struct pk_plan_options){ .backend = backend, .generation = 1 });

	assert_int_equal(planned.err, -EBADMSG);
	assert_null(planned.plan);
	assert_planned_said(&planned, said);
}

static void test_what_cannot_be_honoured_is_refused(void **state)
{
	refused(RULE("a", "evt.type = open and user.name = root") DENY, PK_BACKEND_LSM,
		"f0:5:44: error: rule 'a' cannot deny: what it does must be decided in the kernel");
	refused(RULE("a", "evt.type = open and user.name = root") KILL, PK_BACKEND_LSM,
		"rule 'a' cannot kill");
	refused(RULE("a", "evt.type = clone and proc.name = sh") DENY, PK_BACKEND_LSM,
		"there is no hook that can deny fork");
	refused(RULE("a", "evt.type = open and fd.name = /x") DENY, PK_BACKEND_TRACEPOINT,
		"open cannot be denied");
	refused(RULE("a", "evt.type = open") DENY, PK_BACKEND_LSM, "would deny every open");
	refused(RULE("a", "not fd.num exists") KILL, PK_BACKEND_LSM, "would kill every exec");
	refused(RULE("a", "evt.type = open and user.name = root") DENY "  on_unknown: act\n",
		PK_BACKEND_LSM,
		"would deny every open of every process, since the kernel cannot decide it");
	refused(RULE("a", "evt.type = execve and (user.name = root or proc.name = sh)") KILL
		"  on_unknown: act\n",
		PK_BACKEND_LSM, "would kill every exec");
	refused(RULE("a", "evt.type in (clone, procexit) and proc.name = sh") KILL, PK_BACKEND_LSM,
		"rule 'a' cannot kill: forks and exits have happened");
}

/* Accepted, but not what it may be taken for. */
static void test_what_stops_less_than_it_says_is_told(void **state)
{
	planned_cleanup struct planned socket =
		plan_with(RULE("a", "evt.type = connect and fd.name contains 10.0.0.1") DENY,
			  (struct pk_plan_options){ .backend = PK_BACKEND_LSM, .generation = 1 });
	planned_cleanup struct planned killer =
		plan_with(RULE("a", "proc.name = sh") KILL,
			  (struct pk_plan_options){ .backend = PK_BACKEND_LSM, .generation = 1 });

	assert_int_equal(socket.err, 0);
	assert_planned_said(&socket, "warning: rule 'a' can deny only Unix sockets by fd.name");
	assert_int_equal(killer.err, 0);
	assert_non_null(killer.plan->plan_rules[0].notes);
	assert_string_equal(killer.plan->plan_rules[0].notes->text,
			    "of forks and exits it only alerts: they have happened");
}

/* The kernel knows it of an open, user space does not: only together with what user space has to finish that is said. */
static void test_working_directory_in_user_space(void **state)
{
	planned_cleanup struct planned both =
		plan_text(RULE("a", "evt.type = open and proc.cwd = /x/ and user.name = root"));
	planned_cleanup struct planned kernel =
		plan_text(RULE("a", "evt.type = open and proc.cwd = /x/ and user.uid = 0"));
	planned_cleanup struct planned exec =
		plan_text(RULE("a", "evt.type = execve and proc.cwd = /x/ and user.name = root"));

	assert_int_equal(both.err, 0);
	assert_planned_said(&both, "f0:5:43: warning: of open the kernel alone knows proc.cwd");
	assert_string_equal(kernel.said.data, "");
	assert_string_equal(exec.said.data, "");
}

static void test_what_can_be_honoured_is_taken(void **state)
{
	const char *text = RULE("a", "evt.type = connect and fd.sport = 25") DENY;
	struct pk_plan_options options = { .backend = PK_BACKEND_TRACEPOINT };

	for (int i = 0; i < 4; i++) {
		planned_cleanup struct planned planned = plan_with(text, options);

		if (planned.err)
			fail_msg("%d %s", i, planned.said.data);
		assert_int_equal(planned.plan->entries[0].action,
				 i == 1 ? PK_RULES_ACTION_KILL : PK_RULES_ACTION_DENY);
		if (i == 0) {
			text = RULE("a", "evt.type = open and fd.name = /x") DENY;
			options.degrade_deny_to_kill = true;
		} else if (i == 1) {
			text = RULE("a", "evt.type = open") DENY;
			options = (struct pk_plan_options){ .backend = PK_BACKEND_LSM,
							    .i_know = true };
		} else if (i == 2) {
			text = RULE("a", "evt.type = open and fd.name = /x and user.name = root")
				DENY "  on_unknown: act\n";
			options.i_know = false;
		}
	}
}

static void test_disabled_rules_are_left_out(void **state)
{
	planned_cleanup struct planned planned =
		plan_text(RULE("a", "evt.type = open") "  enabled: false\n");

	assert_null(judged_of(&planned, PK_EVENT_OPEN, 0));
	assert_false(planned.plan->plan_rules[0].never);
}

/* ---- limits ---- */

static void test_long_texts_are_left_to_user_space(void **state)
{
	char text[1024];

	for (size_t len = PK_EXACT_BYTES_MAX; len <= PK_EXACT_BYTES_MAX + 1; len++) {
		snprintf(text, sizeof(text),
			 RULE("a", "evt.type = open and fd.name = /%0*d")
				 RULE("b", "evt.type = open and fd.name startswith /%0*d"),
			 (int)len - 1, 1, (int)len - 1, 1);
		{
			planned_cleanup struct planned planned = plan_text(text);
			uint64_t kernel = len > PK_EXACT_BYTES_MAX ? 0 :
								     PK_FIELD_KIND(PK_EVENT_OPEN);

			assert_int_equal(planned.plan->plan_rules[0].kernel_kinds, kernel);
			assert_int_equal(planned.plan->plan_rules[1].kernel_kinds, kernel);
		}
	}
}

static void test_more_patterns_than_words(void **state)
{
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
	const size_t cnt = 64 * PK_WORDS_PROC + 40;
	size_t decided = 0;

	for (size_t i = 0; i < cnt; i++) {
		char condition[64];

		snprintf(condition, sizeof(condition),
			 "evt.type = open and proc.name endswith x%zu", i);
		add_rule(&text, i + 2, condition);
	}
	pk_buf_add_char(&text, '\0');
	{
		planned_cleanup struct planned planned = plan_text(text.data);

		for (size_t i = 0; i < cnt; i++)
			decided += planned.plan->plan_rules[i].kernel_kinds != 0;
		assert_in_range(decided, 256, 64 * PK_WORDS_PROC);
		assert_in_range(planned.plan->table.proc_words, 4, PK_WORDS_PROC);
		assert_non_null(planned.plan->plan_rules[cnt - 1].notes->text);
	}
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void test_ten_thousand_rules(void **state)
{
	const struct pk_plan_options options = { .backend = PK_BACKEND_LSM };
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
	struct pk_plan *plan;
	double began;

	for (size_t i = 0; i < 10000; i++) {
		char condition[128];

		snprintf(condition, sizeof(condition),
			 "evt.type in (open, openat) and proc.name = tool%zu and fd.name startswith "
			 "/srv/%zu",
			 i, i % 50);
		add_rule(&text, i + 2, condition);
	}
	pk_buf_add_char(&text, '\0');
	{
		planned_cleanup struct planned planned = plan_text(text.data);

		began = seconds();
		assert_int_equal(pk_plan_new(planned.loaded.rules, planned.bound, &options, &plan),
				 0);
		print_message("10,000 rules planned in %.3f s\n", seconds() - began);
		assert_true(seconds() - began < 5);
		assert_int_equal(plan->circuits[PK_EVENT_OPEN].cnt, 10000);
		assert_int_equal(plan->interest[PK_EVENT_OPEN]->kind, PK_GATE_LIT);
		for (size_t i = 0; i < 10000; i++)
			assert_int_equal(plan->circuits[PK_EVENT_OPEN].judged[i].key->slot,
					 PK_SLOT_NAME);
		pk_plan_free(plan);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_circuits_agree_with_the_reference),
		cmocka_unit_test(test_kind_is_folded_away),
		cmocka_unit_test(test_missing_fields_make_comparisons_false),
		cmocka_unit_test(test_unknown_is_noted),
		cmocka_unit_test(test_never_true_is_warned_of),
		cmocka_unit_test(test_prefixes_nest),
		cmocka_unit_test(test_interest_of_required_names_stands_in_rows),
		cmocka_unit_test(test_interest_of_all),
		cmocka_unit_test(test_longer_prefixes_concern_whom_shorter_ones_do),
		cmocka_unit_test(test_keys_are_what_few_share),
		cmocka_unit_test(test_files_of_denying_rules_are_known_by_id),
		cmocka_unit_test(test_programs_of_denying_rules_are_known_by_id),
		cmocka_unit_test(test_needs_of_pre_are_of_rules_that_stop),
		cmocka_unit_test(test_needs_tell_of_patterns_of_processes),
		cmocka_unit_test(test_opens_that_read_ask_for_less),
		cmocka_unit_test(test_tags_get_bits),
		cmocka_unit_test(test_what_cannot_be_honoured_is_refused),
		cmocka_unit_test(test_what_stops_less_than_it_says_is_told),
		cmocka_unit_test(test_working_directory_in_user_space),
		cmocka_unit_test(test_what_can_be_honoured_is_taken),
		cmocka_unit_test(test_disabled_rules_are_left_out),
		cmocka_unit_test(test_long_texts_are_left_to_user_space),
		cmocka_unit_test(test_more_patterns_than_words),
		cmocka_unit_test(test_ten_thousand_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
