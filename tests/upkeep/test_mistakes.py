"""What an operator may get wrong, planted for real: `doctor` names each, and what mends it."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import pytest

from gateway.cli.doctor import public, storage
from tests.service import Service, free_port
from tests.upkeep.planting import GOOD_KEY, OTHER_KEY, SECRET, Given, Ground, examined
from tests.upkeep.sites import Authority, site

LIVEKIT = {
    "CONNECT_ROOMS": "livekit",
    "CONNECT_LIVEKIT_URL": "wss://localhost:1",
    "CONNECT_LIVEKIT_API_KEY": "key",
    "CONNECT_LIVEKIT_API_SECRET": SECRET,
    "CONNECT_LIVEKIT_MEET_URL": "https://localhost:1/custom",
}


def certified(ground: Ground, name: str, days: int, *, known: bool = True) -> Given:
    authority = Authority(ground.folder)
    url = ground.enter(site(authority.certificate(name, days)))
    return {"CONNECT_PUBLIC_URL": url} | ({"SSL_CERT_FILE": str(authority.file)} if known else {})


def no_tls(ground: Ground) -> Given:
    return {"CONNECT_PUBLIC_URL": ground.enter(site()).replace("http:", "https:")}


def elsewhere(ground: Ground, **answer: Any) -> Given:
    return {"CONNECT_PUBLIC_URL": ground.enter(site(**answer))}


def proxied(ground: Ground) -> Given:
    """Has a proxy before a real service pass on the name that it knows the service by as Host."""
    running = Service(ground.folder, {"CONNECT_DATA_DIR": f"{ground.folder}/served"})
    ground.stack.callback(running.stop)
    running.wait()
    headers = {"Host": "backend", "Accept": "application/json"}
    answer = httpx2.get(f"{running.url}{public.PATH}", headers=headers, trust_env=False)
    return elsewhere(ground, status=answer.status_code, body=answer.text)


def unready(ground: Ground) -> Given:
    url = ground.enter(site(status=503, body='{"reason": "the disk is full"}'))
    return {"CONNECT_PORT": url.rpartition(":")[2]}


def own_key(ground: Ground, text: str, mode: int = 0o600) -> Given:
    ground.made().key.write_text(text)
    ground.key.chmod(mode)
    return {}


def no_relay(ground: Ground) -> Given:
    """Names a port of this machine where nothing answers datagrams."""
    return {
        "CONNECT_ROOMS": "builtin",
        "CONNECT_ICE_SERVERS": f"turn:127.0.0.1:{free_port()}",
        "CONNECT_TURN_SECRET": SECRET,
    }


def no_key(ground: Ground) -> Given:
    ground.made().key.unlink()
    return {}


def key_left_behind(ground: Ground) -> Given:
    ground.made()
    return {"CONNECT_DATABASE_URL": f"sqlite:///{ground.connect.database}"}


def another_key(ground: Ground) -> Given:
    return {**key_left_behind(ground), "CONNECT_SECRET_KEYS": OTHER_KEY}


def in_memory(ground: Ground) -> Given:
    folder = Path("/dev/shm")
    if storage.kind_of(folder) not in storage.MEMORY:
        pytest.skip("this machine has no file system in memory at /dev/shm")
    return {"CONNECT_DATA_DIR": str(folder / f"connect-{os.getpid()}")}


def rooms_without_secret(ground: Ground) -> Given:
    return {name: text for name, text in LIVEKIT.items() if not name.endswith("SECRET")}


class Mistake(NamedTuple):
    """A code, its state, what mends it, and what has to be done to get there."""

    code: str
    state: str
    advice: str
    plant: Callable[[Ground], Given]


MISTAKES = [
    Mistake("certificate.expired", "fail", "renew it", lambda at: certified(at, "localhost", 0)),
    Mistake("certificate.expiring", "warn", "renew it", lambda at: certified(at, "localhost", 2)),
    Mistake(
        "certificate.name", "fail", "have one made for this name, or correct CONNECT_PUBLIC_URL",
        lambda at: certified(at, "other.example", 30),
    ),
    Mistake(
        "certificate.issuer", "fail", "SSL_CERT_FILE",
        lambda at: certified(at, "localhost", 30, known=False),
    ),
    Mistake("certificate.none", "fail", "give the proxy a certificate", no_tls),
    Mistake(
        "certificate.unreachable", "warn", "the firewall",
        lambda at: {"CONNECT_PUBLIC_URL": f"https://localhost:{free_port()}"},
    ),
    Mistake(
        "public.unreachable", "warn", "start the service and its proxy",
        lambda at: {"CONNECT_PUBLIC_URL": f"http://localhost:{free_port()}"},
    ),
    Mistake("public.other", "fail", "correct CONNECT_PUBLIC_URL or the proxy", elsewhere),
    Mistake(
        "public.gateway", "warn", "correct the port in the proxy's configuration",
        lambda at: elsewhere(at, status=502),
    ),
    Mistake(
        "public.redirect", "fail", "set CONNECT_PUBLIC_URL to the address that is reached",
        lambda at: elsewhere(at, status=301, location="https://elsewhere.example/"),
    ),
    Mistake("public.host", "fail", "CONNECT_ALLOWED_HOSTS", proxied),
    Mistake("service.unready", "warn", "see its log for the reason", unready),
    Mistake(
        "address.unset", "warn", "set CONNECT_PUBLIC_URL", lambda at: {"CONNECT_HOST": "0.0.0.0"}
    ),
    Mistake(
        "address.plain", "warn", "put a proxy with a certificate in front",
        lambda at: {"CONNECT_PUBLIC_URL": "http://connect.invalid"},
    ),
    Mistake(
        "proxy.untrusted", "warn", "in CONNECT_FORWARDED_ALLOW_IPS",
        lambda at: {"CONNECT_PUBLIC_URL": "https://connect.invalid"},
    ),
    Mistake(
        "proxy.everyone", "warn", "list the addresses of your proxies alone",
        lambda at: {"CONNECT_FORWARDED_ALLOW_IPS": "0.0.0.0/0"},
    ),
    Mistake(
        "cors.everyone", "warn", "list the origins", lambda at: {"CONNECT_CORS_ORIGINS": "*"}
    ),
    Mistake(
        "logging.debug", "warn", "set it to info",
        lambda at: {"CONNECT_LOG_LEVEL": "debug", "CONNECT_PUBLIC_URL": "http://localhost:1"},
    ),
    Mistake(
        "key.weak", "fail", "openssl rand",
        lambda at: {"CONNECT_SECRET_KEYS": "changeme-changeme-changeme"},
    ),
    Mistake("key.open", "warn", "chmod 600", lambda at: own_key(at, GOOD_KEY, 0o644)),
    Mistake("key.gone", "fail", "restore it", no_key),
    Mistake("key.missing", "fail", "secret.key if the database was moved", key_left_behind),
    Mistake("key.other", "warn", "append it", another_key),
    Mistake("files.memory", "warn", "a folder on a disk", in_memory),
    Mistake("settings.wrong", "fail", "settings` prints", rooms_without_secret),
    Mistake(
        "settings.misspelt", "warn", "correct the name", lambda at: {"CONNECT_PAGESIZE": "5"}
    ),
    Mistake("rooms.unreachable", "warn", "the firewall", lambda at: LIVEKIT),
    Mistake(
        "rooms.unused", "warn", "set CONNECT_ROOMS", lambda at: LIVEKIT | {"CONNECT_ROOMS": "none"}
    ),
    Mistake(
        "rooms.webhook", "warn", "set CONNECT_PUBLIC_URL to an address that it can reach",
        lambda at: LIVEKIT | {"CONNECT_LIVEKIT_URL": "wss://livekit.invalid"},
    ),
    Mistake(
        "rooms.relay", "warn", "TURN server such as coturn",
        lambda at: {"CONNECT_ROOMS": "builtin", "CONNECT_PUBLIC_URL": "https://connect.invalid"},
    ),
    Mistake(
        "rooms.insecure", "warn", "a certificate",
        lambda at: {"CONNECT_ROOMS": "builtin", "CONNECT_PUBLIC_URL": "http://connect.invalid"},
    ),
    Mistake("rooms.unreachable", "warn", "the firewall", no_relay),
]  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.code)
def test_a_planted_mistake_is_found_with_what_mends_it(ground: Ground, mistake: Mistake):
    found = examined(ground, mistake.plant(ground))

    assert mistake.code in found.checks, found.text
    check = found.checks[mistake.code]
    assert check["state"] == mistake.state
    assert mistake.advice in check["advice"]
    assert found.status == 1 or mistake.state == "warn"
    for secret in (GOOD_KEY, OTHER_KEY, SECRET, "changeme"):
        assert secret not in found.text
