"""Moments in UTC, to the second."""

import datetime


def now():
    return datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


def midnight(days_ago=0):
    """When that day began."""
    return now().replace(hour=0, minute=0, second=0) - datetime.timedelta(days=days_ago)


def month(months_ago=0):
    """When that month began."""
    begin = midnight().replace(day=1)
    for _ in range(months_ago):
        begin = (begin - datetime.timedelta(days=1)).replace(day=1)
    return begin


def hours(count):
    return datetime.timedelta(hours=count)


def seconds(count):
    return datetime.timedelta(seconds=count)


def date(moment):
    """As PostgreSQL prints it."""
    return moment.date().isoformat()
