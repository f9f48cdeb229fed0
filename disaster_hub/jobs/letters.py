"""From deliveries to letters: addresses opened, words written out of each household's own brief, many at a time."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from disaster_hub.alerts import city_word, unreached
from disaster_hub.config import Config
from disaster_hub.jobs import helper_letters
from disaster_hub.jobs.addresses import key_of
from disaster_hub.store import alerts, briefs, household_contacts, households, unsubscribe, worlds
from disaster_hub.store.keyring import KeyGone, Keyring
from disaster_hub.store.session import Store, Transaction
from disaster_hub.terms.alert import Alert, AlertKind, Brief, Told
from disaster_hub.terms.clock import utc_now
from disaster_hub.terms.errors import BadConfig, BadInput, Undeliverable, Unreachable, whereabouts
from disaster_hub.terms.notice import CONTACT, Delivery, Notice
from timelines import messages
from timelines.channel import Letter
from timelines.messages import Form
from timelines.phrases import Reviews

log = logging.getLogger(__name__)
FORMS = {
    "webpush": Form.PUSH, "line": Form.CHAT, "email": Form.MAIL, "sms": Form.SMS, "voice": Form.VOICE,
    "console": Form.CHAT, "webhook": Form.MAIL,
}  # fmt: skip
RULED = frozenset({AlertKind.AUTOMATIC, AlertKind.CALM, AlertKind.UPDATE})
KEPT = 50
"""Alerts that are kept at hand; each is frozen but for its state, which is asked for elsewhere."""


class Letters(Protocol):
    """Who opens what lies in the outbox, just before it is sent."""

    def write(self, batch: Sequence[Delivery], now: datetime) -> Sequence[Letter | Undeliverable]:
        """Give the letter of each delivery, or why there can be none."""

    def gone(self, delivery: Delivery) -> None:
        """Take an address off the list: the channel says that nobody is there any more."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What a batch needs out of the store, read in one look."""

    contacts: Mapping[str, tuple[str, households.Contact]]
    keys: Mapping[str, bytes]
    alerts: Mapping[str, Alert]
    told: Mapping[str, Mapping[str, Told]]
    """By alert and household."""


