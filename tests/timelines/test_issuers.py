"""Who signs a message, in the reader's language: as the city wrote it, and no name of ours."""

from __future__ import annotations

from dataclasses import replace

import pytest

from disaster_hub.config import City
from disaster_hub.config_desk import LANGUAGES as CONFIGURED
from tests.timelines.test_messages import CITY, NOW, alert, brief
from timelines.messages import Form, page_lines, write
from timelines.phrases import LANGUAGES

NAMED = replace(
    CITY, issuers={"みなも市": {"en": "Minamo City", "vi": "Thành phố Minamo"}, "気象台": {"en": "Observatory"}}
)


@pytest.mark.parametrize(
    ("city", "issuer", "language", "said"),
    [
        (NAMED, "みなも市", "en", "Minamo City, issued"),
        (NAMED, "みなも市", "vi", "Thành phố Minamo"),
        (NAMED, "みなも市", "pt", "Minamo,"),
        (NAMED, "みなも市", "ja", "みなも市 9月18日"),
        (NAMED, "みなも市", "zh-Hans", "みなも市"),
        (NAMED, "気象台", "en", "Observatory, issued"),
        (NAMED, "危機管理課", "en", "危機管理課, issued"),
        (CITY, "みなも市", "en", "Minamo, issued"),
        (CITY, "みなも市", "ja-easy", "みなも市"),
        (CITY, "気象台", "en", "気象台, issued"),
    ],
)
def test_who_signs_is_named_as_the_city_wrote_it_and_never_by_a_name_that_we_made_up(
    city: City, issuer: str, language: str, said: str
) -> None:
    one = alert(issuer=issuer)
    for form in (Form.MAIL, Form.SMS, Form.CHAT, Form.PUSH):
        assert said in write(one, brief(), form, NOW, city, language=language).text
    assert any(said in line for line in page_lines(one, brief(), NOW, city, language))


def test_the_configuration_knows_every_language_of_the_phrases() -> None:
    assert CONFIGURED == LANGUAGES
