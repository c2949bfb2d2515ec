import Directory
import Storage
import Values
import Web

/// Rebuilding the figures: the present rebuild and earlier ones (X33).
struct RebuildPages: Sendable {
    private static let rows = 20

    var endpoints: [Endpoint] { [page, ask, begin, stop, resume, askToAbandon, abandon] }

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
            "at": .moment(rebuild.askedAt), "running": .flag(rebuild.state == .running),
            "ended": .time(rebuild.endedAt),
            "reached": .text(call.format.count(rebuild.reached)), "total": .text(call.format.count(rebuild.total)),
            "abandoned": .flag(rebuild.state == .abandoned),
            "percent": .text(String(rebuild.percent)), "same": .flag(rebuild.isSame),
            "digest": .text(rebuild.digestAfter ?? ""),
        ]
    }

    /// Back to the page, with a message that it was done, or that the rebuild was over before.
    private static func done(_ key: String, _ rebuild: Rebuild, _ call: Call, if isDone: Bool = true) -> Answer {
        .redirect(to: "/analytics/rebuild").saying(
            isDone ? key : "analytics.rebuild.was-over",
            ["reached": call.format.count(rebuild.reached), "total": call.format.count(rebuild.total)])
    }

    private static func asking(
        _ title: String, about lines: String, button: String, action: String, events: String, _ call: Call
    ) -> Answer {
        var confirmation = Confirmation(
            title: title, button: button, lines: [AnalyticsTexts.text(lines, call.language)], action: action,
            back: "/analytics/rebuild")
        confirmation.facts = [(label: AnalyticsTexts.text("analytics.rebuild.events", call.language), value: events)]
        return .asking(confirmation)
    }

    private var ask: Endpoint {
        .page("/analytics/rebuild/confirm", "What building the figures anew does", access: AnalyticsCall.access) {
            call, transaction in
            // There is never more than one rebuild: the page shows the one that is running.
            if let last = try Rebuild.list(before: nil, limit: 1, in: transaction).first, !last.isOver {
                return .redirect(to: "/analytics/rebuild")
            }
            return RebuildPages.asking(
                "analytics.rebuild.ask", about: "analytics.rebuild.about", button: "analytics.rebuild.begin",
                action: "/analytics/rebuild",
                events: call.format.count(try RebuildCommands.events(in: transaction)), call)
        }
    }

    private var begin: Endpoint {
        .form("/analytics/rebuild", "Build the figures anew", access: AnalyticsCall.access) { call, transaction in
            let rebuild = try RebuildCommands.begin(by: try call.person().id, call.environment, in: transaction)
            return RebuildPages.done("analytics.rebuild.begun", rebuild, call)
        }
    }

    private var stop: Endpoint {
        .form("/analytics/rebuilds/{rebuild}/stop", "Stop a rebuild where it is", access: AnalyticsCall.access) {
            call, transaction in
            let rebuild = try RebuildCommands.stop(call.id("rebuild"), in: transaction)
            return RebuildPages.done("analytics.rebuild.stopped", rebuild, call, if: rebuild.state == .stopped)
        }
    }

    private var askToAbandon: Endpoint {
        .page(
            "/analytics/rebuilds/{rebuild}/abandon/confirm", "What giving a rebuild up does",
            access: AnalyticsCall.access
        ) { call, transaction in
            guard let rebuild = try Rebuild.one(call.id("rebuild"), in: transaction) else { throw Problem.notFound }
            guard !rebuild.isOver else { return .redirect(to: "/analytics/rebuild") }
            return RebuildPages.asking(
                "analytics.rebuild.abandon-ask", about: "analytics.rebuild.abandon-about",
                button: "analytics.rebuild.abandon-now", action: "/analytics/rebuilds/\(rebuild.id)/abandon",
                events: "\(call.format.count(rebuild.reached)) / \(call.format.count(rebuild.total))", call)
        }
    }

    private var abandon: Endpoint {
        .form("/analytics/rebuilds/{rebuild}/abandon", "Give a rebuild up", access: AnalyticsCall.access) {
            call, transaction in
            let rebuild = try RebuildCommands.abandon(call.id("rebuild"), at: call.now, in: transaction)
            return RebuildPages.done("analytics.rebuild.abandoned", rebuild, call, if: rebuild.state == .abandoned)
        }
    }

    private var resume: Endpoint {
        .form("/analytics/rebuilds/{rebuild}/resume", "Go on with a stopped rebuild", access: AnalyticsCall.access) {
            call, transaction in
            let rebuild = try RebuildCommands.resume(call.id("rebuild"), in: transaction)
            return RebuildPages.done("analytics.rebuild.resumed", rebuild, call, if: rebuild.state == .running)
        }
    }
}
