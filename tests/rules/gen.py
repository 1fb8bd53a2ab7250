#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random rule files that are valid, the same for the same seed; and fleets of like rules.

gen.py [--fields FILE] [--seed N] [--rules N] [--depth N] ...   random rules
gen.py --fleet N | --fleet-exec N [--action ACTION]             N rules, each for an app of its own

The file goes to standard output, or to --output. --load RULES_TOOL has it read and checked as well:
status 1 if it is refused. What a field may be asked follows from its type; see gen-fields.txt for the
format of FILE.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TEXT_TYPES = ("text", "list")
KEYWORDS = {"and", "or", "not", "in", "exists", "contains", "oneof", "anyof", "allof", "val"}
QUANTORS = ("oneof", "anyof", "allof")
SINGLE_TEXT_OPS = ("contains", "icontains", "startswith", "endswith", "glob", "iglob", "regex")
BYTE_OPS = ("bcontains", "bstartswith")


def unescape(text):
    """A literal of FILE, as a str of bytes (latin-1)."""
    letters = {"t": "\t", "n": "\n", "\\": "\\"}

    def one(match):
        word = match.group(1)
        return chr(int(word[1:], 16)) if word[0] == "x" else letters[word]

    return re.sub(r"\\(x[0-9a-fA-F]{2}|[tn\\])", one, text)


def read_fields(path):
    fields = []
    with open(path, encoding="latin-1") as lines:
        for number, line in enumerate(lines, 1):
            parts = line.rstrip("\n").split("\t")
            if not parts[0] or parts[0].startswith("#"):
                continue
            if len(parts) < 3 or parts[1] not in TYPES:
                sys.exit(f"{path}:{number}: expected a name, a type and literals, tabs between")
            fields.append(Field(parts[0], parts[1], [unescape(part) for part in parts[2:]]))
    if not fields:
        sys.exit(f"{path}: no fields")
    return fields


class Field:
    def __init__(self, name, kind, literals):
        self.name = name
        self.kind = kind
        self.literals = literals


def quote(text):
    """A text within quotes, as conditions have them: one line of ASCII."""
    out = []
    for char in text:
        if char in '"\\':
            out.append("\\" + char)
        elif " " <= char <= "~":
            out.append(char)
        else:
            out.append(f"\\x{ord(char):02x}")
    # a quote behind a backslash never ends a text; "\ " is a backslash, too
    if out and out[-1] == "\\\\":
        out[-1] = "\\ "
    return '"' + "".join(out) + '"'


def is_bare(text):
    return re.fullmatch(r"[A-Za-z0-9_/.:-]+", text) and text not in KEYWORDS


