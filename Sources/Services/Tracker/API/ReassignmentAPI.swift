import Directory
import Storage
import Values
import Web

/// "Reassign all" for programs (X14).
struct ReassignmentAPI {
    let reassignAll: ReassignAll

    static let access = Endpoint.Access.holding([Role.manager, Role.admin])

    var endpoints: [Endpoint] { [press, list, one] }

    private var press: Endpoint {
        .command(
            .post, "/api/reassignments", "Deal every open task again; presses queue", access: Self.access,
            gives: ReassignmentView.schema
        ) { call, transaction in
            let id = try reassignAll.press(
                by: call.person().id, call.environment, trace: call.trace, in: transaction)
            guard let press = try Reassignments.one(id, in: transaction) else { throw Problem.notFound }
            return try .created(ReassignmentView(press), at: "/api/reassignments/\(id)")
        }
    }

    private var list: Endpoint {
        .read(
            "/api/reassignments", "Reassignments, newest first", access: Self.access, query: [.cursor, .limit],
            gives: .page(of: ReassignmentView.schema)
        ) { call, transaction in
            let (items, next) = try Reassignments.page(
                before: call.position(), limit: call.limit(), in: transaction)
            return try .json(ListPage(items: items.map(ReassignmentView.init), next: next.map(Call.cursor(at:))))
        }
    }

    private var one: Endpoint {
        .read(
            "/api/reassignments/{reassignment}", "A reassignment and how far it is", access: Self.access,
            gives: ReassignmentView.schema
        ) { call, transaction in
            guard let press = try Reassignments.one(call.id("reassignment"), in: transaction) else {
                throw Problem.notFound
            }
            return try .json(ReassignmentView(press))
        }
    }
}

/// A reassignment as JSON.
struct ReassignmentView: Encodable, Sendable {
    let id: ID
    let state: String
    let pressed_by: ID
    let pressed_at: Instant
    let started_at: Instant?
    let ended_at: Instant?
    let total: Int
    let dealt: Int
    let moved: Int

    init(_ press: Reassignment) {
        id = press.id
        state = press.state.word
        pressed_by = press.pressedBy
        pressed_at = press.pressedAt
        started_at = press.startedAt
        ended_at = press.endedAt
        total = press.total
        dealt = press.dealt
        moved = press.moved
    }

    static let schema = Schema.object(
        "Reassignment",
        [
            .init("id", .id, "The press"),
            .init("state", .choice(["waiting", "running", "done", "nobody_eligible"]), "Where it stands"),
            .init("pressed_by", .id, "Who pressed"),
            .init("pressed_at", .instant, "When"),
            .init("started_at", .optional(.instant), "When its turn came"),
            .init("ended_at", .optional(.instant), "When it was over"),
            .init("total", .integer(0...Int64.max), "Open tasks when it began"),
            .init("dealt", .integer(0...Int64.max), "Tasks dealt so far"),
            .init("moved", .integer(0...Int64.max), "Those that went to somebody else"),
        ])
}
