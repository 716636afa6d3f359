"""The driver of recurrent models: blocks of samples through step after step.

Between steps the state stays in planes: only the first is packed and only the last unpacked. Which
functions pack and unpack is a number, so that there is one driver for all of them.
"""

from __future__ import annotations

from .machine import Machine
from .text import RESULTS, SOURCES, fields, function, loop, minimum

ARGUMENTS = (
    "ptr %d, ptr %ds, i64 %source, i64 %result, ptr %x, i64 %stride, i64 %x.step, i64 %n, "
    "i64 %steps, ptr %out, i64 %out.step, ptr %state, i64 %state.stride, ptr %following, ptr %m"
)
"""Descriptors of the model and of its state; numbers of `SOURCES` and of `RESULTS`; rows, bytes
from row to row and from step to step, rows, steps; results, bytes from step to step; packed states
before the first step; words of states after the last; scratch."""


def run_steps(machine: Machine) -> str:
    """LLVM text of the driver."""
    packs = ", ".join(f"ptr @lgc_pack_{source}" for source in SOURCES)
    unpacks = ", ".join(f"ptr @lgc_unpack_{result}" for result in RESULTS)
    sizes = ", ".join(f"i64 {source.size}" for source in SOURCES.values())
    kinds = ", ".join(f"i1 {str(source.rows == 'row').lower()}" for source in SOURCES.values())
    tables = (
        f"@lgc_packs = internal constant [{len(SOURCES)} x ptr] [{packs}]\n"
        f"@lgc_unpacks = internal constant [{len(RESULTS)} x ptr] [{unpacks}]\n"
        f"@lgc_element = internal constant [{len(SOURCES)} x i64] [{sizes}]\n"
        f"@lgc_numbers = internal constant [{len(SOURCES)} x i1] [{kinds}]\n"
    )
    step = """\
 %t.x.byte = mul i64 %t, %x.step
 %t.x = getelementptr i8, ptr %i.x, i64 %t.x.byte
 %t.end = getelementptr i8, ptr %t.x, i64 %i.reach
 call void %pack(ptr %d, ptr %t.x, i64 %stride, i64 %rows, ptr %m, ptr %t.end, i1 0, i1 0)
 call void @lgc_gates(ptr %d, ptr %m, ptr %t.x, i64 0)
 %t.out.byte = mul i64 %t, %out.step
 %t.out = getelementptr i8, ptr %i.out, i64 %t.out.byte
 call void %unpack(ptr %d, i64 %rows, ptr %t.out, ptr %m)
 %t.later = add i64 %t, 1
 %t.last = icmp eq i64 %t.later, %steps
 br i1 %t.last, label %t.stay, label %t.move
t.move:
 call void @lgc_move(ptr %ds, ptr %m)
 br label %t.stay
t.stay:
"""
    block = machine.plane_bits
    inner = (
        f" %i.first = mul i64 %i, {block}\n %i.left = sub i64 %n, %i.first\n"
        + minimum("rows", "%i.left", str(block))
        + """\
 %i.byte = mul i64 %i.first, %stride
 %i.x = getelementptr i8, ptr %x, i64 %i.byte
 %i.down.rows = sub i64 %i.left, 1
 %i.down = mul i64 %i.down.rows, %stride
 %i.reach = add i64 %i.down, %row.bytes
 %i.item = mul i64 %i.first, %item
 %i.out = getelementptr i8, ptr %out, i64 %i.item
 %i.state.byte = mul i64 %i.first, %state.stride
 %i.state = getelementptr i8, ptr %state, i64 %i.state.byte
 %i.state.down = mul i64 %i.down.rows, %state.stride
 %i.state.reach = add i64 %i.state.down, %state.bytes
 %i.state.end = getelementptr i8, ptr %i.state, i64 %i.state.reach
 call void @lgc_pack_bits(ptr %ds, ptr %i.state, i64 %state.stride, i64 %rows, ptr %m, """
        "ptr %i.state.end, i1 0, i1 0)\n"
        + loop("t", "%steps", step)
        + """\
 %i.word = mul i64 %i.first, %state.words
 %i.following = getelementptr i8, ptr %following, i64 %i.word
 call void @lgc_unpack_outputs(ptr %ds, i64 %rows, ptr %i.following, ptr %m)
"""
    )
    body = (
        fields("classes", "output_chunks", "row_bytes", "bit_bytes")
        + "".join(
            f" %{name}.at = getelementptr {kind}, ptr @lgc_{table}, i64 %{index}\n"
            f" %{name} = load {kind}, ptr %{name}.at\n"
            for name, table, kind, index in (
                ("pack", "packs", "ptr", "source"),
                ("unpack", "unpacks", "ptr", "result"),
                ("size", "element", "i64", "source"),
                ("is.number", "numbers", "i1", "source"),
            )
        )
        + """\
 %elements = select i1 %is.number, i64 %row_bytes, i64 %bit_bytes
 %row.bytes = mul i64 %elements, %size
 %item.counts = mul i64 %classes, 4
 %item.outputs = mul i64 %output_chunks, 8
 %is.counts = icmp eq i64 %result, 1
 %is.classes = icmp eq i64 %result, 0
 %item.other = select i1 %is.counts, i64 %item.counts, i64 %item.outputs
 %item = select i1 %is.classes, i64 8, i64 %item.other
 %states = call { i64, i64 } @lgc_state_sizes(ptr %ds)
 %state.bytes = extractvalue { i64, i64 } %states, 0
 %state.words = extractvalue { i64, i64 } %states, 1
"""
        + f" %n.up = add i64 %n, {block - 1}\n %blocks = udiv i64 %n.up, {block}\n"
        + loop("i", "%blocks", inner)
    )
    driver = function("run_steps", ARGUMENTS, "i t", body, linkage="dso_local")
    return tables + _state_sizes() + _move(machine) + driver


