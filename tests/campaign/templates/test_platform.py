"""What the platform says: every template the tables name, courteous to everybody, safe with what is known and what is not."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any

import pytest

from angarium.common.v1 import enums_pb2
from services.campaign.approvals import drafts
from services.campaign.rules.table import platform
from services.campaign.templates import rendering
from services.campaign.templates.catalogue import catalogue
from services.campaign.templates.domain import (
    CHANNEL_WORDS,
    EMAIL,
    SMS,
    MessageClass,
    Template,
    TemplateType,
    VariableKind,
    Version,
)
from services.common.templating import ContentSource, Options, compile_content
from services.common.templating.sms import count_sms
from tests.campaign.templates.reading import (
    Shown,
    channel_of,
    composed,
    of,
    samples_of,
    shown,
    version_of,
)

PRODUCTS = ("angarium", "sendgrid", "twilio")

# What the tables of inbound events and of lifecycle name, with the channels of their rows.
CHANNELS = {
    "payment-success": "email sms",
    "payment-failed": "email sms",
    "payment-action-required": "email push",
    "refund-requested": "email",
    "refund-processed": "email sms",
    "refund-failed": "email",
    "dispute-created": "email",
    "dispute-updated": "email",
    "order-confirmation": "email in_app",
    "order-expired": "push email",
    "order-cancelled": "email",
    "order-delayed": "email",
    "order-shipped": "email push",
    "order-delivered": "push in_app",
    "ticket-purchased": "email push",
    "ticket-transfer-sent": "email in_app",
    "ticket-transfer-received": "email in_app",
    "transfer-offered": "email push",
    "transfer-updated": "in_app email",
    "ticket-cancelled": "email push",
    "reservation-expiring": "push in_app sms",
    "reservation-expired": "push email",
    "event-reminder": "email sms",
    "event-cancelled": "email sms push",
    "event-updated": "email push",
    "account-verification": "email",
    "password-reset": "email",
    "account-security-alert": "email push",
    "venue-announcement": "email push",
    "group-payment-invitation": "email",
    "group-payment-reminder": "email",
    "group-payment-received": "email",
    "group-payment-progress": "in_app",
    "group-payment-completed": "email",
    "group-payment-partial": "email",
    "group-payment-cancelled": "email",
    "group-payment-failed": "email",
    "waiting-room-joined": "in_app",
    "waiting-room-ready": "push sms email in_app",
    "waiting-room-expiring": "push in_app",
    "waiting-room-expired": "push in_app",
    "payout-initiated": "email",
    "payout-paid": "email",
    "payout-failed": "email",
    "tax-document-available": "email",
    "escrow-updated": "email",
    "subscription-billed": "email",
    "security-alert": "email",
    "ops-alert": "email",
    "appointment-booked": "whatsapp sms email",
    "appointment-reminder": "whatsapp sms email",
    "appointment-cancelled": "whatsapp sms email",
    "invoice-receipt": "email",
    "membership-active": "email",
    "membership-ended": "email",
    "package-active": "email",
    "consent-confirmation": "email sms push whatsapp",
    "fresh-link": "email sms",
    "digest": "email sms push in_app whatsapp",
    "referral-rewarded": "email sms whatsapp push in_app",
    "staff-followup": "in_app push",
    "budget-alert": "email",
}

# Variables that the requirements name (EVT-84).
VARIABLES = {
    ("payment-success", "email"): "user amount currency eventName ticketCount orderId orderUrl supportEmail",
    ("payment-success", "sms"): "amount eventName orderIdShort shortUrl",
    ("payment-failed", "email"): "user amount currency eventName orderId reason retryUrl supportEmail",
    ("payment-failed", "sms"): "eventName shortUrl",
    ("refund-processed", "email"): "user amount currency orderId refundId reason processingTime supportEmail",
    ("refund-processed", "sms"): "amount processingTime",
    ("dispute-created", "email"): "orderId amount userId reason created",
    ("order-confirmation", "email"): "customerName orderNumber items totalAmount",
    ("ticket-purchased", "email"): "user event ticketCount ticketType orderId nftMinted passUrl",
    ("event-reminder", "email"): "user event hoursUntil ticketCount",
    ("event-reminder", "sms"): "eventName timeUntil venue shortUrl",
    ("account-verification", "email"): "user verificationCode verificationUrl",
    ("group-payment-invitation", "email"): "name eventName amountDue minutesLeft payUrl",
    ("group-payment-reminder", "email"): "name eventName amountDue minutesLeft payUrl isFinal",
}

# Template and category of each trigger (LIF-46 to LIF-56), and what its row lets it show.
TRIGGERS = {
    "post-visit-thank-you": ("VISIT_FOLLOWUP", "staffName branchName"),
    "rebooking-reminder": ("REBOOKING", "lastVisitDate serviceName bookingUrl"),
    "birthday-wish": ("BIRTHDAY", "couponCode"),
    "feedback-request": ("FEEDBACK", "feedbackUrl"),
    "package-expiry": ("PACKAGE_OFFER", "packageName expiryDate remaining"),
    "miss-you": ("WIN_BACK", "daysSince couponCode"),
    "membership-expiry": ("MEMBERSHIP_OFFER", "planName expiryDate"),
    "first-visit-followup": ("VISIT_FOLLOWUP", "visitDate"),
    "anniversary-wish": ("ANNIVERSARY", ""),
    "loyalty-points-earned": ("LOYALTY", "points balance"),
    "loyalty-points-expiring": ("LOYALTY", "points expiryDate"),
}


def is_approved_first(template: Template) -> bool:
    """Returns whether WhatsApp must know a text; answers within a conversation need no approval."""
    answers = ("consent-confirmation", "digest", "sms-help", "sms-started", "sms-stopped")
    return CHANNEL_WORDS[template.channel] == "whatsapp" and template.name not in answers


SENT = [
    one
    for one in catalogue().versions
    if (found := catalogue().by_id(one.template_id)) and found.template_type is not TemplateType.LAYOUT
]


def named(one: Version) -> str:
    """Returns how a test calls a version."""
    template = of(one)
    return f"{template.name}:{CHANNEL_WORDS[template.channel]}"


def mail(template: str, language: str = "en", **values: Any) -> Shown:
    """Returns an e-mail with samples, and with these values in place of theirs."""
    version = version_of(template, EMAIL)
    return shown(version, language, {**samples_of(version), **values})


def needed(version: Version) -> set[str]:
    return {one.name for one in version.variables if one.required and one.default is None}


def situations(version: Version) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields values: all samples, only what is needed, and everything else empty, as rules give what nobody told."""
    samples = samples_of(version)
    bare = {name: value for name, value in samples.items() if name in needed(version)}
    nothing: dict[VariableKind, Any] = {
        VariableKind.NUMBER: 0,
        VariableKind.LIST: [],
        VariableKind.OBJECT: {},
        VariableKind.MONEY: {},
    }
    empty = {one.name: nothing.get(one.kind, "") for one in version.variables if not one.required}
    yield "samples", samples
    yield "bare", bare
    yield "empty", {**empty, **bare}


