"""Operations of the `logic` dialect that work on whole vectors of bits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from xdsl.dialects.builtin import (
    TensorType,
)
from xdsl.ir import SSAValue
from xdsl.irdl import (
    IRDLOperation,
    irdl_op_definition,
    operand_def,
    opt_prop_def,
    prop_def,
    result_def,
    traits_def,
)
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.traits import Pure
from xdsl.utils.exceptions import VerifyException

from ..errors import InputError
from ..facts import Facts, of_thresholds
from ..netlist import Netlist, NetlistError
from ..netlist_text import parse_netlist, statements
from .attributes import (
    INPUT_TYPES,
    READABLE,
    BitsType,
    Dense,
    FloatsAttr,
    NetlistAttr,
    array,
    dense,
    floats,
)


def width(value: SSAValue) -> int:
    """Number of bits or numbers in a value of type ``!logic.bits<n>`` or ``tensor<nxT>``."""
    kind = value.type
    if isinstance(kind, BitsType):
        return kind.width.data
    if isinstance(kind, TensorType) and len(kind.get_shape()) == 1:
        return kind.get_shape()[0]
    raise VerifyException(f"expected bits or a tensor of rank 1, got {kind}")


def checked_row(attribute: Dense, what: str, dtype: str, length: int | None = None) -> NDArray[Any]:
    try:
        values = array(attribute)
    except NetlistError as error:
        raise VerifyException(f"{what}: {error}") from None
    if values.dtype.str != dtype or values.ndim != 1:
        raise VerifyException(f"{what} must be a row of {np.dtype(dtype).name} numbers")
    if length is not None and len(values) != length:
        raise VerifyException(f"{what} has {len(values)} entries, {length} are needed")
    return values


def number_type(value: SSAValue) -> str:
    """``bool``, ``uint8`` or ``float32``: what the numbers of a tensor can be."""
    kind = value.type
    assert isinstance(kind, TensorType)
    names = [name for name, one in INPUT_TYPES.items() if one == kind.get_element_type()]
    return (*names, "float32")[0]


def verify_features(feature: NDArray[np.int32], has: int) -> None:
    bad = (feature < 0) | (feature >= has)
    if bad.any():
        i = int(bad.argmax())
        raise VerifyException(f"bit {i} reads feature {feature[i]}, operand has {has}")


@irdl_op_definition
class ThresholdOp(IRDLOperation):
    """Numbers to bits: bit i is ``x[feature[i]] > level[i]``; a NaN gives 0.

    ``one_hot`` promises something about the numbers: of the features with the same number, each of
    which makes one bit, exactly one makes a 1; -1 promises nothing. Passes may rely on it.
    """

    name = "logic.threshold"
    x = operand_def(TensorType)
    feature = prop_def(Dense)
    level = prop_def(FloatsAttr)
    one_hot = opt_prop_def(Dense)
    result = result_def(BitsType)
    traits = traits_def(Pure())
    assembly_format = (
        "$x `feature` $feature `level` $level (`one_hot` $one_hot^)? attr-dict "
        "`:` type($x) `->` type($result)"
    )

    def __init__(
        self,
        x: SSAValue,
        feature: ArrayLike,
        level: ArrayLike,
        one_hot: ArrayLike | None = None,
    ) -> None:
        features = np.asarray(feature, np.int32)
        groups = None if one_hot is None else dense(np.asarray(one_hot, np.int32))
        super().__init__(
            operands=[x],
            properties={
                "feature": dense(features),
                "level": floats(np.asarray(level, np.float32)),
                "one_hot": groups,
            },
            result_types=[BitsType(len(features))],
        )

    @property
    def facts(self) -> Facts:
        """What is known about the bits it gives."""
        return of_thresholds(
            number_type(self.x),
            array(self.feature),
            self.level.array(),
            None if self.one_hot is None else array(self.one_hot),
        )

    def verify_(self) -> None:
        bits, has = width(self.result), width(self.x)
        feature = checked_row(self.feature, "feature", "<i4", bits)
        level = self.level.array()
        if len(level) != bits:
            raise VerifyException(f"level has {len(level)} entries, {bits} are needed")
        verify_features(feature, has)
        if np.isnan(level).any():
            raise VerifyException(f"level {int(np.isnan(level).argmax())} is not a number")
        if self.one_hot is not None:
            self._verify_one_hot(checked_row(self.one_hot, "one_hot", "<i4", has), feature)

    @staticmethod
    def _verify_one_hot(group: NDArray[np.int32], feature: NDArray[np.int32]) -> None:
        bad = (group < -1) | (group >= len(group))
        if bad.any():
            i = int(bad.argmax())
            raise VerifyException(
                f"feature {i} is in one-hot group {group[i]}; groups are -1 to {len(group) - 1}"
            )
        makes = np.bincount(feature, minlength=len(group))
        bad = (group >= 0) & (makes != 1)
        if bad.any():
            i = int(bad.argmax())
            raise VerifyException(
                f"feature {i} of one-hot group {group[i]} makes {makes[i]} bits, not 1"
            )


@irdl_op_definition
class CircuitOp(IRDLOperation):
    """Combinational gates: bits in, one result bit per netlist output."""

    name = "logic.circuit"
    bits = operand_def(BitsType)
    net = prop_def(NetlistAttr)
    result = result_def(BitsType)
    traits = traits_def(Pure())

    def __init__(self, bits: SSAValue, net: Netlist) -> None:
        super().__init__(
            operands=[bits],
            properties={"net": NetlistAttr(net)},
            result_types=[BitsType(len(net.outputs))],
        )

    def verify_(self) -> None:
        net = self.net.data
        if net.inputs != (has := width(self.bits)):
            raise VerifyException(f"netlist reads {net.inputs} bits, operand has {has}")
        if len(net.outputs) != (has := width(self.result)):
            raise VerifyException(f"netlist gives {len(net.outputs)} bits, result has {has}")

    # %1 = logic.circuit %0 : !logic.bits<2> -> !logic.bits<1> [ "in 2", "%2 = a&b %0 %1", … ]
    def print(self, printer: Printer) -> None:
        printer.print_string(" ")
        printer.print_ssa_value(self.bits)
        printer.print_op_attributes(self.attributes, print_keyword=True)
        printer.print_string(" : ")
        printer.print_attribute(self.bits.type)
        printer.print_string(" -> ")
        printer.print_attribute(self.result.type)
        printer.print_string(" ")
        if self.net.data.gates > READABLE:
            printer.print_attribute(self.net)
            return
        lines = list(statements(self.net.data))
        with printer.in_square_brackets():
            with printer.indented():
                for line in lines:
                    printer._print_new_line()  # pyright: ignore[reportPrivateUsage]
                    printer.print_string_literal(line)
                    printer.print_string("," if line is not lines[-1] else "")
            printer._print_new_line()  # pyright: ignore[reportPrivateUsage]

    @classmethod
    def parse(cls, parser: Parser) -> CircuitOp:
        bits = parser.parse_unresolved_operand()
        attributes = parser.parse_optional_attr_dict_with_keyword()
        parser.parse_punctuation(":")
        source = parser.parse_type()
        parser.parse_punctuation("->")
        target = parser.parse_type()
        position = parser.pos
        lines = parser.parse_optional_comma_separated_list(
            parser.Delimiter.SQUARE, parser.parse_str_literal
        )
        if lines is None:
            net = parser.parse_attribute()
        else:
            try:
                net = NetlistAttr(parse_netlist("\n".join(lines)))
            except InputError as error:
                parser.raise_error(str(error), position, parser.pos)
        op = cls.create(
            operands=[parser.resolve_operand(bits, source)],
            properties={"net": net},
            result_types=[target],
        )
        if attributes is not None:
            op.attributes |= attributes.data
        return op


@irdl_op_definition
class MapOp(IRDLOperation):
    """One netlist applied at many places: a convolution without unrolling.

    Row p of ``index`` (int32, places × netlist inputs) names the bits that application p reads;
    -1 reads a zero (padding). First among the results are the bits that ``keep`` names, as they
    came in, for those who read them later; after them bit ``p·m + j`` is output j of application p.
    """

    name = "logic.map"
    bits = operand_def(BitsType)
    net = prop_def(NetlistAttr)
    index = prop_def(Dense)
    keep = opt_prop_def(Dense)
    result = result_def(BitsType)
    traits = traits_def(Pure())
    assembly_format = (
        "$bits `at` $index `net` $net (`keep` $keep^)? attr-dict `:` type($bits) `->` type($result)"
    )

    def __init__(
        self, bits: SSAValue, net: Netlist, index: ArrayLike, keep: ArrayLike | None = None
    ) -> None:
        rows = np.asarray(index, np.int32)
        kept = np.asarray(() if keep is None else keep, np.int32)
        super().__init__(
            operands=[bits],
            properties={
                "net": NetlistAttr(net),
                "index": dense(rows),
                "keep": dense(kept) if len(kept) else None,
            },
            result_types=[BitsType(max(1, len(kept) + len(rows) * len(net.outputs)))],
        )

    @property
    def rows(self) -> NDArray[np.int32]:
        """Bits that each application reads, int32 ``(places, inputs)``, -1 for a zero."""
        return array(self.index)

    @property
    def kept(self) -> NDArray[np.int32]:
        """Bits that are passed on in front of the results, int32 ``(kept,)``."""
        return np.zeros(0, np.int32) if self.keep is None else array(self.keep)

    def verify_(self) -> None:
        net, has = self.net.data, width(self.bits)
        try:
            index = array(self.index)
        except NetlistError as error:
            raise VerifyException(f"index: {error}") from None
        if index.dtype.str != "<i4" or index.ndim != 2 or index.shape[1] != net.inputs:
            raise VerifyException(
                f"index must be int32 rows of {net.inputs} bits, the inputs of the netlist"
            )
        bad = ((index < -1) | (index >= has)).any(axis=1)
        if bad.any():
            raise VerifyException(f"row {int(bad.argmax())} of index leaves the {has} bits")
        kept = np.zeros(0) if self.keep is None else checked_row(self.keep, "keep", "<i4")
        bad = (kept < 0) | (kept >= has)
        if bad.any():
            raise VerifyException(f"entry {int(bad.argmax())} of keep leaves the {has} bits")
        if len(kept) + len(index) * len(net.outputs) != (gives := width(self.result)):
            made = f"{len(index)} places of {len(net.outputs)} bits"
            passed = f"{len(kept)} kept bits and " if len(kept) else ""
            raise VerifyException(f"{passed}{made} do not make {gives} bits")
