"""Operations that turn the last bits into scores and a class."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from xdsl.dialects.builtin import FloatAttr, IntegerType, TensorType, f64, i32, i64
from xdsl.ir import Attribute, SSAValue
from xdsl.irdl import (
    IRDLOperation,
    ParsePropInAttrDict,
    irdl_op_definition,
    operand_def,
    opt_prop_def,
    prop_def,
    result_def,
    traits_def,
)
from xdsl.traits import Pure
from xdsl.utils.exceptions import VerifyException

from ..sums.terms import Weights
from .attributes import BitsType, Dense, array, dense
from .operations import checked_row, width

Scores = TensorType[IntegerType]
CLASS = TensorType(i64, [])


@irdl_op_definition
class GroupSumOp(IRDLOperation):
    """Bits to integer scores: per class the sum of weight · bit, plus an offset.

    Without ``group`` the bits fall into equal consecutive groups, one per class. Where real numbers
    are asked for they are ``(score + beta) / tau``; the scores themselves stay integers.
    """

    name = "logic.group_sum"
    bits = operand_def(BitsType)
    group = opt_prop_def(Dense)
    weight = opt_prop_def(Dense)
    offset = opt_prop_def(Dense)
    tau = prop_def(FloatAttr)
    beta = opt_prop_def(FloatAttr)
    result = result_def(Scores)
    traits = traits_def(Pure())
    irdl_options = (ParsePropInAttrDict(),)
    assembly_format = "$bits attr-dict `:` type($bits) `->` type($result)"

    def __init__(
        self,
        bits: SSAValue,
        classes: int,
        *,
        tau: float = 1.0,
        beta: float = 0.0,
        group: ArrayLike | None = None,
        weight: ArrayLike | None = None,
        offset: ArrayLike | None = None,
    ) -> None:
        optional = {"group": group, "weight": weight, "offset": offset}
        properties: dict[str, Attribute | None] = {
            name: None if values is None else dense(np.asarray(values, np.int32))
            for name, values in optional.items()
        }
        super().__init__(
            operands=[bits],
            properties=properties
            | {"tau": FloatAttr(tau, f64), "beta": FloatAttr(beta, f64) if beta else None},
            result_types=[TensorType(i32, [classes])],
        )

    LIMIT: ClassVar = np.iinfo(np.int32).max

    @property
    def classes(self) -> int:
        return self.result.type.get_shape()[0]

    @property
    def shift(self) -> float:
        """What is added to every score before the division by tau: ``beta``, or 0."""
        return 0.0 if self.beta is None else self.beta.value.data

    def groups(self) -> NDArray[np.int32]:
        """Class of each bit, int32 ``(bits,)``."""
        if self.group is not None:
            return array(self.group)
        bits = width(self.bits)
        return np.repeat(np.arange(self.classes, dtype=np.int32), bits // self.classes)

    def weights(self) -> NDArray[np.int32]:
        """Weight of each bit, int32 ``(bits,)``."""
        return np.ones(width(self.bits), np.int32) if self.weight is None else array(self.weight)

    def offsets(self) -> NDArray[np.int32]:
        """Score of each class when all bits are 0, int32 ``(classes,)``."""
        return np.zeros(self.classes, np.int32) if self.offset is None else array(self.offset)

    def weighted(self) -> Weights:
        """All of it in 64 bits, for arithmetic."""
        rows = (self.groups(), self.weights(), self.offsets())
        return Weights(*(row.astype(np.int64) for row in rows))

    def verify_(self) -> None:
        bits, kind = width(self.bits), self.result.type
        if len(kind.get_shape()) != 1 or kind.get_element_type() != i32 or self.classes < 1:
            raise VerifyException(f"scores are a row of i32, not {kind}")
        if self.group is not None:
            group = checked_row(self.group, "group", "<i4", bits)
            if ((group < 0) | (group >= self.classes)).any():
                raise VerifyException(f"group names a class outside the {self.classes} there are")
        elif bits % self.classes:
            raise VerifyException(f"{bits} bits do not fall into {self.classes} equal groups")
        if self.weight is not None:
            checked_row(self.weight, "weight", "<i4", bits)
        if self.offset is not None:
            checked_row(self.offset, "offset", "<i4", self.classes)
        reach = np.abs(self.offsets().astype(np.int64)) + np.bincount(
            self.groups(), np.abs(self.weights().astype(np.int64)), self.classes
        )
        if reach.max() > self.LIMIT:
            raise VerifyException("scores do not fit into 32 bits")
        tau = self.tau.value.data
        if not (np.isfinite(tau) and tau > 0):
            raise VerifyException(f"tau must be a positive number, not {tau}")
        if not np.isfinite(self.shift):
            raise VerifyException(f"beta must be a finite number, not {self.shift}")


@irdl_op_definition
class ArgmaxOp(IRDLOperation):
    """Scores to the class with the largest one; the first maximum wins."""

    name = "logic.argmax"
    scores = operand_def(Scores)
    result = result_def(Scores)
    traits = traits_def(Pure())
    assembly_format = "$scores attr-dict `:` type($scores) `->` type($result)"

    def __init__(self, scores: SSAValue) -> None:
        super().__init__(operands=[scores], result_types=[CLASS])

    def verify_(self) -> None:
        width(self.scores)
        _verify_class(self.result)


@irdl_op_definition
class IndexOp(IRDLOperation):
    """The bits of a class, least significant first, to the class."""

    name = "logic.index"
    bits = operand_def(BitsType)
    result = result_def(Scores)
    traits = traits_def(Pure())
    assembly_format = "$bits attr-dict `:` type($bits) `->` type($result)"

    MOST: ClassVar = 32

    def __init__(self, bits: SSAValue) -> None:
        super().__init__(operands=[bits], result_types=[CLASS])

    def verify_(self) -> None:
        if width(self.bits) > self.MOST:
            raise VerifyException(f"a class has at most {self.MOST} bits, not {width(self.bits)}")
        _verify_class(self.result)


def _verify_class(result: SSAValue) -> None:
    if result.type != CLASS:
        raise VerifyException(f"a class is a tensor<i64>, not {result.type}")
