"""Transposition: its steps, which packing takes too, and of 64 × 64 bits for whole layers."""

from __future__ import annotations

from .machine import Machine
from .text import function


def transpose(machine: Machine) -> str:
    """64 × 64 bits: bit j of word i of ``%from`` goes to bit i of word j of ``%to``.

    Both may be the same.

    Bytes are exchanged within vectors and 64-bit words between them, so that a word holds a block
    of 8 × 8 bits; the blocks are transposed; bytes within vectors go to their places.
    """
    # word k of a vector: byte k of its eight rows, last row first where the block step wants it
    rows = range(7, -1, -1) if machine.affine else range(8)
    gather = [8 * row + column for column in range(8) for row in rows]
    spread = [8 * block + bit for bit in range(8) for block in range(8)]
    lines = [f" %a{i} = load <8 x i64>, ptr %from.{i}, align 64" for i in range(8)]
    lines += [_bytes(f"%a{i}", f"%b{i}", gather) for i in range(8)]
    lines += exchange([f"%b{i}" for i in range(8)], [f"%c{i}" for i in range(8)])
    for i in range(8):
        lines += [blocks(f"%c{i}", f"%d{i}", machine), _bytes(f"%d{i}", f"%e{i}", spread)]
        lines.append(f" store <8 x i64> %e{i}, ptr %to.{i}, align 64")
    places = [
        f" %{side}.{i} = getelementptr i8, ptr %{side}, i64 {64 * i}"
        for side in ("from", "to")
        for i in range(8)
    ]
    body = "\n".join(places + lines) + "\n"
    declared = (
        "declare <64 x i8> @llvm.x86.vgf2p8affineqb.512(<64 x i8>, <64 x i8>, i8 immarg)\n"
        if machine.affine
        else ""
    )
    return declared + function("transpose", "ptr %from, ptr %to", "", body)


def _splat(value: int) -> str:
    return "<" + ", ".join([f"i64 {value}"] * 8) + ">"


def _bytes(source: str, target: str, order: list[int]) -> str:
    """Bytes of a vector in another order."""
    mask = ", ".join(f"i32 {place}" for place in order)
    return (
        f" {target}.in = bitcast <8 x i64> {source} to <64 x i8>\n"
        f" {target}.out = shufflevector <64 x i8> {target}.in, <64 x i8> poison, "
        f"<64 x i32> <{mask}>\n"
        f" {target} = bitcast <64 x i8> {target}.out to <8 x i64>"
    )


def exchange(old: list[str], new: list[str]) -> list[str]:
    """Transpose n × n words held in n vectors: a round of exchanges for each bit of the index."""
    size, names, lines = len(old), old, list[str]()
    kind = f"<{size} x i64>"
    for step in (1 << bit for bit in range((size - 1).bit_length())):
        last = 2 * step == size
        fresh = new if last else [f"{name}.{step}" for name in new]
        for i in range(size):
            # an element comes from the row whose index has that bit exchanged with its own
            order = [(k & ~step) + (i & step) + (size if k & step else 0) for k in range(size)]
            mask = ", ".join(f"i32 {place}" for place in order)
            lines.append(
                f" {fresh[i]} = shufflevector {kind} {names[i & ~step]}, {kind} "
                f"{names[i | step]}, <{size} x i32> <{mask}>"
            )
        names = fresh
    return lines


def interleave(old: list[str], new: list[str]) -> list[str]:
    """Bytes of eight vectors side by side, as x86 and AArch64 do it in 16 bytes at a time.

    Byte 16·l + 2·v + b of vector r goes to byte 8·(2·l + b) + r of vector v.
    """
    names, lines = old, list[str]()
    for step in range(3):
        fresh = new if step == 2 else [f"{name}.{step}" for name in new]
        for i in range(8):
            order = ", ".join(
                f"i32 {16 * lane + 8 * (i % 2) + byte + 64 * later}"
                for lane in range(4)
                for byte in range(8)
                for later in range(2)
            )
            lines.append(
                f" {fresh[i]} = shufflevector <64 x i8> {names[i // 2]}, "
                f"<64 x i8> {names[i // 2 + 4]}, <64 x i32> <{order}>"
            )
        names = fresh
    return lines


def blocks(source: str, target: str, machine: Machine) -> str:
    """Transpose 8 × 8 bits in every word: one instruction, or three rounds (Hacker's Delight)."""
    if machine.affine:
        ones = ", ".join(f"i8 {value}" for value in (1, 2, 4, 8, 16, 32, 64, -128) * 8)
        return (
            f" {target}.in = bitcast <8 x i64> {source} to <64 x i8>\n"
            f" {target}.out = call <64 x i8> @llvm.x86.vgf2p8affineqb.512("
            f"<64 x i8> <{ones}>, <64 x i8> {target}.in, i8 0)\n"
            f" {target} = bitcast <64 x i8> {target}.out to <8 x i64>"
        )
    lines: list[str] = []
    for step, (shift, mask) in enumerate(_ROUNDS):
        old = source if step == 0 else f"{target}.{step - 1}"
        result = target if step == len(_ROUNDS) - 1 else f"{target}.{step}"
        lines.append(f"""\
 {target}.{step}.down = lshr <8 x i64> {old}, {_splat(shift)}
 {target}.{step}.differ = xor <8 x i64> {old}, {target}.{step}.down
 {target}.{step}.low = and <8 x i64> {target}.{step}.differ, {_splat(mask)}
 {target}.{step}.high = shl <8 x i64> {target}.{step}.low, {_splat(shift)}
 {target}.{step}.both = or <8 x i64> {target}.{step}.low, {target}.{step}.high
 {result} = xor <8 x i64> {old}, {target}.{step}.both""")
    return "\n".join(lines)


_ROUNDS = ((7, 0x00AA00AA00AA00AA), (14, 0x0000CCCC0000CCCC), (28, 0x00000000F0F0F0F0))
