"""The tables that every service has, as steps of its first migration.

Released steps stay as they are; a change is a further function that later migrations call.
"""

from collections.abc import Sequence
from typing import Final

from services.common.db.rls import Operations, append_only, enable_rls, login_role, system_role

_TENANT_TABLES = ("outbox", "inbox", "parked_event", "idempotency", "audit", "data_key")

_TABLES = """
CREATE TABLE {schema}.outbox (
    tenant_id uuid NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    event_id uuid NOT NULL,
    type text NOT NULL,
    aggregate_type text NOT NULL,
    aggregate_id text NOT NULL,
    item_count integer NOT NULL CONSTRAINT ck_outbox_item_count CHECK (item_count BETWEEN 1 AND 1000),
    envelope bytea NOT NULL,
    position bigint,
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_outbox PRIMARY KEY (tenant_id, id)
);
ALTER TABLE {schema}.outbox ALTER COLUMN envelope SET STORAGE EXTERNAL;
CREATE INDEX ix_outbox_pending ON {schema}.outbox (id) WHERE position IS NULL;
CREATE UNIQUE INDEX uq_outbox_position ON {schema}.outbox (position) WHERE position IS NOT NULL;

CREATE TABLE {schema}.relay_state (
    only_row boolean NOT NULL DEFAULT true CONSTRAINT ck_relay_state_only_row CHECK (only_row),
    position bigint NOT NULL CONSTRAINT ck_relay_state_position CHECK (position >= 0),
    CONSTRAINT pk_relay_state PRIMARY KEY (only_row)
);
INSERT INTO {schema}.relay_state (position) VALUES (0);

CREATE TABLE {schema}.relay_group (
    name text NOT NULL,
    acknowledged bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_relay_group PRIMARY KEY (name)
);

CREATE TABLE {schema}.inbox (
    tenant_id uuid NOT NULL,
    event_id uuid NOT NULL,
    source text NOT NULL,
    type text NOT NULL,
    applied_at timestamptz NOT NULL,
    CONSTRAINT pk_inbox PRIMARY KEY (tenant_id, event_id)
);
CREATE INDEX ix_inbox_applied_at ON {schema}.inbox USING brin (applied_at);

CREATE TABLE {schema}.parked_event (
    tenant_id uuid NOT NULL,
    event_id uuid NOT NULL,
    source text NOT NULL,
    position bigint NOT NULL,
    type text NOT NULL,
    aggregate_type text NOT NULL,
    aggregate_id text NOT NULL,
    envelope bytea NOT NULL,
    state text NOT NULL CONSTRAINT ck_parked_event_state CHECK (state IN ('waiting', 'dead')),
    attempts integer NOT NULL CONSTRAINT ck_parked_event_attempts CHECK (attempts >= 0),
    next_attempt_at timestamptz NOT NULL,
    error text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_parked_event PRIMARY KEY (tenant_id, event_id)
);
CREATE INDEX ix_parked_event_waiting ON {schema}.parked_event (source, position) WHERE state = 'waiting';

CREATE TABLE {schema}.idempotency (
    tenant_id uuid NOT NULL,
    claim_id uuid NOT NULL,
    request_hash bytea NOT NULL,
    response bytea NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_idempotency PRIMARY KEY (tenant_id, claim_id)
);
CREATE INDEX ix_idempotency_created_at ON {schema}.idempotency USING brin (created_at);

CREATE TABLE {schema}.audit (
    tenant_id uuid NOT NULL,
    audit_id uuid NOT NULL,
    actor text NOT NULL,
    roles text[] NOT NULL,
    action text NOT NULL,
    resource_type text NOT NULL,
    resource_id text NOT NULL,
    before jsonb,
    after jsonb,
    request_id text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_audit PRIMARY KEY (tenant_id, audit_id)
) PARTITION BY RANGE (audit_id);
CREATE INDEX ix_audit_resource ON {schema}.audit (tenant_id, resource_type, resource_id, audit_id);
CREATE INDEX ix_audit_actor ON {schema}.audit (tenant_id, actor, audit_id);

CREATE TABLE {schema}.data_key (
    tenant_id uuid NOT NULL,
    data_key_id uuid NOT NULL,
    master_key_id text NOT NULL,
    wrapped_key bytea NOT NULL,
    created_at timestamptz NOT NULL,
    retired_at timestamptz,
    CONSTRAINT pk_data_key PRIMARY KEY (tenant_id, data_key_id)
);

CREATE TABLE {schema}.lease (
    name text NOT NULL,
    holder uuid NOT NULL,
    acquired_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT pk_lease PRIMARY KEY (name)
);

CREATE TABLE {schema}.job_run (
    run_id uuid NOT NULL,
    job text NOT NULL,
    state text NOT NULL CONSTRAINT ck_job_run_state CHECK (state IN ('running', 'succeeded', 'failed', 'lost')),
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    seen bigint NOT NULL,
    done bigint NOT NULL,
    skipped bigint NOT NULL,
    failed bigint NOT NULL,
    error text NOT NULL,
    CONSTRAINT pk_job_run PRIMARY KEY (run_id)
);
CREATE INDEX ix_job_run_job ON {schema}.job_run (job, started_at);

CREATE TABLE {schema}.job_schedule (
    job text NOT NULL,
    due_at timestamptz NOT NULL,
    requested boolean NOT NULL,
    overlapped bigint NOT NULL,
    announced_at timestamptz NOT NULL,
    succeeded_at timestamptz,
    CONSTRAINT pk_job_schedule PRIMARY KEY (job)
);
"""


