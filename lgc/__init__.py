"""lgc: the compiler for trained logic-gate networks."""

from pathlib import Path as _Path

# In a checkout passes/, frontends/ and backends/ stand beside this folder. The package mapping of
# an editable install fails where the checkout root itself is on sys.path, so they are found here.
_root = _Path(__file__).resolve().parent.parent
if (_root / "pyproject.toml").is_file() and (_root / "passes").is_dir():
    __path__.append(str(_root))
