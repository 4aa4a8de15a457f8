"""Loading the plan's indicators and the values it prints for them."""

from indicators.models import Indicator, PlanValue
from stp.core.plan import Outcome, Tables, load

TABLES = ("indicators", "plan_values")


def load_tables(tables: Tables) -> list[Outcome]:
    """Indicators, then their printed values."""
    return [
        load(Indicator, ("code",), tables["indicators"]),
        load(PlanValue, ("indicator", "role", "sex"), tables["plan_values"]),
    ]
