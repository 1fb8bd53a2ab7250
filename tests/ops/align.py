# SPDX-License-Identifier: Apache-2.0
"""Which of two lists' items belong together, when both are in order and some are missing.

Keys that each list has once are taken for anchors; what lies between is solved exactly. Plain
longest-match alignment goes wrong here: the same few keys come again and again.
"""
import bisect
import collections


def anchors(left, right):
    """Pairs of places of keys that each side has once, in an order that both sides keep."""
    once = [{key for key, cnt in collections.Counter(keys).items() if cnt == 1}
            for keys in (left, right)]
    common = once[0] & once[1]
    place = {key: j for j, key in enumerate(right) if key in common}
    pairs = [(i, place[key]) for i, key in enumerate(left) if key in common]
    tops, heads, before = [], [], {}  # longest increasing run of the places on the right
    for number, (_, j) in enumerate(pairs):
        at = bisect.bisect_left(tops, j)
        tops[at:at + 1] = [j]
        heads[at:at + 1] = [number]
        before[number] = heads[at - 1] if at else None
    out, number = [], heads[-1] if heads else None
    while number is not None:
        out.append(pairs[number])
        number = before[number]
    return out[::-1]


def best_pairs(left, right, value):
    """Pairs of places, both in order, of the greatest total value (value 0: no pair)."""
    score = [[0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for i in range(len(left) - 1, -1, -1):
        row, below = score[i], score[i + 1]
        for j in range(len(right) - 1, -1, -1):
            worth = value(left[i], right[j])
            row[j] = max(row[j + 1], below[j], below[j + 1] + worth if worth else 0)
    out, i, j = [], 0, 0
    while i < len(left) and j < len(right):
        worth = value(left[i], right[j])
        if worth and score[i][j] == score[i + 1][j + 1] + worth:
            out.append((left[i], right[j]))
            i, j = i + 1, j + 1
        elif score[i][j] == score[i + 1][j]:
            i += 1
        else:
            j += 1
    return out


def align(left, right, value):
    """Which of the keys `left` goes with which of `right`: unique keys, then what is between."""
    out, i0, j0 = [], 0, 0
    for i, j in anchors(left, right) + [(len(left), len(right))]:
        out += best_pairs(range(i0, i), range(j0, j), value)
        if i < len(left):
            out.append((i, j))
        i0, j0 = i + 1, j + 1
    return out
