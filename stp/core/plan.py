"""Loading the plan's fixtures: rows of YAML files into tables of sourced facts.

A row is written once and again only when its fixture changes and no person edited it
(`edited_at` empty); what is left, and what no fixture names any more, is said, never deleted.
Each app's `plan.py` says which tables of a file are its own; `stp.cycle.plan` runs them all.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from django.core.exceptions import ValidationError
from django.db import models

from stp.core.models import Organisation, SourcedFact

TABLES = ("organisations",)
# Written by the loader or by people, never by a fixture.
_OURS = frozenset({"loaded_digest", "edited_at", "edited_by"})
# libyaml reads the fixtures ten times faster; a PyYAML built without it has the plain reader.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NAMES = ("id", "ref", "code")  # what a row is called by in a message, the first that it has


class BadFixture(Exception):
    """A fixture that cannot be loaded: one sentence with the file, the row and what is wanted."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a fixture and where it stands ("events.yaml: events, row 15 (E15)")."""

    where: str
    values: Mapping[str, Any]

    def wrong(self, what: str) -> BadFixture:
        return BadFixture(f"{self.where}: {what}")

    def need(self, name: str) -> Any:
        """The value of a field that every row of the table must have."""
        if name not in self.values:
            raise self.wrong(f"“{name}” is missing.")
        return self.values[name]

    def with_values(self, values: Mapping[str, Any]) -> "Row":
        return Row(self.where, values)


Tables = Mapping[str, Sequence[Row]]


@dataclass(slots=True)
class Outcome:
    """What loading did to one table; rows by their keys ("E15", "HWB01 target male")."""

    table: str
    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: int = 0
    kept: list[str] = field(default_factory=list)  # fixture changed, but a person edited the row
    gone: list[str] = field(default_factory=list)  # loaded once, in no fixture now

    @property
    def is_change(self) -> bool:
        return bool(self.created or self.updated)


def read(folder: Path, tables: Iterable[str]) -> Tables:
    """Every row of every `*.yaml` of a folder, by table; BadFixture for what cannot be read."""
    found: dict[str, list[Row]] = {name: [] for name in tables}
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise BadFixture(f"No .yaml file stands in {folder}: give the folder of the fixtures.")
    for file in files:
        for table, rows in _tables_of(file):
            if table not in found:
                raise BadFixture(f"{file.name}: there is no table “{table}”.")
            found[table].extend(rows)
    return found


