"""Data sets: archives, folders of idx files, and what is wrong with them."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lgc.errors import InputError, UsageError
from lgc.training.datasets import Reading, make_dataset, read_dataset, stratified


def refused(message: str) -> Any:
    return pytest.raises((InputError, UsageError), match=f"^{re.escape(message)}$")


def rows(n: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(n).integers(0, 256, (n, *shape), np.uint8)


def test_digits_are_those_of_scikit_learn() -> None:
    data = read_dataset("digits")
    assert (data.x_train.shape, data.x_test.shape) == ((1437, 64), (360, 64))
    assert data.x_train.dtype == np.uint8
    assert data.classes == tuple("0123456789")
    assert np.bincount(data.y_test).tolist() == [36, 36, 35, 37, 36, 37, 36, 36, 35, 36]


def test_an_archive_of_images(tmp_path: Path) -> None:
    x, y = rows(30, 4, 5), np.arange(30) % 3
    np.savez(tmp_path / "a.npz", x_train=x, y_train=y[:, None], x_test=x[:6], y_test=y[:6] + 0.0)
    data = read_dataset(tmp_path / "a.npz")
    assert (data.name, data.shape, data.features) == ("a", (4, 5), 20)
    assert (data.x_train == x.reshape(30, 20)).all()
    assert data.y_test.tolist() == [0, 1, 2, 0, 1, 2]


def test_labels_are_numbered_and_keep_their_names(tmp_path: Path) -> None:
    x = rows(12, 4)
    y = np.array(["cat", "dog", "ant"] * 4)
    np.savez(tmp_path / "a.npz", x_train=x, y_train=y, x_test=x[:3], y_test=y[:3])
    data = read_dataset(tmp_path / "a.npz")
    assert data.classes == ("ant", "cat", "dog")
    assert data.y_test.tolist() == [1, 2, 0]
    np.savez(
        tmp_path / "b.npz",
        x_train=x,
        y_train=np.arange(12) % 3 * 10 + 5,
        x_test=x,
        y_test=[25] * 12,
    )
    data = read_dataset(tmp_path / "b.npz")
    assert data.classes == ("5", "15", "25")
    assert set(data.y_test.tolist()) == {2}


def test_rows_are_split_by_class(tmp_path: Path) -> None:
    x, y = rows(100, 4), np.repeat([0, 1], [80, 20])
    np.savez(tmp_path / "a.npz", b=x, y=y)
    data = read_dataset(tmp_path / "a.npz", Reading(x="b", share=0.25))
    assert np.bincount(data.y_test).tolist() == [20, 5]
    assert len(data.y_train) == 75
    again = read_dataset(tmp_path / "a.npz", Reading(x="b", share=0.25))
    assert again.fingerprint() == data.fingerprint()
    other = read_dataset(tmp_path / "a.npz", Reading(x="b", share=0.25, seed=1))
    assert other.fingerprint() != data.fingerprint()


def test_keys_with_and_without_a_file_for_the_test(tmp_path: Path) -> None:
    x, y = rows(20, 4), np.arange(20) % 2
    np.savez(tmp_path / "a.npz", m_b_train=x, m_y_train=y, m_b_test=x[:5], m_y_test=y[:5])
    assert len(read_dataset(tmp_path / "a.npz", Reading(x="m_b", y="m_y")).y_test) == 5
    np.savez(tmp_path / "t.npz", m_b=x[:7], m_y=y[:7])
    given = Reading(x="m_b", y="m_y", test=tmp_path / "t.npz")
    assert len(read_dataset(tmp_path / "a.npz", given).y_test) == 7


def test_what_is_wrong_with_archives(tmp_path: Path) -> None:
    file = tmp_path / "a.npz"
    np.savez(file, images=rows(4, 2))
    with refused(
        f"{file}: there is no array x_train or x\n"
        "  hint: --x names it without _train and _test; there are images uint8 (4, 2)"
    ):
        read_dataset(file)
    file.write_bytes(b"nothing of the kind")
    with pytest.raises(InputError, match="this is no archive of plain arrays"):
        read_dataset(file)
    np.savez(file, x=np.array([{}, {}]), y=[0, 1])
    with pytest.raises(InputError, match="this is no archive of plain arrays: Object arrays"):
        read_dataset(file)
    with refused(
        f"{tmp_path / 'b.npz'}: there is no such file or folder\n  hint: data is digits, an .npz "
        "archive with x_train, y_train, x_test and y_test, a folder of idx files, or .csv or "
        ".parquet with --label COLUMN"
    ):
        read_dataset(tmp_path / "b.npz")
    with refused("--test-share: 1 is not a share of the rows"):
        read_dataset(file, Reading(share=1.0))


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (
            rows(4, 2),
            np.zeros((4, 3)),
            "d: training rows: there are 4 samples and labels of the shape (4, 3)\n"
            "  hint: one label for each sample, its class and not a vector",
        ),
        (
            np.array([[0.5, np.nan], [1, 2], [np.inf, np.nan]]),
            np.arange(3),
            "d: training rows: 2 samples have missing or infinite values, the first is sample 0, "
            "number 1\n  hint: a network has no missing values: fill them or drop the rows",
        ),
        (
            np.array([["a", "b"]]),
            np.arange(1),
            "d: training rows: samples are numbers in rows, not <U1 (1, 2)\n"
            "  hint: an array (samples, features), or (samples, height, width)",
        ),
        (
            rows(3, 2),
            np.ones(3, int),
            "d: all training rows are of one class, 1\n  hint: is this the column of labels?",
        ),
        (
            rows(3, 2),
            np.array([0.5, 1, 2]),
            "d: labels are whole numbers or text, not float64\n"
            "  hint: a network of gates tells classes apart; it does not estimate numbers",
        ),
        (
            rows(3000, 2),
            np.arange(3000),
            "d: 3,000 different labels for 3,000 rows are no classes\n"
            "  hint: is this the column of labels? A class has many rows",
        ),
    ],
)
def test_what_is_wrong_with_rows(x: np.ndarray, y: np.ndarray, message: str) -> None:
    with refused(message):
        make_dataset("d", (x, y))


def test_test_rows_must_fit() -> None:
    x, y = rows(8, 2), np.arange(8) % 2
    with refused("d: test samples have the shape (3,), training samples (2,)"):
        make_dataset("d", (x, y), (rows(2, 3), y[:2]))
    with refused(
        "d: 1 test rows have a class that no training row has, such as '7'\n"
        "  hint: do both files spell the classes alike?"
    ):
        make_dataset("d", (x, y), (x[:2], np.array([0, 7])))


def test_every_class_is_held_back_by_its_share() -> None:
    held = stratified(np.repeat(np.arange(3), [10, 20, 30]), 0.1, seed=5)
    assert [held[:10].sum(), held[10:30].sum(), held[30:].sum()] == [1, 2, 3]


def write_idx(path: Path, array: np.ndarray, *, zipped: bool = False) -> None:
    kind = {"uint8": 8, "float32": 13}[array.dtype.name]
    head = bytes([0, 0, kind, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    data = head + array.astype(array.dtype.newbyteorder(">")).tobytes()
    path.write_bytes(gzip.compress(data) if zipped else data)


@pytest.mark.parametrize("zipped", [False, True])
def test_idx_folders_as_torchvision_leaves_them(tmp_path: Path, zipped: bool) -> None:
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    x, y = rows(20, 3, 3), np.arange(20, dtype=np.uint8) % 4
    end = ".gz" if zipped else ""
    for name, count in (("train", 20), ("t10k", 8)):
        write_idx(raw / f"{name}-images-idx3-ubyte{end}", x[:count], zipped=zipped)
        write_idx(raw / f"{name}-labels-idx1-ubyte{end}", y[:count], zipped=zipped)
    for folder in (raw, tmp_path / "MNIST", tmp_path):
        data = read_dataset(folder)
        assert data.shape == (3, 3)
        assert (data.x_train == x.reshape(20, 9)).all()
        assert data.y_test.tolist() == y[:8].tolist()


def test_what_is_wrong_with_idx_folders(tmp_path: Path) -> None:
    with refused(
        f"{tmp_path}: there is no train-images-idx file, gzipped or not, nor in raw/ or */raw/\n"
        "  hint: such as MNIST/raw/train-images-idx3-ubyte, as torchvision leaves it"
    ):
        read_dataset(tmp_path)
    file = tmp_path / "train-images-idx3-ubyte"
    write_idx(file, rows(20, 3, 3))
    file.write_bytes(file.read_bytes()[:-1])
    with refused(f"{file}: has 179 bytes of values, its header says 180\n  hint: fetch it again"):
        read_dataset(tmp_path)
    file.write_bytes(b"PK")
    with refused(f"{file}: this is no idx file"):
        read_dataset(tmp_path)
