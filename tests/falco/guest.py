#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Provokes each of Falco's rules on this kernel: INSIDE the test machine, as root.

usage: guest.py [--share DIR] [--kernel NAME] [--backends lsm,tracepoint] [--only WORD] [--verbose]

In:  picket on PATH; DIR with Falco's rule files (*.yaml), as they are; cases.py.
Out: a table; lines "verdict TAB kernel TAB backend TAB rule TAB fires TAB quiet" for verdicts.py; what is not as it
     should be; and as the last line "N passed, N failed". Exit status 1 if anything failed.

Picket is started once for each backend, with all rules. Whose alert is whose: each try has a login user id of its own,
which processes hand on to their children and every one of these rules prints.
"""
import argparse
import glob
import json
import lzma
import os
import shutil
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE + "/../attacks")
import box  # noqa: E402
import cases  # noqa: E402
import rows  # noqa: E402

WAIT = 400  # seconds, for Picket to begin or to end: an emulated kernel verifies its programs for long
WORK = "/srv/falco"
SENTINEL = WORK + "/sentinel"
GONE_AFTER = ("/root/.bash_history", "/root/.bash_histories")
FIRST_LOGIN = 700000
STANDING = {"plain": {}, "strong": {"privileged": True}, "pod": {}}
CAPABLE = ("CAP_SYS_PTRACE",)

# Added to Falco's files, as whoever uses them would: the one list that a rule cannot be true without.
LOCAL = """- list: namespace_scope_network_only_subnet
  items: [default]
  override: {items: append}
- rule: Sentinel of the test
  desc: everything before this one has been told
  condition: evt.type in (open, openat, openat2) and fd.name = %s
  output: sentinel %%user.loginuid
  priority: DEBUG
