"""What a person does on the portal, page by page, for journeys that begin with somebody joining the default program."""

import json
import re

from django.core import mail

from commonweal import protocol

PASSWORD = "seven quiet herons"
PROGRAM = protocol.load(protocol.DEFAULT)
# Another page of a survey is there; or the same, and what follows from an answer that was just given has the focus.
ON = "html:not([data-left]) main, [data-q]:focus"


def sign_up(visitor, language):
    visitor.go("/")
    visitor.look("landing")
    visitor.go("/learn/")
    visitor.look("learn")
    visitor.go("/join/")
    visitor.look("join")
    visitor.press("main a.button")
    visitor.look("sign-up")
    visitor.page.fill("input[name=email]", f"ines.{language}@example.org")
    visitor.page.fill("input[name=password1]", PASSWORD)
    visitor.press("main form button")
    enter_the_code(visitor)


def enter_the_code(visitor):
    """The code of the newest e-mail; it must come before anything else opens."""
    visitor.look("code")
    visitor.page.fill("input[name=code]", newest_code(visitor.outbox))
    visitor.press("main form button")


def newest_code(outbox=None):
    """From the newest e-mail: of this process, or in the outbox folder of a site that is served."""
    if outbox is None:
        body = mail.outbox[-1].body
    else:
        newest = max(outbox.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
        body = json.loads(newest.read_text(encoding="utf-8"))["text"]
    return re.search(r"^\d{4}-\d{4}$", body, re.MULTILINE)[0]


def be_eligible(visitor):
    visitor.press("main form button")  # nothing chosen: the summary takes focus
    visitor.sent_to(".summary")
    visitor.look("eligibility-wrong")
    for question in PROGRAM.eligibility:
        visitor.page.check(f"[name={question.id}][value={'yes' if question.eligible_when else 'no'}]")
    visitor.look("eligibility")
    visitor.press("main form button")


def tell_about_oneself(visitor):
    page = visitor.page
    page.fill("[name=given_name]", "Inés")
    page.fill("[name=family_name]", "Rivera Soto")
    page.select_option("[name=birth_month]", "8")
    page.fill("[name=birth_day]", "27")
    page.fill("[name=birth_year]", "1961")
    page.check("[name=sex_at_birth][value=female]")
    page.fill("[name=phone]", "312-555-0142")
    page.fill("[name=address_line]", "1450 W Harrison St")
    page.fill("[name=city]", "Chicago")
    page.select_option("[name=state]", "IL")
    page.fill("[name=zip]", "60607")
    if page.locator("select[name=site]").count():
        page.select_option("[name=site]", index=1)
    else:
        page.locator("[name=site]").first.check()
    visitor.look("about-you")
    visitor.press("main form button")


def decide(visitor, module, answer="yes"):
    page = visitor.page
    while re.search(rf"/consent/{module}/\d+/$", page.url):
        visitor.look(f"{module}-text")
        visitor.press("main .actions a.button")
    if page.url.endswith("/check/"):
        for group in page.locator("main fieldset").all():
            group.locator("input").first.check()
        visitor.press("main form button")
        if page.url.endswith("/check/"):
            visitor.look(f"{module}-explained-again")
            answer_rightly(page, module)
            visitor.press("main form button")
    assert page.url.endswith("/sign/")
    if answer == "yes":
        page.fill("[name=signed_name]", "ines rivera soto")  # accents and capitals do not matter
    visitor.look(f"{module}-sign")
    visitor.press(f"button[value={answer}]")


def answer_rightly(page, module):
    """The right options, whichever of the module's forms asks."""
    current = PROGRAM.consents[module].current
    for form in (current.default, *current.forms):
        for question in form.texts["en"].questions:
            box = page.locator(f"[name={question.id}][value={question.correct}]")
            if box.count():
                box.check()


def answer_survey(visitor):
    """Whatever the survey asks: the first choice of each question, page after page, to its end."""
    page = visitor.page
    visitor.look("survey-start")
    visitor.press("main .actions a.button")
    for _ in range(60):
        if page.url.endswith("/review/"):
            break
        for group in page.locator("main fieldset").all():
            if (
                not group.locator("input:checked").count()
                and group.locator("input[type=radio], input[type=checkbox]").count()
            ):
                group.locator("input[type=radio], input[type=checkbox]").first.check()
        for box in page.locator("main input[inputmode=numeric].some").all():
            box.fill("2")
        visitor.look("survey-page")
        page.evaluate("document.documentElement.dataset.left = 'yes'")
        page.locator("button[value=next]").click()
        page.wait_for_selector(ON, state="attached")
        page.wait_for_load_state()
    visitor.look("survey-review")
    visitor.press("main form button.button")
    visitor.look("survey-thanks")
    visitor.press("main .actions a[href='/home/']")
