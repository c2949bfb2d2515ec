import Directory
import Hosting
import Messaging
import Schemas
import ServiceKit
import Storage
import Values
import Web

/// The changes by hand of all services: one list, from the events that their publishers declare as such.
extension Operations {
    var auditEndpoints: [Endpoint] { [auditPage, auditFile, auditAPI] }

    private static let auditPath = "/operations/audit"

    // MARK: Looking

    /// What the list is narrowed to.
    struct AuditFilter: Sendable {
        let days: ClosedRange<Day>
        let area: AuditArea?
        /// What was typed for a person: an id, or the beginning of a name.
        let typed: String

        init(_ call: Call) throws {
            days = try call.days(today: call.company.calendar.day(of: call.now))
            area = try call.query("area").map { text in
                guard let area = AuditArea(rawValue: text) else { throw Problem.notFound }
                return area
            }
            typed = (call.query("person") ?? "").beginning(100)
        }

        var person: ID? { ID(typed) }
        /// A name must be made an id first, which takes a look into the Directory.
        var isNamed: Bool { !typed.isEmpty && person == nil }

        func search(_ company: Company, limit: Int) -> AuditSearch {
            var search = AuditSearch(
                from: company.calendar.end(of: days.lowerBound.previous),
                until: company.calendar.end(of: days.upperBound))
            (search.area, search.person, search.limit) = (area, person, limit)
            return search
        }

        func address(_ path: String, of person: ID? = nil, cursor: String? = nil) -> String {
            var parts = ["from=\(days.lowerBound)", "to=\(days.upperBound)"]
            if let area { parts.append("area=\(area.rawValue)") }
            if let person = person ?? self.person { parts.append("person=\(person)") }
            if let cursor { parts.append("cursor=\(cursor)") }
            return path + "?" + parts.joined(separator: "&")
        }
    }

    private func changes(
        _ filter: AuditFilter, _ company: Company, before: [Int64]?, limit: Int
    ) throws -> JournalPart<AuditEntry> {
        let search = filter.search(company, limit: limit)
        let asked = sources.filter { source in
            filter.area.map { source.kinds.values.contains($0) } ?? !source.kinds.isEmpty
        }
        return try newest(asked, HostQuestions.audit, before: before, limit: limit) { place in
            var search = search
            search.before = place
            return search
        }
    }

    private static func names(
        of entries: [AuditEntry], in transaction: any Transaction
    ) throws -> [ID: String] {
        let ids = entries.flatMap { entry in
            [entry.audit?.by, entry.audit?.person, entry.audit?.confirmedBy].compactMap(\.self)
        }
        return try Directory.people(Set(ids), in: transaction).mapValues(\.name)
    }

    // MARK: The page

    private var auditPage: Endpoint {
        .page(Self.auditPath, "Changes by hand: ways in, rights, people, settings, money", access: Self.access) {
            call, transaction in
            let filter = try AuditFilter(call)
            let people = filter.isNamed ? try Self.people(filter.typed, in: transaction) : []
            if people.count == 1 { return .redirect(to: filter.address(Self.auditPath, of: people[0].id)) }
            return .page(
                "operations/audit", title: "operations.audit.title",
                try auditModel(call, filter, several: people, in: transaction))
        }.asking { call -> JournalPart<AuditEntry> in
            let filter = try AuditFilter(call)
            guard !filter.isNamed else { return JournalPart(rows: [], next: nil, away: []) }
            return try changes(filter, call.company, before: try places(call), limit: try call.limit())
        }
    }

    private static let mostPeople = 8

    /// The people whose names begin so; the one of exactly that name, if there is one.
    private static func people(_ text: String, in transaction: any Transaction) throws -> [Person] {
        let found = try Directory.named(text, limit: mostPeople, in: transaction)
        let exact = found.filter { FoldedText.words($0.name) == FoldedText.words(text) }
        return exact.count == 1 ? exact : found
    }

