"""Operations of a recurrent model: bits that a step leaves for the next one.

A module with these is one step: a function of a sample and the state, which gives results and the
next state. Whoever runs it keeps the state; the operations only say where it enters and leaves.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from xdsl.dialects.builtin import StringAttr
from xdsl.ir import SSAValue
from xdsl.irdl import (
    IRDLOperation,
    irdl_op_definition,
    operand_def,
    opt_operand_def,
    prop_def,
    result_def,
)
from xdsl.utils.exceptions import VerifyException

from .attributes import BitsType
from .operations import width


@irdl_op_definition
class ReadStateOp(IRDLOperation):
    """The bits of a sample and behind them those of the state.

    ``initial`` is the state before the first step, a 0 or 1 for each bit. Without an operand there
    is nothing but the state.
    """

    name = "logic.read_state"
    bits = opt_operand_def(BitsType)
    initial = prop_def(StringAttr)
    result = result_def(BitsType)
    assembly_format = "($bits^ `:` type($bits))? `initial` $initial attr-dict `->` type($result)"

    def __init__(self, bits: SSAValue | None, initial: ArrayLike) -> None:
        state = np.asarray(initial, np.bool_)
        operands: Sequence[SSAValue] = [] if bits is None else [bits]
        before = 0 if bits is None else width(bits)
        super().__init__(
            operands=[operands],
            properties={"initial": StringAttr(state_text(state))},
            result_types=[BitsType(before + len(state))],
        )

    @property
    def state(self) -> NDArray[np.bool_]:
        """The state before the first step, bool ``(bits,)``."""
        return state_of_text(self.initial.data)

    def verify_(self) -> None:
        text, before = self.initial.data, 0 if self.bits is None else width(self.bits)
        if not text or set(text) - set("01"):
            raise VerifyException("initial is a 0 or 1 for each bit of the state, of which one is")
        if before + len(text) != (has := width(self.result)):
            raise VerifyException(
                f"{before} bits and {len(text)} of the state do not make {has} bits"
            )


@irdl_op_definition
class WriteStateOp(IRDLOperation):
    """Takes the last bits as the next state; what is left are the results of the step."""

    name = "logic.write_state"
    bits = operand_def(BitsType)
    result = result_def(BitsType)
    assembly_format = "$bits attr-dict `:` type($bits) `->` type($result)"

    def __init__(self, bits: SSAValue, state: int) -> None:
        super().__init__(operands=[bits], result_types=[BitsType(width(bits) - state)])

    @property
    def state(self) -> int:
        """Bits of the state."""
        return width(self.bits) - width(self.result)

    def verify_(self) -> None:
        if self.state < 1:
            raise VerifyException(
                f"of {width(self.bits)} bits {width(self.result)} are left, so none is a state"
            )


def state_text(state: NDArray[np.bool_]) -> str:
    """A state as a row of 0 and 1."""
    return (state.astype(np.uint8) + ord("0")).tobytes().decode()


def state_of_text(text: str) -> NDArray[np.bool_]:
    """The inverse of `state_text`."""
    return np.frombuffer(text.encode(), np.uint8) == ord("1")
