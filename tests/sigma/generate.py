#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""For Sigma rules, what must make them fire, and what nearly does.

    generate.py [--most N] [--near N] RULE_OR_DIRECTORY... >CASES

In:  rules of Sigma.
Out: JSON: "rules", of each its file, title, id and author, and why it cannot be about anything if so; "cases", of each its
     id, rule, whether it must fire, what of it is (nearly) right, setup and script for standin; "hosts" and "users" that have
     to be known before.
Nothing of Picket is used: oracle.py reads the rules, and is asked of each case whether it is what it is meant to be.
A positive case follows one way through the condition, each alternative in its turn. A near miss is a positive case with one
thing changed: a byte of a text, one more at its end, its case where that counts, a number, an address, what is done
to a file; or one that a `not` takes out again.
"""
import argparse
import copy
import ipaddress
import itertools
import json
import pathlib
import re
import sys

import samples
import views
from oracle import Gate, Leaf, Refused, Rule

ADDRESSES = ("93.184.216.34", "203.0.113.9", "2001:db8::5", "10.1.2.3", "127.0.0.1", "::1")


# ---- ways through a condition ----


class Chooser:
    """Each alternative in its turn."""

    def __init__(self, turn):
        self.turn = turn

    def ways(self, node, want, turned=()):
        """The leaves that shall be true, and those that shall not, for the node to be what is wanted. `turned` are `not` gates
        that are taken for what is in them."""
        if isinstance(node, Leaf):
            return [(node, want)]
        if node.kind == "not":
            return self.ways(node.parts[0], want if node in turned else not want, turned)
        if (node.kind == "and") == want:
            return [leaf for part in node.parts for leaf in self.ways(part, want, turned)]
        return self.ways(node.parts[self.turn % len(node.parts)], want, turned)


def width(node):
    """How many turns it takes until each alternative was chosen."""
    if isinstance(node, Leaf):
        return 1
    most = max(width(part) for part in node.parts)
    return max(most, len(node.parts)) if node.kind != "not" else most


def fields_of(node):
    if isinstance(node, Leaf):
        more = {node.value[0]} if node.op == "fieldref" else set()
        return {node.field} | more
    return set().union(*(fields_of(part) for part in node.parts))


def nots_of(node):
    """`not` gates that stand in the condition itself, not inside another."""
    if isinstance(node, Leaf):
        return []
    if node.kind == "not":
        return [node]
    return [gate for part in node.parts for gate in nots_of(part)]


def holds(node, view, turned):
    """Like Leaf.holds and Gate.holds, with some `not` gates taken for what is in them."""
    if isinstance(node, Leaf):
        return node.holds(view)
    if node.kind == "not":
        inner = holds(node.parts[0], view, turned)
        return inner if node in turned else not inner
    return (all if node.kind == "and" else any)(holds(part, view, turned) for part in node.parts)


# ---- events ----


def plain_event():
    return {"op": "exec", "image": "/usr/bin/w1tool", "called": "/usr/bin/w1tool", "argv": ["w1tool", "w1"],
            "parent": {"image": "/usr/lib/w1/starter", "argv": ["starter"]}, "cwd": "/", "uid": 0, "user": "root",
            "loginuid": None}


def split_line(text):
    """Arguments that, with blanks between them, are the text; none is empty."""
    argv = []
    for piece in text.split(" "):
        if argv and (piece == "" or argv[-1].endswith(" ") and argv[-1].strip() == ""):
            argv[-1] += " " + piece
        else:
            argv.append(piece)
    return argv


def paths(leaves, turn, heads=("/usr/bin", "/usr/bin/", "/opt", "", "/", "/home/w1/")):
    made = samples.texts(leaves, turn, heads, ("", "/", "/w1/", "w1"), ("", "w1", "/w1"))
    made = [text.replace("//", "/") for text in made]
    return [text for text in made if views.canonical(text) and all(leaf.of_text(text) for leaf in leaves)]


def lines(leaves, turn, image):
    made = samples.texts(leaves, turn, (views.base(image) + " ", ""), (" ", "", " w1 "), ("", " w1", "w1"))
    single = [re.sub(" +", " ", text) for text in made]
    made = [text for text in dict.fromkeys(single + made) if all(leaf.of_text(text) for leaf in leaves)]
    good = [text for text in made if not text.startswith(" ") and not text.endswith(" ")]
    return good + [text for text in made if text not in good and not text.startswith(" ")]


def words(leaves, turn, default):
    if not leaves:
        return [default]
    return samples.texts(leaves, turn, ("", default), ("", "w1"), ("", "w1"))


def addresses(leaves):
    made = []
    for leaf in leaves:
        if leaf.op == "cidr":
            network = ipaddress.ip_network(leaf.value, strict=False)
            made += [str(network[min(5, network.num_addresses - 1)]), str(network[0])]
        elif leaf.op == "like":
            made.append(samples.filled(leaf.value, "1"))
    good = []
    for text in made + list(ADDRESSES):
        try:
            ipaddress.ip_address(text)
        except ValueError:
            continue
        if all(leaf.of_text(text) for leaf in leaves):
            good.append(text)
    return good


def numbers(leaves, default, base=10):
    made = [samples.filled(leaf.value, "1") for leaf in leaves if leaf.op == "like"]
    made += [str(int(leaf.value) + {"lt": -1, "gt": 1}.get(leaf.op, 0)) for leaf in leaves if leaf.op in ("lt", "lte", "gt", "gte")]
    good = []
    for text in made + [default]:
        try:
            number = int(text, base)
        except ValueError:
            continue
        if all(leaf.of_text(text) for leaf in leaves) and number not in good:
            good.append(number)
    return good


class Builder:
    """Events that a way through the condition is true of."""

    def __init__(self, rule, way, turn, users, hosts):
        self.rule, self.turn, self.users, self.hosts = rule, turn, users, hosts
        self.wanted = {}
        for leaf, want in way:
            # what shall be there, and is compared with another field, is looked at once that is there
            if want and leaf.op not in ("null", "exists", "fieldref"):
                self.wanted.setdefault(leaf.field, []).append(leaf)
        self.refs = [leaf for leaf, want in way if want and leaf.op == "fieldref"]
        self.there = [leaf.field for leaf, want in way if leaf.op == "exists" and leaf.value == want]

    def of(self, *names):
        return [leaf for name in names for leaf in self.wanted.get(name, [])]

    def events(self):
        """All that may do, from the likeliest on; not yet asked of the rule."""
        for kind in self.kinds():
            for processes in itertools.islice(self.processes(kind), 60):
                for event in itertools.islice(self.acts(kind, processes), 60):
                    yield event

    def kinds(self):
        if self.rule.source == "file_event":
            return [("create", "rename", "write")[self.turn % 3]]
        if self.rule.source != "auditd":
            return [{"process_creation": "exec", "network_connection": "connect"}[self.rule.source]]
        kinds = []
        types = self.of("type")
        for name, made in (("EXECVE", ["exec"]), ("PATH", ["read" if self.turn % 2 else "create"]), ("SYSCALL", ["call", "exec"])):
            if all(leaf.of_text(name) for leaf in types):
                kinds += made
        if self.of("name") or "name" in self.there:
            kinds = [kind for kind in kinds if kind in ("read", "create")]
        return kinds

    def processes(self, kind):
        images = paths(self.of("Image", "exe"), self.turn)
        a0 = self.of("a0") if kind == "exec" else []
        if a0 and not self.of("Image", "exe"):
            made = words(a0, self.turn, "w1tool")
            images = [path for path in ("/usr/bin/" + views.base(text) for text in made) if views.canonical(path)] + images
        if not self.of("Image", "exe") and not a0:
            images = ["/usr/bin/w1tool"] + images
        parents = paths(self.of("ParentImage"), self.turn) if self.of("ParentImage") else ["/usr/lib/w1/starter"]
        directories = paths(self.of("CurrentDirectory", "cwd"), self.turn, ("/srv", "/", "/srv/")) \
            if self.of("CurrentDirectory", "cwd") else ["/"]
        if "*" in str(self.of("CurrentDirectory")):
            directories.append("/")
        for image, parent, directory in itertools.product(images[:8], parents[:8], directories[:4]):
            event = plain_event()
            event.update(image=image, called=image, cwd=directory, parent={"image": parent, "argv": [views.base(parent)]})
            comms = words(self.of("comm"), self.turn, views.base(image)[:15])
            if self.of("comm") and views.base(image)[:15] not in comms:
                event["called"] = "/usr/w1/" + comms[0]
            event["argv"] = [views.base(event["called"]), "w1"]
            if not self.set_user(event):
                continue
            yield from self.arguments(kind, event)

    def set_user(self, event):
        for name in ("uid", "euid"):
            if self.of(name):
                found = numbers(self.of("uid", "euid"), "0")
                if not found:
                    return False
                event["uid"] = found[0]
        if self.of("User"):
            event["user"] = (words(self.of("User"), self.turn, "root") or [""])[0]
            event["uid"] = views.USERS.get(event["user"])
            if event["uid"] is None:
                event["uid"] = self.users.setdefault(event["user"], 61000 + len(self.users))
        if self.of("LogonId", "auid"):
            found = numbers(self.of("LogonId", "auid"), "0")
            if not found:
                return False
            event["loginuid"] = None if found[0] == views.NOBODY_LOGGED_IN else found[0]
        return True

    def arguments(self, kind, event):
        asked = self.of("CommandLine", "cmdline", "proctitle")
        lines_here = lines(asked, self.turn, event["called"]) if asked else [None]
        lines_parent = lines(self.of("ParentCommandLine"), self.turn, event["parent"]["image"]) \
            if self.of("ParentCommandLine") else [None]
        for here, parent in itertools.product(lines_here[:12], lines_parent[:6]):
            made = copy.deepcopy(event)
            if here is not None:
                made["argv"] = split_line(here)
            if parent is not None:
                made["parent"]["argv"] = split_line(parent)
            if kind == "exec" and self.rule.source == "auditd" and here is None:
                yield from self.audit_arguments(made)
            else:
                yield made

    def audit_arguments(self, event):
        most = max([int(name[1:]) for name in [*self.wanted, *self.there] if name and name[0] == "a" and name[1:].isdigit()],
                   default=-1)
        if self.of("argc"):
            most = max(most, (numbers(self.of("argc"), "3") or [1])[0] - 1)
        elif most < 0 and None not in self.wanted:
            most = 1
        choices = [words(self.of(f"a{index}"), self.turn, event["argv"][0] if not index else f"w{index}")[:4]
                   for index in range(max(most, 0) + 1)]
        keywords = [samples.pieces_of(leaf, self.turn)[0] for leaf in self.of(None)]
        for argv in itertools.islice(itertools.product(*choices), 40):
            made = copy.deepcopy(event)
            made["argv"] = list(argv) + keywords
            yield made
            if keywords:
                joined = copy.deepcopy(event)
                joined["argv"] = keywords[:1] + ["w1" + keyword for keyword in keywords[1:]]
                yield joined

    def acts(self, kind, event):
        if kind == "exec":
            made = [{}]
        elif kind == "connect":
            made = self.connections()
        elif kind == "call":
            made = self.calls()
        else:
            made = self.files(kind)
        for more in made:
            yield {**copy.deepcopy(event), "op": kind, **more}

    def files(self, kind):
        leaves = self.of("TargetFilename", "name")
        found = paths(leaves, self.turn, ("/srv", "/srv/", "", "/", "/home/w1/", "/srv/w1")) if leaves else ["/srv/w1/file"]
        return [{"path": path, "from_path": "/srv/w1/before"} if kind == "rename" else {"path": path} for path in found[:20]]

    def connections(self):
        initiated = self.of("Initiated")
        protocols = words(self.of("Protocol"), self.turn, "tcp")
        if not all(leaf.of_text("true") for leaf in initiated):
            return []
        ports = numbers(self.of("DestinationPort"), "8080") + ([8080] if not self.of("DestinationPort") else [])
        hosts = samples.texts(self.of("DestinationHostname"), self.turn, ("",), ("",), ("",)) if self.of("DestinationHostname") else [None]
        made = []
        for address, port, protocol, host in itertools.product(addresses(self.of("DestinationIp"))[:8], ports[:2], protocols[:1],
                                                              hosts[:3]):
            if host and not self.of("DestinationIp"):
                address = self.hosts.setdefault(host, f"198.51.100.{len(self.hosts) % 250 + 1}")
            made.append({"address": address, "port": port, "protocol": protocol.lower(), "host": host})
        return made

    def calls(self):
        made = []
        for name, number in views.CALLS.items():
            if not all(leaf.of_text(name) for leaf in self.of("SYSCALL", "syscall")):
                continue
            args = [views.TEXTS.get(name, {}).get(index, views.CALM.get(name, {}).get(index, 0)) for index in range(4)]
            for index in range(4):
                if self.of(f"a{index}"):
                    args[index] = (numbers(self.of(f"a{index}"), "0", 16) or [None])[0]
            if name == "socket" and args[0] == views.AF_ALG and not self.of("a1"):
                args[1] = views.SOCK_SEQPACKET  # it makes no others
            if None not in args and self.of("SYSCALL", "syscall"):
                made.append({"call": name, "args": args})
        return made


def refer(event, rule, leaves):
    """What is compared with another field's text: one of the two takes the other's."""
    for leaf in leaves:
        other = (views.views_of(rule.source, event) or [{}])[0].get(leaf.value[0], "")
        if {leaf.field, leaf.value[0]} == {"Image", "ParentImage"}:
            event["parent"]["image"] = event["image"]
        elif leaf.field == "CommandLine":
            event["argv"] = split_line(other if leaf.value[1:] in ((0, 0), (0, 1)) else line_with(event, other))
        elif leaf.field == "TargetFilename" and leaf.value[0] == "Image" and leaf.value[1:] == (0, 1):
            event["path"] = other + ".w1"
    return event


def line_with(event, text):
    return f"{event['argv'][0]} {text}"


# ---- cases ----


def matches(rule, event, turned=()):
    return any(holds(rule.tree, view, turned) for view in views.views_of(rule.source, event))


def event_for(rule, turn, users, hosts, turned=()):
    way = Chooser(turn).ways(rule.tree, True, turned)
    builder = Builder(rule, way, turn, users, hosts)
    for event in itertools.islice(builder.events(), 400):
        event = refer(event, rule, builder.refs)
        if views.possible(event) and matches(rule, event, turned):
            if not turned or not matches(rule, event):
                return event, builder
    return None, builder


def other_case(event, rule):
    """The same in letters of the other case, where the rule takes them."""
    def swapped(event, part):
        made = copy.deepcopy(event)
        if part == "argv":
            made["argv"] = [text.swapcase() for text in made["argv"]]
        elif part == "path" and "path" in made:
            made["path"] = made["path"].swapcase()
        elif part == "image":
            folder, name = made["image"].rsplit("/", 1)
            if made["called"] == made["image"]:
                made["called"] = f"{folder}/{name.swapcase()}"
            made["image"] = f"{folder}/{name.swapcase()}"
        return made

    for part in ("argv", "path", "image"):
        made = swapped(event, part)
        if views.possible(made) and matches(rule, made):
            event = made
    return event


def slots(event, builder):
    """What of the event the rule asks for: how to read it and how to put another text there."""
    def put(name):
        def with_text(made, text):
            made[name] = text
        return with_text

    def put_image(made, text):
        if made["called"] == made["image"]:
            made["called"] = text
        made["image"] = text

    def put_called(made, text):
        made["called"] = f"/usr/w1/{text}"

    def put_parent(made, text):
        made["parent"]["image"] = text

    def put_line(made, text):
        made["argv"] = split_line(text)

    def put_parent_line(made, text):
        made["parent"]["argv"] = split_line(text)

    def put_argument(index):
        def with_text(made, text):
            made["argv"][index] = text
        return with_text

    known = {"Image": (event["image"], put_image), "exe": (event["image"], put_image),
             "comm": (views.base(event["called"]), put_called),
             "ParentImage": (event["parent"]["image"], put_parent), "CommandLine": (views.line(event["argv"]), put_line),
             "ParentCommandLine": (views.line(event["parent"]["argv"]), put_parent_line),
             "CurrentDirectory": (event["cwd"], put("cwd")), "cwd": (event["cwd"], put("cwd")),
             None: (views.line(event["argv"]), put_line)}
    known["cmdline"] = known["proctitle"] = known["CommandLine"]
    if "path" in event:
        known["TargetFilename"] = known["name"] = (event["path"], put("path"))
    found = [(name, *known[name]) for name in builder.wanted if name in known]
    if event["op"] == "exec" and builder.rule.source == "auditd":
        for index, text in enumerate(event["argv"]):
            if f"a{index}" in builder.wanted:
                found.append((f"a{index}", text, put_argument(index)))
    return found


def other_texts(text):
    """Texts that are nearly this one: (what was done, the text), from the most telling on."""
    places = [at for at, char in enumerate(text) if char not in "/ "]
    order = places + places[::-1]
    first = [("byte", text[:at] + ("q" if text[at] not in "qQ" else "z") + text[at + 1:]) for at in order[:len(places)]]
    last = [("byte", text[:at] + ("q" if text[at] not in "qQ" else "z") + text[at + 1:]) for at in order[len(places):]]
    name = text.rfind("/") + 1
    return {"first byte": first, "last byte": last, "longer": [("longer", text + "w")],
            "shorter": [("shorter", text[:-1])], "name": [("name", text[:name] + "w" + text[name:])],
            "letters": [("letters", text.swapcase())]}


def with_other_text(rule, event, name, text, put, turn):
    kinds = list(other_texts(text).items())
    turn %= len(kinds)
    for what, tries in kinds[turn:] + kinds[:turn]:
        for _, other in tries:
            if other in ("", text):
                continue
            made = copy.deepcopy(event)
            put(made, other)
            if views.possible(made) and not matches(rule, made):
                yield f"{what} of {name or 'the record'}", made
                break


def with_other_value(rule, event, builder):
    """Numbers, addresses, users, and what is done."""
    changes = []
    if event["op"] == "connect":
        changes += [(f"port {port}", {"port": port}) for port in (event["port"] + 1, event["port"] - 1) if 0 < port < 65536]
        changes += [(f"address {address}", {"address": address, "host": None}) for address in ADDRESSES]
        if ":" not in event["address"]:
            near = ipaddress.ip_address(event["address"])
            changes += [("next address", {"address": str(near + 1), "host": None})]
    if event["op"] == "call":
        for index, number in enumerate(event["args"]):
            if f"a{index}" in builder.wanted:
                for other in (number + 1, number - 1):
                    changes.append((f"argument {index}", {"args": event["args"][:index] + [other] + event["args"][index + 1:]}))
        changes += [("other call", {"call": name, "args": [0, 0, 0, 0]}) for name in ("personality", "sysinfo")
                    if name != event["call"]]
    if builder.of("uid", "euid", "User"):
        changes += [("other user", {"uid": uid, "user": user}) for user, uid in (("nobody", 65534), ("daemon", 1), ("root", 0))]
    if builder.of("LogonId", "auid"):
        changes.append(("other login", {"loginuid": 4242 if event["loginuid"] != 4242 else 4243}))
    if event["op"] in views.FILES:
        changes += [("only read", {"op": "read"}), ("only unlinked", {"op": "unlink"})]
    if event["op"] == "exec" and len(event["argv"]) > 1:
        changes += [(f"without argument {index}", {"argv": event["argv"][:index] + event["argv"][index + 1:]})
                    for index in range(1, min(len(event["argv"]), 8))]
        changes.append(("arguments turned round", {"argv": event["argv"][:1] + event["argv"][:0:-1]}))
    for what, change in changes:
        made = {**copy.deepcopy(event), **change}
        if made != event and views.possible(made) and not matches(rule, made):
            yield what, made


def near_misses(rule, positives, most, users, hosts):
    """One after the other from each kind of change; what a `not` takes out first."""
    streams = []
    excluded = []
    for gate in nots_of(rule.tree):
        found = []
        for turn in range(max(min(width(gate), most), 30)):
            event, _ = event_for(rule, turn, users, hosts, (gate,))
            if event and event not in found:
                found.append(event)
            if len(found) >= min(width(gate), most):
                break
        excluded += [(f"excluded {index}", event) for index, event in enumerate(found)]
    streams.append(excluded)
    for event, builder in positives:
        for name, text, put in slots(event, builder):
            streams.append(with_other_text(rule, event, name, text, put, len(streams)))
        streams.append(with_other_value(rule, event, builder))
    seen = []
    for row in itertools.zip_longest(*(itertools.islice(stream, most) for stream in streams)):
        for item in filter(None, row):
            if item[1] not in seen:
                seen.append(item[1])
                yield item


def cases_of(rule, file, most, near, users, hosts):
    """All cases of a rule; raises Refused."""
    known = views.FIELDS[rule.source] | {None}
    unknown = sorted(str(field) for field in fields_of(rule.tree) - known)
    if unknown:
        raise Refused(f"field '{unknown[0]}'")
    if rule.source != "auditd" and None in fields_of(rule.tree):
        raise Refused("keywords")
    positives, misses = [], []
    for turn in range(min(max(width(rule.tree), 2 if rule.source == "file_event" else 1), most)):
        event, builder = event_for(rule, turn, users, hosts)
        if event:
            positives.append((other_case(event, rule) if turn % 3 == 1 else event, builder))
    if not positives:
        raise Refused("no event of the kernel's is like that")
    for item in itertools.islice(near_misses(rule, positives, near, users, hosts), near):
        misses.append(item)
    cases = []
    for index, (event, _) in enumerate(positives):
        cases.append(case_of(file, f"p{index}", True, event["op"], event))
    for index, (what, event) in enumerate(misses):
        cases.append(case_of(file, f"n{index}", False, what, event))
    return cases


def case_of(file, number, fires, what, event):
    return {"rule": file, "number": number, "fires": fires, "what": what, "event": event}


def rule_files(arguments):
    for argument in map(pathlib.Path, arguments):
        if argument.is_dir():
            for path in sorted(argument.rglob("*.yml")):
                yield path, str(path.relative_to(argument))
        else:
            yield argument, argument.name


def generate(arguments, most, near):
    rules, cases, users, hosts = [], [], {}, {}
    for path, file in rule_files(arguments):
        known = {"file": file, "title": "", "refused": None}
        rules.append(known)
        try:
            rule = Rule(path.read_text())
            known.update(title=rule.title, id=rule.id, author=rule.author)
            cases += cases_of(rule, file, most, near, users, hosts)
        except Refused as error:
            known["refused"] = str(error)
            known["title"] = known["title"] or title_of(path)
    for index, case in enumerate(cases):
        case["id"] = f"{index}{case['number']}"
        case["setup"], case["script"] = views.script_of(case["id"], case["event"])
    return {"rules": rules, "cases": cases, "users": users, "hosts": hosts}


def title_of(path):
    for text in path.read_text().splitlines():
        if text.startswith("title:"):
            return text[len("title:"):].strip().strip("'\"")
    return ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--most", type=int, default=6, help="positive cases of a rule, at most")
    parser.add_argument("--near", type=int, default=6, help="near misses of a rule, at most")
    parser.add_argument("paths", nargs="+")
    options = parser.parse_args()
    json.dump(generate(options.paths, options.most, options.near), sys.stdout, indent=1)


if __name__ == "__main__":
    main()
