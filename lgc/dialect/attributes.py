"""Types and attributes of the `logic` dialect, and the bridge from arrays to dense attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import (
    BytesAttr,
    DenseIntOrFPElementsAttr,
    IntAttr,
    IntegerType,
    Signedness,
    TensorType,
    f32,
    i1,
    i32,
)
from xdsl.ir import Attribute, Data, ParametrizedAttribute, TypeAttribute
from xdsl.irdl import irdl_attr_definition
from xdsl.parser import AttrParser
from xdsl.printer import Printer
from xdsl.utils.exceptions import VerifyException

from ..errors import InputError
from ..netlist import Netlist, NetlistError
from ..netlist_text import parse_netlist, print_netlist

READABLE = 400
"""Netlists up to this many gates are printed gate by gate, larger ones as hexadecimal arrays."""

ui64 = IntegerType(64, Signedness.UNSIGNED)
ui8 = IntegerType(8, Signedness.UNSIGNED)
INPUT_TYPES: Mapping[str, Attribute] = {"bool": i1, "uint8": ui8, "float32": f32}
"""What a model may be declared to read, by the name of the type in NumPy."""

Dense = DenseIntOrFPElementsAttr[IntegerType]


@irdl_attr_definition
class BitsType(ParametrizedAttribute, TypeAttribute):
    """A vector of one-bit signals of one sample, ``!logic.bits<400>``."""

    name = "logic.bits"
    width: IntAttr

    def __init__(self, width: int | IntAttr) -> None:
        super().__init__(IntAttr(width) if isinstance(width, int) else width)

    def verify(self) -> None:
        if self.width.data < 1:
            raise VerifyException(f"bits have a width of at least 1, not {self.width.data}")

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        with parser.in_angle_brackets():
            return (IntAttr(parser.parse_integer(allow_boolean=False)),)

    def print_parameters(self, printer: Printer) -> None:
        with printer.in_angle_brackets():
            printer.print_string(str(self.width.data))


@irdl_attr_definition
class NetlistAttr(Data[Netlist]):
    """A netlist: readable text when small, arrays in hexadecimal when large; both parse."""

    name = "logic.netlist"

    @classmethod
    def parse_parameter(cls, parser: AttrParser) -> Netlist:
        with parser.in_angle_brackets():
            return parse_netlist_parameter(parser)

    def print_parameter(self, printer: Printer) -> None:
        with printer.in_angle_brackets():
            net = self.data
            if net.gates <= READABLE:
                printer.print_string_literal(print_netlist(net))
                return
            printer.print_string(f"{net.inputs}, ")
            printer.print_list(
                (dense(net.table), dense(net.fanin), dense(net.outputs)),
                printer.print_attribute,
            )


@irdl_attr_definition
class FloatsAttr(Data[bytes]):
    """A row of float32 numbers as little-endian bytes, printed so that every bit survives.

    xDSL prints some floats of a dense attribute in hexadecimal (1234567.0, infinities) and reads
    them back as integers, so thresholds do not go through one.
    """

    name = "logic.floats"

    @classmethod
    def parse_parameter(cls, parser: AttrParser) -> bytes:
        with parser.in_angle_brackets():
            position = parser.pos
            if (text := parser.parse_optional_str_literal()) is not None:
                try:
                    raw = bytes.fromhex(text.removeprefix("0x"))
                except ValueError:
                    raw = b"?"
                if len(raw) % 4:
                    parser.raise_error("not the bytes of float32 numbers", position, parser.pos)
                return raw
            numbers = parser.parse_comma_separated_list(
                parser.Delimiter.SQUARE, parser.parse_number
            )
            with np.errstate(over="ignore"):
                return np.array(numbers, "<f4").tobytes()

    def print_parameter(self, printer: Printer) -> None:
        values = self.array()
        with printer.in_angle_brackets():
            if len(values) > READABLE or not np.isfinite(values).all():
                printer.print_string_literal(f"0x{self.data.hex().upper()}")
                return
            with printer.in_square_brackets():
                printer.print_list(values, lambda value: printer.print_string(_decimal(value)))

    def array(self) -> NDArray[np.float32]:
        """The numbers, without a copy."""
        return np.frombuffer(self.data, "<f4")


def _decimal(value: np.float32) -> str:
    """The shortest decimal that MLIR reads as a float and float32 rounds back."""
    short = str(value)
    return short if "." in short and "e" not in short else f"{value:.8e}"


def floats(values: NDArray[Any]) -> FloatsAttr:
    """An attribute over float32 numbers."""
    return FloatsAttr(np.ascontiguousarray(values, "<f4").tobytes())


def parse_netlist_parameter(parser: AttrParser) -> Netlist:
    """Either ``"in 2; …"`` or ``inputs, table, fanin, outputs``."""
    position = parser.pos
    try:
        if (text := parser.parse_optional_str_literal()) is not None:
            return parse_netlist(text)
        inputs = parser.parse_integer(allow_boolean=False, allow_negative=False)
        arrays: list[NDArray[Any]] = []
        for _ in range(3):
            parser.parse_punctuation(",")
            position = parser.pos
            attribute = parser.parse_attribute()
            if not isinstance(attribute, DenseIntOrFPElementsAttr):
                parser.raise_error("a dense array is due here", position, parser.pos)
            arrays.append(array(cast(Dense, attribute)))
        return Netlist(inputs, *arrays)
    except (InputError, NetlistError) as error:
        parser.raise_error(str(error), position, parser.pos)


_ELEMENTS: dict[str, Any] = {"<u8": ui64, "<i4": i32}


def dense(values: NDArray[Any]) -> Dense:
    """An attribute over the bytes of a uint64 or int32 array of any shape."""
    little = np.ascontiguousarray(values, values.dtype.newbyteorder("<"))
    kind = TensorType(_ELEMENTS[little.dtype.str], little.shape)
    return DenseIntOrFPElementsAttr(kind, BytesAttr(little.tobytes()))


def array(attribute: Dense) -> NDArray[Any]:
    """The array behind `dense`, without a copy.

    Raises:
        NetlistError: another element type.
    """
    for dtype, element in _ELEMENTS.items():
        if attribute.get_element_type() == element:
            return np.frombuffer(attribute.data.data, dtype).reshape(attribute.get_shape())
    known = ", ".join(str(element) for element in _ELEMENTS.values())
    raise NetlistError(f"elements of type {attribute.get_element_type()}; known are {known}")
