"""P3's floor: aiosmtplib over kept-open connections, messages made by replacing the name in a finished one."""

import asyncio
from collections.abc import Iterator

import aiosmtplib

from bench.floors.measured import answer, order, watch


async def main() -> None:
    """Sends as many messages as were ordered, over as many connections."""
    asked = order()
    numbers = iter(range(asked["items"]))
    clients = [
        aiosmtplib.SMTP(hostname=asked["host"], port=asked["port"], use_tls=False, start_tls=False)
        for _ in range(asked["connections"])
    ]
    for client in clients:
        await client.connect()
    with watch() as all_of_it:
        await asyncio.gather(*(_send(client, numbers, asked) for client in clients))
    for client in clients:
        await client.quit()
    answer(seconds=all_of_it.seconds, cpu_seconds=all_of_it.cpu_seconds)


async def _send(client: aiosmtplib.SMTP, numbers: Iterator[int], asked: dict[str, str]) -> None:
    letter = asked["letter"].encode()
    for number in numbers:
        address = asked["address"].format(number)
        content = letter.replace(b"{{ address }}", address.encode()).replace(b"{{ n }}", b"%d" % number)
        await client.sendmail(asked["sender"], [address], content)


if __name__ == "__main__":
    asyncio.run(main())
