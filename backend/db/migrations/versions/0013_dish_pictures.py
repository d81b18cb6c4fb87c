"""Pictures of dishes: a kitchen's own, one for each of its dishes"""

import sqlalchemy as sa
from alembic import op

revision = "0013_dish_pictures"
down_revision = "0012_telephones"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dish_pictures",
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("dish", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("webp", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["providers.id"], name=op.f("fk_dish_pictures_provider_id")
        ),
        sa.PrimaryKeyConstraint("provider_id", "dish", name=op.f("pk_dish_pictures")),
    )


def downgrade() -> None:
    op.drop_table("dish_pictures")
