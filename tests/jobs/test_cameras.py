"""Camera stills into the store: their own time, the frozen one, the silent one, the folder of a camera."""

from __future__ import annotations

import io
import os
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from PIL import Image

from disaster_hub.config import Camera, Folder
from disaster_hub.jobs import cameras
from disaster_hub.jobs.cameras import Watcher
from disaster_hub.store import pulse, stills
from disaster_hub.store.session import Store
from disaster_hub.store.stills import Still
from disaster_hub.terms.clock import JAPAN
from disaster_hub.terms.world import World, WorldKind
from sensors.fetch import Door
from tests.jobs.twins import Handler, Server

REAL = World(WorldKind.REAL, "本番")


def jpeg(colour: str, taken: str | None = None) -> bytes:
    image, out = Image.new("RGB", (64, 48), colour), io.BytesIO()
    exif = Image.Exif()
    if taken is not None:
        exif.get_ifd(0x8769)[0x9003] = taken
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


def watcher(store: Store, server: Server, world: World = REAL) -> Watcher:
    camera = Camera("c", "みなも橋", url=f"{server.url}/c.jpg")
    return Watcher(store, camera, Door(timeout_s=10, max_bytes=cameras.MOST_BYTES), world, JAPAN)


def dated(body: bytes, at: datetime) -> object:
    def page(handler: Handler) -> None:
        handler.reply(200, body, **{"Last-Modified": format_datetime(at.astimezone(UTC), usegmt=True)})

    return page


def newest(store: Store) -> Still:
    with store.read() as tx:
        return stills.newest(tx)["c"]


def state(store: Store) -> pulse.SourcePulse:
    with store.read() as tx:
        (one,) = pulse.sources(tx)
    return one


def test_the_server_s_time_comes_before_the_camera_s_own(store: Store, server: Server, now: datetime) -> None:
    at = now - timedelta(minutes=3)
    server.pages["/c.jpg"] = dated(jpeg("red", "2026:09:18 16:30:00"), at)
    assert watcher(store, server).look(now)
    assert (newest(store).taken_at, newest(store).basis) == (at, "header")
    assert state(store).source == "camera:c"


def test_without_it_the_camera_s_own_clock_counts(store: Store, server: Server, now: datetime) -> None:
    server.pages["/c.jpg"] = jpeg("red", "2026:09:18 16:30:00")
    watcher(store, server).look(now)
    assert (newest(store).taken_at, newest(store).basis) == (datetime(2026, 9, 18, 7, 30, tzinfo=UTC), "exif")


def test_a_picture_without_any_time_or_from_the_future_has_none(store: Store, server: Server, now: datetime) -> None:
    eye = watcher(store, server)
    server.pages["/c.jpg"] = jpeg("red")
    eye.look(now)
    assert (newest(store).taken_at, newest(store).basis) == (None, "unknown")
    server.pages["/c.jpg"] = dated(jpeg("blue"), now + timedelta(hours=2))
    eye.look(now)
    assert newest(store).taken_at is None


def test_a_frozen_camera_grows_old_though_it_answers(store: Store, server: Server, now: datetime) -> None:
    eye = watcher(store, server)
    for minutes in (0, 10, 20):
        at = now + timedelta(minutes=minutes)
        server.pages["/c.jpg"] = dated(jpeg("red"), at)
        assert eye.look(at) is (minutes == 0)
    assert newest(store).taken_at == now
    assert state(store).last_success == now + timedelta(minutes=20)


def test_a_silent_camera_is_counted_and_its_last_picture_stays(store: Store, server: Server, now: datetime) -> None:
    eye = watcher(store, server)
    server.pages["/c.jpg"] = jpeg("red")
    eye.look(now)
    server.pages.clear()
    for minutes in range(1, 4):
        assert not eye.look(now + timedelta(minutes=minutes))
    assert state(store).failures == 3
    assert "404" in state(store).last_reason
    assert newest(store).received_at == now
    server.pages["/c.jpg"] = b"<html>maintenance</html>"
    eye.look(now + timedelta(minutes=5))
    assert "picture" in state(store).last_reason
    server.pages["/c.jpg"] = jpeg("green")
    assert eye.look(now + timedelta(minutes=6))
    assert state(store).failures == 0


def test_hidden_data_is_not_kept(sqlite_store: Store, server: Server, now: datetime) -> None:
    server.pages["/c.jpg"] = jpeg("red", "2026:09:18 16:30:00")
    watcher(sqlite_store, server).look(now)
    with sqlite_store.read() as tx:
        found = stills.find(tx, "c")
    assert found is not None
    with Image.open(io.BytesIO(found[1])) as kept:
        assert not dict(kept.getexif())


def test_the_newest_file_of_a_folder_has_the_file_s_time(store: Store, tmp_path: Path, now: datetime) -> None:
    folder = tmp_path / "ftp"
    folder.mkdir()
    camera = Camera("c", "みなも橋", folder=Folder(folder))
    eye = Watcher(store, camera, Door(), REAL, JAPAN)
    assert not eye.look(now)
    assert "no picture" in state(store).last_reason
    for name, minutes in (("b.jpg", 20), ("a.jpg", 5), ("notes.txt", 1)):
        body = jpeg(f"#0000{minutes:02d}") if name.endswith("jpg") else b"no picture"
        (folder / name).write_bytes(body)
        when = (now - timedelta(minutes=minutes)).timestamp()
        os.utime(folder / name, (when, when))
    assert eye.look(now)
    assert (newest(store).taken_at, newest(store).basis) == (now - timedelta(minutes=5), "file")
    assert not eye.look(now + timedelta(minutes=1))
    assert state(store).failures == 0


def test_in_another_world_a_file_s_time_is_that_world_s(store: Store, tmp_path: Path, now: datetime) -> None:
    opened = datetime(2027, 1, 1, tzinfo=UTC)
    world = World(WorldKind.REPLAY, "架空の夜", opened, now, None, 60.0)
    (tmp_path / "a.jpg").write_bytes(jpeg("red"))
    when = (opened + timedelta(seconds=10)).timestamp()
    os.utime(tmp_path / "a.jpg", (when, when))
    Watcher(store, Camera("c", "x", folder=Folder(tmp_path)), Door(), world, JAPAN).look(now + timedelta(minutes=15))
    assert newest(store).taken_at == now + timedelta(minutes=10)
