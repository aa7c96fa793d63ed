"""Texts by Amazon: one request per recipient, as many at a time as the account allows."""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from typing import Final
from uuid import UUID

from services.delivery.providers.aws.connection import Service
from services.delivery.providers.aws.errors import words_of
from services.delivery.providers.aws_sns.body import MESSAGE_ID, Texts, texts_of
from services.delivery.providers.aws_sns.checking import verified
from services.delivery.providers.aws_sns.codes import meaning_of
from services.delivery.providers.aws_sns.events import parse_notification
from services.delivery.providers.aws_sns.kind import END_USER_MESSAGING, HOSTS, SNS
from services.delivery.providers.aws_sns.logs import DeliveryLogs
from services.delivery.providers.base import (
    Account,
    Asked,
    Block,
    Lookup,
    Outcome,
    Outgoing,
    Presence,
    Receipt,
    Verification,
)
from services.delivery.providers.meanings import weighed
from services.delivery.providers.singles import one_by_one

ANSWER: Final = 64 * 1024


class AwsSns:
    """A key of one region for texts by SNS or by End User Messaging."""

    name = "aws_sns"
    channel = "sms"
    max_batch = 1

    def __init__(self, account: Account) -> None:
        self._account = account
        word = account.text("service", SNS)
        self._is_new = word == END_USER_MESSAGING
        host = HOSTS[word]
        self._service = Service(account, host, host)
        self._logs_service = Service(account, "logs", "logs")
        log_account = account.text("log_account")
        self._logs = (
            DeliveryLogs(self._logs_service, account.text("region"), log_account) if log_account else None
        )

    async def send(self, block: Block) -> AsyncIterator[list[Outcome]]:
        """One request per text; outcomes come as they are answered."""
        texts = texts_of(self._account, block)
        hand_over = partial(self._hand_over, texts)
        async for outcomes in one_by_one(
            block.outgoing, texts.refusal, hand_over, self._account.max_concurrency
        ):
            yield outcomes

    async def _hand_over(self, texts: Texts, one: Outgoing) -> list[Outcome]:
        started = time.monotonic()
        answer = await self._service.post("/", texts.body(one), texts.headers, limit=ANSWER)
        name = ""
        if answer.status == 200:
            found = MESSAGE_ID.search(answer.body)
            name = (
                str(answer.json().get("MessageId") or "")
                if self._is_new
                else found[1].decode()
                if found
                else ""
            )
        outcome = answer.outcome(
            one.message_id, time.monotonic() - started, words=words_of(answer), provider_message_id=name[:200]
        )
        meaning = None if answer.failure or answer.status == 200 else meaning_of(answer)
        return [weighed(outcome, meaning, answer) if meaning else outcome]

    async def verify(self) -> Verification:
        """Checks the key, who texts come from, the list of opted-out numbers and how delivery is told."""
        return await verified(self._account, self._service, self._logs)

    async def look_up(self, message_ids: Sequence[UUID]) -> dict[UUID, Lookup]:
        """Neither service can be asked for a text by our reference; events tell, where there are any."""
        return dict.fromkeys(message_ids, Lookup(Presence.UNKNOWABLE))

    async def poll(self, asked: Sequence[Asked]) -> list[Receipt]:
        """What the delivery logs say of texts by SNS, where the account has them read."""
        return await self._logs.read(asked) if self._logs is not None else []

    def parse_receipts(self, raw: bytes, headers: Mapping[str, str]) -> list[Receipt]:  # noqa: ARG002 - the body says all
        """The event of a notification; the gateway has checked its signature and its topic."""
        return parse_notification(raw)

    async def close(self) -> None:
        """Closes kept-open connections."""
        await self._service.close()
        await self._logs_service.close()
