from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "stp.accounts"
    label = "accounts"
    verbose_name = "People"
