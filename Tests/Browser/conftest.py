import os
import shutil
import time

import pytest
from playwright.sync_api import sync_playwright

from company import Company
from visitor import Visitor

CHROMIUM = os.environ.get("POPUG_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
# Nothing but this machine's own loopback is reached.
ARGUMENTS = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost", "--lang=en-GB"]


@pytest.fixture(scope="session")
def company(tmp_path_factory):
    """One company for all tests; they leave it working."""
    company = Company(tmp_path_factory.mktemp("company"))
    company.start()
    yield company
    company.stop()
    # Whatever the tests did by mouse and keyboard: every cent is accounted for.
    company.popug("verify", "--data", company.folder)


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        # Chromium refuses its sandbox to root.
        extra = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS + extra)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser, company):
    """Makes visitors, and asks each at the end what went wrong."""
    visitors = []

    def make(**options) -> Visitor:
        visitors.append(Visitor(browser, company, **options))
        return visitors[-1]

    yield make
    for visitor in visitors:
        visitor.leave()


@pytest.fixture(scope="session")
def signed_in(browser, company):
    """The cookies of somebody who signed in a moment ago, by name; it costs half a second of hashing each time.

    What asks for a fresh proof takes ten minutes of it.
    """
    states = {}
    moment = 240

    def state(name: str) -> dict:
        began, known = states.get(name, (0.0, None))
        if known is None or time.monotonic() - began > moment:
            visitor = Visitor(browser, company)
            began = time.monotonic()
            visitor.sign_in(name)
            known = visitor.context.storage_state()
            states[name] = (began, known)
            visitor.leave()
        return known

    return state
