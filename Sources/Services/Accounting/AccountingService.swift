import Contracts
import Directory
import Ledger
import Messaging
import Schemas
import ServiceKit
import Storage
import Values
import Web

/// Accounting: the prices of tasks, people's accounts, the company's money, and the close of days (X20 to X29).
///
/// - Owns: the ledger, prices, business days.
/// - Listens to: Tracker's tasks, Identity's people, and Payouts' payments.
/// - Publishes: `task-priced`, `employee-charged`, `employee-rewarded`, `day-closed`, `payout-requested`,
///   `entry-corrected`, `correction-requested`, `correction-refused`, `day-sealed`, `day-confirmed` (X52).
/// - Serves: accounts and their statements, corrections, the company's money, day closes.
/// - Schedules: the day close.
package struct AccountingService: ServiceModule {
    package static let name = "accounting"
    package static let settings = AccountingSettings()
    package static let deployment = Deployment(processes: 2)
    package static let publishes: [any Contract.Type] = [
        TaskPriced.self, EmployeeCharged.self, EmployeeRewarded.self, DayClosed.self, PayoutRequested.self,
        EntryCorrected.self, CorrectionRequested.self, CorrectionRefused.self, DaySealed.self, DayConfirmed.self,
    ]
    package let journal: Journal
    package let migrations = AccountingSchema.migrations
    let company: Company
    let ranges: PriceRanges
    let draw: PriceDraw
    let environment: Environment

    package init(_ parts: ServiceParts) throws {
        self.init(
            company: parts.company, secret: parts.secret, codes: parts.codes,
            ranges: try AccountingSettings.ranges(parts), environment: parts.environment)
    }

    /// Prices are drawn with `secret`, the installation's secret; the next start refuses a different one.
    package init(
        company: Company, secret: [UInt8], codes: EventCodes, ranges: PriceRanges = .standard, environment: Environment
    ) {
        journal = Journal(topic: .accounting, codes: codes)
        self.company = company
        self.ranges = ranges
        draw = PriceDraw(secret: secret)
        self.environment = environment
    }

    package func prepare(_ database: any Database, _ environment: Environment) throws {
        let now = environment.now()
        try database.write { [draw, ranges, company] transaction in
            try RecordedInstallation.prepare(
                secret: draw, ranges: ranges, calendar: company.calendar, now: now, in: transaction)
        }
    }

    /// The balances of the company's accounts over all days. Their sum is minus the sum of people's balances.
    package func gauges(in transaction: any Transaction) throws -> [Gauge] {
        try transaction.fetch("SELECT name, SUM(credit) - SUM(debit) FROM company_sum GROUP BY name").map { row in
            Gauge(
                "popug_ledger_cents", "What a company account has taken in, less what it has paid out",
                labels: [("account", try row(0))], value: Double(try row(1, as: Int64.self)))
        }
    }

    package var reactions: [Reaction] {
        let tasks = TaskBookings(journal: journal, draw: draw, now: environment.now)
        let accounts = PeopleAccounts(journal: journal, now: environment.now)
        let settlements = PayoutSettlements(now: environment.now)
        return [
            Reaction(toMany: TaskBookings.events, of: .tracker) { try tasks.apply($0, in: $1) },
            Reaction(toMany: PayoutSettlements.events, of: .payouts) { try settlements.apply($0, in: $1) },
        ] + Directory.reactions(onPeople: { try accounts.open(for: $0, in: $1) })
    }

    package let scope = Scope.money

    package var endpoints: [Endpoint] {
        AccountingAPI(company: company, correct: correct, confirm: confirm).endpoints
            + CorrectionsAPI(decide: decide).endpoints + CorrectionPages(decide: decide).endpoints
            + AccountPages(correct: correct).endpoints
            + MoneyPages().endpoints + FoundAccounts().endpoints
            + ClosePages(company: company, confirm: confirm).endpoints
    }

    package var pages: PageSet { AccountingTexts.pages }

    package var search: [String] { FoundAccounts.paths }
    package var navigation: [NavigationItem] {
        [
            NavigationItem(title: "accounting.account", path: "/account", access: .staff, order: 200),
            NavigationItem(title: "accounting.money", path: "/money", access: Rights.money, order: 210),
            NavigationItem(title: "accounting.accounts", path: "/accounts", access: Rights.money, order: 220),
            NavigationItem(
                title: "accounting.correction-requests", path: "/corrections", access: Rights.money, order: 225,
                count: CorrectionPages.waiting),
            NavigationItem(
                title: "accounting.close", path: "/close", access: Rights.money, order: 230, count: ClosePages.waiting),
        ]
    }

    package var jobs: [Job] {
        let close = DayClose(journal: journal, company: company)
        return [
            Job("day-close", wakes: .commits(orEvery: 5)) { database, environment in
                try close.step(environment, in: database) ? .more : .idle
            }
        ]
    }

    package var checks: [Check] {
        [LedgerCheck.check, PriceCheck.check(draw), BookingCheck.check, DayCheck.check, SettlementCheck.check]
    }

    var correct: CorrectEntry { CorrectEntry(journal: journal) }
    var decide: DecideCorrection { DecideCorrection(correct: correct) }
    var confirm: ConfirmDay { ConfirmDay(journal: journal, company: company) }
}
