"""What people enter in the steps of a return. Forms validate; actions write."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from django import forms

from stp.core.forms import SeenAtLeast
from stp.core.models import Organisation, ReportingPeriod, Return
from stp.core.money import Unit
from stp.core.returns import Change, Preview
from stp.core.words import day
from stp.returns import storage
from stp.returns.actions import REASON_LENGTH, REASON_LIMIT
from stp.returns.actions.committing import CLOSE, LEAVE, decide_all
from stp.returns.actions.drafting import EVERY

if TYPE_CHECKING:  # generic for the checker only
    OrganisationField = forms.ModelChoiceField[Organisation]
else:
    OrganisationField = forms.ModelChoiceField

MOST_ASKED = 200  # missing schemes asked about one by one; beyond, one answer is for all of them
WANTED_TYPES = "The selected file must be an XLSX or CSV"
# Where Excel's own containers differ: the old binary one also wraps every encrypted workbook.
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

CONTROLS = (
    ("control_schemes", "schemes", "Number of schemes"),
    ("control_plan", "plan", "Plan for the year"),
    ("control_actual", "actual", "Actual to date"),
    ("control_forecast", "forecast", "Forecast outturn"),
)
UNITS = (
    ("", "As the file’s own “Return” sheet says"),
    (Unit.POUNDS.value, "Pounds (£)"),
    (Unit.THOUSANDS.value, "Thousands of pounds (£000)"),
    (Unit.MILLIONS.value, "Millions of pounds (£m)"),
)
BASES = (
    ("in_month", "In-month: each column is that month alone"),
    ("cumulative", "Cumulative: each column runs from April to that month"),
)


class Choice(forms.Form):
    """Which return: organisation, kind and period. The period is always chosen, never guessed."""

    organisation = forms.ModelChoiceField(
        queryset=Organisation.objects.none(),
        label="Organisation",
        error_messages={
            "required": "Select the organisation the return is for",
            "invalid_choice": "Select an organisation from the list",
        },
    )
    kind = forms.ChoiceField(
        choices=Return.Kind.choices,
        label="Kind of return",
        widget=forms.RadioSelect,
        error_messages={"required": "Select the kind of return"},
    )
    period = forms.ChoiceField(
        label="Period",
        help_text="For a plan, select the first month of its year.",
        error_messages={"required": "Select the period the return is for"},
    )

    def __init__(
        self,
        *args: Any,
        organisations: Any,
        periods: Sequence[ReportingPeriod],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.periods = {p.code: p for p in periods}
        cast(OrganisationField, self.fields["organisation"]).queryset = organisations
        only = organisations[:2]
        if len(only) == 1:  # nothing to choose: the one a person sends for is already there
            self.initial.setdefault("organisation", only[0].pk)
        period = cast(forms.ChoiceField, self.fields["period"])
        period.choices = [("", "Select a period"), *((p.code, _period_words(p)) for p in periods)]

    def clean_period(self) -> ReportingPeriod:
        return self.periods[self.cleaned_data["period"]]


def _period_words(period: ReportingPeriod) -> str:
    return f"{period.label} (due {day(period.due_at)})"


class Send(Choice):
    """The file and how to read it. Errors about the file use the design system's wording."""

    unit = forms.ChoiceField(
        choices=UNITS,
        required=False,
        label="Unit of the money in the file",
        help_text="Where the file says it too, both must agree.",
        widget=forms.RadioSelect,
    )
    basis = forms.ChoiceField(
        choices=BASES,
        initial="in_month",
        label="Actual figures",
        widget=forms.RadioSelect,
        error_messages={"required": "Select whether the actual figures are in-month or cumulative"},
    )
    control_schemes = forms.CharField(required=False, label="Number of schemes", max_length=20)
    control_plan = forms.CharField(required=False, label="Plan for the year", max_length=20)
    control_actual = forms.CharField(required=False, label="Actual to date", max_length=20)
    control_forecast = forms.CharField(required=False, label="Forecast outturn", max_length=20)
    file = forms.FileField(
        label="Your return",
        help_text="An .xlsx or .csv file, smaller than 10MB.",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        error_messages={"required": "Select a return", "empty": "The selected file is empty"},
    )

    def __init__(self, *args: Any, too_large: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if too_large:  # the file was dropped on the way in, so the field looks empty
            self.fields["file"].error_messages["required"] = storage.too_large().message

    @property
    def reading_fields(self) -> list[forms.BoundField]:
        return [self["unit"], self["basis"]]

    @property
    def reading_open(self) -> bool:
        """Whether how to read the file was touched, or is wrong: then it does not fold away."""
        names = {"unit", "basis", *(field for field, _, _ in CONTROLS)}
        return self.is_bound and bool(names & (self.errors.keys() | set(self.changed_data)))

    @property
    def control_fields(self) -> list[forms.BoundField]:
        return [self[name] for name, _, _ in CONTROLS]

    def clean_file(self) -> Any:
        """Turn away what is plainly no return before a copy is kept."""
        file = self.cleaned_data["file"]
        head = file.read(len(_OLE))
        file.seek(0)
        if head == _OLE:
            whole = file.read()
            file.seek(0)
            if _ENCRYPTED in whole:
                raise forms.ValidationError(
                    "The selected file is password protected. Remove the password and save it",
                    code="encrypted",
                )
            raise forms.ValidationError(
                f"{WANTED_TYPES}. It is an old Excel file: save it as .xlsx", code="legacy_xls"
            )
        if not (file.name or "").lower().endswith((".xlsx", ".csv")):
            raise forms.ValidationError(WANTED_TYPES, code="wrong_type")
        return file

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for field, _, label in CONTROLS:
            text = cleaned.get(field, "").replace(",", "").replace("£", "").strip()
            if text and not _is_number(text):
                self.add_error(field, f"{label} must be a number, like 12.5")
            cleaned[field] = text
        return cleaned

    @property
    def choices(self) -> dict[str, Any]:
        """What Return.choices holds: control totals as typed, in the file's unit."""
        cleaned = self.cleaned_data
        return {
            "unit": cleaned["unit"],
            "cumulative": cleaned["basis"] == "cumulative",
            "control": {name: cleaned[field] for field, name, _ in CONTROLS if cleaned[field]},
        }


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


class Reasons(forms.Form):
    """A typed reason for each group of warnings; `codes` in the order the page shows them.

    `digest` is that of the warnings the reasons are typed for.
    """

    digest = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        sent: Any = None,
        *,
        codes: Sequence[str],
        given: Mapping[str, str],
        digest: str = "",
    ):
        super().__init__(sent, initial={"digest": digest})
        self.codes = list(codes)
        for code in codes:
            name = code.replace("_", " ")
            self.fields[f"reason_{code}"] = forms.CharField(
                label=f"Reason for “{name}”",
                validators=[SeenAtLeast(REASON_LENGTH)],
                max_length=REASON_LIMIT,
                initial=given.get(code, ""),
                widget=forms.Textarea(attrs={"rows": 2}),
                error_messages={
                    "required": f"Give a reason for “{name}”",
                    "min_length": f"The reason for “{name}” must be {REASON_LENGTH} characters "
                    "or more",
                },
            )

    def field_of(self, code: str) -> forms.BoundField:
        return self[f"reason_{code}"]

    @property
    def typed(self) -> dict[str, str]:
        """Code -> what was typed, valid or not; of what was sent at all."""
        names = {code: f"reason_{code}" for code in self.codes}
        return {code: str(self.data[name]) for code, name in names.items() if name in self.data}

    @property
    def reasons(self) -> dict[str, str]:
        """Code -> reason."""
        return {code: self.cleaned_data[f"reason_{code}"] for code in self.codes}


