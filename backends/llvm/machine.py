"""Machines: what LLVM generates code for, how wide a plane is there, which instructions help."""

from __future__ import annotations

import platform
from dataclasses import dataclass, replace
from functools import cache

import llvmlite.binding as llvm

from lgc.errors import UsageError

WORD = 64
WIDTHS = (512, 256, 128, WORD)
"""Bits a plane may have, on any machine; LLVM splits what is wider than a register."""


@dataclass(frozen=True)
class Machine:
    """A target.

    Attributes:
        name: as given by the user: ``native`` or one of `NAMED`.
        triple, cpu, features: for LLVM.
        plane_bits: samples computed at once; by default the width of the widest useful register.
        ternary: it has one instruction for any function of three planes (AVX-512 `vpternlog`).
    """

    name: str
    triple: str
    cpu: str
    features: str
    plane_bits: int
    ternary: bool

    @property
    def affine(self) -> bool:
        """It transposes 8 × 8 bits in one instruction (GFNI on whole registers)."""
        return self.ternary and {"gfni", "avx512vbmi"} <= self.required()

    @property
    def selects(self) -> bool:
        """It has one instruction for ``a ? b : c`` on planes (AArch64 `BSL`).

        LLVM finds it, and `EOR3` and `BCAX` where the machine has them, in and, or, xor.
        """
        return self.architecture == "aarch64" and self.plane_bits > WORD

    @property
    def architecture(self) -> str:
        """The first word of the triple, by one name for each."""
        return _architecture(self.triple)

    @property
    def plane_bytes(self) -> int:
        return self.plane_bits // 8

    @property
    def words(self) -> int:
        """64-bit words in a plane."""
        return self.plane_bits // 64

    def required(self) -> frozenset[str]:
        """Instruction set extensions that the generated code may use."""
        return frozenset(f[1:] for f in self.features.split(",") if f.startswith("+"))

    def target_machine(self, level: int) -> llvm.TargetMachine:
        """LLVM's code generator for this machine at optimisation level 0 to 3."""
        return _target(self.triple).create_target_machine(
            cpu=self.cpu, features=self.features, opt=level, reloc="pic", codemodel="default"
        )


@dataclass(frozen=True)
class Kind:
    """A row of `NAMED`: architecture, LLVM's cpu and features, plane width, ternary logic."""

    architecture: str
    cpu: str
    features: tuple[str, ...]
    plane_bits: int
    ternary: bool = False


_SSE4 = ("ssse3", "sse4.1", "sse4.2", "popcnt")
_AVX2 = (*_SSE4, "avx", "avx2", "bmi", "bmi2", "fma", "movbe", "lzcnt", "f16c")
_AVX512 = (*_AVX2, "avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl")

NAMED = {
    "x86-64": Kind("x86_64", "x86-64", (), 128),
    "x86-64-v2": Kind("x86_64", "x86-64-v2", _SSE4, 128),
    "x86-64-v3": Kind("x86_64", "x86-64-v3", _AVX2, 256),
    "x86-64-v4": Kind("x86_64", "x86-64-v4", _AVX512, 512, ternary=True),
    "aarch64": Kind("aarch64", "generic", ("neon",), 128),
    "aarch64-sha3": Kind("aarch64", "generic", ("neon", "sha3"), 128),
    "riscv64": Kind("riscv64", "generic-rv64", ("m", "a", "f", "d", "c"), 64),
}
"""Machines by name."""

PLAIN = "plain"
"""The name of any machine with 64-bit words and nothing else, of the architecture here."""

_BASE = {"x86_64": "x86-64", "riscv64": "generic-rv64", "aarch64": "generic"}
"""LLVM's name of the least that an architecture has."""


def machine(name: str | None = None, plane_bits: int | None = None) -> Machine:
    """A machine by name; None or ``native`` is the one lgc runs on.

    Args:
        plane_bits: another width of planes than its widest.

    Raises:
        UsageError: the name is unknown, or there are no planes of that width.
    """
    if name in (None, "native"):
        found = _native()
    elif name == PLAIN:
        triple = llvm.get_process_triple()
        found = Machine(PLAIN, triple, _BASE.get(_architecture(triple), ""), "", WORD, False)
    elif name in NAMED:
        kind = NAMED[name]
        features = ",".join(f"+{feature}" for feature in kind.features)
        triple = _triple(kind.architecture)
        found = Machine(name, triple, kind.cpu, features, kind.plane_bits, kind.ternary)
    else:
        known = ", ".join(["native", *NAMED, PLAIN])
        raise UsageError(
            f"there is no machine called {name!r}", where="--cpu", hint=f"one of {known}"
        )
    return found if plane_bits is None else _with_planes(found, plane_bits)


def names(text: str | None) -> list[str]:
    """Names of machines with commas between them, each once; ``native`` where there are none."""
    parts = [part.strip() for part in (text or "").split(",")]
    return list(dict.fromkeys(part for part in parts if part)) or ["native"]


def _with_planes(found: Machine, plane_bits: int) -> Machine:
    if plane_bits not in WIDTHS:
        raise UsageError(
            f"there are no planes of {plane_bits} bits",
            where="--plane-bits",
            hint=f"one of {', '.join(map(str, WIDTHS))}",
        )
    return replace(found, plane_bits=plane_bits, ternary=found.ternary and plane_bits > WORD)


def _architecture(triple: str) -> str:
    first = triple.partition("-")[0]
    return {"arm64": "aarch64", "amd64": "x86_64"}.get(first, first)


def _triple(architecture: str) -> str:
    """This system's triple if it is of that architecture, else one of Linux."""
    here = llvm.get_process_triple()
    return here if _architecture(here) == architecture else f"{architecture}-unknown-linux-gnu"


@cache
def _native() -> Machine:
    features = host_features()
    if {"avx512f", "avx512bw", "avx512vl"} <= features:
        bits = 512
    elif "avx2" in features:
        bits = 256
    elif features & {"sse2", "neon"} or platform.machine() in ("aarch64", "arm64"):
        bits = 128
    else:
        bits = WORD
    return Machine(
        "native",
        llvm.get_process_triple(),
        llvm.get_host_cpu_name(),
        ",".join(f"+{feature}" for feature in sorted(features)),
        bits,
        bits == 512,
    )


@cache
def host_features() -> frozenset[str]:
    """Instruction set extensions of this machine, by LLVM's names."""
    found = llvm.get_host_cpu_features()
    return frozenset(name for name, present in found.items() if present)


@cache
def _target(triple: str) -> llvm.Target:
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    llvm.initialize_native_asmparser()
    return llvm.Target.from_triple(triple)
