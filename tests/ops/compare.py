#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the log of tests/ops/ops against Picket's JSON stream.

usage: compare.py --log OPS.log --stream STREAM.jsonl [--backend lsm|tracepoint]
                  [--view host|container] [--host-root DIR] [--verbose]

In:  the log (one line an operation that succeeded, see log.h), and the stream of
     `picket run -o json` that covers at least the program's run.
Out: for each process of the program's subtree every operation has exactly one event with the
     same facts, in the same order, and every event has an operation. What differs is printed;
     the last line is "N passed, N failed", and the exit status is 1 if anything failed.

--view container: the program ran in a pid namespace of its own; --host-root is where its root
is on the host, for the "host_path" facts.
What a backend is known not to see stands in GAPS, what a sensor reports beyond the log
in EXTRA: with the reason, and counted.
"""
import argparse
import collections
import json
import os
import re
import sys

from align import align

XATTR_TYPES = {"setxattr", "removexattr"}
FILE_TYPES = XATTR_TYPES | {
    "open", "rename", "unlink", "link", "symlink", "mkdir", "rmdir", "mknod", "chmod", "chown",
    "truncate",
}
NET_TYPES = {"connect", "bind", "listen", "accept", "send"}
# By the member of an event that has their facts. Only processes that log one of them log them all.
SYSTEM_TYPES = {
    "mount": {"mount", "umount", "move_mount", "open_tree", "fsmount", "fsconfig", "mount_setattr",
              "pivot_root", "chroot"},
    "privilege": {"setuid", "setgid", "capset", "ptrace", "kill", "setns", "unshare",
                  "userns_create", "keyctl", "prctl", "seccomp"},
    "kernel": {"module", "kexec", "bpf", "perf_event_open", "io_uring", "userfaultfd",
               "memfd_create", "socket", "request_module"},
    "memory": {"mmap", "mprotect"},
}
SYSTEM_OBJECT = {kind: member for member, kinds in SYSTEM_TYPES.items() for kind in kinds}
SYSTEM_KEYS = ("command", "key", "option", "operation", "signal", "from")
# Facts that are held against the log as they are, when it has them.
SYSTEM_FACTS = ("fs_type", "source", "flags", "attributes", "cleared", "key", "value", "command",
                "gid", "egid", "sgid", "euid", "suid", "effective", "permitted", "inheritable",
                "option", "arg2", "operation", "request", "types", "key_type", "description",
                "signal", "name", "object_type", "event_type", "pid_asked", "entries", "groups", "prot",
                "length", "domain", "socket_type", "protocol")
PATH_KEPT = 8192  # bytes of a path and of all arguments that an event holds
KEY_KEPT = 4000
NOT_UTF8 = re.compile("[\udc80-\udcff]")  # what "surrogateescape" makes of each stray byte

# Why an operation may be without an event: (backend, does it apply to this log line, reason).
GAPS = [
    ("tracepoint", lambda op: op["type"] in FILE_TYPES and op.get("io_uring"),
     "io_uring's file operations pass no system call of theirs"),
    ("tracepoint", lambda op: op["type"] in ("bind", "listen", "accept") and op.get("io_uring"),
     "io_uring's socket operations other than connect and send"),
    ("tracepoint", lambda op: op["type"] in ("connect", "send") and op.get("io_uring")
     and op["family"] == "unix", "io_uring's operations on Unix sockets"),
    ("tracepoint", lambda op: op["type"] == "send" and op["family"] == "unix",
     "Unix datagrams without a connect"),
    ("tracepoint", lambda op: op["type"] in ("bind", "listen", "module", "kexec")
     and op.get("result", 0) < 0,
     "calls are seen at their end: attempts that failed are not"),
    ("tracepoint", lambda op: op["type"] == "io_uring" and op["operation"] == "override_creds",
     "io_uring's operations under registered credentials"),
    ("tracepoint", lambda op: op.get("unix_bind"),
     "the file that a Unix bind makes: no call names it"),
    ("tracepoint", lambda op: "x32" in op.get("variant", ""), "the x32 system call table"),
]

# Why an event may be without an operation: (backends, does it apply to this event, given the
# paths of operations that were meant to fail by variant; reason).
EXTRA = [
    (("lsm",), lambda event, failed: event["type"] == "open" and path_of(event) in
     failed.get("open ENXIO", set()) | failed.get("open ENXIO of a device", set()),
     "lsm/file_open comes before the driver's own refusal"),
    (("lsm",), lambda event, failed: event["type"] == "open" and path_of(event).endswith("/work")
     and "O_NOATIME" in event["file"].get("flags", ()),
     "mounting an overlay reads its work directory"),
    (("lsm",), lambda event, failed: event["type"] == "open" and path_of(event) == "/"
     and event["file"].get("pseudo") and event["file"].get("flags") == ["O_RDWR"],
     "since 6.9 a pidfd is opened as a file of its own file system"),
    (("tracepoint",), lambda event, failed: event["type"] == "rename" and path_of(event) in
     failed.get("rename to another link of the same file", ()),
     "the call succeeds without doing anything"),
]

# Skipped operations with another reason than these are failures: the test could not be made.
SKIPS = {
    "ENOSYS",      # no such system call here
    "EPERM",       # io_uring switched off
    "EINVAL",      # no such io_uring operation here
    "EOPNOTSUPP",  # the file system or socket family cannot
    "EDESTADDRREQ",  # io_uring SEND took no address before 6.x
    "EXDEV",       # a hard link from another mount
    "ENOENT",      # no 32-bit program was built
    "ENAMETOOLONG",  # a path too long for a socket's address or a script's first line
}


def path_of(event):
    return event.get("file", {}).get("path", "")




def read_log(name):
    """The operations by process, what was skipped, what was meant to fail."""
    ops, skipped, failed, order = collections.OrderedDict(), [], {}, []
    with open(name, "rb") as lines:
        for raw in lines:
            text = raw.decode("utf-8", "surrogateescape")
            line = json.loads(NOT_UTF8.sub("\ufffd", text))
            line["invalid_utf8"] = NOT_UTF8.search(text) is not None
            if "skipped" in line:
                skipped.append(line)
            elif "failed" in line:
                failed.setdefault(line["failed"], set()).add(line["path"])
                if line.get("succeeded"):
                    skipped.append({"skipped": line["failed"], "reason": "it did not fail"})
            elif "type" in line:
                order.append(line)
    start = next(i for i, line in enumerate(order) if line.get("start"))
    order.insert(0, order.pop(start))  # it was there before the log could be opened
    for line in order:
        ops.setdefault(line["pid"], []).append(line)
    return order[0], ops, skipped, failed


def read_stream(name):
    events, problems = [], []
    with open(name, "rb") as lines:
        for number, raw in enumerate(lines, 1):
            try:
                events.append(json.loads(raw.decode("utf-8")))
            except (UnicodeDecodeError, json.JSONDecodeError) as error:
                problems.append(f"{name}:{number}: not JSON: {error}")
    return events, problems


def ns_pid(event):
    return event["process"].get("ns_pid", event["process"]["pid"])


class Subtree:
    """The events of the program and its descendants, by the pid that they have for themselves."""

    def __init__(self, events, start):
        first = None
        for idx, event in enumerate(events):
            if (event["type"] == "exec" and event["exec"].get("args") == start["args"]
                    and ns_pid(event) == start["pid"]):
                first = idx
        self.events = collections.OrderedDict()
        self.all_events = []
        self.problems = []
        self.root = None
        if first is None:
            return
        self.root = events[first]
        self.pid_of = {self.root["process"]["exec_id"]: ns_pid(self.root)}
        self.parent_of = {}
        self.ended = set()
        for event in events[first:]:
            if "process" in event:
                self.take(event)

    def take(self, event):
        process = event["process"]
        me = process.get("exec_id")
        if me not in self.pid_of:
            return
        if self.pid_of[me] != ns_pid(event):
            self.problems.append(f"pid of {me} changes from {self.pid_of[me]} to {ns_pid(event)}")
        if me in self.ended:
            self.problems.append(f"event of {ns_pid(event)} after its exit: {brief(event)}")
        parent = event.get("parent", {}).get("exec_id")
        expected = self.parent_of.get(me)
        if expected and expected not in self.ended and parent != expected:
            self.problems.append(f"parent of {ns_pid(event)} is {parent}, not {expected}: "
                                 f"{brief(event)}")
        if event["type"] == "fork":
            fork = event["fork"]
            child = fork["child_exec_id"]
            self.pid_of[child] = fork.get("child_ns_pid", fork["child_pid"])
            self.parent_of[child] = fork.get("child_parent_exec_id", me)
        if event["type"] == "exit":
            self.ended.add(me)
        self.events.setdefault(self.pid_of[me], []).append(event)
        self.all_events.append(event)


def brief(item):
    """One line about an event or an operation."""
    if "process" not in item:
        facts = {k: v for k, v in item.items()
                 if k not in ("seq", "time_ns", "uid", "compat", "io_uring", "type", "variant",
                              "invalid_utf8")}
        return f"{item['type']} [{item['variant']}] {shorten(facts)}"
    facts = {}
    for key in ("file", "network", "exec", "fork", "exit", *SYSTEM_TYPES):
        facts.update(item.get(key, {}))
    for key in ("cap_effective", "user_ns", "system_ns", "cpu_ns", "max_rss_kib", "minor_faults",
                "major_faults", "ancestors", "net_ns", "socket_inode", "sid", "pgid", "nlink",
                "namespaces"):
        facts.pop(key, None)
    flags = "".join(" " + key for key in ("compat", "io_uring", "facts_lost") if item.get(key))
    who = f"pid {ns_pid(item)} tid {item['process']['tid']}"
    return f"{item['type']} by {who}{flags} {shorten(facts)}"


def shorten(facts):
    out = json.dumps(facts, ensure_ascii=False)
    return out if len(out) < 700 else out[:340] + " ... " + out[-340:]


# Keys: what operation and event must share to be taken for the same thing. The rest is checked.

def socket_key(address):
    """A socket's name: address and port, or the last part of a Unix name."""
    if not address:
        return None
    if "address" in address:
        return (address["address"], address["port"])
    if address.get("unnamed"):
        return "unnamed"
    return address.get("path", "").rsplit("/", 1)[-1]


def op_key(op, backend):
    kind = op["type"]
    if kind in FILE_TYPES:
        return (kind, op["path"][-KEY_KEPT:], op.get("new_path", "")[-KEY_KEPT:])
    if kind in NET_TYPES:
        side = "remote" if kind in ("connect", "send") or (
            kind == "accept" and op["family"] != "unix") else "local"
        if kind == "bind" and backend == "tracepoint":
            side = "bound"  # seen when it is done: with the port or name that the kernel chose
        return (kind, op["family"], op["socket_type"], socket_key(op.get(side)))
    if kind == "exec":
        return (kind, op["path"][-KEY_KEPT:])
    if kind == "fork":
        return (kind, op["child_pid"])
    if kind in SYSTEM_OBJECT:
        return (kind, *(str(op.get(key)) for key in SYSTEM_KEYS))
    return (kind,)


def exec_path(facts):
    """What was executed; text that the sensor could not resolve is completed lexically."""
    path = facts.get("path", "")
    if facts.get("unresolved"):
        path = os.path.normpath(os.path.join(facts.get("cwd", "/"), path))
    return path


def event_key(event):
    kind = event["type"]
    if kind in FILE_TYPES:
        file = event["file"]
        path, new = file.get("path", ""), file.get("new_path", "")
        if file.get("unresolved"):
            path = os.path.normpath(path)
        if file.get("new_unresolved"):
            new = os.path.normpath(new)
        return (kind, path[-KEY_KEPT:], new[-KEY_KEPT:])
    if kind in NET_TYPES:
        return (kind, event["network"]["family"], event["network"].get("type"),
                event_socket_key(event))
    if kind == "exec":
        return (kind, exec_path(event["exec"])[-KEY_KEPT:])
    if kind == "fork":
        return (kind, event["fork"].get("child_ns_pid", event["fork"]["child_pid"]))
    if kind in SYSTEM_OBJECT:
        facts = event[SYSTEM_OBJECT[kind]]
        return (kind, *(str(facts.get(key)) for key in SYSTEM_KEYS))
    return (kind,)