def create_common_tables(op: Operations, schema: str) -> None:
    """Creates the common tables, their policies and rights, and the functions that keep partitions."""
    for statement in filter(str.strip, _TABLES.format(schema=schema).split(";\n")):
        op.execute(statement)
    _create_partition_functions(op, schema)
    op.execute(f"SELECT {schema}.add_month_partitions('audit', now(), 2)")
    for table in _TENANT_TABLES:
        enable_rls(op, schema, table)
    append_only(op, schema, "audit")


def _create_partition_functions(op: Operations, schema: str) -> None:
    """Creates what lets the system role add and drop partitions although it owns nothing.

    Rights on a partition are taken away: only its parent is guarded by policies.
    """
    op.execute(_UUID7_FLOOR.format(schema=schema))
    op.execute(_add_partitions(schema))
    op.execute(_DROP_PARTITIONS.format(schema=schema))
    for name in (
        "add_month_partitions(text, timestamptz, integer)",
        "drop_partitions_before(text, timestamptz)",
    ):
        op.execute(f"REVOKE ALL ON FUNCTION {schema}.{name} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {schema}.{name} TO {system_role(schema)}")


def sample_lightly(op: Operations, schema: str, tables: Sequence[str]) -> None:
    """Lets ANALYZE look at a fifth of the rows it would take of tables that grow with each message.

    It reads 300 rows for each unit of the largest target among a table's columns. Plans over these tables go by keys; how many
    different values a column has is told closely enough by 6,000 rows. Partitions are looked at like their parents, those
    made later as well.
    """
    op.execute(_add_partitions(schema, again=True))
    for table in tables:
        op.execute(_SAMPLE_LIGHTLY.format(schema=schema, table=table, target=_LIGHTLY))


def validate_constraints(op: Operations, schema: str) -> None:
    """Looks through what is in the tables for checks and references that were added as NOT VALID.

    In a revision of its own, for the lock that adds a constraint must not outlast the look, which lets reads and writes pass.
    """
    op.execute(_VALIDATE.format(schema=schema))


def _add_partitions(schema: str, *, again: bool = False) -> str:
    return _ADD_PARTITIONS.format(
        create="CREATE OR REPLACE" if again else "CREATE",
        schema=schema,
        login=login_role(schema),
        system=system_role(schema),
        more=_SAMPLED_ALIKE.format(schema=schema) if again else "",
    )


