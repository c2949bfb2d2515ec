"""Passkeys: made, used, removed, and what is refused. The server is known by a name, for passkeys belong to names."""

import pytest
from playwright.sync_api import expect

from authenticator import Authenticator
from company import PASSWORD, Company
from test_pages import look
from visitor import Visitor

USE = "/sign-in/passkey"
# One's passkeys, on one's own page.
OWN = "main li[id^='passkey-']"
REFUSED = {400, 401, 403, 409, 410, 422}


@pytest.fixture(scope="module")
def keyed(tmp_path_factory):
    """A company that browsers know by a name."""
    company = Company(tmp_path_factory.mktemp("keyed"), host="localhost")
    company.start()
    yield company
    company.stop()
    company.popug("verify", "--data", company.folder)


@pytest.fixture
def arrive(browser, keyed):
    """Makes visitors with an authenticator each, and asks each at the end what went wrong."""
    visitors = []

    def make(credentials: list[dict] | None = None, **options) -> tuple[Visitor, Authenticator]:
        visitors.append(Visitor(browser, keyed, **options))
        return visitors[-1], Authenticator(visitors[-1], credentials)

    yield make
    for visitor in visitors:
        visitor.leave()


def form(visitor: Visitor, action: str):
    """The form for a passkey."""
    return visitor.page.locator(f'form[data-passkey][action="{action}"]')


def said(visitor: Visitor, action: str):
    return form(visitor, action).locator("[data-passkey-said]")


def answer(visitor: Visitor, keys: Authenticator, action: str) -> None:
    """Presses the button of a form and touches the authenticator, once: a page that refuses the answer may offer
    passkeys again. (If the page asks by itself at that moment, for the address field, the touch may answer that.)"""

    def let_go(route) -> None:
        keys.touch(False)
        route.fallback()

    visitor.page.route(f"**{action}", let_go, times=1)
    visitor.follow_unless_led(form(visitor, action).get_by_role("button").first, keys.touch)


def make(visitor: Visitor, keys: Authenticator, name: str) -> dict:
    """Makes a passkey on one's own page; returns it as the authenticator has it."""
    before = {one["credentialId"] for one in keys.credentials()}
    visitor.open("/me/passkeys/new")
    form(visitor, "/me/passkeys").locator("[name=name]").fill(name)
    answer(visitor, keys, "/me/passkeys")
    [made] = [one for one in keys.credentials() if one["credentialId"] not in before]
    visitor.open("/me")
    visitor.see(name)
    return made


def row(visitor: Visitor, name: str):
    """Of a passkey on one's own page."""
    return visitor.page.locator(OWN).filter(has_text=name)


def remove_all(visitor: Visitor) -> None:
    """So that the next test begins with none."""
    visitor.open("/me")
    while visitor.page.locator(f"{OWN} a[data-dialog]").count():
        dialog = visitor.ask(visitor.page.locator(f"{OWN} a[data-dialog]").first)
        visitor.follow(dialog.locator("button.danger"))


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_passkey_is_made_and_named_and_signs_in_without_an_address(arrive, language):
    emma, keys = arrive(language=language)
    emma.sign_in("emma")
    emma.open("/me/passkeys/new")
    wrong = look(emma, "passkey-new")
    make(emma, keys, "Мой ноутбук")
    wrong += look(emma, "me-passkeys")
    # The same authenticator makes no second one, and the page says so.
    emma.open("/me/passkeys/new")
    form(emma, "/me/passkeys").locator("[name=name]").fill("The same again")
    keys.touch()
    emma.touch(form(emma, "/me/passkeys").get_by_role("button").first)
    expect(said(emma, "/me/passkeys")).to_have_text(
        form(emma, "/me/passkeys").get_attribute("data-there-already"))
    keys.touch(False)
    wrong += look(emma, "passkey-there-already")
    emma.sign_out()
    expect(form(emma, USE)).to_be_visible()
    wrong += look(emma, "sign-in-passkey")
    answer(emma, keys, USE)
    assert emma.path() == "/"
    remove_all(emma)
    assert not wrong, "\n".join(wrong)


def test_who_chooses_a_passkey_in_the_address_field_is_in(arrive):
    emma, keys = arrive()
    emma.sign_in("emma")
    make(emma, keys, "Autofill")
    emma.sign_out()
    expect(emma.field("email")).to_have_attribute("autocomplete", "username webauthn")
    # Nobody chooses one: the password works as ever.
    emma.sign_in("emma")
    emma.sign_out()
    keys.touch()
    emma.be_led("/sign-in", "/")
    keys.touch(False)
    remove_all(emma)


