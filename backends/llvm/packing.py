"""Packing: rows of numbers or bits to planes, eight rows by a window of features at a time.

`octets` has what happens to eight rows. When the eight octets of 64 rows have been seen, each chunk
of 64 features becomes a block of 64 words, a word for 64 rows of a feature; when all groups of 64
rows have been seen, the words of each feature are put side by side and stored as a whole plane.
"""

from __future__ import annotations

from .machine import Machine
from .octets import ROWS, finisher, octet
from .packing_plan import LANES
from .text import SOURCES, fields, function, groups, loop
from .transposition import exchange

_PACK_ARGUMENTS = (
    "ptr %d, ptr %x, i64 %stride, i64 %rows, ptr noalias %m, ptr %end, i1 %cold, i1 %far"
)
BLOCK_BYTES = 512
"""A block of 64 × 64 bits, and what eight octets leave of a chunk."""


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


def pack(source: str, machine: Machine) -> str:
    """Pack up to as many rows as a plane has bits; none is read at or after ``%end``."""
    words, (size, rows, _) = machine.words, SOURCES[source]
    window = LANES * size
    group = f"""\
 %g.byte = mul i64 %g.start, %stride
 %g.x = getelementptr i8, ptr %x, i64 %g.byte
{_copies(window)}{_FETCH}\
 call void @lgc_octets_{source}(ptr %d, ptr %g.rows, i64 %g.stride, i64 %g.last, ptr %octets)
""" + loop("c", f"%{rows}_chunks", _chunk(source, words))
    store = f"""\
 %p.block = mul i64 %p, {words * BLOCK_BYTES}
 %p.blocks = getelementptr i8, ptr %blocks, i64 %p.block
 %p.lane = mul i64 %p, {LANES}
 %p.planes = getelementptr i32, ptr %plane_{source}, i64 %p.lane
 call void @lgc_place(ptr %p.blocks, ptr %p.planes, ptr %m)"""
    names = f"{rows}_chunks", f"{rows}_bytes", f"plane_{source}", "stage"
    body = (
        f" %copy = alloca [64 x [{window} x i8]], align 64\n"
        + fields(*names)
        + f" %row.bytes = mul i64 %{rows}_bytes, {size}\n"
        + f" %short = icmp ult i64 %row.bytes, {window}\n"
        + " %blocks = getelementptr i8, ptr %m, i64 %stage\n"
        + f" %all.blocks = mul i64 %{rows}_chunks, {words * BLOCK_BYTES}\n"
        + " %octets = getelementptr i8, ptr %blocks, i64 %all.blocks\n"
        + groups(group)
        + loop("p", f"%{rows}_chunks", store)
    )
    return function(f"pack_{source}", _PACK_ARGUMENTS, "g s c p", body)


_FETCH = """\
 br i1 %cold, label %read, label %warm
read:
 call void @lgc_read(ptr %g.rows, i64 %g.stride, i64 %present, i64 %row.bytes)
 br label %packing
warm:
 br i1 %far, label %fetch, label %packing
fetch:
 %g.size = mul i64 %g.stride, 64
 %g.soon = getelementptr i8, ptr %g.rows, i64 %g.size
 call void @lgc_fetch(ptr %g.soon, i64 %g.stride, i64 64, i64 %row.bytes)
 br label %packing
packing:
"""


def _copies(window: int) -> str:
    """Rows shorter than a window are read beyond their end. Where that is beyond all rows, they are
    copied to where it does no harm."""
    copy = f"""\
 %s.byte = mul i64 %s, %stride
 %s.p = getelementptr i8, ptr %g.x, i64 %s.byte
 %s.to = getelementptr [{window} x i8], ptr %copy, i64 %s
 call void @llvm.memcpy.p0.p0.i64(ptr %s.to, ptr %s.p, i64 %row.bytes, i1 false)"""
    return f"""\
 br label %inquire
inquire:
 %g.last = sub i64 %present, 1
 %g.down = mul i64 %g.last, %stride
 %g.reach = add i64 %g.down, {window}
 %g.beyond = getelementptr i8, ptr %g.x, i64 %g.reach
 %g.over = icmp ugt ptr %g.beyond, %end
 %g.back = icmp slt i64 %stride, 0
 %g.harm = or i1 %g.over, %g.back
 %g.copied = and i1 %g.harm, %short
 br i1 %g.copied, label %copies, label %ready
copies:
{loop("s", "%present", copy)} br label %ready
ready:
 %g.rows = phi ptr [ %g.x, %inquire ], [ %copy, %s.exit ]
 %g.stride = phi i64 [ %stride, %inquire ], [ {window}, %s.exit ]
"""