class Generator:
    def __init__(self, options, fields):
        self.options = options
        self.fields = fields
        self.random = random.Random(options.seed)
        self.lists = []  # (name, type, items)
        self.macros = []  # (name, condition)

    # ---- small choices ----

    def chance(self, percent):
        return self.random.randrange(100) < percent

    def pick(self, of):
        return self.random.choice(of)

    def word(self, text):
        return text if is_bare(text) and self.chance(70) else quote(text)

    # ---- literals ----

    def piece(self, text):
        """A part of a text that is not empty, if there is one."""
        start = self.random.randrange(max(len(text), 1))
        return text[start : start + self.random.randint(1, 8)]

    def changed(self, text):
        """The text, or one that is nearly it."""
        how = self.random.randrange(12)
        if how == 0:
            return text + self.pick("x0/. ")
        if how == 1 and len(text) > 1:
            return text[:-1]
        if how == 2:
            return text.swapcase()
        if how == 3 and text:
            at = self.random.randrange(len(text))
            return text[:at] + self.pick("abz/-") + text[at + 1 :]
        return text

    def glob(self, text):
        out = []
        at = 0
        while at < len(text):
            how = self.random.randrange(12)
            if how == 0:
                out.append("*")
                at += self.random.randrange(6)
                continue
            if how == 1:
                out.append("?")
            elif how == 2 and text[at].isalnum():
                out.append(self.pick(("[%s-z]", "[!%s]", "[%sx]")) % text[at])
            elif text[at] in "*?[\\":
                out.append("\\" + text[at])
            else:
                out.append(text[at])
            at += 1
        if self.chance(30):
            out.insert(0, "*")
        if self.chance(30):
            out.append("*")
        return "".join(out)

    def regex(self, text):
        out = []
        at = 0
        while at < len(text):
            how = self.random.randrange(14)
            char = re.escape(text[at]) if ord(text[at]) < 0x80 else text[at]
            if how == 0:
                out.append(self.pick((".*", "[^ ]*", "[a-z]+", "(.|x){1,4}", ".+?")))
                at += self.random.randrange(6)
                continue
            if how == 1 and ord(text[at]) < 0x80:
                out.append(f"({char}|{self.pick('abx')})")
            elif how == 2 and text[at].isdigit():
                out.append(r"[0-9]+")
            elif how == 3 and ord(text[at]) < 0x80:
                out.append(char + self.pick("?+*"))
            else:
                out.append(char)
            at += 1
        whole = "".join(out)
        if self.chance(20):
            whole = "(?i)" + whole
        if self.chance(30):
            whole = ".*" + whole
        if self.chance(30):
            whole += ".*"
        return whole

    def pattern(self, operator, field):
        text = self.changed(self.pick(field.literals))
        if operator in ("glob", "iglob"):
            return self.glob(text) or "*"
        if operator == "regex":
            return self.regex(text) or ".*"
        if operator in ("contains", "icontains"):
            return self.piece(text) or "a"
        length = self.random.randint(1, max(len(text), 1))
        if operator == "startswith":
            return text[:length] or "/"
        if operator == "endswith":
            return text[-length:] or "/"
        # bytes, as hexadecimal
        part = text[:length] if operator == "bstartswith" else self.piece(text)
        return part.encode("latin-1").hex() or "00"

    def number(self, field):
        value = int(self.pick(field.literals), 0)
        if self.chance(25):
            value += self.pick((-1, 1))
        if value < 0 and field.kind != "int":
            value = 0
        if value > 0 and self.chance(5):
            return hex(value)
        return str(value)

    def literal(self, field):
        """One value, as it is written."""
        if field.kind in TEXT_TYPES:
            return self.word(self.changed(self.pick(field.literals)))
        if field.kind in ("int", "uint", "time"):
            return self.number(field)
        return self.word(self.pick(field.literals))

    # ---- checks ----

    def values(self, field):
        """What stands behind 'in': literals, lists, or a list alone."""
        items = [self.literal(field) for _ in range(self.random.randint(1, 5))]
        lists = [name for name, kind, _ in self.lists if kind == self.list_kind(field)]
        if lists and self.chance(40):
            items.insert(self.random.randrange(len(items) + 1), self.pick(lists))
        elif lists and self.chance(20):
            items = [self.pick(lists)]
        return "(" + ", ".join(items) + ")"

    @staticmethod
    def list_kind(field):
        """Fields that a list can be shared by."""
        if field.kind in TEXT_TYPES:
            return "text"
        return "number" if field.kind in ("int", "uint", "time") else field.kind

    def quantified(self, operator, values):
        return f"{operator} {self.pick(QUANTORS)} ({', '.join(values)})"

    def text_check(self, field):
        how = self.random.randrange(100)
        if how < 30:
            return f"{field.name} {self.pick(('=', '==', '!='))} {self.literal(field)}"
        if how < 50:
            return f"{field.name} {self.pick(('in', 'in', 'intersects'))} {self.values(field)}"
        if how < 56:
            paths = [text for text in field.literals if text.startswith("/")] or ["/etc", "/tmp"]
            chosen = [quote(self.pick(paths)) for _ in range(self.random.randint(1, 3))]
            return f"{field.name} pmatch ({', '.join(chosen)})"
        operator = self.pick(SINGLE_TEXT_OPS if how < 95 else BYTE_OPS)
        if self.options.quantors and operator not in BYTE_OPS and self.chance(15):
            many = [quote(self.pattern(operator, field)) for _ in range(self.random.randint(1, 3))]
            return f"{field.name} " + self.quantified(operator, many)
        # "^" and "$" say nothing here: the whole text is meant
        return f"{field.name} {operator} {quote(self.pattern(operator, field))}"

    def number_check(self, field):
        if self.chance(25):
            return f"{field.name} in {self.values(field)}"
        operator = self.pick(("=", "==", "!=", "<", "<=", ">", ">="))
        return f"{field.name} {operator} {self.number(field)}"

    def plain_check(self, field):
        if self.chance(25):
            return f"{field.name} in {self.values(field)}"
        return f"{field.name} {self.pick(('=', '!='))} {self.literal(field)}"

    def transformed_check(self, field):
        """What no table of the kernel answers."""
        how = self.random.randrange(4)
        if how == 0:
            return f"len({field.name}) {self.pick(('<', '>=', '='))} {self.random.randrange(20)}"
        if how == 1:
            other = self.pick([other for other in self.fields if other.kind == field.kind])
            return f"{field.name} {self.pick(('=', '!='))} val({other.name})"
        name = self.pick(("tolower", "toupper", "basename"))
        text = self.pick(field.literals)
        text = {"tolower": text.lower(), "toupper": text.upper()}.get(name, text.split("/")[-1])
        operator = self.pick(("=", "!=", "startswith", "contains"))
        return f"{name}({field.name}) {operator} {quote(text or 'x')}"

    def check(self):
        field = self.pick(self.fields)
        if self.chance(6):
            return f"{field.name} exists"
        if field.kind == "text" and self.chance(self.options.transformers):
            return self.transformed_check(field)
        return CHECKS[field.kind](self, field)

    # ---- conditions ----

    def condition(self, depth):
        if depth <= 0 or self.chance(25):
            if self.macros and self.chance(15):
                return self.pick(self.macros)[0]
            return self.check()
        how = self.random.randrange(10)
        if how < 2:
            return f"not ({self.condition(depth - 1)})"
        if how < 3:
            return f"not {self.check()}"
        word = " and " if how < 7 else " or "
        return word.join(self.part(depth) for _ in range(self.random.randint(2, 4)))

    def part(self, depth):
        """A condition that stands between others."""
        text = self.condition(depth - 1)
        return text if " and " not in text and " or " not in text else f"({text})"

    def whole_condition(self):
        text = self.condition(self.options.depth)
        types = [field for field in self.fields if field.name == "evt.type"]
        if types and self.chance(70):
            chosen = [self.pick(types[0].literals) for _ in range(self.random.randint(1, 4))]
            text = f"evt.type in ({', '.join(dict.fromkeys(chosen))}) and ({text})"
        return text

    # ---- the file ----

    def make_lists(self):
        groups = {}
        for field in self.fields:
            bare = [text for text in field.literals if is_bare(text)]
            if bare and field.kind != "bool":
                groups.setdefault(self.list_kind(field), []).extend(bare)
        for number in range(self.options.lists):
            kind = self.pick(sorted(groups))
            items = [self.pick(groups[kind]) for _ in range(self.random.randint(0, 6))]
            if kind == "number":
                # some fields that share it have no negative numbers
                items = [item for item in items if not item.startswith("-")]
            inner = [name for name, other, _ in self.lists if other == kind]
            if inner and self.chance(30):
                items.append(self.pick(inner))
            items = items or [groups[kind][-1].lstrip("-")]
            self.lists.append((f"gen_list_{number}", kind, items))

    def make_macros(self):
        for number in range(self.options.macros):
            depth = self.random.randrange(self.options.depth + 1)
            self.macros.append((f"gen_macro_{number}", self.condition(depth)))

    def write(self, out):
        self.make_lists()
        self.make_macros()
        for name, _, items in self.lists:
            out.write(f"- list: {name}\n  items: {json.dumps(items)}\n\n")
        for name, condition in self.macros:
            out.write(f"- macro: {name}\n  condition: {json.dumps(condition)}\n\n")
        for number in range(self.options.rules):
            action = self.options.action
            if action == "any":
                action = self.pick(("alert", "alert", "deny", "kill"))
            write_rule(out, f"Random {number}", self.whole_condition(), action)


