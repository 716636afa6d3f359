"""LLVM text for the rolled code: loops, functions, the fields of a model's descriptor."""

from __future__ import annotations

DESCRIPTOR = "%descriptor"

FIELDS: tuple[tuple[str, str], ...] = (
    ("segments", "ptr"),  # functions void(ptr scratch)
    ("segment_count", "i64"),
    ("row_chunks", "i64"),  # packing rows of numbers: windows of 64 features
    ("row_base", "ptr"),  # i64 per chunk: first feature of the window
    ("row_flip", "ptr"),  # i64 per chunk: bits that are always 1 for unsigned bytes
    ("row_level_u8", "ptr"),  # 64 bytes per chunk
    ("row_level_f32", "ptr"),  # 64 floats per chunk
    ("row_slot", "ptr"),  # 64 i32 per chunk: where each bit goes
    ("features", "i64"),
    ("bit_chunks", "i64"),  # packing rows of bits: windows of 64 bits
    ("bit_slot", "ptr"),  # 64 i32 per chunk
    ("bit_bytes", "i64"),  # bytes in a row of bits
    ("classes", "i64"),
    ("count_bits", "i64"),
    ("count_slot", "ptr"),  # i32, classes × count_bits
    ("base", "i64"),  # added to every count
    ("index_bits", "i64"),
    ("index_slot", "ptr"),  # i32
    ("output_chunks", "i64"),  # last layer: groups of 64 output bits
    ("output_slot", "ptr"),  # 64 i32 per chunk
    ("scratch_bytes", "i64"),
)
"""Fields of a model descriptor, in order; all pointers are to constants."""

SOURCES = {"u8": ("i8", 1), "f32": ("float", 4), "bits": ("i8", 1)}
"""What rows may hold: the element type and its bytes."""


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
    inline = "noinline" if linkage == "internal" else ""
    return (
        f"define {linkage} void @lgc_{name}({arguments}) {inline} #0 {{\n"
        f"{memory}{body} ret void\n}}\n"
    )


def minimum(target: str, left: str, right: str) -> str:
    return (
        f" %{target}.less = icmp ult i64 {left}, {right}\n"
        f" %{target} = select i1 %{target}.less, i64 {left}, i64 {right}\n"
    )


def groups(words: int, inner: str) -> str:
    """For each group of 64 samples: how many rows are present, then ``inner``."""
    return loop(
        "g",
        str(words),
        " %g.first = mul i64 %g, 64\n"
        + minimum("g.start", "%rows", "%g.first")
        + " %g.left = sub i64 %rows, %g.start\n"
        + minimum("present", "%g.left", "64")
        + " %missing = sub i64 64, %present\n"
        + inner,
    )
