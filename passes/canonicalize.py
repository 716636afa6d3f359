"""Simplify opened circuits with the patterns of their gate operations, as `mlir-opt` does."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.transforms.canonicalize import CanonicalizePass

from lgc.interfaces import LogicPass


@dataclass(frozen=True)
class Canonicalize(LogicPass):
    """xDSL's canonicaliser over the `logic` dialect; circuits kept as arrays stay as they are."""

    name = "canonicalize"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        CanonicalizePass().apply(ctx, op)
