from django.urls import path

from commonweal.vault.journey import urls_data
from commonweal.vault.journey.views import learning, leaving, mine
from commonweal.vault.journey.views import open as public_pages

urlpatterns = [
    *urls_data.urlpatterns,
    path("", public_pages.landing, name="landing"),
    path("learn/", learning.learn, name="learn"),
    path("learn/<slug:slug>/", learning.page, name="learn_page"),
    path("join/", public_pages.join, name="join"),
    path("next/", mine.onwards, name="next"),
    path("home/", mine.home, name="home"),
    path("withdraw/", leaving.withdraw, name="withdraw"),
    path("leaving/", leaving.ways, name="leaving"),
    path("leaving/quiet/", leaving.quiet, name="leaving_quiet"),
    path("leaving/receipt/", leaving.receipt, name="leaving_receipt"),
    path("leaving/receipt/file/", leaving.receipt_file, name="leaving_receipt_file"),
    path("leaving/ceremony/", leaving.ceremony_question, name="leaving_ceremony"),
]
