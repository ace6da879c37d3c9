"""The promises about many subscribers, at a size that a test has time for."""

from pathlib import Path

import pytest

from .proofs import aborted, idle, kills, latency, ledgers


async def test_ledgers_are_complete_whatever_happens_to_connections(tmp_path: Path) -> None:
    proof = await ledgers(tmp_path, subscribers=8, events=150, aborts=40)
    assert proof.holds, proof.words


async def test_nothing_is_missed_when_the_service_is_killed(tmp_path: Path) -> None:
    proof = await kills(tmp_path, subscribers=4, times=2)
    assert proof.holds, proof.words


async def test_aborted_subscriptions_leave_nothing(tmp_path: Path) -> None:
    proof = await aborted(tmp_path, times=200)
    assert proof.holds, proof.words


async def test_idle_subscribers_cost_little(tmp_path: Path) -> None:
    # A twentieth of the size, with some room: what the first ones warm up counts here.
    proof = await idle(tmp_path, count=100, seconds=4, most_mib=6)
    assert proof.holds, proof.words


@pytest.mark.long
async def test_events_arrive_quickly_beside_a_write_load(tmp_path: Path) -> None:
    proof = await latency(tmp_path, seconds=5)
    assert proof.holds, proof.words
