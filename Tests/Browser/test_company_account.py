"""The company's account: two real OpenID Connect providers on this machine, and a browser that goes there and comes
back. They answer on `localhost`, which may be in clear text."""

import json
import urllib.request

import pytest
from oidc_provider_mock import run_server_in_thread
from playwright.sync_api import expect

from company import PASSWORD, Company
from test_pages import look
from visitor import PHONE, Visitor

# The providers', not ours.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
SIGN_IN = "a[href^='/sign-in/company']"


@pytest.fixture(scope="module")
def mock():
    """`oidc-provider-mock`: takes everybody for whom they say they are."""
    with run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


def told(provider: str, subject: str, **claims: object) -> None:
    """What that provider says of somebody."""
    request = urllib.request.Request(
        f"{provider}/users/{subject}", method="PUT", data=json.dumps(claims).encode(),
        headers={"Content-Type": "application/json"})
    urllib.request.urlopen(request).close()


@pytest.fixture(scope="module")
def joined(tmp_path_factory, mock):
    """A company whose provider that is."""
    company = Company(tmp_path_factory.mktemp("joined"), host="localhost")
    company.settings = {
        "POPUG_OPENID_ISSUER": mock, "POPUG_OPENID_CLIENT": "popug", "POPUG_OPENID_SECRET": "a-secret",
        "POPUG_OPENID_NAME": "Acme", "POPUG_OPENID_NEWCOMERS": "popug.example",
        "POPUG_OPENID_ROLES_CLAIM": "groups", "POPUG_OPENID_ROLES": "popug-managers=manager,staff=employee",
    }
    company.start()
    yield company
    company.stop()
    company.popug("verify", "--data", company.folder)


@pytest.fixture
def arrive(browser):
    """Makes visitors of a company, and asks each at the end what went wrong."""
    visitors = []

    def make(company: Company, **options) -> Visitor:
        visitors.append(Visitor(browser, company, **options))
        return visitors[-1]

    yield make
    for visitor in visitors:
        visitor.leave()


def go(visitor: Visitor, subject: str, page: str = "/sign-in") -> None:
    """Goes to the mock and says there who one is."""
    visitor.open(page)
    visitor.follow(visitor.page.locator("a[href*='/company?']"))
    visitor.page.locator("[name=sub]").first.fill(subject)
    visitor.follow(visitor.page.get_by_role("button", name="Authorize"))


@pytest.mark.parametrize("script", [True, False])
def test_somebody_with_the_address_signs_in(arrive, joined, mock, script):
    """X1: with a script and without; whoever comes for the first time is found by the verified address."""
    told(mock, "emma-there", email="Emma@popug.example", email_verified=True, groups=["staff"])
    visitor = arrive(joined, script=script)
    visitor.open("/sign-in?next=/me")
    assert not look(visitor, "company-sign-in")
    go(visitor, "emma-there", "/sign-in?next=/me")
    assert visitor.path() == "/me"
    visitor.see(mock)
    assert not look(visitor, "company-me")
    # The browser offers it first from now on.
    visitor.sign_out()
    visitor.open("/sign-in")
    expect(visitor.page.locator(SIGN_IN)).to_have_class("button primary")


def test_somebody_new_gets_an_account_with_the_roles_of_their_groups(arrive, joined, mock):
    told(mock, "nina-there", email="nina@popug.example", email_verified=True, name="Nina Newcomer",
         groups=["staff", "popug-managers"])
    visitor = arrive(joined, window=PHONE, language="ru", scheme="dark")
    visitor.open("/sign-in")
    assert not look(visitor, "company-sign-in-ru")
    go(visitor, "nina-there")
    assert visitor.path() == "/me"
    visitor.see("Nina Newcomer")
    roles = joined.call("ada", "GET", "/api/people?search=nina")["items"][0]["roles"]
    assert roles == ["employee", "manager"]
    # An admin sees which account it is, and can remove it.
    admin = arrive(joined)
    admin.sign_in("ada")
    person = joined.call("ada", "GET", "/api/people?search=nina")["items"][0]["id"]
    admin.open(f"/people/{person}")
    admin.see("nina-there")
    assert not look(admin, "company-person")
    question = admin.ask(admin.page.locator("#company-accounts a[data-dialog]"))
    admin.follow(question.get_by_role("button", name="Remove"))
    expect(admin.page.locator("#company-accounts")).to_have_count(0)
    assert "nina-there" not in joined.popug("person", "company", "nina@popug.example", "--data", joined.folder)


@pytest.mark.parametrize("claims", [
    {"email": "stranger@elsewhere.example", "email_verified": True}, {"email": "mia@popug.example"},
    {"email": "mia@popug.example", "email_verified": False}, {},
])
def test_strangers_and_addresses_that_nobody_verified_are_refused(arrive, joined, mock, claims):
    told(mock, f"stranger-{len(claims)}-{claims.get('email_verified')}", **claims)
    visitor = arrive(joined)
    visitor.expected.add(403)
    go(visitor, f"stranger-{len(claims)}-{claims.get('email_verified')}")
    expect(visitor.page.get_by_role("alert")).to_be_visible()
    assert not look(visitor, "company-refused")


