"""Hand-over texts (渡す文面): what the city gives to the loudspeakers, the broadcasters and the web."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Form(StrEnum):
    """Where a text is handed to."""

    AREA_MAIL = "area_mail"
    """緊急速報メール (エリアメール): every telephone in the area."""
    LOUDSPEAKER = "loudspeaker"
    """防災行政無線: read aloud."""
    LALERT = "lalert"
    """Lアラート: the broadcasters."""
    SOCIAL = "social"
    WEB = "web"
    CAP = "cap"


FORM_WORDS: Mapping[Form, str] = {
    Form.AREA_MAIL: "緊急速報メール", Form.LOUDSPEAKER: "防災行政無線", Form.LALERT: "Lアラート",
    Form.SOCIAL: "SNS", Form.WEB: "市のホームページ", Form.CAP: "CAP",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """One field of a text as it is typed in somewhere else."""

    name: str
    text: str
    most: int | None = None
    """Full-width characters that the other side takes; None: no limit that is known."""
    length: float = 0.0
    """Full-width characters it has; two half-width ones count as one."""

    @property
    def over(self) -> bool:
        """Tell whether it is longer than the other side takes."""
        return self.most is not None and self.length > self.most


@dataclass(frozen=True, slots=True)
class Release:
    """One text of one alert, written at the moment of deciding and never changed."""

    alert: str
    form: Form
    written_at: datetime
    parts: tuple[Part, ...]
    file: str
    """Name of its file."""
    content: str
    """What the file holds."""
    media: str = "text/plain"
    seconds: float | None = None
    """How long it takes to read aloud."""
    reference: str = ""
    """CAP: `sender,identifier,sent`, by which a later message names this one."""
    valid_until: datetime | None = None
    """CAP: its own expiry; None holds until a later alert speaks of it."""
    filed_at: datetime | None = None
    handed_at: datetime | None = None
    handed_by: str = ""
