import Directory
import Messaging
import Storage
import Values
import Web

/// The face of a service: what it owns, listens to, publishes, serves and schedules. Everything that runs a service
/// (the server, the simulator, a test, `verify`) works with this and knows no more.
package protocol Service: Sendable {
    /// `tracker`: also its topic, its database, and its word on the command line.
    var name: String { get }
    var journal: Journal { get }
    /// Steps of its own tables; the kit's come before them, see ``KitSchema``.
    var migrations: [Migration] { get }
    var reactions: [Reaction] { get }
    var endpoints: [Endpoint] { get }
    /// What a program's token needs for changes here, one of ``Scope``.
    var scope: String { get }
    var pages: PageSet { get }
    var navigation: [NavigationItem] { get }
    /// The paths of the fragments that answer for its part of a search, see ``SearchPage``.
    var search: [String] { get }
    var jobs: [Job] { get }
    var checks: [Check] { get }
    /// What it answers when other services ask: each a ``Question``.
    var answers: [Endpoint] { get }

    /// Refuses a secret that is not the installation's, where the service's own tables tell; they may not be there yet.
    /// Called before its events get codes, which cannot be taken back.
    func expectSecret(in transaction: any Transaction) throws

    /// Runs once before anything else at each start, after the migrations: first rows, refusing a wrong secret.
    func prepare(_ database: any Database, _ environment: Environment) throws

    /// What it counts in its own data for `/metrics`, each time that those are read: a look at an index, not at a table.
    func gauges(in transaction: any Transaction) throws -> [Gauge]

    /// Runs once in a database that was just put back from a backup, after the migrations and before anything else: what
    /// would leave the house (money, letters) is held here until a person has looked.
    func restored(in transaction: any Transaction, at now: Instant) throws
}

extension Service {
    package var topic: Topic { journal.topic }
    package var scope: String { Scope.operations }
    package var reactions: [Reaction] { [] }
    package var endpoints: [Endpoint] { [] }
    package var answers: [Endpoint] { [] }
    package var pages: PageSet { .none }
    package var navigation: [NavigationItem] { [] }
    package var search: [String] { [] }
    package var jobs: [Job] { [] }
    package var checks: [Check] { [] }
    package func expectSecret(in transaction: any Transaction) throws {}
    package func prepare(_ database: any Database, _ environment: Environment) throws {}
    package func restored(in transaction: any Transaction, at now: Instant) throws {}
    package func gauges(in transaction: any Transaction) throws -> [Gauge] { [] }
}
