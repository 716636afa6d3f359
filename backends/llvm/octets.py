"""Eight rows at a time: where each source of rows turns its samples into bits.

Every function writes what happens for window %w of the rows at %r0 … %r7, the octet %o of a group
of 64; `packing` writes the loops around it. A chunk of a group leaves 512 bytes at %w.to, of which
`finish` makes a block.

Unsigned bytes are compared by averaging: (x + 254 - level + 1) / 2 has its highest bit set where
x > level, and averaging with nothing moves what earlier rows left there down by one bit. So a byte
collects eight rows in three instructions a row, on every machine that has vectors.
"""

from __future__ import annotations

from .machine import Machine
from .text import function
from .transposition import blocks, interleave

ROWS = 8
HALF = 4
"""Rows that a byte collects before it is joined with the other half: two short chains of
instructions, between which a processor has something to do."""


_OUT = " %o.byte = mul i64 %o, 64\n %w.out = getelementptr i8, ptr %w.to, i64 %o.byte"


def octet(source: str, machine: Machine) -> str:
    """What happens to eight rows and a window."""
    return _bits(machine) if source == "bits" else _bytes() if source == "u8" else _floats()


def finish(source: str) -> str:
    """The function that makes a block of what eight octets left of a chunk: 64 words, one for 64
    rows of a feature."""
    body = _finish_floats() if source == "f32" else _finish_bytes()
    return function(finisher(source), "ptr %from, ptr noalias %block", "", body)


def finisher(source: str) -> str:
    return "finish_words" if source == "f32" else "finish_bytes"


def _finish_bytes() -> str:
    lines = [_load("<64 x i8>", f"%a{i}", "%from", 64 * i) for i in range(8)]
    lines += interleave([f"%a{i}" for i in range(8)], [f"%z{i}" for i in range(8)])
    lines += [_store("<64 x i8>", f"%z{i}", "%block", 64 * i) for i in range(8)]
    return "\n".join(lines) + "\n"


def _load(kind: str, name: str, base: str, offset: int, align: int = 64) -> str:
    return (
        f" {name}.p = getelementptr i8, ptr {base}, i64 {offset}\n"
        f" {name} = load {kind}, ptr {name}.p, align {align}"
    )


def _store(kind: str, value: str, base: str, offset: int) -> str:
    return (
        f" {value}.q = getelementptr i8, ptr {base}, i64 {offset}\n"
        f" store {kind} {value}, ptr {value}.q, align 64"
    )


def _average(target: str, left: str, right: str) -> str:
    """The mean of unsigned bytes, rounded up; LLVM finds the instruction for it."""
    return f"""\
 {target}.left = zext <64 x i8> {left} to <64 x i16>
 {target}.right = zext <64 x i8> {right} to <64 x i16>
 {target}.sum = add nuw nsw <64 x i16> {target}.left, {target}.right
 {target}.up = add nuw nsw <64 x i16> {target}.sum, splat (i16 1)
 {target}.half = lshr <64 x i16> {target}.up, splat (i16 1)
 {target} = trunc <64 x i16> {target}.half to <64 x i8>"""


def _bytes() -> str:
    lines = [
        " %w.two = mul i64 %w, 128\n %w.levels = getelementptr i8, ptr %level_u8, i64 %w.two",
        _load("<64 x i8>", "%w.level", "%w.levels", 0),
        _load("<64 x i8>", "%w.ever", "%w.levels", 64),
    ]
    for row in range(ROWS):
        got = f"%got{row}"
        lines += [
            f" %x{row}.p = getelementptr i8, ptr %r{row}, i64 %w.base\n"
            f" %x{row} = load <64 x i8>, ptr %x{row}.p, align 1",
            _average(f"%mean{row}", f"%x{row}", "%w.level"),
            f" %bit{row} = and <64 x i8> %mean{row}, %w.ever",
        ]
        before = "zeroinitializer"
        if row % HALF:
            before = f"%down{row}"
            lines.append(_average(before, f"%got{row - 1}", "zeroinitializer"))
        lines.append(f" {got} = or <64 x i8> {before}, %bit{row}")
    lines += [
        f" %first = lshr <64 x i8> %got{HALF - 1}, splat (i8 {HALF})\n"
        f" %all = or <64 x i8> %first, %got{ROWS - 1}",
        _OUT,
        _store("<64 x i8>", "%all", "%w.out", 0),
    ]
    return "\n".join(lines) + "\n"


