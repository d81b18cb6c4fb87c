"""Figures of the supervisor's pages: what they look for is found without reading whole tables"""

from alembic import op

revision = "0010_figures"
down_revision = "0009_menus"
branch_labels = None
depends_on = None

LOOKS = "action IN ('look_at_elder', 'export_figures', 'print_meals')"


def upgrade() -> None:
    op.create_index("ix_audits_looks", "audits", ["id"], postgresql_where=LOOKS)
    op.create_index("ix_ledger_accounts_month", "ledger_accounts", ["month"])
    op.create_index("ix_incidents_raised_at", "incidents", ["raised_at"])
    op.create_index("ix_calls_rang_at", "calls", ["rang_at"])


def downgrade() -> None:
    for index, table in (
        ("ix_calls_rang_at", "calls"),
        ("ix_incidents_raised_at", "incidents"),
        ("ix_ledger_accounts_month", "ledger_accounts"),
        ("ix_audits_looks", "audits"),
    ):
        op.drop_index(index, table)