def _tables_of(file: Path) -> Iterator[tuple[str, list[Row]]]:
    try:
        content = _Loader(file.read_text(encoding="utf-8")).get_single_data()
    except UnicodeDecodeError:
        raise BadFixture(f"{file.name}: this is no UTF-8 text. Save it as UTF-8.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        said = getattr(error, "problem", None) or "it cannot be parsed"
        raise BadFixture(f"{file.name}{line}: this is not YAML ({said}).") from None
    if not isinstance(content, dict):
        raise BadFixture(f"{file.name}: wanted are tables, each a name and a list of rows.")
    for table, rows in content.items():
        if not isinstance(rows, list):
            raise BadFixture(f"{file.name}: “{table}” must be a list of rows.")
        yield str(table), [_row(file, str(table), n, row) for n, row in enumerate(rows, 1)]


def _row(file: Path, table: str, number: int, values: Any) -> Row:
    where = f"{file.name}: {table}, row {number}"
    if not isinstance(values, dict):
        raise BadFixture(f"{where}: wanted are fields and values, found “{values}”.")
    name = next((str(values[n]) for n in _NAMES if n in values), "")
    return Row(f"{where} ({name})" if name else where, values)


def digest(values: Mapping[str, Any]) -> str:
    """SHA-256 of a row's values, the same for any order of its fields."""
    text = json.dumps(values, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def load[M: SourcedFact](model: type[M], key: Sequence[str], rows: Sequence[Row]) -> Outcome:
    """Bring a table to its fixture rows, told apart by the fields `key`; all rows or none.

    Call it inside a transaction. BadFixture if a row names an unknown field, has no source,
    points at nothing, breaks a field's rule or stands twice.
    """
    fresh = _checked(model, key, rows)
    outcome = Outcome(str(model._meta.verbose_name_plural))
    existing = {_key(row, key): row for row in model._default_manager.all()}
    new: list[M] = []
    for row_key, (row, wanted) in fresh.items():
        current = existing.get(row_key)
        if current is None:
            new.append(wanted)
            outcome.created.append(_label(row_key))
        elif current.loaded_digest == wanted.loaded_digest:
            outcome.unchanged += 1
        elif current.edited_at is not None:
            outcome.kept.append(_label(row_key))
        else:
            _overwrite(current, wanted, row)
            outcome.updated.append(_label(row_key))
    model._default_manager.bulk_create(new)
    outcome.gone = [
        _label(k) for k, row in existing.items() if row.loaded_digest and k not in fresh
    ]
    return outcome


def _checked[M: SourcedFact](
    model: type[M], key: Sequence[str], rows: Sequence[Row]
) -> dict[tuple[Any, ...], tuple[Row, M]]:
    """Unsaved instances by key, every field held to the model's own rule."""
    targets = _targets(model)
    found: dict[tuple[Any, ...], tuple[Row, M]] = {}
    for row in rows:
        instance = _instance(model, row, targets)
        row_key = _key(instance, key)
        if row_key in found:
            raise row.wrong(f"“{_label(row_key)}” stands in the fixtures twice.")
        found[row_key] = (row, instance)
    return found


def _targets(model: type[SourcedFact]) -> dict[str, set[Any]]:
    """What each link of a table may point at. One query a link."""
    links = [f for f in _fields(model) if isinstance(f, models.ForeignKey)]
    return {
        f.name: set(f.related_model._default_manager.values_list("pk", flat=True)) for f in links
    }


def _fields(model: type[SourcedFact]) -> "list[models.Field[Any, Any]]":
    return [f for f in model._meta.concrete_fields if f.name not in _OURS]


def _instance[M: SourcedFact](model: type[M], row: Row, targets: Mapping[str, set[Any]]) -> M:
    fields = {f.name: f for f in _fields(model)}
    values: dict[str, Any] = {}
    for name, value in row.values.items():
        if name not in fields:
            raise row.wrong(f"there is no field “{name}”.")
        if name in targets and value is not None and value not in targets[name]:
            raise row.wrong(f"“{name}” is “{value}”, which does not exist.")
        values[fields[name].attname] = Decimal(str(value)) if type(value) is float else value
    if not str(row.values.get("source") or "").strip():
        raise row.wrong("“source” is missing: every fact says where it came from.")
    instance = model(**values)
    try:
        instance.clean_fields(exclude={*targets, *_OURS})
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        raise row.wrong(f"“{name}”: {messages[0]}") from None
    instance.loaded_digest = digest(row.values)
    return instance


def _overwrite(current: SourcedFact, wanted: SourcedFact, row: Row) -> None:
    """Take over the fixture's values. A field it does not name goes back to its default, but a
    link it does not name stays: links are also set in the tracker."""
    for f in _fields(type(current)):
        if f.primary_key or (f.is_relation and f.name not in row.values):
            continue
        setattr(current, f.attname, getattr(wanted, f.attname))
    current.loaded_digest = wanted.loaded_digest
    current.save()


def _key(row: SourcedFact, key: Sequence[str]) -> tuple[Any, ...]:
    attributes = {f.name: f.attname for f in row._meta.concrete_fields}
    return tuple(getattr(row, attributes[name]) for name in key)


def _label(key: tuple[Any, ...]) -> str:
    return " ".join(str(part) for part in key if part not in (None, ""))


def load_tables(tables: Tables) -> list[Outcome]:
    """The core's own table: organisations."""
    return [load(Organisation, ("id",), tables["organisations"])]