def event_socket_key(event):
    net = event["network"]
    if net["family"] != "unix":
        side = "remote" if event["type"] in ("connect", "send", "accept") else "local"
        return socket_key(net.get(side))
    if net.get("unnamed"):
        return "unnamed"
    return net.get("abstract", net.get("path", "")).rsplit("/", 1)[-1]


class Check:
    """Collects what differs between one operation and its event."""

    def __init__(self, op, event, options):
        self.op, self.event, self.options = op, event, options
        self.wrong = []

    def same(self, what, expected, got):
        if expected != got:
            self.wrong.append(f"{what} is {shorten(got)}, expected {shorten(expected)}")

    def run(self):
        self.process()
        kind = self.op["type"]
        if kind in FILE_TYPES:
            self.file()
        elif kind in NET_TYPES:
            self.network()
        elif kind in SYSTEM_OBJECT:
            self.system()
        elif kind == "exec":
            self.exec()
        elif kind == "exit":
            for key in ("code", "signal"):
                self.same(key, self.op.get(key), self.event["exit"].get(key))
        return self.wrong

    def process(self):
        process = self.event["process"]
        # whether the process is still who it was depends on the backend
        if self.op["type"] not in ("exit", "setuid"):
            self.same("uid", self.op["uid"], process["uid"])
        if "tid" in self.op and "ns_pid" not in process:
            self.same("tid", self.op["tid"], process["tid"])
        if self.op["type"] != "exit":
            self.same("compat", self.op.get("compat", False), self.event.get("compat", False))
        self.same("io_uring", self.op.get("io_uring", False), self.event.get("io_uring", False))
        self.same("facts_lost", False, self.event.get("facts_lost", False))
        self.same("invalid_utf8", self.op["invalid_utf8"], self.event.get("invalid_utf8", False))

    def too_long(self, key):
        """A path is cut when it does not fit as a whole, a chroot's own path included."""
        path, host = self.op[key], self.op.get("host_" + key) or ""
        return len((host if host.endswith(path) else path).encode()) > PATH_KEPT

    def path(self, what, key, got, resolved=True):
        expected = self.op[key]
        if self.too_long(key):
            self.same(what + " (its end)", True, expected.endswith(got))
        elif resolved:
            self.same(what, expected, got)

    def host_path(self, key, event_key_, facts):
        expected = self.op.get("host_" + key, "")
        if self.options.host_root and expected == "" and self.op[key].startswith("/"):
            expected = self.options.host_root + self.op[key]
        if expected and self.op[key] == "/":
            expected = expected.rstrip("/") or "/"
        if expected == "" or self.too_long(key):
            return
        self.same("host path", expected, facts.get(event_key_))

    def by_other_mount(self):
        """The hooks of attributes know no mount, and a ring's worker is in no call that tells."""
        return (self.op["type"] in XATTR_TYPES and self.op.get("io_uring")
                and path_of(self.event) == self.op.get("host_path"))

    def file(self):
        op, file = self.op, self.event["file"]
        resolved = not file.get("unresolved") and not self.by_other_mount()
        self.path("path", "path", file.get("path", ""), resolved)
        self.same("truncated", self.too_long("path"), file.get("truncated", False))
        self.same("pseudo", op.get("pseudo", False), file.get("pseudo", False))
        if resolved:
            self.same("deleted", op.get("deleted", False) or op.get("tmpfile", False),
                      file.get("deleted", False))
            self.host_path("path", "host_path", file)
        if "new_path" in op:
            self.path("new path", "new_path", file.get("new_path", ""),
                      not file.get("new_unresolved"))
            self.host_path("new_path", "new_host_path", file)
        for key in ("inode", "dev", "rdev"):
            if key in op and (key in file or resolved and not self.removed()):
                self.same(key, op[key], file.get(key))
        for key in ("target", "size"):
            if key in op:
                self.same(key, op[key], file.get(key))
        self.attributes(op, file, resolved)

    def attributes(self, op, file, resolved):
        if "mode" in op and (resolved or op["type"] == "chmod"):
            self.same("mode", f"{op['mode']:04o}", file.get("mode"))
        if op["type"] == "chown" and resolved:
            self.same("uid", op["new_uid"], file.get("uid"))
            self.same("gid", op["new_gid"], file.get("gid"))
            if "old_uid" in op and self.options.backend == "lsm":
                self.same("old uid", op["old_uid"], file.get("old_uid"))
                self.same("old gid", op["old_gid"], file.get("old_gid"))
        if op["type"] == "open":
            self.open_flags(op, file)
            self.same("created", op["created"], file.get("created", False) or
                      op["created"] and file.get("tmpfile", False))
            self.same("tmpfile", op.get("tmpfile", False), file.get("tmpfile", False))
        if op["type"] in ("rename", "setxattr"):
            self.same("flags", op["flags"], file.get("flags", []))
        if "attribute" in op:
            self.same("attribute", op["attribute"], file.get("attribute"))

    def removed(self):
        """The tracepoint backend comes when what was removed is gone."""
        return self.options.backend == "tracepoint" and self.op["type"] in ("unlink", "rmdir")

    def open_flags(self, op, file):
        # O_CLOEXEC belongs to the descriptor, not to the file; io_uring adds O_NONBLOCK for the
        # time of the open itself
        ignored = {"O_CLOEXEC"} | ({"O_NONBLOCK"} if op.get("io_uring") else set())
        self.same("flags", sorted(set(op["flags"]) - ignored),
                  sorted(set(file.get("flags", [])) - ignored))

    def network(self):
        op, net = self.op, self.event["network"]
        self.same("type", op["socket_type"], net.get("type"))
        if op["family"] != "unix":
            self.same("protocol", op.get("protocol"), net.get("protocol"))
            for side in ("remote", "local"):
                got = net.get(side)
                if side in op and (got or side == "remote"):
                    allowed = [op[side], op.get("bound")]
                    if got not in allowed:
                        self.same(side, op[side], got)
        else:
            self.unix(op, net)
        if op["type"] == "listen" and not (self.options.backend == "tracepoint"
                                           and op.get("compat")):
            self.same("backlog", op["backlog"], net.get("backlog"))

    def unix(self, op, net):
        side = "remote" if op["type"] in ("connect", "send") else "local"
        expected = op.get(side) or op.get("local") or op["remote"]
        if op["type"] == "bind" and self.options.backend == "tracepoint":
            expected = op.get("bound", expected)
        self.same("abstract", expected.get("path") if expected.get("abstract") else None,
                  net.get("abstract"))
        self.same("unnamed", expected.get("unnamed", False), net.get("unnamed", False))
        if "socket_path" in op and not net.get("unresolved"):
            self.same("path", op["socket_path"], net.get("path"))

    def system(self):
        op, facts = self.op, self.event[SYSTEM_OBJECT[self.op["type"]]]
        if "path" in op:
            self.path("path", "path", facts.get("path", ""), not facts.get("unresolved"))
        if "new_path" in op:
            self.path("new path", "new_path", facts.get("new_path", ""),
                      not facts.get("new_unresolved"))
        if "uid_now" in op:
            self.same("uid", op["uid_now"], facts.get("uid"))
        if "target" in op and self.options.view == "host":
            self.same("target", op["target"], facts.get("target", {}).get("pid"))
        for key in SYSTEM_FACTS:
            if key in op or key in facts and key == "flags":
                self.same(key, op.get(key), facts.get(key))

    def exec(self):
        op, facts = self.op, self.event["exec"]
        if facts.get("unresolved"):
            self.same("path", os.path.normpath(op["asked"]), exec_path(facts))
        else:
            self.path("path", "path", facts.get("path", ""))
            self.host_path("path", "host_path", facts)
        self.same("memfd", op.get("memfd", False), facts.get("memfd", False))
        # a memfd never had a name
        self.same("deleted", op.get("deleted", False) or op.get("memfd", False),
                  facts.get("deleted", False))
        self.same("filename", op["filename"], facts.get("filename"))
        self.same("interpreter", op.get("interpreter"), facts.get("interpreter"))
        self.same("cwd", op["cwd"], facts.get("cwd"))
        self.args(op["args"] or [""], facts)

    def args(self, expected, facts):
        whole = "".join(arg + "\0" for arg in expected)
        size = len(whole.encode())
        got = "".join(arg + "\0" for arg in facts.get("args", []))
        self.same("args truncated", size > PATH_KEPT, facts.get("args_truncated", False))
        if size > PATH_KEPT:
            self.same("args bytes", size, facts.get("args_bytes"))
            # a NUL stands behind what was cut, whether it was cut there or not
            self.same("args", whole[:PATH_KEPT].rstrip("\0"), got.rstrip("\0"))
        else:
            self.same("args", expected, facts.get("args"))


