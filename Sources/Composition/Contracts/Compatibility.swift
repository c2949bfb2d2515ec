import Foundation
import Schemas

/// Whether a consumer of an accepted contract still works with the current one (X44): if the schema of a version has
/// changed, it is compared with the accepted schema, keyword by keyword.
///
/// Events of the accepted schema stay in the log for good, and consumers of it may be running. So the new schema may
/// neither be stricter about what it reads, nor promise less.
package enum Compatibility {
    /// What would break, each with the field and what to do instead; empty if no consumer breaks.
    package static func breaks(_ event: String, from accepted: JSONText, to present: JSONText) -> [String] {
        var found: [String] = []
        for (keyword, what) in [("x-topic", "its topic"), ("x-key", "its key")]
        where accepted.member(keyword) != present.member(keyword) {
            found.append("\(what) changed from \(shown(accepted, keyword)) to \(shown(present, keyword))")
        }
        compare(accepted, present, at: "", &found)
        return found.map {
            "\(event): \($0). Who reads this version would break: leave it as it was, and tell the change as a new "
                + "version (docs/events.md)."
        }
    }

    private static func compare(_ old: JSONText, _ new: JSONText, at path: String, _ found: inout [String]) {
        let field = path.isEmpty ? "its data" : "field \(path)"
        for keyword in ["type", "format", "minimum", "maximum", "minLength", "maxLength", "pattern", "const"]
        where old.member(keyword) != new.member(keyword) {
            found.append("\(field): \(keyword) changed from \(shown(old, keyword)) to \(shown(new, keyword))")
        }
        lists(old, new, field, &found)
        if let oldItem = old.member("items"), let newItem = new.member("items") {
            compare(oldItem, newItem, at: path + "[]", &found)
        }
        fields(old, new, path, &found)
    }

    /// An open list may grow; a closed one may not change; none may lose a value.
    private static func lists(_ old: JSONText, _ new: JSONText, _ field: String, _ found: inout [String]) {
        let (oldClosed, newClosed) = (texts(old.member("enum")), texts(new.member("enum")))
        if oldClosed == nil, newClosed != nil {
            found.append("\(field): the list was narrowed: only some values are allowed now")
        } else if let oldClosed, newClosed == nil {
            found.append("\(field): values other than \(oldClosed.sorted().joined(separator: ", ")) may come now")
        } else if let oldClosed, let newClosed {
            for value in oldClosed.subtracting(newClosed).sorted() {
                found.append("\(field): the list was narrowed: \(value) is gone")
            }
            for value in newClosed.subtracting(oldClosed).sorted() {
                found.append("\(field): \(value) was added to a list that was closed")
            }
        }
        let open = texts(old.member("x-extensible-enum")) ?? []
        for value in open.subtracting(texts(new.member("x-extensible-enum")) ?? newClosed ?? []).sorted() {
            found.append("\(field): the list was narrowed: \(value) is gone")
        }
    }

    private static func fields(_ old: JSONText, _ new: JSONText, _ path: String, _ found: inout [String]) {
        guard case .object(let before)? = old.member("properties") else { return }
        let prefix = path.isEmpty ? "" : path + "."
        let (wasRequired, isRequired) = (texts(old.member("required")) ?? [], texts(new.member("required")) ?? [])
        for member in before {
            guard let now = new.member("properties")?.member(member.name) else {
                found.append("field \(prefix + member.name) was removed")
                continue
            }
            compare(member.value, now, at: prefix + member.name, &found)
            switch (wasRequired.contains(member.name), isRequired.contains(member.name)) {
            case (true, false): found.append("field \(prefix + member.name) was required and may now be left out")
            case (false, true): found.append("field \(prefix + member.name) became required; events without it exist")
            default: break
            }
        }
        let known = Set(before.map(\.name))
        for name in isRequired.subtracting(known).sorted() {
            found.append("field \(prefix + name) was added and is required; events without it exist")
        }
    }

    private static func texts(_ value: JSONText?) -> Set<String>? {
        guard case .list(let items)? = value else { return nil }
        return Set(items.compactMap { if case .string(let text) = $0 { text } else { nil } })
    }

    private static func shown(_ schema: JSONText, _ keyword: String) -> String {
        schema.member(keyword)?.written ?? "none"
    }
}
