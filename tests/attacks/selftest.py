#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whether the harness reads, judges and counts as it says: without a machine, a container or a catalogue.

Prints what failed and, last, "N passed, N failed".
"""
import json
import os
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE)
import benign  # noqa: E402
import box  # noqa: E402
import outside  # noqa: E402
import rows  # noqa: E402
import verdict  # noqa: E402

ROW = {"id": "ESC-90", "name": "A", "ctx": "C:--priv --bind /:/host", "cmd": "false", "setup": "s", "clean": "c",
       "vars": [["B", "C", "true", "same"], ["C", "H", "x; true", None], ["D", "P:--pid-host", "x; true ", ["f"]]]}
counts = {True: 0, False: 0}


def check(what, good):
    counts[bool(good)] += 1
    if not good:
        print("FAILED: " + what)


def refused(function, *arguments):
    try:
        function(*arguments)
    except ValueError as error:
        return str(error)
    return None


def read(*content, section="ESC"):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(content, file)
        file.flush()
        return rows.read(file.name, section)


def test_rows():
    found = read(ROW, {"id": "EXE-01"})
    check("ids", [one.id for one in found] == ["ESC-90", "ESC-90.1", "ESC-90.2", "ESC-90.3"])
    check("places", [one.where for one in found] == ["oci", "oci", "host", "podman"])
    check("options", found[0].options == rows.Options(privileged=True, binds=(("/", "/host"),)))
    check("options of podman", found[3].options == rows.Options(host_pid=True))
    check("masked", [one.masked for one in found] == [False, False, True, True])
    check("before and after", (found[2].setup, found[2].clean) == ("s", "c"))
    check("no row", refused(lambda: read(ROW, section="BYP")))
    for context in ("C:--what", "C:--bind", "C:--bind a:/b", "C:--bind /a", "C:--cap"):
        check(context, "ESC-90: " in (refused(read, dict(ROW, ctx=context)) or ""))
    check("short variant", refused(read, dict(ROW, vars=[["B", "C"]])))
    check("no text", refused(read, dict(ROW, cmd=1)))


def test_basic():
    found = rows.read(f"{HERE}/basic/rows.json", "BAS")
    check("the short catalogue", len(found) > 15 and not [one.id for one in found if one.where == "host"])
    check("no benign.json", benign.of_catalogue(f"{HERE}/basic/benign.json") == [])
    check("short benign jobs", {job.id for job in benign.jobs(f"{HERE}/basic", True)} == benign.QUICK)


def test_options():
    options, words = rows.parse_options("--rt crun --cap CAP_A,CAP_B --net-host --cwd /x -- a --priv".split())
    check("words", words == ["a", "--priv"])
    check("values", options == rows.Options(caps=("CAP_A", "CAP_B"), host_net=True, cwd="/x", runtime="crun"))
    check("no words", rows.parse_options(["--priv"])[1] is None)


def test_config():
    plain = box.config_of(rows.Options(), ["x"])
    strong = box.config_of(rows.Options(privileged=True, host_pid=True, host_net=True, binds=(("/a", "/b"),)), ["x"])
    spaces = [{one["type"] for one in config["linux"]["namespaces"]} for config in (plain, strong)]
    check("namespaces", spaces == [{"mount", "uts", "ipc", "pid", "network"}, {"mount", "uts", "ipc"}])
    caps = [config["process"]["capabilities"]["effective"] for config in (plain, strong)]
    check("capabilities", "CAP_SYS_ADMIN" not in caps[0] and len(caps[0]) == 14 and len(caps[1]) == 41)
    check("hidden", plain["linux"]["maskedPaths"] and not strong["linux"]["maskedPaths"])
    check("no hook", plain["hooks"] == {})
    hooks = box.config_of(rows.Options(), ["x"], "/p")["hooks"]["createRuntime"]
    check("hook", hooks == [{"path": "/p", "args": ["picket", "oci-hook"]}])
    places = [mount["destination"] for mount in strong["mounts"]]
    check("a mount after the one it is on", places.index("/sys/fs/cgroup") > places.index("/sys"))
    check("binds", places[-1] == "/b" and strong["mounts"][-1]["source"] == "/a")


def tried(status, *alerts, changes=(), command="x"):
    attempt = rows.Attempt("ESC-90", "", "oci", rows.Options(), command, "", "")
    return verdict.Tried(attempt, "", box.Result("id", status, ""), list(changes),
                         [{"rule": "R", "verdict": word} for word in alerts])


def test_verdict():
    off = tried(0)
    check("works", verdict.wrong_off(off, off) is None and verdict.wrong_off(tried(1), None))
    check("alerted", verdict.wrong_alert(tried(0, "allowed"), off) is None)
    check("not alerted", verdict.wrong_alert(tried(0), off))
    check("alerting does not stop", verdict.wrong_alert(tried(0, "denied"), off))
    check("alerting does not change", verdict.wrong_alert(tried(1, "allowed"), off))
    check("stopped", verdict.wrong_enforce(tried(1, "denied"), off) is None)
    check("killed", verdict.wrong_enforce(tried(137, "allowed", "killed"), off) is None)
    check("failed by itself", verdict.wrong_enforce(tried(1, "allowed"), off))
    check("worked", verdict.wrong_enforce(tried(0, "denied"), off))
    check("worked, masked", verdict.wrong_enforce(tried(0, "denied", command="x; true"), off) is None)
    check("changed", verdict.wrong_enforce(tried(1, "denied", changes=["x"]), off))


def test_count():
    count = verdict.Count({("A", "off"): "why", ("B", "off"): "why"})
    check("gap", count.add("A", "off", "wrong") == "gap" and "why" in count.said[0])
    check("gap that is none", count.add("B", "off", None) == "FAIL")
    check("of another phase", count.add("A", "alert", "wrong") == "FAIL")
    check("good", count.add("C", "alert", None) == "ok")
    check("summary", count.summary() == "1 passed, 2 failed, 1 skipped")


def test_gaps():
    check("ours are well-formed", refused(verdict.read_gaps, f"{HERE}/gaps.json", "6.12") is None)
    with tempfile.NamedTemporaryFile("w") as file:
        file.write('[{"attempts": ["A", "B"], "phases": ["off"], "kernel": "6.1", "why": "w"}]')
        file.flush()
        check("this kernel", verdict.read_gaps(file.name, "6.1") == {("A", "off"): "w", ("B", "off"): "w"})
        check("another kernel", verdict.read_gaps(file.name, "6.12") == {})


def test_outside():
    before = {("file", "a"): 1, ("file", "b"): 1, ("loop device", "l"): "", ("file", "c"): 1}
    after = {("file", "a"): 2, ("module", "m"): "", ("file", "c"): 1}
    check("changes", outside.changes(before, after) == ["file a: changed", "file b: gone", "module m: new"])
    check("no change", outside.changes(before, before) == [])


for name, function in sorted(globals().items()):
    if name.startswith("test_"):
        function()
print(f"{counts[True]} passed, {counts[False]} failed")
sys.exit(1 if counts[False] else 0)
