"""Constraints: the clock of a design that is built on its own, out of context."""

from __future__ import annotations

from collections.abc import Iterator

from .templates import filled
from .test_bench import Shape


def clock_of(shape: Shape) -> str:
    """The clock's port; empty where there is none."""
    if shape.options.interface == "axi":
        return "aclk"
    return "clk" if shape.options.interface == "valid" or shape.latency or shape.state else ""


def constraints(shape: Shape, megahertz: float) -> Iterator[tuple[str, str]]:
    """Names and texts."""
    clock = clock_of(shape)
    values = {
        "name": shape.name,
        "megahertz": f"{megahertz:g}",
        "period": f"{1000 / megahertz:.3f}",
        "clock": clock or "virtual",
        "port": f" [get_ports {clock}]" if clock else "",
        "others": f"[remove_from_collection [all_inputs] [get_ports {clock}]]"
        if clock
        else "[all_inputs]",
        "others_xilinx": f"[filter [all_inputs] {{NAME != {clock}}}]" if clock else "[all_inputs]",
    }
    yield f"{shape.name}.xdc", filled(_XDC, values)
    yield f"{shape.name}.sdc", filled(_SDC, values)
    yield "ice40.txt", filled(_ICE40, values)


_XDC = """\
# @name@ out of context, @megahertz@ MHz: Vivado.
create_clock -name @clock@ -period @period@@port@
set_input_delay -clock @clock@ 0.0 @others_xilinx@
set_output_delay -clock @clock@ 0.0 [all_outputs]
"""

_SDC = """\
# @name@ out of context, @megahertz@ MHz: Quartus, Efinity, OpenSTA.
create_clock -name @clock@ -period @period@@port@
set_input_delay -clock @clock@ 0.0 @others@
set_output_delay -clock @clock@ 0.0 [all_outputs]
"""

_ICE40 = """\
There is no .pcf: @name@ is a part of a design, not a design with pins. nextpnr gets the frequency
as --freq @megahertz@, and scripts/@name@_harness.v around the module, which has three pins and a
register at each port, so that the frequency that it reports is that of the module.
"""
