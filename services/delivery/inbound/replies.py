"""Answers to texts of people: system messages by the templates of the platform (DEL-33).

Whoever writes is answered at once, at any hour. The confirmation of a stop word is the last message to its number: by the
time it leaves, the number is suppressed. So consent is asked before the word takes effect, and nobody is told of a stop
who was to get nothing before.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import message_pb2
from angarium.delivery.v1 import message_service_pb2 as pb
from services.common.errors import ServiceError
from services.common.rpc.context import Caller, bind
from services.delivery.compliance.client import Outcome, Person, Question
from services.delivery.enums import wire
from services.delivery.inbound.consent import Text, TextReader, Understood
from services.delivery.messages import batching
from services.delivery.messages.domain import Category
from services.delivery.messages.handlers import Acceptance
from services.delivery.templates.source import TemplateSource

log = structlog.get_logger("inbound")

NAME: Final = "delivery"
STARTED: Final = "started"
GOOD_FOR: Final = timedelta(minutes=5)
"""A confirmation that comes later than this is a message nobody asked for."""


class Replies:
    """Has texts understood, and answers them."""

    def __init__(self, reader: TextReader, templates: TemplateSource, acceptance: Acceptance) -> None:
        self._reader = reader
        self._templates = templates
        self._acceptance = acceptance

    async def answer(self, tenant_id: UUID, text: Text) -> tuple[str, str]:
        """Returns what consent did about a text, and the id of the message that answers it.

        May be repeated: a text takes effect once and is answered at most once.
        """
        may_answer = await self._may_answer(tenant_id, text)
        understood = await self._reader.read(tenant_id, text)
        if text.is_answered or not understood.reply:
            return understood.action, ""
        if understood.action == STARTED:
            may_answer = await self._may_answer(tenant_id, text)
        if not may_answer:
            return understood.action, ""
        try:
            return understood.action, await self._send(tenant_id, text, understood)
        except ServiceError as error:
            if error.reason != "NOT_FOUND":
                raise
            log.warning("there is no template to answer a text with", template=understood.reply)
            return understood.action, ""

    async def _may_answer(self, tenant_id: UUID, text: Text) -> bool:
        question = Question(text.channel, Category.ACCOUNT)
        [decision] = await self._acceptance.compliance.preview(
            tenant_id, question, [Person("", text.from_address)]
        )
        return decision.outcome is not Outcome.DENY

    async def _send(self, tenant_id: UUID, text: Text, understood: Understood) -> str:
        version_id = await self._templates.active(tenant_id, understood.reply, text.channel)
        content = pb.MessageContent(
            channel=wire(text.channel),
            category=enums_pb2.CATEGORY_ACCOUNT,
            priority=enums_pb2.PRIORITY_HIGH,
            template_version_id=str(version_id),
            origin=message_pb2.ORIGIN_REPLY,
        )
        content.expire_time.FromDatetime(self._acceptance.clock.now() + GOOD_FOR)
        recipient = pb.Recipient(
            address=text.from_address,
            contact_id=understood.contact_id,
            language_code=understood.language,
        )
        request = pb.SendBatchRequest(
            content=content,
            recipients=[recipient],
            idempotency_key=f"inbound:{text.account_id}:{text.provider_message_id}"[:255],
        )
        caller = Caller.of_service(NAME, tenant_id)
        with bind(caller):
            answer = await batching.send_batch(self._acceptance, caller, tenant_id, request)
        return next(iter(answer.message_ids), "")
