"""Kernel files: whole or refused, the same bytes every time, usable in threads and processes."""

from __future__ import annotations

import json
import multiprocessing
import pickle
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lgc
from lgc.backends.llvm import Llvm
from lgc.backends.llvm.artefact import MAGIC, Artefact, read_artefact
from lgc.backends.llvm.kernel import build_artefact, kernel_from_bytes
from lgc.backends.llvm.machine import machine
from lgc.errors import InputError
from lgc.files import atomic_write, check_writable
from lgc.reference import run
from tests.backends.corpus import batch, model
from tests.support import ROOT

NAME = "65 features"
DAMAGED = (
    "k.lgk: the kernel file is damaged or cut short\n"
    "  hint: compile the model again: lgc compile … -o …"
)


@pytest.fixture(scope="module")
def data() -> bytes:
    return build_artefact(model(NAME), machine()).to_bytes()


def test_round_trip(tmp_path: Path, data: bytes) -> None:
    kernel = kernel_from_bytes(data)
    kernel.save(tmp_path / "k.lgk")
    assert (tmp_path / "k.lgk").read_bytes() == data
    again = lgc.load_kernel(tmp_path / "k.lgk")
    x = batch(65, 300)
    expected = run(model(NAME), x)
    assert np.array_equal(again.predict(x), expected.classes)
    assert np.array_equal(again.bits(x), expected.bits)  # compiled after loading
    assert lgc.check(lgc.Model(model(NAME)), again)
    again.save(tmp_path / "with_bits.lgk")
    assert np.array_equal(lgc.load_kernel(tmp_path / "with_bits.lgk").bits(x), expected.bits)
    assert list(tmp_path.glob(".*")) == []


