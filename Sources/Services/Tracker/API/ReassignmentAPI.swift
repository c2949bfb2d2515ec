import Directory
import Schemas
import Storage
import Values
import Web

/// "Reassign all" for programs (X14).
struct ReassignmentAPI {
    let reassignAll: ReassignAll

    static let access = Endpoint.Access.holding([Role.manager, Role.admin])

    var endpoints: [Endpoint] { [press, list, one] }

    private var press: Endpoint {
        .creation(
            "/api/reassignments", "Deal every open task again; presses queue", access: Self.access,
            gives: Reassignment.resource
        ) { call, transaction in
            let id = try reassignAll.press(
                by: call.person().id, call.environment, trace: call.trace, in: transaction)
            guard let press = try Reassignments.one(id, in: transaction) else { throw Problem.notFound }
            return Created(press, at: "/api/reassignments/\(id)")
        }
    }

    private var list: Endpoint {
        .list(
            "/api/reassignments", "Reassignments, newest first", access: Self.access, of: Reassignment.resource
        ) { call, transaction in
            try call.page(by: \.position) { try Reassignments.list(before: $0, limit: $1, in: transaction) }
        }
    }

    private var one: Endpoint {
        .read(
            "/api/reassignments/{reassignment}", "A reassignment and how far it is", access: Self.access,
            gives: Reassignment.resource
        ) { call, transaction in try Reassignments.one(call.id("reassignment"), in: transaction) }
    }
}

extension Reassignment {
    /// A reassignment, as programs see it.
    static let resource = Resource<Reassignment>("Reassignment") {
        Field("id", \.id, "The press")
        Field("state", \.state.word, .choice(["waiting", "running", "done", "nobody_eligible"]), "Where it stands")
        Field("pressed_by", \.pressedBy, "Who pressed")
        Field("pressed_at", \.pressedAt, "When")
        Field("started_at", \.startedAt, "When its turn came")
        Field("ended_at", \.endedAt, "When it was over")
        Field("total", \.total, "Open tasks when it began")
        Field("dealt", \.dealt, "Tasks dealt so far")
        Field("moved", \.moved, "Those that went to somebody else")
    }
}
