"""Settings: every version of what a city may change"""

revision = "0007_settings"
down_revision = "0006_order_news"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
