import Contracts
import Messaging
import Storage
import Values
import Web

/// A person confirms that the clock is right although it is far past the open day (X26). Nothing is closed before that.
struct ConfirmDay: Sendable {
    let journal: Journal
    let company: Company

    /// Returns the state of the business day before the confirmation.
    @discardableResult
    func callAsFunction(
        _ day: Day, by person: ID, now: Instant, trace: String, in transaction: any Transaction
    ) throws -> DayState {
        _ = try OpenDay.locked(in: transaction)
        let state = try self.state(toConfirm: day, now: now, in: transaction)
        let confirmed = try transaction.change(
            """
            INSERT INTO day_confirmation (day, person, at) VALUES (\(day), \(person), \(now))
            ON CONFLICT (day) DO NOTHING
            """)
        guard confirmed == 1 else { return state }
        let installation = company.installation
        try journal.append(
            DayConfirmed(installation: installation, day: day, open: state.open, by: person, time: now),
            id: installation.derived("confirmed \(day) \(now.milliseconds)"), at: now, trace: trace, in: transaction)
        return state
    }

    /// The state of the business day, if `day` is the day that waits to be confirmed.
    /// - Throws: 409 if no day waits, or another one does.
    func state(toConfirm day: Day, now: Instant, in transaction: any Transaction) throws -> DayState {
        let state = try DayState.read(company.calendar, now: now, in: transaction)
        guard state.waits else { throw Problem.conflict("accounting.nothing-to-confirm") }
        guard day > state.open, day <= state.clock else {
            throw Problem.conflict("accounting.other-day", values: ["day": state.clock.description])
        }
        return state
    }
}
