"""The constants that tell the runtime about one model: thresholds, slots, segments."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lgc.chain import Chain

from .lowering import Program, reads_inputs
from .machine import Machine
from .packing import BLOCK_BYTES
from .text import DESCRIPTOR, FIELDS, constant

LANES = 64
"""Features or bits that packing takes at once."""


@dataclass(frozen=True, eq=False)
class Windows:
    """How rows of numbers become bits: chunks of 64 neighbouring features.

    A chunk compares each of its features with one level; a feature with several levels in use
    appears in several chunks.

    Attributes:
        base: int64 ``(chunks,)``, first feature.
        level: float32 ``(chunks, 64)``; +inf where no bit is wanted.
        bit: int32 ``(chunks, 64)``, which bit each lane is; -1 for none.
    """

    base: NDArray[np.int64]
    level: NDArray[np.float32]
    bit: NDArray[np.int32]

    def bytes_levels(self) -> tuple[NDArray[np.uint8], NDArray[np.uint64]]:
        """Levels for unsigned bytes, and per chunk the lanes that are 1 whatever the byte."""
        always = self.level < 0
        whole = np.clip(np.floor(np.where(always, np.inf, self.level)), 0, 255)
        lanes = np.packbits(always, axis=1, bitorder="little").view("<u8")[:, 0]
        return whole.astype(np.uint8), lanes.astype(np.uint64)


def windows(chain: Chain, used: NDArray[np.bool_]) -> Windows:
    """Plan the packing of rows of numbers; only bits in use cost anything."""
    bits = np.flatnonzero(used)
    feature, level = chain.feature[bits].astype(np.int64), chain.level[bits]
    window = feature // LANES
    base = np.minimum(window * LANES, max(chain.features - LANES, 0))
    order = np.argsort(feature, kind="stable")
    place = np.arange(len(bits))
    first = np.ones(len(bits), np.bool_)
    first[1:] = feature[order][1:] != feature[order][:-1]
    rank = np.empty(len(bits), np.int64)
    rank[order] = place - np.maximum.accumulate(np.where(first, place, 0))
    key = rank * (chain.features // LANES + 1) + window
    keys, chunk = np.unique(key, return_inverse=True)
    levels = np.full((len(keys), LANES), np.inf, np.float32)
    lanes = np.full((len(keys), LANES), -1, np.int32)
    bases = np.zeros(len(keys), np.int64)
    bases[chunk] = base
    levels[chunk, feature - base] = level
    lanes[chunk, feature - base] = bits
    return Windows(bases, levels, lanes)


def bit_windows(bits: int, used: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """The same for rows of bits, windows of 8 bytes: first byte, and the bit of each lane.

    The first bit of a byte is its highest, lanes count from the lowest; the last window ends with
    the row, where rows are long enough.
    """
    row = -(-bits // 8)
    start = np.arange(0, row, 8)
    base = np.minimum(start, max(row - 8, 0))
    place = 8 * (base[:, None] + np.arange(LANES) // 8) + 7 - np.arange(LANES) % 8
    wanted = (place < bits) & (place >= 8 * start[:, None])
    wanted &= used[np.minimum(place, bits - 1)]
    return base.astype(np.int64), np.where(wanted, place, -1).astype(np.int32)


@dataclass(frozen=True, eq=False)
class Body:
    """How a program was made to run.

    Attributes:
        planes: slot of each output of the program.
        slots: planes in scratch memory; the last is for planes nobody reads.
        functions: symbols of the functions that compute it, in turn.
        ahead: bytes that they fetch while they run.
        records, runs: of the table engine.
    """

    planes: NDArray[np.integer]
    slots: int
    functions: list[str]
    ahead: int = 0
    records: NDArray[np.unsignedinteger] = field(default_factory=lambda: np.zeros(0, np.uint16))
    runs: NDArray[np.uint32] = field(default_factory=lambda: np.zeros((0, 2), np.uint32))


def descriptor_text(
    chain: Chain, program: Program, body: Body, machine: Machine, prefix: str
) -> str:
    """LLVM text of the constant ``@{prefix}{kind}`` of type `DESCRIPTOR` and what it points to."""
    kind, planes, slots = f"{prefix}{program.kind}", body.planes, body.slots
    size, spare = machine.plane_bytes, slots - 1
    used = reads_inputs(program.net)
    rows = windows(chain, used)
    level_u8, flip = rows.bytes_levels()
    bit_base, bit = bit_windows(chain.bits, used)
    counted = program.classes * program.count_bits
    counts, index = planes[:counted], planes[counted : counted + program.index_bits]
    outputs = _padded(planes if program.kind == "bits" else planes[:0], spare)
    arrays = {
        "row_base": rows.base,
        "row_flip": flip,
        "row_level_u8": level_u8,
        "row_level_f32": rows.level,
        "row_plane": size * np.where(rows.bit < 0, spare, rows.bit).astype(np.uint32),
        "bit_base": bit_base,
        "bit_plane": size * np.where(bit < 0, spare, bit).astype(np.uint32),
        "count_plane": size * counts.astype(np.uint32),
        "index_plane": size * index.astype(np.uint32),
        "output_plane": size * outputs.astype(np.uint32),
        "records": body.records,
        "runs": body.runs,
    }
    numbers = {
        "segment_count": len(body.functions),
        "run_count": len(body.runs),
        "ahead": body.ahead,
        "stage": _stage(slots, machine),
        "row_chunks": len(rows.base),
        "row_bytes": chain.features,
        "bit_chunks": len(bit_base),
        "bit_bytes": -(-chain.bits // 8),
        "classes": program.classes,
        "count_bits": program.count_bits,
        "base": program.base,
        "index_bits": program.index_bits,
        "output_chunks": len(outputs) // LANES,
        "scratch_bytes": scratch_bytes(chain, program, slots, machine),
    }
    text = [f"{DESCRIPTOR} = type {{ {', '.join(kind for _, kind in FIELDS)} }}"]
    text += [f"declare void @{name}(ptr, ptr, i64, ptr)" for name in body.functions]
    listed = ", ".join(f"ptr @{name}" for name in body.functions)
    text.append(f"@{kind}.segments = internal constant [{len(body.functions)} x ptr] [{listed}]")
    text += [constant(f"@{kind}.{name}", values, "internal") for name, values in arrays.items()]
    fields = ", ".join(
        f"i64 {numbers[name]}" if name in numbers else f"ptr @{kind}.{name}" for name, _ in FIELDS
    )
    text.append(f"@{kind} = constant {DESCRIPTOR} {{ {fields} }}\n")
    return "\n".join(text)


def scratch_bytes(chain: Chain, program: Program, slots: int, machine: Machine) -> int:
    """Planes, and a block for every chunk and group of 64 rows that packing keeps."""
    chunks = len(windows(chain, reads_inputs(program.net)).base)
    blocks = max(chunks, -(-chain.bits // LANES)) * machine.words
    return _stage(slots, machine) + blocks * BLOCK_BYTES


def _stage(slots: int, machine: Machine) -> int:
    """Where packing keeps its blocks: after the planes, aligned like the scratch memory."""
    return -(-slots * machine.plane_bytes // 64) * 64


def _padded(slots: NDArray[np.integer], spare: int) -> NDArray[np.int32]:
    """Slots filled up to a multiple of 64 with the spare one."""
    padded = np.full(-(-len(slots) // LANES) * LANES, spare, np.int32)
    padded[: len(slots)] = slots
    return padded
