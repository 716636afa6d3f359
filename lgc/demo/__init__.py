"""The small trained network that ships with lgc, and the images it is tested on.

scikit-learn's digits, three thermometer levels, 4 × 1,000 gates; 96.94 % of the 360 test images.
Made by ``python examples/train_digits.py --out lgc/demo``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_FOLDER = Path(__file__).resolve().parent


def model_path() -> Path:
    """The checkpoint; its description stands beside it."""
    return _FOLDER / "digits.npz"


def images() -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.int32]]:
    """Test images uint8 ``(360, 64)``, labels ``(360,)``, right scores ``(360, 10)``."""
    with np.load(_FOLDER / "digits_test.npz", allow_pickle=False) as archive:
        return archive["x"], archive["y"], archive["scores"]
