import Contracts
import Directory
import Messaging
import Schemas
import ServiceKit
import Storage
import Values
import Web

/// Payouts: sends people what a close owes them, through a payment provider (X28).
///
/// - Owns: people's destinations (encrypted) and their history, payouts with their attempts, the hold.
/// - Listens to: Accounting's `payout-requested`, Identity's people.
/// - Publishes: `payout-paid`, `payout-failed`, `payout-decided`, `destination-changed`, `hold-changed` (X52).
/// - Serves: destinations, payouts and their status, retries, the hold, the provider's callbacks.
/// - Schedules: sending, and asking about what was sent.
package struct PayoutsService: ServiceModule {
    package static let name = "payouts"
    package static let settings = PayoutsSettings()
    package static let deployment = Deployment(reachesOut: true)
    package static let publishes: [any Contract.Type] = [
        PayoutPaid.self, PayoutFailed.self, PayoutDecided.self, DestinationChanged.self, HoldChanged.self,
    ]
    package let journal: Journal
    package var migrations: [Migration] { PayoutsSchema.migrations(codes) }
    private let codes: PayoutCodes
    let company: Company
    let vault: Vault
    let provider: any PaymentProvider
    let builtIn: BuiltInProvider
    let limit: Cents?
    let environment: Environment

    package init(_ parts: ServiceParts) throws {
        try self.init(
            parts, provider: try PayoutsService.provider(parts), limit: try parts.setting(PayoutsService.settings.limit)
        )
    }

    /// Uses the given provider, such as the simulator's bank.
    package init(
        _ parts: ServiceParts, provider: (any PaymentProvider)?, limit: Cents? = PayoutsService.standardLimit
    ) throws {
        self.init(
            company: parts.company, key: try parts.setting(PayoutsService.settings.destinationKey) ?? parts.secret,
            codes: parts.codes, provider: provider, limit: limit, environment: parts.environment)
    }

    /// - Parameters:
    ///   - key: the key that destinations are encrypted under, 32 bytes; the next start refuses a different one.
    ///   - provider: the built-in one if none is given.
    ///   - limit: a payout above it waits for a release (X28); `nil` for no limit.
    package init(
        company: Company, key: [UInt8], codes: EventCodes, provider: (any PaymentProvider)? = nil,
        limit: Cents? = PayoutsService.standardLimit, environment: Environment
    ) {
        self.limit = limit
        journal = Journal(topic: .payouts, codes: codes)
        self.codes = PayoutCodes(codes: codes)
        self.company = company
        vault = Vault(key: key)
        builtIn = BuiltInProvider(now: environment.now)
        self.provider = provider ?? builtIn
        self.environment = environment
    }

    package static let standardLimit = Cents.units(1_000)

    package func prepare(_ database: any Database, _ environment: Environment) throws {
        let now = environment.now()
        try database.write { [vault] in try vault.prepare(now: now, in: $0) }
    }

    /// Payouts that are pending in the backup may have been paid since: nothing goes out until a person releases the
    /// hold.
    package func restored(in transaction: any Transaction, at now: Instant) throws {
        try Hold.set(by: nil, at: now, in: transaction)
    }

    /// Unpaid payouts by state. Paid ones only grow in number, and are in the ledger's figures.
    package func gauges(in transaction: any Transaction) throws -> [Gauge] {
        let open = try PayoutLine.open(in: transaction)
        return open.flatMap { state, found in
            let labels = [("state", state.rawValue)]
            return [
                Gauge("popug_payouts", "Payouts that are not paid", labels: labels, value: Double(found.count)),
                Gauge(
                    "popug_payouts_cents", "How much they are in all", labels: labels, value: Double(found.sum.amount)),
            ]
        } + [
            Gauge(
                "popug_payouts_held", "1 while payouts are held",
                value: try Hold.current(in: transaction) == nil ? 0 : 1)
        ]
    }

    package var reactions: [Reaction] {
        let requests = PayoutRequests(limit: limit, codes: codes, now: environment.now)
        return [
            Reaction(toMany: [PayoutRequested.type], of: .accounting) { try requests.apply($0, in: $1) }
        ] + Directory.reactions()
    }

    package let scope = Scope.money

    package var endpoints: [Endpoint] {
        PayoutsAPI(
            setDestination: setDestination, retry: retry, release: release, settle: settle,
            decideHold: decideHold, take: take, provider: provider
        ).endpoints
            + DestinationPages(setDestination: setDestination).endpoints
            + PayoutPages(retry: retry, release: release, settle: settle, decideHold: decideHold).endpoints
    }

    package var pages: PageSet { PayoutsTexts.pages }

    package var navigation: [NavigationItem] {
        [
            NavigationItem(
                title: "payouts.payouts", path: "/payouts", access: Rights.money, order: 225,
                count: PayoutPages.waiting)
        ]
    }

    package var jobs: [Job] {
        let send = SendPayouts(
            company: company, vault: vault, codes: codes, provider: provider, known: known, take: take)
        return [
            Job("payouts", wakes: .commits(orEvery: 1)) { database, environment in
                try send.step(database, environment) ? .more : .idle
            }
        ]
    }

    package var checks: [Check] { PayoutChecks(provider: provider, vault: vault).all }

    /// The providers that can be asked, by name.
    private var known: [String: any PaymentProvider] {
        let both: [any PaymentProvider] = [builtIn, provider]
        return Dictionary(both.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    }

    private var retry: RetryPayout { RetryPayout(journal: journal) }
    private var release: ReleasePayout { ReleasePayout(journal: journal) }
    private var decideHold: DecideHold { DecideHold(journal: journal, installation: company.installation) }
    private var settle: SettleByHand { SettleByHand(known: Set(known.keys), take: take) }
    var take: RecordProviderAnswer { RecordProviderAnswer(journal: journal) }
    var setDestination: SetDestination { SetDestination(vault: vault, journal: journal) }
}
