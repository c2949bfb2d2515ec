import Foundation
import Payouts
import ServiceKit
import Synchronization
import Values
import Web

/// A payment provider for tests: it follows the protocol of docs/payouts.md exactly, remembers every movement of money,
/// and misbehaves when told to. `SampleProvider` puts it behind a real address.
package final class SampleBank: Sendable {
    /// What it does with the next order that it has not seen before.
    package enum Behaviour: Sendable, Hashable {
        case pays
        /// Promises to pay, and pays later: see ``settle(_:as:)``.
        case accepts
        case refuses(String)
        /// Fails before it has done anything.
        case breaks
        /// Pays, but its answer is lost.
        case paysAndIsLost
        /// Pays, but answers with something else.
        case paysAndBabbles
        /// Neither pays nor answers.
        case isLost
    }

    package struct Payment: Sendable, Hashable {
        package var attempt: Int
        package var status: PaymentAnswer.Status
        package var reason: String?
        package var sum: Int64
        package var number: String
        package let reference: String
    }

    /// The answer was lost on its way.
    package struct Lost: Error, CustomStringConvertible {
        package var description: String { "nobody answered" }
    }

    private struct State {
        var payments: [ID: Payment] = [:]
        var moved: [(payout: ID, sum: Int64, number: String)] = []
        var script: [Behaviour] = []
        var standard = Behaviour.pays
        var mute: Set<ID> = []
        var requests = 0
        var unproved = 0
    }

    package static let secret = Array("the secret of the sample provider".utf8)
    private let state = Mutex(State())
    private let now: @Sendable () -> Instant

    package init(now: @escaping @Sendable () -> Instant) {
        self.now = now
    }

    // MARK: What tests tell it

    /// Sets the behaviour for the next orders, in turn; after that `standard` again.
    package func script(_ behaviours: [Behaviour]) { state.withLock { $0.script = behaviours } }
    package func standard(_ behaviour: Behaviour) { state.withLock { $0.standard = behaviour } }

    /// From now on, it fails each time it is asked about this payout.
    package func mute(_ payout: ID) { state.withLock { _ = $0.mute.insert(payout) } }

    /// It has paid another sum for this payout, as if the payout was ordered before the installation was restored.
    package func hasPaid(_ sum: Int64, for payout: ID) { state.withLock { $0.payments[payout]?.sum = sum } }

    /// Finishes an accepted payment, and returns the callback that the bank would send.
    @discardableResult
    package func settle(_ payout: ID, as status: PaymentAnswer.Status, reason: String? = nil) -> [UInt8] {
        state.withLock { state in
            guard var payment = state.payments[payout] else { return [] }
            if payment.status == .accepted {
                payment.status = status
                payment.reason = reason
                if status == .paid { state.moved.append((payout, payment.sum, payment.number)) }
                state.payments[payout] = payment
            }
            return SampleBank.body(payout, payment)
        }
    }

    /// The body of a callback about a payment in its current state.
    package func notice(of payout: ID) -> [UInt8] {
        state.withLock { state in state.payments[payout].map { SampleBank.body(payout, $0) } ?? [] }
    }

    // MARK: What tests ask it

    /// Every movement of money, in order.
    package var moved: [(payout: ID, sum: Int64, number: String)] { state.withLock { $0.moved } }
    package var requests: Int { state.withLock { $0.requests } }
    /// How many requests had no valid signature.
    package var unproved: Int { state.withLock { $0.unproved } }
    package func payment(_ payout: ID) -> Payment? { state.withLock { $0.payments[payout] } }

    // MARK: The protocol

    /// Answers one request.
    /// - Throws: ``Lost`` if the caller gets no answer.
    package func answer(
        _ method: String, _ path: String, signature: String?, key: String?, body: [UInt8]
    ) throws -> (status: Int, body: [UInt8]) {
        let isProved = SignedRequest.accepts(
            signature, method, path, body: body, now: now(), secret: SampleBank.secret)
        state.withLock { state in
            state.requests += 1
            if !isProved { state.unproved += 1 }
        }
        guard isProved else { return (401, Array("{\"status\":\"unproved\"}".utf8)) }
        if method == "GET", let id = ID(String(path.split(separator: "/").last ?? "")) {
            if state.withLock({ $0.mute.contains(id) }) { return (500, Array("<h1>Oops</h1>".utf8)) }
            guard let payment = payment(id) else { return (404, Array("{\"status\":\"unknown\"}".utf8)) }
            return (200, SampleBank.body(id, payment))
        }
        guard method == "POST", path.hasSuffix("/payments"),
            let order = try? JSONDecoder().decode(Order.self, from: Data(body)), order.payout.description == key
        else { return (400, Array("{\"status\":\"not understood\"}".utf8)) }
        return try take(order)
    }

    private struct Order: Decodable {
        struct Target: Decodable {
            let number: String
        }
        let payout: ID
        let attempt: Int
        let sum: Int64
        let destination: Target
    }

    private func take(_ order: Order) throws -> (status: Int, body: [UInt8]) {
        try state.withLock { state in
            if let known = state.payments[order.payout], known.status != .refused || order.attempt <= known.attempt {
                return (200, SampleBank.body(order.payout, known))
            }
            let behaviour = state.script.isEmpty ? state.standard : state.script.removeFirst()
            if behaviour == .breaks { return (503, Array("<h1>Back soon</h1>".utf8)) }
            if behaviour == .isLost { throw Lost() }
            var payment = Payment(
                attempt: order.attempt, status: .paid, sum: order.sum, number: order.destination.number,
                reference: "ref-\(order.payout.description.suffix(6))-\(order.attempt)")
            switch behaviour {
            case .accepts: payment.status = .accepted
            case .refuses(let reason):
                payment.status = .refused
                payment.reason = reason
            default: state.moved.append((order.payout, order.sum, order.destination.number))
            }
            state.payments[order.payout] = payment
            if behaviour == .paysAndIsLost { throw Lost() }
            if behaviour == .paysAndBabbles { return (200, Array("{\"ok\":true}".utf8)) }
            return (payment.status == .accepted ? 202 : 200, SampleBank.body(order.payout, payment))
        }
    }

    private static func body(_ payout: ID, _ payment: Payment) -> [UInt8] {
        var fields = [
            "\"payout\":\"\(payout)\"", "\"attempt\":\(payment.attempt)", "\"status\":\"\(payment.status.rawValue)\"",
            "\"reference\":\"\(payment.reference)\"", "\"sum\":\(payment.sum)",
        ]
        if let reason = payment.reason { fields.append("\"reason\":\"\(reason)\"") }
        return Array("{\(fields.joined(separator: ","))}".utf8)
    }
}

extension HTTPProvider {
    /// Calls a sample bank without a socket between them. `fault` is called before and after each request, and may
    /// throw.
    package static func sample(
        _ bank: SampleBank, now: @escaping @Sendable () -> Instant, fault: @escaping @Sendable () throws -> Void = {}
    ) throws -> HTTPProvider {
        let provider = HTTPProvider(
            address: "https://pay.example.com/v1", secret: SampleBank.secret, publicAddress: "http://localhost:8080",
            now: now
        ) { request in
            func header(_ name: String) -> String? { request.headers.first { $0.name == name }?.value }
            try fault()
            let path = String(request.url.dropFirst("https://pay.example.com".count))
            let answer = try bank.answer(
                request.method, path, signature: header(SignedRequest.header), key: header("Idempotency-Key"),
                body: request.body)
            try fault()
            return Outbound.Response(status: answer.status, body: answer.body)
        }
        guard let provider else { throw ProviderTrouble("the sample provider's address is refused") }
        return provider
    }
}
