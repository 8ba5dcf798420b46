"""One person at a browser."""

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

SHOTS = os.environ.get("COMMONWEAL_SHOTS")  # a folder: photograph each page into it

# A file for each frame of a page without a barrier, by its digest: for all workers of a session.
SOUND = Path(os.environ["COMMONWEAL_HOME"]) / "pages-without-barriers"
# Elements in their order with all attributes, of those that name, address or carry something only whether they are there, as
# of the choice of language which of them is chosen; whether there are words in an element; how its light and shade is.
FRAME = r"""() => {
  const words = new Set(["href", "src", "id", "for", "name", "value", "content", "action", "lang", "alt", "title", "d",
    "aria-label", "aria-labelledby", "aria-describedby", "aria-controls", "placeholder"]);
  const bare = (e, a) => words.has(a.name) || a.name.startsWith("data-") || (a.name == "aria-pressed" && e.name == "language");
  const one = (e) => e.tagName + [...e.attributes].map((a) => a.name + (bare(e, a) ? !!a.value : a.value)).join(" ")
    + !!e.textContent.trim();
  return matchMedia("(prefers-color-scheme: dark)").matches + [...document.querySelectorAll("*")].map(one).join("\n");
}"""

# A violation has the impact of its rule, where the rule has one.
GRAVE = r"""async () => {
  const slight = axe._audit.rules.filter((rule) => ["minor", "moderate"].includes(rule.impact));
  const rules = Object.fromEntries(slight.map((rule) => [rule.id, {enabled: false}]));
  return (await axe.run({rules, resultTypes: ["violations"], selectors: false})).violations;
}"""


@dataclass
class Visitor:
    """One person at a browser: goes to pages, checks each for what keeps people out, and photographs it on demand."""

    page: object
    base: str
    name: str
    seen: list[str] = field(default_factory=list)
    outbox: Path | None = None  # of a site that another process serves; None: Django's own of this one

    def go(self, path: str) -> None:
        self.page.goto(self.base + path)

    def press(self, selector: str) -> None:
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()

    def look(self, title: str) -> None:
        """No serious barrier on this page, no sideways scrolling, and no error in the browser's console."""
        serious = self._barriers()
        assert not serious, f"{title}: {serious}"
        width = self.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert width[0] <= width[1], f"{title}: the page is {width[0]} wide on a screen of {width[1]}"
        self.seen.append(title)
        if SHOTS:
            Path(SHOTS).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(
                path=f"{SHOTS}/{self.name}-{len(self.seen):02d}-{title}.png", full_page=True, caret="initial"
            )

    def _barriers(self) -> list:
        """What axe finds; a page like one that had none, but for its words and addresses, is not asked again."""
        alike = f"{self.page.viewport_size['width']} {self.page.evaluate(FRAME)}"
        known = SOUND / hashlib.sha256(alike.encode()).hexdigest()
        if known.exists():
            return []
        serious = self._asked_of_axe()
        if not serious:
            SOUND.mkdir(exist_ok=True)
            known.touch()
        return [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in serious]

    def _asked_of_axe(self) -> list:
        """Serious and critical violations; rules that can tell of nothing so grave are not run, nor what passes told."""
        from axe_playwright_python.sync_playwright import Axe

        self.page.evaluate(f"{Axe().axe_script};1")
        found = self.page.evaluate(GRAVE)
        return [one for one in found if one["impact"] in ("serious", "critical")]

    def sent_to(self, selector: str) -> None:
        """The keyboard's place is there; a page that has just loaded gives it when it is first painted."""
        from playwright.sync_api import expect

        expect(self.page.locator(selector)).to_be_focused()

    @property
    def text(self) -> str:
        return self.page.inner_text("main")
