"""An event that cannot be applied: an admin sees it with its error, tries again, or discards it with a reason (X42)."""

import urllib.error

import pytest
from playwright.sync_api import expect

from test_pages import look

BALANCE = "UPDATE account SET balance = ? WHERE id = (SELECT id FROM directory_person WHERE email = ?)"


@pytest.fixture
def parked(company):
    """A task whose completion Accounting cannot book: the account is about to overflow. Mended afterwards."""
    task = company.deal("oskar", "Fill the feeder")
    company.settle()
    company.stop()
    find = "SELECT balance FROM account WHERE id = (SELECT id FROM directory_person WHERE email = ?)"
    [[balance]] = company.behind_its_back("accounting", find, company.email("oskar"))
    company.behind_its_back("accounting", BALANCE, 2**63 - 1, company.email("oskar"))
    company.start()
    company.call("oskar", "POST", f"/api/tasks/{task['id']}/completion")
    company.settle()
    mended = []

    def mend():
        if not mended:
            mended.append(True)
            company.stop()
            company.behind_its_back("accounting", BALANCE, balance, company.email("oskar"))
            company.start()

    yield mend
    mend()


def waiting(visitor):
    """The rows of what still waits; discarded events stay in the list."""
    return visitor.page.locator("#parked tbody tr").filter(has_not_text="discarded")


def test_a_parked_event_is_discarded_with_a_reason(visit, signed_in, company, parked):
    ada = visit(state=signed_in("ada"))
    ada.open("/operations/parked")
    ada.follow(waiting(ada).first.get_by_role("link").first)
    ada.field("reason").fill("Booked by hand")
    ada.follow(ada.page.locator("form[action$='/discard'] button"))
    expect(ada.notice()).to_be_visible()
    ada.open("/operations/parked")
    expect(ada.page.locator("#parked tbody tr").filter(has_text="discarded")).to_have_count(1)
    expect(waiting(ada)).to_have_count(0)
    parked()
    ada.forgive()
    assert all(service["lag"] == 0 for service in company.call("ada", "GET", "/api/services"))


def test_a_parked_event_shows_its_error_and_is_replayed(visit, signed_in, company, parked):
    ada = visit(state=signed_in("ada"))
    ada.open("/operations/parked")
    expect(waiting(ada)).to_have_count(1)
    wrong = look(ada, "parked")
    ada.follow(waiting(ada).first.get_by_role("link").first)
    expect(ada.page.locator("main pre").first).to_be_visible()
    wrong += look(ada, "parked-event")
    # A reason is needed to discard it.
    ada.expected.add(422)
    ada.field("reason").fill("   ")
    ada.follow(ada.page.locator("form[action$='/discard'] button"))
    expect(ada.page.locator("#reason-error")).to_be_visible()
    ada.open("/operations")
    expect(ada.page.locator(".stat a[href='/operations/parked']")).to_be_visible()
    wrong += look(ada, "operations-parked")
    assert not wrong, "\n".join(wrong)
    # Tried again while it still cannot be applied, it waits on.
    ada.open("/operations/parked")
    ada.follow(waiting(ada).first.get_by_role("link").first)
    ada.follow(ada.page.locator("form[action$='/replay'] button"))
    expect(ada.notice()).to_be_visible()
    company.settle()
    ada.open("/operations/parked")
    expect(waiting(ada)).to_have_count(1)
    # What was in its way is mended: it is applied, by itself or by a word, whichever comes first.
    parked()
    ada.forgive()
    for item in company.call("ada", "GET", "/api/parked")["items"]:
        replay_at_once(company, item)
    ada.open("/operations/parked")
    still = ada.page.locator("tbody tr").filter(has_not_text="discarded")
    ada.reload_until(ada.page.locator("#parked").filter(has_not=still))


def replay_at_once(company, item):
    try:
        company.call("ada", "POST", f"/api/parked/{item['service']}/{item['event']}/replay-requests")
    except urllib.error.HTTPError as refusal:
        assert refusal.code in (404, 409), refusal.read()
