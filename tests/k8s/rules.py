#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rules that ask for pods, live: picket run against an API server that tells of a pod, and of its labels as they change.

rules.py PICKET

The command that picket watches is this script again (--inside DIRECTORY): it makes cgroups that are called as
containers' are, and runs programs in them, each in a mount namespace of its own. So what rules kill is the test's
own. The last line is "N passed, N failed". Exit status 77: it cannot run here.
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import run
import server

UID = "11111111-2222-3333-4444-555555555555"
ID = "c0ffee" + "0" * 58
OTHER_ID = "decade" + "0" * 58
KILLED = -signal.SIGKILL
WAIT = 30
SCRIPT = os.path.abspath(__file__)

RULES = """
- rule: front reads
  desc: d
  condition: evt.type in (open, openat) and fd.name = {work}/secret and k8s.ns.name = shop and k8s.pod.label[tier] = front
  output: "%k8s.pod.name of %k8s.deployment.name"
  priority: CRITICAL
  action: kill
- rule: may be front
  desc: d
  condition: evt.type in (open, openat) and fd.name = {work}/careful and k8s.pod.label[tier] = front
  output: careful
  priority: CRITICAL
  action: kill
  on_unknown: act
- rule: shop reads
  desc: d
  condition: evt.type in (open, openat) and fd.name = {work}/plain and k8s.ns.name = shop
  output: "%k8s.ns.name/%k8s.pod.name %k8s.pod.labels %k8s.rs.name %k8s.node.name %k8s.pod.ip"
  priority: NOTICE
- rule: no pod reads
  desc: d
  condition: evt.type in (open, openat) and fd.name = {work}/plain and container.id != host and not k8s.pod.name exists
  output: none
  priority: NOTICE
"""


# ---- inside ----


