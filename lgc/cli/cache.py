"""lgc cache: compiled code kept on disk."""

from __future__ import annotations

import click


@click.command("cache")
@click.option("--clear", "clear_all", is_flag=True, help="Remove everything that is kept.")
def cache_command(clear_all: bool) -> None:
    """Show, or clear, the compiled code that lgc keeps on disk.

    A model that was compiled for this machine before is not compiled again. LGC_CACHE_DIR says
    where (by default the user's cache folder), LGC_CACHE_SIZE how much (1G; 0 for nothing).

    \b
    lgc cache
    lgc cache --clear
    """
    from .. import cache

    if clear_all:
        click.echo(f"{cache.clear()} entries removed from {cache.folder()}")
        return
    kept, limit = cache.entries(), cache.limit()
    click.echo(f"folder   {cache.folder()}")
    click.echo(f"entries  {len(kept)}")
    click.echo(f"bytes    {sum(entry.size for entry in kept):,} of {limit:,}")
