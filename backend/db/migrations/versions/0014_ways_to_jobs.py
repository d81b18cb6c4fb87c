"""By which way a worker hears of jobs"""

import sqlalchemy as sa
from alembic import op

revision = "0014_ways_to_jobs"
down_revision = "0013_dish_pictures"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "workers", sa.Column("jobs_by", sa.Text(), nullable=False, server_default="wechat")
    )


def downgrade() -> None:
    op.drop_column("workers", "jobs_by")
