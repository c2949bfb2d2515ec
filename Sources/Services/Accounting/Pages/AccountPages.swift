import Directory
import Ledger
import Storage
import Values
import Web

/// The pages of accounts: the caller's own, everybody's, and corrections.
struct AccountPages: Sendable {
    let correct: CorrectEntry

    static let rows = 100

    var endpoints: [Endpoint] { [own, ownFile, list, others, othersFile, correction, today] }

    private var own: Endpoint {
        .page("/account", "One's own account, one day", access: .staff) { call, transaction in
            let model = try AccountPages.model(call, of: try call.person().id, base: "/account", in: transaction)
            return .page("accounting/account", title: "accounting.account", .object(model))
        }
    }

    private var ownFile: Endpoint {
        .page("/account/{day}/statement.csv", "One's own operations of a day, as CSV", access: .staff) {
            call, transaction in
            try AccountPages.file(call, of: try call.person().id, in: transaction)
        }
    }

    private var others: Endpoint {
        .page("/accounts/{person}", "Anyone's account, one day", access: Rights.money) { call, transaction in
            let person = try call.id("person")
            let name = try AccountPages.name(of: person, call, in: transaction)
            var model = try AccountPages.model(call, of: person, base: "/accounts/\(person)", in: transaction)
            if let text = call.query("entry") {
                guard let id = ID(text), let entry = try Ledger.entry(id, in: transaction), entry.account == person
                else {
                    throw Problem.notFound
                }
                model["correction"] = AccountPages.form(entry, call)
            }
            return .page("accounting/account", title: name, .object(model.merging(AccountPages.whose(name)) { $1 }))
        }
    }

    private var othersFile: Endpoint {
        .page(
            "/accounts/{person}/{day}/statement.csv", "Anyone's operations of a day, as CSV", access: Rights.money
        ) { call, transaction in
            try AccountPages.file(call, of: try call.id("person"), in: transaction)
        }
    }

    private var list: Endpoint {
        .page("/accounts", "Everybody's accounts", access: Rights.money) { call, transaction in
            let name = call.query("name").map { $0.beginning(200) }
            let part = try call.page(AccountPages.rows, by: \.place) {
                try AccountLine.list(search: name, after: $0, limit: $1, in: transaction)
            }
            return .page(
                "accounting/accounts", title: "accounting.accounts",
                [
                    "name": .text(name ?? ""), "hasRows": .flag(!part.rows.isEmpty),
                    "rows": .list(part.rows.map { AccountPages.line($0, call) }),
                    "more": part.next.map { .text("/accounts?cursor=\($0)" + AccountPages.searched(name)) } ?? nil,
                ])
        }
    }

    static func line(_ line: AccountLine, _ call: Call) -> Model {
        [
            "id": .text(line.person.description),
            "label": .text(line.name.isEmpty ? AccountingTexts.text("accounting.unknown", call.language) : line.name),
            "sum": MoneyModel.text(line.balance, call.format), "tone": line.balance < .zero ? "negative" : "",
        ]
    }

