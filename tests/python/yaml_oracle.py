"""The oracle of tests/oracle_yaml.rs: what PyYAML's pure Python code makes of the same texts.

    yaml_oracle.py load KIND SEED COUNT    write COUNT random texts of a kind, what they hold, and their canonical JSON
    yaml_oracle.py decks                   write the same of the hand-written texts
    yaml_oracle.py files FOLDER            write the same of the texts of the files in FOLDER
    yaml_oracle.py dump FILE               write the YAML of each JSON text in FILE

Records are written to standard output, each one a length of four bytes, the lowest first, and
then so many bytes of UTF-8. A text is three records: itself, `=` and its value as JSON, and `=` and its
canonical JSON; instead of each of these two, `!` and the reason why there is none.
"""

import json
import pathlib
import random
import re
import struct
import sys

import yaml

LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class InOrder(set):
    """A set that prints its members in the order of the YAML text.

    Python's own order changes from run to run; h5sim documents this one.
    """

    members = ()

    def __str__(self):
        if not self.members:
            return "set()"
        return "{" + ", ".join(map(repr, self.members)) + "}"


class Loader(yaml.SafeLoader):
    """PyYAML's safe loader, save that sets keep an order."""

    def construct_set_in_order(self, node):
        data = InOrder()
        yield data
        value = self.construct_mapping(node)
        data.update(value)
        data.members = tuple(value)


Loader.add_constructor("tag:yaml.org,2002:set", Loader.construct_set_in_order)


def value_of(text):
    """What safe_load gives, as JSON keeps it."""
    try:
        loaded = yaml.load(text, Loader=Loader)
        dumped = json.dumps(loaded, default=str)
        kept = json.loads(dumped)
    except (RecursionError, MemoryError):
        raise
    except Exception as error:  # PyYAML fails with many kinds of exceptions
        return "!" + type(error).__name__
    if LONE_SURROGATE.search(json.dumps(kept, ensure_ascii=False)):
        # No Unicode text: h5sim documents that it refuses it.
        return "!half a surrogate pair"
    return "=" + json.dumps(kept)


def is_sorted_by_chance(value):
    """Whether a NaN is a key beside others: where Python's sort puts them follows from its steps alone."""
    if isinstance(value, dict):
        among = len(value) > 1 and any(key != key for key in value)
        return among or any(map(is_sorted_by_chance, value.values()))
    return isinstance(value, (list, tuple)) and any(map(is_sorted_by_chance, value))


def canonical_of(text):
    """What Python hashes of what safe_load gives."""
    try:
        loaded = yaml.load(text, Loader=Loader)
        dumped = json.dumps(loaded, ensure_ascii=True, sort_keys=True, default=str)
    except (RecursionError, MemoryError):
        raise
    except Exception as error:
        return "!" + type(error).__name__
    if LONE_SURROGATE.search(json.dumps(json.loads(dumped), ensure_ascii=False)):
        return "!half a surrogate pair"
    return "!by chance" if is_sorted_by_chance(loaded) else "=" + dumped


def write(record):
    data = record.encode("utf-8")
    sys.stdout.buffer.write(struct.pack("<I", len(data)) + data)


def write_case(text):
    write(text)
    write(value_of(text))
    write(canonical_of(text))


