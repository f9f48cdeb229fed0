"""Live parts: drawn once for each change, the same bytes for everybody, never for somebody with another key."""

from __future__ import annotations

from disaster_hub.portal.parts import Parts, part
from disaster_hub.store import journal
from disaster_hub.terms.notice import JournalEntry
from tests.portal import town
from tests.portal.conftest import Site


def test_it_is_made_once_for_each_change(site: Site) -> None:
    made: list[str] = []

    def make() -> str:
        made.append("x")
        return f"<p>{len(made)}</p>" + "よ" * 400

    with site.app.test_request_context(headers={"Accept-Encoding": "gzip"}):
        first = part("board", make)
        assert part("board", make).get_data() == first.get_data()
        assert len(made) == 1
        part(("board", "viewer"), make)
        assert len(made) == 2
        assert first.headers["Content-Encoding"] == "gzip"
        with site.store.write() as tx:
            journal.add(tx, JournalEntry(town.NOW, "note", "author", "土のうを配った"))
        site.app.extensions["disaster_hub"].board.refresh()
        assert part("board", make).headers["ETag"] != first.headers["ETag"]
        assert len(made) == 3
    with site.app.test_request_context(headers={"If-None-Match": part_tag(site, make)}):
        assert part("board", make).status_code == 304


def part_tag(site: Site, make) -> str:
    with site.app.test_request_context():
        return part("board", make).headers["ETag"]


def test_old_ones_are_forgotten(site: Site) -> None:
    with site.app.test_request_context():
        for n in range(500):
            part(n, lambda: "<p></p>")
    held: Parts = site.app.extensions["disaster_hub.parts"]
    assert len(held.made) <= 200
