"""Hardware projects: a folder with Verilog, test benches, scripts and figures, and what it does."""

from __future__ import annotations

from .generating import generate
from .project import Project
from .simulating import Simulation

__all__ = ["Project", "Simulation", "generate"]
