import Directory
import Storage
import Values
import Web

/// Rebuilding the figures, with what goes on and what went before (X33).
struct RebuildPages: Sendable {
    private static let rows = 20

    var endpoints: [Endpoint] { [page, begin, stop, resume, abandon] }

    private var page: Endpoint {
        .page("/analytics/rebuild", "Building the figures anew, with its progress", access: AnalyticsCall.access) {
            call, transaction in
            let part = try call.page(RebuildPages.rows, by: \.generation) {
                try Rebuild.list(before: $0, limit: $1, in: transaction)
            }
            let names = try Directory.people(part.rows.map(\.askedBy), in: transaction)
            let going = part.rows.filter { !$0.isOver }
            let past = part.rows.filter(\.isOver)
            return .page(
                "analytics/rebuild", title: "analytics.rebuild",
                [
                    "going": .list(going.map { RebuildPages.row($0, names[$0.askedBy], call) }),
                    "isGoing": .flag(!going.isEmpty), "hasPast": .flag(!past.isEmpty),
                    "past": .list(past.map { RebuildPages.row($0, names[$0.askedBy], call) }),
                    "next": .text(part.next.map { "/analytics/rebuild?cursor=\($0)" } ?? ""),
                ])
        }
    }

    private static func row(_ rebuild: Rebuild, _ person: Person?, _ call: Call) -> Model {
        [
            "id": .text(rebuild.id.description), "by": .text(FigureModel.name(person, call.language)),
            "at": .text(call.format.time(rebuild.askedAt)), "running": .flag(rebuild.state == .running),
            "ended": .text(rebuild.endedAt.map(call.format.time) ?? ""),
            "reached": .text(call.format.count(rebuild.reached)), "total": .text(call.format.count(rebuild.total)),
            "abandoned": .flag(rebuild.state == .abandoned),
            "percent": .text(String(rebuild.percent)), "same": .flag(rebuild.isSame),
            "digest": .text(rebuild.digestAfter.map { $0.prefix(16) + "…" } ?? ""),
        ]
    }

    private var begin: Endpoint {
        .form("/analytics/rebuild", "Build the figures anew", access: AnalyticsCall.access) { call, transaction in
            _ = try RebuildCommands.begin(by: try call.person().id, call.environment, in: transaction)
            return .redirect(to: "/analytics/rebuild?notice=analytics.rebuild.begun")
        }
    }

    private var stop: Endpoint {
        .form("/analytics/rebuilds/{rebuild}/stop", "Stop a rebuild where it is", access: AnalyticsCall.access) {
            call, transaction in
            _ = try RebuildCommands.stop(call.id("rebuild"), in: transaction)
            return .redirect(to: "/analytics/rebuild?notice=analytics.rebuild.stopped")
        }
    }

    private var abandon: Endpoint {
        .form("/analytics/rebuilds/{rebuild}/abandon", "Give a rebuild up", access: AnalyticsCall.access) {
            call, transaction in
            _ = try RebuildCommands.abandon(call.id("rebuild"), at: call.now, in: transaction)
            return .redirect(to: "/analytics/rebuild?notice=analytics.rebuild.abandoned")
        }
    }

    private var resume: Endpoint {
        .form("/analytics/rebuilds/{rebuild}/resume", "Go on with a stopped rebuild", access: AnalyticsCall.access) {
            call, transaction in
            _ = try RebuildCommands.resume(call.id("rebuild"), in: transaction)
            return .redirect(to: "/analytics/rebuild?notice=analytics.rebuild.resumed")
        }
    }
}