def test_saying_no_at_the_provider_leads_back_to_the_other_ways(arrive, joined):
    visitor = arrive(joined)
    visitor.open("/sign-in")
    visitor.follow(visitor.page.locator(SIGN_IN))
    visitor.expected.add(401)
    visitor.follow(visitor.page.get_by_role("button", name="Deny"))
    visitor.see("was not accepted")
    visitor.expected.discard(401)
    visitor.page.locator("#email").fill(Company.email("emma"))
    visitor.page.locator("#password").fill(PASSWORD)
    visitor.follow(visitor.page.get_by_role("button", name="Sign in", exact=True))
    assert visitor.path() == "/"


def test_the_provider_is_away(arrive, tmp_path):
    """X5: the page says so, and passwords go on."""
    company = Company(tmp_path, demo=False, host="localhost")
    with run_server_in_thread() as server:
        company.settings = {
            "POPUG_OPENID_ISSUER": f"http://localhost:{server.server_port}", "POPUG_OPENID_CLIENT": "popug"}
    company.start()
    try:
        visitor = arrive(company)
        visitor.open("/sign-in")
        visitor.expected.add(503)
        visitor.follow(visitor.page.locator(SIGN_IN))
        visitor.see("can't be used now")
        visitor.expected.discard(503)
        assert not look(visitor, "company-away")
        visitor.sign_in("ada")
        assert any("refused:" in line for line in company.printed), "the log says why"
    finally:
        company.stop()


def test_a_link_from_an_admin_signs_in_once(arrive, joined):
    """The page shows it this once, and so does the command line; it needs no script."""
    admin = arrive(joined)
    admin.sign_in("ada")
    admin.open(f"/people/{joined.person('boris')}")
    admin.follow(admin.page.get_by_role("button", name="Make a link that signs in"))
    assert not look(admin, "handed-link")
    shown = admin.page.locator("main [data-copy]").evaluate("code => code.firstChild.data")
    printed = joined.popug("person", "link", Company.email("boris"), "--data", joined.folder)
    for link in (shown, printed):
        assert link.startswith(joined.address + "/sign-in/link/")
        path = link.removeprefix(joined.address)
        boris = arrive(joined, script=False, language="ru", window=PHONE)
        boris.open(path)
        assert not look(boris, "link")
        boris.follow(boris.page.locator("main form button"))
        assert boris.path() == "/"
        arrive(joined).open(path, 404)


# Canaille, by way of pytest-iam: it asks for a password, and for it again if it must.


@pytest.fixture(scope="module")
def canaille(iam_server, tmp_path_factory):
    company = Company(tmp_path_factory.mktemp("canaille"), host="localhost")
    issuer = json.load(urllib.request.urlopen(iam_server.url + ".well-known/openid-configuration"))["issuer"]
    company.settings = {
        "POPUG_OPENID_ISSUER": issuer, "POPUG_OPENID_CLIENT": "popug", "POPUG_OPENID_SECRET": "a-secret",
        # It does not say which addresses it has verified.
        "POPUG_OPENID_EMAIL": "any",
    }
    company.start()
    back = company.address + "/sign-in/company/back"
    client = iam_server.models.Client(
        client_id="popug", client_secret="a-secret", client_name="Popug", client_uri=company.address,
        redirect_uris=[back], grant_types=["authorization_code"], response_types=["code"],
        scope=["openid", "email", "profile"], token_endpoint_auth_method="client_secret_basic",
        # Without these two it signs with RS512, and for nobody: Popug refuses both.
        id_token_signed_response_alg="RS256")
    iam_server.backend.save(client)
    iam_server.backend.update(client, audience=[client])
    iam_server.backend.save(client)
    user = iam_server.models.User(
        user_name="mia", formatted_name="Mia", given_name="Mia", family_name="Manager", emails=["mia@popug.example"],
        password="correct horse battery")
    iam_server.backend.save(user)
    yield company
    company.stop()
    company.popug("verify", "--data", company.folder)


def prove(visitor: Visitor) -> None:
    visitor.page.locator("[name=password]").fill("correct horse battery")
    visitor.enter()


def test_a_provider_that_asks_for_passwords(arrive, canaille):
    """X28: the account confirms who one is, if the provider has asked for the password again."""
    visitor = arrive(canaille)
    visitor.open("/sign-in?next=/me")
    visitor.follow(visitor.page.locator(SIGN_IN))
    visitor.page.locator("[name=login]").fill("mia")
    visitor.enter()
    prove(visitor)
    assert visitor.path() == "/me"
    visitor.see("company account")
    visitor.open("/confirm?next=/me/passkeys/new")
    assert not look(visitor, "company-confirm")
    visitor.follow(visitor.page.locator("a[href^='/confirm/company']"))
    prove(visitor)
    assert visitor.path() == "/me/passkeys/new"
    # Whoever is signed in there goes through without a question.
    visitor.sign_out()
    visitor.open("/sign-in?next=/me")
    visitor.follow(visitor.page.locator(SIGN_IN))
    assert visitor.path() == "/me"
