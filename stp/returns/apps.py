from django.apps import AppConfig


class ReturnsConfig(AppConfig):
    name = "stp.returns"
    label = "returns"
    verbose_name = "Returns"
