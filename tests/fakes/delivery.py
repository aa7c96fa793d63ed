"""Delivery as its callers meet it: a real server that keeps what it accepted, each id once."""

import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from angarium.delivery.v1 import explain_service_pb2 as explain_pb
from angarium.delivery.v1 import (
    explain_service_pb2_grpc,
    message_pb2,
    provider_service_pb2,
    provider_service_pb2_grpc,
)
from angarium.delivery.v1 import message_service_pb2 as pb
from angarium.delivery.v1 import message_service_pb2_grpc as grpc_pb
from services.common.errors import ServiceError, failed, invalid, unavailable
from services.common.money import Money
from services.common.rpc.server import RunningServer, start_server
from services.common.rpc.status import to_status
from services.common.service import Registration, Service
from services.common.settings import CommonSettings
from tests.common.given import ReadyDatabase
from tests.fakes.shelf import Shelf
from tests.fakes.wallets import FakeWallets

PENDING = message_pb2.Message.STATE_PENDING
SKIPPED = message_pb2.Message.STATE_SKIPPED


@dataclass
class Accepted:
    """A message that was accepted."""

    content: pb.MessageContent
    recipient: pb.Recipient
    state: int = PENDING
    reason: str = ""


@dataclass
class FakeDelivery(
    grpc_pb.MessageServiceServicer,
    provider_service_pb2_grpc.ProviderServiceServicer,
    explain_service_pb2_grpc.ExplainServiceServicer,
):
    """Accepts blocks under their keys; a known id is a duplicate, a key with another body a conflict."""

    messages: dict[str, Accepted] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    answers: dict[str, pb.SendBatchResponse] = field(default_factory=dict)
    """What it said to each key, and says again."""
    offered: Counter[str] = field(default_factory=Counter)
    told: list[tuple[str, pb.MessageSelector]] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    rate: Decimal | None = Decimal("0.001")
    currency: str = "EUR"
    before: Callable[[], Awaitable[None]] | None = None
    after: Callable[[], Awaitable[None]] | None = None
    error: ServiceError | None = None
    is_deaf: bool = False
    page_size: int = 1000
    address: str = ""
    stopped: dict[str, str] = field(default_factory=dict)
    """Contacts or addresses that are skipped, and why."""
    hand_overs: dict[str, pb.HandOver] = field(default_factory=dict)
    senders: list[provider_service_pb2.SenderVerification] = field(default_factory=list)
    """What accounts say of any sender."""
    asked_senders: list[str] = field(default_factory=list)
    route: provider_service_pb2.GetChannelRouteResponse.Route = (
        provider_service_pb2.GetChannelRouteResponse.ROUTE_OPEN
    )
    """What it says of any channel."""
    is_silent_about_routes: bool = False
    shelf: Shelf = field(default_factory=Shelf)
    wallets: FakeWallets = field(default_factory=FakeWallets)

    async def SendBatch(self, request: Any, context: Any) -> pb.SendBatchResponse:
        return self._accept(request)

    async def SendMessage(self, request: Any, context: Any) -> pb.SendMessageResponse:
        key = request.idempotency_key
        if request.channels:
            return await self._choose(request)
        batch = pb.SendBatchRequest(
            content=request.content, recipients=[request.recipient], idempotency_key=key
        )
        answer = self._accept(batch)
        if self.after is not None:
            await self.after()
        return pb.SendMessageResponse(
            message_id=request.recipient.message_id,
            state=PENDING,
            deduplicated=bool(answer.duplicate_count),
        )

    async def StreamMessages(self, request_iterator: Any, context: Any) -> AsyncIterator[Any]:
        async for request in request_iterator:
            answer = pb.StreamMessagesResponse(idempotency_key=request.batch.idempotency_key)
            if self.before is not None:
                await self.before()
            try:
                answer.result.CopyFrom(self._accept(request.batch))
            except ServiceError as error:
                answer.error.CopyFrom(to_status(error, "delivery"))
            if self.after is not None:
                await self.after()
            yield answer

    async def BatchGetHandOvers(self, request: Any, context: Any) -> pb.BatchGetHandOversResponse:
        if self.error is not None:
            raise self.error
        known = [self.hand_overs.get(one) for one in request.message_ids]
        return pb.BatchGetHandOversResponse(hand_overs=[one for one in known if one is not None])

    async def StreamRunStates(self, request: Any, context: Any) -> AsyncIterator[Any]:
        found = [
            (message_id, one)
            for message_id, one in self.messages.items()
            if one.content.run_id == request.run_id
        ]
        for start in range(0, len(found), 1000):
            part = found[start : start + 1000]
            yield pb.StreamRunStatesResponse(
                message_ids=[message_id for message_id, _ in part],
                states=[one.state for _, one in part],
                reasons=[one.reason for _, one in part],
            )

    async def GetRunAccount(self, request: Any, context: Any) -> explain_pb.GetRunAccountResponse:
        found = self._resendable(request.run_id)
        line = explain_pb.RunAccountLine(
            standing=explain_pb.RUN_STANDING_FAILED, count=len(found), resendable_count=len(found)
        )
        return explain_pb.GetRunAccountResponse(
            lines=[line] if found else [],
            total_count=len(self.of_run(request.run_id)),
            resendable_count=len(found),
        )

    async def ListRunMessages(self, request: Any, context: Any) -> explain_pb.ListRunMessagesResponse:
        assert request.resendable_only
        assert request.standing == explain_pb.RUN_STANDING_FAILED
        if self.before is not None:
            await self.before()
        size = min(request.page_size, self.page_size)
        found = [key for key in self._resendable(request.run_id) if key > request.page_token]
        answer = explain_pb.ListRunMessagesResponse(
            messages=[
                explain_pb.RunMessage(message_id=key, contact_id=self.messages[key].recipient.contact_id)
                for key in found[:size]
            ]
        )
        if len(found) > size:
            answer.next_page_token = found[size - 1]
        return answer

    def _resendable(self, run_id: str) -> list[str]:
        """Messages that no provider took, and nobody doubts that; in the order of their ids."""
        failed_states = (
            message_pb2.Message.STATE_FAILED,
            message_pb2.Message.STATE_EXPIRED,
            message_pb2.Message.STATE_CANCELLED,
        )
        return sorted(
            key
            for key, one in self.of_run(run_id).items()
            if one.state in failed_states and one.reason != "outcome_unknown"
        )

    async def HoldMessages(self, request: Any, context: Any) -> pb.HoldMessagesResponse:
        return pb.HoldMessagesResponse(held_count=self._tell("hold", request.selector))

    async def ReleaseMessages(self, request: Any, context: Any) -> pb.ReleaseMessagesResponse:
        return pb.ReleaseMessagesResponse(released_count=self._tell("release", request.selector))

    async def CancelMessages(self, request: Any, context: Any) -> pb.CancelMessagesResponse:
        return pb.CancelMessagesResponse(cancelled_count=self._tell("cancel", request.selector))

    async def VerifySender(self, request: Any, context: Any) -> provider_service_pb2.VerifySenderResponse:
        if self.error is not None:
            raise self.error
        self.asked_senders.append(request.address)
        return provider_service_pb2.VerifySenderResponse(verifications=self.senders)

    async def GetChannelRoute(
        self, request: Any, context: Any
    ) -> provider_service_pb2.GetChannelRouteResponse:
        if self.is_silent_about_routes:
            raise unavailable("database")
        return provider_service_pb2.GetChannelRouteResponse(route=self.route)

    async def QuoteCost(self, request: Any, context: Any) -> provider_service_pb2.QuoteCostResponse:
        response = provider_service_pb2.QuoteCostResponse()
        if self.rate is not None:
            amount = self.rate * request.message_count * max(request.segments, 1)
            response.cost.CopyFrom(Money(self.currency, amount).to_proto())
        return response

    def of_run(self, run_id: str) -> dict[str, Accepted]:
        """The messages of a run by id."""
        return {key: one for key, one in self.messages.items() if one.content.run_id == run_id}

    def _accept(self, batch: pb.SendBatchRequest) -> pb.SendBatchResponse:
        if self.error is not None:
            raise self.error
        key = batch.idempotency_key
        copy = pb.SendBatchRequest()
        copy.CopyFrom(batch)
        copy.ClearField("idempotency_key")
        digest = hashlib.sha256(copy.SerializeToString(deterministic=True)).hexdigest()
        if self.keys.setdefault(key, digest) != digest:
            raise failed("IDEMPOTENCY_CONFLICT", "idempotency key was used with another request")
        response = pb.SendBatchResponse()
        if key in self.answers:
            response.CopyFrom(self.answers[key])
            response.deduplicated = True
        shared = [(batch.content, one) for one in batch.recipients]
        for index, (content, recipient) in enumerate(
            shared or [(one.content, one.recipient) for one in batch.items]
        ):
            self.offered[recipient.message_id] += 1
            if response.deduplicated:
                continue
            if recipient.address in self.refused:
                error = invalid("recipients", "is not valid", self.refused[recipient.address])
                response.errors.add(index=index, status=to_status(error, "delivery"))
            elif recipient.message_id in self.messages:
                response.duplicate_count += 1
            else:
                accepted = self.messages[recipient.message_id] = Accepted(content, recipient)
                response.accepted_count += 1
                if reason := self._reason(recipient):
                    accepted.state, accepted.reason = SKIPPED, reason
                    response.stopped.add(index=index, state=SKIPPED, reason=reason)
        if key and not response.deduplicated:
            self.answers[key] = response
        return response

    async def _choose(self, request: Any) -> pb.SendMessageResponse:
        """Takes the first channel that is offered, once for each cause."""
        content = pb.MessageContent()
        content.CopyFrom(request.content)
        content.channel = request.channels[0]
        recipient = pb.Recipient()
        recipient.CopyFrom(request.recipient)
        recipient.message_id = str(
            uuid5(NAMESPACE_OID, f"{content.cause}{recipient.contact_id}{recipient.email}")
        )
        self._accept(
            pb.SendBatchRequest(
                content=content, recipients=[recipient], idempotency_key=request.idempotency_key
            )
        )
        made = self.messages[recipient.message_id]
        return pb.SendMessageResponse(
            messages=[
                pb.MessageResult(
                    message_id=recipient.message_id,
                    channel=content.channel,
                    state=made.state,
                    reason=made.reason,
                )
            ]
        )

    def _reason(self, recipient: pb.Recipient) -> str:
        return self.stopped.get(recipient.contact_id) or self.stopped.get(recipient.address, "")

    def _tell(self, what: str, selector: pb.MessageSelector) -> int:
        if self.is_deaf:
            raise unavailable("delivery")
        self.told.append((what, selector))
        return sum(one.content.run_id == selector.run_id for one in self.messages.values())


async def start_delivery(settings: CommonSettings) -> tuple[RunningServer, FakeDelivery]:
    """Starts a fake delivery with the tokens and surroundings a real one has."""
    fake = FakeDelivery()
    database: Any = ReadyDatabase()
    service = Service(
        "delivery",
        database,
        [
            Registration(
                pb.DESCRIPTOR.services_by_name["MessageService"],
                grpc_pb.add_MessageServiceServicer_to_server,
                fake,
            ),
            Registration(
                provider_service_pb2.DESCRIPTOR.services_by_name["ProviderService"],
                provider_service_pb2_grpc.add_ProviderServiceServicer_to_server,
                fake,
            ),
            Registration(
                explain_pb.DESCRIPTOR.services_by_name["ExplainService"],
                explain_service_pb2_grpc.add_ExplainServiceServicer_to_server,
                fake,
            ),
            *fake.shelf.registrations(),
            fake.wallets.registration(),
        ],
    )
    server = await start_server(service, settings)
    fake.address = f"127.0.0.1:{server.port}"
    return server, fake
