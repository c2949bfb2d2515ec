import Directory
import Storage
import Values
import Web

/// Rebuilding the figures, for programs and for `popug rebuild` (X33).
struct RebuildAPI: Sendable {
    var endpoints: [Endpoint] { [begin, list, one, stop, resume, abandon] }

    private var begin: Endpoint {
        var endpoint = Endpoint.command(
            .post, "/api/analytics/rebuilds", "Build all figures anew from the event log",
            access: AnalyticsCall.access, gives: RebuildView.schema
        ) { call, transaction in
            let rebuild = try RebuildCommands.begin(by: try call.person().id, call.environment, in: transaction)
            return try .created(RebuildView(rebuild), at: "/api/analytics/rebuilds/\(rebuild.id)")
        }
        endpoint.details =
            "Readers see the old figures until the new ones are complete. There is never more than one rebuild: where "
            + "one is under way or was stopped, that one goes on, and is the answer."
        return endpoint
    }

    private var list: Endpoint {
        .read(
            "/api/analytics/rebuilds", "Rebuilds, the latest first", access: AnalyticsCall.access,
            query: [.cursor, .limit], gives: .page(of: RebuildView.schema)
        ) { call, transaction in
            let limit = try call.limit()
            let cursor = try call.cursor(1).map { try Cursor.value($0, 0, as: Int.self) }
            var rebuilds = try Rebuild.list(before: cursor, limit: limit + 1, in: transaction)
            let more = rebuilds.count > limit
            if more { rebuilds.removeLast() }
            return try .json(
                ListPage(
                    items: rebuilds.map(RebuildView.init),
                    next: more ? rebuilds.last.map { Cursor.encode([$0.generation.stored]) } : nil))
        }
    }

    private var one: Endpoint {
        .read(
            "/api/analytics/rebuilds/{rebuild}", "A rebuild and how far it is", access: AnalyticsCall.access,
            gives: RebuildView.schema
        ) { call, transaction in
            guard let rebuild = try Rebuild.one(call.id("rebuild"), in: transaction) else { throw Problem.notFound }
            return try .json(RebuildView(rebuild))
        }
    }

    private var stop: Endpoint {
        .command(
            .put, "/api/analytics/rebuilds/{rebuild}/stop", "Stop a rebuild where it is", access: AnalyticsCall.access,
            gives: RebuildView.schema, idempotent: false
        ) { call, transaction in
            try .json(RebuildView(try RebuildCommands.stop(call.id("rebuild"), in: transaction)))
        }
    }

    private var abandon: Endpoint {
        .command(
            .delete, "/api/analytics/rebuilds/{rebuild}",
            "Give a rebuild up: the figures stay, and what is built of the new ones is thrown away",
            access: AnalyticsCall.access, gives: RebuildView.schema, idempotent: false
        ) { call, transaction in
            try .json(RebuildView(try RebuildCommands.abandon(call.id("rebuild"), at: call.now, in: transaction)))
        }
    }

    private var resume: Endpoint {
        .command(
            .delete, "/api/analytics/rebuilds/{rebuild}/stop", "Go on with a rebuild that was stopped",
            access: AnalyticsCall.access, gives: RebuildView.schema, idempotent: false
        ) { call, transaction in
            try .json(RebuildView(try RebuildCommands.resume(call.id("rebuild"), in: transaction)))
        }
    }
}
