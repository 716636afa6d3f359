"""Options: what of a model is made hardware, in which style, and for which devices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ..errors import UsageError
from ..synthesis.bases import parse_basis
from .formats import InputFormat, parse_format

FAMILIES = {"generic": 6, "ice40": 4, "ecp5": 4, "xilinx": 6}
"""Inputs of a LUT by device family."""

Interface = Literal["plain", "valid", "axi"]
CONVOLUTIONS = ("unrolled", "streamed")
INTERFACES = ("plain", "valid", "axi")
STYLES = ("auto", "assign", "primitives", "lut")
RESULTS = ("auto", "class", "scores", "both", "bits")
SHALLOW = 4
"""Pairs of bits in a chain of adders where the depth counts."""

MAX_LINES = 20_000


@dataclass(frozen=True)
class HardwareOptions:
    """Everything that decides what the hardware looks like.

    Attributes:
        name: of the top module; the names of all others begin with it.
        family: of devices: ``generic``, ``ice40``, ``ecp5``, ``xilinx``.
        style: ``assign`` expressions, gate ``primitives``, ``lut`` cells of the family; ``auto`` is
            ``lut``, and ``assign`` for generic devices.
        basis: of gates, for primitives (see `to-basis`).
        outputs: ``class``, ``scores``, ``both``, or ``bits`` of the last layer; ``auto`` is the
            class, and the bits of a model without class sums.
        input_format: of the numbers that come in (see `lgc.hardware.formats`); ``bits`` leaves
            the encoder out.
        separate: class sums and argmax are parts of their own instead of being optimised with the
            gates before them.
        stages: register ranks, 0 for none.
        max_logic_depth: most gates in a row between ranks, which are then as few as that takes;
            takes the place of ``stages``.
        convolution: ``unrolled``, a kernel at every place, or ``streamed``, one for all of them and
            line buffers: pixels come one after another.
        interface: ``plain`` ports, ``valid`` and ready, ``axi`` AXI4-Stream.
        bus: bits of a beat of AXI4-Stream, a multiple of 8.
        max_lines: of a module of gates, and of its file in a project.
        max_luts: a larger design is refused.
    """

    name: str = "model"
    family: str = "generic"
    style: str = "auto"
    basis: str = "xag"
    outputs: str = "auto"
    input_format: str = "bits"
    separate: bool = False
    stages: int = 0
    max_logic_depth: int | None = None
    convolution: str = "unrolled"
    interface: Interface = "plain"
    bus: int = 32
    max_lines: int = MAX_LINES
    max_luts: int | None = None

    def __post_init__(self) -> None:
        for flag, value, known in (
            ("--family", self.family, tuple(FAMILIES)),
            ("--style", self.style, STYLES),
            ("--outputs", self.outputs, RESULTS),
            ("--convolution", self.convolution, CONVOLUTIONS),
            ("--interface", self.interface, INTERFACES),
        ):
            if value not in known:
                raise UsageError(f"{value!r} is none of {', '.join(known)}", where=flag)
        for flag, value, least in (
            ("--stages", self.stages, 0),
            ("--max-logic-depth", self.max_logic_depth, 1),
            ("--max-lines", self.max_lines, 100),
            ("--max-luts", self.max_luts, 1),
        ):
            if value is not None and value < least:
                raise UsageError(f"is {value}, {least} at least", where=flag)
        if self.stages and self.max_logic_depth is not None:
            raise UsageError("--stages says it already: one of the two", where="--max-logic-depth")
        if self.streamed and self.interface != "valid":
            raise UsageError(
                f"pixels come with valid and ready, not with {self.interface} ports",
                where="--convolution streamed",
                hint="add --interface valid",
            )
        if self.bus < 8 or self.bus % 8 or self.bus > 4096:
            raise UsageError(f"is {self.bus}, a multiple of 8 up to 4096", where="--bus")
        parse_basis(self.basis)
        parse_format(self.input_format)

    @property
    def given(self) -> InputFormat | None:
        """How numbers stand on wires, None for bits."""
        return parse_format(self.input_format)

    @property
    def kind(self) -> str:
        """The style, settled."""
        if self.style != "auto":
            return self.style
        return "assign" if self.family == "generic" else "lut"

    @property
    def k(self) -> int:
        """Inputs of a LUT."""
        return FAMILIES[self.family]

    @property
    def streamed(self) -> bool:
        """Whether pixels come one after another."""
        return self.convolution == "streamed"

    @property
    def staged(self) -> bool:
        """Whether there are registers in the datapath."""
        return self.stages > 0 or self.max_logic_depth is not None

    @property
    def pipeline(self) -> str:
        """The pipeline that runs first: `O3` changes the last layer, and keeps the scores."""
        return "O2" if self.outputs == "bits" else "O3"

    @property
    def passes(self) -> str:
        """The passes that make a model ready for this, as pipeline text."""
        steps = ["dont-care", "dedupe", "rewrite"] if self.outputs == "bits" else []
        if self.outputs != "bits":
            apart = ["apart=true"] * self.separate
            length = [f"length={SHALLOW}"] if self.staged else []
            steps.append(_spelt("lower-sums", length + apart))
            if self.outputs in ("auto", "class"):
                steps.append(_spelt("lower-sums", ["to=class", *apart]))
        if self.kind == "lut":
            steps.append(f"map-lut{{k={self.k} rounds=200}}")
        elif self.kind == "primitives":
            steps.append(f'to-basis{{basis="{self.basis}"}}')
        return ",".join(steps)


def _spelt(step: str, options: Sequence[str]) -> str:
    return f"{step}{{{' '.join(options)}}}" if options else step


def identifier(name: str) -> str:
    """The name of a file or folder as the name of a module."""
    text = "".join(sign if sign.isascii() and sign.isalnum() else "_" for sign in name)
    return text if text and not text[0].isdigit() else f"m{text}"
