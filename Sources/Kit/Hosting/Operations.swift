import Messaging
import Storage
import Values
import Web

/// The operations pages and their API (X42, X53): how the services are, which events went where, what is parked. For
/// admins. They stand beside the services, over the databases of all of them:
///
///     let operations = Operations(home: "identity", sources: [identity, tracker, accounting])
///     EndpointRunner(service: "operations", endpoints: operations.endpoints, database: identitysDatabase, …)
///
/// The endpoints run in a transaction of the home service's database, whose Directory stands guard. That database is
/// reached through this transaction alone; the others are asked by their blocking calls, which wait for nothing here.
package struct Operations: Sendable {
    /// What is known of one service.
    package struct Source: Sendable {
        let name: String
        let topic: Topic
        /// The events of other services that it takes: topic to `task-created.1`.
        let takes: [String: Set<String>]
        let database: any Database
        /// Whether it takes any: a service that takes none has no tables for them.
        var isReader: Bool { !takes.isEmpty }
        /// What its subscriptions complain of just now.
        let alarms: @Sendable () -> [String]

        package init(
            service: any Service, database: any Database, alarms: @escaping @Sendable () -> [String] = { [] }
        ) {
            name = service.name
            topic = service.topic
            var takes: [String: Set<String>] = [:]
            for reaction in service.reactions { takes[reaction.topic.name, default: []].formUnion(reaction.events) }
            self.takes = takes
            self.database = database
            self.alarms = alarms
        }
    }

    let home: String
    let sources: [Source]
    let backups: any BackupKeeper
    static let access = Endpoint.Access.holding(["admin"])

    /// - Parameter home: the service in whose database the endpoints run.
    package init(home: String, sources: [Source], backups: any BackupKeeper = NoBackups()) {
        self.home = home
        self.sources = sources
        self.backups = backups
    }

    package var navigation: [NavigationItem] {
        [
            NavigationItem(title: "operations.nav", path: "/operations", access: Self.access, order: 380),
            NavigationItem(title: "operations.nav.events", path: "/operations/events", access: Self.access, order: 381),
            NavigationItem(title: "operations.nav.parked", path: "/operations/parked", access: Self.access, order: 382),
            NavigationItem(title: "backups.nav", path: "/backups", access: Self.access, order: 383),
        ]
    }

    package var endpoints: [Endpoint] {
        [overviewPage, overviewAPI] + eventEndpoints + parkedPages + parkedAPI + backupPages + backupAPI
    }

    /// Reads from a service's database: through `transaction` for the home service, blocking for another.
    func read<T: Sendable>(
        _ source: Source, _ transaction: any Transaction, _ body: @escaping @Sendable (any Transaction) throws -> T
    ) throws -> T {
        source.name == home ? try body(transaction) : try source.database.read(body)
    }

    /// As ``read(_:_:_:)``, for a change. The change must do no harm when made twice: the transaction around it may be
    /// run again.
    func write<T: Sendable>(
        _ source: Source, _ transaction: any Transaction, _ body: @escaping @Sendable (any Transaction) throws -> T
    ) throws -> T {
        source.name == home ? try body(transaction) : try source.database.write(body)
    }

    /// The service that a path or a query names.
    func source(_ name: String?) throws -> Source {
        guard let source = sources.first(where: { $0.name == name }) else { throw Problem.notFound }
        return source
    }
}

// MARK: How the services are

extension Operations {
    /// What one service has written, and how far it is with the others' events.
    struct Figures: Sendable {
        let service: String
        /// `nil` where its database cannot be reached.
        var journal: JournalFigures?
        var parked: [ParkedCount] = []
        /// The last number applied, per topic and partition.
        var checkpoints: [String: [Int: Int64]] = [:]
        var alarms: [String] = []
    }

    struct JournalFigures: Sendable {
        /// The last number given and the last one known to be in the log, per partition.
        let numbered: [Int: Int64]
        let published: [Int: Int64]
        /// Rows without a number yet; counted up to 10,000.
        let unnumbered: Int64

        var written: Int64 { numbered.values.reduce(unnumbered, +) }
        var unpublished: Int64 { written - published.values.reduce(0, +) }
    }

    func figures(_ transaction: any Transaction) -> [Figures] {
        sources.map { source in
            var figures = Figures(service: source.name, alarms: source.alarms())
            // A service that is away is one of the things that this page is there to show.
            let found = try? read(source, transaction) { transaction in
                let cursors = try transaction.fetch("SELECT partition, numbered, published FROM journal_cursor")
                let unnumbered: Int64 =
                    try transaction.value(
                        "SELECT COUNT(*) FROM (SELECT 1 AS one FROM journal WHERE number IS NULL AND refused = 0 LIMIT 10000) AS few"
                    )
                    ?? 0
                let journal = JournalFigures(
                    numbered: Dictionary(uniqueKeysWithValues: try cursors.map { (try $0(0), try $0(1)) }),
                    published: Dictionary(uniqueKeysWithValues: try cursors.map { (try $0(0), try $0(2)) }),
                    unnumbered: unnumbered)
                var checkpoints: [String: [Int: Int64]] = [:]
                for topic in source.takes.keys.sorted() {
                    checkpoints[topic] = try Checkpoint.numbers(of: Topic(topic), in: transaction)
                }
                return (journal, checkpoints, source.isReader ? try Parked.counts(in: transaction) : [])
            }
            if let found { (figures.journal, figures.checkpoints, figures.parked) = found }
            return figures
        }
    }

