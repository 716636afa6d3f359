"""The rolled part of a kernel, the same for every model: packing, the driver, unpacking.

It is data-driven: a model is a descriptor (see `descriptor.py`) that names its segments, slots
and thresholds. The text depends only on the width of a plane, so one process compiles it once per
machine. This part does go through LLVM's optimiser.

Scratch memory is an array of planes; word g of a plane holds samples 64·g … 64·g+63 of the block.
"""

from __future__ import annotations

from .machine import Machine

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

PACK, GATES, UNPACK = 1, 2, 4
"""Phases of a run, so that each can be timed alone; 7 is all of them."""

SOURCES = {"u8": ("i8", 1), "f32": ("float", 4), "bits": ("i8", 1)}
"""What rows may hold: the element type and its bytes."""

RESULTS = ("classes", "counts", "outputs")


def runtime_text(machine: Machine, prefix: str = "lgc") -> str:
    """LLVM text of the runtime; its public functions are ``{prefix}_run_{source}_{result}``."""
    words, size = machine.words, machine.plane_bytes
    parts = [
        f"{DESCRIPTOR} = type {{ {', '.join(kind for _, kind in FIELDS)} }}\n",
        "declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)\n"
        "declare <8 x i8> @llvm.bitreverse.v8i8(<8 x i8>)\n",
        _transpose(),
        _scatter(size),
        *(_pack_numbers(source, words) for source in ("u8", "f32")),
        _pack_bits(words),
        _unpack_classes(words, size),
        _unpack_counts(words, size),
        _unpack_outputs(words, size),
        _gates(),
        *(_run(source, result, machine.plane_bits) for source in SOURCES for result in RESULTS),
    ]
    return "\n".join(parts).replace("@lgc_", f"@{prefix}_")


def attributes(machine: Machine) -> str:
    """Attribute group 0: what every generated function may use."""
    return (
        f'attributes #0 = {{ nounwind "target-cpu"="{machine.cpu}" '
        f'"target-features"="{machine.features}" '
        f'"prefer-vector-width"="{machine.plane_bits}" '
        f'"min-legal-vector-width"="{machine.plane_bits}" }}\n'
    )


def _field(name: str) -> str:
    """Load a field of the descriptor %d into %name."""
    place = [field for field, _ in FIELDS].index(name)
    kind = FIELDS[place][1]
    return (
        f" %{name}.p = getelementptr {DESCRIPTOR}, ptr %d, i64 0, i32 {place}\n"
        f" %{name} = load {kind}, ptr %{name}.p\n"
    )


def _fields(*names: str) -> str:
    return "".join(map(_field, names))


def _loop(index: str, count: str, body: str) -> str:
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


def _function(
    name: str, arguments: str, counters: str, body: str, linkage: str = "internal"
) -> str:
    memory = "".join(f" %{counter}.mem = alloca i64\n" for counter in counters.split())
    # The drivers differ only in what they call: inlining would compile each phase three times.
    inline = "noinline" if linkage == "internal" else ""
    return (
        f"define {linkage} void @lgc_{name}({arguments}) {inline} #0 {{\n"
        f"{memory}{body} ret void\n}}\n"
    )


def _minimum(target: str, left: str, right: str) -> str:
    return (
        f" %{target}.less = icmp ult i64 {left}, {right}\n"
        f" %{target} = select i1 %{target}.less, i64 {left}, i64 {right}\n"
    )


def _transpose() -> str:
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
    return _function("transpose", "ptr noalias %buffer", "", "\n".join(lines))


