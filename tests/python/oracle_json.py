"""Says what Python's json and hashlib make of JSON texts.

Reads texts from standard input, one a line in hexadecimal. Writes three lines for each that
`json.loads` accepts: `ok`, or `surrogate` if some string of it holds half of a surrogate pair, and the
depth of nesting; the canonical form; the document as `json.dumps` writes it by default; and
then the SHA-1 of the canonical form. For any other it writes one line: `error`.
"""

import hashlib
import json
import sys

# So that the nesting of the cases is limited by what is tested, not by Python.
sys.setrecursionlimit(20000)


def has_surrogate(text):
    return any("\ud800" <= character <= "\udfff" for character in text)


def half_pairs(text):
    """Whether any string of the text, of a lost duplicate too, is no Unicode text."""
    found = []

    def look(value):
        if isinstance(value, str):
            found.append(has_surrogate(value))
        elif isinstance(value, list):
            for element in value:
                look(element)

    def pairs(members):
        for name, value in members:
            look(name)
            look(value)
        return dict(members)

    look(json.loads(text, object_pairs_hook=pairs))
    return any(found)


def depth(value):
    deepest = 0
    waiting = [(value, 0)]
    while waiting:
        value, outside = waiting.pop()
        if isinstance(value, (list, dict)):
            deepest = max(deepest, outside + 1)
            inside = value if isinstance(value, list) else value.values()
            waiting.extend((part, outside + 1) for part in inside)
    return deepest


for line in sys.stdin:
    text = bytes.fromhex(line).decode()
    try:
        value = json.loads(text)
    except ValueError:
        print("error")
        continue
    canonical = json.dumps(value, ensure_ascii=True, sort_keys=True, default=str)
    half = "\\ud" in text.lower() and half_pairs(text)
    print("surrogate" if half else "ok", depth(value))
    print(canonical)
    print(json.dumps(value))
    print(hashlib.sha1(canonical.encode()).hexdigest())