# Texts in the style of the input files of simulations.
DECKS = [
    """\
# Run 12: two-moment closure
model:
  k0: 1.2        # 1/s
  k1: 1.3
  tau: .01
  mass: 123.
integrator: {dt: 1.0e-3, method: rk4, steps: 1_000_000, adaptive: off}
data_source:
  path: path/to/data
  host: bluecrab
""",
    """\
defaults: &defaults
  solver: gmres
  tolerance: 1e-8
  restart: 30
fine: &fine
  tolerance: 1.0e-12
runs:
  - <<: *defaults
    name: coarse
  - <<: [*fine, *defaults]
    name: fine
    grid: [128, 128, 0x40]
  - {<<: *defaults, restart: 0o7, octal: 07}
""",
    """\
%YAML 1.1
%TAG !s! tag:yaml.org,2002:
---
title: >
  A long title that is
  folded into one line

  and a second paragraph
    with an indented line
  after it.
script: |
  #!/bin/sh
  cd $RUN && ./solve < input.nml

    # indented
stripped: |-
  no newline
kept: |+
  two newlines


indented: |2
    by two
  and none
number: !s!int "42"
...
""",
    """\
species: [H2, O2, H2O, NO, "NO", no, N]
started: 2001-12-14t21:59:43.10-05:00
finished: 2001-12-15 2:59:43.10
day: 2002-12-14
zulu: 2001-12-14T21:59:43Z
elapsed: 190:20:30
elapsed_exact: 190:20:30.15
empty:
tilde: ~
nothing: null
also: ''
limits: [-.inf, .inf, .nan, -.INF, .NaN]
""",
    """\
? |
  block key
: - one
  - two
? [a, b]
: refused
""",
    """\
1: one
1.0: same key
true: same key again
null: nothing
~: nothing again
2: {3: {4.5: {-0.0: zero, 0: zero}}}
1e3: text
.inf: infinity
12345678901234567890123: large
""",
    """\
picture: !!binary |
  R0lGODlhDAAMAIQAAP//9/X17unp5WZmZgAAAOfn515eXvPz7Y6OjuDg4J+fn5
  OTk6enp56enmlpaWNjY6Ojo4SEhP/++f/++f/++f/++f/++f/++f/++f/++f/+
set: !!set {a, b, 'c d', 1, 2.5, yes, ~, 2001-01-01, "it's", 'say "x"', "\\u00e9\\t\\x07\\u200b"}
ordered: !!omap [b: 1, a: 2, [x, y]: {c: 3}]
pairs: !!pairs [a: 1, a: 2]
text: !!str 12
integer: !!int "0x1F"
float: !!float 1
nested: !!map {a: !!seq [1, 2]}
nonspecific: [! 12, ! "12", !!null "", !!bool "Yes"]
""",
    """\
- "escapes \\0\\a\\b\\t\\n\\v\\f\\r\\e\\"\\/\\\\\\N\\_\\L\\P\\x41\\u00e9\\U0001F600 \\
   continued
   folded

   line"
- 'single ''quoted''
  folded

  line'
- plain text
  that goes on

  and on # comment
- a:b:c
- [a:b, "c":d, e: f, {g: h, i}, ? j, ? k : l]
- {a, b: , "c":1, ? d : e, ? f}
- - - nested
  - sequence
-
  - in its own line
- key: value
  other: value
""",
    """\
a: &x [1, 2]
b: *x
c: {d: *x, *y : 1}
""",
    "a: &x [1, *x]\n",
    "&a {<<: *a, b: 1}\n",
    "&a [&b [*a, *b]]\n",
    "a: 1\n---\nb: 2\n",
    "a: 1\n...\n",
    "a: 1\n...\n...\n# end\n",
    "--- # only a comment\n",
    "",
    "# nothing\n",
    "\ufeff# with a mark\na: 1\n",
    "a: 1\n\ufeffb: 2\n",
    "%FOO bar\n--- a\n",
    "%YAML 1.2\n--- a\n",
    "%YAML 2.0\n--- a\n",
    "%TAG ! tag:yaml.org,2002:\n--- !int 12\n",
    "!<tag:yaml.org,2002:float> 1\n",
    "!foo bar\n",
    "!!python/tuple [1]\n",
    "!!python/object/apply:os.system ['true']\n",
    "a: !!int\n",
    "- <<\n",
    "- =\n",
    "{=: 1}\n",
    "!!str {=: text}\n",
    "{<<: {a: 1}, <<: {a: 2, b: 3}, c: 4}\n",
    "{<<: [{a: 1}, {a: 2, b: 3}], a: 4}\n",
    "{<<: 12}\n",
    "{<<: [12]}\n",
    "{2001-01-01: date}\n",
    "{!!binary aGVsbG8=: bytes}\n",
    "{{}: 1}\n",
    "a: b: c\n",
    "a:\n\t- tab\n",
    "a: |\n\ttab\n",
    "a: 'x\n--- \n'\n",
    "- a\n b\n",
    "a\r\nb\rc\u2028d\u2029e\u0085f\n",
    "\"a\\\r\n  b\\\u2028c\"\n",
    "x: \"\\ud83d\\ude00\"\ny: \"\\ud83d\"\n",
    "x: \"\\ud83d\\ude00\"\n",
    "x: \"\\U00110000\"\n",
    "x: \x07\n",
    "'" + "k" * 1020 + "': 1\n",
    "'" + "k" * 1030 + "': 1\n",
    "k" * 1025 + ": 1\n",
    "? " + "k" * 1030 + "\n: 1\n",
    "[" * 100 + "]" * 100 + "\n",
    "- " * 100 + "deep\n",
    "9" * 4300 + "\n",
    "9" * 4301 + "\n",
    "-0x" + "f" * 3571 + "\n",
    "-0x" + "f" * 3572 + "\n",
    "1" + ":00" * 500 + "\n",
    "1" + ":00" * 3000 + "\n",
    "1" + ":59" * 173 + ".5\n",
    "1" + ":59" * 174 + ".5\n",
]

