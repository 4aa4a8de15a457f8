"""People at work on a running site: what the tests under load and L1 of `bench/` send.

    python -m tests.load http://127.0.0.1:8000 --users 10 --seconds 120      [--seed 1]

The site holds `tests.load_system`. Each user is a thread with a session of its own and thinks 1-3
seconds between clicks. A click is a dashboard or a drill-down (70 %), a list or a search (15 %), an
upload of 200 rows (5 %), or the next step of a return (10 %): drop an upload, send the own
organisation's schemes corrected, give reasons, confirm. That last share stands for the editing of
milestones, which the site does not have yet. "edit" and "upload" are the forms alone; the pages of
a return on the way are "step". Only the standard library; no Django.
"""

import argparse
import csv
import io
import json
import random
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from urllib.parse import quote, urlencode

from tests.browsers import TIMEOUT, Answer, Browser, NoAnswer

THINK = (1.0, 3.0)
ROWS = 200
SHARES = {"dashboard": 70, "list": 15, "edit": 10, "upload": 5}
DASHBOARDS = ("/overview/", "/workstreams/", "/gap/", "/plan/", *(
    f"/workstreams/{code}/" for code in ("UC", "CC", "SC", "PR", "PD", "EN1", "EFF")))  # fmt: skip
LISTS = (
    "/finance/schemes/", "/finance/schemes/?q=S-01", "/finance/schemes/?rag=RED&sort=-plan",
    "/finance/schemes/?page=3", "/milestones/", "/milestones/?workstream=UC", "/risks/",
    "/milestones/?q=Step+17", "/indicators/", "/returns/", "/changes/",
)  # fmt: skip
MONTHS = dict(zip(
    ("04", "05", "06", "07", "08", "09", "10", "11", "12", "01", "02", "03"),
    ("Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb", "Mar"),
    strict=True,
))  # fmt: skip
REASON = "A reason typed by the load test"


@dataclass
class Sent:
    """A file the site said it had received: its address, and the SHA-256 is the caller's care."""

    path: str
    content: bytes
    large: bool


