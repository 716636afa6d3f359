"""Test bench: Verilog that plays vectors to a design and compares its answers, for any simulator.

It reads ``vectors.hex`` and ``expected.hex`` of the folder in which it runs, a sample a line, in
groups of `GROUP` bits, the lowest first, and writes ``results.hex``. The clock is driven by the
same sequence of statements as the data, so nothing depends on the order in which a simulator
treats events. All that is random comes from one shift register.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..hardware.datapath import Word
from ..hardware.grid import Pixels
from ..hardware.options import HardwareOptions
from .bench_steps import AGAIN, STEPS
from .bench_text import AXI, HEAD, PLAIN, STREAM, VALID
from .templates import filled

GROUP = 256
"""Bits of a number in the files; simulators limit how long one may be."""

HURRIED = 64
"""Samples that are sent without a gap, so that the latency can be measured."""


@dataclass(frozen=True)
class Shape:
    """What a test bench must know of a design.

    Attributes:
        name: of the top module.
        inputs: bits of a sample.
        results: what comes out, the first in the lowest bits.
        latency: register ranks; cycles from the last pixel to the answer where pixels come one
            after another.
        options: that the design was made with.
        pixels: that come in, where they come one after another.
        interval: clock cycles from one sample to the next.
        state: bits of the state of a recurrent model. A line of ``vectors.hex`` is then a step, and
            has one more bit above, 1 where a sequence begins.
    """

    name: str
    inputs: int
    results: tuple[Word, ...]
    latency: int
    options: HardwareOptions
    pixels: Pixels | None = None
    interval: int = 1
    state: int = 0

    @property
    def line(self) -> int:
        """Bits of a line of vectors."""
        return self.inputs + (self.state > 0)

    @property
    def outputs(self) -> int:
        """Bits of an answer."""
        return sum(word.bits for word in self.results)

    @property
    def bus(self) -> int:
        """Bits that come in at once."""
        if self.pixels is not None:
            return self.pixels.channels
        return self.options.bus if self.options.interface == "axi" else max(self.inputs, 1)

    @property
    def beats(self) -> int:
        """How many times they do for a sample."""
        return max(-(-self.inputs // self.bus), 1)


def hexadecimal(bits: NDArray[np.bool_]) -> str:
    """Rows ``(n, bits)`` as the lines of a file."""
    count = -(-max(bits.shape[1], 1) // GROUP)
    padded = np.zeros((len(bits), count * GROUP), np.bool_)
    padded[:, : bits.shape[1]] = bits
    data = np.packbits(padded, axis=1, bitorder="little").reshape(len(bits), count, GROUP // 8)
    last = -(-(bits.shape[1] - (count - 1) * GROUP) // 4)  # digits of the highest group
    lines: list[str] = []
    for row in data[:, :, ::-1]:
        groups = [group.tobytes().hex() for group in row]
        groups[-1] = groups[-1][-max(last, 1) :]
        lines.append(" ".join(groups))
    return "".join(f"{line}\n" for line in lines)


def answers(text: str, bits: int) -> NDArray[np.bool_]:
    """The lines of ``results.hex``, bool ``(n, bits)``; a bit the simulator leaves unknown is 0."""
    size = -(-bits // 8)
    lines = text.lower().translate(str.maketrans("xz", "00")).split()
    rows = [np.frombuffer(bytes.fromhex(line.zfill(2 * size))[::-1], np.uint8) for line in lines]
    data = np.array(rows, np.uint8).reshape(len(rows), size)
    return np.unpackbits(data, axis=1, bitorder="little", count=bits).astype(np.bool_)


def test_bench(shape: Shape) -> str:
    """The text of ``<name>_tb.v``."""
    interface = shape.options.interface
    group = -(-shape.line // GROUP) * GROUP
    values: dict[str, object] = {
        "name": shape.name,
        "inputs": max(shape.inputs, 1),
        "begins": shape.inputs,
        "x": ".x(x), " if shape.inputs else "",
        "outputs": shape.outputs,
        "latency": shape.latency,
        "group": GROUP,
        "sample": max(group, shape.beats * shape.bus + (shape.state > 0)),
        "vector_groups": group // GROUP,
        "answer_groups": -(-shape.outputs // GROUP),
        "words": "\n".join(f"    wire [{word.bits - 1}:0] {word.name};" for word in shape.results),
        "joined": ", ".join(word.name for word in reversed(shape.results)),
        "ports": ", ".join(f".{word.name}({word.name})" for word in shape.results),
        "hurried": HURRIED,
        "bus": shape.bus,
        "beats": shape.beats,
        "back": -(-shape.outputs // 8) * 8,
        "interval": shape.interval,
        "extra": int(interface == "axi"),
    }
    if interface == "plain" and shape.state:
        middle = filled(STEPS, values)
    elif interface == "plain":
        values["clock"] = "    reg clk;" if shape.latency else ""
        values["clock_port"] = ".clk(clk), " if shape.latency else ""
        edge = "#1; clk = 1'b1; #1; clk = 1'b0;" if shape.latency else "#1;"
        values["edge"] = edge
        values["low"] = "        clk = 1'b0;" if shape.latency else ""
        middle = filled(PLAIN, values)
    else:
        parts = VALID if interface == "valid" else AXI
        pieces = {key: filled(text, values).rstrip("\n") for key, text in parts.items()}
        again = filled(AGAIN, {**values, **pieces}).rstrip("\n") if shape.state else ""
        middle = filled(STREAM, {**values, **pieces, "again": again})
    return filled(HEAD, values) + middle + "endmodule\n"


def joined(numbers: Sequence[tuple[Word, NDArray[np.int64]]]) -> NDArray[np.bool_]:
    """Numbers ``(n, count)`` of words as the bits of answers."""
    return np.concatenate([word.write(own) for word, own in numbers], axis=1)