def test_where_one_wanted_to_go_is_where_a_passkey_leads(arrive):
    mia, keys = arrive()
    mia.sign_in("mia")
    make(mia, keys, "Laptop")
    mia.sign_out()
    mia.open("/reassign")
    assert mia.path() == "/sign-in"
    answer(mia, keys, USE)
    assert mia.path() == "/reassign"
    remove_all(mia)


def test_a_cancelled_request_is_said_calmly_and_the_button_works_again(arrive):
    emma, keys = arrive()
    emma.sign_in("emma")
    make(emma, keys, "Laptop")
    emma.sign_out()
    keys.know(False)
    keys.touch()
    emma.touch(form(emma, USE).get_by_role("button"))
    expect(said(emma, USE)).to_have_text(form(emma, USE).get_attribute("data-cancelled"))
    keys.touch(False)
    wrong = look(emma, "sign-in-cancelled")
    keys.know(True)
    answer(emma, keys, USE)
    assert emma.path() == "/"
    remove_all(emma)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_who_one_is_is_confirmed_with_a_passkey(arrive, language):
    oskar, keys = arrive(language=language)
    oskar.sign_in("oskar")
    make(oskar, keys, "Laptop")
    oskar.open("/confirm?next=%2Fpayouts%2Fdestination")
    expect(form(oskar, "/confirm/passkey")).to_be_visible()
    wrong = look(oskar, "confirm-passkey")
    answer(oskar, keys, "/confirm/passkey")
    assert oskar.path() == "/payouts/destination"
    # Nobody is led anywhere else.
    oskar.open("/confirm?next=https%3A%2F%2Fevil.example%2F")
    answer(oskar, keys, "/confirm/passkey")
    assert oskar.path() == "/"
    remove_all(oskar)
    assert not wrong, "\n".join(wrong)


def test_a_passkey_is_removed_after_a_question_and_works_no_more(arrive):
    emma, keys = arrive()
    emma.sign_in("emma")
    made = make(emma, keys, "Lost phone")
    emma.open("/me")
    dialog = emma.ask(row(emma, "Lost phone").locator("a[data-dialog]"))
    expect(dialog).to_contain_text("Lost phone")
    # A question that is answered no changes nothing.
    emma.stay("Escape")
    expect(row(emma, "Lost phone")).to_have_count(1)
    emma.follow(emma.ask(row(emma, "Lost phone").locator("a[data-dialog]")).locator("button.danger"))
    expect(row(emma, "Lost phone")).to_have_count(0)
    emma.sign_out()
    assert [one["credentialId"] for one in keys.credentials()] == [made["credentialId"]]
    emma.expected |= REFUSED
    answer(emma, keys, USE)
    expect(emma.page.get_by_role("alert")).to_be_visible()
    emma.open("/me")
    assert emma.path() == "/sign-in"


def test_a_copy_of_a_passkey_is_refused_and_an_admin_hears_of_it(arrive, keyed):
    emma, keys = arrive()
    emma.sign_in("emma")
    make(emma, keys, "Copied")
    for _ in range(2):
        emma.sign_out()
        answer(emma, keys, USE)
        assert emma.path() == "/"
    [credential] = keys.credentials()
    assert credential["signCount"] >= 2
    # The copy was made before both.
    emma.sign_out()
    keys.put({**credential, "signCount": 0})
    emma.expected |= REFUSED
    answer(emma, keys, USE)
    expect(emma.page.get_by_role("alert")).to_be_visible()
    wrong = look(emma, "sign-in-copy")
    emma.open("/me")
    assert emma.path() == "/sign-in"
    ada, _ = arrive()
    ada.sign_in("ada")
    ada.open(f"/people/{keyed.person('emma')}")
    expect(ada.page.locator("#person-history")).to_contain_text("Copied")
    wrong += look(ada, "person-copy")
    # Both are told by letter.
    keyed.settle()
    told = "A passkey may have been copied"
    for reader, subject in (("ada", f"Emma Ekström: {told}"), ("emma", told)):
        ada.open(f"/letters?person={reader}")
        ada.follow(ada.page.locator("main tbody tr a").first)
        expect(ada.page.locator("h1")).to_contain_text(subject)
    # The password still works.
    emma.sign_in("emma")
    remove_all(emma)
    assert not wrong, "\n".join(wrong)


