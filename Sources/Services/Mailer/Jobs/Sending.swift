import Directory
import ServiceKit
import Storage
import Values

/// Sends due letters one after another. One transaction marks the attempt, the letter is sent outside of any
/// transaction, and the next transaction records the result and marks the next attempt. So a letter costs one commit.
/// If the program dies at any point, at most one letter may be sent twice, with the same Message-ID.
struct Sending: Sendable {
    let transport: any MailTransport
    let writer: LetterWriter
    /// Makes the links of letters that have one (S8).
    let links: LinkMaker

    /// A step ends after this many letters or milliseconds, so that the service can stop and other jobs get their turn.
    private static let letters = 200
    private static let milliseconds: Int64 = 300

    /// A letter that is being sent.
    private struct Parcel: Sendable {
        let letter: Letter
        let number: Int
        let to: Mailbox
    }

    private struct Done: Sendable {
        let parcel: Parcel
        let delivery: Delivery
    }

    /// Returns whether there may be more to do at once.
    func step(_ environment: Environment, in database: any Database) throws -> Bool {
        let now = environment.now()
        try Sending.bringBack(at: now, in: database)
        guard try database.read({ try Sending.isDue(at: now, in: $0) }) else { return false }
        let began = environment.uptime()
        var done: Done?
        for count in 1...Sending.letters {
            let (before, now, mayGiveUp) = (done, environment.now(), environment.mayLapse)
            let isLast = count == Sending.letters || environment.uptime() - began > Sending.milliseconds
            let next = try database.write { transaction -> Parcel? in
                if let before { try record(before, at: now, mayGiveUp, in: transaction) }
                return isLast ? nil : try take(at: now, mayGiveUp, in: transaction)
            }
            guard let next else { return isLast }
            done = Done(parcel: next, delivery: try deliver(next))
        }
        return true
    }

    /// A letter that waits longer than the longest pause was scheduled before the clock was put back: it is due now
    /// (X65).
    private static func bringBack(at now: Instant, in database: any Database) throws {
        let latest = now.adding(seconds: Pauses.longest)
        let late = try database.read { transaction in
            try transaction.fetchOne("SELECT position FROM letter WHERE next_try > \(latest) LIMIT 1") != nil
        }
        guard late else { return }
        try database.write {
            try $0.send("UPDATE letter SET next_try = \(now) WHERE next_try > \(latest)")
        }
    }

    private static func isDue(at now: Instant, in transaction: any Transaction) throws -> Bool {
        guard try mayTake(try Outbox.read(in: transaction), at: now) else { return false }
        return try transaction.fetchOne("SELECT position FROM letter WHERE next_try <= \(now) LIMIT 1") != nil
    }

    private static func mayTake(_ outbox: Outbox, at now: Instant) throws -> Bool {
        outbox.heldAt == nil
            && (outbox.pausedUntil.map { $0 <= now || $0 > now.adding(seconds: Pauses.longest) } ?? true)
    }

    // MARK: Before

    /// Marks the next attempt. Letters that cannot be sent at all end here.
    private func take(at now: Instant, _ mayGiveUp: Bool, in transaction: any Transaction) throws -> Parcel? {
        guard try Sending.mayTake(try Outbox.shared(in: transaction), at: now) else { return nil }
        // Limited: letters without an address are skipped, but only this many in one transaction.
        for _ in 0..<50 {
            let row = try transaction.fetchLocking(
                "SELECT \(Letter.columns) FROM letter WHERE next_try <= \(now) ORDER BY next_try, position LIMIT 1"
            ).first
            guard let letter = try row.map(Letter.init) else { return nil }
            if let to = try address(of: letter, at: now, mayGiveUp, in: transaction) {
                return try mark(letter, to: to, at: now, in: transaction)
            }
        }
        return nil
    }

