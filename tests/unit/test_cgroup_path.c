// SPDX-License-Identifier: Apache-2.0
/*
 * Paths of cgroups as runtimes make them, and those of nobody.
 */
#include "meta/cgroup_path.h"

#include "test.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define UID "2a8f6c1e-5b7d-4c3a-9e1f-0a1b2c3d4e5f"
#define UID_ "2a8f6c1e_5b7d_4c3a_9e1f_0a1b2c3d4e5f"
#define STATIC_UID "0a1b2c3d4e5f60718293a4b5c6d7e8f9"

static const struct {
	const char *path;
	uint32_t runtime;
	const char *id, *outer_id, *pod_uid, *candidate;
	bool is_monitor;
} rows[] = {
	/* docker */
	{ "/docker/" A, PK_RUNTIME_DOCKER, A, "", "", "", false },
	{ "/system.slice/docker-" A ".scope", PK_RUNTIME_DOCKER, A, "", "", "", false },
	{ "/user.slice/user-1000.slice/user@1000.service/user.slice/docker-" A ".scope",
	  PK_RUNTIME_DOCKER, A, "", "", "", false },
	{ "/docker/" A "/init.scope", PK_RUNTIME_DOCKER, A, "", "", "", false },
	{ "/docker/" A "/system.slice/cron.service", PK_RUNTIME_DOCKER, A, "", "", "", false },
	/* containerd */
	{ "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" UID_
	  ".slice/cri-containerd-" B ".scope",
	  PK_RUNTIME_CONTAINERD, B, "", UID, "", false },
	{ "/kubepods.slice/kubepods-pod" UID_ ".slice/cri-containerd-" B ".scope",
	  PK_RUNTIME_CONTAINERD, B, "", UID, "", false },
	{ "/kubepods/besteffort/pod" UID "/" B, PK_RUNTIME_UNKNOWN, B, "", UID, "", false },
	{ "/kubepods/pod" STATIC_UID "/" B, PK_RUNTIME_UNKNOWN, B, "", STATIC_UID, "", false },
	{ "/system.slice/containerd.service/kubepods-burstable-pod" UID_ ".slice:cri-containerd:" B,
	  PK_RUNTIME_CONTAINERD, B, "", UID, "", false },
	{ "/system.slice/nerdctl-" B ".scope", PK_RUNTIME_CONTAINERD, B, "", "", "", false },
	{ "/default/web", PK_RUNTIME_UNKNOWN, "", "", "", "web", false },
	/* cri-o */
	{ "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" UID_ ".slice/crio-" B
	  ".scope",
	  PK_RUNTIME_CRIO, B, "", UID, "", false },
	{ "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" UID_ ".slice/crio-" B
	  ".scope/container",
	  PK_RUNTIME_CRIO, B, "", UID, "", false },
	{ "/kubepods/burstable/pod" UID "/crio-" B, PK_RUNTIME_CRIO, B, "", UID, "", false },
	{ "/kubepods.slice/kubepods-pod" UID_ ".slice/crio-conmon-" B ".scope", PK_RUNTIME_UNKNOWN,
	  "", "", UID, "", true },
	{ "/system.slice/crio-conmon-" B ".scope", PK_RUNTIME_UNKNOWN, "", "", "", "", true },
	/* podman */
	{ "/machine.slice/libpod-" B ".scope", PK_RUNTIME_PODMAN, B, "", "", "", false },
	{ "/machine.slice/libpod-" B ".scope/container", PK_RUNTIME_PODMAN, B, "", "", "", false },
	{ "/machine.slice/libpod-" B ".scope/libpod-payload-" B, PK_RUNTIME_PODMAN, B, B, "", "",
	  false },
	{ "/libpod_parent/libpod-" B, PK_RUNTIME_PODMAN, B, "", "", "", false },
	{ "/machine.slice/machine-libpod_pod_" A ".slice/libpod-" B ".scope", PK_RUNTIME_PODMAN, B,
	  "", "", "", false },
	{ "/machine.slice/libpod-conmon-" B ".scope", PK_RUNTIME_UNKNOWN, "", "", "", "", true },
	{ "/libpod_parent/libpod-conmon-" B, PK_RUNTIME_UNKNOWN, "", "", "", "", true },
	/* whole systems */
	{ "/lxc/web1", PK_RUNTIME_LXC, "web1", "", "", "", false },
	{ "/lxc.payload.web1/system.slice/ssh.service", PK_RUNTIME_LXC, "web1", "", "", "", false },
	{ "/lxc.monitor.web1", PK_RUNTIME_UNKNOWN, "", "", "", "", true },
	{ "/machine.slice/systemd-nspawn@deb.service/payload/init.scope", PK_RUNTIME_NSPAWN, "deb",
	  "", "", "", false },
	{ "/machine.slice/systemd-nspawn@deb.service/supervisor", PK_RUNTIME_UNKNOWN, "", "", "",
	  "supervisor", false },
	/* nested */
	{ "/docker/" A "/docker/" B, PK_RUNTIME_DOCKER, B, A, "", "", false },
	{ "/docker/" A "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice/"
	  "kubelet-kubepods-besteffort-pod" UID_ ".slice/cri-containerd-" B ".scope",
	  PK_RUNTIME_CONTAINERD, B, A, UID, "", false },
	{ "/docker/" A "/kubelet/kubepods/besteffort/pod" UID "/" B, PK_RUNTIME_UNKNOWN, B, A, UID,
	  "", false },
	{ "/system.slice/docker-" A ".scope/libpod_parent/libpod-conmon-" B, PK_RUNTIME_DOCKER, A,
	  "", "", "", true },
	/* by itself */
	{ "/box", PK_RUNTIME_UNKNOWN, "", "", "", "box", false },
	{ "/user.slice/box", PK_RUNTIME_UNKNOWN, "", "", "", "box", false },
	{ "/system.slice/runc-box.scope", PK_RUNTIME_UNKNOWN, "", "", "", "box", false },
	{ "/system.slice/crun-box.scope/container", PK_RUNTIME_UNKNOWN, "", "", "", "container",
	  false },
	/* the host's */
	{ "/", PK_RUNTIME_UNKNOWN, "", "", "", "", false },
	{ "", PK_RUNTIME_UNKNOWN, "", "", "", "", false },
	{ "/init.scope", PK_RUNTIME_UNKNOWN, "", "", "", "", false },
	{ "/system.slice/docker.service", PK_RUNTIME_UNKNOWN, "", "", "", "", false },
	{ "/user.slice/user-0.slice/session-3.scope", PK_RUNTIME_UNKNOWN, "", "", "", "", false },
	/* nearly */
	{ "/docker/aaaa", PK_RUNTIME_UNKNOWN, "", "", "", "aaaa", false },
	{ "/system.slice/docker-zz" A ".scope", PK_RUNTIME_UNKNOWN, "", "", "", "docker-zz" A,
	  false },
	{ "/x/" B, PK_RUNTIME_UNKNOWN, "", "", "", B, false },
	{ "/kubepods/podx/" B, PK_RUNTIME_UNKNOWN, "", "", "", B, false },
	{ "/kubepods.slice/kubepods-pod" UID_ ".slice", PK_RUNTIME_UNKNOWN, "", "", UID, "",
	  false },
	{ "//a//b/", PK_RUNTIME_UNKNOWN, "", "", "", "b", false },
	{ "/a\nb", PK_RUNTIME_UNKNOWN, "", "", "", "", false },
};

