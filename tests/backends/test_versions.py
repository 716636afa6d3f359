"""Kernel files that carry a version for each of several machines."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lgc
from lgc.backends.llvm import Llvm
from lgc.backends.llvm.artefact import SEVERAL, Artefact, join, read_versions, widest
from lgc.backends.llvm.kernel import kernel_from_bytes
from lgc.backends.llvm.machine import host_features, machine
from lgc.chain import provenance
from lgc.driver import ready
from lgc.errors import InputError, UnsupportedError, UsageError
from lgc.pipeline import parse_pipeline
from lgc.reference import run
from tests.backends.corpus import batch, model
from tests.backends.test_files import DAMAGED

NAME = "65 features"
NARROW = "x86-64"


@pytest.fixture(scope="module")
def data() -> bytes:
    kernel = Llvm().kernel(model(NAME), cpu=f"aarch64,plain,{NARROW}")
    return kernel.to_bytes()


def renamed(one: Artefact, machine: str, requires: list[str]) -> Artefact:
    """As if made for a machine with more instructions."""
    facts = {**one.facts, "machine": {**one.facts["machine"], "name": machine}, "cpu": machine}
    return Artefact({**facts, "requires": requires}, one.blobs)


def test_the_widest_version_runs(tmp_path: Path, data: bytes) -> None:
    kernel = kernel_from_bytes(data)
    assert kernel.info["machine"] == NARROW
    assert kernel.info["versions"] == ["plain", NARROW, "aarch64"]
    assert repr(kernel).endswith(f"128-bit planes, {NARROW} (also plain, aarch64)>")
    x = batch(65, 300)
    expected = run(model(NAME), x)
    assert np.array_equal(kernel.predict(x), expected.classes)
    assert np.array_equal(kernel.bits(x), expected.bits)  # compiled after loading
    kernel.save(tmp_path / "k.lgk")
    again = lgc.load_kernel(tmp_path / "k.lgk")
    assert again.info["versions"] == kernel.info["versions"]
    assert np.array_equal(again.bits(x), expected.bits)
    assert np.array_equal(pickle.loads(pickle.dumps(again)).predict(x), expected.classes)


def test_a_narrower_version_where_the_wider_cannot_run(data: bytes) -> None:
    versions = read_versions(data, "k.lgk")
    by_name = {one.machine: one for one in versions}
    wider = renamed(by_name[NARROW], "enterprise", ["warp-drive"])
    kernel = kernel_from_bytes(join([wider, by_name["plain"]]))
    assert kernel.info["machine"] == "plain"
    assert kernel.info["versions"] == ["plain", "enterprise"]
    x = batch(65, 100)
    assert np.array_equal(kernel.predict(x), run(model(NAME), x).classes)


def test_no_version_runs(data: bytes) -> None:
    versions = {one.machine: one for one in read_versions(data, "k.lgk")}
    foreign = Artefact(
        {**versions["aarch64"].facts, "triple": "s390x-linux"}, versions["aarch64"].blobs
    )
    wider = renamed(versions[NARROW], "enterprise", ["warp-drive"])
    with pytest.raises(InputError) as caught:
        kernel_from_bytes(join([foreign, wider]), "k.lgk")
    assert str(caught.value) == (
        "k.lgk: none of its 2 versions runs here: the kernel was built for s390x-linux, this "
        f"machine is {_here()}; the kernel was built for enterprise, this processor lacks "
        "warp-drive\n  hint: compile the model here: lgc compile … -o …"
    )
    with pytest.raises(InputError) as caught:
        widest([wider], "k.lgk")
    assert str(caught.value).startswith(
        "k.lgk: the kernel was built for enterprise, this processor lacks warp-drive\n"
    )


def _here() -> str:
    import llvmlite.binding as llvm

    return llvm.get_process_triple()


def test_same_versions_same_bytes(data: bytes) -> None:
    versions = read_versions(data, "k.lgk")
    assert join(versions[::-1]) == data
    assert join(versions[:1]) == versions[0].to_bytes()
    assert kernel_from_bytes(data).to_bytes() == data


def test_every_truncation_of_several_is_refused(data: bytes) -> None:
    for length in [*range(4, 300, 7), *range(300, len(data), len(data) // 50)]:
        with pytest.raises(InputError) as caught:
            read_versions(data[:length], "k.lgk")
        assert str(caught.value) == DAMAGED
    with pytest.raises(InputError) as caught:
        read_versions(data + b"!", "k.lgk")
    assert str(caught.value) == DAMAGED


@given(st.data())
def test_every_changed_byte_of_several_is_refused(data: bytes, choice: st.DataObject) -> None:
    place = choice.draw(st.one_of(st.integers(0, 20), st.integers(0, len(data) - 1)))
    changed = bytearray(data)
    changed[place] ^= choice.draw(st.integers(1, 255))
    with pytest.raises(InputError):
        read_versions(bytes(changed), "k.lgk")


@pytest.mark.parametrize("inside", [b"", b"LGK1", SEVERAL + b"\1\0\0\0"])
def test_versions_that_cannot_be(inside: bytes) -> None:
    file = SEVERAL + (1).to_bytes(4, "little") + len(inside).to_bytes(8, "little") + inside
    with pytest.raises(InputError):
        read_versions(file, "k.lgk")
    with pytest.raises(InputError) as caught:
        read_versions(SEVERAL + bytes(4), "k.lgk")
    assert str(caught.value) == DAMAGED


def test_each_version_gets_the_passes_of_its_machine() -> None:
    backend = Llvm()
    versions = ready(lgc.Model(model("fused")), backend, {"cpu": "x86-64,x86-64-v4"}, None)
    told = [provenance(one.module)["pipeline"] for one in versions]
    common = str(parse_pipeline("O2"))
    assert told == [common, f"{common},map-lut"]
    assert [one.options["cpu"] for one in versions] == ["x86-64", "x86-64-v4"]
    versions = ready(lgc.Model(model("fused")), backend, {"cpu": "x86-64,x86-64-v4"}, "O1")
    assert {provenance(one.module)["pipeline"] for one in versions} == {"fuse-layers,dce,fold,dce"}
    if not machine("x86-64-v4").required() <= host_features():
        pytest.skip("this processor is no x86-64-v4")
    kernel = backend.kernel_of(versions)
    assert kernel.info["machine"] == "x86-64-v4"
    assert set(kernel.info["versions"]) == {"x86-64", "x86-64-v4"}
    x = batch(64, 200)
    assert np.array_equal(kernel.counts(x), run(model("fused"), x).counts)


def test_a_python_call_for_several_machines() -> None:
    kernel = lgc.compile(lgc.Model(model(NAME)), cpu=f"{NARROW}, aarch64")
    assert kernel.info["versions"] == [NARROW, "aarch64"]
    with pytest.raises(UsageError, match="there is no machine called 'pdp-11'"):
        lgc.compile(lgc.Model(model(NAME)), cpu=f"{NARROW},pdp-11")


@pytest.mark.parametrize("suffix", [".o", ".so", ".s", ".ll"])
def test_other_files_hold_one_version(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        Llvm().write(model("one gate"), tmp_path / f"net{suffix}", {"cpu": "x86-64,aarch64"})
    assert str(caught.value) == (
        f"net{suffix}: a {suffix} file holds code for one machine\n"
        "  hint: name one, or write a .lgk, which holds several"
    )
    assert list(tmp_path.iterdir()) == []


def test_wide_planes_of_the_table_engine_demand_nothing(data: bytes) -> None:
    """They are as wide on every machine; the version for the better one runs."""
    plain, narrow = (one for one in read_versions(data, "k") if one.machine in ("plain", NARROW))
    wide = Artefact({**plain.facts, "plane_bits": 512}, plain.blobs)
    better = renamed(narrow, NARROW, sorted(host_features())[:1])
    assert widest([wide, better], "k") is better
