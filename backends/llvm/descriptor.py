"""The constants that tell the runtime about one model: thresholds, slots, segments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lgc.chain import Chain

from .lowering import Program
from .machine import Machine
from .packing import BLOCK_BYTES
from .packing_plan import LANES, bit_windows, byte_windows, windows
from .text import DESCRIPTOR, FIELDS, constant

BYTES = "_bytes"
"""What the name of the descriptor for rows of bytes ends with."""


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
    chain: Chain,
    program: Program,
    body: Body,
    used: NDArray[np.bool_],
    machine: Machine,
    prefix: str,
) -> str:
    """LLVM text of the constant ``@{prefix}{kind}`` of type `DESCRIPTOR` and what it points to.

    Where a model reads the bits of bytes there is another one, `BYTES`, for which rows of bytes are
    rows of packed bits.

    Args:
        used: bool ``(bits,)``, which bits of the input are read.
    """
    kind, slots = f"{prefix}{program.kind}", body.slots
    planes, following = np.split(body.planes, [len(body.planes) - program.state])
    size, spare = machine.plane_bytes, slots - 1
    mine = used[: chain.own_bits]
    rows = windows(chain, mine)
    bits = bit_windows(mine)
    counted = program.classes * program.count_bits
    counts, index = planes[:counted], planes[counted : counted + program.index_bits]
    outputs = _padded(planes if program.kind == "bits" else planes[:0], spare)
    arrays = {
        "row_base": rows.base,
        "level_u8": rows.bytes_levels(),
        "level_f32": rows.level,
        "plane_u8": _offsets(rows.places("u8"), spare, size),
        "plane_f32": _offsets(rows.places("f32"), spare, size),
        "bit_base": bits.base,
        "plane_bits": _offsets(bits.bit, spare, size),
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
        "bit_chunks": len(bits.bit),
        "bit_bytes": bits.row,
        "classes": program.classes,
        "count_bits": program.count_bits,
        "base": program.base,
        "index_bits": program.index_bits,
        "output_chunks": len(outputs) // LANES,
    }
    text = [f"{DESCRIPTOR} = type {{ {', '.join(kind for _, kind in FIELDS)} }}"]
    text += _state(chain, used, following, slots, machine, f"{kind}_state")
    text += [f"declare void @{name}(ptr, ptr, i64, ptr)" for name in body.functions]
    listed = ", ".join(f"ptr @{name}" for name in body.functions)
    text.append(f"@{kind}.segments = internal constant [{len(body.functions)} x ptr] [{listed}]")
    text += _constants(kind, arrays, numbers, {"segments": "segments"})
    own = byte_windows(chain, mine)
    if own is not None:
        moved = {"bit_base": own.base, "plane_bits": _offsets(own.bit, spare, size)}
        numbers |= {"bit_chunks": len(own.bit), "bit_bytes": own.row}
        there = {name: name for name in ("segments", *arrays) if name not in moved}
        text += _constants(kind + BYTES, moved, numbers, there, kind)
    return "\n".join([*text, ""])


def _state(
    chain: Chain,
    used: NDArray[np.bool_],
    following: NDArray[np.integer],
    slots: int,
    machine: Machine,
    name: str,
) -> list[str]:
    """The descriptor of a state: rows of bits like those of samples, outputs like a last layer.

    ``following`` are the slots of the next state.
    """
    if not chain.state:
        return []
    size, spare = machine.plane_bytes, slots - 1
    kept = used[chain.own_bits :]
    rows = bit_windows(kept)
    own = np.where(kept, chain.own_bits + np.arange(chain.state), -1).astype(np.int32)
    outputs = _padded(following, spare)
    arrays = {
        "bit_base": rows.base,
        "plane_bits": _offsets(np.where(rows.bit < 0, -1, chain.own_bits + rows.bit), spare, size),
        "output_plane": size * outputs.astype(np.uint32),
        "state_plane": _offsets(own, spare, size),
    }
    numbers = {
        "stage": _stage(slots, machine),
        "bit_chunks": len(rows.bit),
        "bit_bytes": rows.row,
        "output_chunks": len(outputs) // LANES,
        "state_bits": chain.state,
    }
    return _constants(name, arrays, numbers, {})


def _constants(
    name: str,
    arrays: Mapping[str, NDArray[Any]],
    numbers: Mapping[str, int],
    there: Mapping[str, str],
    other: str = "",
) -> list[str]:
    """Text of a descriptor and of what it points to.

    What it does not have is 0.

    Args:
        there: fields that point to what is written elsewhere, for the descriptor ``other``, by
            default this one.
    """
    text = [constant(f"@{name}.{array}", values, "internal") for array, values in arrays.items()]
    known = {**{array: f"@{name}.{array}" for array in arrays}}
    known |= {field: f"@{other or name}.{at}" for field, at in there.items()}
    fields = [
        f"ptr {known.get(field, 'null')}" if kind == "ptr" else f"i64 {numbers.get(field, 0)}"
        for field, kind in FIELDS
    ]
    return [*text, f"@{name} = constant {DESCRIPTOR} {{ {', '.join(fields)} }}"]


def scratch_bytes(chain: Chain, used: NDArray[np.bool_], slots: int, machine: Machine) -> int:
    """Planes, and for every chunk what packing keeps: a block for each group of 64 rows, and what
    the octets of one group leave."""
    mine = used[: chain.own_bits]
    bits = [bit_windows(mine), bit_windows(used[chain.own_bits :]), byte_windows(chain, mine)]
    chunks = max(len(windows(chain, mine).base), *(len(one.bit) for one in bits if one is not None))
    return _stage(slots, machine) + chunks * (machine.words + 1) * BLOCK_BYTES


def _offsets(bits: NDArray[np.int32], spare: int, size: int) -> NDArray[np.uint32]:
    """Where planes of input bits are; -1 is the spare one."""
    return size * np.where(bits < 0, spare, bits).astype(np.uint32)


def _stage(slots: int, machine: Machine) -> int:
    """Where packing keeps its blocks: after the planes, aligned like the scratch memory."""
    return -(-slots * machine.plane_bytes // 64) * 64


def _padded(slots: NDArray[np.integer], spare: int) -> NDArray[np.int32]:
    """Slots filled up to a multiple of 64 with the spare one."""
    padded = np.full(-(-len(slots) // LANES) * LANES, spare, np.int32)
    padded[: len(slots)] = slots
    return padded