def money(currency: str, units: int) -> dict[str, Any]:
    return {"currency_code": currency, "units": units, "nanos": 0}


@pytest.mark.req("EVT-84")
def test_every_template_that_the_tables_name_is_there_on_the_channels_of_its_row() -> None:
    lacking = [
        f"{name}:{channel}"
        for name, channels in {
            **CHANNELS,
            **dict.fromkeys(TRIGGERS, "whatsapp sms email push in_app"),
        }.items()
        for channel in channels.split()
        if catalogue().by_name(name, channel_of(channel)) is None
    ]
    assert not lacking


@pytest.mark.req("EVT-84", "EVT-131")
def test_templates_show_the_variables_that_the_requirements_name() -> None:
    for (name, channel), variables in VARIABLES.items():
        declared = {one.name for one in version_of(name, channel_of(channel)).variables}
        assert declared >= set(variables.split()), (name, channel)


@pytest.mark.req("EVT-84", "EVT-131")
@pytest.mark.parametrize("rule", platform().rules, ids=lambda one: one.name)
def test_a_rule_finds_its_template_on_each_channel_and_gives_it_what_it_needs(rule: Any) -> None:
    for word in rule.channels:
        version = version_of(rule.template, channel_of(word))
        assert needed(version) <= set(rule.variables), word
        given = platform().variables[rule.name]
        for one in version.variables:
            if one.name in given and one.kind in (VariableKind.MONEY, VariableKind.LIST, VariableKind.URL):
                assert given[one.name].kind == one.kind.name.lower(), one.name


