"""Every engine on every machine that runs here, fed in every way: the same bits as the reference."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xdsl.dialects.builtin import ModuleOp

from lgc.backends.llvm import NativeKernel
from lgc.chain import Sums, build_module, read_chain
from lgc.errors import InputError
from lgc.inputs import PackedBits
from lgc.netlist import Netlist
from lgc.reference import Outcome, run
from tests.backends.cases import MACHINES, SIZES, THREADS, WAYS, Case, agree, compiled, rows
from tests.backends.corpus import model, random_net
from tests.strategies import netlists
from tests.support import random_layers

MODELS = ("65 features", "thermometer, by feature", "no sums")
BORDERS = (*SIZES, 127, 128, 129, 255, 256, 257, 2 * 512 + 1, 2500)
"""Batch sizes beside those of the plane of each machine."""


@cache
def kernel(name: str, cpu: str, way: str) -> NativeKernel:
    return compiled(model(name), cpu, way)


@cache
def fed(name: str) -> tuple[dict[str, Any], dict[str, Outcome]]:
    """All kinds of rows for a model, and what it gives."""
    module = model(name)
    case = Case(module, *rows(read_chain(module).features, max(BORDERS), np.random.default_rng(5)))
    sources = case.sources()
    return sources, {source: run(module, x) for source, x in sources.items()}


def first(x: Any, count: int) -> Any:
    return PackedBits(x.data[:count], x.width) if isinstance(x, PackedBits) else x[:count]


def of_first(outcome: Outcome, count: int) -> Outcome:
    parts = (outcome.counts, outcome.classes)
    return Outcome(
        outcome.bits[:count], *(part if part is None else part[:count] for part in parts)
    )


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("cpu", MACHINES)
@pytest.mark.parametrize("way", WAYS)
def test_every_engine(name: str, cpu: str, way: str) -> None:
    one = kernel(name, cpu, way)
    sources, expected = fed(name)
    for place, count in enumerate(BORDERS):
        for turn, source in enumerate(sources):
            threads = THREADS[(place + turn) % len(THREADS)]
            agree(one, first(sources[source], count), of_first(expected[source], count), threads)


@pytest.mark.parametrize("cpu", MACHINES)
@pytest.mark.parametrize("threads", [None, *THREADS])
def test_every_number_of_threads(cpu: str, threads: int | None) -> None:
    one = kernel("65 features", cpu, "straight")
    sources, expected = fed("65 features")
    for source, x in sources.items():
        agree(one, x, expected[source], threads)


LAYOUTS = {
    "rows backwards": lambda x: x[::-1],
    "every third row": lambda x: x[::3],
    "every second row, backwards": lambda x: x[::-2],
    "columns of Fortran": np.asfortranarray,
    "a window of wider rows": lambda x: np.pad(x, ((0, 0), (3, 5)))[:, 3:-5],
    "a window of wider rows, backwards": lambda x: np.pad(x, ((2, 1), (3, 70)))[2:-1, 3:-70][::-1],
    "columns apart": lambda x: np.repeat(x, 2, axis=1)[:, ::2],
    "columns backwards": lambda x: np.ascontiguousarray(x[:, ::-1])[:, ::-1],
    "one row again and again": lambda x: np.broadcast_to(x[:1], x.shape),
    "one column again and again": lambda x: np.broadcast_to(x[:, :1], x.shape),
    "read only": lambda x: np.frombuffer(x.tobytes(), x.dtype).reshape(x.shape),
    "at an odd address": lambda x: (
        np.frombuffer(b"?" + x.tobytes(), np.uint8)[1:].view(x.dtype).reshape(x.shape)
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    ("cpu", "way"), [("native", "straight"), ("x86-64", "table"), ("x86-64-v3", "straight")]
)
def test_every_layout(layout: str, cpu: str, way: str) -> None:
    if cpu not in MACHINES:
        pytest.skip(f"this processor is no {cpu}")
    one, module = kernel("65 features", cpu, way), model("65 features")
    for source, x in fed("65 features")[0].items():
        if isinstance(x, PackedBits):
            laid: Any = PackedBits(LAYOUTS[layout](x.data[:300]), x.width)
        else:
            laid = LAYOUTS[layout](x[:300])
        before = laid.data.tobytes() if isinstance(x, PackedBits) else laid.tobytes()
        agree(one, laid, run(module, laid), 3 if source == "uint8" else None)
        assert before == (laid.data.tobytes() if isinstance(x, PackedBits) else laid.tobytes())


DTYPES = ("int8", "uint16", "int16", "int32", "uint32", "int64", "uint64", "float16", "float64",
          "longdouble", ">f4", ">f8", ">i2", ">f2")  # fmt: skip


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["65 features", "thermometer, by feature", "infinite levels"])
def test_every_dtype(name: str, dtype: str) -> None:
    one = kernel(name, "native", "straight")
    random = np.random.default_rng(1)
    floats, values = rows(one.features, 200, random)
    with np.errstate(over="ignore"):
        x = (floats if np.dtype(dtype).kind == "f" else values).astype(dtype)
    if np.dtype(dtype).kind in "iu":  # extremes, where conversion would wrap or round
        kind = np.iinfo(dtype)
        x[:50] = random.choice(
            np.array([kind.min, kind.max, kind.max - 1, 0, 1], dtype), (50, one.features)
        )
    agree(one, x, run(model(name), x), 2)
    agree(one, x[::-2], run(model(name), x[::-2]))


def test_every_kind_of_tensor() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    one, module = kernel("65 features", "native", "straight"), model("65 features")
    floats, values = (torch.from_numpy(x) for x in rows(65, 130, np.random.default_rng(2)))
    square = torch.from_numpy(rows(65, 65, np.random.default_rng(3))[0])
    plain = {
        "bool": values > 1, "uint8": values, "int64": values.long(), "float": floats,
        "double": floats.double(), "half": floats.half(), "a gradient": floats.requires_grad_(),
        "transposed": square.T, "reversed": floats.flip(0), "expanded": floats[:1].expand(70, 65),
        "strided": torch.cat([floats, floats], 1)[::2, :65], "images": floats.reshape(130, 1, 5, 13),
    }  # fmt: skip
    for x in plain.values():
        rows_of = x.detach().numpy().reshape(len(x), 65)
        agree(one, x, run(module, rows_of), 2)
    for dtype in (torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2):  # NumPy has none of them
        x = floats.detach().to(dtype)
        agree(one, x, run(module, x.float().numpy()))


def test_what_is_no_array_is_refused() -> None:
    one = kernel("65 features", "native", "straight")
    with pytest.raises(InputError) as caught:
        one.predict([[1, 2], [3]])
    assert str(caught.value) == (
        "a batch is no array: setting an array element with a sequence. The requested array has an "
        "inhomogeneous shape after 1 dimensions. The detected shape was (2,) + inhomogeneous part."
    )
    torch = pytest.importorskip("torch", reason="torch is not installed")
    with pytest.raises(InputError) as caught:
        one.predict(torch.zeros(3, 65).to_sparse())
    assert str(caught.value) == (
        "a batch is no array: can't convert Sparse layout tensor to numpy. "
        "Use Tensor.to_dense() first."
    )


@st.composite
def sums(draw: st.DrawFn, outputs: int) -> Sums | None:
    """Class sums of any kind, or none."""
    if draw(st.booleans()) and draw(st.booleans()):
        return None
    classes = draw(st.sampled_from([1, 2, 3, 5, 16, 17, 40]))
    weight = st.sampled_from([0, 1, -1, 2, -3, 7, 1000, -(1 << 20)])
    group = st.lists(st.integers(0, classes - 1), min_size=outputs, max_size=outputs)
    weights = st.none() | st.lists(weight, min_size=outputs, max_size=outputs)
    offsets = st.none() | st.lists(
        st.integers(-(1 << 24), 1 << 24) | st.integers(-2, 2), min_size=classes, max_size=classes
    )
    return Sums(
        classes, draw(st.sampled_from([1.0, 0.1, 30.0])), draw(group), draw(weights), draw(offsets)
    )


@st.composite
def models(draw: st.DrawFn) -> ModuleOp:
    net = draw(netlists(k=None, max_inputs=9, max_gates=30, max_outputs=20))
    return build_module(net.inputs, [net], draw(sums(len(net.outputs))))


@settings(max_examples=80)
@given(models(), st.sampled_from(MACHINES), st.sampled_from(WAYS), st.sampled_from(THREADS))
def test_any_model(module: ModuleOp, cpu: str, way: str, threads: int) -> None:
    one = compiled(module, cpu, way)
    x = np.random.default_rng(0).integers(0, 2, (600, one.features), np.uint8)
    agree(one, x, run(module, x), threads)


def wide(inputs: int) -> ModuleOp:
    """More planes than 14 bits can name; the last inputs are read, most are not."""
    random = np.random.default_rng(inputs)
    layer = random_net(inputs, 300, 100, 3, 1)
    last = Netlist(
        inputs,
        [0x96] * 50,
        random.integers(inputs - 70, inputs, (50, 3)),
        range(inputs, inputs + 50),
    )
    outputs = np.concatenate([layer.outputs, last.outputs + np.int32(layer.gates)])
    both = Netlist(
        inputs,
        np.concatenate([layer.table, last.table]),
        np.concatenate([layer.fanin, last.fanin]),
        outputs,
    )
    return build_module(inputs, [both], Sums(5))


@pytest.mark.parametrize("cpu", MACHINES)
@pytest.mark.parametrize("way", ["table", "table in a hurry", "straight"])
def test_more_planes_than_a_narrow_record_names(cpu: str, way: str) -> None:
    module = wide(17_000)
    one = compiled(module, cpu, way)
    assert one.info["slots"] > 1 << 14
    floats, values = rows(one.features, 70, np.random.default_rng(0))
    agree(one, values, run(module, values), 2)
    agree(one, floats, run(module, floats))


@pytest.mark.parametrize("inputs", [16_000, (1 << 14) - 60, 1 << 14, (1 << 14) + 1])
def test_the_border_between_narrow_and_wide_records(inputs: int) -> None:
    module = wide(inputs)
    x = np.random.default_rng(0).integers(0, 2, (40, inputs), np.uint8)
    agree(compiled(module, "native", "table"), x, run(module, x))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("cpu", ["x86-64", "native"])
def test_scores_as_large_as_they_may_be(cpu: str, way: str) -> None:
    most = (1 << 31) - 1
    net = random_layers([12], 8, 0)
    for weight, offset in (
        ([most // 4 - 1] * 12, None),
        ([-(most // 4 - 1)] * 12, None),
        ([0] * 12, [most, -most, 0]),
        ([most // 8, -(most // 8)] * 6, [most // 2, -(most // 2), -1]),
    ):
        module = build_module(8, net, Sums(3, 1.0, np.arange(12) % 3, weight, offset))
        x = np.random.default_rng(0).integers(0, 2, (130, 8), np.uint8)
        agree(compiled(module, cpu, way), x, run(module, x))


def test_rows_around_the_pieces_that_other_dtypes_are_read_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, module = kernel("65 features", "native", "straight"), model("65 features")
    monkeypatch.setattr("lgc.backends.llvm.kernel._AT_ONCE", 64 * 65)
    for count in (63, 64, 65, 200):
        x = rows(65, count, np.random.default_rng(count))[0].astype(np.float64)
        agree(one, x, run(module, x))
