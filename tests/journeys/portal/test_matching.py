"""Whose records: a member of the staff compares and decides, on a phone in Spanish and on a desk in English."""

from datetime import date

import pytest

from commonweal.r4 import patients
from commonweal.r4.patients import Name
from commonweal.vault.records import matching
from commonweal.vault.records.models import RecordLink
from commonweal.vault.staff import roles
from tests.integration.portal.conftest import give_second_step, person, protocol, sites  # noqa: F401  (fixtures)
from tests.journeys.portal.test_safety import log_in

pytestmark = pytest.mark.django_db(transaction=True)


def sent(site):
    """The site's record of Inés: an earlier telephone, a digit of her birth date wrong, her other family name."""
    who = patients.described(
        names=[Name("Rivera Soto", ("Ines", "Maria"))], birth_date=date(1961, 8, 21), sex="female",
        phones=["773-555-0199"], lines=["1450 W Harrison Street"], cities=["Chicago"], zips=["60607"],
        emails=["ines.rivera.soto@example.com"], record_numbers=["mrn00077"],
    )  # fmt: skip
    return matching.match_all({"p": who}, site)["p"]


@pytest.mark.parametrize(("language", "width", "scheme"), [("es", 320, "light"), ("en", 1440, "dark")])
def test_staff_find_out_whose_records_they_are(visit, person, sites, language, width, scheme):  # noqa: F811
    ines, other = person(), person(email="ines2@example.org")
    assert sent(sites[0]).reason == "near_miss"
    staff = type(ines.account).objects.create_user("staff@example.org", "seven quiet herons")
    roles.give(staff, "site_staff", sites[0])
    give_second_step(staff)
    desk = visit(language, width, scheme)
    log_in(desk, staff, language)
    desk.go("/staff/matches/")
    desk.look("matches")
    desk.press("tbody th a")
    desk.look("match")
    assert "7735550199" in desk.text and "1961-08-21" in desk.text
    desk.press("section button.button:not(.quiet)")
    desk.look("match-without-a-reason")
    desk.page.select_option("[name=same-reason]", "asked")
    desk.press("section button.button:not(.quiet)")
    desk.look("match-settled")
    assert sorted(RecordLink.objects.values_list("same", flat=True)) == [False, True]
    assert sent(sites[0]).participant in (ines.pk, other.pk)
