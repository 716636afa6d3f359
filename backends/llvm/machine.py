"""Machines: what LLVM generates code for, how wide a plane is there, which instructions help."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from functools import cache

import llvmlite.binding as llvm

from lgc.errors import UsageError


@dataclass(frozen=True)
class Machine:
    """A target.

    Attributes:
        name: as given by the user: ``native`` or one of `NAMED`.
        triple, cpu, features: for LLVM.
        plane_bits: samples computed at once, the width of the widest useful register.
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


NAMED = {
    "x86-64": ("x86-64", "", 128, False),
    "x86-64-v2": ("x86-64-v2", "", 128, False),
    "x86-64-v3": ("x86-64-v3", "", 256, False),
    "x86-64-v4": ("x86-64-v4", "", 512, True),
    "aarch64": ("generic", "+neon", 128, False),
}
"""Machines by name: LLVM's cpu, features, plane width, ternary logic."""

LEVELS = {
    "x86-64": (),
    "x86-64-v2": ("ssse3", "sse4.1", "sse4.2", "popcnt"),
    "x86-64-v3": ("avx", "avx2", "bmi", "bmi2", "fma", "movbe", "lzcnt", "f16c"),
    "x86-64-v4": ("avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"),
}
"""What each x86-64 level adds to the one before."""


def machine(name: str | None = None) -> Machine:
    """A machine by name; None or ``native`` is the one lgc runs on.

    Raises:
        UsageError: the name is unknown.
    """
    if name in (None, "native"):
        return _native()
    if name not in NAMED:
        known = ", ".join(["native", *NAMED])
        raise UsageError(
            f"there is no machine called {name!r}", where="--cpu", hint=f"one of {known}"
        )
    cpu, features, bits, ternary = NAMED[name]
    if name in LEVELS:
        names = list(LEVELS)
        needs = [f for level in names[: names.index(name) + 1] for f in LEVELS[level]]
        features = ",".join(f"+{feature}" for feature in needs)
    return Machine(name, _triple(name), cpu, features, bits, ternary)


def _triple(name: str) -> str:
    default = llvm.get_default_triple()
    return (
        default
        if default.startswith(name[:6])
        else f"{name.partition('-v')[0].replace('-', '_')}-unknown-linux-gnu"
    )


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
        bits = 64
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
