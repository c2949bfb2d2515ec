"""Each role's day, from sign-in to sign-out, by mouse and keyboard."""

import re

import pytest
from playwright.sync_api import expect

from visitor import PHONE, REASSIGNED, cents


@pytest.mark.parametrize("window", [{}, {"window": PHONE}], ids=["desktop", "phone"])
def test_an_employee_creates_a_task_completes_one_and_sees_the_money_move(visit, company, window):
    task = company.deal("emma", "Polish the perch")
    emma = visit(**window)
    emma.sign_in("emma")

    emma.go("/tasks")
    emma.follow(emma.page.locator(".page-head a[href='/tasks/new']"))
    emma.field("title").fill("POP-42: Feed the cat")
    emma.field("description").fill("Twice.\nAnd water.")
    emma.stay("Tab")
    emma.follow(emma.page.locator("main form .button.primary"))
    assert re.fullmatch(r"/tasks/[0-9a-f-]{36}", emma.path())
    # X11, X13: the id is split off; X12: somebody has it already; X18: the history begins.
    expect(emma.page.locator("h1")).to_have_text(re.compile(r"POP-42\s+Feed the cat"))
    expect(emma.page.locator("#task-history li")).to_have_count(1)
    expect(emma.page.locator("#task-price .money").first).to_be_visible()

    emma.go("/tasks")
    emma.field("q").fill("polish perch")
    emma.field("assignee").fill("Emma")
    emma.follow(emma.page.locator("main form.filters button"))
    expect(emma.page.locator("#task-list tbody tr").first).to_contain_text("Polish the perch")

    # What is dealt is charged by another service a moment later.
    company.settle()
    emma.open("/")
    before = emma.balance()
    row = emma.page.locator("#my-open li", has=emma.page.locator(f"a[href='/tasks/{task['id']}']"))
    emma.follow(row.get_by_role("button"))
    expect(emma.notice()).to_contain_text(f"{task['title']} is done.")
    expect(emma.page.locator("#my-done")).to_contain_text(task["title"])
    # The reward is booked by another service a moment later, and shows by itself.
    reward = company.call("emma", "GET", f"/api/tasks/{task['id']}/price")["reward"]
    emma.wait_for_balance(before + reward)

    emma.go("/account")
    assert emma.balance() == before + reward
    expect(emma.page.locator("#account-statement")).to_contain_text(task["title"])
    with emma.page.expect_download() as download:
        emma.page.locator("a[href$='statement.csv']").click()
    assert task["title"] in download.value.path().read_text()
    emma.sign_out()
    emma.open("/")
    assert "/sign-in" in emma.page.url


def test_an_accountant_reads_accounts_corrects_an_entry_and_sees_what_the_close_would_pay(visit, company):
    task = company.deal("emma", "Gild the cage")
    emma = company.person("emma")
    company.settle()
    abe = visit()
    abe.sign_in("abe")

    abe.go("/money")
    expect(abe.page.locator("figure.chart svg[role=img] > title")).to_have_count(1)
    expect(abe.page.locator("figure.chart .bar").first).to_be_attached()
    assert abe.page.locator("#money-days tbody tr").count() >= 4
    with abe.page.expect_download() as download:
        abe.page.locator("a[href*='days.csv']").click()
    assert download.value.path().read_text().count("\n") > 4

    abe.go("/accounts")
    abe.field("name").fill("Emma")
    abe.enter()
    abe.follow(abe.page.locator(f"a[href='/accounts/{emma}']"))
    # X24: today by default, and any day; the way to the nearest day with operations.
    abe.follow(abe.page.locator(".toolbar a[href*='day=']").first)
    expect(abe.page.locator("#account-statement tbody tr").first).to_be_visible()
    abe.open(f"/accounts/{emma}")
    before = abe.balance()
    row = abe.page.locator("#account-statement tr", has_text=task["title"])
    abe.follow(row.locator("a[href*='entry=']"))
    # X23: a reason is needed, and what was typed stays.
    abe.expected.add(422)
    abe.field("sum").fill("one")
    abe.field("reason").fill("Broken cage")
    abe.follow(abe.page.locator("#correct .button.primary"))
    expect(abe.field("sum")).to_have_attribute("aria-invalid", "true")
    expect(abe.field("reason")).to_have_value("Broken cage")
    abe.field("sum").fill("7.50")
    abe.follow(abe.page.locator("#correct .button.primary"))
    expect(abe.notice()).to_contain_text("+7.50")
    abe.wait_for_balance(before + 750)
    abe.see("Broken cage")

    abe.go("/close")
    expect(abe.page.locator("#close-state .stat")).to_have_count(3)
    abe.sign_out()


