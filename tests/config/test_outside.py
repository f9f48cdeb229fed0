"""Settings of the ways to people: a drill with the keys of real people does not start, and no secret goes in the clear."""

from __future__ import annotations

from pathlib import Path

import pytest

from disaster_hub.configfile import load
from disaster_hub.terms.errors import BadConfig

CONFIG = Path(__file__).parents[2] / "config.toml"
MAIL = '[mail]\nhost = "mail.example.jp"\nsender = "hub@example.jp"\n'
BOT = '[line_bot]\ntoken = "t"\nsecret = "s"\n'
SMS = '[[gateways]]\nurl = "https://sms.example.jp/"\nsecret = "s"\n'
HOOK = '[[webhooks]]\nname = "signage"\nurl = "https://signs.example.jp/in"\nsecret = "s"\n'
PUSH = '[push]\ncontact = "mailto:a@example.jp"\n'
REPLIES = '[replies]\nimap_host = "imap.example.jp"\n'


def read(folder: Path, more: str, world: str = "") -> None:
    text = CONFIG.read_text(encoding="utf-8")
    if world:
        text = text.replace('kind = "real"', f'kind = "{world}"', 1)
    (folder / "config.toml").write_text(f"{text}\n{more}", encoding="utf-8")
    load(folder / "config.toml", {})


@pytest.mark.parametrize("world", ["drill", "replay"])
@pytest.mark.parametrize(
    ("section", "more"),
    [("mail", MAIL), ("line_bot", BOT), ("gateways", SMS), ("webhooks", HOOK), ("push", PUSH), ("replies", REPLIES)],
)
def test_a_drill_holds_no_key_of_real_people(tmp_path: Path, world: str, section: str, more: str) -> None:
    with pytest.raises(BadConfig, match=f"{section}: these are the keys of the real world") as fault:
        read(tmp_path, more, world)
    assert "sending" in str(fault.value), "it says what to write"
    read(tmp_path, f'{more}\n[sending]\nworld = "{world}"\n', world)
    with pytest.raises(BadConfig, match=f"{section}: these are the keys of the {world} world"):
        read(tmp_path, f'{more}\n[sending]\nworld = "{world}"\n')


def test_a_drill_without_any_channel_starts(tmp_path: Path) -> None:
    read(tmp_path, "", "drill")
    with pytest.raises(BadConfig, match=r"sending\.world"):
        read(tmp_path, '[sending]\nworld = "moon"\n')


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("[replies]\nevery_s = 9\n", "needs imap_host (a mailbox to read) or smtp_port"),
        (REPLIES + 'security = "ssl"\n', "none of tls, starttls, none"),
        (REPLIES + 'security = "none"\n', "only for a mailbox on this machine"),
        (REPLIES + "every_s = 0\n", "every_s above 0"),
        (BOT.replace('"s"', '""'), "line_bot.token and line_bot.secret"),
        (BOT + 'api = "http://api.line.me"\n', "line_bot.api: the real world asks over https"),
        (BOT + "per_second = 0\n", "line_bot.per_second"),
        (SMS.replace("https://", "http://"), "the real world asks over https"),
        (SMS.replace("https://sms.example.jp/", "https://u:p@sms.example.jp/"), "is no web address"),
        (SMS + 'kind = "fax"\n', "none of sms, voice"),
        (SMS + SMS, "there are two of kind sms"),
        (SMS + "body = '{\"to\": {to}}'\n", "{to} (or {national}) and {text}"),
        (SMS + 'body = \'{"to": "{to}", "text": {text}}\'\n', "no JSON"),
        (SMS + "most = 20\n", "most is 70 or more"),
        (HOOK.replace('"s"', '""'), "needs a name"),
        (HOOK.replace("signage", "a/b"), "needs a name"),
        (HOOK.replace("https", "ftp"), "is no web address"),
        (
            "".join(f'[[siblings]]\nstatus = "test"\nname = "{n}"\nstore = "sqlite:///{n}"\n' for n in "xy"),
            "'test' stands there twice",
        ),
        ('[[siblings]]\nstatus = "maybe"\nname = "x"\nstore = "sqlite:///x"\n', "none of actual, exercise, test"),
    ],
)
def test_what_cannot_work_is_named(tmp_path: Path, more: str, said: str) -> None:
    with pytest.raises(BadConfig) as fault:
        read(tmp_path, more)
    assert said in str(fault.value)


def test_what_operators_write_is_taken(tmp_path: Path) -> None:
    form = SMS + "form = true\nbody = 'to={national}&text={text}'\n[gateways.headers]\nX-Api-Key = \"k\"\n"
    for more in (BOT, SMS, form, HOOK, SMS + SMS + 'kind = "voice"\n'):
        read(tmp_path, more)


def test_a_secret_comes_from_the_environment_too(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(f"{CONFIG.read_text(encoding='utf-8')}\n{BOT}", encoding="utf-8")
    found = load(tmp_path / "config.toml", {"DISASTER_HUB_LINE_BOT_TOKEN": "from outside"})
    assert found.line_bot is not None
    assert found.line_bot.token == "from outside"
    with pytest.raises(BadConfig, match="DISASTER_HUB_LINE_BOT_NOTHING: no such key"):
        load(tmp_path / "config.toml", {"DISASTER_HUB_LINE_BOT_NOTHING": "x"})
