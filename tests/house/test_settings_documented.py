"""Every setting stands in the README's table with its default, and nothing else does."""

import re
from pathlib import Path

from gateway.settings import SETTINGS

README = Path(__file__).parents[2] / "README.md"
ROW = re.compile(r"^\| `(CONNECT_[A-Z_]+)` \| (.+?) \|", re.M)


def test_every_setting_is_documented_with_its_default() -> None:
    rows = dict(ROW.findall(README.read_text()))
    assert rows.keys() == SETTINGS.keys()
    for name, setting in SETTINGS.items():
        if setting.default:
            assert rows[name] == f"`{setting.default}`", name
        else:
            assert "`" not in rows[name], name
