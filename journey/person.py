"""A person of human speed: 0.3 s a key, 1 s before a tap, reading at 8 characters a second."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Locator, Page

KEY_S = 0.3
TAP_S = 1.0
READ_PER_S = 8.0


WAIT_S = 30.0
LOOK_S = 0.05


def until(page: Page, said: str, arg: Any = None, seconds: float = WAIT_S) -> None:
    """Wait until *said* is true on the page, asked from outside of it; TimeoutError names what never came.

    The browser's own waiting looks again from within the page, where the page's Content-Security-Policy refuses it:
    it only ever passes where the thing is true at the first look.
    """
    end = time.monotonic() + seconds
    while not _true(page, said, arg):
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds:g} s on {page.url}: {said}")
        time.sleep(LOOK_S)


def _true(page: Page, said: str, arg: Any) -> bool:
    try:
        return bool(page.evaluate(said, arg))
    except Error as fault:
        if "context was destroyed" in str(
            fault
        ):  # a page that is just being left is asked again when the next is there
            return False
        raise


@dataclass(slots=True)
class Step:
    """One step as contract section 4 wants it."""

    step: str
    seconds: float
    clicks: int
    limit: float | None
    picture: str


@dataclass(slots=True)
class Person:
    """Somebody at a page, with the steps taken so far."""

    page: Page
    folder: Path
    steps: list[Step] = field(default_factory=list)
    clicks: int = 0
    wide: bool = False
    """True at a desk: a picture shows what the screen shows."""
    too_many: list[str] = field(default_factory=list)
    """Steps that took more taps than they may."""

    @contextmanager
    def step(self, name: str, limit: float | None, taps: int | None = None) -> Iterator[None]:
        """Time what is done inside, in at most so many *taps*, and take a picture at its end."""
        self.clicks, begun = 0, time.monotonic()
        yield
        seconds = time.monotonic() - begun
        picture = f"{len(self.steps) + 1:02d}.png"
        self.page.screenshot(path=self.folder / picture, full_page=not self.wide)
        self.steps.append(Step(name, round(seconds, 1), self.clicks, limit, picture))
        late = "  LATE" if limit is not None and seconds > limit else ""
        if taps is not None and self.clicks > taps:
            self.too_many.append(name)
            late += f"  MORE THAN {taps} TAPS"
        print(f"{seconds:6.1f} s of {limit or 0:3.0f}  {self.clicks:2d} taps  {name}{late}", flush=True)

    def tap(self, what: Locator) -> None:
        """Find it with the eye, then touch it."""
        what.wait_for(state="visible")
        time.sleep(TAP_S)
        what.click()
        self.clicks += 1

    def write(self, what: Locator, text: str) -> None:
        """Type with one finger."""
        self.tap(what)
        what.press_sequentially(text, delay=KEY_S * 1000)

    def read(self, what: Locator) -> str:
        """Read a text to its end."""
        text = what.inner_text()
        time.sleep(len("".join(text.split())) / READ_PER_S)
        return text

    def report(self) -> bool:
        """Write journey.json; tell whether every step was in time and in as few taps as it may take."""
        said = [asdict(step) for step in self.steps]
        (self.folder / "journey.json").write_text(json.dumps(said, ensure_ascii=False, indent=1), encoding="utf-8")
        in_time = all(step.limit is None or step.seconds <= step.limit for step in self.steps)
        return in_time and not self.too_many