@pytest.mark.req("EVT-84", "EVT-86", "EVT-87", "CAM-90")
@pytest.mark.parametrize("version", SENT, ids=named)
def test_nothing_strange_is_said_whatever_is_known(version: Version) -> None:
    for one in version.contents:
        for situation, values in situations(version):
            found = shown(version, one.language_code, values)
            said = re.sub(
                r"<style>.*?</style>", "", f"{found.subject}\n{found.text}\n{found.html}", flags=re.DOTALL
            )
            place = (one.language_code, situation, said)
            assert not re.search(r"\{\{|\}\}|\{%|%\}|\bNone\b|\bundefined\b", said), place
            assert "$" not in said, place
            assert not any(name in said.lower() for name in PRODUCTS), place
            assert found.subject == found.subject.strip(), place
            assert found.text.strip(), place
            assert "  " not in found.subject, place
            assert " ." not in found.text, place
            assert " ," not in found.text, place


@pytest.mark.req("EVT-86")
@pytest.mark.parametrize("version", SENT, ids=named)
def test_a_message_says_whose_it_is(version: Version) -> None:
    for one in version.contents:
        found = shown(version, one.language_code, samples_of(version))
        assert "Bazaar" in f"{found.subject}\n{found.text}"


@pytest.mark.req("EVT-84", "CAM-93")
@pytest.mark.parametrize("version", [one for one in SENT if of(one).channel == SMS], ids=named)
def test_an_english_text_message_takes_one_segment(version: Version) -> None:
    counted = count_sms(shown(version, "en", samples_of(version)).text)
    assert (counted.encoding, counted.segments) == ("GSM-7", 1)


@pytest.mark.req("EVT-84")
@pytest.mark.parametrize("version", [one for one in SENT if of(one).channel == SMS], ids=named)
def test_a_text_message_in_another_language_takes_at_most_two_segments(version: Version) -> None:
    for one in version.contents:
        found = shown(version, one.language_code, samples_of(version))
        assert count_sms(found.text).segments <= 2, (one.language_code, found.text)


@pytest.mark.req("LIF-46", "LIF-47", "LIF-48", "LIF-49", "LIF-50", "LIF-51", "LIF-52", "LIF-53", "LIF-54")
@pytest.mark.req("LIF-55", "LIF-56")
@pytest.mark.parametrize("name", TRIGGERS)
def test_a_trigger_has_its_template_in_three_languages_on_every_channel(name: str) -> None:
    category, variables = TRIGGERS[name]
    for channel in CHANNEL_WORDS:
        if CHANNEL_WORDS[channel] == "webhook":
            continue
        version = version_of(name, channel)
        template = of(version)
        assert template.template_type is TemplateType.TRIGGER
        assert template.category == enums_pb2.Category.Value(f"CATEGORY_{category}")
        assert template.message_class is MessageClass.MARKETING
        assert {"en", "es", "hi"} <= {one.language_code for one in version.contents}
    assert set(variables.split()) <= {one.name for one in version_of(name, EMAIL).variables}


@pytest.mark.req("EVT-84", "LIF-82", "CON-64")
@pytest.mark.parametrize(
    "version",
    [one for one in SENT if of(one).message_class is MessageClass.MARKETING and of(one).channel == EMAIL],
    ids=named,
)
def test_marketing_shows_the_way_out_in_every_language(version: Version) -> None:
    assert {"en", "es", "hi"} <= {one.language_code for one in version.contents}
    for one in version.contents:
        found = shown(version, one.language_code, samples_of(version))
        assert rendering.PREVIEW_TRAIL.unsubscribe_url in found.html
        assert rendering.PREVIEW_TRAIL.unsubscribe_url in found.text


@pytest.mark.req("CAM-94")
@pytest.mark.parametrize("version", [one for one in SENT if is_approved_first(of(one))], ids=named)
def test_whatsapp_may_be_asked_to_approve_each_text(version: Version) -> None:
    for one in version.contents:
        body = drafts.body_of(version, one)
        assert "{{1}}" in body
        examples = drafts.examples_of(version, one, samples_of(version))
        assert len(examples) == len(one.variable_order)
        assert all(examples)


@pytest.mark.req("EVT-85")
@pytest.mark.parametrize(
    ("name", "key"),
    [("account-verification", "user"), ("payment-success", "user"), ("group-payment-invitation", "name")],
)
def test_a_missing_name_is_greeted_without_one(name: str, key: str) -> None:
    nobody: dict[str, Any] = {key: "" if key == "name" else {"name": "", "firstName": ""}}
    assert "Hello," in mail(name, **nobody, contact={}).text
    assert "Hello Ada," in mail(name, **nobody).text  # what is known of the contact
    some: dict[str, Any] = {key: "Ravi" if key == "name" else {"name": "Ravi Rao", "firstName": ""}}
    assert re.search(r"Hello Ravi( Rao)?,", mail(name, **some).text)
    assert "Hola," in mail(name, "es", **nobody, contact={}).text


