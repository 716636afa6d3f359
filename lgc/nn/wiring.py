"""Which values a neuron reads: drawn by torch, in difflogic's own order for two inputs.

After `torch.manual_seed` a network has the wiring that difflogic gives it on a CPU.
"""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from ..errors import UsageError

CONNECTIONS = ("random", "unique")


def draw(
    connections: str, inputs: int, outputs: int, k: int, generator: Generator | None
) -> Tensor:
    """Columns that each neuron reads, int64 ``(k, outputs)``.

    Args:
        connections: ``random``: every input is read as often as any other, give or take one;
            ``unique``: no two neurons read the same pair, as far as there are others.

    Raises:
        UsageError: more or fewer are read than there can be.
    """
    if connections == "random":
        if k * outputs < inputs:
            raise UsageError(
                f"{outputs} neurons of {k} inputs cannot read {inputs} values",
                where="LogicLayer",
                hint=f"at least {-(-inputs // k)} neurons do",
            )
        order = torch.randperm(k * outputs, generator=generator) % inputs
        return torch.randperm(inputs, generator=generator)[order].reshape(k, outputs)
    if connections == "unique" and k == 2:
        return _unique(inputs, outputs, generator)
    raise UsageError(
        f"connections are {', '.join(CONNECTIONS)} (for two inputs), or learnable, not "
        f"{connections!r}",
        where="LogicLayer",
    )


def _unique(inputs: int, outputs: int, generator: Generator | None) -> Tensor:
    """Pairs of neighbours first, then neighbours but one, and so on, shuffled."""
    if inputs > 2 * outputs:
        raise UsageError(
            f"{outputs} neurons of 2 inputs cannot read {inputs} values", where="LogicLayer"
        )
    if outputs > inputs * (inputs - 1) // 2:
        raise UsageError(
            f"{inputs} values have {inputs * (inputs - 1) // 2} pairs, not {outputs}",
            where="LogicLayer",
        )
    column = torch.arange(inputs)
    even, odd = column[: inputs // 2 * 2], column[1 : 1 + (inputs - 1) // 2 * 2]
    pairs = [even.reshape(-1, 2), odd.reshape(-1, 2)]
    for distance in range(2, inputs):
        if sum(map(len, pairs)) >= outputs:
            break
        pairs.append(torch.stack([column[:-distance], column[distance:]], dim=1))
    chosen = torch.cat(pairs)[:outputs].t()
    return chosen[:, torch.randperm(outputs, generator=generator)].contiguous()
