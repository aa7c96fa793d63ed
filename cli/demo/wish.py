"""What is asked of a demo."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from cli.demo.people import RECIPIENTS, SEED
from cli.output import usage

_KILL = re.compile(r"([a-z][a-z0-9-]*)(?:@(\d+(?:\.\d+)?))?")


class Kill(NamedTuple):
    """A role that is ended by SIGKILL, so many seconds after the launch."""

    role: str
    seconds: float

    @classmethod
    def parse(cls, text: str) -> "Kill":
        """Reads `ROLE` or `ROLE@SECONDS`."""
        found = _KILL.fullmatch(text.strip())
        if not found:
            usage(f"--kill {text!r} is no role.", "Write for example: --kill delivery-worker-1@2.5")
        return cls(found[1], float(found[2] or 0.5))


@dataclass(frozen=True, slots=True)
class Wish:
    """The options of `angarium demo`."""

    contacts: Path | None = None
    recipients: int | None = None
    seed: str = SEED
    workers: int = 2
    keep: bool = False
    kills: tuple[Kill, ...] = ()

    @property
    def made_up(self) -> int:
        """Returns how many people to make up when no file is given and the example does not fit."""
        return self.recipients or RECIPIENTS
