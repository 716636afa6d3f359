"""Scripts: the commands that simulate, synthesize and place a project."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from ..hardware.options import HardwareOptions
from .constraints import clock_of
from .templates import filled
from .test_bench import Shape

Family = Literal["ice40", "ecp5", "xilinx"]

SYNTHESIS: dict[Family, str] = {
    "ice40": "synth_ice40 -abc9 -top @top@",
    "ecp5": "synth_ecp5 -abc9 -top @top@",
    "xilinx": "synth_xilinx -abc9 -flatten -noiopad -noclkbuf -nodsp -family xc7 -top @top@",
}
"""Commands of Yosys by family of devices."""


def yosys_script(
    family: Family, options: HardwareOptions, modules: list[str], cells: bool,
    *, top: str, files: str = "..", more: tuple[str, ...] = (), output: str,
) -> str:  # fmt: skip
    """Commands that map a project to a family and write the result as JSON.

    Args:
        modules: by name, those that are instantiated first.
        cells: the project has models of LUT cells: they are read unless the family has the cells.
        top: the module to map.
        files: the folder of the project.
        more: further files.
        output: the file that is written.
    """
    lines = ["# abc9 proves its own result where there are adders, for minutes",
             "scratchpad -set abc9.verify false"]  # fmt: skip
    if cells and options.family != family:
        lines.append(f"read_verilog -DLGC_CELLS {files}/tb/cells.v")
    lines += [f"read_verilog {files}/rtl/{module}.v" for module in modules]
    lines += [f"read_verilog {one}" for one in more]
    lines += [filled(SYNTHESIS[family], {"top": top}).strip(), "stat", f"write_json {output}"]
    return "\n".join(lines) + "\n"


def scripts(
    shape: Shape, modules: list[str], cells: bool, megahertz: float
) -> Iterator[tuple[str, str]]:
    """Names and texts."""
    harness = f"{shape.name}_harness"
    for family in SYNTHESIS:
        yield f"synth_{family}.ys", yosys_script(
            family, shape.options, modules, cells,
            top=shape.name, output=f"../build/{shape.name}_{family}.json",
        )  # fmt: skip
        if family != "xilinx":
            yield f"pnr_{family}.ys", yosys_script(
                family, shape.options, modules, cells, top=harness, more=(f"{harness}.v",),
                output=f"../build/{harness}_{family}.json",
            )  # fmt: skip
    yield f"{harness}.v", _harness(shape)
    yield "vivado.tcl", filled(_VIVADO, {"name": shape.name})
    yield (
        "Makefile",
        filled(
            _MAKEFILE,
            {
                "name": shape.name,
                "megahertz": f"{megahertz:g}",
                "cells": " ../tb/cells.v" if cells else "",
            },
        ),
    )


def _harness(shape: Shape) -> str:
    """A module with three pins and a register at each port of the design."""
    interface, clock = shape.options.interface, clock_of(shape)
    inputs = [("x", shape.bus)] if shape.inputs else []
    outputs = [(word.name, word.bits) for word in shape.results]
    if interface == "plain" and shape.state:
        inputs += [("rst", 1), ("enable", 1)]
    if interface == "valid":
        inputs += [("rst", 1), ("in_valid", 1), ("out_ready", 1)]
        outputs += [("in_ready", 1), ("out_valid", 1)]
    elif interface == "axi":
        inputs = [("s_axis_tdata", shape.options.bus)]
        inputs += [(name, 1) for name in ("aresetn", "s_axis_tvalid", "s_axis_tlast")]
        inputs += [("m_axis_tready", 1)]
        outputs = [("m_axis_tdata", -(-shape.outputs // 8) * 8)]
        outputs += [(name, 1) for name in ("s_axis_tready", "m_axis_tvalid", "m_axis_tlast")]
    ports = [f".{clock}(clk)"] if clock else []
    for vector, words in (("given", inputs), ("found", outputs)):
        low = 0
        for name, bits in words:
            ports.append(f".{name}({vector}[{low + bits - 1}:{low}])")
            low += bits
    return filled(
        _HARNESS,
        {
            "name": shape.name,
            "inputs": sum(bits for _, bits in inputs),
            "outputs": sum(bits for _, bits in outputs),
            "ports": ",\n        ".join(ports),
        },
    )


_HARNESS = """\
// @name@ with a register at each port, for place and route: shifted in at d, out at q.
module @name@_harness (
    input  wire clk,
    input  wire d,
    output wire q
);
    reg  [@inputs@ - 1:0] given;
    reg  [@outputs@ - 1:0] kept;
    reg  [31:0] number;
    wire [@outputs@ - 1:0] found;
    assign q = kept[0];
    always @(posedge clk) begin
        given <= {given, d};
        number <= {number, given[@inputs@ - 1]};
        kept <= &number ? found : kept >> 1;
    end
    @name@ dut (
        @ports@
    );
