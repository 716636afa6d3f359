"""The function Ray Data and Spark call: by its contract, and in Ray and Spark themselves."""

from __future__ import annotations

import pickle
from collections.abc import Iterator

import numpy as np
import pytest

from lgc.errors import InputError, UsageError
from lgc.interfaces import Kernel
from tests.streams.conftest import FEATURES, samples

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")

NAMES = [f"f{i}" for i in range(FEATURES)]
X = samples(50)
COLUMNS = {"id": np.arange(50), **{name: X[:, i] for i, name in enumerate(NAMES)}}


def fixed(x: np.ndarray) -> object:
    return pa.FixedSizeListArray.from_arrays(pa.array(x.reshape(-1)), x.shape[1])


def test_dicts_of_arrays(kernel: Kernel) -> None:
    function = pickle.loads(pickle.dumps(kernel.batch_function(NAMES)))
    result = function(COLUMNS)
    assert list(result) == ["id", *NAMES, "class"]
    assert np.array_equal(result["class"], kernel.predict(X))
    whole = kernel.batch_function("image", what="counts", name="sums", keep=["id"])
    result = whole({"id": np.arange(50), "image": X.reshape(50, 3, 4)})
    assert list(result) == ["id", "sums"]
    assert np.array_equal(result["sums"], kernel.counts(X))
    named = {**{name: COLUMNS[name] for name in NAMES}, "label": np.array(["a"] * 50)}
    assert np.array_equal(kernel.batch_function()(named)["class"], kernel.predict(X))
    assert kernel.batch_function()({"data": X[:0]})["class"].shape == (0,)


def test_other_columns_may_hold_anything(kernel: Kernel) -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    frame = pandas.DataFrame({"image": list(X), "other": [{"a": 1}, "b"] * 25})
    whole = kernel.batch_function("image", keep=["other"])
    assert np.array_equal(whole(frame)["class"], kernel.predict(X))
    result = whole({"image": X, "other": frame["other"].to_numpy()})
    assert np.array_equal(result["class"], kernel.predict(X))
    assert list(whole(frame[:0]).columns) == ["other", "class"]


def test_iterators_of_pandas_frames(kernel: Kernel) -> None:
    """What Spark's mapInPandas asks for: frames in, frames out, lazily."""
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    frame = pandas.DataFrame(COLUMNS, index=np.arange(50) + 7)
    asked: list[int] = []

    def frames() -> Iterator[object]:
        for start in range(0, 50, 20):
            asked.append(start)
            yield frame[start : start + 20]

    results = kernel.batch_function(NAMES, what="scores", keep=["id"])(frames())
    assert asked == []
    first = next(results)
    assert asked == [0]
    whole = pandas.concat([first, *results])
    assert list(whole.columns) == ["id", "scores"]
    assert whole.index.tolist() == frame.index.tolist()
    assert np.array_equal(np.stack(whole["scores"].to_list()), kernel(X))
    packed = pandas.DataFrame({"x": [row.tobytes() for row in np.packbits(X, axis=1)]})
    assert np.array_equal(kernel.batch_function()(packed)["class"], kernel.predict(X))


def test_iterators_of_arrow_batches(kernel: Kernel) -> None:
    """What Spark's mapInArrow asks for."""
    table = pa.table({"id": COLUMNS["id"], "image": fixed(X)})
    batches = kernel.batch_function(what="bits")(iter(table.to_batches(max_chunksize=20)))
    found = pa.Table.from_batches(list(batches))
    assert found.column_names == ["id", "image", "bits"]
    assert found["bits"].to_pylist() == kernel.bits(X).tolist()
    chunked = pa.concat_tables([table.slice(0, 20), table.slice(20)])
    assert kernel.batch_function()(chunked)["class"].to_pylist() == kernel.predict(X).tolist()


@pytest.mark.parametrize(
    ("options", "batch", "message"),
    [
        ({}, [1], "batch: a batch is a dict of arrays, a pandas frame or a pyarrow batch, not list"),
        ({"keep": ["no"]}, COLUMNS, "batch: there is no column 'no' to keep"),
        ({"name": "id"}, COLUMNS, "batch: there is a column 'id' already\n  hint: name= calls the results otherwise, or keep= names what is kept"),
        ({"columns": "f0"}, COLUMNS, "batch: a sample has 1 numbers, the model reads 12"),
        ({"columns": "no"}, {"a": X}, "batch: there is no column 'no'\n  hint: --x names it; there are a"),
    ],
)  # fmt: skip
def test_batches_that_do_not_suit(kernel: Kernel, options, batch, message: str) -> None:
    with pytest.raises(InputError) as caught:
        kernel.batch_function(**options)(batch)
    assert str(caught.value) == message


def test_options_that_do_not_suit(kernel: Kernel) -> None:
    with pytest.raises(UsageError) as caught:
        kernel.batch_function(keep="id")
    assert str(caught.value) == "keep is a list of columns"
    with pytest.raises(UsageError, match="what is one of predict"):
        kernel.batch_function(what="classes")  # type: ignore[arg-type]


@pytest.mark.parametrize("batch_format", ["numpy", "pandas", "pyarrow"])
def test_ray_data(kernel: Kernel, ray: str, batch_format: str) -> None:
    data = pytest.importorskip("ray.data", reason="ray is not installed")
    context = data.DataContext.get_current()
    context.enable_progress_bars = False
    table = pa.table({"id": COLUMNS["id"], "image": fixed(X)})
    function = kernel.batch_function("image", keep=["id"])
    found = data.from_arrow(table).map_batches(function, batch_format=batch_format, batch_size=20)
    rows = sorted(found.take_all(), key=lambda row: row["id"])
    assert [row["class"] for row in rows] == kernel.predict(X).tolist()


def test_spark(kernel: Kernel) -> None:
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is a large download: optional")
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    session = sql.SparkSession.builder.master("local[2]").getOrCreate()
    try:
        frame = session.createDataFrame(pandas.DataFrame(COLUMNS))
        function = kernel.batch_function(NAMES, keep=["id"])
        for method in (frame.mapInPandas, frame.mapInArrow):
            rows = method(function, "id long, class long").orderBy("id").collect()
            assert [row["class"] for row in rows] == kernel.predict(X).tolist()
    finally:
        session.stop()
