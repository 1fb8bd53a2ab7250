# SPDX-License-Identifier: Apache-2.0
"""Texts that comparisons of the oracle are true of."""
import itertools
import re
import string

try:
    from re import _parser as parser
except ImportError:  # Python before 3.11
    import sre_parse as parser

FILL = ("", "w1")


def of_regex(pattern, turn):
    """A text in which the expression is found, and whether it has to stand at the text's begin and end."""
    ends = [False, False]

    def of_set(items):
        negated = items and str(items[0][0]) == "NEGATE"
        for char in "w7 -_./aAbf\"'" + string.printable:
            if re.match(char_class(items), char, re.ASCII):
                return char
        raise ValueError(f"no character for {items}{negated}")

    def char_class(items):
        text = ""
        for op, value in items:
            name = str(op)
            if name == "NEGATE":
                text += "^"
            elif name == "LITERAL":
                text += re.escape(chr(value))
            elif name == "RANGE":
                text += f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}"
            else:
                text += {"CATEGORY_DIGIT": r"\d", "CATEGORY_SPACE": r"\s", "CATEGORY_WORD": r"\w",
                         "CATEGORY_NOT_DIGIT": r"\D", "CATEGORY_NOT_SPACE": r"\S", "CATEGORY_NOT_WORD": r"\W"}[str(value)]
        return f"[{text}]"

    def of(parsed):
        text = ""
        for op, value in parsed:
            name = str(op)
            if name == "LITERAL":
                text += chr(value)
            elif name == "NOT_LITERAL":
                text += "w" if value != ord("w") else "v"
            elif name == "ANY":
                text += "w"
            elif name == "IN":
                text += of_set(value)
            elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
                least, most, part = value
                text += "".join(of(part) for _ in range(min(max(least, turn % 2), most)))
            elif name == "SUBPATTERN":
                text += of(value[3])
            elif name == "ATOMIC_GROUP":
                text += of(value)
            elif name == "BRANCH":
                text += of(value[1][turn % len(value[1])])
            elif name == "AT":
                if "BEGINNING" in str(value):
                    ends[0] = True
                elif "END" in str(value):
                    ends[1] = True
            else:
                raise ValueError(f"no text for {name}")
        return text

    return of(parser.parse(pattern)), ends[0], ends[1]


def filled(tokens, fill):
    return "".join(token if isinstance(token, str) else fill if token == 1 else "w" for token in tokens)


def pieces_of(leaf, turn):
    """(text, whether it begins the whole text, whether it ends it)"""
    if leaf.op == "re":
        return of_regex(leaf.value, turn)
    tokens = list(leaf.value)
    begins, ends = tokens[:1] != [1], tokens[-1:] != [1]
    while tokens[:1] == [1]:
        tokens.pop(0)
    while tokens[-1:] == [1]:
        tokens.pop()
    return filled(tokens, FILL[1]), begins, ends


def texts(leaves, turn, heads, joints, tails):
    """Texts that may satisfy all leaves, from the likeliest on; heads and tails are put where no leaf says how the text begins and
    ends. A leaf that gives the whole text has all to itself."""
    pieces = [pieces_of(leaf, turn) for leaf in leaves if leaf.op in ("like", "re")]
    whole = [text for text, begins, ends in pieces if begins and ends]
    if whole:
        return list(dict.fromkeys(whole))
    begin = sorted((text for text, begins, _ in pieces if begins), key=len)
    end = sorted((text for text, _, ends in pieces if ends), key=len)
    middle = [text for text, begins, ends in pieces if not begins and not ends]
    made = []
    orders = itertools.islice(itertools.permutations(middle), 24)
    for order, joint, head, tail in itertools.product(list(orders), joints, begin[-1:] or heads, end[-1:] or tails):
        parts = [head] * bool(begin or not head) + list(order) + [tail] * bool(end)
        if begin or not head:
            text = joint.join(part for part in parts if part)
        else:
            text = head + joint.join(parts)
        if not end:
            text += tail
        if text not in made:
            made.append(text)
    return [text for text in made if all(leaf.of_text(text) for leaf in leaves if leaf.op in ("like", "re"))]
