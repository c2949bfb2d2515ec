import Storage
import Values
import Web

/// A person's word that the clock is right although it is far after the open day (X26). Until then nothing is closed.
struct ConfirmDay: Sendable {
    let calendar: BusinessCalendar

    /// Returns where the business day stood before.
    @discardableResult
    func callAsFunction(
        _ day: Day, by person: ID, now: Instant, in transaction: any Transaction
    ) throws -> DayState {
        _ = try OpenDay.locked(in: transaction)
        let state = try self.state(toConfirm: day, now: now, in: transaction)
        try transaction.send(
            """
            INSERT INTO day_confirmation (day, person, at) VALUES (\(day), \(person), \(now))
            ON CONFLICT (day) DO NOTHING
            """)
        return state
    }

    /// Where the business day stands, if that day is to be confirmed.
    /// - Throws: 409 where nothing waits, or another day does.
    func state(toConfirm day: Day, now: Instant, in transaction: any Transaction) throws -> DayState {
        let state = try DayState.read(calendar, now: now, in: transaction)
        guard state.waits else { throw Problem.conflict("accounting.nothing-to-confirm") }
        guard day > state.open, day <= state.clock else {
            throw Problem.conflict("accounting.other-day", values: ["day": state.clock.description])
        }
        return state
    }
}