def _scatter(size: int) -> str:
    """Write 64 words to word %g of the planes in the slots of chunk %chunk."""
    body = _loop(
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
    return _function(
        "scatter", "ptr noalias %buffer, ptr noalias %slots, ptr noalias %m, i64 %g", "j", body
    )


def _chunk_end(slots: str) -> str:
    """Clear the rows that are not there, transpose, scatter."""
    return (
        _loop(
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


def _groups(words: int, inner: str) -> str:
    """For each group of 64 samples: how many rows are present, then ``inner``."""
    return _loop(
        "g",
        str(words),
        " %g.first = mul i64 %g, 64\n"
        + _minimum("g.start", "%rows", "%g.first")
        + " %g.left = sub i64 %rows, %g.start\n"
        + _minimum("present", "%g.left", "64")
        + " %missing = sub i64 64, %present\n"
        + inner,
    )


_PACK_ARGUMENTS = "ptr %d, ptr %x, i64 %stride, i64 %rows, ptr noalias %m"


def _pack_numbers(source: str, words: int) -> str:
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
        + _loop("r", "%present", row)
        + _chunk_end("row_slot")
    )
    body = (
        f" %buffer = alloca [64 x i64], align 64\n %copy = alloca [64 x {kind}], align 64\n"
        + _fields("row_chunks", "row_base", "row_flip", f"row_level_{source}", "row_slot")
        + _fields("features")
        + " %short = icmp ult i64 %features, 64\n"
        + f" %row.bytes = mul i64 %features, {size}\n"
        + f" store [64 x {kind}] zeroinitializer, ptr %copy\n"
        + _groups(words, _loop("c", "%row_chunks", chunk))
    )
    return _function(f"pack_{source}", _PACK_ARGUMENTS, "g c r z", body)


def _pack_bits(words: int) -> str:
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
        + _minimum("c.bytes", "%c.left", "8")
        + " %c.whole = icmp eq i64 %c.bytes, 8\n"
        + _loop("r", "%present", row)
        + _chunk_end("bit_slot")
    )
    body = (
        " %buffer = alloca [64 x i64], align 64\n %copy = alloca <8 x i8>, align 8\n"
        + _fields("bit_chunks", "bit_slot", "bit_bytes")
        + _groups(words, _loop("c", "%bit_chunks", chunk))
    )
    return _function("pack_bits", _PACK_ARGUMENTS, "g c r z", body)


def _number(bits: str, slots: str, size: int) -> str:
    """Read word %g of %bits planes as 64 numbers into %number, <64 x i32>."""
    body = f"""\
 %b.slot.p = getelementptr i32, ptr {slots}, i64 %b
 %b.slot32 = load i32, ptr %b.slot.p
 %b.slot = sext i32 %b.slot32 to i64
 %b.plane = mul i64 %b.slot, {size}
 %b.plane.p = getelementptr i8, ptr %m, i64 %b.plane
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
        + _loop("b", bits, body)
        + " %number = load <64 x i32>, ptr %number.mem\n"
    )


_UNPACK_ARGUMENTS = "ptr %d, i64 %rows, ptr noalias %out, ptr noalias %m"


def _unpack_classes(words: int, size: int) -> str:
    inner = (
        _number("%index_bits", "%index_slot", size)
        + """\
 %wide = zext <64 x i32> %number to <64 x i64>
 store <64 x i64> %wide, ptr %buffer
 %g.out = getelementptr i64, ptr %out, i64 %g.start
 %g.bytes = mul i64 %present, 8
 call void @llvm.memcpy.p0.p0.i64(ptr %g.out, ptr %buffer, i64 %g.bytes, i1 false)"""
    )
    body = (
        " %buffer = alloca <64 x i64>, align 64\n %number.mem = alloca <64 x i32>, align 64\n"
        + _fields("index_bits", "index_slot")
        + _groups(words, inner)
    )
    return _function("unpack_classes", _UNPACK_ARGUMENTS, "g b", body)


def _unpack_counts(words: int, size: int) -> str:
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
 %c.slots = getelementptr i32, ptr %count_slot, i64 %c.bits
"""
        + _number("%count_bits", "%c.slots", size)
        + " %count = add <64 x i32> %number, %base.all\n"
        + " store <64 x i32> %count, ptr %buffer\n"
        + _loop("s", "%present", sample)
    )
    body = (
        " %buffer = alloca <64 x i32>, align 64\n %number.mem = alloca <64 x i32>, align 64\n"
        + _fields("classes", "count_bits", "count_slot", "base")
        + """\
 %base.32 = trunc i64 %base to i32
 %base.one = insertelement <64 x i32> poison, i32 %base.32, i32 0
 %base.all = shufflevector <64 x i32> %base.one, <64 x i32> poison, <64 x i32> zeroinitializer
"""
        + _groups(words, _loop("c", "%classes", one_class))
    )
    return _function("unpack_counts", _UNPACK_ARGUMENTS, "g c b s", body)


