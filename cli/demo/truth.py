"""The comparison: what Angarium says beside what the recipients' own log says, line by line."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from angarium.analytics.v1 import report_service_pb2
from cli.demo.departures import Departures
from cli.demo.figures import CLASSES, Recipient, engagement_by_class

_CLASS_WORDS = {
    "human": "people",
    "proxy": "mail proxies",
    "privacy_prefetch": "privacy prefetches",
    "scanner": "security scanners",
}


class Line(NamedTuple):
    """One figure, as both sides know it."""

    what: str
    angarium: int
    sandbox: int

    @property
    def is_equal(self) -> bool:
        """Returns whether both sides say the same."""
        return self.angarium == self.sandbox


@dataclass(frozen=True, slots=True)
class Comparison:
    """Every line, and the three figures that count most."""

    lines: Sequence[Line]
    lost: int
    """Recipients the ledger says were written to, and who got nothing."""
    duplicates: int
    """Messages somebody got once more."""
    strangers: int
    """Messages that reached somebody whom the ledger does not say was written to."""

    @property
    def is_equal(self) -> bool:
        """Returns whether both sides agree in everything."""
        return all(line.is_equal for line in self.lines)

    @property
    def differences(self) -> list[Line]:
        """Returns the lines that differ."""
        return [line for line in self.lines if not line.is_equal]


def quick_lines(
    report: report_service_pb2.GetCampaignReportResponse, totals: Mapping[str, Any], *, given_up: int
) -> list[Line]:
    """Returns the figures that can be compared without reading every recipient.

    `given_up` messages failed before any provider took them, for none could be reached in all of their tries.
    """
    counts = report.counts
    lines = [
        Line("taken by a provider", counts.sent, totals["accepted_unique"]),
        Line("delivered", counts.delivered, totals["delivered"]),
        Line("bounced", counts.bounced, totals["bounced"]["hard"] + totals["bounced"]["soft"]),
        Line("dropped by the provider", counts.failed - given_up, totals["dropped"]),
    ]
    for kind, word in (("open", "opened"), ("click", "clicked")):
        by_class = engagement_by_class(report.engagement, kind)
        lines += [
            Line(f"{word} by {_CLASS_WORDS[name]}", by_class[name], totals[word][name]) for name in CLASSES
        ]
    return [
        *lines,
        Line("unsubscribed", counts.unsubscribed, totals["unsubscribed"]["any"]),
        Line("complained", counts.complained, totals["complained"]),
    ]


def compare(
    report: report_service_pb2.GetCampaignReportResponse,
    links: Mapping[str, int],
    ledger: Mapping[str, Recipient],
    totals: Mapping[str, Any],
    messages: Sequence[Mapping[str, Any]],
    departures: Departures,
    texts: Sequence[Line] = (),
) -> Comparison:
    """Returns the comparison of a finished campaign.

    Args:
        report: What analytics says.
        links: Messages with a human click by link, as analytics says.
        ledger: The send ledger by message id.
        totals: The sandbox's totals of the campaign, test messages left out.
        messages: Every message of the campaign the sandbox accepted, test messages left out.
        departures: Those who left, and how many of them are refused now.
        texts: The lines of the texts.
    """
    arrived = Counter(str(message["message_id"]) for message in messages)
    taken = {message_id for message_id, one in ledger.items() if one.was_taken}
    lost = len(taken - arrived.keys())
    strangers = len(arrived.keys() - taken)
    duplicates = arrived.total() - len(arrived)
    given_up = sum(1 for one in ledger.values() if one.state == "failed" and not one.was_taken)
    engaged = sum(1 for message in messages if _opened_by_person(message))
    lines = [
        *quick_lines(report, totals, given_up=given_up),
        Line("opened or clicked by people", report.counts.opened, engaged),
        Line("ledger: taken by a provider", len(taken), len(arrived)),
        *_arms(report, ledger, arrived),
        *_links(links, totals["links"]),
        Line("lost", lost, 0),
        Line("written to twice", duplicates, 0),
        Line("written to without a line in the ledger", strangers, 0),
        Line("written to after they had left", int(totals["unwelcome"]), 0),
        Line("refused from now on, of those who left", departures.refused, departures.left),
        *texts,
    ]
    return Comparison(lines, lost, duplicates, strangers)


def _opened_by_person(message: Mapping[str, Any]) -> bool:
    return "human" in message["opened"] or any(click["class"] == "human" for click in message["clicked"])


def _arms(
    report: report_service_pb2.GetCampaignReportResponse,
    ledger: Mapping[str, Recipient],
    arrived: Mapping[str, int],
) -> list[Line]:
    of_arm = Counter(ledger[message_id].variant for message_id in arrived if message_id in ledger)
    return [
        Line(f"arm {arm.variant_key}: taken by a provider", arm.counts.sent, of_arm[arm.variant_key])
        for arm in report.variants
    ]


def _links(links: Mapping[str, int], clicked: Mapping[str, Mapping[str, int]]) -> list[Line]:
    truth: Counter[str] = Counter()
    for target, by_class in clicked.items():
        truth[target.partition("?")[0]] += by_class["human"]
    return [
        Line(f"link {url.removeprefix('https://')}", links.get(url, 0), truth[url])
        for url in sorted({*links, *(url for url, count in truth.items() if count)})
    ]
