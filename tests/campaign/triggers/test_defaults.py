"""What is fixed of the eleven triggers, and what tenants start with."""

from __future__ import annotations

import importlib
import re

import pytest

from services.campaign.triggers.domain import DEFINITIONS, TriggerType, default
from services.common.reasons import REASONS
from tests.campaign.triggers.conftest import NOON


@pytest.mark.req("LIF-1")
def test_tenants_that_exist_get_what_new_ones_get() -> None:
    migration = importlib.import_module("services.campaign.migrations.versions.0026_triggers")
    rows = re.findall(r"\((\d+), (true|false), (\d+), (\S+), (\S+), '(.*?)', (\d+)\)", migration._STATEMENTS)

    def number(text: str) -> int | None:
        return None if text.startswith("NULL") else int(text)

    found = [
        (int(kind), on == "true", int(delay), number(before), number(after), at, int(cooldown))
        for kind, on, delay, before, after, at, cooldown in rows
    ]
    wanted = [default(one, NOON) for one in TriggerType]
    assert found == [
        (
            int(one.trigger_type),
            one.is_enabled,
            one.delay_minutes,
            one.days_before,
            one.days_after,
            one.send_time,
            one.cooldown_days,
        )
        for one in wanted
    ]


@pytest.mark.req("LIF-45")
def test_all_are_marketing() -> None:
    assert all(21 <= one.category <= 34 for one in DEFINITIONS.values())
    assert len(DEFINITIONS) == 11


@pytest.mark.req("LIF-87", "LIF-88")
def test_refusals_have_the_numbers_of_the_requirements() -> None:
    assert REASONS["VALIDATION_FAILED"].code == "MARKETING_063"
    assert REASONS["TRIGGER_NOT_CONFIGURED"].code == "MARKETING_081"
