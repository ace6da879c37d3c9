"""Access links: what we sign we read, and nothing else."""

import random
import time
from itertools import product

import pytest

from db.ids import new_id
from schema.domain.links import Invitation, Links

URL = "https://connect.example"
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."


def token_of(link: str) -> str:
    assert link.startswith(URL + "/join/")
    return link.rpartition("/")[2]


def test_a_link_says_participant_and_version_and_nothing_personal() -> None:
    links = Links(URL + "/", ["key"])
    id = new_id()
    for version in (1, 2, 4_000_000_000):
        assert links.read(token_of(links.url(id, version))) == Invitation(id, version)
    assert links.url(id, 1) == links.url(id, 1) != links.url(id, 2)


def test_the_signature_is_the_library_s_own() -> None:
    links = Links(URL, ["key"])
    token = token_of(links.url(new_id(), 1))
    text = token.rpartition(".")[0]
    assert links._seal._signer.sign(text).decode() == token


def test_keys_rotate() -> None:
    id = new_id()
    old, both, new = Links(URL, ["old"]), Links(URL, ["new", "old"]), Links(URL, ["new"])
    assert both.url(id, 1) == new.url(id, 1) != old.url(id, 1)
    assert both.read(token_of(old.url(id, 1))) == Invitation(id, 1)
    assert new.read(token_of(old.url(id, 1))) is None
    with pytest.raises(ValueError, match="key"):
        Links(URL, [])


def test_a_hundred_thousand_forged_links_are_refused_and_none_is_slow() -> None:
    links = Links(URL, ["newest", "older", "oldest"])
    token = token_of(links.url(new_id(), 1))
    chance = random.Random(1)
    slowest = 0.0
    accepted = 0
    for n in range(100_000):
        characters = list(token)
        if n % 2:
            for _ in range(chance.randint(1, 4)):
                characters[chance.randrange(len(token))] = chance.choice(ALPHABET)
        else:
            place = chance.randrange(len(token))
            characters[place] = chr(ord(characters[place]) ^ (1 << chance.randrange(7)))
        forged = "".join(characters)
        began = time.perf_counter()
        read = links.read(forged)
        slowest = max(slowest, time.perf_counter() - began)
        accepted += read is not None and forged != token
    assert accepted == 0
    assert slowest < 0.5


def test_every_change_of_one_character_is_refused() -> None:
    links = Links(URL, ["key"])
    token = token_of(links.url(new_id(), 1))
    for place, character in product(range(len(token)), ALPHABET):
        changed = token[:place] + character + token[place + 1 :]
        assert (links.read(changed) is not None) == (changed == token)


@pytest.mark.parametrize(
    "token",
    ["", ".", "..", "a", "a.b", "é.ü", "\x00", "x" * 100_000, "=" * 50, "%00", "A.\ud800",
     "AAAAAAAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
)  # fmt: skip
def test_rubbish_is_no_link(token: str) -> None:
    assert Links(URL, ["key"]).read(token) is None
