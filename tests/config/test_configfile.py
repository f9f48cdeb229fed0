"""config.toml: every wrong key is named in one line, and the environment overrides."""

from __future__ import annotations

from pathlib import Path

import pytest

from disaster_hub.config import Config
from disaster_hub.configfile import load
from disaster_hub.terms.errors import BadConfig
from disaster_hub.terms.world import WorldKind

ROOT = Path(__file__).parents[2]
TSURUOKA = (ROOT / "config.toml").read_text(encoding="utf-8")


def changed(tmp_path: Path, *swaps: tuple[str, str]) -> Path:
    said = TSURUOKA
    for old, new in swaps:
        assert old in said, old
        said = said.replace(old, new, 1)
    path = tmp_path / "config.toml"
    path.write_text(said, encoding="utf-8")
    return path


def test_the_profile_of_tsuruoka_is_whole() -> None:
    config = load(ROOT / "config.toml", {})
    assert isinstance(config, Config)
    assert config.real
    assert config.city.area == "0620300"
    assert {river.code for river in config.rivers} == {"820212000100", "820212000200", "820211000102"}
    assert config.feeds[0].offices == ("060000",)
    assert not config.mqtt.anonymous


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("port = 8080", "prot = 8080", "portal.prot: unknown key"),
        ("port = 8080", 'port = "8080"', "portal.port: '8080' is no whole number"),
        ("port = 8080", "port = true", "portal.port: True is no whole number"),
        ("session_minutes = 480", "", "portal.session_minutes: missing"),
        ('zone = "Asia/Tokyo"', 'zone = "Asia/Tokio"', "city.zone: 'Asia/Tokio' is no time zone"),
        ('kind = "real"', 'kind = "reel"', "world.kind: 'reel' is none of real, replay, drill"),
        ("[judge]", "[jugde]", "jugde: unknown section"),
        ("anonymous = false", "anonymous = true", "mqtt.anonymous: only in a demo"),
        ("every_s = 60", 'every_s = "60"', "feeds[0].every_s: '60' is no number"),
        ('offices = ["060000"]', 'offices = "060000"', "feeds[0].offices: not a list of texts"),
        ('id = "82021200010000020"', 'id = "82021200010000018"', "gauges: '82021200010000018' stands there twice"),
        ("tls = false", 'tls = false\nca = "no-such.pem"', "mqtt.ca: there is no file no-such.pem"),
        ("embedded = true", 'embedded = true\nshare = "hub"', "mqtt.share: the embedded broker cannot divide"),
        ('name = "鶴岡市"\n\n', 'name = "鶴岡市"\nspeed = 60\n\n', "world.speed: the real world runs at 1"),
        ("[store]", "[store", "config.toml: "),
    ],
)
def test_a_wrong_key_is_named_in_one_line(tmp_path: Path, old: str, new: str, named: str) -> None:
    with pytest.raises(BadConfig) as fault:
        load(changed(tmp_path, (old, new)), {})
    assert named in str(fault.value)
    assert "config.toml" in str(fault.value)
    assert "\n" not in str(fault.value)


def test_the_environment_overrides(tmp_path: Path) -> None:
    environ = {
        "DISASTER_HUB_STORE": "sqlite:////elsewhere/hub.gpkg",
        "DISASTER_HUB_PORTAL_PORT": "8443",
        "DISASTER_HUB_MQTT_PASSWORD": "secret",
        "DISASTER_HUB_MQTT_EMBEDDED": "false",
        "DISASTER_HUB_JUDGE_EVERY_S": "2.5",
        "PATH": "/bin",
    }
    config = load(changed(tmp_path), environ)
    assert config.store == "sqlite:////elsewhere/hub.gpkg"
    assert config.portal.port == 8443
    assert config.mqtt.password == "secret"
    assert not config.mqtt.embedded
    assert config.judge_every_s == 2.5


@pytest.mark.parametrize(
    ("name", "text", "named"),
    [
        ("DISASTER_HUB_PORTAL_PROT", "1", "DISASTER_HUB_PORTAL_PROT: no such key"),
        ("DISASTER_HUB_PORTL_PORT", "1", "DISASTER_HUB_PORTL_PORT: no such key"),
        ("DISASTER_HUB_PORTAL_PORT", "many", "portal.port: 'many' is no number"),
        ("DISASTER_HUB_MQTT_TLS", "yes", "mqtt.tls: 'yes' is neither true nor false"),
    ],
)
def test_a_wrong_variable_is_named(tmp_path: Path, name: str, text: str, named: str) -> None:
    with pytest.raises(BadConfig, match=r"config\.toml") as fault:
        load(changed(tmp_path), {name: text})
    assert named in str(fault.value)


def test_the_file_itself_may_be_missing(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="No such file"):
        load(None, {"DISASTER_HUB_CONFIG": str(tmp_path / "none.toml")})


def test_paths_are_beside_the_file_that_names_them(tmp_path: Path) -> None:
    (tmp_path / "cert.pem").touch()
    (tmp_path / "key.pem").touch()
    path = changed(tmp_path, ("port = 8080", 'port = 8080\ncertificate = "cert.pem"\nkey = "key.pem"'))
    config = load(path, {})
    assert config.portal.certificate == tmp_path / "cert.pem"
    assert config.world.kind is WorldKind.REAL


