"""What the roles of an installation are started with."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.installation import Installation
from cli.state_folder import StateFolder
from cli.supervisor import Program

STORES = {
    "DATABASE_URL": "postgresql://owner@db.example:5432/angarium",
    "REDIS_URL": "redis://redis.example:6379/0",
}


def niceness_of(installation: Installation) -> dict[str, str]:
    """Returns by role how far it is told to stand back."""
    return {
        role.name: role.start.environment().get("NICENESS", "0")
        for role in installation.roles()
        if isinstance(role.start, Program) and role.start.environment
    }


@pytest.mark.parametrize(
    ("workers", "behind"),
    [
        (1, {"campaign", "analytics"}),
        (3, {"campaign", "analytics", "delivery-worker-1", "delivery-worker-2"}),
    ],
)
def test_what_nobody_waits_for_stands_back_and_nothing_else_does(
    tmp_path: Path, workers: int, behind: set[str]
) -> None:
    niceness = niceness_of(Installation(StateFolder.at(tmp_path), workers=workers, environment=STORES))
    assert {name for name, value in niceness.items() if value != "0"} == behind
    assert {niceness[name] for name in behind} == {"10"}


def test_whoever_starts_the_stack_may_let_everything_stand_back_alike(tmp_path: Path) -> None:
    environment = {**STORES, "NICENESS": "0"}
    niceness = niceness_of(Installation(StateFolder.at(tmp_path), workers=2, environment=environment))
    assert {niceness[name] for name in ("campaign", "analytics", "delivery-worker-1")} == {"0"}
