import Directory
import Values
import Web

/// How figures are shown on pages.
enum FigureModel {
    static func money(_ cents: Cents, _ format: Format) -> Model {
        ["text": .text(format.money(cents)), "tone": cents < .zero ? "negative" : ""]
    }

    static func day(_ figures: DayFigures, _ format: Format) -> Model {
        [
            "name": .text(format.day(figures.day)), "iso": .text(figures.day.description),
            "isOpen": .flag(figures.state == .open), "comingIn": .flag(figures.state == .comingIn),
            "final": .flag(figures.state == .final),
            "income": money(figures.income, format), "operations": .text(format.count(figures.operations)),
            "belowZero": .text(format.count(figures.belowZero)),
            "dearest": figures.dearest.map { dearest($0, format) } ?? .none,
        ]
    }

    /// A day in the form for addresses, and in the form for people.
    static func link(to day: Day, _ format: Format) -> Model {
        ["iso": .text(day.description), "name": .text(format.day(day))]
    }

    static func dearest(_ task: DearestTask, _ format: Format) -> Model {
        [
            "reward": money(task.reward, format), "path": .text("/tasks/\(task.task)"), "title": .text(task.title),
            "jira": .text(task.jiraID ?? ""),
        ]
    }

    static func name(_ person: Person?, _ language: Language) -> String {
        person?.name ?? AnalyticsTexts.text("analytics.unknown", language)
    }

    static func name(of period: Period, _ day: Day, _ call: Call) -> String {
        let range = period.range(around: day)
        switch period {
        case .day: return call.format.day(day)
        case .week:
            let week = Period.week(of: day)
            return AnalyticsTexts.text(
                "analytics.week", call.language,
                [
                    "week": String(week.week), "year": String(week.year),
                    "from": short(range.lowerBound, call.format), "to": short(range.upperBound, call.format),
                ])
        case .month:
            return AnalyticsTexts.text("analytics.month.\(day.date.month)", call.language) + " \(day.date.year)"
        }
    }

    /// `21 Nov`: a day without its year.
    static func short(_ day: Day, _ format: Format) -> String {
        format.day(day).words().prefix(2).joined(separator: " ")
    }
}
