"""Every backend agrees with the reference on the corpus, for every dtype, layout and batch size."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from lgc.backends.llvm import Llvm, NativeKernel
from lgc.backends.llvm.machine import host_features, machine
from lgc.chain import read_chain
from lgc.errors import InputError, UnsupportedError, UsageError
from lgc.inputs import PackedBits, packed
from lgc.reference import run
from tests.backends.corpus import MODELS, batch, model

SIZES = (0, 1, 2, 31, 32, 33, 63, 64, 65, 127, 128, 511, 512, 513, 1000)
ODD_FLOATS = [np.nan, np.inf, -np.inf, -0.0, 1e-45, -1e-45, 2.5, np.nextafter(2.5, 3), 1e30]


@cache
def kernel(name: str, cpu: str | None = None) -> NativeKernel:
    return Llvm().kernel(model(name), cpu=cpu)


def agree(name: str, one: NativeKernel, x: object) -> None:
    """All four questions, against the reference."""
    expected = run(model(name), x)
    assert np.array_equal(one.bits(x), expected.bits)
    if expected.counts is None:
        assert np.array_equal(one(x), expected.bits.astype(np.float32))
        return
    assert np.array_equal(one.counts(x), expected.counts)
    assert one.counts(x).dtype == np.int32
    assert np.array_equal(one.predict(x), expected.classes)
    assert one.predict(x).dtype == np.int64
    scores = one(x)
    assert scores.dtype == np.float32
    assert np.array_equal(scores, expected.counts.astype(np.float32) / np.float32(one.tau))


@pytest.mark.parametrize("name", MODELS)
def test_corpus(name: str) -> None:
    one = kernel(name)
    x = batch(one.features, 700)
    agree(name, one, x)
    agree(name, one, x.astype(np.float32))


@pytest.mark.parametrize("name", ["65 features", "thermometer, by feature", "no sums", "ties"])
@pytest.mark.parametrize("rows", SIZES)
def test_batch_sizes(name: str, rows: int) -> None:
    one = kernel(name)
    agree(name, one, batch(one.features, rows, rows))
    agree(name, one, packed(batch(read_chain(model(name)).bits, rows) > 100))


@pytest.mark.parametrize("name", ["200 features", "thermometer, level-major", "infinite levels"])
def test_dtypes_and_layouts(name: str) -> None:
    one = kernel(name)
    x = batch(one.features, 130)
    floats = np.random.default_rng(0).choice(ODD_FLOATS, x.shape).astype(np.float32)
    unaligned = np.zeros(floats.nbytes + 1, np.uint8)[1:].view(np.float32).reshape(x.shape)
    unaligned[:] = floats
    frozen = x.copy()
    frozen.flags.writeable = False
    with np.errstate(invalid="ignore"):
        for case in (
            x > 1, x, floats, floats.astype(np.float64), floats.astype(np.float16),
            x.astype(np.int8), x.astype(np.int64), x.astype(np.uint16), floats.astype(">f4"),
            x[::-1], x[::3], x[:, ::-1][:, ::-1], np.asfortranarray(x), np.asfortranarray(floats),
            np.repeat(x, 2, axis=1)[:, ::2], unaligned, frozen, x[:0],
            np.broadcast_to(x[:1], x.shape), x.reshape(len(x), 1, -1), x.tolist(),
        ):  # fmt: skip
            agree(name, one, case)


def test_torch_tensors() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    one = kernel("65 features")
    x = torch.from_numpy(batch(65, 100))
    for case in (x, x > 1, x.float(), x.float().requires_grad_(), x.double(), x.T.contiguous().T):
        agree("65 features", one, case)


@pytest.mark.parametrize("cpu", ["x86-64", "x86-64-v3", "x86-64-v4"])
@pytest.mark.parametrize(
    "name", ["all sixteen gates, one layer", "gates of three fan-ins", "65 features", "no sums",
             "weights and offsets", "thermometer, by feature", "fused"]
)  # fmt: skip
def test_narrower_machines(cpu: str, name: str) -> None:
    if not machine(cpu).required() <= host_features():
        pytest.skip(f"this processor is no {cpu}")
    one = kernel(name, cpu)
    for rows in (1, 64, 127, 700):
        agree(name, one, batch(one.features, rows))


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.zeros((3, 7), np.uint8), "a sample has 7 numbers, the model reads 65"),
        (
            np.zeros(65, np.uint8),
            "a batch has the shape (n, 65), not (65,)\n"
            "  hint: a single sample is a batch of one: x[None]",
        ),
        (np.zeros((3, 65), complex), "a batch holds numbers, not complex128"),
        (np.full((3, 65), "a"), "a batch holds numbers, not <U1"),
        (packed(np.zeros((3, 64), bool)), "packed rows hold 64 bits, the model reads 65"),
    ],
)
def test_wrong_batches_are_refused(x: object, message: str) -> None:
    with pytest.raises(InputError) as caught:
        kernel("65 features").predict(x)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("data", "width", "message"),
    [
        (
            np.zeros((2, 3), np.float32),
            24,
            "packed bits are uint8 rows, not float32 (2, 3)\n"
            "  hint: numpy.packbits(bits, axis=1) makes them",
        ),
        (np.zeros((2, 3), np.uint8), 25, "25 bits take 4 bytes a row, these rows have 3"),
        (np.zeros((2, 3), np.bool_), 4, "the rows have 3 bits, not 4"),
        (
            np.zeros((2, 3), np.uint8),
            None,
            "how many bits a packed row holds is missing\n  hint: packed(x, width)",
        ),
    ],
)
def test_wrong_packed_bits_are_refused(data: np.ndarray, width: int | None, message: str) -> None:
    with pytest.raises(InputError) as caught:
        packed(data, width)
    assert str(caught.value) == message


def test_packed_rows_may_have_any_distance() -> None:
    one = kernel("200 features")
    bits = batch(200, 90) > 1
    data = np.zeros((90, 40), np.uint8)
    data[:, :25] = np.packbits(bits, axis=1)
    agree("200 features", one, PackedBits(data[:, :25], 200))


def test_bits_only_models_say_so() -> None:
    for ask in (kernel("no sums").predict, kernel("no sums").counts):
        with pytest.raises(UnsupportedError) as caught:
            ask(batch(11, 3))
        assert str(caught.value) == (
            "the model has no class sums, it gives bits only\n  hint: kernel.bits(x)"
        )


def test_unknown_machines_are_refused() -> None:
    with pytest.raises(UsageError) as caught:
        machine("pdp-11")
    assert str(caught.value) == (
        "--cpu: there is no machine called 'pdp-11'\n"
        "  hint: one of native, x86-64, x86-64-v2, x86-64-v3, x86-64-v4, aarch64, aarch64-sha3, "
        "riscv64, plain"
    )


def test_kernels_for_other_machines_are_not_run_here() -> None:
    with pytest.raises(InputError, match="cpu aarch64: the kernel was built for aarch64"):
        Llvm().kernel(model("one gate"), cpu="aarch64")


def test_profile_names_the_phases() -> None:
    seconds = kernel("fused").profile(batch(64, 2000), repeat=3)
    assert set(seconds) == {"packing", "gates", "unpacking", "total"}
    assert all(value >= 0 for value in seconds.values())
    assert seconds["total"] > 0


@pytest.mark.parametrize("name", ["200 features", "thermometer, by feature", "infinite levels"])
def test_rows_that_do_not_fit_the_caches(name: str) -> None:
    """Beyond 8 MiB rows are fetched before they are packed; rows far apart get there with few."""
    kernel, chain = Llvm().kernel(model(name)), read_chain(model(name))
    x = batch(kernel.features, 700)
    bits = np.packbits(x[:, chain.feature] > chain.level, axis=1)
    expected = run(model(name), x).counts
    for near in (x, x.astype(np.float32), bits):
        far = np.zeros((len(near), 16_000), near.dtype)[:, : near.shape[1]]
        far[:] = near
        assert far.strides[0] * len(far) > 8 << 20
        given = packed(far, chain.bits) if near is bits else far
        assert (kernel.counts(given) == expected).all()
