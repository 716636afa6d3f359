"""demorgan on the command line: its option, and what is said of a wrong one."""

from __future__ import annotations

import pytest

import lgc
from lgc import demo
from lgc.errors import UsageError
from lgc.synthesis.inverters import inverters


def test_the_option_is_text() -> None:
    model = lgc.optimize(demo.model_path(), "O2,demorgan{direction=inputs}")
    assert model.stats[-1].name == 'demorgan{direction="inputs"}'
    plain = lgc.optimize(demo.model_path(), "O2")
    counts = [inverters(one.chain.stages[0].net.data) for one in (model, plain)]
    assert counts[0] < counts[1]


def test_a_wrong_direction() -> None:
    with pytest.raises(UsageError) as caught:
        lgc.optimize(demo.model_path(), "demorgan{direction=up}")
    assert str(caught.value) == (
        "pass demorgan: direction is one of inputs, outputs, fewest, not up"
    )
