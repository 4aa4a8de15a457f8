from django.apps import AppConfig


class DashboardsConfig(AppConfig):
    name = "stp.dashboards"
    label = "dashboards"
    verbose_name = "Dashboards"