static void is(const char *path, const char *what, struct pk_text text, const char *expected)
{
	if (text.len != strlen(expected) || (text.len && memcmp(text.data, expected, text.len)))
		fail_msg("%s: %s is '%.*s', not '%s'", path, what, (int)text.len,
			 text.len ? text.data : "", expected);
}

static void table(void **state)
{
	for (size_t i = 0; i < PK_ARRAY_SIZE(rows); i++) {
		struct pk_cgroup_path p;

		pk_cgroup_path_parse((struct pk_text){ rows[i].path, strlen(rows[i].path) }, &p);
		is(rows[i].path, "id", p.id, rows[i].id);
		is(rows[i].path, "outer id", p.outer_id, rows[i].outer_id);
		is(rows[i].path, "pod", (struct pk_text){ p.pod_uid, p.pod_uid_bytes },
		   rows[i].pod_uid);
		is(rows[i].path, "candidate", p.candidate, rows[i].candidate);
		if (p.runtime != rows[i].runtime || p.is_monitor != rows[i].is_monitor)
			fail_msg("%s: runtime %u, monitor %d", rows[i].path, p.runtime,
				 p.is_monitor);
	}
}

static void parent_of_a_candidate(void **state)
{
	struct pk_cgroup_path p;

	pk_cgroup_path_parse((struct pk_text){ "/x/default/web", 14 }, &p);
	assert_text(p.candidate_parent, "default");
}

static void limits(void **state)
{
	char path[PK_MAX_CONTAINER_ID_BYTES + 3];
	struct pk_cgroup_path p;

	memset(path, 'x', sizeof(path));
	path[0] = '/';
	pk_cgroup_path_parse((struct pk_text){ path, PK_MAX_CONTAINER_ID_BYTES + 1 }, &p);
	assert_int_equal(p.candidate.len, PK_MAX_CONTAINER_ID_BYTES);
	pk_cgroup_path_parse((struct pk_text){ path, PK_MAX_CONTAINER_ID_BYTES + 2 }, &p);
	assert_int_equal(p.candidate.len, 0);
	memset(path, 'a', sizeof(path));
	memcpy(path, "/pod", 4);
	pk_cgroup_path_parse((struct pk_text){ path, PK_MAX_POD_UID_BYTES + 4 }, &p);
	assert_int_equal(p.pod_uid_bytes, PK_MAX_POD_UID_BYTES);
	pk_cgroup_path_parse((struct pk_text){ path, PK_MAX_POD_UID_BYTES + 5 }, &p);
	assert_int_equal(p.pod_uid_bytes, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table),
		cmocka_unit_test(parent_of_a_candidate),
		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
