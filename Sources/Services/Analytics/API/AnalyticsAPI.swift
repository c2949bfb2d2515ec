import Schemas
import Storage
import Values
import Web

/// Figures for admins' programs (X30 to X32).
struct AnalyticsAPI: Sendable {
    var endpoints: [Endpoint] { [now, days, dearest, belowZero, people, operations] }

    private var now: Endpoint {
        .read(
            "/api/analytics", "Management's figures of now", access: AnalyticsCall.access, gives: FiguresOfNow.resource
        ) { call, transaction in
            let today = try AnalyticsCall.today(call, in: transaction)
            let figures = try DayFigures.range(today...today, in: transaction).first ?? DayFigures(day: today)
            return FiguresOfNow(
                today: SummedDay(figures, try DaySums.range(today...today, in: transaction)[today]),
                dearestOfWeek: try DearestTask.best(Period.week.range(around: today), in: transaction),
                dearestOfMonth: try DearestTask.best(Period.month.range(around: today), in: transaction))
        }
    }

    private var days: Endpoint {
        .read(
            "/api/analytics/days", "Income, people below zero and the dearest task by day",
            access: AnalyticsCall.access, query: Parameter.days, givesAll: SummedDay.resource
        ) { call, transaction in
            let range = try call.days(today: try AnalyticsCall.today(call, in: transaction))
            let sums = try DaySums.range(range, in: transaction)
            return try DayFigures.range(range, in: transaction).map { SummedDay($0, sums[$0.day]) }
        }
    }

    private var dearest: Endpoint {
        .read(
            "/api/analytics/dearest", "The dearest task completed in the day, ISO week or month of a date",
            access: AnalyticsCall.access,
            query: [
                Parameter("period", Period.schema, "day, week or month; day by default"),
                Parameter("date", .day, "Any date in it; today by default"),
            ],
            gives: DearestOfPeriod.resource
        ) { call, transaction in
            guard let period = Period(rawValue: call.query("period") ?? Period.day.rawValue) else {
                throw Problem.invalid("period", "analytics.period")
            }
            let day = try call.queryDay("date") ?? AnalyticsCall.today(call, in: transaction)
            let range = period.range(around: day)
            return DearestOfPeriod(
                period: period, range: range, dearest: try DearestTask.best(range, in: transaction))
        }
    }

    private var belowZero: Endpoint {
        .list(
            "/api/analytics/below-zero", "Who is below zero now, the deepest first", access: AnalyticsCall.access,
            of: NamedBelowZero.resource
        ) { call, transaction in
            try call.page(by: \.line.place) { try NamedBelowZero.list(after: $0, limit: $1, in: transaction) }
        }
    }

    private var people: Endpoint {
        .list(
            "/api/analytics/people", "What each person's operations of a day come to", access: AnalyticsCall.access,
            query: [Parameter("day", .day, "The business day; today by default")], of: NamedPersonDay.resource
        ) { call, transaction in
            let day = try call.queryDay("day") ?? AnalyticsCall.today(call, in: transaction)
            return try call.page(by: \.line.place) {
                try NamedPersonDay.list(on: day, after: $0, limit: $1, in: transaction)
            }
        }
    }

    private var operations: Endpoint {
        .list(
            "/api/analytics/people/{person}/operations", "A person's operations of a day, the latest first",
            access: AnalyticsCall.access, query: [Parameter("day", .day, "The business day; today by default")],
            of: PersonOperation.resource
        ) { call, transaction in
            let person = try call.id("person")
            let day = try call.queryDay("day") ?? AnalyticsCall.today(call, in: transaction)
            return try call.page(by: \.number) {
                try PersonOperation.list(of: person, on: day, before: $0, limit: $1, in: transaction)
            }
        }
    }
}