endmodule
"""

_VIVADO = """\
# vivado -mode batch -source vivado.tcl -tclargs <part>; reports are written to ../build.
set part xc7a100tcsg324-1
if {[llength $argv] > 0} { set part [lindex $argv 0] }
set here [file dirname [file normalize [info script]]]
set project [file dirname $here]
file mkdir $project/build
set list [open $project/rtl/files.f]
foreach file [split [string trim [read $list]] "\\n"] { read_verilog $project/rtl/$file }
close $list
if {[file exists $project/tb/cells.v]} { read_verilog $project/tb/cells.v }
read_xdc -mode out_of_context $project/constraints/@name@.xdc
synth_design -top @name@ -part $part -mode out_of_context
opt_design
place_design
route_design
report_utilization -file $project/build/utilization.txt
report_timing_summary -file $project/build/timing.txt
"""

_MAKEFILE = """\
# make -C scripts sim | verilator | cocotb | synth | pnr | bitstream | vivado | clean;
#   FAMILY=ice40|ecp5|xilinx
NAME := @name@
FAMILY ?= ice40
MEGAHERTZ ?= @megahertz@
DEVICE_ice40 ?= --hx8k --package ct256
DEVICE_ecp5 ?= --85k --package CABGA381
PLACED_ice40 := --asc ../build/$(NAME).asc
PLACED_ecp5 := --textcfg ../build/$(NAME).config
PACK_ice40 := icepack ../build/$(NAME).asc
PACK_ecp5 := ecppack ../build/$(NAME).config
YOSYS ?= yosys
PYTHON ?= python3
SOURCES := $(addprefix ../rtl/,$(shell cat ../rtl/files.f))
BENCH := ../tb/$(NAME)_tb.v@cells@

.PHONY: sim verilator cocotb synth pnr bitstream vivado clean

sim: | ../build
	iverilog -g2001 -DLGC_CELLS -s $(NAME)_tb -o ../build/$(NAME).vvp $(SOURCES) $(BENCH)
	cd ../tb && vvp -n ../build/$(NAME).vvp | tee ../build/sim.txt
	grep -q ^PASS ../build/sim.txt

verilator: | ../build
	verilator --binary -j 0 -DLGC_CELLS --top-module $(NAME)_tb --Mdir ../build/verilator \\
		-o simulation $(SOURCES) $(BENCH)
	cd ../tb && ../build/verilator/simulation | tee ../build/sim.txt
	grep -q ^PASS ../build/sim.txt

cocotb: | ../build
	$(PYTHON) ../tb/run_cocotb.py

synth: | ../build
	$(YOSYS) -l ../build/synth_$(FAMILY).log synth_$(FAMILY).ys

pnr: | ../build
	$(YOSYS) -q -l ../build/pnr_$(FAMILY).log pnr_$(FAMILY).ys
	nextpnr-$(FAMILY) $(DEVICE_$(FAMILY)) --freq $(MEGAHERTZ) --timing-allow-fail \\
		--json ../build/$(NAME)_harness_$(FAMILY).json $(PLACED_$(FAMILY))

bitstream: pnr
	$(PACK_$(FAMILY)) ../build/$(NAME).bin

vivado: | ../build
	vivado -mode batch -source vivado.tcl

../build:
	mkdir -p ../build

clean:
	rm -rf ../build
"""
