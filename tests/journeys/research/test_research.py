"""What people do on the research site: look at the data, read how a release was made safe, build a cohort."""

import re

import pytest
from playwright.sync_api import expect

PASSWORD = "a long pass phrase"
LOOKS = [("en", 1440, "light"), ("en", 320, "light"), ("es", 320, "light"), ("es", 1440, "dark")]


def log_in(visitor):
    visitor.go("/accounts/login/?next=/studio/")
    visitor.page.fill("input[name=login]", "ada@example.org")
    visitor.page.fill("input[name=password]", PASSWORD)
    visitor.press("main button.button")


def number(visitor):
    return int(visitor.page.inner_text(".answer-number").replace(",", ""))


@pytest.mark.parametrize("look", LOOKS)
def test_the_public_pages(visit, researcher, look):
    visitor = visit(*look)
    visitor.go("/")
    visitor.look("atlas")
    assert "2,000" in visitor.text
    visitor.press("a[href='/releases/2026Q4R1/registered/']")
    for closed in visitor.page.locator("details").all():
        closed.locator("summary").click()
    visitor.look("release")
    assert "2026Q4R1" in visitor.text


@pytest.mark.parametrize("look", LOOKS)
def test_type_and_the_count_is_there(visit, researcher, look):
    visitor, page = visit(*look), None
    log_in(visitor)
    page = visitor.page
    visitor.look("studio-empty")
    assert number(visitor) == 2000
    page.locator("#q").press_sequentially("diabetes", delay=20)
    page.locator(".found-add").first.wait_for()
    visitor.look("studio-search")
    page.locator("li", has_text="Type 2").locator(".found-around").first.click()
    page.locator(".found-head").first.wait_for()
    expect(page.locator("#found-chosen")).to_be_focused()  # the keyboard goes on from there
    visitor.look("studio-around")
    page.locator(".found-around").first.click()  # up again, to what is broader
    page.locator(".found-add", has_text="Type 2").first.wait_for()
    with page.expect_response("**/studio/"):
        page.locator(".found-add", has_text="Type 2").click()
    page.locator(".criterion").wait_for()
    first = number(visitor)
    assert 0 < first < 2000
    page.locator(".criterion summary").click()
    with page.expect_response("**/studio/"):
        page.locator("#include-0-0-age-min").fill("50")
        page.keyboard.press("Tab")
    expect(page.locator(".answer-number")).not_to_have_text(f"{first:,}")
    assert number(visitor) < first
    assert page.evaluate("document.activeElement.id") == "include-0-0-age-max"  # the keyboard's place is kept
    page.locator("#into").select_option("exclude")
    page.locator("#q").fill("metformin")
    page.locator(".found-add", has_text=re.compile("metformin", re.I)).click()
    page.locator(".exclude .criterion").wait_for()
    assert number(visitor) < first
    page.locator(".fold summary").first.click()
    visitor.look("studio-cohort")
    page.locator("#name").fill("Diabetes after 50")
    page.locator("button[value=save]").click()
    page.locator(".answer .notice.good").wait_for()
    page.locator(".answer details summary").first.click()
    visitor.look("studio-saved")
    page.locator("button[value=sql]").click()
    page.locator(".answer details[open]", has_text="SELECT").wait_for()
    visitor.look("studio-sql")


@pytest.mark.parametrize("look", LOOKS)
def test_who_carries_a_variant(visit, researcher, with_genomes, look):
    visitor = visit(*look)
    log_in(visitor)
    page = visitor.page
    with page.expect_response("**/studio/"):
        page.locator("#release").select_option(with_genomes)
    page.locator("#genome summary").click()
    page.locator("#genome-afr").check()
    page.locator("#genome-variant").fill("22-16050408-T-G")
    page.locator("button[value=genome]").click()
    page.locator("[role=alert]", has_text="22-16050408-T-C").wait_for()
    visitor.look("studio-genome-wrong")
    assert page.input_value("#genome-variant") == "22-16050408-T-G"
    page.locator(".criterion-head .button").click()
    expect(page.locator(".criterion")).to_have_count(0)
    page.locator("#genome-variant").fill("22-16050408-T-C")
    with page.expect_response("**/studio/"):
        page.locator("button[value=genome]").click()
    expect(page.locator(".criterion")).to_have_count(1)
    expect(page.locator("#genome-variant")).to_have_value("")
    assert 0 < number(visitor) < 1000
    page.locator("#genome summary").click()
    visitor.look("studio-genome")
    with page.expect_response("**/studio/"):
        page.locator("#release").select_option("2026Q4R1/registered")
    expect(page.locator("#genome-variant")).to_have_count(0)


def test_a_definition_that_cannot_be_used(visit, researcher):
    visitor = visit("en", 1440)
    log_in(visitor)
    page = visitor.page
    page.locator("summary", has_text="The definition as JSON").click()
    page.locator("#definition").fill('{"version": 1, "include": [{"any": [{"type": "drug", "concepts": []}]}]}')
    page.locator("button", has_text="Use this definition").click()
    page.locator("[role=alert]").wait_for()
    assert "$.include[0].any[0].concepts" in page.inner_text("[role=alert]")
    assert '"concepts": []' in page.input_value("#definition")
    visitor.look("studio-problem")
