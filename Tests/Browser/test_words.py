"""One long word wherever people type: it breaks, and pushes nothing out of sight."""

from company import PASSWORD, Company, tries
from test_pages import EVERYBODY, MAY, details, look, shape
from visitor import PHONE, Visitor

TITLE = "W" * 200
NAME = "N" * 100
TICKET = "P" * 45 + "-1234"
REASON = "R" * 400
ROLE = "r" * 31
# The longest that an address may be before its @.
LOCAL = "l" * 64


def long_winded(company: Company, tmp_path) -> str:
    """A person whose every word is long, with work, money, letters and days behind them; returns their id."""
    person = company.call("ada", "POST", "/api/people", {
        "name": NAME, "email": company.email(LOCAL), "roles": ["employee", ROLE], "password": PASSWORD})["id"]
    company.tokens[LOCAL] = company.token(LOCAL)
    file = tmp_path / f"{'f' * 120}.csv"
    file.write_text(f"created_at,created_by,title\n2026-01-05T10:00:00Z,{'C' * 100},{TICKET}: {TITLE[:140]}\nno,,\n")
    company.popug("import", str(file), "--data", company.folder)
    company.deal(LOCAL, "Feed the cat")
    done = company.deal(LOCAL, f"{TICKET}: {TITLE[:140]}")
    company.call(LOCAL, "POST", f"/api/tasks/{done['id']}/completion")
    company.settle()
    correct(company, person)
    company.settle()
    # The day ends, with payouts, letters and figures; what comes after it is another day's.
    day = company.call("ada", "GET", "/api/day-closes/next")["clock_day"]
    company.call("ada", "POST", f"/api/day-closes/{day}/confirmation")
    for _ in tries("the days closed"):
        if company.call("ada", "GET", "/api/day-closes/next")["day"] == day:
            break
    company.settle()
    company.deal(LOCAL, f"{TICKET}: {TITLE[:140]}")
    company.settle()
    return person


def correct(company: Company, person: str) -> None:
    """Each operation by as much as may be booked at once, so that there is something to pay; and one that waits."""
    entries = company.call("ada", "GET", f"/api/accounts/{person}/operations")["items"]
    for entry, cents in [(entry, abs(entry["sum"])) for entry in entries] + [(entries[0], 100_00)]:
        company.call("ada", "POST", f"/api/accounts/{person}/corrections", {
            "entry": entry["entry"], "sum": cents, "reason": REASON})


def test_a_long_word_pushes_nothing_out_of_sight(browser, tmp_path):
    company = Company(tmp_path, demo=False)
    company.fall_behind(20)
    company.start()
    visitors = []
    try:
        person = long_winded(company, tmp_path)
        wrong = []
        for name, paths in (
            ("ada", {shape(path): path for path in MAY["admin"]} | details(company, person) | {
                "found": f"/tasks?q={'W' * 100}", "nobody": f"/tasks?assignee={NAME}X", "not-found": f"/people?q={NAME}X",
                "day-before": f"/accounts/{person}?day={day_before(company)}",
                "correction": f"/accounts/{person}?entry={operation(company, person)}"}),
            (LOCAL, {shape(path): path for path in EVERYBODY}),
        ):
            visitors.append(Visitor(browser, company))
            visitors[-1].sign_in(name)
            for page, path in paths.items():
                visitors[-1].open(path)
                wrong += look(visitors[-1], f"words-{name[:4]}-{page}", schemes=("light",))
        wrong += letters(company, visitors[0])
        assert not wrong, "\n".join(wrong)
    finally:
        for visitor in visitors:
            visitor.leave()
        company.stop()


def letters(company: Company, ada: Visitor) -> list[str]:
    """A letter itself stands in a frame, and is read on a phone too."""
    wrong = []
    ada.page.set_viewport_size(PHONE)
    for item in company.call("ada", "GET", "/api/letters")["items"]:
        ada.open(f"/letters/{item['id']}/html")
        wide = ada.page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
        if wide > 0:
            wrong.append(f"a letter about {item['kind']} is {wide} px wider than a phone")
    return wrong


def day_before(company: Company) -> str:
    """The day that was open before the last one closed."""
    return company.call("ada", "GET", "/api/day-closes")["items"][-1]["day"]


def operation(company: Company, person: str) -> str:
    return company.call("ada", "GET", f"/api/accounts/{person}/operations")["items"][0]["entry"]
