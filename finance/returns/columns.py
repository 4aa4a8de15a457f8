"""The columns of the finance return: headings, types and the help a person reads (returns.md)."""

from finance import rag
from finance.returns.facts import Lists
from stp.core import periods
from stp.core.columns import Choice, Money, Month, Number, Reference, Text, choice
from stp.core.sheets import Column, ColumnType

FIGURE_WORDS = {"plan": "Plan", "actual": "Actual", "forecast": "Forecast"}


def columns(kind: str, period: periods.Period, lists: Lists) -> tuple[Column, ...]:
    """Columns of a `plan` or `finance` return of a period, in the template's order."""
    return (*_words(lists), *_figures(kind, period), *_amounts())


def heading(kind: str, when: str) -> str:
    """'Plan Apr' for a month, 'Forecast 2018/19' for a later year."""
    if "/" in when:
        return f"{FIGURE_WORDS[kind]} {when}"
    month = periods.MONTH_NAMES[periods.parse(when).month_number - 1]
    return f"{FIGURE_WORDS[kind]} {month[:3]}"


def _needed(field: str, name: str, kind: ColumnType, help: str) -> Column:
    return Column(field, name, kind, required=True, help=help)


def _words(lists: Lists) -> tuple[Column, ...]:
    types = choice(lists.types or tuple(rag.SchemeType))
    return (
        _needed("ref", "Scheme ref", Reference(20),
            "Your own reference, up to 20 characters. It stays with the scheme over the years; "
            "a scheme that is part recurrent is two references."),
        _needed("title", "Scheme title", Text(200), "What the scheme does, in a few words."),
        _needed("line", "Programme line", choice(rag.LineCode),
            "The line of the savings plan it counts in. ASC is adult social care, outside the "
            "NHS gap."),
        Column("supports", "Workstream", _workstreams(lists), help=
            "For CIP, QIPP and DEC: the workstream it supports. It is listed there and counted "
            "once, in its own line."),
        _needed("recurrence", "Recurrent", choice(rag.Recurrence),
            "R if it repeats every year, NR if it does not."),
        _needed("type", "Type", types, "Where the saving comes from."),
        Column("release", "Release", choice(rag.Release), help=
            "What the saving releases."),
        _needed("maturity", "Maturity", choice(rag.Maturity),
            "How far the scheme has come. A closed scheme keeps its actuals and has no forecast."),
        _needed("risk", "Delivery risk", choice(rag.DeliveryRisk),
            "How likely it is to fall short. With maturity it sets the weight of what remains."),
        _needed("start_month", "Start month", Month(), "The first month with an effect."),
        Column("end_month", "End month", Month(), help=
            "The last month with an effect; needed for a non-recurrent scheme."),
        Column("lead", "Lead", Text(200), help="A name or a role."),
        _needed("qia", "QIA status", choice(rag.QiaStatus),
            "The quality impact assessment. A scheme may not start before it is approved or not "
            "required."),
        Column("eia", "EIA status", choice(rag.QiaStatus), help=
            "The equality impact assessment."),
        Column("consultation", "Consultation", choice(rag.Consultation), help=
            "Needed for decommissioning (DEC)."),
        Column("evidence", "Evidence", choice(rag.Evidence), help=
            "What shows that the saving happened."),
        Column("data_status", "Data status", choice(rag.DataStatus), help=
            "How settled the activity behind the actuals is."),
        Column("counterparty", "Income counterparty", Text(30), help=
            "Code of the organisation in the plan that loses the income."),
        Column("counterparty_effect", "Counterparty effect", Money(), help=
            "What that organisation gains or loses in a year; a loss is negative."),
        Column("same_as", "Same saving as", Text(60), help=
            "organisation/ref of the scheme elsewhere that counts the same saving."),
    )  # fmt: skip


def _workstreams(lists: Lists) -> Choice:
    return choice(lists.workstreams)


def _figures(kind: str, period: periods.Period) -> tuple[Column, ...]:
    months, later = periods.year_months(period.year), periods.later_years(period.year)
    monthly = kind == "finance"
    made = [_plan(when) for when in months]
    made += [_actual(when, monthly and when in period.months_to_date) for when in months]
    made += [_forecast(when, monthly and when in period.months_remaining) for when in months]
    made += [_plan(year) for year in later]
    made += [_forecast(year, monthly) for year in later]
    return tuple(made)


def _money(kind: str, when: str, required: bool, help: str) -> Column:
    """A figure's column: `required` asks for the heading; blank cells are judged by the checks."""
    name = heading(kind, when)
    return Column(f"{kind}:{when}", name, Money(), required, help, may_be_blank=True)


def _plan(when: str) -> Column:
    if "/" in when:
        help = f"The approved plan of the scheme's value in {when}, against doing nothing."
    else:
        help = "The approved plan of the month. It is filled in and locked."
    return _money("plan", when, True, help)


def _actual(when: str, due: bool) -> Column:
    return _money("actual", when, due,
        "What was saved in the month, net of investment. Blank means not known, 0 or nil means "
        "nothing, n/a not applicable. Leave months after the period blank.")  # fmt: skip


def _forecast(when: str, required: bool) -> Column:
    if "/" in when:
        help = (
            f"The scheme's value in {when} against doing nothing, not the increase on the year "
            "before."
        )
    elif required:
        help = "What you now expect for the month, net of investment."
    else:
        help = "Kept from earlier returns; used only to estimate an actual that is not known."
    return _money("forecast", when, required, help)


def _amounts() -> tuple[Column, ...]:
    return (
        Column("fye_secured", "FYE secured", Money(), help=
            "Full-year recurrent value of action already taken and evidenced."),
        Column("gross", "Gross", Money(), help=
            "This year's saving before investment; every other money column is net."),
        Column("investment", "Investment", Money(), help=
            "What is spent this year to get the saving."),
        Column("wte_plan", "WTE plan", Number(None), help="Planned whole-time equivalents."),
        Column("wte_actual", "WTE actual", Number(None), help="Actual whole-time equivalents."),
        Column("comment", "Comment", Text(2000), help="Up to 2,000 characters."),
    )  # fmt: skip
