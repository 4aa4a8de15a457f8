"""The sign-in form."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import LoginForm

from stp.accounts.models import User


class SignIn(LoginForm):  # type: ignore[misc]  # allauth ships no types
    """allauth's form; tells axes who tried, so that a lock-out is by person and address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "Email address"

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
