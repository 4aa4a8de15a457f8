from django.apps import AppConfig


class WorkstreamsConfig(AppConfig):
    name = "workstreams"
    label = "workstreams"
    verbose_name = "Workstreams"
