from django.apps import AppConfig
from django.contrib.admin import apps as admin


class AccountsConfig(AppConfig):
    name = "stp.accounts"
    label = "accounts"
    verbose_name = "People"
    default = True


class AdministrationConfig(admin.AdminConfig):
    """Django's admin app, with our site in place of its own."""

    default = False
    default_site = "stp.accounts.administration.Administration"
