"""A person at a browser, who notices everything that goes wrong behind the page."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Locator, Page, TimeoutError, expect

from company import PASSWORD, PATIENCE, ROOT, Company, tries

AUDIT = (Path(__file__).parent / "audit.js").read_text()
SCREENSHOTS = ROOT / "screenshots"
PHONE = {"width": 375, "height": 812}
DESKTOP = {"width": 1280, "height": 800}
expect.set_options(timeout=PATIENCE * 1000)
# The page of reassignments once none runs or waits.
REASSIGNED = "#reassign-progress > .card:only-child"
LANGUAGES = {"en": "en-GB", "ru": "ru-RU"}


class Visitor:
    """A browser of its own: its language, its window, its cookies.

    Whatever the browser reports (an error of a script, a refused resource, a violation of the content policy, an
    answer of 400 and above that was not expected) fails the test at the end of the visit.
    """

    def __init__(
        self, browser: Browser, company: Company, language: str = "en", script: bool = True, window: dict = DESKTOP,
        scheme: str = "light", state: dict | None = None, motion: str = "reduce",
    ):
        self.company = company
        self.language = language
        self.context = browser.new_context(
            base_url=company.address, locale=LANGUAGES[language], java_script_enabled=script, viewport=window,
            color_scheme=scheme, storage_state=state, reduced_motion=motion, accept_downloads=True)
        self.context.set_default_timeout(PATIENCE * 1000)
        self.page: Page = self.context.new_page()
        self.troubles: list[str] = []
        self.expected: set[int] = set()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.troubles.append(f"script: {error}"))
        self.page.on("response", self._response)

    def _console(self, message) -> None:
        # A refused page is heard of as a response, with its status.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.troubles.append(f"console: {message.text} at {self.page.url}")

    def _response(self, response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.troubles.append(f"{response.status} {response.request.method} {response.url}")

    def leave(self) -> None:
        self.context.close()
        assert not self.troubles, "\n".join(self.troubles)

    def forgive(self) -> None:
        """Forgets what the browser said while the server was away: also what is still on its way here."""
        self.page.evaluate("0")
        self.troubles.clear()

    # Moving about. Whatever leads to another page goes through here and returns when that page is there: what is looked
    # at next is never the page before, and no two ways cross (`test_sources` holds the tests to it).

    def open(self, path: str, status: int = 200) -> None:
        """Opens a page; any other status is a mistake."""
        self.expected.add(status)
        answer = self.page.goto(path)
        assert answer and answer.status == status, f"{path}: {answer.status if answer else 'no answer'}"
        self.expected.discard(status)

    def follow(self, target: Locator) -> None:
        """Presses a link or the button of a form, and returns when the page that answers is there."""
        with self.page.expect_navigation():
            target.click()

    def follow_unless_led(self, target: Locator, first: Callable[[], None]) -> None:
        """The same after something that may make the page go on by itself; then there may be nothing to press."""
        with self.page.expect_navigation():
            first()
            try:
                target.click(timeout=5000)
            except TimeoutError:
                pass

    def be_led(self, path: str, to: str) -> None:
        """Opens a page that leads to another by itself, and returns when that one is there."""
        with self.page.expect_navigation(url=lambda url: urlsplit(url).path == to):
            self.page.goto(path, wait_until="commit")

    def enter(self, key: str = "Enter") -> None:
        """The same by a key: what has the focus is followed, or its form sent."""
        with self.page.expect_navigation():
            self.page.keyboard.press(key)

    def stay(self, key: str) -> None:
        """A key that moves the focus, opens or closes, and leads to no other page."""
        self.page.keyboard.press(key)

    def touch(self, target: Locator) -> None:
        """Presses what changes the page and leads to no other, whether it looks as if it could be pressed or not."""
        target.click(force=True)

    def ask(self, link: Locator) -> Locator:
        """Presses what asks first, and returns the question."""
        link.click()
        dialog = self.page.locator("dialog")
        expect(dialog).to_be_visible()
        return dialog

    def sign_in(self, name: str, password: str = PASSWORD) -> None:
        self.open("/sign-in")
        self.field("email").fill(self.company.email(name))
        self.field("password").fill(password)
        self.enter()
        assert self.path() != "/sign-in"

    def sign_out(self) -> None:
        self.menu()
        self.follow(self.main_form("/sign-out").get_by_role("button"))
        assert self.path() == "/sign-in"

    def path(self) -> str:
        """Of the page that is shown, without what is asked of it."""
        return urlsplit(self.page.url).path

    def menu(self) -> None:
        """Opens the menu where it is folded (on a phone)."""
        switch = self.page.locator(".menu-switch summary")
        if switch.is_visible() and not self.page.locator(".menu").is_visible():
            switch.click()

    def go(self, path: str) -> None:
        """Goes to a page by the menu."""
        self.menu()
        self.follow(self.page.locator(f'.menu nav a[href="{path}"]'))
        assert self.path() == path

    def navigation(self) -> list[str]:
        """The addresses in the menu."""
        return [link.get_attribute("href") for link in self.page.locator(".menu nav a").all()]

    def reload_until(self, found: Locator) -> None:
        """Reloads the page until it has what is on its way: for what moves without a script, or only then. It is given
        what to find, and not a condition, since one that waits would stay on a page that no longer changes."""
        for _ in tries(f"{found} on {self.page.url}"):
            self.page.reload()
            if found.count():
                return

    # Finding things

    def field(self, name: str) -> Locator:
        return self.page.locator(f"main [name='{name}']:not([type=hidden])").first

    def main_form(self, action: str) -> Locator:
        return self.page.locator(f'form[action="{action}"]')

    def see(self, text: str | re.Pattern) -> None:
        expect(self.page.locator("main")).to_contain_text(text)

    def notice(self) -> Locator:
        return self.page.locator("main > .notice[role=status]")

    def balance(self) -> int:
        """One's balance on the home page or the account's, in cents."""
        return cents(self.page.locator(".stat .money").first.inner_text())

    def wait_for_balance(self, wanted: int) -> None:
        """Until the page shows it, by itself."""
        self.page.wait_for_function(
            """wanted => {
                const text = document.querySelector(".stat .money").textContent;
                const sign = /^\\s*[-\\u2212]/.test(text) ? -1 : 1;
                return sign * Number(text.replace(/\\D/g, "")) === wanted;
            }""", arg=wanted)

    # Looking at it

    def audit(self, reference: bool = False) -> list[str]:
        return self.page.evaluate(AUDIT, {"language": self.language, "reference": reference})

    def picture(self, name: str) -> None:
        SCREENSHOTS.mkdir(exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


def cents(text: str) -> int:
    """`−1 234,50` or `1,234.50` as cents."""
    sign = -1 if re.match(r"\s*[-\u2212]", text) else 1
    return sign * int(re.sub(r"\D", "", text))
