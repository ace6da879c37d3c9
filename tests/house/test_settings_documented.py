"""The README's table of settings is the one that `./connect settings` prints."""

from pathlib import Path

from gateway.settings import SETTINGS
from gateway.settings.setting import table

README = Path(__file__).parents[2] / "README.md"


def test_the_readme_shows_the_table_of_settings_as_declared() -> None:
    assert table(SETTINGS) in README.read_text(), "renew with: ./connect settings"
