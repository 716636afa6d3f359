"""to-basis on the command line and from Python: options, and what is said of wrong ones."""

from __future__ import annotations

import pytest

import lgc
from lgc import demo
from lgc.errors import UsageError


def test_a_model_of_nors() -> None:
    model = lgc.optimize(demo.model_path(), "O2,to-basis{basis=nor rounds=2}")
    assert model.stats[-1].name == 'to-basis{basis="nor" rounds=2}'
    assert model.stats[-1].checked.startswith("random")
    assert {int(table) for stage in model.chain.stages for table in stage.net.data.table} == {8}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("to-basis{rounds=-1}", "pass to-basis: rounds cannot be -1"),
        (
            'to-basis{basis="xor,not"}',
            "pass to-basis: xor, not: not every function can be made of this: "
            "all are affine, sums modulo 2, so AND and OR cannot be made\n"
            "  hint: bases that make everything: nand, nor, and-not, or-not, xag, mig, mux",
        ),
    ],
)
def test_wrong_options(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        lgc.optimize(demo.model_path(), text)
    assert str(caught.value) == said
