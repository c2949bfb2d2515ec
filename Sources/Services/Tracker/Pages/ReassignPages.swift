import Directory
import Storage
import Values
import Web

/// "Reassign all": the button, what is going on, and what went before (X14).
struct ReassignPages {
    let reassignAll: ReassignAll

    var endpoints: [Endpoint] { [page, press] }

    private var page: Endpoint {
        .page("/reassign", "Reassign all, with its progress", access: ReassignmentAPI.access) { call, transaction in
            let part = try call.page(20, by: \.position) {
                try Reassignments.list(before: $0, limit: $1, in: transaction)
            }
            let eligible = try Eligible.count(in: transaction)
            return .page(
                "tracker/reassign", title: "tracker.reassign",
                [
                    "running": .list(part.rows.filter { !$0.state.isOver }.reversed().map { $0.model(call) }),
                    "past": .list(part.rows.filter(\.state.isOver).map { $0.model(call) }),
                    "hasPast": .flag(part.rows.contains(where: \.state.isOver)),
                    "eligible": .text(call.format.count(eligible)),
                    "nobody": .flag(eligible == 0),
                    "next": .text(part.next.map { "/reassign?cursor=\($0)" } ?? ""),
                ])
        }
    }

    private var press: Endpoint {
        .form("/reassign", "Press Reassign all", access: ReassignmentAPI.access) { call, transaction in
            _ = try reassignAll.press(by: call.person().id, call.environment, trace: call.trace, in: transaction)
            return .redirect(to: "/reassign?notice=tracker.notice.pressed")
        }
    }
}

extension Reassignment {
    func model(_ call: Call) -> Model {
        let percent = total == 0 ? 0 : min(100, dealt * 100 / total)
        return [
            "id": .text(id.description),
            "waiting": .flag(state == .waiting),
            "active": .flag(state == .running),
            "finished": .flag(state == .done),
            "nobody": .flag(state == .nobodyEligible),
            "by": .text(TaskRecord.shown(pressedByName, pressedBy)),
            "at": .text(call.format.time(pressedAt)),
            "ended": .text(endedAt.map(call.format.time) ?? ""),
            "total": .text(call.format.count(total)),
            "dealt": .text(call.format.count(dealt)),
            "moved": .text(call.format.count(moved)),
            "percent": .text(String(percent)),
        ]
    }
}