PARTS = 4
"""Vectors of 16 floats in a window."""


def _floats() -> str:
    """A lane of 32 bits collects 32 rows of a feature, so that nothing has to be transposed."""
    lines = [
        " %o.half = lshr i64 %o, 2\n %o.quarter = and i64 %o, 3\n"
        " %o.first = icmp eq i64 %o.quarter, 0\n %o.byte = mul i64 %o.half, 64\n"
        " %w.out = getelementptr i8, ptr %w.to, i64 %o.byte\n %o.shift = mul i64 %o.quarter, 8\n"
        " %o.down = trunc i64 %o.shift to i32\n"
        " %w.four = mul i64 %w, 256\n"
        " %w.levels = getelementptr i8, ptr %level_f32, i64 %w.four"
    ]
    for row in range(ROWS):
        lines.append(
            f" %one{row} = shl i32 {1 << row}, %o.down\n"
            f" %only{row} = insertelement <16 x i32> poison, i32 %one{row}, i64 0\n"
            f" %bit{row} = shufflevector <16 x i32> %only{row}, <16 x i32> poison, "
            "<16 x i32> zeroinitializer\n"
            f" %x{row}.p = getelementptr float, ptr %r{row}, i64 %w.base"
        )
    for part in range(PARTS):
        level = f"%level{part}"
        lines += [
            _load("<16 x float>", level, "%w.levels", 64 * part),
            _load("<16 x i32>", f"%old{part}", "%w.out", 128 * part),
            f" %sum{part}.0 = select i1 %o.first, <16 x i32> zeroinitializer, "
            f"<16 x i32> %old{part}",
        ]
        for row in range(ROWS):
            name = f"{part}.{row}"
            last = f"%sum{part}.{row + 1}"
            lines += [
                _load("<16 x float>", f"%x{name}", f"%x{row}.p", 64 * part, align=4),
                f" %above{name} = fcmp ogt <16 x float> %x{name}, {level}\n"
                f" %add{name} = select <16 x i1> %above{name}, <16 x i32> %bit{row}, "
                "<16 x i32> zeroinitializer\n"
                f" {last} = or <16 x i32> %sum{name}, %add{name}",
            ]
        lines.append(_store("<16 x i32>", f"%sum{part}.{ROWS}", "%w.out", 128 * part))
    return "\n".join(lines) + "\n"


def _finish_floats() -> str:
    lines: list[str] = []
    for part in range(PARTS):
        low, high = f"%low{part}", f"%high{part}"
        lines += [
            _load("<16 x i32>", low, "%from", 128 * part),
            _load("<16 x i32>", high, "%from", 128 * part + 64),
        ]
        for half in range(2):
            order = ", ".join(
                f"i32 {8 * half + place // 2 + 16 * (place % 2)}" for place in range(16)
            )
            name = f"%z{part}.{half}"
            lines += [
                f" {name} = shufflevector <16 x i32> {low}, <16 x i32> {high}, "
                f"<16 x i32> <{order}>",
                _store("<16 x i32>", name, "%block", 128 * part + 64 * half),
            ]
    return "\n".join(lines) + "\n"


def _bits(machine: Machine) -> str:
    """Bytes of eight rows are put side by side, then 8 × 8 bits are transposed: eight chunks."""
    rows = [f"%x{row}" for row in range(ROWS)]
    lines = [
        f" {name}.p = getelementptr i8, ptr %r{row}, i64 %w.base\n"
        f" {name} = load <64 x i8>, ptr {name}.p, align 1"
        for row, name in enumerate(rows)
    ]
    lines += interleave(rows[::-1] if machine.affine else rows, [f"%y{i}" for i in range(8)])
    lines.append(_OUT)
    for i in range(8):
        lines += [
            f" %w{i} = bitcast <64 x i8> %y{i} to <8 x i64>",
            blocks(f"%w{i}", f"%z{i}", machine),
            _store("<8 x i64>", f"%z{i}", "%w.out", 512 * i),
        ]
    return "\n".join(lines) + "\n"
