"""Any role may die while a campaign is sent: nothing is lost, nothing is sent twice, and the figures stay exact."""

from pathlib import Path

import pytest

from tests.e2e.playing import play


@pytest.mark.req("REL-3", "REL-4", "W1")
@pytest.mark.parametrize(
    "kill",
    ["delivery-worker-1@0.6", "campaign@0.3", "consent@0.5", "gateway@1.5", "analytics@2", "sandbox@0.7"],
)
def test_a_role_killed_while_sending_changes_nothing_in_the_comparison(tmp_path: Path, kill: str) -> None:
    played = play(tmp_path, "--recipients", "300", "--kill", kill)
    assert played.code == 0, played.said
    assert played.report["kills"] == [kill]
    assert played.report["proved"]
    assert (played.report["lost"], played.report["duplicates"]) == (0, 0)
