"""LLVM text for the rolled code: loops, functions, the fields of a model's descriptor."""

from __future__ import annotations

from typing import Any, NamedTuple

from numpy.typing import NDArray

from .machine import Machine

DESCRIPTOR = "%descriptor"

FIELDS: tuple[tuple[str, str], ...] = (
    ("segments", "ptr"),  # functions void(ptr scratch, ptr next, i64 step, ptr descriptor)
    ("segment_count", "i64"),
    ("records", "ptr"),  # of the table engine, and how they are grouped
    ("runs", "ptr"),
    ("run_count", "i64"),
    ("ahead", "i64"),  # bytes that the segments fetch while they run
    ("stage", "i64"),  # offset in the scratch of what packing keeps between rows and planes
    ("row_chunks", "i64"),  # packing rows of numbers: windows of 64 features
    ("row_base", "ptr"),  # i64 per chunk: offset of the window in elements
    ("level_u8", "ptr"),  # 2 × 64 bytes per chunk
    ("level_f32", "ptr"),  # 64 floats per chunk
    ("plane_u8", "ptr"),  # 64 i32 per chunk: where each word of its block goes
    ("plane_f32", "ptr"),
    ("row_bytes", "i64"),  # elements in a row of numbers
    ("bit_chunks", "i64"),  # packing rows of bits: eight for each window of 64 bytes
    ("bit_base", "ptr"),  # i64 per window: its offset in bytes
    ("plane_bits", "ptr"),
    ("bit_bytes", "i64"),  # bytes in a row of bits
    ("classes", "i64"),
    ("count_bits", "i64"),
    ("count_plane", "ptr"),  # i32, classes × count_bits
    ("base", "i64"),  # added to every count
    ("index_bits", "i64"),
    ("index_plane", "ptr"),  # i32
    ("output_chunks", "i64"),  # last layer: groups of 64 output bits
    ("output_plane", "ptr"),  # 64 i32 per chunk
    ("state_bits", "i64"),  # of the descriptor of a state
    ("state_plane", "ptr"),  # i32: where the bits of a state are read
)
"""Fields of a model descriptor, in order; all pointers are to constants.

Planes are named by their offsets in the scratch memory, in bytes.
"""


def constant(name: str, values: NDArray[Any], linkage: str) -> str:
    """An array as a constant, little-endian; one string parses faster than many numbers."""
    raw = values.astype(values.dtype.newbyteorder("<")).tobytes()
    shown = "\\" + raw.hex("\\") if raw else ""
    return f'{name} = {linkage} constant [{len(raw)} x i8] c"{shown}", align 64'


class Source(NamedTuple):
    """What rows may hold.

    Attributes:
        size: bytes of an element, a number or eight bits; a window has 64.
        rows: what the descriptor's fields for them begin with.
        chunks: groups of 64 bits that a window becomes.
    """

    size: int
    rows: str
    chunks: int


SOURCES = {
    "u8": Source(1, "row", 1),
    "f32": Source(4, "row", 1),
    "bits": Source(1, "bit", 8),
}


RESULTS = ("classes", "counts", "outputs")
"""What unpacking makes."""


def fields(*names: str) -> str:
    return "".join(map(field, names))


def field(name: str) -> str:
    """Load a field of the descriptor %d into %name."""
    place = [field for field, _ in FIELDS].index(name)
    kind = FIELDS[place][1]
    return (
        f" %{name}.p = getelementptr {DESCRIPTOR}, ptr %d, i64 0, i32 {place}\n"
        f" %{name} = load {kind}, ptr %{name}.p\n"
    )


def loop(index: str, count: str, body: str) -> str:
    """A counted loop; the variable lives in memory until LLVM promotes it."""
    return f"""\
 store i64 0, ptr %{index}.mem
 br label %{index}.head
{index}.head:
 %{index} = load i64, ptr %{index}.mem
 %{index}.more = icmp ult i64 %{index}, {count}
 br i1 %{index}.more, label %{index}.body, label %{index}.exit
{index}.body:
{body}
 %{index}.next = add i64 %{index}, 1
 store i64 %{index}.next, ptr %{index}.mem
 br label %{index}.head
{index}.exit:
"""


def function(name: str, arguments: str, counters: str, body: str, linkage: str = "internal") -> str:
    memory = "".join(f" %{counter}.mem = alloca i64\n" for counter in counters.split())
    # The drivers differ only in what they call: inlining would compile each phase three times.
    inline = "" if linkage == "dso_local" else "noinline"
    return (
        f"define {linkage} void @lgc_{name}({arguments}) {inline} #0 {{\n"
        f"{memory}{body} ret void\n}}\n"
    )


def minimum(target: str, left: str, right: str) -> str:
    return (
        f" %{target}.less = icmp ult i64 {left}, {right}\n"
        f" %{target} = select i1 %{target}.less, i64 {left}, i64 {right}\n"
    )


def groups(inner: str) -> str:
    """For each group of 64 samples that has rows: how many are present, then ``inner``."""
    used = " %rows.up = add i64 %rows, 63\n %groups = udiv i64 %rows.up, 64\n"
    first = " %g.start = mul i64 %g, 64\n %g.left = sub i64 %rows, %g.start\n"
    return used + loop("g", "%groups", first + minimum("present", "%g.left", "64") + inner)


def attributes(machine: Machine) -> str:
    """Attribute group 0: what every generated function may use."""
    legal = 512 if machine.ternary else machine.plane_bits  # packing uses the widest registers
    return (
        f'attributes #0 = {{ nounwind "target-cpu"="{machine.cpu}" '
        f'"target-features"="{machine.features}" '
        f'"prefer-vector-width"="{legal}" '
        f'"min-legal-vector-width"="{legal}" }}\n'
    )


def pternlog(machine: Machine) -> str:
    """Declaration of the instruction for any function of three planes."""
    vector = f"<{machine.words} x i64>"
    return (
        f"declare {vector} @llvm.x86.avx512.pternlog.q.{machine.plane_bits}"
        f"({vector}, {vector}, {vector}, i32 immarg)\n"
    )


def call_pternlog(machine: Machine, table: int, operands: list[str]) -> str:
    """A call of it; its immediate has bit ``a<<2 | b<<1 | c``, tables count from the top."""
    vector = f"<{machine.words} x i64>"
    shown = ", ".join(f"{vector} {operand}" for operand in operands)
    immediate = int(f"{table:08b}"[::-1], 2)
    return (
        f"call {vector} @llvm.x86.avx512.pternlog.q.{machine.plane_bits}({shown}, i32 {immediate})"
    )
