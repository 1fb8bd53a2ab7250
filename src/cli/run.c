// SPDX-License-Identifier: Apache-2.0
/*
 * picket run: the agent in the foreground, of the whole machine or of one command.
 *
 * One loop waits for records, signals, the command's end, changed mounts and the second's tick.
 * With rules, what is printed is alerts, and SIGHUP loads the rules again (run_rules.h).
 * However it ends, the sensors are detached, the rest is delivered, and the totals are told.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/commands.h"
#include "cli/health.h"
#include "cli/run_containers.h"
#include "cli/run_hook.h"
#include "cli/run_limits.h"
#include "cli/run_options.h"
#include "cli/run_rules.h"
#include "cli/run_sensors.h"
#include "kernel/probe.h"
#include "kernel/scope.h"
#include "kernel/sensors.h"
#include "meta/attribution.h"
#include "stream/live.h"

#define BATCH_MS 20     /* how long records may wait while they keep coming */
#define QUIET_BATCHES 3 /* empty looks before the reader sleeps until it is woken */

struct run {
	struct pk_run_options options;
	enum pk_backend backend;    /* the one in use */
	struct pk_sink *sink;       /* the stream's */
	struct pk_sink *event_sink; /* with rules: of events that are printed besides, or NULL */
	struct pk_run_rules *rules;
	struct pk_run_containers *containers; /* for the rules; NULL: unknown to them */
	struct pk_recording_writer *recording;
	struct pk_stream *stream;
	struct pk_sensors *sensors;
	struct pk_live *live;
	struct pk_attribution *attribution;
	struct pk_run_hook *hook;
	struct pk_scope *scope;
	struct pk_health *health;
	int cgroup_fd;
	int epoll_fd;
	int signal_fd;
	int timer_fd;
	int mounts_fd;
	int status; /* of the command */
	bool done;
};

static void run_fini(struct run *run)
{
	pk_run_hook_free(run->hook);
	pk_live_free(run->live);
	pk_attribution_free(run->attribution);
	pk_run_rules_stop(run->rules);
	pk_sensors_free(run->sensors);
	pk_stream_free(run->stream);
	pk_recording_writer_free(run->recording);
	pk_sink_free(run->sink);
	pk_sink_free(run->event_sink);
	pk_run_rules_free(run->rules);
	pk_run_containers_free(run->containers);
	pk_run_k8s_fini(&run->options.k8s);
	pk_health_free(run->health);
	pk_scope_free(run->scope);
	pk_close_p(&run->cgroup_fd);
	pk_close_p(&run->epoll_fd);
	pk_close_p(&run->signal_fd);
	pk_close_p(&run->timer_fd);
	pk_close_p(&run->mounts_fd);
}

/* Which backend there will be: rules are compiled for it. */
static enum pk_backend choose_backend(const struct run *run)
{
	if (run->options.backend != PK_BACKEND_NONE)
		return run->options.backend;
	return pk_probe_lsm() ? PK_BACKEND_TRACEPOINT : PK_BACKEND_LSM;
}

static int setup_rules(struct run *run)
{
	struct pk_run_rules_options rules = {
		.paths = run->options.rules_paths,
		.path_cnt = run->options.rules_cnt,
		.plan = {
			.backend = run->backend,
			.degrade_deny_to_kill = run->options.degrade_deny_to_kill,
			.i_know = run->options.i_know,
		},
		.output = run->options.output,
		.event_kinds = pk_run_options_kinds(&run->options),
		.pods_told = run->options.k8s.options.node != NULL,
		.enforce = &run->options.enforce,
	};
	int err;

	if (!run->options.rules_cnt)
		return PK_EXIT_OK;
	if (!run->options.no_containers) {
		err = pk_run_containers_new(&run->containers);
		if (err) {
			pk_error("rules: cannot keep what is known of containers: %s",
				 strerror(-err));
			return PK_EXIT_FAILED;
		}
		rules.containers = pk_run_containers_get_bank(run->containers);
	}
	return pk_run_rules_new(&rules, &run->rules) ? PK_EXIT_FAILED : PK_EXIT_OK;
}

