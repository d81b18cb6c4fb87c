"""Telephones of people at the console, and when their pages were last open"""

import sqlalchemy as sa
from alembic import op

revision = "0012_telephones"
down_revision = "0011_settings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("console_users", sa.Column("telephone", sa.Text(), nullable=True))
    op.add_column("console_users", sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("console_users", "seen_at")
    op.drop_column("console_users", "telephone")