SCALARS = """
yes Yes YES yEs no No NO on On ON off Off OFF y Y n N true True TRUE tRUE false False FALSE
null Null NULL nULL ~ ~~ None nil 0 -0 +0 00 07 08 -07 +07 0o7 0O7 0b0 0b101 0b12 -0b1 0B1 0x1F 0xfg
-0xA 0X1 1_000 1__0 _1 1_ 0_ 0b_ 0x_ 0_7 1e3 1E3 1e+3 1e-3 1.0e3 1.0e+3 1.0E-3 1.e+3 1. 1.5 -1.5
+1.5 .5 -.5 +.5 .5e+3 .5e3 5e-324 4.9e-324 1.7976931348623157e+308 1.8e+308 1._5 1_0.5_0 ._5 . .. ...
.inf -.inf +.inf .Inf .INF .iNF inf .nan .NaN .NAN -.nan nan 1:2 1:60 1:5 01:5 0:1 190:20:30
190:20:30.15 -190:20:30 1:2.5 0:1.5 1:2. 1:2._ 1: 1:2: :1 2001-12-14 2001-1-14 2001-13-14 2001-02-30
2000-02-29 1900-02-29 0000-01-01 9999-12-31 2001-12-14t21:59:43.10-05:00 2001-12-14T21:59:43Z
2001-12-14T21:59:43+5 2001-12-14T21:59:43+05:30 2001-12-14T21:59:43-00:00 2001-12-14T21:59:43+24:00
2001-12-14T21:59:43+23:99 2001-12-14T24:00:00 2001-12-14T21:59:60 2001-12-14T21:59:43.1234567
2001-12-14T21:59:43. 2001-12-14T1:2:3 2001-12-14T1:02:03 << = ! & * - ? : -- --- ... -1 - a
123456789012345678901234567890 -9223372036854775808 9223372036854775808 0x7fffffffffffffffffff
a:b a#b a:#b #a 'a' "a" '' "" [] {} [a] {a} {a: b} @a `a %a a%b |a >a a] a} a, a\u00e9 \u00e9
""".split()

TAGS = ["int", "float", "bool", "null", "timestamp", "binary", "str", "set", "omap", "pairs", "seq",
        "map", "merge", "value", "yaml", "unknown"]