/* What prints: events, or alerts with those events that were asked for. */
static int setup_sink(struct run *run)
{
	int err;

	if (!run->rules)
		return pk_output_options_sink(&run->options.output, &run->sink);
	err = pk_output_options_sink(&run->options.output, &run->event_sink);
	return err ? err : pk_run_rules_sink(run->rules, run->event_sink, &run->sink);
}

static int setup_stream(struct run *run)
{
	/* alerts may be of any kind; their sink knows which events to print */
	struct pk_stream_options stream = {
		.kinds = run->rules ? PK_KINDS_SENSOR | PK_KINDS_STREAM :
				      pk_run_options_kinds(&run->options),
	};
	int err;

	if (run->containers) {
		stream.on_container = pk_run_containers_tell;
		stream.on_container_arg = run->containers;
	}
	if (run->options.record_path) {
		err = pk_recording_writer_new(run->options.record_path, &run->recording);
		if (err) {
			pk_error("record: cannot write '%s': %s", run->options.record_path,
				 strerror(-err));
			return PK_EXIT_FAILED;
		}
	}
	err = setup_sink(run);
	if (!err) {
		stream.sink = run->sink;
		stream.recording = run->recording;
		err = pk_stream_new(&stream, &run->stream);
	}
	if (err) {
		pk_error("run: cannot set up the stream: %s", strerror(-err));
		return PK_EXIT_FAILED;
	}
	return PK_EXIT_OK;
}

static int setup_scope(struct run *run, const char *cgroup2_path)
{
	int err = pk_scope_new(cgroup2_path, &run->scope);

	if (err) {
		pk_error("run: cannot make a cgroup for '%s' below '%s': %s",
			 run->options.command[0], cgroup2_path, strerror(-err));
		return err == -EACCES || err == -EPERM ? PK_EXIT_REFUSED : PK_EXIT_FAILED;
	}
	err = pk_scope_spawn(run->scope, run->options.command);
	if (err) {
		pk_error("run: cannot start '%s' in cgroup '%s': %s", run->options.command[0],
			 pk_scope_get_path(run->scope), strerror(-err));
		return PK_EXIT_FAILED;
	}
	return PK_EXIT_OK;
}

/* What others are asked, and what others ask. Both have threads: after the command was forked. */
static int setup_network(struct run *run)
{
	struct pk_health_options health = { .listen = run->options.health_listen };
	int err;

	if (pk_run_k8s_start(&run->options.k8s))
		return PK_EXIT_FAILED;
	if (!run->options.health_listen)
		return PK_EXIT_OK;
	err = pk_health_new(&health, &run->health);
	if (err)
		pk_error("health: cannot listen at '%s': %s", run->options.health_listen,
			 strerror(-err));
	return err ? PK_EXIT_FAILED : PK_EXIT_OK;
}

/* The cgroup for the command, and the one for the tracepoint backend's network hooks. */
static int setup_cgroup(struct run *run)
{
	char path[PATH_MAX];
	int err = pk_probe_cgroup2_path(path, sizeof(path));

	if (err) {
		if (!run->options.command)
			return PK_EXIT_OK;
		pk_error("run: no cgroup v2 is mounted, which a command of its own needs: "
			 "mount -t cgroup2 none /sys/fs/cgroup");
		return PK_EXIT_REFUSED;
	}
	if (run->options.command)
		return setup_scope(run, path);
	run->cgroup_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return PK_EXIT_OK;
}

static int setup_live(struct run *run)
{
	const struct pk_resolver_options usual = { 0 };
	int err = run->options.no_containers ? 0 : pk_attribution_new(&usual, &run->attribution);

	if (err) {
		pk_error("containers: cannot be found out: %s; --no-containers does without",
			 strerror(-err));
		return PK_EXIT_FAILED;
	}
	pk_attribution_set_pods(run->attribution, run->options.k8s.pods);
	err = pk_live_new(run->sensors, run->stream, run->attribution, &run->live);
	if (err) {
		pk_error("sensors: cannot read the ring buffer: %s", strerror(-err));
		return PK_EXIT_FAILED;
	}
	return PK_EXIT_OK;
}

