"""The two ways in: the gRPC client, and HTTP requests that are signed (docs/events.md)."""

import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any, Protocol
from urllib.parse import urlsplit
from uuid import uuid4

import grpc

from angarium.campaign.v1 import event_intake_service_pb2 as pb
from angarium.campaign.v1.event_intake_service_pb2_grpc import EventIntakeServiceStub
from examples.neighbours.journal import Event

LARGEST = 500
"""Events of one request."""
SECONDS = 10.0
TRIES = 5


class RefusedError(Exception):
    """Raised when intake takes nothing of a request; the text says why."""


@dataclass
class Receipt:
    """What became of events that were told."""

    counts: Counter[str] = field(default_factory=Counter)
    """How many were accepted, duplicate and rejected."""
    refusals: list[str] = field(default_factory=list)
    """What was wrong with those that were rejected."""

    def note(self, event: Event, state: str, reason: str, fields: Iterable[tuple[str, str]]) -> None:
        """Takes down the answer to one event."""
        self.counts[state] += 1
        if state == "rejected":
            wrong = "; ".join(f"{name} {text}" for name, text in fields)
            self.refusals.append(f"{event.type} {event.event_id}: {reason}{wrong and f' ({wrong})'}")


class Intake(Protocol):
    """A way in."""

    def send(self, events: Sequence[Event]) -> Receipt:
        """Sends events and returns what became of them."""


@dataclass(frozen=True)
class GrpcIntake:
    """Calls `IngestEvents` with a neighbour's token."""

    address: str
    token: str
    tenant_id: str

    def send(self, events: Sequence[Event]) -> Receipt:
        """Sends events and returns what became of them."""
        receipt = Receipt()
        metadata = (("authorization", f"Bearer {self.token}"),)
        with grpc.insecure_channel(self.address) as channel:
            stub = EventIntakeServiceStub(channel)
            for start in range(0, len(events), LARGEST):
                block = events[start : start + LARGEST]
                request = pb.IngestEventsRequest(events=[self._message(one) for one in block])
                try:
                    answer = stub.IngestEvents(request, metadata=metadata, timeout=SECONDS)
                except grpc.RpcError as error:
                    raise RefusedError(f"{error.code().name}: {error.details()}") from None
                for event, result in zip(block, answer.results, strict=True):
                    state = pb.IngestResult.State.Name(result.state).removeprefix("STATE_").lower()
                    wrong = [(one.field, one.description) for one in result.violations]
                    receipt.note(event, state, result.reason, wrong)
        return receipt

    def _message(self, event: Event) -> pb.InboundEnvelope:
        message = pb.InboundEnvelope(
            event_id=event.event_id,
            type=event.type,
            version=1,
            tenant_id=self.tenant_id,
            source=event.source,
            aggregate_id=event.aggregate_id,
            sequence=event.sequence,
            causation_id=event.causation_id,
            data_json=json.dumps(dict(event.data)).encode(),
        )
        message.occur_time.FromDatetime(event.occurred_at.astimezone(UTC))
        return message


@dataclass(frozen=True)
class SignedIntake:
    """Posts to `/v1/events` of the gateway, signed with the source's key."""

    url: str
    key_id: str
    secret: str
    tenant_id: str
    clock: Callable[[], float] = time.time

    def send(self, events: Sequence[Event]) -> Receipt:
        """Sends events and returns what became of them."""
        receipt = Receipt()
        for start in range(0, len(events), LARGEST):
            block = events[start : start + LARGEST]
            body = json.dumps({"events": [one.envelope(self.tenant_id) for one in block]}).encode()
            for event, result in zip(block, self._post(body)["results"], strict=True):
                wrong = [(one["field"], one["description"]) for one in result.get("violations", ())]
                receipt.note(event, result["state"], result.get("reason", ""), wrong)
        return receipt

    def _post(self, body: bytes) -> dict[str, Any]:
        """Posts until it is stored: what is sent again is known by its ids."""
        url = f"{self.url.rstrip('/')}/v1/events"
        for attempt in range(1, TRIES + 1):
            # A nonce holds once, so each try is signed anew.
            headers = {"Content-Type": "application/json", **self._signed("POST", urlsplit(url).path, body)}
            request = urllib.request.Request(url, data=body, headers=headers)  # noqa: S310 - the operator's own address
            try:
                with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 - as above
                    found: dict[str, Any] = json.load(answer)
                    return found
            except urllib.error.HTTPError as error:
                if error.code < 500 and error.code != 429:
                    raise RefusedError(f"{error.code}: {error.read().decode(errors='replace')}") from None
            except urllib.error.URLError as error:
                if attempt == TRIES:
                    raise RefusedError(str(error.reason)) from None
            time.sleep(0.2 * 2**attempt)
        raise RefusedError(f"the gateway took nothing in {TRIES} tries")

    def _signed(self, method: str, path: str, body: bytes) -> dict[str, str]:
        """Returns the headers that sign a request: HMAC-SHA-256 over five lines."""
        timestamp, nonce = str(int(self.clock() * 1000)), str(uuid4())
        lines = (method, path, timestamp, nonce, hashlib.sha256(body).hexdigest())
        signature = hmac.new(self.secret.encode(), "\n".join(lines).encode(), "sha256").hexdigest()
        return {
            "X-Signature-Key": self.key_id,
            "X-Signature-Timestamp": timestamp,
            "X-Signature-Nonce": nonce,
            "X-Signature": signature,
        }
