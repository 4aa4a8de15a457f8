from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class AccountsConfig(AppConfig):
    name = "stp.accounts"
    label = "accounts"
    verbose_name = "People"
    default = True


class AdministrationConfig(AdminConfig):
    """Django's admin app, with our site in place of its own."""

    default = False
    default_site = "stp.accounts.administration.Administration"
