"""Convolutions of gates, and what stands around them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Generator, Tensor

from ..errors import UsageError
from .described import Described
from .neurons import Neurons
from .scaling import scaled
from .trees import Sliding, trees


class LogicConv2d(Neurons):
    """Trees of two-input gates at every place of a window over an image.

    Every kernel reads ``2**tree_depth`` values of its window, of any channels, with zeros around
    the image; its gates are the same at all places.

    Attributes:
        weights: float32 ``(num_kernels · gates, size)``, kernel by kernel, the gates that read the
            window first and the root last.
        leaves: int64 ``(num_kernels, 2**tree_depth, 3)``: channel, row and column in the window.
    """

    arguments = (
        "in_dim", "channels", "num_kernels", "tree_depth", "receptive_field_size", "stride",
        "padding", "grad_factor", "connections", "parametrization", "logic", "weight_init",
        "temperature",
    )  # fmt: skip

    leaves: Tensor

    def __init__(
        self,
        in_dim: int | Sequence[int],
        channels: int = 1,
        num_kernels: int = 16,
        tree_depth: int = 2,
        receptive_field_size: int | Sequence[int] = 2,
        stride: int | Sequence[int] = 1,
        padding: int | Sequence[int] = 0,
        device: str | torch.device | None = None,
        grad_factor: float = 1.0,
        connections: str = "random",
        *,
        parametrization: str = "softmax",
        logic: str = "product",
        weight_init: str = "normal",
        temperature: float = 1.0,
        generator: Generator | None = None,
    ) -> None:
        """Make a layer; sizes are one number or rows and columns.

        Args:
            in_dim: of the image.
            tree_depth: gates between a window and the result.
            grad_factor: gradients are multiplied by it on their way to the input.
            connections: what a kernel reads is drawn: ``random``, or ``unique``: no kernel reads
                a value twice.
            parametrization, logic, weight_init, temperature, generator: as in `LogicLayer`.

        Raises:
            UsageError: an argument is unknown or out of range.
        """
        self_in, window = pair(in_dim, 1, "in_dim"), pair(receptive_field_size, 1, "the window")
        steps, around = pair(stride, 1, "stride"), pair(padding, 0, "padding")
        where = "LogicConv2d"
        if channels < 1 or num_kernels < 1 or not 1 <= tree_depth <= 10:
            raise UsageError(
                f"{num_kernels} kernels of depth {tree_depth} over {channels} channels", where=where
            )
        grid = places(self_in, window, steps, around, where)
        gates = (1 << tree_depth) - 1
        super().__init__(
            num_kernels * gates, 2, parametrization, logic, weight_init, temperature, generator
        )
        self.in_dim, self.channels, self.num_kernels = self_in, channels, num_kernels
        self.tree_depth, self.receptive_field_size = tree_depth, window
        self.stride, self.padding = steps, around
        self.grad_factor, self.connections = grad_factor, connections
        self.sliding = Sliding(channels, self_in, grid, steps, around)
        self.register_buffer("leaves", self._drawn(generator))
        if device is not None:
            self.to(device)

    def _drawn(self, generator: Generator | None) -> Tensor:
        rows, columns = self.receptive_field_size
        there, wanted = self.channels * rows * columns, 1 << self.tree_depth
        if self.connections == "random":
            number = torch.randint(there, (self.num_kernels, wanted), generator=generator)
        elif self.connections == "unique":
            if wanted > there:
                raise UsageError(
                    f"a window of {there} values has no {wanted} different ones",
                    where="LogicConv2d",
                    hint="connections random",
                )
            chance = torch.rand(self.num_kernels, there, generator=generator)
            number = chance.argsort(1)[:, :wanted]
        else:
            raise UsageError(
                f"connections are random or unique, not {self.connections!r}", where="LogicConv2d"
            )
        place = number % (rows * columns)
        parts = [number // (rows * columns), place // columns, place % columns]
        return torch.stack(parts, dim=-1)

    def forward(self, x: Tensor) -> Tensor:
        """``(n, channels, rows, columns)`` numbers from 0 to 1, or rows of as many, to images of
        ``num_kernels`` channels."""
        shape = (self.channels, *self.in_dim)
        if tuple(x.shape[1:]) != shape and x.shape[1:].numel() != torch.Size(shape).numel():
            raise UsageError(
                f"the layer reads images of {shape}, and gets {tuple(x.shape)}", where="LogicConv2d"
            )
        rows = scaled(x.reshape(len(x), -1).to(self.weights.dtype), self.grad_factor)
        if self.training:
            made = trees(rows, self.leaves, self.coefficients(), self.sliding, self.logic)
        else:
            made = trees(rows, self.leaves, self.hard_coefficients(), self.sliding)
        return made.reshape(len(x), self.num_kernels, *self.sliding.grid)


class OrPool2d(Described):
    """Whether anything in a window is 1, channel by channel, with zeros around the image."""

    arguments = ("kernel_size", "stride", "padding", "relaxation")

    def __init__(
        self,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] | None = None,
        padding: int | Sequence[int] = 0,
        relaxation: str = "max",
    ) -> None:
        """Make a layer; sizes are one number or rows and columns.

        Args:
            stride: by default the windows stand side by side.
            relaxation: between the bits ``max``, the largest of a window, which takes all the
                gradient; or ``probabilistic``, 1 - ∏(1 - x), in which all have a share.

        Raises:
            UsageError: an argument is unknown or out of range.
        """
        super().__init__()
        self.kernel_size = pair(kernel_size, 1, "kernel_size")
        self.stride = pair(kernel_size if stride is None else stride, 1, "stride")
        self.padding = pair(padding, 0, "padding")
        self.relaxation = relaxation
        if relaxation not in ("max", "probabilistic"):
            raise UsageError(
                f"relaxation is one of max, probabilistic, not {relaxation!r}", where="OrPool2d"
            )
        if any(2 * around > side for around, side in zip(self.padding, self.kernel_size)):
            raise UsageError(
                f"padding {self.padding} is more than half of windows of {self.kernel_size}",
                where="OrPool2d",
            )

    def forward(self, x: Tensor) -> Tensor:
        """``(n, channels, rows, columns)`` numbers from 0 to 1 to as many smaller images."""
        if x.ndim != 4:
            raise UsageError(f"images are pooled, not {tuple(x.shape)}", where="OrPool2d")
        grid = places(
            (x.shape[2], x.shape[3]), self.kernel_size, self.stride, self.padding, "OrPool2d"
        )
        planes = x.permute(1, 2, 3, 0)  # where layers of gates leave them, nothing is copied
        if self.relaxation == "max":
            made = torch.nn.functional.max_pool3d(
                planes,
                (*self.kernel_size, 1),
                (*self.stride, 1),
                (*self.padding, 0),
            )
        else:
            down, across = self.padding
            padded = torch.nn.functional.pad(planes, (0, 0, across, across, down, down))
            none = torch.ones((), dtype=x.dtype, device=x.device)
            for row in range(self.kernel_size[0]):
                for column in range(self.kernel_size[1]):
                    stop = row + (grid[0] - 1) * self.stride[0] + 1
                    end = column + (grid[1] - 1) * self.stride[1] + 1
                    seen = padded[:, row : stop : self.stride[0], column : end : self.stride[1]]
                    none = none * (1 - seen)
            made = 1 - none
        return made.permute(3, 0, 1, 2)


class Flatten(Described):
    """Images as rows: channel by channel, then row by row."""

    def forward(self, x: Tensor) -> Tensor:
        """``(n, …)`` to ``(n, features)``."""
        return x.reshape(len(x), -1)


def pair(value: int | Sequence[int], least: int, what: str) -> tuple[int, int]:
    """Rows and columns, from both or one number for both.

    Raises:
        UsageError: they are not whole numbers of at least ``least``.
    """
    both = (value, value) if isinstance(value, int) else tuple(value)
    if len(both) != 2 or not all(type(side) is int and side >= least for side in both):
        raise UsageError(f"{what} is {value!r}", hint=f"whole numbers of at least {least}")
    return both


def places(
    size: tuple[int, int],
    window: tuple[int, int],
    stride: tuple[int, int],
    padding: tuple[int, int],
    where: str,
) -> tuple[int, int]:
    """Rows and columns of places of a window.

    Raises:
        UsageError: it does not fit.
    """
    rows, columns = (
        (side + 2 * around - reach) // step + 1
        for side, reach, step, around in zip(size, window, stride, padding)
    )
    if rows < 1 or columns < 1:
        raise UsageError(f"a window of {window} does not fit into {size}", where=where)
    return rows, columns
