import Storage
import Values

extension Ledger {
    /// What corrections moved, with a sum for each direction. The sums of an account or of the company include
    /// corrections; this shows how much of them were corrections.
    package struct Corrections: Hashable, Sendable {
        /// Added to people's accounts.
        package private(set) var given = Cents.zero
        /// Taken from people's accounts.
        package private(set) var taken = Cents.zero
        package private(set) var count = 0

        package init() {}

        /// Negative if more was taken than given.
        package func sum() throws -> Cents { try given.minus(taken) }

        mutating func add(_ amount: Cents) throws {
            if amount < .zero { taken = try taken.minus(amount) } else { given = try given.plus(amount) }
            count += 1
        }
    }

    /// For services that query the corrections of a day. Corrections are few and entered by hand; other entries add
    /// nothing to this index.
    package static let correctionIndex =
        "CREATE INDEX entry_correction ON entry (day, account) WHERE corrects IS NOT NULL"

    /// An account's corrections that were booked on a day.
    package static func corrections(
        of account: ID, on day: Day, in transaction: any Transaction
    ) throws -> Corrections {
        var corrections = Corrections()
        try transaction.forEach(
            "SELECT amount FROM entry WHERE corrects IS NOT NULL AND day = \(day) AND account = \(account)"
        ) { try corrections.add(try $0(0)) }
        return corrections
    }

    /// Everyone's corrections, by company account and by the day on which they were booked.
    package static func corrections(
        from first: Day, through last: Day, in transaction: any Transaction
    ) throws -> [CompanyAccount: [Day: Corrections]] {
        var corrections: [CompanyAccount: [Day: Corrections]] = [:]
        try transaction.forEach(
            """
            SELECT counterpart, day, amount FROM entry WHERE corrects IS NOT NULL AND day >= \(first) AND day <= \(last)
            """
        ) { row in
            let name = CompanyAccount(try row(0))
            try corrections[name, default: [:]][try row(1), default: Corrections()].add(try row(2))
        }
        return corrections
    }
}
