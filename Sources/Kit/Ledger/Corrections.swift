import Storage
import Values

extension Ledger {
    /// What corrections moved, each direction for itself: sums of an account or of the company hold them among the
    /// rest, and are told apart by this.
    package struct Corrections: Hashable, Sendable {
        /// Added to people's accounts.
        package private(set) var given = Cents.zero
        /// Taken from them.
        package private(set) var taken = Cents.zero
        package private(set) var count = 0

        package init() {}

        /// Below zero where more was taken than given.
        package func sum() throws -> Cents { try given.minus(taken) }

        mutating func add(_ amount: Cents) throws {
            if amount < .zero { taken = try taken.minus(amount) } else { given = try given.plus(amount) }
            count += 1
        }
    }

    /// For who asks for corrections of a day. They are few, entered by hand; other entries cost it nothing.
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

    /// Everybody's, by the company account and the day on which they were booked.
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
