"""The link that ends one contact: right for that contact alone, gone with its household."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from disaster_hub.store import households, unsubscribe
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store
from disaster_hub.terms.household import Home, Plan
from disaster_hub.terms.place import LonLat


def test_a_link_opens_its_own_contact_and_no_other(store: Store, tmp_path: Path, now: datetime) -> None:
    keys = Keyring.open(tmp_path / "keys")
    with store.write() as tx:
        homes = [households.create(tx, keys, Plan(Home(LonLat(139.8, 38.7))), now).household for _ in range(2)]
        made = [households.add_contact(tx, keys, home, "email", "a@example.jp", now) for home in homes]
    links = [unsubscribe.token(keys.key(home), one) for home, one in zip(homes, made, strict=True)]
    with store.read() as tx:
        for home, one, link in zip(homes, made, links, strict=True):
            found = unsubscribe.whose(tx, keys, link)
            assert found is not None
            assert (found[0], found[1].id) == (home, one)
        mixed = f"{made[0]}.{links[1].partition('.')[2]}"
        for wrong in ("", ".", made[0], mixed, links[0][:-1], links[0] + "x", "é" * 300, f"{made[0]}.é"):
            assert unsubscribe.whose(tx, keys, wrong) is None
    assert all(secret not in "".join(links) for secret in (*homes, "example"))
    keys.destroy(homes[0])
    with store.read() as tx:
        assert unsubscribe.whose(tx, keys, links[0]) is None
    keys.close()
