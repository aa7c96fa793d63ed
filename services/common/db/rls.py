"""Row-level security and rights, as steps of a migration.

Who is who, for a schema `consent`: the owner runs migrations and owns everything; `angarium_consent` logs in, owns
nothing and sees the rows of the transaction's tenant; `angarium_consent_system` cannot log in, sees all tenants, and
is entered for one transaction by `Database.system()`.
"""

from typing import Protocol


class Operations(Protocol):
    """What of alembic's `op` is needed here."""

    def execute(self, sqltext: str) -> None: ...


GUC = "angarium.tenant_id"
# After a transaction that set it, the setting is an empty text, not NULL. As a query of its own it is read once for a
# statement; as a bare expression it was read, and its text turned into an id, for every row.
TENANT = f"(SELECT NULLIF(current_setting('{GUC}', true), '')::uuid)"

_OWN = f"tenant_id = {TENANT}"


def login_role(schema: str) -> str:
    """Returns the role a service logs in with."""
    return f"angarium_{schema}"


def system_role(schema: str) -> str:
    """Returns the role of transactions across tenants."""
    return f"angarium_{schema}_system"


def erasure_role(schema: str) -> str:
    """Returns the role that cuts erased people out of rows nobody else may change."""
    return f"angarium_{schema}_erasure"


def enable_rls(op: Operations, schema: str, table: str) -> None:
    """Guards a table that has `tenant_id`: a tenant's transaction sees and writes its own rows, no tenant sees none.

    For a partitioned table, name the parent: rights on its partitions are never given.
    """
    name = f'"{schema}"."{table}"'
    op.execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON {name} TO {login_role(schema)} USING ({_OWN}) WITH CHECK ({_OWN})")
    op.execute(f"CREATE POLICY system ON {name} TO {system_role(schema)} USING (true) WITH CHECK (true)")


def renewal(schema: str) -> str:
    """Returns what gives policies of earlier releases the form of this one; repeating it changes nothing."""
    own = _OWN.replace("'", "''")
    # Names are words of our own code, never data.
    return f"""
        DO $$ DECLARE guarded text; BEGIN
            FOR guarded IN
                SELECT tablename FROM pg_policies
                WHERE schemaname = '{schema}' AND policyname = 'tenant'
                    AND qual LIKE '(tenant_id = (NULLIF(current_setting(%'
            LOOP
                EXECUTE format('ALTER POLICY tenant ON {schema}.%I USING ({own}) WITH CHECK ({own})', guarded);
            END LOOP;
        END $$
        """  # noqa: S608


def append_only(op: Operations, schema: str, table: str) -> None:
    """Takes the right to change or remove rows from the login role; retention works in the system role."""
    op.execute(f'REVOKE UPDATE, DELETE, TRUNCATE ON "{schema}"."{table}" FROM {login_role(schema)}')
    op.execute(f'REVOKE UPDATE ON "{schema}"."{table}" FROM {system_role(schema)}')


def read_only(op: Operations, schema: str, table: str) -> None:
    """Leaves only the right to read, for tables that migrations fill."""
    for role in (login_role(schema), system_role(schema)):
        op.execute(f'REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON "{schema}"."{table}" FROM {role}')


def allow_erasure(op: Operations, schema: str, table: str, columns: str) -> None:
    """Lets the role of erasures read a guarded table of the transaction's tenant and change these columns, no others."""
    role = erasure_role(schema)
    # Roles belong to the whole server, so another database's runner may be first.
    op.execute(
        f"DO $$ BEGIN CREATE ROLE {role} NOLOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION"
        " NOBYPASSRLS; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    )
    op.execute(f"GRANT {role} TO {login_role(schema)}")
    op.execute(f'GRANT USAGE ON SCHEMA "{schema}" TO {role}')
    op.execute(f'GRANT SELECT, UPDATE ({columns}) ON "{schema}"."{table}" TO {role}')
    op.execute(f'ALTER POLICY tenant ON "{schema}"."{table}" TO {login_role(schema)}, {role}')
