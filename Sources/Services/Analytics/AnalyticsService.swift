import Contracts
import Directory
import Messaging
import ServiceKit
import Storage
import Values
import Web

extension Topic {
    static let analytics = Topic("analytics")
}

/// Analytics: management's figures, made from Accounting's events (X30 to X33).
///
/// - Owns: figures by day and by person, and every operation as its event reported it.
/// - Listens to: Accounting's operations, closes and seals; Identity's people, for names and rights.
/// - Publishes: nothing.
/// - Serves: the dashboard, operations by person and day, the figures as JSON and CSV, rebuilds.
/// - Schedules: rebuilds.
///
/// The figures depend only on the set of events: see ``Figures`` for the reason, ``Rebuild`` for the use of it.
package struct AnalyticsService: ServiceModule {
    package static let name = "analytics"
    package let journal: Journal
    package let migrations = AnalyticsSchema.migrations
    private let rebuild: RebuildJob

    package init(_ parts: ServiceParts) {
        self.init(log: parts.log, missing: parts.missing)
    }

    /// - Parameters:
    ///   - log: the event log that a rebuild reads.
    ///   - slice: how many events a rebuild reads at once.
    ///   - missing: called if a rebuild has waited in vain for ten seconds for events, and every ten seconds after.
    package init(log: any EventLog, slice: Int = 2000, missing: @escaping MissingEvents = { _, _, _ in }) {
        journal = Journal(topic: .analytics, codes: log.codes)
        rebuild = RebuildJob(log: log, slice: slice, missing: missing)
    }

    package var reactions: [Reaction] {
        [Reaction(toMany: Fact.events, of: .accounting) { try FigureReactions.apply($0, in: $1) }]
            + Directory.reactions()
    }

    package var endpoints: [Endpoint] {
        AnalyticsAPI().endpoints + RebuildAPI().endpoints + DashboardPages().endpoints + PeoplePages().endpoints
            + RebuildPages().endpoints
    }

    package var pages: PageSet { AnalyticsTexts.pages }

    package var navigation: [NavigationItem] {
        [NavigationItem(title: "analytics.title", path: "/analytics", access: AnalyticsCall.access, order: 290)]
    }

    package var jobs: [Job] { [rebuild.job] }

    package var checks: [Check] { [FigureCheck.check] }
}
