import Directory
import Storage
import Values
import Web

/// "Reassign all": the button, the progress, and earlier presses (X14).
struct ReassignPages {
    let reassignAll: ReassignAll
    /// Before the button is pressed, open tasks are counted up to this number.
    static let counted = 10_000

    var endpoints: [Endpoint] { [page, ask, press] }

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

    private var ask: Endpoint {
        .page("/reassign/confirm", "What Reassign all will do and cost", access: ReassignmentAPI.access) {
            call, transaction in
            let people = try Eligible.count(in: transaction)
            guard people > 0 else { throw Problem.conflict("task.nobody") }
            return .asking(
                Self.confirmation(
                    open: try TaskList.countOpen(upTo: Self.counted + 1, in: transaction), people: people,
                    before: try Reassignments.list(before: nil, limit: 20, in: transaction), call))
        }
    }

    /// - Parameter before: the newest presses, newest first.
    private static func confirmation(
        open: Int, people: Int, before presses: [Reassignment], _ call: Call
    ) -> Confirmation {
        let tasks = min(open, counted)
        func text(_ key: String, _ values: [String: String] = [:]) -> String {
            TrackerPages.text(key, call.language, values)
        }
        var lines = [text("tracker.reassign-about")]
        if presses.contains(where: { !$0.state.isOver }) { lines.append(text("tracker.reassign-after")) }
        if open == 0 { lines.append(text("tracker.reassign-nothing")) }
        if open > tasks { lines.append(text("tracker.reassign-many", ["count": call.format.count(tasks)])) }
        var confirmation = Confirmation(
            title: "tracker.reassign-ask", button: "tracker.reassign", lines: lines, action: "/reassign",
            back: "/reassign")
        confirmation.facts = [
            (label: text("tracker.reassign-open"), value: shown(open, call.format)),
            (label: text("tracker.eligible-now"), value: call.format.count(people)),
        ]
        if let last = presses.first(where: { $0.state.isOver }) {
            let values = [
                "at": call.format.moment(last.pressedAt, now: call.now),
                "name": TaskRecord.shown(last.pressedByName, last.pressedBy),
                "moved": call.format.count(last.moved), "dealt": call.format.count(last.dealt),
            ]
            confirmation.facts.append(
                (label: text("tracker.reassign-last"), value: text("tracker.reassign-last-was", values)))
        }
        if tasks > 0 { confirmation.part = "/accounting/fragments/reassign-cost?tasks=\(tasks)" }
        return confirmation
    }

    /// How many tasks are open: `37`, or `10,000+`.
    private static func shown(_ open: Int, _ format: Format) -> String {
        open > counted ? format.count(counted) + "+" : format.count(open)
    }

    private var press: Endpoint {
        .form("/reassign", "Press Reassign all", access: ReassignmentAPI.access) { call, transaction in
            _ = try reassignAll.press(by: call.person().id, call.environment, trace: call.trace, in: transaction)
            let open = try TaskList.countOpen(upTo: Self.counted + 1, in: transaction)
            return .redirect(to: "/reassign").saying(
                "tracker.notice.pressed", ["count": Self.shown(open, call.format)])
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
            "at": .moment(pressedAt),
            "ended": .time(endedAt),
            "total": .text(call.format.count(total)),
            "dealt": .text(call.format.count(dealt)),
            "moved": .text(call.format.count(moved)),
            "percent": .text(String(percent)),
        ]
    }
}
