"""Sends events to Angarium as signed requests; standard library only, so copy what you need into your system.

    export ANGARIUM_URL=https://hooks.example.com
    export ANGARIUM_KEY_ID=ik_...            # from: angarium events keys create --source orders
    export ANGARIUM_KEY_SECRET=ingest_...
    python send_event.py events.json         # one envelope, a list, or {"events": [...]}; at most 500 and 5 MB

Send an event again, with the same event_id, whenever the answer is lost or is 429 or 503: it is stored once.
"""

import hashlib
import hmac
import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid

PATH = "/v1/events"


def sign(secret: str, method: str, path: str, timestamp: str, nonce: str, body: bytes) -> str:
    """Returns the signature of a request: five lines, joined by line feeds, under HMAC-SHA-256."""
    lines = [method, path, timestamp, nonce, hashlib.sha256(body).hexdigest()]
    return hmac.new(secret.encode(), "\n".join(lines).encode(), hashlib.sha256).hexdigest()


def headers(key_id: str, secret: str, body: bytes) -> dict[str, str]:
    """Returns the headers of one request; each needs its own nonce, a repeat too."""
    timestamp, nonce = str(int(time.time() * 1000)), str(uuid.uuid4())
    return {
        "Content-Type": "application/json",
        "X-Signature-Key": key_id,
        "X-Signature-Timestamp": timestamp,
        "X-Signature-Nonce": nonce,
        "X-Signature": sign(secret, "POST", PATH, timestamp, nonce, body),
    }


def send(url: str, key_id: str, secret: str, body: bytes, *, tries: int = 5) -> dict:
    """Sends a body and returns what became of its events; waits and repeats while the other side is busy."""
    for attempt in range(tries):
        request = urllib.request.Request(  # noqa: S310 - an operator's own URL
            url.rstrip("/") + PATH, body, headers(key_id, secret, body), method="POST"
        )
        try:
            with urllib.request.urlopen(request, timeout=15) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code not in (429, 503) or attempt == tries - 1:
                raise
            wait = int(error.headers.get("Retry-After") or 2**attempt)
        except urllib.error.URLError:
            if attempt == tries - 1:
                raise
            wait = 2**attempt
        time.sleep(wait)
    raise RuntimeError("not reached")


def main() -> None:
    with open(sys.argv[1], "rb") as file:
        body = file.read()
    answer = send(
        os.environ["ANGARIUM_URL"], os.environ["ANGARIUM_KEY_ID"], os.environ["ANGARIUM_KEY_SECRET"], body
    )
    sys.stdout.write(json.dumps(answer, indent=2) + "\n")
    if answer["rejected"]:
        sys.exit(1)


if __name__ == "__main__":
    main()
