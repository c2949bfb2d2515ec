import Foundation
import Storage
import Values
import Web

/// The queue of letters; each person's letters are sent in order.
struct LetterQueue: Sendable {
    /// The language of the letters that are added.
    let language: Language
    let now: @Sendable () -> Instant

    /// A letter that is going to be written.
    struct Draft: Sendable {
        /// Derived from the event that the letter is about.
        let id: ID
        let person: ID
        let content: LetterContent
        /// When the event's change happened.
        let time: Instant
        var day: Day?
        var items = 1
        /// See ``Letter/addressee``.
        var addressee: String?
        /// For how many seconds it is tried.
        var patience = Pauses.patience
    }

    /// Adds letters, in their order. Letters that were added before are skipped.
    func add(_ drafts: [Draft], in transaction: any Transaction) throws {
        let drafts = try unknown(drafts, in: transaction)
        guard !drafts.isEmpty else { return }
        let (outbox, now) = (try Outbox.shared(in: transaction), now())
        var busy = try LetterQueue.busy(
            drafts.filter { outbox.sends($0.time) }.map(\.person), in: transaction)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let rows = try drafts.map { draft -> [Value] in
            let sends = outbox.sends(draft.time)
            let isFirst = sends && busy.insert(draft.person).inserted
            let state = sends ? Letter.State.waiting : .kept
            return [
                draft.id.stored, draft.person.stored, .text(draft.content.kind.rawValue), draft.day.stored,
                draft.items.stored, .blob([UInt8](try encoder.encode(draft.content))), .text(language.rawValue),
                .text(state.rawValue), now.stored, (isFirst ? now : nil).stored,
                now.adding(seconds: draft.patience).stored,
                (sends ? nil : now).stored, draft.addressee.stored,
            ]
        }
        try transaction.send(
            """
            INSERT INTO letter (id, person, kind, day, items, content, language, state, at, next_try, deadline, ended_at,
            addressee, address, tries, failures, words, copies)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, 0, 0, '', 0)
            """, rows: rows)
    }

    private func unknown(_ drafts: [Draft], in transaction: any Transaction) throws -> [Draft] {
        let rows = try transaction.fetch(in: drafts.map(\.id)) { "SELECT id FROM letter WHERE id IN (\(list: $0))" }
        var known = Set(try rows.map { try $0(0, as: ID.self) })
        return drafts.filter { known.insert($0.id).inserted }
    }

    /// Those of these people who have a waiting letter. That letter stays in its state until this transaction ends.
    private static func busy(_ people: [ID], in transaction: any Transaction) throws -> Set<ID> {
        let rows = try transaction.fetchSharing(in: Set(people).sorted()) {
            "SELECT person FROM letter WHERE state = 'waiting' AND person IN (\(list: $0)) ORDER BY person"
        }
        return Set(try rows.map { try $0(0, as: ID.self) })
    }

    /// Adds a copy of a letter, behind other letters that wait for the same person.
    static func addAgain(_ letter: Letter, at now: Instant, in transaction: any Transaction) throws {
        let first = try busy([letter.person], in: transaction).isEmpty ? now : nil
        try transaction.send(
            """
            UPDATE letter SET state = 'waiting', next_try = \(first.stored), deadline = \(now.adding(seconds: Pauses.patience)),
            failures = 0, words = '', ended_at = NULL, copies = copies + 1 WHERE position = \(letter.position)
            """)
    }

    /// Ends a letter, and makes the person's next one due.
    static func end(
        _ letter: Letter, _ state: Letter.State, words: String, at now: Instant, in transaction: any Transaction
    ) throws {
        try transaction.send(
            """
            UPDATE letter SET state = \(state.rawValue), next_try = NULL, words = \(words), ended_at = \(now)
            WHERE position = \(letter.position)
            """)
        try transaction.send(
            """
            UPDATE letter SET next_try = \(now) WHERE next_try IS NULL AND position = (
                SELECT MIN(position) FROM letter WHERE state = 'waiting' AND person = \(letter.person))
            """)
    }

    /// Keeps all waiting letters, so that they are not sent.
    static func keepWaiting(at now: Instant, in transaction: any Transaction) throws {
        try transaction.send(
            "UPDATE letter SET state = 'kept', next_try = NULL, ended_at = \(now) WHERE state = 'waiting'")
    }
}
