import Directory
import Storage
import Values
import Web

/// The page of the day close (X26): what the next one would pay, its progress, and all earlier ones.
struct ClosePages: Sendable {
    let company: Company
    let confirm: ConfirmDay

    /// Shows in the navigation that a day waits to be confirmed.
    static let waiting = "/accounting/fragments/waiting/close"
    private static let rows = 50

    var endpoints: [Endpoint] { [close, asking, confirmation, count] }

    private var close: Endpoint {
        .page("/close", "The close of the business day", access: Rights.money) { [company] call, transaction in
            let format = call.format
            let state = try DayState.read(company.calendar, now: call.now, in: transaction)
            let total = try AccountLine.payableTotal(in: transaction)
            let (payable, morePayable) = try ClosePages.payable(call, in: transaction)
            let (history, olderDays) = try ClosePages.history(call, open: state.open, in: transaction)
            let closing = try DayRecord.unsealed(in: transaction).map {
                AccountingTexts.text(
                    "accounting.closing-day", call.language,
                    ["day": format.day($0.day), "count": format.count($0.swept)])
            }
            var model: [String: Model] = [
                "open": .text(format.day(state.open)), "ends": .time(state.ends),
                "sum": MoneyModel.text(total.sum, format), "people": .text(format.count(total.people)),
                "closing": .text(closing ?? ""), "suspicious": .flag(state.waits),
                "hasPayable": .flag(!payable.isEmpty), "payable": .list(payable), "morePayable": .text(morePayable),
                "hasHistory": .flag(!history.isEmpty), "history": .list(history), "olderDays": .text(olderDays),
                "heldLetters": Answer.include("/mailer/fragments/hold"),
            ]
            let words = ClosePages.words(state, state.clock, format)
            model["clock"] = .text(state.clock.description)
            model["warning"] = .text(AccountingTexts.text("accounting.suspicious", call.language, words))
            model["confirm"] = .text(AccountingTexts.text("accounting.suspicious.confirm", call.language, words))
            return .page("accounting/close", title: "accounting.close", .object(model))
        }
    }

    /// The values for the texts about a day that waits.
    private static func words(_ state: DayState, _ day: Day, _ format: Format) -> [String: String] {
        [
            "clock": format.day(state.clock), "open": format.day(state.open), "day": format.day(day),
            "days": format.count(state.clock.number - state.open.number),
        ]
    }

    /// Asks before a day is confirmed: shows what that closes and pays.
    private var asking: Endpoint {
        .page("/close/{day}/confirm", "What confirming a day does", access: Rights.money) {
            [confirm] call, transaction in
            let day = try call.day("day")
            let state = try confirm.state(toConfirm: day, now: call.now, in: transaction)
            let total = try AccountLine.payableTotal(in: transaction)
            let words = ClosePages.words(state, day, call.format)
            func text(_ key: String) -> String { AccountingTexts.text(key, call.language, words) }
            var confirmation = Confirmation(
                title: text("accounting.suspicious.asked"), button: "accounting.suspicious.close",
                lines: [text("accounting.suspicious"), text("accounting.suspicious.effect")],
                action: "/close/\(day)/confirmation", back: "/close")
            confirmation.facts = [
                (text("accounting.to-pay"), "\(call.format.money(total.sum)) \(call.company.currency)"),
                (text("accounting.people-paid"), call.format.count(total.people)),
            ]
            return .asking(confirmation)
        }
    }

    private var count: Endpoint {
        .count(
            ClosePages.waiting, access: Rights.money, about: "accounting.suspicious.count", as: .trouble,
            topics: ["accounting"]
        ) { [company] call, transaction in
            try DayState.read(company.calendar, now: call.now, in: transaction).waits ? 1 : 0
        }
    }

    private var confirmation: Endpoint {
        .form(
            "/close/{day}/confirmation", "Confirm a day far after the open one", access: Rights.money
        ) { [confirm] call, transaction in
            let day = try call.day("day")
            let state = try confirm(
                day, by: try call.person().id, now: call.now, trace: call.trace, in: transaction)
            return .redirect(to: "/close").saying(
                "accounting.confirmed", ["day": call.format.day(day), "open": call.format.day(state.open)])
        }
    }

    private static func payable(
        _ call: Call, in transaction: any Transaction
    ) throws -> (rows: [Model], more: String) {
        let after = try call.query("people").map { try ID(cursorValues: try Cursor.decode($0, count: 1)) }
        let part = ListPart(
            try AccountLine.payable(after: after, limit: rows + 1, in: transaction), limit: rows, by: \.person)
        return (part.rows.map { AccountPages.line($0, call) }, part.next.map { "/close?people=\($0)" } ?? "")
    }

    private static func history(
        _ call: Call, open: Day, in transaction: any Transaction
    ) throws -> (rows: [Model], more: String) {
        let before = try call.query("days").map { try Day(cursorValues: try Cursor.decode($0, count: 1)) }
        let part = ListPart(
            try DayRecord.before(before ?? open, limit: rows + 1, in: transaction), limit: rows, by: \.day)
        return (part.rows.map { row($0, call.format) }, part.next.map { "/close?days=\($0)" } ?? "")
    }

    private static func row(_ record: DayRecord, _ format: Format) -> Model {
        let seal = record.seal.map { Hexadecimal.text($0) } ?? ""
        return [
            "day": .text(record.day.description), "name": .text(format.day(record.day)),
            "done": .flag(record.sealedAt != nil),
            "accounts": .text(format.count(record.accounts)), "operations": .text(format.count(record.operations)),
            "payouts": .text(format.count(record.payouts)), "paid": MoneyModel.text(record.paid, format),
            "at": .time(record.sealedAt), "seal": .text(seal), "sealStart": .text(String(seal.prefix(16)) + "…"),
        ]
    }
}
