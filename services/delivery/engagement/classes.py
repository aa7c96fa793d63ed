"""Who may be behind a hit; the numbers are the contract's."""

from enum import IntEnum


class Kind(IntEnum):
    """What kind of hit it was."""

    OPEN = 1
    CLICK = 2


class Class(IntEnum):
    """Who is behind a hit."""

    HUMAN = 1
    PROXY = 2
    PRIVACY_PREFETCH = 3
    SCANNER = 4
