"""The compliance decision: fifteen ordered checks over what is known of one person (CON-69 to CON-88).

`decide` is a pure function of stored facts, the question and the instant. Each check is one function that says
allow, deny or defer, and why. The first denial ends the decision; deferrals are collected, and the checks that
depend on the clock run again for the latest of them until it stands.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from services.consent.decisions.categories import CONSENT_CHANNELS, UNSWITCHABLE, is_on
from services.consent.decisions.facts import (
    CheckResult,
    Decision,
    Facts,
    Finding,
    Outcome,
    Question,
    Usage,
)
from services.consent.decisions.law import Kind
from services.consent.decisions.windows import (
    Window,
    closed_until,
    next_digest,
    next_local_day,
    opens_at,
    zone_of,
)

LOOK_AHEAD = timedelta(days=14)
"""How far a deferral may lie ahead before it becomes a denial."""

SUSPENSION_RECHECK = timedelta(hours=1)
"""When to ask again about a suspended tenant; nobody knows when it goes on."""

NOT_ASKED = Finding("allow", "does not apply")
GROUP_PAYMENT = "group_payment"
"""The category that people stop by a link of its own (EVT-63)."""


@dataclass(frozen=True, slots=True)
class Case:
    """One person, one question, and the instant the checks run for: the one asked about or a later one."""

    facts: Facts
    question: Question
    usage: Usage | None
    zone: ZoneInfo
    instant: datetime

    @property
    def is_same_day(self) -> bool:
        """Returns whether the counts of today still are today's."""
        return self.instant.astimezone(self.zone).date() == self.question.at.astimezone(self.zone).date()


Check = Callable[[Case], Finding]


def check_address(case: Case) -> Finding:
    """1: an address is there and valid for the channel (CON-70)."""
    channel = case.question.channel
    if case.facts.has_address:
        return _allow(f"valid for {channel}")
    return _deny("no_address", f"no valid address for {channel}")


def check_erasure(case: Case) -> Finding:
    """2: the contact was not erased (CON-71)."""
    if case.facts.contact == "erased":
        return _deny("contact_erased", "the contact was erased")
    return _allow(f"contact {case.facts.contact}" if case.facts.contact else "a bare address")


def check_suppression(case: Case) -> Finding:
    """3: the address is not suppressed; this outranks everything that follows (CON-67, CON-72)."""
    facts = case.facts
    if facts.contact == "blocked":
        return _deny("suppressed", "the contact is blocked")
    if facts.suppressed_all is not None:
        return _deny("suppressed", f"scope all: {facts.suppressed_all}")
    if facts.suppressed_groups is not None and case.question.category.name == GROUP_PAYMENT:
        return _deny("suppressed", f"scope {GROUP_PAYMENT}: {facts.suppressed_groups}")
    if facts.suppressed_marketing is None:
        return _allow("no entry")
    if case.question.marketing:
        return _deny("suppressed", f"scope marketing: {facts.suppressed_marketing}")
    return _allow(f"scope marketing only: {facts.suppressed_marketing}")


def check_switches(case: Case) -> Finding:
    """4: channel and marketing are on, and the tenant works (CON-73)."""
    policy = case.question.policy
    if case.question.channel not in case.question.deployment.channels:
        return _deny("channel_disabled", "the channel is off in the deployment")
    if case.question.channel in policy.blocked_channels:
        return _deny("channel_disabled", "the tenant blocks the channel")
    if policy.tenant_state == "closed":
        return _deny("channel_disabled", "the tenant is closed")
    if case.question.branch_archived:
        return _deny("channel_disabled", "the branch is archived")
    if case.question.marketing:
        if not policy.marketing_enabled:
            return _deny("marketing_disabled", "marketing is off for the tenant")
        if not case.question.branch_marketing:
            return _deny("marketing_disabled", "marketing is off for the branch")
        if case.question.channel not in policy.enabled_channels:
            return _deny("marketing_disabled", "marketing is off for the channel")
    if policy.tenant_state == "suspended":
        return _defer("tenant_suspended", case.instant + SUSPENSION_RECHECK, "the tenant is suspended")
    return _allow("channel and marketing are on" if case.question.marketing else "the channel is on")


