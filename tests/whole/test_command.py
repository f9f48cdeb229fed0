"""The command: errors in one line, the exit code right, and worlds that do not mix."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from disaster_hub.store import staff
from disaster_hub.store.prepare import prepare
from disaster_hub.terms.clock import utc_now
from disaster_hub.terms.world import World, WorldKind
from tests.whole.rig import ROOT, command


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "config.toml", tmp_path / "config.toml")
    return tmp_path


def test_an_unknown_key_stops_it(folder: Path) -> None:
    said = (folder / "config.toml").read_text(encoding="utf-8").replace("[judge]", "[judge]\nspeed = 1")
    (folder / "config.toml").write_text(said, encoding="utf-8")
    for name in ("run", "web", "clock", "listen", "post", "status"):
        done = command([name], {}, folder)
        assert (done.returncode, done.stderr) == (2, "config.toml: judge.speed: unknown key\n"), name


def test_no_store_is_said(folder: Path) -> None:
    done = command(["status"], {}, folder)
    assert done.returncode == 1
    assert "is not there" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_real_hub_refuses_a_rehearsals_store(folder: Path) -> None:
    prepare(f"sqlite:///{folder / 'drill.gpkg'}", World(WorldKind.REPLAY, "架空の夜", None)).close()
    done = command(["run"], {"DISASTER_HUB_STORE": f"sqlite:///{folder / 'drill.gpkg'}"}, folder)
    assert done.returncode == 1
    assert "belongs to the world replay" in done.stderr


def test_a_password_can_be_set_again(folder: Path) -> None:
    address = f"sqlite:///{folder / 'hub.gpkg'}"
    store = prepare(address, World(WorldKind.REAL, "鶴岡市"))
    with store.write() as tx:
        staff.add(tx, "admin", "old", "administrator", utc_now())
    done = command(["password", "admin"], {"DISASTER_HUB_STORE": address}, folder)
    assert done.returncode == 0, done.stderr
    assert "password changed" in done.stdout
    with store.read() as tx:
        account = staff.find(tx, "admin")
    assert account is not None
    assert account.password != "old"
    store.close()
    nobody = command(["password", "nobody"], {"DISASTER_HUB_STORE": address}, folder)
    assert nobody.returncode == 1
    assert len(nobody.stderr.splitlines()) == 1


def test_the_configuration_shows_no_password(folder: Path) -> None:
    done = command(["config"], {"DISASTER_HUB_MQTT_PASSWORD": "s3cret"}, folder)
    assert done.returncode == 0, done.stderr
    assert "s3cret" not in done.stdout
    assert "鶴岡市" in done.stdout


def test_the_configuration_shows_no_mail_password(folder: Path) -> None:
    mail = '\n[mail]\nhost = "mail.example.jp"\nsender = "hub@example.jp"\nusername = "hub"\n'
    with (folder / "config.toml").open("a", encoding="utf-8") as file:
        file.write(mail)
    done = command(["config"], {"DISASTER_HUB_MAIL_PASSWORD": "s3cret"}, folder)
    assert done.returncode == 0, done.stderr
    assert "s3cret" not in done.stdout
    assert "(not shown)" in done.stdout


def test_read_needs_nothing(tmp_path: Path) -> None:
    (tmp_path / "x.xml").write_text("<a/>", encoding="utf-8")
    done = command(["read", "x.xml", "none.xml"], {}, tmp_path)
    assert done.returncode == 1
    assert done.stdout.count('"file"') == 2
    assert command(["read"], {}, tmp_path).returncode == 2
