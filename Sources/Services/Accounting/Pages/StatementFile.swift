import Ledger
import Values

/// Statements and logs as CSV (RFC 4180), for spreadsheets (X29).
enum StatementFile {
    static func text(_ entries: [Ledger.Entry], calendar: BusinessCalendar) -> String {
        var lines = ["day,time,kind,task,jira_id,title,sum,balance,reason,entry,corrects"]
        for entry in entries {
            lines.append(
                [
                    entry.day.description, calendar.local(entry.at), entry.kind, entry.memo.subject?.description ?? "",
                    words(entry.memo.reference), words(entry.memo.title), entry.amount.plain, entry.balance.plain,
                    words(entry.memo.reason), entry.id.description, entry.memo.corrects?.description ?? "",
                ].joined(separator: ","))
        }
        return lines.joined(separator: "\r\n") + "\r\n"
    }

    static func text(_ days: [CompanyDay]) throws -> String {
        var lines = ["day,fees,rewards,income,paid,operations"]
        for day in days {
            lines.append(
                [
                    day.day.description, day.fees.plain, day.rewards.plain, try day.income().plain, day.paid.plain,
                    String(day.operations),
                ].joined(separator: ","))
        }
        return lines.joined(separator: "\r\n") + "\r\n"
    }

    /// What people typed: quoted, and with an apostrophe before what a spreadsheet would take for a formula.
    static func words(_ text: String?) -> String {
        guard let text, let first = text.unicodeScalars.first else { return "" }
        let safe = "=+-@\t\r".unicodeScalars.contains(first) ? "'" + text : text
        return "\"" + safe.replacing("\"", with: "\"\"") + "\""
    }
}
