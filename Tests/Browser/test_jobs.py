"""Work that goes on by itself, watched and steered: a rebuild midway, a reassignment, a close that waits for a word."""

import uuid

from playwright.sync_api import expect

from company import Company
from test_pages import look
from visitor import REASSIGNED, Visitor


def begin_midway(company) -> None:
    """A rebuild that was stopped where it is, as a stop in its middle leaves it."""
    ada = uuid.UUID(company.person("ada")).bytes
    company.settle()
    company.stop()
    company.behind_its_back(
        "analytics",
        "INSERT INTO rebuild (generation, id, state, asked_by, asked_at, reached, total, swept) SELECT "
        "MAX(current, COALESCE((SELECT MAX(generation) FROM rebuild), 0)) + 1, ?, 'stopped', ?, 1767225600000, 0, "
        "(SELECT SUM(number) FROM checkpoint WHERE topic = 'accounting'), 0 FROM generation", uuid.uuid4().bytes, ada)
    company.behind_its_back(
        "analytics",
        "INSERT INTO rebuild_position SELECT (SELECT MAX(generation) FROM rebuild), partition, 0, number "
        "FROM checkpoint WHERE topic = 'accounting'")
    company.behind_its_back("analytics", "UPDATE generation SET building = (SELECT MAX(generation) FROM rebuild)")
    company.start()


def test_a_stopped_rebuild_is_given_up_or_goes_on_and_ends_before_one_s_eyes(visit, signed_in, company):
    begin_midway(company)
    ada = visit(state=signed_in("ada"))
    ada.open("/analytics/rebuild")
    expect(ada.page.locator("progress")).to_be_visible()
    wrong = look(ada, "rebuild-stopped")
    assert not wrong, "\n".join(wrong)
    ada.open(ada.page.locator("main a[href$='/abandon/confirm']").get_attribute("href"))
    ada.follow(ada.page.locator("form[action$='/abandon'] button"))
    expect(ada.notice()).to_be_visible()
    expect(ada.page.locator("progress")).to_have_count(0)
    begin_midway(company)
    ada.forgive()
    ada.open("/analytics/rebuild")
    ada.follow(ada.page.locator("form[action$='/resume'] button"))
    ada.page.mouse.move(0, 0)
    ada.page.evaluate("window.stayed = true")
    # The page that follows moves by itself.
    expect(ada.page.locator("#analytics-rebuild tbody tr").first).to_contain_text("the same")
    expect(ada.page.locator("progress")).to_have_count(0)
    assert ada.page.evaluate("window.stayed")


def test_a_reassignment_s_progress_moves_by_itself(visit, signed_in, company, tmp_path):
    file = tmp_path / "many.jsonl"
    line = '{"created_at": "2026-02-03T10:00:00Z", "created_by": "Zoe", "title": "Count seed %d"}\n'
    file.write_text("".join(line % number for number in range(1000)))
    company.stop()
    assert "1000 imported" in company.popug("import", str(file), "--data", company.folder)
    company.start()
    mia = visit(state=signed_in("mia"))
    mia.open("/reassign")
    past = mia.page.locator("#reassign-progress tbody tr")
    expect(mia.page.locator(REASSIGNED)).to_be_visible()
    before = past.count()
    # Three presses: the others queue, so that there is something to see.
    for _ in range(3):
        mia.open("/reassign/confirm")
        mia.follow(mia.main_form("/reassign").get_by_role("button"))
        expect(mia.notice()).to_be_visible()
    mia.page.evaluate("window.stayed = true")
    # Nobody is at the list: what is new in it does not wait.
    mia.page.mouse.move(0, 0)
    # To their end, without a reload.
    expect(past).to_have_count(before + 3)
    expect(mia.page.locator(REASSIGNED)).to_be_visible()
    assert mia.page.evaluate("window.stayed")
    wrong = look(mia, "reassign-done")
    assert not wrong, "\n".join(wrong)


def test_a_close_far_behind_waits_for_a_word(browser, tmp_path):
    company = Company(tmp_path, demo=False)
    company.fall_behind(20)
    company.start()
    ada = Visitor(browser, company)
    try:
        ada.sign_in("ada")
        ada.go("/close")
        asking = ada.page.locator("main .button.danger")
        expect(asking).to_be_visible()
        wrong = look(ada, "close-suspicious")
        assert not wrong, "\n".join(wrong)
        ada.follow(ada.ask(asking).locator(".button.danger"))
        expect(ada.notice()).to_be_visible()
        # All missed days close in order, before one's eyes.
        expect(asking).to_have_count(0)
        expect(ada.page.locator("main tbody tr").nth(18)).to_be_visible()
    finally:
        ada.leave()
        company.stop()
    company.popug("verify", "--data", company.folder)
