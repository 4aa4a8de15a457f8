"""The forms of people: sign-in, a forgotten password, a new one, an invitation."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import LoginForm
from django import forms
from django.contrib.auth.forms import SetPasswordForm

from stp.accounts.models import User
from stp.core.models import Organisation
from stp.core.permissions import ROLES, Role, wrong_reach


class SignIn(LoginForm):  # type: ignore[misc]  # allauth ships no types
    """allauth's form; tells axes who tried, so that a lock-out is by person and address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "Email address"
        self.fields["login"].widget.attrs["autocomplete"] = "username"
        self.fields["password"].help_text = ""  # the page has its own link for who forgot it

    def clean(self) -> Any:
        """A disabled person reads what a wrong password reads, the right password or not."""
        cleaned = super().clean()
        user: User | None = self.user  # type: ignore[has-type]  # allauth ships no types
        if user is not None and not user.is_active:
            self.user = None
            raise get_adapter().validation_error("email_password_mismatch")
        return cleaned

    def user_credentials(self) -> dict[str, Any]:
        credentials: dict[str, Any] = super().user_credentials()
        credentials["login"] = credentials.get("email") or credentials.get("username")
        return credentials


class ForgottenPassword(forms.Form):
    """Whose password: any address is taken, known or not."""

    email = forms.EmailField(
        label="Email address", widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )


class ChoosePassword(SetPasswordForm[User]):
    """A password, twice; the rules are said before, not only when they are broken."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first, second = self.fields["new_password1"], self.fields["new_password2"]
        first.label, second.label = "New password", "New password again"
        first.help_text = "At least 12 characters. Three or four words you will remember are good."
        second.help_text = ""


class Invite(forms.Form):
    """A person to be added, with the role they start with."""

    first_name = forms.CharField(label="First name", max_length=150)
    last_name = forms.CharField(label="Last name", max_length=150)
    email = forms.EmailField(
        label="Email address", max_length=150, help_text="The invitation is sent there."
    )
    job_title = forms.CharField(label="Job title", max_length=120, required=False)
    role = forms.ChoiceField(
        label="Role", choices=[(role.value, ROLES[role].name) for role in Role]
    )
    organisation = forms.ModelChoiceField(
        Organisation.objects.order_by("short"),
        label="Organisation",
        required=False,
        empty_label="The whole programme",
        help_text="A finance lead and a finance director act for one organisation. Every other "
        "role covers the whole programme.",
    )

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if User.objects.filter(email__iexact=email).exists():
            raise forms.ValidationError(
                "Somebody has this address already: look for them in the list of people."
            )
        return email

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if "role" in found and "organisation" in found:
            chosen = found["organisation"]
            if fault := wrong_reach(found["role"], chosen.pk if chosen else None):
                self.add_error("organisation", fault)
        return found
