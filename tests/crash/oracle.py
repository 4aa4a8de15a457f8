"""The oracle of the crash tests: what the database must hold, worked out from the stored files.

    DATABASE_URL=… python tests/crash/oracle.py UPLOAD_FOLDER

It imports nothing of the site: originals are read with csv and openpyxl by their published
headings (docs/returns.md), the database by plain SQL. Every figure is compared to the penny,
every sum of the newest snapshot too. It says what it counted, and each thing that is wrong.
"""

import csv
import datetime as dt
import hashlib
import json
import os
import re
import sqlite3
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, fields
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

import openpyxl
import psycopg2
import psycopg2.extensions

MONTHS = ("Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb", "Mar")
KINDS = ("plan", "actual", "forecast")
# As the page of the upload writes a unit, and as the command does.
PENCE = {
    "£": 100, "£000": 100_000, "£m": 100_000_000,
    "pounds": 100, "thousands": 100_000, "millions": 100_000_000,
}  # fmt: skip
FIGURE = re.compile(r"(Plan|Actual|Forecast) (?:([A-Z][a-z]{2})|(20\d\d/\d\d))")
# DESIGN §4: where a return may stay. "ready" waits for its sender, the first two for a job.
FINAL = {
    "problems", "unreadable", "committed", "signed_off", "superseded", "withdrawn", "abandoned",
}  # fmt: skip
APPLIED = {"committed", "signed_off", "superseded", "withdrawn"}
MOST_ATTEMPTS = 3

Cell = tuple[str, str, str]  # scheme's ref, kind, month or later year
Figures = dict[Cell, tuple[int | None, str]]  # pence, or why there are none


@dataclass
class Verdict:
    """What was counted and what is wrong; `faults` is empty when the two tellings are equal."""

    counted: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    faults: list[str] = field(default_factory=list)

    def must(self, holds: bool, fault: str) -> None:
        if not holds:
            self.faults.append(fault)

    def __str__(self) -> str:
        counts = ", ".join(f"{number} {what}" for what, number in self.counted.items())
        return f"{counts}: " + ("equal" if not self.faults else "; ".join(self.faults[:20]))


@dataclass(frozen=True)
class Sent:
    """A row of the table of returns, as far as the oracle needs it."""

    pk: int
    kind: str
    scope: str
    period: str
    version: int | None
    state: str
    in_force: bool
    file_name: str
    file_path: str
    sha256: str
    choices: dict[str, Any]
    row_count: int
    left_out: dict[str, str]


