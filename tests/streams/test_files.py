"""Data files in blocks: every format gives what the reference gives, errors say where."""

from __future__ import annotations

import importlib
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lgc
from lgc.cli import run_command
from lgc.data import open_data
from lgc.errors import InputError, UnsupportedError, UsageError
from lgc.interfaces import Kernel
from lgc.results import check_output, write_results
from lgc.streams import answers
from tests.streams.conftest import FEATURES, samples

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
for name in ("feather", "parquet"):  # found as attributes of pyarrow from here on
    importlib.import_module(f"pyarrow.{name}")

ROWS = 1050


def table(x: np.ndarray, **more: Any) -> Any:
    return pa.table({f"f{i}": x[:, i] for i in range(x.shape[1])} | more)


def lists(x: np.ndarray, size: int | None = -1) -> Any:
    """A column that holds whole samples."""
    flat = pa.array(x.reshape(-1))
    if size is None:
        return pa.ListArray.from_arrays(np.arange(0, x.size + 1, x.shape[1], np.int32), flat)
    return pa.FixedSizeListArray.from_arrays(flat, x.shape[1])


def tensors(x: np.ndarray) -> Any:
    """Images as an extension type."""
    kind = pa.fixed_shape_tensor(pa.uint8(), [3, 4])
    return pa.ExtensionArray.from_storage(kind, lists(x))


def packed_bytes(x: np.ndarray) -> list[bytes]:
    return [row.tobytes() for row in np.packbits(x, axis=1)]


def stream(data: Any, path: Path) -> None:
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, data.schema) as writer:
        writer.write_table(data, max_chunksize=130)


def parquet(data: Any, path: Path) -> None:
    pa.parquet.write_table(data, path, row_group_size=170)


def arrow(data: Any, path: Path, compression: str = "lz4") -> None:
    pa.feather.write_feather(data, path, compression=compression, chunksize=130)


FORMATS: dict[str, Callable[[np.ndarray, np.ndarray, Path], None]] = {
    "rows.npy": lambda x, y, path: np.save(path, x),
    "columns.npy": lambda x, y, path: np.save(path, np.asfortranarray(x)),
    "images.npy": lambda x, y, path: np.save(path, x.reshape(-1, 3, 4).astype(np.float64)),
    "arrays.npz": lambda x, y, path: np.savez(path, x=x, y=y),
    "bits.npz": lambda x, y, path: np.savez(path, x=np.packbits(x, axis=1), y=y, n_bits=FEATURES),
    "columns.parquet": lambda x, y, path: parquet(table(x, label=y), path),
    "mixed.pq": lambda x, y, path: parquet(table(x, y=y).set_column(3, "f3", pa.array(x[:, 3] * 0.5)), path),
    "bool.parquet": lambda x, y, path: parquet(table(x.astype(bool), y=y), path),
    "lists.parquet": lambda x, y, path: parquet(pa.table({"id": y, "data": lists(x, None), "y": y}), path),
    "fixed.parquet": lambda x, y, path: parquet(pa.table({"pixels": lists(x), "name": ["a"] * len(x), "y": y}), path),
    "bits.parquet": lambda x, y, path: parquet(pa.table({"bits": pa.array(packed_bytes(x), pa.binary()), "y": y}), path),
    "bits.feather": lambda x, y, path: arrow(pa.table({"y": y, "x": pa.array(packed_bytes(x), pa.binary(2))}), path),
    "columns.arrow": lambda x, y, path: arrow(table(x, y=y), path, "uncompressed"),
    "tensor.ipc": lambda x, y, path: arrow(pa.table({"x": tensors(x), "y": y}), path),
    "stream.arrow": lambda x, y, path: stream(table(x, labels=y), path),
    "stream.arrows": lambda x, y, path: stream(pa.table({"x": lists(x), "y": y}), path),
}  # fmt: skip


