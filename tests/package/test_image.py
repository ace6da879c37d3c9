"""The Dockerfile: what can be known without an engine. Its steps that pack the wheel are done here."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

import httpx2
import pytest

from gateway.version import VERSION
from tests.package.installed import ROOT, Installed

TEXT = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text())
# Of what `./connect build --wheel` has set up; the image installs the same lock.
PYTHON = ROOT / ".venv-build" / "bin" / "python"


class Step(NamedTuple):
    """One instruction of a Dockerfile."""

    word: str
    rest: str


def stages() -> dict[str, list[Step]]:
    """The instructions of each stage by its name; that of the image has none."""
    found: dict[str, list[Step]] = {}
    steps: list[Step] = []
    for line in TEXT.splitlines():
        word, _, rest = line.strip().partition(" ")
        if word == "FROM":
            steps = found.setdefault(rest.partition(" AS ")[2], [])
        elif word.isupper():
            steps.append(Step(word, rest))
    return found


STAGES = stages()
IMAGE = STAGES[""]


def values(word: str) -> dict[str, str]:
    """The names and values of all steps of the image with a word, such as LABEL."""
    pairs = (
        pair
        for step in IMAGE
        if step.word == word
        for pair in re.findall(r"([\w.]+)=(\"[^\"]*\"|\S+)", step.rest)
    )
    return {name: value.strip('"') for name, value in pairs}


def is_sent(name: str) -> bool:
    """Whether .dockerignore lets a file through: the last line that matches decides."""
    sent = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.removeprefix("!").rstrip("/")
        below = (name, *(parent.as_posix() for parent in Path(name).parents))
        if line and not line.startswith("#") and any(fnmatch(each, pattern) for each in below):
            sent = line.startswith("!")
    return sent


def sent(path: Path) -> Iterator[Path]:
    """The files of the checkout below a path that .dockerignore lets through."""
    if not is_sent(path.relative_to(ROOT).as_posix()):
        return
    if path.is_dir():
        for each in path.iterdir():
            yield from sent(each)
    else:
        yield path


def copy(step: Step, to: Path) -> None:
    """Does a COPY from the checkout; one from the stage of the pages copies the built ones."""
    *sources, target = (word for word in step.rest.split() if not word.startswith("--"))
    for source in sources:
        path = ROOT / source.removeprefix("/src/")
        is_built = source.startswith("/src/")
        for name in filter(Path.is_file, path.rglob("*")) if is_built else sent(path):
            inside = name.name if path.is_file() else name.relative_to(path)
            place = to / target / inside if target.endswith("/") else to / target
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(name, place)


def test_labels_say_what_it_is() -> None:
    labels = values("LABEL")
    named = {name.removeprefix("org.opencontainers.image.") for name in labels}
    assert named >= {"title", "description", "version", "revision", "created", "base.name"}
    advice = "the version in the Dockerfile is stale; it stands in gateway/version.py"
    assert labels["org.opencontainers.image.version"] == VERSION, advice
    base = labels["org.opencontainers.image.base.name"].rpartition("/")[2]
    assert re.findall(r"^FROM (\S+)$", TEXT, re.M) == [base]


def test_it_runs_the_command_of_the_wheel_as_nobody_special() -> None:
    said = {step.word: step.rest for step in IMAGE}
    assert (said["ENTRYPOINT"], said["CMD"]) == ('["connect"]', '["run"]')
    assert said["HEALTHCHECK"].endswith('CMD ["connect", "healthcheck"]')
    assert said["USER"] == "10001:10001"
    assert said["VOLUME"] == values("ENV")["CONNECT_DATA_DIR"] == "/data"


def test_everything_that_is_installed_is_checked_by_its_hash() -> None:
    installs = re.findall(r"pip install (.*?)(?:&&|\n|$)", TEXT)
    assert len(installs) == 3
    for each in installs:
        assert "--require-hashes" in each or {"--no-deps", "--no-index"} <= set(each.split())


def test_what_is_copied_is_sent_and_nothing_else_of_the_machine() -> None:
    for step in (each for steps in STAGES.values() for each in steps):
        if step.word == "COPY" and not step.rest.startswith("--from"):
            for source in step.rest.split()[:-1]:
                assert (ROOT / source).exists(), step
                assert is_sent(source.rstrip("/")), step
    private = ("data/secret.key", ".git/config", ".venv/bin/python", "gateway/__pycache__/app.pyc")
    assert not any(map(is_sent, (*private, "gateway/static/explorer/index.html", "tests/faces.py")))


@pytest.mark.usefixtures("wheel")
def test_its_first_steps_find_what_they_need(tmp_path: Path) -> None:
    for step in STAGES["pages"]:
        if step.word == "COPY":
            copy(step, tmp_path)
    # Built pages, of the same sources: everything is read, and nothing is left to be done.
    shutil.copytree(ROOT / "gateway" / "static", tmp_path / "gateway" / "static")
    [command] = [json.loads(step.rest) for step in STAGES["pages"] if step.word == "RUN"]
    command = [str(PYTHON), *command[1:]]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_its_steps_give_the_wheel_that_everybody_gets(wheel: Path, tmp_path: Path) -> None:
    for step in STAGES["wheel"]:
        if step.word == "COPY":
            copy(step, tmp_path)
    packing = [step.rest for step in STAGES["wheel"] if "tools.wheel" in step.rest]
    command = packing[0].replace("python", str(PYTHON)).replace("/dist", str(tmp_path / "dist"))
    done = subprocess.run(
        ["/bin/sh", "-ec", command], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr + done.stdout
    [built] = (tmp_path / "dist").glob("*.whl")
    assert built.read_bytes() == wheel.read_bytes()


def test_the_wheel_starts_with_its_settings(installed: Installed, tmp_path: Path) -> None:
    settings = {
        name: text.replace("/data", str(tmp_path))
        for name, text in values("ENV").items()
        if name != "PATH"
    }
    refused = installed.connect("run", **settings)
    assert refused.status == 2
    assert "CONNECT_SECRET_KEYS is not set" in refused.err

    settings["CONNECT_SECRET_KEYS"] = "one-that-nobody-guesses-f3c1a97e"
    with installed.serving(**settings) as service:
        port = service.url.rpartition(":")[2]
        healthy = installed.connect("healthcheck", **{**settings, "CONNECT_PORT": port})
        assert (healthy.status, healthy.err) == (0, "")
        assert httpx2.get(f"http://127.0.0.1:{port}/", timeout=60).status_code == 200
        # Of production: no demo, so no token of one.
        assert not service.token.startswith("cct_")
