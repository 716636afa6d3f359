"""The constants that tell the runtime about one model: thresholds, slots, segments."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lgc.chain import Chain

from .lowering import Program, reads_inputs
from .machine import Machine
from .text import DESCRIPTOR, FIELDS

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
        slot: int32 ``(chunks, 64)``, where the bits go.
    """

    base: NDArray[np.int64]
    level: NDArray[np.float32]
    slot: NDArray[np.int32]

    def bytes_levels(self) -> tuple[NDArray[np.uint8], NDArray[np.uint64]]:
        """Levels for unsigned bytes, and per chunk the lanes that are 1 whatever the byte."""
        always = self.level < 0
        whole = np.clip(np.floor(np.where(always, np.inf, self.level)), 0, 255)
        lanes = np.packbits(always, axis=1, bitorder="little").view("<u8")[:, 0]
        return whole.astype(np.uint8), lanes.astype(np.uint64)


def windows(chain: Chain, used: NDArray[np.bool_], spare: int) -> Windows:
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
    slots = np.full((len(keys), LANES), spare, np.int32)
    bases = np.zeros(len(keys), np.int64)
    bases[chunk] = base
    levels[chunk, feature - base] = level
    slots[chunk, feature - base] = bits
    return Windows(bases, levels, slots)


def descriptor_text(
    chain: Chain,
    program: Program,
    planes: NDArray[np.integer],
    slots: int,
    segments: int,
    machine: Machine,
    prefix: str,
) -> str:
    """LLVM text of the constant ``@{prefix}{kind}`` of type `DESCRIPTOR` and what it points to.

    Args:
        chain: the model.
        program: what was lowered from it.
        planes: slot of each output of the program.
        slots: planes in scratch memory; the last is for planes nobody reads.
        segments: how many functions ``segment_N`` there are.
        machine: for which machine.
        prefix: of all symbols.
    """
    kind, spare = f"{prefix}{program.kind}", slots - 1
    used = reads_inputs(program.net)
    rows = windows(chain, used, spare)
    level_u8, flip = rows.bytes_levels()
    bit_slots = _padded(np.where(used, np.arange(chain.bits), spare), spare)
    counted = program.classes * program.count_bits
    counts, index = planes[:counted], planes[counted : counted + program.index_bits]
    outputs = _padded(planes if program.kind == "bits" else planes[:0], spare)
    arrays = {
        "row_base": ("i64", rows.base),
        "row_flip": ("i64", flip.astype(np.int64)),
        "row_level_u8": ("i8", level_u8.ravel()),
        "row_level_f32": ("float", rows.level.ravel()),
        "row_slot": ("i32", rows.slot.ravel()),
        "bit_slot": ("i32", bit_slots),
        "count_slot": ("i32", counts),
        "index_slot": ("i32", index),
        "output_slot": ("i32", outputs),
    }
    numbers = {
        "segment_count": segments,
        "row_chunks": len(rows.base),
        "features": chain.features,
        "bit_chunks": len(bit_slots) // LANES,
        "bit_bytes": -(-chain.bits // 8),
        "classes": program.classes,
        "count_bits": program.count_bits,
        "base": program.base,
        "index_bits": program.index_bits,
        "output_chunks": len(outputs) // LANES,
        "scratch_bytes": slots * machine.plane_bytes,
    }
    text = [f"{DESCRIPTOR} = type {{ {', '.join(kind for _, kind in FIELDS)} }}"]
    text += [f"declare void @{prefix}segment_{i}(ptr)" for i in range(segments)]
    text.append(
        _constant(kind, "segments", "ptr", (f"@{prefix}segment_{i}" for i in range(segments)))
    )
    for name, (element, values) in arrays.items():
        shown = map(_float, values.tolist()) if element == "float" else map(str, values.tolist())
        text.append(_constant(kind, name, element, shown))
    fields = ", ".join(
        f"i64 {numbers[name]}" if name in numbers else f"ptr @{kind}.{name}" for name, _ in FIELDS
    )
    text.append(f"@{kind} = constant {DESCRIPTOR} {{ {fields} }}\n")
    return "\n".join(text)


def _padded(slots: NDArray[np.integer], spare: int) -> NDArray[np.int32]:
    """Slots filled up to a multiple of 64 with the spare one."""
    padded = np.full(-(-len(slots) // LANES) * LANES, spare, np.int32)
    padded[: len(slots)] = slots
    return padded


def _constant(kind: str, name: str, element: str, values: Iterable[str]) -> str:
    listed = [f"{element} {value}" for value in values]
    return (
        f"@{kind}.{name} = internal constant [{len(listed)} x {element}] "
        f"[{', '.join(listed)}], align 64"
    )


def _float(value: float) -> str:
    """LLVM spells a float by the bits of the double of the same value."""
    return f"0x{np.float64(value).view(np.uint64):016X}"
