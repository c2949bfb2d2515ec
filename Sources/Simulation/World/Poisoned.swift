import Hosting
import Messaging
import Schemas
import ServiceKit
import Storage
import Values
import Web

/// A service that cannot apply some events, for a while or for as long as faults strike. Everything else is the
/// service's own.
struct Poisoned: Service {
    private let inner: any Service
    private let world: World

    struct Poison: Error, CustomStringConvertible {
        let description = "this event is poisoned"
    }

    static func around(_ service: any Service, _ world: World) -> any Service {
        Poisoned(inner: service, world: world)
    }

    var name: String { inner.name }
    var journal: Journal { inner.journal }
    var migrations: [Migration] { inner.migrations }
    var audited: [any AuditedContract.Type] { inner.audited }
    var endpoints: [Endpoint] { inner.endpoints }
    var answers: [Endpoint] { inner.answers }
    var scope: String { inner.scope }
    var pages: PageSet { inner.pages }
    var navigation: [NavigationItem] { inner.navigation }
    var search: [String] { inner.search }
    var jobs: [Job] { inner.jobs }
    var checks: [Check] { inner.checks }

    var reactions: [Reaction] {
        inner.reactions.map { reaction in
            Reaction(toMany: reaction.events, of: reaction.topic) { [world, name] envelopes, transaction in
                for envelope in envelopes where world.isPoisoned(envelope, for: name) { throw Poison() }
                try reaction.apply(envelopes, transaction)
            }
        }
    }

    func prepare(_ database: any Database, _ environment: Environment) throws {
        try inner.prepare(database, environment)
    }

    func restored(in transaction: any Transaction, at now: Instant) throws {
        try inner.restored(in: transaction, at: now)
    }
}

extension World {
    /// Depends only on the event and the seed, so that it is the same at every attempt.
    fileprivate func isPoisoned(_ envelope: Envelope, for service: String) -> Bool {
        guard isArmed, !life.isOver else { return false }
        var dice = Dice(seed: plan.seed ^ envelope.id.low, stream: service.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
        let (ever, soon) = (dice.unit(), dice.unit())
        if ever < rates[.poisonForever] {
            marks.reach("fault: \(Fault.poisonForever.name)")
            return true
        }
        // For up to a quarter of an hour after it happened; with a clock that jumps, for longer or not at all.
        guard soon < rates[.poison], time < envelope.time.adding(seconds: Int64(dice.below(900))) else { return false }
        marks.reach("fault: \(Fault.poison.name)")
        return true
    }
}