def check_opt_out(case: Case) -> Finding:
    """5: the contact did not opt out of marketing (CON-74)."""
    if not case.question.marketing:
        return NOT_ASKED
    if case.facts.opted_out:
        return _deny("opted_out", "the contact opted out of marketing")
    return _allow("no opt-out")


def check_dnd(case: Case) -> Finding:
    """6: neither the contact nor the number is on a do-not-disturb list (CON-75, CON-88)."""
    if not case.question.marketing or case.question.channel not in case.question.policy.dnd_channels:
        return NOT_ASKED
    if case.facts.is_dnd:
        return _deny("dnd_registered", "asserted for the contact")
    if case.facts.dnd_listed:
        return _deny("dnd_registered", "the number is in a registry")
    if case.facts.dnd_stale:
        return _deny("dnd_stale", "the newest list of the number's country is too old")
    return _allow("on no list")


def check_consent(case: Case) -> Finding:
    """7: marketing needs a consent that holds; other messages may not have been revoked (CON-55, CON-76)."""
    consent = case.facts.consent
    column = case.question.category.column
    if case.question.channel not in CONSENT_CHANNELS or column not in ("marketing", "transactional"):
        return NOT_ASKED
    if column == "transactional":
        if consent == "revoked":
            return _deny("consent_revoked", "transactional messages were revoked on the channel")
        return _allow("none needed, none revoked")
    if consent is None:
        unknown = case.facts.contact == "unknown"
        return _deny("no_consent", "contact unknown" if unknown else "no consent was given")
    if consent == "granted":
        return _allow("consent granted")
    return _deny(f"consent_{consent}", f"consent {consent}")


def check_preferences(case: Case) -> Finding:
    """8: the contact's channel switch, critical-only texts and category grid (CON-77).

    A critical category obeys the channel switch alone; account_security and privacy obey nothing.
    """
    category = case.question.category
    if category.name in UNSWITCHABLE and (category.name == "account_security" or not category.critical):
        return NOT_ASKED
    if not case.facts.channel_on:
        return _deny("channel_off", "the contact switched the channel off")
    if category.critical:
        return _allow("the channel is on")
    if case.question.channel == "sms" and case.facts.sms_critical_only:
        return _deny("sms_critical_only", "the contact takes critical texts only")
    if case.facts.contact is None:
        return _allow("a bare address has no preferences")
    said = "by default" if case.facts.category_on is None else "as the contact chose"
    if is_on(category, case.question.channel, case.facts.category_on):
        return _allow(f"{category.group} is on {said}")
    return _deny("category_off", f"{category.group} is off on the channel {said}")


def check_marketing_caps(case: Case) -> Finding:
    """9: marketing caps per contact over all channels, the tenant's a day and a week, the law's in 24 hours (CON-78)."""
    if not case.question.marketing:
        return NOT_ASKED
    if case.usage is None:
        return _allow("no counts were given")
    policy, today = case.question.policy, case.usage.marketing_today if case.is_same_day else 0
    counts = f"{today} of {policy.daily_limit} today"
    if today >= policy.daily_limit:
        return _deny("daily_cap_reached", counts)
    rule = case.facts.law.cap()
    if rule is not None and rule.per_24_hours is not None:
        lawful = f"{case.usage.marketing_24_hours} of {rule.per_24_hours} in 24 hours (law: {rule.label})"
        if case.usage.marketing_24_hours >= rule.per_24_hours:
            return _deny("daily_cap_reached", lawful)
        counts = f"{counts}, {lawful}"
    weekly = f"{case.usage.marketing_week} of {policy.weekly_limit} in 7 days"
    if case.usage.marketing_week >= policy.weekly_limit:
        return _deny("weekly_cap_reached", weekly)
    return _allow(f"{counts}, {weekly}")


