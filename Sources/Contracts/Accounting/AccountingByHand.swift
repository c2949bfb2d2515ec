import Directory
import Messaging
import Schemas
import Values

/// A correction was entered that is larger than what it corrects: it waits for a second accountant or admin (X23). Once
/// it is booked, ``EntryCorrected`` tells of it.
package struct CorrectionRequested: Sendable {
    package static let topic = Topic.accounting
    package static let name = "correction-requested"
    package static let version = 1

    /// Once it is booked, also the id of the entry.
    package let correction: ID
    package let corrects: ID
    package let person: ID
    /// Signed, cents.
    package let sum: Cents
    package let reason: String
    package let by: ID
    package let time: Instant
    package var key: ID { person }

    package init(correction: ID, corrects: ID, person: ID, sum: Cents, reason: String, by: ID, time: Instant) {
        self.correction = correction
        self.corrects = corrects
        self.person = person
        self.sum = sum
        self.reason = reason
        self.by = by
        self.time = time
    }
}

extension CorrectionRequested: Contract {
    package static let about = "A correction was entered that waits for a second person"
    package static let keyField = "person"
    package static let shape = Shape("CorrectionRequested", CorrectionRequested.init) {
        Field("correction", \.correction, "The correction, and the entry once it is booked")
        Field("corrects", \.corrects, "The entry that it is to correct")
        Field("person", \.person, "Whose account; the event's key")
        Field("sum", \.sum, "Signed: what it would add to the balance, whole cents")
        Field("reason", \.reason, "Why, in the accountant's words")
        Field("by", \.by, "Who entered it")
        Field("time", \.time, "When")
    }
    package static var example: CorrectionRequested {
        CorrectionRequested(
            correction: Examples.other, corrects: Examples.another, person: Examples.emma, sum: .units(-50),
            reason: "Entered twice", by: Examples.abe, time: Examples.time)
    }
}

extension CorrectionRequested: AuditedContract {
    package static let kinds: [String: AuditArea] = ["correction-requested": .money]

    package var audit: Audit? {
        var audit = Audit("correction-requested", of: person, by: by)
        audit.sum = sum
        audit.reason = reason
        return audit
    }
}

/// A correction that waited was refused, or taken back by who had entered it (X23).
package struct CorrectionRefused: Sendable {
    package static let topic = Topic.accounting
    package static let name = "correction-refused"
    package static let version = 1

    package let correction: ID
    package let person: ID
    /// Signed, cents.
    package let sum: Cents
    package let by: ID
    /// Who had entered it.
    package let author: ID
    package let time: Instant
    package var key: ID { person }

    package init(correction: ID, person: ID, sum: Cents, by: ID, author: ID, time: Instant) {
        self.correction = correction
        self.person = person
        self.sum = sum
        self.by = by
        self.author = author
        self.time = time
    }
}

extension CorrectionRefused: Contract {
    package static let about = "A correction that waited was refused, or taken back"
    package static let keyField = "person"
    package static let shape = Shape("CorrectionRefused", CorrectionRefused.init) {
        Field("correction", \.correction, "The correction")
        Field("person", \.person, "Whose account; the event's key")
        Field("sum", \.sum, "Signed: what it would have added to the balance, whole cents")
        Field("by", \.by, "Who refused it, or took it back")
        Field("author", \.author, "Who had entered it")
        Field("time", \.time, "When")
    }
    package static var example: CorrectionRefused {
        CorrectionRefused(
            correction: Examples.other, person: Examples.emma, sum: .units(-50), by: Examples.leo,
            author: Examples.abe, time: Examples.time)
    }
}

extension CorrectionRefused: AuditedContract {
    package static let kinds: [String: AuditArea] = [
        "correction-refused": .money, "correction-withdrawn": .money,
    ]

    package var audit: Audit? {
        var audit = Audit(by == author ? "correction-withdrawn" : "correction-refused", of: person, by: by)
        audit.sum = sum
        return audit
    }
}

/// An accountant or admin has confirmed that the clock is right although it is far past the open day (X26).
package struct DayConfirmed: Sendable {
    package static let topic = Topic.accounting
    package static let name = "day-confirmed"
    package static let version = 1

    package let installation: ID
    package let day: Day
    /// The day that was open.
    package let open: Day
    package let by: ID
    package let time: Instant
    package var key: ID { installation }

    package init(installation: ID, day: Day, open: Day, by: ID, time: Instant) {
        self.installation = installation
        self.day = day
        self.open = open
        self.by = by
        self.time = time
    }
}

extension DayConfirmed: Contract {
    package static let about = "An accountant or admin confirmed a business day far after the open one"
    package static let keyField = "installation"
    package static let shape = Shape("DayConfirmed", DayConfirmed.init) {
        Field("installation", \.installation, "The event's key: one for the whole installation")
        Field("day", \.day, "The business day up to which days are closed now")
        Field("open", \.open, "The business day that was open")
        Field("by", \.by, "Who confirmed it")
        Field("time", \.time, "When")
    }
    package static var example: DayConfirmed {
        DayConfirmed(
            installation: Examples.installation, day: Day(number: Examples.day.number + 20), open: Examples.day,
            by: Examples.abe, time: Examples.time)
    }
}

extension DayConfirmed: AuditedContract {
    package static let kinds: [String: AuditArea] = ["day-confirmed": .money]

    package var audit: Audit? {
        var audit = Audit("day-confirmed", by: by)
        audit.before = open.description
        audit.after = day.description
        return audit
    }
}
