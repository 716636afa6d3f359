"""What a frontend makes of ``--state`` and ``--initial``: which bits are a state, and its start."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .errors import InputError, UsageError
from .exchange.circuit import NO_REGISTERS, UNKNOWN, Registers
from .reading import LoadOptions

Bools = NDArray[np.bool_]


def initial_of(
    options: LoadOptions, reads: int, gives: int, where: str, registers: Registers = NO_REGISTERS
) -> Bools | None:
    """The state before the first step, bool ``(state,)``; None for a model without one.

    Args:
        reads, gives: bits that the circuit reads and gives, those of a state included.
        registers: those of the file.

    Raises:
        UsageError: ``--state`` or ``--initial`` do not fit, or a register starts with nothing known
            and ``--initial`` is missing.
        InputError: more bits of state are wanted than the circuit reads or gives.
    """
    if not len(registers) and options.state is None:
        return None
    if len(registers) and options.state is not None:
        raise UsageError(
            f"the file has {len(registers)} registers of its own",
            where="--state",
            hint="leave it out: the file says it",
        )
    if options.state is None:
        known = registers.initial
    else:
        _check(options.state, reads, gives, where)
        known = np.full(options.state, UNKNOWN, np.int8)
        if options.initial is None:
            known[:] = 0
    given = _given(options.initial, len(known))
    unknown = known == UNKNOWN
    if given is None and unknown.any():
        raise UsageError(
            f"{int(unknown.sum())} of {len(known)} registers start with a value that the file does "
            "not say",
            where=where,
            hint="--initial 0 or 1, or a digit for each register",
        )
    return np.where(unknown, False if given is None else given, known == 1)


def _check(state: int, reads: int, gives: int, where: str) -> None:
    if state < 1:
        raise UsageError(f"a state has at least one bit, not {state}", where="--state")
    if state > reads or state >= gives:
        raise InputError(
            f"a circuit of {reads} inputs and {gives} outputs has no {state} bits of state beside "
            "a result",
            where=where,
            hint="is --state right?",
        )


def _given(text: str | None, state: int) -> Bools | None:
    if text is None:
        return None
    if set(text) - set("01") or len(text) not in (1, state):
        raise UsageError(
            f"{text[:40]!r} is not what {state} bits start with",
            where="--initial",
            hint=f"0 or 1 for all of them, or {state} digits",
        )
    return np.broadcast_to(np.frombuffer(text.encode(), np.uint8) == ord("1"), (state,))
