"""The table engine: a program as records that one compiled loop runs, nothing generated for it.

A record names three operands, a result and a table. The table is looked up as the eight
coefficients of its polynomial over GF(2), each a word of ones or zeros:

    f = c0 ⊕ c1·c ⊕ b·(c2 ⊕ c3·c) ⊕ a·(c4 ⊕ c5·c ⊕ b·(c6 ⊕ c7·c))

Records take 8 bytes where the program has at most 16,384 planes, else 16.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lgc.netlist import Netlist

from .machine import Machine
from .text import constant, fields, function, loop

NARROW_BITS = 14
WIDE_BITS = 28
KINDS = {"narrow": NARROW_BITS, "wide": WIDE_BITS}


def records(net: Netlist, slot: NDArray[np.integer], slots: int) -> tuple[str, NDArray[np.uint64]]:
    """The records of a tidy program of three fan-ins.

    Args:
        net: the program, in execution order.
        slot: slot of every net.
        slots: how many there are.

    Returns:
        ``narrow`` or ``wide``, and the records, uint64 ``(gates,)`` or ``(2 · gates,)``.
    """
    slot = np.where(slot < 0, slots - 1, slot)  # what nobody reads goes to the spare slot
    a, b, c = slot[net.fanin].astype(np.uint64).T
    d = slot[net.inputs :].astype(np.uint64)
    table = net.table << np.uint64(56)
    if slots <= 1 << NARROW_BITS:
        first, second, third = (np.uint64(NARROW_BITS * i) for i in (1, 2, 3))
        return "narrow", a | b << first | c << second | d << third | table
    low, high = a | b << np.uint64(WIDE_BITS), c | d << np.uint64(WIDE_BITS) | table
    return "wide", np.stack([low, high], axis=1).ravel()


def polynomials() -> NDArray[np.uint64]:
    """Coefficients of every table, uint64 ``(256, 8)``, 0 or all ones; index bits a, b, c."""
    index = np.arange(8)
    value = np.arange(256)[:, None] >> (7 - index) & 1
    for bit in (1, 2, 4):  # Möbius transform
        value = value ^ np.where(index & bit, value[:, index ^ bit], 0)
    return np.negative(value.astype(np.uint64))


def interpreter(machine: Machine, kind: str) -> str:
    """The loop over records; ``next`` and ``step`` are not used."""
    bits, size, words = KINDS[kind], machine.plane_bytes, machine.words
    vector = f"<{words} x i64>"
    lines: list[str] = []
    if kind == "narrow":
        lines.append(
            " %r.p = getelementptr i64, ptr %records, i64 %r\n %r.low = load i64, ptr %r.p\n"
            f" %r.high = lshr i64 %r.low, {2 * bits}"
        )
    else:
        lines.append(
            " %r.p = getelementptr [2 x i64], ptr %records, i64 %r\n %r.low = load i64, ptr %r.p\n"
            " %r.q = getelementptr i64, ptr %r.p, i64 1\n %r.high = load i64, ptr %r.q"
        )
    for name, word, place in (("a", "low", 0), ("b", "low", 1), ("c", "high", 0), ("d", "high", 1)):
        lines.append(
            f" %{name}.shifted = lshr i64 %r.{word}, {bits * place}\n"
            f" %{name}.slot = and i64 %{name}.shifted, {(1 << bits) - 1}\n"
            f" %{name}.offset = mul i64 %{name}.slot, {size}\n"
            f" %{name}.p = getelementptr i8, ptr %m, i64 %{name}.offset"
        )
        if name != "d":
            lines.append(f" %{name} = load {vector}, ptr %{name}.p, align {size}")
    top = 56 - (2 * bits if kind == "narrow" else 0)
    lines.append(
        f" %t = lshr i64 %r.high, {top}\n"
        " %t.p = getelementptr [8 x i64], ptr @lgc_polynomials, i64 %t"
    )
    for i in range(8):
        lines.append(
            f" %c{i}.p = getelementptr i64, ptr %t.p, i64 {i}\n"
            f" %c{i}.word = load i64, ptr %c{i}.p\n"
            f" %c{i}.one = insertelement {vector} poison, i64 %c{i}.word, i32 0\n"
            f" %c{i} = shufflevector {vector} %c{i}.one, {vector} poison, "
            f"<{words} x i32> zeroinitializer"
        )

    def add_product(target: str, plus: str, left: str, right: str) -> None:
        lines.append(f" %{target}.and = and {vector} %{left}, %{right}")
        lines.append(f" %{target} = xor {vector} %{plus}, %{target}.and")

    for i in (0, 2, 4, 6):
        add_product(f"h{i}", f"c{i}", f"c{i + 1}", "c")
    add_product("low", "h0", "b", "h2")
    add_product("high", "h4", "b", "h6")
    add_product("f", "low", "a", "high")
    lines.append(f" store {vector} %f, ptr %d.p, align {size}")
    body = fields("records", "record_count") + loop("r", "%record_count", "\n".join(lines))
    arguments = "ptr noalias %m, ptr %next, i64 %step, ptr noalias %d"
    return function(f"interpret_{kind}", arguments, "r", body, linkage="hidden")


def polynomial_table() -> str:
    """The constant that `interpreter` looks tables up in."""
    return constant("@lgc_polynomials", polynomials(), "internal")
