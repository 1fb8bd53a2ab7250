# SPDX-License-Identifier: Apache-2.0
"""What the parts of bench/run share: the built programs, the agent, what it says, numbers."""

import json
import os
import re
import signal
import subprocess
import tempfile
import time

STATS_SYSCTL = "/proc/sys/kernel/bpf_stats_enabled"


class Failed(Exception):
    pass


class Programs:
    """Where the built programs are: in a build directory, or in the test machine."""

    def __init__(self, build, guest):
        self.picket = "picket" if guest else os.path.join(build, "picket")
        bench = os.path.join(build, "bench")
        self.loops = os.path.join(bench, "bench_loops")
        self.hooks = os.path.join(bench, "bench_hooks")
        self.pipe = os.path.join(bench, "bench_pipe")
        self.standins = os.path.join(bench, "bench_standins")
        self.rules = os.path.join(bench, "bench_rules")


def output_of(*command, timeout=300):
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
    if done.returncode:
        raise Failed(f"'{' '.join(command)}' failed: {done.stderr.strip()}")
    return done.stdout


def loop(programs, name, rounds, calls):
    return json.loads(output_of(programs.loops, name, str(rounds), str(calls)))


# ---- the agent ----


class Agent:
    """picket run in a state, ready when the block is entered, ended when it is left."""

    def __init__(self, programs, state, *options, stdout=None):
        self.errors = tempfile.TemporaryFile("w+")
        self.process = None
        self.own_stdout = stdout
        self.command = [programs.picket, "run", "-o", "json", *options]
        self.idle = state == "idle"
        if self.idle:
            self.command += ["--", "sleep", "3600"]

    def __enter__(self):
        stdout = self.own_stdout or (subprocess.PIPE if self.idle else subprocess.DEVNULL)
        begin = time.monotonic()
        self.process = subprocess.Popen(self.command, stdout=stdout, stderr=self.errors)
        if self.idle:
            # the command's own exec is the sign that all is attached; after it nothing comes
            for line in self.process.stdout:
                if b'"exec"' in line:
                    break
        else:
            while "watching" not in self.told():
                if self.process.poll() is not None or time.monotonic() - begin > 240:
                    raise Failed(f"picket does not start: {self.told()}")
                time.sleep(0.05)
        if self.process.poll() is not None:
            raise Failed(f"picket does not start: {self.told()}")
        time.sleep(0.2)
        return self

    def __exit__(self, *_):
        if self.idle:
            subprocess.run(["pkill", "-P", str(self.process.pid)], check=False)
        else:
            self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def told(self):
        self.errors.seek(0)
        return self.errors.read()

    def backend(self):
        found = re.search(r"watching: (\w+) backend", self.told())
        return found.group(1) if found else None

    def cpu_ns(self):
        """User and system time, exact: /proc/PID/stat counts in ticks."""
        with open(f"/proc/{self.process.pid}/schedstat", encoding="ascii") as file:
            return int(file.read().split()[0])

    def memory(self):
        with open(f"/proc/{self.process.pid}/status", encoding="utf-8") as file:
            lines = dict(line.split(":", 1) for line in file if ":" in line)
        return {
            key: int(lines[name].split()[0])
            for key, name in (("rss_kib", "VmRSS"), ("peak_kib", "VmHWM"), ("anon_kib", "RssAnon"),
                              ("file_kib", "RssFile"))
            if name in lines
        }


def totals(text):
    found = re.search(r"(\d+) events, (\d+) delivered, (\d+) lost", text)
    if not found:
        raise Failed(f"no totals in what picket said: {text}")
    return dict(zip(("produced", "delivered", "lost"), map(int, found.groups())))


# ---- the kernel's accounting ----


def program_ids(pid):
    """The programs that a process holds: others may run the same ones."""
    ids = set()
    for fd in os.listdir(f"/proc/{pid}/fdinfo"):
        try:
            with open(f"/proc/{pid}/fdinfo/{fd}", encoding="ascii") as file:
                ids.update(int(line.split()[1]) for line in file if line.startswith("prog_id:"))
        except FileNotFoundError:
            pass
    return ids


def stats(programs, ids):
    ret = {}
    for line in output_of(programs.hooks, "stats").splitlines():
        entry = json.loads(line)
        if entry["id"] in ids:
            ret[entry["program"]] = (entry["runs"], entry["ns"])
    return ret


# ---- numbers ----


def number(value, width=9):
    if value is None:
        return f"{'-':>{width}}"
    return f"{value:>{width},.0f}" if value >= 100 else f"{value:>{width}.1f}"


def ratio(value, base, width=9):
    return f"{'-':>{width}}" if value is None or not base else f"{value / base:>{width - 1}.3f}x"


def verdict(value, limit, least=False):
    good = value >= limit if least else value <= limit
    return f"(aim {'≥' if least else '≤'} {limit:,}: {'met' if good else 'MISSED'})"
