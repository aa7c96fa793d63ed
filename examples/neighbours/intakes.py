"""The two ways in: the gRPC client, and HTTP requests that are signed (docs/events.md)."""

import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Protocol
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


class Intake(Protocol):
    """A way in."""

    def send(self, events: Sequence[Event]) -> Counter[str]:
        """Sends events and returns how many were accepted, duplicate and rejected."""


@dataclass(frozen=True)
class GrpcIntake:
    """Calls `IngestEvents` with a neighbour's token."""

    address: str
    token: str
    tenant_id: str

    def send(self, events: Sequence[Event]) -> Counter[str]:
        """Sends events and returns how many were accepted, duplicate and rejected."""
        counts: Counter[str] = Counter()
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
                for result in answer.results:
                    counts[pb.IngestResult.State.Name(result.state).removeprefix("STATE_").lower()] += 1
        return counts

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

    def send(self, events: Sequence[Event]) -> Counter[str]:
        """Sends events and returns how many were accepted, duplicate and rejected."""
        counts: Counter[str] = Counter()
        for start in range(0, len(events), LARGEST):
            block = events[start : start + LARGEST]
            body = json.dumps({"events": [one.envelope(self.tenant_id) for one in block]}).encode()
            answer = self._post(body)
            counts.update({name: answer[name] for name in ("accepted", "duplicate", "rejected")})
        return counts

    def _post(self, body: bytes) -> dict[str, int]:
        """Posts until it is stored: what is sent again is known by its ids."""
        url = f"{self.url.rstrip('/')}/v1/events"
        for attempt in range(1, TRIES + 1):
            # A nonce holds once, so each try is signed anew.
            headers = {"Content-Type": "application/json", **self._signed("POST", urlsplit(url).path, body)}
            request = urllib.request.Request(url, data=body, headers=headers)  # noqa: S310 - the operator's own address
            try:
                with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 - as above
                    found: dict[str, int] = json.load(answer)
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
