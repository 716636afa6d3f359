"""Templates: files as text with places ``@name@``, for languages in which braces are common."""

from __future__ import annotations

import re
from collections.abc import Mapping

_PLACE = re.compile(r"@([a-z_]+)@")


def filled(template: str, values: Mapping[str, object]) -> str:
    """The text with its places filled; a line that holds nothing but an empty place is left out."""
    kept = [
        line
        for line in template.splitlines()
        if (match := _PLACE.fullmatch(line.strip())) is None or str(values[match[1]])
    ]
    return _PLACE.sub(lambda match: str(values[match[1]]), "\n".join(kept)) + "\n"
