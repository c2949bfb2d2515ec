import Directory
import Storage
import Values
import Web

/// The people below zero, and the operations of each person by day (X30, X32).
struct PeoplePages: Sendable {
    private static let rows = 100

    var endpoints: [Endpoint] { [belowZero, belowZeroFile, people, peopleFile, person, personFile] }

    private var belowZero: Endpoint {
        .page("/analytics/below-zero", "Who is below zero now", access: AnalyticsCall.access) { call, transaction in
            let part = try call.page(PeoplePages.rows, by: \.place) {
                try BelowZero.list(after: $0, limit: $1, in: transaction)
            }
            let names = try Directory.people(part.rows.map(\.person), in: transaction)
            return .page(
                "analytics/below-zero", title: "analytics.below-zero",
                [
                    "count": .text(call.format.count(try BelowZero.count(in: transaction))),
                    "hasRows": .flag(!part.rows.isEmpty),
                    "rows": .list(
                        part.rows.map {
                            [
                                "id": .text($0.person.description), "path": .text("/analytics/people/\($0.person)"),
                                "name": .text(FigureModel.name(names[$0.person], call.language)),
                                "balance": FigureModel.money($0.balance, call.format),
                            ]
                        }),
                    "next": .text(part.next.map { "/analytics/below-zero?cursor=\($0)" } ?? ""),
                ])
        }
    }

    private var belowZeroFile: Endpoint {
        .page("/analytics/below-zero.csv", "Who is below zero now, as CSV", access: AnalyticsCall.access) {
            call, transaction in
            var lines: [BelowZero] = []
            while true {
                let slice = try BelowZero.list(after: lines.last?.place, limit: 1000, in: transaction)
                lines += slice
                if slice.count < 1000 { break }
            }
            let names = try Directory.people(lines.map(\.person), in: transaction).mapValues(\.name)
            return .csv(FigureFile.belowZero(lines, names: names), name: "below-zero.csv")
        }
    }

    private var people: Endpoint {
        .page("/analytics/people", "What each person's operations of a day come to", access: AnalyticsCall.access) {
            call, transaction in
            let today = try AnalyticsCall.today(call, in: transaction)
            let day = try call.queryDay("day") ?? today
            let part = try call.page(PeoplePages.rows, by: \.place) {
                try PersonDay.list(on: day, after: $0, limit: $1, in: transaction)
            }
            let names = try Directory.people(part.rows.map(\.person), in: transaction)
            let figures = try DayFigures.range(day...day, in: transaction).first ?? DayFigures(day: day)
            return .page(
                "analytics/people", title: "analytics.people",
                [
                    "day": FigureModel.day(figures, call.format), "isToday": .flag(day == today),
                    "before": FigureModel.link(to: day.previous, call.format),
                    "after": FigureModel.link(to: day.next, call.format),
                    "hasRows": .flag(!part.rows.isEmpty),
                    "rows": .list(part.rows.map { PeoplePages.line($0, names[$0.person], call) }),
                    "next": .text(part.next.map { "/analytics/people?day=\(day)&cursor=\($0)" } ?? ""),
                ])
        }
    }

    private static func line(_ line: PersonDay, _ person: Person?, _ call: Call) -> Model {
        [
            "id": .text(line.person.description),
            "path": .text("/analytics/people/\(line.person)?day=\(line.day)"),
            "name": .text(FigureModel.name(person, call.language)),
            "operations": .text(call.format.count(line.operations)),
            "charged": FigureModel.money(line.charged, call.format),
            "rewarded": FigureModel.money(line.rewarded, call.format),
            "corrected": FigureModel.money(line.corrected, call.format),
            "paid": FigureModel.money(line.paid, call.format), "balance": FigureModel.money(line.balance, call.format),
        ]
    }

    private var peopleFile: Endpoint {
        .page(
            "/analytics/people.csv", "Everybody's operations of a day summed up, as CSV", access: AnalyticsCall.access
        ) { call, transaction in
            let day = try call.queryDay("day") ?? AnalyticsCall.today(call, in: transaction)
            var lines: [PersonDay] = []
            while true {
                let slice = try PersonDay.list(on: day, after: lines.last?.place, limit: 1000, in: transaction)
                lines += slice
                if slice.count < 1000 { break }
            }
            let names = try Directory.people(lines.map(\.person), in: transaction).mapValues(\.name)
            return .csv(FigureFile.people(lines, names: names), name: "operations-by-person-\(day).csv")
        }
    }

    private var person: Endpoint {
        .page("/analytics/people/{person}", "A person's operations of a day", access: AnalyticsCall.access) {
            call, transaction in
            let id = try call.id("person")
            let person = try Directory.person(id, in: transaction)
            let today = try AnalyticsCall.today(call, in: transaction)
            let day = try call.queryDay("day") ?? today
            let part = try call.page(PeoplePages.rows, by: \.number) {
                try PersonOperation.list(of: id, on: day, before: $0, limit: $1, in: transaction)
            }
            let neighbours = try PersonDay.neighbours(of: id, around: day, in: transaction)
            let sums = try PersonDay.of(id, on: day, in: transaction)
            guard person != nil || sums != nil || neighbours != (nil, nil) else { throw Problem.notFound }
            return .page(
                "analytics/person", title: FigureModel.name(person, call.language),
                [
                    "name": .text(FigureModel.name(person, call.language)), "base": .text("/analytics/people/\(id)"),
                    "iso": .text(day.description), "dayName": .text(call.format.day(day)),
                    "isToday": .flag(day == today),
                    "before": neighbours.before.map { FigureModel.link(to: $0, call.format) } ?? .none,
                    "after": neighbours.after.map { FigureModel.link(to: $0, call.format) } ?? .none,
                    "sums": sums.map { PeoplePages.line($0, person, call) } ?? .none,
                    "hasRows": .flag(!part.rows.isEmpty),
                    "rows": .list(part.rows.map { PeoplePages.row($0, call) }),
                    "next": .text(part.next.map { "/analytics/people/\(id)?day=\(day)&cursor=\($0)" } ?? ""),
                ])
        }
    }

    private static func row(_ operation: PersonOperation, _ call: Call) -> Model {
        [
            "id": .text(operation.id.description), "time": .text(call.format.clock(operation.time)),
            "kind": .text(AnalyticsTexts.text("analytics.kind.\(operation.kind)", call.language)),
            "path": .text(operation.task.map { "/tasks/\($0)" } ?? ""),
            "title": .text(operation.title ?? operation.reason ?? ""), "jira": .text(operation.jiraID ?? ""),
            "sum": .text(call.format.signed(operation.sum)), "tone": operation.sum < .zero ? "negative" : "positive",
            "balance": FigureModel.money(operation.balance, call.format),
        ]
    }

    private var personFile: Endpoint {
        .page(
            "/analytics/people/{person}/operations.csv", "A person's operations of a day, as CSV",
            access: AnalyticsCall.access
        ) { call, transaction in
            let person = try call.id("person")
            let day = try call.queryDay("day") ?? AnalyticsCall.today(call, in: transaction)
            return .csv(
                FigureFile.operations(
                    try PersonOperation.all(of: person, on: day, in: transaction), on: day,
                    calendar: call.company.calendar),
                name: "operations-\(person)-\(day).csv")
        }
    }
}
