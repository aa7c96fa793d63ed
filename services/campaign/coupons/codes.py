"""Codes: how they are spelled and made."""

import re
import secrets
from typing import Final

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without 0, 1, I, L and O, which are read for one another."""
LENGTH: Final = 10
LONGEST: Final = 50
_SHORTEST_OF_POOL: Final = 4
_SPELLING: Final = re.compile(rf"[A-Z0-9_-]{{1,{LONGEST}}}")


def canonical(code: str) -> str:
    """Returns a code as it is stored: without blanks around it, in upper case."""
    return code.strip().upper()


def is_spelled(code: str) -> bool:
    """Returns whether a canonical code could be one at all."""
    return bool(_SPELLING.fullmatch(code))


def fits_pool(code: str) -> bool:
    """Returns whether a canonical code is long enough not to be guessed among a pool's, and well spelled."""
    return len(code) >= _SHORTEST_OF_POOL and is_spelled(code)


def generate() -> str:
    """Returns a new code of 10 characters: one of 8 * 10^14."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
