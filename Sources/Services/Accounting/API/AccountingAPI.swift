import Directory
import Ledger
import Storage
import Values
import Web

/// What other programs may ask of Accounting (X53).
struct AccountingAPI: Sendable {
    let company: Company
    let correct: CorrectEntry
    let confirm: ConfirmDay

    var endpoints: [Endpoint] {
        [accounts, account, operations, correction, price, companyMoney, dayCloses, nextClose, confirmation]
    }

    private var accounts: Endpoint {
        .read(
            "/api/accounts", "Everybody's accounts, by name", access: Rights.money,
            query: [Parameter("name", .text(1...200), "Only names that have this in them"), .cursor, .limit],
            gives: Schema.page(of: AccountLineView.schema)
        ) { call, transaction in
            let limit = try call.limit()
            let after = try call.cursor(2).map {
                (name: try Cursor.value($0, 0, as: String.self), person: try Cursor.value($0, 1, as: ID.self))
            }
            var lines = try AccountLine.list(
                search: call.query("name"), after: after, limit: limit + 1, in: transaction)
            let more = lines.count > limit
            if more { lines.removeLast() }
            return try .json(
                ListPage(
                    items: lines.map(AccountLineView.init), next: more ? lines.last.map(AccountingAPI.cursor) : nil))
        }
    }

    static func cursor(_ line: AccountLine) -> String {
        Cursor.encode([.text(line.name), line.person.stored])
    }

    private var account: Endpoint {
        .read(
            "/api/accounts/{person}", "One account; `me` is one's own", access: .staff, gives: AccountView.schema
        ) { call, transaction in
            let person = try Rights.account(call)
            guard let account = try Ledger.account(person, in: transaction) else { throw Problem.notFound }
            return try .json(
                AccountView(
                    account, try DaySums(account, in: transaction),
                    name: try AccountLine.name(of: person, in: transaction)))
        }
    }

    private var operations: Endpoint {
        .read(
            "/api/accounts/{person}/operations", "An account's operations of one day, the latest first", access: .staff,
            query: [Parameter("day", .day, "The business day; today by default"), .cursor, .limit],
            gives: Schema.page(of: OperationView.schema)
        ) { call, transaction in
            let person = try Rights.account(call)
            let cursor = try call.cursor(1).map { try Cursor.value($0, 0, as: ID.self) }
            guard
                let statement = try DayStatement.read(
                    of: person, day: try Rights.day(call, "day"), after: cursor, limit: try call.limit(),
                    in: transaction)
            else { throw Problem.notFound }
            let confirmers = try statement.confirmers(in: transaction)
            return try .json(
                ListPage(
                    items: statement.entries.map { OperationView($0, confirmedBy: confirmers[$0.id]) },
                    next: statement.next.map { Cursor.encode([$0.stored]) }))
        }
    }

    private struct CorrectionBody: Decodable {
        let entry: ID
        let sum: Cents
        let reason: String
    }

    private var correction: Endpoint {
        .command(
            .post, "/api/accounts/{person}/corrections",
            "Put an operation right by a new one; 202 and a Correction where it is larger, and waits to be confirmed",
            access: Rights.money,
            takes: .object(
                "Correction",
                [
                    .init("entry", .id, "The operation that was wrong"),
                    .init("sum", .cents, "What to add to the balance; below zero takes from it"),
                    .init("reason", .text(CorrectEntry.reasonLength), "Why; shown on the statement"),
                ]),
            gives: OperationView.schema
        ) { [correct] call, transaction in
            let body: CorrectionBody = try call.decode()
            let account = try Rights.account(call)
            let outcome = try correct(
                account: account, entry: body.entry, sum: body.sum, reason: body.reason, by: try call.person().id,
                call.environment, trace: call.trace, in: transaction)
            switch outcome {
            case .booked(let entry):
                return try .created(OperationView(entry), at: "/api/accounts/\(account)/operations?day=\(entry.day)")
            case .waits(let request):
                var answer = try Answer.json(CorrectionView(request), status: 202)
                answer.headers.append(("Location", "/api/corrections/\(request.id)"))
                return answer
            }
        }
    }

