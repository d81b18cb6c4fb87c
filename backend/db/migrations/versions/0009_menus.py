"""Menus that are being written, and each provider's own notice

What stands in `dishes` is what people are told; a draft is nobody's business but the kitchen's.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009_menus"
down_revision = "0008_pages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "menu_drafts",
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("dishes", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["code"], ["service_items.code"], name=op.f("fk_menu_drafts_code")),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["providers.id"], name=op.f("fk_menu_drafts_provider_id")
        ),
        sa.PrimaryKeyConstraint("provider_id", "day", "code", name=op.f("pk_menu_drafts")),
    )
    op.add_column("offerings", sa.Column("lead_min", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("offerings", "lead_min")
    op.drop_table("menu_drafts")
