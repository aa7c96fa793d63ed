"""What became of an import, counted so that every row is in exactly one place."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from cli.importing.problems import Problem

_MOST_KEPT = 10_000


@dataclass(slots=True)
class ImportReport:
    """The figures of an import: `rows` is the sum of created, updated, unchanged and rejected.

    Of the problems of a bad file the first ten thousand are kept; the counts are of all.
    """

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    incomplete: int = 0
    """Rows whose contact was taken, but not a consent or suppression of theirs."""
    consents_changed: int = 0
    consents_unchanged: int = 0
    consents_overridden: int = 0
    """Grants older than a withdrawal or suppression that stands."""
    suppressions_added: int = 0
    suppressions_unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)
    problem_count: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    """Rejected rows by the word for their first problem."""
    unknown_columns: list[str] = field(default_factory=list)
    delimiter: str = ","
    dry_run: bool = False
    seconds: float = 0.0

    @property
    def imported(self) -> int:
        """Returns how many rows are now contacts."""
        return self.created + self.updated + self.unchanged

    def reject(self, problems: list[Problem]) -> None:
        """Counts a row that was not taken."""
        self.rejected += 1
        self.reasons[problems[0].code] += 1
        self.add(problems)

    def add(self, problems: Iterable[Problem]) -> None:
        """Keeps problems for the reader of the report."""
        for problem in problems:
            self.problem_count += 1
            if len(self.problems) < _MOST_KEPT:
                self.problems.append(problem)

    def document(self) -> dict[str, Any]:
        """Returns the report for programs."""
        return {
            "rows": self.rows,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "rejected": self.rejected,
            "incomplete": self.incomplete,
            "consents": {
                "changed": self.consents_changed,
                "unchanged": self.consents_unchanged,
                "overridden": self.consents_overridden,
            },
            "suppressions": {"added": self.suppressions_added, "unchanged": self.suppressions_unchanged},
            "rejected_by_reason": dict(self.reasons.most_common()),
            "errors": [problem._asdict() for problem in sorted(self.problems)],
            "errors_left_out": self.problem_count - len(self.problems),
            "unknown_columns": self.unknown_columns,
            "dry_run": self.dry_run,
            "seconds": round(self.seconds, 2),
        }
