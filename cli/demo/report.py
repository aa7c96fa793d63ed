"""The report of a demo: the same things for people and, as a document, for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table
from rich.text import Text

from angarium.analytics.v1 import figures_pb2, report_service_pb2
from angarium.campaign.v1 import campaign_service_pb2
from cli.commands.reconcile import as_document
from cli.demo.figures import CLASSES, engagement_by_class
from cli.demo.stage import Stage
from cli.demo.texts import Texts
from cli.demo.truth import Comparison
from cli.importing import ImportReport

_SUBJECT_WIDTH = 34
_VERDICTS = {
    report_service_pb2.Comparison.VERDICT_NOT_ENOUGH_DATA: "not enough data",
    report_service_pb2.Comparison.VERDICT_NOT_SIGNIFICANT: "may be chance",
    report_service_pb2.Comparison.VERDICT_SIGNIFICANT: "significant at 95 %",
}


@dataclass(frozen=True, slots=True)
class DemoReport:
    """Everything a demo found out."""

    source: str
    seed: str
    contacts: ImportReport
    reconciliation: campaign_service_pb2.ReconcileCampaignResponse
    report: report_service_pb2.GetCampaignReportResponse
    arms: Sequence[report_service_pb2.AbTestArm]
    subjects: Mapping[str, str]
    states: Mapping[str, int]
    refusals: Mapping[str, int]
    texts: Texts
    comparison: Comparison
    faults: Mapping[str, int]
    kills: Sequence[str]
    ids: Mapping[str, str]
    is_quiet: bool

    @property
    def is_proved(self) -> bool:
        """Returns whether everybody is accounted for and every figure is the recipients' own."""
        return self.is_quiet and self.reconciliation.is_settled and self.comparison.is_equal

    def document(self, seconds: Mapping[str, float], roles: Mapping[str, float]) -> dict[str, Any]:
        """Returns the report for programs."""
        counts = self.report.counts
        return {
            "proved": self.is_proved,
            "source": self.source,
            "seed": self.seed,
            "ids": dict(self.ids),
            "contacts": {
                "rows": self.contacts.rows,
                "imported": self.contacts.imported,
                "rejected": self.contacts.rejected,
                "rejected_by_reason": dict(self.contacts.reasons.most_common()),
                "errors": [problem._asdict() for problem in sorted(self.contacts.problems)],
                "consents": self.contacts.document()["consents"],
                "suppressions": self.contacts.document()["suppressions"],
            },
            "audience": self.reconciliation.total_count,
            "refusals": dict(self.refusals),
            "handed_over": counts.sent,
            "delivered": counts.delivered,
            "bounced": counts.bounced,
            "failed": counts.failed,
            "opened": engagement_by_class(self.report.engagement, "open"),
            "clicked": engagement_by_class(self.report.engagement, "click"),
            "opened_by_people": counts.opened,
            "clicked_by_people": counts.clicked,
            "unsubscribed": counts.unsubscribed,
            "complained": counts.complained,
            "arms": [self._arm_document(arm) for arm in self.arms],
            "texts": self.texts.document(),
            "final_states": dict(self.states),
            "reconciliation": as_document(self.reconciliation),
            "lost": self.comparison.lost,
            "duplicates": self.comparison.duplicates,
            "comparison": [
                {
                    "what": line.what,
                    "angarium": line.angarium,
                    "sandbox": line.sandbox,
                    "equal": line.is_equal,
                }
                for line in self.comparison.lines
            ],
            "faults": dict(self.faults),
            "kills": list(self.kills),
            "seconds": {name: round(value, 2) for name, value in seconds.items()},
            "seconds_in_all": round(sum(seconds.values()), 2),
            "seconds_to_ready": dict(roles),
        }

    def show(self, stage: Stage) -> None:
        """Prints the report."""
        stage.line()
        self._show_people(stage)
        self._show_engagement(stage)
        self._show_arms(stage)
        self._show_texts(stage)
        self._show_comparison(stage)

    def _show_people(self, stage: Stage) -> None:
        counts = self.report.counts
        total = self.reconciliation.total_count
        table = _table("Who got it")
        table.add_column("")
        table.add_column("", justify="right")
        table.add_column("", justify="right", style="dim")
        table.add_column("", style="dim")
        rows = [
            ("audience", total, "", ""),
            ("not written to", self.reconciliation.skipped_count, _share(self.reconciliation.skipped_count, total),
             ", ".join(f"{reason} {count:,}" for reason, count in self.refusals.items())),
            ("handed over", counts.sent, _share(counts.sent, total), "taken by a provider"),
            ("delivered", counts.delivered, _percent(self.report.rates.delivery_rate), "of those handed over"),
            ("bounced", counts.bounced, _percent(self.report.rates.bounce_rate), "of those handed over"),
            ("dropped by the provider", counts.failed, _percent(self.report.rates.failure_rate), ""),
            ("unsubscribed", counts.unsubscribed, _percent(self.report.rates.unsubscribe_rate), "of those delivered"),
            ("complained", counts.complained, _percent(self.report.rates.complaint_rate), "of those delivered"),
        ]  # fmt: skip
        for name, count, share, words in rows:
            table.add_row(name, f"{count:,}", share, words)
        stage.show(table)
        states = ", ".join(f"{state} {count:,}" for state, count in self.states.items())
        stage.line(f"[dim]final states: {states}[/]\n")

    def _show_engagement(self, stage: Stage) -> None:
        table = _table("Who opened and clicked")
        for column in ("", "people", "mail proxies", "privacy prefetches", "scanners", "rate"):
            table.add_column(column, justify="right" if column else "left", header_style="dim")
        for kind, word, rate in (
            ("open", "opened", self.report.rates.open_rate),
            ("click", "clicked", self.report.rates.click_rate),
        ):
            by_class = engagement_by_class(self.report.engagement, kind)
            table.add_row(word, *(f"{by_class[name]:,}" for name in CLASSES), _percent(rate))
        stage.show(table)
        stage.line(
            "[dim]rates count people only; who clicked has opened, also where no picture was loaded[/]\n"
        )

    def _show_arms(self, stage: Stage) -> None:
        if not self.arms:
            return
        table = _table("Two subjects compared")
        for column in ("", "subject", "delivered", "opened", "", "clicked", ""):
            is_text = column == "subject"
            table.add_column(
                column,
                justify="left" if is_text else "right",
                header_style="dim",
                no_wrap=True,
                max_width=_SUBJECT_WIDTH if is_text else None,
            )
        for arm in self.arms:
            table.add_row(
                Text(arm.variant_key.upper(), style="bold"),
                Text(_plain(self.subjects.get(arm.variant_key, "")), overflow="ellipsis"),
                f"{arm.counts.delivered:,}",
                f"{arm.counts.opened:,}",
                _percent(arm.rates.open_rate),
                f"{arm.counts.clicked:,}",
                _percent(arm.rates.click_rate),
            )
        stage.show(table)
        for arm in self.arms[1:]:
            stage.line(
                f"[dim]{arm.variant_key.upper()} against {self.arms[0].variant_key.upper()}: {_verdict(arm)}[/]"
            )
        stage.line()

    def _show_texts(self, stage: Stage) -> None:
        texts = self.texts
        if not texts.audience:
            return
        table = _table("Who was texted")
        for justify in ("left", "right", "left"):
            table.add_column("", justify=justify, style="dim" if justify == "left" else "")
        not_sent = sum((texts.refusals or {}).values())
        rows = [
            ("audience", texts.audience, "everybody with a phone"),
            ("not texted", not_sent, ", ".join(f"{why} {count:,}" for why, count in (texts.refusals or {}).items())),
            ("waiting", texts.waiting, "until texts may arrive where they live"),
            ("handed over", texts.handed_over, "taken by a provider"),
            ("delivered", texts.delivered, ""),
            ("bounced", texts.bounced, ""),
            ("answered STOP", texts.stop_words, f"of whom the next decision refuses {texts.refused:,}"),
        ]  # fmt: skip
        for name, count, words in rows:
            table.add_row(Text(name, style="default"), f"{count:,}", words)
        stage.show(table)
        stage.line()

    def _show_comparison(self, stage: Stage) -> None:
        table = _table("What Angarium says beside what the recipients' own log says")
        for column in ("", "angarium", "recipients", ""):
            table.add_column(column, justify="right" if column else "left", header_style="dim")
        for line in self.comparison.lines:
            mark = Text("=", style="green") if line.is_equal else Text("≠", style="bold red")
            style = "" if line.is_equal else "bold red"
            table.add_row(Text(line.what, style=style), f"{line.angarium:,}", f"{line.sandbox:,}", mark)
        stage.show(table)
        stage.line()
        if self.is_proved:
            stage.line(
                f"[bold green]Proved:[/] {len(self.comparison.lines)} figures agree, everybody is accounted for, "
                f"lost [bold]{self.comparison.lost}[/], duplicates [bold]{self.comparison.duplicates}[/]."
            )
        else:
            stage.line(f"[bold red]Not proved:[/] {self._why_not()}.")

    def _why_not(self) -> str:
        if self.comparison.differences:
            return f"{len(self.comparison.differences)} figures differ"
        return "something was still under way" if not self.is_quiet else "the send ledger is not settled"

    def _arm_document(self, arm: report_service_pb2.AbTestArm) -> dict[str, Any]:
        has_open = arm.HasField("open_rate")
        return {
            "variant": arm.variant_key,
            "subject": self.subjects.get(arm.variant_key, ""),
            "recipients": arm.counts.recipients,
            "sent": arm.counts.sent,
            "delivered": arm.counts.delivered,
            "opened": arm.counts.opened,
            "clicked": arm.counts.clicked,
            "open_rate": arm.rates.open_rate.percent,
            "click_rate": arm.rates.click_rate.percent,
            "open_verdict": _VERDICTS.get(arm.open_rate.verdict, "") if has_open else "",
            "click_verdict": _VERDICTS.get(arm.click_rate.verdict, "") if arm.HasField("click_rate") else "",
        }


def _table(title: str) -> Table:
    return Table(
        title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0)
    )


def _percent(rate: figures_pb2.Rate) -> str:
    return f"{rate.percent:.1f} %" if rate.denominator else ""


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else ""


def _verdict(arm: report_service_pb2.AbTestArm) -> str:
    parts = []
    for name, comparison in (("opens", arm.open_rate), ("clicks", arm.click_rate)):
        if comparison.verdict:
            lift = f"{comparison.lift_percent:+.1f} %, " if comparison.HasField("lift_percent") else ""
            parts.append(f"{name} {lift}{_VERDICTS.get(comparison.verdict, '')}")
    return "; ".join(parts)


def _plain(subject: str) -> str:
    """Returns a subject for people: placeholders as an ellipsis."""
    head, *rest = subject.split("{{")
    return head + "".join(f"…{part.partition('}}')[2]}" for part in rest)
