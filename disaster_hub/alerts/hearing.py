"""What comes back over a channel: whose it is by its address, and which of the four answers, or a proof, it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from disaster_hub.alerts import answering
from disaster_hub.store import contacts, enrolment, household_helpers, households
from disaster_hub.store.households import Contact
from disaster_hub.store.keyring import KeyGone, Keyring
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.helping import Helper
from disaster_hub.terms.household import Answer

HELP = "help"
VIA = {"line": "line", "email": "mail", "sms": "sms", "voice": "sms"}
"""Channel → how the answer is said to have come."""


class Outcome(StrEnum):
    """What became of something that came in."""

    TAKEN = "taken"
    AGAIN = "again"
    """It was here before."""
    NOBODY = "nobody"
    """No household is reached at this address."""
    SEVERAL = "several"
    """More than one is, and nothing says which is meant."""
    PROVED = "proved"
    """The address itself: its test arrived."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of it, and whose it was."""

    outcome: Outcome
    household: str = ""
    helper: Helper | None = None
    """Whose address it is, where it is not the household's own."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One thing that came in: from where, and when it was given."""

    channel: str
    address: str
    id: str
    """The service's own: the same one twice counts once."""
    given_at: datetime


def by_token(tx: Connection, keys: Keyring, one: Incoming, token: str, word: str, now: datetime) -> Heard:
    """Take an answer that names its alert, as a button does: whoever got the message may answer it."""
    told = answering.by_token(tx, token)
    if told is None:
        return Heard(Outcome.NOBODY)
    via = VIA[one.channel]
    taken = answering.take(tx, keys, told.alert, told.household, word, one.given_at, now, via, id=_id(one))
    return Heard(Outcome.TAKEN if taken else Outcome.AGAIN, told.household)


def by_address(tx: Connection, keys: Keyring, one: Incoming, word: str, now: datetime) -> Heard:
    """Take an answer that names nothing but its sender: it counts to what that household was asked.

    Where one phone is that of several households, a call for help is everybody's; any other word must say which.
    """
    known = [(home, contact) for home, contact in reached(tx, keys, one) if contact.confirmed_at is not None]
    homes = list(dict.fromkeys(home for home, _ in known))
    asked = [home for home in homes if answering.asked(tx, home, now)] or homes
    if not asked:
        return Heard(Outcome.NOBODY)
    if len(asked) > 1 and word != HELP:
        return Heard(Outcome.SEVERAL, asked[0])
    for number, home in enumerate(asked):
        answer = Answer(f"{_id(one)}:{number}" if number else _id(one), word, min(one.given_at, now))
        try:
            answering.take_general(tx, keys, home, answer, now, VIA[one.channel])
        except KeyGone:
            continue
    return Heard(Outcome.TAKEN, asked[0])


def proved(tx: Connection, keys: Keyring, one: Incoming, now: datetime) -> Heard:
    """Take "it arrived": it proves the address where a test is still waited for."""
    known = reached(tx, keys, one)
    for home, contact in known:
        if contact.id in enrolment.waiting(tx, home, now):
            households.confirm_contact(tx, keys, home, contact.id, now)
            enrolment.drop(tx, home, one.channel, contact.id)
            return Heard(Outcome.PROVED, home)
    before = next((home for home, contact in known if contact.confirmed_at is not None), None)
    return Heard(Outcome.NOBODY) if before is None else Heard(Outcome.PROVED, before)


def linked(tx: Connection, keys: Keyring, one: Incoming, code: str, now: datetime) -> Heard:
    """Take the code that a page showed: whoever sends it is reached here from now on."""
    found = enrolment.whose(tx, keys, one.channel, code, now)
    if found is None:
        return Heard(Outcome.NOBODY)
    home, helper = found
    if helper:
        return _helps(tx, keys, one, helper, now)
    try:
        made = households.add_contact(tx, keys, home, one.channel, one.address, now)
        households.confirm_contact(tx, keys, home, made, now)
    except KeyGone:
        return Heard(Outcome.NOBODY)
    return Heard(Outcome.PROVED, home)


def ended(tx: Connection, keys: Keyring, one: Incoming, now: datetime) -> int:
    """Write that nothing goes to this address any more, by its owner's own doing; give for how many households."""
    known = reached(tx, keys, one)
    for home, contact in known:
        contacts.end(tx, keys, home, contact, now)
    helping = helpers(tx, keys, one)
    for helper in helping:
        household_helpers.end(tx, helper, now)
    return len(known) + len(helping)


def resumed(tx: Connection, keys: Keyring, one: Incoming, now: datetime) -> int:
    """Write that an address that was ended goes on; what was never proved is not proved by that."""
    known = [(home, contact) for home, contact in reached(tx, keys, one) if contact.ended_at is not None]
    for home, contact in known:
        contacts.resume(tx, keys, home, contact, now)
    helping = [helper for helper in helpers(tx, keys, one) if helper.ended_at is not None]
    for helper in helping:
        household_helpers.resume(tx, helper)
    return len(known) + len(helping)


def reached(tx: Connection, keys: Keyring, one: Incoming) -> list[tuple[str, Contact]]:
    """Give the households behind an address, the newest contact first."""
    return contacts.behind(tx, keys, one.channel, one.address)


def helpers(tx: Connection, keys: Keyring, one: Incoming) -> list[Helper]:
    """Give the helpers behind an address, whom households named; the newest first."""
    return household_helpers.behind(tx, keys, one.channel, one.address)


def language(tx: Connection, keys: Keyring, household: str) -> str | None:
    """Give the language of a household's plan; None where there is none."""
    if not household:
        return None
    try:
        saved = households.latest(tx, keys, household)
    except (KeyGone, BadInput):
        return None
    return None if saved is None else saved.plan.language


def _helps(tx: Connection, keys: Keyring, one: Incoming, identity: str, now: datetime) -> Heard:
    """Take the code of a helper's page: they agreed there, and are reached here from now on."""
    found = household_helpers.find(tx, keys, identity)
    if found is None or found.channel != one.channel:
        return Heard(Outcome.NOBODY)
    way = {"channel": one.channel, "address": one.address, "language": found.language}
    if not household_helpers.confirm(tx, keys, found, now, **way, load=found.load):
        return Heard(Outcome.NOBODY)
    return Heard(Outcome.PROVED, helper=found)


def _id(one: Incoming) -> str:
    return f"{one.channel}:{one.id}"