""" % SENTINEL

# Fields of outputs that may have no value, and why.
NO_VALUE = {
    "user.loginname": "login users of the test have no names",
    "fd.cip.name": "this end has no address yet when it connects",
    "fd.lip.name": "the same",
    "container.image.repository": "no image: containers of runc alone",
    "container.image.tag": "the same",
}


def write(path, content="x\n", mode="w"):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, mode) as file:
        file.write(content)


class Picket:
    """The agent with all rules."""

    def __init__(self, backend, files, directory):
        self.out, self.err = f"{directory}/{backend}.json", f"{directory}/{backend}.err"
        rules = [word for file in files for word in ("-r", file)]
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            self.process = subprocess.Popen(["picket", "run", "-o", "json", "--ring", "64", "--backend", backend, *rules],
                                            stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        started = time.monotonic()
        while "picket: watching" not in self.messages() or "picket: rules: " not in self.messages():
            if self.process.poll() is not None or time.monotonic() > started + WAIT:
                self.process.kill()
                raise RuntimeError("picket does not start: " + self.messages()[:3000])
            time.sleep(0.2)
        print(f"== {backend}: picket began after {time.monotonic() - started:.0f} s", flush=True)

    def messages(self):
        with open(self.err, encoding="utf-8", errors="replace") as file:
            return file.read()

    def lines(self):
        with open(self.out, "rb") as file:
            return [json.loads(line) for line in file if line.endswith(b"}\n")]

    def alerts(self):
        return [line for line in self.lines() if "rule" in line and "output_fields" in line]

    def settle(self):
        """Until all that happened before has been told."""
        with open(SENTINEL, encoding="utf-8"):
            pass
        until = time.monotonic() + 60
        while not any(alert["rule"] == "Sentinel of the test" for alert in self.alerts()):
            if time.monotonic() > until:
                return "the sentinel's alert does not come"
            time.sleep(0.2)
        return None

    def stop(self):
        """None, or what is wrong."""
        self.process.send_signal(signal.SIGINT)
        try:
            status = self.process.wait(WAIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return "picket does not end"
        if status != 0:
            return f"picket ends with {status}: {self.messages()[-1000:]}"
        lost = [line for line in self.lines() if line.get("type") == "stop" and line["stop"].get("lost")]
        return f"events were lost: {lost[0]}" if lost else None


def find_module():
    """A module of this kernel that is not there yet, without compression."""
    for path in glob.glob(f"/lib/modules/{os.uname().release}/kernel/**/dummy.ko*", recursive=True):
        with (lzma.open(path) if path.endswith(".xz") else open(path, "rb")) as file:
            write(WORK + "/module.ko", file.read(), "wb")
        return WORK + "/module.ko"
    return "none"


def set_up():
    os.makedirs(cases.BIN, exist_ok=True)
    act = f"{os.path.realpath(HERE + '/../..')}/build/tests/falco/falco-act"
    names = {one.words[0] for case in cases.CASES for one in (case.fires, case.quiet)}
    for name in names | {"postgres", "sshd"}:
        if not name.startswith("/"):
            shutil.copy(act, f"{cases.BIN}/{name}")
    for path in ("/dev/shm/falco-act", WORK + "/falco-act"):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        shutil.copy(act, path)
    for path in (SENTINEL, cases.SECRET, WORK + "/file", "/root/.ssh/id_falco", "/var/log/falco-test.log",
                 "/etc/cron.d/falco", WORK + "/liblzma.so.5.6.1", WORK + "/liblzma.so.5.6.2", "/root/.ssh/config",
                 "/etc/hostname"):
        if not os.path.exists(path):
            write(path)
    with open("/etc/hosts", "a", encoding="ascii") as file:
        file.write(f"{cases.API} kubernetes.default.svc.cluster.local\n")
    write(WORK + "/local.yaml", LOCAL)
    os.makedirs(box.LOWER, exist_ok=True)
    os.makedirs(box.BUNDLES, exist_ok=True)
    subprocess.run(["mount", "--bind", "/", box.LOWER], check=True)
    subprocess.run(["mount", "--make-private", box.LOWER], check=True)
    return find_module()


def make_bundle(name, words, more, hook):
    options, _ = rows.parse_options([])
    options = options.__class__(**{**options.__dict__, "host_net": True, **more})
    bundle = f"{box.BUNDLES}/{name}"
    for directory in ("upper", "work", "rootfs"):
        os.makedirs(f"{bundle}/{directory}")
    layers = f"lowerdir={box.LOWER},upperdir={bundle}/upper,workdir={bundle}/work"
    subprocess.run(["mount", "-t", "overlay", "overlay", "-o", layers, f"{bundle}/rootfs"], check=True)
    config = box.config_of(options, words, hook)
    if name.startswith("pod"):
        config["annotations"] = {"io.kubernetes.cri.container-type": "container",
                                 "io.kubernetes.cri.sandbox-name": "falco-pod",
                                 "io.kubernetes.cri.sandbox-namespace": "default"}
    write(f"{bundle}/config.json", json.dumps(config))
    return bundle


def remove_bundle(name):
    subprocess.run(["umount", "-l", f"{box.BUNDLES}/{name}/rootfs"], check=False)
    shutil.rmtree(f"{box.BUNDLES}/{name}")


class Containers:
    """Those that stand, and those for one try."""

    def __init__(self, backend):
        self.backend = backend
        self.hook = shutil.which("picket")
        self.standing = STANDING if shutil.which("runc") else {}
        for name, more in self.standing.items():
            bundle = make_bundle(f"{name}-{backend}", ["/bin/sleep", "100000"], more, self.hook)
            with open(f"{WORK}/{name}.log", "wb") as log:
                subprocess.run(["runc", "run", "--detach", "--bundle", bundle, f"{name}-{backend}"], check=True,
                               stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def words(self, one, words, number):
        """The command for a try, and the id of its container."""
        if one.where == "host":
            return words, None
        if one.where in STANDING:
            name = f"{one.where}-{self.backend}"
            env = [word for pair in one.env for word in ("--env", pair)]
            return ["runc", "exec", *(["-t"] if one.tty else []), *env, name, *words], name
        name = f"{one.where}-{self.backend}-{number}"
        more = {"privileged": one.where == "new-strong", "caps": CAPABLE if one.where == "new-capable" else ()}
        bundle = make_bundle(name, words, more, self.hook)
        return ["runc", "run", "--bundle", bundle, name], name

    def end(self):
        for name in self.standing:
            subprocess.run(["runc", "delete", "--force", f"{name}-{self.backend}"], check=False)
            remove_bundle(f"{name}-{self.backend}")


def set_login(login):
    with open("/proc/self/loginuid", "w", encoding="ascii") as file:
        file.write(str(login))


def run_try(containers, one, login, module):
    """The id of its container, and what went wrong."""
    words = [{"MODULE": module, "MODULE_FLAGS": "0"}.get(word, word) for word in one.words]
    if not words[0].startswith("/"):
        words[0] = f"{cases.BIN}/{words[0]}"
    command, container = containers.words(one, words, login)
    env = {**os.environ, **dict(pair.split("=", 1) for pair in one.env)} if one.where == "host" else None
    if one.tty:
        command = ["script", "-qec", " ".join(f"'{word}'" for word in command), "/dev/null"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env,
                          preexec_fn=lambda: set_login(login), timeout=120, check=False)
    if one.where.startswith("new"):
        remove_bundle(container)
    said = done.stdout.decode("utf-8", "replace").strip()
    return container, said[-300:] if done.returncode else ""


def told(alerts, login, container):
    """Rules that were told of a try; what the runtime does on the way into a container is not the container's."""
    mine = []
    for alert in alerts:
        if str(alert["output_fields"].get("user.loginuid")) != str(login):
            continue
        inside = alert["event"].get("container", {})
        if container and (inside.get("id") != container or inside.get("helper")):
            continue
        mine.append(alert)
    return mine


