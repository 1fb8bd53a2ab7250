# SPDX-License-Identifier: Apache-2.0
"""What a Sigma rule means, read without any of Picket's code: the oracle of the tests beside it.

In:  a rule's text (YAML).
Out: a Rule, whose tree is evaluated on views. A view is what one record of the log source would say of an event: a
     dictionary of fields and texts (views.py makes them). A rule fires on an event if it is true of one of its views.
A rule that cannot be about anything that the kernel shows raises Refused, with the reason.
"""
import base64
import ipaddress
import itertools
import re

import yaml

DASHES = ("-", "/", "\u2013", "\u2014", "\u2015")
CODECS = {"wide": "utf-16-le", "utf16le": "utf-16-le", "utf16be": "utf-16-be", "utf16": "utf-16"}


class Refused(Exception):
    """The rule cannot be evaluated; why."""


class Leaf:
    """One comparison: a field (None: anything that the record says), what is asked, and the pattern or value."""

    def __init__(self, field, op, value, cased=False):
        self.field = field
        self.op = op
        self.value = value
        self.cased = cased
        if op == "re":
            self.regex = re.compile(value, re.ASCII)
        elif op == "like":
            self.regex = re.compile(like_to_regex(value), re.ASCII | re.DOTALL | (0 if cased else re.IGNORECASE))

    def __repr__(self):
        return f"{self.field} {self.op} {self.value!r}"

    def holds(self, view):
        if self.field is None:
            return any(self.of_text(text) for text in view.get("", []))
        text = view.get(self.field)
        if self.op == "exists":
            return (text is not None) == self.value
        if self.op == "null":
            return text is None or text == ""
        if text is None:
            return False
        return self.of_text(text, view)

    def of_text(self, text, view=None):
        if self.op == "like":
            return bool(self.regex.fullmatch(text))
        if self.op == "re":
            return bool(self.regex.search(text))
        if self.op == "cidr":
            try:
                return ipaddress.ip_address(text) in ipaddress.ip_network(self.value, strict=False)
            except ValueError:
                return False
        if self.op == "fieldref":
            field, before, after = self.value
            other = view.get(field)
            if other is None:
                return False
            one, two = (text, other) if self.cased else (text.lower(), other.lower())
            return {(0, 0): one == two, (1, 1): two in one, (0, 1): one.startswith(two), (1, 0): one.endswith(two)}[before, after]
        if self.op in ("lt", "lte", "gt", "gte"):
            try:
                number = int(text)
            except ValueError:
                return False
            limit = int(self.value)
            return {"lt": number < limit, "lte": number <= limit, "gt": number > limit, "gte": number >= limit}[self.op]
        raise AssertionError(self.op)


class Gate:
    """All ("and"), one ("or") or not one ("not") of its parts."""

    def __init__(self, kind, parts):
        self.kind = kind
        self.parts = parts

    def __repr__(self):
        return f"{self.kind}{self.parts}"

    def holds(self, view):
        if self.kind == "and":
            return all(part.holds(view) for part in self.parts)
        if self.kind == "or":
            return any(part.holds(view) for part in self.parts)
        return not self.parts[0].holds(view)


def tokens_of(text):
    """The text as a list of literal texts, and '*' and '?' as 1 and 2."""
    tokens, literal, at = [], "", 0
    while at < len(text):
        char = text[at]
        if char == "\\" and at + 1 < len(text) and text[at + 1] in "*?\\":
            literal += text[at + 1]
            at += 2
            continue
        if char in "*?":
            if literal:
                tokens.append(literal)
                literal = ""
            if not (char == "*" and tokens and tokens[-1] == 1):
                tokens.append(1 if char == "*" else 2)
        else:
            literal += char
        at += 1
    if literal:
        tokens.append(literal)
    return tokens


def like_to_regex(tokens):
    return "".join(".*" if token == 1 else "." if token == 2 else re.escape(token) for token in tokens)


def escaped(text):
    """A text whose characters stand for themselves."""
    return re.sub(r"([*?\\])", r"\\\1", text)


def around(tokens, before, after):
    if before and tokens[:1] != [1]:
        tokens = [1] + tokens
    if after and tokens[-1:] != [1]:
        tokens = tokens + [1]
    return tokens


def offsets_of(data):
    """How base64 writes these bytes at each of the three places in a group; what depends on the neighbours cut off."""
    start, end = (0, 2, 3), (None, -3, -2)
    return [base64.b64encode(b" " * i + data)[start[i]:end[(len(data) + i) % 3]].decode() for i in range(3)]


def changed(values, mods):
    """What the modifiers that change values make of them: literal texts, escaped."""
    for mod in mods:
        made = []
        for value in values:
            plain = "" if isinstance(value, bytes) else "".join(filter(lambda token: isinstance(token, str), tokens_of(value)))
            if mod == "windash":
                pieces = re.split(r"\B[-/]\b", value)
                for dashes in itertools.product(DASHES, repeat=len(pieces) - 1):
                    made.append("".join(text + dash for text, dash in zip(pieces, dashes + ("",))))
            elif mod in CODECS:
                made.append(plain.encode(CODECS[mod]))
            elif mod == "base64":
                data = value if isinstance(value, bytes) else plain.encode()
                made.append(escaped(base64.b64encode(data).decode()))
            elif mod == "base64offset":
                data = value if isinstance(value, bytes) else plain.encode()
                made += [escaped(text) for text in offsets_of(data)]
        values = list(dict.fromkeys(made))
    return values


