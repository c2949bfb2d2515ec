import Foundation
import Storage
import Values

/// What one service asks of another and cannot go on without, where an event would come too late; and what the operations
/// pages ask of every service. It is asked with an ``Asker``, and answered by an endpoint of the service that owns the
/// data, in that service's own transaction. Beside events it is the only way from one service to another.
///
/// An answer may be lost, and the question is then asked again: it must do no harm twice.
package struct Question<Asked: Codable & Sendable, Reply: Codable & Sendable>: Sendable {
    /// `people`, in the endpoint's path.
    package let name: String
    /// What is asked, in one line.
    package let about: String
    /// How long the answer of another process may take.
    package let seconds: Int

    package init(_ name: String, _ about: String, seconds: Int = 5) {
        self.name = name
        self.about = about
        self.seconds = seconds
    }

    package func path(of service: String) -> String { "/internal/\(service)/\(name)" }

    /// The endpoint by which a service answers.
    /// - Parameter reading: whether `run` only reads.
    package func answered(
        by service: String, reading: Bool,
        run: @escaping @Sendable (_ asked: Asked, _ call: Call, _ transaction: any Transaction) throws -> Reply
    ) -> Endpoint {
        .answer(path(of: service), about, reads: reading) { call, transaction in
            // A process of another version may ask otherwise than this one understands.
            guard let asked = try? JSONDecoder().decode(Asked.self, from: Data(call.body)) else {
                throw Problem(400, "web.json", values: ["position": "0"])
            }
            let reply = Replied(reply: try run(asked, call, transaction))
            return Answer(
                status: 200, content: .bytes([UInt8](try JSONEncoder().encode(reply)), type: "application/json"))
        }
    }
}

/// So that every answer is an object, also that nothing was found.
private struct Replied<Reply: Codable>: Codable {
    let reply: Reply
}

/// Nothing to say, or to answer.
package struct Nothing: Codable, Sendable {
    package init() {}
}

/// Reaches the services of the installation, each in this process or in another. It blocks: for threads that we own, and
/// never within a transaction.
package protocol Asker: Sendable {
    /// Sends each of these and waits for all; the bodies that came back, in the same order.
    @available(*, noasync)
    func send(_ asks: [Ask]) -> [Result<[UInt8], any Error>]
}

/// A question on its way to a service.
package struct Ask: Sendable {
    package let service: String
    package let path: String
    package let body: [UInt8]
    package let seconds: Int

    /// What an answer means.
    /// - Throws: `StorageError.unavailable` where it is worth asking again, `failed` where the question was refused.
    package func reply(_ status: Int, _ body: [UInt8], from place: String) throws -> [UInt8] {
        guard status != 200 else { return body }
        let words = "\(place) answered \(status): \(String(decoding: body.prefix(200), as: UTF8.self))"
        // 404: an older version, which does not know the question yet, or one that does not take us for its own: another
        // secret, or a clock that is five minutes off.
        let isRefused = (400..<500).contains(status) && ![404, 408, 429].contains(status)
        throw isRefused ? StorageError.failed(words) : StorageError.unavailable(words)
    }
}

extension Asker {
    /// - Throws: `StorageError.unavailable` where no process of the service answers, `failed` where it refuses.
    @available(*, noasync)
    package func ask<Asked, Reply>(
        _ question: Question<Asked, Reply>, of service: String, _ asked: Asked
    ) throws -> Reply {
        try ask(question, [(service, asked)])[0].get()
    }

    /// Asks several services; what each has answered, in the same order.
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
