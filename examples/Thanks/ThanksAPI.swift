import Directory
import Schemas
import Values
import Web

/// Thanks for programs.
struct ThanksAPI {
    let give: GiveThanks

    @EndpointList var endpoints: [Endpoint] {
        Endpoint.list(
            "/api/thanks", "Thanks, the latest first", access: .staff, of: Thanks.resource
        ) { call, transaction in
            try call.page(by: \.id) { try Thanks.list(before: $0, limit: $1, in: transaction) }
        }
        Endpoint.creation(
            "/api/thanks", "Thank a person for a task", access: .staff, takes: NewThanks.self, gives: Thanks.resource
        ) { call, new, transaction in
            let id = try give(for: new.task, words: new.words, by: call.person().id, call, in: transaction)
            guard let thanks = try Thanks.find(id, in: transaction) else { throw Problem.notFound }
            return Created(thanks, at: "/api/thanks?limit=1")
        }
    }

    private struct NewThanks: Shaped {
        let task: ID
        let words: String

        static let shape = Shape("NewThanks", NewThanks.init) {
            Field("task", \.task, "What for; somebody else has done it")
            Field("words", \.words, .text(1...2000), "How")
        }
    }
}
