"""What the pages in WeChat keep: taps carried out, photos of finished visits"""

import sqlalchemy as sa
from alembic import op

revision = "0008_pages"
down_revision = "0007_settings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "taps",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("tap", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leads_to", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_taps_account_id")),
        sa.PrimaryKeyConstraint("account_id", "tap", name=op.f("pk_taps")),
    )
    op.create_index(op.f("ix_taps_at"), "taps", ["at"])
    op.create_table(
        "visit_photos",
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("jpeg", sa.LargeBinary(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_visit_photos_order_id")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_visit_photos")),
    )


def downgrade() -> None:
    op.drop_table("visit_photos")
    op.drop_table("taps")
