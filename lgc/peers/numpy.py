"""The network in NumPy, 64 samples a word: the definition of its meaning, packing included."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp

from ..reference import run
from . import Options, Peer


def make(module: ModuleOp, options: Options) -> Peer:
    """Nothing to make: every call interprets the model."""

    def predict(x: NDArray[np.bool_]) -> NDArray[np.int64]:
        classes = run(module, x).classes
        assert classes is not None
        return classes

    return Peer(f"NumPy {np.__version__}, 64 samples a word", predict, 1, 0.0)
