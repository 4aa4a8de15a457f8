from django.apps import AppConfig


class CycleConfig(AppConfig):
    name = "stp.cycle"
    label = "cycle"
    verbose_name = "Cycle"
