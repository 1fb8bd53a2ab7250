#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The Kubernetes client against a server that behaves as API servers and kubelets do, well and badly.

run.py K8S_DRIVE [CASE...]

Each case is a script for server.py and what the client has to know in the end. Nothing waits for a time to
pass, but for something to have happened, at most WAIT seconds. The last line is "N passed, N failed".
"""
import contextlib
import errno
import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time

import server

WAIT = 30
FAST = {
    "backoff_min_ms": 4, "backoff_max_ms": 30, "steady_ms": 20, "silence_ms": 20000, "list_ms": 25000,
    "kubelet_ms": 20, "kubelet_after": 2, "watch_s": 600,
}
HANG = 40
GONE = {"kind": "Status", "status": "Failure", "code": 410, "reason": "Expired",
        "message": "too old resource version: 5 (9)"}
CASES = []


def case(function):
    CASES.append(function)
    return function


def openssl(*args):
    subprocess.run(["openssl", *args], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def make_certificates():
    """ca.crt has signed good.crt, of 127.0.0.1, and other.crt, of another address; wrong.crt is no authority of theirs."""
    for name in ("ca", "wrong"):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.crt")
    for name, address in (("good", "127.0.0.1"), ("other", "127.0.0.9")):
        with open("ext", "w") as file:
            file.write(f"subjectAltName=IP:{address}\n")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=api",
                "-keyout", f"{name}.key", "-out", f"{name}.csr")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial",
                "-days", "2", "-extfile", "ext", "-out", f"{name}.crt")


def pod(uid, name, version="1", **more):
    value = {
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": {"uid": uid, "name": name, "namespace": "default", "resourceVersion": version,
                     "labels": {"app": name},
                     "managedFields": [{"manager": "x", "fieldsV1": {"f:metadata": {"f:labels": {}}}}]},
        "spec": {"nodeName": "node-1", "containers": [{"name": "main", "image": "i"}]},
        "status": {"podIP": "10.0.0.1", "containerStatuses": [
            {"name": "main", "containerID": f"containerd://c-{uid}", "image": "i", "imageID": "i@sha256:0"}]},
    }
    for key, part in more.items():
        value[key].update(part)
    return value


def event(kind, value):
    return {"type": kind, "object": value}


def bookmark(version):
    return event("BOOKMARK", {"kind": "Pod", "metadata": {"resourceVersion": version}})


def pods(*items, version="5", **metadata):
    return {"kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": version, **metadata},
            "items": list(items)}


def listing(*items, version="5", **step):
    return {"on": "list", "body": pods(*items, version=version), **step}


def watching(*lines, **step):
    return {"on": "watch", "lines": list(lines), **step}


QUIET = watching(hang=HANG, repeat=True)  # for what comes after what is tested


class Failed(Exception):
    pass


class Lines:
    """What a process prints, one JSON a line, as it comes."""

    def __init__(self, process):
        self.queue = queue.Queue()
        self.all = []
        threading.Thread(target=self.read, args=(process.stdout,), daemon=True).start()

    def read(self, stream):
        for line in stream:
            self.queue.put(json.loads(line))
        self.queue.put(None)

    def next(self, timeout):
        try:
            line = self.queue.get(timeout=timeout)
        except queue.Empty:
            return None
        if line is not None:
            self.all.append(line)
        return line


def start_server(steps, certificate="good", port=0):
    return server.Server(steps, f"{certificate}.crt", f"{certificate}.key", port)


def check_requests(of):
    for request in of.requests:
        expect("wrong" not in request, f"request {request}")
    return of.requests


class Run:
    def __init__(self, drive, servers, options):
        words = [f"{name}={value}" for name, value in options if value is not None]
        self.servers = servers
        self.process = subprocess.Popen([drive, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.lines = Lines(self.process)

    def wait(self, what, fits):
        """The first status that fits, of those to come."""
        end = time.monotonic() + WAIT
        last = None
        while time.monotonic() < end:
            line = self.lines.next(1)
            if line is None and self.process.poll() is not None:
                raise Failed(f"the client ended with {self.process.returncode}; last: {last}")
            if line is None:
                continue
            last = line
            if fits(line):
                return line
        raise Failed(f"not seen: {what}; last: {last}; requests: {[s.requests[-8:] for s in self.servers]}")

    def named(self, uid, name):
        return self.wait(f"{uid} called {name}", lambda s: (s["pods"].get(uid) or {}).get("name") == name)

    def stop(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            if self.process.wait(WAIT):
                raise Failed(f"the client ended with {self.process.returncode}")


@contextlib.contextmanager
def running(steps, *asked, certificate="good", kubelet=None, ca="ca.crt", **options):
    """asked: "uid=..." and "container=..."; kubelet: the steps of one."""
    with open("token", "w") as file:
        file.write("first\n")
    servers, run = [start_server(steps, certificate)], None
    try:
        if kubelet is not None:
            servers.append(start_server(kubelet, certificate))
        words = [("api", servers[0].url), ("node", "node-1"), ("token", "token"), ("ca", ca),
                 ("kubelet", servers[1].url if kubelet is not None else None)]
        words += [tuple(word.split("=", 1)) for word in asked]
        run = Run(DRIVE, servers, words + list({**FAST, **options}.items()))
        yield run, servers[0]
        for each in servers:
            check_requests(each)
    finally:
        for each in servers:
            each.stop()
        if run:
            run.stop()


def expect(condition, what):
    if not condition:
        raise Failed(what)


# ---- as it should be ----


@case
def list_and_watch():
    steps = [
        listing(pod("a", "one"), pod("b", "two"), want={
            "fieldSelector": "spec.nodeName=node-1", "limit": "250", "resourceVersion": "0"}, token="first"),
        watching(event("ADDED", pod("c", "three", "6")), event("MODIFIED", pod("a", "one-changed", "7")),
                 event("DELETED", pod("b", "two", "8")), bookmark("20"), token="first", want={
                     "allowWatchBookmarks": "true", "resourceVersion": "5",
                     "fieldSelector": "spec.nodeName=node-1"}),
        watching(event("ADDED", pod("d", "four", "21")), want={"resourceVersion": "20"}, hang=HANG),
    ]
    with running(steps, "uid=a", "uid=b", "uid=c", "uid=d", "container=c-c") as (run, api):
        state = run.named("d", "four")
        expect(state["phase"] == "watching" and state["synced"] and state["list"] == 1, f"state {state}")
        expect(state["pods"]["a"]["name"] == "one-changed", "MODIFIED was not taken")
        expect(state["pods"]["c-c"]["container"] == "main", "no container")
        expect(state["pods"]["c"]["labels"] == "app:three", "no labels")
        expect(state["pods"]["b"], "a deleted pod is to be found for a while")
        expect((state["pod_cnt"], state["gone_cnt"]) == (3, 1), f"state {state}")
        expect(state["failure"] == 0 and state["refused"] == 0, f"failures: {state}")
        expect(200 <= int(api.requests[1]["query"]["timeoutSeconds"]) <= 900, "timeoutSeconds")


@case
def pages():
    steps = [
        {"on": "list", "body": pods(pod("a", "one"), **{"continue": "next/1+="}), "want": {"limit": "1", "!continue": ""}},
        {"on": "list", "body": pods(pod("b", "two"), **{"continue": "next2"}), "want": {
            "limit": "1", "continue": "next/1+=", "!resourceVersion": ""}},
        {"on": "list", "body": pods(pod("c", "three")), "want": {"continue": "next2"}},
        QUIET,
    ]
    with running(steps, "uid=a", "uid=b", "uid=c", page_cnt=1) as (run, _):
        state = run.wait("three pages", lambda s: s["list"] == 1)
        expect(all(state["pods"].values()) and state["pod_cnt"] == 3, f"state {state}")


@case
def big_list():
    items = [pod(f"u{i}", f"n{i}", spec={"junk": ["x" * 2000] * 10}) for i in range(500)]
    with running([listing(*items), QUIET], "uid=u0", "uid=u499") as (run, _):
        state = run.wait("a list", lambda s: s["list"] == 1)
        expect(state["pod_cnt"] == 500 and state["refused"] == 0, f"state {state}")
        expect(state["pods"]["u499"]["name"] == "n499", "the last one")


@case
def slow_bodies():
    steps = [
        listing(pod("a", "one"), step=1, pause=0.0002),
        watching(event("ADDED", pod("b", "two", "6")), "", event("ADDED", pod("c", "three", "7")), step=1, pause=0.0002,
                 hang=HANG),
    ]
    with running(steps, "uid=a", "uid=b", "uid=c") as (run, _):
        state = run.named("c", "three")
        expect(state["pods"]["b"]["name"] == "two" and state["failure"] == 0, f"state {state}")


@case
def watches_that_end():
    """In order, with and without a word: no list follows; one that ends at once is a failure."""
    steps = [
        listing(pod("a", "one")),
        watching(bookmark("6")), watching(want={"resourceVersion": "6"}), watching(want={"resourceVersion": "6"}),
        watching(bookmark("8"), want={"resourceVersion": "6"}), watching(want={"resourceVersion": "8"}, hang=HANG),
    ]
    with running(steps, steady_ms=20000) as (run, _):
        state = run.wait("five watches", lambda s: s["watch"] == 5)
        expect(state["list"] == 1 and state["failure"] == 2, f"state {state}")


@case
def watch_without_end():
    """A connection that died without a word."""
    steps = [listing(pod("a", "one")), watching(hang=HANG),
             watching(event("ADDED", pod("b", "two", "6")), hang=HANG, repeat=True)]
    with running(steps, "uid=b", watch_s=1, watch_grace_ms=1) as (run, _):
        state = run.named("b", "two")
        expect(state["list"] == 1 and state["failure"] >= 1 and state["error"] == errno.ETIMEDOUT, f"state {state}")


# ---- places that are not known any more ----


@case
def gone_status():
    steps = [listing(pod("a", "one"), pod("b", "two")), watching(status=410, body=GONE),
             listing(pod("a", "one-again"), version="9", want={"!resourceVersion": "", "limit": "250"}),
             watching(want={"resourceVersion": "9"}, hang=HANG)]
    steps[1].pop("lines")
    with running(steps, "uid=a", "uid=b") as (run, _):
        state = run.wait("a second list", lambda s: s["list"] == 2)
        expect(state["pods"]["a"]["name"] == "one-again" and state["stale"] == 1, f"state {state}")
        expect((state["pod_cnt"], state["gone_cnt"]) == (1, 1), f"state {state}")
        expect(state["http"] == 410 and state["reason"].startswith("too old resource"), f"state {state}")


@case
def gone_event():
    steps = [listing(pod("a", "one")), watching(event("ADDED", pod("b", "two", "6")), event("ERROR", GONE),
                                                event("ADDED", pod("c", "never", "7"))),
             listing(pod("d", "four"), version="9"), QUIET]
    with running(steps, "uid=b", "uid=c", "uid=d") as (run, _):
        state = run.named("d", "four")
        expect(state["stale"] == 1 and state["http"] == 410 and not state["pods"]["c"], f"state {state}")
        expect("too old" in state["reason"], f"reason {state['reason']}")


@case
def gone_between_pages():
    steps = [{"on": "list", "body": pods(pod("a", "one"), **{"continue": "x"})},
             {"on": "list", "status": 410, "body": GONE, "want": {"continue": "x"}},
             {"on": "list", "body": pods(pod("b", "two")), "want": {"!continue": ""}}, QUIET]
    with running(steps, "uid=b") as (run, _):
        state = run.named("b", "two")
        expect(state["list"] == 1 or run.wait("a list", lambda s: s["list"] == 1), "no list")


@case
def error_event():
    """Another error than 410: the place is still good."""
    steps = [listing(pod("a", "one")),
             watching(event("ERROR", {"kind": "Status", "code": 500, "message": "etcd\u001b[1m is away"})),
             watching(want={"resourceVersion": "5"}, hang=HANG)]
    with running(steps) as (run, _):
        state = run.wait("a second watch", lambda s: s["watch"] == 2)
        expect(state["list"] == 1 and state["http"] == 500 and "etcd" in state["reason"], f"state {state}")


# ---- what breaks ----


@case
def cut_in_a_line():
    first = watching(event("ADDED", pod("b", "two", "6")), event("ADDED", pod("c", "never", "7")))
    first["cut"] = len(json.dumps(first["lines"][0])) + 300
    steps = [listing(pod("a", "one")), first,
             watching(event("ADDED", pod("d", "four", "8")), want={"resourceVersion": "6"}, hang=HANG)]
    with running(steps, "uid=b", "uid=c", "uid=d") as (run, _):
        state = run.named("d", "four")
        expect(state["pods"]["b"] and not state["pods"]["c"] and state["list"] == 1, f"state {state}")
        expect(state["failure"] == 1 and state["refused"] == 0, f"state {state}")


@case
def cut_list():
    """Half a list takes nothing away."""
    steps = [listing(pod("a", "one"), pod("b", "two")), watching(event("ERROR", GONE)),
             listing(pod("b", "two-again"), pod("a", "never"), cut=900), listing(pod("a", "one-again"), version="9"), QUIET]
    with running(steps, "uid=a", "uid=b") as (run, _):
        state = run.named("a", "one-again")
        expect(state["failure"] == 2 and state["stale"] == 1, f"state {state}")
        seen = [s["pod_cnt"] for s in run.lines.all if s["list"] == 1]
        expect(seen and min(seen) == 2, f"pods while there was half a list: {seen}")


@case
def silent_list():
    steps = [{"on": "list", "body": "{\"items\":[", "hang": HANG}, listing(pod("a", "one"), repeat=True), QUIET]
    with running(steps, "uid=a", silence_ms=300) as (run, _):
        state = run.named("a", "one")
        expect(state["error"] == errno.ETIMEDOUT, f"state {state}")


@case
def endless_list():
    """A byte now and then is no silence, but there is an end to it."""
    steps = [{"on": "list", "body": " " * 100000, "step": 1, "pause": 0.01}, listing(pod("a", "one"), repeat=True), QUIET]
    with running(steps, "uid=a", list_ms=500) as (run, _):
        state = run.named("a", "one")
        expect(state["error"] == errno.ETIMEDOUT, f"state {state}")


@case
def errors_of_the_server():
    steps = [{"on": "list", "status": 500, "body": "oops"}, {"on": "list", "status": 503, "body": ""},
             listing(pod("a", "one")), {"on": "watch", "status": 500, "body": {"message": "no watch"}},
             watching(event("ADDED", pod("b", "two", "6")), want={"resourceVersion": "5"}, hang=HANG)]
    with running(steps, "uid=a", "uid=b") as (run, _):
        run.wait("away", lambda s: s["phase"] == "away" and not s["synced"])
        state = run.named("b", "two")
        expect(state["phase"] == "watching" and state["list"] == 1 and state["failure"] == 3, f"state {state}")
        expect(state["http"] == 500 and state["reason"] == "no watch", f"state {state}")


@case
def server_goes_away():
    """What is known stays known, and the status says since when it may be out of date."""
    with running([listing(pod("a", "one")), QUIET], "uid=a") as (run, api):
        run.wait("watching", lambda s: s["watch"] == 1)
        api.stop()
        state = run.wait("away", lambda s: s["phase"] == "away")
        expect(state["pods"]["a"]["name"] == "one" and state["contact"] and state["reason"], f"state {state}")
        state = run.wait("many attempts", lambda s: s["failure"] >= 10)
        expect(state["pods"]["a"]["name"] == "one", f"state {state}")


@case
def server_comes_back():
    """The place to watch from is still good; what was not told meanwhile is told then."""
    with running([listing(pod("a", "one")), watching(bookmark("6"), hang=HANG)], "uid=a", "uid=b") as (run, api):
        run.wait("watching", lambda s: s["event"] == 1)
        api.stop()
        run.wait("away", lambda s: s["phase"] == "away")
        again = start_server([watching(event("ADDED", pod("b", "two", "7")), want={"resourceVersion": "6"}, hang=HANG)],
                             port=api.server_address[1])
        try:
            state = run.named("b", "two")
            expect(state["phase"] == "watching" and state["list"] == 1 and state["pods"]["a"], f"state {state}")
            check_requests(again)
        finally:
            again.stop()


@case
def retry_after():
    steps = [{"on": "list", "status": 429, "headers": {"Retry-After": "1"}, "body": {"message": "too many"}},
             listing(pod("a", "one")), QUIET]
    with running(steps, "uid=a") as (run, _):
        run.wait("the refusal", lambda s: s["http"] == 429)
        begun = time.monotonic()
        run.named("a", "one")
        expect(time.monotonic() - begun > 0.7, "it did not wait")


# ---- who is who ----


@case
def rotated_token():
    """The old token is refused; by then the new one is there: no failure in between but one, and no wait."""
    steps = [listing(pod("a", "one"), token="first"), watching(bookmark("6"), token="first"),
             watching(token="second", write={"token": "second\n"}),
             watching(event("ADDED", pod("b", "two", "7")), token="second", want={"resourceVersion": "6"}, hang=HANG)]
    with running(steps, "uid=b", backoff_min_ms=3600000, backoff_max_ms=3600000) as (run, api):
        state = run.named("b", "two")
        expect(state["list"] == 1 and state["http"] == 401, f"state {state}")
        tokens = [r["token"] for r in api.requests]
        expect(tokens == ["Bearer first"] * 3 + ["Bearer second"], f"tokens {tokens}")


@case
def refused_token():
    """Refused for a while: tried again, more and more slowly, with what the file has then."""
    steps = [listing(token="second"), listing(token="second"), listing(token="second", write={"token": "second"}),
             listing(pod("a", "one"), token="second"), QUIET]
    with running(steps, "uid=a") as (run, _):
        run.wait("away", lambda s: s["phase"] == "away" and s["http"] == 401 and s["reason"] == "Unauthorized")
        run.named("a", "one")


@case
def forbidden():
    message = 'pods is forbidden: User "system:serviceaccount:x:y" cannot list resource "pods"'
    steps = [{"on": "list", "status": 403, "body": {"kind": "Status", "message": message}, "repeat": True}]
    with running(steps) as (run, _):
        run.wait("the reason", lambda s: s["phase"] == "away" and s["http"] == 403 and s["reason"] == message)


@case
def no_token():
    with contextlib.suppress(FileNotFoundError):
        os.remove("later")
    api = start_server([listing(pod("a", "one"), token="late"), QUIET])
    run = Run(DRIVE, [api], [("api", api.url), ("node", "node-1"), ("token", "later"), ("ca", "ca.crt"),
                                ("uid", "a"), *FAST.items()])
    try:
        run.wait("no token", lambda s: s["error"] == errno.ENOENT and "'later'" in s["reason"])
        with open("later", "w") as file:
            file.write("late")
        run.named("a", "one")
    finally:
        api.stop()
        run.stop()


def refused_certificate(**options):
    with running([listing(pod("a", "one"), repeat=True), QUIET], "uid=a", **options) as (run, api):
        state = run.wait("three failures", lambda s: s["failure"] >= 3)
        expect(state["error"] == errno.EKEYREJECTED and state["phase"] == "away", f"state {state}")
        expect(not api.requests and not state["pods"]["a"] and not state["contact"], f"state {state}")


@case
def wrong_authority():
    refused_certificate(ca="wrong.crt")


@case
def wrong_address():
    refused_certificate(certificate="other")


@case
def no_authority():
    """Not the host's ones in place of it."""
    with open("empty.crt", "w"):
        pass
    refused_certificate(ca="empty.crt")