def test_an_answer_works_once(arrive, keyed):
    emma, keys = arrive()
    emma.sign_in("emma")
    make(emma, keys, "Overheard")
    emma.sign_out()
    statuses = []

    def twice(route) -> None:
        if route.request.method != "POST":
            return route.fallback()
        headers = {**route.request.headers, "origin": keyed.address}
        answers = [route.fetch(headers=headers, max_redirects=0) for _ in range(2)]
        statuses.extend(answer.status for answer in answers)
        return route.fulfill(response=answers[1])

    emma.page.route(f"**{USE}", twice)
    emma.expected |= REFUSED
    answer(emma, keys, USE)
    assert statuses[0] == 303 and statuses[1] in REFUSED, statuses
    expect(emma.page.get_by_role("alert")).to_be_visible()
    emma.page.unroute(f"**{USE}")
    emma.sign_in("emma")
    remove_all(emma)


def test_at_an_address_of_numbers_no_passkey_is_offered(arrive, keyed, visit, signed_in, company):
    stranger, _ = arrive()
    stranger.open(f"http://127.0.0.1:{keyed.port}/sign-in")
    expect(stranger.field("password")).to_be_visible()
    expect(stranger.page.locator("form[data-passkey]:visible")).to_have_count(0)
    # Where the public address is such a one, the server makes none of these forms, and says why.
    emma = visit(state=signed_in("emma"))
    for path in ("/me", "/confirm"):
        emma.open(path)
        expect(emma.page.locator("form[data-passkey], a[href='/me/passkeys/new']")).to_have_count(0)
    other = visit()
    other.open("/sign-in")
    expect(other.page.locator("form[data-passkey]")).to_have_count(0)


@pytest.fixture
def strict(keyed):
    """Admins need a passkey beside their password."""

    def restart(roles: str) -> None:
        keyed.stop()
        keyed.settings = {"POPUG_PASSKEY_ROLES": roles}
        keyed.start()

    yield lambda: restart("admin")
    restart("")


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_second_step_is_asked_of_whose_role_wants_it(arrive, strict, language):
    ada, keys = arrive(language=language)
    ada.sign_in("ada")
    make(ada, keys, "Laptop")
    ada.sign_out()
    strict()
    ada.forgive()
    ada.open("/people")
    ada.field("email").fill("ada@popug.example")
    ada.field("password").fill(PASSWORD)
    ada.enter()
    expect(form(ada, "/sign-in/second")).to_be_visible()
    wrong = look(ada, "second-step")
    # Nobody is in before it.
    assert ada.context.request.get("/people", max_redirects=0).status == 303
    answer(ada, keys, "/sign-in/second")
    assert ada.path() == "/people"
    # A passkey alone is both steps.
    ada.sign_out()
    answer(ada, keys, USE)
    assert ada.path() == "/"
    # Others go on as before.
    emma, _ = arrive()
    emma.sign_in("emma")
    assert emma.path() == "/"
    remove_all(ada)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_recovery_codes_are_shown_once_and_one_signs_in_without_a_script(arrive, browser, keyed, language):
    elena, keys = arrive(language=language)
    elena.sign_in("elena")
    make(elena, keys, "Laptop")
    codes = make_codes(elena)
    wrong = look(elena, "recovery-codes")
    assert len(set(codes)) == 10
    elena.open("/me")
    assert not any(code in elena.page.content() for code in codes)
    remove_all(elena)
    plain = Visitor(browser, keyed, language=language, script=False)
    plain.open("/sign-in/code")
    use_code(plain, keyed.email("elena"), codes[3])
    assert plain.path() == "/"
    plain.sign_out()
    # Each works once.
    plain.expected |= REFUSED
    plain.open("/sign-in/code")
    use_code(plain, keyed.email("elena"), codes[3])
    expect(plain.page.get_by_role("alert")).to_be_visible()
    plain.leave()
    stranger, _ = arrive(language=language)
    stranger.open("/sign-in/code")
    wrong += look(stranger, "sign-in-code")
    assert not wrong, "\n".join(wrong)


def make_codes(visitor: Visitor) -> list[str]:
    """Asks for recovery codes on one's own page, after the question; returns what is shown."""
    visitor.open("/me/codes")
    visitor.follow(visitor.page.locator("main form[action='/me/codes'] button"))
    return visitor.page.locator("main .codes li").all_inner_texts()


def use_code(visitor: Visitor, email: str, code: str) -> None:
    visitor.field("email").fill(email)
    visitor.field("code").fill(code)
    visitor.follow(visitor.page.locator("main form[action='/sign-in/code'] button"))
