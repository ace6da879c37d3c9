"""The alerts and the dashboard in `deploy/`: valid, tested, and about metrics that exist."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.metrics.promtool import needs_promtool, promtool
from tests.metrics.scraped import ROOT, documented

PROMETHEUS = ROOT / "deploy/prometheus"
DASHBOARD = json.loads((ROOT / "deploy/grafana/consularia-connect.json").read_text())
RULES = yaml.safe_load((PROMETHEUS / "alerts.yml").read_text())["groups"][0]["rules"]
NAME = re.compile(r"\b(?:connect|process)_\w+")
PART = re.compile(r"_(?:bucket|sum|count)$")
MATCHED = re.compile(r'"[^"]*"')


def panels() -> Iterator[dict[str, Any]]:
    return (each for each in DASHBOARD["panels"] if each["type"] != "row")


def questions() -> list[str]:
    """What the dashboard asks, with the values that Grafana would put in."""
    asked = [target["expr"] for panel in panels() for target in panel["targets"]]
    known = {"$__rate_interval": "5m", "$instance": ".*", "$job": ".*"}
    for name, value in known.items():
        asked = [each.replace(name, value) for each in asked]
    return asked


def named(text: str) -> set[str]:
    """The metrics that an expression names."""
    found = {PART.sub("", name) for name in NAME.findall(MATCHED.sub("", text))}
    return found & documented() | {name for name in found if name not in documented()}


def test_the_dashboard_asks_for_metrics_that_exist() -> None:
    # `documented` is compared with the page of a real service in test_page.py.
    asked = {name for each in questions() for name in named(each)}
    assert asked - documented() == set()
    assert len(asked) > 25


def test_alerts_are_about_metrics_that_exist() -> None:
    asked = {name for rule in RULES for name in named(rule["expr"])}
    assert asked - documented() == set()
    assert len(asked) > 10


def test_the_dashboard_stands_on_any_data_source() -> None:
    sources = {panel["datasource"]["uid"] for panel in panels()}
    sources |= {target["datasource"]["uid"] for panel in panels() for target in panel["targets"]}
    assert sources == {"${datasource}"}
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
    rows = [panel["title"] for panel in DASHBOARD["panels"] if panel["type"] == "row"]
    assert rows == ["Overview", "Faces", "Database", "Live", "Joining", "Rooms", "Workers"]


def test_panels_do_not_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        own = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert at["x"] + at["w"] <= 24
        assert not own & taken
        taken |= own


def test_every_alert_fires_in_a_test_and_is_silent_in_another() -> None:
    tests = yaml.safe_load((PROMETHEUS / "alerts_test.yml").read_text())["tests"]
    fired, silent = set(), set()
    for each in tests:
        for case in each["alert_rule_test"]:
            (fired if case["exp_alerts"] else silent).add(case["alertname"])
    assert fired == silent == {rule["alert"] for rule in RULES}


def test_every_alert_says_what_to_do() -> None:
    for rule in RULES:
        assert rule["labels"]["severity"] in ("critical", "warning", "info")
        assert rule["annotations"].keys() == {"summary", "description"}


@needs_promtool
def test_promtool_accepts_the_rules_and_the_example() -> None:
    promtool("check", "rules", PROMETHEUS / "alerts.yml")
    promtool("check", "config", PROMETHEUS / "prometheus.yml")
    promtool("test", "rules", PROMETHEUS / "alerts_test.yml")


@needs_promtool
def test_promtool_accepts_what_the_dashboard_asks(tmp_path: Path) -> None:
    rules = [{"record": f"panel:{n}", "expr": each} for n, each in enumerate(questions())]
    file = tmp_path / "panels.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    promtool("check", "rules", file)
