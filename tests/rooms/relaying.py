"""Pictures through a relay, where people cannot reach each other."""

from .mesh import until_all_see, views
from .person import Unmet
from .trial import Trial
from .turn import turn

# As a browser behind a firewall that lets nothing else through.
RELAY_ONLY = "observed.relayOnly = true"


async def relay(trial: Trial) -> str:
    """Debian's coturn carries every picture, with the credentials that the room was given."""
    async with turn(trial.folder) as server:
        place = await trial.office(**server.settings)
        appointment = await place.book(2)
        async with trial.company(place, appointment, None, RELAY_ONLY) as company:
            took = await until_all_see(company.people, trial.within(10), company.last_came)
            kinds = {view.pair for view in (await views(company.people)).values()}
            company.ensure_calm()
        relays = server.allocations()
    if kinds != {("relay", "relay")} or relays < 2:
        raise Unmet(f"not through the relay: {kinds}, {relays} relays")
    return f"pictures through {relays} relays after {took:.1f} s"
