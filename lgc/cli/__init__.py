"""The command line: ``lgc COMMAND``. Exit codes: 0 done, 1 the user can mend it, 2 a bug in lgc."""

from __future__ import annotations

import sys
import warnings
from typing import Any

import click

from ..errors import LgcError, LgcWarning
from .approximate import approximate_command
from .bench import bench
from .cache import cache_command
from .check import check
from .compile import compile_command
from .completion import completion
from .demo import demo
from .inspect import inspect_command
from .listing import list_command
from .opt import opt
from .reduce import reduce
from .refine import refine_command
from .report import report_command
from .run import run
from .search import search_command
from .terminal import Settings, settings
from .train import train_command
from .verify import verify


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="lgc", message="lgc %(version)s")
@click.option("-q", "--quiet", is_flag=True, help="No progress, no warnings.")
@click.option("-v", "--verbose", is_flag=True, help="Say what is being done.")
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    help="Colour in tables and messages; auto: only on a terminal.",
)
def lgc(quiet: bool, verbose: bool, color: str) -> None:
    """The compiler for trained logic-gate networks.

    \b
    lgc demo                                     the whole way on a model that ships with lgc
    lgc compile model.pt --wiring indices.pt --classes 10 --tau 10 -o model.lgk
    lgc run model.lgk images.npz -o predictions.npy
    """
    settings.quiet, settings.verbose, settings.color = quiet, verbose, color


for command in (
    approximate_command, bench, cache_command, check, compile_command, completion, demo,
    inspect_command, list_command, opt, reduce, refine_command, report_command, run, search_command,
    train_command,
    verify,
):  # fmt: skip
    lgc.add_command(command)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    sys.exit(run_command(arguments))


def run_command(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    settings.reset()
    with warnings.catch_warnings():
        warnings.simplefilter("default", LgcWarning)
        warnings.showwarning = _show_warning
        try:
            result: Any = lgc.main(arguments, prog_name="lgc", standalone_mode=False)
            return result if isinstance(result, int) else 0
        except click.exceptions.Exit as error:
            return error.exit_code
        except click.ClickException as error:
            _show_usage(error)
            return 1
        except (KeyboardInterrupt, click.Abort):  # click ends the line of the ^C itself
            _say("interrupted")
            return 130
        except BrokenPipeError:
            sys.stderr.close()  # the reader of stdout has gone: nothing left to say to it
            return 0
        except Exception as error:
            return _failed(error)


def _failed(error: Exception) -> int:
    from ..errors import CheckError

    if isinstance(error, LgcError) and not isinstance(error, CheckError):
        _say(f"error: {error}")
        return 1
    from ..reproducer import write_crash

    _say(f"error: this is a bug in lgc: {type(error).__name__}: {error}")
    file, command = write_crash(error, settings.reproducer)
    _say(f"  it is described in {file}" + (f"; again: {command}" if command else ""))
    return 2


def _show_usage(error: click.ClickException) -> None:
    _say(f"error: {error.format_message()}")
    context = getattr(error, "ctx", None)
    if context is not None:
        _say(f"  hint: {context.command_path} --help")


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    if not settings.quiet:
        _say(f"warning: {message}")


def _say(text: str) -> None:
    click.echo(text, err=True)


__all__ = ["Settings", "lgc", "main", "run_command"]
