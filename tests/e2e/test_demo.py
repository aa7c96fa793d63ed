"""The newcomer's first command: everything starts, a campaign is sent and read, and the report is proved."""

from pathlib import Path

import pytest

from tests.e2e.playing import Played, play

RECIPIENTS = 120
OWN_FILE = """Customer ID;E-Mail;Phone;Given Name;Lang;tz;consent_email;consent_sms;consent_source;consent_at;attributes.city
1001;open+1@example.com;;Ada;en;;yes;;shop;2025-05-01T10:00:00Z;Lisbon
1002;click+2@example.org;;Bert;de;;yes;;shop;2025-05-01T10:00:00Z;Berlin
1003;bounce+3@example.org;;Cleo;fr;;yes;;shop;2025-05-01T10:00:00Z;Lyon
1004;unsubscribe+4@example.org;;Dora;es;;yes;;shop;2025-05-01T10:00:00Z;
1005;silent+5@example.net;;Emil;pt-BR;;no;;;;
1006;;;Fay;;;;;;;
1007;not an address;;Gus;en;;yes;;shop;2025-05-01T10:00:00Z;
1008;;+15145550102;Hal;en;Europe/London;;yes;shop;2025-05-01T10:00:00Z;
1009;;+14165550102;Ida;es;America/Mexico_City;;yes;shop;2025-05-01T10:00:00Z;
1010;;+16045550102;Jo;en;Australia/Sydney;;yes;shop;2025-05-01T10:00:00Z;
1011;;+16045550150;Kim;en;Australia/Sydney;;;;;
"""


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return play(tmp_path_factory.mktemp("demo"), "--recipients", str(RECIPIENTS), "--seed", "made here")


@pytest.mark.req("W1", "W6", "REL-3", "W11")
def test_the_report_is_proved_and_the_command_succeeds(played: Played) -> None:
    assert played.code == 0, played.said
    assert played.report["proved"]
    assert all(line["equal"] for line in played.report["comparison"])
    assert (played.report["lost"], played.report["duplicates"]) == (0, 0)
    assert "Proved" in played.said
    assert "gRPC" not in played.said, "a library speaks to people who did not call it"


def test_the_figures_of_the_report_add_up(played: Played) -> None:
    report = played.report
    contacts = report["contacts"]
    assert contacts["imported"] == RECIPIENTS
    assert contacts["rows"] == contacts["imported"] + contacts["rejected"]
    assert sum(contacts["rejected_by_reason"].values()) == contacts["rejected"]
    assert report["audience"] <= contacts["imported"]
    assert report["audience"] == report["handed_over"] + sum(report["refusals"].values())
    assert sum(report["final_states"].values()) == report["audience"]
    assert report["handed_over"] == report["delivered"] + report["bounced"] + report["failed"]
    assert sum(arm["sent"] for arm in report["arms"]) == report["handed_over"]
    assert sum(arm["opened"] for arm in report["arms"]) == report["opened_by_people"]
    assert report["opened_by_people"] >= report["opened"]["human"]
    assert report["refusals"].keys() <= {"no_consent", "consent_revoked", "suppressed", "no_address"}


@pytest.mark.req("CON-60", "CON-66", "CON-81")
def test_texts_wait_for_the_day_and_whoever_left_is_refused(played: Played) -> None:
    texts = played.report["texts"]
    assert texts["audience"] > 0
    assert texts["audience"] == texts["handed_over"] + texts["waiting"] + sum(texts["refusals"].values())
    assert texts["handed_over"] == texts["delivered"] + texts["bounced"]
    assert texts["stop_words"] == texts["refused_after_stop"]
    assert played.figure("texts: sent although they were to wait") == (0, 0)
    left = played.figure("refused from now on, of those who left")
    assert left[0] == left[1] > 0


def test_machines_are_told_from_people(played: Played) -> None:
    assert played.figure("opened by mail proxies")[0] > 0
    assert played.report["opened"]["human"] > played.report["clicked"]["human"] > 0


def test_every_phase_has_its_seconds(played: Played) -> None:
    assert {"start", "import", "campaign", "proof"} <= played.report["seconds"].keys()
    assert all(seconds >= 0 for seconds in played.report["seconds"].values())


@pytest.mark.req("REL-24", "CON-61", "CON-81")
def test_a_file_never_seen_before_gives_a_report_that_adds_up(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(OWN_FILE)
    played = play(tmp_path, "--contacts", str(path))
    assert played.code == 0, played.said
    report = played.report
    assert (report["contacts"]["imported"], report["contacts"]["rejected"]) == (10, 1)
    assert report["audience"] == 10
    assert report["refusals"] == {"no_address": 5, "no_consent": 1}
    assert (report["handed_over"], report["bounced"], report["unsubscribed"]) == (4, 1, 1)
    # Those three answer STOP to their first text, and live so far apart that it is day for one of them at any hour.
    texts = report["texts"]
    assert (texts["audience"], texts["refusals"]) == (4, {"no_consent": 1})
    assert texts["handed_over"] + texts["waiting"] == 3
    assert (
        texts["handed_over"] == texts["delivered"] == texts["stop_words"] == texts["refused_after_stop"] > 0
    )
    assert played.figure("texts: stop words heard") == (texts["stop_words"], texts["stop_words"])
    assert "answered STOP" in played.said
