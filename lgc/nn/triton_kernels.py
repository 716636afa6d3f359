"""Layers of gates on a GPU: Triton kernels over planes, one row for each neuron.

A program works on a tile of rows and samples. Values and the gradients of planes are written once
each; the gradients of coefficients are summed over all samples by the program that has the gate.
Nothing is added atomically: results are the same every time. Everything is computed in float32,
whatever the planes are kept in.
"""

from __future__ import annotations

import triton
import triton.language as tl
from torch import Tensor

from .readers import readers_of
from .triton_norms import norm, slope

TILE = 512
"""Elements that a program works on at a time: four for each of its 128 threads."""


def forward(planes: Tensor, coefficients: Tensor, indices: Tensor, logic: str) -> Tensor:
    """Values of gates, ``(out, samples)``.

    Args:
        planes: ``(in, samples)``, contiguous, float32, bfloat16 or float16; all tensors the same.
        coefficients: ``(out, terms)``, contiguous.
        indices: int64 ``(2, out)``, contiguous.
        logic: a name of `LOGICS`.
    """
    gates, samples = indices.shape[1], planes.shape[1]
    made = planes.new_empty(gates, samples)
    if made.numel():
        high, wide = _tile(samples)
        grid = (triton.cdiv(gates, high), triton.cdiv(samples, wide))
        _values[grid](planes, indices, coefficients, made, gates, samples, logic, high, wide)
    return made


def backward(
    gradient: Tensor,
    planes: Tensor,
    coefficients: Tensor,
    indices: Tensor,
    logic: str,
    wanted: bool,
) -> tuple[Tensor | None, Tensor]:
    """Gradients of planes, if they are wanted, and of coefficients.

    Args:
        gradient: of the values, ``(out, samples)``, contiguous.
    """
    gates, (rows, samples) = indices.shape[1], planes.shape
    parts = coefficients.new_empty(coefficients.shape)
    reads = planes.new_empty(planes.shape) if wanted else None
    if not gradient.numel():
        return None if reads is None else reads.zero_(), parts.zero_()
    high, wide = _tile(samples)
    _coefficients[(triton.cdiv(gates, high),)](
        planes, indices, gradient, parts, gates, samples, logic, high, wide
    )
    if reads is not None:
        places, starts = readers_of(indices, rows)
        grid = (triton.cdiv(rows, high), triton.cdiv(samples, wide))
        _planes[grid](
            planes, indices, coefficients, gradient, places, starts, reads, rows, gates, samples,
            logic, high, wide,
        )  # fmt: skip
    return reads, parts


def _tile(samples: int) -> tuple[int, int]:
    """Rows and samples of a tile."""
    wide = min(max(triton.next_power_of_2(samples), 16), 256)
    return TILE // wide, wide


@triton.jit
def _coefficient(
    coefficients: tl.tensor,
    gate: tl.tensor,
    inside: tl.tensor,
    terms: tl.constexpr,
    term: tl.tensor,
) -> tl.tensor:
    """One term's of each gate, ``(gates, 1)``."""
    return tl.load(coefficients + gate * terms + term, mask=inside, other=0.0).to(tl.float32)


@triton.jit
def _values(
    planes: tl.tensor,
    indices: tl.tensor,
    coefficients: tl.tensor,
    made: tl.tensor,
    gates: tl.tensor,
    samples: tl.tensor,
    logic: tl.constexpr,
    high: tl.constexpr,
    wide: tl.constexpr,
) -> None:
    gate = (tl.program_id(0) * high + tl.arange(0, high).to(tl.int64))[:, None]
    sample = (tl.program_id(1) * wide + tl.arange(0, wide).to(tl.int64))[None, :]
    there = gate < gates
    inside = there & (sample < samples)
    left = tl.load(indices + gate, mask=there, other=0)
    right = tl.load(indices + gates + gate, mask=there, other=0)
    x = tl.load(planes + left * samples + sample, mask=inside, other=0.0).to(tl.float32)
    y = tl.load(planes + right * samples + sample, mask=inside, other=0.0).to(tl.float32)
    if logic == "product":
        a = _coefficient(coefficients, gate, there, 4, 0)
        b = _coefficient(coefficients, gate, there, 4, 1)
        c = _coefficient(coefficients, gate, there, 4, 2)
        d = _coefficient(coefficients, gate, there, 4, 3)
        total = a + b * x + (c + d * x) * y
    else:
        off, no = 1.0 - x, 1.0 - y
        only_x, only_y = norm(x, no, logic), norm(off, y, logic)
        differ = 1.0 - norm(1.0 - only_x, 1.0 - only_y, logic)
        total = _coefficient(coefficients, gate, there, 8, 0)
        total += _coefficient(coefficients, gate, there, 8, 1) * x
        total += _coefficient(coefficients, gate, there, 8, 2) * y
        total += _coefficient(coefficients, gate, there, 8, 3) * norm(x, y, logic)
        total += _coefficient(coefficients, gate, there, 8, 4) * only_x
        total += _coefficient(coefficients, gate, there, 8, 5) * only_y
        total += _coefficient(coefficients, gate, there, 8, 6) * norm(off, no, logic)
        total += _coefficient(coefficients, gate, there, 8, 7) * differ
    tl.store(made + gate * samples + sample, total, mask=inside)


