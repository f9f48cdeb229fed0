"""The configuration as frozen dataclasses; read once at the start (`configfile`) and passed along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NewType
from zoneinfo import ZoneInfo

from disaster_hub.config_outside import Canary, Gateway, Line, LineBot, Push, Replies, Sending, Sibling, Webhook
from disaster_hub.terms.world import World, WorldKind

Folder = NewType("Folder", Path)
"""A folder that need not be there yet; a plain Path names a file that must be."""
KEYS_FOLDER = Folder(Path("var/keys"))


@dataclass(frozen=True, slots=True)
class City:
    """The municipality that runs this hub."""

    name: str
    name_en: str
    area: str
    """7-digit JMA code of the municipality."""
    office: str
    """6-digit JMA office (府県予報区)."""
    lon: float
    lat: float
    zoom: int
    zone: ZoneInfo
    issuers: Mapping[str, Mapping[str, str]] = field(default_factory=dict, hash=False)
    """How those who sign messages are called in other languages: their Japanese name → language → name.

    Written by the city itself, `[city.issuers."みなも市"]` with `en = "Minamo City"`; where nothing is written the
    Japanese name stands, for a name that somebody made up is none.
    """


@dataclass(frozen=True, slots=True)
class Area:
    """Another municipality whose levels are watched too."""

    code: str
    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class River:
    """One flood forecast area (指定河川洪水予報の予報区域), 12 digits."""

    code: str
    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Feed:
    """One pulled source."""

    name: str
    kind: str
    """A key of `sensors.source.SOURCES`: `jma-feed`, `k-river`."""
    url: str
    every_s: float
    long_url: str | None = None
    """The long Atom feed, read at the start and every *long_every_s*: it heals holes of the short one."""
    long_every_s: float = 3600
    stale_after_s: float = 600
    offices: tuple[str, ...] = ()
    """Bodies are fetched only for these offices (last part of the telegram's address)."""
    issuer: str = ""


@dataclass(frozen=True, slots=True)
class Sensor:
    """One device of the city's own."""

    id: str
    """DevEUI in lower case, or the plain-JSON device id."""
    model: str
    """Maker's model (`EM500-UDL`), or `plain`."""
    name: str
    name_en: str
    lon: float
    lat: float
    kind: str = "sensor"
    zero_m: float | None = None
    """Height of the sensor above the station's zero: water level = zero_m - distance."""
    interval_s: float = 600
    interval_low_s: float | None = None
    """Expected interval while below *start_m*; None where it is the same."""
    start_m: float | None = None
    near: float | None = None
    met: float | None = None
    """The city's own two thresholds, in the unit of the reading."""


@dataclass(frozen=True, slots=True)
class Gauge:
    """What a source does not say about a gauge: its place, its expected interval."""

    id: str
    name: str = ""
    name_en: str = ""
    lon: float | None = None
    lat: float | None = None
    interval_s: float = 600


@dataclass(frozen=True, slots=True)
class Camera:
    """One camera whose stills the headquarters sees: fetched from an address, or the newest file of a folder."""

    id: str
    name: str
    name_en: str = ""
    station: str = ""
    """The station beside which it stands; its picture is shown there."""
    lon: float | None = None
    lat: float | None = None
    url: str = ""
    folder: Folder | None = None
    every_s: float = 60
    stale_after_s: float = 900
    """From when on a picture counts as old, by its own time."""


@dataclass(frozen=True, slots=True)
class Governs:
    """Whose word the zones of one hazard follow: the forecast area and the gauge that govern them."""

    hazard: str
    """`flood`, `landslide`, `inland`, `surge` or `tsunami`."""
    area: str
    """12-digit forecast area (予報区域) of a flood, or the 7-digit municipality."""
    river: str = ""
    """The river as the zones' files name it; empty governs every zone of the hazard that no other row names."""
    gauge: str = ""
    """Station whose danger level (氾濫危険水位) is the zero hour; empty goes by the area's official level alone."""


@dataclass(frozen=True, slots=True)
class Mqtt:
    """The broker: embedded, or one that is already there."""

    embedded: bool
    host: str
    port: int
    username: str | None
    password: str | None
    tls: bool
    ca: Path | None
    certificate: Path | None
    """Certificate and key with which the embedded broker itself serves TLS."""
    key: Path | None
    client_id: str
    share: str | None
    """`$share` group where several `listen` processes divide the work; never with the embedded broker."""
    anonymous: bool
    """True only in a demo."""
    topics: tuple[str, ...]
    devices: Mapping[str, str] = field(default_factory=dict)
    """User name to password for the embedded broker."""


@dataclass(frozen=True, slots=True)
class Portal:
    """Where the portal listens and what stands in front of it."""

    host: str
    port: int
    certificate: Path | None
    key: Path | None
    trusted_proxies: int
    """How many reverse proxies stand in front (X-Forwarded-* is believed that many times)."""
    session_minutes: int
    tiles: str | None
    """Template of map tiles, or None for the drawn base alone."""
    tiles_credit: str
    base_path: str = ""
    address: str = ""
    """Where people reach the portal (`https://bousai.city.example.jp`), for links in mails and on paper."""
    session_hours: float = 12
    """After so long a session of staff ends, used or not; *session_minutes* is for one that nobody uses."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """How this machine reaches the outside."""

    proxy: str | None
    ca: Path | None
    timeout_s: float
    max_bytes: int


@dataclass(frozen=True, slots=True)
class Staff:
    """Who is told what the machine itself has to say."""

    channel: str
    address: str


@dataclass(frozen=True, slots=True)
class Keys:
    """Where the keys live that no store may hold: the VAPID pair and the households' keys."""

    folder: Folder


@dataclass(frozen=True, slots=True)
class Mail:
    """The mail server that carries our messages out."""

    host: str
    sender: str
    """The address in From; its domain is also that of every Message-ID."""
    port: int = 587
    sender_name: str = ""
    security: str = "starttls"
    """`starttls`, `tls` (from the first byte, usually port 465) or `none`."""
    username: str | None = None
    password: str | None = None
    reply_to: str | None = None
    ca: Path | None = None
    timeout_s: float = 20


@dataclass(frozen=True, slots=True)
class Oidc:
    """An OpenID provider of the city whose accounts may sign in as staff."""

    issuer: str
    client: str
    secret: str
    roles: Mapping[str, str]
    """Value of the roles claim → our role; whoever has none of these is not let in."""
    roles_claim: str = "roles"
    """Dots lead inside: `realm_access.roles`."""
    name_claim: str = "preferred_username"
    shown_claim: str = "name"
    department_claim: str = ""
    scopes: tuple[str, ...] = ("openid", "profile")
    label: str = ""
    """What the button says; empty shows the issuer."""


@dataclass(frozen=True, slots=True)
class Plans:
    """What the town itself has written for its households' plans."""

    choices: Path | None = None
    """The town's own choices at each level (see timelines/choices/town.toml); None takes those of this package."""


@dataclass(frozen=True, slots=True)
class Config:
    """Everything a hub is told; read once at the start and passed along."""

    store: str
    """SQLAlchemy URL; `?schema=` names the PostgreSQL schema of this world."""
    world: World
    city: City
    areas: tuple[Area, ...]
    rivers: tuple[River, ...]
    feeds: tuple[Feed, ...]
    gauges: tuple[Gauge, ...]
    sensors: tuple[Sensor, ...]
    mqtt: Mqtt
    portal: Portal
    outgoing: Outgoing
    staff: tuple[Staff, ...]
    keep_raw_days: int
    judge_every_s: float
    source: Path | None = None
    governs: tuple[Governs, ...] = ()
    keys: Keys = Keys(KEYS_FOLDER)
    mail: Mail | None = None
    push: Push | None = None
    line: Line | None = None
    plans: Plans = Plans()
    cameras: tuple[Camera, ...] = ()
    oidc: Oidc | None = None
    line_bot: LineBot | None = None
    gateways: tuple[Gateway, ...] = ()
    webhooks: tuple[Webhook, ...] = ()
    replies: Replies | None = None
    siblings: tuple[Sibling, ...] = ()
    canaries: tuple[Canary, ...] = ()
    sending: Sending = field(default_factory=Sending)

    @property
    def real(self) -> bool:
        """Tell whether this is the real world."""
        return self.world.kind is WorldKind.REAL