class Household:
    """Letters to households, in the words of their own plans; and to the staff, as decided."""

    def __init__(self, store: Store, config: Config) -> None:
        self.store, self.config = store, config
        self._city = replace(config.city, name=config.sending.names or config.city.name)
        self._ring: Keyring | None = None
        self._alerts: dict[str, Alert] = {}
        self._reviews: tuple[float, Reviews] | None = None

    def write(self, batch: Sequence[Delivery], now: datetime) -> list[Letter | Undeliverable]:
        """Open contacts, briefs and keys of a batch in one look, and write each letter.

        Where one of a batch cannot even be looked at, each is opened by itself: it keeps none of the others.
        """
        try:
            return self._batch(batch, now)
        except (Unreachable, BadConfig):
            raise
        except Exception as bug:  # noqa: BLE001  # ours, or a damaged row; its text may hold what is personal
            log.error("post: letters: %s", whereabouts(bug))
            if len(batch) == 1:
                return [Undeliverable(type(bug).__name__)]
        return [letter for one in batch for letter in self.write([one], now)]

    def _batch(self, batch: Sequence[Delivery], now: datetime) -> list[Letter | Undeliverable]:
        with self.store.read() as tx:
            opened = self._open(tx, batch)
            helped = {one.id: self._helped(tx, one) for one in batch if helper_letters.is_helpers(one)}
        reviews = self._reviewed()
        written: dict[tuple[str, Form], Letter] = {}
        return [helped.get(one.id) or self._one(one, opened, reviews, now, written) for one in batch]

    def gone(self, delivery: Delivery) -> None:
        """Take a contact away at which nobody is any more; the staff's stand in the configuration and stay."""
        if helper_letters.is_helpers(delivery):
            with self.store.write() as tx:
                unreached.lost(tx, self._keyring(), key_of(delivery), worlds.current(tx).now(utc_now()))
        if delivery.address.startswith(CONTACT):
            identity = delivery.address.removeprefix(CONTACT)
            with self.store.write() as tx:
                found = households.contact(tx, self._keyring(), identity)
                if found is not None:
                    households.remove_contact(tx, found[0], identity)

    def close(self) -> None:
        """Let go of the keys."""
        if self._ring is not None:
            self._ring.close()

    def _keyring(self) -> Keyring:
        """Open the keys when the first household is to be reached: a hub without any needs none."""
        self._ring = self._ring or Keyring.open(self.config.keys.folder)
        return self._ring

    def _open(self, tx: Transaction, batch: Sequence[Delivery]) -> Opened:
        ids = {one.address.removeprefix(CONTACT) for one in batch if one.address.startswith(CONTACT)}
        sealed = household_contacts.sealed(tx, ids)
        whose = {household for household, _ in sealed.values()}
        keys = self._keyring().some(whose) if whose else {}
        ours: dict[str, set[str]] = {}
        for one in batch:
            if one.notice.alert:
                ours.setdefault(one.notice.alert, set()).add(one.household)
        told = {name: alerts.told_some(tx, name, homes) for name, homes in ours.items()}
        found = ((name, self._known(tx, name)) for name in ours)
        known = {name: self._as_it_stands(tx, one) for name, one in found if one is not None}
        return Opened(household_contacts.opened(keys, sealed), keys, known, told)

    def _known(self, tx: Transaction, name: str) -> Alert | None:
        """Give an alert; several batches are opened at once, and none may lose one that another lets go of."""
        found = self._alerts.get(name) or alerts.find(tx, name)
        if found is not None:
            self._alerts[name] = found
        for old in list(self._alerts)[:-KEPT]:
            self._alerts.pop(old, None)
        return found

    def _helped(self, tx: Transaction, one: Delivery) -> Letter | Undeliverable:
        """Write to a helper; what is wrong with one of them keeps no household from being told."""
        try:
            return helper_letters.letter(tx, self._keyring(), one, self.config)
        except (BadInput, KeyGone):
            return Undeliverable("what was kept of this helper cannot be opened", forever=True)

    def _as_it_stands(self, tx: Transaction, alert: Alert) -> Alert:
        """Let what a rule sends name the city's order of this moment: it may have waited for hours."""
        if not alert.rule or alert.kind not in RULED:
            return alert
        order = city_word.highest(tx, self.config, alert.areas)
        return alert if order == alert.city_order else replace(alert, city_order=order)

    def _one(
        self, one: Delivery, opened: Opened, reviews: Reviews, now: datetime, written: dict[tuple[str, Form], Letter]
    ) -> Letter | Undeliverable:
        """Write one; whatever is wrong with it keeps none of the others from going out."""
        try:
            return self._letter(one, opened, reviews, now, written)
        except Undeliverable as fault:
            return fault
        except BadInput:
            return Undeliverable("what was kept of this plan cannot be opened", forever=True)
        except Exception as bug:  # noqa: BLE001  # ours; its text may hold what is personal
            log.error("post: a letter: %s", whereabouts(bug))
            return Undeliverable(type(bug).__name__)

    def _letter(
        self, one: Delivery, opened: Opened, reviews: Reviews, now: datetime, written: dict[tuple[str, Form], Letter]
    ) -> Letter:
        """Write one; general words, which are the same for many of a batch, are written once."""
        address, household = one.address, one.household
        if address.startswith(CONTACT):
            found = opened.contacts.get(address.removeprefix(CONTACT))
            if found is None or found[1].ended_at or not _fits(one, *found):
                raise Undeliverable("this contact is no more", forever=True)
            household, address = found[0], found[1].address
        if not one.notice.alert:
            return Letter(one.notice, address, key_of(one))
        alert = opened.alerts.get(one.notice.alert)
        if alert is None:
            raise Undeliverable("this alert is not in the store", forever=True)
        if alert.world is not one.notice.world:
            raise Undeliverable("this alert is of another world than its notice", forever=True)
        brief = self._brief(opened, alert, household) if household else None
        form = FORMS.get(one.channel, Form.CHAT)
        words = written.get((alert.id, form)) if brief is None else None
        if words is None:
            words = self._words(one.notice, alert, brief, form, reviews, now)
            if brief is None:
                written[alert.id, form] = words
        notice = words.notice
        if household and household in opened.keys:
            url = self._link(opened.keys[household], alert)
            notice = _told(notice, notice.key, notice.headline, notice.text, url)
            if one.channel == "email" and one.address.startswith(CONTACT):
                ending = unsubscribe.token(opened.keys[household], one.address.removeprefix(CONTACT))
                notice = replace(notice, unsubscribe=f"{self.config.portal.address}/u/{ending}")
        return Letter(notice, address, key_of(one), words.language)

    def _brief(self, opened: Opened, alert: Alert, household: str) -> Brief | None:
        """Give the brief that was frozen with the alert; None where there was none, or none that can be opened.

        The general words go out then: that a danger is there must not be kept back because a minute cannot be read.
        """
        told = opened.told[alert.id].get(household)
        if told is None or told.sealed is None:
            return None
        try:
            return briefs.opened_brief(opened.keys[household], household, told.sealed)
        except BadInput:
            return None

    def _words(
        self, notice: Notice, alert: Alert, brief: Brief | None, form: Form, reviews: Reviews, now: datetime
    ) -> Letter:
        """Write headline and text; a letter without an address that the household's own is made of."""
        language = messages.language_for(alert, brief, reviews)
        if language is None:
            raise Undeliverable("nobody has reviewed its phrases, so it may not go out as actual", forever=True)
        said = messages.write(alert, brief, form, now, self._city, language=language, replies=self._replies(form))
        return Letter(_told(notice, _subject(notice, alert), said.headline, said.text), "", "", said.language)

    def _replies(self, form: Form) -> bool:
        """Tell whether somebody reads what is replied; to a text only a gateway can, and only one that signs."""
        if form is Form.SMS:
            return any(one.kind == "sms" and one.secret for one in self.config.gateways)
        return self.config.replies is not None

    def _link(self, key: bytes, alert: Alert) -> str:
        return f"{self.config.portal.address}/a/{briefs.answer_token(key, alert.id)}"

    def _reviewed(self) -> Reviews:
        """Read what people have reviewed anew where the file was changed."""
        source = self.config.source
        path = (source.parent if source is not None else Path()) / "reviews.toml"
        changed = path.stat().st_mtime if path.exists() else 0.0
        if self._reviews is None or self._reviews[0] != changed:
            self._reviews = changed, Reviews(path)
        return self._reviews[1]


def _fits(one: Delivery, household: str, known: households.Contact) -> bool:
    """Tell whether a contact is still the one that the delivery was made for."""
    return known.channel == one.channel and one.household in {"", household}


def _told(one: Notice, key: str, headline: str, text: str, url: str | None = None) -> Notice:
    """Give a notice with words of its own; `replace` would take three times as long, a hundred thousand times."""
    return Notice(
        key, one.world, one.kind, headline, text, one.decided_at, one.expires_at, one.urgency,
        one.url if url is None else url, one.unsubscribe, one.alert,
    )  # fmt: skip


def _subject(notice: Notice, alert: Alert) -> str:
    """Name what it is about, so that on a phone that was off only the newest word of one matter is left."""
    return f"alert:{alert.id.partition('~')[0]}:{notice.key.partition(':')[2]}"
