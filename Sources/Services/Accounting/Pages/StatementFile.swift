import Ledger
import Values
import Web

/// Statements and logs as CSV (RFC 4180), for spreadsheets (X29).
enum StatementFile {
    static func text(_ entries: [Ledger.Entry], calendar: BusinessCalendar) -> String {
        var lines = ["day,time,kind,task,jira_id,title,sum,balance,reason,entry,corrects"]
        for entry in entries {
            lines.append(
                [
                    entry.day.description, calendar.local(entry.at), entry.kind, entry.memo.subject?.description ?? "",
                    CSV.words(entry.memo.reference), CSV.words(entry.memo.title), entry.amount.plain,
                    entry.balance.plain,
                    CSV.words(entry.memo.reason), entry.id.description, entry.memo.corrects?.description ?? "",
                ].joined(separator: ","))
        }
        return lines.joined(separator: "\r\n") + "\r\n"
    }

    static func text(_ days: [CompanyDay]) throws -> String {
        var lines = ["day,fees,rewards,corrections,income,paid,operations"]
        for day in days {
            lines.append(
                [
                    day.day.description, day.fees.plain, day.rewards.plain, day.corrections.plain,
                    try day.income().plain, day.paid.plain, String(day.operations),
                ].joined(separator: ","))
        }
        return lines.joined(separator: "\r\n") + "\r\n"
    }
}