class Database:
    """Plain SQL on either database."""

    def __init__(self, url: str) -> None:
        self.postgresql = not url.startswith("sqlite")
        self._connection: Any
        if self.postgresql:
            self._connection = psycopg2.connect(url)
        else:
            self._connection = sqlite3.connect(url.removeprefix("sqlite:///"), timeout=30)

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Every row of a query; `?` stands for a value."""
        cursor = self._connection.cursor()
        cursor.execute(sql.replace("?", "%s") if self.postgresql else sql, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    def close(self) -> None:
        self._connection.close()


def look(database_url: str, uploads: Path, *, confirmed: Iterable[str] | None = None) -> Verdict:
    """Compare the database with the files it says it keeps.

    `confirmed` are SHA-256s of the files whose senders were told "committed" or would be: then
    exactly these must be applied.
    """
    verdict = Verdict()
    with closing(Database(database_url)) as database:
        sent = _returns(database)
        verdict.counted["returns"] = len(sent)
        _states(database, sent, verdict)
        _files(sent, uploads, verdict)
        figures = _applied(database, sent, uploads, verdict)
        if confirmed is not None:
            wanted, found = set(confirmed), {s.sha256 for s in sent if s.pk in figures}
            verdict.must(wanted == found, f"{len(wanted ^ found)} files confirmed but not applied")
        _jobs(database, verdict)
        _snapshots(database, sent, figures, verdict)
    return verdict


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _returns(database: Database) -> list[Sent]:
    rows = database.rows(
        "SELECT id, kind, scope, period_id, version, state, in_force, file_name, file_path, "
        "sha256, choices, row_count, missing FROM core_return ORDER BY id"
    )
    names = [f.name for f in fields(Sent)]
    return [
        Sent(**{
            **dict(zip(names, row, strict=True)),
            "in_force": bool(row[6]), "choices": _json(row[10]), "left_out": _json(row[12]),
        })
        for row in rows
    ]  # fmt: skip


def _states(database: Database, sent: list[Sent], verdict: Verdict) -> None:
    """Final states, one in force of each subject, one "committed" event of each that was."""
    events: dict[int, int] = defaultdict(int)
    for return_id, before in database.rows(
        "SELECT return_id, before FROM core_auditevent WHERE verb = 'committed'"
    ):
        # One that comes back after a withdrawal is put in force again, not committed.
        events[return_id] += (_json(before) or {}).get("Status") != "Superseded"
    verdict.counted["committed events"] = sum(events.values())
    in_force: dict[tuple[str, str, str], list[Sent]] = defaultdict(list)
    versions: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for one in sent:
        verdict.must(one.state in FINAL, f"return {one.pk} is left {one.state}")
        wanted = int(one.state in APPLIED)
        found = events.pop(one.pk, 0)
        verdict.must(found == wanted, f"return {one.pk}: {found} committed events, not {wanted}")
        subject = (one.kind, one.scope, one.period)
        if one.in_force:
            in_force[subject].append(one)
        if one.state in APPLIED - {"withdrawn"}:
            versions[subject].append(one.version or 0)
    verdict.must(not events, f"committed events of no return: {sorted(events)}")
    for subject, numbers in versions.items():
        standing = [one.version for one in in_force.pop(subject, [])]
        verdict.must(standing == [max(numbers)], f"in force of {subject}: {standing}")
    verdict.must(not in_force, f"in force though never committed: {sorted(in_force)}")


def _files(sent: list[Sent], uploads: Path, verdict: Verdict) -> None:
    """Every return has its file, byte for byte; no file is nobody's."""
    every = uploads.iterdir() if uploads.exists() else ()
    there = {path.name for path in every if path.is_file()}
    verdict.counted["files"] = len(there)
    for one in sent:
        if one.file_path not in there:
            verdict.faults.append(f"return {one.pk}: its file is missing")
            continue
        found = hashlib.sha256((uploads / one.file_path).read_bytes()).hexdigest()
        verdict.must(found == one.sha256, f"return {one.pk}: its file was changed")
    orphans = there - {one.file_path for one in sent}
    verdict.must(not orphans, f"files of no return: {sorted(orphans)}")


def _applied(
    database: Database, sent: list[Sent], uploads: Path, verdict: Verdict
) -> dict[int, Figures]:
    """The figures of each applied return as its file says them, compared with the table's."""
    told: dict[int, Figures] = {}
    for one in sent:
        stored = _stored(database, one.pk, verdict)
        states = database.rows(
            "SELECT s.ref FROM finance_schemestate t JOIN finance_savingsscheme s "
            "ON s.id = t.scheme_id WHERE t.return_of_id = ? ORDER BY s.ref", one.pk,
        )  # fmt: skip
        if one.state not in APPLIED:
            verdict.must(not stored, f"return {one.pk} is {one.state}, yet has figures")
            verdict.must(not states, f"return {one.pk} is {one.state}, yet has schemes")
            continue
        verdict.must(not one.left_out, f"return {one.pk} leaves schemes out: not reckoned here")
        if not (uploads / one.file_path).exists():
            continue
        wanted = dict(read(uploads / one.file_path, one))
        refs = sorted({ref for ref, _, _ in wanted})
        told[one.pk] = wanted
        verdict.must([r for (r,) in states] == refs, f"return {one.pk}: schemes differ")
        verdict.must(one.row_count == len(refs), f"return {one.pk}: {one.row_count} rows counted")
        verdict.must(stored == wanted, f"return {one.pk}: {_difference(stored, wanted)}")
        _sums(wanted, stored, one, verdict)
        verdict.counted["applied"] += 1
        verdict.counted["rows"] += len(refs)
        verdict.counted["figures"] += len(wanted)
    return told


