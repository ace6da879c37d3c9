"""Conditional changes of the same appointments by many, while the service is killed."""

import asyncio
import random

from .client import Client, Failed
from .ledger import Ledger, Outcome
from .load import booking
from .operations import Operation
from .row import Finding, Scale, judged
from .site import Site

READ = "query($id: ID!) { appointment(id: $id) { version } }"
APPOINTMENTS = 4
KILL_EVERY = 250


class Race:
    """Clients that read a version and change it, until so many changes were acknowledged."""

    def __init__(self, site: Site, ledger: Ledger, wanted: int) -> None:
        self._site = site
        self._ledger = ledger
        self._wanted = wanted
        self.ids: list[str] = []

    def client(self) -> Client:
        """Returns a client of the first organization."""
        account = self._site.accounts[0]
        return Client(lambda: self._site.port, account.id, account.token, self._ledger)

    async def book(self) -> None:
        """Books what is fought over."""
        client = self.client()
        self.ids = [(await client.do(booking()))[0][""] for _ in range(APPOINTMENTS)]
        client.close()

    async def run(self) -> None:
        """Changes until enough was acknowledged."""
        client = self.client()
        while self._ledger.done < self._wanted:
            try:
                await self._change(client)
            except Failed:
                await asyncio.sleep(0.001)
        client.close()

    async def _change(self, client: Client) -> None:
        id = random.choice(self.ids)
        found = await client.query(READ, {"id": id})
        title = {"title": f"Seen {random.getrandbits(48):x}"}
        version = found["appointment"]["version"]
        await client.do(
            Operation("rename_if", ("appointment.updated",), id, values=title, expected=version)
        )


async def conditional(scale: Scale) -> Finding:
    """Makes `times` conditional changes; the version grows by exactly those that were done."""
    site, ledger = scale.site(), Ledger()
    kills = 0
    try:
        await asyncio.to_thread(site.start)
        race = Race(site, ledger, scale.times)
        await race.book()
        running = [asyncio.ensure_future(race.run()) for _ in range(scale.writers)]
        every = min(KILL_EVERY, scale.times // 4)
        while not all(task.done() for task in running):
            await asyncio.sleep(0.005)
            if ledger.done > (kills + 1) * every and ledger.done < scale.times - 10:
                kills += 1
                await asyncio.to_thread(site.kill_something)
        await asyncio.gather(*running)
        await asyncio.to_thread(site.stop)
        grown = sum(row["version"] - 1 for row in site.state().appointment)
        acknowledged = ledger.done - APPOINTMENTS
        most = acknowledged + ledger.count(Outcome.CUT) + ledger.count(Outcome.UNAVAILABLE)
        right = acknowledged <= grown <= most
        wrong = [] if right else [f"versions grew by {grown}, {acknowledged} were acknowledged"]
        refused = ledger.count(Outcome.REFUSED)
        words = f"versions grew by {grown:,}, {refused:,} refused, {kills} kills"
        return judged(site, ledger, words, wrong)
    finally:
        site.close()
