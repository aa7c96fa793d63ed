"""What tables look like where there is little room."""

import pytest

from cli.output import Output

ID = "01a20035-27cd-7243-a552-91460b5ee2ac"
OTHER = "01a20035-27cd-7243-a552-91455c00dc7f"


def test_an_id_stays_in_one_piece_on_a_narrow_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    Output().table(("contact", "name", "email"), [(ID, "Ann " * 8, "ann.somebody@example.com")])
    assert ID in capsys.readouterr().out


def test_several_ids_share_the_line_so_that_nothing_else_is_lost(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    Output().table(("message", "contact", "state"), [(ID, OTHER, "delivered")])
    printed = capsys.readouterr().out
    assert "delivered" in printed
    assert ID not in printed
