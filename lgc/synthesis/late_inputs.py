"""Circuits for an input that comes late: one or two gates between it and the output.

With f₀ and f₁ for f where the late input x is 0 and 1: f = f₀ ∨ (x ∧ f₁) if f₀ ⊆ f₁, f = f₁ ∨
(¬x ∧ f₀) if f₁ ⊆ f₀, else f = f₀ ⊕ (x ∧ (f₀ ⊕ f₁)). Both parts are circuits of least depth.
"""

from __future__ import annotations

from collections.abc import Sequence

from .classes import INPUTS, classes
from .search import Circuit, Gate

_ONES = 0xFFFF
_VARIABLES = (0x00FF, 0x0F0F, 0x3333, 0x5555)
AND, XOR = 0, 1


def late_circuits(table: int, known: Sequence[Circuit | None]) -> list[Circuit]:
    """A circuit of a function for each input that it depends on, where that is another.

    Args:
        table: of four inputs.
        known: a circuit for every class, by number; None for the constant.
    """
    made: list[Circuit] = []
    for i, variable in enumerate(_VARIABLES):
        shift = 1 << (INPUTS - 1 - i)
        high, low = table & variable, table & ~variable
        one, zero = high | high << shift, low | low >> shift
        if one == zero:
            continue
        gates: list[Gate] = []
        x = 2 * i
        if zero & ~one == 0:
            output = _or(gates, _part(zero, known, gates), _and(gates, x, _part(one, known, gates)))
        elif one & ~zero == 0:
            late = _and(gates, x ^ 1, _part(zero, known, gates))
            output = _or(gates, _part(one, known, gates), late)
        else:
            early = _part(zero, known, gates)
            late = _and(gates, x, _part(zero ^ one, known, gates))
            output = _xor(gates, early, late)
        if output is not None and gates:
            made.append(Circuit(tuple(gates), output))
    return made


Signal = int | None
"""A literal; None and -1 for the constants 0 and 1."""


def _part(table: int, known: Sequence[Circuit | None], gates: list[Gate]) -> Signal:
    """The circuit of a function, added to the gates."""
    if table in (0, _ONES):
        return -1 if table else None
    every = classes()
    row = int(every.transform[table])
    circuit = known[int(every.number[table])]
    assert circuit is not None
    literal = [
        2 * int(variable) + int(phase)
        for variable, phase in zip(every.order[row], every.phase[row])
    ]
    for kind, a, b in circuit.gates:
        one, other = (literal[lit >> 1] ^ (lit & 1) for lit in (a, b))
        made = _xor(gates, one, other) if kind else _and(gates, one, other)
        assert made is not None
        literal.append(made)
    return literal[circuit.output >> 1] ^ (circuit.output & 1) ^ int(every.sign[row])


def _gate(gates: list[Gate], gate: Gate) -> int:
    if gate not in gates:
        gates.append(gate)
    return 2 * (INPUTS + gates.index(gate))


def _and(gates: list[Gate], a: Signal, b: Signal) -> Signal:
    if a is None or b is None:
        return None
    if a == -1 or b == -1:
        return b if a == -1 else a
    return _gate(gates, (AND, min(a, b), max(a, b)))


def _or(gates: list[Gate], a: Signal, b: Signal) -> Signal:
    if a is None or b is None:
        return b if a is None else a
    if -1 in (a, b):
        return -1
    return _gate(gates, (AND, min(a, b) ^ 1, max(a, b) ^ 1)) ^ 1


def _xor(gates: list[Gate], a: Signal, b: Signal) -> Signal:
    if a is None or b is None:
        return b if a is None else a
    if -1 in (a, b):
        return (b if a == -1 else a) ^ 1
    sign = (a ^ b) & 1
    return _gate(gates, (XOR, min(a, b) & ~1, max(a, b) & ~1)) ^ sign
