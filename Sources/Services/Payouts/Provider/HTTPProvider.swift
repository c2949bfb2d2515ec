import Foundation
import ServiceKit
import Storage
import Values
import Web

/// A provider that speaks the protocol of docs/payouts.md over HTTP. This type knows the messages; the composition
/// supplies the transport.
package struct HTTPProvider: OutsideProvider {
    /// Sends one request and waits for its answer.
    /// - Throws: if no complete answer came.
    package typealias Send = @Sendable (_ request: Outbound.Request) throws -> Outbound.Response

    package let name: String
    package let atOnce = 1
    let address: String
    let path: String
    let secret: [UInt8]
    let callback: String
    let now: @Sendable () -> Instant
    let send: Send

    /// The path for callbacks.
    package static let callbackPath = "/api/payouts/callbacks"

    /// - Parameters:
    ///   - address: the base address of the provider's `/payments`, such as `https://pay.example.com/v1`.
    ///   - secret: shared with the provider.
    ///   - publicAddress: the exchange's own address, for callbacks.
    /// - Returns: `nil` if the address is invalid, or has no TLS and is not on this machine.
    package init?(
        address: String, secret: [UInt8], publicAddress: String, now: @escaping @Sendable () -> Instant,
        send: @escaping Send
    ) {
        let address = address.utf8.last == UInt8(ascii: "/") ? String(address.dropLast()) : address
        guard let url = URL(string: address), let host = url.host, url.query == nil, url.fragment == nil,
            url.user == nil,
            url.scheme == "https" || url.scheme == "http" && NetworkAddress.isHere(host)
        else { return nil }
        name = url.port.map { "\(host):\($0)" } ?? host
        self.address = address
        path = url.path
        self.secret = secret
        callback = publicAddress + HTTPProvider.callbackPath
        self.now = now
        self.send = send
    }

    package func pay(_ orders: [PaymentOrder], keep: any Database) -> [Result<PaymentAnswer, any Error>] {
        orders.map { order in Result { try pay(order) } }
    }

    private func pay(_ order: PaymentOrder) throws -> PaymentAnswer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let body = [UInt8](try encoder.encode(OrderBody(order, callback: callback)))
        let response = try ask("POST", "/payments", body: body, key: order.payout)
        guard (200..<300).contains(response.status), let answer = AnswerBody.read(response.body)?.answer else {
            throw HTTPProvider.trouble(response)
        }
        return answer
    }

    package func status(of payout: ID) throws -> PaymentAnswer? {
        let response = try ask("GET", "/payments/\(payout)", body: [], key: nil)
        guard let body = AnswerBody.read(response.body) else { throw HTTPProvider.trouble(response) }
        // A 404 alone proves nothing, since a wrong address answers 404 to everything: only the provider's own word
        // counts.
        if response.status == 404, body.status == "unknown" { return nil }
        guard response.status == 200, let answer = body.answer else { throw HTTPProvider.trouble(response) }
        return answer
    }

    package func notice(_ callback: ProviderCallback, now: Instant) throws(CallbackRefused) -> PaymentNotice {
        guard
            SignedRequest.accepts(
                callback.signature, "POST", callback.path, body: callback.body, now: now, secret: secret)
        else { throw .unproved }
        guard let body = AnswerBody.read(callback.body), let payout = body.payout, let answer = body.answer else {
            throw .unreadable
        }
        return PaymentNotice(payout: payout, answer: answer)
    }

    private func ask(_ method: String, _ target: String, body: [UInt8], key: ID?) throws -> Outbound.Response {
        let signature = SignedRequest.value(method, path + target, body: body, at: now(), secret: secret)
        var headers = [(name: SignedRequest.header, value: signature), (name: "Accept", value: "application/json")]
        if let key {
            headers.append((name: "Idempotency-Key", value: key.description))
            headers.append((name: "Content-Type", value: "application/json"))
        }
        return try send(Outbound.Request(method: method, url: address + target, headers: headers, body: body))
    }

    /// An error for an answer that does not follow the protocol. Its text may come from anyone's page, so it is cut
    /// short.
    private static func trouble(_ response: Outbound.Response) -> ProviderTrouble {
        let words = String(decoding: response.body.prefix(200), as: UTF8.self).words().joined(separator: " ")
        return ProviderTrouble("the provider answered \(response.status)\(words.isEmpty ? "" : ": \(words)")")
    }
}

/// The body of an order.
private struct OrderBody: Encodable {
    struct Target: Encodable {
        let kind: String
        let number: String
    }

    let payout: ID
    let attempt: Int
    let person: ID
    let name: String
    let sum: Cents
    let currency: String
    let day: Day
    let destination: Target
    let callback: String

    init(_ order: PaymentOrder, callback: String) {
        payout = order.payout
        attempt = order.attempt
        person = order.person
        name = order.name
        sum = order.sum
        currency = order.currency
        day = order.day
        destination = Target(kind: order.destination.kind.rawValue, number: order.destination.number)
        self.callback = callback
    }
}

/// The body of an answer, and of a callback.
private struct AnswerBody: Decodable {
    let payout: ID?
    let status: String
    let attempt: Int?
    let reference: String?
    let reason: String?
    let sum: Cents?

    static func read(_ bytes: [UInt8]) -> AnswerBody? {
        try? JSONDecoder().decode(AnswerBody.self, from: Data(bytes))
    }

    /// `nil` if it says nothing that can be relied on.
    var answer: PaymentAnswer? {
        guard let status = PaymentAnswer.Status(rawValue: status), let attempt, (1...1_000_000).contains(attempt) else {
            return nil
        }
        return PaymentAnswer(
            status, attempt: attempt, reference: reference.map { $0.beginning(200) },
            reason: reason.map { $0.beginning(500) }, sum: sum)
    }
}