TYPES = ("text", "list", "int", "uint", "bool", "addr", "net", "time")
CHECKS = {
    "text": Generator.text_check,
    "list": Generator.text_check,
    "int": Generator.number_check,
    "uint": Generator.number_check,
    "time": Generator.number_check,
    "bool": Generator.plain_check,
    "addr": Generator.plain_check,
    "net": Generator.plain_check,
}


def write_rule(out, name, condition, action):
    out.write(f"- rule: {name}\n  desc: Generated.\n  condition: {json.dumps(condition)}\n")
    out.write("  output: evt=%evt.type proc=%proc.name\n  priority: NOTICE\n")
    if action != "alert":
        out.write(f"  action: {action}\n")
    out.write("\n")


def write_fleet(out, cnt, form, action):
    for number in range(cnt):
        write_rule(out, f"App {number}", form.replace("#", str(number)), action)


FLEET = (
    "evt.type in (open, openat, openat2) and fd.name = /srv/app-#/data/file-# "
    "and proc.name = worker-#"
)
FLEET_EXEC = (
    "evt.type in (execve, execveat) and proc.exepath = /srv/app-#/bin/tool-# "
    "and proc.pname = worker-#"
)


def write_file(options, out):
    if options.fleet is not None:
        write_fleet(out, options.fleet, FLEET, options.action)
    elif options.fleet_exec is not None:
        write_fleet(out, options.fleet_exec, FLEET_EXEC, options.action)
    else:
        Generator(options, read_fields(options.fields)).write(out)