@triton.jit
def _sum(
    parts: tl.tensor,
    gate: tl.tensor,
    inside: tl.tensor,
    terms: tl.constexpr,
    term: tl.constexpr,
    sums: tl.tensor,
) -> None:
    """Write one term's gradient of each gate: a row of sums over samples."""
    tl.store(parts + gate * terms + term, tl.sum(sums, 1)[:, None], mask=inside)


@triton.jit
def _coefficients(
    planes: tl.tensor,
    indices: tl.tensor,
    gradient: tl.tensor,
    parts: tl.tensor,
    gates: tl.tensor,
    samples: tl.tensor,
    logic: tl.constexpr,
    high: tl.constexpr,
    wide: tl.constexpr,
) -> None:
    gate = (tl.program_id(0) * high + tl.arange(0, high).to(tl.int64))[:, None]
    there = gate < gates
    left = tl.load(indices + gate, mask=there, other=0)
    right = tl.load(indices + gates + gate, mask=there, other=0)
    zero = tl.zeros((high, wide), tl.float32)
    s0, s1, s2, s3, s4, s5, s6, s7 = zero, zero, zero, zero, zero, zero, zero, zero
    for start in range(0, samples, wide):
        sample = (start + tl.arange(0, wide).to(tl.int64))[None, :]
        inside = there & (sample < samples)
        x = tl.load(planes + left * samples + sample, mask=inside, other=0.0).to(tl.float32)
        y = tl.load(planes + right * samples + sample, mask=inside, other=0.0).to(tl.float32)
        g = tl.load(gradient + gate * samples + sample, mask=inside, other=0.0).to(tl.float32)
        s0 += g
        s1 += g * x
        s2 += g * y
        if logic == "product":
            s3 += g * x * y
        else:
            off, no = 1.0 - x, 1.0 - y
            only_x, only_y = norm(x, no, logic), norm(off, y, logic)
            s3 += g * norm(x, y, logic)
            s4 += g * only_x
            s5 += g * only_y
            s6 += g * norm(off, no, logic)
            s7 += g * (1.0 - norm(1.0 - only_x, 1.0 - only_y, logic))
    terms: tl.constexpr = 4 if logic == "product" else 8
    _sum(parts, gate, there, terms, 0, s0)
    _sum(parts, gate, there, terms, 1, s1)
    _sum(parts, gate, there, terms, 2, s2)
    _sum(parts, gate, there, terms, 3, s3)
    if logic != "product":
        _sum(parts, gate, there, terms, 4, s4)
        _sum(parts, gate, there, terms, 5, s5)
        _sum(parts, gate, there, terms, 6, s6)
        _sum(parts, gate, there, terms, 7, s7)


@triton.jit
def _planes(
    planes: tl.tensor,
    indices: tl.tensor,
    coefficients: tl.tensor,
    gradient: tl.tensor,
    places: tl.tensor,
    starts: tl.tensor,
    reads: tl.tensor,
    rows: tl.tensor,
    gates: tl.tensor,
    samples: tl.tensor,
    logic: tl.constexpr,
    high: tl.constexpr,
    wide: tl.constexpr,
) -> None:
    row = (tl.program_id(0) * high + tl.arange(0, high).to(tl.int64))[:, None]
    sample = (tl.program_id(1) * wide + tl.arange(0, wide).to(tl.int64))[None, :]
    there = row < rows
    inside = there & (sample < samples)
    start = tl.load(starts + row, mask=there, other=0)
    count = tl.load(starts + row + 1, mask=there, other=0) - start
    own = tl.load(planes + row * samples + sample, mask=inside, other=0.0).to(tl.float32)
    total = tl.zeros((high, wide), tl.float32)
    for number in range(tl.max(tl.max(count, 1), 0)):
        read = number < count
        place = tl.load(places + start + number, mask=read, other=0)
        second = place >= gates  # this row is the gate's second input
        gate = tl.where(second, place - gates, place)
        side = second.to(tl.int64)
        partner = tl.load(indices + tl.where(second, gate, place + gates), mask=read, other=0)
        both = read & inside
        g = tl.load(gradient + gate * samples + sample, mask=both, other=0.0).to(tl.float32)
        y = tl.load(planes + partner * samples + sample, mask=both, other=0.0).to(tl.float32)
        if logic == "product":
            mine = _coefficient(coefficients, gate, read, 4, 1 + side)
            joint = _coefficient(coefficients, gate, read, 4, 3)
            total += g * (mine + joint * y)
        else:
            # as in `kernels`, with this row's input for x: it is the gate's y where it is second
            mine = _coefficient(coefficients, gate, read, 8, 1 + side)
            both_on = _coefficient(coefficients, gate, read, 8, 3)
            only_mine = _coefficient(coefficients, gate, read, 8, 4 + side)
            only_other = _coefficient(coefficients, gate, read, 8, 5 - side)
            neither = _coefficient(coefficients, gate, read, 8, 6)
            differ = _coefficient(coefficients, gate, read, 8, 7)
            off, no = 1.0 - own, 1.0 - y
            u, v = 1.0 - norm(own, no, logic), 1.0 - norm(off, y, logic)
            found = mine + both_on * slope(own, y, logic)
            found += (only_mine + differ * slope(u, v, logic)) * slope(own, no, logic)
            found -= (only_other + differ * slope(v, u, logic)) * slope(off, y, logic)
            total += g * (found - neither * slope(off, no, logic))
    tl.store(reads + row * samples + sample, total, mask=inside)