def _state_sizes() -> str:
    """Bytes of a packed state, and of one that was unpacked into words."""
    return (
        "define internal { i64, i64 } @lgc_state_sizes(ptr %d) noinline #0 {\n"
        + fields("bit_bytes", "output_chunks")
        + """\
 %bytes = mul i64 %output_chunks, 8
 %one = insertvalue { i64, i64 } poison, i64 %bit_bytes, 0
 %both = insertvalue { i64, i64 } %one, i64 %bytes, 1
 ret { i64, i64 } %both
}
"""
    )


def _move(machine: Machine) -> str:
    """The next state becomes the state: through the stage, for its planes may be read and written
    in any order."""
    vector, size = f"<{machine.words} x i64>", machine.plane_bytes

    def copy(index: str, source: str, target: str) -> str:
        return loop(
            index,
            "%state_bits",
            f"""\
 %{index}.at = getelementptr i32, ptr %{index}.planes, i64 %{index}
 %{index}.short = load i32, ptr %{index}.at
 %{index}.offset = zext i32 %{index}.short to i64
 %{index}.plane = getelementptr i8, ptr %m, i64 %{index}.offset
 %{index}.byte = mul i64 %{index}, {size}
 %{index}.staged = getelementptr i8, ptr %staged, i64 %{index}.byte
 %{index}.value = load {vector}, ptr %{index}.{source}, align {size}
 store {vector} %{index}.value, ptr %{index}.{target}, align {size}""",
        )

    body = (
        fields("stage", "state_bits", "output_plane", "state_plane")
        + " %staged = getelementptr i8, ptr %m, i64 %stage\n"
        + " %j.planes = getelementptr i8, ptr %output_plane, i64 0\n"
        + " %k.planes = getelementptr i8, ptr %state_plane, i64 0\n"
        + copy("j", "plane", "staged")
        + copy("k", "staged", "plane")
    )
    return function("move", "ptr %d, ptr %m", "j k", body)