def _stored(database: Database, pk: int, verdict: Verdict) -> Figures:
    rows = database.rows(
        'SELECT s.ref, f.kind, f."when", f.pence, f.missing FROM finance_figure f '
        "JOIN finance_savingsscheme s ON s.id = f.scheme_id WHERE f.return_of_id = ?", pk,
    )  # fmt: skip
    found = {(ref, kind, when): (pence, missing) for ref, kind, when, pence, missing in rows}
    verdict.must(len(found) == len(rows), f"return {pk}: {len(rows) - len(found)} figures doubled")
    return found


def _difference(stored: Figures, wanted: Figures) -> str:
    """The first cells that differ, with both tellings."""
    cells = sorted(c for c in stored.keys() | wanted.keys() if stored.get(c) != wanted.get(c))
    shown = [f"{' '.join(c)} is {stored.get(c)}, the file says {wanted.get(c)}" for c in cells[:3]]
    return f"{len(cells)} figures differ ({'; '.join(shown)})"


def _sums(wanted: Figures, stored: Figures, one: Sent, verdict: Verdict) -> None:
    """Sums in pence by kind and month or year: what a total on a page is made of."""
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for place, told in enumerate((wanted, stored)):
        for (_, kind, when), (pence, _) in told.items():
            sums[kind, when][place] += pence or 0
    verdict.counted["sums"] += len(sums)
    for (kind, when), (file, table) in sums.items():
        verdict.must(file == table, f"return {one.pk}: {kind} {when} is {table}p, not {file}p")


def read(path: Path, one: Sent) -> Iterator[tuple[Cell, tuple[int | None, str]]]:
    """Every figure of an original, in pence, by the headings of its first row."""
    for row in _table(path, one.file_name):
        ref = str(row["Scheme ref"]).strip()
        for heading, value in row.items():
            match = FIGURE.fullmatch(heading)
            if match:
                kind = match[1].lower()
                when = match[3] or _month(match[2], one.period)
                yield (ref, kind, when), _figure(value, kind, when, one)


