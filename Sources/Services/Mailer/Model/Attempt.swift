import ServiceKit
import Storage
import Values

/// One attempt to send a letter.
struct Attempt: Sendable, Hashable {
    let number: Int
    let at: Instant
    let address: String
    /// `nil` if the program ended before it knew the result.
    let endedAt: Instant?
    let outcome: Delivery.Outcome?
    let words: String

    /// A letter's attempts, the latest first.
    static func of(_ letter: Letter, in transaction: any Transaction) throws -> [Attempt] {
        try transaction.fetch(
            """
            SELECT number, at, address, ended_at, outcome, words FROM attempt WHERE letter = \(letter.position)
            ORDER BY number DESC LIMIT 200
            """
        ).map { row in
            Attempt(
                number: try row(0), at: try row(1), address: try row(2), endedAt: try row(3),
                outcome: try row(4, as: String?.self).flatMap(Delivery.Outcome.init(rawValue:)), words: try row(5))
        }
    }
}