@case
def redirected():
    other = start_server([listing(pod("a", "one"), repeat=True), QUIET])
    try:
        steps = [{"on": "list", "status": 302, "headers": {"Location": other.url + "/api/v1/pods"}, "repeat": True}]
        with running(steps, "uid=a") as (run, _):
            run.wait("three failures", lambda s: s["failure"] >= 3 and s["http"] == 302)
        expect(not other.requests, "the token went elsewhere")
    finally:
        other.stop()


# ---- texts that nobody should write ----


@case
def malformed_lines():
    steps = [listing(pod("a", "one")),
             watching("nonsense", "{", "{}", "[]", '{"type":"ADDED","object":{"metadata":{"uid":"x"', "\ufffd",
                      {"type": "ADDED", "object": None}, {"type": 5, "object": {}}, {"type": "SECRET", "object": {}},
                      event("ADDED", {"metadata": {"name": "no uid"}}), event("ADDED", pod("b", "two", "6")), hang=HANG)]
    with running(steps, "uid=b", "uid=x") as (run, _):
        state = run.named("b", "two")
        expect(state["refused"] == 5 and state["failure"] == 0 and not state["pods"]["x"], f"state {state}")
        expect(state["store_refused"] == 1, f"state {state}")


@case
def malformed_lists():
    bad = ["", "nonsense", "[]", "{}", '{"items":[', '{"items":[1]}', '{"items":[],"metadata":{}}',
           '{"metadata":{"resourceVersion":"5\\n"},"items":[]}', '{"metadata":{"resourceVersion":"5"},"items":[]}}',
           '{"head":"' + "x" * 70000 + '"}']
    steps = [{"on": "list", "body": body} for body in bad]
    steps += [{"on": "list", "body": '{"metadata":{"resourceVersion":"5"},"items":[{"metadata":1 2},{"metadata":{"uid":"b","name":"two"}}]}'}]
    with running([*steps, QUIET], "uid=b") as (run, _):
        state = run.named("b", "two")
        state = run.wait("a list", lambda s: s["list"] == 1)
        expect(state["failure"] == len(bad) and state["refused"] == 1, f"state {state}")


@case
def huge_lines():
    """More than any pod can have: left out, and the next one is taken. As much as one can have: taken."""
    big = json.dumps(event("ADDED", pod("big", "big", "7")))
    big = big.replace('"spec": {', '"spec": {"junk": "' + "<" * (12 << 20) + '", ')
    steps = [listing(pod("a", "one")),
             watching(event("ADDED", pod("b", "two", "6")), big, pad=[17 << 20, "x"]),
             watching(event("ADDED", pod("c", "three", "8")), want={"resourceVersion": "7"}, hang=HANG)]
    with running(steps, "uid=b", "uid=big", "uid=c") as (run, _):
        state = run.named("c", "three")
        expect(state["pods"]["b"] and state["pods"]["big"]["name"] == "big", f"state {state}")
        expect(state["refused"] == 1 and state["list"] == 1, f"state {state}")


@case
def hostile_names():
    labels = {f"label-{i}": "x" * 10000 for i in range(300)}
    deep = "[" * 5000 + "]" * 5000
    texts = [
        json.dumps(event("ADDED", pod("a", "line\nbreak\r\u001b[2J", "6", metadata={"labels": labels}))),
        '{"type":"ADDED","object":{"metadata":{"uid":"b","uid":"b2","name":"\udcff\udcfe","namespace":"x\\u0000y",'
        '"labels":{"k\\u0000":"v","k":"w","":"empty"}}}}',
        '{"type":"ADDED","object":{"metadata":{"uid":"c","name":"deep","labels":' + deep + ',"namespace":' + deep +
        '},"spec":' + deep + "}}",
        '{"type":"ADDED","object":{"metadata":{"uid":"d","name":"deep","ignored":' + deep + "}}}",
        json.dumps(event("ADDED", pod("e", "many", "7", status={"containerStatuses": [
            {"name": f"n{i}", "containerID": f"x://id-{i}"} for i in range(5000)]}))),
        json.dumps(event("ADDED", pod("f", "last", "8"))),
    ]
    steps = [listing(), watching(*texts, hang=HANG)]
    asked = [f"uid={uid}" for uid in ("a", "b", "b2", "c", "d", "e", "f")]
    with running(steps, *asked) as (run, _):
        known = run.named("f", "last")["pods"]
        expect(known["a"]["name"] == "line\nbreak\r\u001b[2J" and known["a"]["flags"] & 2, f"a: {known['a']['name']}")
        expect(len(known["a"]["labels"]) <= 128 * (256 + 12), "labels are not bounded")
        expect(not known["b"] and known["b2"]["name"] == "\xff\xfe" and known["b2"]["ns"] == "x\xef\xbf\xbdy", f"b: {known['b2']}")
        expect("k:w" in known["b2"]["labels"] and "empty" not in known["b2"]["labels"], f"b: {known['b2']}")
        expect(known["c"]["name"] == "deep" and known["c"]["ns"] == "" and known["c"]["flags"] == 1, f"c: {known['c']}")
        expect(known["d"]["name"] == "deep" and known["d"]["flags"] == 0, f"d: {known['d']}")
        expect(known["e"]["name"] == "many" and known["e"]["flags"] & 4, f"e: {known['e']}")


