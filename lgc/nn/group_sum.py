"""Class scores: sums of equal groups."""

from __future__ import annotations

from torch import Tensor

from ..errors import UsageError
from .described import Described


class GroupSum(Described):
    """The sum of each of ``k`` equal groups of values, plus ``beta``, divided by ``tau``."""

    arguments = ("k", "tau", "beta")

    def __init__(self, k: int, tau: float = 1.0, beta: float = 0.0) -> None:
        """Make the head of a classifier.

        Args:
            k: classes.
            tau: the temperature of the softmax behind it: as large as a confident class should
                lead by.

        Raises:
            UsageError: there are no classes, or tau is not above 0.
        """
        super().__init__()
        if k < 1 or not tau > 0:
            raise UsageError(f"GroupSum of {k} classes and tau {tau}", where="GroupSum")
        self.k, self.tau, self.beta = k, float(tau), float(beta)

    def forward(self, x: Tensor) -> Tensor:
        """``(n, width)`` values become ``(n, k)`` scores."""
        if x.shape[-1] % self.k:
            raise UsageError(
                f"{x.shape[-1]} values do not fall into {self.k} equal groups", where="GroupSum"
            )
        size = x.shape[-1] // self.k
        # over the rows of planes, where the values stand that layers of gates give
        total = x.t().reshape(self.k, size, len(x)).sum(1).t()
        return (total + self.beta) / self.tau
