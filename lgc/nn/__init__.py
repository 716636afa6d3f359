"""Networks of logic gates that are learnt: modules for torch (`pip install 'lgc[nn]'`)."""

from ..extras import extra

extra("torch", "nn")

from . import penalties  # noqa: E402
from .connections import LearnableConnections  # noqa: E402
from .conv2d import Flatten, LogicConv2d, OrPool2d  # noqa: E402
from .difflogic import from_difflogic  # noqa: E402
from .gated import GatedLogicLayer  # noqa: E402
from .group_sum import GroupSum  # noqa: E402
from .logic_layer import LogicLayer  # noqa: E402
from .saving import load, notes, rebuild, save  # noqa: E402
from .select import Select  # noqa: E402
from .thermometer import Thermometer, Threshold  # noqa: E402

__all__ = [
    "Flatten",
    "GatedLogicLayer",
    "GroupSum",
    "LearnableConnections",
    "LogicConv2d",
    "LogicLayer",
    "OrPool2d",
    "Select",
    "Thermometer",
    "Threshold",
    "from_difflogic",
    "load",
    "notes",
    "penalties",
    "rebuild",
    "save",
]
