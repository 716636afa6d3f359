"""The modules around the blocks: the datapath, and the interface in front of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lgc.hardware.design import Hardware
from lgc.hardware.options import HardwareOptions
from lgc.hardware.sources import Module

from .blocks import Blocks
from .text import concatenation, vector

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

    def declared(self) -> Lines:
        """The result ports."""
        return [f"    output wire {vector(word.bits)} {word.name}" for word in self.made.results]

    def assigned(self, source: str) -> Iterator[str]:
        """The result ports from a vector of all."""
        low = 0
        for word in self.made.results:
            yield f"    assign {word.name} = {source}[{low + word.bits - 1}:{low}];"
            low += word.bits


def datapath_name(options: HardwareOptions) -> str:
    """The module that holds the blocks and ranks."""
    return options.name if options.interface == "plain" else f"{options.name}_datapath"


def tops(made: Hardware, options: HardwareOptions) -> list[Module]:
    """The modules of the interface around the datapath, the top one last."""
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
    given.append(f"    input  wire {vector(ports.inputs)} x")
    body = [f"    wire {vector(ports.outputs)} y;", *blocks.body(enabled), *ports.assigned("y")]
    return module(datapath_name(options), given + ports.declared(), body)


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
        f"    input  wire {vector(ports.inputs)} x",
        "    output wire out_valid",
        "    input  wire out_ready",
        *ports.declared(),
    ]
    inner = ["        .x(x)", *_connections(made)]
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
