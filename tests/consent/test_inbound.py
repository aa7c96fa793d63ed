"""Texts people send: stop, start and help words in their languages, each obeyed once."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import consent_events_pb2, consent_pb2, suppression_service_pb2
from angarium.consent.v1 import consent_service_pb2 as pb
from services.common.errors import ServiceError
from services.common.languages import LANGUAGES
from services.consent.consents import keywords
from tests.consent.kit import EMAIL, SMS, WHATSAPP, RunningConsent, Tenant, reason, stamp
from tests.consent.test_consents import events, opt_out

STOPPED, STARTED, HELP, NONE = (
    pb.INBOUND_ACTION_STOPPED,
    pb.INBOUND_ACTION_STARTED,
    pb.INBOUND_ACTION_HELP,
    pb.INBOUND_ACTION_NONE,
)
ACCOUNT = str(uuid4())
STRANGER = "+4915112345678"
PAYMENT = enums_pb2.CATEGORY_PAYMENT


async def text(
    tenant: Tenant, sender: str, said: str, *, channel: int = SMS, at: datetime | None = None, id: str = ""
) -> pb.HandleInboundTextResponse:
    caller = tenant.service("delivery")
    request = pb.HandleInboundTextRequest(
        channel=channel,  # type: ignore[arg-type]
        from_address=sender,
        text=said,
        provider_account_id=ACCOUNT,
        provider_message_id=id or str(uuid4()),
        receive_time=stamp(at) if at else None,
    )
    return await caller.call(caller.consents.HandleInboundText, request)  # type: ignore[no-any-return]


async def summary(tenant: Tenant, contact: UUID) -> consent_pb2.ConsentSummary:
    caller = tenant.staff()
    request = pb.GetContactConsentRequest(contact_id=str(contact))
    found = (await caller.call(caller.consents.GetContactConsent, request)).contact_consent
    return consent_pb2.ConsentSummary(
        marketing_opted_out=found.marketing_opted_out, opt_out_source=found.opt_out_source
    )


@pytest.mark.req("CON-26", "CON-61", "CON-10", "SEC-50")
async def test_a_stop_word_stops_the_channel_and_nothing_at_all_goes_to_the_number_any_more(
    salon: Tenant,
) -> None:
    contact = await salon.contact(language_code="fr")
    number = salon.phone(contact)
    await salon.grant(contact, SMS)
    await salon.grant(contact, WHATSAPP)
    answer = await text(salon, number, "Stop.")
    assert (answer.action, answer.reply_key) == (STOPPED, "sms-stopped")
    assert (answer.language_code, answer.contact_id) == ("fr", str(contact))
    assert reason(await salon.decide(contact, channel=SMS)) == "suppressed"
    assert reason(await salon.decide(contact, channel=SMS, category=PAYMENT)) == "suppressed"
    assert reason(await salon.decide(contact, channel=WHATSAPP)) == "allow"
    assert not (await summary(salon, contact)).marketing_opted_out
    entries = await salon.consent.rows("SELECT channel, scope, reason FROM suppression ORDER BY scope")
    assert entries == [("sms", "all", "sms_stop"), ("sms", "marketing", "customer_unsubscribe")]
    rows = await salon.consent.rows("SELECT status, source FROM consent WHERE channel = 'sms'")
    assert rows == [("revoked", "sms_keyword")]
    actions = await salon.consent.rows("SELECT contact_id, channel, method FROM unsubscribe_action")
    assert actions == [(contact, "sms", "sms_keyword")]
    (told,) = await events(salon.consent, "consent.opted_out", consent_events_pb2.ContactOptedOut)
    assert (told.channel, told.source) == (SMS, consent_pb2.OPT_OUT_SOURCE_SMS_KEYWORD)
    sources = await salon.consent.rows(
        "SELECT DISTINCT change_source FROM consent_audit WHERE new_value LIKE '%%stop'"
    )
    assert sources == [("customer",)]


@pytest.mark.req("CON-61")
async def test_a_word_for_everything_stops_marketing_on_every_channel_and_the_number_on_both(
    salon: Tenant,
) -> None:
    contact = await salon.contact()
    for channel in (EMAIL, SMS, WHATSAPP):
        await salon.grant(contact, channel)
    assert (await text(salon, salon.phone(contact), "STOPALL", channel=WHATSAPP)).action == STOPPED
    assert (await summary(salon, contact)).marketing_opted_out
    for channel in (EMAIL, SMS, WHATSAPP):
        assert reason(await salon.decide(contact, channel=channel)) == "suppressed"
    # The word was a text: mail that is not marketing still arrives.
    assert reason(await salon.decide(contact, category=PAYMENT)) == "allow"
    for channel in (SMS, WHATSAPP):
        assert reason(await salon.decide(contact, channel=channel, category=PAYMENT)) == "suppressed"


@pytest.mark.req("CON-61", "CON-40", "CON-58")
async def test_a_start_word_takes_the_stop_back_and_grants_marketing_on_the_channel(
    consent: RunningConsent,
) -> None:
    # The text came from the number itself, so that double opt-in has nothing left to ask.
    salon = await consent.tenant(double_opt_in_channels=[SMS, EMAIL])
    contact = await salon.contact()
    number = salon.phone(contact)
    await salon.grant(contact, EMAIL, source=consent_pb2.CONSENT_SOURCE_DOUBLE_OPT_IN)
    await text(salon, number, "STOPALL")
    salon.consent.clock.advance(timedelta(minutes=1))
    answer = await text(salon, number, "unstop", id="m1")
    assert (answer.action, answer.reply_key) == (STARTED, "sms-started")
    assert reason(await salon.decide(contact, channel=SMS)) == "allow"
    # What else the stop word stopped stays stopped until the person says more.
    assert reason(await salon.decide(contact, channel=WHATSAPP)) == "suppressed"
    assert reason(await salon.decide(contact)) == "suppressed"
    (row,) = await consent.rows("SELECT status, source FROM consent WHERE channel = 'sms'")
    assert row == ("granted", "sms_keyword")
    [proof] = await consent.proofs(salon.tenant_id, "consent", "channel = 'sms'")
    assert proof is not None
    said = json.loads(proof.evidence or "")
    assert (said["word"], said["provider_message_id"]) == ("unstop", "m1")


@pytest.mark.req("CON-61", "CON-40")
async def test_a_start_word_lifts_neither_bounces_nor_an_opt_out_made_elsewhere(salon: Tenant) -> None:
    contact, staff = await salon.contact(), salon.staff()
    number = salon.phone(contact)
    await staff.suppress(number, SMS, reason=suppression_service_pb2.SUPPRESSION_REASON_INVALID_ADDRESS)
    assert (await text(salon, number, "START")).action == STARTED
    assert reason(await salon.decide(contact, channel=SMS)) == "suppressed"
    other = await salon.contact()
    await staff.call(staff.consents.OptOut, opt_out(other))
    salon.consent.clock.advance(timedelta(minutes=1))
    assert (await text(salon, salon.phone(other), "START")).action == STARTED
    assert (await summary(salon, other)).marketing_opted_out
    assert reason(await salon.decide(other, channel=SMS)) == "opted_out"


@pytest.mark.req("CON-61", "CON-57")
async def test_a_start_word_confirms_what_waits_on_its_number(salon: Tenant) -> None:
    contact = await salon.contact()
    pending = await salon.grant(contact, SMS, double_opt_in=True)
    await text(salon, salon.phone(contact), "Yes!")
    assert reason(await salon.decide(contact, channel=SMS)) == "allow"
    rows = await salon.consent.rows("SELECT consent_id::text, confirmed_at IS NOT NULL FROM consent")
    assert rows == [(pending.consent_id, True)]


@pytest.mark.req("CON-26", "CON-61")
async def test_help_and_anything_else_change_nothing(salon: Tenant) -> None:
    contact = await salon.contact()
    before = await salon.consent.rows("SELECT count(*) FROM outbox")
    asked = await text(salon, salon.phone(contact), "hilfe")
    assert (asked.action, asked.reply_key, asked.language_code) == (HELP, "sms-help", "de")
    for said in ("please stop texting me", "stop it", "", "🛑", "Ok"):
        answer = await text(salon, salon.phone(contact), said)
        assert (answer.action, answer.reply_key, answer.contact_id) == (NONE, "", str(contact))
    assert await salon.consent.rows("SELECT count(*) FROM outbox") == before
    assert not await salon.consent.rows("SELECT FROM consent_audit")


@pytest.mark.req("CON-26", "CON-14", "CON-68")
async def test_a_number_nobody_knows_is_stopped_too_and_stays_so_as_a_new_contact(salon: Tenant) -> None:
    answer = await text(salon, STRANGER, "STOP")
    assert (answer.action, answer.contact_id, answer.language_code) == (STOPPED, "", "en")
    assert reason(await salon.decide(None, channel=SMS, address=STRANGER)) == "suppressed"
    (dump,) = await salon.consent.rows("SELECT string_agg(t::text, '') FROM inbound_text AS t")
    assert STRANGER not in dump[0]
    salon.consent.clock.advance(timedelta(minutes=1))
    assert (await text(salon, STRANGER, "START")).action == STARTED
    assert reason(await salon.decide(None, channel=SMS, address=STRANGER)) == "allow"


@pytest.mark.req("CON-26")
async def test_a_repeated_text_changes_nothing_and_gets_the_same_answer(salon: Tenant) -> None:
    contact = await salon.contact()
    number = salon.phone(contact)
    first = await text(salon, number, "STOP", id="s1")
    salon.consent.clock.advance(timedelta(minutes=1))
    await text(salon, number, "START", id="s2")
    before = await salon.consent.rows("SELECT count(*) FROM outbox")
    for _ in range(3):
        assert await text(salon, number, "STOP", id="s1") == first
        salon.consent.clock.advance(timedelta(days=2))
    assert await salon.consent.rows("SELECT count(*) FROM outbox") == before
    assert reason(await salon.decide(contact, channel=SMS)) == "allow"
    together = await asyncio.gather(*(text(salon, number, "STOP", id="s3") for _ in range(4)))
    assert {one.action for one in together} == {STOPPED}
    assert len(await salon.consent.rows("SELECT FROM unsubscribe_action")) == 2


@pytest.mark.req("CON-26", "CON-61")
async def test_a_start_that_comes_late_does_not_undo_a_stop_that_was_said_after_it(salon: Tenant) -> None:
    contact = await salon.contact()
    number = salon.phone(contact)
    said_at = salon.consent.clock.now()
    salon.consent.clock.advance(timedelta(minutes=5))
    await text(salon, number, "STOP")
    late = await text(salon, number, "START", at=said_at)
    assert (late.action, late.reply_key) == (NONE, "")
    assert reason(await salon.decide(contact, channel=SMS)) == "suppressed"
    # A stop is obeyed however late it comes.
    assert (await text(salon, number, "STOP", at=said_at)).action == STOPPED


@pytest.mark.req("CON-26")
async def test_only_delivery_hands_texts_over_and_only_from_numbers(salon: Tenant) -> None:
    request = pb.HandleInboundTextRequest(
        channel=SMS, from_address=STRANGER, text="STOP", provider_account_id=ACCOUNT, provider_message_id="1"
    )
    for caller in (salon.staff(), salon.service("gateway")):
        with pytest.raises(ServiceError) as denied:
            await caller.call(caller.consents.HandleInboundText, request)
        assert denied.value.reason == "PERMISSION_DENIED"
    for changes, why in (
        ({"sender": "INFO"}, "INVALID_RECIPIENT"),
        ({"sender": STRANGER, "channel": EMAIL}, "VALIDATION_FAILED"),
    ):
        arguments: dict[str, Any] = {"said": "STOP", **changes}
        with pytest.raises(ServiceError) as refused:
            await text(salon, **arguments)
        assert refused.value.reason == why


@pytest.mark.req("CON-61", "GEN-23")
@pytest.mark.parametrize(
    ("said", "meaning", "language"),
    [
        ("STOP", "stop", ""),
        (" “Stop!” 🛑", "stop", ""),
        ("ｓｔｏｐ", "stop", ""),
        ("stop\u200b", "stop", ""),
        ("Opt  Out", "stop", ""),
        ("UNSUBSCRIBE", "stop", ""),
        ("cancel", "stop", ""),
        ("End", "stop", ""),
        ("QUIT", "stop", ""),
        ("StopAll", "stop_all", ""),
        ("START", "start", ""),
        ("yes", "start", ""),
        ("UNSTOP", "start", ""),
        ("help", "help", ""),
        ("Info?", "help", ""),
        ("ABMELDEN", "stop", "de"),
        ("Arrêt", "stop", "fr"),
        ("ARRÊT", "stop", "fr"),
        ("¡Baja!", "stop", "es"),
        ("SAIR", "stop", "pt"),
        ("बंद करें।", "stop", "hi"),
        ("退订", "stop", "zh"),
        ("ｽﾄｯﾌﾟ", "stop", "ja"),
        ("HILFE", "help", "de"),
        ("再開", "start", "ja"),
    ],
)
def test_words_are_understood_in_any_spelling_and_language(said: str, meaning: str, language: str) -> None:
    word = keywords.read(said)
    assert word is not None
    assert (word.meaning, word.language("")) == (meaning, language)


@pytest.mark.req("CON-61", "GEN-23")
def test_every_language_has_words_for_everything() -> None:
    words = [one for one in keywords._words().values() if one.languages]
    for language in set(LANGUAGES) - {"en"}:
        assert {one.meaning for one in words if language in one.languages} == {
            "stop",
            "stop_all",
            "start",
            "help",
        }


def test_a_word_of_two_languages_is_answered_in_the_one_the_person_prefers() -> None:
    word = keywords.read("停止")
    assert word is not None
    assert (word.language("ja"), word.language("zh-TW"), word.language("de")) == ("ja", "zh", "zh")


@pytest.mark.req("CON-61")
@given(st.text(max_size=40), st.sampled_from(["stop", "start", "help", "退订", "बंद करें"]))
def test_a_word_with_letters_or_digits_around_it_is_no_word(around: str, word: str) -> None:
    said = f"{around} {word}"
    found = keywords.read(said)
    if any(character.isalnum() for character in around):
        assert found is None or found.text == keywords.normal(said) != word
    assert keywords.normal(keywords.normal(said)) == keywords.normal(said)