    private static func searched(_ name: String?) -> String {
        guard let name else { return "" }
        let encoded = name.utf8.map { byte -> String in
            let plain = (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            return plain ? String(UnicodeScalar(byte)) : "%" + Hexadecimal.text([byte]).uppercased()
        }
        return "&name=" + encoded.joined()
    }

    // MARK: One account

    static func name(of person: ID, _ call: Call, in transaction: any Transaction) throws -> String {
        try AccountLine.name(of: person, in: transaction)
            ?? AccountingTexts.text("accounting.unknown", call.language)
    }

    private static func whose(_ name: String) -> [String: Model] {
        ["others": true, "person": .text(name)]
    }

    private static func model(
        _ call: Call, of person: ID, base: String, in transaction: any Transaction
    ) throws -> [String: Model] {
        let asked = try call.queryDay("day")
        guard let statement = try DayStatement.read(of: person, day: asked, in: transaction) else {
            // On /account: the caller's registration has not arrived here yet. For another person's id there is no such
            // page.
            guard base == "/account" else { throw Problem.notFound }
            throw Problem(503, "web.not-known-yet", retryAfter: 1)
        }
        let format = call.format
        // Nobody can correct their own account (X23).
        let correctable = base != "/account" && call.caller?.id != person
        let part = try call.page(rows, by: \.entry.id) {
            try AccountOperation.list(of: person, on: statement.day, after: $0, limit: $1, in: transaction)
        }
        return [
            "base": .text(base), "csv": .text("\(base)/\(statement.day)/statement.csv"),
            "day": .text(statement.day.description), "dayName": .text(format.day(statement.day)),
            "isToday": .flag(statement.day == statement.today),
            "balance": MoneyModel.balance(statement.account.balance, format),
            "earned": MoneyModel.text(statement.sums.earned, format),
            "charged": MoneyModel.text(statement.sums.charged, format),
            "corrections": MoneyModel.balance(statement.sums.corrections, format),
            "paid": MoneyModel.text(statement.paid, format), "opening": MoneyModel.text(statement.opening, format),
            "closing": MoneyModel.text(statement.closing, format),
            "dayBefore": statement.dayBefore.map { .text($0.description) } ?? nil,
            "dayAfter": statement.dayAfter.map { .text($0.description) } ?? nil,
            "dayBeforeName": statement.dayBefore.map { .text(format.day($0)) } ?? nil,
            "dayAfterName": statement.dayAfter.map { .text(format.day($0)) } ?? nil,
            "hasRows": .flag(!part.rows.isEmpty),
            "rows": .list(
                try part.rows.map { operation in
                    row(
                        operation.entry, base: base, correctable: correctable,
                        entered: try entered(operation, call, in: transaction), call)
                }),
            "older": part.next.map { .text("\(base)?day=\(statement.day)&cursor=\($0)") } ?? nil,
            "others": false, "correction": nil,
            "letter": Answer.include("/mailer/fragments/letters/\(person)/\(statement.day)"),
            "payouts": Answer.include(
                base == "/account" ? "/payouts/fragments/mine" : "/payouts/fragments/people/\(person)"),
        ]
    }

    /// Who entered a correction, and who confirmed it (X23).
    private static func entered(
        _ operation: AccountOperation, _ call: Call, in transaction: any Transaction
    ) throws -> String {
        guard let author = operation.entry.memo.author else { return "" }
        let words = ["name": try name(of: author, call, in: transaction)]
        guard let confirmer = operation.confirmedBy else {
            return AccountingTexts.text("accounting.correction.entered", call.language, words)
        }
        return AccountingTexts.text(
            "accounting.correction.entered.confirmed", call.language,
            words.merging(["other": try name(of: confirmer, call, in: transaction)]) { $1 })
    }

    private static func row(
        _ entry: Ledger.Entry, base: String, correctable: Bool, entered: String, _ call: Call
    ) -> Model {
        let payout = entry.kind == Books.payout
        let what = payout ? AccountingTexts.text("accounting.payout.what", call.language) : entry.memo.title ?? ""
        return [
            "id": .text(entry.id.description), "at": .time(entry.at),
            "isFee": .flag(entry.kind == Books.fee), "isReward": .flag(entry.kind == Books.reward),
            "isPayout": .flag(payout), "isCorrection": .flag(entry.kind == Books.correction),
            "jira": .text(entry.memo.reference ?? ""), "task": .text(entry.memo.subject?.description ?? ""),
            "what": .text(what), "reason": .text(entry.memo.reason ?? ""), "entered": .text(entered),
            "sum": .text(call.format.signed(entry.amount)), "tone": MoneyModel.tone(entry.amount),
            "after": MoneyModel.balance(entry.balance, call.format),
            "correctable": correctable && !payout
                ? .text("\(base)?day=\(entry.day)&entry=\(entry.id)#correct") : nil,
            "plainCell": .flag(correctable && payout),
        ]
    }

    private static func file(_ call: Call, of person: ID, in transaction: any Transaction) throws -> Answer {
        let day = try call.day("day")
        guard try Ledger.account(person, in: transaction) != nil else { throw Problem.notFound }
        let entries = try DayStatement.all(of: person, day: day, in: transaction)
        return .csv(
            StatementFile.text(entries, calendar: call.company.calendar), name: "statement-\(day)-\(person).csv")
    }

    // MARK: Corrections

    private static func form(
        _ entry: Ledger.Entry, _ call: Call, sum: String = "", reason: String = "", problem: Problem? = nil
    ) -> Model {
        return [
            "action": .text("/accounts/\(entry.account)/corrections"), "entry": .text(entry.id.description),
            "what": .text(entry.memo.title ?? ""), "jira": .text(entry.memo.reference ?? ""),
            "sumBooked": .text(call.format.signed(entry.amount)),
            "sum": .text(sum.isEmpty && problem == nil ? ((try? entry.amount.negated())?.plain ?? "") : sum),
            "reason": .text(reason), "back": .text("/accounts/\(entry.account)?day=\(entry.day)"),
        ]
    }

    private var correction: Endpoint {
        .form(
            "/accounts/{person}/corrections", "Book a correction", access: Rights.money,
            again: { call, problem, transaction in
                let person = try call.id("person")
                guard problem.status == 422, let id = ID(call.field("entry")),
                    let entry = try Ledger.entry(id, in: transaction), entry.account == person
                else { return nil }
                let name = try AccountPages.name(of: person, call, in: transaction)
                var model = try AccountPages.model(call, of: person, base: "/accounts/\(person)", in: transaction)
                model["correction"] = AccountPages.form(
                    entry, call, sum: call.field("sum"), reason: call.field("reason"), problem: problem)
                return .page(
                    "accounting/account", title: name, .object(model.merging(AccountPages.whose(name)) { $1 }))
            }
        ) { [correct] call, transaction in
            let person = try call.id("person")
            guard let id = ID(call.field("entry")) else {
                throw Problem.invalid("entry", "accounting.no-such-entry")
            }
            let typed = call.field("sum").words().joined().replacing(",", by: ".").replacing("\u{2212}", by: "-")
            guard let sum = Cents(plain: typed) else { throw Problem.invalid("sum", "accounting.sum-format") }
            let outcome = try correct(
                account: person, entry: id, sum: sum, reason: call.field("reason"), by: try call.person().id,
                call.environment, trace: call.trace, in: transaction)
            let name = try AccountPages.name(of: person, call, in: transaction)
            let said =
                if case .waits = outcome { "accounting.correction.waits" } else { "accounting.correction.booked" }
            return .redirect(to: "/accounts/\(person)").saying(said, MoneyModel.words(name, sum, call))
        }
    }

    // MARK: A part of the home page

    private var today: Endpoint {
        .fragment("/accounting/fragments/today", "One's own money today", access: .staff) { call, transaction in
            let format = call.format
            let open = try OpenDay.shown(in: transaction)
            let account = try Ledger.account(try call.person().id, in: transaction)
            let current = account.flatMap { $0.day == open ? $0 : nil }
            let sums = try current.map { try DaySums($0, in: transaction) }
            return .fragment(
                "accounting/today",
                [
                    "balance": MoneyModel.balance(account?.balance ?? .zero, format),
                    "dayName": .text(format.day(open)), "currency": .text(call.company.currency),
                    "earned": MoneyModel.text(sums?.earned ?? .zero, format),
                    "charged": MoneyModel.text(sums?.charged ?? .zero, format),
                    "corrected": .flag(sums?.hasCorrections ?? false),
                    "corrections": MoneyModel.balance(sums?.corrections ?? .zero, format),
                    "operations": .text(format.count(current?.operations ?? 0)),
                ])
        }
    }
}