class Confirm(forms.Form):
    """What becomes of missing schemes, and the word that the figures agree with the ledger.

    Up to MOST_ASKED schemes each have their own question. Of more, one question is for all: a
    page of 20,000 questions is answered by nobody, and a form of as many fields is not taken.
    """

    digest = forms.CharField(widget=forms.HiddenInput)
    confirmed = forms.BooleanField(
        error_messages={"required": "Confirm that the figures agree with the ledger"}
    )

    def __init__(
        self,
        sent: Any = None,
        *,
        preview: Preview,
        statement: str,
        chosen: Mapping[str, str] | None = None,
    ) -> None:
        """`chosen` is what was chosen before and kept: scheme ref, or EVERY -> leave | close."""
        super().__init__(sent, initial={"digest": preview.digest})
        self.preview = preview
        self.fields["confirmed"].label = statement
        missing = preview.of("missing")
        self.together = len(missing) > MOST_ASKED
        # By its ref: a page made before schemes came or went speaks of those it showed.
        self.names = {ref: f"missing_{quote(ref, safe='')}" for ref in self._asked(missing)}
        if self.together:
            self.fields[self.names[EVERY]] = _fate_of_all(len(missing))
        else:
            for change in missing:
                self.fields[self.names[change.ref]] = _fate_of_one(change.ref, change.title)
        for ref, name in self.names.items():
            self.initial[name] = (chosen or {}).get(ref)

    def _asked(self, missing: Sequence[Change]) -> list[str]:
        return [EVERY] if self.together else [change.ref for change in missing]

    @property
    def missing_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.names.values()]

    @property
    def chosen(self) -> dict[str, str]:
        """Scheme ref, or EVERY -> what was chosen so far, decided or not."""
        return {ref: str(self.data[n]) for ref, n in self.names.items() if n in self.data}

    @property
    def missing(self) -> dict[str, str]:
        """Scheme ref -> leave | close, of every missing scheme."""
        if self.together:
            return decide_all(self.preview, self.cleaned_data[self.names[EVERY]])
        return {ref: self.cleaned_data[name] for ref, name in self.names.items()}


