import Values
import Web

/// The close of one day.
struct DayCloseView: Encodable, Sendable {
    let day: Day
    let startedAt: Instant
    let swept: Int
    let accounts: Int?
    let operations: Int?
    let payouts: Int?
    let paid: Cents?
    let seal: String?
    let sealedAt: Instant?

    enum CodingKeys: String, CodingKey {
        case day, swept, accounts, operations, payouts, paid, seal
        case startedAt = "started_at"
        case sealedAt = "sealed_at"
    }

    init(_ record: DayRecord) {
        let done = record.sealedAt != nil
        day = record.day
        startedAt = record.startedAt
        swept = record.swept
        accounts = done ? record.accounts : nil
        operations = done ? record.operations : nil
        payouts = done ? record.payouts : nil
        paid = done ? record.paid : nil
        seal = record.seal.map { Hexadecimal.text($0) }
        sealedAt = record.sealedAt
    }

    static let schema = Schema.object(
        "DayClose",
        [
            .init("day", .day, "The business day"),
            .init("started_at", .instant, "When its close began"),
            .init("swept", .integer(0...Int64.max), "How many accounts the close has been through so far"),
            .init("accounts", .optional(.integer(0...Int64.max)), "How many accounts were closed"),
            .init("operations", .optional(.integer(0...Int64.max)), "Fees, rewards and corrections of the day"),
            .init("payouts", .optional(.integer(0...Int64.max)), "How many people were paid"),
            .init("paid", .optional(.cents), "How much in all"),
            .init("seal", .optional(.string), "SHA-256 over the heads of all accounts; missing while it goes on"),
            .init("sealed_at", .optional(.instant), "When it was done"),
        ])
}

/// What the next close would do, and what it waits for.
struct NextCloseView: Encodable, Sendable {
    let day: Day
    let endsAt: Instant
    let clockDay: Day
    let waitsForConfirmation: Bool
    let closing: DayCloseView?
    let people: Int
    let sum: Cents
    let items: [AccountLineView]
    let next: String?

    enum CodingKeys: String, CodingKey {
        case day, closing, people, sum, items, next
        case endsAt = "ends_at"
        case clockDay = "clock_day"
        case waitsForConfirmation = "waits_for_confirmation"
    }

    static let schema = Schema.object(
        "NextClose",
        [
            .init("day", .day, "The business day that is open"),
            .init("ends_at", .instant, "When it ends"),
            .init("clock_day", .day, "The business day of the server's clock; the one to confirm where it waits"),
            .init(
                "waits_for_confirmation", .boolean,
                "The clock is more than seven days after the open day: nothing is closed before a person confirms it"),
            .init("closing", .optional(DayCloseView.schema), "The close that is going on"),
            .init("people", .integer(0...Int64.max), "How many would be paid if the day ended now"),
            .init("sum", .cents, "How much in all"),
            .init("items", .list(AccountLineView.schema), "Who, and how much"),
            .init("next", .optional(.string), "Cursor of the next page; missing on the last"),
        ])
}