_LIGHTLY: Final = 20
_SAMPLE_LIGHTLY = """
DO $$ BEGIN EXECUTE (
    SELECT 'ALTER TABLE {schema}.{table} ' || string_agg(format('ALTER COLUMN %I SET STATISTICS {target}', attname), ', ')
    FROM pg_attribute WHERE attrelid = '{schema}.{table}'::regclass AND attnum > 0 AND NOT attisdropped
); END $$
"""
_SAMPLED_ALIKE = """
        EXECUTE coalesce((
            SELECT format('ALTER TABLE {schema}.%I ', name)
                || string_agg(format('ALTER COLUMN %I SET STATISTICS %s', attname, attstattarget), ', ')
            FROM pg_attribute
            WHERE attrelid = format('{schema}.%I', parent)::regclass AND attnum > 0 AND attstattarget >= 0
                AND NOT attisdropped
        ), 'SELECT');"""

_VALIDATE = """
DO $$ DECLARE one record; BEGIN
    FOR one IN
        SELECT conname, conrelid::regclass AS held FROM pg_constraint
        WHERE contype IN ('c', 'f') AND NOT convalidated AND coninhcount = 0 AND connamespace = '{schema}'::regnamespace
    LOOP
        EXECUTE format('ALTER TABLE %s VALIDATE CONSTRAINT %I', one.held, one.conname);
    END LOOP;
END $$
"""

_UUID7_FLOOR = """
CREATE FUNCTION {schema}.uuid7_floor(instant timestamptz) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (lpad(to_hex(floor(extract(epoch FROM instant) * 1000)::bigint), 12, '0') || '70008000000000000000')::uuid
$$
"""

_ADD_PARTITIONS = """
{create} FUNCTION {schema}.add_month_partitions(parent text, instant timestamptz, months_ahead integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET "TimeZone" = 'UTC' AS $$
DECLARE
    first date := date_trunc('month', instant);
    month date;
    name text;
    made integer := 0;
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_partitioned_table p
        JOIN pg_class c ON c.oid = p.partrelid
        WHERE c.relname = parent AND c.relnamespace = '{schema}'::regnamespace
    ) THEN
        RAISE EXCEPTION '% is not a partitioned table of {schema}', parent;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('{schema}.' || parent));
    FOR ahead IN 0 .. months_ahead LOOP
        month := first + make_interval(months => ahead);
        name := parent || to_char(month, '"_y"YYYY"m"MM');
        CONTINUE WHEN to_regclass(format('{schema}.%I', name)) IS NOT NULL;
        EXECUTE format(
            'CREATE TABLE {schema}.%I PARTITION OF {schema}.%I FOR VALUES FROM (%L) TO (%L)',
            name, parent,
            {schema}.uuid7_floor(month::timestamptz),
            {schema}.uuid7_floor((month + interval '1 month')::timestamptz)
        );
        EXECUTE format('REVOKE ALL ON {schema}.%I FROM {login}, {system}', name);{more}
        made := made + 1;
    END LOOP;
    RETURN made;
END
$$
"""

_DROP_PARTITIONS = """
CREATE FUNCTION {schema}.drop_partitions_before(parent text, instant timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET "TimeZone" = 'UTC' AS $$
DECLARE
    name text;
    dropped integer := 0;
BEGIN
    FOR name IN
        SELECT c.relname FROM pg_inherits i
        JOIN pg_class c ON c.oid = i.inhrelid
        JOIN pg_class p ON p.oid = i.inhparent
        WHERE p.relname = parent AND p.relnamespace = '{schema}'::regnamespace
          AND c.relname ~ '_y[0-9]{{4}}m[0-9]{{2}}$'
          AND to_date(right(c.relname, 7), 'YYYY"m"MM') + interval '1 month' <= instant
    LOOP
        EXECUTE format('DROP TABLE {schema}.%I', name);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END
$$
"""
