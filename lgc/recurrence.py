"""Step by step: what everything that runs a recurrent model offers, a kernel or a reference.

A state is bool ``(n, state)`` or `PackedBits`; the next one comes back as the same.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import InputError, UnsupportedError, UsageError
from .inputs import PackedBits, numbers, packed, rows
from .streams import WHATS, What

State = NDArray[np.bool_] | PackedBits
"""The state of each sample."""


class Steps(ABC):
    """A model that may have a state."""

    @property
    @abstractmethod
    def features(self) -> int:
        """Numbers in one sample."""

    @property
    @abstractmethod
    def classes(self) -> int:
        """Number of classes; 0 without class sums."""

    @property
    @abstractmethod
    def gives_class(self) -> bool:
        """Whether there is a class to ask for: there are class sums, or the bits number it."""

    @property
    def initial(self) -> NDArray[np.bool_]:
        """The state before the first step, bool ``(state,)``; empty where the model has none."""
        return np.zeros(0, np.bool_)

    def initial_state(self, n: int) -> NDArray[np.bool_]:
        """The state of n samples before their first step, bool ``(n, state)``."""
        self._need_state()
        return np.tile(self.initial, (n, 1))

    def step(
        self,
        x: Any = None,
        state: State | None = None,
        *,
        what: What | None = None,
        threads: int | None = None,
    ) -> tuple[NDArray[Any], Any]:
        """One step of each sample of a batch.

        Args:
            x: a batch, as in a call; None for a model that reads nothing but its state.
            state: before the step; by default the initial one.
            what: ``predict``, ``counts``, ``scores`` or ``bits``; by default ``predict`` where the
                model gives a class, else ``bits``.

        Returns:
            The results, and the next state.

        Raises:
            UnsupportedError: the model has no state.
            InputError: batch and state do not fit the model or one another.
        """
        self._need_state()
        if isinstance(x, PackedBits):
            batch, is_packed = x.data[:, None], True
            if x.width != self.own_bits:
                raise InputError(
                    f"packed rows hold {x.width} bits, the model reads {self.own_bits} of a sample"
                )
        elif x is None:
            return self._sequence(*self._nothing(1, state), False, state, what, threads, one=True)
        else:
            batch, is_packed = rows(x, self.features)[:, None], False
        return self._sequence(batch, len(batch), is_packed, state, what, threads, one=True)

    def run_sequence(
        self,
        x: Any = None,
        state: State | None = None,
        *,
        steps: int | None = None,
        what: What | None = None,
        threads: int | None = None,
    ) -> tuple[NDArray[Any], Any]:
        """Step after step, each sample through its own sequence.

        Args:
            x: ``(n, steps, …)``, with the features of one step behind; None for a model that reads
                nothing but its state.
            steps: how many, where x does not say it.
            state, what: see `step`.

        Returns:
            The results ``(n, steps, …)``, and the state after the last step.
        """
        self._need_state()
        if x is None:
            if steps is None:
                raise UsageError("how many steps is missing", where="run_sequence", hint="steps=")
            return self._sequence(*self._nothing(steps, state), False, state, what, threads)
        batch = numbers(x)
        if batch.ndim < 2 or (batch.ndim == 2 and self.features != 1):
            raise InputError(
                f"sequences have the shape (n, steps, {self.features}), not {batch.shape}",
                hint="a single sequence is a batch of one: x[None]",
            )
        n, length = batch.shape[:2]
        batch = batch.reshape(n, length, int(np.prod(batch.shape[2:])))
        if batch.shape[2] != self.features:
            raise InputError(
                f"a step has {batch.shape[2]} numbers, the model reads {self.features}"
            )
        if steps not in (None, length):
            raise InputError(f"the sequences have {length} steps, not {steps}")
        return self._sequence(batch, n, False, state, what, threads)

    @property
    @abstractmethod
    def own_bits(self) -> int:
        """Bits that the model reads of a sample."""

    @abstractmethod
    def run_steps(
        self,
        x: NDArray[Any],
        packed: bool,
        state: NDArray[np.uint8],
        what: What,
        threads: int | None,
    ) -> tuple[NDArray[Any], NDArray[np.uint8]]:
        """Steps of a model with a state, at least one.

        Args:
            x: ``(n, steps, features)``, or packed bits ``(n, steps, bytes)``.
            state: rows of packed bits.

        Returns:
            Results ``(steps, n, …)``, and the state after the last as such rows.
        """

    def need_no_state(self) -> None:
        """Refuse what gives results without a state.

        Raises:
            UnsupportedError: there is one.
        """
        if len(self.initial):
            raise UnsupportedError(
                f"the model is recurrent, with a state of {len(self.initial)} bits: "
                "a result needs that too",
                hint="result, state = kernel.step(x, state), or kernel.run_sequence(x)",
            )

    def _need_state(self) -> None:
        if not len(self.initial):
            raise UnsupportedError(
                "the model has no state, so it makes no steps", hint="kernel.predict(x)"
            )

    def _nothing(self, steps: int, state: State | None) -> tuple[NDArray[Any], int]:
        if self.features:
            raise InputError(f"x is missing: the model reads {self.features} numbers a step")
        n = 1 if state is None else len(state)
        return np.zeros((n, steps, 0), np.bool_), n

    def _sequence(
        self,
        x: NDArray[Any],
        n: int,
        is_packed: bool,
        state: State | None,
        what: What | None,
        threads: int | None,
        *,
        one: bool = False,
    ) -> tuple[NDArray[Any], State]:
        if what is None:
            what = "predict" if self.gives_class else "bits"
        if what not in WHATS:
            raise UsageError(f"what is one of {', '.join(WHATS)}, not {what!r}")
        if what == "scores" and not self.classes:
            values, following = self._sequence(x, n, is_packed, state, "bits", threads, one=one)
            return values.astype(np.float32), following
        if what == "predict" and self.gives_class and not self.classes:
            values, following = self._sequence(x, n, is_packed, state, "bits", threads, one=one)
            return values @ (1 << np.arange(values.shape[-1], dtype=np.int64)), following
        before = self._state(state, n)
        if x.shape[1]:
            values, raw = self.run_steps(x, is_packed, before.data, what, threads)
        else:  # the shape of results without a step is that of one step without samples
            values, raw = (
                self.run_steps(
                    np.zeros((0, 1, x.shape[2]), x.dtype), is_packed, before.data[:0], what, threads
                )[0],
                before.data,
            )
            values = np.zeros((0, n, *values.shape[2:]), values.dtype)
        following = PackedBits(raw, before.width)
        shown = following if isinstance(state, PackedBits) else following.unpack()
        return (values[0] if one else values.swapaxes(0, 1)), shown

    def _state(self, state: State | None, n: int) -> PackedBits:
        wide = len(self.initial)
        if state is None:
            return packed(self.initial_state(n))
        if isinstance(state, PackedBits):
            found, shape = state, (len(state), state.width)
        else:
            array = numbers(state)
            found, shape = None, array.shape
            if array.shape == (n, wide):
                found = packed(array.astype(np.bool_))
        if found is None or shape != (n, wide):
            raise InputError(
                f"the state has the shape ({n}, {wide}), not {shape}",
                hint="initial_state(n) is the first one",
            )
        return PackedBits(np.ascontiguousarray(found.data), wide)
