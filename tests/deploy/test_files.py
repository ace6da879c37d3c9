"""The files of `deploy/`, each checked by the tool that reads it; and that they agree with the code."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.settings import SETTINGS, read_settings
from gateway.settings.source import FILE

from .proxies import (
    DEPLOY,
    Ports,
    environment_of_caddy,
    found,
    free_ports,
    rendered_caddy,
    rendered_nginx,
)

ROOT = DEPLOY.parent
UNIT = DEPLOY / "systemd" / "consularia-connect.service"
MANUAL = DEPLOY / "README.md"
COMPOSE = DEPLOY / "compose" / "compose.yaml"
KUBERNETES = DEPLOY / "kubernetes"
MOST_EXPOSED = 2.0
VARIABLE = re.compile(r"\bCONNECT_[A-Z_]+")
# Ours in Compose and Caddy, and no settings of the service.
OTHERS = {"CONNECT_VERSION", "CONNECT_UPSTREAM"}


def checked(*command: str, environment: dict[str, str] | None = None) -> str:
    """Runs a tool; returns what it said, fails with that when it found something."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def tool(name: str) -> str:
    """Returns a tool of the environment that the tests run in."""
    return str(Path(sys.executable).parent / name)


def files() -> list[Path]:
    return [each for each in sorted(DEPLOY.rglob("*")) if each.is_file()]


