"""What a training ends with is checked, and refused where it is wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

import lgc  # noqa: E402
from lgc.errors import CheckError, UsageError  # noqa: E402
from lgc.training import finishing  # noqa: E402
from lgc.training.datasets import Column, make_dataset  # noqa: E402
from lgc.training.logs import picture_record  # noqa: E402
from lgc.training.trainer import train  # noqa: E402
from tests.training.test_trainer import DATA, SMALL  # noqa: E402


def test_kernel_network_and_model_agree() -> None:
    trained = train(replace(SMALL, beta=0.5), DATA)
    finished, kernel = finishing.finish(trained, DATA, luts=3)
    x = torch.from_numpy(DATA.x_test.astype(np.float32))
    assert (kernel(DATA.x_test) == trained.model(x).numpy()).all()
    right = (trained.model(x).argmax(1).numpy() == DATA.y_test).mean()
    assert finished.hard == finished.compiled == right
    assert (finished.gates, finished.rows) == (80, len(DATA.y_test))
    assert finished.left == lgc.optimize(trained.model, "O2").gates
    assert finished.luts == lgc.optimize(trained.model, "O3,map-lut{k=3}").gates
    assert not trained.model.training


def test_another_kernel_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    trained, other = train(SMALL, DATA), train(replace(SMALL, seed=4), DATA)
    wrong = lgc.compile(other.model)
    monkeypatch.setattr(finishing, "compile", lambda model: wrong)
    with pytest.raises(
        CheckError, match=r"test rows have other scores in the kernel than in torch"
    ):
        finishing.finish(trained, DATA)
    monkeypatch.setattr(finishing, "_compare", lambda *_: None)
    with pytest.raises(CheckError, match=r"^the kernel differs from the network: different"):
        finishing.finish(trained, DATA)


def test_notes_name_classes_and_columns() -> None:
    data = replace(DATA, columns=(Column("a"), Column("b", ("x", "y"))))
    trained = train(SMALL, DATA)
    told: dict[str, Any] = finishing.notes(trained, data)
    assert told["classes"] == ["0", "1"]
    assert told["columns"] == [{"name": "a", "values": []}, {"name": "b", "values": ["x", "y"]}]
    assert told["recipe"]["input"] == "bool"
    assert "columns" not in finishing.notes(trained, DATA)


def test_bits_that_say_nothing_are_left_out() -> None:
    x = np.array([[0, 5, 9], [1, 5, 2], [2, 5, 2], [3, 5, 9]] * 10, np.uint8)
    data = make_dataset("d", (x, x[:, 0] % 2))
    recipe = replace(SMALL, arch="1x8", input="thermometer:0,1,3,6")
    trained = train(recipe, data)
    # numbers above 0, 1, 3, 6: the first 0, 1, (3); the second all or none; the third 3 or 6
    assert trained.model[1].indices.tolist() == [0, 3, 8]
    assert lgc.check(trained.model, lgc.compile(trained.model), mode="proof")


def test_no_window_without_a_screen() -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    import matplotlib

    matplotlib.use("agg")
    with pytest.raises(
        UsageError, match=r"^--plot: there is no screen for a window, or no toolkit"
    ):
        picture_record("window", "title")
