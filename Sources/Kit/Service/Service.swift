import Directory
import Messaging
import Schemas
import Storage
import Values
import Web

/// The interface of a service: what it owns, listens to, publishes, serves and schedules. Everything that runs a
/// service (the server, the simulator, a test, `verify`) uses only this.
package protocol Service: Sendable {
    /// `tracker`: also the name of its topic and database, and its word on the command line.
    var name: String { get }
    var journal: Journal { get }
    /// The steps of its own tables. The kit's steps come before them, see ``KitSchema``.
    var migrations: [Migration] { get }
    /// Those of its events that tell of changes by hand.
    var audited: [any AuditedContract.Type] { get }
    var reactions: [Reaction] { get }
    var endpoints: [Endpoint] { get }
    /// The scope that a program's token needs for changes here, one of ``Scope``.
    var scope: String { get }
    var pages: PageSet { get }
    var navigation: [NavigationItem] { get }
    /// The paths of the fragments for its part of a search, see ``SearchPage``.
    var search: [String] { get }
    var jobs: [Job] { get }
    var checks: [Check] { get }
    /// The answers to other services' questions, each to a ``Question``.
    var answers: [Endpoint] { get }

    /// Refuses a secret that is not the installation's, if the service's own tables can tell; they may not exist yet.
    /// Called before the service's events get codes, which cannot be undone.
    func expectSecret(in transaction: any Transaction) throws

    /// Runs once at each start, after the migrations and before anything else: writes first rows, refuses a wrong
    /// secret.
    func prepare(_ database: any Database, _ environment: Environment) throws

    /// What it counts in its own data for `/metrics`, on every read of the metrics. It should read an index, not a
    /// whole table.
    func gauges(in transaction: any Transaction) throws -> [Gauge]

    /// Runs once in a database that was just restored from a backup, after the migrations and before anything else.
    /// Whatever would leave the system (money, letters) is put on hold here until a person has checked it.
    func restored(in transaction: any Transaction, at now: Instant) throws
}

extension Service {
    package var topic: Topic { journal.topic }
    package var scope: String { Scope.operations }
    package var audited: [any AuditedContract.Type] { [] }
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
