"""Operations of the `logic` dialect that work on whole vectors of bits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from xdsl.dialects.builtin import (
    FloatAttr,
    IntegerType,
    TensorType,
    f64,
    i32,
    i64,
)
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
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.traits import Pure
from xdsl.utils.exceptions import VerifyException

from ..errors import InputError
from ..facts import Facts, of_thresholds
from ..netlist import Netlist, NetlistError
from ..netlist_text import parse_netlist, statements
from ..sums.terms import Weights
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

Scores = TensorType[IntegerType]


def width(value: SSAValue) -> int:
    """Number of bits or numbers in a value of type ``!logic.bits<n>`` or ``tensor<nxT>``."""
    kind = value.type
    if isinstance(kind, BitsType):
        return kind.width.data
    if isinstance(kind, TensorType) and len(kind.get_shape()) == 1:
        return kind.get_shape()[0]
    raise VerifyException(f"expected bits or a tensor of rank 1, got {kind}")


def _row(attribute: Dense, what: str, dtype: str, length: int | None = None) -> NDArray[Any]:
    try:
        values = array(attribute)
    except NetlistError as error:
        raise VerifyException(f"{what}: {error}") from None
    if values.dtype.str != dtype or values.ndim != 1:
        raise VerifyException(f"{what} must be a row of {np.dtype(dtype).name} numbers")
    if length is not None and len(values) != length:
        raise VerifyException(f"{what} has {len(values)} entries, {length} are needed")
    return values


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
        kind = self.x.type
        assert isinstance(kind, TensorType)
        names = [name for name, one in INPUT_TYPES.items() if one == kind.get_element_type()]
        return of_thresholds(
            (*names, "float32")[0],
            array(self.feature),
            self.level.array(),
            None if self.one_hot is None else array(self.one_hot),
        )

    def verify_(self) -> None:
        bits, has = width(self.result), width(self.x)
        feature = _row(self.feature, "feature", "<i4", bits)
        level = self.level.array()
        if len(level) != bits:
            raise VerifyException(f"level has {len(level)} entries, {bits} are needed")
        bad = (feature < 0) | (feature >= has)
        if bad.any():
            i = int(bad.argmax())
            raise VerifyException(f"bit {i} reads feature {feature[i]}, operand has {has}")
        if np.isnan(level).any():
            raise VerifyException(f"level {int(np.isnan(level).argmax())} is not a number")
        if self.one_hot is not None:
            self._verify_one_hot(_row(self.one_hot, "one_hot", "<i4", has), feature)

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
    -1 reads a zero (padding). Result bit ``p·m + j`` is output j of application p.
    """

    name = "logic.map"
    bits = operand_def(BitsType)
    net = prop_def(NetlistAttr)
    index = prop_def(Dense)
    result = result_def(BitsType)
    traits = traits_def(Pure())
    assembly_format = "$bits `at` $index `net` $net attr-dict `:` type($bits) `->` type($result)"

    def __init__(self, bits: SSAValue, net: Netlist, index: ArrayLike) -> None:
        rows = np.asarray(index, np.int32)
        super().__init__(
            operands=[bits],
            properties={"net": NetlistAttr(net), "index": dense(rows)},
            result_types=[BitsType(max(1, len(rows) * len(net.outputs)))],
        )

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
        if len(index) * len(net.outputs) != (gives := width(self.result)):
            raise VerifyException(
                f"{len(index)} places of {len(net.outputs)} bits do not make {gives} bits"
            )


@irdl_op_definition
class GroupSumOp(IRDLOperation):
    """Bits to integer scores: per class the sum of weight · bit, plus an offset.

    Without ``group`` the bits fall into equal consecutive groups, one per class. ``tau`` divides
    the scores where real numbers are asked for; the scores themselves stay integers.
    """

    name = "logic.group_sum"
    bits = operand_def(BitsType)
    group = opt_prop_def(Dense)
    weight = opt_prop_def(Dense)
    offset = opt_prop_def(Dense)
    tau = prop_def(FloatAttr)
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
            properties=properties | {"tau": FloatAttr(tau, f64)},
            result_types=[TensorType(i32, [classes])],
        )

    LIMIT: ClassVar = np.iinfo(np.int32).max

    @property
    def classes(self) -> int:
        return self.result.type.get_shape()[0]

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
            group = _row(self.group, "group", "<i4", bits)
            if ((group < 0) | (group >= self.classes)).any():
                raise VerifyException(f"group names a class outside the {self.classes} there are")
        elif bits % self.classes:
            raise VerifyException(f"{bits} bits do not fall into {self.classes} equal groups")
        if self.weight is not None:
            _row(self.weight, "weight", "<i4", bits)
        if self.offset is not None:
            _row(self.offset, "offset", "<i4", self.classes)
        reach = np.abs(self.offsets().astype(np.int64)) + np.bincount(
            self.groups(), np.abs(self.weights().astype(np.int64)), self.classes
        )
        if reach.max() > self.LIMIT:
            raise VerifyException("scores do not fit into 32 bits")
        tau = self.tau.value.data
        if not (np.isfinite(tau) and tau > 0):
            raise VerifyException(f"tau must be a positive number, not {tau}")


@irdl_op_definition
class ArgmaxOp(IRDLOperation):
    """Scores to the class with the largest one; the first maximum wins."""

    name = "logic.argmax"
    scores = operand_def(Scores)
    result = result_def(Scores)
    traits = traits_def(Pure())
    assembly_format = "$scores attr-dict `:` type($scores) `->` type($result)"

    def __init__(self, scores: SSAValue) -> None:
        super().__init__(operands=[scores], result_types=[TensorType(i64, [])])

    def verify_(self) -> None:
        width(self.scores)
        if self.result.type != TensorType(i64, []):
            raise VerifyException(f"a class is a tensor<i64>, not {self.result.type}")


VECTOR_OPERATIONS: Sequence[type[IRDLOperation]] = (
    ThresholdOp,
    CircuitOp,
    MapOp,
    GroupSumOp,
    ArgmaxOp,
)
