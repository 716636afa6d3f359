"""The operation of the `logic` dialect that takes whole numbers apart into their bits."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from xdsl.dialects.builtin import TensorType
from xdsl.ir import SSAValue
from xdsl.irdl import (
    IRDLOperation,
    irdl_op_definition,
    operand_def,
    prop_def,
    result_def,
    traits_def,
)
from xdsl.traits import Pure
from xdsl.utils.exceptions import VerifyException

from ..encoding import PLACES
from ..facts import Facts, of_places
from .attributes import BitsType, Dense, array, dense
from .operations import checked_row, number_type, verify_features, width


@irdl_op_definition
class PlacesOp(IRDLOperation):
    """Whole numbers to bits: bit i is bit ``place[i]`` of ``x[feature[i]]``, 0 the least
    significant, in two's complement; `lgc.encoding` says what that is for other numbers."""

    name = "logic.places"
    x = operand_def(TensorType)
    feature = prop_def(Dense)
    place = prop_def(Dense)
    result = result_def(BitsType)
    traits = traits_def(Pure())
    assembly_format = (
        "$x `feature` $feature `place` $place attr-dict `:` type($x) `->` type($result)"
    )

    def __init__(self, x: SSAValue, feature: ArrayLike, place: ArrayLike) -> None:
        features = np.asarray(feature, np.int32)
        super().__init__(
            operands=[x],
            properties={
                "feature": dense(features),
                "place": dense(np.asarray(place, np.int32)),
            },
            result_types=[BitsType(len(features))],
        )

    @property
    def facts(self) -> Facts:
        """What is known about the bits it gives."""
        return of_places(number_type(self.x), array(self.feature), array(self.place))

    def verify_(self) -> None:
        bits = width(self.result)
        verify_features(checked_row(self.feature, "feature", "<i4", bits), width(self.x))
        place = checked_row(self.place, "place", "<i4", bits)
        bad = (place < 0) | (place >= PLACES)
        if bad.any():
            i = int(bad.argmax())
            raise VerifyException(
                f"bit {i} is at place {place[i]} of its number; places are 0 to {PLACES - 1}"
            )