class Count:
    passed = failed = 0

    def add(self, good, what):
        if good:
            self.passed += 1
        else:
            self.failed += 1
            print("FAILED: " + what)


def judge(arguments, backend, case, tried, alerts, count):
    """One line of the table."""
    verdict = {}
    for what, expected in (("fires", {case.rule, *case.also}), ("quiet", set(case.quiet_also))):
        login, container, said = tried[what]
        got = {alert["rule"] for alert in told(alerts, login, container)}
        good = got == expected
        gap = cases.GAPS.get((backend, case.rule, what))
        verdict[what] = "yes" if good else "no"
        why = f"{backend}: {case.rule}: {what}: " + (f"told {sorted(got)}, not {sorted(expected)}; {said}" if not good else
                                                       f"it is so, though listed as a gap: {gap}")
        count.add(good != bool(gap), why)
        if gap and not good:
            print(f"known: {backend}: {case.rule}: {what}: {gap}")
    print("\t".join(("verdict", arguments.kernel, backend, case.rule, verdict["fires"], verdict["quiet"])))


def check_outputs(backend, chosen, tried, alerts, count):
    """Every field that the outputs of these rules print has a value in some alert."""
    seen, missing = set(), {}
    for case in chosen:
        login, container, _ = tried[case.rule]["fires"]
        for alert in told(alerts, login, container):
            for field, value in alert["output_fields"].items():
                if value is None or value == "<NA>":
                    missing.setdefault(field, case.rule)
                else:
                    seen.add(field)
    for field in sorted(set(missing) - seen):
        count.add(field in NO_VALUE, f"{backend}: no alert has a value of {field}, not even of '{missing[field]}'")
    print(f"== {backend}: {len(seen)} fields of outputs with values, "
          f"{len(set(missing) - seen)} without: {', '.join(sorted(set(missing) - seen))}")
    partly = sorted(f"{field} ({rule})" for field, rule in missing.items() if field in seen)
    print(f"== {backend}: sometimes without: {', '.join(partly)}")


def run_backend(arguments, backend, module, count):
    files = sorted(glob.glob(f"{arguments.share}/*.yaml"), key=lambda name: "incubating" in name)
    picket = Picket(backend, files + [WORK + "/local.yaml"], WORK)
    for line in picket.messages().splitlines():
        print("   | " + line[:300])
    try:
        try_all(arguments, backend, module, picket, count)
    finally:
        picket.process.kill()


def try_all(arguments, backend, module, picket, count):
    started = time.monotonic()
    for path in GONE_AFTER:
        write(path)
    containers = Containers(backend)
    chosen = [case for case in cases.CASES if arguments.only.lower() in case.rule.lower()
              and (containers.standing or case.fires.where == case.quiet.where == "host")]
    tried, login = {}, FIRST_LOGIN
    for case in chosen:
        tried[case.rule] = {}
        for what in ("fires", "quiet"):
            login += 1
            container, said = run_try(containers, getattr(case, what), login, module)
            tried[case.rule][what] = (login, container, said)
            if said and arguments.verbose:
                print(f"   {case.rule}: {what}: {said}")
    if shutil.which("rmmod"):
        subprocess.run(["rmmod", "dummy"], check=False, stderr=subprocess.DEVNULL)
    problem = picket.settle()
    containers.end()
    problem = picket.stop() or problem
    count.add(not problem, f"{backend}: {problem}")
    alerts = picket.alerts()
    for case in chosen:
        judge(arguments, backend, case, tried[case.rule], alerts, count)
    check_outputs(backend, chosen, tried, alerts, count)
    if arguments.verbose:
        for alert in alerts:
            print("   " + alert["output"][19:700])
    print(f"== {backend}: {time.monotonic() - started:.0f} s", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--share", default="/share")
    parser.add_argument("--kernel", default=".".join(os.uname().release.split(".")[:2]))
    parser.add_argument("--backends", default="lsm,tracepoint")
    parser.add_argument("--only", default="")
    parser.add_argument("--verbose", action="store_true")
    arguments = parser.parse_args()
    count = Count()
    module = set_up()
    for backend in arguments.backends.split(","):
        run_backend(arguments, backend, module, count)
    print(f"{count.passed} passed, {count.failed} failed")
    sys.exit(1 if count.failed else 0)


if __name__ == "__main__":
    main()
