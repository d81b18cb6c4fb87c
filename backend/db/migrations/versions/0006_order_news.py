"""News of orders for the board

A NOTIFY makes commits queue for one lock. Nearly every move of an order enqueues a job as well, and
procrastinate notifies of each job: the lock is taken anyhow, and this adds a note to it.
"""

from alembic import op

revision = "0006_order_news"
down_revision = "0005_console"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_TELL)
    op.execute(
        "CREATE TRIGGER tell_board AFTER INSERT OR UPDATE OF state, worker_id, provider_id, "
        "window_start, window_end, quantity, diet, note ON orders "
        "FOR EACH ROW EXECUTE FUNCTION tell_board()"
    )


_TELL = """
CREATE FUNCTION tell_board() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('console', 'order:' || NEW.id);
    RETURN NULL;
END $$
"""


def downgrade() -> None:
    op.execute("DROP TRIGGER tell_board ON orders")
    op.execute("DROP FUNCTION tell_board()")