def _fate_of_one(ref: str, title: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=f"{ref} {title}",
        choices=(
            (LEAVE, "Leave as last reported"),
            (CLOSE, "Closed, with the actual figures known so far"),
        ),
        widget=forms.RadioSelect,
        error_messages={"required": f"Select what becomes of scheme {ref}"},
    )


def _fate_of_all(count: int) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=f"What becomes of all {count:,} schemes?",
        help_text=f"The file leaves out {count:,} schemes that are in force: too many to ask about "
        "one by one, so your answer is for all of them. To decide about single schemes, list them "
        "in the file and send it again.",
        choices=(
            (LEAVE, f"Leave all {count:,} as last reported"),
            (CLOSE, f"Close all {count:,}, with the actual figures known so far"),
        ),
        widget=forms.RadioSelect,
        error_messages={
            "required": f"Select what becomes of the {count:,} schemes the file leaves out"
        },
    )


class Withdraw(forms.Form):
    """Why a return is taken back; `digest` holds the click to what was shown."""

    digest = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Why is this return withdrawn?",
        help_text="It is kept with the return and shown in its history.",
        validators=[SeenAtLeast(REASON_LENGTH)],
        max_length=REASON_LIMIT,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": "Say why this return is withdrawn",
            "min_length": f"The reason must be {REASON_LENGTH} characters or more",
        },
    )


class Compare(forms.Form):
    """Two committed versions of one organisation and kind."""

    before = forms.TypedChoiceField(
        coerce=int, label="From", error_messages={"required": "Select the version to start from"}
    )
    after = forms.TypedChoiceField(
        coerce=int, label="To", error_messages={"required": "Select the version to compare it with"}
    )

    def __init__(self, *args: Any, versions: Sequence[Return], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.versions = {return_.pk: return_ for return_ in versions}
        choices = [("", "Select a version"), *((r.pk, version_words(r)) for r in versions)]
        for name in ("before", "after"):
            field = cast(forms.ChoiceField, self.fields[name])
            field.choices = choices
            field.error_messages["invalid_choice"] = "Select a version from the list"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        before, after = (self.versions.get(cleaned.get(n, 0)) for n in ("before", "after"))
        if before and after and before.kind != after.kind:
            self.add_error(
                "after", "A plan and a monthly return hold different figures: select two of a kind"
            )
        elif before and before == after:
            self.add_error("after", "Select two different versions")
        return cleaned

    @property
    def chosen(self) -> tuple[Return, Return]:
        """The two versions of a valid form."""
        return self.versions[self.cleaned_data["before"]], self.versions[self.cleaned_data["after"]]


def version_words(return_: Return) -> str:
    """'RET-2017-06-RNS-02, June 2017, in force'."""
    status = "in force" if return_.in_force else return_.get_state_display().lower()
    return f"{return_.reference}, {return_.period.name}, {status}"
