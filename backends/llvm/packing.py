"""Packing: rows of numbers or bits to planes, 64 rows by 64 features at a time.

A row of 64 numbers compared with 64 levels is one mask word (a NaN is greater than nothing), and so
is a row of 64 bits as it stands; 64 such words are transposed. When all groups of 64 rows have been
seen, the words of each feature are put side by side and stored as a whole plane.
"""

from __future__ import annotations

from .text import SOURCES, fields, function, groups, loop
from .transposition import exchange

_PACK_ARGUMENTS = "ptr %d, ptr %x, i64 %stride, i64 %rows, ptr noalias %m, i1 %touch"
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
    row = f"""\
 %r.byte = mul i64 %r, %g.stride
 %r.p = getelementptr i8, ptr %c.x, i64 %r.byte
{_word(source, kind, size)}
 %r.out = getelementptr i64, ptr %words, i64 %r
 store i64 %r.word, ptr %r.out"""
    chunk = (
        f"""\
 %c.base.p = getelementptr i64, ptr %{rows}_base, i64 %c
 %c.base = load i64, ptr %c.base.p
 %c.x = getelementptr {kind}, ptr %g.rows, i64 %c.base
{_levels(source, kind)}"""
        + loop("r", "%present", row)
        + f"""\
 %c.first = mul i64 %c, {words}
 %c.block = add i64 %c.first, %g
 %c.byte = mul i64 %c.block, {BLOCK_BYTES}
 %c.to = getelementptr i8, ptr %blocks, i64 %c.byte
 call void @lgc_transpose(ptr %words, ptr %c.to)
"""
    )
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
    group = f"""\
 %g.byte = mul i64 %g.start, %stride
 %g.x = getelementptr i8, ptr %x, i64 %g.byte
 br i1 %touch, label %fetch, label %fetched
fetch:
{loop("t", "%stride", touch)} br label %fetched
fetched:
 br i1 %short, label %copies, label %ready
copies:
{loop("s", "%present", copy).replace("WINDOW", str(window))} br label %ready
ready:
 %g.rows = phi ptr [ %g.x, %fetched ], [ %copy, %s.exit ]
 %g.stride = phi i64 [ %stride, %fetched ], [ {window}, %s.exit ]
""" + loop("c", f"%{rows}_chunks", chunk)
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
        f" %words = alloca [64 x i64], align 64\n %copy = alloca [64 x [{window} x i8]], align 64\n"
        + fields(*names)
        + f" %row.bytes = mul i64 %{rows}_bytes, {1 if source == 'bits' else size}\n"
        + f" %short = icmp ult i64 %row.bytes, {window}\n"
        + " %blocks = getelementptr i8, ptr %m, i64 %stage\n"
        + groups(group)
        + loop("p", f"%{rows}_chunks", store)
    )
    return function(f"pack_{source}", _PACK_ARGUMENTS, "g c r s t p", body)


def _levels(source: str, kind: str) -> str:
    """What a chunk compares with."""
    if source == "bits":
        return ""
    flip = (
        " %c.flip.p = getelementptr i64, ptr %row_flip, i64 %c\n"
        " %c.flip = load i64, ptr %c.flip.p\n"
    )
    return (
        f" %c.level.p = getelementptr <64 x {kind}>, ptr %row_level_{source}, i64 %c\n"
        f" %c.level = load <64 x {kind}>, ptr %c.level.p, align 64\n"
    ) + (flip if source == "u8" else "")


def _word(source: str, kind: str, size: int) -> str:
    """64 bits of a row as one word."""
    if source == "bits":
        return " %r.word = load i64, ptr %r.p, align 1"
    compare = "icmp ugt" if source == "u8" else "fcmp ogt"
    mask = (
        f" %r.value = load <64 x {kind}>, ptr %r.p, align {size}\n"
        f" %r.mask = {compare} <64 x {kind}> %r.value, %c.level\n"
    )
    if source == "f32":
        return mask + " %r.word = bitcast <64 x i1> %r.mask to i64"
    return mask + (
        " %r.plain = bitcast <64 x i1> %r.mask to i64\n %r.word = xor i64 %r.plain, %c.flip"
    )
