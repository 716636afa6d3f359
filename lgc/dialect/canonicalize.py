"""Canonicalisation of gate operations: one local rule per equation, run by xDSL's `canonicalize`.

A gate whose operands are looked through inverters and constants is a table over the remaining
values; that table decides what the gate becomes. The rules below are the cases of that decision.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from xdsl.ir import Operation, SSAValue
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern

from .. import tables
from .gates import BINARY, BinaryGate, ConstantOp, LutOp, NotOp

_BY_TABLE = {gate.TABLE: gate for gate in BINARY}
_BY_SWAPPED = {4: _BY_TABLE[2], 13: _BY_TABLE[11]}  # ¬a∧b = b∧¬a, ¬a∨b = b∨¬a


class SimplifyGatePattern(RewritePattern):
    """Rewrite a gate to the simplest operation with the same function.

    ``¬¬a = a`` · ``a∧0 = 0`` · ``a∧1 = a`` · ``a∧a = a`` · ``a∧¬a = 0`` · ``¬a∧¬b = ¬(a∨b)`` ·
    a table that ignores an operand loses it · a two-input table becomes its named gate.
    """

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter) -> None:
        if not isinstance(op, BinaryGate | NotOp | LutOp):
            return
        replacement = build(*support(*look_through(*function(op))))
        if isinstance(replacement, SSAValue):
            rewriter.replace(op, [], [replacement])
        elif not replacement.is_structurally_equivalent(op) or any(
            new is not old for new, old in zip(replacement.operands, op.operands)
        ):
            rewriter.replace(op, replacement)


def function(op: BinaryGate | NotOp | LutOp) -> tuple[int, tuple[SSAValue, ...]]:
    """Table and operands of a gate operation."""
    if isinstance(op, NotOp):
        return 2, (op.bit,)  # k = 1: table bit 1 is f(0), bit 0 is f(1)
    return (op.TABLE if isinstance(op, BinaryGate) else op.table.value.data), tuple(op.operands)


def build(table: int, bits: Sequence[SSAValue]) -> Operation | SSAValue:
    """The simplest operation for a table that depends on all its operands."""
    if not bits:
        return ConstantOp(bool(table))
    if len(bits) == 1:
        return bits[0] if table == 1 else NotOp(bits[0])
    if len(bits) == 2:
        if table in _BY_SWAPPED:
            return _BY_SWAPPED[table](bits[1], bits[0])
        return _BY_TABLE[table](bits[0], bits[1])
    return LutOp(table, bits)


def look_through(table: int, bits: Sequence[SSAValue]) -> tuple[int, list[SSAValue]]:
    """Absorb the inverters and constants that feed a gate into its table."""
    k, seen = len(bits), list(bits)
    word: np.uint64 = np.uint64(table)
    for i, bit in enumerate(bits):
        while isinstance(source := bit.owner, NotOp):
            word = tables.flip(word, k, i)
            bit = source.bit
        if isinstance(source, ConstantOp):
            word = tables.cofactor(word, k, i, int(source.bit))
        seen[i] = bit
    return int(word), seen


def support(table: int, bits: Sequence[SSAValue]) -> tuple[int, list[SSAValue]]:
    """The table over the distinct values it depends on."""
    k, word = len(bits), np.uint64(table)
    for i in range(k):
        for j in range(i + 1, k):
            if bits[i] is bits[j]:
                word = tables.identify(word, k, i, j)
    used = [i for i in range(k) if tables.depends(word, k, i)]
    return _project(int(word), k, used), [bits[i] for i in used]


def _project(table: int, k: int, used: list[int]) -> int:
    """The table over the used operands only (the others are held at 0)."""
    result = 0
    for index in range(1 << len(used)):
        full = sum(
            1 << (k - 1 - place)
            for position, place in enumerate(used)
            if index >> (len(used) - 1 - position) & 1
        )
        value = table >> ((1 << k) - 1 - full) & 1
        result |= value << ((1 << len(used)) - 1 - index)
    return result


@cache
def patterns() -> tuple[RewritePattern, ...]:
    """The patterns every gate operation offers to `canonicalize`."""
    return (SimplifyGatePattern(),)
