"""When a caller wanted a human, when one came, and who"""

import sqlalchemy as sa
from alembic import op

revision = "0015_humans_in_calls"
down_revision = "0014_ways_to_jobs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("calls", sa.Column("human_wanted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("calls", sa.Column("human_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("calls", sa.Column("human_telephone", sa.Text(), nullable=True))
    # Of calls before this only the wish is known.
    op.execute(
        "UPDATE calls SET human_wanted_at = tickets.opened_at FROM tickets "
        "WHERE tickets.id = calls.ticket_id AND tickets.kind = 'handover'"
    )
    op.execute(_TELL)
    op.execute(
        "CREATE TRIGGER tell_picked_up AFTER UPDATE OF human_at ON calls "
        "FOR EACH ROW WHEN (NEW.human_at IS NOT NULL) EXECUTE FUNCTION tell_picked_up()"
    )


_TELL = """
CREATE FUNCTION tell_picked_up() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('console', 'picked:' || NEW.id);
    RETURN NULL;
END $$
"""


def downgrade() -> None:
    op.execute("DROP TRIGGER tell_picked_up ON calls")
    op.execute("DROP FUNCTION tell_picked_up()")
    for column in ("human_telephone", "human_at", "human_wanted_at"):
        op.drop_column("calls", column)
