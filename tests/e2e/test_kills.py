"""Any role may die while a campaign is sent: nothing is lost, nothing is sent twice, and the figures stay exact."""

from pathlib import Path

import pytest

from tests.e2e.playing import Played, play


def played_with(folder: Path, *kills: str, recipients: int = 300) -> Played:
    arguments = [argument for kill in kills for argument in ("--kill", kill)]
    played = play(folder, "--recipients", str(recipients), *arguments)
    assert played.code == 0, played.said
    assert sorted(played.report["kills"]) == sorted(kills)
    assert played.report["proved"]
    assert (played.report["lost"], played.report["duplicates"]) == (0, 0)
    return played


@pytest.mark.req("REL-3", "REL-4", "W1")
def test_workers_killed_while_they_hand_over_leave_the_same_ledger(tmp_path: Path) -> None:
    played_with(tmp_path, "delivery-worker-1@0.3", "delivery-worker-2@0.6", recipients=150)


@pytest.mark.chaos
@pytest.mark.req("REL-3", "W1")
def test_campaign_killed_in_the_middle_of_the_launch_changes_nothing(tmp_path: Path) -> None:
    played_with(tmp_path, "campaign@0.1")


@pytest.mark.chaos
@pytest.mark.req("REL-3", "REL-9", "W6")
def test_every_role_behind_the_readers_may_die_while_they_read(tmp_path: Path) -> None:
    played_with(tmp_path, "delivery@1", "analytics@1.5", "consent@2", "gateway@2.5", "valkey@3")
