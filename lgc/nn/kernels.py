"""Layers of gates on a CPU: loops that numba compiles, over planes, one row for each neuron.

A gate reads two rows of planes and writes one, in vectors of samples.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from .buffers import empty
from .logics import Logic, Norm
from .loops import Indices, Planes, compiled, sliced, summed


def forward(
    logic: Logic, planes: Planes, left: Indices, right: Indices, coefficients: Planes
) -> Planes:
    """Values of gates, float32 ``(out, samples)``.

    Args:
        planes: ``(in, samples)``.
        left, right: rows that a gate reads, ``(out,)`` each.
        coefficients: ``(out, terms)``, of the terms of the logic.
    """
    values = empty((len(left), planes.shape[1]))
    run = kernels_of(logic.name, logic.norm, logic.slope)[0]

    def work(start: int, stop: int) -> None:
        run(planes, left, right, coefficients, values, start, stop)

    sliced(work, planes.shape[1])
    return values


def backward(
    logic: Logic,
    planes: Planes,
    left: Indices,
    right: Indices,
    coefficients: Planes,
    gradient: Planes,
    wanted: bool,
) -> tuple[Planes | None, Planes]:
    """Gradients of planes, if they are wanted, and of coefficients.

    Args:
        gradient: of the values, ``(out, samples)``.
    """
    samples = planes.shape[1]
    reads = empty(planes.shape if wanted else (1, samples))
    run = kernels_of(logic.name, logic.norm, logic.slope)[1 if wanted else 2]

    def work(start: int, stop: int, part: Planes) -> None:
        run(planes, left, right, coefficients, gradient, reads, part, start, stop)

    parts = summed(work, samples, coefficients.shape)
    return reads if wanted else None, parts


@cache
def kernels_of(name: str, norm: Norm, slope: Norm) -> tuple[Callable[..., None], ...]:
    """Values; gradients of planes and coefficients; gradients of coefficients alone."""
    if name == "product":
        return _product_forward, _product_backward, _product_coefficients
    return _norm_kernels(compiled(norm), compiled(slope))


@compiled
def _four(coefficients: Any, gate: int) -> Any:
    """A row, by elements: numba would make an array of it first."""
    return (
        coefficients[gate, 0], coefficients[gate, 1], coefficients[gate, 2], coefficients[gate, 3]
    )  # fmt: skip


@compiled
def _four_behind(coefficients: Any, gate: int) -> Any:
    return (
        coefficients[gate, 4], coefficients[gate, 5], coefficients[gate, 6], coefficients[gate, 7]
    )  # fmt: skip


@compiled
def _product_forward(
    planes: Any, left: Any, right: Any, coefficients: Any, values: Any, start: int, stop: int
) -> None:
    for gate in range(len(left)):
        x, y = planes[left[gate], start:stop], planes[right[gate], start:stop]
        made = values[gate, start:stop]
        a, b, c, d = _four(coefficients, gate)
        for i in range(stop - start):
            made[i] = a + b * x[i] + (c + d * x[i]) * y[i]


@compiled
def _product_backward(
    planes: Any, left: Any, right: Any, coefficients: Any, gradient: Any, reads: Any, parts: Any,
    start: int, stop: int,
) -> None:  # fmt: skip
    for row in range(len(reads)):
        reads[row, start:stop] = 0
    for gate in range(len(left)):
        x, y = planes[left[gate], start:stop], planes[right[gate], start:stop]
        to_x, to_y = reads[left[gate], start:stop], reads[right[gate], start:stop]
        g = gradient[gate, start:stop]
        _, b, c, d = _four(coefficients, gate)
        a_, b_, c_, d_ = np.float32(0), np.float32(0), np.float32(0), np.float32(0)
        for i in range(stop - start):
            gx = g[i] * x[i]
            a_ += g[i]
            b_ += gx
            c_ += g[i] * y[i]
            d_ += gx * y[i]
            to_x[i] += g[i] * (b + d * y[i])
        for i in range(stop - start):  # apart: both may be one row
            to_y[i] += g[i] * (c + d * x[i])
        parts[gate, 0], parts[gate, 1], parts[gate, 2], parts[gate, 3] = a_, b_, c_, d_


@compiled
def _product_coefficients(
    planes: Any, left: Any, right: Any, coefficients: Any, gradient: Any, reads: Any, parts: Any,
    start: int, stop: int,
) -> None:  # fmt: skip
    for gate in range(len(left)):
        x, y = planes[left[gate], start:stop], planes[right[gate], start:stop]
        g = gradient[gate, start:stop]
        a_, b_, c_, d_ = np.float32(0), np.float32(0), np.float32(0), np.float32(0)
        for i in range(stop - start):
            gx = g[i] * x[i]
            a_ += g[i]
            b_ += gx
            c_ += g[i] * y[i]
            d_ += gx * y[i]
        parts[gate, 0], parts[gate, 1], parts[gate, 2], parts[gate, 3] = a_, b_, c_, d_


def _norm_kernels(norm: Any, slope: Any) -> tuple[Callable[..., None], ...]:
    """The three kernels of a t-norm, with eight terms."""
    one = np.float32(1)

    @compiled
    def differ(x: Any, y: Any) -> Any:
        return one - norm(one - norm(x, one - y), one - norm(one - x, y))

    @compiled
    def values_of(
        planes: Any, left: Any, right: Any, coefficients: Any, values: Any, start: int, stop: int
    ) -> None:
        for gate in range(len(left)):
            xs, ys = planes[left[gate], start:stop], planes[right[gate], start:stop]
            made = values[gate, start:stop]
            c0, c1, c2, c3 = _four(coefficients, gate)
            c4, c5, c6, c7 = _four_behind(coefficients, gate)
            for i in range(stop - start):
                x, y = xs[i], ys[i]
                off, no = one - x, one - y
                made[i] = (
                    c0 + c1 * x + c2 * y + c3 * norm(x, y) + c4 * norm(x, no) + c5 * norm(off, y)
                    + c6 * norm(off, no) + c7 * differ(x, y)
                )  # fmt: skip

    @compiled
    def coefficients_of(
        planes: Any, left: Any, right: Any, coefficients: Any, gradient: Any, reads: Any,
        parts: Any, start: int, stop: int,
    ) -> None:  # fmt: skip
        for gate in range(len(left)):
            xs, ys = planes[left[gate], start:stop], planes[right[gate], start:stop]
            gs = gradient[gate, start:stop]
            zero = np.float32(0)
            s0, s1, s2, s3, s4, s5, s6, s7 = zero, zero, zero, zero, zero, zero, zero, zero
            for i in range(stop - start):
                x, y, g = xs[i], ys[i], gs[i]
                off, no = one - x, one - y
                s0 += g
                s1 += g * x
                s2 += g * y
                s3 += g * norm(x, y)
                s4 += g * norm(x, no)
                s5 += g * norm(off, y)
                s6 += g * norm(off, no)
                s7 += g * differ(x, y)
            parts[gate, 0], parts[gate, 1], parts[gate, 2], parts[gate, 3] = s0, s1, s2, s3
            parts[gate, 4], parts[gate, 5], parts[gate, 6], parts[gate, 7] = s4, s5, s6, s7

    @compiled
    def gradients_of(
        planes: Any, left: Any, right: Any, coefficients: Any, gradient: Any, reads: Any,
        parts: Any, start: int, stop: int,
    ) -> None:  # fmt: skip
        for row in range(len(reads)):
            reads[row, start:stop] = 0
        for gate in range(len(left)):
            xs, ys = planes[left[gate], start:stop], planes[right[gate], start:stop]
            to_x, to_y = reads[left[gate], start:stop], reads[right[gate], start:stop]
            gs = gradient[gate, start:stop]
            _, c1, c2, c3 = _four(coefficients, gate)
            c4, c5, c6, c7 = _four_behind(coefficients, gate)
            # x ⊕ y = S(u, v) with u = T(x, ¬y), v = T(¬x, y); ∂S/∂u = ∂T(¬u, ¬v)/∂¬u
            for i in range(stop - start):
                x, y = xs[i], ys[i]
                off, no = one - x, one - y
                u, v = one - norm(x, no), one - norm(off, y)
                to_x[i] += gs[i] * (
                    c1 + c3 * slope(x, y) + (c4 + c7 * slope(u, v)) * slope(x, no)
                    - (c5 + c7 * slope(v, u)) * slope(off, y) - c6 * slope(off, no)
                )  # fmt: skip
            for i in range(stop - start):  # apart: both may be one row
                x, y = xs[i], ys[i]
                off, no = one - x, one - y
                u, v = one - norm(x, no), one - norm(off, y)
                to_y[i] += gs[i] * (
                    c2 + c3 * slope(y, x) - (c4 + c7 * slope(u, v)) * slope(no, x)
                    + (c5 + c7 * slope(v, u)) * slope(y, off) - c6 * slope(no, off)
                )  # fmt: skip
        coefficients_of(
            planes, left, right, coefficients, gradient, reads, parts, start, stop
        )  # fmt: skip

    return values_of, gradients_of, coefficients_of
