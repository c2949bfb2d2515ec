import Directory
import Storage
import Values
import Web

/// Figures for other programs of an admin's (X30 to X32).
struct AnalyticsAPI: Sendable {
    var endpoints: [Endpoint] { [now, days, dearest, belowZero, people, operations] }

    private var now: Endpoint {
        .read(
            "/api/analytics", "Management's figures of now", access: AnalyticsCall.access, gives: AnalyticsView.schema
        ) { call, transaction in
            let today = try AnalyticsCall.today(call, in: transaction)
            let figures = try DayFigures.range(today...today, in: transaction).first ?? DayFigures(day: today)
            return try .json(
                AnalyticsView(
                    today: DayFiguresView(figures, try DaySums.range(today...today, in: transaction)[today]),
                    dearestOfWeek: try DearestTask.best(Period.week.range(around: today), in: transaction)
                        .map(DearestView.init),
                    dearestOfMonth: try DearestTask.best(Period.month.range(around: today), in: transaction)
                        .map(DearestView.init)))
        }
    }

    private var days: Endpoint {
        .read(
            "/api/analytics/days", "Income, people below zero and the dearest task by day",
            access: AnalyticsCall.access, query: AnalyticsCall.rangeParameters, gives: .list(DayFiguresView.schema)
        ) { call, transaction in
            let range = try AnalyticsCall.range(call, today: try AnalyticsCall.today(call, in: transaction))
            let sums = try DaySums.range(range, in: transaction)
            return try .json(
                try DayFigures.range(range, in: transaction).map { DayFiguresView($0, sums[$0.day]) })
        }
    }

    private var dearest: Endpoint {
        .read(
            "/api/analytics/dearest", "The dearest task completed in the day, ISO week or month of a date",
            access: AnalyticsCall.access,
            query: [
                Parameter("period", .choice(Period.allCases.map(\.rawValue)), "day, week or month; day by default"),
                Parameter("date", .day, "Any date in it; today by default"),
            ],
            gives: PeriodView.schema
        ) { call, transaction in
            guard let period = Period(rawValue: call.query("period") ?? Period.day.rawValue) else {
                throw Problem.invalid("period", "analytics.period")
            }
            let day = try AnalyticsCall.day(call, "date") ?? AnalyticsCall.today(call, in: transaction)
            let range = period.range(around: day)
            return try .json(
                PeriodView(
                    period: period.rawValue, from: range.lowerBound, to: range.upperBound,
                    dearest: try DearestTask.best(range, in: transaction).map(DearestView.init)))
        }
    }

    private var belowZero: Endpoint {
        .read(
            "/api/analytics/below-zero", "Who is below zero now, the deepest first", access: AnalyticsCall.access,
            query: [.cursor, .limit], gives: .page(of: BelowZeroView.schema)
        ) { call, transaction in
            let limit = try call.limit()
            var lines = try BelowZero.list(after: try BelowZero.cursor(call), limit: limit + 1, in: transaction)
            let more = lines.count > limit
            if more { lines.removeLast() }
            let names = try Directory.people(lines.map(\.person), in: transaction)
            return try .json(
                ListPage(
                    items: lines.map {
                        BelowZeroView(person: $0.person, name: names[$0.person]?.name, balance: $0.balance)
                    },
                    next: more ? lines.last?.cursor : nil))
        }
    }

    private var people: Endpoint {
        .read(
            "/api/analytics/people", "What each person's operations of a day come to", access: AnalyticsCall.access,
            query: [Parameter("day", .day, "The business day; today by default"), .cursor, .limit],
            gives: .page(of: PersonDayView.schema)
        ) { call, transaction in
            let limit = try call.limit()
            let day = try AnalyticsCall.day(call, "day") ?? AnalyticsCall.today(call, in: transaction)
            var lines = try PersonDay.list(
                on: day, after: try PersonDay.place(call), limit: limit + 1, in: transaction)
            let more = lines.count > limit
            if more { lines.removeLast() }
            let names = try Directory.people(lines.map(\.person), in: transaction)
            return try .json(
                ListPage(
                    items: lines.map { PersonDayView($0, name: names[$0.person]?.name) },
                    next: more ? lines.last?.cursor : nil))
        }
    }

    private var operations: Endpoint {
        .read(
            "/api/analytics/people/{person}/operations", "A person's operations of a day, the latest first",
            access: AnalyticsCall.access,
            query: [Parameter("day", .day, "The business day; today by default"), .cursor, .limit],
            gives: .page(of: PersonOperationView.schema)
        ) { call, transaction in
            let limit = try call.limit()
            let person = try call.id("person")
            let day = try AnalyticsCall.day(call, "day") ?? AnalyticsCall.today(call, in: transaction)
            let cursor = try call.cursor(1).map { try Cursor.value($0, 0, as: Int64.self) }
            var lines = try PersonOperation.list(
                of: person, on: day, before: cursor, limit: limit + 1, in: transaction)
            let more = lines.count > limit
            if more { lines.removeLast() }
            return try .json(
                ListPage(
                    items: lines.map(PersonOperationView.init),
                    next: more ? lines.last.map { Cursor.encode([.integer($0.number)]) } : nil))
        }
    }
}

extension BelowZero {
    var cursor: String { Cursor.encode([balance.stored, person.stored]) }

    static func cursor(_ call: Call) throws -> (balance: Cents, person: ID)? {
        try call.cursor(2).map { (try Cursor.value($0, 0, as: Cents.self), try Cursor.value($0, 1, as: ID.self)) }
    }
}
