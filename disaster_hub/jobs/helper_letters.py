"""Letters to helpers: the address opened under the key of the household that named them, the link made again."""

from __future__ import annotations

from dataclasses import replace

from disaster_hub.alerts import helping
from disaster_hub.config import Config
from disaster_hub.jobs.addresses import key_of
from disaster_hub.store import help_calls
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Transaction
from disaster_hub.terms.errors import Undeliverable
from disaster_hub.terms.helping import UNFINISHED
from disaster_hub.terms.notice import Delivery
from timelines.channel import Letter


def is_helpers(delivery: Delivery) -> bool:
    """Tell whether a delivery is for a helper."""
    return delivery.address.startswith(helping.ADDRESS)


def letter(tx: Transaction, keys: Keyring, one: Delivery, config: Config) -> Letter | Undeliverable:
    """Open one just before it is sent; of a household that has answered meanwhile nothing goes any more."""
    found = helping.reached(tx, keys, one.address, one.notice.key)
    if found is None or found[0].channel != one.channel or found[0].ended_at is not None:
        return Undeliverable("this helper is no more", forever=True)
    if one.notice.key.startswith(help_calls.KEY):
        call = help_calls.find(tx, one.notice.key.removeprefix(help_calls.KEY))
        if call is None or call.state not in UNFINISHED:
            return Undeliverable("this household has answered, or it is too late to go", forever=True)
    helper, path = found
    return Letter(replace(one.notice, url=f"{config.portal.address}{path}"), helper.address, key_of(one))
