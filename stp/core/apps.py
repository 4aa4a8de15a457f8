from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "stp.core"
    label = "core"
    verbose_name = "Core"
