"""The logics of `lgc.nn.logics` in Triton's language: each t-norm and its slope, by name.

Divisions and roots are rounded as IEEE says, so that on bits every gate is itself.
"""

from __future__ import annotations

import triton
import triton.language as tl


@triton.jit
def norm(x: tl.tensor, y: tl.tensor, logic: tl.constexpr) -> tl.tensor:
    """T(x, y)."""
    if logic == "minimum":
        made = tl.minimum(x, y, propagate_nan=tl.PropagateNan.ALL)
    elif logic == "lukasiewicz":
        made = tl.maximum(x + y - 1.0, 0.0, propagate_nan=tl.PropagateNan.ALL)
    elif logic == "hamacher":
        made = tl.div_rn(x * y, tl.maximum(x + y - x * y, 1e-12))
    elif logic == "einstein":
        made = tl.div_rn(x * y, 1.0 + (1.0 - x) * (1.0 - y))
    else:
        tl.static_assert(logic == "yager")
        far = tl.sqrt_rn((1.0 - x) * (1.0 - x) + (1.0 - y) * (1.0 - y))
        made = tl.maximum(1.0 - far, 0.0, propagate_nan=tl.PropagateNan.ALL)
    return made


@triton.jit
def slope(x: tl.tensor, y: tl.tensor, logic: tl.constexpr) -> tl.tensor:
    """∂T/∂x."""
    if logic == "minimum":
        made = tl.where(x < y, 1.0, tl.where(x == y, 0.5, 0.0))
    elif logic == "lukasiewicz":
        made = tl.where(x + y > 1.0, 1.0, tl.where(x + y == 1.0, 0.5, 0.0))
    elif logic == "hamacher":
        part = tl.div_rn(y, tl.maximum(x + y - x * y, 1e-12))
        made = part * part
    elif logic == "einstein":
        whole = 1.0 + (1.0 - x) * (1.0 - y)
        made = tl.div_rn(y * (2.0 - y), whole * whole)
    else:
        tl.static_assert(logic == "yager")
        off = 1.0 - x
        far = tl.sqrt_rn(off * off + (1.0 - y) * (1.0 - y))
        made = tl.where(far < 1.0, tl.div_rn(off, tl.maximum(far, 1e-12)), 0.0)
    return made
