"""Reports of health records: a site's staff see theirs exactly, a steward sees all of them through the gate."""

import csv
import io
import json
import re

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import translation

from commonweal.vault.records.quality import telling
from tests import record_reports

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def report(transactional_db, sites):
    """report(people, site=…) -> its number; the first site's if none is named."""
    return lambda people, site=None, **how: record_reports.add(
        settings.COMMONWEAL_HOME, site or sites[0], people, **how
    )


def page(client, name="staff_records_report", *numbers):
    answer = client.get(reverse(name, args=numbers))
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def test_site_staff_see_their_site_alone(report, as_staff, sites):
    mine, other = report(30), report(30, site=sites[1])
    client = as_staff("site_staff", sites[0])
    listed = page(client, "staff_records")
    assert reverse("staff_records_report", args=[mine]) in listed
    assert reverse("staff_records_report", args=[other]) not in listed
    for name in ("staff_records_report", "staff_records_csv", "staff_records_file"):
        assert client.get(reverse(name, args=[mine])).status_code == 200
        assert client.get(reverse(name, args=[other])).status_code == 404


def test_site_staff_read_exact_figures(report, as_staff):
    shown = page(as_staff("site_staff"), "staff_records_report", report(7))
    assert "119 rows about 7 people" in shown and "10 patients were named; 7 of them (70%)" in shown
    assert "Value too high to be believed" in shown and "Systolic blood pressure" in shown and "withheld" not in shown


def test_a_steward_reads_no_figure_about_a_few(report, as_staff):
    number = report(7)
    client = as_staff("steward")
    shown = page(client, "staff_records_report", number)
    assert "withheld" in shown and "rounded figures" in shown
    assert not re.search(r">\s*(7|28|56|35|119|21)\s*<", shown)
    lines = list(csv.DictReader(io.StringIO(client.get(reverse("staff_records_csv", args=[number])).content.decode())))
    assert len(lines) > 20 and {line["rows"] for line in lines} == {""}
    assert client.get(reverse("staff_records_file", args=[number])).status_code == 403


def test_a_steward_reads_rounded_figures_about_many(report, as_staff, sites):
    number = report(105)
    shown = page(as_staff("steward"), "staff_records_report", number)
    assert "about 120 people" in shown and "105" not in shown
    rows = list(csv.DictReader(io.StringIO(
        as_staff("operator").get(reverse("staff_records_csv", args=[number])).content.decode()
    )))  # fmt: skip
    pressure = next(row for row in rows if row["check"] == "above_plausible")
    assert (pressure["rows"], pressure["of"], pressure["outcome"]) == (
        "168",
        "840",
        "failed",
    )  # 210, but in mm[Hg] alone


def test_the_file_is_what_the_import_wrote(report, as_staff):
    number = report(7)
    told = json.loads(as_staff("site_staff").get(reverse("staff_records_file", args=[number])).content)
    assert told["quality"]["people"] == 7


def test_the_page_says_what_it_was_the_time_before(report, as_staff):
    number = report(30, before=record_reports.examined(60))
    shown = page(as_staff("site_staff"), "staff_records_report", number)
    assert "Beside the report before" in shown and re.search(r"Visits</th><td[^>]*>180</td><td[^>]*>90</td>", shown)


def test_spanish_staff_read_spanish(report, as_staff):
    client = as_staff("site_staff")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "es"
    shown = page(client, "staff_records_report", report(7))
    with translation.override("es"):
        assert "Valor demasiado alto para ser creíble" in shown and "Presión arterial sistólica" in shown
    assert "Systolic" not in shown.split("<details>")[0]


def test_a_report_without_its_file_and_one_that_failed_say_so(report, as_staff, sites):
    number = report(7)
    row = telling.QualityReport.objects.get(pk=number)
    telling.report_path(settings.COMMONWEAL_HOME, row.number).unlink()
    client = as_staff("site_staff")
    assert "no longer there" in page(client, "staff_records_report", number)
    assert client.get(reverse("staff_records_csv", args=[number])).status_code == 404
    path = telling.write_report(settings.COMMONWEAL_HOME, {
        "kind": "records", "site": sites[0], "totals": {"accepted": 3}, "submissions": [], "state": "failed"
    })  # fmt: skip
    telling.keep(sites[0], int(path.stem), [2], "failed", {"accepted": 3})
    last = telling.QualityReport.objects.latest("id")
    assert "could not be examined" in page(client, "staff_records_report", last.pk)
    assert "not examined" in page(client, "staff_records")


def test_a_report_of_something_else_is_not_read(sites):
    path = telling.write_report(settings.COMMONWEAL_HOME, {"kind": "surveys", "site": sites[0]})
    assert telling.read(settings.COMMONWEAL_HOME, int(path.stem)) is None
