"""Damaged files: whatever is done to the bytes, the answer is a checkpoint or an `InputError`."""

from __future__ import annotations

import io
import time
from pathlib import Path

import numpy as np
import pytest

from lgc.checkpoint import read_checkpoint
from lgc.errors import InputError
from lgc.netlist_text import parse_netlist
from lgc.text import parse_module
from tests.checkpoint.test_readers import safetensors, tensor_program, torch_zip

ROUNDS = 400
"""Mutations of each seed file in a test run; the script at the end takes any number."""


def seeds() -> dict[str, bytes]:
    arrays = io.BytesIO()
    np.savez(arrays, **{"1.weights": np.eye(3, 16), "1.indices": np.zeros((2, 3), int)})
    return {
        "torch": torch_zip(tensor_program(6, 0, (2, 3), (3, 1)), {"0": bytes(range(24))}),
        "npz": arrays.getvalue(),
        "safetensors": safetensors({"w": ("F32", [2], np.array([1, 2], "<f4"))}),
        "netlist": b"in 2; %2 = a&~b %0 %1; %3 = 0x6 %2 %0; out %2 %3",
        "module": b"func.func @main(%x: !logic.bits<2>) -> !logic.bits<1> {\n%0 = logic.circuit %x : "
        b'!logic.bits<2> -> !logic.bits<1> ["in 2", "%2 = a&b %0 %1", "out %2"]\n'
        b"func.return %0 : !logic.bits<1>\n}",
    }


def mutate(data: bytes, random: np.random.Generator) -> bytes:
    """A few changes of the kinds that disks, editors and attackers make."""
    changed = bytearray(data)
    for _ in range(int(random.integers(1, 5))):
        if not changed:
            break
        place = int(random.integers(0, len(changed)))
        kind = int(random.integers(0, 6))
        if kind == 0:
            changed[place] = int(random.integers(0, 256))
        elif kind == 1:
            changed[place] ^= 1 << int(random.integers(0, 8))
        elif kind == 2:
            del changed[place : place + int(random.integers(1, 20))]
        elif kind == 3:
            changed[place:place] = changed[place : place + int(random.integers(1, 40))]
        elif kind == 4:
            changed[place : place + 4] = b"\xff\xff\xff\x7f"
        else:
            changed[place:place] = bytes(random.integers(0, 256, 3).astype(np.uint8))
    return bytes(changed)


def one_round(kind: str, data: bytes, seed: int, folder: Path) -> None:
    changed = mutate(data, np.random.default_rng(seed))
    start = time.monotonic()
    try:
        if kind == "netlist":
            parse_netlist(changed.decode("latin1"))
        elif kind == "module":
            parse_module(changed.decode("latin1"))
        else:
            (folder / "m").write_bytes(changed)
            read_checkpoint(folder / "m")
    except InputError:
        pass
    except BaseException as error:
        error.add_note(f"{kind}, seed {seed}: {changed!r}")
        raise
    assert time.monotonic() - start < 30, f"{kind}, seed {seed}"


@pytest.mark.parametrize("kind", seeds())
def test_mutations(kind: str, tmp_path: Path) -> None:
    for seed in range(ROUNDS):
        one_round(kind, seeds()[kind], seed, tmp_path)


if __name__ == "__main__":
    import itertools
    import sys
    import tempfile

    with tempfile.TemporaryDirectory() as scratch:
        for number in itertools.count(int(sys.argv[1])):
            for name, whole in seeds().items():
                one_round(name, whole, number, Path(scratch))
            if number % 1_000 == 999:
                print(f"{number + 1} rounds", flush=True)
