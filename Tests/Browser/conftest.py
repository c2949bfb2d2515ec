import os
import shutil

import pytest
from playwright.sync_api import sync_playwright

from company import Company
from visitor import Visitor

CHROMIUM = os.environ.get("POPUG_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
# Nothing but this machine's own loopback is reached.
ARGUMENTS = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--lang=en-GB"]


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
    """The cookies of a signed-in person, by name; signing in costs half a second of hashing each time."""
    states = {}

    def state(name: str) -> dict:
        if name not in states:
            visitor = Visitor(browser, company)
            visitor.sign_in(name)
            states[name] = visitor.context.storage_state()
            visitor.leave()
        return states[name]

    return state
