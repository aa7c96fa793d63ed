"""P1's floor: COPY the rows, render each with Jinja2, one POST per 1,000, one bulk update per 1,000."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import jinja2
import orjson
import psycopg

from bench.floors.measured import answer, order, watch

_TABLE = """
CREATE SCHEMA IF NOT EXISTS floor;
DROP TABLE IF EXISTS floor.recipient;
CREATE TABLE floor.recipient (
    message_id uuid PRIMARY KEY, address text NOT NULL, name text NOT NULL, state smallint NOT NULL,
    provider_message_id text, sent_at timestamptz)
"""

_SENT = """
UPDATE floor.recipient SET state = 2, provider_message_id = %s, sent_at = now() WHERE message_id = ANY (%s)
"""


async def main() -> None:
    """Sends the campaign that was ordered."""
    asked = order()
    people = [(uuid4(), asked["address"].format(n), f"Person {n}") for n in range(asked["items"])]
    environment = jinja2.Environment(autoescape=True)
    headers = {"Authorization": f"Bearer {asked['api_key']}", "Content-Type": "application/json"}
    parts = {name: environment.from_string(text) for name, text in asked["template"].items()}
    async with (
        await psycopg.AsyncConnection.connect(asked["database_url"], autocommit=True) as connection,
        aiohttp.ClientSession(headers=headers) as session,
    ):
        await connection.execute(_TABLE)
        with watch() as all_of_it:
            await _copy(connection, people)
            for start in range(0, len(people), 1000):
                block = people[start : start + 1000]
                body = _body(parts, block, asked["sender"])
                async with session.post(f"{asked['provider_url']}/v3/mail/send", data=body) as response:
                    assert response.status == 202, await response.text()
                    reference = response.headers["X-Message-Id"]
                await connection.execute(_SENT, (reference, [id for id, _, _ in block]))
    answer(seconds=all_of_it.seconds, cpu_seconds=all_of_it.cpu_seconds)


async def _copy(connection: psycopg.AsyncConnection[Any], people: Sequence[tuple[UUID, str, str]]) -> None:
    rows = "COPY floor.recipient (message_id, address, name, state) FROM STDIN (FORMAT binary)"
    async with connection.cursor() as cursor, cursor.copy(rows) as copy:
        copy.set_types(["uuid", "text", "text", "int2"])
        for id, address, name in people:
            await copy.write_row((id, address, name, 1))


def _body(parts: dict[str, jinja2.Template], block: Sequence[tuple[UUID, str, str]], sender: str) -> bytes:
    personalizations = []
    for id, address, name in block:
        contact = {"first_name": name.partition(" ")[0], "last_name": name.partition(" ")[2], "name": name}
        substitutions = {f"-{part}-": template.render(contact=contact) for part, template in parts.items()}
        personalizations.append(
            {
                "to": [{"email": address, "name": name}],
                "substitutions": substitutions,
                "custom_args": {"angarium_message_id": str(id)},
            }
        )
    return orjson.dumps(
        {
            "from": {"email": sender},
            "subject": "-subject-",
            "content": [
                {"type": "text/plain", "value": "-text-"},
                {"type": "text/html", "value": "-html-"},
            ],
            "personalizations": personalizations,
        }
    )


if __name__ == "__main__":
    asyncio.run(main())
