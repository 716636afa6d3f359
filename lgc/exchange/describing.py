"""What a circuit file holds, in rows of a table."""

from __future__ import annotations

from .circuit import Circuit, Names

Rows = tuple[tuple[str, str], ...]


def rows_of(circuit: Circuit) -> Rows:
    """Inputs, gates, outputs, and the names of the first and last of the ports."""
    net = circuit.net
    return (
        ("inputs", f"{net.inputs:,} bits{_named(circuit.inputs)}"),
        ("gates", f"{net.gates:,}, of up to {net.k} inputs"),
        ("outputs", f"{len(net.outputs):,} bits{_named(circuit.outputs)}"),
    )


def _named(names: Names | None) -> str:
    if not names:
        return ""
    return f", {names[0][:40]}" + (f" to {names[-1][:40]}" if len(names) > 1 else "")
