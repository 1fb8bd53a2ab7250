#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a container for one command, of runc, crun or podman, and waits for its end.

As a program: box.py [OPTION]... -- COMMAND...; the options are those of rows.parse_options().

Its root is an overlay over LOWER, so whatever it does to files stays in a directory of its own; that, and what
else is made here, is gone afterwards. Runs inside the test machine, as root.
"""
import dataclasses
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

import rows

LOWER = "/ctr/rootfs"
BUNDLES = "/run/attacks"
HOOKS = "/run/attacks-hooks.d"  # of podman
TIMEOUT = 90  # seconds, of one command

USUAL = """CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE
SYS_CHROOT KILL AUDIT_WRITE""".split()
OTHERS = """DAC_READ_SEARCH LINUX_IMMUTABLE NET_BROADCAST NET_ADMIN IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO
SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG LEASE AUDIT_CONTROL
MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE""".split()
HIDDEN = ["/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/sched_debug", "/sys/firmware"]
READ_ONLY = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
ENVIRONMENT = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8"]


@dataclasses.dataclass(frozen=True)
class Result:
    """What became of a command."""
    id: str  # the container's, in full
    status: int  # 124: it did not end in time
    output: str


def mounts_of(options):
    quiet = ["nosuid", "noexec", "nodev"]
    read_only = [] if options.privileged else ["ro"]
    mounts = [
        {"destination": "/proc", "type": "proc", "source": "proc"},
        {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755"]},
        {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
         "options": ["newinstance", "ptmxmode=0666"]},
        {"destination": "/dev/shm", "type": "tmpfs", "source": "shm"},
        {"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": quiet + read_only},
    ]
    # sysfs can only be mounted by who owns the network namespace
    sysfs = ({"type": "none", "source": "/sys", "options": ["rbind"] + quiet + read_only} if options.host_net
             else {"type": "sysfs", "source": "sysfs", "options": quiet + read_only})
    mounts.insert(4, {"destination": "/sys", **sysfs})
    return mounts + [{"destination": place, "type": "bind", "source": source, "options": ["rbind", "rw"]}
                     for source, place in options.binds]


def loop_devices():
    """Of the host's devices, all of which a privileged container usually gets, those that cannot hurt."""
    numbers = [("loop-control", "c", 10, 237)] + [(f"loop{number}", "b", 7, number) for number in range(8)]
    return [{"path": f"/dev/{name}", "type": kind, "major": major, "minor": minor, "fileMode": 0o660}
            for name, kind, major, minor in numbers]


def config_of(options, words, hook=""):
    """The runtime's config.json; `hook`: a picket whose oci-hook is run."""
    caps = USUAL + OTHERS if options.privileged else USUAL
    caps = sorted({"CAP_" + cap for cap in caps} | set(options.caps))
    spaces = ["mount", "uts", "ipc"]
    spaces += [] if options.host_pid else ["pid"]
    spaces += [] if options.host_net else ["network"]
    hooks = {"createRuntime": [{"path": hook, "args": ["picket", "oci-hook"]}]} if hook else {}
    return {
        "hooks": hooks,
        "ociVersion": "1.0.2",
        "process": {
            "terminal": False, "user": {"uid": 0, "gid": 0}, "args": words, "cwd": options.cwd,
            "env": ENVIRONMENT, "noNewPrivileges": False,
            "capabilities": {kind: caps for kind in ("bounding", "effective", "permitted")},
        },
        "root": {"path": "rootfs", "readonly": False},
        "hostname": "box",
        "mounts": mounts_of(options),
        "linux": {
            "namespaces": [{"type": space} for space in spaces],
            "devices": loop_devices() if options.privileged else [],
            "resources": {"devices": [{"allow": options.privileged, "access": "rwm"}]},
            "maskedPaths": [] if options.privileged else HIDDEN,
            "readonlyPaths": [] if options.privileged else READ_ONLY,
        },
    }


def wait(words, seconds=TIMEOUT, begin=None, environment=None):
    """Status and output of a command; what it leaves running does not hold us up.

    `begin` is called in the new process; `environment` is added to ours.
    """
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out, stderr=out, preexec_fn=begin,
                                   env={**os.environ, **(environment or {})})
        try:
            status = process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            status = 124
        out.seek(0)
        return status if status >= 0 else 128 - status, out.read().decode("utf-8", "replace")


def run_oci(name, options, words, runtime, hook, begin=None):
    """In a container of runc or crun, whose id is its name. One in the background stays, with its bundle."""
    bundle = f"{BUNDLES}/{name}"
    if os.path.exists(bundle):  # of one in the background, which somebody else has ended
        remove(bundle)
    for directory in ("upper", "work", "rootfs"):
        os.makedirs(f"{bundle}/{directory}")
    layers = f"lowerdir={LOWER},upperdir={bundle}/upper,workdir={bundle}/work"
    subprocess.run(["mount", "-t", "overlay", "overlay", "-o", layers, f"{bundle}/rootfs"], check=True)
    try:
        with open(f"{bundle}/config.json", "w", encoding="utf-8") as file:
            json.dump(config_of(options, words, hook), file)
        detach = ["--detach"] if options.background else []
        status, output = wait([runtime, "run", *detach, "--bundle", bundle, name], begin=begin)
        if status == 124:
            subprocess.run([runtime, "delete", "--force", name], check=False)
    finally:
        if not options.background:
            remove(bundle)
    return Result(name, status, output)


def remove(bundle):
    if os.path.ismount(f"{bundle}/rootfs"):
        subprocess.run(["umount", "-l", f"{bundle}/rootfs"], check=True)
    shutil.rmtree(bundle)


def run_podman(name, options, words, hook, begin=None):
    """In a container of podman's."""
    os.makedirs(BUNDLES, exist_ok=True)
    cidfile = f"{BUNDLES}/{name}.cid"
    command = ["podman", *(["--hooks-dir", HOOKS] if hook else []), "run", "--rm",
               "--network", "host" if options.host_net else "none", "--name", name, "--cidfile", cidfile,
               "--log-driver", "none", "--workdir", options.cwd]
    command += ["--privileged"] if options.privileged else []
    command += ["--pid", "host"] if options.host_pid else []
    command += [f"--cap-add={cap}" for cap in options.caps]
    command += [f"--volume={source}:{place}" for source, place in options.binds]
    status, output = wait(command + ["--rootfs", LOWER + ":O"] + words, begin=begin)
    container = ""
    if os.path.exists(cidfile):
        with open(cidfile, encoding="ascii") as file:
            container = file.read().strip()
        os.unlink(cidfile)
    return Result(container, status, output)


def run(name, where, options, words, runtime="runc", hook="", begin=None):
    """`words` in a container called `name`; `runtime` unless the options have one.

    `hook`: the picket whose oci-hook the runtime is to run. `begin` is called in the process that becomes the runtime.
    """
    if where == "podman":
        return run_podman(name, options, words, hook, begin)
    return run_oci(name, options, words, options.runtime or runtime, hook, begin)


def main():
    try:
        options, words = rows.parse_options(sys.argv[1:])
    except ValueError as error:
        sys.exit(f"box: {error}")
    if not words:
        sys.exit("usage: box.py [OPTION]... -- COMMAND...")
    name = options.name or f"box-{os.getpid()}-{time.monotonic_ns() % 1000000}"
    os.makedirs(BUNDLES, exist_ok=True)
    result = run(name, "oci", options, words, hook=os.environ.get("ATTACKS_HOOK", ""))
    sys.stdout.write(result.output)
    sys.exit(result.status)


if __name__ == "__main__":
    main()