# systemd


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit with programs that are on this machine."""
    systemd = found("systemd-analyze", "systemd")
    version = int(re.findall(r"\d+", checked(systemd, "--version"))[0])
    if version < 250:
        pytest.skip(f"systemd {version} is older than 250, which has offline security checks.")
    text = UNIT.read_text().replace("/opt/consularia-connect/bin/connect", sys.executable)
    (tmp_path / UNIT.name).write_text(text.replace("/bin/kill", str(shutil.which("kill"))))
    return tmp_path / UNIT.name


def test_systemd_understands_the_unit(unit: Path) -> None:
    # Units of the machine itself may have faults of their own.
    options = ("--man=no", "--recursive-errors=no")
    said = checked("systemd-analyze", "verify", *options, str(unit))
    assert [line for line in said.splitlines() if unit.name in line] == []


def test_the_unit_is_hardened(unit: Path) -> None:
    said = checked("systemd-analyze", "security", "--offline=true", "--no-pager", str(unit))
    (exposure,) = re.findall(r"Overall exposure level for \S+: ([0-9.]+)", said)
    assert float(exposure) <= MOST_EXPOSED, said


def test_the_settings_of_the_unit_are_accepted() -> None:
    lines = (DEPLOY / "systemd" / "connect.env").read_text().splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    settings = read_settings(given)
    assert settings.base_path == "/connect"
    # `systemctl reload` sends SIGHUP, which one process alone does not survive.
    assert settings.workers >= 2
    assert f"SocketBindAllow=tcp:{settings.port}\n" in UNIT.read_text()


def test_the_unit_knows_how_the_service_ends() -> None:
    lines = UNIT.read_text().splitlines()
    # One process ends with 0 on SIGHUP: a reload would leave nothing running.
    assert "Restart=always" in lines
    assert "RestartPreventExitStatus=2" in lines
    assert f"SuccessExitStatus={128 + signal.SIGTERM}" in lines


def test_commands_run_with_the_limits_of_the_unit() -> None:
    (command,) = re.findall(r"^systemd-run (?:.+\\\n)*.+$", MANUAL.read_text(), re.MULTILINE)
    given = set(re.findall(r"-p (\S+)", command)) - {f"User={UNIT.stem}"}
    lines = UNIT.read_text().splitlines()
    assert {line for line in lines if line.startswith(("EnvironmentFile", "StateDir"))} <= given
    assert given <= set(lines)


def test_commands_get_the_settings_of_the_unit(tmp_path: Path) -> None:
    shutil.copy(DEPLOY / "systemd" / "connect.env", tmp_path)
    for name, text in (("secret_keys", "k" * 64), ("database_url", "postgresql://here/connect")):
        (tmp_path / name).write_text(text)
    shell = re.compile(r"^cd /etc/consularia-connect\n((?:.+\n)+?)/opt/", re.MULTILINE)
    (block,) = shell.findall(MANUAL.read_text())
    said = subprocess.check_output(["sh", "-ec", f"{block}env"], cwd=tmp_path, env={}, text=True)
    settings = read_settings(dict(line.split("=", 1) for line in said.splitlines()))
    assert settings.base_path == "/connect"
    assert settings.forwarded_allow_ips == ("127.0.0.1/32",)
    assert settings.secret_keys == ("k" * 64,)


# Proxies


def test_nginx_understands_its_configuration(tmp_path: Path) -> None:
    nginx = found("nginx", "nginx-light")
    upstream, *others = free_ports(5)
    path = rendered_nginx(tmp_path, upstream, Ports(*others))
    said = checked(nginx, "-t", "-c", str(path), "-p", str(tmp_path))
    assert "test is successful" in said


def test_caddy_understands_its_configuration(tmp_path: Path) -> None:
    caddy = found("caddy", "caddy")
    upstream, port = free_ports(2)
    environment = environment_of_caddy(tmp_path, upstream, port)
    path = str(rendered_caddy(tmp_path))
    said = checked(
        caddy, "validate", "--adapter", "caddyfile", "--config", path, environment=environment
    )
    assert "Valid configuration" in said


# Compose and Kubernetes


def test_yaml_is_tidy() -> None:
    checked(tool("yamllint"), "--strict", "-c", "deploy/.yamllint.yaml", "deploy")


def test_compose_understands_its_file() -> None:
    compose = shutil.which("docker-compose")
    command = [compose] if compose else plugin()
    environment = {"CONNECT_VERSION": "1.0.0"}
    said = checked(*command, "-f", str(COMPOSE), "config", environment=environment)
    services = yaml.safe_load(said)["services"]
    assert services["connect"]["image"] == services["migrate"]["image"]
    assert set(services["connect"]["depends_on"]) == {"migrate"}


def plugin() -> list[str]:
    """Returns the command of Compose as a part of Docker; skips the test if there is none."""
    docker = found("docker", "docker-compose")
    asked = subprocess.run([docker, "compose", "version"], capture_output=True, check=False)
    if asked.returncode:
        pytest.skip("No Docker Compose found: install it (Debian: apt-get install docker-compose).")
    return [docker, "compose"]


def test_containers_have_no_rights_they_do_not_need() -> None:
    services = yaml.safe_load(COMPOSE.read_text())["services"]
    for name in ("migrate", "connect"):
        service = services[name]
        assert service["read_only"] and service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert not any("password" in str(value) for value in service["environment"].values())


def manifests() -> dict[str, Any]:
    """The objects by kind, of all manifests but that of kustomize."""
    parsed = [yaml.safe_load(path.read_text()) for path in KUBERNETES.glob("*.yaml")]
    return {each["kind"]: each for each in parsed if each["kind"] != "Kustomization"}


@pytest.mark.parametrize("path", sorted(KUBERNETES.glob("[!k]*.yaml")), ids=lambda path: path.stem)
def test_manifests_are_valid(path: Path) -> None:
    said = checked(tool("kubernetes-validate"), "--strict", str(path))
    assert "passed for resource" in said


def test_kustomize_finds_every_manifest() -> None:
    listed = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text())
    others = {"kustomization.yaml", "secret.example.yaml"}
    assert set(listed["resources"]) == {path.name for path in KUBERNETES.iterdir()} - others
    (image,) = listed["images"]
    pod = manifests()["Deployment"]["spec"]["template"]["spec"]
    named = {each["image"] for each in (*pod["initContainers"], *pod["containers"])}
    assert named == {f"{image['name']}:VERSION"}


def test_manifests_lead_to_each_other() -> None:
    found = manifests()
    assert set(found) == {
        *("ConfigMap", "Secret", "Deployment", "Service", "Ingress", "PodDisruptionBudget")
    }
    deployment, service = found["Deployment"]["spec"], found["Service"]["spec"]
    pod = deployment["template"]
    labels = pod["metadata"]["labels"]
    selectors = (
        deployment["selector"]["matchLabels"],
        service["selector"],
        found["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
    )
    assert all(selector.items() <= labels.items() for selector in selectors)
    (container,) = pod["spec"]["containers"]
    (migrating,) = pod["spec"]["initContainers"]
    assert container["envFrom"] == migrating["envFrom"] and container["env"] == migrating["env"]
    probes = {name: container[name]["httpGet"]["path"] for name in container if "Probe" in name}
    assert probes == {
        "readinessProbe": "/readyz", "livenessProbe": "/healthz", "startupProbe": "/healthz",
    }  # fmt: skip
    keys = {each["value"].rpartition("/")[2] for each in container["env"] if each["value"]}
    assert keys == set(found["Secret"]["stringData"])
    (rule,) = found["Ingress"]["spec"]["rules"]
    public = read_settings(found["ConfigMap"]["data"])
    assert public.public_url == f"https://{rule['host']}{rule['http']['paths'][0]['path']}"


# All of them


def test_every_setting_that_is_named_exists() -> None:
    for path in files():
        for name in set(VARIABLE.findall(path.read_text())) - OTHERS:
            assert name.removesuffix(FILE) in SETTINGS, f"{path} names {name}"


def test_all_serve_the_same_address_and_port() -> None:
    port = json.loads(SETTINGS["CONNECT_PORT"].default or "0")
    assert port == 8000
    for path in (DEPLOY / "nginx" / "consularia-connect.conf", DEPLOY / "caddy" / "Caddyfile"):
        text = path.read_text()
        assert "CONNECT_PUBLIC_URL=https://example.org/connect\n" in text
        assert f"127.0.0.1:{port}" in text