@pytest.mark.parametrize("rows", [ROWS, 1, 0])
@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same(
    model: lgc.Model, kernel: Kernel, small_blocks: int, tmp_path: Path, name: str, rows: int
) -> None:
    x = samples(rows)
    y = np.random.default_rng(1).integers(0, 4, rows)
    FORMATS[name](x, y, tmp_path / name)
    source = pickle.loads(pickle.dumps(open_data(tmp_path / name)))
    assert source.rows == (None if "stream" in name else rows)
    found = list(answers(kernel, source, "counts"))
    assert all(len(one.values) <= small_blocks for one in found)
    assert np.array_equal(np.concatenate([one.values for one in found]), model.evaluate(x).counts)
    if name.endswith(".npy"):
        assert all(one.labels is None for one in found)
    else:
        assert np.array_equal(np.concatenate([one.labels for one in found]), y)
    # Parts on their own, in any order, are the same.
    parts = source.parts(200)
    assert len(parts) == (1 if "stream" in name or name.endswith("npz") or rows < 2 else -(-ROWS // (200 if name.endswith("npy") else 340 if "parquet" in name or "pq" in name else 260)))  # fmt: skip
    apart = [list(answers(kernel, source, "counts", part)) for part in reversed(parts)]
    joined = [one.values for part in reversed(apart) for one in part]
    assert np.array_equal(np.concatenate(joined), model.evaluate(x).counts)


def test_packed_bits_without_their_number(kernel: Kernel, tmp_path: Path) -> None:
    x = samples(300)
    np.save(tmp_path / "x.npy", np.packbits(x, axis=1))
    (answer,) = answers(kernel, open_data(tmp_path / "x.npy", packed=True), "predict")
    assert np.array_equal(answer.values, kernel.predict(x))
    np.save(tmp_path / "x.npy", np.packbits(np.zeros((9, 17), bool), axis=1))
    with pytest.raises(InputError) as caught:
        list(answers(kernel, open_data(tmp_path / "x.npy", packed=True), "predict"))
    assert (
        str(caught.value)
        == (
            f"{tmp_path}/x.npy: rows 0 to 8: 12 bits take 2 bytes a row, these rows have 3\n"
        ).rstrip()
    )


def test_columns_are_taken_as_named(kernel: Kernel, tmp_path: Path) -> None:
    x = samples(40)
    parquet(table(x, id=pa.array(["a"] * 40), digit=np.arange(40) % 4), tmp_path / "t.parquet")
    names = [f"f{i}" for i in reversed(range(FEATURES))]
    source = open_data(tmp_path / "t.parquet", names, "digit")
    (answer,) = answers(kernel, source, "predict")
    assert np.array_equal(answer.values, kernel.predict(x[:, ::-1]))
    assert answer.labels is not None
    assert answer.labels.tolist() == (np.arange(40) % 4).tolist()


X = samples(5)
REFUSED: list[tuple[str, Callable[[Path], None], list[str], str | None, str]] = [
    ("t.parquet", lambda p: parquet(table(X), p), ["a"], None, "there is no column 'a'\n  hint: --x names it; there are f0, f1, f10, f11, f2, f3, f4, f5, f6, f7, f8, f9"),
    ("t.parquet", lambda p: parquet(pa.table({"a": [1]}), p), [], "b", "there is no column 'b'\n  hint: --y names it; there are a"),
    ("t.parquet", lambda p: parquet(pa.table({"y": [1]}), p), [], None, "there is no column of features"),
    ("t.parquet", lambda p: parquet(table(X, y=[0.5] * 5), p), [], None, "labels are whole numbers; column 'y' holds double\n  hint: --y names the column of labels"),
    ("t.parquet", lambda p: parquet(table(X, name=["a"] * 5), p), [], None, "a feature is a number; column 'name' holds string\n  hint: --x names the columns to take, each its own --x"),
    ("t.parquet", lambda p: parquet(pa.table([[1], [2]], names=["a", "a"]), p), [], None, "two columns are called 'a'"),
    ("t.parquet", lambda p: parquet(pa.table({"x": pa.array([None] * 5, pa.list_(pa.int8()))}), p), [], None, "rows 0 to 4: column 'x' lacks 5 of 5 values\n  hint: a network has no missing values: fill them or drop the rows"),
    ("t.parquet", lambda p: parquet(pa.table({"x": [[1, 2], [3]]}), p), [], None, "rows 0 to 1: samples in column 'x' have from 1 to 2 values"),
    ("t.feather", lambda p: p.write_bytes(b"FEA1 of old") and None, [], None, "this is neither a Parquet nor an Arrow file\n  hint: pyarrow.feather.write_feather writes Arrow files"),
    ("t.parquet", lambda p: p.write_bytes(b"hello there"), [], None, "this is neither a Parquet nor an Arrow file"),
    ("t.npy", lambda p: np.save(p, np.float32(3)), [], None, "this is a single number, not a batch"),
    ("t.npz", lambda p: np.savez(p, x=np.float32(3)), [], None, "no array looks like a batch\n  hint: --x names it; there are x"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "write", "x", "y", "message"), REFUSED)
def test_files_that_do_not_suit(kernel: Kernel, tmp_path: Path, name, write, x, y, message) -> None:
    write(tmp_path / name)
    with pytest.raises(InputError) as caught:
        list(answers(kernel, open_data(tmp_path / name, x, y), "predict"))
    assert str(caught.value) == f"{tmp_path}/{name}: {message}"


def test_files_that_pyarrow_cannot_read(tmp_path: Path) -> None:
    for name in ("cut.parquet", "cut.arrow"):
        (parquet if name.endswith("parquet") else arrow)(table(X), tmp_path / name)
        whole = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(whole[: len(whole) // 2])
        with pytest.raises(InputError, match=f"^{tmp_path}/{name}: cannot be read: \\S.*$"):
            open_data(tmp_path / name)
    with pytest.raises(InputError, match="none.parquet: cannot be read: No such file"):
        open_data(tmp_path / "none.parquet")


def test_flags_that_do_not_suit(tmp_path: Path) -> None:
    for name, x, y, message in (
        ("a.npz", ("p", "q"), None, "--x: samples are in one array of this file"),
        ("a.npy", ("p",), None, "--x: a .npy file holds one array"),
        ("a.npy", (), "p", "--y: a .npy file holds one array"),
    ):
        (tmp_path / name).write_bytes(b"")
        with pytest.raises(UsageError) as caught:
            open_data(tmp_path / name, x, y)
        assert str(caught.value) == message


@pytest.mark.parametrize("name", ["columns.npy", "columns.parquet", "columns.arrow"])
def test_a_file_that_changes_meanwhile(kernel: Kernel, tmp_path: Path, name: str) -> None:
    y = np.zeros(300, np.int64)
    FORMATS[name](samples(300), y, tmp_path / name)
    source = open_data(tmp_path / name)
    FORMATS[name](samples(500), np.zeros(500, np.int64), tmp_path / name)
    with pytest.raises(InputError) as caught:
        list(answers(kernel, source, "predict"))
    told = {
        "columns.npy": "holds uint8 (500, 12) and held uint8 (300, 12) when it was opened",
        "columns.parquet": "holds 500 rows in 3 pieces and held 300 in 2 when it was opened",
        "columns.arrow": "holds 500 rows in 4 pieces and held 300 in 3 when it was opened",
    }[name]
    assert str(caught.value) == (
        f"{tmp_path}/{name}: {told}\n"
        "  hint: has it been written again, or does a worker see another file under this path?"
    )


def test_without_pyarrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parquet(table(X), tmp_path / "t.parquet")
    for name in ("pyarrow", "pyarrow.parquet"):
        monkeypatch.setitem(sys.modules, name, None)
    for call in (
        lambda: open_data(tmp_path / "t.parquet"),
        lambda: check_output(tmp_path / "out.parquet"),
    ):
        with pytest.raises(UnsupportedError) as caught:
            call()
        assert str(caught.value).replace("pyarrow.parquet", "pyarrow") == (
            "pyarrow is needed for this and is not installed\n  hint: pip install 'lgc[arrow]'"
        )


VALUES = {
    "class": np.arange(10, dtype=np.int64),
    "scores": np.linspace(0, 1, 30, dtype=np.float32).reshape(10, 3),
    "bits": np.arange(40).reshape(10, 4) % 3 == 0,
    "counts": np.zeros((0, 3), np.int32),
}


@pytest.mark.parametrize("name", VALUES)
def test_written_in_pieces_is_written_as_a_whole(tmp_path: Path, name: str) -> None:
    values = VALUES[name]
    for suffix in (".npy", ".csv", ".parquet"):
        with write_results(tmp_path / f"pieces{suffix}", name) as write:
            for piece in (values[:3], values[3:3], values[3:]):
                write(piece)
    np.save(tmp_path / "whole.npy", values)
    np.savetxt(
        tmp_path / "whole.csv", values, fmt="%.9g" if name == "scores" else "%d", delimiter=","
    )
    for suffix in (".npy", ".csv"):
        pieces = (tmp_path / f"pieces{suffix}").read_bytes()
        assert pieces == (tmp_path / f"whole{suffix}").read_bytes()
    read = pa.parquet.read_table(tmp_path / "pieces.parquet")
    assert read.column_names == [name]
    assert read[name].to_pylist() == values.tolist()
    assert len(os.listdir(tmp_path)) == 5


def damage(path: Path) -> None:
    """A page of the last row group reads as something else."""
    data = bytearray(path.read_bytes())
    with pa.parquet.ParquetFile(path) as file:
        chunk = file.metadata.row_group(file.metadata.num_row_groups - 1).column(0)
    at = chunk.data_page_offset + chunk.total_compressed_size // 2
    data[at : at + 40] = bytes(40)
    path.write_bytes(data)


def test_damage_in_the_middle_leaves_nothing(
    kernel_path: Path, small_blocks: int, tmp_path: Path, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    x = samples(ROWS)
    pa.parquet.write_table(
        pa.table({"x": lists(x)}), "t.parquet", row_group_size=170, write_page_checksum=True
    )
    damage(Path("t.parquet"))
    missing = pa.table({"x": pa.array([*[row.tolist() for row in x[:-1]], None])})
    parquet(missing, Path("null.parquet"))
    before = sorted(os.listdir())
    for suffix in (".npy", ".csv", ".parquet"):
        Path(f"out{suffix}").write_text("older")
        assert run_command(["run", str(kernel_path), "t.parquet", "-o", f"out{suffix}"]) == 1
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith(
            "t.parquet: 1,050 samples in 'x'\nerror: t.parquet: from row 1,020 on: cannot be read: "
        )
        assert run_command(["run", str(kernel_path), "null.parquet", "-o", f"out{suffix}"]) == 1
        assert capsys.readouterr().err.splitlines()[1] == (
            "error: null.parquet: rows 1,020 to 1,049: column 'x' lacks 1 of 30 values"
        )
        assert Path(f"out{suffix}").read_text() == "older"
        Path(f"out{suffix}").unlink()
        assert sorted(os.listdir()) == before


def test_an_interrupt_leaves_nothing(
    kernel_path: Path, small_blocks: int, tmp_path: Path, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    np.save("x.npy", samples(500))

    def stop(self: object, answer: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sys.modules["lgc.cli.run"]._Tally, "add", stop)  # type: ignore[attr-defined]
    for suffix in (".npy", ".csv", ".parquet"):
        assert run_command(["run", str(kernel_path), "x.npy", "-o", f"out{suffix}"]) == 130
    assert os.listdir() == ["x.npy"]
    assert "interrupted" in capsys.readouterr().err


@pytest.mark.parametrize("suffix", [".npy", ".csv", ".parquet"])
@pytest.mark.parametrize("flag", ["--scores", "--bits", "--counts", None])
def test_commands_in_blocks(
    model: lgc.Model, model_path: Path, small_blocks: int, tmp_path: Path, monkeypatch, capsys,
    suffix: str, flag: str | None,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    x = samples(ROWS)
    outcome = model.evaluate(x)
    assert outcome.counts is not None
    classes = outcome.counts.argmax(axis=1)
    y = np.where(np.arange(ROWS) % 3, classes, (classes + 1) % 4)
    parquet(table(x, y=y), Path("x.parquet"))
    flags = [] if flag is None else [flag]
    assert run_command(["run", str(model_path), "x.parquet", *flags, "-o", f"o{suffix}"]) == 0
    out, err = capsys.readouterr()
    assert out == ("" if flag == "--bits" else "accuracy 66.6667% (700 of 1,050)\n")
    assert err == "x.parquet: 1,050 samples in '12 columns'\n"
    expected = {
        "--scores": outcome.counts.astype(np.float32) / np.float32(3),
        "--counts": outcome.counts,
        "--bits": outcome.bits,
        None: classes,
    }[flag]
    if suffix == ".npy":
        read = np.load("o.npy")
    elif suffix == ".csv":
        read = np.loadtxt("o.csv", delimiter=",", dtype=expected.dtype if flag != "--bits" else int)
    else:
        column = pa.parquet.read_table("o.parquet")
        assert column.column_names == [flag[2:] if flag else "class"]
        read = np.array(column.column(0).to_pylist(), expected.dtype)
    assert np.array_equal(read, expected)


@pytest.mark.parametrize("name", ["columns.parquet", "stream.arrow"])
def test_progress_over_rows(
    kernel_path: Path, small_blocks: int, tmp_path: Path, monkeypatch, capsys, name: str
) -> None:
    """A bar on stderr where it is a terminal; over all rows, if it is known how many there are."""
    FORMATS[name](samples(ROWS), np.zeros(ROWS, np.int64), tmp_path / name)
    told: list[tuple[int, int]] = []

    @contextmanager
    def bar(what: str) -> Iterator[Callable[[int, int], None]]:
        assert what == f"running {name}"
        yield lambda done, total: told.append((done, total))

    monkeypatch.setattr(sys.modules["lgc.cli.run"], "progress", bar)
    assert run_command(["-q", "run", str(kernel_path), str(tmp_path / name)]) == 0
    assert told == ([] if "stream" in name else sorted(set(told)))
    assert "stream" in name or (len(told) > 10 and told[-1] == (ROWS, ROWS))
    assert capsys.readouterr().err == ""


GROWTH = """
import sys
from pathlib import Path
from lgc.cli import run_command

def peak():  # of this program alone; ru_maxrss begins with that of the parent
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])

warm, big, kernel, out = sys.argv[1:]
assert run_command(["-q", "run", kernel, warm, "-o", out]) == 0
before = peak()
assert run_command(["-q", "run", kernel, big, "-o", out]) == 0
print((peak() - before) * 1024)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
@pytest.mark.parametrize("suffix", [".npy", ".parquet"])
def test_memory_does_not_grow_with_the_file(kernel_path: Path, tmp_path: Path, suffix: str) -> None:
    """480 MB of samples are read in less than 150 MB."""
    rows = 10_000_000
    warm, big = tmp_path / f"warm{suffix}", tmp_path / f"big{suffix}"
    zeros = np.zeros((200_000, FEATURES), np.float32)
    if suffix == ".npy":  # a file with a hole takes no disk
        np.save(warm, zeros)
        np.lib.format.open_memmap(big, "w+", np.float32, (rows, FEATURES))
    else:
        pa.parquet.write_table(table(zeros), warm)
        with pa.parquet.ParquetWriter(big, table(zeros).schema) as writer:
            for _ in range(rows // len(zeros)):
                writer.write_table(table(zeros))
    source = open_data(big)
    assert source.rows == rows
    assert source.row_bytes * rows == 480e6
    script = [sys.executable, "-c", GROWTH, warm, big, kernel_path, tmp_path / "out.npy"]
    done = subprocess.run(script, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    print(done.stdout)
    assert int(done.stdout.splitlines()[-1]) < 150e6
    assert len(np.load(tmp_path / "out.npy", mmap_mode="r")) == rows
