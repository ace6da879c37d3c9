"""Apollo Client and urql, as npm has them, against a server process."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.service import ROOT, EmbeddedService
from tools import frontend

NPM = Path(__file__).parent / "npm"
TRUSTED = """query Who($first: Int) {
  viewer { tokenName __typename }
  appointments(first: $first) { totalCount __typename }
}"""
MISS_IN_NEW_TYPE, HIT = 400, 200

Run = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="session")
def node() -> str:
    """Node.js, with the packages of the clients installed."""
    said: list[str] = []
    try:
        tools = frontend.find_tools(ROOT, Path(sys.executable), said.append)
        frontend.install_packages(NPM, tools, said.append)
    except (frontend.BuildError, OSError) as problem:
        pytest.skip(f"the npm packages of the clients cannot be installed: {problem}")
    return tools.node


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedService]:
    folder = tmp_path_factory.mktemp("persisted")
    manifest = folder / "manifest.json"
    manifest.write_text(json.dumps({"client/7": TRUSTED}))
    service = EmbeddedService(folder, {"CONNECT_TRUSTED_DOCUMENTS": str(manifest)})
    yield service
    service.stop()


@pytest.fixture
def run(node: str, service: EmbeddedService) -> Run:
    """Runs clients, each anew, and returns what came of them."""

    def run(*names: str) -> list[dict[str, Any]]:
        own = {"URL": f"{service.url}/graphql", "TOKEN": service.token, "DOCUMENT_ID": "client/7"}
        done = subprocess.run(
            [node, "clients.js", *names],
            cwd=NPM, env=os.environ | own, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        found: list[dict[str, Any]] = json.loads(done.stdout)
        assert [each.get("error") for each in found] == [None] * len(names)
        return found

    return run


def test_apollo_client_falls_back_and_is_known_from_then_on(run: Run) -> None:
    first, second, by_get = run("apollo", "apollo", "apolloByGet")
    assert first["sent"] == [["POST", "hash", MISS_IN_NEW_TYPE], ["POST", "text", HIT]]
    assert second["sent"] == [["POST", "hash", HIT]]
    assert by_get["sent"] == [["GET", "hash", HIT]]
    for each in (first, second, by_get):
        assert each["data"]["viewer"]["tokenName"]


def test_urql_falls_back_and_is_known_from_then_on(run: Run) -> None:
    first, second, by_post = run("urql", "urql", "urqlByPost")
    assert first["sent"] == [["GET", "hash", MISS_IN_NEW_TYPE], ["GET", "text", HIT]]
    assert second["sent"] == [["GET", "hash", HIT]]
    assert by_post["sent"] == [["POST", "hash", HIT]]
    for each in (first, second, by_post):
        assert each["data"]["viewer"]["tokenName"]


def test_mutations_are_hashed_too(run: Run) -> None:
    for name in ("apolloMutation", "urqlMutation"):
        first, second = run(name, name)
        assert [how for _, how, _ in first["sent"]] == ["hash", "text"]
        assert second["sent"] == [["POST", "hash", HIT]]
        assert second["data"]["deleteAppointment"]["__typename"] == "NotFound"


def test_trusted_documents_need_no_second_request(run: Run) -> None:
    apollo, urql = run("apolloTrusted", "urqlTrusted")
    assert apollo["sent"] == [["POST", "hash", HIT]]
    assert urql["sent"] == [["GET", "hash", HIT]]
    for each in (apollo, urql):
        assert each["data"]["viewer"]["tokenName"]