@pytest.mark.req("EVT-87")
@pytest.mark.parametrize(
    ("currency", "units", "wanted"),
    [("JPY", 9000, "¥9,000"), ("INR", 950, "₹950.00"), ("CHF", 12, "CHF"), ("EUR", 48, "€48.00")],
)
def test_an_amount_is_said_in_its_own_currency(currency: str, units: int, wanted: str) -> None:
    amount = money(currency, units)
    assert wanted in mail("payment-success", amount=amount, currency=currency).text
    assert wanted in mail("refund-processed", amount=amount).html
    text = version_of("payment-success", SMS)
    samples = samples_of(text)
    assert wanted in shown(text, "en", {**samples, "amount": amount}).text


@pytest.mark.req("EVT-85")
@pytest.mark.parametrize(
    "name",
    ["payment-success", "payment-failed", "event-reminder", "reservation-expiring", "waiting-room-ready"],
)
def test_the_link_of_a_text_message_is_a_short_one(name: str) -> None:
    version = version_of(name, SMS)
    assert version.shorten_links
    options = Options(channel="sms", language="en", marketing=False, shorten_links=version.shorten_links)
    source = ContentSource(text=version.content("en").text)
    compiled = compile_content(source, rendering.engine_variables(version.variables), options)
    assert any(link.is_short and link.url is None for link in compiled.links)


@pytest.mark.req("EVT-47", "DEL-89")
@pytest.mark.parametrize("name", ["password-reset", "account-verification", "tax-document-available"])
def test_links_that_open_an_account_are_never_tracked(name: str) -> None:
    version = composed(version_of(name, EMAIL).version_id)
    for one in version.contents:
        options = Options(
            channel="email", language=one.language_code, marketing=False, translations=one.translations
        )
        source = ContentSource(subject=one.subject, html=one.html)
        declared = (*version.variables, *rendering.implicit_variables())
        assert compile_content(source, rendering.engine_variables(declared), options).links == ()


@pytest.mark.req("EVT-46", "EVT-47", "EVT-48")
@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("account-verification", "If you did not open an account"),
        ("password-reset", "If it was not you"),
        ("account-security-alert", "Was it not you?"),
    ],
)
def test_security_mail_says_what_to_do_when_it_was_somebody_else(name: str, wanted: str) -> None:
    assert wanted in mail(name).text


@pytest.mark.req("EVT-54", "EVT-84")
@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ({"minutesLeft": 5, "isFinal": 0}, "5 minutes left for Harbour Lights"),
        ({"minutesLeft": 2, "isFinal": 0}, "Only 2 minutes left for Harbour Lights"),
        ({"minutesLeft": 1, "isFinal": 0}, "Only 1 minute left for Harbour Lights"),
        ({"minutesLeft": 1, "isFinal": 1}, "Last reminder: pay your share for Harbour Lights now"),
    ],
)
def test_a_group_is_reminded_in_three_wordings(values: Mapping[str, Any], wanted: str) -> None:
    assert mail("group-payment-reminder", **values).subject == wanted


@pytest.mark.req("CAM-91", "EVT-42")
def test_times_are_said_in_the_zone_of_the_message() -> None:
    version = version_of("event-reminder", EMAIL)
    for zone, wanted in (("Europe/Berlin", "7:30"), ("America/New_York", "1:30"), (str(UTC), "6:30")):
        found = shown(version, "en", samples_of(version), zone=zone)
        assert f"December 12, 2026, {wanted}" in found.text


@pytest.mark.req("CAM-92")
@pytest.mark.parametrize(("colour", "wanted"), [("#ffe14d", "#000000"), ("#8a4b1f", "#ffffff")])
def test_the_words_of_a_button_can_be_read_on_the_tenants_colour(colour: str, wanted: str) -> None:
    version = version_of("payment-success", EMAIL)
    found = shown(version, "en", samples_of(version), colour=colour)
    button = re.search(r'<a class="button"[^>]*>', found.html)
    assert button is not None
    assert f"background-color:{colour};color:{wanted}" in re.sub(r"\s*([:;])\s*", r"\1", button[0])
