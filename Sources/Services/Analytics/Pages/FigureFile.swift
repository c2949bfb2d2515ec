import Values
import Web

/// Figures as CSV (RFC 4180), for spreadsheets.
enum FigureFile {
    static func income(_ days: [DayFigures], _ sums: [Day: DaySums]) -> String {
        table(
            "day,fees,rewards,corrections,income,operations,state",
            days.map { day in
                let sum = sums[day.day] ?? DaySums()
                return [
                    day.day.description, sum.fees.plain, sum.rewards.plain, sum.corrections.plain, day.income.plain,
                    String(day.operations), day.state.rawValue,
                ]
            })
    }

    static func belowZero(_ days: [DayFigures]) -> String {
        table(
            "day,people_below_zero,state", days.map { [$0.day.description, String($0.belowZero), $0.state.rawValue] })
    }

    static func dearest(_ days: [DayFigures]) -> String {
        table(
            "day,reward,task,jira_id,title,person,state",
            days.map { day in
                [
                    day.day.description, day.dearest?.reward.plain ?? "", day.dearest?.task.description ?? "",
                    CSV.words(day.dearest?.jiraID), CSV.words(day.dearest?.title),
                    day.dearest?.person.description ?? "",
                    day.state.rawValue,
                ]
            })
    }

    static func belowZero(_ lines: [BelowZero], names: [ID: String]) -> String {
        table(
            "person,name,balance",
            lines.map { [$0.person.description, CSV.words(names[$0.person]), $0.balance.plain] })
    }

    static func people(_ lines: [PersonDay], names: [ID: String]) -> String {
        table(
            "day,person,name,operations,charged,rewarded,corrected,paid,balance",
            lines.map { line in
                [
                    line.day.description, line.person.description, CSV.words(names[line.person]),
                    String(line.operations),
                    line.charged.plain, line.rewarded.plain, line.corrected.plain, line.paid.plain, line.balance.plain,
                ]
            })
    }

    static func operations(_ operations: [PersonOperation], on day: Day, calendar: BusinessCalendar) -> String {
        table(
            "day,time,kind,task,jira_id,title,sum,balance,reason,operation",
            operations.map { operation in
                [
                    day.description, calendar.local(operation.time), operation.kind, operation.task?.description ?? "",
                    CSV.words(operation.jiraID), CSV.words(operation.title), operation.sum.plain,
                    operation.balance.plain,
                    CSV.words(operation.reason), operation.id.description,
                ]
            })
    }

    private static func table(_ head: String, _ rows: [[String]]) -> String {
        ([head] + rows.map { $0.joined(separator: ",") }).joined(separator: "\r\n") + "\r\n"
    }
}