    private var price: Endpoint {
        .read(
            "/api/tasks/{task}/price", "A task's fee and reward", access: .staff, gives: PriceView.schema
        ) { call, transaction in
            guard let price = try Price.of(try call.id("task"), in: transaction) else { throw Problem.notFound }
            return try .json(PriceView(price))
        }
    }

    private var companyMoney: Endpoint {
        .read(
            "/api/company-money", "The company's income, fees, rewards and corrections: today, and by day",
            access: Rights.money,
            query: [
                Parameter("from", .day, "First day; 29 days before the last by default"),
                Parameter("to", .day, "Last day; today by default"),
            ],
            gives: CompanyMoneyView.schema
        ) { call, transaction in
            let today = try OpenDay.shown(in: transaction)
            let (first, last) = try Rights.range(call, today: today)
            let days = try CompanyDay.range(from: first, through: last, in: transaction)
            let now = try CompanyDay.range(from: today, through: today, in: transaction)
            return try .json(
                CompanyMoneyView(
                    today: try CompanyDayView(now.first ?? CompanyDay(day: today)),
                    days: try days.map { try CompanyDayView($0) }))
        }
    }

    private var dayCloses: Endpoint {
        .read(
            "/api/day-closes", "Closes of business days, the latest first", access: Rights.money,
            query: [.cursor, .limit], gives: Schema.page(of: DayCloseView.schema)
        ) { call, transaction in
            let limit = try call.limit()
            let before = try call.cursor(1).map { try Cursor.value($0, 0, as: Day.self) }
            var records = try DayRecord.before(
                before ?? (try OpenDay.shown(in: transaction)), limit: limit + 1, in: transaction)
            let more = records.count > limit
            if more { records.removeLast() }
            return try .json(
                ListPage(
                    items: records.map(DayCloseView.init),
                    next: more ? records.last.map { Cursor.encode([$0.day.stored]) } : nil))
        }
    }

    private var nextClose: Endpoint {
        .read(
            "/api/day-closes/next", "What the close of the open day would pay, and what it waits for",
            access: Rights.money, query: [.cursor, .limit], gives: NextCloseView.schema
        ) { [company] call, transaction in
            let cursor = try call.cursor(1).map { try Cursor.value($0, 0, as: ID.self) }
            let limit = try call.limit()
            let state = try DayState.read(company.calendar, now: call.now, in: transaction)
            var lines = try AccountLine.payable(after: cursor, limit: limit + 1, in: transaction)
            let more = lines.count > limit
            if more { lines.removeLast() }
            let total = try AccountLine.payableTotal(in: transaction)
            return try .json(
                NextCloseView(
                    day: state.open, endsAt: state.ends, clockDay: state.clock, waitsForConfirmation: state.waits,
                    closing: try DayRecord.unsealed(in: transaction).map(DayCloseView.init), people: total.people,
                    sum: total.sum, items: lines.map(AccountLineView.init),
                    next: more ? lines.last.map { Cursor.encode([$0.person.stored]) } : nil))
        }
    }

    private struct ConfirmationView: Encodable {
        let day: Day
        let by: ID
        let time: Instant

        static let schema = Schema.object(
            "DayConfirmation",
            [
                .init("day", .day, "Days up to this one may be opened"),
                .init("by", .id, "Who confirmed it"),
                .init("time", .instant, "When"),
            ])
    }

    private var confirmation: Endpoint {
        .command(
            .post, "/api/day-closes/{day}/confirmation",
            "Confirm that it is really this day, more than seven days after the open one", access: Rights.money,
            gives: ConfirmationView.schema
        ) { [confirm] call, transaction in
            let (day, person, now) = (try call.day("day"), try call.person().id, call.now)
            try confirm(day, by: person, now: now, in: transaction)
            return try .json(ConfirmationView(day: day, by: person, time: now), status: 201)
        }
    }
}