    private func auditModel(
        _ call: Call, _ filter: AuditFilter, several: [Person], in transaction: any Transaction
    ) throws -> Model {
        let part: JournalPart<AuditEntry> = try call.found()
        let names = try Self.names(of: part.rows, in: transaction)
        let known = try filter.person.flatMap { try Directory.person($0, in: transaction)?.name }
        return [
            "from": .text(filter.days.lowerBound.description), "to": .text(filter.days.upperBound.description),
            "person": .text(known ?? filter.typed),
            "areas": .list(
                AuditArea.allCases.map { area in
                    [
                        "value": .text(area.rawValue), "title": .key("operations.audit.area.\(area.rawValue)"),
                        "chosen": .flag(area == filter.area),
                    ]
                }),
            "filtered": .flag(["from", "to", "area", "person"].contains { call.query($0) != nil }),
            "nobody": .text(filter.isNamed && several.isEmpty ? filter.typed : ""),
            "several": .list(
                several.map { ["name": .text($0.name), "path": .text(filter.address(Self.auditPath, of: $0.id))] }),
            "anySeveral": .flag(!several.isEmpty),
            "away": .text(part.away.joined(separator: ", ")),
            "rows": .list(part.rows.map { auditRow($0, names, call.format) }), "any": .flag(!part.rows.isEmpty),
            "anyWrong": .flag(part.rows.contains { !$0.isRight }),
            "next": .text(
                Self.cursor(part.next).map { filter.address(Self.auditPath, cursor: $0) } ?? ""),
            "first": .text(call.query("cursor") == nil ? "" : filter.address(Self.auditPath)),
            "csv": .text(filter.isNamed ? "" : filter.address(Self.auditPath + ".csv")),
            "live": .text(call.query("cursor") == nil ? sources.map(\.topic.name).joined(separator: " ") : ""),
        ]
    }

    private func auditRow(_ entry: AuditEntry, _ names: [ID: String], _ format: Format) -> Model {
        let audit = entry.audit
        func who(_ id: ID?) -> Model {
            guard let id else { return .none }
            return ["path": .text("/people/\(id)"), "name": .text(names[id] ?? id.description)]
        }
        return [
            "id": .text("\(entry.service)-\(entry.position)"),
            "href": .text("/operations/events/\(entry.service)/\(entry.position)"),
            "time": .time(entry.time), "what": what(entry), "wrong": .flag(!entry.isRight),
            "subject": .text(audit?.subject ?? ""),
            "who": who(audit?.by), "whom": who(audit?.person), "confirmed": who(audit?.confirmedBy),
            "itself": .flag(audit.map { $0.by == nil && $0.saysWho } ?? false),
            "unsaid": .flag(audit.map { $0.by == nil && !$0.saysWho } ?? true),
            "before": .text(audit?.before ?? ""),
            "after": .text(audit?.sum.map { format.signed($0) } ?? audit?.after ?? ""),
            "reason": .text(audit?.reason ?? ""),
        ]
    }

    /// In the publisher's words; the event's name where there are none, as for one of a later version.
    private func what(_ entry: AuditEntry) -> Model {
        guard let kind = entry.audit?.kind else { return .text(entry.name) }
        if KitEvents.kinds[kind] != nil { return .key("operations.audit.kind.\(kind)") }
        let isKnown = sources.contains { $0.name == entry.service && $0.kinds[kind] != nil }
        return isKnown ? .key("\(entry.service).audit.\(kind)") : .text("\(entry.name): \(kind)")
    }

    // MARK: The file

    /// How many changes are asked for at once.
    private static let filePart = 1000

    private var auditFile: Endpoint {
        .page(Self.auditPath + ".csv", "Changes by hand, as CSV", access: Self.access) { call, transaction in
            let filter = try AuditFilter(call)
            let entries: [AuditEntry] = try call.found()
            let names = try Self.names(of: entries, in: transaction)
            let lines = entries.map { Self.line($0, names, call.company.calendar) }
            let heading = [
                "time", "service", "area", "kind", "by", "by_name", "person", "person_name", "before", "after", "sum",
                "confirmed_by", "confirmed_by_name", "reason", "event", "code", "subject",
            ]
            return .csv(
                CSV.text([heading] + lines), name: "audit-\(filter.days.lowerBound)-\(filter.days.upperBound).csv")
        }.asking { call -> [AuditEntry] in
            let filter = try AuditFilter(call)
            guard !filter.isNamed else { throw Problem.invalid("person", "web.type.id") }
            var entries: [AuditEntry] = []
            var before: [Int64]?
            repeat {
                let part = try changes(filter, call.company, before: before, limit: Self.filePart)
                // A file would be taken for the whole.
                try Self.expectAll(part.away)
                entries += part.rows
                before = part.next
            } while before != nil
            return entries
        }
    }

