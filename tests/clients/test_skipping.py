"""The tests of clients are skipped where a registry cannot be reached, and nowhere else."""

import pytest

from tests.node import skip_unless_ours


@pytest.mark.parametrize(
    "printed",
    [
        "npm error code ENOTFOUND",
        "npm error code ECONNREFUSED",
        "WARNING: Retrying after connection broken by 'NewConnectionError(…)'",
    ],
)
def test_without_a_registry_they_are_skipped(printed: str) -> None:
    with pytest.raises(pytest.skip.Exception, match="packages cannot be fetched"):
        skip_unless_ours(RuntimeError(f"installing packages failed.\n{printed}"))


@pytest.mark.parametrize("printed", ["npm error code EINTEGRITY", "npm error code EUSAGE"])
def test_a_lock_that_does_not_fit_fails_them(printed: str) -> None:
    skip_unless_ours(RuntimeError(f"installing packages failed.\n{printed}"))