# ---- the kubelet ----


@case
def kubelet():
    """Asked where the API server cannot be, until it can."""
    steps = [{"on": "list", "status": 503, "body": ""}] * 6
    steps += [listing(pod("mirror", "api-server-node-1", metadata={
        "annotations": {"kubernetes.io/config.hash": "5f5f"}}), version="9", want={"fieldSelector": "spec.nodeName=node-1"}),
        watching(want={"resourceVersion": "9"}, hang=HANG)]
    of_kubelet = {"on": "kubelet", "body": {"kind": "PodList", "metadata": {}, "items": [
        pod("5f5f", "api-server"), pod("a", "one")]}, "token": "first", "repeat": True}
    with running(steps, "uid=5f5f", "uid=a", kubelet=[of_kubelet]) as (run, _):
        state = run.wait("the kubelet's pods", lambda s: s["phase"] == "kubelet")
        expect(state["http"] == 503 and not state["kubelet_reason"], f"state {state}")
        expect(state["pods"]["5f5f"]["name"] == "api-server" and state["synced"] and state["list"] == 0, f"state {state}")
        state = run.wait("watching", lambda s: s["phase"] == "watching")
        expect(state["kubelet"] >= 1 and state["list"] == 1, f"state {state}")
        expect(state["pods"]["5f5f"]["name"] == "api-server" or state["pods"]["5f5f"]["uid"] == "mirror", f"state {state}")