    private static func line(
        _ entry: AuditEntry, _ names: [ID: String], _ calendar: BusinessCalendar
    ) -> [String] {
        let audit = entry.audit
        func id(_ id: ID?) -> String { id?.description ?? "" }
        func name(_ id: ID?) -> String { CSV.words(id.flatMap { names[$0] }) }
        return [
            calendar.local(entry.time), entry.service, entry.area?.rawValue ?? "",
            CSV.words(audit?.kind ?? entry.name), id(audit?.by), name(audit?.by), id(audit?.person),
            name(audit?.person), CSV.words(audit?.before), CSV.words(audit?.after), audit?.sum?.plain ?? "",
            id(audit?.confirmedBy), name(audit?.confirmedBy), CSV.words(audit?.reason), id(entry.id),
            entry.isRight ? "right" : "wrong", CSV.words(audit?.subject),
        ]
    }

    // MARK: For programs

    /// A change by hand, and the names of those who have to do with it.
    private struct NamedChange: Sendable {
        let entry: AuditEntry
        let names: [ID: String]

        func name(_ id: ID?) -> String? { id.flatMap { names[$0] } }

        static let resource = Resource<NamedChange>("ChangeByHand") {
            Field("service", \.entry.service, "Who published it")
            Field("position", \.entry.position, .integer(1...Int64.max), "Where it stands in its journal")
            Field("event", \.entry.id, "The event's id; missing where the row cannot be read")
            Field("name", \.entry.name, "The event's name")
            Field("time", \.entry.time, "When it happened")
            Field(
                "area", \.entry.area?.rawValue, "What it is about: access, roles, people, money, settings or operations"
            )
            Field("kind", \.entry.audit?.kind, "What was done; missing where the row cannot be read as its event")
            Field("by", \.entry.audit?.by, "Who did it; missing for the program itself")
            Field("by_name", { $0.name($0.entry.audit?.by) }, "Their name")
            Field("person", \.entry.audit?.person, "Whose way in, account or money it is; missing where nobody's")
            Field("person_name", { $0.name($0.entry.audit?.person) }, "Their name")
            Field("confirmed_by", \.entry.audit?.confirmedBy, "Who confirmed it, if a second person had to")
            Field("subject", \.entry.audit?.subject, "What was changed: the setting, the day, the event")
            Field("before", \.entry.audit?.before, "The old value, where it is known")
            Field("after", \.entry.audit?.after, "The new value, where it is known")
            Field(
                "sum", \.entry.audit?.sum, "What the person gets by it: added to the balance, or paid out; whole cents")
            Field("reason", \.entry.audit?.reason, "Why, in the words of whoever did it")
            Field("code_holds", \.entry.isRight, "false: somebody without the secret has written or changed it")
        }
    }

    private var auditAPI: Endpoint {
        .read(
            "/api/audit", "Changes by hand of all services, newest first", access: Self.access,
            query: [.cursor, .limit] + Parameter.days + [
                Parameter("area", .choice(AuditArea.allCases.map(\.rawValue)), "Only what is about this"),
                Parameter("person", .id, "Only what this person did, confirmed, or is concerned by"),
            ], gives: .page(of: NamedChange.resource.schema)
        ) { call, transaction in
            let part: JournalPart<AuditEntry> = try call.found()
            let names = try Self.names(of: part.rows, in: transaction)
            return .json(
                ListPart(part.rows.map { NamedChange(entry: $0, names: names) }, cursor: Self.cursor(part.next)),
                as: NamedChange.resource)
        }.asking { call -> JournalPart<AuditEntry> in
            let filter = try AuditFilter(call)
            guard !filter.isNamed else { throw Problem.invalid("person", "web.type.id") }
            let part = try changes(filter, call.company, before: try places(call), limit: try call.limit())
            try Self.expectAll(part.away)
            return part
        }
    }
}