def test_same_input_same_bytes(data: bytes) -> None:
    code = (
        "import sys, hashlib; from tests.backends.corpus import model;"
        "from lgc.backends.llvm.kernel import build_artefact;"
        "from lgc.backends.llvm.machine import machine;"
        f"data = build_artefact(model({NAME!r}), machine()).to_bytes();"
        "print(hashlib.sha256(data).hexdigest())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    import hashlib

    assert done.stdout.strip() == hashlib.sha256(data).hexdigest()


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        lgc.load_kernel(tmp_path / "none.lgk")
    assert (
        str(caught.value) == f"{tmp_path / 'none.lgk'}: cannot be read: No such file or directory"
    )


def test_something_else() -> None:
    with pytest.raises(InputError) as caught:
        read_artefact(b"hello, world", "k.lgk")
    assert (
        str(caught.value) == "k.lgk: this is not a kernel file\n  hint: lgc compile … -o model.lgk"
    )


def test_every_truncation_is_refused(data: bytes) -> None:
    for length in [*range(4, 200, 7), *range(200, len(data), len(data) // 50)]:
        with pytest.raises(InputError) as caught:
            read_artefact(data[:length], "k.lgk")
        assert str(caught.value) == DAMAGED


@settings(max_examples=150)
@given(st.data())
def test_every_changed_byte_is_refused(data: bytes, choice: st.DataObject) -> None:
    place = choice.draw(st.integers(0, len(data) - 1))
    changed = bytearray(data)
    changed[place] ^= choice.draw(st.integers(1, 255))
    with pytest.raises(InputError):
        read_artefact(bytes(changed), "k.lgk")


def altered(data: bytes, **facts: object) -> bytes:
    """The file with other facts and a digest to match."""
    whole = read_artefact(data, "k.lgk")
    return Artefact({**whole.facts, **facts}, whole.blobs).to_bytes()


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        (
            {"requires": ["amx-tile", "sse2", "warp-drive"], "cpu": "enterprise"},
            "k.lgk: the kernel was built for enterprise, this processor lacks",
        ),
        (
            {"triple": "riscv64-unknown-linux"},
            "k.lgk: the kernel was built for riscv64-unknown-linux",
        ),
        ({"requires": 7}, DAMAGED),
        ({"requires": [1]}, DAMAGED),
        ({"machine": {}}, DAMAGED),
        ({"machine": "native"}, DAMAGED),
        ({"triple": None}, DAMAGED),
        ({"features": "many"}, DAMAGED),
        ({"features": 64}, DAMAGED),
        ({"classes": -1}, DAMAGED),
        ({"outputs": 10**12}, DAMAGED),
        ({"scores.scratch_bytes": 1}, DAMAGED),
    ],
)
def test_facts_that_cannot_be(data: bytes, facts: dict, message: str) -> None:
    with pytest.raises(InputError) as caught:
        kernel_from_bytes(altered(data, **facts), "k.lgk")
    assert str(caught.value).startswith(message)


def test_blobs_of_odd_lengths(data: bytes) -> None:
    whole = read_artefact(data, "k.lgk")
    with pytest.raises(InputError) as caught:
        kernel_from_bytes(
            Artefact(whole.facts, {**whole.blobs, "feature": b"123"}).to_bytes(), "k.lgk"
        )
    assert str(caught.value) == DAMAGED
    kernel = kernel_from_bytes(Artefact(whole.facts, {**whole.blobs, "module": b"?"}).to_bytes())
    with pytest.raises(InputError) as caught:
        _ = kernel.module
    assert str(caught.value) == "<kernel>: the model inside is damaged"


@pytest.mark.parametrize("blob", ["module", "feature", "level", "runtime", "scores.0"])
def test_a_blob_that_is_not_there(data: bytes, blob: str) -> None:
    whole = read_artefact(data, "k.lgk")
    blobs = {name: value for name, value in whole.blobs.items() if name != blob}
    with pytest.raises(InputError) as caught:
        kernel_from_bytes(Artefact(whole.facts, blobs).to_bytes(), "k.lgk")
    assert str(caught.value) == DAMAGED


@pytest.mark.parametrize(
    "header", [b"[]", b"{}", b"7", b'{"facts": 1, "blobs": 2, "digest": 3}', b"\xff"]
)
def test_headers_that_cannot_be(header: bytes) -> None:
    with pytest.raises(InputError) as caught:
        read_artefact(MAGIC + len(header).to_bytes(4, "little") + header, "k.lgk")
    assert str(caught.value) == DAMAGED
    assert json.dumps(str(caught.value))


def test_threads_share_a_kernel(data: bytes) -> None:
    kernel = kernel_from_bytes(data)
    batches = [batch(65, 200 + 37 * i, i) for i in range(12)]
    expected = [run(model(NAME), x) for x in batches]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(5):
            classes = list(pool.map(kernel.predict, batches))
            bits = list(pool.map(kernel.bits, batches))
            for one, other, right in zip(classes, bits, expected):
                assert np.array_equal(one, right.classes)
                assert np.array_equal(other, right.bits)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_kernels_travel_to_processes(data: bytes, method: str) -> None:
    kernel = kernel_from_bytes(data)
    x = batch(65, 100)
    expected = kernel.predict(x)
    assert np.array_equal(pickle.loads(pickle.dumps(kernel)).predict(x), expected)
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        assert np.array_equal(pool.submit(kernel.predict, x).result(timeout=60), expected)


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "k.lgk"
    target.write_text("old")
    with pytest.raises(RuntimeError, match="power cut"), atomic_write(target) as temporary:
        temporary.write_text("half")
        raise RuntimeError("power cut")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_writing_where_nothing_can_be_written(tmp_path: Path) -> None:
    missing = tmp_path / "none" / "k.lgk"
    with pytest.raises(InputError) as caught:
        Llvm().write(model("one gate"), missing, {})
    assert str(caught.value) == f"{missing}: cannot be written: No such file or directory"
    with pytest.raises(InputError) as caught:
        check_writable(missing)
    assert str(caught.value) == f"{missing}: the folder {missing.parent} does not exist"
    with pytest.raises(InputError) as caught:
        check_writable(tmp_path)
    assert str(caught.value) == f"{tmp_path}: is a folder, a file name is needed"