def load(tool, path, expected_cnt):
    done = subprocess.run([tool, "load", path], capture_output=True, check=False)
    sys.stderr.buffer.write(done.stderr)
    loaded_cnt = len([line for line in done.stdout.split(b"\n") if b"\t" in line])
    if done.returncode != 0 or loaded_cnt != expected_cnt:
        sys.exit(f"{path}: status {done.returncode}, {loaded_cnt} of {expected_cnt} rules")
    print(f"{loaded_cnt} rules", file=sys.stderr)


def parse_options():
    parser = argparse.ArgumentParser(description="Makes rule files for tests.")
    parser.add_argument("--fields", default=os.path.join(HERE, "gen-fields.txt"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rules", type=int, default=100)
    parser.add_argument("--depth", type=int, default=4, help="of a condition, without macros")
    parser.add_argument("--lists", type=int, default=12)
    parser.add_argument("--macros", type=int, default=12)
    parser.add_argument("--transformers", type=int, default=5, help="percent of checks of texts")
    parser.add_argument("--no-quantors", dest="quantors", action="store_false")
    parser.add_argument("--action", default="alert", choices=("alert", "deny", "kill", "any"))
    parser.add_argument("--fleet", type=int, help="rules on files")
    parser.add_argument("--fleet-exec", type=int, help="rules on programs")
    parser.add_argument("--output")
    parser.add_argument("--load", metavar="RULES_TOOL")
    options = parser.parse_args()
    if options.action == "any" and (options.fleet is not None or options.fleet_exec is not None):
        parser.error("a fleet has one action")
    return options


def main():
    options = parse_options()
    cnt = next(n for n in (options.fleet, options.fleet_exec, options.rules) if n is not None)
    if options.output or not options.load:
        with open(options.output or 1, "w", encoding="ascii", closefd=True) as out:
            write_file(options, out)
        if options.load:
            load(options.load, options.output, cnt)
        return
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="ascii") as out:
        write_file(options, out)
        out.flush()
        load(options.load, out.name, cnt)


main()
