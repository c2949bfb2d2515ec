import Foundation
import Schemas
import Storage
import Values
import Web

/// One letter to one person, and its delivery.
struct Letter: Sendable, Hashable {
    /// What the letter is for.
    enum Kind: String, CaseIterable, JSONWord {
        case account, assigned, payout, access, destination, link
    }

    enum State: String, CaseIterable, JSONWord {
        /// Waits for its turn, or for its next try.
        case waiting
        case sent
        /// The server refused it.
        case refused
        /// Given up after failing for days.
        case givenUp = "given-up"
        /// Not sent: there was no mail server when it was written.
        case kept
    }

    /// The order in which letters were written. A person's letters are sent in this order.
    let position: Int64
    /// Derived from the event's id; the Message-ID is made of it.
    let id: ID
    let person: ID
    let kind: Kind
    /// The business day that a payout's letter is about.
    let day: Day?
    /// How many events it is about.
    let items: Int
    /// JSON of ``LetterContent``; `nil` once dropped.
    let content: [UInt8]?
    let language: Language
    /// The address that it was last sent to.
    let address: String?
    let state: State
    let at: Instant
    /// All attempts so far.
    let tries: Int
    /// Attempts since it was last put in the queue.
    let failures: Int
    /// `nil` while an earlier letter to the same person waits, and at the end.
    let nextTry: Instant?
    /// A failed attempt after this is the last one.
    let deadline: Instant
    /// The last message about its delivery; empty if there is none.
    let words: String
    let endedAt: Instant?
    /// How often a person sent it again.
    let copies: Int
    /// The person's old address, if the letter goes there; `nil` for the person's address at the time of sending.
    let addressee: String?

    /// The address that it was last sent to, or must go to; `nil` for the person's address at the time of sending.
    var ownAddress: String? { address ?? addressee }

    static let columns: SQL = """
        position, id, person, kind, day, items, content, language, address, state, at, tries, failures, next_try, \
        deadline, words, ended_at, copies, addressee
        """

    init(_ row: Row) throws {
        position = try row(0)
        id = try row(1)
        person = try row(2)
        kind = try Letter.named(try row(3))
        day = try row(4)
        items = try row(5)
        content = try row(6)
        language = try Letter.named(try row(7))
        address = try row(8)
        state = try Letter.named(try row(9))
        at = try row(10)
        tries = try row(11)
        failures = try row(12)
        nextTry = try row(13)
        deadline = try row(14)
        words = try row(15)
        endedAt = try row(16)
        copies = try row(17)
        addressee = try row(18)
    }

    private static func named<T: RawRepresentable<String>>(_ text: String) throws -> T {
        guard let value = T(rawValue: text) else { throw StorageError.decoding("\(text) is no \(T.self)") }
        return value
    }

    /// What the letter says; `nil` once dropped.
    func said() throws -> LetterContent? {
        try content.map { try JSONDecoder().decode(LetterContent.self, from: Data($0)) }
    }

    static func of(_ id: ID, in transaction: any Transaction) throws -> Letter? {
        try transaction.fetchOne("SELECT \(columns) FROM letter WHERE id = \(id)").map(Letter.init)
    }

    /// The letter about a person's payout on a day.
    static func ofPayout(to person: ID, on day: Day, in transaction: any Transaction) throws -> Letter? {
        try transaction.fetchOne("SELECT \(columns) FROM letter WHERE person = \(person) AND day = \(day)")
            .map(Letter.init)
    }
}
