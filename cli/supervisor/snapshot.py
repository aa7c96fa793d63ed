"""What a supervisor last knew of its roles, for other processes to read."""

import json
from dataclasses import asdict
from pathlib import Path

from cli.embedded.state import write_private
from cli.supervisor.role import RoleState, RoleStatus

_NAME = "roles.status"


def write_statuses(folder: Path, statuses: list[RoleStatus]) -> None:
    """Writes the statuses down in one step."""
    write_private(folder / _NAME, json.dumps([asdict(status) for status in statuses], indent=2) + "\n")


def read_statuses(folder: Path) -> list[RoleStatus]:
    """Returns the statuses a supervisor wrote last; none when there never was one."""
    try:
        written = json.loads((folder / _NAME).read_text())
        return [RoleStatus(**{**status, "state": RoleState(status["state"])}) for status in written]
    except (OSError, ValueError, TypeError, KeyError):
        return []
