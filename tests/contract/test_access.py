"""Which permission opens which method: the contract against the page that requires it (SEC-44)."""

import re
from collections.abc import Iterator

import pytest

from tests.contract.descriptors import ROOT, methods

PAGE = ROOT / "docs" / "requirements" / "permissions.md"
ROW = re.compile(r"^\| ([a-z_]+\.[a-z_]+(?:; [a-z_]+\.[a-z_]+)*) \| ([A-Z].*) \|$", re.MULTILINE)
REMARK = re.compile(r"\([^)]*\)| by token| for a contact| with purpose preview|cost fields of other reports")

NARROWER = {
    "ListDeadLetters": "deadletter.manage",
    "RetryDeadLetter": "deadletter.manage",
    "DiscardDeadLetter": "deadletter.manage",
    "UnsubscribeFromChannel": "consent.optout",
}
"""Where the contract names a finer word: super owners handle dead letters of their own tenant (SEC-36), and to record
an opt-out is never denied for lack of a role (SEC-43)."""


def required() -> Iterator[tuple[str, str]]:
    """Yields method and permission, in the page's order."""
    for words, groups in ROW.findall(PAGE.read_text()):
        for permission, group in zip(words.split("; "), REMARK.sub("", groups).split("; "), strict=True):
            for name in filter(None, (part.strip() for part in group.split(","))):
                yield name, NARROWER.get(name, permission)


@pytest.mark.req("SEC-44")
def test_each_method_is_opened_by_the_permission_the_page_names() -> None:
    wanted = dict(required())
    wrong = [
        f"{method.path} is opened by {method.access.permission or 'services only'}, not by {wanted[method.name]}"
        for method in methods()
        if method.name in wanted and method.access.permission != wanted[method.name]
    ]
    assert wrong == []


def test_the_page_is_read_rightly() -> None:
    wanted = dict(required())
    assert wanted["ListCampaigns"] == "campaign.view"
    assert wanted["ReverseRedemption"] == "coupon.redeem"
    assert wanted["GetComplianceReport"] == "compliance.report"
    assert len(wanted) > 150
