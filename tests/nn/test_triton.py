"""Triton's kernels without a GPU: interpreted, compiled for machines that are not here, missing."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import warnings
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest
import torch

from lgc.nn import functional, operators
from lgc.nn.readers import readers_of
from tests.support import ROOT

# 286 MB, and of no use without a GPU: the extra `test` does not install it
needs_triton = pytest.mark.skipif(find_spec("triton") is None, reason="Triton is left out of tests")


def run(*arguments: str, **environment: str) -> None:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@needs_triton
def test_interpreted() -> None:
    run(
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "tests/nn/triton_cases.py",
        TRITON_INTERPRET="1",
    )


COMPILE = """
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource, compile
from lgc.nn import triton_kernels
NUMBERS, PLACES = ("rows", "gates", "samples"), ("indices", "places", "starts")
for target in (GPUTarget("cuda", 80, 32), GPUTarget("hip", "gfx942", 64)):
    for logic, kind in (("product", "bf16"), ("product", "fp32"), ("yager", "fp32")):
        for kernel in (triton_kernels._values, triton_kernels._coefficients, triton_kernels._planes):
            options = {"logic": logic, "high": 4, "wide": 128}
            signature = {
                name: "constexpr" if name in options else "i32" if name in NUMBERS
                else "*i64" if name in PLACES else "*" + kind
                for name in kernel.arg_names
            }
            made = compile(ASTSource(kernel, signature, options), target=target)
            assert made.asm["cubin" if target.backend == "cuda" else "hsaco"]
"""


@needs_triton
def test_compiles_for_nvidia_and_amd(tmp_path: Path) -> None:
    """The interpreter takes more than the compiler does."""
    run("-c", COMPILE, TRITON_CACHE_DIR=str(tmp_path), TRITON_INTERPRET="0")


def test_readers_are_the_wiring_turned_around() -> None:
    indices = torch.tensor([[0, 3, 3], [2, 0, 3]])
    made = readers_of(indices, 5)
    assert made.places.tolist() == [0, 4, 3, 1, 2, 5]
    assert made.starts.tolist() == [0, 2, 2, 3, 6, 6]
    assert readers_of(indices, 5) is made
    indices.copy_(torch.tensor([[1, 1, 1], [1, 1, 1]]))  # as load_state_dict does
    assert readers_of(indices, 5).starts.tolist() == [0, 0, 6, 6, 6, 6]
    with torch.inference_mode():
        assert readers_of(indices.clone(), 5).starts.tolist() == [0, 0, 6, 6, 6, 6]


def test_falls_back_with_one_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no ptxas here")

    kernels = ModuleType("lgc.nn.triton_kernels")
    kernels.forward = kernels.backward = fail  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "lgc.nn.triton_kernels", kernels)
    monkeypatch.setattr(importlib.import_module("lgc.nn"), "triton_kernels", kernels, raising=False)
    monkeypatch.setattr(operators, "on_cpu", lambda *_: False)
    monkeypatch.setattr(operators, "_GPUS", ("cpu",))
    monkeypatch.setattr(operators, "installed", lambda _: True)
    monkeypatch.setattr(operators, "_failures", [])
    x, indices = torch.rand(7, 5), torch.randint(0, 5, (2, 9))
    coefficients = torch.randn(9, 4, requires_grad=True)
    with pytest.warns(RuntimeWarning, match="without Triton.*RuntimeError: no ptxas here"):
        made = functional.gates(x, indices, coefficients)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert torch.equal(functional.gates(x, indices, coefficients), made)
        made.sum().backward()
    a, b, c, d = coefficients.detach().t()
    left, right = x[:, indices[0]], x[:, indices[1]]
    torch.testing.assert_close(made, a + b * left + c * right + d * left * right)
    assert coefficients.grad is not None
    torch.testing.assert_close(coefficients.grad[:, 3], (left * right).sum(0))