static int setup_sensors(struct run *run)
{
	struct pk_sensors_options wanted = {
		.backend = run->backend,
		.kinds = pk_run_options_kinds(&run->options) & PK_KINDS_SENSOR,
		.judging = run->rules != NULL,
		.judged = run->rules ? pk_run_rules_kinds(run->rules) : 0,
		.ring_bytes = run->options.ring_bytes,
		.cgroup_fd = run->cgroup_fd,
	};
	int status;

	if (run->scope) {
		wanted.scope_cgroup_id = pk_scope_get_cgroup_id(run->scope);
		wanted.cgroup_fd = pk_scope_get_cgroup_fd(run->scope);
	}
	status = pk_run_sensors_new(&wanted, &run->sensors);
	return status ? status : setup_live(run);
}

static int watch(struct run *run, int fd, __u32 events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	return epoll_ctl(run->epoll_fd, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

static int setup_loop(struct run *run)
{
	struct itimerspec second = { { 1, 0 }, { 1, 0 } };
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	run->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	run->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	run->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	run->mounts_fd = open("/proc/1/mountinfo", O_RDONLY | O_CLOEXEC);
	if (run->mounts_fd < 0)
		run->mounts_fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	if (run->epoll_fd < 0 || run->signal_fd < 0 || run->timer_fd < 0 ||
	    timerfd_settime(run->timer_fd, 0, &second, NULL))
		return -errno;
	if (run->mounts_fd >= 0 && watch(run, run->mounts_fd, EPOLLPRI))
		return -errno;
	return watch(run, run->signal_fd, EPOLLIN) ?: watch(run, run->timer_fd, EPOLLIN);
}

/*
 * SIGHUP that somebody sends loads the rules again; without rules, or from a terminal that hangs up, it
 * ends like the others. A terminal's Ctrl-C has reached the command already; what was sent to the
 * agent alone is passed on.
 */
static void on_signal(struct run *run)
{
	struct signalfd_siginfo info;

	while (read(run->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (run->rules && info.ssi_signo == SIGHUP && info.ssi_code != SI_KERNEL) {
			pk_run_rules_reload(run->rules);
			continue;
		}
		if (!run->scope) {
			run->done = true;
			continue;
		}
		if (info.ssi_code != SI_KERNEL)
			kill(pk_scope_get_pid(run->scope), (int)info.ssi_signo);
	}
}

static void note_health(struct run *run)
{
	char note[PK_MAX_HEALTH_NOTE_BYTES];

	if (!run->health)
		return;
	pk_run_k8s_text(&run->options.k8s, note, sizeof(note));
	pk_health_set_note(run->health, note);
}

static int on_ready(struct run *run, int fd)
{
	__u64 ticks;
	int err;

	if (fd == run->signal_fd) {
		on_signal(run);
		return 0;
	}
	if (fd == run->timer_fd) {
		if (read(fd, &ticks, sizeof(ticks)) < 0)
			return 0;
		pk_run_k8s_tick(&run->options.k8s);
		pk_run_hook_tick(run->hook);
		note_health(run);
		err = run->rules ? pk_run_rules_tick(run->rules, run->stream) : 0;
		return err ?: pk_live_tick(run->live);
	}
	if (run->rules && (fd == pk_run_rules_get_done_fd(run->rules) ||
			   fd == pk_run_rules_get_files_fd(run->rules))) {
		pk_run_rules_on_ready(run->rules, fd);
		return 0;
	}
	if (fd == pk_run_k8s_get_fd(&run->options.k8s)) {
		pk_run_k8s_on_ready(&run->options.k8s);
		return pk_live_pods(run->live);
	}
	if (fd == pk_run_hook_get_fd(run->hook)) {
		pk_run_hook_read(run->hook);
		return 0;
	}
	if (fd == run->mounts_fd)
		return pk_live_mounts(run->live);
	if (run->containers && fd == pk_run_containers_get_fd(run->containers))
		return pk_run_containers_read(run->containers);
	if (run->attribution && fd == pk_attribution_get_fd(run->attribution))
		return pk_live_containers(run->live);
	if (run->scope && fd == pk_scope_get_pidfd(run->scope)) {
		run->status = pk_scope_wait(run->scope);
		run->done = true;
	}
	return 0;
}

static void tell_recording(struct run *run)
{
	int err = pk_stream_take_recording_error(run->stream);

	if (err)
		pk_error("record: cannot go on writing '%s': %s; it holds the records up to here",
			 run->options.record_path, strerror(-err));
}

/* Wait for something; records that keep coming are looked at every BATCH_MS without being woken. */
static int wait_once(struct run *run, unsigned int *quiet)
{
	struct epoll_event events[8];
	bool idle = *quiet >= QUIET_BATCHES;
	int err = 0, cnt;

	if (idle) {
		pk_live_set_idle(run->live, true);
		cnt = pk_live_consume(run->live);
		if (cnt) {
			pk_live_set_idle(run->live, false);
			*quiet = 0;
			return cnt < 0 ? cnt : 0;
		}
	}
	cnt = epoll_wait(run->epoll_fd, events, 8, idle ? -1 : BATCH_MS);
	pk_live_set_idle(run->live, false);
	if (cnt < 0)
		return errno == EINTR ? 0 : -errno;
	for (int i = 0; i < cnt && !err; i++)
		err = on_ready(run, events[i].data.fd);
	return err;
}

static int loop(struct run *run)
{
	unsigned int quiet = 0;
	int err;

	while (!run->done) {
		pk_health_beat(run->health);
		err = pk_live_consume(run->live);
		if (err < 0)
			return err;
		quiet = err ? 0 : quiet + 1;
		tell_recording(run);
		err = wait_once(run, &quiet);
		if (err)
			return err;
	}
	return 0;
}

/* A reader that went away is no mistake of ours: end, quietly. */
static int output_failed(int err)
{
	if (err == -EPIPE)
		return PK_EXIT_OK;
	pk_error("output: cannot write: %s", strerror(-err));
	return PK_EXIT_FAILED;
}

/* Not before the rules are in force: who reads it relies on them. */
static void tell_begun(const struct run *run)
{
	if (run->scope)
		return;
	if (run->rules)
		pk_info("rules: %zu in force", pk_run_rules_cnt(run->rules));
	pk_info("watching: %s backend, %u programs; Ctrl-C ends", pk_backend_name(run->backend),
		pk_sensors_get_cnt(run->sensors));
}

/* What tells that there is something to read, of the parts that there are. */
static int watch_begun(struct run *run)
{
	const int fds[] = {
		pk_live_get_fd(run->live),
		run->containers ? pk_run_containers_get_fd(run->containers) : -1,
		run->attribution ? pk_attribution_get_fd(run->attribution) : -1,
		run->rules ? pk_run_rules_get_done_fd(run->rules) : -1,
		run->rules ? pk_run_rules_get_files_fd(run->rules) : -1,
		run->scope ? pk_scope_get_pidfd(run->scope) : -1,
		pk_run_k8s_get_fd(&run->options.k8s),
	};
	int err = 0;

	for (size_t i = 0; !err && i < PK_ARRAY_SIZE(fds); i++)
		if (fds[i] >= 0)
			err = watch(run, fds[i], EPOLLIN);
	return err;
}

static int begin(struct run *run)
{
	__u32 left_out = 0;
	int err;

	err = pk_live_begin(run->live, run->backend, run->scope ? pk_scope_get_pid(run->scope) : 0,
			    &left_out);
	if (err)
		return err;
	if (left_out)
		pk_warning(
			"mounts: %u entries past the limit of %u are left out: host paths of their "
			"files will be missing",
			left_out, PK_MAX_MOUNTS);
	if (run->containers)
		err = pk_run_containers_start(run->containers, run->sensors, run->live);
	return err ?: watch_begun(run);
}

/* Hooks of container runtimes. A run of one command is asked by none, unless it says where. */
static int setup_hook(struct run *run)
{
	const char *path = run->options.hook_socket;
	int err;

	if (!run->attribution || (run->scope && !path))
		return 0;
	err = pk_run_hook_new(path, run->attribution, run->live, &run->hook);
	return err || !run->hook ? err : watch(run, pk_run_hook_get_fd(run->hook), EPOLLIN);
}

/* The last events, what rules held back, the totals. */
static int end_stream(struct run *run, struct pk_stop_event *ret_stop)
{
	int err = pk_live_detach(run->live), end_err;

	if (!err && run->rules)
		err = pk_run_rules_end(run->rules, run->stream);
	end_err = pk_live_end(run->live, ret_stop);
	return err ?: end_err;
}

static int finish(struct run *run, int err)
{
	int status = err ? output_failed(err) : PK_EXIT_OK;
	struct pk_stop_event stop;
	int end_err = end_stream(run, &stop);

	if (!err && end_err)
		status = output_failed(end_err);
	tell_recording(run);
	pk_run_limits_tell(run->stream);
	if (!run->scope || stop.lost_cnt || stop.facts_lost_cnt)
		pk_info("%llu events, %llu delivered, %llu lost, %llu with a fact missing",
			stop.produced_cnt, stop.delivered_cnt, stop.lost_cnt, stop.facts_lost_cnt);
	if (run->recording && pk_recording_writer_get_dropped_cnt(run->recording))
		status = PK_EXIT_FAILED;
	return status;
}

/* Everything up to the loaded sensors. 0, or the status to end with. */
static int setup(struct run *run)
{
	int status, err;

	run->backend = choose_backend(run);
	status = setup_rules(run) ?: setup_stream(run);
	if (status)
		return status;
	err = setup_loop(run);
	if (err) {
		pk_error("run: cannot set up the event loop: %s", strerror(-err));
		return PK_EXIT_FAILED;
	}
	return setup_cgroup(run) ?: setup_network(run) ?: setup_sensors(run);
}

static int run_all(struct run *run)
{
	int status = setup(run), err;
	bool released;

	if (status)
		return status;
	/* records that were there before are in the tree by now: the kernel's facts come from /proc */
	err = begin(run);
	if (!err && run->rules &&
	    pk_run_rules_start(run->rules, run->sensors, pk_stream_get_tree(run->stream))) {
		pk_sensors_detach(run->sensors);
		return PK_EXIT_REFUSED;
	}
	if (!err && setup_hook(run)) {
		pk_sensors_detach(run->sensors);
		return PK_EXIT_FAILED;
	}
	if (!err)
		tell_begun(run);
	if (!err && run->scope) {
		err = pk_scope_release(run->scope);
		if (err) {
			pk_error("run: cannot run '%s': %s", run->options.command[0],
				 strerror(-err));
			return err == -ENOENT ? 127 : 126;
		}
	}
	released = run->scope && !err;
	if (!err) {
		pk_health_set_ready(run->health, true);
		err = loop(run);
		pk_health_set_ready(run->health, false);
	}
	pk_run_hook_free(pk_take_ptr(run->hook));
	/* it attaches and loads, which must have ended before anything is detached */
	pk_run_rules_stop(run->rules);
	status = finish(run, err);
	if (!released)
		return status;
	/* the output may have broken before the command ended: it is still to be waited for */
	err = pk_scope_wait(run->scope);
	return status ?: (err < 0 ? PK_EXIT_FAILED : err);
}

int pk_cmd_run(int argc, char **argv)
{
	struct run run = {
		.options = PK_RUN_OPTIONS_INIT,
		.cgroup_fd = -1,
		.epoll_fd = -1,
		.signal_fd = -1,
		.timer_fd = -1,
		.mounts_fd = -1,
	};
	char name[] = "picket run";
	int status;

	argv[0] = name;
	if (pk_run_options_parse(argc, argv, &run.options))
		return PK_EXIT_USAGE;
	status = run_all(&run);
	run_fini(&run);
	return status;
}
