"""Gate operations of the `logic` dialect: the same circuit, one SSA operation a gate.

They live in the region of `logic.open`, work on ``i1`` and are what ordinary rewrite patterns and
conversions to other hardware dialects see.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from xdsl.dialects.builtin import IntegerAttr, i1
from xdsl.ir import Block, Region, SSAValue
from xdsl.irdl import (
    IRDLOperation,
    irdl_op_definition,
    operand_def,
    prop_def,
    region_def,
    result_def,
    traits_def,
    var_operand_def,
)
from xdsl.pattern_rewriter import RewritePattern
from xdsl.traits import HasCanonicalizationPatternsTrait, IsTerminator, Pure
from xdsl.utils.exceptions import VerifyException

from ..tables import MAX_FANIN, ones
from .attributes import BitsType, ui64
from .operations import width


class SimplifyGate(HasCanonicalizationPatternsTrait):
    """Names the canonicalisation patterns of all gate operations."""

    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from .canonicalize import patterns

        return patterns()


class BinaryGate(IRDLOperation):
    """A two-input gate; ``TABLE`` is its truth table."""

    TABLE: ClassVar[int]
    lhs = operand_def(i1)
    rhs = operand_def(i1)
    result = result_def(i1)
    traits = traits_def(Pure(), SimplifyGate())
    assembly_format = "$lhs `,` $rhs attr-dict"

    def __init__(self, lhs: SSAValue, rhs: SSAValue) -> None:
        super().__init__(operands=[lhs, rhs], result_types=[i1])


@irdl_op_definition
class AndOp(BinaryGate):
    """a ∧ b"""

    name = "logic.and"
    TABLE: ClassVar[int] = 1


@irdl_op_definition
class AndNotOp(BinaryGate):
    """a ∧ ¬b"""

    name = "logic.andn"
    TABLE: ClassVar[int] = 2


@irdl_op_definition
class XorOp(BinaryGate):
    """a ⊕ b"""

    name = "logic.xor"
    TABLE: ClassVar[int] = 6


@irdl_op_definition
class OrOp(BinaryGate):
    """a ∨ b"""

    name = "logic.or"
    TABLE: ClassVar[int] = 7


@irdl_op_definition
class NorOp(BinaryGate):
    """¬(a ∨ b)"""

    name = "logic.nor"
    TABLE: ClassVar[int] = 8


@irdl_op_definition
class XnorOp(BinaryGate):
    """¬(a ⊕ b)"""

    name = "logic.xnor"
    TABLE: ClassVar[int] = 9


@irdl_op_definition
class OrNotOp(BinaryGate):
    """a ∨ ¬b"""

    name = "logic.orn"
    TABLE: ClassVar[int] = 11


@irdl_op_definition
class NandOp(BinaryGate):
    """¬(a ∧ b)"""

    name = "logic.nand"
    TABLE: ClassVar[int] = 14


BINARY: Sequence[type[BinaryGate]] = (
    AndOp, AndNotOp, XorOp, OrOp, NorOp, XnorOp, OrNotOp, NandOp,
)  # fmt: skip
"""One operation per two-input function up to the order of its operands."""


@irdl_op_definition
class NotOp(IRDLOperation):
    """¬a"""

    name = "logic.not"
    bit = operand_def(i1)
    result = result_def(i1)
    traits = traits_def(Pure(), SimplifyGate())
    assembly_format = "$bit attr-dict"

    def __init__(self, bit: SSAValue) -> None:
        super().__init__(operands=[bit], result_types=[i1])


@irdl_op_definition
class ConstantOp(IRDLOperation):
    """A bit that never changes."""

    name = "logic.constant"
    value = prop_def(IntegerAttr)
    result = result_def(i1)
    traits = traits_def(Pure())
    assembly_format = "$value attr-dict"

    def __init__(self, value: bool) -> None:
        super().__init__(properties={"value": IntegerAttr(int(value), i1)}, result_types=[i1])

    def verify_(self) -> None:
        if self.value.type != i1:
            raise VerifyException(f"a constant bit is an i1, not {self.value.type}")

    @property
    def bit(self) -> bool:
        return bool(self.value.value.data & 1)


@irdl_op_definition
class LutOp(IRDLOperation):
    """A gate of one to six fan-ins given by its table (first operand = most significant index)."""

    name = "logic.lut"
    bits = var_operand_def(i1)
    table = prop_def(IntegerAttr)
    result = result_def(i1)
    traits = traits_def(Pure(), SimplifyGate())
    assembly_format = "$table `(` $bits `)` attr-dict"

    def __init__(self, table: int, bits: Sequence[SSAValue]) -> None:
        super().__init__(
            operands=[bits],
            properties={"table": IntegerAttr(table, ui64)},
            result_types=[i1],
        )

    def verify_(self) -> None:
        k = len(self.bits)
        if not 1 <= k <= MAX_FANIN:
            raise VerifyException(f"a lut has 1 to {MAX_FANIN} fan-ins, not {k}")
        if not 0 <= self.table.value.data <= int(ones(k)):
            raise VerifyException(f"table {self.table.value.data:#x} is too large for {k} fan-ins")


@irdl_op_definition
class YieldOp(IRDLOperation):
    """Ends the region of `logic.open`; its operands are the result bits in order."""

    name = "logic.yield"
    bits = var_operand_def(i1)
    traits = traits_def(IsTerminator())
    assembly_format = "$bits attr-dict"

    def __init__(self, bits: Sequence[SSAValue]) -> None:
        super().__init__(operands=[bits])


@irdl_op_definition
class OpenOp(IRDLOperation):
    """A circuit opened into gate operations; block argument i is bit i."""

    name = "logic.open"
    bits = operand_def(BitsType)
    body = region_def("single_block")
    result = result_def(BitsType)
    traits = traits_def(Pure())
    assembly_format = "$bits attr-dict `:` type($bits) `->` type($result) $body"

    def __init__(self, bits: SSAValue, body: Block) -> None:
        last = body.last_op
        outputs = len(last.operands) if last is not None else 0
        super().__init__(operands=[bits], regions=[Region(body)], result_types=[BitsType(outputs)])

    def verify_(self) -> None:
        block = self.body.block
        if len(block.args) != (has := width(self.bits)):
            raise VerifyException(f"the block has {len(block.args)} arguments for {has} bits")
        last = block.last_op
        if not isinstance(last, YieldOp):
            raise VerifyException("the block must end in logic.yield")
        if len(last.bits) != (gives := width(self.result)):
            raise VerifyException(f"{len(last.bits)} bits are yielded, the result has {gives}")


GATE_OPERATIONS: Sequence[type[IRDLOperation]] = (
    *BINARY,
    NotOp,
    ConstantOp,
    LutOp,
    YieldOp,
    OpenOp,
)
