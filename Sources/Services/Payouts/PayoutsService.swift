import Contracts
import Directory
import Hosting
import Messaging
import Storage
import Values
import Web

/// Payouts: what a close owes people is brought to them through a payment provider (X28).
///
/// - Owns: people's destinations (encrypted), payouts with their attempts, the hold.
/// - Listens to: Accounting's `payout-requested`, Identity's people.
/// - Publishes: `payout-paid`, `payout-failed` (X52).
/// - Serves: destinations, payouts and their status, retries, the hold, the provider's callbacks.
/// - Schedules: sending, and asking how it stands.
package struct PayoutsService: Service {
    package let name = "payouts"
    package let journal = Journal(topic: .payouts)
    package let migrations = PayoutsSchema.migrations
    let company: Company
    let vault: Vault
    let provider: any PaymentProvider
    let builtIn: BuiltInProvider
    let environment: Environment

    /// - Parameters:
    ///   - key: what destinations are encrypted under, 32 bytes; another one is refused at the next start.
    ///   - provider: the built-in one where none is given.
    package init(company: Company, key: [UInt8], provider: (any PaymentProvider)? = nil, environment: Environment) {
        self.company = company
        vault = Vault(key: key)
        builtIn = BuiltInProvider(now: environment.now)
        self.provider = provider ?? builtIn
        self.environment = environment
    }

    package func prepare(_ database: any Database, _ environment: Environment) throws {
        let now = environment.now()
        try database.write { [vault] in try vault.prepare(now: now, in: $0) }
    }

    /// What the backup calls pending may have been paid since it was made: nothing goes out until a person says so.
    package func restored(in transaction: any Transaction, at now: Instant) throws {
        try Hold.set(by: nil, at: now, in: transaction)
    }

    package var reactions: [Reaction] {
        let requests = PayoutRequests(now: environment.now)
        return [
            Reaction(toMany: [PayoutRequested.type], of: .accounting) { try requests.apply($0, in: $1) }
        ] + Directory.reactions()
    }

    package var endpoints: [Endpoint] {
        PayoutsAPI(setDestination: setDestination, retry: RetryPayout(), take: take, provider: provider).endpoints
            + DestinationPages(setDestination: setDestination).endpoints
            + PayoutPages(retry: RetryPayout()).endpoints
    }

    package var pages: PageSet { PayoutsTexts.pages }

    package var navigation: [NavigationItem] {
        [NavigationItem(title: "payouts.payouts", path: "/payouts", access: Rights.money, order: 225)]
    }

    package var jobs: [Job] {
        let both: [any PaymentProvider] = [builtIn, provider]
        let send = SendPayouts(
            company: company, vault: vault, provider: provider,
            known: Dictionary(both.map { ($0.name, $0) }, uniquingKeysWith: { $1 }), take: take)
        return [
            Job("payouts", every: 1) { database, environment in
                try send.step(database, environment) ? .more : .idle
            }
        ]
    }

    package var checks: [Check] { PayoutChecks(provider: provider).all }

    var take: TakeAnswer { TakeAnswer(journal: journal) }
    var setDestination: SetDestination { SetDestination(vault: vault) }
}
