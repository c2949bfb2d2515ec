import Foundation
import Schemas
import Storage
import Synchronization
import Web

/// Answers questions in place of the services, as a test decides.
package final class AnsweringAsker: Asker {
    package typealias Answering = @Sendable (_ ask: Ask) throws -> [UInt8]

    private let answering: Mutex<Answering>

    package init(_ answering: @escaping Answering = { throw StorageError.unavailable("\($0.service) is away") }) {
        self.answering = Mutex(answering)
    }

    /// Applies from now on.
    package func set(_ answering: @escaping Answering) {
        self.answering.withLock { $0 = answering }
    }

    /// From now on the services whose endpoints are in `entrance` answer, except those that are away.
    package func set(_ entrance: Entrance, away: Set<String> = []) {
        set { ask in
            guard !away.contains(ask.service) else { throw StorageError.unavailable("\(ask.service) is away") }
            var request = WebRequest("POST", ask.path, body: ask.body, credential: .inside)
            request.headers.contentType = "application/json"
            let answer = entrance.runNow(request)
            return try ask.reply(answer.status, answer.body, from: ask.service)
        }
    }

    package func send(_ asks: [Ask]) -> [Result<[UInt8], any Error>] {
        let answering = answering.withLock { $0 }
        return asks.map { ask in Result { try answering(ask) } }
    }
}

extension Question {
    /// Answers in place of the service that is asked.
    package func answer(_ ask: Ask, _ run: (_ asked: Asked) throws -> Reply) throws -> [UInt8] {
        let asked = try JSONDecoder().decode(Asked.self, from: Data(ask.body))
        return [UInt8](try JSONEncoder().encode(["reply": try run(asked)]))
    }
}
