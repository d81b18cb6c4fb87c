"""What happens later: offers expiring, notices, reminders, allowances. On PostgreSQL."""
