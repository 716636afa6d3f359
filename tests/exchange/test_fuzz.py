"""Damaged circuit files: whatever is done to the bytes, the answer is a circuit or an error of ours."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lgc.errors import InputError, UnsupportedError, UsageError
from lgc.exchange.aiger import read_aiger, write_aiger
from lgc.exchange.bench import read_bench, write_bench
from lgc.exchange.blif import read_blif, write_blif
from lgc.exchange.circuit import Circuit
from lgc.exchange.gate_list import as_layers, read_gate_list, write_gate_list
from lgc.exchange.metadata import read_metadata
from lgc.exchange.pla import read_pla
from lgc.exchange.truth import read_truth
from lgc.exchange.yosys_json import read_yosys_json
from tests.checkpoint.test_fuzz import mutate
from tests.exchange.cases import joined, random_net

CIRCUITS = Path(__file__).parent.parent / "frontends" / "fixtures" / "circuits"

ROUNDS = 250
"""Mutations of each seed in a test run; the script at the end takes any number."""


def seeds() -> dict[str, tuple[bytes, Callable[[bytes], object]]]:
    circuit = Circuit(random_net(3, 12, 5, inputs=4, outputs=4), tuple("abcd"), None, "a comment")
    narrow = Circuit(random_net(2, 12, 5, inputs=4, outputs=4), tuple("abcd"))
    lists = joined(write_gate_list(as_layers([random_net(2, 6, 1, inputs=3, outputs=3)])))
    wide = (
        b".inputs a b c d e f g h\n.outputs y\n.names a b c d e f g h y\n1-0-11-0 1\n-------1 1\n"
    )
    return {
        "aig": (joined(write_aiger(circuit, True)), lambda data: read_aiger(data, "f")),
        "aag": (joined(write_aiger(circuit, False)), lambda data: read_aiger(data, "f")),
        "blif": (joined(write_blif(circuit)), lambda data: read_blif(data, "f")),
        "wide blif": (wide, lambda data: read_blif(data, "f")),
        "bench": (joined(write_bench(narrow)), lambda data: read_bench(data, "f")),
        "lut bench": (joined(write_bench(circuit)), lambda data: read_bench(data, "f")),
        "csv": (lists, lambda data: read_gate_list(data, "f").netlists(3)),
        "yosys": (_yosys(), lambda data: read_yosys_json(data, "f")),
        "words of yosys": (
            (CIRCUITS / "words.json").read_bytes(),
            lambda data: read_yosys_json(data, "f"),
        ),
        "pla": (
            b".i 4\n.o 3\n.ilb a b c d\n.type fd\n1-01 1-0\n0--1 011\n--1- 001\n.e\n",
            lambda data: read_pla(data, "f"),
        ),
        "truth table": (
            b"0110100110010110\n1000000000000001\n",
            lambda data: read_truth(data, "f"),
        ),
        "json": (
            b'{"in_dim": 4, "class_count": 2, "tau": 1.5, "logic_layer_sizes": [3, 4], '
            b'"preprocess": {"binarization": {"type": "single_threshold", "threshold": 0.5}}}',
            lambda data: read_metadata(data.decode("latin1"), "f"),
        ),
    }


def _yosys() -> bytes:
    """A few of the cells of an FPGA; others leave bits without a driver, which is an error of ours."""
    content = json.loads((CIRCUITS / "largest_ice40.json").read_text())
    cells = content["modules"]["largest"]["cells"]
    for name in list(cells)[12:]:
        del cells[name]
    content["modules"]["largest"].pop("netnames")
    driven = [
        bits["O"][0] for bits in (cell["connections"] for cell in cells.values()) if "O" in bits
    ]
    content["modules"]["largest"]["ports"]["y"]["bits"] = driven[:4]
    return json.dumps(content).encode()


def one_round(kind: str, data: bytes, read: Callable[[bytes], object], seed: int) -> None:
    changed = mutate(data, np.random.default_rng(seed))
    start = time.monotonic()
    try:
        read(changed)
    except (InputError, UnsupportedError, UsageError):
        pass
    except BaseException as error:
        error.add_note(f"{kind}, seed {seed}: {changed!r}")
        raise
    assert time.monotonic() - start < 30, f"{kind}, seed {seed}"


SEEDS = seeds()


@pytest.mark.parametrize("kind", SEEDS)
def test_mutations(kind: str) -> None:
    for seed in range(ROUNDS):
        one_round(kind, *SEEDS[kind], seed)


if __name__ == "__main__":
    import itertools
    import sys

    for number in itertools.count(int(sys.argv[1])):
        for name, (whole, reader) in SEEDS.items():
            one_round(name, whole, reader, number)
        if number % 1_000 == 999:
            print(f"{number + 1} rounds", flush=True)
