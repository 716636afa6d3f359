"""Packing: rows of numbers or bits to planes, 64 rows by 64 features at a time.

A row of 64 numbers compared with 64 levels is one mask word (a NaN is greater than nothing), and so
is a row of 64 bits as it stands. All words of 64 rows are written before blocks of 64 words are
transposed in place: a block read at once must wait until the last of its words has left the store
buffer. When all groups of 64 rows have been seen, the words of each feature are put side by side
and stored as a whole plane.
"""

from __future__ import annotations

from .text import SOURCES, fields, function, groups, loop
from .transposition import exchange

_PACK_ARGUMENTS = "ptr %d, ptr %x, i64 %stride, i64 %rows, ptr noalias %m, i1 %touch, i1 %far"
BLOCK_BYTES = 512
"""A transposed block of 64 × 64 bits."""


def place(words: int) -> str:
    """Store 64 planes from ``words`` blocks; ``%planes`` says where each goes."""
    lines: list[str] = []
    for group in range(words):
        lines.append(
            f" %from.{group} = getelementptr i8, ptr %e.blocks, i64 {group * BLOCK_BYTES}\n"
            f" %v{group} = load <8 x i64>, ptr %from.{group}, align 64"
        )
    kind = f"<{words} x i64>"
    for part in range(8 // words):
        order = ", ".join(f"i32 {part * words + i}" for i in range(words))
        parts = [f"%p{part}.{group}" for group in range(words)]
        for group in range(words):
            lines.append(
                f" {parts[group]} = shufflevector <8 x i64> %v{group}, <8 x i64> poison, "
                f"<{words} x i32> <{order}>"
            )
        planes = [f"%q{part}.{i}" for i in range(words)] if words > 1 else parts
        lines += exchange(parts, planes)
        for i in range(words):
            lane = part * words + i
            lines.append(
                f" %lane.{lane} = getelementptr i32, ptr %e.planes, i64 {lane}\n"
                f" %short.{lane} = load i32, ptr %lane.{lane}\n"
                f" %offset.{lane} = zext i32 %short.{lane} to i64\n"
                f" %plane.{lane} = getelementptr i8, ptr %m, i64 %offset.{lane}\n"
                f" store {kind} {planes[i]}, ptr %plane.{lane}, align {8 * words}"
            )
    eighth = (
        " %e.byte = mul i64 %e, 64\n %e.blocks = getelementptr i8, ptr %blocks, i64 %e.byte\n"
        " %e.lane = mul i64 %e, 8\n %e.planes = getelementptr i32, ptr %planes, i64 %e.lane\n"
    )
    body = loop("e", "8", eighth + "\n".join(lines))
    arguments = "ptr noalias %blocks, ptr noalias %planes, ptr noalias %m"
    return function("place", arguments, "e", body)


def pack(source: str, words: int) -> str:
    """Pack up to ``64 · words`` rows."""
    kind, size = SOURCES[source]
    rows = "bit" if source == "bits" else "row"
    window = 8 if source == "bits" else 64 * size
    plain, whole = (_row(source, kind, size, everything) for everything in (False, True))
    chunk = f"""\
 %c.base.p = getelementptr i64, ptr %{rows}_base, i64 %c
 %c.base = load i64, ptr %c.base.p
 %c.x = getelementptr {kind}, ptr %g.rows, i64 %c.base
{_block("c", words)}{_levels(source, kind)} br i1 %c.far, label %c.whole, label %c.plain
c.plain:
{loop("n", "%present", plain.replace("%r", "%n"))} br label %c.done
c.whole:
{loop("r", "%present", whole)} br label %c.done
c.done:
"""
    turn = _block("w", words) + " call void @lgc_transpose(ptr %w.to, ptr %w.to)\n"
    # Rows shorter than a window are copied to where reading beyond their end does no harm.
    copy = """\
 %s.byte = mul i64 %s, %stride
 %s.p = getelementptr i8, ptr %g.x, i64 %s.byte
 %s.to = getelementptr [WINDOW x i8], ptr %copy, i64 %s
 call void @llvm.memcpy.p0.p0.i64(ptr %s.to, ptr %s.p, i64 %row.bytes, i1 false)"""
    # A stream of lines in order, which memory serves best: 64 rows are ``stride`` lines.
    touch = """\
 %t.byte = mul i64 %t, 64
 %t.p = getelementptr i8, ptr %g.x, i64 %t.byte
 call void @llvm.prefetch.p0(ptr %t.p, i32 0, i32 3, i32 1)"""
    group = (
        f"""\
 %g.byte = mul i64 %g.start, %stride
 %g.x = getelementptr i8, ptr %x, i64 %g.byte
 %g.first = icmp eq i64 %g, 0
 %g.touch = and i1 %touch, %g.first
 br i1 %g.touch, label %fetch, label %fetched
fetch:
{loop("t", "%stride", touch)} br label %fetched
fetched:
 br i1 %short, label %copies, label %ready
copies:
{loop("s", "%present", copy).replace("WINDOW", str(window))} br label %ready
ready:
 %g.rows = phi ptr [ %g.x, %fetched ], [ %copy, %s.exit ]
 %g.stride = phi i64 [ %stride, %fetched ], [ {window}, %s.exit ]
 %g.size = mul i64 %g.stride, 64
"""
        + loop("c", f"%{rows}_chunks", chunk)
        + loop("w", f"%{rows}_chunks", turn)
    )
    store = f"""\
 %p.block = mul i64 %p, {words * BLOCK_BYTES}
 %p.blocks = getelementptr i8, ptr %blocks, i64 %p.block
 %p.lane = mul i64 %p, 64
 %p.planes = getelementptr i32, ptr %{rows}_plane, i64 %p.lane
 call void @lgc_place(ptr %p.blocks, ptr %p.planes, ptr %m)"""
    names = [f"{rows}_chunks", f"{rows}_base", f"{rows}_plane", f"{rows}_bytes", "stage"]
    names += ["row_flip"] if source == "u8" else []
    names += [f"row_level_{source}"] if source != "bits" else []
    body = (
        f" %copy = alloca [64 x [{window} x i8]], align 64\n"
        + fields(*names)
        + f" %row.bytes = mul i64 %{rows}_bytes, {1 if source == 'bits' else size}\n"
        + f" %short = icmp ult i64 %row.bytes, {window}\n"
        + " %blocks = getelementptr i8, ptr %m, i64 %stage\n"
        + groups(group)
        + loop("p", f"%{rows}_chunks", store)
    )
    return function(f"pack_{source}", _PACK_ARGUMENTS, "g c n r s t w p", body)


def _block(index: str, words: int) -> str:
    """Where packing keeps the block of a chunk and of group %g."""
    return f"""\
 %{index}.first = mul i64 %{index}, {words}
 %{index}.block = add i64 %{index}.first, %g
 %{index}.byte = mul i64 %{index}.block, {BLOCK_BYTES}
 %{index}.to = getelementptr i8, ptr %blocks, i64 %{index}.byte
"""


PARTS = {"u8": 1, "f32": 4}
"""Pieces of a window, 64 bytes each, that are compared at once."""


def _levels(source: str, kind: str) -> str:
    """What a chunk compares with, and whether its rows take the longer loop."""
    far = " %c.far = and i1 %far, true\n"
    if source == "bits":
        return far
    lanes = 64 // PARTS[source]
    text = ""
    for part in range(PARTS[source]):
        text += f"""\
 %c.part.{part} = mul i64 %c, {PARTS[source]}
 %c.place.{part} = add i64 %c.part.{part}, {part}
 %c.level.{part}.p = getelementptr <{lanes} x {kind}>, ptr %row_level_{source}, i64 %c.place.{part}
 %c.level.{part} = load <{lanes} x {kind}>, ptr %c.level.{part}.p, align 64
"""
    flip = (
        " %c.flip.p = getelementptr i64, ptr %row_flip, i64 %c\n"
        " %c.flip = load i64, ptr %c.flip.p\n"
        " %c.flips = icmp ne i64 %c.flip, 0\n %c.far = or i1 %far, %c.flips\n"
    )
    return text + (flip if source == "u8" else far)


def _row(source: str, kind: str, size: int, everything: bool) -> str:
    """Store 64 bits of row %r as one word.

    ``everything``: for rows that come from memory, and for bytes where a bit is always 1. The
    instructions for these cost a fifth of packing where they do nothing.
    """
    lines = [
        " %r.byte = mul i64 %r, %g.stride\n"
        " %r.p = getelementptr i8, ptr %c.x, i64 %r.byte\n"
        " %r.out = getelementptr i64, ptr %c.to, i64 %r"
    ]
    if source == "bits":
        lines.append(" %r.word = load i64, ptr %r.p, align 1\n store i64 %r.word, ptr %r.out")
        lines += [_soon("%r.p", "%r.soon")] if everything else []
        return "\n".join(lines)
    compare = "icmp ugt" if source == "u8" else "fcmp ogt"
    lanes = 64 // PARTS[source]
    for part in range(PARTS[source]):
        lines.append(
            f" %r.{part}.p = getelementptr i8, ptr %r.p, i64 {64 * part}\n"
            f" %r.{part} = load <{lanes} x {kind}>, ptr %r.{part}.p, align {size}\n"
            f" %r.{part}.mask = {compare} <{lanes} x {kind}> %r.{part}, %c.level.{part}\n"
            f" %r.{part}.plain = bitcast <{lanes} x i1> %r.{part}.mask to i{lanes}\n"
            f" %r.{part}.out = getelementptr i{lanes}, ptr %r.out, i64 {part}"
        )
        bits = f"%r.{part}.plain"
        if source == "u8" and everything:
            bits = "%r.word"
            lines.append(f" %r.word = xor i64 %r.{part}.plain, %c.flip")
        lines.append(f" store i{lanes} {bits}, ptr %r.{part}.out")
        lines += [_soon(f"%r.{part}.p", f"%r.{part}.soon")] if everything else []
    return "\n".join(lines)


def _soon(place: str, name: str) -> str:
    """Fetch what stands at the same place in the next 64 rows; the second-level cache may have lost
    what was fetched while the gates ran."""
    return (
        f" {name} = getelementptr i8, ptr {place}, i64 %g.size\n"
        f" call void @llvm.prefetch.p0(ptr {name}, i32 0, i32 3, i32 1)"
    )
