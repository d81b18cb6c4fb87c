"""Learning from use: consents, and the misunderstood sentences kept under them"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "consents",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text_version", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_through", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_through", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_consents_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index(op.f("ix_consents_account_id"), "consents", ["account_id"], unique=False)
    op.create_index(
        "uq_consents_standing",
        "consents",
        ["account_id", "kind"],
        unique=True,
        postgresql_where=sa.text("given_at IS NOT NULL AND withdrawn_at IS NULL"),
    )
    op.create_table(
        "misunderstandings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("consent_id", sa.BigInteger(), nullable=False),
        sa.Column("message_key", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("alternatives", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("intent", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("expected", sa.Text(), nullable=False),
        sa.Column(
            "why",
            sa.Enum(
                "missed",
                "handed_over",
                "corrected",
                "false_alarm",
                "unsure",
                name="whykept",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("exported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("label", postgresql.JSONB(), nullable=True),
        sa.Column("labelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["consent_id"],
            ["consents.id"],
            name=op.f("fk_misunderstandings_consent_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_misunderstandings")),
        sa.UniqueConstraint("message_key", name=op.f("uq_misunderstandings_message_key")),
    )
    op.create_index(
        op.f("ix_misunderstandings_consent_id"), "misunderstandings", ["consent_id"], unique=False
    )
    op.create_index(
        "ix_misunderstandings_unlabelled",
        "misunderstandings",
        ["id"],
        unique=False,
        postgresql_where=sa.text("labelled_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("misunderstandings")
    op.drop_table("consents")