    /// Where the letter goes: to the person's present address, or to the old one that it was written for. `nil` if
    /// there is none; then the letter waits, or has ended.
    private func address(
        of letter: Letter, at now: Instant, _ mayGiveUp: Bool, in transaction: any Transaction
    ) throws -> Mailbox? {
        guard letter.content != nil else {
            try LetterQueue.end(
                letter, .givenUp, words: "what it said was dropped before it was sent", at: now, in: transaction)
            return nil
        }
        guard letter.kind != .link || now < letter.deadline || !mayGiveUp else {
            try LetterQueue.end(
                letter, .givenUp, words: "the link was asked for too long ago", at: now, in: transaction)
            return nil
        }
        guard let person = try Directory.person(letter.person, in: transaction) else {
            // The person's registration has not arrived yet.
            if now < letter.deadline || !mayGiveUp {
                try transaction.send(
                    """
                    UPDATE letter SET next_try = \(now.adding(seconds: Pauses.unknown)), words = 'the person is not known yet'
                    WHERE position = \(letter.position)
                    """)
            } else {
                try LetterQueue.end(letter, .givenUp, words: "the person is not known", at: now, in: transaction)
            }
            return nil
        }
        do {
            return try Mailbox(name: person.name, address: letter.addressee ?? person.email)
        } catch {
            let address = letter.addressee ?? person.email
            try LetterQueue.end(letter, .refused, words: words(error, address), at: now, in: transaction)
            return nil
        }
    }

    private func words(_ fault: MailAddress.Fault, _ address: String) -> String {
        switch fault {
        case .malformed: address.isEmpty ? "no address is known" : "\(address) is no address"
        case .localBeyondASCII: "\(address) has letters before the @ that many mail servers do not take"
        }
    }

    private func mark(
        _ letter: Letter, to: Mailbox, at now: Instant, in transaction: any Transaction
    ) throws -> Parcel {
        let number = letter.tries + 1
        try transaction.send(
            """
            UPDATE letter SET tries = \(number), next_try = \(now.adding(seconds: Pauses.attempt)), address = \(to.address)
            WHERE position = \(letter.position)
            """)
        try transaction.send(
            """
            INSERT INTO attempt (letter, number, at, address, ended_at, outcome, words)
            VALUES (\(letter.position), \(number), \(now), \(to.address), NULL, NULL, '')
            """)
        return Parcel(letter: letter, number: number, to: to)
    }

    // MARK: Between

    private func deliver(_ parcel: Parcel) throws -> Delivery {
        guard let content = try parcel.letter.said() else {
            return Delivery(.refused, words: "what it said was dropped before it was sent")
        }
        var link: String?
        if case .link(let asked) = content {
            switch links.make(asked, for: parcel.letter.person, at: parcel.to.address) {
            case .made(let path): link = path
            case .not(let delivery): return delivery
            }
        }
        let message = writer.message(content, of: parcel.letter, to: parcel.to, link: link)
        return try transport.send(from: writer.from.address, to: parcel.to.address, message: message.bytes)
    }

    // MARK: After

    private func record(
        _ done: Done, at now: Instant, _ mayGiveUp: Bool, in transaction: any Transaction
    ) throws {
        let (letter, delivery) = (done.parcel.letter, done.delivery)
        let words = delivery.words.beginning(1000).replacing("\0", by: "")
        try transaction.send(
            """
            UPDATE attempt SET ended_at = \(now), outcome = \(delivery.outcome.rawValue), words = \(words)
            WHERE letter = \(letter.position) AND number = \(done.parcel.number)
            """)
        if delivery.outcome == .away {
            try Outbox.read(in: transaction).serverIsAway(words, at: now, in: transaction)
        } else {
            try Outbox.serverIsThere(in: transaction)
        }
        // If another attempt has begun since, this one took too long, and the other one's result counts.
        let row = try transaction.fetchLocking(
            """
            SELECT position FROM letter WHERE position = \(letter.position) AND state = 'waiting'
            AND tries = \(done.parcel.number)
            """)
        guard !row.isEmpty else { return }
        switch delivery.outcome {
        case .accepted: try LetterQueue.end(letter, .sent, words: words, at: now, in: transaction)
        case .refused: try LetterQueue.end(letter, .refused, words: words, at: now, in: transaction)
        case .later, .away:
            guard now < letter.deadline || !mayGiveUp else {
                return try LetterQueue.end(letter, .givenUp, words: words, at: now, in: transaction)
            }
            let pause = Pauses.letter(after: letter.failures)
            try transaction.send(
                """
                UPDATE letter SET failures = failures + 1, next_try = \(now.adding(seconds: pause)), words = \(words)
                WHERE position = \(letter.position)
                """)
        }
    }
}
