"""The words of the pages, in the languages of the product (GEN-23)."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

Texts = Mapping[str, str]

DEFAULT = "en"

_WEIGHT = re.compile(r"(?:q\s*=\s*([01](?:\.\d{0,3})?))?")


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
    """Returns the language of an Accept-Language header that the pages have and the visitor likes best (RFC 9110)."""
    best, liked = DEFAULT, 0.0
    for part in header.split(","):
        tag, _, weight = part.partition(";")
        base = tag.strip().split("-")[0].lower()
        if base in _all() and (quality := _quality(weight)) > liked:
            best, liked = base, quality
    return best


def _quality(weight: str) -> float:
    """Returns the number of `q=0.8`, 1 without one, 0 for what is none."""
    found = _WEIGHT.fullmatch(weight.strip().lower())
    return float(found[1] or 1) if found else 0.0