def test_a_manager_deals_everything_again_and_watches_it(visit, company):
    company.deal("elena", "Shake the tree")
    mia = visit()
    mia.sign_in("mia")
    mia.go("/reassign")
    past = mia.page.locator("#reassign-progress tbody tr")
    expect(mia.page.locator(REASSIGNED)).to_be_visible()
    before = past.count()
    # What it will do is told first, in a dialog.
    mia.page.locator("main a[data-dialog]").focus()
    mia.stay("Enter")
    expect(mia.page.locator("dialog")).to_contain_text("Open tasks")
    mia.follow(mia.page.locator("dialog").get_by_role("button"))
    expect(mia.notice()).to_contain_text("You started a reassignment.")
    # Nobody is at the list: what is new in it does not wait.
    mia.page.mouse.move(0, 0)
    # X14: the job's end shows by itself, with how many it dealt.
    expect(past).to_have_count(before + 1)
    dealt = past.first.locator("td").nth(3).inner_text().split("/")
    assert len(set(map(cents, dealt))) == 1 and cents(dealt[0]) > 0
    # A manager is dealt nothing, and completes nothing.
    mia.go("/")
    expect(mia.page.locator("#my-open .empty")).to_be_visible()
    mia.sign_out()


def test_an_admin_adds_a_person_who_sets_a_password_and_begins(visit, company):
    ada = visit()
    ada.sign_in("ada")
    ada.go("/people")
    ada.follow(ada.page.locator("a[href='/people/new']"))
    ada.field("name").fill("Nina Neu")
    ada.expected.add(422)
    ada.field("email").fill("emma@popug.example")
    ada.follow(ada.page.locator("main form .button.primary"))
    expect(ada.page.locator("#email-error")).to_be_visible()
    ada.field("email").fill("nina@popug.example")
    ada.follow(ada.page.locator("main form .button.primary"))
    expect(ada.notice()).to_be_visible()
    card = ada.path()
    link = ada.page.locator("code[data-copy]").first.evaluate("element => element.firstChild.data.trim()")

    nina = visit()
    nina.open(re.sub(r"^https?://[^/]+", "", link))
    nina.expected.add(422)
    nina.field("password").fill("short")
    nina.enter()
    expect(nina.page.locator(".field .error:not(:empty)")).to_be_visible()
    nina.field("password").fill("seeds and nuts 26")
    nina.enter()
    assert nina.path() == "/sign-in"
    nina.sign_in("nina", "seeds and nuts 26")
    nina.open("/people", status=403)
    nina.open("/")

    # X7: a role is added, and its pages are there; the account is closed, and its owner is out.
    ada.open(card)
    ada.field("role-accountant").check()
    ada.follow(ada.main_form(f"{card}/roles").get_by_role("button"))
    expect(ada.notice()).to_be_visible()
    expect(ada.page.locator("#person-history li").first).to_contain_text("accountant")
    nina.reload_until(nina.page.locator('.menu nav a[href="/money"]'))
    ada.field("password").fill("another password")
    ada.follow(ada.main_form(f"{card}/password").get_by_role("button"))
    expect(ada.notice()).to_be_visible()
    nina.reload_until(nina.main_form("/sign-in"))
    ada.open(f"{card}/active")
    ada.see("reassignment")
    ada.follow(ada.main_form(f"{card}/active").get_by_role("button"))
    expect(ada.page.locator(".page-head .badge.bad")).to_be_visible()
    ada.sign_out()


