"""docs/rag.md prints the rules: every code and every limit, no more and no fewer."""

import dataclasses
import re
from enum import StrEnum
from pathlib import Path

import pytest

import finance.rag
import indicators.rag
import stp.dashboards.rag
import workstreams.rag
from finance.bridge import DEFAULT_WEIGHTS
from finance.rag import DEVELOPED_PERCENT, Maturity
from stp.core.rag import Rag

PAGE = Path(__file__).parents[2] / "docs" / "rag.md"

# Heading of the page -> the codes its tables print.
SECTIONS: dict[str, type[StrEnum]] = {
    "## Milestone": workstreams.rag.MilestoneCode,
    "## Risk": workstreams.rag.RiskCode,
    "## Savings scheme": finance.rag.SchemeCode,
    "## Indicator": indicators.rag.IndicatorCode,
    "### Delivery": workstreams.rag.DeliveryCode,
    "### Finance": finance.rag.FinanceCode,
    "### Risks": workstreams.rag.RisksCode,
    "### Outcomes": indicators.rag.OutcomesCode,
    "### Overall": stp.dashboards.rag.WorkstreamCode,
    "## Programme": stp.dashboards.rag.ProgrammeCode,
    "## Declared confidence": stp.dashboards.rag.ConfidenceCode,
}
RULES = {
    "workstreams": workstreams.rag,
    "finance": finance.rag,
    "indicators": indicators.rag,
    "dashboards": stp.dashboards.rag,
}


def sections(text: str) -> dict[str, str]:
    """Text of the page by heading, each up to the next heading of any level."""
    parts = re.split(r"(?m)^(#{2,3} .+)$", text)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def rows(text: str) -> list[list[str]]:
    """Cells of every table row, headings and rules left out."""
    found = []
    lines = text.splitlines()
    for above, line in zip(["", *lines], lines, strict=False):
        table = line.startswith("|") and above.startswith("|")
        if table and not line.startswith("|---"):
            found.append([cell.strip() for cell in line.strip("|").split("|")])
    return found


def codes(text: str) -> set[str]:
    """Codes in the last column of a section's tables."""
    return set(re.findall(r"`([a-z0-9_]+)`", " ".join(row[-1] for row in rows(text))))


TEXT = PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("heading", SECTIONS)
def test_a_section_prints_exactly_the_codes_of_its_rules(heading: str) -> None:
    printed = codes(sections(TEXT)[heading])
    used = {code.value for code in SECTIONS[heading]}
    assert printed - used == set(), f"{heading}: printed, not in the program"
    assert used - printed == set(), f"{heading}: in the program, not printed"


def test_no_enum_of_codes_is_without_a_section() -> None:
    known = {
        thing
        for module in RULES.values()
        for name, thing in vars(module).items()
        if name.endswith("Code") and name not in ("LineCode",) and isinstance(thing, type)
    }
    assert known == set(SECTIONS.values())


def test_limits_printed_are_the_limits_used() -> None:
    printed = {row[0].strip("`"): row[1] for row in rows(sections(TEXT)["## Limits"])}
    used = {
        f"{name}.{limit}": str(value)
        for name, module in RULES.items()
        for limit, value in dataclasses.asdict(module.LIMITS).items()
    }
    assert printed == used


def test_weights_printed_are_the_default_weights() -> None:
    table = [row for row in rows(sections(TEXT)["## Money: the words"]) if len(row) == 4]
    printed = {row[0]: [round(float(cell) * 10_000) for cell in row[1:]] for row in table}
    used: dict[str, list[int]] = {}
    for (maturity, _), weight in DEFAULT_WEIGHTS.items():
        used.setdefault(Maturity(maturity).value, []).append(weight)
    assert printed == used


def test_developed_shares_printed_are_those_used() -> None:
    table = [row for row in rows(sections(TEXT)["### Finance"]) if row[0] in DEVELOPED_PERCENT]
    printed = {row[0]: (int(row[1].strip("%")), int(row[2].strip("%"))) for row in table}
    assert printed == DEVELOPED_PERCENT


def test_figures_in_the_prose_are_the_limits() -> None:
    """The rows people read name the figures too; each stands in the row of its code."""
    by_code = {
        code: row[0] for s in SECTIONS for row in rows(sections(TEXT)[s]) for code in codes_of(row)
    }
    m, f, i = workstreams.rag.LIMITS, finance.rag.LIMITS, indicators.rag.LIMITS
    wanted = {
        "slip_red": [m.slip_red_days, m.slip_red_days_critical],
        "not_confirmed": [m.confirm_every_days, m.confirm_when_due_within_days],
        "score_red": [m.risk_red_score],
        "score_amber": [m.risk_amber_score],
        "many_red": [m.delivery_share_percent],
        "risk_20_or_more": [m.risks_red_score],
        "risk_15_or_more": [m.risks_amber_score],
        "no_worse_than_plan": [f.cost_green_pence // 100_000, f.cost_green_percent],
        "cost_over_plan": [f.cost_amber_pence // 100_000, f.cost_amber_percent],
        "delivered": [f.short_pence // 100_000],
        "outturn_short": [f.green_from_percent, f.amber_from_percent],
        "forecast_short_red": [f.short_pence // 100_000, f.amber_from_percent],
        "forecast_short_amber": [f.green_from_percent],
        "relies_on_catch_up": [
            f.catch_up_red_percent, f.catch_up_red_months_left, f.catch_up_amber_percent,
        ],
        "behind_to_date": [f.to_date_matters_percent, f.to_date_amber_percent],
        "late_development": [f.starts_within_months],
        "on_plan": [f.far_above_percent, f.far_above_pence // 100_000],
        "late_returns": [f.late_plan_percent],
        "year_short_red": [f.target_amber_percent],
        "year_short_amber": [f.target_green_percent],
        "worse_than_baseline": [i.spc_needs_points],
    }  # fmt: skip
    for code, figures in wanted.items():
        numbers = {int(n) for n in re.findall(r"\d+", by_code[code])}
        assert set(figures) <= numbers, f"{code}: {figures} not all in “{by_code[code]}”"


def codes_of(row: list[str]) -> list[str]:
    return re.findall(r"`([a-z0-9_]+)`", row[-1])


def test_ratings_are_named_as_pages_name_them() -> None:
    """The page says “Not rated”, as every list does; the enum's own names are for programs."""
    shown = {rag.word for rag in Rag}
    then = {row[0] for row in rows(TEXT.split("## Milestone", maxsplit=1)[0]) if row[0] != "value"}
    assert then == shown
    for rag in Rag:
        assert not re.search(rf"\b{rag.name}\b", TEXT), f"{rag.name}: say “{rag.word}”"
