import Schemas
import Values
import Web

extension DayRecord: Shown {
    /// The close of one day, as programs see it. It has figures once the close is done.
    static let resource = Resource<DayRecord>("DayClose") {
        Field("day", \.day, "The business day")
        Field("started_at", \.startedAt, "When its close began")
        Field("swept", \.swept, "How many accounts the close has been through so far")
        Field("accounts", { $0.done($0.accounts) }, "How many accounts were closed")
        Field("operations", { $0.done($0.operations) }, "Fees, rewards and corrections of the day")
        Field("payouts", { $0.done($0.payouts) }, "How many people were paid")
        Field("paid", { $0.done($0.paid) }, "How much in all")
        Field("seal", \.sealText, "SHA-256 over the heads of all accounts; missing while it goes on")
        Field("sealed_at", \.sealedAt, "When it was done")
    }

    private func done<T>(_ value: T) -> T? { sealedAt == nil ? nil : value }
    private var sealText: String? { seal.map { Hexadecimal.text($0) } }
}

/// What the next close would do, and what it waits for.
struct NextClose: Sendable {
    let state: DayState
    let closing: DayRecord?
    let people: Int
    let sum: Cents
    let payable: ListPart<AccountLine>

    static let resource = Resource<NextClose>("NextClose") {
        Field("day", \.state.open, "The business day that is open")
        Field("ends_at", \.state.ends, "When it ends")
        Field("clock_day", \.state.clock, "The business day of the server's clock; the one to confirm where it waits")
        Field(
            "waits_for_confirmation", \.state.waits,
            "The clock is more than seven days after the open day: nothing is closed before a person confirms it")
        Field("closing", \.closing, "The close that is going on")
        Field("people", \.people, "How many would be paid if the day ended now")
        Field("sum", \.sum, "How much in all")
        Field("items", \.payable.rows, "Who, and how much")
        Field("next", \.payable.next, "Cursor of the next page; missing on the last")
    }
}
