"""Many rows into one table at once: COPY on PostgreSQL, `executemany` on SQLite (DESIGN §7)."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models

# Fields whose text, whole numbers and nothing go to either database as they are: of the tens of
# thousands of values of a return nearly all, and asking the field about each is half the work.
_AS_THEY_ARE = (models.CharField, models.TextField, models.IntegerField, models.ForeignKey)
_PLAIN = frozenset({str, int, type(None)})


def insert(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Insert rows of field values in the order of `names`; returns how many.

    `names` are attribute names (`scheme_id`); every other column must have none or a database
    default. Runs inside the caller's transaction; constraints are the database's.
    """
    # By attribute name: `scheme_id` is the foreign key's own column.
    by_name = {field.attname: field for field in model._meta.concrete_fields}
    fields = [by_name[name] for name in names]
    quick = [isinstance(field, _AS_THEY_ARE) for field in fields]
    prepared = [
        [
            value if plain and type(value) in _PLAIN else _prepared(field, value)
            for field, plain, value in zip(fields, quick, row, strict=True)
        ]
        for row in rows
    ]
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    columns = ", ".join(quote(str(field.column)) for field in fields)
    if connection.vendor == "postgresql":
        _copy(table, columns, prepared)
    else:
        marks = ", ".join(["%s"] * len(fields))
        with connection.cursor() as cursor:
            # Names come from our own models and are quoted; values are bound.
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", prepared)  # noqa: S608 - see above
    return len(prepared)


def _prepared(field: "models.Field[Any, Any]", value: Any) -> Any:
    """A value as the statement takes it; the adapter PostgreSQL's JSON has is no use to COPY."""
    if isinstance(field, models.JSONField):
        return json.dumps(value)
    return field.get_db_prep_save(value, connection)


def _copy(table: str, columns: str, rows: list[list[Any]]) -> None:
    """COPY as CSV: NULL is an empty field without quotes, an empty text has them."""
    buffer = io.StringIO()
    csv.writer(buffer, quoting=csv.QUOTE_NOTNULL).writerows(rows)
    buffer.seek(0)
    # A cursor's `copy_expert` is the driver's own: its errors are made Django's here.
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN WITH (FORMAT csv)", buffer)
