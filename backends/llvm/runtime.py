"""The rolled part of a kernel, the same for every model: packing, the driver, unpacking.

It is data-driven: a model is a descriptor (see `descriptor.py`) that names its segments, slots
and thresholds. The text depends only on the width of a plane, so one process compiles it once per
machine. This part does go through LLVM's optimiser.

Scratch memory is an array of planes; word g of a plane holds samples 64·g … 64·g+63 of the block.
"""

from __future__ import annotations

from .machine import Machine
from .octets import finish
from .packing import fetches, octets, pack, place
from .recurrence import run_steps
from .text import DESCRIPTOR, FIELDS, RESULTS, SOURCES, fields, function, loop, minimum
from .transposition import transpose
from .unpacking import unpack_classes, unpack_counts, unpack_outputs

PACK, GATES, UNPACK = 1, 2, 4
"""Phases of a run, so that each can be timed alone; 7 is all of them."""

FAR = 8 << 20
"""Bytes of all rows beyond which they come from memory, and are fetched before they are packed."""


def runtime_text(machine: Machine, prefix: str) -> str:
    """LLVM text of the runtime; its public functions are ``{prefix}run_{source}_{result}``."""
    words = machine.words
    parts = [
        f"{DESCRIPTOR} = type {{ {', '.join(kind for _, kind in FIELDS)} }}\n",
        "declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)\n"
        "declare void @llvm.prefetch.p0(ptr, i32, i32, i32)\n",
        transpose(machine),
        finish("u8"),
        finish("f32"),
        place(words),
        fetches(),
        *(octets(source, machine) for source in SOURCES),
        *(pack(source, machine) for source in SOURCES),
        unpack_classes(),
        unpack_counts(),
        unpack_outputs(),
        _gates(),
        *(_run(source, result, machine.plane_bits) for source in SOURCES for result in RESULTS),
        run_steps(machine),
    ]
    return "\n".join(parts).replace("@lgc_", f"@{prefix}")


def _gates() -> str:
    body = fields("segments", "segment_count") + loop(
        "i",
        "%segment_count",
        """\
 %i.p = getelementptr ptr, ptr %segments, i64 %i
 %i.segment = load ptr, ptr %i.p
 call void %i.segment(ptr %m, ptr %next, i64 %step, ptr %d)""",
    )
    return function("gates", "ptr %d, ptr %m, ptr %next, i64 %step", "i", body)


def _ahead(block: int) -> str:
    """Rows that come from memory are fetched while the gates of the block before run; those that
    these do not reach are read when they are packed."""
    return f"""\
 %i.end = add i64 %i.first, {block}
 %i.last = icmp uge i64 %i.end, %n
 %i.none = xor i1 %together, true
 %i.still = or i1 %i.last, %i.none
 %i.step = select i1 %i.still, i64 0, i64 %pace
 %i.offset = select i1 %i.still, i64 0, i64 %block.bytes
 %i.upcoming = getelementptr i8, ptr %i.x, i64 %i.offset
 %i.start = icmp eq i64 %i, 0
 %i.missed = or i1 %i.start, %block.far
 %i.cold = and i1 %i.missed, %far
"""


def _run(source: str, result: str, block: int) -> str:
    """The driver: blocks of samples through the phases that are asked for."""
    item = {"classes": "8", "counts": "%item.counts", "outputs": "%item.outputs"}[result]
    phase = """\
 %{name}.bit = and i64 %phases, {bit}
 %{name}.on = icmp ne i64 %{name}.bit, 0
 br i1 %{name}.on, label %{name}.do, label %{name}.done
{name}.do:
 {call}
 br label %{name}.done
{name}.done:
"""
    inner = (
        f" %i.first = mul i64 %i, {block}\n %i.left = sub i64 %n, %i.first\n"
        + minimum("rows", "%i.left", str(block))
        + " %i.byte = mul i64 %i.first, %stride\n"
        + " %i.x = getelementptr i8, ptr %x, i64 %i.byte\n"
        + f" %i.item = mul i64 %i.first, {item}\n"
        + " %i.out = getelementptr i8, ptr %out, i64 %i.item\n"
        + _ahead(block)
        + phase.format(
            name="pack",
            bit=PACK,
            call=f"call void @lgc_pack_{source}(ptr %d, ptr %i.x, i64 %stride, i64 %rows, ptr %m, "
            "ptr %end, i1 %i.cold, i1 %far)",
        )
        + phase.format(
            name="gates",
            bit=GATES,
            call="call void @lgc_gates(ptr %d, ptr %m, ptr %i.upcoming, i64 %i.step)",
        )
        + phase.format(
            name="unpack",
            bit=UNPACK,
            call=f"call void @lgc_unpack_{result}(ptr %d, i64 %rows, ptr %i.out, ptr %m)",
        )
    )
    size, rows, _ = SOURCES[source]
    body = (
        fields("classes", "output_chunks", "ahead", f"{rows}_bytes")
        + f" %row.bytes = mul i64 %{rows}_bytes, {size}\n"
        " %n.last = sub i64 %n, 1\n %n.down = mul i64 %n.last, %stride\n"
        " %n.reach = add i64 %n.down, %row.bytes\n %end = getelementptr i8, ptr %x, i64 %n.reach\n"
        # rows so close together that reading ahead reads mostly rows
        " %twice = mul i64 %row.bytes, 2\n %together = icmp ule i64 %stride, %twice\n"
        + f" %block.bytes = mul i64 %stride, {block}\n"
        + " %block.far = icmp ugt i64 %block.bytes, %ahead\n"
        # no further than to the end of the block, at most a line at a time
        " %pace.lines = mul i64 %block.bytes, 64\n %pace.turns = or i64 %ahead, 1\n"
        " %pace.down = udiv i64 %pace.lines, %pace.turns\n %pace.up = add i64 %pace.down, 1\n"
        + minimum("pace", "%pace.up", "64")
        + f" %all.bytes = mul i64 %stride, %n\n %far = icmp ugt i64 %all.bytes, {FAR}\n"
        + " %item.counts = mul i64 %classes, 4\n %item.outputs = mul i64 %output_chunks, 8\n"
        + f" %n.up = add i64 %n, {block - 1}\n %blocks = udiv i64 %n.up, {block}\n"
        + loop("i", "%blocks", inner)
    )
    return function(
        f"run_{source}_{result}",
        "ptr %d, ptr %x, i64 %stride, i64 %n, ptr %out, ptr %m, i64 %phases",
        "i",
        body,
        linkage="dso_local",
    )
