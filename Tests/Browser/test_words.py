"""One long word wherever people type: it breaks, and pushes nothing out of sight."""

from company import PASSWORD, Company
from test_pages import EVERYBODY, MAY, details, look, shape
from visitor import Visitor

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
    file.write_text(f"created_at,created_by,title\n2026-01-05,{'C' * 100},{TICKET}: {TITLE}\n,,\n")
    company.popug("import", str(file), "--data", company.folder)
    tasks = [company.deal(LOCAL, title)["id"] for title in (f"{TICKET}: {TITLE[:190]}", "Feed the cat")]
    for task in tasks:
        company.call(LOCAL, "POST", f"/api/tasks/{task}/completion")
    company.deal(LOCAL, f"{TICKET}: {TITLE[:190]}")
    company.settle()
    correct(company, person)
    company.settle()
    # The day ends, with payouts, letters and figures; what comes after it is another day's.
    day = company.call("ada", "GET", "/api/day-closes/next")["clock_day"]
    company.call("ada", "POST", f"/api/day-closes/{day}/confirmation")
    company.settle()
    company.deal(LOCAL, f"{TICKET}: {TITLE[:190]}")
    company.settle()
    return person


def correct(company: Company, person: str) -> None:
    entry = company.call("ada", "GET", f"/api/accounts/{person}/operations")["items"][0]
    company.call("ada", "POST", f"/api/accounts/{person}/corrections", {
        "entry": entry["entry"], "sum": 100_00, "reason": REASON})


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
        assert not wrong, "\n".join(wrong)
    finally:
        for visitor in visitors:
            visitor.leave()
        company.stop()


def day_before(company: Company) -> str:
    """The day that was open before the last one closed."""
    return company.call("ada", "GET", "/api/day-closes")["items"][-1]["day"]


def operation(company: Company, person: str) -> str:
    return company.call("ada", "GET", f"/api/accounts/{person}/operations")["items"][0]["entry"]
