"""Without a script, and without a mouse."""

import re

from playwright.sync_api import expect

from visitor import PHONE

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
        visitor.page.keyboard.press("Tab")
        focus = visitor.page.evaluate(FOCUS)
        assert focus["tag"] != "body", "the focus was lost"
        assert focus["ring"] and focus["shown"], f"no visible focus on {focus}"
        if found(focus):
            return focus
    raise AssertionError("120 times Tab, and not there")


def test_signing_in_and_completing_a_task_need_no_mouse(visit, company):
    task = company.deal("emma", "Walk the keys")
    emma = visit()
    emma.open("/sign-in")
    # The first field has the focus already.
    assert emma.page.evaluate(FOCUS)["name"] == "email"
    emma.page.keyboard.type("emma@popug.example")
    tab_to(emma, lambda focus: focus["name"] == "password")
    emma.page.keyboard.type("popug-demo-2026")
    tab_to(emma, lambda focus: focus["tag"] == "button")
    emma.page.keyboard.press("Enter")
    emma.page.wait_for_url(lambda address: "/sign-in" not in address)
    # The first stop leads past the menu.
    emma.page.keyboard.press("Tab")
    assert emma.page.evaluate(FOCUS)["href"] == "#main"
    emma.page.keyboard.press("Enter")
    tab_to(emma, lambda focus: focus["form"] == f"/tasks/{task['id']}/complete")
    emma.page.keyboard.press("Space")
    expect(emma.notice()).to_be_visible()
    expect(emma.page.locator("#my-done")).to_contain_text(task["title"])


def test_the_menu_of_a_phone_opens_by_keyboard(visit, signed_in):
    emma = visit(state=signed_in("emma"), window=PHONE)
    emma.open("/")
    tab_to(emma, lambda focus: focus["tag"] == "summary")
    emma.page.keyboard.press("Enter")
    tab_to(emma, lambda focus: focus["href"] == "/tasks")
    emma.page.keyboard.press("Enter")
    emma.page.wait_for_url("**/tasks")


def test_everything_works_without_a_script(visit, company, tmp_path):
    task = company.deal("emma", "Write by hand")
    emma = visit(script=False, language="ru")
    emma.sign_in("emma")
    emma.main_form(f"/tasks/{task['id']}/complete").get_by_role("button").click()
    expect(emma.notice()).to_contain_text("Готово")
    emma.go("/tasks/new")
    emma.expected.add(422)
    emma.field("title").fill("с [скобками]")
    emma.page.locator("main form .button.primary").click()
    expect(emma.page.locator("#title-error")).to_be_visible()
    emma.field("title").fill("POP-7: Без скобок")
    emma.page.locator("main form .button.primary").click()
    emma.page.wait_for_url(re.compile(r"/tasks/[0-9a-f-]{36}"))
    emma.go("/account")
    emma.field("day").fill("2020-02-29")
    emma.page.locator(".toolbar button").click()
    emma.see("В этот день операций не было")
    emma.sign_out()

    mia = visit(script=False)
    mia.sign_in("mia")
    mia.go("/reassign")
    mia.main_form("/reassign").get_by_role("button").click()
    expect(mia.notice()).to_be_visible()

    abe = visit(script=False)
    abe.sign_in("abe")
    abe.open(f"/accounts/{company.person('emma')}")
    abe.page.locator("#account-statement a[href*='entry=']").first.click()
    abe.field("sum").fill("1.00")
    abe.field("reason").fill("For the fun of it")
    abe.page.locator("#correct .button.primary").click()
    expect(abe.notice()).to_be_visible()

    file = tmp_path / "more.jsonl"
    file.write_text('{"created_at": "2026-02-03", "created_by": "Zoe", "title": "Count again"}\n')
    ada = visit(script=False)
    ada.sign_in("ada")
    ada.go("/import")
    ada.field("file").set_input_files(file)
    with ada.page.expect_navigation():
        ada.page.locator("main form .button.primary").click()
    ada.reload_until(lambda: "more.jsonl" in ada.page.locator("#import-progress table").inner_text())
    ada.sign_out()
