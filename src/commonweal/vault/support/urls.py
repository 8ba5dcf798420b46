from django.urls import path

from commonweal.vault.support.views import help, incentives

urlpatterns = [
    path("help/", help.ask, name="help"),
    path("help/sent/", help.sent, name="help_sent"),
    path("help/mine/", help.mine, name="my_help"),
    path("help/mine/<uuid:uuid>/", help.one, name="my_help_request"),
    path("data/incentives/", incentives.mine, name="my_incentives"),
]