def octets(source: str, machine: Machine) -> str:
    """The function that packs the octets of up to 64 rows, ``%last`` after the first; where a row
    is missing, the last one stands for it."""
    _, rows, many = SOURCES[source]
    start = fields(f"{rows}_chunks", f"{rows}_base")
    start += fields(f"level_{source}") if source != "bits" else ""
    start += f" %windows = udiv i64 %{rows}_chunks, {many}\n"
    start += f" %up = add i64 %last, {ROWS}\n %count = udiv i64 %up, {ROWS}\n"
    text = f"""\
 %o.start = mul i64 %o, {ROWS}
 %left = sub i64 %last, %o.start
 %o.rows = mul i64 %o.start, %stride
 %r0 = getelementptr i8, ptr %x, i64 %o.rows
"""
    for row in range(1, ROWS):
        text += (
            f" %there{row} = icmp uge i64 %left, {row}\n"
            f" %step{row} = select i1 %there{row}, i64 %stride, i64 0\n"
            f" %r{row} = getelementptr i8, ptr %r{row - 1}, i64 %step{row}\n"
        )
    each = f"""\
 %w.base.p = getelementptr i64, ptr %{rows}_base, i64 %w
 %w.base = load i64, ptr %w.base.p
 %w.first = mul i64 %w, {many * BLOCK_BYTES}
 %w.to = getelementptr i8, ptr %octets, i64 %w.first
"""
    body = start + loop("o", "%count", text + loop("w", "%windows", each + octet(source, machine)))
    arguments = "ptr %d, ptr %x, i64 %stride, i64 %last, ptr noalias %octets"
    return function(f"octets_{source}", arguments, "o w", body)


def fetches() -> str:
    """Functions that bring rows into the caches before they are packed: what a processor reads in
    order comes from memory twice as fast as what eight rows at a time ask for.

    `lgc_read` waits for rows. `lgc_fetch` asks again for those that were fetched while the gates
    ran: fetches are dropped where there are many, and caches lose what they hold.
    """
    row = " %r.byte = mul i64 %r, %stride\n %r.x = getelementptr i8, ptr %x, i64 %r.byte\n"
    line = " %l.byte = mul i64 %l, 64\n %l.p = getelementptr i8, ptr %r.x, i64 %l.byte\n"
    wanted = {
        "read": " %l.seen = load volatile i8, ptr %l.p",
        "fetch": " call void @llvm.prefetch.p0(ptr %l.p, i32 0, i32 2, i32 1)",
    }
    return "".join(
        function(
            name,
            "ptr %x, i64 %stride, i64 %rows, i64 %bytes",
            "r l",
            " %up = add i64 %bytes, 63\n %lines = udiv i64 %up, 64\n"
            + loop("r", "%rows", row + loop("l", "%lines", line + each)),
        )
        for name, each in wanted.items()
    )


def _chunk(source: str, words: int) -> str:
    return f"""\
 %c.octets = mul i64 %c, {BLOCK_BYTES}
 %c.from = getelementptr i8, ptr %octets, i64 %c.octets
 %c.group = mul i64 %c, {words}
 %c.place = add i64 %c.group, %g
 %c.byte = mul i64 %c.place, {BLOCK_BYTES}
 %c.block = getelementptr i8, ptr %blocks, i64 %c.byte
 call void @lgc_{finisher(source)}(ptr %c.from, ptr %c.block)"""
