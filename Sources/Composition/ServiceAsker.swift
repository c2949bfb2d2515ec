import Hosting
import ServiceKit
import Storage
import Synchronization
import Values
import Web

/// How services ask each other (``Question``): in the same process through the same entrance as all requests, in
/// another process over HTTP. The asker cannot tell the difference.
final class ServiceAsker: Asker {
    /// Weak, because the exchange owns the services that hold this.
    private struct Known {
        weak var exchange: Exchange?
    }

    private let here = Mutex(Known())
    private let elsewhere: (any Asker)?

    /// - Parameter elsewhere: reaches the services that are not in this process; `nil` if all are here.
    init(elsewhere: (any Asker)?) {
        self.elsewhere = elsewhere
    }

    /// To be called once the services of this process are put together.
    func know(_ exchange: Exchange) {
        here.withLock { $0.exchange = exchange }
    }

    func send(_ asks: [Ask]) -> [Result<[UInt8], any Error>] {
        let exchange = here.withLock { $0.exchange }
        let isHere = { (ask: Ask) in
            self.elsewhere == nil || exchange?.hosts.contains { $0.service.name == ask.service } == true
        }
        var others = (elsewhere?.send(asks.filter { !isHere($0) }) ?? []).makeIterator()
        // In this process one after another, on the asking thread.
        return asks.map { ask in
            isHere(ask) ? Result { try ServiceAsker.send(ask, exchange) } : others.next() ?? ServiceAsker.away(ask)
        }
    }

    private static func send(_ ask: Ask, _ exchange: Exchange?) throws -> [UInt8] {
        guard let exchange else { return try away(ask).get() }
        var request = WebRequest(
            "POST", ask.path, body: ask.body, id: exchange.environment.newID().description, credential: .inside)
        request.headers.contentType = "application/json"
        let answer = exchange.respond(to: request)
        return try ask.reply(answer.status, answer.body, from: ask.service)
    }

    private static func away(_ ask: Ask) -> Result<[UInt8], any Error> {
        .failure(StorageError.unavailable("\(ask.service) is not there yet"))
    }
}