def test_a_person_s_wrong_fields_come_back_as_they_were_filled(visit, signed_in, company):
    ada = visit(state=signed_in("ada"))
    path = f"/people/{company.person('emma')}"
    ada.expected |= {409, 422}
    ada.open(path)
    ada.field("email").fill("ada@popug.example")
    ada.follow(ada.main_form(f"{path}/details").get_by_role("button"))
    expect(ada.page.locator("#email-error")).to_be_visible()
    expect(ada.field("email")).to_have_value("ada@popug.example")
    ada.field("other").fill("BIG boss")
    ada.follow(ada.main_form(f"{path}/roles").get_by_role("button"))
    expect(ada.page.locator("#other-error")).to_be_visible()
    ada.field("password").fill("short")
    ada.follow(ada.main_form(f"{path}/password").get_by_role("button"))
    expect(ada.page.locator("#new-password-error")).to_be_visible()
    assert not ada.audit()
    # The last administrator stays one.
    path = f"/people/{company.person('ada')}"
    ada.open(f"{path}/active")
    ada.follow(ada.main_form(f"{path}/active").get_by_role("button"))
    expect(ada.page.get_by_role("alert")).to_be_visible()


def test_an_admin_imports_a_file_and_follows_its_events(visit, company, tmp_path):
    file = tmp_path / "work.csv"
    lines = [f"2026-01-05T10:0{n % 10}:00Z,New Person {n % 3},POP-{n}: Carry twig {n}" for n in range(40)]
    file.write_text("\n".join(["created_at,created_by,title", *lines, "2026-01-05T10:00:00Z,Somebody,a [broken] title"]) + "\n")
    ada = visit()
    ada.sign_in("ada")
    ada.go("/import")
    ada.field("file").set_input_files(file)
    ada.follow(ada.page.locator("main form .button.primary"))
    past = ada.page.locator("#import-progress tbody tr").first
    expect(past).to_contain_text("work.csv")
    cells = [cell.inner_text() for cell in past.locator("td.num").all()]
    assert [cents(cell) for cell in cells] == [41, 40, 0, 1]
    with ada.page.expect_download() as download:
        past.locator("a[href$='/rejects']").click()
    assert "broken" in download.value.path().read_text()

    ada.go("/operations")
    expect(ada.page.locator("#operations .badge.done").first).to_be_visible()
    ada.go("/operations/events")
    ada.field("name").fill("task-created")
    ada.enter()
    assert "name=task-created" in ada.page.url
    ada.follow(ada.page.locator("#events tbody a").first)
    # One event's way: written, numbered, published, applied by Accounting, live.
    expect(ada.page.locator("#way li.done").filter(has_text="accounting")).to_have_count(1)
    assert not ada.audit()
    ada.go("/operations/parked")
    expect(ada.page.locator("#parked .empty")).to_be_visible()
    ada.sign_out()


def test_a_boss_chooses_language_and_theme_and_is_refused_what_is_not_theirs(visit):
    boris = visit()
    boris.sign_in("boris")
    assert boris.navigation() == ["/", "/tasks", "/tasks/new", "/account"]
    boris.follow(boris.page.locator(".prefs a[hreflang=ru]"))
    expect(boris.page.locator("html")).to_have_attribute("lang", "ru")
    boris.follow(boris.page.locator(".prefs a[href*='theme=dark']"))
    expect(boris.page.locator("html")).to_have_attribute("data-theme", "dark")
    ground = boris.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert sum(map(int, re.findall(r"\d+", ground)[:3])) < 120
    boris.go("/tasks")
    expect(boris.page.locator("h1")).to_have_text("Все задачи")
    boris.open("/money", status=403)
    boris.see("У вас нет доступа")
    boris.follow(boris.page.locator(".error-page a.button"))
    expect(boris.page.locator("h1")).to_have_text("Мои задачи")
    boris.sign_out()
