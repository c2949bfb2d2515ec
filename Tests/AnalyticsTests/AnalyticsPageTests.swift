import Directory
import Foundation
import TestKit
import TestTraits
import Testing
import Values
import Web

@Suite("Analytics: pages and API", .onEachDatabase)
struct AnalyticsPageTests {
    let fixture: AnalyticsFixture
    let admin: ID
    let bob: ID
    let history: History

    init() throws {
        fixture = try AnalyticsFixture()
        admin = try fixture.person("Ada", [Role.admin])
        bob = try fixture.person("=Bob <b>")
        history = History(seed: 11, people: [bob, admin], days: 4, operations: 15)
        try fixture.tell(history.told)
        try fixture.rest()
    }

    private var targets: [String] {
        [
            "/analytics", "/analytics/below-zero", "/analytics/people", "/analytics/people/\(bob)",
            "/analytics/rebuild", "/analytics/rebuild/confirm", "/analytics/income.csv",
            "/analytics/below-zero-by-day.csv", "/analytics/dearest.csv",
            "/analytics/below-zero.csv", "/analytics/people.csv", "/analytics/people/\(bob)/operations.csv",
            "/api/analytics", "/api/analytics/days", "/api/analytics/dearest", "/api/analytics/below-zero",
            "/api/analytics/people", "/api/analytics/people/\(bob)/operations", "/api/analytics/rebuilds",
        ]
    }

    @Test("X2: the dashboard is the admins' alone")
    func access() throws {
        let others = try [Role.manager, Role.accountant, Role.employee, Role.boss].map {
            try fixture.person($0, [$0])
        }
        try fixture.rest()
        for target in targets {
            #expect(fixture.get(target, as: admin).status == 200, "\(target)")
            for other in others { #expect(fixture.get(target, as: other).status == 403, "\(target)") }
        }
        #expect(fixture.send("POST", "/api/analytics/rebuilds", as: others[0]).status == 403)
    }

    @Test("X30: the dashboard shows today's figures, and every day's as charts with their tables")
    func dashboard() throws {
        let page = fixture.get("/analytics", as: admin).text
        let format = Format(language: .english, company: fixture.company)
        let today = history.days.upperBound
        #expect(page.contains(format.money(Cents(history.income(today)))))
        #expect(page.components(separatedBy: "<svg").count == 4)
        #expect(page.components(separatedBy: "role=\"img\"").count == 4)
        for day in [today, today.previous] { #expect(page.contains(format.day(day))) }
        let dearest = try #require(history.dearest(today...today))
        #expect(page.contains("/tasks/\(dearest.task)"))
    }

    @Test(
        "X30: a week is the ISO week of its date, a month the calendar's",
        arguments: [
            ("2026-11-21", "Week 47 of 2026, 16 Nov – 22 Nov", "November 2026"),
            ("2027-01-01", "Week 53 of 2026, 28 Dec – 3 Jan", "January 2027"),
            ("2024-12-30", "Week 1 of 2025, 30 Dec – 5 Jan", "December 2024"),
            ("2024-02-29", "Week 9 of 2024, 26 Feb – 3 Mar", "February 2024"),
        ])
    func periods(date: String, week: String, month: String) {
        let page = fixture.get("/analytics?date=\(date)", as: admin).text
        #expect(page.contains(week) && page.contains(month))
    }

    @Test(
        "Absurd input is refused with a word on why, and breaks nothing",
        arguments: [
            "/analytics?from=0000-01-01&to=9999-12-31", "/analytics?from=2026-03-02&to=2026-03-01",
            "/analytics?from=yesterday", "/analytics?date=2026-02-30", "/analytics/income.csv?to=zzz",
            "/analytics/people?day=99", "/analytics/people?cursor=zzz", "/analytics/below-zero?cursor=AQ",
            "/analytics/people.csv?day=-1", "/api/analytics/days?from=2020-01-01&to=2026-01-01",
            "/api/analytics/dearest?period=century", "/api/analytics/dearest?date=now",
            "/api/analytics/below-zero?limit=0", "/api/analytics/rebuilds?cursor=zzz", "/analytics/rebuild?cursor=zzz",
        ])
    func refused(target: String) {
        let answer = fixture.get(target, as: admin)
        #expect(answer.status == 422, "\(target): \(answer.status)")
    }

    @Test(
        "The ends of the calendar are days like any other",
        arguments: [
            "/analytics?date=9999-12-31&from=9999-12-01&to=9999-12-31", "/analytics?date=0000-01-01",
            "/analytics?from=0000-01-01&to=0000-01-02", "/analytics/people?day=9999-12-31",
            "/api/analytics/dearest?period=week&date=9999-12-31", "/api/analytics/dearest?period=month&date=9999-12-31",
        ])
    func ends(target: String) {
        #expect(fixture.get(target, as: admin).status == 200, "\(target)")
    }

    @Test("CSV holds every day and what people typed, safe for spreadsheets")
    func files() throws {
        let range = "from=\(history.days.lowerBound)&to=\(history.days.upperBound)"
        let income = fixture.get("/analytics/income.csv?\(range)", as: admin).text.split(separator: "\r\n")
        #expect(income.count == 5 && income[0] == "day,fees,rewards,corrections,income,operations,state")
        #expect(income[1].hasSuffix(",final") && income[4].hasSuffix(",open"))
        let people = fixture.get("/analytics/people.csv?day=\(history.days.lowerBound)", as: admin).text
        #expect(people.contains("\"'=Bob <b>\""))
        let own = fixture.get("/analytics/people/\(bob)/operations.csv?day=\(history.days.lowerBound)", as: admin).text
        let count = history.operations(of: bob, on: history.days.lowerBound).count
        #expect(own.split(separator: "\r\n").count == count + 1)
    }

    @Test("Somebody of whom nothing was heard is not found")
    func unknown() {
        #expect(fixture.get("/analytics/people/\(fixture.clock.environment.newID())", as: admin).status == 404)
        #expect(fixture.get("/analytics/people/nobody", as: admin).status == 404)
        #expect(
            fixture.get("/api/analytics/rebuilds/\(fixture.clock.environment.newID())", as: admin).status == 404)
    }
}