class Texts:
    """Random YAML texts."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def scalar(self):
        choice = self.random.random()
        if choice < 0.4:
            return self.random.choice(SCALARS)
        if choice < 0.8:
            alphabet = self.random.choice(
                ["01", "0123456789", "0123456789:", "0123456789_.eE+-", "0123456789-: TtZ+.",
                 "01789abcdefxob_-+", ".infaNIA-+", "yesnotrufalYESNOT", "aZ09 -:#?,[]{}&*!|>'\"%@`\t=<~"])
            return "".join(self.random.choices(alphabet, k=self.random.randint(1, 12)))
        first = self.random.choice(SCALARS)
        place = self.random.randrange(len(first) + 1)
        return first[:place] + self.random.choice("0123456789_.:eE+-xobTZ ") + first[place:]

    def scalar_text(self):
        """A scalar in one of the places where scalars stand."""
        text = self.scalar()
        choice = self.random.random()
        if choice < 0.1:
            quoted = json.dumps(text + self.random.choice(["", "\n", " "]))
            tag = self.random.choice(TAGS + ["int", "float", "timestamp", "binary"] * 3)
            return f"!!{tag} {quoted}\n"
        if choice < 0.15:
            return "! " + json.dumps(text + self.random.choice(["", "\n"])) + "\n"
        template = self.random.choice(
            ["%s", "%s\n", "- %s\n", "k: %s\n", "%s: v\n", "[%s]", "[a, %s]", "{%s: 1}", "{k: %s}", "{%s}",
             "? %s\n: 1\n", "!!int %s", "!!float %s", "!!bool %s", "!!timestamp %s", "!!binary %s",
             "!!str %s", "!!null %s", "!!set {%s}", "&a %s", "- &a %s\n- *a\n", "k: %s # comment\n",
             "--- %s\n...\n", "%s\n  continued\n"])
        return template % text

    def text(self):
        """A text to be the value of a scalar."""
        choice = self.random.random()
        if choice < 0.2:
            return self.random.choice(SCALARS)
        if choice < 0.4:
            words = self.random.choices(["alpha", "b", "long-word-" * 3, "", "x: y", "# no", "- z"],
                                        k=self.random.randint(1, 30))
            return self.random.choice([" ", "  ", "\n", " \n", "\n "]).join(words)
        alphabet = self.random.choice(
            ["ab \n", "abc", "a'\"\\ ", "a\u00e9\u4e2d\U0001f600 ", "a\x00\x07\t\r\x1b\x7f\x85\xa0\u2028\u2029\ufeff\ufffe",
             "a:#-?,[]{}&*!|>'\"%@` "])
        return "".join(self.random.choices(alphabet, k=self.random.randint(0, 40)))

    def value(self, depth=0):
        choice = self.random.random()
        if depth < 5 and choice < 0.25:
            return [self.value(depth + 1) for _ in range(self.random.randint(0, 5))]
        if depth < 5 and choice < 0.5:
            return {self.key(): self.value(depth + 1) for _ in range(self.random.randint(0, 5))}
        if choice < 0.6:
            return self.random.choice([None, True, False])
        if choice < 0.7:
            return self.random.randint(-10**self.random.randint(1, 30), 10**self.random.randint(1, 30))
        if choice < 0.8:
            (number,) = struct.unpack("<d", self.random.randbytes(8))
            return self.random.choice([number, round(self.random.uniform(-1000, 1000), 3)])
        return self.text()

    def key(self):
        choice = self.random.random()
        if choice < 0.7:
            return self.text()
        return self.random.choice([None, True, self.random.randint(-5, 5), 0.5, 1e20, "k" * 125])

    def dumped(self):
        """A value that PyYAML printed in one of its styles."""
        choose = self.random.choice
        text = yaml.safe_dump(
            self.value(),
            default_style=choose([None, None, None, "'", '"', "|", ">"]),
            default_flow_style=choose([None, False, False, True]),
            canonical=choose([None, None, None, True]),
            indent=choose([None, 2, 3, 4, 9]),
            width=choose([None, 10, 20, 80, 1000]),
            allow_unicode=choose([None, True]),
            line_break=choose([None, "\n", "\r", "\r\n"]),
            explicit_start=choose([None, True]),
            explicit_end=choose([None, True]),
            version=choose([None, (1, 1)]),
            sort_keys=False,
        )
        return text

    FRAGMENTS = [
        "&a ", "*a", "*a ", "<<: *a", "<<", "= ", "? ", ": ", "- ", "!!set ", "!!omap ", "!!str ", "!!int ",
        "!!float ", "! ", "!x ", "%TAG ! tag:yaml.org,2002:\n---\n", "%YAML 1.1\n---\n", "---\n", "...\n",
        "|\n", ">\n", "|2-\n", ">+\n", "|-1", "#", " #", "\t", "\n", "\n\n", "\n  ", "  ", "\r", "\x85",
        "\u2028", "\ufeff", "\\u00e9", "\\ud83d\\ude00", "\\", "\\\n", "\\x4", "'", '"', "''", "[", "]", "{",
        "}", ",", "[]", "{}", "é", "2001-01-01", "1e3", "yes", "~", "%", "@", "`", "x" * 200, "!<tag:x> ",
        "\x07", "\ud7ff", "\uffff", "{a: 1, <<: {b: 2}}", "? [a]\n: b\n", "!!binary aGk= ", "---", "...",
    ]

    def mutated(self):
        choice = self.random.random()
        if choice < 0.6:
            text = self.random.choice(DECKS[:9])
        elif choice < 0.8:
            text = self.dumped()
        else:
            text = self.scalar_text()
        if len(text) > 400:
            begin = text.find("\n", self.random.randrange(len(text) - 300)) + 1
            text = text[begin:begin + self.random.randint(50, 400)]
        for _ in range(self.random.randint(1, 4)):
            place = self.random.randrange(len(text) + 1)
            end = min(len(text), place + self.random.randint(1, 6))
            choice = self.random.random()
            if choice < 0.4:
                text = text[:place] + self.random.choice(self.FRAGMENTS) + text[place:]
            elif choice < 0.6:
                text = text[:place] + text[end:]
            elif choice < 0.7:
                text = text[:place] + self.random.choice(" \t\n:-?,[]{}#&*!|>'\"%@`~=<.\\") + text[end:]
            elif choice < 0.8:
                text = text[:place] + text[place:end] * 2 + text[end:]
            else:
                lines = text.split("\n")
                first, second = self.random.choices(range(len(lines)), k=2)
                if choice < 0.9:
                    lines[first], lines[second] = lines[second], lines[first]
                else:
                    lines[first] = self.random.choice([" ", "  ", "- ", "\t"]) + lines[first]
                text = "\n".join(lines)
        return text


    def soup(self):
        """Indicators, scalars and white space in any order."""
        pieces = ["- ", "? ", ": ", ":", "-", "?", "[", "]", "{", "}", ",", ", ", "a", "b: ", "'c'", '"d"', "&x ",
                  "*x", "*x ", "!!str ", "! ", "|\n ", ">-\n  ", "#c", " #c\n", "\n", "\n ", "\n  ", " ", "\t",
                  "---", "--- ", "...", "\n---\n", "\n...\n", "<<: ", "1", "%", "\r\n", "\u2028", "\\", "''"]
        return "".join(self.random.choices(pieces, k=self.random.randint(1, 12)))

    def keyed(self, depth=0):
        """Mappings whose keys are of one kind, or of several."""
        integers = ["0", "2", "10", "-3", "9", "100", "0x1F", "1_0", "9007199254740993", "12345678901234567890", "-99999999999999999999", "yes", "no"]
        floats = ["0.5", "2.0", "10.5", "-0.0", "1.0e+16", "9007199254740992.0", "1.0e+20", "-.inf", ".inf", "1.5e-7", "5e-324"]
        kinds = [["a", "b", "10", "é", "'2'", "'10'", "ab", "B"], integers, floats, integers + floats, ["~"], [".nan"]]
        names = list(self.random.choice(kinds[:4]))
        if self.random.random() < 0.15:
            names += self.random.choice(kinds)
        keys = self.random.choices(names, k=self.random.randint(0, 6))
        values = [self.keyed(depth + 1) if depth < 3 and self.random.random() < 0.3 else self.random.choice(["1", "x", "[2, {3: 1, 20: 0}]"])
                  for _ in keys]
        return "{" + ", ".join(f"{key}: {value}" for key, value in zip(keys, values)) + "}"

    def grown(self):
        """A text that is mostly valid, by the grammar and not by PyYAML's printer."""
        self.anchors = []
        begin = self.random.choice(["", "", "# comment\n", "---\n", "%YAML 1.1\n---\n", "%TAG !t! tag:yaml.org,2002:\n--- \n"])
        text = begin + self.block(0, 0).lstrip(" ")
        if self.random.random() < 0.1:
            text += self.random.choice(["...\n", "# end", "\n\n"])
        if self.random.random() < 0.1:
            text = text.replace("\n", self.random.choice(["\r\n", "\r", "\x85"]))
        return text

    def properties(self, tag):
        """An anchor, a tag, both or mostly neither, with a space after each."""
        parts = []
        if self.random.random() < 0.2:
            name = f"a{len(self.anchors)}"
            self.anchors.append(name)
            parts.append("&" + name)
        if self.random.random() < 0.1:
            parts.append(self.random.choice([tag, tag, "!", "!!str", "!!set", "!!omap"]))
        self.random.shuffle(parts)
        return "".join(part + " " for part in parts)

    def flow(self, depth):
        """A value that may stand between brackets."""
        choice = self.random.random()
        if choice < 0.1 and self.anchors:
            return "*" + self.random.choice(self.anchors) + " "
        space = self.random.choice(["", " ", " ", "\n   "])
        if choice < 0.3 and depth < 4:
            items = [self.flow(depth + 1) for _ in range(self.random.randint(0, 3))]
            if self.random.random() < 0.2:
                items.append(self.flow(4) + ": " + self.flow(depth + 1))
            return self.properties("!!seq") + "[" + space + ("," + space).join(items) + "]"
        if choice < 0.5 and depth < 4:
            members = [self.flow_member(depth) for _ in range(self.random.randint(0, 4))]
            return self.properties("!!map") + "{" + space + ("," + space).join(members) + "}"
        if choice < 0.7:
            return self.properties("!!str") + self.random.choice([json.dumps, repr])(self.scalar())
        return self.properties("!!int") + self.random.choice(
            ["1", "0x1F", "1.5", "yes", "no", "~", "word", "two words", "a:b", "2001-01-01", "1e3", "-", ""])

    def flow_member(self, depth):
        choice = self.random.random()
        if choice < 0.1 and self.anchors:
            return "<<: *" + self.random.choice(self.anchors)
        if choice < 0.2:
            return "? " + self.flow(4) + " : " + self.flow(depth + 1)
        if choice < 0.3:
            return self.flow(4)
        return self.random.choice(["a", "b", "c", "'d'", "1", "1.0", "yes", "null"]) + ": " + self.flow(depth + 1)

    def end(self):
        return self.random.choice(["\n", "\n", "\n", " # comment\n", "\n\n", "\n# comment\n", "\n   # comment\n"])

    def block(self, indent, depth):
        """A block value from the beginning of a line on, or a value on one line."""
        choice = self.random.random()
        margin = " " * indent
        deeper = indent + self.random.randint(1, 4)
        if depth >= 4 or choice < 0.3:
            return margin + self.block_scalar(indent)
        lines = []
        if choice < 0.6:
            for _ in range(self.random.randint(1, 3)):
                if self.random.random() < 0.3 and depth < 3:
                    # A collection on the line of its '-'.
                    nested = self.block(indent + 2, depth + 1)
                    lines.append(margin + "- " + nested.lstrip(" "))
                else:
                    lines.append(margin + "-" + self.value_after(indent, deeper, depth, "!!seq"))
            return "".join(lines)
        for _ in range(self.random.randint(1, 4)):
            key = self.random.choice(["a", "b", "c", "d e", "'f'", '"g h"', "1", "1.5", "yes", "&k%d i" % self.random.randrange(10**6), "!!str 2"])
            if self.anchors and self.random.random() < 0.15:
                names = self.random.choices(self.anchors, k=self.random.randint(1, 2))
                lines.append(margin + "<<: [" + ", ".join("*" + name for name in names) + "]\n")
            elif self.random.random() < 0.1:
                lines.append(margin + "?" + self.value_after(indent, deeper, depth + 2, "!!str")
                             + margin + ":" + self.value_after(indent, deeper, depth, "!!map"))
            else:
                lines.append(margin + key + self.random.choice([":", ":", " :"])
                             + self.value_after(indent, deeper, depth, "!!map"))
        return "".join(lines)

    def value_after(self, indent, deeper, depth, tag):
        """What follows `-`, `?` or `:`."""
        choice = self.random.random()
        if choice < 0.4 and depth < 4:
            if self.random.random() < 0.2:
                # A sequence that is not indented.
                nested = "".join(" " * indent + "-" + self.value_after(indent, deeper, depth + 1, "!!seq") for _ in range(2))
            else:
                nested = self.block(deeper, depth + 1)
            return " " + self.properties(tag) + self.end() + nested
        if choice < 0.5:
            return self.end()
        if choice < 0.6 and self.anchors:
            return " *" + self.random.choice(self.anchors) + self.end()
        return " " + self.block_scalar(indent)

    def block_scalar(self, indent):
        """A scalar or a flow collection, with the end of its line."""
        choice = self.random.random()
        margin = " " * (indent + self.random.randint(1, 4))
        lines = self.random.choices(["text", "more text", "  indented", "", "# no comment", "a: b", "- c", "\ttab", "é"], k=self.random.randint(0, 5))
        if choice < 0.25:
            header = self.random.choice(["|", ">", "|-", ">-", "|+", ">+", "|2", ">1-", "|+3"])
            return self.properties("!!str") + header + self.random.choice(["\n", " # comment\n"]) + "".join(
                (margin + line if line else line) + "\n" for line in lines)
        if choice < 0.35:
            return self.properties("!!str") + ("word\n" + "".join(margin + line.strip() + "\n" for line in lines)).rstrip("\n") + self.end()
        if choice < 0.45:
            quote = self.random.choice("'\"")
            return self.properties("!!str") + quote + "\n".join(margin + line for line in lines) + quote + self.end()
        if choice < 0.7:
            return self.flow(2) + self.end()
        return self.properties("!!float") + self.random.choice(SCALARS) + self.end()


def main():
    # Deep enough for every text that h5sim reads.
    sys.setrecursionlimit(20_000)
    command, *arguments = sys.argv[1:]
    if command == "load":
        kind, seed, count = arguments
        texts = Texts(int(seed))
        make = {
            "scalar": texts.scalar_text,
            "dumped": texts.dumped,
            "grown": texts.grown,
            "mutated": texts.mutated,
            "soup": texts.soup,
            "keyed": texts.keyed,
        }[kind]
        for _ in range(int(count)):
            write_case(make())
    elif command == "decks":
        for text in DECKS:
            write_case(text)
    elif command == "files":
        for path in sorted(pathlib.Path(arguments[0]).iterdir()):
            try:
                text = path.read_bytes().decode("utf-8")
            except UnicodeDecodeError:
                continue  # h5sim takes text
            write_case(text)
    elif command == "dump":
        with open(arguments[0], encoding="ascii") as file:
            for line in file:
                document = json.loads(line)
                write(yaml.dump(document))
                write(yaml.dump(document, sort_keys=False))
    else:
        sys.exit(f"unknown command {command}")


main()
