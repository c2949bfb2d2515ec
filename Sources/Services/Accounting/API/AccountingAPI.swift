import Directory
import Ledger
import Schemas
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
        .list(
            "/api/accounts", "Everybody's accounts, by name", access: Rights.money,
            query: [Parameter("name", .text(1...200), "Only names that have this in them")], of: AccountLine.resource
        ) { call, transaction in
            try call.page(by: \.place) {
                try AccountLine.list(search: call.query("name"), after: $0, limit: $1, in: transaction)
            }
        }
    }

    private var account: Endpoint {
        .read(
            "/api/accounts/{person}", "One account; `me` is one's own", access: .staff, gives: AccountToday.resource
        ) { call, transaction in
            let person = try Rights.account(call)
            guard let account = try Ledger.account(person, in: transaction) else { return nil }
            return AccountToday(
                account: account, sums: try DaySums(account, in: transaction),
                name: try AccountLine.name(of: person, in: transaction))
        }
    }

    private var operations: Endpoint {
        .list(
            "/api/accounts/{person}/operations", "An account's operations of one day, the latest first", access: .staff,
            query: [Parameter("day", .day, "The business day; today by default")], of: AccountOperation.resource
        ) { call, transaction in
            let person = try Rights.account(call)
            let day = try call.queryDay("day") ?? OpenDay.shown(in: transaction)
            guard try Ledger.account(person, in: transaction) != nil else { throw Problem.notFound }
            return try call.page(by: \.entry.id) {
                try AccountOperation.list(of: person, on: day, after: $0, limit: $1, in: transaction)
            }
        }
    }

    private struct CorrectionBody: Shaped {
        let entry: ID
        let sum: Cents
        let reason: String

        static let shape = Shape("Correction", CorrectionBody.init) {
            Field("entry", \.entry, "The operation that was wrong")
            Field("sum", \.sum, "What to add to the balance; below zero takes from it")
            Field("reason", \.reason, .text(CorrectEntry.reasonLength), "Why; shown on the statement")
        }
    }

    private var correction: Endpoint {
        .command(
            .post, "/api/accounts/{person}/corrections",
            "Put an operation right by a new one; 202 and a Correction where it is larger, and waits to be confirmed",
            access: Rights.money, takes: CorrectionBody.self, gives: AccountOperation.resource.schema
        ) { [correct] call, body, transaction in
            let account = try Rights.account(call)
            let outcome = try correct(
                account: account, entry: body.entry, sum: body.sum, reason: body.reason, by: try call.person().id,
                call.environment, trace: call.trace, in: transaction)
            switch outcome {
            case .booked(let entry):
                return .created(
                    AccountOperation(entry: entry, confirmedBy: nil), as: AccountOperation.resource,
                    at: "/api/accounts/\(account)/operations?day=\(entry.day)")
            case .waits(let request):
                var answer = Answer.json(request, as: CorrectionRequest.resource, status: 202)
                answer.headers.append(("Location", "/api/corrections/\(request.id)"))
                return answer
            }
        }
    }

    private var price: Endpoint {
        .read(
            "/api/tasks/{task}/price", "A task's fee and reward", access: .staff, gives: Price.resource
        ) { call, transaction in try Price.of(try call.id("task"), in: transaction) }
    }

    private var companyMoney: Endpoint {
        .read(
            "/api/company-money", "The company's income, fees, rewards and corrections: today, and by day",
            access: Rights.money,
            query: Parameter.days, gives: CompanyMoney.resource
        ) { call, transaction in
            let today = try OpenDay.shown(in: transaction)
            let range = try call.days(today: today)
            let days = try CompanyDay.range(from: range.lowerBound, through: range.upperBound, in: transaction)
            let now = try CompanyDay.range(from: today, through: today, in: transaction)
            return CompanyMoney(
                today: try CompanyDayLine(now.first ?? CompanyDay(day: today)),
                days: try days.map { try CompanyDayLine($0) })
        }
    }

    private var dayCloses: Endpoint {
        .list(
            "/api/day-closes", "Closes of business days, the latest first", access: Rights.money,
            of: DayRecord.resource
        ) { call, transaction in
            let open = try OpenDay.shown(in: transaction)
            return try call.page(by: \.day) { try DayRecord.before($0 ?? open, limit: $1, in: transaction) }
        }
    }

    private var nextClose: Endpoint {
        .read(
            "/api/day-closes/next", "What the close of the open day would pay, and what it waits for",
            access: Rights.money, query: [.cursor, .limit], gives: NextClose.resource
        ) { [company] call, transaction in
            let payable = try call.page(by: \.person) {
                try AccountLine.payable(after: $0, limit: $1, in: transaction)
            }
            let total = try AccountLine.payableTotal(in: transaction)
            return NextClose(
                state: try DayState.read(company.calendar, now: call.now, in: transaction),
                closing: try DayRecord.unsealed(in: transaction), people: total.people, sum: total.sum,
                payable: payable)
        }
    }

    private struct DayConfirmation: Sendable {
        let day: Day
        let by: ID
        let time: Instant

        static let resource = Resource<DayConfirmation>("DayConfirmation") {
            Field("day", \.day, "Days up to this one may be opened")
            Field("by", \.by, "Who confirmed it")
            Field("time", \.time, "When")
        }
    }

    private var confirmation: Endpoint {
        .command(
            .post, "/api/day-closes/{day}/confirmation",
            "Confirm that it is really this day, more than seven days after the open one", access: Rights.money,
            gives: DayConfirmation.resource, status: 201
        ) { [confirm] call, transaction in
            let (day, person, now) = (try call.day("day"), try call.person().id, call.now)
            try confirm(day, by: person, now: now, trace: call.trace, in: transaction)
            return DayConfirmation(day: day, by: person, time: now)
        }
    }
}
