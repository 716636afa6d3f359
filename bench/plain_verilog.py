"""A model as Verilog without any thought about hardware: what bench/fpga.py compares with.

Every gate of every layer is one ``assign`` over vectors ``l1 … ln``, as trained: nothing is folded,
shared or removed. Class sums come in four ways, argmax in two:

- ``tree``: a balanced tree of ``+``, comparators in a tree;
- ``adders``: full adders, column by column, comparators in a tree;
- ``loop``: ``sum = sum + l4[i]`` in a ``for`` loop, argmax in a ``for`` loop;
- ``expression``: one long ``+``, argmax in a ``for`` loop.

The bits are the input ``x``, the class (first maximum) is the output ``y``; a core has the bits of
the last layer there, a sums part reads these bits and gives the scores, one after the other.
"""

from __future__ import annotations

from collections import deque
from typing import Literal, get_args

from lgc.chain import Chain
from lgc.dialect import CircuitOp
from lgc.errors import UnsupportedError
from lgc.netlist import Netlist
from lgc.tables import EXPRESSIONS

Way = Literal["tree", "adders", "loop", "expression"]
Part = Literal["core", "complete", "sums"]

WAYS: tuple[Way, ...] = get_args(Way)
PARTS: tuple[Part, ...] = get_args(Part)

FULL_ADDER = """\
module full_adder(input a, input b, input c, output sum, output carry);
  assign sum = a ^ b ^ c;
  assign carry = (a & b) | (a & c) | (b & c);
endmodule

module half_adder(input a, input b, output sum, output carry);
  assign sum = a ^ b;
  assign carry = a & b;
endmodule

"""


def verilog(chain: Chain, part: Part, way: Way = "tree") -> str:
    """The file: its top module is ``top``.

    Raises:
        UnsupportedError: gates of more than two fan-ins, or class sums with weights or offsets.
    """
    nets = [gates(stage) for stage in chain.stages]
    last = f"l{len(nets)}"
    if part == "core":
        return module(chain.bits, chain.outputs, "wire", [*_layers(nets), f"  assign y = {last};"])
    classes = groups(chain)
    sizes = [len(group).bit_length() for group in classes]
    head = FULL_ADDER if way == "adders" else ""
    if part == "sums":
        scores = ", ".join(f"s{i}" for i in reversed(range(len(classes))))
        body = [*_sums(classes, sizes, "x", way), f"  assign y = {{{scores}}};"]
        return head + module(chain.outputs, sum(sizes), "wire", body)
    width = max(1, (len(classes) - 1).bit_length())
    body = [*_layers(nets), *_sums(classes, sizes, last, way)]
    if way in ("loop", "expression"):
        return module(chain.bits, width, "reg", body + argmax_loop(len(classes), max(sizes)))
    return head + module(chain.bits, width, "wire", body + _argmax_tree(sizes, width))


def _sums(classes: list[list[int]], sizes: list[int], last: str, way: Way) -> list[str]:
    """The scores ``s0 …`` from the bits of a vector."""
    if way == "loop":
        return _loops(classes, sizes, last)
    lines = [f"  wire [{size - 1}:0] s{i};" for i, size in enumerate(sizes)]
    for i, group in enumerate(classes):
        terms = [f"{last}[{bit}]" for bit in group]
        if way == "expression":
            lines.append(f"  assign s{i} = {' + '.join(terms)};")
        else:
            lines += (_tree if way == "tree" else _adders)(i, terms, sizes[i])
    return lines


def gates(stage: object) -> Netlist:
    """The gates of a stage, of two fan-ins."""
    if not isinstance(stage, CircuitOp) or stage.net.data.k != 2:
        raise UnsupportedError("plain Verilog is written for layers of gates with two inputs")
    return stage.net.data


def groups(chain: Chain) -> list[list[int]]:
    """The bits of each class."""
    if chain.group_sum is None:
        raise UnsupportedError("the model has no class sums")
    sums = chain.group_sum.weighted()
    if (sums.weight != 1).any() or sums.offset.any():
        raise UnsupportedError("plain Verilog is written for class sums without weights or offsets")
    return [(sums.group == number).nonzero()[0].tolist() for number in range(sums.classes)]


def module(inputs: int, outputs: int, kind: str, body: list[str]) -> str:
    """The module ``top`` from ``x`` to ``y``, a ``wire`` or ``reg``."""
    ports = f"input [{inputs - 1}:0] x, output {kind} [{outputs - 1}:0] y"
    return "\n".join([f"module top({ports});", *body, "endmodule", ""])


