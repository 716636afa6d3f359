"""A kernel as a module of torch: the same scores, saved, copied, in a model, refused by name."""

from __future__ import annotations

import copy
import io
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import lgc
from lgc.backends.llvm import NativeKernel
from lgc.chain import Sums, build_module
from lgc.errors import InputError, UnsupportedError, UsageError
from lgc.interfaces import Kernel
from lgc.lazy import LazyKernel
from tests.support import random_layers

torch = pytest.importorskip("torch", reason="torch is not installed")

X = np.random.default_rng(0).integers(0, 2, (300, 24), np.uint8)


def kernel_of(seed: int = 0, *, sums: bool = True) -> Kernel:
    layers = random_layers([60, 40], 24, seed)
    return lgc.compile(
        lgc.Model(build_module(24, layers, Sums(4, 3.0, beta=0.5) if sums else None))
    )


@pytest.fixture(scope="module")
def kernel() -> Kernel:
    return kernel_of()


@pytest.mark.parametrize(
    "name", ["bool", "uint8", "int64", "float16", "bfloat16", "float32", "float64"]
)
def test_gives_what_the_kernel_gives(kernel: Kernel, name: str) -> None:
    x = torch.as_tensor(X).to(getattr(torch, name))
    found = kernel.as_module()(x)
    assert found.dtype == torch.float32
    assert found.device == x.device
    assert not found.requires_grad
    assert np.array_equal(found.numpy(), kernel(X))


def test_any_layout(kernel: Kernel) -> None:
    module, wanted = kernel.as_module(threads=2), kernel(X)
    image = torch.as_tensor(X).float().reshape(-1, 2, 3, 4)
    layouts = [
        image,
        image.contiguous(memory_format=torch.channels_last),
        torch.as_tensor(np.asfortranarray(X)),
        torch.as_tensor(np.repeat(X, 2, axis=0))[::2],
        torch.as_tensor(X).float().to_sparse(),
        torch.as_tensor(X)[:0],
    ]
    for x in layouts:
        assert np.array_equal(module(x).numpy(), wanted[: len(x)])


def test_bits_without_sums() -> None:
    kernel = kernel_of(sums=False)
    found = kernel.as_module()(torch.as_tensor(X))
    assert np.array_equal(found.numpy(), kernel.bits(X).astype(np.float32))


def test_is_saved_and_copied(kernel: Kernel) -> None:
    module, wanted = kernel.as_module(threads=1), kernel(X)
    stream = io.BytesIO()
    torch.save(module, stream)
    stream.seek(0)
    again = [
        pickle.loads(pickle.dumps(module)),
        copy.deepcopy(module),
        torch.load(stream, weights_only=False),
    ]
    for one in again:
        assert np.array_equal(one(torch.as_tensor(X)).numpy(), wanted)
        assert one.threads == 1


def test_a_state_dict_holds_the_kernel(kernel: Kernel) -> None:
    model = torch.nn.Sequential(torch.nn.Flatten(), kernel.as_module())
    stream = io.BytesIO()
    torch.save(model.state_dict(), stream)
    stream.seek(0)
    other = torch.nn.Sequential(torch.nn.Flatten(), kernel_of(1).as_module())
    assert not np.array_equal(other(torch.as_tensor(X)).numpy(), kernel(X))
    other.load_state_dict(torch.load(stream, weights_only=True))
    assert np.array_equal(other(torch.as_tensor(X)).numpy(), kernel(X))


def test_a_damaged_or_foreign_state_is_refused(kernel: Kernel) -> None:
    module = kernel.as_module()
    with pytest.raises(InputError, match="state dict: "):
        module.load_state_dict({"_extra_state": torch.zeros(40, dtype=torch.uint8)})
    narrow = lgc.compile(lgc.Model(build_module(8, random_layers([12], 8, 0), Sums(2, 1.0))))
    with pytest.raises(InputError) as caught:
        module.load_state_dict(narrow.as_module().state_dict())
    assert str(caught.value) == "state dict: the kernel reads 8 numbers, this module's 24"
    assert np.array_equal(module(torch.as_tensor(X)).numpy(), kernel(X))


def test_stands_in_a_model_that_learns_behind_it(kernel: Kernel) -> None:
    model = torch.nn.Sequential(kernel.as_module(), torch.nn.Linear(4, 2)).train()
    before = model[1].weight.detach().clone()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    model(torch.as_tensor(X)).square().sum().backward()
    optimizer.step()
    assert not torch.equal(model[1].weight, before)
    assert not model[0].training
    assert list(model[0].parameters()) == []
    moved = model.to(torch.float64)
    assert moved[0](torch.as_tensor(X)).dtype == torch.float32


def test_a_gradient_is_refused(kernel: Kernel) -> None:
    module, x = kernel.as_module(), torch.as_tensor(X).float().requires_grad_()
    with pytest.raises(UnsupportedError) as caught:
        module(x)
    assert str(caught.value) == (
        "a kernel has no gradients, and its input asks for one\n"
        "  hint: call it under torch.no_grad(), or with x.detach()"
    )
    with torch.no_grad():
        assert np.array_equal(module(x).numpy(), kernel(X))


def test_what_it_cannot_take_is_refused(kernel: Kernel) -> None:
    with pytest.raises(InputError, match="the module of a kernel takes a tensor, not ndarray"):
        kernel.as_module()(X)
    with pytest.raises(InputError, match="a sample has 23 numbers, the model reads 24"):
        kernel.as_module()(torch.as_tensor(X[:, 1:]))
    with pytest.raises(InputError, match="a batch holds numbers, not complex64"):
        kernel.as_module()(torch.as_tensor(X).to(torch.complex64))
    with pytest.raises(UsageError, match="as_module: threads is at least 1, not 0"):
        kernel.as_module(threads=0)


def test_a_recurrent_kernel_is_refused() -> None:
    module = build_module(2, random_layers([6], 5, 0), None, initial=np.zeros(3, np.bool_))
    with pytest.raises(UnsupportedError, match="the model is recurrent, with a state of 3 bits"):
        lgc.compile(lgc.Model(module)).as_module()


def test_a_lazy_kernel(kernel: Kernel) -> None:
    lazy = lgc.compile(lgc.Model(kernel.module), lazy=True)
    module = lazy.as_module()
    assert np.array_equal(module(torch.as_tensor(X)).numpy(), kernel(X))
    again = copy.deepcopy(module)
    assert isinstance(lazy, LazyKernel)
    assert isinstance(again.kernel, NativeKernel)
    assert np.array_equal(again(torch.as_tensor(X)).numpy(), kernel(X))


def test_is_called_from_compiled_models(kernel: Kernel) -> None:
    model = torch.nn.Sequential(kernel.as_module(), torch.nn.Linear(4, 2))
    with torch.no_grad():
        found = torch.compile(model, backend="eager")(torch.as_tensor(X))
        assert torch.equal(found, model(torch.as_tensor(X)))


def test_another_process_reads_it(kernel: Kernel, tmp_path: Path) -> None:
    torch.save(kernel.as_module(), tmp_path / "module.pt")
    np.save(tmp_path / "x.npy", X)
    code = (
        "import torch, numpy, sys\n"
        "module = torch.load('module.pt', weights_only=False)\n"
        "numpy.save('y.npy', module(torch.as_tensor(numpy.load('x.npy'))).numpy())"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    assert np.array_equal(np.load(tmp_path / "y.npy"), kernel(X))
