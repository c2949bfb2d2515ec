import Hosting
import Messaging
import Schemas
import ServiceKit
import Storage
import Values
import Web

/// The operations pages and their API (X42, X53): how the services are, which events went where, what is parked, what
/// was changed by hand. For admins. They stand beside the services, in a process with Identity, whose Directory stands
/// guard; of each service they ask what it answers about itself (``HostQuestions``), wherever it runs.
package struct Operations: Sendable {
    /// What is declared of one service.
    struct Source: Sendable {
        let name: String
        let topic: Topic
        /// The events of other services that it takes: topic to `task-created.1`.
        let takes: [String: Set<String>]
        /// The kinds of changes by hand that its events tell of.
        let kinds: [String: AuditArea]
        /// Whether it takes any: a service that takes none has nothing parked.
        var isReader: Bool { !takes.isEmpty }

        init(_ service: any Service) {
            name = service.name
            topic = service.topic
            var takes: [String: Set<String>] = [:]
            for reaction in service.reactions { takes[reaction.topic.name, default: []].formUnion(reaction.events) }
            self.takes = takes
            kinds = service.audited.reduce(into: [:]) { $0.merge($1.kinds) { $1 } }
        }
    }

    let sources: [Source]
    let asker: any Asker
    let backups: any BackupKeeper
    /// How many events are parked, for the navigation.
    let parkedCount = KeptCount()
    static let access = Endpoint.Access.holding(["admin"])

    /// - Parameter services: all of the installation, as they are declared.
    package init(services: [any Service], asker: any Asker, backups: any BackupKeeper = NoBackups()) {
        sources = services.map { Source($0) }
        self.asker = asker
        self.backups = backups
    }

    package var navigation: [NavigationItem] {
        [
            NavigationItem(title: "operations.nav", path: "/operations", access: Self.access, order: 380),
            NavigationItem(title: "operations.nav.events", path: "/operations/events", access: Self.access, order: 381),
            NavigationItem(title: "operations.nav.audit", path: "/operations/audit", access: Self.access, order: 382),
            NavigationItem(
                title: "operations.nav.parked", path: "/operations/parked", access: Self.access, order: 383,
                count: Operations.parkedCountPath),
            NavigationItem(
                title: "backups.nav", path: "/backups", access: Self.access, order: 384,
                count: Operations.backupCountPath),
        ]
    }

    /// The path of the fragment that finds events by ids.
    package let search = "/operations/fragments/search"

    package var endpoints: [Endpoint] {
        [overviewPage, overviewAPI, searchPart] + eventEndpoints + auditEndpoints + parkedPages + parkedAPI
            + backupPages + backupAPI
            + counts
    }

    /// - Throws: a 503 problem where a service is away whose part a program would miss without a word.
    static func expectAll(_ away: [String]) throws {
        guard away.isEmpty else {
            throw Problem(
                503, "operations.service-away", values: ["service": away.joined(separator: ", ")], retryAfter: 5)
        }
    }

    /// The service that a path or a query names.
    func source(_ name: String?) throws -> Source {
        guard let source = sources.first(where: { $0.name == name }) else { throw Problem.notFound }
        return source
    }
}

// MARK: How the services are

extension Operations {
    /// What a service has answered about itself.
    struct ServiceStatus: Sendable {
        let service: String
        /// `nil` where none of its processes answers, or its database does not.
        let state: HostState?

        var parked: Int64 { state?.parked.reduce(0) { $0 + $1.events } ?? 0 }
        var alarms: [String] { state?.alarms ?? [] }
    }

    private func standings() throws -> [ServiceStatus] {
        // A service that is away is one of the things that this page is there to show.
        let answers = try asker.ask(HostQuestions.state, sources.map { ($0.name, Nothing()) })
        return zip(sources, answers).map { ServiceStatus(service: $0.name, state: try? $1.get()) }
    }

    /// One service's reading of another.
    struct Flow: Sendable {
        let reader: String
        let publisher: String
        let applied: Int64
        /// How many events behind it is; `nil` where one of the two is away.
        let lag: Int64?
    }

    func flows(_ standings: [ServiceStatus]) -> [Flow] {
        let states = Dictionary(uniqueKeysWithValues: standings.map { ($0.service, $0.state) })
        return sources.flatMap { source in
            source.takes.keys.sorted().compactMap { topic -> Flow? in
                guard let publisher = sources.first(where: { $0.topic.name == topic }) else { return nil }
                let reader = states[source.name] ?? nil
                let applied = reader?.checkpoints[topic, default: [:]].values.reduce(0, +) ?? 0
                let written = (states[publisher.name] ?? nil)?.written
                return Flow(
                    reader: source.name, publisher: publisher.name, applied: applied,
                    lag: reader == nil ? nil : written.map { max(0, $0 - applied) })
            }
        }
    }

    private var overviewPage: Endpoint {
        .page("/operations", "How the services are", access: Self.access) { call, _ in
            .page("operations/overview", title: "operations.title", overview(try call.found(), call.format))
        }.asking { _ in try standings() }
    }

    private func overview(_ standings: [ServiceStatus], _ format: Format) -> Model {
        let flows = flows(standings)
        let written = standings.compactMap { $0.state?.written }.reduce(0, +)
        let waiting = flows.compactMap(\.lag).reduce(0, +)
        let parked = standings.map(\.parked).reduce(0, +)
        let alarms = standings.flatMap(\.alarms)
        return [
            "written": .text(format.count(written)), "waiting": .text(format.count(waiting)),
            "parked": .text(format.count(parked)), "anyParked": .flag(parked > 0),
            "alarms": .list(alarms.map { .text($0) }), "anyAlarm": .flag(!alarms.isEmpty),
            "topics": .text(sources.map(\.topic.name).joined(separator: " ")),
            "services": .list(
                standings.map { standing in
                    [
                        "name": .text(standing.service), "away": .flag(standing.state == nil),
                        "alarm": .flag(!standing.alarms.isEmpty), "parkedAny": .flag(standing.parked > 0),
                        "well": .flag(standing.state != nil && standing.alarms.isEmpty && standing.parked == 0),
                        "written": .text(standing.state.map { format.count($0.written) } ?? ""),
                        "unpublished": .text(standing.state.map { format.count($0.unpublished) } ?? ""),
                        "parked": .text(format.count(standing.parked)),
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

    /// What a service has answered, and how far behind the others it is.
    private struct Report: Sendable {
        let standing: ServiceStatus
        let lag: Int64?

        static let resource = Resource<Report>("ServiceState") {
            Field("service", \.standing.service, "Its name")
            Field("available", { $0.standing.state != nil }, "Whether it answers")
            Field("written", \.standing.state?.written, "Events in its journal")
            Field("unpublished", \.standing.state?.unpublished, "Of them, not known to be in the log yet")
            Field("parked", \.standing.parked, "Events of others that it could not apply")
            Field("lag", \.lag, "Events of others that it has not come to yet")
            Field("alarms", \.standing.alarms, "What it complains of")
        }
    }

    private var overviewAPI: Endpoint {
        .read(
            "/api/services", "How the services are", access: Self.access, givesAll: Report.resource
        ) { call, _ in
            let standings: [ServiceStatus] = try call.found()
            let flows = flows(standings)
            return standings.map { standing in
                let lags = flows.filter { $0.reader == standing.service }.map(\.lag)
                return Report(
                    standing: standing, lag: lags.contains(nil) ? nil : lags.compactMap(\.self).reduce(0, +))
            }
        }.asking { _ in try standings() }
    }
}
