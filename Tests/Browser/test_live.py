"""What moves while one looks: server-sent events, and what becomes of them when the server goes away."""

from playwright.sync_api import expect


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
