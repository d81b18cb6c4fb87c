"""The console: its users, who is signed in, elders by pinyin, and news of what happens"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from backend.domain.pinyin import pinyin_keys

revision = "0005_console"
down_revision = "0004_callouts"
branch_labels = None
depends_on = None

TRIGGERS = {
    "incidents": "INSERT OR UPDATE",
    "tickets": "INSERT OR UPDATE",
    # Not on `alive_until`, which says every minute that nothing has changed.
    "calls": "INSERT OR UPDATE OF elder_id, answered_at, ended_at, outcome, ticket_id, incident_id",
    "call_turns": "INSERT OR UPDATE OF text, said, keys",
}


def upgrade() -> None:
    op.create_table(
        "console_users",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("password_set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "agent", "dispatcher", "provider", "supervisor", "admin",
                name="role", native_enum=False, length=32,
            ),
            nullable=False,
        ),
        sa.Column("towns", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("provider_id", sa.BigInteger(), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("failed_tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("shut_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(role = 'provider') = (provider_id IS NOT NULL)", name=op.f("ck_console_users_bound")
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["providers.id"], name=op.f("fk_console_users_provider_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_console_users")),
        sa.UniqueConstraint("login", name=op.f("uq_console_users_login")),
    )  # fmt: skip
    op.create_table(
        "console_sessions",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("form_key", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["console_users.id"],
            name=op.f("fk_console_sessions_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_console_sessions")),
    )
    for column in ("user_id", "ends_at"):
        op.create_index(op.f(f"ix_console_sessions_{column}"), "console_sessions", [column])
    op.add_column("elders", sa.Column("pinyin", sa.Text(), server_default="", nullable=False))
    elders = sa.table("elders", sa.column("name", sa.Text), sa.column("pinyin", sa.Text))
    connection = op.get_bind()
    for (name,) in connection.execute(sa.select(elders.c.name).distinct()).all():
        connection.execute(
            sa.update(elders).where(elders.c.name == name).values(pinyin=pinyin_keys(name))
        )
    op.execute(_TELL)
    for table, when in TRIGGERS.items():
        op.execute(
            f"CREATE TRIGGER tell_console AFTER {when} ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION tell_console()"
        )


# Whoever changes a row, by whatever process: the console hears of it when it is committed, once
# for each transaction and row. Ids only; what they mean is asked for by those who may.
_TELL = """
CREATE FUNCTION tell_console() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('console', CASE TG_TABLE_NAME
        WHEN 'incidents' THEN 'incident:' || (to_jsonb(NEW) ->> 'id')
        WHEN 'tickets' THEN 'ticket:' || (to_jsonb(NEW) ->> 'id')
        WHEN 'call_turns' THEN 'turn:' || (to_jsonb(NEW) ->> 'call_id')
        ELSE CASE
            WHEN TG_OP = 'INSERT' AND to_jsonb(NEW) ->> 'direction' = 'in' THEN 'ring:'
            ELSE 'call:'
        END || (to_jsonb(NEW) ->> 'id')
    END);
    RETURN NULL;
END $$
"""


def downgrade() -> None:
    for table in TRIGGERS:
        op.execute(f"DROP TRIGGER tell_console ON {table}")
    op.execute("DROP FUNCTION tell_console()")
    op.drop_column("elders", "pinyin")
    op.drop_table("console_sessions")
    op.drop_table("console_users")