def check_contact_caps(case: Case) -> Finding:
    """10: the contact's own cap a day; marketing is denied, the rest waits for the next day (CON-79)."""
    if case.facts.daily_cap is None or not case.question.holdable:
        return NOT_ASKED
    if case.usage is None:
        return _allow("no counts were given")
    today = case.usage.sent_today if case.is_same_day else 0
    detail = f"{today} of {case.facts.daily_cap} today"
    if today < case.facts.daily_cap:
        return _allow(detail)
    if case.question.marketing:
        return _deny("daily_cap_reached", detail)
    return _defer("daily_cap_reached", next_local_day(case.instant, case.zone), detail)


def check_quiet_hours(case: Case) -> Finding:
    """11: quiet hours of the contact, of the tenant and of the law (CON-80)."""
    if not case.question.holdable:
        return NOT_ASKED
    held = _Held(case, "quiet_hours", "quiet_hours")
    for owner, window in (("contact", case.facts.quiet_hours), ("tenant", case.question.policy.quiet_hours)):
        if window is not None:
            hours = f"quiet hours {_hours(window)} of the {owner}"
            held.note(hours, closed_until(window, case.instant, case.zone))
    return held.finding()


def check_sms_window(case: Case) -> Finding:
    """12: text messages keep the text windows of deployment, tenant and law (CON-81)."""
    column, channel = case.question.category.column, case.question.channel
    texts = channel == "sms" and column != "critical"
    if not case.question.holdable or not (texts or (channel == "whatsapp" and column == "marketing")):
        return NOT_ASKED
    held = _Held(case, "sms_window", "window")
    for owner, window in (
        ("deployment", case.question.deployment.sms_window),
        ("tenant", case.question.policy.sms_window),
    ):
        held.note(f"text window {_hours(window)} of the {owner}", opens_at(window, case.instant, case.zone))
    return held.finding()


def check_send_window(case: Case) -> Finding:
    """13: marketing keeps the tenant's send window, and the law's where no text window says it (CON-82)."""
    if not case.question.marketing:
        return NOT_ASKED
    held = _Held(case, "send_window", None if case.question.channel in ("sms", "whatsapp") else "window")
    window = case.question.policy.send_window
    held.note(f"send window {_hours(window)} of the tenant", opens_at(window, case.instant, case.zone))
    return held.finding()


def check_frequency(case: Case) -> Finding:
    """14: who takes digests gets it with the first one after the instant asked about (CON-83)."""
    if case.question.category.column not in ("marketing", "transactional") or not case.question.holdable:
        return NOT_ASKED
    frequency = case.facts.frequency
    if case.question.is_digest:
        return _allow(f"the {frequency} digest itself")
    leaves = next_digest(frequency, case.facts.digest_time, case.question.at, case.zone)
    if leaves is None or leaves <= case.instant:
        return _allow(frequency if leaves is None else f"{frequency} digest")
    return _defer("digest", leaves, f"{frequency} digest")


class _Held:
    """What one check of the clock holds a message against: all of it must allow, so the latest instant counts."""

    def __init__(self, case: Case, reason: str, law: Kind | None) -> None:
        self._reason = reason
        self._seen: list[str] = []
        self._until: datetime | None = None
        self._detail = ""
        if law is None:
            return
        for rule in dict.fromkeys(bound.rule for bound in case.facts.law.bounds if bound.rule.kind == law):
            self._seen.append(f"law: {rule.label}")
        if found := case.facts.law.opens_at(law, case.instant):
            self._until, self._detail = found[0], f"law: {found[1]}"

    def note(self, what: str, until: datetime | None) -> None:
        """Notes something that was looked at, and until when it holds the message back."""
        self._seen.append(what)
        if until is not None and (self._until is None or until > self._until):
            self._until, self._detail = until, what

    def finding(self) -> Finding:
        """Returns the latest deferral, else everything that was looked at."""
        if self._until is not None:
            return _defer(self._reason, self._until, self._detail)
        return _allow("; ".join(self._seen) or "none are set")


def daily_limit(facts: Facts, question: Question) -> int:
    """Returns how many marketing messages a day tenant and law allow at most."""
    rule = facts.law.cap() if question.marketing else None
    limit = question.policy.daily_limit
    return limit if rule is None or rule.per_24_hours is None else min(limit, rule.per_24_hours)


