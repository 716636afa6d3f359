"""Test-wide settings."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

settings.register_profile("lgc", deadline=None, max_examples=60, derandomize=True)
settings.load_profile("lgc")


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing compiled by an earlier run is used, and the user's cache stays as it is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LGC_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield
