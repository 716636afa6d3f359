"""``python -m lgc`` is the command ``lgc``."""

from .cli import main

main()
