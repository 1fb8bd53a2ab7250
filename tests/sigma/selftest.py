#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The oracle and the generator, and what of our own Sigma rules loads. No machine is needed.

    selftest.py [PICKET]
"""
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import as_tests
import generate
import guest
import prepare
import samples
import views
from oracle import Leaf, Refused, Rule, leaves_of, offsets_of, tokens_of

OWN = pathlib.Path(__file__).parent / "own"
count = guest.Count(40)


def check(good, what):
    count.check(good, what)


def rule_of(detection, source="category: process_creation"):
    lines = "\n".join("    " + line for line in detection.strip("\n").splitlines())
    return Rule(f"title: t\nlogsource:\n    product: linux\n    {source}\ndetection:\n{lines}\n")


def fires(detection, **view):
    return rule_of(detection).fires([view])


def patterns():
    check(tokens_of(r"a\*b*c?\\") == ["a*b", 1, "c", 2, "\\"], "tokens of escapes")
    check(tokens_of("**") == [1], "stars in a row are one")
    check(tokens_of(r"a\b") == ["a\\b"], "a backslash before a letter is one")
    for mods, value, text, want in (
            ([], "abc", "ABC", True), ([], "abc", "abcd", False), ([], "a*c", "a//c", True), ([], "a?c", "ac", False),
            (["contains"], "b", "abc", True), (["startswith"], "b", "abc", False), (["endswith"], "bc", "aBC", True),
            (["contains", "cased"], "B", "abc", False), (["re"], "b.$", "abc", True), (["re"], "B", "abc", False),
            (["re", "i"], "B", "abc", True), (["cidr"], "10.0.0.0/8", "10.9.8.7", True), (["cidr"], "10.0.0.0/8", "::1", False),
            (["gte"], 5, "5", True), (["lt"], 5, "5", False), ([], 777, "777", True), ([], 777, "0777", False)):
        check(leaves_of("f", mods, value).holds({"f": text}) == want, f"{mods} {value!r} of {text!r}")
    check(offsets_of(b"foobar") == ["Zm9vYmFy", "Zvb2Jhc", "mb29iYX"], "base64offset")
    dashes = leaves_of("f", ["contains", "windash"], " -a -b ")
    check(len(dashes.parts) == 25 and dashes.holds({"f": "x /a \u2013b y"}) and not dashes.holds({"f": "x +a -b "}), "windash")
    check(leaves_of("f", ["fieldref"], "g").holds({"f": "A", "g": "a"}), "fieldref")
    check(not leaves_of("f", [], "a").holds({}), "a field that is missing matches nothing")
    check(leaves_of("f", [], None).holds({}), "null is a field that is missing")


def conditions():
    several = "a:\n    Image: x\nb:\n    Image: y\n_c:\n    Image: z\ncondition: "
    check(fires(several + "1 of them", Image="x") and not fires(several + "1 of them", Image="z"), "1 of them")
    check(fires(several + "1 of *", Image="z"), "1 of *")
    check(not fires(several + "all of them", Image="x"), "all of them")
    check(fires(several + "a or b and _c", Image="x"), "and binds closer than or")
    check(fires(several + "not a and b", Image="y"), "not binds closest")
    check(not fires(several + "not (a or b)", Image="y"), "parentheses")
    check(fires("a:\n    Image|contains:\n        - p\n        - q\ncondition: a", Image="q"), "a list is one of")
    check(not fires("a:\n    Image|contains|all:\n        - p\n        - q\ncondition: a", Image="q"), "all of a list")
    for text in ("a | count() > 3", "a and", "nothing", "(a"):
        try:
            rule_of(several + f"'{text}'")
            check(False, f"'{text}' is refused")
        except Refused:
            check(True, "")


def texts():
    for pattern in ("a{2,3}(b|c)?[^d]$", r"^\s?x\d+\.y", "(?i)(foo|bar)baz", r"[a-f0-9]{8}-\w+"):
        for turn in range(3):
            text, _, _ = samples.of_regex(pattern, turn)
            check(Leaf("f", "re", pattern).of_text(text), f"a text for {pattern}: {text!r}")
    for text in ("a  b ", "a b", " a", "a   b  c"):
        argv = generate.split_line(text)
        check(views.line(argv) == text and "" not in argv[1:], f"arguments of {text!r}: {argv}")
    check(not views.canonical("/a//b") and not views.canonical("/a/./b") and views.canonical("/a/.b"), "paths")


def own_rules():
    made = generate.generate([OWN], 6, 6)
    for rule in made["rules"]:
        cases = [case for case in made["cases"] if case["rule"] == rule["file"]]
        check((rule["refused"] is not None) == rule["file"].startswith("refused-"), f"{rule['file']}: {rule['refused']}")
        check(bool(rule["refused"]) or {case["fires"] for case in cases} == {True, False}, f"{rule['file']}: no cases")
    check(len({rule["id"] for rule in made["rules"] if not rule["refused"]}) == sum(not rule["refused"] for rule in made["rules"]),
          "ids are one of a kind")
    again = generate.generate([OWN], 6, 6)
    check(again == made, "cases are the same each time")


def loaded(picket):
    with tempfile.TemporaryDirectory() as work:
        job = prepare.prepare(picket, pathlib.Path(work), [OWN], 1, 1)
        guest.agree(job, count)


def judged(picket):
    """All cases that need no kernel, by the reference evaluator."""
    with tempfile.TemporaryDirectory() as work:
        as_tests.write(pathlib.Path(work), [OWN], 6, 6)
        files = sorted(str(path) for path in pathlib.Path(work).iterdir())
        result = subprocess.run([picket, "test", *files], capture_output=True, text=True)
    for text in result.stdout.splitlines():
        if text.startswith(("ok ", "FAIL")):
            check(text.startswith("ok "), text)
    check(result.returncode == 0, f"picket test: status {result.returncode}: {result.stdout[-300:]}{result.stderr[-2000:]}")


def main():
    patterns()
    conditions()
    texts()
    own_rules()
    if len(sys.argv) > 1:
        loaded(sys.argv[1])
        judged(sys.argv[1])
    print(f"{count.passed} passed, {count.failed} failed")
    return count.failed != 0


if __name__ == "__main__":
    sys.exit(main())
