"""What neighbours say is shown as they said it, and is never taken for markup."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

import pytest

from services.campaign.templates.catalogue import catalogue
from services.campaign.templates.domain import EMAIL, VariableKind, Version
from tests.campaign.templates.reading import of, samples_of, shown

HOSTILE = '<b onclick="steal()">Tom & Jerry</b>'

MAILS = [one for one in catalogue().versions if of(one).channel == EMAIL]

_NOT_WORDS = re.compile(r"https?://|[A-Z]{3}$|[\d:.+-]+(T[\d:.+-]+Z?)?$")
"""Links, currencies, dates and numbers: what is said with them has a form of its own."""


def spoilt(value: Any) -> Any:
    """Returns a sample whose words are hostile."""
    if isinstance(value, str):
        return value if not value or _NOT_WORDS.match(value) else HOSTILE
    if isinstance(value, Mapping):
        return {key: spoilt(one) for key, one in value.items()}
    return [spoilt(one) for one in value] if isinstance(value, list) else value


def hostile(version: Version) -> dict[str, Any]:
    """Returns the samples of a version with each word in them made hostile."""
    wordy = {VariableKind.STRING, VariableKind.LIST, VariableKind.OBJECT}
    words = {one.name for one in version.variables if one.kind in wordy}
    return {name: spoilt(one) if name in words else one for name, one in samples_of(version).items()}


@pytest.mark.req("EVT-125")
@pytest.mark.parametrize("version", MAILS, ids=lambda one: of(one).name)
def test_markup_in_a_value_is_words_to_the_reader_of_a_mail(version: Version) -> None:
    for one in version.contents:
        found = shown(version, one.language_code, hostile(version))
        assert "<b onclick" not in found.html, one.language_code
        assert unescape(found.html).count(HOSTILE) >= found.text.count(HOSTILE), one.language_code


@pytest.mark.req("EVT-125")
def test_a_mail_of_the_venue_shows_hostile_words_as_they_are() -> None:
    told = [one for one in MAILS if HOSTILE in shown(one, "en", hostile(one)).text]
    assert len(told) > 20