def _table(path: Path, name: str) -> Iterator[dict[str, Any]]:
    if name.endswith(".csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from csv.DictReader(file)
        return
    with path.open("rb") as original:
        book = openpyxl.load_workbook(original, read_only=True, data_only=True)
        rows = book["Schemes"].iter_rows(values_only=True)
        headings = [str(heading or "") for heading in next(rows)]
        for row in rows:
            if any(value not in (None, "") for value in row):
                yield dict(zip(headings, row, strict=False))


def _month(name: str, period: str) -> str:
    """ "2018-02" for "Feb" in a return of 2017/18, whose year began in April."""
    year, month = int(period[:4]), int(period[5:])
    began = year if month >= 4 else year - 1
    number = (MONTHS.index(name) + 3) % 12 + 1
    return f"{began if number >= 4 else began + 1}-{number:02d}"


def _figure(value: Any, kind: str, when: str, one: Sent) -> tuple[int | None, str]:
    text = "" if value is None else str(value).strip()
    if text.lower() == "n/a":
        return None, "n/a"
    if not text:
        return None, "not due" if kind == "actual" and when > one.period else "unknown"
    pence = Decimal(text) * PENCE[one.choices["unit"]]
    return int(pence.quantize(Decimal(1), ROUND_HALF_EVEN)), ""


def _jobs(database: Database, verdict: Verdict) -> None:
    rows = database.rows("SELECT id, kind, state, attempt FROM core_job ORDER BY id")
    verdict.counted["jobs"] = len(rows)
    for pk, kind, state, attempt in rows:
        verdict.must(state not in ("waiting", "running"), f"job {pk} {kind} is left {state}")
        verdict.must(attempt <= MOST_ATTEMPTS, f"job {pk} {kind} was tried {attempt} times")


def _snapshots(
    database: Database, sent: list[Sent], figures: dict[int, Figures], verdict: Verdict
) -> None:
    """One current snapshot a period, nobody's line twice, and its money as the files say it."""
    for code, version, included, data in database.rows(
        "SELECT code, snapshot_version, snapshot_data_version, data_version "
        "FROM core_reportingperiod WHERE state = 'open' AND data_version > 0 ORDER BY code"
    ):
        verdict.must(included == data, f"{code}: {data - included} changes are not in its snapshot")
        newest = database.rows("SELECT MAX(version) FROM core_snapshot WHERE period_id = ?", code)
        verdict.must(newest == [(version,)], f"{code}: shows v{version}, newest is {newest[0][0]}")
        beyond = database.rows(
            "SELECT COUNT(*) FROM core_snapshotline WHERE period_id = ? "
            "AND (from_version > ? OR to_version > ?)", code, version, version,
        )  # fmt: skip
        verdict.must(beyond == [(0,)], f"{code}: {beyond[0][0]} lines of versions not published")
        doubled = database.rows(
            "SELECT subject, subject_id FROM core_snapshotline WHERE period_id = ? AND "
            "to_version IS NULL GROUP BY subject, subject_id, year, line, organisation "
            "HAVING COUNT(*) > 1", code,
        )  # fmt: skip
        verdict.must(not doubled, f"{code}: two open lines of {doubled[:3]}")
        verdict.counted["snapshots"] += 1
        _money(database, code, version, _expected(sent, figures, code), verdict)


Money = dict[str, tuple[int, int]]  # subject -> forecast of the year, delivered to date, in pence


def _expected(sent: list[Sent], figures: dict[int, Figures], period: str) -> dict[str, Money]:
    """Money of each scheme and organisation: its newest finance return in force up to `period`."""
    newest: dict[str, Sent] = {}
    for one in sorted(sent, key=lambda s: s.period):
        if one.in_force and one.kind == "finance" and one.period <= period:
            newest[one.scope] = one
    schemes: Money = {}
    organisations: Money = {}
    for scope, one in newest.items():
        of_org = _year(figures.get(one.pk, {}), period)
        schemes |= {f"{scope}/{ref}": money for ref, money in of_org.items()}
        organisations[scope] = (
            sum(forecast for forecast, _ in of_org.values()),
            sum(delivered for _, delivered in of_org.values()),
        )
    return {"scheme": schemes, "organisation": organisations}


def _year(figures: Figures, period: str) -> Money:
    """Forecast and delivered by scheme: F is the actuals of due months, the forecast cell of a

    due month whose actual is blank, and the forecasts of later months; n/a is nil (rag-rules).
    """
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for (ref, kind, when), (pence, _) in figures.items():
        money = found[ref]
        due = when <= period
        if "/" in when or kind == "plan":
            continue
        if kind == "actual" and due:
            money[0] += pence or 0
            money[1] += pence or 0
        elif kind == "forecast":
            blank = figures.get((ref, "actual", when), (None, "unknown")) == (None, "unknown")
            money[0] += (pence or 0) if not due or blank else 0
    return {ref: (forecast, delivered) for ref, (forecast, delivered) in found.items()}


def _money(
    database: Database, code: str, version: int, wanted: dict[str, Money], verdict: Verdict
) -> None:
    for subject, expected in wanted.items():
        rows = database.rows(
            "SELECT subject_id, forecast_pence, delivered_pence FROM core_snapshotline "
            "WHERE period_id = ? AND subject = ? AND from_version <= ? "
            "AND (to_version IS NULL OR to_version > ?)", code, subject, version, version,
        )  # fmt: skip
        found = {subject_id: (forecast, delivered) for subject_id, forecast, delivered in rows}
        if subject == "organisation":  # who has sent nothing has a line too, of nil
            found = {k: v for k, v in found.items() if k in expected or any(v)}
        wrong = sorted(k for k in found.keys() | expected.keys() if found.get(k) != expected.get(k))
        shown = [f"{k} is {found.get(k)}, not {expected.get(k)}" for k in wrong[:3]]
        verdict.must(not wrong, f"{code}: {len(wrong)} {subject} lines differ ({'; '.join(shown)})")
        verdict.counted[f"{subject} lines"] += len(expected)


def main(arguments: list[str]) -> int:
    """Print the verdict on the database of DATABASE_URL; 1 when anything is wrong."""
    verdict = look(os.environ["DATABASE_URL"], Path(arguments[0]))
    print(f"{dt.datetime.now(dt.UTC):%H:%M:%S} {verdict}")
    return 1 if verdict.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
