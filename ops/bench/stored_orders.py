"""Years of orders put into a database at once, as if people had lived with Yinling: spread over
elders, days, services and states, with lines, events and a ledger that balances to the fen."""

import calendar
from datetime import date, datetime, timedelta

import psycopg

from backend.domain.pricing import AllowanceRule, monthly_allowance_fen
from backend.services.allowance import month_of
from backend.settings import TIMEZONE

ELDERS = 10_000
"""As many people order, however many orders are stored: only the past grows."""
COPY_STEP = 100_000
"""Copies of a seeded elder have her id plus a multiple of this."""
CODES = ("meal.breakfast", "meal.lunch", "meal.dinner", "home.clean", "nursing.wound")
PAST_DAYS = 730
DAYS_AHEAD = 14
"""One stored meal in a hundred is still to come, within so many days."""


def copy_elders(connection: psycopg.Connection, now: datetime) -> None:
    """Copy the seeded elders, with address and assessments, until there are ELDERS of them; each
    has an account that may order, and the allowance of every month that can be ordered for."""
    (seeded,) = _one(connection, "SELECT count(*) FROM elders WHERE ended_on IS NULL")
    copies = -(-ELDERS // seeded) - 1
    for statement in (
        "INSERT INTO elders (id, name, sex, born_on, town, category, ability_level, diet, dialect)"
        " SELECT id + {step} * copy, name, sex, born_on, town, category, ability_level, diet,"
        " dialect FROM elders, generate_series(1, {copies}) copy WHERE ended_on IS NULL",
        "INSERT INTO addresses (elder_id, label, town, community, street, lat, lon, is_default)"
        " SELECT e.id, label, a.town, community, street, lat, lon, is_default"
        " FROM addresses a JOIN elders e ON e.id % {step} = a.elder_id AND e.id > {step}",
        "INSERT INTO assessments (elder_id, assessed_on, valid_until, score, level)"
        " SELECT e.id, assessed_on, valid_until, score, level"
        " FROM assessments a JOIN elders e ON e.id % {step} = a.elder_id AND e.id > {step}",
        "INSERT INTO accounts (id, channel, identifier, name)"
        " SELECT id, 'wechat', 'bench-' || id, name FROM elders WHERE ended_on IS NULL",
        "INSERT INTO links (account_id, elder_id, relation)"
        " SELECT id, id, 'self' FROM elders WHERE ended_on IS NULL",
    ):
        connection.execute(statement.format(step=COPY_STEP, copies=copies))
    _grant_months(connection, now.astimezone(TIMEZONE).date())


def add_orders(connection: psycopg.Connection, count: int, now: datetime) -> None:
    """Add `count` orders of the past two years; a few are still to come."""
    today = now.astimezone(TIMEZONE).date()
    days = {"today": today, "first": today.replace(day=1)}
    connection.execute(_BATCH, {"count": count, **days})
    for statement in (_ORDERS, _LINES, _EVENTS, _AUDITS):
        connection.execute(statement)
    connection.execute(_MOVEMENTS)
    _post_movements(connection)
    connection.execute("DROP TABLE batch")


def settle(connection: psycopg.Connection) -> None:
    """Leave no housekeeping over for the time that is measured."""
    connection.execute("VACUUM (ANALYZE)")
    connection.execute("CHECKPOINT")


def prepare(connection: psycopg.Connection) -> None:
    """What this connection needs to write in bulk: foreign keys hold by construction here, and
    nothing is lost if the machine dies."""
    connection.execute("SET session_replication_role = replica")
    connection.execute("SET synchronous_commit = off")
    connection.execute("SET work_mem = '256MB'")
    connection.execute("SELECT setseed(0.42195)")


def list_choices(connection: psycopg.Connection) -> None:
    """For every elder and service, the cheapest provider: what the stored orders draw on."""
    connection.execute(_CHOICES, {"codes": list(CODES)})
    connection.execute("CREATE INDEX ON choices (n)")
    connection.execute("ANALYZE choices")


def _grant_months(connection: psycopg.Connection, today: date) -> None:
    rules = [
        AllowanceRule(*row)
        for row in connection.execute(
            "SELECT category, ability_level, monthly_fen, valid_from, valid_to FROM allowance_rules"
        )
    ]
    _movements_table(connection)
    people = connection.execute(
        "SELECT DISTINCT category, ability_level FROM elders WHERE category IS NOT NULL"
    ).fetchall()
    month = today.replace(day=1)
    for _ in range(4):
        for category, level in people:
            connection.execute(
                "INSERT INTO movements SELECT nextval('ledger_postings_id_seq'), 'grant',"
                " 'grant:' || e.id || ':' || %(month)s, NULL, now(), 'fund', 0, 'available', e.id,"
                " %(month)s, %(fen)s FROM elders e"
                " WHERE e.category = %(category)s AND e.ability_level = %(level)s"
                " AND e.ended_on IS NULL AND NOT EXISTS (SELECT FROM ledger_postings p"
                " WHERE p.idempotency_key = 'grant:' || e.id || ':' || %(month)s)",
                {
                    "category": category,
                    "level": level,
                    "month": month_of(month),
                    "fen": monthly_allowance_fen(rules, category, level, month),
                },
            )
        month += timedelta(days=calendar.monthrange(month.year, month.month)[1])
    _post_movements(connection)


def _movements_table(connection: psycopg.Connection) -> None:
    connection.execute(
        "CREATE TEMP TABLE movements (id bigint, kind text, key text, order_id bigint,"
        " at timestamptz, source text, source_owner bigint, target text, target_owner bigint,"
        " month text, fen bigint)"
    )


def _post_movements(connection: psycopg.Connection) -> None:
    """Turn the rows of `movements` into postings, entries and balances; drop the table."""
    for statement in (
        "CREATE TEMP TABLE sides AS"
        " SELECT id, source AS kind, source_owner AS owner_id, month, -fen AS fen FROM movements"
        " UNION ALL SELECT id, target, target_owner, month, fen FROM movements",
        "INSERT INTO ledger_accounts (kind, owner_id, month) SELECT DISTINCT kind, owner_id, month"
        " FROM sides ON CONFLICT DO NOTHING",
        "INSERT INTO ledger_postings (id, kind, idempotency_key, order_id, at)"
        " SELECT id, kind, key, order_id, at FROM movements",
        "INSERT INTO ledger_entries (posting_id, account_id, amount_fen)"
        " SELECT s.id, a.id, s.fen FROM sides s"
        " JOIN ledger_accounts a USING (owner_id, month, kind)",
        "UPDATE ledger_accounts a SET balance_fen = balance_fen + moved.fen FROM (SELECT kind,"
        " owner_id, month, sum(fen) AS fen FROM sides GROUP BY kind, owner_id, month) AS moved"
        " WHERE (a.kind, a.owner_id, a.month) = (moved.kind, moved.owner_id, moved.month)",
        "DROP TABLE movements, sides",
    ):
        connection.execute(statement)


def _one(connection: psycopg.Connection, query: str) -> tuple[int, ...]:
    row = connection.execute(query).fetchone()
    assert row is not None
    return tuple(row)


_CHOICES = """
CREATE TEMP TABLE choices AS
SELECT row_number() OVER () AS n, * FROM (
    SELECT DISTINCT ON (e.id, i.code)
        e.id AS elder_id, e.category IS NOT NULL AS subsidised, a.id AS address_id,
        i.code, i.category, i.name, i.duration_min, i.hours_from, i.window_min,
        o.provider_id, o.price_fen, o.delivery_fen
    FROM elders e
    JOIN addresses a ON a.elder_id = e.id AND a.is_default
    JOIN service_areas s ON s.town = a.town
    JOIN offerings o ON o.provider_id = s.provider_id
    JOIN service_items i ON i.code = o.code
    WHERE i.code = ANY(%(codes)s) AND e.ended_on IS NULL
    ORDER BY e.id, i.code, o.price_fen + o.delivery_fen
) AS cheapest
"""

_BATCH = f"""
CREATE TEMP TABLE batch AS
WITH drawn AS (
    SELECT number, random() AS chance, random() AS day_chance,
        1 + floor(random() * (SELECT count(*) FROM choices))::bigint AS pick
    FROM generate_series(1, %(count)s) AS number
), timed AS (
    SELECT *, number %% 100 = 0 AND category = 'meal' AS to_come
    FROM drawn JOIN choices ON choices.n = drawn.pick
)
SELECT nextval('orders_id_seq') AS id, timed.*,
    price_fen + delivery_fen AS total_fen,
    CASE WHEN subsidised THEN price_fen / 2 ELSE 0 END AS subsidy_fen,
    service_day, (service_day + hours_from) AT TIME ZONE 'Asia/Shanghai' AS window_start,
    CASE WHEN to_come THEN 'placed' WHEN chance < 0.60 THEN 'finished'
        WHEN chance < 0.85 THEN 'reviewed' WHEN chance < 0.96 THEN 'cancelled'
        ELSE 'missed' END AS state
FROM timed CROSS JOIN LATERAL (
    SELECT CASE WHEN to_come THEN %(today)s::date + 1 + floor(day_chance * {DAYS_AHEAD})::int
        ELSE %(first)s::date - 1 - floor(day_chance * {PAST_DAYS})::int END AS service_day
) AS day
"""

_ORDERS = """
INSERT INTO orders (id, idempotency_key, elder_id, address_id, state, code, service_day,
    window_start, window_end, duration_min, provider_id, placed_by_account_id, channel,
    total_fen, subsidy_fen, self_pay_fen, visit_code, placed_at, changed_at)
SELECT id, md5(id::text), elder_id, address_id, state, code, service_day,
    window_start, window_start + make_interval(mins => window_min), duration_min, provider_id,
    elder_id, 'wechat', total_fen, subsidy_fen, total_fen - subsidy_fen,
    lpad((id % 10000)::text, 4, '0'), window_start - interval '1 day', window_start
FROM batch
"""

_LINES = """
INSERT INTO order_lines (order_id, position, code, name, quantity, unit_price_fen, amount_fen,
    subsidy_fen, self_pay_fen)
SELECT id, 1, code, name, 1, price_fen, price_fen, subsidy_fen, price_fen - subsidy_fen FROM batch
UNION ALL
SELECT id, 2, 'delivery', '送达', 1, delivery_fen, delivery_fen, 0, delivery_fen
FROM batch WHERE delivery_fen > 0
"""

_EVENTS = """
INSERT INTO order_events (order_id, at, move, from_state, to_state, actor, channel)
SELECT id, window_start - late, move, from_state, to_state, 'account:' || elder_id, 'wechat'
FROM batch JOIN (VALUES
    ('place', NULL, 'placed', interval '1 day', '{placed,finished,reviewed,cancelled,missed}'),
    ('offer', 'placed', 'offered', interval '23 hours', '{finished,reviewed,missed}'),
    ('accept', 'offered', 'accepted', interval '22 hours', '{finished,reviewed,missed}'),
    ('check_in', 'accepted', 'in_service', interval '0', '{finished,reviewed}'),
    ('check_out', 'in_service', 'finished', interval '-1 hour', '{finished,reviewed}'),
    ('review', 'finished', 'reviewed', interval '-3 hours', '{reviewed}'),
    ('cancel', 'placed', 'cancelled', interval '20 hours', '{cancelled}'),
    ('miss', 'accepted', 'missed', interval '-2 hours', '{missed}')
) AS steps (move, from_state, to_state, late, states) ON batch.state = ANY(states::text[])
"""

_AUDITS = """
INSERT INTO audits (at, actor, channel, action, subject, subject_id, changes)
SELECT window_start - interval '1 day', 'account:' || elder_id, 'wechat', 'place_order', 'order',
    id, jsonb_build_object('total_fen', total_fen)
FROM batch
"""

_MOVEMENTS = """
CREATE TEMP TABLE movements AS
WITH paid AS (SELECT *, to_char(service_day, 'YYYY-MM') AS month FROM batch),
held AS (SELECT * FROM paid WHERE subsidy_fen > 0),
moved AS (
    SELECT 'grant' AS kind, 'grant:past:' || min(id) AS key, NULL::bigint AS order_id,
        min(window_start) AS at, 'fund' AS source, 0::bigint AS source_owner,
        'available' AS target, elder_id AS target_owner, month, sum(subsidy_fen)::bigint AS fen
    FROM held WHERE NOT to_come GROUP BY elder_id, month
    UNION ALL
    SELECT 'reserve', 'order:' || id || ':reserve:0', id, window_start, 'available', elder_id,
        'reserved', elder_id, month, subsidy_fen FROM held
    UNION ALL
    SELECT 'release', 'order:' || id || ':release:0', id, window_start, 'reserved', elder_id,
        'available', elder_id, month, subsidy_fen FROM held
    WHERE state IN ('cancelled', 'missed')
    UNION ALL
    SELECT 'capture', 'order:' || id || ':capture', id, window_start, 'reserved', elder_id,
        'provider_subsidy', provider_id, month, subsidy_fen FROM held
    WHERE state IN ('finished', 'reviewed')
    UNION ALL
    SELECT 'self_pay', 'order:' || id || ':self_pay', id, window_start, 'elder_owes', elder_id,
        'provider_self_pay', provider_id, month, total_fen - subsidy_fen FROM paid
    WHERE state IN ('finished', 'reviewed')
)
SELECT nextval('ledger_postings_id_seq') AS id, moved.* FROM moved
"""
