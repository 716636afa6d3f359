"""Tables: columns of numbers and of text, labels, missing cells."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lgc.errors import InputError, UsageError
from lgc.training.datasets import Column, Reading, read_dataset

PEOPLE = """age, town, sex, income
39, Rome, male, <=50K
50, Oslo, female, >50K
38, Rome, female, <=50K
53, Bern, male, >50K
28, Oslo, female, <=50K
37, Rome, female, >50K
"""


def refused(message: str) -> Any:
    return pytest.raises((InputError, UsageError), match=f"^{re.escape(message)}$")


@pytest.fixture
def people(tmp_path: Path) -> Path:
    file = tmp_path / "people.csv"
    file.write_text(PEOPLE)
    return file


def test_text_becomes_a_bit_for_each_value(people: Path) -> None:
    data = read_dataset(people, Reading(label="income", test=people))
    assert data.classes == ("<=50K", ">50K")
    assert data.columns == (
        Column("age"),
        Column("town", ("Bern", "Oslo", "Rome")),
        Column("sex", ("female", "male")),
    )
    assert data.x_train.dtype == np.uint8
    assert data.x_train[:2].tolist() == [[39, 0, 0, 1, 0, 1], [50, 0, 1, 0, 1, 0]]
    assert data.y_train.tolist() == [0, 1, 0, 1, 0, 1]


def test_a_value_only_test_rows_have(people: Path, tmp_path: Path) -> None:
    test = tmp_path / "test.csv"
    test.write_text("income,sex,town,age\n>50K,male,Kyiv,40\n")
    data = read_dataset(people, Reading(label="income", test=test))
    assert data.x_test.tolist() == [[40, 0, 0, 0, 0, 1]]
    assert data.remarks == (
        f"{test}: column 'town': 1 rows have a value that no training row has, such as 'Kyiv'; "
        "all of its bits are 0",
    )


def test_without_a_header(tmp_path: Path) -> None:
    file = tmp_path / "a.data"
    file.write_text("1.5;a\n2.5;b\n" * 10)
    for label in ("1", "-1"):
        data = read_dataset(file, Reading(label=label))
        assert data.classes == ("a", "b")
        assert data.columns == (Column("0"),)
        assert data.x_train.dtype == np.float32
        assert len(data.y_test) == 4


def test_missing_cells(people: Path) -> None:
    people.write_text(PEOPLE + "?, Rome, male, >50K\n41, , male, >50K\n42, , male, <=50K\n")
    with refused(
        f"{people}: 3 of 9 rows lack values (by column: 'age' 1, 'town' 2); the first is row 7\n"
        "  hint: --missing drop leaves these rows out, --missing own makes a missing text a value "
        "of its own; missing numbers must be filled or dropped"
    ):
        read_dataset(people, Reading(label="income"))
    data = read_dataset(people, Reading(label="income", missing="drop", share=0.4))
    assert len(data.y_train) + len(data.y_test) == 6
    assert data.remarks == (f"{people}: 3 of 9 rows lack values, left out",)
    with refused(
        f"{people}: 1 of 9 rows lack values (by column: 'age' 1, 'town' 2); the first is row 7\n"
        "  hint: --missing drop leaves these rows out, --missing own makes a missing text a value "
        "of its own; missing numbers must be filled or dropped"
    ):
        read_dataset(people, Reading(label="income", missing="own"))
    people.write_text(PEOPLE + "41, , male, >50K\n" * 4)
    data = read_dataset(people, Reading(label="income", missing="own"))
    assert data.columns[1] == Column("town", ("", "Bern", "Oslo", "Rome"))


def test_what_is_wrong_with_tables(people: Path) -> None:
    with refused(
        f"{people}: which column is the class?\n  hint: --label COLUMN, of age, town, sex, income"
    ):
        read_dataset(people)
    with refused(f"{people}: there is no column 'wage'\n  hint: there are age, town, sex, income"):
        read_dataset(people, Reading(label="wage"))
    people.write_text("a,b\n1,x\n2\n")
    with refused(
        f"{people}: row 2 has 1 cells, the first line has 2\n"
        "  hint: the cells are taken to be separated by ','"
    ):
        read_dataset(people, Reading(label="b"))
    people.write_text("a,a\n1,x\n")
    with refused(f"{people}: two columns are called 'a'"):
        read_dataset(people, Reading(label="a"))
    people.write_text("a,b\n")
    with refused(f"{people}: there are no rows below the header"):
        read_dataset(people, Reading(label="a"))
    people.write_text("")
    with refused(f"{people}: the file is empty"):
        read_dataset(people, Reading(label="a"))
    people.write_text("".join(f"name {i},{i % 2}\n" for i in range(2000)))
    with refused(
        f"{people}: column '0' has 1,600 different values, such as 'name 0'\n  hint: text becomes "
        "a bit for each value, at most 256: leave the column out"
    ):
        read_dataset(people, Reading(label="1"))


def test_a_test_file_with_text_among_numbers(people: Path, tmp_path: Path) -> None:
    test = tmp_path / "test.csv"
    test.write_text("age,town,sex,income\nold,Rome,male,>50K\n")
    with refused(f"{test}: column 'age' holds 'old' where the training rows hold numbers"):
        read_dataset(people, Reading(label="income", test=test))
    test.write_text("age,town,income\n4,Rome,>50K\n")
    with refused(f"{test}: there is no column sex\n  hint: it has the columns of {people}"):
        read_dataset(people, Reading(label="income", test=test))


def test_parquet(people: Path, tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    csv = read_dataset(people, Reading(label="income", test=people))
    lines = [line.split(", ") for line in PEOPLE.splitlines()]
    table = dict(zip(lines[0], map(list, zip(*lines[1:]))))
    table["age"] = list(map(int, table["age"]))
    file = tmp_path / "people.parquet"
    parquet.write_table(pa.table(table), file)
    data = read_dataset(file, Reading(label="income", test=file))
    assert data.columns == csv.columns
    assert (data.x_train == csv.x_train).all()
    rows = pa.table({"a": [0.1, 2.5], "b": [True, False], "y": [7, 9]})
    parquet.write_table(pa.concat_tables([rows] * 5), file)
    data = read_dataset(file, Reading(label="y"))
    assert data.x_train.dtype == np.float32
    assert np.unique(data.x_train, axis=0).tolist() == [[np.float32(0.1), 1], [2.5, 0]]
    assert data.classes == ("7", "9")
    parquet.write_table(pa.table({"a": [1, None, 3], "b": ["x", "y", "x"]}), file)
    with pytest.raises(InputError, match=r"1 of 3 rows lack values \(by column: 'a' 1\)"):
        read_dataset(file, Reading(label="b"))
