"""What moves while one looks: server-sent events, and what becomes of them when the server goes away."""

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