@dataclass
class Worker:
    """A finance lead who reads, sends and confirms."""

    browser: Browser
    organisation: str
    period: str
    chance: random.Random
    table: list[list[str]] = field(default_factory=list)  # the template as downloaded
    sent: list[Sent] = field(default_factory=list)
    open: list[Sent] = field(default_factory=list)
    number: int = 0

    def prepare(self) -> None:
        """Download the own organisation's template, once."""
        query = {"organisation": self.organisation, "period": self.period, "kind": "finance",
                 "download": "csv"}  # fmt: skip
        page = self.browser.get(f"/returns/template/?{urlencode(query)}", "template")
        self.table = list(csv.reader(io.StringIO(page.body.lstrip("\ufeff"))))

    def click(self) -> None:
        kind = self.chance.choices(list(SHARES), list(SHARES.values()))[0]
        {"dashboard": self.read, "list": self.look, "edit": self.edit, "upload": self.upload}[
            kind
        ]()

    def read(self) -> None:
        pages = list(DASHBOARDS)
        if len(self.table) > 1 and self.chance.random() < 0.4:
            ref = quote(self.chance.choice(self.table[1:])[0])
            pages = [f"/finance/schemes/{self.organisation}/{ref}/"]
        self.browser.get(self.chance.choice(pages), "dashboard")

    def look(self) -> None:
        self.browser.get(self.chance.choice(LISTS), "list")

    def upload(self) -> Sent | None:
        """Send 200 rows: the own schemes, and new ones beside them. None: it was not received."""
        return self.send(ROWS, "upload")

    def edit(self) -> None:
        """The next step of what was sent: drop what is large, explain and confirm what is own."""
        if not self.open:
            self.send(len(self.table) - 1, "edit")
            return
        sent = self.open.pop(0)
        if sent.large:
            self._post(f"{sent.path}abandon/", {}, sent.path)
        else:
            self._confirm(sent)

    def send(self, rows: int, kind: str) -> Sent | None:
        content = self.file(rows)
        page = self.browser.get("/returns/send/", "step")
        fields = {
            "csrfmiddlewaretoken": page.value("csrfmiddlewaretoken"), "kind": "finance",
            "organisation": self.organisation, "period": self.period, "unit": "thousands",
            "basis": "in_month", "control_schemes": str(rows),
        }  # fmt: skip
        name = f"{self.organisation}-{self.number}.csv"
        answer = self.browser.post("/returns/send/", fields, kind, (name, content))
        received = re.match(r"/returns/(\d+)/", answer.path)
        if answer.status != 200 or not received:
            return None
        sent = Sent(f"/returns/{received[1]}/", content, large=rows == ROWS)
        self.sent.append(sent)
        self.open.append(sent)
        return sent

    def file(self, rows: int) -> bytes:
        """The template filled in; no two files are alike."""
        self.number += 1
        head, *own = self.table
        month = head.index(f"Actual {MONTHS[self.period[5:]]}")
        made = []
        for n in range(rows):
            row = list(own[n % len(own)])
            if n >= len(own):
                row[0] = f"N-{n:03}"
            row[month] = f"{10 + (self.number + n) % 5}.{self.chance.randrange(100):02}"
            made.append(row)
        text = io.StringIO(newline="")
        csv.writer(text).writerows([head, *made])
        return text.getvalue().encode("utf-8-sig")

    def _confirm(self, sent: Sent) -> None:
        """Reasons, then the preview, then confirm; what is still checked is looked at later."""
        page = self.browser.get(sent.path, "step")
        if "/checking/" in page.path:
            self.open.append(sent)
            return
        token = page.value("csrfmiddlewaretoken")
        if reasons := re.findall(r'name="(reason_[^"]+)"', page.body):
            fields = dict.fromkeys(reasons, REASON) | {
                "csrfmiddlewaretoken": token, "digest": page.value("digest"),
            }  # fmt: skip
            page = self.browser.post(f"{sent.path}problems/", fields, "edit")
        if "/preview/" not in page.path:
            page = self.browser.get(f"{sent.path}preview/", "step")
        if digest := page.value("digest"):
            fields = {"csrfmiddlewaretoken": page.value("csrfmiddlewaretoken"), "digest": digest,
                      "confirmed": "on"}  # fmt: skip
            missing = re.findall(r'name="(missing_[^"]+)"', page.body)
            self.browser.post(
                f"{sent.path}preview/", fields | dict.fromkeys(missing, "leave"), "edit"
            )

    def _post(self, path: str, fields: Mapping[str, str], form: str) -> None:
        token = self.browser.get(form, "step").value("csrfmiddlewaretoken")
        if token:
            self.browser.post(path, {**fields, "csrfmiddlewaretoken": token}, "edit")


@dataclass
class Load:
    """Signed-in people who click until they are told to stop."""

    workers: list[Worker]
    seconds: float = 0.0

    @property
    def answers(self) -> list[Answer]:
        return sorted((a for w in self.workers for a in w.browser.answers), key=lambda a: a.began)

    @property
    def sent(self) -> list[Sent]:
        return [sent for worker in self.workers for sent in worker.sent]

    def __enter__(self) -> "Load":
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.workers:
            worker.browser.close()

    def forget(self) -> None:
        """Count from here: what was answered before was warming up."""
        for worker in self.workers:
            worker.browser.answers.clear()

    def run(
        self, seconds: float, *, think: tuple[float, float] = THINK,
        meanwhile: Callable[[], None] | None = None,
    ) -> None:  # fmt: skip
        """Click for `seconds`, or until `meanwhile`, run beside it, is over if that is later.

        A click that gets no answer is noted and the next one is made. Raises what a thread raised.
        """
        stop, wrong = threading.Event(), []

        def work(worker: Worker) -> None:
            try:
                while not stop.wait(worker.chance.uniform(*think)):
                    try:
                        worker.click()
                    except NoAnswer:
                        continue
            except Exception as error:
                wrong.append(error)

        threads = [threading.Thread(target=work, args=[worker]) for worker in self.workers]
        began = time.monotonic()
        for thread in threads:
            thread.start()
        try:
            if meanwhile:
                meanwhile()
            stop.wait(max(0.0, seconds - (time.monotonic() - began)))
        finally:
            stop.set()
            for thread in threads:
                thread.join(timeout=TIMEOUT + 10)
            self.seconds += time.monotonic() - began
        if wrong:
            raise wrong[0]


