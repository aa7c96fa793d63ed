"""What a check found."""

from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """How bad it is; only `fail` changes the exit code."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's report."""

    check: str
    mark: Mark
    detail: str
    mend: str = ""

    @classmethod
    def ok(cls, check: str, detail: str) -> "Finding":
        """Returns a finding without a problem."""
        return cls(check, Mark.OK, detail)

    @classmethod
    def warn(cls, check: str, detail: str, mend: str) -> "Finding":
        """Returns a finding that a production deployment should mend."""
        return cls(check, Mark.WARN, detail, mend)

    @classmethod
    def fail(cls, check: str, detail: str, mend: str) -> "Finding":
        """Returns a finding that keeps something from working."""
        return cls(check, Mark.FAIL, detail, mend)

    @classmethod
    def skip(cls, check: str, detail: str, mend: str = "") -> "Finding":
        """Returns a check that could not be made now."""
        return cls(check, Mark.SKIP, detail, mend)
