import Composition
import Foundation
import TestKit
import TestTraits
import Testing
import Values
import Web

/// Wherever a figure of money has a name, it is the same number: on every page, in every file and for programs.
@Suite("One word, one number", .onEachDatabase)
struct MoneyWordsTests {
    /// What the operations themselves come to, each kind for itself.
    struct Truth: Equatable {
        var earned: Int64 = 0
        var charged: Int64 = 0
        var corrections: Int64 = 0
        var paid: Int64 = 0
        var closing: Int64 = 0
    }

    let test: TestExchange
    let people: [ID]

    init() throws {
        test = try TestExchange(seed: 7)
        let test = test
        people = try (1...3).map { try test.person("Worker \($0)", "employee") }
    }

    @Test(
        "Earned, charged, corrections, paid out and what is left: after corrections of either side and sign, and a payout"
    )
    func agreement() throws {
        try work(tasks: 24, done: 15)
        try correct()
        let past = try today()
        try compare(past, isOpen: true)
        test.clock.advance(seconds: 24 * 3600)
        try test.exchange.settle()
        try work(tasks: 24, done: 15)
        try correct()
        let open = try today()
        #expect(open != past)
        let paid = try compare(past, isOpen: false)
        #expect(paid > 0, "nobody was paid: the seed proves nothing")
        try compare(open, isOpen: true)
        #expect(try test.findings() == [])
    }

    @Test("A day whose corrections come to nothing still tells fees and rewards without them")
    func opposites() throws {
        try work(tasks: 12, done: 8)
        let person = people[0]
        try correct(person, "fee", 700)
        try correct(person, "reward", -700)
        try compare(try today(), isOpen: true)
    }

