"""Without a script, and without a mouse."""

import re

from playwright.sync_api import expect

from visitor import PHONE, REASSIGNED

FOCUS = """() => {
    const element = document.activeElement;
    const style = getComputedStyle(element);
    const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    return { ring, tag: element.localName, id: element.id, name: element.name || "", href: element.getAttribute("href"),
        form: element.form ? element.form.getAttribute("action") : null, shown: element.checkVisibility() };
}"""


def tab_to(visitor, found) -> dict:
    """Tab after Tab, each to something visible with a ring around it, until it is the one."""
    for _ in range(120):
        visitor.stay("Tab")
        focus = visitor.page.evaluate(FOCUS)
        assert focus["tag"] != "body", "the focus was lost"
        assert focus["ring"] and focus["shown"], f"no visible focus on {focus}"
        if found(focus):
            return focus
    raise AssertionError("120 times Tab, and not there")


def test_signing_in_and_completing_a_task_need_no_mouse(visit, company):
    task = company.deal("emma", "Walk the keys")
    # What moves takes the focus with it.
    company.settle()
    emma = visit()
    emma.open("/sign-in")
    # The first field has the focus already.
    assert emma.page.evaluate(FOCUS)["name"] == "email"
    emma.page.keyboard.type("emma@popug.example")
    tab_to(emma, lambda focus: focus["name"] == "password")
    emma.page.keyboard.type("popug-demo-2026")
    tab_to(emma, lambda focus: focus["tag"] == "button")
    emma.enter()
    assert emma.path() == "/"
    # The first stop leads past the menu.
    emma.stay("Tab")
    assert emma.page.evaluate(FOCUS)["href"] == "#main"
    emma.stay("Enter")
    tab_to(emma, lambda focus: focus["form"] == f"/tasks/{task['id']}/complete")
    emma.enter("Space")
    expect(emma.notice()).to_be_visible()
    expect(emma.page.locator("#my-done")).to_contain_text(task["title"])


def test_what_was_typed_survives_that_the_session_had_ended(visit, company):
    mia = visit()
    mia.sign_in("mia")
    mia.open("/tasks/new")
    mia.field("title").fill("Typed before the session ended")
    mia.field("description").fill("Two lines\nof it")
    mia.page.context.clear_cookies(name="popug_session")
    mia.follow(mia.page.locator("main form .button.primary"))
    assert mia.path() == "/sign-in"
    # A wrong password does not lose it either.
    mia.expected.add(401)
    mia.field("email").fill(company.email("mia"))
    mia.field("password").fill("not the password")
    mia.enter()
    assert mia.path() == "/sign-in"
    mia.field("password").fill("popug-demo-2026")
    mia.enter()
    assert mia.path() == "/tasks/new"
    expect(mia.field("title")).to_have_value("Typed before the session ended")
    expect(mia.field("description")).to_have_value("Two lines\nof it")
    mia.follow(mia.page.locator("main form .button.primary"))
    mia.see("Typed before the session ended")
    # Once is enough.
    mia.open("/tasks/new")
    expect(mia.field("title")).to_have_value("")


def test_who_one_is_is_confirmed_before_saying_where_money_goes(visit, company):
    """X28. A fresh sign-in is a fresh proof; /confirm is where an older one leads."""
    oskar = visit()
    oskar.sign_in("oskar")
    oskar.open("/confirm?next=%2Fpayouts%2Fdestination")
    oskar.expected.add(422)
    oskar.field("password").fill("not the password")
    oskar.enter()
    assert oskar.path() == "/confirm"
    expect(oskar.page.locator("#password-error")).to_be_visible()
    oskar.field("password").fill("popug-demo-2026")
    oskar.enter()
    assert oskar.path() == "/payouts/destination"
    for number in ("4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00"):
        oskar.open("/payouts/destination")
        oskar.field("number").fill(number)
        oskar.enter()
        assert oskar.path() == "/account"
    expect(oskar.notice()).to_contain_text("•••• 3000")
    oskar.open("/payouts/destination")
    past = oskar.page.locator("main details")
    expect(past).to_contain_text("•••• 3000")
    expect(past).to_contain_text("•••• 1111")
    # Nobody is led anywhere else.
    oskar.open("/confirm?next=https%3A%2F%2Fevil.example%2F")
    oskar.field("password").fill("popug-demo-2026")
    oskar.enter()
    assert oskar.path() == "/"


def test_the_menu_of_a_phone_opens_by_keyboard(visit, signed_in):
    emma = visit(state=signed_in("emma"), window=PHONE)
    emma.open("/")
    tab_to(emma, lambda focus: focus["tag"] == "summary")
    emma.stay("Enter")
    tab_to(emma, lambda focus: focus["href"] == "/tasks")
    emma.enter()
    assert emma.path() == "/tasks"


def test_everything_works_without_a_script(visit, company, tmp_path):
    task = company.deal("emma", "Write by hand")
    emma = visit(script=False, language="ru")
    emma.sign_in("emma")
    emma.follow(emma.main_form(f"/tasks/{task['id']}/complete").get_by_role("button"))
    expect(emma.notice()).to_contain_text(f"Задача «{task['title']}» выполнена.")
    emma.go("/tasks/new")
    emma.expected.add(422)
    emma.field("title").fill("с [скобками]")
    emma.follow(emma.page.locator("main form .button.primary"))
    expect(emma.page.locator("#title-error")).to_be_visible()
    emma.field("title").fill("POP-7: Без скобок")
    emma.follow(emma.page.locator("main form .button.primary"))
    assert re.fullmatch(r"/tasks/[0-9a-f-]{36}", emma.path())
    emma.go("/account")
    emma.field("day").fill("2020-02-29")
    emma.follow(emma.page.locator(".toolbar button"))
    emma.see("В этот день операций не было")
    emma.sign_out()

    mia = visit(script=False)
    mia.sign_in("mia")
    mia.go("/reassign")
    mia.follow(mia.page.locator("main a[href='/reassign/confirm']"))
    mia.follow(mia.main_form("/reassign").get_by_role("button"))
    expect(mia.notice()).to_be_visible()
    mia.reload_until(mia.page.locator(REASSIGNED))

    abe = visit(script=False)
    abe.sign_in("abe")
    company.settle()
    abe.open(f"/accounts/{company.person('emma')}")
    abe.follow(abe.page.locator("#account-statement a[href*='entry=']").first)
    abe.field("sum").fill("1.00")
    abe.field("reason").fill("For the fun of it")
    abe.follow(abe.page.locator("#correct .button.primary"))
    expect(abe.notice()).to_be_visible()

    file = tmp_path / "more.jsonl"
    file.write_text('{"created_at": "2026-02-03T10:00:00Z", "created_by": "Zoe", "title": "Count again"}\n')
    ada = visit(script=False)
    ada.sign_in("ada")
    ada.go("/import")
    ada.field("file").set_input_files(file)
    ada.follow(ada.page.locator("main form .button.primary"))
    past = ada.page.locator("#import-progress tbody tr", has_text="more.jsonl")
    ada.reload_until(past)
    expect(past.locator("td.num")).to_have_text(["1", "1", "0", "0"])
    ada.sign_out()