CHECKS: tuple[Check, ...] = (
    check_address,
    check_erasure,
    check_suppression,
    check_switches,
    check_opt_out,
    check_dnd,
    check_consent,
    check_preferences,
    check_marketing_caps,
    check_contact_caps,
    check_quiet_hours,
    check_sms_window,
    check_send_window,
    check_frequency,
)
"""Checks 1 to 14 in their order; the fifteenth looks at what they ended with."""

_EXPIRY = 15
_CLOCK_CHECKS = range(9, 15)


def decide(facts: Facts, question: Question, usage: Usage | None) -> Decision:
    """Returns the decision about one person: the same for the same facts, question and counts (CON-86)."""
    case = Case(facts, question, usage, effective_zone(facts, question), question.at)
    findings: dict[int, Finding] = {}
    until, reason = question.at, ""
    for number, check in enumerate(CHECKS, 1):
        finding = findings[number] = check(case)
        if finding.outcome == "deny":
            return _decision(case, "deny", finding.reason, findings)
        if finding.until is not None and finding.until > until:
            until, reason = finding.until, finding.reason
    if reason:
        return _deferred(case, findings, until, reason)
    findings[_EXPIRY] = _allow("nothing to wait for")
    return _decision(case, "allow", "", findings)


def _deferred(case: Case, findings: dict[int, Finding], until: datetime, reason: str) -> Decision:
    """Moves a deferral on until every check that depends on the clock lets the message go then."""
    asked, settled = case.question.at, False
    while not settled:
        if until > asked + LOOK_AHEAD:
            return _decision(case, "deny", "no_window", findings)
        later, settled = replace(case, instant=until), True
        for number in _CLOCK_CHECKS:
            finding = CHECKS[number - 1](later)
            if finding.outcome == "deny":
                kept = {check: found for check, found in findings.items() if check < number}
                return _decision(case, "deny", finding.reason, kept | {number: finding})
            if finding.until is not None:
                findings[number] = finding
                if finding.until > until:
                    until, reason, settled = finding.until, finding.reason, False
    findings[_EXPIRY] = check_expiry(case.question, until)
    if findings[_EXPIRY].outcome == "deny":
        return _decision(case, "deny", findings[_EXPIRY].reason, findings)
    return _decision(case, "defer", reason, findings, until)


def check_expiry(question: Question, until: datetime) -> Finding:
    """15: what would wait until it is worthless is not sent at all (CON-84)."""
    if question.category.critical or question.expires_at is None:
        return NOT_ASKED
    if until < question.expires_at:
        return _allow("it may go before it expires")
    return _deny("expires_before_window", "it expires before it may go")


class UnknownZoneError(ValueError):
    """The zone data does not know a zone that a decision depends on."""


def effective_zone(facts: Facts, question: Question) -> ZoneInfo:
    """Returns the contact's zone, else the branch's, the tenant's, the deployment's (GEN-13).

    Raises:
        UnknownZoneError: The first of them that is set is no zone; guessing another could wake people up.
    """
    name = facts.time_zone or question.branch_time_zone or question.policy.default_time_zone
    try:
        return zone_of(name or question.deployment.default_time_zone)
    except (KeyError, ValueError, OSError):
        raise UnknownZoneError(f"{name!r} is no zone of the zone data") from None


def _allow(detail: str) -> Finding:
    return Finding("allow", detail)


def _deny(reason: str, detail: str) -> Finding:
    return Finding("deny", detail, reason)


def _defer(reason: str, until: datetime, detail: str) -> Finding:
    return Finding("defer", detail, reason, until)


def _hours(window: Window) -> str:
    return "always open" if window.is_empty else f"{window.start:%H:%M}-{window.end:%H:%M}"


def _decision(
    case: Case, outcome: Outcome, reason: str, findings: dict[int, Finding], until: datetime | None = None
) -> Decision:
    checks = tuple(CheckResult(number, findings[number]) for number in sorted(findings))
    limit = daily_limit(case.facts, case.question)
    return Decision(
        outcome,
        reason,
        until,
        checks,
        case.zone.key,
        limit,
        case.facts.law.jurisdictions,
        case.facts.frequency,
    )