MAIL = '[mail]\nhost = "mail.example.jp"\nsender = "bousai@city.example.jp"\n'
LINE = '[line]\nchannel = "1"\n'


def test_channels_may_be_left_out(tmp_path: Path) -> None:
    config = load(changed(tmp_path, ('\n[keys]\nfolder = "var/keys"\n', "")), {})
    assert (config.mail, config.push, config.line) == (None, None, None)
    assert config.keys.folder == tmp_path / "var/keys"


def test_channels_are_read(tmp_path: Path) -> None:
    said = f'{MAIL}username = "hub"\n[push]\ncontact = "mailto:a@city.example.jp"\n{LINE}[outgoing]'
    path = changed(tmp_path, ("[outgoing]", said), ('folder = "var/keys"', 'folder = "/srv/keys"'))
    config = load(path, {"DISASTER_HUB_MAIL_PASSWORD": "secret", "DISASTER_HUB_MAIL_PORT": "2525"})
    assert config.mail
    assert (config.mail.port, config.mail.password, config.mail.security) == (2525, "secret", "starttls")
    assert config.push
    assert "fcm.googleapis.com" in config.push.hosts
    assert config.line
    assert config.line.api == "https://api.line.me"
    assert config.keys.folder == Path("/srv/keys")


@pytest.mark.parametrize(
    ("said", "named"),
    [
        (f'{MAIL}security = "ssl"', "mail.security: 'ssl' is none of starttls, tls, none"),
        (MAIL.replace("bousai@", ""), "mail.sender: 'city.example.jp' is no mail address"),
        (MAIL.replace("bousai@", "a>b@"), "mail.sender: 'a>b@city.example.jp' is no mail address"),
        (f'{MAIL}username = "hub"', "mail.password (DISASTER_HUB_MAIL_PASSWORD): one without the other"),
        (f'{MAIL}security = "none"\nusername = "hub"\npassword = "x"', "would send the password in the clear"),
        ('[mail]\nhost = "mail.example.jp"', "mail.sender: missing"),
        ('[push]\ncontact = "bousai@city.example.jp"', "push.contact: 'bousai@city.example.jp' begins with neither"),
        ("[push]", "push.contact: missing"),
        (f'{LINE}api = "http://127.0.0.1:8040"', "line.api: the real world asks over https"),
        ("[line]\nchannel = 1", "line.channel: 1 is no text"),
        ('[line]\nchanel = "1"', "line.chanel: unknown key"),
    ],
)
def test_a_channel_that_cannot_work_is_named(tmp_path: Path, said: str, named: str) -> None:
    with pytest.raises(BadConfig) as fault:
        load(changed(tmp_path, ("[outgoing]", f"{said}\n[outgoing]")), {})
    assert named in str(fault.value)


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("https://bousai.city.example.jp", True),
        ("http://127.0.0.1:8080", True),
        ("https://city.example.jp/bousai", True),
        ("https://city.example.jp/", False),
        ("city.example.jp", False),
        ("https://city.example.jp/?a=b", False),
        ("javascript:alert(1)", False),
    ],
)
def test_where_people_reach_the_portal(tmp_path: Path, address: str, good: bool) -> None:
    path = changed(tmp_path, ("port = 8080", f'port = 8080\naddress = "{address}"'))
    if good:
        assert load(path, {}).portal.address == address
        return
    with pytest.raises(BadConfig, match=r"portal\.address"):
        load(path, {})


def test_keys_without_a_folder(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match=r"keys\.folder: missing"):
        load(changed(tmp_path, ('folder = "var/keys"', "")), {})


def test_the_city_writes_how_those_who_sign_are_called_in_other_languages(tmp_path: Path) -> None:
    more = '[city.issuers."鶴岡市"]\nen = "Tsuruoka City"\n[city.issuers."山形地方気象台"]\nvi = "Đài khí tượng Yamagata"\n\n'
    config = load(changed(tmp_path, ("[[areas]]", f"{more}[[areas]]")), {})
    assert config.city.issuers == {
        "鶴岡市": {"en": "Tsuruoka City"}, "山形地方気象台": {"vi": "Đài khí tượng Yamagata"},
    }  # fmt: skip
    assert load(ROOT / "config.toml", {}).city.issuers == {}


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ('[city.issuers."鶴岡市"]\nfr = "Tsuruoka"', "fr"),
        ('[city.issuers."鶴岡市"]\nen = " "', "en"),
        ('[city.issuers]\n"鶴岡市" = "Tsuruoka"', "not a table of texts"),
        ("[city.issuers.x]\nen = 5", "not a table of texts"),
    ],
)
def test_a_name_in_no_language_of_ours_is_refused(tmp_path: Path, said: str, named: str) -> None:
    with pytest.raises(BadConfig, match=r"city\.issuers") as caught:
        load(changed(tmp_path, ("[[areas]]", f"{said}\n\n[[areas]]")), {})
    assert named in str(caught.value)
