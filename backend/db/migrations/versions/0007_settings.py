"""Nothing: a number that was given before its content; see 0011_settings"""

revision = "0007_settings"
down_revision = "0006_order_news"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
