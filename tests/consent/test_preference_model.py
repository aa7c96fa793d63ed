"""Any sequence of updates, by staff and by the contact's link, ends where a plain reading of the rules ends."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from angarium.common.v1 import enums_pb2 as common
from angarium.consent.v1 import preference_service_pb2 as pb
from tests.consent.kit import DENY, EMAIL, PUSH, SMS, WHATSAPP, Tenant, question
from tests.consent.preferring import IN_APP, cell, channel, get, grid, history, set_cells, update
from tests.consent.test_links import gateway, token_of

CHANNELS = {EMAIL: "email", SMS: "sms", WHATSAPP: "whatsapp", PUSH: "push", IN_APP: "in_app"}
OFTEN = {
    0: None,
    pb.FREQUENCY_IMMEDIATE: "immediate",
    pb.FREQUENCY_DAILY: "daily",
    pb.FREQUENCY_WEEKLY: "weekly",
    pb.FREQUENCY_MONTHLY: "monthly",
}
GROUPS = {
    pb.CATEGORY_GROUP_PAYMENT: "payment",
    pb.CATEGORY_GROUP_EVENT_UPDATES: "event_updates",
    pb.CATEGORY_GROUP_EVENT_REMINDERS: "event_reminders",
    pb.CATEGORY_GROUP_ACCOUNT: "account",
    pb.CATEGORY_GROUP_MARKETING: "marketing",
}
SINGLE = {
    common.CATEGORY_OFFER: "offer",
    common.CATEGORY_NEWSLETTER: "newsletter",
    common.CATEGORY_PAYMENT: "payment/payment",
    common.CATEGORY_EVENT_REMINDER: "event_reminder",
}
TIMES = ["00:00", "07:30", "21:00", "23:59"]
PAGE = ("channels", "quiet_hours", "language_code", "time_zone", "categories")


class Model:
    """What a contact says, as one flat sheet; `None` in a cell of a category means that nobody said it."""

    def __init__(self) -> None:
        self.sheet: dict[str, Any] = {f"{name}.is_enabled": True for name in CHANNELS.values()}
        self.sheet |= {f"{name}.frequency": "immediate" for name in CHANNELS.values() if name != "in_app"}
        self.sheet |= {
            "sms_critical_only": False,
            "preferred_channel": "whatsapp",
            "language_code": None,
            "time_zone": None,
            "quiet_hours.is_enabled": False,
            "quiet_hours.start": "22:00",
            "quiet_hours.end": "08:00",
            "digest_time": "09:00",
            "max_emails_per_day": 10,
            "max_sms_per_day": 5,
        }
        self.cells: dict[tuple[str, str], tuple[bool, str | None]] = {}
        self.history: list[tuple[str, dict[str, tuple[Any, Any]]]] = []

    def whole(self) -> dict[str, Any]:
        """The sheet with every cell of the grid on it."""
        found = dict(self.sheet)
        names = {*GROUPS.values(), *(name for name, _ in self.cells)}
        for name in names:
            for one in CHANNELS.values():
                on, often = self.cells.get((name, one), (self.default(name, one), None))
                found[f"category.{name}.{one}"], found[f"category.{name}.{one}.frequency"] = on, often
        return found

    @staticmethod
    def default(name: str, one: str) -> bool | None:
        if name not in GROUPS.values():
            return None
        return (name, one) not in (("marketing", "sms"), ("marketing", "push"))

    def do(self, change: Callable[[], None], source: str) -> None:
        before = self.whole()
        change()
        after = self.whole()
        changed = {
            name: (before.get(name), after.get(name))
            for name in before.keys() | after.keys()
            if before.get(name) != after.get(name)
        }
        if changed:
            self.history.append((source, changed))

    def fields(self, said: pb.Preferences, paths: list[str]) -> None:
        for path in paths:
            if path == "channels":
                named = said.channels or [channel(one) for one in CHANNELS]
                for one in named:
                    word = CHANNELS[one.channel]
                    self.sheet[f"{word}.is_enabled"] = one.is_enabled
                    if word != "in_app":
                        self.sheet[f"{word}.frequency"] = OFTEN[one.frequency] or "immediate"
            elif path == "quiet_hours":
                self.sheet["quiet_hours.is_enabled"] = said.quiet_hours.is_enabled
                self.sheet["quiet_hours.start"] = said.quiet_hours.start or "22:00"
                self.sheet["quiet_hours.end"] = said.quiet_hours.end or "08:00"
            elif path == "preferred_channel":
                self.sheet[path] = CHANNELS.get(said.preferred_channel, "whatsapp")
            elif path.startswith("max_"):
                self.sheet[path] = getattr(said, path) if said.HasField(path) else None  # type: ignore[arg-type]
            elif path == "digest_time":
                self.sheet[path] = said.digest_time or "09:00"
            elif path == "sms_critical_only":
                self.sheet[path] = said.sms_critical_only
            elif path != "categories":
                self.sheet[path] = getattr(said, path) or None

    def set(self, said: list[pb.CategoryPreference], *, echo: bool) -> None:
        for one in said:
            name, where = key(one), CHANNELS[one.channel]
            chosen = one.is_enabled, OFTEN[one.frequency]
            shown = self.cells.get((name, where), (self.default(name, where), None))
            if not echo or chosen != shown:
                self.cells[name, where] = chosen


def key(one: pb.CategoryPreference) -> str:
    return SINGLE[one.category] if one.WhichOneof("target") == "category" else GROUPS[one.group]


often = st.sampled_from(list(OFTEN))
some_channels = st.lists(st.sampled_from(list(CHANNELS)), unique=True, max_size=5).flatmap(
    lambda named: st.tuples(
        *[
            st.builds(channel, st.just(one), on=st.booleans(), often=often if one != IN_APP else st.just(0))
            for one in named
        ]
    )
)
some_cells = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(list(GROUPS)), st.sampled_from(list(CHANNELS)), st.just(False)),
        st.tuples(st.sampled_from(list(SINGLE)), st.sampled_from(list(CHANNELS)), st.just(True)),
    ),
    unique=True,
    min_size=1,
    max_size=6,
).flatmap(
    lambda named: st.tuples(
        *[
            st.builds(
                cell,
                st.just(target),
                st.just(where),
                on=st.booleans(),
                often=often if where != IN_APP else st.just(0),
                single=st.just(single),
            )
            for target, where, single in named
        ]
    )
)
quiet = st.builds(
    pb.QuietHours,
    is_enabled=st.booleans(),
    start=st.sampled_from(["", *TIMES]),
    end=st.sampled_from(["", *TIMES]),
)
page_fields = {
    "channels": some_channels,
    "quiet_hours": quiet,
    "language_code": st.sampled_from(["", "de", "pt-BR", "zh"]),
    "time_zone": st.sampled_from(["", "Asia/Kathmandu", "Europe/Berlin"]),
}
all_fields = page_fields | {
    "sms_critical_only": st.booleans(),
    "preferred_channel": st.sampled_from([0, *CHANNELS]),
    "digest_time": st.sampled_from(["", *TIMES]),
    "max_emails_per_day": st.none() | st.integers(0, 1000),
    "max_sms_per_day": st.none() | st.integers(0, 1000),
}


def said(fields: dict[str, Any]) -> st.SearchStrategy[tuple[list[str], pb.Preferences]]:
    """Any of the fields in a mask, with values for them."""
    return st.lists(st.sampled_from(list(fields)), unique=True, min_size=1).flatmap(
        lambda paths: st.tuples(
            st.just(paths),
            st.fixed_dictionaries({path: fields[path] for path in paths}).map(
                lambda values: pb.Preferences(**values)
            ),
        )
    )


actions = st.lists(
    st.one_of(
        st.tuples(st.just("update"), said(all_fields)),
        st.tuples(st.just("cells"), some_cells),
        st.tuples(st.just("page"), said(page_fields | {"categories": some_cells})),
        st.tuples(st.just("forget"), st.none()),
        st.tuples(st.just("stop"), st.none()),
    ),
    max_size=8,
)


@pytest.mark.req("CON-3", "CON-4", "CON-5", "CON-29", "CON-30", "CON-37", "CON-119", "CON-120", "CON-116")
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions)
async def test_any_sequence_of_updates_ends_as_the_plain_model_and_the_history_holds_its_differences(
    salon: Tenant, sequence: list[tuple[str, Any]]
) -> None:
    contact = await salon.contact()
    token = await token_of(salon, contact, purpose=pb.TOKEN_PURPOSE_PREFERENCES)
    model, stopped = Model(), False
    for what, how in sequence:
        if what == "update":
            paths, values = how
            fields = {one.name: value for one, value in values.ListFields()}
            await update(salon, contact, ",".join(paths), **fields)
            model.do(lambda p=paths, v=values: model.fields(v, p), "api")  # type: ignore[misc]
        elif what == "cells":
            await set_cells(salon, contact, *how)
            model.do(lambda h=how: model.set(list(h), echo=False), "api")  # type: ignore[misc]
        elif what == "page":
            paths, values = how
            await on_page(salon, token, values, paths)
            model.do(lambda p=paths, v=values: on_model(model, v, p), "preference_page")  # type: ignore[misc]
        elif what == "forget":
            await on_page(salon, token, pb.Preferences(), ["categories"])
            model.do(model.cells.clear, "preference_page")
        else:
            await on_page(salon, token, pb.Preferences(), [], stop_marketing=True)
            stopped = True
        assert_equal(await get(salon, contact), model, stopped=stopped)
    changes = [
        (
            one.source,
            {
                change.field: (value_of(change, "old_value"), value_of(change, "new_value"))
                for change in one.changes
            },
        )
        for one in reversed(await history(salon, contact))
    ]
    assert changes == model.history
    assert await salon.consent.rows("SELECT FROM preference WHERE contact_id = %s", contact) == [()] * bool(
        model.history or stopped or model.cells
    )


def on_model(model: Model, values: pb.Preferences, paths: list[str]) -> None:
    model.fields(values, paths)
    model.set(list(values.categories), echo=True)


async def on_page(
    tenant: Tenant, token: str, values: pb.Preferences, paths: list[str], *, stop_marketing: bool = False
) -> None:
    calls = gateway(tenant)
    request = pb.UpdatePreferencesByTokenRequest(
        token=token,
        preferences=values,
        update_mask=FieldMask(paths=paths),
        stop_marketing=stop_marketing,
    )
    await calls.call(calls.preferences.UpdatePreferencesByToken, request)


def value_of(change: pb.FieldChange, name: str) -> Any:
    if not change.HasField(name):  # type: ignore[arg-type]
        return None
    value = getattr(change, name)
    found = getattr(value, value.WhichOneof("kind"))
    return int(found) if isinstance(found, float) else found


def assert_equal(found: pb.Preferences, model: Model, *, stopped: bool) -> None:
    shown: dict[str, Any] = {
        "sms_critical_only": found.sms_critical_only,
        "preferred_channel": CHANNELS[found.preferred_channel],
        "language_code": found.language_code or None,
        "time_zone": found.time_zone or None,
        "quiet_hours.is_enabled": found.quiet_hours.is_enabled,
        "quiet_hours.start": found.quiet_hours.start,
        "quiet_hours.end": found.quiet_hours.end,
        "digest_time": found.digest_time,
        "max_emails_per_day": found.max_emails_per_day if found.HasField("max_emails_per_day") else None,
        "max_sms_per_day": found.max_sms_per_day if found.HasField("max_sms_per_day") else None,
    }
    for one in found.channels:
        shown[f"{CHANNELS[one.channel]}.is_enabled"] = one.is_enabled
        if one.channel != IN_APP:
            shown[f"{CHANNELS[one.channel]}.frequency"] = OFTEN[one.frequency]
    assert shown == model.sheet
    cells = {
        (key(one), CHANNELS[one.channel]): (one.is_enabled, OFTEN[one.frequency])
        for one in found.categories
        if not one.is_default
    }
    assert cells == model.cells
    assert len([one for one in found.categories if one.WhichOneof("target") == "group"]) == 25
    assert found.marketing_opted_out is stopped


CATEGORIES: dict[str, tuple[str, str]] = {
    # Group and how it may be held back, read from GEN-41 once more.
    **dict.fromkeys(["PAYMENT", "REFUND", "ORDER", "TAX_DOCUMENT", "PAYOUT"], ("payment", "gathered")),
    "PAYMENT_FAILED": ("payment", "critical"),
    "GROUP_PAYMENT": ("payment", "timely"),
    **dict.fromkeys(["EVENT_UPDATE", "TICKET"], ("event_updates", "gathered")),
    **dict.fromkeys(["RESERVATION", "WAITING_ROOM"], ("event_updates", "timely")),
    **dict.fromkeys(["EVENT_REMINDER", "APPOINTMENT"], ("event_reminders", "gathered")),
    "ACCOUNT": ("account", "system"),
    **dict.fromkeys(["MEMBERSHIP_NOTICE", "PACKAGE_NOTICE", "LOYALTY_NOTICE"], ("account", "gathered")),
    "PRIVACY": ("account", "never"),
    "ACCOUNT_SECURITY": ("account", "never"),
    "URGENT": ("account", "critical"),
    **dict.fromkeys(
        [
            *("OFFER", "NEWSLETTER", "ANNOUNCEMENT", "VISIT_FOLLOWUP", "REBOOKING", "MEMBERSHIP_OFFER"),
            *("PACKAGE_OFFER", "WIN_BACK", "BIRTHDAY", "ANNIVERSARY", "FEEDBACK", "LOYALTY", "REFERRAL"),
            "CART",
        ],
        ("marketing", "gathered"),
    ),
}


@pytest.mark.req("CON-4", "CON-77", "CON-83", "CON-102", "CON-122", "GEN-41")
@pytest.mark.parametrize("seed", range(4))
async def test_the_grid_that_is_shown_is_the_one_that_decides(salon: Tenant, seed: int) -> None:
    draw = random.Random(seed)
    await salon.settle(enabled_channels=[*CHANNELS])
    contact = await salon.contact()
    for one in (EMAIL, SMS, WHATSAPP, PUSH):
        await salon.grant(contact, one)
    await update(
        salon,
        contact,
        "channels,sms_critical_only",
        channels=[
            channel(one, on=draw.random() < 0.7, often=draw.choice([0, 0, 2, 3]) if one != IN_APP else 0)
            for one in CHANNELS
        ],
        sms_critical_only=draw.random() < 0.3,
    )
    single = [name for name, (_, kind) in CATEGORIES.items() if kind in ("gathered", "timely", "system")]
    wanted = [
        cell(group, one, on=draw.random() < 0.5, often=draw.choice([0, 3]) if one != IN_APP else 0)
        for group in GROUPS
        for one in CHANNELS
        if draw.random() < 0.5
    ] + [
        cell(
            common.Category.Value(f"CATEGORY_{name}"),
            one,
            on=draw.random() < 0.5,
            often=draw.choice([0, 1, 4]) if one != IN_APP else 0,
            single=True,
        )
        for name in single
        for one in CHANNELS
        if draw.random() < 0.2
    ]
    shown = await set_cells(salon, contact, *wanted)
    cells, calls = grid(shown), salon.service()
    by_channel = {one.channel: one for one in shown.channels}
    for name, (group, kind) in CATEGORIES.items():
        for one in CHANNELS:
            own, whole = cells.get((f"CATEGORY_{name}", one)), cells[group, one]
            reaches = by_channel[one].is_enabled or (kind == "never" and name != "URGENT")
            if kind not in ("never", "critical"):
                reaches &= (own or whole).is_enabled and not (one == SMS and shown.sms_critical_only)
            pace = (own and own.frequency) or whole.frequency or by_channel[one].frequency
            request = question(
                salon,
                contact,
                channel=one,
                category=common.Category.Value(f"CATEGORY_{name}"),
            )
            checks = {check.check: check for check in (await calls.evaluate(request)).decision.checks}
            assert (checks[8].outcome != DENY) is reaches, (name, one)
            if reaches:
                waits = kind == "gathered" and pace not in (0, pb.FREQUENCY_IMMEDIATE)
                assert (checks[14].detail.endswith("digest")) is waits, (name, one)


def test_every_category_for_contacts_is_looked_at() -> None:
    staff = {"STAFF_ALERT", "DISPUTE", "BILLING", "UNSPECIFIED"}
    assert {f"CATEGORY_{name}" for name in CATEGORIES.keys() | staff} == set(common.Category.keys())
