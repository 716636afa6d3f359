"""A gate network as it stood when torch traced it, and its kernel, for whatever weights it has now.

torch runs one graph for every module of the same shape, with the tensors of the module as inputs.
So a network is a copy of the module that was traced, into which the tensors of a call are written.
"""

from __future__ import annotations

import copy
import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import torch

from .. import driver
from ..errors import UnsupportedError, UsageError
from ..interfaces import Kernel
from ..model import Model
from .options import Options

_KEPT = 4
"""Modules that may take turns in one graph without being read anew."""

Part = torch.Tensor | tuple[torch.nn.Module, str]
"""A tensor of a copy, or an attribute of a module in it that is a number."""


class Network:
    """A copy of a module, and kernels for the weights that it was called with.

    Attributes:
        copies: its tensors by the ``id`` of those of the module.
    """

    def __init__(self, module: torch.nn.Module, shape: tuple[int, ...], options: Options) -> None:
        """Of a module that reads samples of a shape.

        Raises:
            LgcError: no frontend reads it, or it cannot be copied.
        """
        self._shape, self._options = shape, options
        self._model(module)  # what is no network is told before it is copied
        memo: dict[int, Any] = {}
        try:
            with torch.no_grad():
                self._module = copy.deepcopy(module, memo)
        except (RuntimeError, TypeError) as error:
            raise UnsupportedError(
                f"it cannot be copied: {error}", where=type(module).__name__
            ) from None
        self.copies = {key: one for key, one in memo.items() if isinstance(one, torch.Tensor)}
        self._known: list[_Known] = []
        self._lock = threading.Lock()

    def number(self, module: str, name: str, value: float) -> Part | None:
        """An attribute of a submodule, where it is there and has a value."""
        copied: Any = self._module
        for path, inside in copied.named_modules():
            if path == module and getattr(inside, name, None) == value:
                return inside, name
        return None

    def kernel(self, parts: Sequence[Part], now: Sequence[Any]) -> Kernel:
        """The kernel where ``parts`` are what is given now.

        Raises:
            LgcError: weights have become NaN or infinite.
        """
        with self._lock:
            for place, known in enumerate(self._known):
                if known.is_of(now, self._options.frozen):
                    self._known.insert(0, self._known.pop(place))
                    return known.kernel
            with torch.no_grad():
                for part, given in zip(parts, now):
                    if isinstance(part, torch.Tensor):
                        part.copy_(given)
                    else:
                        setattr(*part, float(given))
            kernel = self._kernel()
            kept = [_kept(given) for given in now]
            self._known = [_Known(kernel, kept, _marks(now)), *self._known][:_KEPT]
            return kernel

    def _kernel(self) -> Kernel:
        model = self._model(self._module)
        digest = hashlib.sha256(str(model).encode()).hexdigest()
        return _compiled(_Source(digest, model), self._options)

    def _model(self, module: torch.nn.Module) -> Model:
        try:
            return driver.from_torch(module)
        except UsageError:  # the shape of a sample is missing
            return driver.from_torch(module, sample_shape=self._shape)


@dataclass(frozen=True, eq=False)
class _Known:
    """A kernel, a copy of what it was made of, and how to know that itself again."""

    kernel: Kernel
    kept: list[Any]
    marks: list[tuple[float, ...]]

    def is_of(self, now: Sequence[Any], frozen: bool) -> bool:
        if frozen and _marks(now) == self.marks:
            return True
        return all(_same(mine, given) for mine, given in zip(self.kept, now))


def _is_number(given: Any) -> bool:
    return not isinstance(given, torch.Tensor) or given.ndim == 0


def _kept(given: Any) -> Any:
    return float(given) if _is_number(given) else given.detach().clone()


def _same(kept: Any, given: Any) -> bool:
    return kept == float(given) if _is_number(given) else torch.equal(kept, given)


def _marks(now: Sequence[Any]) -> list[tuple[float, ...]]:
    return [
        (float(one),)
        if _is_number(one)
        else (one.data_ptr(), -1 if one.is_inference() else one._version)
        for one in now
    ]


@dataclass(frozen=True)
class _Source:
    """A model, known by the digest of its text."""

    digest: str
    model: Model = field(compare=False)


@lru_cache(maxsize=16)
def _compiled(source: _Source, options: Options) -> Kernel:
    """One kernel for all graphs that torch makes of a model, one for each kind of batch."""
    return driver.compile(source.model, **options.of_compile())
