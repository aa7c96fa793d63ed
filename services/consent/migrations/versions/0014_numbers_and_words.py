"""No count and no amount is below nothing, and no state is a number that means none: checked from here on.

What is in the tables is looked through by the next revision, under a lock that lets reads and writes pass.
"""

from alembic import op

revision = "0014"
down_revision = "0013"

CHECKS = {
    "consent": {
        "not_negative": "version >= 0",
    },
    "job_run": {
        "not_negative": "LEAST(seen, done, skipped, failed) >= 0",
    },
    "job_schedule": {
        "not_negative": "overlapped >= 0",
    },
    "outbox": {
        "not_negative": "LEAST(id, position) >= 0",
    },
    "parked_event": {
        "not_negative": "position >= 0",
    },
    "preference": {
        "not_negative": "version >= 0",
    },
    "privacy_piece": {
        "not_negative": "number >= 0",
    },
    "privacy_request": {
        "not_negative": "LEAST(result_size, aftercare) >= 0",
    },
    "privacy_step": {
        "service": "service IN ('consent', 'campaign', 'delivery', 'analytics')",
        "action": "action IN ('collect', 'assemble', 'suppress', 'cancel', 'erase', 'verify')",
        "not_negative": "LEAST(number, rows, remaining, attempts) >= 0",
    },
    "relay_group": {
        "not_negative": "acknowledged >= 0",
    },
}
"""By table and name: what holds for each of its rows."""


def upgrade() -> None:
    for table, checks in CHECKS.items():
        added = (
            f"ADD CONSTRAINT ck_{table}_{name} CHECK ({check}) NOT VALID" for name, check in checks.items()
        )
        op.execute(f"ALTER TABLE consent.{table} {', '.join(added)}")
