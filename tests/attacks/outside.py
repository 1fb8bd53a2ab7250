# SPDX-License-Identifier: Apache-2.0
"""What an attack must not change: the host's state, taken before and after; and how to have it back.

look() gives a dictionary of (what, name) -> value, changes() says in words how two of them differ. Things that the
kernel gives back in its own time (a hierarchy of cgroups, a loop device) count only when they are new.
Reads as root in the test machine; only Pristine changes something.
"""
import glob
import os
import re
import shutil
import subprocess

SETTINGS = ["/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/kernel/sysrq",
            "/proc/sys/kernel/hostname", "/proc/sys/kernel/hotplug", "/proc/sys/vm/panic_on_oom",
            "/sys/kernel/uevent_helper"]
TREES = ["/etc", "/root", "/var/spool", "/usr/local/bin", "/usr/share/containers", "/opt", "/run/systemd", "/home"]
# watched, and what is new there removed: too big to keep a copy of, so what is replaced there stays
NAMES_ONLY = ["/usr/bin", "/usr/sbin", "/usr/lib/python3/dist-packages"]
FILES = ["/var/lib/dpkg/info/cron.postinst", "/var/lib/dpkg/status"]
NOT_WATCHED = re.compile(r"^(/etc/(passwd|shadow|group|gshadow|subuid|subgid)-|/etc/[^/]*\.lock|/etc/\.pwd\.lock|/etc/mtab"
                         r"|/etc/containers/networks.*|/var/spool/cron/atjobs/\.SEQ|.*/\.lesshst|/var/spool/rsyslog.*)$")
BINFMT = "/proc/sys/fs/binfmt_misc"
LEFT_BEHIND = {"cgroup hierarchy", "loop device"}


def text(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError as error:
        return f"({error.strerror})"


MARK = "%p\t%m %U %G %i %s %T@ %C@\n"
MARK_OF_DIRECTORY = "%p\t%m %U %G\n"  # no times: what is in it is looked at too


def found_by(places, *tests):
    """A line a file. By find: an emulated machine needs seconds for the same in Python."""
    command = ["find", *(place for place in places if os.path.lexists(place)), *tests,
               "(", "-type", "d", "-printf", MARK_OF_DIRECTORY, ")", "-o", "-printf", MARK]
    return subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode(
        "utf-8", "replace")


def look_at_files(seen):
    """Names, owners, sizes and times; not of what was only read."""
    text_of = found_by(TREES + FILES + glob.glob("/dev/.*")) + found_by(NAMES_ONLY, "-maxdepth", "1")
    seen["files", ""] = text_of


def parse_files(seen):
    """The one text that stands for all files, file by file."""
    found = {key: value for key, value in seen.items() if key != ("files", "")}
    for line in seen.get(("files", ""), "").splitlines():
        path, _, mark = line.partition("\t")
        if not NOT_WATCHED.match(path):
            found["file", path] = mark
    return found


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
    if before == after:
        return []
    if before.get(("files", "")) != after.get(("files", "")):
        before, after = parse_files(before), parse_files(after)
    said = []
    for what, name in sorted(before.keys() | after.keys(), key=str):
        old, new = before.get((what, name)), after.get((what, name))
        if old == new or (new is None and what in LEFT_BEHIND):
            continue
        verb = "new" if old is None else "gone" if new is None else "changed"
        said.append(f"{what} {name}: {verb}")
    return said


def stays(change):
    """Is it the replacement of a file that there is no copy of?"""
    path = change[len("file "):].rpartition(": ")[0]
    return change.startswith("file ") and not change.endswith(": new") and os.path.dirname(path) in NAMES_ONLY


def files_in(changed):
    """Paths of the files among changes()."""
    return [line[len("file "):].rpartition(": ")[0] for line in changed if line.startswith("file ")]


class Pristine:
    """The state that every attempt begins with, and a copy of the files."""

    def __init__(self, directory):
        self.directory = directory
        for tree in TREES + FILES:
            if os.path.exists(tree):
                os.makedirs(os.path.dirname(directory + tree), exist_ok=True)
                subprocess.run(["cp", "-a", tree, directory + tree], check=True)
        self.state = look()

    def give_back(self, path):
        """The file as it was, or its absence."""
        subprocess.run(["chattr", "-i", path], check=False, stderr=subprocess.DEVNULL)
        copy = self.directory + path
        if os.path.isdir(path) and not os.path.islink(path):
            if not os.path.isdir(copy):
                shutil.rmtree(path, ignore_errors=True)
        elif os.path.lexists(path):
            os.unlink(path)
        if os.path.isdir(copy) and not os.path.islink(copy):
            os.makedirs(path, exist_ok=True)
            shutil.copystat(copy, path)
        elif os.path.lexists(copy):
            subprocess.run(["cp", "-a", copy, path], check=True)

    def restore(self):
        """Undoes what was changed since; a list of what it was."""
        changed = changes(self.state, look())
        if not changed:
            return []
        for path in sorted(files_in(line for line in changed if not stays(line))):
            self.give_back(path)
        for line in changed:
            what, _, name = line.rpartition(": ")[0].partition(" ")
            undo(what, name, line.endswith(": new"))
        self.state = look()
        return changed


def undo(what, name, new):
    if what == "mount" and new:
        command = ["umount", "-l", name.rpartition(" ")[0]]
    elif what == "module" and new:
        command = ["rmmod", name]
    elif what == "network" and new:
        command = ["ip", "link", "delete", name.partition(" ")[2]]
    elif what == "key" and new:
        command = ["keyctl", "purge", "user", name.partition(":")[0]]
    else:
        return
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
