"""Packing: rows of numbers or bits to planes, 64 rows by 64 features at a time.

A row of 64 numbers compared with 64 levels is one mask word; 64 such words, transposed, are word
g of 64 planes. A NaN is greater than nothing.
"""

from __future__ import annotations

from .text import SOURCES, fields, function, groups, loop, minimum

_PACK_ARGUMENTS = "ptr %d, ptr %x, i64 %stride, i64 %rows, ptr noalias %m"


def transpose() -> str:
    """64 × 64 bits in place, six rounds of exchanges (Hacker's Delight, Warren, 7-3)."""
    lines = [" %v6 = load <64 x i64>, ptr %buffer, align 64"]
    for step in range(5, -1, -1):
        shift = 1 << step
        low = sum(1 << bit for bit in range(64) if not bit & shift)  # bits that stay or go up
        order = ", ".join(f"i32 {row ^ shift}" for row in range(64))
        upper = ", ".join(f"i1 {int(bool(row & shift))}" for row in range(64))

        def splat(value: int) -> str:
            signed = value - (1 << 64) if value >> 63 else value
            return "<" + ", ".join([f"i64 {signed}"] * 64) + ">"

        old, v = f"%v{step + 1}", f"%v{step}"
        lines.append(f"""\
 {v}.other = shufflevector <64 x i64> {old}, <64 x i64> poison, <64 x i32> <{order}>
 {v}.left = shl <64 x i64> {v}.other, {splat(shift)}
 {v}.right = lshr <64 x i64> {v}.other, {splat(shift)}
 {v}.keep.low = and <64 x i64> {old}, {splat(low)}
 {v}.keep.high = and <64 x i64> {old}, {splat(low ^ (1 << 64) - 1)}
 {v}.come.high = and <64 x i64> {v}.left, {splat(low ^ (1 << 64) - 1)}
 {v}.come.low = and <64 x i64> {v}.right, {splat(low)}
 {v}.first = or <64 x i64> {v}.keep.low, {v}.come.high
 {v}.second = or <64 x i64> {v}.keep.high, {v}.come.low
 {v} = select <64 x i1> <{upper}>, <64 x i64> {v}.second, <64 x i64> {v}.first""")
    lines.append(" store <64 x i64> %v0, ptr %buffer, align 64\n")
    return function("transpose", "ptr noalias %buffer", "", "\n".join(lines))


def scatter(size: int) -> str:
    """Write 64 words to word %g of the planes in the slots of chunk %chunk."""
    body = loop(
        "j",
        "64",
        f"""\
 %j.word.p = getelementptr i64, ptr %buffer, i64 %j
 %j.word = load i64, ptr %j.word.p
 %j.slot.p = getelementptr i32, ptr %slots, i64 %j
 %j.slot32 = load i32, ptr %j.slot.p
 %j.slot = sext i32 %j.slot32 to i64
 %j.plane = mul i64 %j.slot, {size}
 %j.plane.p = getelementptr i8, ptr %m, i64 %j.plane
 %j.out.p = getelementptr i64, ptr %j.plane.p, i64 %g
 store i64 %j.word, ptr %j.out.p""",
    )
    return function(
        "scatter", "ptr noalias %buffer, ptr noalias %slots, ptr noalias %m, i64 %g", "j", body
    )


def _chunk_end(slots: str) -> str:
    """Clear the rows that are not there, transpose, scatter."""
    return (
        loop(
            "z",
            "%missing",
            """\
 %z.row = add i64 %present, %z
 %z.p = getelementptr i64, ptr %buffer, i64 %z.row
 store i64 0, ptr %z.p""",
        )
        + f"""\
 call void @lgc_transpose(ptr %buffer)
 %c.64 = mul i64 %c, 64
 %c.slots = getelementptr i32, ptr %{slots}, i64 %c.64
 call void @lgc_scatter(ptr %buffer, ptr %c.slots, ptr %m, i64 %g)"""
    )


