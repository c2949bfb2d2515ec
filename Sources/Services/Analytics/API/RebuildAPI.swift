import Directory
import Storage
import Values
import Web

/// Rebuilding the figures, for programs and for `popug rebuild` (X33).
struct RebuildAPI: Sendable {
    var endpoints: [Endpoint] { [begin, list, one, stop, resume, abandon] }

    private var begin: Endpoint {
        var endpoint = Endpoint.creation(
            "/api/analytics/rebuilds", "Build all figures anew from the event log", access: AnalyticsCall.access,
            gives: Rebuild.resource
        ) { call, transaction in
            let rebuild = try RebuildCommands.begin(by: try call.person().id, call.environment, in: transaction)
            return Created(rebuild, at: "/api/analytics/rebuilds/\(rebuild.id)")
        }
        endpoint.details =
            "Readers see the old figures until the new ones are complete. There is never more than one rebuild: where "
            + "one is under way or was stopped, that one goes on, and is the answer."
        return endpoint
    }

    private var list: Endpoint {
        .list(
            "/api/analytics/rebuilds", "Rebuilds, the latest first", access: AnalyticsCall.access, of: Rebuild.resource
        ) { call, transaction in
            try call.page(by: \.generation) { try Rebuild.list(before: $0, limit: $1, in: transaction) }
        }
    }

    private var one: Endpoint {
        .read(
            "/api/analytics/rebuilds/{rebuild}", "A rebuild and how far it is", access: AnalyticsCall.access,
            gives: Rebuild.resource
        ) { call, transaction in try Rebuild.one(call.id("rebuild"), in: transaction) }
    }

    private var stop: Endpoint {
        .command(
            .put, "/api/analytics/rebuilds/{rebuild}/stop", "Stop a rebuild where it is", access: AnalyticsCall.access,
            gives: Rebuild.resource, idempotent: false
        ) { call, transaction in try RebuildCommands.stop(call.id("rebuild"), in: transaction) }
    }

    private var abandon: Endpoint {
        .command(
            .delete, "/api/analytics/rebuilds/{rebuild}",
            "Give a rebuild up: the figures stay, and what is built of the new ones is thrown away",
            access: AnalyticsCall.access, gives: Rebuild.resource, idempotent: false
        ) { call, transaction in
            try RebuildCommands.abandon(call.id("rebuild"), at: call.now, in: transaction)
        }
    }

    private var resume: Endpoint {
        .command(
            .delete, "/api/analytics/rebuilds/{rebuild}/stop", "Go on with a rebuild that was stopped",
            access: AnalyticsCall.access, gives: Rebuild.resource, idempotent: false
        ) { call, transaction in try RebuildCommands.resume(call.id("rebuild"), in: transaction) }
    }
}
