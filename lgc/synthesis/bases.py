"""Bases: sets of gates that every function can be made of.

A basis is one of the named ones, or a list of gates: ``nimply,1``. A gate is a name, one of the
sixteen expressions in a and b, or a table in hexadecimal, of one digit for two fan-ins and of two
digits for three: ``0xe`` is NAND, ``0x17`` the majority.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import UsageError
from ..tables import TABLE_OF_EXPRESSION
from .post import obstacles


@dataclass(frozen=True)
class Gate:
    """A table of ``k`` fan-ins, 0 to 3; constants have none."""

    table: int
    k: int


GATES: dict[str, Gate] = {
    "0": Gate(0, 0),
    "1": Gate(1, 0),
    "not": Gate(0b10, 1),
    "and": Gate(0x1, 2),
    "or": Gate(0x7, 2),
    "xor": Gate(0x6, 2),
    "nand": Gate(0xE, 2),
    "nor": Gate(0x8, 2),
    "xnor": Gate(0x9, 2),
    "andn": Gate(0x2, 2),
    "nimply": Gate(0x2, 2),
    "orn": Gate(0xB, 2),
    "imply": Gate(0xD, 2),
    "and3": Gate(0x01, 3),
    "or3": Gate(0x7F, 3),
    "nand3": Gate(0xFE, 3),
    "nor3": Gate(0x80, 3),
    "xor3": Gate(0x69, 3),
    "maj": Gate(0x17, 3),
    "mux": Gate(0x53, 3),
}
"""Gates by name; ``andn`` and ``nimply`` are a ∧ ¬b, ``orn`` is a ∨ ¬b, ``imply`` ¬a ∨ b, ``mux``
a ? b : c."""

NAMED: dict[str, tuple[str, ...]] = {
    "nand": ("nand",),
    "nor": ("nor",),
    "and-not": ("and", "not"),
    "or-not": ("or", "not"),
    "xag": ("and", "xor", "not"),
    "mig": ("maj", "not", "0"),
    "mux": ("mux", "0", "1"),
}
"""Named bases. MAJ and NOT alone are self-dual, hence the constant."""


@dataclass(frozen=True)
class Basis:
    """Gates that make every function, without repetition, in a settled order."""

    gates: tuple[Gate, ...]

    @property
    def k(self) -> int:
        """Fan-ins of a netlist of these gates: 2 at least."""
        return max(2, *(gate.k for gate in self.gates))

    @property
    def constants(self) -> tuple[int, ...]:
        """The constants among the gates."""
        return tuple(gate.table for gate in self.gates if gate.k == 0)

    @property
    def proper(self) -> tuple[Gate, ...]:
        """The gates that read something."""
        return tuple(gate for gate in self.gates if gate.k > 0)


def parse_basis(text: str) -> Basis:
    """Read a named basis or a list of gates, separated by commas.

    Raises:
        UsageError: an unknown gate, or gates that do not make every function.
    """
    names = NAMED.get(text.strip()) or tuple(part.strip() for part in text.split(","))
    gates = {_gate(name): None for name in names}
    basis = Basis(tuple(sorted(gates, key=lambda gate: (gate.k, gate.table))))
    found = obstacles((gate.table, gate.k) for gate in basis.gates)
    if found:
        reasons = "; ".join(f"all {one.says}, so {one.lacks} cannot be made" for one in found)
        raise UsageError(
            f"{', '.join(names)}: not every function can be made of this: {reasons}",
            where="pass to-basis",
            hint=f"bases that make everything: {', '.join(NAMED)}",
        )
    return basis


def _gate(name: str) -> Gate:
    if name in GATES:
        return GATES[name]
    if name in TABLE_OF_EXPRESSION:
        return Gate(int(TABLE_OF_EXPRESSION[name]), 2)
    if match := re.fullmatch(r"0x([0-9a-fA-F]{1,2})", name):
        return Gate(int(match[1], 16), 1 + len(match[1]))
    raise UsageError(
        f"{name!r} is neither a basis nor a gate",
        where="pass to-basis",
        hint=f'bases: {", ".join(NAMED)}; gates, as in basis="nimply,1": {", ".join(GATES)}, '
        "or a table such as 0xe or 0x17",
    )
