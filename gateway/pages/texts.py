"""The words of the pages, in the languages of the product (GEN-23)."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

Texts = Mapping[str, str]

DEFAULT = "en"


@cache
def _all() -> Mapping[str, Texts]:
    return json.loads((Path(__file__).parent / "texts.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def known(language: str) -> str:
    """Returns the language the pages have for a tag: exact base language, else English."""
    base = language.replace("_", "-").split("-")[0].lower()
    return base if base in _all() else DEFAULT


def of(language: str) -> Texts:
    """Returns the words of a language."""
    return _all()[known(language)]


def accepted(header: str) -> str:
    """Returns the first language of an Accept-Language header that the pages have."""
    for part in header.split(","):
        base = part.split(";")[0].strip().split("-")[0].lower()
        if base in _all():
            return base
    return DEFAULT
