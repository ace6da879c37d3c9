"""Two and more people on one server: they see each other, talk, and leave."""

from asyncio import gather

from .visitors import Meeting, Visitor


async def test_two_people_see_each_other_and_talk(meeting: Meeting) -> None:
    async with meeting.opened() as anna, meeting.opened() as ben:
        await anna.say("enter", ticket=await meeting.ticket(0))
        first = await anna.expect("seated")
        assert first["people"] == [] and first["resumed"] is False
        assert first["room"]["title"] == "Passport renewal"
        assert first["room"]["switches"] == {"chat": True, "hand": True, "screen": True}
        await ben.say("enter", ticket=await meeting.ticket(1))
        second = await ben.expect("seated")
        assert [each["name"] for each in second["people"]] == ["Anna Keller"]
        came = (await anna.expect("came"))["person"]
        assert (came["seat"], came["name"], came["role"]) == (ben.seat, "Ben Ode", "participant")
        await ben.say("signal", to=anna.seat, data={"description": {"type": "offer", "sdp": "v=0"}})
        heard = await anna.expect("signal")
        assert heard["from"] == ben.seat and heard["data"]["description"]["sdp"] == "v=0"
        await anna.say("state", state={"camera": True, "hand": True})
        shown = (await ben.expect("state"))["state"]
        assert shown["camera"] and shown["hand"] and shown["hand_at"].startswith("2026-03-02T12:00")
        await ben.say("chat", text="Grüß Gott")
        for each in (anna, ben):
            line = await each.expect("chat")
            assert (line["from"], line["name"], line["text"]) == (ben.seat, "Ben Ode", "Grüß Gott")
        await ben.say("leave")
        assert await ben.over() == ("", 1000)
        assert await anna.expect("went") == {"type": "went", "seat": ben.seat, "reason": "left"}


async def test_of_two_who_come_at_once_only_the_later_one_is_new_to_the_other(
    meeting: Meeting,
) -> None:
    async def enter(visitor: Visitor, who: int) -> set[str]:
        await visitor.say("enter", ticket=tickets[who])
        return {each["name"] for each in (await visitor.until("seated"))["people"]}

    tickets = [await meeting.ticket(who) for who in range(3)]
    async with meeting.opened() as anna, meeting.opened() as ben, meeting.opened() as chloe:
        met = await gather(*(enter(each, who) for who, each in enumerate((anna, ben, chloe))))
        # In the order of their seats the first meets nobody, the second one, the third two.
        assert sorted(len(each) for each in met) == [0, 1, 2]
        for visitor, people in zip((anna, ben, chloe), met, strict=True):
            came = [
                (await visitor.expect("came"))["person"]["name"] for _ in range(2 - len(people))
            ]
            assert len({*came, *people}) == 2
            await visitor.quiet()