    @Test("Printed, a statement and the company's money say whose they are, of when, in which zone, and when that was")
    func printed() throws {
        let format = Format(language: .english, company: test.exchange.company)
        let past = "2026-01-15"
        let (day, now) = (format.day(try #require(Day(past))), format.time(test.clock.now))
        let company = test.exchange.company
        for (target, reader, words) in [
            ("/account?day=\(past)", people[0], ["Worker 1", day]),
            ("/accounts/\(people[1])?day=\(past)", test.admin, ["Worker 2", day]),
            ("/money?from=\(past)&to=\(past)", test.admin, ["\(day) – \(day)"]),
            ("/payouts?state=failed", test.admin, ["Failed"]), ("/close", test.admin, []),
        ] {
            let parts = test.send("GET", target, as: reader).text.components(separatedBy: "<p class=\"printed\">")
            let lines = parts.dropFirst().map { $0.components(separatedBy: "</p>")[0] }.joined(separator: "\n")
            for word in words + [company.name, company.calendar.zone.identifier, now] {
                #expect(lines.contains(Markup.escape(word)), "\(target): \(word) in \(lines)")
            }
        }
        let css = String(decoding: try #require(Asset.named("popug.css")).bytes, as: UTF8.self)
        let parts = css.components(separatedBy: "@media print {")
        #expect(parts.count == 2 && parts[0].contains(".printed { display: none; }"))
        #expect(parts[1].contains(".printed { display: block;"))
    }

    // MARK: What happens

    private func work(tasks: Int, done: Int) throws {
        let created = try (0..<tasks).map { try test.task("Task \($0)", by: test.admin) }
        try test.exchange.settle()
        for task in created.prefix(done) {
            let assignee = try #require(
                try test.send("GET", "/api/tasks/\(task)", as: test.admin).json()["assignee"].text.flatMap { ID($0) })
            #expect(test.send("POST", "/api/tasks/\(task)/completion", as: assignee).status == 201)
        }
        try test.exchange.settle()
    }

    /// A fee and a reward of each person's, given and taken in turn.
    private func correct() throws {
        for (index, person) in people.enumerated() {
            try correct(person, "fee", index == 0 ? 345 : -210)
            try correct(person, "reward", index == 1 ? -1_234 : 555)
        }
    }

    private func correct(_ person: ID, _ kind: String, _ sum: Int64) throws {
        let operations = try test.send("GET", "/api/accounts/\(person)/operations", as: test.admin).json()["items"].list
        let entry = try #require(
            operations.first { $0["kind"].text == kind }?["entry"].text, "nothing of kind \(kind): another seed")
        let answer = test.send(
            "POST", "/api/accounts/\(person)/corrections",
            json: "{\"entry\":\"\(entry)\",\"sum\":\(sum),\"reason\":\"by hand\"}", as: test.admin)
        #expect(answer.status == 201, "\(answer.text)")
        try test.exchange.settle()
    }

    private func today() throws -> String {
        try #require(try test.send("GET", "/api/company-money", as: test.admin).json()["today"]["day"].text)
    }

    // MARK: What is told of it

    @discardableResult
    private func compare(_ day: String, isOpen: Bool) throws -> Int64 {
        var sums = Truth()
        for person in people {
            let truth = try self.truth(person, day)
            try comparePages(of: person, day, truth, isOpen: isOpen)
            try compareFigures(of: person, day, truth)
            sums.earned += truth.earned
            sums.charged += truth.charged
            sums.corrections += truth.corrections
            sums.paid += truth.paid
        }
        #expect(sums.corrections != 0 || sums.charged != 0)
        try compareCompany(day, sums)
        return sums.paid
    }

    private func truth(_ person: ID, _ day: String) throws -> Truth {
        let target = "/api/accounts/\(person)/operations?limit=200&day=\(day)"
        let operations = try test.send("GET", target, as: test.admin).json()["items"].list
        var truth = Truth()
        for operation in operations {
            let sum = operation["sum"].number ?? 0
            switch operation["kind"].text {
            case "fee": truth.charged -= sum
            case "reward": truth.earned += sum
            case "correction": truth.corrections += sum
            default: truth.paid -= sum
            }
        }
        truth.closing = operations.first?["balance"].number ?? 0
        return truth
    }

    private func comparePages(of person: ID, _ day: String, _ truth: Truth, isOpen: Bool) throws {
        for (target, reader) in [("/account?day=\(day)", person), ("/accounts/\(person)?day=\(day)", test.admin)] {
            let page = test.send("GET", target, as: reader).text
            #expect(stat("Earned", page) == truth.earned, "\(target)")
            #expect(stat("Charged", page) == truth.charged, "\(target)")
            #expect(stat("Corrections", page) == truth.corrections, "\(target)")
            #expect(stat("Paid out", page) == truth.paid, "\(target)")
            let head = page.components(separatedBy: "Opening").last ?? ""
            let opening = cents(head) ?? 0
            #expect(cents(head.components(separatedBy: "closing").dropFirst().first ?? "") == truth.closing)
            #expect(
                opening + truth.earned - truth.charged + truth.corrections - truth.paid == truth.closing, "\(target)")
        }
        let file = rows(test.send("GET", "/account/\(day)/statement.csv", as: person).text)
        let kinds = Dictionary(grouping: file) { $0["kind"] ?? "" }
        let sum = { (kind: String) in (kinds[kind] ?? []).compactMap { plain($0["sum"]) }.reduce(0, +) }
        #expect(sum("reward") == truth.earned && sum("fee") == -truth.charged)
        #expect(sum("correction") == truth.corrections && sum("payout") == -truth.paid)
        guard isOpen else { return }
        let home = test.send("GET", "/accounting/fragments/today", as: person).text
        #expect(stat("Balance", home) == truth.closing)
        #expect(stat("Earned today", home) == truth.earned && stat("Charged today", home) == truth.charged)
        // A day without any corrections does without the word.
        #expect(stat("Corrections today", home) ?? 0 == truth.corrections)
        #expect((stat("Corrections today", home) != nil) == kinds.keys.contains("correction"))
        let account = try test.send("GET", "/api/accounts/me", as: person).json()
        #expect(account["earned"].number == truth.earned && account["charged"].number == truth.charged)
        #expect(account["corrections"].number == truth.corrections && account["balance"].number == truth.closing)
    }

