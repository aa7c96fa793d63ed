"""What is asked of a demo."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from cli.demo.people import RECIPIENTS, SEED
from cli.output import usage

_FAULT = re.compile(r"([a-z][a-z_]*)(?:@(\d+(?:\.\d+)?))?")
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


class Fault(NamedTuple):
    """What providers do wrong to a share of what is asked of them, as the sandbox names it."""

    kind: str
    share: float

    @classmethod
    def parse(cls, text: str) -> "Fault":
        """Reads `KIND` or `KIND@SHARE`."""
        found = _FAULT.fullmatch(text.strip())
        share = float(found[2] or 0.1) if found else 0.0
        if not found or not 0 < share <= 1:
            usage(f"--fault {text!r} is no fault.", "Write for example: --fault server_error@0.1")
        return cls(found[1], share)


@dataclass(frozen=True, slots=True)
class Wish:
    """The options of `angarium demo`."""

    contacts: Path | None = None
    recipients: int | None = None
    seed: str = SEED
    workers: int = 2
    keep: bool = False
    kills: tuple[Kill, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def made_up(self) -> int:
        """Returns how many people to make up when no file is given and the example does not fit."""
        return self.recipients or RECIPIENTS
