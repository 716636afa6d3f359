"""Unpacking: planes of class indices, counts or output bits back to one result a row."""

from __future__ import annotations

from .text import fields, function, groups, loop

_UNPACK_ARGUMENTS = "ptr %d, i64 %rows, ptr noalias %out, ptr noalias %m"


def _number(bits: str, planes: str) -> str:
    """Read word %g of %bits planes as 64 numbers into %number, <64 x i32>."""
    body = f"""\
 %b.offset.p = getelementptr i32, ptr {planes}, i64 %b
 %b.short = load i32, ptr %b.offset.p
 %b.offset = zext i32 %b.short to i64
 %b.plane.p = getelementptr i8, ptr %m, i64 %b.offset
 %b.word.p = getelementptr i64, ptr %b.plane.p, i64 %g
 %b.word = load i64, ptr %b.word.p
 %b.mask = bitcast i64 %b.word to <64 x i1>
 %b.place = trunc i64 %b to i32
 %b.value = shl i32 1, %b.place
 %b.one = insertelement <64 x i32> poison, i32 %b.value, i32 0
 %b.all = shufflevector <64 x i32> %b.one, <64 x i32> poison, <64 x i32> zeroinitializer
 %b.some = select <64 x i1> %b.mask, <64 x i32> %b.all, <64 x i32> zeroinitializer
 %b.old = load <64 x i32>, ptr %number.mem
 %b.new = or <64 x i32> %b.old, %b.some
 store <64 x i32> %b.new, ptr %number.mem"""
    return (
        " store <64 x i32> zeroinitializer, ptr %number.mem\n"
        + loop("b", bits, body)
        + " %number = load <64 x i32>, ptr %number.mem\n"
    )


def unpack_classes() -> str:
    inner = (
        _number("%index_bits", "%index_plane")
        + """\
 %wide = zext <64 x i32> %number to <64 x i64>
 store <64 x i64> %wide, ptr %buffer
 %g.out = getelementptr i64, ptr %out, i64 %g.start
 %g.bytes = mul i64 %present, 8
 call void @llvm.memcpy.p0.p0.i64(ptr %g.out, ptr %buffer, i64 %g.bytes, i1 false)"""
    )
    body = (
        " %buffer = alloca <64 x i64>, align 64\n %number.mem = alloca <64 x i32>, align 64\n"
        + fields("index_bits", "index_plane")
        + groups(inner)
    )
    return function("unpack_classes", _UNPACK_ARGUMENTS, "g b", body)


def unpack_counts() -> str:
    sample = """\
 %s.p = getelementptr i32, ptr %buffer, i64 %s
 %s.count = load i32, ptr %s.p
 %s.row = add i64 %g.start, %s
 %s.start = mul i64 %s.row, %classes
 %s.place = add i64 %s.start, %c
 %s.out = getelementptr i32, ptr %out, i64 %s.place
 store i32 %s.count, ptr %s.out"""
    one_class = (
        """\
 %c.bits = mul i64 %c, %count_bits
 %c.planes = getelementptr i32, ptr %count_plane, i64 %c.bits
"""
        + _number("%count_bits", "%c.planes")
        + " %count = add <64 x i32> %number, %base.all\n"
        + " store <64 x i32> %count, ptr %buffer\n"
        + loop("s", "%present", sample)
    )
    body = (
        " %buffer = alloca <64 x i32>, align 64\n %number.mem = alloca <64 x i32>, align 64\n"
        + fields("classes", "count_bits", "count_plane", "base")
        + """\
 %base.32 = trunc i64 %base to i32
 %base.one = insertelement <64 x i32> poison, i32 %base.32, i32 0
 %base.all = shufflevector <64 x i32> %base.one, <64 x i32> poison, <64 x i32> zeroinitializer
"""
        + groups(loop("c", "%classes", one_class))
    )
    return function("unpack_counts", _UNPACK_ARGUMENTS, "g c b s", body)


def unpack_outputs() -> str:
    """The last layer: rows of ``output_chunks`` words, first bit the lowest."""
    gather = """\
 %j.offset.p = getelementptr i32, ptr %c.planes, i64 %j
 %j.short = load i32, ptr %j.offset.p
 %j.offset = zext i32 %j.short to i64
 %j.plane.p = getelementptr i8, ptr %m, i64 %j.offset
 %j.word.p = getelementptr i64, ptr %j.plane.p, i64 %g
 %j.word = load i64, ptr %j.word.p
 %j.p = getelementptr i64, ptr %buffer, i64 %j
 store i64 %j.word, ptr %j.p"""
    sample = """\
 %s.p = getelementptr i64, ptr %rows.words, i64 %s
 %s.word = load i64, ptr %s.p
 %s.row = add i64 %g.start, %s
 %s.start = mul i64 %s.row, %output_chunks
 %s.place = add i64 %s.start, %c
 %s.out = getelementptr i64, ptr %out, i64 %s.place
 store i64 %s.word, ptr %s.out"""
    chunk = (
        " %c.64 = mul i64 %c, 64\n %c.planes = getelementptr i32, ptr %output_plane, i64 %c.64\n"
        + loop("j", "64", gather)
        + " call void @lgc_transpose(ptr %buffer, ptr %rows.words)\n"
        + loop("s", "%present", sample)
    )
    body = (
        " %buffer = alloca [64 x i64], align 64\n %rows.words = alloca [64 x i64], align 64\n"
        + fields("output_chunks", "output_plane")
        + groups(loop("c", "%output_chunks", chunk))
    )
    return function("unpack_outputs", _UNPACK_ARGUMENTS, "g c j s", body)
