"""Crash files: the IR a pass failed on, and the command that fails again, in one file.

The file is valid IR; its first comments hold the pipeline and the check, so that
``lgc opt --run-reproducer FILE`` needs nothing else.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
import traceback
from dataclasses import dataclass, field
from pathlib import Path

from xdsl.dialects.builtin import ModuleOp

from .errors import InputError
from .files import atomic_write
from .interfaces import LogicPass
from .pipeline import spelling
from .text import print_module

_RECIPE = re.compile(r"^// reproduce: --check=(\w+) -p '(.*)'$", re.MULTILINE)


@dataclass
class Reproducer:
    """An instrument that remembers the module before the pass that is running."""

    check: str
    module: ModuleOp | None = field(default=None, init=False)
    pipeline: str = field(default="", init=False)

    def before(self, step: LogicPass, module: ModuleOp) -> None:
        """Remember."""
        self.module, self.pipeline = module.clone(), spelling(step)

    def after(self, step: LogicPass, module: ModuleOp, seconds: float, changed: bool) -> None:
        """Forget: the pass went well."""
        self.module = None


def write_crash(error: BaseException, reproducer: Reproducer | None) -> tuple[Path, str]:
    """Write a crash file to the current folder, or to the temporary one where that fails.

    Returns:
        The file and the command that reproduces the crash; the command is empty when the crash
        did not happen in a pass.
    """
    trace = "".join(traceback.format_exception(error))
    comments = "".join(f"// {line}\n" for line in trace.splitlines())
    text, suffix = comments, ".txt"
    if reproducer is not None and reproducer.module is not None:
        recipe = f"// reproduce: --check={reproducer.check} -p '{reproducer.pipeline}'\n"
        text, suffix = recipe + comments + print_module(reproducer.module), ".mlir"
    name = f"lgc-crash-{hashlib.blake2b(text.encode(), digest_size=4).hexdigest()}{suffix}"
    for folder in (Path(), Path(tempfile.gettempdir())):
        try:
            with atomic_write(folder / name) as temporary:
                temporary.write_text(text, encoding="utf-8")
        except InputError:
            continue
        command = f"lgc opt --run-reproducer {folder / name}" if suffix == ".mlir" else ""
        return folder / name, command
    raise error


def read_recipe(text: str, name: str) -> tuple[str, str]:
    """The check mode and pipeline of a crash file.

    Raises:
        InputError: it has none.
    """
    match = _RECIPE.search(text)
    if match is None:
        raise InputError(
            "the file has no line `// reproduce: --check=… -p '…'`",
            where=name,
            hint="give the pipeline with -p",
        )
    return match[1], match[2]
