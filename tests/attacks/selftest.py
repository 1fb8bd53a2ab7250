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
import guest  # noqa: E402
import host  # noqa: E402
import outside  # noqa: E402
import rows  # noqa: E402
import verdict  # noqa: E402
import verdicts  # noqa: E402

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


def with_file(content, function):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(content if isinstance(content, str) else json.dumps(content))
        file.flush()
        return function(file.name)


def read(*content):
    return with_file(content, rows.read)


def test_rows():
    found = read(ROW)
    check("ids", [one.id for one in found] == ["ESC-90", "ESC-90.1", "ESC-90.2", "ESC-90.3"])
    check("places", [one.where for one in found] == ["oci", "oci", "host", "podman"])
    check("options", found[0].options == rows.Options(privileged=True, binds=(("/", "/host"),)))
    check("options of podman", found[3].options == rows.Options(host_pid=True))
    check("masked", [one.masked for one in found] == [False, False, True, True])
    check("shells", found[0].words[0] == "/usr/bin/timeout" and found[2].words == ["/bin/sh", "-c", "x; true"])
    check("before and after", (found[2].setup, found[2].clean) == ("s", "c"))
    check("a user", read(dict(ROW, ctx="U"))[0].where == "user")
    check("no row", refused(lambda: rows.read("/dev/null")) and refused(read))
    check("no place", refused(lambda: read(dict(ROW, ctx="X"))))
    for context in ("C:--what", "C:--bind", "C:--bind a:/b", "C:--bind /a", "C:--cap"):
        check(context, "ESC-90: " in (refused(read, dict(ROW, ctx=context)) or ""))
    check("short variant", refused(read, dict(ROW, vars=[["B", "C"]])))
    check("no text", refused(read, dict(ROW, cmd=1)))


def test_named():
    found = read(ROW, dict(ROW, id="EXE-01", vars=[]), dict(ROW, id="ESC-9", vars=[]))

    def names(*wanted):
        return [one.id for one in rows.named(found, wanted)]
    check("by prefix", names("EXE") == ["EXE-01"] and len(names("ESC")) == 5)
    check("by row", names("ESC-9") == ["ESC-9"] and len(names("ESC-90")) == 4)
    check("by attempt", names("ESC-90.2", "EXE-01") == ["ESC-90.2", "EXE-01"])
    check("not there", refused(lambda: names("ESC-90.7")))


def test_adjust():
    def adjusted(**entry):
        entry = {"attempts": ["ESC-90.1"], "why": "w", **entry}
        return with_file([entry], lambda path: rows.adjust(read(ROW), path))
    check("replaced", adjusted(replace=["true", "false"])[1].command == "false")
    check("others stay", adjusted(command="x")[2] == read(ROW)[2])
    check("told", adjusted(command="x")[1].adjusted == "w" and adjusted(careless=True)[1].adjusted == "")
    check("careless", adjusted(careless=True)[1].masked and not adjusted(status=1)[1].masked)
    check("left out", adjusted(skip=True)[1].skip == "w")
    check("nothing to replace", refused(lambda: adjusted(replace=["nothing", "x"])))
    check("no reason", refused(lambda: adjusted(why="")))
    check("ours are well-formed", rows.adjust(read(ROW), f"{HERE}/adjust.json") == read(ROW))


def test_basic():
    found = rows.read(f"{HERE}/basic/rows.json")
    check("the short catalogue", len(found) > 15 and {one.where for one in found} == {"oci", "host", "user"})
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


def tried(status, *alerts, changes=(), command="x", where="oci", container="id", works_with=0):
    attempt = rows.Attempt("ESC-90", "", where, rows.Options(), command, "", "", status=works_with)
    event = {"event": {"container": {"id": container}}}
    return verdict.Tried(attempt, "", box.Result("id", status, ""), list(changes),
                         [{"rule": "R", "verdict": word, **event} for word in alerts])


