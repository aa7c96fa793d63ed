"""Error codes of Gupshup as data; all others are Meta's."""

from typing import Final

from services.delivery.providers.base import Code
from services.delivery.providers.meanings import OPTED_OUT, Meaning, account, later, refused
from services.delivery.providers.meta import codes as meta

MEANINGS: Final = {
    1002: refused("undeliverable"),
    1003: account(),
    1004: refused("outside_window"),
    1005: refused("outside_window"),
    1006: refused("outside_window"),
    1007: refused("outside_window"),
    1008: refused("outside_window"),
    1010: refused(Code.CONTENT_REFUSED),
    1011: refused(Code.CONTENT_REFUSED),
    1012: OPTED_OUT,
    4001: later(),
    4003: refused("template_unknown"),
}
"""Meanings by Gupshup's number."""


def meaning_of(code: object) -> Meaning | None:
    """The meaning of a code as a number or text, None for one that nobody lists."""
    try:
        return MEANINGS.get(int(str(code))) or meta.meaning_of(code)
    except ValueError:
        return None