def _unpack_outputs(words: int, size: int) -> str:
    """The last layer: rows of ``output_chunks`` words, first bit the lowest."""
    gather = f"""\
 %j.slot.p = getelementptr i32, ptr %c.slots, i64 %j
 %j.slot32 = load i32, ptr %j.slot.p
 %j.slot = sext i32 %j.slot32 to i64
 %j.plane = mul i64 %j.slot, {size}
 %j.plane.p = getelementptr i8, ptr %m, i64 %j.plane
 %j.word.p = getelementptr i64, ptr %j.plane.p, i64 %g
 %j.word = load i64, ptr %j.word.p
 %j.p = getelementptr i64, ptr %buffer, i64 %j
 store i64 %j.word, ptr %j.p"""
    sample = """\
 %s.p = getelementptr i64, ptr %buffer, i64 %s
 %s.word = load i64, ptr %s.p
 %s.row = add i64 %g.start, %s
 %s.start = mul i64 %s.row, %output_chunks
 %s.place = add i64 %s.start, %c
 %s.out = getelementptr i64, ptr %out, i64 %s.place
 store i64 %s.word, ptr %s.out"""
    chunk = (
        " %c.64 = mul i64 %c, 64\n %c.slots = getelementptr i32, ptr %output_slot, i64 %c.64\n"
        + _loop("j", "64", gather)
        + " call void @lgc_transpose(ptr %buffer)\n"
        + _loop("s", "%present", sample)
    )
    body = (
        " %buffer = alloca [64 x i64], align 64\n"
        + _fields("output_chunks", "output_slot")
        + _groups(words, _loop("c", "%output_chunks", chunk))
    )
    return _function("unpack_outputs", _UNPACK_ARGUMENTS, "g c j s", body)


def _gates() -> str:
    body = _fields("segments", "segment_count") + _loop(
        "i",
        "%segment_count",
        """\
 %i.p = getelementptr ptr, ptr %segments, i64 %i
 %i.segment = load ptr, ptr %i.p
 call void %i.segment(ptr %m)""",
    )
    return _function("gates", "ptr %d, ptr %m", "i", body)


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
        + _minimum("rows", "%i.left", str(block))
        + " %i.byte = mul i64 %i.first, %stride\n"
        + " %i.x = getelementptr i8, ptr %x, i64 %i.byte\n"
        + f" %i.item = mul i64 %i.first, {item}\n"
        + " %i.out = getelementptr i8, ptr %out, i64 %i.item\n"
        + phase.format(
            name="pack",
            bit=PACK,
            call=f"call void @lgc_pack_{source}(ptr %d, ptr %i.x, i64 %stride, i64 %rows, ptr %m)",
        )
        + phase.format(name="gates", bit=GATES, call="call void @lgc_gates(ptr %d, ptr %m)")
        + phase.format(
            name="unpack",
            bit=UNPACK,
            call=f"call void @lgc_unpack_{result}(ptr %d, i64 %rows, ptr %i.out, ptr %m)",
        )
    )
    body = (
        _fields("classes", "output_chunks")
        + " %item.counts = mul i64 %classes, 4\n %item.outputs = mul i64 %output_chunks, 8\n"
        + f" %n.up = add i64 %n, {block - 1}\n %blocks = udiv i64 %n.up, {block}\n"
        + _loop("i", "%blocks", inner)
    )
    return _function(
        f"run_{source}_{result}",
        "ptr %d, ptr %x, i64 %stride, i64 %n, ptr %out, ptr %m, i64 %phases",
        "i",
        body,
        linkage="dso_local",
    )
