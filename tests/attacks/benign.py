# SPDX-License-Identifier: Apache-2.0
"""What people do with containers all day: none of it may raise an alert.

jobs() are those of the catalogue's benign.json that have to do with containers, and ours.
"""
import dataclasses
import json
import os

TINY = "/usr/local/share/picket-vm/rootfs"
IMAGE = "picket.test/tiny:1"
QUICK = {"runc", "crun", "volume", "health"}
SPEC = """
import json, sys
spec = json.load(open("config.json"))
spec["process"].update(terminal=False, args=["sleep", "100"])
spec["root"] = {"path": sys.argv[1], "readonly": True}
json.dump(spec, open("config.json", "w"))
"""


@dataclasses.dataclass(frozen=True)
class Job:
    id: str
    title: str
    command: str
    setup: str = ""
    clean: str = ""


def lifecycle(runtime):
    return Job(runtime, f"{runtime}: create, start, state, exec, kill, delete", f"""set -e
mkdir -p /run/life && cd /run/life && rm -f config.json && {runtime} spec
python3 -c '{SPEC}' {TINY}
{runtime} create life </dev/null >/dev/null 2>&1
{runtime} start life
{runtime} state life >/dev/null
{runtime} exec life true
{runtime} kill life KILL
sleep 1
{runtime} delete --force life""")


def ours(quick):
    checks = 5 if quick else 20
    podman = "podman --cgroup-manager cgroupfs"
    image = f"podman image exists {IMAGE} || tar -C {TINY} -c . | podman import -q - {IMAGE} >/dev/null"
    return [
        lifecycle("runc"),
        lifecycle("crun"),
        Job("volume", "podman run with volumes, one read-only",
            f"{podman} run --rm --network none -v /srv:/data:ro -v /var/tmp:/out "
            f"{IMAGE} sh -c 'echo a >/out/a; cat /out/a'",
            image, "rm -f /var/tmp/a"),
        Job("userns", "podman run in a user namespace",
            f"{podman} run --rm --network none --uidmap 0:100000:65536 --gidmap 0:100000:65536 {IMAGE} id", image),
        Job("root", "podman run of a Debian root", f"{podman} run --rm --network none --rootfs /ctr/rootfs:O dpkg -l"),
        Job("health", f"podman exec of a health check, {checks} times",
            f"""set -e
{podman} run -d --network none --log-driver none --name served {IMAGE} sleep 1000 >/dev/null
i=0
while [ $i -lt {checks} ]; do {podman} exec served sh -c 'test -d /proc/1'; i=$((i + 1)); sleep 0.3; done
{podman} stop -t 0 served >/dev/null""", image, f"{podman} rm -f served >/dev/null"),
        Job("containerd", "containerd: import and run", f"""set -e
podman save -q --format oci-archive -o /run/tiny.tar {IMAGE} >/dev/null
/usr/bin/ctr image import --snapshotter native --index-name {IMAGE} /run/tiny.tar >/dev/null 2>&1 ||
	/usr/bin/ctr image import --snapshotter native /run/tiny.tar >/dev/null
/usr/bin/ctr run --rm --snapshotter native {IMAGE} benign-ctr sh -c 'ls / >/dev/null' </dev/null""",
            f"{image}; (setsid containerd >/dev/null 2>&1 &); sleep 8", "kill $(pidof containerd)"),
        Job("package", "a package installed while a container is built", """ctr -- sh -ec '
mkdir -p /tmp/p/DEBIAN /tmp/p/opt
printf "Package: benign\\nVersion: 1\\nArchitecture: all\\nMaintainer: x\\nDescription: x\\n" >/tmp/p/DEBIAN/control
printf "#!/bin/sh\\nchmod 4755 /opt/tool\\n" >/tmp/p/DEBIAN/postinst
chmod 755 /tmp/p/DEBIAN/postinst
cp /bin/true /tmp/p/opt/tool
dpkg-deb -b /tmp/p /tmp/p.deb >/dev/null
dpkg -i /tmp/p.deb >/dev/null
/opt/tool'"""),
    ]


def of_catalogue(path):
    """Those that have to do with containers; none without a file."""
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        rows = json.load(file)
    found = [Job(row["id"], row["name"], row["cmd"], row["setup"], row["clean"]) for row in rows
             if "podman" in row["cmd"] or "ctr " in row["cmd"]]
    if not found:
        raise ValueError(f"{path}: no job with containers")
    return found


def jobs(share, quick):
    found = of_catalogue(f"{share}/benign.json") + ours(quick)
    return [job for job in found if job.id in QUICK] if quick else found
