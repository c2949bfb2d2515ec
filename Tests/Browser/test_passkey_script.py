"""The script for passkeys, on pages made here: what it asks the browser, what it sends, and what it says."""

import base64
import html
import json
import os
from types import SimpleNamespace
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import expect

from authenticator import Authenticator
from company import ROOT
from visitor import Visitor

ASSETS = ROOT / "Sources/Kit/Web/Assets"
SCRIPTS = ("popug.js", "passkeys.js", "live.js", "find.js")
WORDS = 'data-cancelled="Cancelled" data-there-already="There already" data-failed="Failed"'
SAID = '<p class="notice" role="status" data-passkey-said hidden></p>'
# Holds the browser's answer back until it is told to go on.
HELD = """() => {
    const get = navigator.credentials.get.bind(navigator.credentials);
    navigator.credentials.get = async (options) => {
        await new Promise((done) => { window.goOn = done; });
        return get(options);
    };
}"""


def encoded(length: int) -> str:
    return base64.urlsafe_b64encode(os.urandom(length)).rstrip(b"=").decode()


class Lab:
    """A server that is none: its answers are made here. Each of its options has a challenge of its own."""

    def __init__(self, browser):
        self.posted: list[tuple[str, dict]] = []
        self.asked: list[str] = []
        self.excluded: list[dict] = []
        # A port that nobody listens on: nothing gets there.
        self.visitor = Visitor(browser, SimpleNamespace(address="http://localhost:9"))
        self.visitor.page.route("**/*", self._answer)
        self.keys = Authenticator(self.visitor)
        self.keys.touch()

    def _answer(self, route) -> None:
        method, path = route.request.method, route.request.url.split(":9", 1)[1]
        if path.startswith("/assets/"):
            route.fulfill(content_type="text/javascript", body=(ASSETS / path.split("/")[2]).read_text())
        elif method == "POST":
            self.posted.append((path, parse_qs(route.request.post_data, keep_blank_values=True)))
            route.fulfill(content_type="text/html", body=self._page(""))
        else:
            self.asked.append(path)
            if path == "/options":
                route.fulfill(content_type="application/json", body=self._request())
            else:
                route.fulfill(content_type="text/html", body=self._page(getattr(self, path.strip("/"))()))

    def _page(self, content: str) -> str:
        scripts = "".join(f'<script src="/assets/{name}" defer></script>' for name in SCRIPTS)
        frame = '<p id="offline" hidden></p><button id="pill" hidden></button>'
        return f'<!doctype html><title>Lab</title><link rel="icon" href="data:,">{scripts}<main>{content}</main>{frame}'

    @staticmethod
    def _request() -> str:
        return json.dumps({
            "rpId": "localhost", "challenge": encoded(72), "allowCredentials": [], "userVerification": "required",
            "timeout": 300_000})

    def _form(self, action: str, kind: str, marks: str, fields: str = "") -> str:
        return (f'<form data-passkey="{kind}" {marks} {WORDS} method="post" action="{action}">{fields}'
                f'<input type="hidden" name="response"><button class="button">{action}</button>{SAID}</form>')

    # The pages

    def make(self) -> str:
        options = json.dumps({
            "rp": {"id": "localhost", "name": "Popug"},
            "user": {"id": encoded(16), "name": "emma@popug.example", "displayName": "Emma"},
            "challenge": encoded(72), "excludeCredentials": self.excluded, "timeout": 300_000, "attestation": "none",
            "pubKeyCredParams": [{"type": "public-key", "alg": number} for number in (-7, -8, -257)],
            "authenticatorSelection": {"residentKey": "required", "userVerification": "required"},
            "extensions": {"credProps": True}})
        return self._form("/made", "create", f'data-options="{html.escape(options)}"', '<input name="name" required>')

    def use(self) -> str:
        return (self._form("/one", "get", 'data-from="/options" hidden')
                + self._form("/two", "get", f'data-options="{html.escape(self._request())}"'))

    def fill(self) -> str:
        return ('<input name="email" autocomplete="username webauthn">'
                + self._form("/one", "get", 'data-from="/options" data-conditional hidden'))

    # Moving about

    def button(self, action: str):
        return self.visitor.page.locator(f'form[action="{action}"] button')

    def said(self, action: str):
        return self.visitor.page.locator(f'form[action="{action}"] [data-passkey-said]')

    def sent(self, action: str) -> dict:
        """Presses the button, and returns what was sent."""
        self.visitor.follow(self.button(action))
        path, fields = self.posted[-1]
        assert path == action
        return json.loads(fields["response"][0])

    def make_one(self) -> dict:
        self.visitor.open("/make")
        self.visitor.page.locator("[name=name]").fill("My laptop")
        return self.sent("/made")


@pytest.fixture
def lab(browser):
    lab = Lab(browser)
    yield lab
    lab.visitor.leave()


def challenge(response: dict) -> str:
    data = response["response"]["clientDataJSON"]
    return json.loads(base64.urlsafe_b64decode(data + "=" * (-len(data) % 4)))["challenge"]


