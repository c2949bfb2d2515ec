import Messaging
import Storage
import Values
import Web

/// The command: one function in one transaction. If it throws, everything it did is rolled back.
struct GiveThanks {
    let journal: Journal
    let longest: Int

    func callAsFunction(
        for task: ID, words: String, by giver: ID, _ call: Call, in transaction: any Transaction
    ) throws -> ID {
        let words = words.trimmed()
        guard (1...longest).contains(words.unicodeScalars.count) else {
            throw Problem.invalid("words", "thanks.words", values: ["longest": String(longest)])
        }
        guard let done = try DoneTask.find(task, in: transaction) else {
            throw Problem.invalid("task", "thanks.not-done")
        }
        guard done.person != giver else { throw Problem.invalid("task", "thanks.own") }
        let (id, now) = (call.environment.newID(), call.now)
        let written = try transaction.change(
            """
            INSERT INTO thanks (id, task, person, giver, words, at)
            VALUES (\(id), \(task), \(done.person), \(giver), \(words), \(now)) ON CONFLICT (task, giver) DO NOTHING
            """)
        guard written == 1 else { throw Problem.conflict("thanks.twice") }
        // In the same transaction: the event is there if the row is, and not if it isn't.
        try journal.append(
            ThanksGiven(task: task, person: done.person, by: giver, words: words, time: now), id: id, at: now,
            trace: call.trace, in: transaction)
        return id
    }
}
