"""Settings: every version of what a city may change; bounds of prices; doors shut

The first version of a setting keeps what stood there before anybody changed it, so nothing has to
be copied here.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011_settings"
down_revision = "0010_figures"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "setting_versions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=True),
        sa.Column("value", postgresql.JSONB(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("undoes_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["undoes_id"], ["setting_versions.id"], name=op.f("fk_setting_versions_undoes_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_setting_versions")),
    )
    op.create_index("ix_setting_versions_kind_key_id", "setting_versions", ["kind", "key", "id"])
    op.add_column("service_items", sa.Column("least_price_fen", sa.BigInteger(), nullable=True))
    op.add_column("service_items", sa.Column("most_price_fen", sa.BigInteger(), nullable=True))
    op.add_column(
        "console_users", sa.Column("signed_out_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_table(
        "address_tries",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("failed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shut_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_address_tries")),
    )


def downgrade() -> None:
    op.drop_table("address_tries")
    op.drop_column("console_users", "signed_out_at")
    op.drop_column("service_items", "most_price_fen")
    op.drop_column("service_items", "least_price_fen")
    op.drop_table("setting_versions")