    private func compareFigures(of person: ID, _ day: String, _ truth: Truth) throws {
        let page = test.send("GET", "/analytics/people/\(person)?day=\(day)", as: test.admin).text
        #expect(stat("Earned", page) == truth.earned && stat("Charged", page) == truth.charged)
        #expect(stat("Corrections", page) == truth.corrections && stat("Paid out", page) == truth.paid)
        #expect(stat("Closing", page) == truth.closing)
        let list = test.send("GET", "/analytics/people?day=\(day)", as: test.admin).text
        let line = list.components(separatedBy: "</tr>").first { $0.contains("/analytics/people/\(person)?") } ?? ""
        #expect(cell("Earned", line) == truth.earned && cell("Charged", line) == truth.charged)
        #expect(cell("Corrections", line) == truth.corrections && cell("Paid out", line) == truth.paid)
        #expect(cell("Closing", line) == truth.closing)
        let api = try test.send("GET", "/api/analytics/people?day=\(day)", as: test.admin).json()["items"].list
        let told = try #require(api.first { $0["person"].text == person.description })
        #expect(told["rewarded"].number == truth.earned && told["charged"].number == truth.charged)
        #expect(told["corrected"].number == truth.corrections && told["paid"].number == truth.paid)
        #expect(told["balance"].number == truth.closing)
        let file = rows(test.send("GET", "/analytics/people.csv?day=\(day)", as: test.admin).text)
        let row = try #require(file.first { $0["person"] == person.description })
        #expect(plain(row["rewarded"]) == truth.earned && plain(row["charged"]) == truth.charged)
        #expect(plain(row["corrected"]) == truth.corrections && plain(row["paid"]) == truth.paid)
        #expect(plain(row["balance"]) == truth.closing)
    }

    private func compareCompany(_ day: String, _ sums: Truth) throws {
        let income = sums.charged - sums.earned - sums.corrections
        let range = "from=\(day)&to=\(day)"
        let page = test.send("GET", "/money?\(range)", as: test.admin).text
        let foot = page.components(separatedBy: "<tfoot>").last ?? ""
        #expect(cell("Fees", foot) == sums.charged && cell("Rewards", foot) == sums.earned)
        #expect(cell("Corrections", foot) == sums.corrections && cell("Income", foot) == income)
        #expect(cell("Paid out", foot) == sums.paid)
        #expect(page.contains("Income = fees − rewards − corrections"))
        let days = try test.send("GET", "/api/company-money?\(range)", as: test.admin).json()["days"].list
        let figures = try test.send("GET", "/api/analytics/days?\(range)", as: test.admin).json().list
        for told in try [#require(days.first), #require(figures.first)] {
            #expect(told["fees"].number == sums.charged && told["rewards"].number == sums.earned)
            #expect(told["corrections"].number == sums.corrections && told["income"].number == income)
        }
        #expect(days[0]["paid"].number == sums.paid)
        for target in ["/money/days.csv", "/analytics/income.csv"] {
            let row = try #require(rows(test.send("GET", "\(target)?\(range)", as: test.admin).text).first)
            #expect(plain(row["fees"]) == sums.charged && plain(row["rewards"]) == sums.earned, "\(target)")
            #expect(plain(row["corrections"]) == sums.corrections && plain(row["income"]) == income, "\(target)")
        }
        let list = test.send("GET", "/analytics/people?day=\(day)", as: test.admin).text
        #expect(cents(list.components(separatedBy: "Income:").last ?? "") == income)
    }

    // MARK: Reading

    /// The sum that stands under a label.
    private func stat(_ label: String, _ page: String) -> Int64? {
        let parts = page.components(separatedBy: "<div class=\"stat-label\">\(label)</div>")
        return parts.count == 2 ? cents(parts[1]) : nil
    }

    /// The sum of a row's cell.
    private func cell(_ label: String, _ row: String) -> Int64? {
        let parts = row.components(separatedBy: "data-label=\"\(label)\"")
        return parts.count == 2 ? cents(parts[1]) : nil
    }

    /// The first sum in a piece of a page.
    private func cents(_ text: String) -> Int64? {
        guard let start = text.range(of: #"<span class="money[^"]*">"#, options: .regularExpression) else { return nil }
        let sum = text[start.upperBound...].prefix { $0 != "<" }
        return Int64(sum.filter { $0.isNumber }).map { sum.contains("−") ? -$0 : $0 }
    }

    private func plain(_ text: String?) -> Int64? { text.flatMap { Cents(plain: $0)?.amount } }

    /// A file's rows by its own names of columns.
    private func rows(_ file: String) -> [[String: String]] {
        let lines = file.components(separatedBy: "\r\n").filter { !$0.isEmpty }.map { $0.components(separatedBy: ",") }
        guard let head = lines.first else { return [] }
        return lines.dropFirst().map { Dictionary(zip(head, $0), uniquingKeysWith: { $1 }) }
    }
}
