"""The modules around the blocks: the datapath, and the interface in front of it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from lgc.dialect.state import state_text
from lgc.hardware.datapath import Word
from lgc.hardware.design import Design, Hardware
from lgc.hardware.options import HardwareOptions
from lgc.hardware.sources import Module

from .blocks import Blocks
from .text import concatenation, vector, wrapped

Lines = list[str]


@dataclass(frozen=True, eq=False)
class Ports:
    """How wide the ports of a design are."""

    made: Hardware

    @property
    def inputs(self) -> int:
        return self.made.inputs

    @property
    def outputs(self) -> int:
        return sum(word.bits for word in self.made.results)

    @property
    def x(self) -> Lines:
        """The port of samples; a model may read nothing but its state."""
        return [f"    input  wire {vector(self.inputs)} x"] if self.inputs else []

    def declared(self, *more: Word) -> Lines:
        """The result ports."""
        words = (*self.made.results, *more)
        return [f"    output wire {vector(word.bits)} {word.name}" for word in words]

    def assigned(self, source: str, *more: Word) -> Iterator[str]:
        """The result ports from a vector of all."""
        low = 0
        for word in (*self.made.results, *more):
            yield f"    assign {word.name} = {source}[{low + word.bits - 1}:{low}];"
            low += word.bits


def datapath_name(made: Hardware, options: HardwareOptions) -> str:
    """The module that holds the blocks and ranks; of a recurrent model it is one step."""
    alone = options.interface == "plain" and not made.state
    return options.name if alone else f"{options.name}_datapath"


def tops(made: Hardware, options: HardwareOptions) -> list[Module]:
    """The modules of the interface around the datapath, the top one last."""
    if isinstance(made, Design) and made.state and options.interface == "plain":
        return [Module(options.name, _steps(made, options.name))]
    if options.interface == "valid":
        return [Module(options.name, valid(made, options.name, options.name))]
    if options.interface == "axi":
        pipeline = f"{options.name}_pipeline"
        return [
            Module(pipeline, valid(made, options.name, pipeline)),
            Module(options.name, _axi(made, options)),
        ]
    return []


def module(name: str, ports: Lines, body: Lines) -> Lines:
    """The lines of a module."""
    return [f"module {name} (", *(f"{port}," for port in ports[:-1]), ports[-1], ");", *body,
            "endmodule"]  # fmt: skip


def datapath(blocks: Blocks, options: HardwareOptions) -> Lines:
    """The module that holds the blocks and ranks of a design."""
    made, ports = blocks.made, Ports(blocks.made)
    count, enabled = made.stages.count, options.interface != "plain"
    given: Lines = ["    input  wire clk"] if count else []
    if count and enabled:
        given.append(f"    input  wire {vector(count)} load")
    given.append(f"    input  wire {vector(made.net.inputs)} x")
    more = (Word("next_state", 1, made.state),) if made.state else ()
    width = ports.outputs + made.state
    body = [f"    wire {vector(width)} y;", *blocks.body(enabled), *ports.assigned("y", *more)]
    return module(datapath_name(made, options), given + ports.declared(*more), body)


def _registers(made: Design, step: str) -> Lines:
    """The registers of a state, which move where ``step`` is 1, and the wires around them."""
    wide = vector(made.state)
    digits = state_text(made.initial[::-1])
    first = made.state % 64 or 64
    places = [0, *range(first, made.state + 1, 64)]
    parts = [digits[start:stop] for start, stop in itertools.pairwise(places)]
    initial = list(wrapped([f"{len(part)}'b{part}" for part in parts], "{", "};"))
    return [
        f"    reg  {wide} state;",
        f"    wire {wide} next_state;",
        f"    wire {wide} initial_state =",
        *(f"        {line}" for line in initial),
        "    always @(posedge clk)",
        "        if (rst)",
        "            state <= initial_state;",
        f"        else if ({step})",
        "            state <= next_state;",
    ]


def _joined(made: Design) -> Lines:
    """What a step reads and gives."""
    read = "{state, x}" if made.inputs else "state"
    return [f"        .x({read})", "        .next_state(next_state)"]


def _steps(made: Design, name: str) -> Lines:
    """A step at every edge of the clock at which ``enable`` is 1."""
    ports = Ports(made)
    given = [
        "    input  wire clk",
        "    input  wire rst",
        "    input  wire enable",
        *ports.x,
        *ports.declared(),
    ]
    inner = [*_joined(made), *_connections(made)]
    body = [*_registers(made, "enable"), f"    {name}_datapath datapath ("]
    body += [f"{line}," for line in inner[:-1]] + [inner[-1], "    );"]
    return module(name, given, body)


def _connections(made: Hardware) -> Lines:
    return [f"        .{word.name}({word.name})" for word in made.results]


def valid(made: Hardware, name: str, title: str) -> Lines:
    """Valid and ready: rank j holds a sample where ``valid[j]`` is 1, and takes another when it is
    empty or hands its own on."""
    ports, count = Ports(made), made.latency
    given = [
        "    input  wire clk",
        "    input  wire rst",
        "    input  wire in_valid",
        "    output wire in_ready",
        *ports.x,
        "    output wire out_valid",
        "    input  wire out_ready",
        *ports.declared(),
    ]
    recurrent = made if isinstance(made, Design) and made.state else None
    joined = ["        .x(x)"] if recurrent is None else _joined(recurrent)
    inner = [*joined, *_connections(made)]
    body: Lines = []
    if count:
        loads = concatenation([(f"load_{j}", -1) for j in range(count)])
        loads[0] = f".load({loads[0]}"
        loads[-1] += ")"
        inner = ["        .clk(clk)", "\n        ".join(["", *loads])[1:], *inner]
        body = [  # wires of their own, since a vector that reads itself looks like a cycle
            f"    reg  {vector(count)} valid;",
            f"    wire load_{count - 1} = ~valid[{count - 1}] | out_ready;",
            *(
                f"    wire load_{j} = ~valid[{j}] | load_{j + 1};"
                for j in reversed(range(count - 1))
            ),
            "    assign in_ready = load_0;",
            f"    assign out_valid = valid[{count - 1}];",
            "    always @(posedge clk)",
            "        if (rst)",
            f"            valid <= {count}'b0;",
            "        else begin",
            "            if (load_0) valid[0] <= in_valid;",
            *(f"            if (load_{j}) valid[{j}] <= valid[{j - 1}];" for j in range(1, count)),
            "        end",
        ]
    else:
        body = ["    assign in_ready = out_ready;", "    assign out_valid = in_valid;"]
    if recurrent is not None:
        body += _registers(recurrent, "in_valid & out_ready")
    body.append(f"    {name}_datapath datapath (")
    body += [f"{line}," for line in inner[:-1]] + [inner[-1], "    );"]
    return module(title, given, body)


def beats(made: Hardware, options: HardwareOptions) -> int:
    """Beats of the bus that one sample takes."""
    return -(-made.inputs // options.bus)


def answer_bits(made: Hardware) -> int:
    """Bits of the results on the bus: whole bytes."""
    return -(-Ports(made).outputs // 8) * 8


def _axi(made: Hardware, options: HardwareOptions) -> Lines:
    """AXI4-Stream: beats are shifted in from above, so that the first ends in the lowest bits."""
    ports, bus, count = Ports(made), options.bus, beats(made, options)
    back = answer_bits(made)
    given = [
        "    input  wire aclk",
        "    input  wire aresetn",
        f"    input  wire {vector(bus)} s_axis_tdata",
        "    input  wire s_axis_tvalid",
        "    output wire s_axis_tready",
        "    input  wire s_axis_tlast",
        f"    output wire {vector(back)} m_axis_tdata",
        "    output wire m_axis_tvalid",
        "    input  wire m_axis_tready",
        "    output wire m_axis_tlast",
    ]
    digits = max(1, (count - 1).bit_length())
    names = [word.name for word in reversed(made.results)]
    spare = back - ports.outputs
    joined = ", ".join(([f"{spare}'b0"] if spare else []) + names)
    shifted = f"{{s_axis_tdata, sample[{count * bus - 1}:{bus}]}}" if count > 1 else "s_axis_tdata"
    body = [
        f"    reg {vector(count * bus)} sample;",
        f"    reg {vector(digits)} beat;",
        "    reg full;",
        "    wire ready;",
        "    wire take = s_axis_tvalid & s_axis_tready;",
        f"    wire last = beat == {digits}'d{count - 1};",
        "    assign s_axis_tready = ~full | ready;",
        "    always @(posedge aclk) begin",
        f"        if (take) sample <= {shifted};",
        "        if (~aresetn) begin",
        f"            beat <= {digits}'d0;",
        "            full <= 1'b0;",
        "        end else begin",
        "            if (take)",
        f"                beat <= last | s_axis_tlast ? {digits}'d0 : beat + {digits}'d1;",
        "            if (take & last)",
        "                full <= 1'b1;",
        "            else if (ready)",
        "                full <= 1'b0;",
        "        end",
        "    end",
        *(f"    wire {vector(word.bits)} {word.name};" for word in made.results),
        f"    assign m_axis_tdata = {{{joined}}};",
        "    assign m_axis_tlast = 1'b1;",
        f"    {options.name}_pipeline pipeline (",
        "        .clk(aclk),",
        "        .rst(~aresetn),",
        "        .in_valid(full),",
        "        .in_ready(ready),",
        f"        .x(sample[{ports.inputs - 1}:0]),",
        "        .out_valid(m_axis_tvalid),",
        "        .out_ready(m_axis_tready),",
        *(f"{line}," for line in _connections(made)[:-1]),
        _connections(made)[-1],
        "    );",
    ]
    return module(options.name, given, body)