def test_what_the_browser_answers_is_sent_by_the_form(lab):
    lab.visitor.open("/make")
    # A form that is not filled in asks for nothing.
    lab.visitor.touch(lab.button("/made"))
    assert not lab.keys.credentials()
    made = lab.make_one()
    assert lab.posted[-1][1]["name"] == ["My laptop"]
    assert made["type"] == "public-key" and made["clientExtensionResults"]["credProps"]["rk"]
    assert {"attestationObject", "clientDataJSON", "transports"} <= made["response"].keys()
    lab.visitor.open("/use")
    for action in ("/one", "/two"):
        used = lab.sent(action)
        assert used["id"] == used["rawId"] == made["id"]
        assert {"authenticatorData", "clientDataJSON", "signature", "userHandle"} <= used["response"].keys()
        lab.visitor.open("/use")


def test_a_browser_that_writes_no_json_is_helped(lab):
    lab.visitor.page.add_init_script("PublicKeyCredential.prototype.toJSON = undefined")
    made = lab.make_one()
    assert {"attestationObject", "clientDataJSON", "transports"} <= made["response"].keys()
    lab.visitor.open("/use")
    used = lab.sent("/one")
    assert used["rawId"] == made["rawId"] and "+" not in used["response"]["signature"]
    assert {"authenticatorData", "clientDataJSON", "signature", "userHandle"} == used["response"].keys()


def test_what_went_wrong_is_said_and_the_button_works_again(lab):
    made = lab.make_one()
    lab.excluded = [{"type": "public-key", "id": made["id"], "transports": ["internal"]}]
    lab.visitor.open("/make")
    lab.visitor.page.locator("[name=name]").fill("The same again")
    lab.visitor.touch(lab.button("/made"))
    expect(lab.said("/made")).to_have_text("There already")
    lab.visitor.open("/use")
    lab.keys.know(False)
    lab.visitor.touch(lab.button("/two"))
    expect(lab.said("/two")).to_have_text("Cancelled")
    expect(lab.said("/one")).to_be_hidden()
    expect(lab.button("/two")).not_to_have_class("button busy")
    lab.keys.know(True)
    lab.sent("/two")


def test_of_two_forms_the_last_one_asks(lab):
    lab.make_one()
    lab.keys.touch(False)
    lab.visitor.open("/use")
    lab.visitor.touch(lab.button("/one"))
    expect(lab.button("/one")).to_have_class("button busy")
    # Once more is not twice.
    lab.visitor.stay("Enter")
    lab.visitor.page.locator("form[action='/two'] button").hover()
    lab.visitor.touch(lab.button("/two"))
    expect(lab.button("/one")).to_have_class("button")
    expect(lab.said("/one")).to_be_hidden()
    expect(lab.button("/two")).to_have_class("button busy")
    lab.keys.touch()
    lab.sent("/one")
    assert [path for path, _ in lab.posted] == ["/made", "/one"]


def test_old_challenges_are_not_used(lab):
    lab.make_one()
    lab.visitor.open("/use")
    lab.asked.clear()
    first = challenge(lab.sent("/two"))
    assert "/use" not in lab.asked
    lab.visitor.open("/use")
    stands = lab.visitor.page.evaluate("JSON.parse(document.forms[1].dataset.options).challenge")
    lab.visitor.page.evaluate("() => { const now = Date.now; Date.now = () => now() + 300000; }")
    assert challenge(lab.sent("/two")) not in (first, stands)
    assert lab.asked[-1] == "/use"


def test_a_form_that_is_replaced_while_the_browser_asks_is_sent_all_the_same(lab):
    lab.make_one()
    lab.visitor.open("/use")
    lab.visitor.page.evaluate(HELD)
    lab.visitor.touch(lab.button("/one"))
    lab.visitor.page.wait_for_function("() => window.goOn")
    lab.visitor.page.evaluate("() => document.forms[0].replaceWith(document.forms[0].cloneNode(true))")
    lab.visitor.page.evaluate("() => setTimeout(window.goOn)")
    lab.visitor.page.wait_for_function("() => location.pathname === '/one'")
    assert json.loads(lab.posted[-1][1]["response"][0])["type"] == "public-key"


def test_the_address_field_offers_passkeys_with_a_challenge_that_is_never_old(lab):
    lab.make_one()
    lab.keys.touch(False)
    lab.visitor.page.clock.install()
    with lab.visitor.page.expect_response("**/options"):
        lab.visitor.open("/fill")
    with lab.visitor.page.expect_response("**/options"):
        lab.visitor.page.clock.fast_forward(242_000)
    # The button takes the place of the offer, with the challenge that is there.
    lab.asked.clear()
    lab.keys.touch()
    lab.visitor.follow(lab.button("/one"))
    assert lab.posted[-1][0] == "/one" and "/options" not in lab.asked


def test_who_is_offered_a_passkey_and_takes_it_is_in(lab):
    lab.make_one()
    lab.visitor.be_led("/fill", "/one")
    assert [path for path, _ in lab.posted] == ["/made", "/one"]


def test_without_passkeys_nothing_is_offered(lab):
    lab.visitor.page.add_init_script("delete window.PublicKeyCredential")
    lab.visitor.open("/fill")
    expect(lab.button("/one")).to_be_hidden()
    lab.visitor.open("/use")
    expect(lab.button("/one")).to_be_hidden()
    lab.visitor.touch(lab.button("/two"))
    expect(lab.said("/two")).to_have_text("Failed")


def test_an_address_of_numbers_is_no_domain(lab):
    lab.visitor.open("http://127.0.0.1:9/use")
    expect(lab.button("/two")).to_be_visible()
    expect(lab.button("/one")).to_be_hidden()
