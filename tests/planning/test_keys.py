"""One folder of keys is one store's: a second hub over it is refused by name, a restored one is not."""

from __future__ import annotations

import errno
import shutil
from dataclasses import replace
from pathlib import Path
from threading import Barrier, Thread

import pytest

from disaster_hub.config import Config, Keys
from disaster_hub.planning import keys as rooms
from disaster_hub.running import first_start, same_world
from disaster_hub.terms.errors import BadConfig
from tests.jobs.hub import config as config_for


def hub(folder: Path, name: str) -> Config:
    return replace(config_for(f"sqlite:///{folder / name}"), keys=Keys(folder / "keys"))


def test_a_second_hub_over_the_same_keys_is_refused_and_told_what_to_do(tmp_path: Path) -> None:
    first, second = hub(tmp_path, "one.gpkg"), hub(tmp_path, "two.gpkg")
    first_start(first)
    first_start(first)
    same_world(first)
    with pytest.raises(BadConfig) as said:
        first_start(second)
    assert str(tmp_path / "keys") in str(said.value)
    assert "its own folder" in str(said.value)
    assert str(tmp_path / "keys" / rooms.OWNER) in str(said.value)
    with pytest.raises(BadConfig, match="another hub's store"):
        same_world(second)
    same_world(first)
    first_start(replace(second, keys=Keys(tmp_path / "others")))
    (tmp_path / "keys" / rooms.OWNER).unlink()
    first_start(second)
    with pytest.raises(BadConfig):
        same_world(first)


def test_a_store_and_keys_that_were_restored_elsewhere_belong_together(tmp_path: Path) -> None:
    old = hub(tmp_path, "hub.gpkg")
    first_start(old)
    new = tmp_path / "new"
    (new / "keys").mkdir(parents=True, mode=0o700)
    shutil.copy2(tmp_path / "hub.gpkg", new / "hub.gpkg")
    for name in ("vapid.pem", "households.db"):  # what the documented backup holds
        shutil.copy2(tmp_path / "keys" / name, new / "keys" / name)
    moved = replace(old, store=f"sqlite:///{new / 'hub.gpkg'}", keys=Keys(new / "keys"))
    first_start(moved)
    same_world(moved)
    assert (new / "keys" / rooms.OWNER).read_text() == (tmp_path / "keys" / rooms.OWNER).read_text()


def test_of_many_that_start_at_once_one_store_wins(tmp_path: Path) -> None:
    names = [f"{n:032x}" for n in range(8)]
    together, won = Barrier(len(names)), []

    def start(name: str) -> None:
        together.wait()
        try:
            rooms.claim(tmp_path / "keys", name)
        except BadConfig:
            return
        won.append(name)

    threads = [Thread(target=start, args=(name,)) for name in names]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(won) == 1
    assert [one.name for one in (tmp_path / "keys").iterdir()] == [rooms.OWNER]
    assert (tmp_path / "keys" / rooms.OWNER).stat().st_mode & 0o077 == 0


def test_a_folder_that_knows_no_links_is_claimed_too_and_an_empty_claim_is_nobodys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refused)
    for number in range(2):
        rooms.claim(tmp_path / "keys", "a" * 32)
        with pytest.raises(BadConfig, match="another hub's store"):
            rooms.claim(tmp_path / "keys", "b" * 32)
        assert [one.name for one in (tmp_path / "keys").iterdir()] == [rooms.OWNER]
        if number == 0:
            (tmp_path / "keys" / rooms.OWNER).write_bytes(b"")


def test_what_is_no_claim_of_ours_is_refused(tmp_path: Path) -> None:
    (tmp_path / rooms.OWNER).write_bytes(b"\xff\xfe")
    with pytest.raises(BadConfig, match="not written by"):
        rooms.claim(tmp_path, "a" * 32)
    (tmp_path / rooms.OWNER).unlink()
    (tmp_path / rooms.OWNER).mkdir()
    with pytest.raises(BadConfig, match=rooms.OWNER):
        rooms.claim(tmp_path, "a" * 32)
