import Directory
import Schemas
import Storage
import Values
import Web

/// An event's data for people: a row a field, people by their names, and ways to what it is about.
struct EventData: Sendable {
    /// What the value of a field stands for.
    private enum Meaning: Sendable {
        case person
        case task
        case payout
        case moment
    }

    /// By the field's name in the published forms of events (`contracts/`). An id that is not among them has no page: an
    /// entry, a reassignment, a session, the installation.
    private static let meanings: [String: Meaning] = [
        "person": .person, "person.id": .person, "assignee": .person, "old_assignee": .person,
        "new_assignee": .person, "creator": .person, "by": .person, "confirmed_by": .person,
        "task": .task, "payout": .payout, "time": .moment, "until": .moment,
    ]
    /// How deep a member of a member still has a row of its own.
    private static let deepest = 2

    private struct Field: Sendable {
        /// `person.name` within an object.
        let name: String
        let value: JSONText
    }

    private let fields: [Field]
    private let json: String

    /// - Parameter data: JSON; what is none is shown as it is.
    init(_ data: String) {
        let value = try? JSONText(Array(data.utf8))
        fields = value.map { EventData.fields(of: $0) } ?? []
        json = value?.pretty ?? data
    }

    /// What an event is about in a few words: its title or name, where it has one.
    static func about(_ data: String) -> String {
        guard let value = try? JSONText(Array(data.utf8)) else { return "" }
        let found = value.member("title") ?? value.member("name") ?? value.member("person")?.member("name")
        guard let found, case .string(let text) = found else { return "" }
        return text
    }

    /// - Parameter transaction: of a database that knows people.
    func model(_ format: Format, in transaction: any Transaction) throws -> Model {
        let ids = fields.compactMap { EventData.meanings[$0.name] == .person ? EventData.id($0.value) : nil }
        let people = try Directory.people(Set(ids), in: transaction)
        return [
            "any": .flag(!fields.isEmpty), "json": .text(json),
            "fields": .list(fields.map { EventData.row($0, people, format) }),
        ]
    }

    private static func fields(of value: JSONText, under path: String = "", depth: Int = 0) -> [Field] {
        guard case .object(let members) = value else { return [] }
        return members.flatMap { member -> [Field] in
            let name = path + member.name
            guard depth < deepest, case .object(let inner) = member.value, !inner.isEmpty else {
                return [Field(name: name, value: member.value)]
            }
            return fields(of: member.value, under: name + ".", depth: depth + 1)
        }
    }

    private static func row(_ field: Field, _ people: [ID: Person], _ format: Format) -> Model {
        // All are named: a name that is missing would be looked for further out.
        var row: [String: Model] = [
            "field": .text(field.name), "label": .none, "link": .none, "reference": .none, "page": .none,
            "moment": .none, "lines": .none, "plain": .none,
        ]
        let meaning = meanings[field.name]
        if let id = id(field.value) {
            if meaning == .person, let person = people[id] {
                row["label"] = .text(person.name)
                row["link"] = .text("/people/\(id)")
            } else {
                row["reference"] = .text(id.description)
                row["page"] = .text(page(of: id, meaning))
            }
        } else if meaning == .moment, case .string(let text) = field.value, let instant = Instant(text) {
            row["moment"] = .moment(instant)
        } else if let text = line(field.value, format) {
            row["plain"] = .text(text)
        } else {
            row["lines"] = .text(field.value.pretty)
        }
        return .object(row)
    }

    /// Empty where it has none.
    private static func page(of id: ID, _ meaning: Meaning?) -> String {
        switch meaning {
        case .task?: "/tasks/\(id)"
        case .payout?: "/payouts/\(id)"
        default: ""
        }
    }

    private static func id(_ value: JSONText) -> ID? {
        guard case .string(let text) = value else { return nil }
        return ID(text)
    }

    /// A value on one line; `nil` where it needs several.
    private static func line(_ value: JSONText, _ format: Format) -> String? {
        guard case .list(let items) = value else { return word(value, format) }
        let words = items.compactMap { word($0, format) }
        return words.count == items.count ? words.joined(separator: ", ") : nil
    }

    private static func word(_ value: JSONText, _ format: Format) -> String? {
        switch value {
        case .string(let text): Day(text).map { format.day($0) } ?? text
        case .list, .object: nil
        case .null, .boolean, .number: value.written
        }
    }
}
