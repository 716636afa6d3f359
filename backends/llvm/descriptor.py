"""The constants that tell the runtime about one model: thresholds, slots, segments."""

from __future__ import annotations

from dataclasses import dataclass, field

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
    kind, planes, slots = f"{prefix}{program.kind}", body.planes, body.slots
    size, spare = machine.plane_bytes, slots - 1
    rows = windows(chain, used)
    bits = bit_windows(chain, used)
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
    text += [f"declare void @{name}(ptr, ptr, i64, ptr)" for name in body.functions]
    listed = ", ".join(f"ptr @{name}" for name in body.functions)
    text.append(f"@{kind}.segments = internal constant [{len(body.functions)} x ptr] [{listed}]")
    pointers = {name: f"@{kind}.{name}" for name in ("segments", *arrays)}
    own = byte_windows(chain, used)
    if own is not None:
        moved = {"bit_base": own.base, "plane_bits": _offsets(own.bit, spare, size)}
        arrays |= {f"{name}{BYTES}": values for name, values in moved.items()}
    text += [constant(f"@{kind}.{name}", values, "internal") for name, values in arrays.items()]
    text.append(_constant(kind, numbers, pointers))
    if own is not None:
        pointers |= {name: f"@{kind}.{name}{BYTES}" for name in ("bit_base", "plane_bits")}
        numbers |= {"bit_chunks": len(own.bit), "bit_bytes": own.row}
        text.append(_constant(kind + BYTES, numbers, pointers))
    return "\n".join(text)


def _constant(name: str, numbers: dict[str, int], pointers: dict[str, str]) -> str:
    values = ", ".join(
        f"i64 {numbers[field]}" if field in numbers else f"ptr {pointers[field]}"
        for field, _ in FIELDS
    )
    return f"@{name} = constant {DESCRIPTOR} {{ {values} }}\n"


def scratch_bytes(chain: Chain, used: NDArray[np.bool_], slots: int, machine: Machine) -> int:
    """Planes, and for every chunk what packing keeps: a block for each group of 64 rows, and what
    the octets of one group leave."""
    bits = [bit_windows(chain, used), byte_windows(chain, used)]
    chunks = max(len(windows(chain, used).base), *(len(one.bit) for one in bits if one is not None))
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