    /// One service's reading of another.
    struct Flow: Sendable {
        let reader: String
        let publisher: String
        let applied: Int64
        /// How many events behind it is; `nil` where one of the two is away.
        let lag: Int64?
    }

    func flows(_ figures: [Figures]) -> [Flow] {
        sources.flatMap { source in
            source.takes.keys.sorted().compactMap { topic -> Flow? in
                guard let reader = figures.first(where: { $0.service == source.name }),
                    let publisher = sources.first(where: { $0.topic.name == topic })
                else { return nil }
                let applied = reader.checkpoints[topic, default: [:]].values.reduce(0, +)
                let written = figures.first { $0.service == publisher.name }?.journal?.written
                return Flow(
                    reader: source.name, publisher: publisher.name, applied: applied,
                    lag: reader.journal == nil ? nil : written.map { max(0, $0 - applied) })
            }
        }
    }

    private var overviewPage: Endpoint {
        .page("/operations", "How the services are", access: Self.access) { call, transaction in
            let figures = figures(transaction)
            return .page("operations/overview", title: "operations.title", overview(figures, call.format))
        }
    }

    private func overview(_ figures: [Figures], _ format: Format) -> Model {
        let flows = flows(figures)
        let written = figures.compactMap { $0.journal?.written }.reduce(0, +)
        let waiting = flows.compactMap(\.lag).reduce(0, +)
        let parked = figures.flatMap(\.parked).map(\.events).reduce(0, +)
        let alarms = figures.flatMap(\.alarms)
        return [
            "written": .text(format.count(written)), "waiting": .text(format.count(waiting)),
            "parked": .text(format.count(parked)), "anyParked": .flag(parked > 0),
            "alarms": .list(alarms.map { .text($0) }), "anyAlarm": .flag(!alarms.isEmpty),
            "topics": .text(sources.map(\.topic.name).joined(separator: " ")),
            "services": .list(
                figures.map { figures in
                    let parked = figures.parked.map(\.events).reduce(0, +)
                    return [
                        "name": .text(figures.service), "away": .flag(figures.journal == nil),
                        "alarm": .flag(!figures.alarms.isEmpty), "parkedAny": .flag(parked > 0),
                        "well": .flag(figures.journal != nil && figures.alarms.isEmpty && parked == 0),
                        "written": .text(figures.journal.map { format.count($0.written) } ?? ""),
                        "unpublished": .text(figures.journal.map { format.count($0.unpublished) } ?? ""),
                        "parked": .text(format.count(parked)),
                    ]
                }),
            "flows": .list(
                flows.map { flow in
                    [
                        "reader": .text(flow.reader), "publisher": .text(flow.publisher),
                        "applied": .text(format.count(flow.applied)),
                        "lag": .text(flow.lag.map { format.count($0) } ?? "?"),
                        "behind": .flag(flow.lag.map { $0 > 0 } ?? true),
                    ]
                }),
        ]
    }

    private var overviewAPI: Endpoint {
        let count = Schema.integer(0...Int64.max)
        let service = Schema.object(
            "ServiceState",
            [
                .init("service", .string, "Its name"), .init("available", .boolean, "Whether its database answers"),
                .init("written", .optional(count), "Events in its journal"),
                .init("unpublished", .optional(count), "Of them, not known to be in the log yet"),
                .init("parked", count, "Events of others that it could not apply"),
                .init("lag", .optional(count), "Events of others that it has not come to yet"),
                .init("alarms", .list(.string), "What it complains of"),
            ])
        return .read(
            "/api/services", "How the services are", access: Self.access, gives: .list(service)
        ) { _, transaction in
            struct State: Encodable {
                let service: String
                let available: Bool
                let written: Int64?
                let unpublished: Int64?
                let parked: Int64
                let lag: Int64?
                let alarms: [String]
            }
            let figures = figures(transaction)
            let flows = flows(figures)
            return try .json(
                figures.map { figures in
                    let lags = flows.filter { $0.reader == figures.service }.map(\.lag)
                    return State(
                        service: figures.service, available: figures.journal != nil,
                        written: figures.journal?.written, unpublished: figures.journal?.unpublished,
                        parked: figures.parked.map(\.events).reduce(0, +),
                        lag: lags.contains(nil) ? nil : lags.compactMap(\.self).reduce(0, +), alarms: figures.alarms)
                })
        }
    }
}