def sign_in(url: str, people: Iterable[tuple[str, str]], period: str, *, seed: int = 0) -> Load:
    """Browsers of finance leads `name.organisation@…`, each with its template downloaded."""
    workers = []
    for number, (address, password) in enumerate(people):
        browser = Browser(url)
        if not browser.sign_in(address, password):
            raise NoAnswer(f"{address} could not sign in: {browser.answers[-1]}")
        organisation = address.split("@")[0].split(".")[1]
        chance = random.Random(seed * 1_000 + number)  # noqa: S311 - no secret
        workers.append(Worker(browser, organisation, period, chance))
        workers[-1].prepare()
    return Load(workers)


@dataclass(frozen=True)
class Measured:
    """What one kind of click took: count, percentiles in milliseconds, statuses."""

    kind: str
    count: int
    p50: float
    p95: float
    p99: float
    statuses: dict[str, int]


def measured(answers: Sequence[Answer]) -> list[Measured]:
    """By kind, in order of name; an answer that never came counts with the time it was awaited."""
    found = []
    for kind in sorted({a.kind for a in answers}):
        mine = [a for a in answers if a.kind == kind]
        times = sorted(1_000 * a.seconds for a in mine)
        p50, p95, p99 = (times[min(len(times) - 1, int(len(times) * p))] for p in (0.5, 0.95, 0.99))
        statuses = Counter(str(a.status) for a in mine)
        found.append(Measured(kind, len(mine), p50, p95, p99, dict(statuses)))
    return found


def faults(answers: Iterable[Answer]) -> list[Answer]:
    """Answers no person should get: 500 and above, and none at all."""
    return [a for a in answers if a.status >= 500 or a.status == 0]


def report(load: Load) -> str:
    """One line a kind, and the rate that was really reached."""
    lines = [
        f"{m.kind:<10} {m.count:>5}  p50 {m.p50:>6.0f} ms  p95 {m.p95:>6.0f} ms  "
        f"p99 {m.p99:>6.0f} ms  {m.statuses}"
        for m in measured(load.answers)
    ]
    rate = len(load.answers) / load.seconds if load.seconds else 0.0
    lines.append(f"{len(load.workers)} users, {load.seconds:.0f} s, {rate:.1f} requests a second")
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    """0 when every answer was below 500; with --json one line for a program to read."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("url", help="of the site, without a slash at the end")
    parser.add_argument("--users", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--warm-up", type=float, default=10, help="seconds not counted")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--period", default="2018-01")
    parser.add_argument("--password", default="a-password-of-the-load-test")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    people = [
        (f"lead{1 + n // 12}.o{n % 12 + 1:02}@example.org", asked.password)
        for n in range(asked.users)
    ]
    with sign_in(asked.url, people, asked.period, seed=asked.seed) as load:
        load.run(asked.warm_up)
        load.forget()
        load.seconds = 0.0
        load.run(asked.seconds)
    bad = faults(load.answers)
    if asked.json:
        kinds = [asdict(m) for m in measured(load.answers)]
        rate = len(load.answers) / load.seconds
        print(json.dumps({"kinds": kinds, "rate": rate, "faults": len(bad)}))
    else:
        print(report(load))
        print(*bad[:10], sep="\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
