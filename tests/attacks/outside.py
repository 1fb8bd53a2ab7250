# SPDX-License-Identifier: Apache-2.0
"""What a container must not change: the host's state, taken before and after.

look() gives a dictionary of (what, name) -> value, changes() says in words how two of them differ. Things that the
kernel gives back in its own time (a hierarchy of cgroups, a loop device) count only when they are new.
Reads as root in the test machine, changes nothing.
"""
import glob
import os

SETTINGS = ["/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/kernel/sysrq",
            "/proc/sys/kernel/hostname", "/proc/sys/kernel/hotplug", "/proc/sys/vm/panic_on_oom",
            "/sys/kernel/uevent_helper"]
TREES = ["/etc", "/root", "/var/spool/cron", "/usr/local/bin"]
FILES = ["/usr/sbin/runc", "/usr/bin/crun", "/usr/bin/podman", "/usr/bin/conmon", "/usr/bin/containerd"]
BINFMT = "/proc/sys/fs/binfmt_misc"
LEFT_BEHIND = {"cgroup hierarchy", "loop device"}


def text(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError as error:
        return f"({error.strerror})"


def look_at_files(seen):
    """Names, owners, sizes and times; not of what was only read."""
    paths = list(FILES)
    for tree in TREES:
        for directory, _, names in os.walk(tree):
            paths.append(directory)
            paths += [os.path.join(directory, name) for name in names]
    for path in paths:
        try:
            stat = os.lstat(path)
        except OSError:
            continue
        seen["file", path] = (stat.st_ino, stat.st_mode, stat.st_uid, stat.st_gid, stat.st_size, stat.st_mtime_ns,
                              stat.st_ctime_ns)


def look_at_kernel(seen):
    for path in SETTINGS:
        if os.path.exists(path):
            seen["setting", path] = text(path)
    for line in text("/proc/modules").splitlines():
        seen["module", line.split()[0]] = ""
    for name in os.listdir(BINFMT) if os.path.isdir(BINFMT) else []:
        seen["binary format", name] = ""
    for line in text("/proc/keys").splitlines():
        words = line.split(None, 8)
        if words[7] in ("user", "logon"):
            seen["key", words[8]] = ""
    for line in text("/proc/self/cgroup").splitlines():
        seen["cgroup hierarchy", line.split(":")[1]] = ""
    for name in glob.glob("/sys/block/loop*/loop/backing_file"):
        seen["loop device", text(name).strip()] = ""
    for name in os.listdir("/sys/class/net"):
        seen["network device", name] = ""


def look_at_mounts(seen):
    for line in text("/proc/self/mountinfo").splitlines():
        words = line.split()
        seen["mount", words[4] + " " + words[0]] = " ".join(words[3:])


def helps_printed():
    """How often the kernel printed sysrq's help."""
    descriptor = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
    count = 0
    try:
        while True:
            try:
                count += os.read(descriptor, 8192).count(b"sysrq: HELP")
            except BlockingIOError:
                return count
            except BrokenPipeError:  # overwritten meanwhile: go on with what is there
                continue
    finally:
        os.close(descriptor)


def look():
    seen = {}
    look_at_files(seen)
    look_at_kernel(seen)
    look_at_mounts(seen)
    seen["kernel log", "sysrq"] = helps_printed()
    return seen


def changes(before, after):
    said = []
    for what, name in sorted(before.keys() | after.keys(), key=str):
        old, new = before.get((what, name)), after.get((what, name))
        if old == new or (new is None and what in LEFT_BEHIND):
            continue
        verb = "new" if old is None else "gone" if new is None else "changed"
        said.append(f"{what} {name}: {verb}")
    return said
