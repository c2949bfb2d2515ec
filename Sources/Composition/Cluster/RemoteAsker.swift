import CurlDriver
import Foundation
import Storage
import Synchronization
import Values
import Web

/// Asks services in other processes over HTTP, signed with a key that only processes of the installation have.
final class RemoteAsker: Asker {
    private let key: [UInt8]
    /// The addresses of each service; any process that answers will do.
    private let addresses: [String: [String]]
    private let now: @Sendable () -> Instant
    private let cancellation: Cancellation
    /// The process of each service that answered last. It is asked first, because others may be gone.
    private let last = Mutex<[String: String]>([:])
    /// The longest answer, in bytes: a page of events with their data.
    private static let longest = 16 << 20

    /// - Parameter halt: ends the waits early.
    init(
        secret: [UInt8], addresses: [String: [String]], now: @escaping @Sendable () -> Instant,
        cancellation: Cancellation
    ) {
        self.cancellation = cancellation
        key = EndpointRunner.insideKey(secret: secret)
        self.addresses = addresses
        self.now = now
    }

    /// All at once, so that a service that is away does not hold up the others.
    func send(_ asks: [Ask]) -> [Result<[UInt8], any Error>] {
        guard asks.count > 1 else { return asks.map { ask in Result { try self.send(ask) } } }
        let answers = Answers(asks.count)
        for (place, ask) in asks.enumerated() {
            Thread.detachNewThread { [self] in answers.put(Result { try send(ask) }, at: place) }
        }
        return answers.all()
    }

    private func send(_ ask: Ask) throws -> [UInt8] {
        guard var known = addresses[ask.service], !known.isEmpty else {
            throw StorageError.unavailable("\(ask.service) has to be asked, and upstreams does not say where it is")
        }
        if let last = last.withLock({ $0[ask.service] }) { known = [last] + known.filter { $0 != last } }
        var trouble: any Error = StorageError.unavailable("\(ask.service) is away")
        for address in known {
            do {
                let signature = SignedRequest.value("POST", ask.path, body: ask.body, at: now(), secret: key)
                let answer = try HTTPExchange.send(
                    "POST", address + ask.path,
                    headers: [("Content-Type", "application/json"), (SignedRequest.header, signature)], body: ask.body,
                    seconds: ask.seconds, connecting: 1, limit: RemoteAsker.longest, cancellation: cancellation)
                last.withLock { $0[ask.service] = address }
                return try ask.reply(answer.status, answer.body, from: "\(ask.service) at \(address)")
            } catch let error as CurlError {
                trouble = StorageError.unavailable("\(ask.service) at \(address): \(error)")
            } catch {
                trouble = error
            }
        }
        throw trouble
    }
}

/// Collects results from several threads for one thread that waits for all of them.
private final class Answers: Sendable {
    private let found: Mutex<[Int: Result<[UInt8], any Error>]> = Mutex([:])
    private let count: Int
    private let came = Signal()

    init(_ count: Int) { self.count = count }

    func put(_ answer: Result<[UInt8], any Error>, at place: Int) {
        found.withLock { $0[place] = answer }
        came.note()
    }

    func all() -> [Result<[UInt8], any Error>] {
        while true {
            let seen = came.count
            let found = found.withLock { $0 }
            if found.count == count { return (0..<count).compactMap { found[$0] } }
            came.wait(past: seen, atMost: 1)
        }
    }
}
