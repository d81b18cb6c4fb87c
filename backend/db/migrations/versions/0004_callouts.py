"""Calling out: who is to be rung and why, and the greetings that elders asked for"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004_callouts"
down_revision = "0003_calls"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "greetings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("elder_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.Time(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_through", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_greetings_account_id")
        ),
        sa.ForeignKeyConstraint(["elder_id"], ["elders.id"], name=op.f("fk_greetings_elder_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_greetings")),
    )
    op.create_index(
        "uq_greetings_standing",
        "greetings",
        ["elder_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "callouts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("why", _enum("reason", _REASONS), nullable=False),
        sa.Column("state", _enum("calloutstate", _STATES), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("elder_id", sa.BigInteger(), nullable=True),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("incident_id", sa.BigInteger(), nullable=True),
        sa.Column("greeting_id", sa.BigInteger(), nullable=True),
        sa.Column("notice_kind", sa.Text(), nullable=True),
        sa.Column("data", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lapses_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("misses", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_missed", _enum("missed", _MISSED), nullable=True),
        sa.Column("rung_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        *(
            sa.ForeignKeyConstraint(
                [f"{one}_id"], [f"{one}s.id"], name=op.f(f"fk_callouts_{one}_id")
            )
            for one in ("account", "elder", "order", "incident", "greeting")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callouts")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_callouts_dedupe_key")),
    )
    for column in ("account_id", "order_id", "greeting_id"):
        op.create_index(op.f(f"ix_callouts_{column}"), "callouts", [column], unique=False)
    op.create_index(
        "ix_callouts_waiting",
        "callouts",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('pending', 'no_answer')"),
    )
    op.create_index(
        "ix_callouts_under_way",
        "callouts",
        ["account_id"],
        unique=False,
        postgresql_where=sa.text("state IN ('ringing', 'answered')"),
    )


_REASONS = (
    "confirm_change", "on_the_way", "how_was_it", "daily_greeting", "check", "job_offer",
    "job_news", "news", "alarm", "alarm_news",
)  # fmt: skip
_STATES = ("pending", "ringing", "answered", "no_answer", "done", "lapsed", "given_up")
_MISSED = ("no_answer", "busy", "refused", "silent", "cut", "unreachable", "not_a_number")


def _enum(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=32)


def downgrade() -> None:
    op.drop_table("callouts")
    op.drop_table("greetings")
