import Crypto
import CurlDriver
import Foundation
import Hosting
import Identity
import Payouts
import Storage
import Values
import Web

/// The one thing that a service asks of another before it goes on: that the people named in an import are known (X19).
/// Asked over HTTP where Identity is in another process, signed with a key that only processes of the installation
/// have; asking again gives the same answer, so who got none asks again.
package struct InsideCall: Sendable {
    static let path = "/internal/people"

    private struct Question: Codable {
        let names: [String]
        let trace: String
    }

    private struct Reply: Codable {
        let people: [String: ID]
    }

    /// In one question: with names of a hundred characters it stays below the 64 KiB that are read of anybody.
    private static let mostNames = 100

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
            let body = [UInt8](try JSONEncoder().encode(Question(names: some, trace: trace)))
            people.merge(try ask(body, at: addresses, now: now())) { $1 }
        }
        return people
    }

    private func ask(_ body: [UInt8], at addresses: [String], now: Instant) throws -> [String: ID] {
        guard !addresses.isEmpty else {
            throw StorageError.unavailable("people have to be registered by Identity, and identity-address is not set")
        }
        var trouble = ""
        for address in addresses {
            do {
                let answer = try HTTPExchange.send(
                    "POST", address + InsideCall.path,
                    headers: [
                        ("Content-Type", "application/json"),
                        (
                            ProviderSignature.header,
                            ProviderSignature.value("POST", InsideCall.path, body: body, at: now, secret: key)
                        ),
                    ], body: body)
                if answer.status == 200 {
                    return try JSONDecoder().decode(Reply.self, from: Data(answer.body)).people
                }
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
        let answer = Endpoint.command(
            .post, InsideCall.path, "Make people known who are named in an import", access: .anyone, idempotent: false
        ) { [self] call, transaction in
            guard
                ProviderSignature.accepts(
                    call.signature, "POST", InsideCall.path, body: call.body, now: call.now, secret: key)
            else { throw Problem.notFound }
            let question: Question = try call.decode()
            let people = try commands.registerMissing(
                question.names, Act(transaction, environment: call.environment, trace: question.trace, by: nil))
            return try .json(Reply(people: people))
        }
        return [answer]
    }
}
