"""The demo's comparison is honest: whatever differs from the recipients' own log is seen."""

from typing import Any

import pytest

from angarium.analytics.v1 import figures_pb2, report_service_pb2
from cli.demo import truth
from cli.demo.departures import Departures
from cli.demo.figures import CLASSES, Recipient
from cli.demo.wish import Kill
from cli.output import CommandError

NOBODY = dict.fromkeys(CLASSES, 0)
NOBODY_LEFT = Departures(0, 0)


def totals(**changes: Any) -> dict[str, Any]:
    return {
        "accepted": 2,
        "accepted_unique": 2,
        "duplicates": 0,
        "delivered": 2,
        "bounced": {"hard": 0, "soft": 0},
        "dropped": 0,
        "opened": {**NOBODY, "human": 1},
        "clicked": NOBODY,
        "links": {},
        "unsubscribed": {"any": 0},
        "complained": 0,
        "unwelcome": 0,
        **changes,
    }


def message(message_id: str, **changes: Any) -> dict[str, Any]:
    return {"message_id": message_id, "opened": {}, "clicked": [], **changes}


def report(**counts: int) -> report_service_pb2.GetCampaignReportResponse:
    return report_service_pb2.GetCampaignReportResponse(
        counts=figures_pb2.MessageCounts(**{"sent": 2, "delivered": 2, "opened": 1, **counts}),
        engagement=[figures_pb2.EngagementCount(kind="open", engagement_class="human", messages=1, hits=3)],
    )


LEDGER = {
    "m-1": Recipient("delivered", "", "a", was_taken=True),
    "m-2": Recipient("read", "", "b", was_taken=True),
    "m-3": Recipient("skipped", "no_consent", "", was_taken=False),
}
MESSAGES = [message("m-1"), message("m-2", opened={"human": 1.0})]


def compared(
    *,
    ledger: dict[str, Recipient] | None = None,
    messages: list[dict[str, Any]] | None = None,
    reported_links: dict[str, int] | None = None,
    found: report_service_pb2.GetCampaignReportResponse | None = None,
    departures: Departures = NOBODY_LEFT,
    **changes: Any,
) -> truth.Comparison:
    return truth.compare(
        found or report(),
        reported_links or {},
        ledger or LEDGER,
        totals(**changes),
        messages or MESSAGES,
        departures,
    )


def test_equal_sides_agree_in_every_line() -> None:
    found = compared()
    assert found.is_equal, found.differences
    assert (found.lost, found.duplicates, found.strangers) == (0, 0, 0)
    assert len(found.lines) > 15


def test_somebody_who_left_and_would_be_written_to_again_is_seen() -> None:
    found = compared(departures=Departures(left=3, refused=2))
    assert [(line.angarium, line.sandbox) for line in found.differences] == [(2, 3)]


def test_what_was_given_up_before_a_provider_took_it_is_not_taken_for_dropped() -> None:
    given_up = {**LEDGER, "m-4": Recipient("failed", "connection", "a", was_taken=False)}
    assert compared(ledger=given_up, found=report(failed=1)).is_equal
    dropped = {**LEDGER, "m-2": Recipient("failed", "bounced_address", "b", was_taken=True)}
    found = compared(ledger=dropped, found=report(failed=1))
    assert [line.what for line in found.differences] == ["dropped by the provider"]


def test_who_was_sent_and_got_nothing_is_lost() -> None:
    found = compared(messages=MESSAGES[:1])
    assert found.lost == 1
    assert not found.is_equal


def test_a_second_copy_is_a_duplicate() -> None:
    found = compared(messages=[*MESSAGES, MESSAGES[0]], accepted=3, duplicates=1)
    assert found.duplicates == 1
    assert [line.what for line in found.differences] == ["written to twice"]


def test_somebody_refused_who_was_written_to_is_seen() -> None:
    found = compared(messages=[*MESSAGES, message("m-3")], accepted_unique=3, accepted=3)
    assert found.strangers == 1
    assert not found.is_equal


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"delivered": 1}, "delivered"),
        ({"bounced": {"hard": 1, "soft": 0}}, "bounced"),
        ({"dropped": 1}, "dropped by the provider"),
        ({"opened": {**NOBODY, "human": 2}}, "opened by people"),
        ({"opened": {**NOBODY, "human": 1, "scanner": 1}}, "opened by security scanners"),
        ({"clicked": {**NOBODY, "proxy": 1}}, "clicked by mail proxies"),
        ({"unsubscribed": {"any": 1}}, "unsubscribed"),
        ({"complained": 1}, "complained"),
        ({"unwelcome": 1}, "written to after they had left"),
        ({"links": {"https://a.example/x?plan=pro": {**NOBODY, "human": 1}}}, "link a.example/x"),
    ],
)
def test_every_figure_that_differs_is_named(changes: dict[str, Any], what: str) -> None:
    assert [line.what for line in compared(**changes).differences] == [what]


def test_a_click_counts_as_an_opening_where_no_picture_was_loaded() -> None:
    clicked = [message("m-1", clicked=[{"class": "human"}]), MESSAGES[1]]
    assert [line.what for line in compared(messages=clicked).differences] == ["opened or clicked by people"]
    assert compared(messages=clicked, found=report(opened=2)).is_equal


def test_links_are_compared_without_their_queries() -> None:
    links = {"https://a.example/x": 2}
    clicked = {
        "https://a.example/x?plan=pro": {**NOBODY, "human": 1},
        "https://a.example/x?plan=free": {**NOBODY, "human": 1, "scanner": 5},
    }
    found = truth.compare(report(), links, LEDGER, totals(links=clicked), MESSAGES, NOBODY_LEFT)
    assert found.is_equal, found.differences


def test_a_kill_names_a_role_and_when() -> None:
    assert Kill.parse("campaign") == Kill("campaign", 0.5)
    assert Kill.parse("delivery-worker-1@2.5") == Kill("delivery-worker-1", 2.5)
    with pytest.raises(CommandError):
        Kill.parse("Campaign@soon")
