"""A model through lgc: the Verilog that its backend writes, behind the ports that all designs have.

The *core* is compiled as a model without class sums, whose last bits every pass keeps; the sums
*alone* as a model without layers. Around what lgc wrote stands a module ``top`` from ``x`` to
``y``.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from plain_verilog import Part, gates, groups

from lgc import registry
from lgc.chain import Sums, build_module
from lgc.driver import ready
from lgc.model import Model
from lgc.netlist import Netlist
from lgc.surgery import wires

What = Part | Literal["scores"]
"""A part, or all but the comparison of scores."""

RESULTS: dict[What, str] = {
    "core": "bits", "complete": "class", "sums": "scores", "scores": "scores",
}  # fmt: skip
"""What lgc is asked for."""

PORTS = {"bits": "bits", "class": "class_index", "scores": "scores"}


def verilog(model: Model, what: What, family: str, style: str = "lut", **more: Any) -> str:
    """The file; a design with ``stages`` has a port ``clk``.

    Raises:
        LgcError: lgc refuses the model or the options.
    """
    results = RESULTS[what]
    options = {"name": "made", "family": family, "style": style, "outputs": results, **more}
    backend = registry.find("backends", "verilog")()
    (version,) = ready(_asked(model, what), backend, options, None)
    written = backend.sources(version.module, options)
    made = written.made
    bits = [f"r[{i}]" for i in range(len(made.net.outputs))]
    if (
        results == "scores"
    ):  # of one width: cut, or filled up, to as many as the bits of their class take
        classes = groups(model.chain)
        width = len(bits) // len(classes)
        bits = [
            bits[number * width + place] if place < width else "1'b0"
            for number, group in enumerate(classes)
            for place in range(len(group).bit_length())
        ]
    clock = "clk" if made.stages.count else ""
    return "".join(written.text()) + _around(made.net, bits, PORTS[results], clock)


def _asked(model: Model, what: What) -> Model:
    chain = model.chain
    if what == "core":
        layers = [gates(stage) for stage in chain.stages]
        return Model(
            build_module(
                chain.features, layers, None,
                feature=chain.feature, level=chain.level, one_hot=chain.one_hot,
            )
        )  # fmt: skip
    if what != "sums":
        return model
    size = chain.outputs
    number = np.zeros(size, np.int64)
    classes = groups(chain)
    for group, bits in enumerate(classes):
        number[bits] = group
    sums = Sums(len(classes), group=number)
    return Model(build_module(size, [wires(size)], sums, dtype="bool"))


def _around(net: Netlist, bits: list[str], port: str, clock: str) -> str:
    """``top``, whose output is these bits of the result, the lowest first."""
    given, wires = ("input clk, ", ".clk(clk), ") if clock else ("", "")
    return "\n".join([
        "", f"module top({given}input [{net.inputs - 1}:0] x, output [{len(bits) - 1}:0] y);",
        f"  wire [{len(net.outputs) - 1}:0] r;",
        f"  made made({wires}.x(x), .{port}(r));",
        f"  assign y = {{{', '.join(reversed(bits))}}};",
        "endmodule", "",
    ])  # fmt: skip
