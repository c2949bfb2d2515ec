import Directory
import Storage
import Values
import Web

/// The page of thanks, and its form.
struct ThanksPages {
    let give: GiveThanks

    @EndpointList var endpoints: [Endpoint] {
        Endpoint.page("/thanks", "Thanks, and a form", access: .staff) { try shown($0, $1) }
        Endpoint.form(
            "/thanks", "Thank a person for a task", access: .staff,
            again: { call, _, transaction in try shown(call, transaction) }
        ) { call, transaction in
            guard let task = ID(call.field("task").trimmed()) else { throw Problem.invalid("task", "thanks.not-done") }
            let id = try give(for: task, words: call.field("words"), by: call.person().id, call, in: transaction)
            guard let thanks = try Thanks.find(id, in: transaction) else { throw Problem.notFound }
            return .redirect(to: "/thanks").saying(
                "thanks.given", ["name": thanks.personName, "title": thanks.title])
        }
    }

    private func shown(_ call: Call, _ transaction: any Transaction) throws -> Answer {
        let part = try call.page(by: \.id) { try Thanks.list(before: $0, limit: $1, in: transaction) }
        return .page(
            "thanks/list", title: "thanks.title",
            [
                "task": .text(call.field("task")), "words": .text(call.field("words")),
                "empty": .flag(part.rows.isEmpty), "next": .text(part.next.map { "/thanks?cursor=\($0)" } ?? ""),
                "thanks": .list(
                    part.rows.map { thanks in
                        [
                            "id": .text(thanks.id.description), "title": .text(thanks.title),
                            "person": .text(thanks.personName), "by": .text(thanks.byName),
                            "words": .text(thanks.words), "at": .time(thanks.at),
                        ]
                    }),
            ])
    }
}
