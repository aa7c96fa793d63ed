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


@pytest.mark.req("SEC-42")
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("permission", sorted(PERMISSIONS))
def test_each_cell_is_as_required(role: str, permission: str) -> None:
    expected = role in {**required(), **REMARKS}[permission]
    assert (permission in ROLE_PERMISSIONS[role]) is expected
    assert permitted(frozenset({role}), permission) is expected


@pytest.mark.req("SEC-42")
def test_no_row_is_missing_and_none_is_made_up() -> None:
    assert set(required()) | set(REMARKS) == PERMISSIONS
    assert len(required()) == 45


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
