"""The table, cell by cell, against the page that requires it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from services.common.security.permissions import PERMISSIONS, ROLE_PERMISSIONS, ROLES, permitted

PAGE = Path(__file__).resolve().parents[3] / "docs" / "requirements" / "permissions.md"

# Written in the page as a remark, not as a column: the part of queue.control that a super owner has.
REMARKS = {"deadletter.manage": {"super_owner", "platform_admin"}}


def required() -> dict[str, set[str]]:
    """Permission to roles, read from the rows SEC-8 to SEC-41."""
    found: dict[str, set[str]] = {}
    for line in PAGE.read_text().splitlines():
        row = re.match(r"\| SEC-(\d+) \| ([a-z_. ,/]+) \|(.*)\|", line)
        if row is None or not 8 <= int(row[1]) <= 41:
            continue
        words, cells = row[2].strip(), [cell.strip() for cell in row[3].split("|")][: len(ROLES)]
        if "/" in words:
            names = [word.strip() for word in words.split("/")]
            marks = [cell.split("/") if cell else ["", ""] for cell in cells]
        else:
            names = [word.strip() for word in words.split(",")]
            marks = [[cell] * len(names) for cell in cells]
        for position, name in enumerate(names):
            found[name] = {
                role for role, mark in zip(ROLES, marks, strict=True) if mark[position].strip() == "x"
            }
    return found


ROWS = [
    pytest.param("campaign.view", marks=pytest.mark.req("SEC-8")),
    pytest.param("campaign.create", marks=pytest.mark.req("SEC-9")),
    pytest.param("campaign.approve", marks=pytest.mark.req("SEC-10")),
    pytest.param("campaign.send", marks=pytest.mark.req("SEC-11")),
    pytest.param("campaign.transactional", marks=pytest.mark.req("SEC-12")),
    pytest.param("template.manage", marks=pytest.mark.req("SEC-13")),
    pytest.param("segment.manage", marks=pytest.mark.req("SEC-14")),
    pytest.param("coupon.manage", marks=pytest.mark.req("SEC-15")),
    pytest.param("coupon.redeem", marks=pytest.mark.req("SEC-16")),
    pytest.param("referral.config", marks=pytest.mark.req("SEC-17")),
    pytest.param("referral.view", marks=pytest.mark.req("SEC-18")),
    pytest.param("referral.manage", marks=pytest.mark.req("SEC-18")),
    pytest.param("budget.config", marks=pytest.mark.req("SEC-19")),
    pytest.param("settings.manage", marks=pytest.mark.req("SEC-20")),
    pytest.param("settings.view", marks=pytest.mark.req("SEC-21")),
    pytest.param("consent.view", marks=pytest.mark.req("SEC-22")),
    pytest.param("consent.update", marks=pytest.mark.req("SEC-23")),
    pytest.param("consent.optout", marks=pytest.mark.req("SEC-24")),
    pytest.param("suppression.view", marks=pytest.mark.req("SEC-25")),
    pytest.param("suppression.manage", marks=pytest.mark.req("SEC-25")),
    pytest.param("dnd.manage", marks=pytest.mark.req("SEC-26")),
    pytest.param("privacy.export", marks=pytest.mark.req("SEC-27")),
    pytest.param("privacy.erase", marks=pytest.mark.req("SEC-27")),
    pytest.param("contact.view", marks=pytest.mark.req("SEC-28")),
    pytest.param("contact.manage", marks=pytest.mark.req("SEC-28")),
    pytest.param("trigger.manage", marks=pytest.mark.req("SEC-29")),
    pytest.param("automation.manage", marks=pytest.mark.req("SEC-29")),
    pytest.param("followup.own", marks=pytest.mark.req("SEC-30")),
    pytest.param("followup.manage", marks=pytest.mark.req("SEC-30")),
    pytest.param("feedback.view", marks=pytest.mark.req("SEC-31")),
    pytest.param("feedback.handle", marks=pytest.mark.req("SEC-31")),
    pytest.param("message.send", marks=pytest.mark.req("SEC-32")),
    pytest.param("message.view", marks=pytest.mark.req("SEC-33")),
    pytest.param("message.view_content", marks=pytest.mark.req("SEC-33")),
    pytest.param("provider.manage", marks=pytest.mark.req("SEC-34")),
    pytest.param("webhook.manage", marks=pytest.mark.req("SEC-35")),
    pytest.param("queue.control", marks=pytest.mark.req("SEC-36")),
    pytest.param("ratelimit.manage", marks=pytest.mark.req("SEC-36")),
    pytest.param("job.run", marks=pytest.mark.req("SEC-36")),
    pytest.param("deadletter.manage", marks=pytest.mark.req("SEC-36")),
    pytest.param("tenant.manage", marks=pytest.mark.req("SEC-37")),
    pytest.param("analytics.view", marks=pytest.mark.req("SEC-38")),
    pytest.param("analytics.spend", marks=pytest.mark.req("SEC-39")),
    pytest.param("compliance.report", marks=pytest.mark.req("SEC-40")),
    pytest.param("inbox.own", marks=pytest.mark.req("SEC-41")),
    pytest.param("device.own", marks=pytest.mark.req("SEC-41")),
]


@pytest.mark.req("SEC-42")
@pytest.mark.parametrize("permission", ROWS)
def test_each_cell_of_a_row_is_as_required(permission: str) -> None:
    expected = {**required(), **REMARKS}[permission]
    assert {role for role in ROLES if permission in ROLE_PERMISSIONS[role]} == expected
    assert {role for role in ROLES if permitted(frozenset({role}), permission)} == expected


@pytest.mark.req("SEC-42")
def test_no_row_is_missing_and_none_is_made_up() -> None:
    assert set(required()) | set(REMARKS) == PERMISSIONS
    assert len(required()) == 45
    assert {row.values[0] for row in ROWS} == PERMISSIONS


def test_the_page_is_read_rightly() -> None:
    rows = required()
    assert rows["campaign.view"] == {"receptionist", "branch_manager", "regional_manager", "super_owner"}
    assert rows["privacy.erase"] == {"super_owner"}
    assert rows["referral.manage"] == {"branch_manager", "regional_manager", "super_owner", "service"}
    assert rows["job.run"] == {"platform_admin"}


def test_unknown_words_open_nothing() -> None:
    assert not permitted(frozenset(ROLES), "campaign.veiw")
    assert not permitted(frozenset({"admin"}), "campaign.view")
    assert not permitted(frozenset(), "campaign.view")


@pytest.mark.req("SEC-43")
def test_every_role_that_meets_contacts_may_record_an_opt_out() -> None:
    staff = set(ROLES) - {"platform_admin"}
    assert {role for role in ROLES if "consent.optout" in ROLE_PERMISSIONS[role]} == staff