def own_cgroup():
    tree = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "cgroup-tree")
    return subprocess.run([tree, "self"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def probe(cgroup, file):
    def join():
        with open(cgroup + "/cgroup.procs", "w") as procs:
            procs.write(str(os.getpid()))

    return subprocess.run(["unshare", "-m", "--", "cat", file], preexec_fn=join, stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode


def inside(work):
    own = own_cgroup()
    pod = f"{own}/kubepods-pod{UID.replace('-', '_')}.slice"
    cgroups = {"pod": f"{pod}/cri-containerd-{ID}.scope", "none": f"{own}/libpod-{OTHER_ID}.scope"}
    for cgroup in cgroups.values():
        os.makedirs(cgroup)
    with open(work + "/answers", "w") as answers:
        for line in sys.stdin:
            where, name = line.split()
            print(probe(cgroups[where], f"{work}/{name}"), file=answers, flush=True)
    for cgroup in [*cgroups.values(), pod]:
        for _ in range(100):
            try:
                os.rmdir(cgroup)
                break
            except OSError:
                time.sleep(0.02)


# ---- outside ----


def pod(tier, version):
    return run.pod(UID, "web-7d9c5-x2x", version, metadata={
        "namespace": "shop", "labels": {"tier": tier, "pod-template-hash": "7d9c5"},
        "ownerReferences": [{"kind": "ReplicaSet", "name": "web-7d9c5", "uid": "r", "controller": True}]}, status={
            "podIP": "10.0.0.1", "containerStatuses": [
                {"name": "main", "containerID": "containerd://" + ID, "image": "i:1", "imageID": "i@sha256:0"}]})


def steps():
    return [
        run.listing(pod("back", "4"), gate="listed"),
        run.watching(run.event("MODIFIED", pod("front", "6")), run.bookmark("7"), gate="front"),
        run.watching(run.event("MODIFIED", pod("back", "8")), gate="back", hang=run.HANG),
        run.QUIET,
    ]


class Checks:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, what, is_so, details=""):
        if is_so:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED: {what}: {str(details)[:1500]}", flush=True)


class Picket:
    def __init__(self, picket, url):
        work = os.getcwd()
        open("answers", "w").close()
        with open("rules.yaml", "w") as file:
            file.write(RULES.format(work=work))
        self.err = open("err", "w+")
        self.out = open("out", "w+")
        self.process = subprocess.Popen(
            [picket, "run", "-o", "json", "-r", "rules.yaml", "--record", "recording", "--k8s", "node-1", "--k8s-api", url,
             "--k8s-ca", "ca.crt", "--k8s-token", "token", "--", sys.executable, SCRIPT, "--inside", work],
            stdin=subprocess.PIPE, stdout=self.out, stderr=self.err, text=True)
        self.answers = open("answers")

    def probe(self, where, name):
        print(where, name, file=self.process.stdin, flush=True)
        end = time.monotonic() + WAIT
        line = ""
        while not line.endswith("\n"):
            if self.process.poll() is not None or time.monotonic() > end:
                self.process.kill()
                self.err.seek(0)
                raise SystemExit(f"FAILED: no answer to '{where} {name}': {self.err.read()[-3000:]}")
            line += self.answers.readline()
            time.sleep(0.01)
        return int(line)

    def until(self, where, name, wanted):
        end = time.monotonic() + WAIT
        while (got := self.probe(where, name)) != wanted and time.monotonic() < end:
            time.sleep(0.05)
        return got

    def end(self):
        self.process.stdin.close()
        return self.process.wait(WAIT)


def alerts(text):
    return [line for line in map(json.loads, text.splitlines()) if "rule" in line]


def check_alerts(checks, told):
    by_rule = {}
    for alert in told:
        by_rule.setdefault(alert["rule"], []).append(alert)
    fronts = by_rule.get("front reads", [])
    # before the label is known to have changed back there may be more of them
    checks.check("readers were killed", fronts and all(alert["verdict"] == "killed" for alert in fronts), told)
    if fronts:
        checks.check("its pod is named", fronts[0]["output"].endswith(" web-7d9c5-x2x of web"), fronts[0])
        checks.check("the event has its pod", fronts[0]["event"].get("k8s") == {
            "namespace": "shop", "pod": "web-7d9c5-x2x", "uid": UID, "ip": "10.0.0.1", "node": "node-1",
            "owner": {"kind": "ReplicaSet", "name": "web-7d9c5"}, "deployment": "web"}, fronts[0])
        checks.check("its container is called as there", fronts[0]["event"]["container"].get("name") == "main", fronts[0])
        fields = fronts[0]["output_fields"]
        checks.check("alerts have it", fields.get("k8s.ns.name") == "shop", fields)
    shops = by_rule.get("shop reads", [])
    outputs = [alert["output"].split(" Notice ")[1] for alert in shops]
    checks.check("facts of the pod in an output", outputs == [
        "shop/web-7d9c5-x2x tier:back, pod-template-hash:7d9c5 web-7d9c5 node-1 10.0.0.1"], shops)
    checks.check("a container of no pod", len(by_rule.get("no pod reads", [])) == 1, by_rule.get("no pod reads"))


def scenario(checks, picket):
    agent = Picket(picket, api.url)
    checks.check("not known yet: what acts on that kills", agent.until("pod", "careful", KILLED) == KILLED)
    checks.check("and what does not lets pass", agent.probe("pod", "secret") == 0)
    checks.check("a container of no pod is known to be none", agent.probe("none", "careful") == 0)
    checks.check("nobody knows the pod's name", agent.probe("pod", "plain") == 0)
    open("listed", "w").close()
    checks.check("the pod is another one", agent.until("pod", "careful", 0) == 0)
    checks.check("so is it for all rules", agent.probe("pod", "secret") == 0)
    checks.check("read in a pod", agent.probe("pod", "plain") == 0)
    checks.check("read in no pod", agent.probe("none", "plain") == 0)
    open("front", "w").close()
    checks.check("a label has changed: killed", agent.until("pod", "secret", KILLED) == KILLED)
    checks.check("a container of no pod is not", agent.probe("none", "secret") == 0)
    open("back", "w").close()
    checks.check("it has changed back", agent.until("pod", "secret", 0) == 0)
    status = agent.end()
    agent.err.seek(0)
    checks.check(f"ends with 0, not {status}", status == 0, agent.err.read())
    agent.out.seek(0)
    told = [alert for alert in alerts(agent.out.read())]
    check_alerts(checks, told)
    check_replay(checks, picket, told)
    check_untold(checks, picket)


def check_untold(checks, picket):
    alone = subprocess.run([picket, "run", "-r", "rules.yaml", "--", "true"], capture_output=True, text=True, timeout=60)
    checks.check("without --k8s it is said what stays unknown", "k8s.pod.label is asked for" in alone.stderr, alone.stderr)


def check_replay(checks, picket, told):
    """Rules judged by the recording find the pod as it was at the time."""
    again = subprocess.run([picket, "replay", "-o", "json", "-r", "rules.yaml", "recording"], capture_output=True, text=True,
                           timeout=60)
    checks.check("the recording is replayed", again.returncode == 0, again.stderr)
    for rule in ("front reads", "shop reads", "no pod reads"):
        now, then = ([alert["output_fields"] for alert in some if alert["rule"] == rule]
                     for some in (alerts(again.stdout), told))
        checks.check(f"the same alerts of '{rule}'", now[:1] == then[:1], (now, then))


def main():
    global api
    picket = os.path.abspath(sys.argv[1])
    if not shutil.which("openssl") or not shutil.which("unshare"):
        print("SKIPPED: no openssl or no unshare")
        sys.exit(77)
    if os.geteuid() or subprocess.run([picket, "run", "--", "true"], capture_output=True, timeout=60).returncode:
        print("SKIPPED: picket cannot run here")
        sys.exit(77)
    checks = Checks()
    with tempfile.TemporaryDirectory(prefix="picket-k8s-") as work:
        os.chmod(work, 0o755)
        os.chdir(work)
        run.make_certificates()
        for name in ("token", "secret", "careful", "plain"):
            with open(name, "w") as file:
                file.write("text\n")
        api = server.Server(steps(), "good.crt", "good.key")
        try:
            scenario(checks, picket)
        finally:
            api.stop()
            os.chdir("/")
    print(f"{checks.passed} passed, {checks.failed} failed")
    sys.exit(checks.failed != 0)


if __name__ == "__main__":
    if sys.argv[1] == "--inside":
        inside(sys.argv[2])
    else:
        main()
