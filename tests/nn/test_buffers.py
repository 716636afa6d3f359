"""Memory of results: used again when nobody sees it any more, and not before."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from lgc import nn  # noqa: E402
from lgc.nn.buffers import empty  # noqa: E402

SHAPE = (512, 128)


def test_memory_is_used_again() -> None:
    first = empty(SHAPE)
    address = first.ctypes.data
    assert first.flags.writeable
    del first
    assert empty(SHAPE).ctypes.data == address


VIEWS = {
    "slice": lambda whole: whole[3:5].reshape(-1),
    "transpose": lambda whole: whole.T,
    "tensor": torch.from_numpy,
    "slice of a tensor": lambda whole: torch.from_numpy(whole).t()[4:6].flatten(),
}


@pytest.mark.parametrize("part", VIEWS)
def test_views_keep_it(part: str) -> None:
    whole = empty(SHAPE)
    whole[:] = 7
    seen = VIEWS[part](whole)
    del whole
    others = [empty(SHAPE) for _ in range(5)]
    for other in others:
        other[:] = 0
    assert (seen == 7).all()


def test_results_that_live_stay_as_they_are() -> None:
    torch.manual_seed(0)
    layer = nn.LogicLayer(400, 400)
    x = torch.rand(200, 400)
    first = layer(x)
    copy = first.detach().clone()
    for _ in range(5):
        layer(torch.rand(200, 400)).sum().backward()
    assert torch.equal(first.detach(), copy)
