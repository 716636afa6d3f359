"""SMT-LIB 2: a classifier as definitions that any SMT solver reads, and questions about it.

Inputs are Boolean constants ``b0, b1, …``. Every gate is a definition of its own, so the text is as
long as the circuit. Scores are sums of bit vectors, which a person can read and which share nothing
with the adders of `lgc.proof.counting`: another way to the same answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

import numpy as np

from .. import tables
from ..netlist import Netlist
from ..surgery import arity, tidy
from .balls import Ball
from .classifier import Classifier

_WORDS = {
    0: "false", 1: "(and {0} {1})", 2: "(and {0} (not {1}))", 3: "{0}", 4: "(and (not {0}) {1})",
    5: "{1}", 6: "(xor {0} {1})", 7: "(or {0} {1})", 8: "(not (or {0} {1}))",
    9: "(= {0} {1})", 10: "(not {1})", 11: "(or {0} (not {1}))", 12: "(not {0})",
    13: "(or (not {0}) {1})", 14: "(not (and {0} {1}))", 15: "true",
}  # fmt: skip
"""A gate with two fan-ins, by its table."""


def header(comments: Iterable[str]) -> Iterator[str]:
    """The first lines."""
    yield from (f"; {comment}" for comment in comments)
    yield "(set-logic QF_BV)"


def circuit(net: Netlist) -> Iterator[str]:
    """Inputs ``b…``, gates ``n…``, outputs ``o…``."""
    net = tidy(net)
    yield from (f"(declare-const b{i} Bool)" for i in range(net.inputs))
    rows = zip(net.table.tolist(), net.fanin.tolist(), arity(net).tolist())
    for own, (table, fanin, reads) in enumerate(rows, net.inputs):
        text = _template(table, net.k, reads).format(*(_name(net, read) for read in fanin))
        yield f"(define-fun n{own} () Bool {text})"
    for number, read in enumerate(net.outputs.tolist()):
        yield f"(define-fun o{number} () Bool {_name(net, read)})"


def _name(net: Netlist, read: int) -> str:
    return f"b{read}" if read < net.inputs else f"n{read}"


@cache
def _template(table: int, k: int, reads: int) -> str:
    """What a gate computes, where it depends on its first fan-ins: Shannon expansion to two."""
    if reads <= 2:
        used = min(k, 2)
        entries = [table >> ((1 << k) - 1 - (i << (k - used))) & 1 for i in range(1 << used)]
        entries = entries if used == 2 else [entry for entry in entries for _ in range(2)]
        return _WORDS[int("".join(map(str, entries)), 2)]
    half = 1 << (k - 1)
    zero, one = table >> half, table & ((1 << half) - 1)
    parts = [_shifted(_template(part, k - 1, reads - 1)) for part in (one, zero)]
    return f"(ite {{0}} {parts[0]} {parts[1]})"


def _shifted(text: str) -> str:
    """The template for fan-ins that stand one place further on."""
    for i in range(tables.MAX_FANIN - 2, -1, -1):
        text = text.replace(f"{{{i}}}", f"{{{i + 1}}}")
    return text


def scores(model: Classifier) -> Iterator[str]:
    """Scores ``s…`` in two's complement, and ``class``, the first of those with the largest."""
    reach = np.abs(model.offset).astype(np.int64)
    np.add.at(reach, model.group, np.abs(model.weight))
    width = int(reach.max(initial=0)).bit_length() + 1
    for number in range(model.classes):
        terms = [
            f"(ite o{output} {_value(int(model.weight[output]), width)} {_value(0, width)})"
            for output in np.flatnonzero(model.group == number)
        ]
        total = _sum(terms, int(model.offset[number]), width)
        yield f"(define-fun s{number} () (_ BitVec {width}) {total})"
    places = max(1, (model.classes - 1).bit_length())
    best, text = "s0", _value(0, places)
    for number in range(1, model.classes):
        yield f"(define-fun ahead{number} () Bool (bvsgt s{number} {best}))"
        larger = f"(ite ahead{number} s{number} {best})"
        yield f"(define-fun best{number} () (_ BitVec {width}) {larger})"
        best, text = f"best{number}", f"(ite ahead{number} {_value(number, places)} {text})"
    yield f"(define-fun class () (_ BitVec {places}) {text})"


def _value(number: int, width: int) -> str:
    return f"(_ bv{number % (1 << width)} {width})"


def _sum(terms: Sequence[str], start: int, width: int) -> str:
    return f"(bvadd {' '.join([_value(start, width), *terms])})" if terms else _value(start, width)


def second(lines: Iterable[str], bits: Iterable[int]) -> Iterator[str]:
    """The lines once more under other names, ``…_2``, for another value of some inputs."""
    own = "|".join(f"b{bit}" for bit in bits)
    names = r"[nos]\d+|best\d+|ahead\d+|class"
    pattern = re.compile(rf"\b({names}|{own})\b" if own else rf"\b({names})\b")
    for line in lines:
        if not line.startswith("(declare-const") or pattern.search(line):
            yield pattern.sub(r"\1_2", line)


def differ(pairs: Iterable[str]) -> str:
    """One of some names is not what it is in the second copy."""
    either = " ".join(f"(not (= {name} {name}_2))" for name in pairs)
    return f"(assert (or false {either}))"


def known(clauses: Iterable[Sequence[int]]) -> Iterator[str]:
    """Clauses about inputs as assertions."""
    for clause in clauses:
        literals = [f"b{x - 1}" if x > 0 else f"(not b{-x - 1})" for x in clause]
        yield (
            f"(assert {literals[0]})" if len(clause) == 1 else f"(assert (or {' '.join(literals)}))"
        )


def budget(ball: Ball) -> Iterator[str]:
    """At most so many units of a ball change."""
    if ball.budget is None:
        return
    free = np.flatnonzero(ball.free)
    units = [free[ball.unit[free] == unit] for unit in np.unique(ball.unit[free])]
    width = max(len(units), ball.budget).bit_length() + 1
    terms: list[str] = []
    for bits in units:
        differs = [f"(not b{bit})" if ball.centre[bit] else f"b{bit}" for bit in bits]
        either = differs[0] if len(differs) == 1 else f"(or {' '.join(differs)})"
        terms.append(f"(ite {either} {_value(1, width)} {_value(0, width)})")
    yield f"(define-fun changes () (_ BitVec {width}) {_sum(terms, 0, width)})"
    yield f"(assert (bvule changes {_value(ball.budget, width)}))"


def other_class(classes: int, own: int) -> str:
    """The class is not ``own``."""
    return f"(assert (not (= class {_value(own, max(1, (classes - 1).bit_length()))})))"


def this_class(classes: int, own: int) -> str:
    """The class is ``own``."""
    return f"(assert (= class {_value(own, max(1, (classes - 1).bit_length()))}))"
