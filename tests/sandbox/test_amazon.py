"""Amazon's faces: its own client library sends, is refused, subscribes and reads the logs as at the real ones."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from sandbox.aws.signature import SECRET
from tests.sandbox.kit import Kit

REGION = "eu-central-1"
TOPIC = f"arn:aws:sns:{REGION}:000000000000:news"
SENDER = "Shop <news@shop.example>"
TAGS = [
    {"Name": "angarium_message_id", "Value": "m1"},
    {"Name": "angarium_campaign_id", "Value": "c1"},
]
SIMPLE = {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "Hi"}, "Html": {"Data": "<p>Hi</p>"}}}


def client(kit: Kit, service: str, key: str = "AKIDEXAMPLE", secret: str = SECRET) -> Any:
    return boto3.client(
        service,
        region_name=REGION,
        endpoint_url=kit.url,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}, proxies={}),
    )


async def run(call: Any, **named: Any) -> Any:
    return await asyncio.to_thread(call, **named)


def bulk(*people: str, template: str = "Hello {{name}}", **more: Any) -> dict[str, Any]:
    content = {"Subject": template, "Text": template, "Html": f"<p>{template}</p>"}
    return {
        "FromEmailAddress": SENDER,
        "ConfigurationSetName": "news",
        "DefaultContent": {"Template": {"TemplateContent": content, "TemplateData": "{}"}},
        "BulkEmailEntries": [
            {
                "Destination": {"ToAddresses": [f"{who}@b.example"]},
                "ReplacementEmailContent": {
                    "ReplacementTemplate": {"ReplacementTemplateData": json.dumps({"name": f"<{who}>"})}
                },
                "ReplacementTags": [{"Name": "angarium_message_id", "Value": f"m-{who}"}],
                "ReplacementHeaders": [{"Name": "X-Own", "Value": who}],
            }
            for who in people
        ],
        **more,
    }


async def subscribed(kit: Kit) -> None:
    """A subscription to the topic, confirmed as a gateway would."""
    place = f"{kit.gateway.url}/webhooks/sendgrid/token"
    answer = await run(client(kit, "sns").subscribe, TopicArn=TOPIC, Protocol="http", Endpoint=place)
    assert answer["SubscriptionArn"] == "pending confirmation"
    while not kit.gateway.webhooks:  # noqa: ASYNC110 - the stand-in offers no event to wait for
        await asyncio.sleep(0.02)
    headers, body = kit.gateway.webhooks.pop()
    told = json.loads(body)
    assert headers["x-amz-sns-message-type"] == told["Type"] == "SubscriptionConfirmation"
    async with kit.session.get(told["SubscribeURL"].replace("Token=", "Token=x")) as wrong:
        assert wrong.status == 400
    confirmed = await run(client(kit, "sns").confirm_subscription, TopicArn=TOPIC, Token=told["Token"])
    assert confirmed["SubscriptionArn"].startswith(TOPIC)


async def test_the_vendors_client_sends_single_and_bulk_messages(kit: Kit) -> None:
    ses = client(kit, "sesv2")
    one = await run(
        ses.send_email,
        FromEmailAddress=SENDER,
        Destination={"ToAddresses": ["silent@b.example"]},
        Content={"Simple": SIMPLE},
        EmailTags=TAGS,
    )
    raw = b"From: news@shop.example\r\nTo: silent@b.example\r\nSubject: Raw\r\n\r\nHi\r\n"
    two = await run(ses.send_email, Content={"Raw": {"Data": raw}})
    assert one["MessageId"] != two["MessageId"]
    several = await run(ses.send_bulk_email, **bulk("silent", "open", "click"))
    assert [entry["Status"] for entry in several["BulkEmailEntryResults"]] == ["SUCCESS"] * 3
    assert (await run(ses.get_account))["SendQuota"]["MaxSendRate"] == 500.0
    assert (await run(ses.get_email_identity, EmailIdentity="news@shop.example"))["VerifiedForSendingStatus"]
    found = await run(ses.get_configuration_set_event_destinations, ConfigurationSetName="news")
    assert found["EventDestinations"][0]["SnsDestination"]["TopicArn"] == TOPIC
    summary = await kit.quiet()
    assert summary["totals"]["accepted"] == 5
    assert (await kit.truth_of("open@b.example"))["subject"] == "Hello <open>"
    assert "the Amazon SES API" in await kit.page("/messages/3")
    assert "X-Own: silent" in await kit.page("/messages/3?view=source")


async def test_refusals_have_the_vendors_names(kit: Kit) -> None:
    for key, secret, code in (
        ("invalid", SECRET, "UnrecognizedClientException"),
        ("AKID", "wrong", "InvalidSignatureException"),
    ):
        with pytest.raises(ClientError) as refused:
            await run(client(kit, "sesv2", key, secret).get_account)
        assert refused.value.response["Error"]["Code"] == code
    wrong: list[tuple[dict[str, Any], str]] = [
        (bulk("a b"), "BadRequestException"),
        (bulk(*["silent"] * 51), "BadRequestException"),
        (bulk("silent", FromEmailAddress="unverified@shop.example"), "MessageRejected"),
        (bulk("silent", ConfigurationSetName="no-such"), "NotFoundException"),
        (bulk("silent", DefaultEmailTags=[{"Name": "a", "Value": "a@b"}]), "BadRequestException"),
    ]
    for request, code in wrong:
        with pytest.raises(ClientError) as refused:
            await run(client(kit, "sesv2").send_bulk_email, **request)
        assert refused.value.response["Error"]["Code"] == code
    await kit.fault("rate_limit", reset=False)
    with pytest.raises(ClientError) as refused:
        await run(client(kit, "sesv2").send_bulk_email, **bulk("silent"))
    assert refused.value.response["Error"]["Code"] == "TooManyRequestsException"
    with pytest.raises(ClientError) as refused:
        await run(client(kit, "sns").publish, PhoneNumber="+12025550111", Message="Hi")
    assert refused.value.response["Error"]["Code"] == "InvalidParameter"
    assert (await kit.quiet())["totals"]["accepted"] == 0


async def test_events_are_published_to_whoever_confirmed_the_subscription(kit: Kit) -> None:
    await subscribed(kit)
    people = ("silent", "bounce", "full", "defer", "complain", "drop")
    await run(client(kit, "sesv2").send_bulk_email, **bulk(*people))
    await kit.quiet()
    told = []
    for _, body in kit.gateway.webhooks:
        envelope = json.loads(body)
        assert (envelope["Type"], envelope["TopicArn"], envelope["SignatureVersion"]) == (
            "Notification",
            TOPIC,
            "2",
        )
        event = json.loads(envelope["Message"])
        who = event["mail"]["destination"][0].partition("@")[0]
        assert event["mail"]["tags"]["angarium_message_id"] == [f"m-{who}"]
        told.append((who, event["eventType"]))
    kinds = {who: {kind for name, kind in told if name == who} for who in people}
    assert kinds["silent"] == {"Send", "Delivery"}
    assert kinds["bounce"] == kinds["full"] == {"Send", "Bounce"}
    assert kinds["defer"] == {"Send", "DeliveryDelay", "Delivery"}
    assert kinds["complain"] == {"Send", "Delivery", "Complaint"}
    assert kinds["drop"] in ({"Bounce"}, {"Complaint"})


async def test_texts_end_in_the_logs_of_sns_and_in_the_events_of_end_user_messaging(kit: Kit) -> None:
    await subscribed(kit)
    sns, voice, logs = (client(kit, name) for name in ("sns", "pinpoint-sms-voice-v2", "logs"))
    began = int(time.time() * 1000) - 1000
    names = {}
    for digits in ("0100", "0106", "0112"):
        answer = await run(
            sns.publish,
            PhoneNumber=f"+1202555{digits}",
            Message="Hi",
            MessageAttributes={"AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Promotional"}},
        )
        names[digits] = answer["MessageId"]
    one = await run(
        voice.send_text_message,
        DestinationPhoneNumber="+12025550100",
        MessageBody="Hi",
        MessageType="TRANSACTIONAL",
        ConfigurationSetName="news",
        Context={"angarium_message_id": "m1"},
    )
    with pytest.raises(ClientError) as refused:
        await run(voice.send_text_message, DestinationPhoneNumber="+12025550112", MessageBody="Hi")
    assert refused.value.response["Reason"] == "DESTINATION_PHONE_NUMBER_OPTED_OUT"
    assert (await run(sns.check_if_phone_number_is_opted_out, phoneNumber="+12025550112"))["isOptedOut"]
    assert (await run(sns.list_phone_numbers_opted_out))["phoneNumbers"] == ["+12025550112"]
    assert (await run(sns.get_sms_attributes))["attributes"]["MonthlySpendLimit"] == "100"
    assert not (await run(sns.get_sms_sandbox_account_status))["IsInSandbox"]
    assert (await run(voice.describe_spend_limits))["SpendLimits"]
    await kit.quiet()
    found: dict[str, dict[str, Any]] = {}
    for suffix in ("", "/Failure"):
        answer = await run(
            logs.filter_log_events,
            logGroupName=f"sns/{REGION}/000000000000/DirectPublishToPhoneNumber{suffix}",
            startTime=began,
            filterPattern="{ "
            + " || ".join(f'$.notification.messageId = "{n}"' for n in names.values())
            + " }",
        )
        for event in answer["events"]:
            line = json.loads(event["message"])
            found[line["notification"]["messageId"]] = line
    assert found[names["0100"]]["status"] == "SUCCESS"
    assert found[names["0106"]]["delivery"]["providerResponse"] == "Invalid phone number"
    assert found[names["0112"]]["delivery"]["providerResponse"] == "Phone number is opted out"
    events = [json.loads(json.loads(body)["Message"]) for _, body in kit.gateway.webhooks]
    assert {event["eventType"] for event in events} == {"TEXT_SENT", "TEXT_DELIVERED"}
    assert {event["messageId"] for event in events} == {one["MessageId"]}
    assert all(event["context"] == {"angarium_message_id": "m1"} for event in events)
    assert 'class="bubbles"' in await kit.page("/messages/1?view=text")