def _layers(nets: list[Netlist]) -> list[str]:
    """One assignment a gate; a layer whose outputs are not its gates gets their own vector."""
    lines: list[str] = []
    before = "x"
    for number, net in enumerate(nets, 1):
        rows: list[list[int]] = net.fanin.tolist()
        lines += [f"  wire [{net.gates - 1}:0] g{number};"] if net.gates else []
        names = [f"{before}[{i}]" for i in range(net.inputs)]
        names += [f"g{number}[{i}]" for i in range(net.gates)]
        for gate, (table, row) in enumerate(zip(net.table.tolist(), rows)):
            spread = {"a": names[row[0]], "b": names[row[-1]], "0": "1'b0", "1": "1'b1"}
            text = [spread.get(sign, sign) for sign in EXPRESSIONS[int(table)]]
            lines.append(f"  assign g{number}[{gate}] = {''.join(text)};")
        lines.append(f"  wire [{len(net.outputs) - 1}:0] l{number};")
        lines += [
            f"  assign l{number}[{i}] = {names[out]};" for i, out in enumerate(net.outputs.tolist())
        ]
        before = f"l{number}"
    return lines


def _tree(number: int, terms: list[str], size: int) -> list[str]:
    lines: list[str] = []
    level, width = 0, 1
    while len(terms) > 1:
        level, width = level + 1, width + 1
        sums: list[str] = []
        for a, b in zip(terms[::2], terms[1::2]):
            name = f"t{number}_{level}_{len(sums)}"
            lines.append(f"  wire [{min(width, size) - 1}:0] {name} = {a} + {b};")
            sums.append(name)
        terms = sums + terms[len(sums) * 2 :]
    return [*lines, f"  assign s{number} = {terms[0]};"]


def _adders(number: int, terms: list[str], size: int) -> list[str]:
    """Bits wait in line in their column; three make a full adder, the last two a half adder."""
    lines: list[str] = []
    columns = [deque(terms), *(deque[str]() for _ in range(size))]
    for place in range(size):
        column = columns[place]
        while len(column) > 1:
            kind = "full_adder" if len(column) > 2 else "half_adder"
            reads = [column.popleft() for _ in range(3 if len(column) > 2 else 2)]
            name = f"f{number}_{len(lines) // 2}"
            lines.append(f"  wire {name}_s, {name}_c;")
            ports = ", ".join([*reads, f"{name}_s", f"{name}_c"])
            lines.append(f"  {kind} {name}({ports});")
            column.append(f"{name}_s")
            columns[place + 1].append(f"{name}_c")
    bits = [column[0] if column else "1'b0" for column in columns[:size]]
    return [*lines, f"  assign s{number} = {{{', '.join(reversed(bits))}}};"]


def _loops(groups: list[list[int]], sizes: list[int], last: str) -> list[str]:
    lines = ["  integer i;"]
    for number, (group, size) in enumerate(zip(groups, sizes)):
        first, step = group[0], group[1] - group[0] if len(group) > 1 else 1
        if group != list(range(first, first + step * len(group), step)):
            raise UnsupportedError("a loop needs the bits of a class at equal distances")
        lines += [
            f"  reg [{size - 1}:0] s{number};",
            "  always @* begin",
            f"    s{number} = 0;",
            f"    for (i = {first}; i <= {group[-1]}; i = i + {step})",
            f"      s{number} = s{number} + {last}[i];",
            "  end",
        ]
    return lines


def argmax_loop(classes: int, size: int) -> list[str]:
    """``y`` is the first class with the largest of the scores ``s0 …``."""
    return [
        f"  wire [{size - 1}:0] score [0:{classes - 1}];",
        *(f"  assign score[{number}] = s{number};" for number in range(classes)),
        "  integer k;",
        f"  reg [{size - 1}:0] best;",
        "  always @* begin",
        "    best = score[0];",
        "    y = 0;",
        f"    for (k = 1; k < {classes}; k = k + 1)",
        "      if (score[k] > best) begin",
        "        best = score[k];",
        "        y = k;",
        "      end",
        "  end",
    ]


def _argmax_tree(sizes: list[int], width: int) -> list[str]:
    """Neighbours meet; the left one stays unless the right one is larger."""
    lines: list[str] = []
    players = [(f"s{number}", f"{width}'d{number}", size) for number, size in enumerate(sizes)]
    meeting = 0
    while len(players) > 1:
        winners: list[tuple[str, str, int]] = []
        for (a, place_a, size_a), (b, place_b, size_b) in zip(players[::2], players[1::2]):
            size = max(size_a, size_b)
            lines += [
                f"  wire w{meeting} = {b} > {a};",
                f"  wire [{size - 1}:0] m{meeting} = w{meeting} ? {b} : {a};",
                f"  wire [{width - 1}:0] n{meeting} = w{meeting} ? {place_b} : {place_a};",
            ]
            winners.append((f"m{meeting}", f"n{meeting}", size))
            meeting += 1
        players = winners + players[len(winners) * 2 :]
    return [*lines, f"  assign y = {players[0][1]};"]