class Compare:
    def __init__(self, options, failed):
        self.options, self.failed_ops = options, failed
        self.passed = collections.Counter()
        self.failures = []
        self.gaps = collections.Counter()
        self.exe = {}

    def fail(self, what, item, note=""):
        self.failures.append(f"{what}: {brief(item)}{note}")

    def process(self, pid, ops, events):
        if not any(op["type"] in SYSTEM_OBJECT for op in ops):
            events = [event for event in events if event["type"] not in SYSTEM_OBJECT]
        op_keys = [op_key(op, self.options.backend) for op in ops]
        event_keys = [event_key(event) for event in events]

        def value(i, j):
            if op_keys[i] != event_keys[j]:
                return 0
            op, event = ops[i], events[j]
            return (10 + (op.get("io_uring", False) == event.get("io_uring", False))
                    + (op.get("compat", False) == event.get("compat", False))
                    + (op.get("tid") == event["process"]["tid"]))

        pairs = align(op_keys, event_keys, value)
        for i, j in pairs:
            self.pair(ops[i], events[j])
        paired_ops, paired_events = {i for i, _ in pairs}, {j for _, j in pairs}
        self.leftovers([op for i, op in enumerate(ops) if i not in paired_ops],
                       [event for j, event in enumerate(events) if j not in paired_events])

    def pair(self, op, event, note=""):
        wrong = Check(op, event, self.options).run()
        if note:
            wrong.insert(0, note)
        if wrong:
            self.fail("wrong", op, "".join(f"\n        {line}" for line in wrong) +
                      f"\n        event: {brief(event)}")
        else:
            self.passed[op["type"]] += 1

    def leftovers(self, ops, events):
        """What no alignment explains: out of order, nearly the same, missing, invented."""
        for op in list(ops):
            for event in events:
                if op_key(op, self.options.backend) == event_key(event):
                    self.pair(op, event, "out of order")
                    break
                if self.nearly(op, event):
                    self.pair(op, event)
                    break
            else:
                continue
            ops.remove(op)
            events.remove(event)
        for op in ops:
            reason = self.gap(op)
            if reason:
                self.gaps[(op["type"], "not seen: " + reason)] += 1
            else:
                self.fail("missing", op)
        for event in events:
            reason = self.extra(event)
            if reason:
                self.gaps[(event["type"], "seen besides: " + reason)] += 1
            else:
                self.fail("invented", event)

    def nearly(self, op, event):
        """The same operation by another name: to be paired, so that the difference is shown."""
        if op["type"] != event["type"]:
            return False
        facts = event.get("file") or event.get("exec") or {}
        if facts.get("unresolved") and "asked" in op:
            return exec_path(facts) == os.path.normpath(op["asked"])
        if op["type"] in FILE_TYPES and "inode" in op and not self.gap(op):
            # inode numbers are used again: something of the name must agree too
            return ((facts.get("inode"), facts.get("dev")) == (op["inode"], op["dev"])
                    and os.path.basename(facts.get("path", "")) == os.path.basename(op["path"]))
        return False

    def gap(self, op):
        for backend, applies, reason in GAPS:
            if backend == self.options.backend and applies(op):
                return reason
        return None

    def extra(self, event):
        for backends, applies, reason in EXTRA:
            if self.options.backend in backends and applies(event, self.failed_ops):
                return reason
        return None

    def track_exe(self, events):
        """process.exe follows from the execs and forks before."""
        for event in events:
            process = event["process"]
            me = process["exec_id"]
            if event["type"] == "exec":
                self.exe[me] = event["exec"].get("interpreter", event["exec"].get("path"))
            expected = self.exe.get(me)
            if expected is not None and process.get("exe") != expected:
                self.failures.append(f"exe of {brief(event)}\n        is {process.get('exe')}, "
                                     f"expected {expected}")
            if event["type"] == "fork":
                self.exe[event["fork"]["child_exec_id"]] = self.exe.get(me)


