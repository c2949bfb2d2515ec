"""Every page that a role can reach: in both languages, on a phone and a desktop, light and dark (X17, X18, X24, X25)."""

import pytest
from playwright.sync_api import expect

from company import ROLES, Company
from visitor import DESKTOP, PHONE

# Who may open what, from the table of rights; every signed-in person may open the rest.
EVERYBODY = [
    "/", "/tasks", "/tasks/new", "/account", "/payouts/mine", "/payouts/destination", "/me", "/me/sessions", "/confirm",
    "/search", "/search?q=the",
]
KEEPERS = ["/money", "/accounts", "/corrections", "/payouts", "/payouts/hold/confirm", "/close", "/letters/hold"]
DEALERS = ["/reassign", "/reassign/confirm"]
ADMINS = [
    "/people", "/people/new", "/import", "/operations", "/operations/events", "/operations/parked", "/analytics",
    "/analytics/people", "/analytics/below-zero", "/analytics/rebuild", "/analytics/rebuild/confirm",
    "/letters", "/backups",
]
MAY = {
    "employee": EVERYBODY, "boss": EVERYBODY, "accountant": EVERYBODY + KEEPERS, "manager": EVERYBODY + DEALERS,
    "admin": EVERYBODY + KEEPERS + DEALERS + ADMINS,
}


def shape(path: str) -> str:
    return path.strip("/").replace("/", "-").replace("?", "-") or "home"


def look(visitor, name: str, reference: bool = False, schemes: tuple[str, ...] = ("light", "dark")) -> list[str]:
    """The looks of a page: what is wrong with each."""
    found = []
    for size, window in (("desktop", DESKTOP), ("phone", PHONE)):
        visitor.page.set_viewport_size(window)
        for scheme in schemes:
            visitor.page.emulate_media(color_scheme=scheme)
            visitor.picture(f"{name}-{visitor.language}-{size}-{scheme}")
            found += [f"{name} {visitor.language} {size} {scheme}: {line}" for line in visitor.audit(reference)]
    visitor.page.set_viewport_size(DESKTOP)
    visitor.page.emulate_media(color_scheme="light")
    return found


def details(company: Company, emma: str) -> dict[str, str]:
    """One page of each kind that has no place in the menu, and all there are of one person."""
    company.settle()
    task = company.call("ada", "GET", "/api/tasks?limit=1")["items"][0]["id"]
    payout = company.call("ada", "GET", "/api/payouts?limit=1")["items"][0]["payout"]
    letter = company.call("ada", "GET", "/api/letters?limit=1")["items"][0]["id"]
    return {
        "payout": f"/payouts/{payout}", "payouts-of-one": f"/payouts?person={emma}", "letter": f"/letters/{letter}",
        "letter-again": f"/letters/{letter}/copies",
        "payouts-failed": "/payouts?state=failed", "analytics-person": f"/analytics/people/{emma}",
        "task": f"/tasks/{task}", "person": f"/people/{emma}", "person-deactivate": f"/people/{emma}/active",
        "person-end-all": f"/people/{emma}/sessions", "others-account": f"/accounts/{emma}",
        "search-empty": "/tasks?q=nothing-is-called-this", "people-empty": "/people?q=nobody-is-called-this",
        "events-empty": "/operations/events?name=never-happened", "account-old": "/account?day=2020-02-29",
    }


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_page_is_in_order(visit, signed_in, company, language):
    visitor = visit(language=language, state=signed_in("ada"))
    visitor.open("/")
    pages = {shape(path): path for path in dict.fromkeys(MAY["admin"] + visitor.navigation())} | details(company, company.person("emma"))
    wrong = []
    for name, path in pages.items():
        visitor.open(path)
        wrong += look(visitor, name)
    visitor.open("/api")
    wrong += look(visitor, "api", reference=True)
    visitor.open("/no-such-page", status=404)
    wrong += look(visitor, "error-404")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_home_page_and_sign_in_are_in_order(visit, signed_in, language):
    stranger = visit(language=language)
    stranger.open("/sign-in")
    wrong = look(stranger, "sign-in")
    stranger.expected.add(401)
    stranger.field("email").fill("emma@popug.example")
    stranger.field("password").fill("not the password")
    stranger.enter()
    expect(stranger.page.get_by_role("alert")).to_be_visible()
    wrong += look(stranger, "sign-in-wrong")
    emma = visit(language=language, state=signed_in("emma"))
    for path in EVERYBODY:
        emma.open(path)
        wrong += look(emma, f"emma-{shape(path)}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", ROLES)
def test_the_menu_leads_where_one_may_go_and_nowhere_else(visit, signed_in, role):
    visitor = visit(state=signed_in(ROLES[role]))
    visitor.open("/")
    offered = visitor.navigation()
    for path in offered:
        visitor.open(path)
    for path in MAY["admin"]:
        visitor.open(path, status=200 if path in MAY[role] else 403)
        assert path in MAY[role] or path not in offered
        if path not in MAY[role]:
            # Refused, but not lost: the page says why, and the menu is there.
            assert visitor.page.locator(".menu nav a").count() == len(offered)
