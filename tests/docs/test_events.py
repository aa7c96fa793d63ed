"""The page for neighbours says what the catalogue holds, and its numbers are those of the code."""

from __future__ import annotations

import json
import re
from pathlib import Path
from uuid import UUID

import pytest

from services.campaign.intake import domain, door
from services.campaign.intake.catalogue import KINDS
from services.campaign.intake.door import Admitted, Terms, admit
from services.common.security import signed_requests

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "events.md").read_text()


def table() -> list[str]:
    return [line for line in PAGE.partition("## Catalogue")[2].splitlines() if line.startswith("| `")]


@pytest.mark.req("EVT-5", "EVT-121")
def test_the_table_is_the_catalogue() -> None:
    wanted = [
        f"| `{kind.type}` | {', '.join(f'`{one}`' for one in kind.aliases)} | "
        f"{', '.join(f'`{field.text}`' for field in kind.fields)} |"
        for kind in KINDS.values()
    ]
    assert table() == wanted


@pytest.mark.req("EVT-1")
def test_the_example_on_the_page_and_the_one_to_copy_are_taken() -> None:
    shown = json.loads(re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)[1])  # type: ignore[index]
    copied = json.loads((ROOT / "examples" / "events.json").read_text())
    for one in (shown, *copied):
        assert isinstance(admit(one, Terms(UUID(one["tenant_id"]))), Admitted)


@pytest.mark.req("GAT-26")
def test_the_signature_on_the_page_is_right() -> None:
    secret, stamp, nonce, body, signature = re.search(
        r"\| secret \| `(.+?)` \|\n\| timestamp, nonce \| `(.+?)`, `(.+?)` \|\n\| body \| `(.+?)` \|\n"
        r"\| signature \| `(.+?)` \|",
        PAGE,
    ).groups()  # type: ignore[union-attr]
    made = signed_requests.signature(secret.encode(), "POST", "/v1/events", stamp, nonce, body.encode())
    assert made == signature


def test_the_numbers_on_the_page_are_those_of_the_code() -> None:
    assert f"at most {door.MOST_EVENTS} events" in PAGE
    assert f"kept {domain.KEPT.days} days" in PAGE
    assert domain.MOST_ATTEMPTS == 5
    assert "after five failures" in PAGE
