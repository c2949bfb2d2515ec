"""What moves while one looks: server-sent events, and what becomes of them when the server goes away."""

import re

import pytest
from playwright.sync_api import expect

from test_pages import MAY

# What somebody sees behind each text of an element when it has just moved: of every live element of the page, those
# of whose texts do not stand on the colour of the flash. What has a ground of its own keeps it.
UNSEEN = """() => {
    const own = ".badge, .notice, .button, button, input, select, textarea, pre, thead, progress";
    const probe = document.body.appendChild(document.createElement("i"));
    probe.style.backgroundColor = "var(--accent-soft)";
    const flash = getComputedStyle(probe).backgroundColor;
    probe.remove();
    const wrong = [];
    for (const live of document.querySelectorAll("[data-live][id]")) {
        live.classList.add("moved");
        for (const animation of live.getAnimations({ subtree: true })) { animation.pause(); animation.currentTime = 0; }
        for (const text of live.querySelectorAll("h1, h2, p, td, th, dd, li, .stat-label")) {
            if (!text.checkVisibility() || text.closest(own)) continue;
            let ground = text;
            while (getComputedStyle(ground).backgroundColor === "rgba(0, 0, 0, 0)" && ground !== live) ground = ground.parentElement;
            const seen = getComputedStyle(ground).backgroundColor;
            if (seen !== flash) wrong.push(`#${live.id}: ${text.textContent.trim().slice(0, 30)} stands on ${seen}`);
        }
        live.classList.remove("moved");
    }
    return wrong;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_has_moved_is_seen_to_have_moved(visit, signed_in, scheme):
    ada = visit(state=signed_in("ada"), scheme=scheme, motion="no-preference")
    wrong, looked = [], 0
    for path in MAY["admin"]:
        ada.open(path)
        looked += ada.page.locator("[data-live][id]").count()
        wrong += [f"{path} {line}" for line in ada.page.evaluate(UNSEEN)]
    assert looked > 20
    assert not wrong, "\n".join(wrong)


def test_another_s_doing_shows_without_a_reload(visit, signed_in, company):
    emma = visit(state=signed_in("emma"))
    emma.open("/")
    marked = emma.page.evaluate("window.stayed = true")
    task = company.deal("emma", "Ring the bell")
    row = emma.page.locator(f"#my-open a[href='/tasks/{task['id']}']")
    expect(row).to_be_visible()
    before = emma.balance()
    company.call("emma", "POST", f"/api/tasks/{task['id']}/completion")
    expect(row).to_have_count(0)
    # Fee and reward are booked by another service, a moment after they are shown here.
    company.settle()
    reward = company.call("emma", "GET", f"/api/tasks/{task['id']}/price")["reward"]
    # The fee may have been on its way when the balance was read; the account says what holds.
    wanted = company.call("emma", "GET", f"/api/accounts/{company.person('emma')}")["balance"]
    assert wanted >= before and reward > 0
    emma.wait_for_balance(wanted)
    assert marked and emma.page.evaluate("window.stayed")


def test_what_somebody_types_is_left_alone(visit, signed_in, company):
    emma = visit(state=signed_in("emma"))
    emma.open("/tasks")
    emma.field("q").fill("half a wo")
    task = company.deal("emma", "Knock on wood")
    expect(emma.page.locator(f"#task-list a[href='/tasks/{task['id']}']")).to_be_visible()
    expect(emma.field("q")).to_have_value("half a wo")


def test_a_page_listens_again_after_the_server_was_restarted(visit, signed_in, company):
    emma = visit(state=signed_in("emma"))
    emma.open("/")
    emma.page.evaluate("window.stayed = true")
    company.stop()
    try:
        # Where the server stays away, the page says that its figures may be old.
        expect(emma.page.locator("#offline")).to_be_visible()
    finally:
        company.start()
    emma.forgive()
    task = company.deal("emma", "Come back")
    expect(emma.page.locator(f"#my-open a[href='/tasks/{task['id']}']")).to_be_visible()
    expect(emma.page.locator("#offline")).to_be_hidden()
    assert emma.page.evaluate("window.stayed")


def open_rows(visitor):
    return visitor.page.locator("#my-open li[id]")


def test_what_is_under_the_pointer_stays_what_it_is(visit, signed_in, company):
    for title in ("Aim at this", "And at that"):
        company.deal("emma", title)
    emma = visit(state=signed_in("emma"))
    emma.open("/")
    row = open_rows(emma).first
    aimed, place = row.get_attribute("id"), row.bounding_box()
    row.hover()
    task = company.deal("emma", "Do not push")
    pill = emma.page.locator("#pill")
    expect(pill).to_have_text("1 new · Show")
    assert open_rows(emma).first.get_attribute("id") == aimed and row.bounding_box() == place
    assert task["id"] not in emma.page.locator("#my-open").inner_html()
    # A finished task fades, and cannot be sent again; the row below it stays where it is.
    gone = aimed.removeprefix("open-")
    company.call("emma", "POST", f"/api/tasks/{gone}/completion")
    expect(emma.page.locator(f"#{aimed}.gone")).to_be_visible()
    emma.touch(emma.page.locator(f"#{aimed} button"))
    assert row.bounding_box() == place and emma.path() == "/"
    # When the pointer is elsewhere, the list is what it should be.
    emma.touch(pill)
    expect(pill).to_be_hidden()
    expect(open_rows(emma).first).to_have_attribute("id", f"open-{task['id']}")
    expect(emma.page.locator(f"#{aimed}")).to_have_count(0)


def test_what_waits_is_shown_when_the_pointer_leaves(visit, signed_in, company):
    company.deal("emma", "Look at this")
    emma = visit(state=signed_in("emma"))
    emma.open("/")
    open_rows(emma).first.hover()
    task = company.deal("emma", "Wait outside")
    expect(emma.page.locator("#pill")).to_be_visible()
    emma.page.mouse.move(1, 1)
    expect(open_rows(emma).first).to_have_attribute("id", f"open-{task['id']}")
    expect(emma.page.locator("#pill")).to_be_hidden()


def test_the_focus_goes_to_the_next_row_and_what_happened_is_said_once(visit, signed_in, company):
    for number in range(2):
        company.deal("emma", f"In a row {number}")
    emma = visit(state=signed_in("emma"))
    emma.open("/")
    second = open_rows(emma).nth(1).get_attribute("id")
    title = open_rows(emma).first.locator("bdi").last.inner_text()
    company.settle()
    open_rows(emma).first.get_by_role("button").focus()
    emma.enter()
    expect(emma.notice()).to_contain_text(re.compile(re.escape(title) + r" is done\. \+\d+\.\d\d EUR"))
    assert emma.page.evaluate("document.activeElement.closest('li').id") == second
    emma.open("/")
    expect(emma.notice()).to_have_count(0)


def test_a_refresh_is_sent_the_part_that_moved(visit, signed_in, company):
    emma = visit(state=signed_in("emma"))
    emma.open("/tasks")
    whole = len(emma.page.content())
    with emma.page.expect_response(lambda answer: "x-live" in answer.request.headers) as seen:
        task = company.deal("emma", "Small change")
    assert 0 < len(seen.value.body()) < whole and b"<header" not in seen.value.body()
    expect(emma.page.locator(f"#task-{task['id']}")).to_be_visible()


def test_a_refresh_that_failed_is_asked_for_again(visit, signed_in, company):
    emma = visit(state=signed_in("emma"))
    emma.open("/tasks")
    failed = []

    def refuse(route):
        if "x-live" in route.request.headers and not failed:
            failed.append(route.request.headers["x-live"])
            route.fulfill(status=503, body="")
        else:
            route.continue_()

    emma.page.route("**/tasks", refuse)
    task = company.deal("emma", "Ask for me twice")
    # Nothing else moves: what the failed answer had is in the next one.
    expect(emma.page.locator(f"#task-{task['id']}")).to_be_visible()
    assert failed
    emma.forgive()


def test_a_question_is_asked_over_the_page_and_escape_answers_no(visit, signed_in, company):
    mia = visit(state=signed_in("mia"))
    mia.open("/reassign")
    asking = mia.page.locator("main a.button.danger")
    dialog = mia.ask(asking)
    assert mia.page.evaluate("document.activeElement.matches('dialog [data-close]')")
    mia.stay("Escape")
    expect(dialog).to_have_count(0)
    assert mia.page.evaluate("document.activeElement.matches('main a.button.danger')")
    mia.touch(mia.ask(asking).locator("[data-close]"))
    expect(dialog).to_have_count(0)
    assert mia.path() == "/reassign"


def test_everything_is_found_from_the_keyboard(visit, signed_in, company):
    task = company.deal("emma", "Alphabetize the seeds")
    emma = visit(state=signed_in("emma"))
    emma.open("/account")
    emma.stay("/")
    emma.page.keyboard.type("ALPHABÉTIZE")
    panel = emma.page.locator(".find-panel")
    expect(panel.locator(f"a[href='/tasks/{task['id']}']")).to_be_visible()
    emma.stay("Escape")
    expect(panel).to_be_hidden()
    emma.stay("Control+k")
    emma.page.keyboard.type("ekst")
    expect(panel.get_by_text("Emma Ekström")).to_be_visible()
    emma.stay("ArrowDown")
    emma.enter()
    assert emma.path() == "/tasks" and company.person("emma") in emma.page.url
    # The field that names a person offers people.
    emma.open("/tasks")
    emma.field("assignee").press_sequentially("elk")
    expect(emma.page.locator("#people option")).to_have_count(0)
    emma.field("assignee").fill("попуг")
    expect(emma.page.locator("#people option[value='Елена Попугаева']")).to_have_count(1)


def test_what_can_be_copied_does_not_stop_a_page_from_changing(visit, signed_in, company):
    task = company.deal("emma", "Copy me")
    emma = visit(state=signed_in("emma"))
    emma.open(f"/tasks/{task['id']}")
    expect(emma.page.locator("[data-copy] > .copy").first).to_be_visible()
    company.call("emma", "POST", f"/api/tasks/{task['id']}/completion")
    expect(emma.page.locator("#task-facts .badge.done")).to_be_visible()
    expect(emma.page.locator("#task-facts [data-copy] > .copy").first).to_be_visible()
    expect(emma.page.locator("#offline")).to_be_hidden()


def test_a_row_that_fades_leaves_the_focus_where_it_is(visit, signed_in, company):
    for number in range(3):
        company.deal("emma", f"Keep the focus {number}")
    emma = visit(state=signed_in("emma"))
    emma.open("/")
    first, third = (open_rows(emma).nth(place).get_attribute("id") for place in (0, 2))
    emma.page.locator(f"#{third} button").focus()
    company.call("emma", "POST", f"/api/tasks/{first.removeprefix('open-')}/completion")
    expect(emma.page.locator(f"#{first}.gone")).to_be_visible()
    assert emma.page.evaluate("document.activeElement.closest('li').id") == third
    assert emma.page.evaluate("document.activeElement.tagName") == "BUTTON"


def test_what_waits_is_counted_again_without_asking_for_the_page(visit, signed_in, company):
    emma = visit(state=signed_in("emma"))
    emma.open("/search?q=nothing")
    asked = []
    emma.page.on("request", lambda request: asked.append(request.url))
    with emma.page.expect_response(lambda answer: "/tracker/fragments/waiting" in answer.url) as seen:
        company.deal("emma", "Count me")
    assert seen.value.status == 200 and 'class="count"' in seen.value.text()
    assert not any("/search" in url for url in asked), asked