def pack_numbers(source: str, words: int) -> str:
    """Rows of numbers: compare a window of 64 features at once, one mask word a row."""
    kind, size = SOURCES[source]
    compare = "icmp ugt" if source == "u8" else "fcmp ogt"
    flip = (
        """\
 %c.flip.p = getelementptr i64, ptr %row_flip, i64 %c
 %c.flip = load i64, ptr %c.flip.p
"""
        if source == "u8"
        else " %c.flip = add i64 0, 0\n"
    )
    row = f"""\
 %r.number = add i64 %g.first, %r
 %r.byte = mul i64 %r.number, %stride
 %r.p = getelementptr i8, ptr %x, i64 %r.byte
 %r.window = getelementptr {kind}, ptr %r.p, i64 %c.base
 br i1 %short, label %r.short, label %r.load
r.short:
 call void @llvm.memcpy.p0.p0.i64(ptr %copy, ptr %r.p, i64 %row.bytes, i1 false)
 br label %r.load
r.load:
 %r.from = phi ptr [ %copy, %r.short ], [ %r.window, %r.body ]
 %r.value = load <64 x {kind}>, ptr %r.from, align {size}
 %r.mask = {compare} <64 x {kind}> %r.value, %c.level
 %r.word = bitcast <64 x i1> %r.mask to i64
 %r.flipped = xor i64 %r.word, %c.flip
 %r.out = getelementptr i64, ptr %buffer, i64 %r
 store i64 %r.flipped, ptr %r.out"""
    chunk = (
        f"""\
 %c.base.p = getelementptr i64, ptr %row_base, i64 %c
 %c.base = load i64, ptr %c.base.p
 %c.level.p = getelementptr <64 x {kind}>, ptr %row_level_{source}, i64 %c
 %c.level = load <64 x {kind}>, ptr %c.level.p, align 64
{flip}"""
        + loop("r", "%present", row)
        + _chunk_end("row_slot")
    )
    body = (
        f" %buffer = alloca [64 x i64], align 64\n %copy = alloca [64 x {kind}], align 64\n"
        + fields("row_chunks", "row_base", "row_flip", f"row_level_{source}", "row_slot")
        + fields("features")
        + " %short = icmp ult i64 %features, 64\n"
        + f" %row.bytes = mul i64 %features, {size}\n"
        + f" store [64 x {kind}] zeroinitializer, ptr %copy\n"
        + groups(words, loop("c", "%row_chunks", chunk))
    )
    return function(f"pack_{source}", _PACK_ARGUMENTS, "g c r z", body)


def pack_bits(words: int) -> str:
    """Rows of bits, first bit the highest of its byte: 64 bits are a mask word already."""
    row = """\
 %r.number = add i64 %g.first, %r
 %r.byte = mul i64 %r.number, %stride
 %r.p = getelementptr i8, ptr %x, i64 %r.byte
 %r.window = getelementptr i8, ptr %r.p, i64 %c.byte
 store <8 x i8> zeroinitializer, ptr %copy
 br i1 %c.whole, label %r.load, label %r.short
r.short:
 call void @llvm.memcpy.p0.p0.i64(ptr %copy, ptr %r.window, i64 %c.bytes, i1 false)
 br label %r.load
r.load:
 %r.from = phi ptr [ %copy, %r.short ], [ %r.window, %r.body ]
 %r.value = load <8 x i8>, ptr %r.from, align 1
 %r.bits = call <8 x i8> @llvm.bitreverse.v8i8(<8 x i8> %r.value)
 %r.word = bitcast <8 x i8> %r.bits to i64
 %r.out = getelementptr i64, ptr %buffer, i64 %r
 store i64 %r.word, ptr %r.out"""
    chunk = (
        " %c.byte = mul i64 %c, 8\n %c.left = sub i64 %bit_bytes, %c.byte\n"
        + minimum("c.bytes", "%c.left", "8")
        + " %c.whole = icmp eq i64 %c.bytes, 8\n"
        + loop("r", "%present", row)
        + _chunk_end("bit_slot")
    )
    body = (
        " %buffer = alloca [64 x i64], align 64\n %copy = alloca <8 x i8>, align 8\n"
        + fields("bit_chunks", "bit_slot", "bit_bytes")
        + groups(words, loop("c", "%bit_chunks", chunk))
    )
    return function("pack_bits", _PACK_ARGUMENTS, "g c r z", body)
