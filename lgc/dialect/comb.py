"""Opened circuits as an ``hw.module`` of ``comb`` operations: what CIRCT reads.

Only and, or and xor are used; a complement is an xor with one, made once a value. A table of more
than two inputs becomes an or of ands.
"""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects import comb, hw
from xdsl.dialects.builtin import ArrayAttr, StringAttr, i1
from xdsl.ir import Block, Operation, Region, SSAValue
from xdsl.utils.exceptions import VerifyException

from ..covers import cover
from .canonicalize import function, support
from .gates import BinaryGate, ConstantOp, LutOp, NotOp, OpenOp, YieldOp


def to_hw(
    stages: Sequence[OpenOp], name: str, inputs: Sequence[str], outputs: Sequence[str]
) -> hw.HWModuleOp:
    """One module for circuits that follow one another; ports are bits with the given names.

    Raises:
        VerifyException: an operation in a region is not a gate of the logic dialect.
    """
    block = Block(arg_types=[i1] * len(inputs))
    for argument, text in zip(block.args, inputs):
        argument.name_hint = text
    writer = _Writer(block)
    values: list[SSAValue] = list(block.args)
    for stage in stages:
        values = writer.stage(stage, values)
    block.add_op(hw.OutputOp(values))
    ports = [
        hw.ModulePort(StringAttr(text), i1, hw.DirectionAttr(direction))
        for names, direction in ((inputs, hw.Direction.INPUT), (outputs, hw.Direction.OUTPUT))
        for text in names
    ]
    kind = hw.ModuleType(ArrayAttr(ports))
    return hw.HWModuleOp(StringAttr(name), kind, Region(block))


class _Writer:
    def __init__(self, block: Block) -> None:
        self.block = block
        self.constant: dict[bool, SSAValue] = {}
        self.inverse: dict[SSAValue, SSAValue] = {}

    def stage(self, opened: OpenOp, values: Sequence[SSAValue]) -> list[SSAValue]:
        """Append the gates of a stage; returns what it gives."""
        value: dict[SSAValue, SSAValue] = dict(zip(opened.body.block.args, values))
        for op in opened.body.block.ops:
            if isinstance(op, YieldOp):
                return [value[bit] for bit in op.bits]
            if isinstance(op, ConstantOp):
                value[op.results[0]] = self.bit(op.bit)
            elif isinstance(op, BinaryGate | NotOp | LutOp):
                table, bits = function(op)
                reads = [value[bit] for bit in bits]
                value[op.results[0]] = self.gate(*support(table, reads))
            else:
                raise VerifyException(f"{op.name} is not a gate of the logic dialect")
        raise AssertionError("the block does not end in logic.yield")

    def gate(self, table: int, bits: Sequence[SSAValue]) -> SSAValue:
        """A table that depends on all its operands."""
        k = len(bits)
        if not k:
            return self.bit(bool(table))
        if k == 2 and table in (6, 9):
            result = self.put(comb.XorOp(bits))
            return self.inverted(result) if table == 9 else result
        cubes, value = cover(table, k)
        terms = [
            self.joined(
                comb.AndOp,
                [bit if c == "1" else self.inverted(bit) for c, bit in zip(cube, bits) if c != "-"],
            )
            for cube in cubes
        ]
        result = self.joined(comb.OrOp, terms)
        return result if value else self.inverted(result)

    def joined(
        self, kind: type[comb.AndOp] | type[comb.OrOp], bits: Sequence[SSAValue]
    ) -> SSAValue:
        return bits[0] if len(bits) == 1 else self.put(kind(bits))

    def inverted(self, bit: SSAValue) -> SSAValue:
        if bit not in self.inverse:
            result = self.put(comb.XorOp([bit, self.bit(True)]))
            self.inverse[bit], self.inverse[result] = result, bit
        return self.inverse[bit]

    def bit(self, value: bool) -> SSAValue:
        if value not in self.constant:
            self.constant[value] = self.put(hw.ConstantOp(-int(value), 1))
        return self.constant[value]

    def put(self, op: Operation) -> SSAValue:
        self.block.add_op(op)
        return op.results[0]
