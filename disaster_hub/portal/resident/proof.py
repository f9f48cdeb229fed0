"""A way to reach a household is proved once its test was said to have arrived."""

from __future__ import annotations

from typing import TYPE_CHECKING

from disaster_hub.portal.resident.desk import desk
from disaster_hub.store import households

if TYPE_CHECKING:
    from disaster_hub.portal.resident.visit import Visit


def confirm(at: Visit, about: str) -> bool:
    """Note that the test *about* arrived; False where no such test was sent."""
    contact = at.draft.tests.get(about)
    if contact is None:
        return False
    here = desk()
    with here.shared.store.write() as tx:
        return households.confirm_contact(tx, here.keys, at.household, contact, here.now)
