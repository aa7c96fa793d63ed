"""`python -m examples.neighbours`: tells a running platform of a day of a venue."""

import argparse
import os
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta

from examples.neighbours.day import Day
from examples.neighbours.disorder import shuffled
from examples.neighbours.intakes import GrpcIntake, Intake, RefusedError, SignedIntake

EXAMPLES = """examples:
  the signed way in, one key for each neighbour (angarium events keys create payments, … ticketing):
    PAYMENTS_SECRET=… TICKETING_SECRET=… python -m examples.neighbours --tenant $TENANT \\
        --gateway http://127.0.0.1:8080 --payments-key ik_… --ticketing-key ik_…
  the gRPC client, with a neighbour's token (angarium token create --role neighbour --tenant $TENANT):
    NEIGHBOUR_TOKEN=… python -m examples.neighbours --tenant $TENANT --campaign 127.0.0.1:50052
"""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m examples.neighbours",
        description="Tells the platform what a payment and a ticketing system would, on one day of a venue.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--tenant", required=True, help="id of the tenant")
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--gateway", help="URL of the gateway; events are signed")
    way.add_argument("--campaign", help="host:port of campaign; the token is read from NEIGHBOUR_TOKEN")
    parser.add_argument("--payments-key", help="id of the intake key of payments; secret in PAYMENTS_SECRET")
    parser.add_argument(
        "--ticketing-key", help="id of the intake key of ticketing; secret in TICKETING_SECRET"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the disorder (default: %(default)s)")
    parser.add_argument("--in-order", action="store_true", help="tell each event once, as it happened")
    return parser.parse_args()


def _intakes(given: argparse.Namespace) -> dict[str, Intake]:
    """Returns the way in of each neighbour."""
    if given.campaign:
        way = GrpcIntake(given.campaign, _secret("NEIGHBOUR_TOKEN"), given.tenant)
        return {"payments": way, "ticketing": way}
    found: dict[str, Intake] = {}
    for name, key in (("payments", given.payments_key), ("ticketing", given.ticketing_key)):
        if not key:
            sys.exit(f"--{name}-key is missing: angarium events keys create {name} --tenant …")
        found[name] = SignedIntake(given.gateway, key, _secret(f"{name.upper()}_SECRET"), given.tenant)
    return found


def _secret(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        sys.exit(f"the environment variable {name} is missing: it was shown when the key was made")
    return value


def main() -> None:
    """Tells the day that ends now, so that nothing of it lies in the future."""
    given = _arguments()
    intakes = _intakes(given)
    begins_at = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=13)
    events = Day(begins_at).events()
    told = events if given.in_order else shuffled(events, given.seed)
    counts: Counter[str] = Counter()
    try:
        for source, intake in intakes.items():
            receipt = intake.send([event for event in told if event.source == source])
            counts += receipt.counts
            for refusal in receipt.refusals:
                sys.stderr.write(f"{refusal}\n")
    except RefusedError as error:
        sys.exit(f"the platform took nothing more: {error}")
    sys.stdout.write(
        f"told {len(told)} events: {', '.join(f'{n} {what}' for what, n in sorted(counts.items()))}\n"
    )


if __name__ == "__main__":
    main()
