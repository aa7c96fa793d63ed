"""Whether an account can send texts and hear of them; nothing is sent."""

import re
from typing import Any, Final
from urllib.parse import urlencode

from services.delivery.providers.aws.connection import Service
from services.delivery.providers.aws.errors import words_of
from services.delivery.providers.aws_sns.body import FORM, VERSION
from services.delivery.providers.aws_sns.kind import END_USER_MESSAGING
from services.delivery.providers.aws_sns.logs import DeliveryLogs
from services.delivery.providers.base import Account, Verification
from services.delivery.providers.http import Answer

_NUMBERS: Final = re.compile(rb"<member>")
_SANDBOX: Final = re.compile(rb"<IsInSandbox>true</IsInSandbox>")
_LIMIT: Final = re.compile(rb"<key>MonthlySpendLimit</key>\s*<value>([0-9.]{1,20})</value>")
OPT_OUTS: Final = "Default"


async def verified(account: Account, service: Service, logs: DeliveryLogs | None) -> Verification:
    """What a live check found; the first thing that is wrong."""
    if account.text("service") == END_USER_MESSAGING:
        return await _end_user_messaging(account, service)
    limits = await _ask(service, "GetSMSAttributes")
    if limits.status != 200:
        return limits.unverified(words_of(limits) or "the key was refused")
    out = await _ask(service, "ListPhoneNumbersOptedOut")
    if out.status != 200:
        return out.unverified(f"the list of opted-out numbers cannot be read: {words_of(out)}")
    words = ["the key is accepted"]
    if limit := _LIMIT.search(limits.body):
        words.append(f"at most {limit[1].decode()} US dollars a month")
    words.append(_opted_out(len(_NUMBERS.findall(out.body)), b"<nextToken>" in out.body))
    state = await _ask(service, "GetSMSSandboxAccountStatus")
    if _SANDBOX.search(state.body):
        words.append("the account is in Amazon's sandbox: only verified numbers are written to")
    if logs is None:
        words.append("without log_account nobody hears what became of texts")
    elif problem := await logs.problem():
        return _wrong(problem)
    return Verification(True, "; ".join(words))


async def _end_user_messaging(account: Account, service: Service) -> Verification:
    limits = await _call(service, "DescribeSpendLimits")
    if limits.status != 200:
        return limits.unverified(words_of(limits) or "the key was refused")
    out = await _call(service, "DescribeOptedOutNumbers", OptOutListName=OPT_OUTS, MaxResults=100)
    if out.status != 200:
        return out.unverified(f"the list of opted-out numbers cannot be read: {words_of(out)}")
    name, topic = account.text("configuration_set"), account.text("topic_arn")
    if name:
        found = await _call(service, "DescribeConfigurationSets", ConfigurationSetNames=[name])
        sets = found.json().get("ConfigurationSets")
        if found.status != 200 or not sets:
            return _wrong(words_of(found) or f"there is no configuration set {name}")
        if topic and not any(_topic(one) == topic for one in sets[0].get("EventDestinations") or ()):
            return _wrong(f"{name} does not tell its events to the topic")
    numbers = out.json().get("OptedOutNumbers")
    count = len(numbers) if isinstance(numbers, list) else 0
    words = ["the key is accepted", _opted_out(count, bool(out.json().get("NextToken")))]
    if not name:
        words.append("without configuration_set nobody hears what became of texts")
    return Verification(True, "; ".join(words))


def _topic(destination: Any) -> str:
    sns = destination.get("SnsDestination") if isinstance(destination, dict) else None
    return str(sns.get("TopicArn") or "") if isinstance(sns, dict) and destination.get("Enabled") else ""


def _opted_out(count: int, more: bool) -> str:
    return f"{'more than ' if more else ''}{count} numbers have opted out"


async def _ask(service: Service, action: str) -> Answer:
    return await service.post("/", urlencode({"Action": action, "Version": VERSION}).encode(), FORM)


async def _call(service: Service, operation: str, **values: object) -> Answer:
    return await service.call(f"PinpointSMSVoiceV2.{operation}", "1.0", values)


def _wrong(words: str) -> Verification:
    return Verification(False, words, provider_fault=True)
