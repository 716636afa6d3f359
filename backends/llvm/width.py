"""How wide a plane is, and which engine runs it, where the user does not say.

Straight code has planes as wide as registers. Narrower ones would halve what a program keeps in
the caches, but it reads its own instructions once a plane, and they are as many for any width:
48,000 gates take 35, 43 and 75 ns an image at 512, 256 and 128 bits, where all planes fit L2, and
1,000,000 gates 350 and 520 at 512 and 256, where planes and code do not (AVX-512, one core of a
Zen 4). Running each segment over several blocks before the next, which LLVM's code could do, gains
5 % at two and loses 20 % at four.

The table engine has planes of 512 bits on every machine: reading a record costs as much as several
instructions on planes, whatever their width. 48,000 gates take 350 and 220 ns at 128 and 512 bits
on SSE2, 210 and 144 at 256 and 512 on AVX2; 1,000,000 gates gain as much.
"""

from __future__ import annotations

from typing import get_args

from lgc.chain import Chain
from lgc.errors import UsageError
from lgc.interfaces import EngineName

from .codegen import Engine, choose_engine
from .machine import WIDTHS, Machine, machine

ENGINES: tuple[str, ...] = get_args(EngineName)


def check(cpu: str | None, engine: str, plane_bits: int | None) -> None:
    """Find out before any work whether there is such a machine, engine and width.

    Raises:
        UsageError: there is not.
    """
    machine(cpu, plane_bits)
    if engine not in ENGINES:
        raise UsageError(
            f"there is no engine called {engine!r}",
            where="--engine",
            hint=f"one of {', '.join(ENGINES)}",
        )


def settle(
    chain: Chain, cpu: str | None, engine: EngineName, plane_bits: int | None
) -> tuple[Machine, Engine]:
    """The machine, with its planes, and the engine for a model."""
    target = machine(cpu, plane_bits)
    chosen = choose_engine(chain, target) if engine == "auto" else engine
    if plane_bits is None and chosen == "table":
        target = machine(cpu, max(WIDTHS))
    return target, chosen