@case
def kubelet_takes_over():
    """In the middle of it: what the kubelet says replaces what was known, and a list follows."""
    steps = [listing(pod("a", "one"), pod("b", "two")), watching(bookmark("6"))]
    steps += [{"on": "watch", "status": 500, "body": ""}] * 3 + [{"on": "list", "status": 500, "body": ""}] * 2
    steps += [listing(pod("c", "three"), version="9", want={"resourceVersion": "0"}), QUIET]
    of_kubelet = {"on": "kubelet", "body": {"items": [pod("a", "one-by-kubelet")]}, "repeat": True}
    with running(steps, "uid=a", "uid=c", kubelet=[of_kubelet], kubelet_after=3) as (run, _):
        run.named("a", "one-by-kubelet")
        run.named("c", "three")


@case
def neither_answers():
    steps = [{"on": "list", "status": 503, "body": "", "repeat": True}]
    of_kubelet = {"on": "kubelet", "status": 403, "body": "Forbidden", "repeat": True}
    with running(steps, kubelet=[of_kubelet]) as (run, _):
        state = run.wait("away", lambda s: s["phase"] == "away" and s["kubelet_reason"])
        expect(not state["synced"], f"state {state}")
        expect((state["http"], state["reason"]) == (503, "status 503"), f"the API server's error: {state}")
        expect(state["kubelet_reason"] == "status 403", f"the kubelet's error: {state}")


def main():
    global DRIVE
    if not shutil.which("openssl"):
        print("SKIPPED: no openssl")
        sys.exit(77)
    DRIVE = os.path.abspath(sys.argv[1])
    wanted = sys.argv[2:]
    unknown = set(wanted) - {function.__name__ for function in CASES}
    if unknown:
        sys.exit(f"run.py: no case {', '.join(sorted(unknown))}")
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="picket-k8s-") as work:
        os.chdir(work)
        make_certificates()
        for function in CASES:
            if wanted and function.__name__ not in wanted:
                continue
            begun = time.monotonic()
            try:
                function()
                passed += 1
                print(f"ok      {function.__name__} ({time.monotonic() - begun:.1f} s)", flush=True)
            except (Failed, OSError, KeyError, TypeError, ValueError, subprocess.SubprocessError) as error:
                failed += 1
                print(f"FAILED: {function.__name__}: {type(error).__name__}: {str(error)[:1500]}", flush=True)
        os.chdir("/")
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
