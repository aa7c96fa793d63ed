"""Tables of the sandbox's database."""

# content: one accepted request (of an API) or one transfer (SMTP); message: one recipient of it.
# fact: what truly happened, once per message, kind, class and detail. task: what is still to be done.
# device: a simulated device that gets push messages.
# partner: who is told of events by webhooks; partner_call: one call it took.
# batch: a webhook body that waits for its 2xx. person: who said stop to which sender.
SCHEMA = """
CREATE TABLE IF NOT EXISTS content (
    id INTEGER PRIMARY KEY,
    channel TEXT NOT NULL,
    public_id TEXT NOT NULL,
    account TEXT NOT NULL,
    sender TEXT NOT NULL,
    body BLOB NOT NULL,
    accepted_at REAL NOT NULL,
    planned INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS content_unplanned ON content (id) WHERE planned = 0;
CREATE INDEX IF NOT EXISTS content_public ON content (public_id);
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY,
    content_id INTEGER NOT NULL REFERENCES content (id),
    ordinal INTEGER NOT NULL,
    address TEXT NOT NULL,
    reference TEXT NOT NULL,
    campaign TEXT NOT NULL,
    subject TEXT NOT NULL,
    personal TEXT NOT NULL,
    behaviour TEXT NOT NULL,
    accepted_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS message_content ON message (content_id);
CREATE INDEX IF NOT EXISTS message_reference ON message (reference);
CREATE INDEX IF NOT EXISTS message_address ON message (address);
CREATE INDEX IF NOT EXISTS message_campaign ON message (campaign);
CREATE TABLE IF NOT EXISTS fact (
    message_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    class TEXT NOT NULL,
    detail TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (message_id, kind, class, detail)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS task (
    id INTEGER PRIMARY KEY,
    lane TEXT NOT NULL,
    message_id INTEGER NOT NULL,
    data TEXT NOT NULL,
    due REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS task_due ON task (lane, due);
CREATE TABLE IF NOT EXISTS batch (
    id INTEGER PRIMARY KEY,
    channel TEXT NOT NULL DEFAULT 'sendgrid',
    url TEXT NOT NULL,
    secret TEXT NOT NULL DEFAULT '',
    signed INTEGER NOT NULL,
    body BLOB NOT NULL,
    events INTEGER NOT NULL,
    created REAL NOT NULL,
    due REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS batch_due ON batch (due);
CREATE TABLE IF NOT EXISTS person (
    address TEXT NOT NULL,
    sender TEXT NOT NULL,
    how TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (address, sender)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refusal (
    id INTEGER PRIMARY KEY,
    address TEXT NOT NULL,
    reply TEXT NOT NULL,
    at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS refusal_address ON refusal (address);
CREATE TABLE IF NOT EXISTS fault (
    id INTEGER PRIMARY KEY,
    rule TEXT NOT NULL,
    seen INTEGER NOT NULL DEFAULT 0,
    hits INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS device (
    token TEXT PRIMARY KEY,
    service TEXT NOT NULL,
    behaviour TEXT NOT NULL,
    key BLOB NOT NULL,
    auth BLOB NOT NULL,
    application_key TEXT NOT NULL,
    gone_at REAL NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS partner (
    name TEXT PRIMARY KEY,
    secret TEXT NOT NULL,
    answer INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS partner_call (
    id INTEGER PRIMARY KEY,
    partner TEXT NOT NULL,
    at REAL NOT NULL,
    event_id TEXT NOT NULL,
    type TEXT NOT NULL,
    verdict TEXT NOT NULL,
    answer INTEGER NOT NULL,
    headers TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS setting (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
"""

# Columns that files of earlier releases lack.
ADDED = (
    ("batch", "channel", "TEXT NOT NULL DEFAULT 'sendgrid'"),
    ("batch", "secret", "TEXT NOT NULL DEFAULT ''"),
)

TABLES = (
    "content", "message", "fact", "task", "batch", "person", "refusal", "fault", "device", "partner", "partner_call", "setting",
)  # fmt: skip
