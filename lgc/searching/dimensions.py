"""Dimensions: what a search may vary, with the range of each where the user gives none."""

from __future__ import annotations

from .ranges import Dimension

DIMENSIONS = (
    Dimension("width", "whole", "200:4000", "Gates in the first layer.", 1, log=True),
    Dimension("depth", "whole", "2:6", "Layers of gates.", 1),
    Dimension(
        "taper", "real", "0.25:1",
        "Width of the last layer over that of the first.",
        0.001, log=True,
    ),
    Dimension("encoder", "name", "distributive", "Encoder: uniform, distributive, learnable."),
    Dimension("levels", "whole", "1:4", "Thresholds of a number.", 1),
    Dimension("tau", "real", "1:30", "GroupSum's divisor.", 0.001, log=True),
    Dimension("k", "whole", "2", "Inputs of a gate.", 1),
    Dimension("logic", "name", "product", "What gates are between 0 and 1, see lgc train."),
    Dimension("parametrization", "name", "softmax", "What the weights of a gate are."),
    Dimension("connections", "name", "random", "How gates are wired."),
    Dimension("weight_init", "name", "residual,normal", "How weights begin."),
    Dimension("lr", "real", "0.003:0.05", "Learning rate.", 0.0, log=True),
)  # fmt: skip
"""What a search may vary, in the order in which trials choose."""