def test_verdict():
    off = tried(0)
    check("works", verdict.wrong_off(off, off) is None and verdict.wrong_off(tried(1), None))
    check("alerted", verdict.wrong_alert(tried(0, "allowed"), off) is None)
    check("works with another status", verdict.wrong_off(tried(3, works_with=3), None) is None)
    check("another container", verdict.wrong_alert(tried(0, "allowed", container="x"), off))
    check("no container", verdict.wrong_alert(tried(0, "allowed", container="x", where="host"), off) is None)
    check("alerted, and did not work", verdict.wrong_alert(tried(1, "allowed"), None))
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


def test_rule_files():
    with tempfile.TemporaryDirectory() as place:
        for name in ("b.yaml", "a.yml", "c.txt"):
            host.write(f"{place}/{name}", f"- rule: {name[0]}\n  condition: x\n- rule: 'z: y'\n")
        files = host.rule_files(place + ",/x/y.yaml")
        check("in order", files == [f"{place}/a.yml", f"{place}/b.yaml", "/x/y.yaml"])
        check("names", host.names_of_rules(files[:2]) == ["a", "'z: y'", "b"])
        check("an exception of each", host.rules_for_us(files[:2]).count("- rule: ") == 3)


def log_line(kernel, phase, word, **more):
    record = {"attempt": "A-1", "title": "t", "where": "host", "kernel": kernel, "adjusted": "", "words": {phase: word},
              "why": {phase: ""}, "alerts": {phase: []}, **more}
    return "@ " + json.dumps(record) + "\n"


def test_verdicts():
    alerts = {"alert": [["R", "Warning", "allowed", 2]]}
    job = {"job": "j", "title": "t", "kernel": "6.1", "word": "ok", "status": 0, "adjusted": "",
           "alerts": [["Q", "Notice", "allowed", 1], ["P", "Error", "allowed", 2]]}
    text = (log_line("6.1", "off", "ok") + "noise\n" + log_line("6.1", "alert", "FAIL") +
            log_line("6.1", "alert", "ok", alerts=alerts) + log_line("6.1", "enforce", "FAIL", why={"enforce": "why so"}) +
            "@ " + json.dumps(job) + "\n")
    attempts, jobs = with_file(text, lambda path: verdicts.read([path]))
    check("merged", attempts["A-1"]["6.1"]["words"] == {"off": "ok", "alert": "ok", "enforce": "FAIL"})
    totals = dict(verdicts.totals_of(attempts, jobs, "6.1"))
    check("recall", totals["recall: caught"] == "1 of 1 (100.0 %)" and totals["prevented"] == "0 of 1 (0.0 %)")
    check("precision", totals["the same, counting alerts"] == "2 of 4 (50.0 %)")
    page = verdicts.page(attempts, jobs)
    check("the page", "| A-1 | t | host | yes | **no** | R |" in page and "not prevented (6.1): why so" in page)
    check("rates", "recall: caught: 1 of 1 (100.0 %) (Linux 6.1)" in with_file(page, verdicts.rates))
    check("order", sorted(["B-10", "B-2.1", "B-2"], key=verdicts.order) == ["B-2", "B-2.1", "B-10"])


def test_owner():
    one, other = tried(0, where="host"), tried(0, where="host")
    one.cgroup, one.began, one.ended, other.cgroup = 7, 1000000000, 2000000000, 8
    one.result = other.result = box.Result("", 0, "")

    def owner(cgroup, when):
        alert = {"time": f"1970-01-01T00:00:0{when}Z", "event": {"process": {"cgroup_id": cgroup}}}
        return guest.owner_of(alert, [one, other])
    check("by cgroup", owner(8, "1.5") is other)
    check("by time", owner(9, "1.500000001") is one and owner(9, "2.1") is None)


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
    check("a program that was replaced stays", outside.stays("file /usr/sbin/visudo: changed"))
    check("a new one goes", not outside.stays("file /usr/sbin/x: new"))
    check("a file of which there is a copy is put back", not outside.stays("file /etc/sudoers: changed"))


for name, function in sorted(globals().items()):
    if name.startswith("test_"):
        function()
print(f"{counts[True]} passed, {counts[False]} failed")
sys.exit(1 if counts[False] else 0)
