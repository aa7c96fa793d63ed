"""The fifteen checks as pure functions: what each says, for whom, and in which order."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.consent.decisions.categories import CATEGORIES, Channel
from services.consent.decisions.domain import LOOK_AHEAD, UnknownZoneError, decide
from services.consent.decisions.facts import Decision, Deployment, Facts, Policy, Question, Usage
from services.consent.decisions.windows import Window
from services.consent.settings import ConsentSettings

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)  # a Thursday
EVERYWHERE = frozenset({"email", "sms", "whatsapp", "push", "in_app", "webhook"})
OPEN = Policy(
    marketing_enabled=True,
    enabled_channels=EVERYWHERE,
    default_time_zone="UTC",
    send_window=Window(time(9), time(21)),
)
DEPLOYMENT = Deployment(EVERYWHERE, Window(time(8), time(21)), "America/Chicago")
GOOD = Facts(consent="granted", category_on=True)
NONE = Usage(0, 0, 0)

MARKETING, TRANSACTIONAL, TIMELY, CRITICAL, SYSTEM = (
    CATEGORIES[name] for name in ("offer", "payment", "reservation", "payment_failed", "account")
)


def ask(
    facts: Facts = GOOD,
    category: str = "offer",
    channel: Channel = "email",
    at: datetime = NOON,
    usage: Usage | None = NONE,
    policy: Policy = OPEN,
    **question: object,
) -> Decision:
    asked = Question(
        channel=channel,
        category=CATEGORIES[category],
        at=at,
        policy=policy,
        deployment=DEPLOYMENT,
        **question,  # type: ignore[arg-type]
    )
    return decide(facts, asked, usage)


def word(decision: Decision) -> str:
    return decision.reason or decision.outcome


def by_class(facts: Facts, channel: Channel = "email", **more: object) -> list[str]:
    """What marketing, transactional, time-critical, critical and system messages are told."""
    names = ("offer", "payment", "reservation", "payment_failed", "account")
    return [word(ask(facts, name, channel, **more)) for name in names]  # type: ignore[arg-type]


@pytest.mark.req("CON-70", "CON-71", "CON-72", "CON-67")
@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (replace(GOOD, has_address=False), ["no_address"] * 5),
        (replace(GOOD, contact="erased"), ["contact_erased"] * 5),
        (replace(GOOD, contact="blocked"), ["suppressed"] * 5),
        (replace(GOOD, suppressed_all="complaint"), ["suppressed"] * 5),
        (replace(GOOD, suppressed_marketing="manual"), ["suppressed", *["allow"] * 4]),
        (replace(GOOD, opted_out=True), ["opted_out", *["allow"] * 4]),
        (replace(GOOD, channel_on=False), ["channel_off"] * 5),
        (
            replace(GOOD, category_on=False),
            ["category_off", "category_off", "category_off", "allow", "category_off"],
        ),
        (replace(GOOD, consent=None), ["no_consent", *["allow"] * 4]),
        (replace(GOOD, consent="pending"), ["consent_pending", *["allow"] * 4]),
        (replace(GOOD, consent="expired"), ["consent_expired", *["allow"] * 4]),
        (
            replace(GOOD, consent="revoked"),
            ["consent_revoked", "consent_revoked", "consent_revoked", "allow", "allow"],
        ),
    ],
)
def test_each_denial_reaches_the_classes_of_the_table(facts: Facts, expected: list[str]) -> None:
    assert by_class(facts) == expected


@pytest.mark.req("CON-73")
def test_switches_deny_before_a_suspension_defers() -> None:
    suspended = replace(OPEN, tenant_state="suspended")
    assert by_class(GOOD, policy=suspended) == ["tenant_suspended"] * 5
    assert ask(policy=suspended).defer_until == NOON + timedelta(hours=1)
    assert by_class(GOOD, policy=replace(suspended, marketing_enabled=False))[:2] == [
        "marketing_disabled",
        "tenant_suspended",
    ]
    assert (
        by_class(GOOD, policy=replace(OPEN, blocked_channels=frozenset({"email"})))
        == ["channel_disabled"] * 5
    )
    assert by_class(GOOD, policy=replace(OPEN, enabled_channels=frozenset()))[:2] == [
        "marketing_disabled",
        "allow",
    ]
    assert word(ask(branch_marketing=False)) == "marketing_disabled"
    dark = replace(DEPLOYMENT, channels=frozenset({"sms"}))
    question = Question("email", CRITICAL, NOON, OPEN, dark)
    assert word(decide(GOOD, question, None)) == "channel_disabled"


@pytest.mark.req("CON-75", "CON-88", "CON-121")
@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (replace(GOOD, is_dnd=True), "dnd_registered"),
        (replace(GOOD, dnd_listed=True), "dnd_registered"),
        (replace(GOOD, dnd_stale=True), "dnd_stale"),
        (replace(GOOD, dnd_stale=True, dnd_listed=True), "dnd_registered"),
    ],
)
def test_do_not_disturb_stops_marketing_on_its_channels_only(facts: Facts, reason: str) -> None:
    assert by_class(facts, "sms") == [reason, *["allow"] * 4]
    assert by_class(facts, "email") == ["allow"] * 5


@pytest.mark.req("CON-77", "CON-102", "CON-112")
def test_security_and_privacy_obey_no_switch_and_critical_ones_only_the_channel() -> None:
    off = replace(GOOD, channel_on=False, category_on=False, sms_critical_only=True)
    assert word(ask(off, "account_security", "sms")) == "allow"
    assert word(ask(off, "privacy", "sms")) == "allow"
    assert word(ask(off, "urgent", "sms")) == "channel_off"
    assert word(ask(replace(off, channel_on=True), "urgent", "sms")) == "allow"
    assert word(ask(replace(off, channel_on=True), "account", "sms")) == "sms_critical_only"
    assert word(ask(replace(off, channel_on=True), "account", "email")) == "category_off"


@pytest.mark.req("CON-4")
def test_marketing_texts_and_pushes_are_off_until_the_contact_says_otherwise() -> None:
    silent = replace(GOOD, category_on=None)
    said = {
        channel: word(ask(silent, channel=channel))
        for channel in ("email", "sms", "push", "whatsapp", "in_app")
    }
    assert said == {
        "email": "allow",
        "sms": "category_off",
        "push": "category_off",
        "whatsapp": "allow",
        "in_app": "allow",
    }
    assert word(ask(silent, "payment", "sms")) == "allow"


@pytest.mark.req("CON-78", "CON-79", "CON-85", "CON-112")
def test_caps_deny_marketing_hold_other_messages_and_pass_urgent_ones() -> None:
    capped = replace(GOOD, daily_cap=3)
    full = Usage(3, 0, 0)
    assert by_class(capped, usage=full) == [
        "daily_cap_reached",
        "daily_cap_reached",
        "allow",
        "allow",
        "daily_cap_reached",
    ]
    assert ask(capped, usage=full).outcome == "deny"
    held = ask(capped, "payment", usage=full)
    assert (held.outcome, held.defer_until) == ("defer", datetime(2026, 1, 16, tzinfo=UTC))
    assert by_class(GOOD, usage=Usage(0, 2, 2)) == ["daily_cap_reached", *["allow"] * 4]
    assert by_class(GOOD, usage=Usage(0, 0, 5)) == ["weekly_cap_reached", *["allow"] * 4]
    assert by_class(capped, usage=None) == ["allow"] * 5
    assert word(ask(replace(GOOD, daily_cap=0), "payment")) == "no_window"
    assert word(ask(replace(GOOD, daily_cap=0), "payment_failed")) == "allow"
    assert word(ask(policy=replace(OPEN, daily_limit=0))) == "daily_cap_reached"


@pytest.mark.req("CON-80", "CON-111")
def test_quiet_hours_of_contact_and_tenant_hold_what_is_not_urgent() -> None:
    resting = replace(GOOD, quiet_hours=Window(time(11), time(13)))
    assert by_class(resting) == ["quiet_hours", "quiet_hours", "allow", "allow", "quiet_hours"]
    assert ask(resting).defer_until == NOON + timedelta(hours=1)
    tenant = replace(OPEN, quiet_hours=Window(time(12), time(15)))
    assert ask(resting, policy=tenant).defer_until == NOON + timedelta(hours=3)


@pytest.mark.req("CON-81", "CON-111")
def test_the_text_window_holds_texts_and_marketing_on_whatsapp() -> None:
    night = datetime(2026, 1, 15, 22, tzinfo=UTC)
    policy = replace(OPEN, send_window=Window(time(0), time(0)))
    assert by_class(GOOD, "sms", at=night, policy=policy) == [
        "sms_window",
        "sms_window",
        "allow",
        "allow",
        "sms_window",
    ]
    assert by_class(GOOD, "whatsapp", at=night, policy=policy) == ["sms_window", *["allow"] * 4]
    assert by_class(GOOD, "email", at=night, policy=policy) == ["allow"] * 5
    narrow = replace(policy, sms_window=Window(time(10), time(11)))
    assert ask(channel="sms", at=night, policy=narrow).defer_until == datetime(2026, 1, 16, 10, tzinfo=UTC)
    wide = replace(policy, sms_window=Window(time(0), time(0)))
    assert ask(channel="sms", at=night, policy=wide).defer_until == datetime(2026, 1, 16, 8, tzinfo=UTC)


@pytest.mark.req("CON-82")
def test_the_send_window_holds_marketing_only() -> None:
    assert by_class(GOOD, at=datetime(2026, 1, 15, 21, tzinfo=UTC)) == ["send_window", *["allow"] * 4]


@pytest.mark.req("CON-83", "CON-122")
def test_digests_hold_marketing_and_transactional_messages_until_they_leave() -> None:
    collecting = replace(GOOD, frequency="weekly", digest_time=time(10))
    assert by_class(collecting) == ["digest", "digest", "allow", "allow", "allow"]
    assert ask(collecting).defer_until == datetime(2026, 1, 19, 10, tzinfo=UTC)
    # A digest that leaves in quiet hours waits for their end, not for the next digest.
    asleep = replace(collecting, quiet_hours=Window(time(9), time(12)))
    assert ask(asleep).defer_until == datetime(2026, 1, 19, 12, tzinfo=UTC)
    # The message that gathers the others is not gathered itself.
    assert [ask(collecting).frequency, word(ask(collecting, is_digest=True))] == ["weekly", "allow"]
    assert word(ask(replace(collecting, opted_out=True), is_digest=True)) == "opted_out"


@pytest.mark.req("CON-84")
def test_what_would_wait_past_its_expiry_is_denied_unless_critical() -> None:
    resting = replace(GOOD, quiet_hours=Window(time(11), time(13)))
    hour = timedelta(hours=1)
    assert word(ask(resting, expires_at=NOON + hour)) == "expires_before_window"
    assert word(ask(resting, expires_at=NOON + hour + timedelta(seconds=1))) == "quiet_hours"
    assert word(ask(GOOD, expires_at=NOON)) == "allow"
    suspended = replace(OPEN, tenant_state="suspended")
    assert word(ask(GOOD, "payment_failed", policy=suspended, expires_at=NOON + hour)) == "tenant_suspended"
    assert word(ask(GOOD, "account", policy=suspended, expires_at=NOON + hour)) == "expires_before_window"


@pytest.mark.req("CON-69")
def test_a_deferral_moves_on_until_every_window_is_open() -> None:
    quiet = replace(GOOD, quiet_hours=Window(time(20), time(9, 30)), time_zone="Asia/Tokyo")
    night = datetime(2026, 1, 15, 12, 30, tzinfo=UTC)  # 21:30 in Tokyo
    decision = ask(quiet, at=night)
    assert decision.defer_until == datetime(2026, 1, 16, 0, 30, tzinfo=UTC)
    assert (decision.reason, decision.time_zone) == ("quiet_hours", "Asia/Tokyo")
    never = replace(GOOD, quiet_hours=Window(time(8), time(22)))
    assert word(ask(never)) == "no_window"


@pytest.mark.req("GEN-13")
def test_the_nearest_zone_that_is_known_counts() -> None:
    assert ask(replace(GOOD, time_zone="Asia/Tokyo")).time_zone == "Asia/Tokyo"
    assert ask(branch_time_zone="Asia/Kolkata").time_zone == "Asia/Kolkata"
    assert ask().time_zone == "UTC"
    assert ask(policy=replace(OPEN, default_time_zone="")).time_zone == "America/Chicago"


@pytest.mark.req("CON-87", "GEN-13")
@pytest.mark.parametrize("name", ["Mars/Olympus", "../etc/passwd", "Europe/", "+02:00"])
def test_a_zone_that_is_none_is_a_fault_and_not_a_reason_to_guess(name: str) -> None:
    for facts, question in (
        (replace(GOOD, time_zone=name), {}),
        (GOOD, {"branch_time_zone": name}),
        (GOOD, {"policy": replace(OPEN, default_time_zone=name)}),
    ):
        with pytest.raises(UnknownZoneError, match="no zone of the zone data"):
            ask(facts, **question)


ORDERED: list[tuple[str, dict[str, object]]] = [
    ("no_address", {"has_address": False}),
    ("contact_erased", {"contact": "erased"}),
    ("suppressed", {"suppressed_all": "manual"}),
    ("channel_disabled", {}),
    ("opted_out", {"opted_out": True}),
    ("dnd_registered", {"is_dnd": True}),
    ("no_consent", {"consent": None}),
    ("channel_off", {"channel_on": False}),
    ("daily_cap_reached", {"daily_cap": 0}),
]


@pytest.mark.req("CON-69", "CON-86")
@pytest.mark.parametrize("first", range(len(ORDERED)))
def test_the_first_failing_check_of_the_order_decides(first: int) -> None:
    facts = GOOD
    for _, change in ORDERED[first:]:
        facts = replace(facts, **change)  # type: ignore[arg-type]
    blocked = frozenset({"sms"}) if first <= 3 else frozenset[str]()
    decision = ask(facts, channel="sms", policy=replace(OPEN, blocked_channels=blocked))
    assert word(decision) == ORDERED[first][0]
    numbers = [one.check for one in decision.checks]
    assert numbers == list(range(1, len(numbers) + 1))
    assert [one.finding.outcome for one in decision.checks[:-1]] == ["allow"] * (len(numbers) - 1)
    assert decision.checks[-1].finding.outcome == "deny"


@pytest.mark.req("CON-69", "CON-86")
@settings(max_examples=300)
@given(
    st.sampled_from(sorted(CATEGORIES)),
    st.sampled_from(sorted(EVERYWHERE)),
    st.integers(0, 365 * 24 * 60).map(
        lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    st.sampled_from(["Europe/Berlin", "America/St_Johns", "Pacific/Apia", "Asia/Kathmandu", ""]),
    st.one_of(st.none(), st.builds(Window, st.times(), st.times())),
    st.sampled_from(["immediate", "daily", "weekly", "monthly"]),
    st.integers(0, 4),
)
def test_a_deferred_message_may_go_when_it_is_told_to(
    category: str, channel: Channel, at: datetime, zone: str, quiet: Window | None, frequency: str, sent: int
) -> None:
    facts = replace(GOOD, time_zone=zone, quiet_hours=quiet, frequency=frequency, daily_cap=3)  # type: ignore[arg-type]
    first = ask(facts, category, channel, at=at, usage=Usage(sent, 0, 0))
    assert first == ask(facts, category, channel, at=at, usage=Usage(sent, 0, 0))
    if first.outcome == "defer":
        assert first.defer_until is not None
        assert at < first.defer_until <= at + LOOK_AHEAD
        again = ask(
            replace(facts, frequency="immediate"), category, channel, at=first.defer_until, usage=NONE
        )
        assert again.outcome == "allow"


@pytest.mark.req("CON-85", "CON-113")
def test_a_day_is_the_contacts_own_and_its_counts_end_with_it() -> None:
    capped = replace(GOOD, daily_cap=3, time_zone="Asia/Tokyo")
    evening = datetime(2026, 1, 15, 14, 30, tzinfo=UTC)  # 23:30 in Tokyo
    held = ask(capped, "payment", at=evening, usage=Usage(3, 0, 0))
    assert (held.reason, held.defer_until) == ("daily_cap_reached", datetime(2026, 1, 15, 15, tzinfo=UTC))
    # Marketing that waits for the morning is held against no count of the day before, but against the week's.
    always = replace(OPEN, weekly_limit=3)
    assert (
        word(ask(replace(capped, daily_cap=None), at=evening, usage=Usage(0, 1, 2), policy=always))
        == "send_window"
    )
    assert (
        word(ask(replace(capped, daily_cap=None), at=evening, usage=Usage(0, 1, 3), policy=always))
        == "weekly_cap_reached"
    )


@pytest.mark.req("CON-124")
def test_no_setting_switches_the_checks_off() -> None:
    switches = {name for name in ConsentSettings.model_fields if name.startswith("enable_")}
    assert switches == {
        *(
            "enable_email",
            "enable_sms",
            "enable_whatsapp",
            "enable_push",
            "enable_in_app",
            "enable_webhook_delivery",
        ),
        *("enable_metrics", "enable_rate_limiting"),
    }
    dark = replace(DEPLOYMENT, channels=frozenset())
    for name in CATEGORIES:
        question = Question("email", CATEGORIES[name], NOON, OPEN, dark)
        assert word(decide(GOOD, question, None)) == "channel_disabled"
        assert word(decide(replace(GOOD, suppressed_all="complaint"), question, None)) == "suppressed"