CHANGING = {"windash", "base64", "base64offset", *CODECS}
ASKING = {"contains", "startswith", "endswith", "re", "cidr", "exists", "fieldref", "lt", "lte", "gt", "gte"}


def leaves_of(field, mods, value):
    """The comparison of one value, as a tree: several if a modifier makes several values of it."""
    asked = [mod for mod in mods if mod in ASKING]
    cased = "cased" in mods
    if value is None:
        return Leaf(field, "null", None)
    if "exists" in asked:
        return Leaf(field, "exists", str(value).lower() in ("true", "yes", "1"))
    if "fieldref" in asked:
        before, after = "contains" in asked or "endswith" in asked, "contains" in asked or "startswith" in asked
        return Leaf(field, "fieldref", (value, int(before), int(after)), cased)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if "re" in asked:
        flags = "".join(mod for mod in mods if mod in ("i", "m", "s"))
        return Leaf(field, "re", f"(?{flags}){text}" if flags else text)
    for op in ("cidr", "lt", "lte", "gt", "gte"):
        if op in asked:
            return Leaf(field, op, text)
    before = "contains" in asked or "endswith" in asked or field is None
    after = "contains" in asked or "startswith" in asked or field is None
    made = [Leaf(field, "like", around(tokens_of(one), before, after), cased)
            for one in changed([text], [mod for mod in mods if mod in CHANGING])]
    return made[0] if len(made) == 1 else Gate("or", made)


def item_of(key, value):
    """One line of a selection."""
    name, *mods = str(key).split("|")
    for mod in mods:
        if mod not in CHANGING | ASKING | {"all", "cased", "neq", "i", "m", "s"}:
            raise Refused(f"modifier '{mod}'")
    values = value if isinstance(value, list) else [value]
    parts = [leaves_of(name or None, mods, one) for one in values]
    tree = parts[0] if len(parts) == 1 else Gate("and" if "all" in mods else "or", parts)
    return Gate("not", [tree]) if "neq" in mods else tree


def selection_of(value):
    if isinstance(value, dict):
        parts = [item_of(key, one) for key, one in value.items()]
        return parts[0] if len(parts) == 1 else Gate("and", parts)
    if isinstance(value, list):
        parts = [selection_of(one) if isinstance(one, dict) else leaves_of(None, [], one) for one in value]
        return parts[0] if len(parts) == 1 else Gate("or", parts)
    return leaves_of(None, [], value)


class Condition:
    """Recursive descent over a condition; `not` binds closest, then `and`."""

    def __init__(self, text, selections):
        if "|" in text:
            raise Refused("aggregation")
        self.words = re.findall(r"\(|\)|[^\s()]+", text)
        self.selections = selections

    def tree(self):
        tree = self.either()
        if self.words:
            raise Refused(f"condition goes on with '{self.words[0]}'")
        return tree

    def next(self):
        return self.words[0].lower() if self.words else ""

    def chain(self, word, part):
        parts = [part()]
        while self.next() == word:
            self.words.pop(0)
            parts.append(part())
        return parts[0] if len(parts) == 1 else Gate(word, parts)

    def either(self):
        return self.chain("or", lambda: self.chain("and", self.one))

    def one(self):
        if not self.words:
            raise Refused("condition ends too early")
        word = self.words.pop(0)
        if word.lower() == "not":
            return Gate("not", [self.one()])
        if word == "(":
            tree = self.either()
            if self.words[:1] != [")"]:
                raise Refused("no closing parenthesis")
            self.words.pop(0)
            return tree
        if word.lower() in ("1", "any", "all") and self.next() == "of":
            self.words.pop(0)
            return self.several(self.words.pop(0), "and" if word.lower() == "all" else "or")
        if word not in self.selections:
            raise Refused(f"no selection '{word}'")
        return self.selections[word]

    def several(self, name, kind):
        if name == "them":
            parts = [tree for key, tree in self.selections.items() if not key.startswith("_")]
        else:
            like = re.compile(like_to_regex(tokens_of(name)))
            parts = [tree for key, tree in self.selections.items() if like.fullmatch(key)]
        if not parts:
            raise Refused(f"no selection '{name}'")
        return parts[0] if len(parts) == 1 else Gate(kind, parts)


class Rule:
    def __init__(self, text):
        documents = [one for one in yaml.safe_load_all(text) if one]
        if len(documents) != 1:
            raise Refused("several documents")
        data = documents[0]
        self.title = str(data.get("title"))
        self.id = str(data.get("id", ""))
        self.author = str(data.get("author", ""))
        if "detection" not in data:
            raise Refused("no detection")
        source = data.get("logsource", {})
        self.source = source.get("category") or source.get("service") or ""
        if source.get("product", "linux") != "linux":
            raise Refused(f"product '{source['product']}'")
        if self.source not in ("process_creation", "file_event", "network_connection", "auditd"):
            raise Refused(f"log source '{self.source}'" if self.source else "the text of any log")
        detection = dict(data["detection"])
        condition = detection.pop("condition")
        if "timeframe" in detection:
            raise Refused("timeframe")
        self.selections = {name: selection_of(value) for name, value in detection.items()}
        conditions = condition if isinstance(condition, list) else [condition]
        trees = [Condition(str(one), self.selections).tree() for one in conditions]
        self.tree = trees[0] if len(trees) == 1 else Gate("or", trees)

    def fires(self, views):
        return any(self.tree.holds(view) for view in views)
