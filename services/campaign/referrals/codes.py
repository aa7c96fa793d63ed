"""Referral codes: letters of the name, so that people recognise theirs, and what cannot be guessed (LIF-79)."""

import secrets
import unicodedata
from typing import Final

from services.campaign.coupons.codes import ALPHABET

LETTERS: Final = 4
RANDOM: Final = 6
NAMELESS: Final = "REF"


def canonical(code: str) -> str:
    """Returns a code as it is stored: without blanks around it, in upper case."""
    return code.strip().upper()


def generate(name: str | None) -> str:
    """Returns a new code for somebody of this name."""
    plain = unicodedata.normalize("NFKD", name or "").upper()
    letters = "".join(one for one in plain if "A" <= one <= "Z")[:LETTERS]
    return (letters or NAMELESS) + "".join(secrets.choice(ALPHABET) for _ in range(RANDOM))
