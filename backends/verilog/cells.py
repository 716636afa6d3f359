"""Models of LUT cells, for simulators and for reading back: devices have their own."""

from __future__ import annotations

from collections.abc import Sequence

from .gates import CELLS

MACRO = "LGC_CELLS"
"""Defined where the library of the device is not at hand."""

YOSYS = "LGC_YOSYS"
"""Defined where lgc reads its own Verilog back: Yosys then keeps the tables as they are."""


def cells(family: str, widths: Sequence[int]) -> list[str]:
    """Lines of the modules of the cells of these widths."""
    cell = CELLS[family]
    lines: list[str] = []
    for k in widths:
        ports = [f"    input  wire {port}" for port in cell.inputs[:k]]
        ports.append(f"    output wire {cell.output}")
        index = ", ".join(reversed(cell.inputs[:k]))
        lines += [
            f"module {cell.name.format(k=k)} #(",
            f"    parameter [{(1 << k) - 1}:0] {cell.table} = {1 << k}'h0",
            ") (",
            *(f"{port}," for port in ports[:-1]),
            ports[-1],
            ");",
            f"`ifdef {YOSYS}",
            f"    \\$lut #(.WIDTH({k}), .LUT({cell.table})) lut",
            f"        (.A({{{index}}}), .Y({cell.output}));",
            "`else",
            f"    wire [{(1 << k) - 1}:0] s{k} = {cell.table};",
            *(_halved(i, cell.inputs[i]) for i in reversed(range(k))),
            f"    assign {cell.output} = s0;",
            "`endif",
            "endmodule",
        ]
    if not lines or family == "generic":  # which no device has
        return lines
    return [f"`ifdef {YOSYS}", f"`define {MACRO}", "`endif", f"`ifdef {MACRO}", *lines, "`endif"]


def _halved(i: int, port: str) -> str:
    """The half of a table that one input chooses."""
    size = 1 << i
    upper, lower = f"{2 * size - 1}:{size}", f"{size - 1}:0"
    if not i:
        return f"    wire s0 = {port} ? s1[1] : s1[0];"
    return f"    wire [{size - 1}:0] s{i} = {port} ? s{i + 1}[{upper}] : s{i + 1}[{lower}];"
