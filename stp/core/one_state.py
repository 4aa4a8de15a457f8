"""Reading many tables as one state of the database (RELIABILITY §4.3)."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def one_state() -> Iterator[None]:
    """Every query inside sees the same state, whatever commits meanwhile. Only reads inside.

    PostgreSQL: a REPEATABLE READ transaction. SQLite: a deferred one, which in WAL mode pins
    the state at its first read and, unlike `atomic()` here, never takes the write lock. Inside
    a caller's transaction (tests, a close) that transaction's own isolation holds.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
    else:
        with _deferred():
            yield


@contextmanager
def _deferred() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK")
