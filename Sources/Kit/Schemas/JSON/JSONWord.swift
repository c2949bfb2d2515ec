/// An enumeration of words: `enum State: String, CaseIterable, JSONWord`.
package protocol JSONWord: JSONField, RawRepresentable<String>, CaseIterable {}

extension JSONWord {
    package static var schema: Schema { .choice(allCases.map(\.rawValue)) }
    package func write(to json: inout JSONWriter) { json.string(rawValue) }
    package init(json: JSONText) throws(JSONMismatch) {
        guard case .string(let text) = json, let word = Self(rawValue: text) else { throw JSONMismatch() }
        self = word
    }
}
