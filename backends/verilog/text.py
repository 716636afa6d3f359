"""Verilog text that several modules need: wide concatenations, keywords, headers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lgc.errors import UsageError

WIDTH = 96
"""Longest line of a concatenation."""

_WORDS = """
always and assign automatic begin bit buf bufif0 bufif1 byte case casex casez cell class cmos
config const deassign default defparam design disable do edge else end endcase endclass
endconfig endfunction endgenerate endmodule endpackage endprimitive endspecify endtable endtask
enum event export extends final for force forever fork function generate genvar highz0 highz1 if
ifnone import incdir include initial inout input instance int integer interface join large
liblist library localparam logic longint macromodule medium modport module nand negedge new nmos
nor noshowcancelled not notif0 notif1 null or output package packed parameter pmos posedge
primitive priority program property protected pull0 pull1 pulldown pullup pulsestyle_ondetect
pulsestyle_onevent pure rand rcmos real realtime ref reg release repeat return rnmos rpmos rtran
rtranif0 rtranif1 scalared shortint shortreal showcancelled signed small specify specparam
static string strong0 strong1 struct super supply0 supply1 table task this time tran tranif0
tranif1 tri tri0 tri1 triand trior trireg type typedef union unique unsigned use uwire var
vectored virtual void wait wand weak0 weak1 while wire with wor xnor xor
"""

KEYWORDS = frozenset(_WORDS.split())
"""Of Verilog-2005, and those of SystemVerilog that a model might be called."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def check_name(name: str) -> None:
    """Refuse what cannot be the name of a module.

    Raises:
        UsageError: it is a keyword, or holds other signs than letters, digits and ``_``.
    """
    if name in KEYWORDS:
        raise UsageError(f"{name} is a keyword of Verilog", where="--name", hint="choose another")
    if _NAME.fullmatch(name) is None:
        raise UsageError(
            f"{name!r} cannot be the name of a module",
            where="--name",
            hint="letters, digits and _, no digit first",
        )


Bit = tuple[str, int]
"""A vector and a place in it; with -1 the name is all of it, a wire or a constant."""


def concatenation(bits: Iterable[Bit]) -> list[str]:
    """Lines of a vector that has these bits, the lowest first; runs become slices."""
    runs: list[tuple[str, int, int]] = []
    for name, place in bits:
        if runs and place >= 0 and runs[-1][0] == name and runs[-1][2] + 1 == place:
            runs[-1] = (name, runs[-1][1], place)
        else:
            runs.append((name, place, place))
    parts = [_slice(*run) for run in reversed(runs)]
    if len(parts) == 1:
        return parts
    return list(wrapped(parts, "{", "}"))


def wrapped(parts: list[str], opening: str, closing: str) -> Iterator[str]:
    """Parts with commas between them, on lines that are not too long."""
    line = opening
    for number, part in enumerate(parts):
        text = part + (closing if number == len(parts) - 1 else ",")
        if len(line) + len(text) > WIDTH and line.strip():
            yield line.rstrip()
            line = " "
        line += text + " "
    yield line.rstrip()


def _slice(name: str, low: int, high: int) -> str:
    if low < 0:
        return name
    return f"{name}[{low}]" if low == high else f"{name}[{high}:{low}]"


def comment(lines: Iterable[str]) -> list[str]:
    """Lines as comments, none of which can end early."""
    return [f"// {line}".rstrip().replace("\r", " ").replace("\n", " ") for line in lines]


def vector(width: int) -> str:
    """The range of a vector, wide enough to be lined up."""
    return f"[{width - 1}:0]"
