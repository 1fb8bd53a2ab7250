# SPDX-License-Identifier: Apache-2.0
"""The machine as a host: what runs on it, and attempts that are made on it and not in a container.

The harness, what it does before and after attempts and what it puts back must not be judged: it says that user
LOGIN logged in, and rules_for_us() makes an exception of that, as one writes it behind rules that one uses. Whatever
is tried, and the services, logged in nobody: enter().
Runs inside the test machine, as root.
"""
import os
import re
import shutil
import signal
import subprocess
import time

import box

LOGIN = 4242
NOBODY = 0xffffffff
CGROUPS = "/sys/fs/cgroup/attempts"
USER = 1000
SERVICES = (["/usr/sbin/cron", "-f"], ["/usr/sbin/atd", "-f"], ["/usr/sbin/rsyslogd", "-n", "-iNONE"])
RULE = re.compile(r"^- rule: *(.+?) *$", re.MULTILINE)
EXCEPTION = """- rule: {}
  exceptions:
    - name: attacks_harness
      fields: user.loginuid
      comps: in
      values: [{}]
  override:
    exceptions: append
"""


def write(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(content)


def log_in(uid):
    with open("/proc/self/loginuid", "w", encoding="ascii") as file:
        file.write(str(uid))


def rule_files(rules):
    """Those of a directory, or of a list with commas, in the order in which they are read."""
    files = []
    for place in rules.split(","):
        if os.path.isdir(place):
            files += sorted(f"{place}/{name}" for name in os.listdir(place) if name.endswith((".yaml", ".yml")))
        else:
            files.append(place)
    return files


def names_of_rules(files):
    names = []
    for path in files:
        with open(path, encoding="utf-8") as file:
            names += [name for name in RULE.findall(file.read()) if name not in names]
    return names


def rules_for_us(files):
    """The file that makes the exception."""
    return "".join(EXCEPTION.format(name, LOGIN) for name in names_of_rules(files))


def judged():
    """Called in a new process that is to be judged."""
    log_in(NOBODY)


class Cgroup:
    """Of one attempt, so that nothing of it stays."""

    def __init__(self, name):
        # called as systemd calls its own: whatever else it may be, Picket knows at once that it is no container
        self.path = f"{CGROUPS}/{name}.service"
        os.makedirs(self.path, exist_ok=True)
        self.id = os.stat(self.path).st_ino

    def enter(self, user=0):
        """Called in a new process: to be what is judged."""
        def begin():
            os.setsid()
            write(f"{self.path}/cgroup.procs", "0")
            log_in(NOBODY)
            if user:
                os.setgroups([])
                os.setgid(user)
                os.setuid(user)
        return begin

    def populated(self):
        try:
            with open(f"{self.path}/cgroup.events", encoding="ascii") as file:
                return "populated 1" in file.read()
        except FileNotFoundError:  # crun can have removed it
            return False

    def end(self):
        """Kills what is left; whether there was something."""
        left = self.populated()
        if left:
            write(f"{self.path}/cgroup.kill", "1")
        started = time.monotonic()
        while self.populated() and time.monotonic() < started + 10:
            time.sleep(0.02)
        for directory, _, _ in os.walk(self.path, topdown=False):
            try:
                os.rmdir(directory)
            except OSError:
                pass
        return left


def run(name, attempt, environment):
    """An attempt of root or of a user; its result and the id of its cgroup."""
    cgroup = Cgroup(name)
    home = "/home/user" if attempt.where == "user" else "/root"
    words = ["/bin/sh", "-c", "cd /tmp; " + attempt.command if attempt.where == "user" else attempt.command]
    status, output = box.wait(words, 60, cgroup.enter(USER if attempt.where == "user" else 0),
                              {"HOME": home, **environment})
    cgroup.end()
    return box.Result("", status, output), cgroup.id


def clear_tmp():
    """What attempts left where everybody may write."""
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        mounts = [line.split()[4] for line in file]
    for place in reversed(mounts):
        if place.startswith(("/tmp/", "/mnt/")):
            subprocess.run(["umount", "-l", place], check=False)
    for tree in ("/tmp", "/mnt", "/dev/shm"):
        for name in os.listdir(tree):
            path = f"{tree}/{name}"
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path, ignore_errors=True)
            else:
                try:
                    os.unlink(path)
                except OSError:
                    subprocess.run(["chattr", "-i", path], check=False)
                    os.unlink(path)


def start_service(words):
    cgroup = Cgroup("services")
    return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                            preexec_fn=cgroup.enter())


class Services:
    """What runs on a server; what an attempt ended is begun again."""

    def __init__(self):
        self.running = []
        self.id = Cgroup("services").id

    def start(self):
        alive = {tuple(one.args) for one in self.running if one.poll() is None}
        self.running = [one for one in self.running if one.poll() is None]
        for words in SERVICES:
            if tuple(words) not in alive:
                self.running.append(start_service(words))

    def wake(self):
        """Of what was stopped."""
        for one in self.running:
            if one.poll() is None:
                one.send_signal(signal.SIGCONT)


def set_up(share, here):
    """The machine as rows expect a host to be; all of it before the first look outside."""
    log_in(LOGIN)
    # where files are as on a disk (attributes, for one)
    subprocess.run(["umount", "-l", "/tmp"], check=False)
    os.chmod("/tmp", 0o1777)
    if os.path.exists(f"{share}/sim"):
        shutil.copy(f"{share}/sim", "/usr/local/bin/sim")
        os.chmod("/usr/local/bin/sim", 0o755)
    os.symlink(f"{here}/box.py", "/usr/local/bin/ctr")
    subprocess.run(["useradd", "-m", "-u", str(USER), "user"], check=True)
    for place in ("/etc/cron.d", "/root/.ssh", "/etc/systemd/system", "/run/sshd", "/mnt",
                  "/run/lock", "/root/.aws", "/root/.kube", "/run/containers/0", "/var/lib/etcd"):
        os.makedirs(place, exist_ok=True)
    subprocess.run(["modprobe", "-a", "overlay", "binfmt_misc", "loop"], check=False)
    subprocess.run(["mount", "-t", "binfmt_misc", "none", "/proc/sys/fs/binfmt_misc"], check=False)
    os.makedirs(box.LOWER, exist_ok=True)
    os.makedirs(box.BUNDLES, exist_ok=True)
    # not recursive: what is mounted on the machine's root is no part of it
    subprocess.run(["mount", "--bind", "/", box.LOWER], check=True)
    subprocess.run(["mount", "--make-private", box.LOWER], check=True)
