"""torch's random numbers on the CPU, in NumPy: permutations, and what normal numbers consume.

The generator is the Mersenne Twister of 32-bit words (Matsumoto and Nishimura, "Mersenne Twister",
1998), seeded as NumPy's `RandomState` seeds it. What torch does with the words was measured with
torch 2.13 and has been so since wirings were made with it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lgc.loops import Row, loop

_CHUNK = 1 << 20
_FILLED = 16
"""Normal numbers from which torch makes them in blocks of so many."""
_PAIR = 4
"""Words in two normal numbers that are made one by one: two uniform numbers of 64 bits."""


class Generator:
    """``torch.manual_seed(seed)`` and what is drawn after it."""

    def __init__(self, seed: int) -> None:
        self._words = np.random.RandomState(seed % (1 << 32))
        self._spare = False

    def skip(self, words: int) -> None:
        """Draw raw words."""
        for start in range(0, words, _CHUNK):
            self._draw(min(_CHUNK, words - start))

    def skip_permutation(self, count: int) -> None:
        """``torch.randperm(count)``, its result unused: a word for each swap."""
        self.skip(max(count - 1, 0))

    def skip_normals(self, count: int) -> None:
        """``torch.randn(count)`` of float32, its result unused.

        From 16 numbers on, a word each, and the last 16 are drawn again where the blocks do not
        come out even. Fewer come in pairs, and the second of a pair is kept for the next call.
        """
        if count >= _FILLED:
            self.skip(count + (_FILLED if count % _FILLED else 0))
            return
        if count:
            fresh = count - self._spare
            self.skip(_PAIR * -(-fresh // 2))
            self._spare = fresh % 2 == 1

    def permutation(self, count: int) -> NDArray[np.int64]:
        """``torch.randperm(count)``: Fisher and Yates, from the front."""
        order = np.arange(count)
        steps = max(count - 1, 0)
        jumps = self._draw(steps).astype(np.int64) % np.arange(count, count - steps, -1)
        _swap(steps, order, jumps)
        return order

    def _draw(self, words: int) -> NDArray[np.uint32]:
        return self._words.randint(0, 1 << 32, words, np.uint32)


@loop()
def _swap(order: Row, jumps: Row) -> None:
    """Exchange entry i with the one ``jumps[i]`` further on, for each i in turn."""
    for i in range(len(jumps)):
        j = i + jumps[i]
        kept = order[i]
        order[i] = order[j]
        order[j] = kept
