#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs attacks with and without Picket: INSIDE the test machine, as root.

usage: guest.py [--share DIR] [--rules FILE|DIR,...] [--enforce TAG,...] [--kernel NAME] [--phases off,alert,benign,enforce]
                [--only PREFIX|ROW|ATTEMPT,...] [--jobs ID,...] [--quick] [--no-hook] [--verbose]

In:  picket on PATH; DIR with rows.json (rows.py says how it looks), and perhaps benign.json and the program sim.
Out: a table of what was tried, what is not as it should be, and as the last line "N passed, N failed" and what was
     skipped; exit status 1 if anything failed. verdict.py says what each phase asks. Lines that begin with "@ " are the
     same for verdicts.py, in JSON.

The root of containers is an overlay over this machine's own; what is outside of them is the machine.
"""
import argparse
import datetime
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import benign
import box
import host
import outside
import rows
import verdict

HERE = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.realpath(f"{HERE}/../..")
OURS = "/run/attacks-ours.yaml"
PODMAN = "/run/attacks-podman.conf"
WAIT = 400  # seconds, for Picket to begin or to end: an emulated kernel verifies its programs for long


class Picket:
    """The agent with rules, and what it says."""

    def __init__(self, rules, directory, name):
        self.out = f"{directory}/{name}.json"
        self.err = f"{directory}/{name}.err"
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            self.process = subprocess.Popen(["picket", "run", "-o", "json", "--ring", "64", *rules],
                                            stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        started = time.monotonic()
        while not self.watches():
            if self.process.poll() is not None or time.monotonic() > started + WAIT:
                self.process.kill()
                raise RuntimeError("picket does not start: " + self.messages()[:2000])
            time.sleep(0.1)
        print(f"== {name}: picket began after {time.monotonic() - started:.0f} s", flush=True)

    def messages(self):
        with open(self.err, encoding="utf-8", errors="replace") as file:
            return file.read()

    def watches(self):
        said = self.messages()
        return "picket: watching" in said and "picket: rules: " in said

    def lines(self):
        """Everything whole that it printed until now."""
        with open(self.out, "rb") as file:
            return [json.loads(line) for line in file if line.endswith(b"}\n")]

    def alerts(self):
        return [line for line in self.lines() if "rule" in line and "verdict" in line]

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


def shell(command):
    """Of a row, on the host, before and after its attempt. What it leaves running is in a cgroup of its own."""
    if command:
        def begin():
            host.write(host.Cgroup("around").path + "/cgroup.procs", "0")
        status, output = box.wait(["/bin/sh", "-c", command], begin=begin)
        # one that kills by a name that is in its own command ends itself
        if status not in (0, 128 + signal.SIGTERM):
            print(f"note: status {status} of '{command}': {output[-300:]}")


def write_podman_hook(hook):
    """Ours, with the place where picket is here, and a configuration that has it for who just calls podman."""
    with open(f"{TOP}/deploy/oci/picket-hook.json", encoding="utf-8") as file:
        host.write(f"{box.HOOKS}/picket.json", file.read().replace("/usr/bin/picket", hook))
    with open("/etc/containers/containers.conf", encoding="utf-8") as file:
        host.write(PODMAN, file.read().replace("[engine]", f'[engine]\nhooks_dir = ["{box.HOOKS}"]'))


class Field:
    """Where attempts are made, one after the other."""

    def __init__(self, hook, services):
        self.hook = hook
        self.services = services
        self.pristine = outside.Pristine("/run/attacks-pristine")

    def environment(self, phase):
        if phase == "off" or not self.hook:
            return {}
        return {"ATTACKS_HOOK": self.hook, "CONTAINERS_CONF": PODMAN}

    def run(self, attempt, phase, number):
        """(result, id of its cgroup or 0)"""
        name = f"{attempt.id.lower().replace('.', '-')}-{phase}"
        if not attempt.in_container:
            return host.run(name, attempt, self.environment(phase))
        # crun begins in half the time; an attempt has the same one whichever others are made
        runtime = "runc" if number % 4 == 0 else "crun"
        # not in a cgroup of its own: runtimes make theirs, and crun removes the one that it is in with it
        return box.run(name, attempt.where, attempt.options, attempt.words, runtime,
                       self.hook if phase != "off" else "", host.judged), 0

    def attempt(self, attempt, phase, number):
        self.services.start()
        shell(attempt.setup)
        before = {} if phase != "enforce" else outside.look() if attempt.setup else self.pristine.state
        began = time.time_ns()
        result, cgroup = self.run(attempt, phase, number)
        ended = time.time_ns()
        if ended - began > 8000000000:
            print(f"note: {attempt.id} took {(ended - began) / 1e9:.1f} s")
        changes = outside.changes(before, outside.look()) if phase == "enforce" else []
        shell(attempt.clean)
        host.Cgroup("around").end()
        self.services.wake()
        host.clear_tmp()
        if phase != "alert" or attempt.id in self.untidy:
            if self.pristine.restore():
                self.untidy.add(attempt.id)
        changes = [line for line in changes if not harmless(attempt, line)]
        return verdict.Tried(attempt, phase, result, changes, cgroup=cgroup, began=began, ended=ended)

    untidy = set()


def harmless(attempt, change):
    return any(change.startswith("file " + path) for path in attempt.harmless)


def nanoseconds(text):
    """Of a time as events have it."""
    whole, _, rest = text.rstrip("Z").partition(".")
    seconds = datetime.datetime.fromisoformat(whole + "+00:00").timestamp()
    return int(seconds) * 1000000000 + int((rest + "0" * 9)[:9])


def owner_of(alert, tried):
    """Whose it is: of its container, its cgroup, or of what was going on."""
    event = alert["event"]
    container = event.get("container", {}).get("id")
    for one in tried:
        if one.result.id and container == one.result.id:
            return one
    cgroup = event.get("process", {}).get("cgroup_id")
    for one in tried:
        if one.cgroup and cgroup == one.cgroup:
            return one
    when = nanoseconds(alert["time"])
    return next((one for one in tried if one.began <= when <= one.ended), None)


def give_alerts(tried, alerts, count, phase, services):
    """To each attempt its alerts; what is left over is told as a failure, if it is a warning."""
    strays = []
    for alert in alerts:
        if alert["event"].get("process", {}).get("cgroup_id") == services:
            owner = None
        else:
            owner = owner_of(alert, tried)
        if owner:
            owner.alerts.append(alert)
        elif alert["priority"] in verdict.LOUD:
            strays.append(alert["output"])
        else:
            print("note: alert of nothing that was tried: " + alert["output"])
    count.add("alerts of nothing that was tried", phase, "; ".join(strays[:5]) or None)


def run_phase(attempts, phase, picket, count, arguments):
    """All attempts; `picket`: None in the phase off. It goes on running."""
    tried = []
    started = time.monotonic()
    seen = len(picket.alerts()) if picket else 0
    for number, attempt in enumerate(attempts):
        try:
            tried.append(arguments.field.attempt(attempt, phase, arguments.place[attempt.id]))
        except (OSError, subprocess.SubprocessError) as error:
            tried.append(verdict.Tried(attempt, phase, box.Result("", 125, f"the harness: {error}")))
        if number % 25 == 24:
            print(f"== {phase}: {number + 1} of {len(attempts)}, {time.process_time():.0f} s of ours, "
                  f"{time.monotonic() - started:.0f} s", flush=True)
    if picket:
        time.sleep(1)
        give_alerts(tried, picket.alerts()[seen:], count, phase, arguments.field.services.id)
    return tried


def show(one):
    print(f"-- {one.attempt.id} {one.phase} ({one.attempt.title}): status {one.result.status}")
    for line in one.result.output.splitlines()[-6:]:
        print("   | " + line[:200])
    for change in one.changes[:8]:
        print("   outside: " + change)
    for alert in one.alerts[:8]:
        print(f"   {alert['verdict']}: {alert['rule']}: {alert['output'][19:200]}")


def show_table(table):
    table.insert(0, ["attempt", "off", "alert", "enforce", "outside", "rules"])
    widths = [max(len(line[column]) for line in table) for column in range(5)]
    for line in table:
        print("  ".join(word.ljust(width) for word, width in zip(line, widths)) + "  " + line[5])


def rules_for(phase, arguments):
    """Options of picket: rules as they are, or denying; the last file exempts what we do ourselves."""
    files = host.rule_files(arguments.rules)
    text = ""
    for path in files:
        with open(path, encoding="utf-8") as file:
            text += file.read()
    host.write(OURS, host.rules_for_us(files))
    options = []
    for tag in arguments.enforce.split(",") if phase == "enforce" else []:
        # of several tags not every set of rules has each
        if f"[{tag}," in text or f", {tag}" in text or f"[{tag}]" in text:
            options += ["--enforce", tag]
    for path in files + [OURS]:
        options += ["-r", path]
    return options


def chosen(arguments):
    attempts = rows.adjust(rows.read(f"{arguments.share}/rows.json"), f"{HERE}/adjust.json")
    arguments.place = {one.id: number for number, one in enumerate(attempts)}
    if arguments.only:
        try:
            attempts = rows.named(attempts, arguments.only.split(","))
        except ValueError as error:
            sys.exit(f"guest.py: {error}")
    for one in attempts:
        if one.skip:
            arguments.count.skip(one.id, one.skip)
            print("@ " + json.dumps({
                "attempt": one.id, "title": one.title, "where": one.where, "kernel": arguments.kernel, "adjusted": "",
                "words": {"off": "skipped"}, "why": {"off": one.skip}, "alerts": {}}))
    return [one for one in attempts if not one.skip]


def judge_phase(tried, off, phase, count, arguments):
    """Of each attempt (in the order of `tried`) what it came to; `off`: the same without Picket, or None."""
    words = {}
    for number, one in enumerate(tried):
        attempt = one.attempt
        said = len(count.said)
        words[attempt.id] = word = verdict.judge(count, one, off[number] if off else None)
        if arguments.verbose or len(count.said) > said:
            show(one)
        print("@ " + json.dumps({
            "attempt": attempt.id, "title": attempt.title, "where": attempt.where, "kernel": arguments.kernel,
            "adjusted": attempt.adjusted, "words": {phase: word}, "alerts": {phase: told(one.alerts)},
            "why": {phase: count.whys.get((attempt.id, phase), "")}}), flush=True)
    return words


def show_all(attempts, by_phase, words):
    table = []
    for number, attempt in enumerate(attempts):
        tried = {phase: one[number] for phase, one in by_phase.items()}
        table.append(verdict.line(attempt, tried, {phase: words[phase][attempt.id] for phase in by_phase}))
    show_table(table)


def told(alerts):
    """What verdicts.py is told of alerts."""
    found = {}
    for alert in alerts:
        found.setdefault(alert["rule"], [alert["rule"], alert["priority"], alert["verdict"], 0])[3] += 1
    return sorted(found.values())


def run_benign(picket, arguments, count):
    for job in benign.jobs(arguments.share, arguments.quick, arguments.jobs):
        if job.skip:
            count.skip(job.id, job.skip)
            print("@ " + json.dumps({"job": job.id, "title": job.title, "kernel": arguments.kernel, "word": "skipped",
                                     "status": 0, "alerts": [], "adjusted": job.skip}))
            continue
        arguments.field.services.start()
        shell(job.setup)
        seen = len(picket.alerts())
        cgroup = host.Cgroup(f"job-{job.id.lower()}")
        began = time.monotonic()
        status, output = box.wait(["/bin/sh", "-c", job.command], 300, cgroup.enter(),
                                  arguments.field.environment("alert"))
        cgroup.end()
        time.sleep(0.5)
        alerts = picket.alerts()[seen:]
        shell(job.clean)
        host.Cgroup("around").end()
        arguments.field.pristine.restore()
        loud = [alert for alert in alerts if alert["priority"] in verdict.LOUD]
        wrong = "; ".join(alert["output"] for alert in loud[:4])
        if status != 0:
            wrong = f"status {status}: {output[-400:]} {wrong}"
        word = count.add(job.id, "benign", wrong or None)
        print(f"{job.id}  {word}  {job.title}  ({time.monotonic() - began:.0f} s)", flush=True)
        if wrong:
            print("   " + wrong.replace("\n", "\n   "))
        for alert in alerts:
            if alert not in loud:
                print(f"   {alert['priority']}: {alert['output'][19:250]}")
        print("@ " + json.dumps({"job": job.id, "title": job.title, "kernel": arguments.kernel, "word": word,
                                 "status": status, "alerts": told(alerts), "adjusted": job.adjusted}))


def runs_of(phases):
    """The phases of each agent: benign jobs are done under the one that alerts, if there is one."""
    runs = [[phase] for phase in phases if phase != "benign" or "alert" not in phases]
    return [run + ["benign"] if run == ["alert"] and "benign" in phases else run for run in runs]


def run_phases(arguments, phases, work, count):
    attempts = chosen(arguments) if set(phases) & set(verdict.PHASES) else []
    by_phase, words = {}, {}
    for run in runs_of(phases):
        picket = Picket(rules_for(run[0], arguments), work, run[0]) if run[0] != "off" else None
        for phase in run:
            started = time.monotonic()
            if phase == "benign":
                run_benign(picket, arguments, count)
            else:
                by_phase[phase] = run_phase(attempts, phase, picket, count, arguments)
                words[phase] = judge_phase(by_phase[phase], by_phase.get("off"), phase, count, arguments)
            print(f"== {phase}: {time.monotonic() - started:.0f} s", flush=True)
        if picket:
            count.add("the agent", run[0], picket.stop())
    if by_phase:
        show_all(attempts, by_phase, words)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--share", default="/share")
    parser.add_argument("--rules", default=f"{TOP}/rules")
    parser.add_argument("--enforce", default="escape,can_deny,can_kill,deny_with_care,kill_with_care",
                        help="rules with these tags are enforced")
    parser.add_argument("--kernel", default=".".join(os.uname().release.split(".")[:2]))
    parser.add_argument("--phases", help="off,alert,benign,enforce by default; without off if --quick")
    parser.add_argument("--only", default="")
    parser.add_argument("--jobs", default="", help="these benign jobs only")
    parser.add_argument("--quick", action="store_true", help="few benign jobs")
    parser.add_argument("--no-hook", action="store_true", help="runtimes do not run picket oci-hook")
    parser.add_argument("--verbose", action="store_true")
    arguments = parser.parse_args()
    phases = (arguments.phases or ("" if arguments.quick else "off,") + "alert,benign,enforce").split(",")
    arguments.hook = "" if arguments.no_hook else shutil.which("picket")
    work = "/run/attacks-work"
    os.makedirs(work)
    count = verdict.Count(verdict.read_gaps(f"{HERE}/gaps.json", arguments.kernel))
    arguments.count = count
    host.set_up(arguments.share, HERE)
    if arguments.hook:
        write_podman_hook(arguments.hook)
    services = host.Services()
    services.start()
    arguments.field = Field(arguments.hook, services)
    run_phases(arguments, phases, work, count)
    for line in count.said:
        print(line)
    print(count.summary())
    sys.exit(1 if count.failed else 0)


if __name__ == "__main__":
    main()
