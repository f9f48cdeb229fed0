"""What the resident's pages share in one process: the planner with the town in memory, and the households' keys."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from flask import Flask, current_app

from disaster_hub.planning.plans import Planner
from disaster_hub.planning.town import Library
from disaster_hub.store.keyring import Keyring
from disaster_hub.terms.errors import HubError
from timelines import phrases, steps
from timelines.outlook import warm as compiled
from timelines.phrases import Reviews

if TYPE_CHECKING:
    from disaster_hub.portal.hub import Hub
    from timelines.find_address import AddressBook

T = TypeVar("T")
NAME = "disaster_hub.resident"
_one_at_a_time = threading.Lock()


@dataclass(slots=True)
class Desk:
    """The planner of one portal."""

    shared: Hub
    planner: Planner
    keys: Keyring

    @property
    def now(self) -> datetime:
        """Give this world's time."""
        return self.shared.now

    @property
    def addresses(self) -> AddressBook:
        """Give the addresses to choose from."""
        return self.planner.library.places().addresses

    @property
    def choices(self) -> Path:
        """Give the file of the town's choices at each level."""
        return self.shared.config.plans.choices or steps.FILE

    def language(self, wish: str, keys: Collection[str]) -> str | None:
        """Choose the language of a message: the reader's, else Japanese; None where nobody reviewed either.

        What is not the real world, and what is marked as a test, may go out unreviewed.
        """
        reviews, actual = self.reviews(), self.shared.config.real
        return next((one for one in (wish, phrases.FIRST) if reviews.sendable(keys, one, actual=actual)), None)

    def reviews(self) -> Reviews:
        """Give what the city's people have reviewed, as it stands."""
        source = self.shared.config.source
        return Reviews((source.parent if source is not None else Path()) / "reviews.toml")

    def aside(self, function: Callable[..., T], *arguments: Any) -> T:
        """Run slow work where it holds nobody up; what it refuses is raised here, not printed there."""
        said, value = self.shared.aside(_said, function, arguments)
        if not said:
            raise value
        return value  # type: ignore[no-any-return]  # gevent's pool gives back what it was given


def desk() -> Desk:
    """Give the desk of the application at hand; the keys are opened at the first need."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  # Flask's documented way
    found: Desk | None = app.extensions.get(NAME)
    if found is None:
        with _one_at_a_time:
            found = app.extensions.get(NAME) or _open(app.extensions["disaster_hub"])
            app.extensions[NAME] = found
    return found


def warm(app: Flask) -> None:
    """Read the town and compile the search before anybody waits for them."""
    with app.app_context():
        desk().planner.library.places()
    compiled()


def _open(shared: Hub) -> Desk:
    keys = Keyring.open(shared.config.keys.folder)
    config = shared.board.config
    return Desk(shared, Planner(shared.store, config, Library(shared.store, config), keys), keys)


def _said(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[bool, Any]:
    try:
        return True, function(*arguments)
    except HubError as fault:
        return False, fault