def check_loss(events):
    """A stream with losses proves nothing."""
    return [f"the stream lost events: {json.dumps(event['lost'])}"
            for event in events if event["type"] == "lost"]


def parse_options():
    parser = argparse.ArgumentParser(description="hold an ops log against Picket's stream")
    parser.add_argument("--log", required=True)
    parser.add_argument("--stream", required=True)
    parser.add_argument("--backend", choices=("lsm", "tracepoint"))
    parser.add_argument("--view", choices=("host", "container"), default="host")
    parser.add_argument("--host-root", default="")
    parser.add_argument("--verbose", action="store_true", help="print all, not the first 40")
    return parser.parse_args()


def backend_of(events):
    for event in events:
        if event["type"] == "start":
            return event["start"]["backend"]
    return "lsm"


def report(compare, skipped, options):
    shown = compare.failures if options.verbose else compare.failures[:40]
    for line in shown:
        print(line)
    if len(compare.failures) > len(shown):
        print(f"... and {len(compare.failures) - len(shown)} more (--verbose shows all)")
    reasons = collections.Counter(line["reason"] for line in skipped)
    for reason, cnt in sorted(reasons.items()):
        print(f"skipped: {cnt} operations: {reason}")
    for (kind, reason), cnt in sorted(compare.gaps.items()):
        print(f"known gap: {cnt} {kind}: {reason}")
    print("matched:", ", ".join(f"{kind} {cnt}" for kind, cnt in sorted(compare.passed.items())))
    print(f"{sum(compare.passed.values())} passed, {len(compare.failures)} failed")
    return 1 if compare.failures else 0


def main():
    options = parse_options()
    start, ops, skipped, failed = read_log(options.log)
    events, problems = read_stream(options.stream)
    options.backend = options.backend or backend_of(events)
    compare = Compare(options, failed)
    compare.failures += problems + check_loss(events)
    subtree = Subtree(events, start)
    if subtree.root is None:
        compare.failures.append(f"no exec event of the program itself: pid {start['pid']}, "
                                f"args {start['args']}")
        return report(compare, skipped, options)
    if options.view == "container" and "ns_pid" not in subtree.root["process"]:
        compare.failures.append("the program's events have no ns_pid")
    compare.failures += subtree.problems
    for line in skipped:
        if line["reason"] not in SKIPS:
            compare.failures.append(f"could not be tried: {line['skipped']}: {line['reason']}")
    compare.track_exe(subtree.all_events)
    for pid in list(ops) + [pid for pid in subtree.events if pid not in ops]:
        compare.process(pid, ops.get(pid, []), subtree.events.get(pid, []))
    return report(compare, skipped, options)


if __name__ == "__main__":
    sys.exit(main())
