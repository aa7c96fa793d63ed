"""Puts the area together for the service's bootstrap."""

from dataclasses import dataclass

from angarium.delivery.v1 import webhook_service_pb2, webhook_service_pb2_grpc
from services.common.clock import Clock
from services.common.db.database import Database
from services.common.net.guard import Guard
from services.common.net.outbound import Outbound
from services.common.security.envelope import Envelope
from services.common.security.keys import KeySet
from services.common.service import Registration
from services.delivery.webhooks.calls import Caller
from services.delivery.webhooks.cases import WebhookCases
from services.delivery.webhooks.fanout import Fanout
from services.delivery.webhooks.handlers import Webhooks
from services.delivery.webhooks.messages import MessageBodies
from services.delivery.webhooks.provider import WebhookProvider
from services.delivery.webhooks.requested import RequestedCalls
from services.delivery.webhooks.sealing import Vault
from services.delivery.webhooks.sender import Sender
from services.delivery.webhooks.servicer import WebhookServicer


@dataclass(frozen=True, slots=True)
class Assembly:
    """The parts of the area that the service runs."""

    provider: WebhookProvider
    fanout: Fanout
    sender: Sender
    registration: Registration
    outbound: Outbound


def assemble(
    database: Database, envelope: Envelope, guard: Guard, clock: Clock, hash_keys: KeySet
) -> Assembly:
    """Returns the parts; the caller closes `outbound`."""
    outbound = Outbound(guard)
    caller, vault, waiting = Caller(outbound, clock), Vault(envelope), MessageBodies(database, envelope)
    requested = RequestedCalls(envelope, vault, guard, hash_keys)
    return Assembly(
        provider=WebhookProvider(database, waiting, clock),
        fanout=Fanout(database),
        sender=Sender(database, vault, caller, waiting, requested, clock),
        registration=Registration(
            webhook_service_pb2.DESCRIPTOR.services_by_name["WebhookService"],
            webhook_service_pb2_grpc.add_WebhookServiceServicer_to_server,
            WebhookServicer(WebhookCases(Webhooks(database, vault, guard, clock), caller, requested)),
        ),
        outbound=outbound,
    )
