import Foundation
import Web

extension WebResponse {
    /// The body of a successful answer.
    /// - Throws: ``Failure`` with the problem's own words for any other answer.
    package func json() throws -> JSONValue {
        let value = try? JSONDecoder().decode(JSONValue.self, from: Data(body))
        guard (200..<300).contains(status) else {
            throw Failure(
                .refused,
                WebResponse.words(
                    title: value?["title"].text ?? "The server answered \(status)", detail: value?["detail"].text,
                    fields: (value?["errors"].list ?? []).map { ($0["field"].text ?? "", $0["detail"].text ?? "") }))
        }
        return value ?? .null
    }

    /// A problem as a line for people: what is wrong, in which field, and what to do.
    static func words(title: String, detail: String?, fields: [(name: String, words: String)]) -> String {
        // The title repeats the words of the first field.
        let named = fields.map { $0.name.isEmpty ? $0.words : "\($0.name): \($0.words)" }.joined(separator: "; ")
        return (named.isEmpty ? title : named) + (detail.map { ". \($0)" } ?? "")
    }
}
