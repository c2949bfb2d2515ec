import Crypto
import CurlDriver
import Foundation
import Hosting
import Identity
import Payouts
import Storage
import Values
import Web

/// What a service asks of another before it goes on, and what is told by the way: that the people named in an import are
/// known (X19), and when sessions were used (X66). Asked over HTTP where Identity is in another process, signed with a key
/// that only processes of the installation have; asking again gives the same answer, so who got none asks again.
package struct InsideCall: Sendable {
    static let people = "/internal/people"
    static let uses = "/internal/uses"

    private struct Names: Codable, Sendable {
        let names: [String]
        let trace: String
    }

    private struct People: Codable, Sendable {
        let people: [String: ID]
    }

    private struct Uses: Codable, Sendable {
        struct Use: Codable, Sendable {
            let session: ID
            let at: Instant
        }
        let uses: [Use]
    }

    private struct Taken: Codable, Sendable {}

    /// In one question: with names of a hundred characters it stays below the 64 KiB that are read of anybody.
    private static let mostNames = 100
    private static let mostUses = 500

    private let key: [UInt8]

    package init(secret: [UInt8]) {
        key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: secret), info: Array("popug calls between services".utf8),
            outputByteCount: 32
        ).withUnsafeBytes { Array($0) }
    }

    // MARK: Asking

    /// - Parameter addresses: processes that run Identity; the first that answers will do.
    /// - Throws: `StorageError.unavailable` where none does.
    func registerMissing(
        _ names: [String], _ trace: String, at addresses: [String], now: @Sendable () -> Instant
    ) throws -> [String: ID] {
        var people: [String: ID] = [:]
        for start in stride(from: 0, to: names.count, by: InsideCall.mostNames) {
            let some = Array(names[start..<min(start + InsideCall.mostNames, names.count)])
            let reply: People = try ask(InsideCall.people, Names(names: some, trace: trace), at: addresses, now: now())
            people.merge(reply.people) { $1 }
        }
        return people
    }

    /// As ``registerMissing(_:_:at:now:)``.
    func noteUses(_ uses: [ID: Instant], at addresses: [String], now: @Sendable () -> Instant) throws {
        let all = uses.sorted { $0.key < $1.key }.map { Uses.Use(session: $0.key, at: $0.value) }
        for start in stride(from: 0, to: all.count, by: InsideCall.mostUses) {
            let some = Array(all[start..<min(start + InsideCall.mostUses, all.count)])
            let _: Taken = try ask(InsideCall.uses, Uses(uses: some), at: addresses, now: now())
        }
    }

    private func ask<Reply: Decodable>(
        _ path: String, _ question: some Encodable, at addresses: [String], now: Instant
    ) throws -> Reply {
        guard !addresses.isEmpty else {
            throw StorageError.unavailable("Identity has to be asked, and identity-address is not set")
        }
        let body = [UInt8](try JSONEncoder().encode(question))
        var trouble = ""
        for address in addresses {
            do {
                let answer = try HTTPExchange.send(
                    "POST", address + path,
                    headers: [
                        ("Content-Type", "application/json"),
                        (
                            ProviderSignature.header,
                            ProviderSignature.value("POST", path, body: body, at: now, secret: key)
                        ),
                    ], body: body)
                if answer.status == 200 { return try JSONDecoder().decode(Reply.self, from: Data(answer.body)) }
                trouble =
                    "\(address) answered \(answer.status): \(String(decoding: answer.body.prefix(200), as: UTF8.self))"
            } catch {
                trouble = "\(address): \(error)"
            }
        }
        throw StorageError.unavailable("Identity: \(trouble)")
    }

    // MARK: Answering

    /// What Identity answers to other processes; nothing of another service.
    func endpoints(of service: any Service) -> [Endpoint] {
        guard let identity = service as? IdentityService else { return [] }
        let commands = identity.commands
        return [
            answer(InsideCall.people, "Make people known who are named in an import") {
                (question: Names, call, transaction) in
                People(
                    people: try commands.registerMissing(
                        question.names, Act(transaction, environment: call.environment, trace: question.trace, by: nil))
                )
            },
            answer(InsideCall.uses, "Note when sessions were used") { (question: Uses, call, transaction) in
                let uses = question.uses.prefix(InsideCall.mostUses).map { ($0.session, $0.at) }
                try commands.noteUses(Dictionary(uses, uniquingKeysWith: max), now: call.now, in: transaction)
                return Taken()
            },
        ]
    }

    private func answer<Question: Decodable & Sendable>(
        _ path: String, _ summary: String,
        _ run: @escaping @Sendable (Question, Call, any Transaction) throws -> some Encodable & Sendable
    ) -> Endpoint {
        .command(.post, path, summary, access: .anyone, idempotent: false) { [self] call, transaction in
            guard
                ProviderSignature.accepts(call.signature, "POST", path, body: call.body, now: call.now, secret: key)
            else { throw Problem.notFound }
            return try .json(try run(call.decode(), call, transaction))
        }
    }
}
