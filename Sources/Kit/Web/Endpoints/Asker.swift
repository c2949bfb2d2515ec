import Foundation
import Schemas
import Storage

extension Question {
    /// The path of the endpoint that answers.
    package func path(of service: String) -> String { "/internal/\(service)/\(name)" }

    /// The endpoint with which a service answers.
    /// - Parameter reading: whether `run` only reads.
    package func answered(
        by service: String, reading: Bool,
        run: @escaping @Sendable (_ asked: Asked, _ call: Call, _ transaction: any Transaction) throws -> Reply
    ) -> Endpoint {
        .answer(path(of: service), about, reads: reading) { call, transaction in
            // A process of another version may send a question that this version does not understand.
            guard let asked = try? JSONDecoder().decode(Asked.self, from: Data(call.body)) else {
                throw Problem(400, "web.json", values: ["position": "0"])
            }
            let reply = Replied(reply: try run(asked, call, transaction))
            return Answer(
                status: 200, content: .bytes([UInt8](try JSONEncoder().encode(reply)), type: "application/json"))
        }
    }
}

/// Wraps the answer, so that it is always an object, even if nothing was found.
private struct Replied<Reply: Codable>: Codable {
    let reply: Reply
}

/// Reaches the services of the installation, in this process or in another. It blocks: use it only on threads that we
/// own, and never in a transaction.
package protocol Asker: Sendable {
    /// Sends all questions and waits for all answers. Returns the answers' bodies in the same order.
    @available(*, noasync)
    func send(_ asks: [Ask]) -> [Result<[UInt8], any Error>]
}

extension Asker {
    /// - Throws: `StorageError.unavailable` if no process of the service answers, `failed` if it refuses.
    @available(*, noasync)
    package func ask<Asked, Reply>(
        _ question: Question<Asked, Reply>, of service: String, _ asked: Asked
    ) throws -> Reply {
        try ask(question, [(service, asked)])[0].get()
    }

    /// Asks several services. Returns their answers in the same order.
    @available(*, noasync)
    package func ask<Asked, Reply>(
        _ question: Question<Asked, Reply>, _ services: [(service: String, asked: Asked)]
    ) throws -> [Result<Reply, any Error>] {
        let asks = try services.map { service, asked in
            Ask(
                service: service, path: question.path(of: service), body: [UInt8](try JSONEncoder().encode(asked)),
                seconds: question.seconds)
        }
        return send(asks).map { answer in
            Result {
                let body = Data(try answer.get())
                do {
                    return try JSONDecoder().decode(Replied<Reply>.self, from: body).reply
                } catch {
                    throw StorageError.unavailable("an answer to \(question.name) of another version: \(error)")
                }
            }
        }
    }
}
