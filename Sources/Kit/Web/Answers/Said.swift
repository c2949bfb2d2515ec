import Foundation

/// The result of a form, shown once by the page that the form leads to. It is sent there in a signed cookie, which that
/// page deletes. So no address can make a page show it, and a reload does not show it again.
package struct Said: Codable, Sendable, Hashable {
    static let cookie = "popug_said"
    /// Seconds until an unread message expires.
    static let kept = 60
    /// A larger cookie is left out: browsers refuse one of 4,096 bytes.
    static let largest = 3_500

    /// A key of the catalogue.
    let key: String
    /// The values for its `{{name}}` places.
    let values: [String: String]
    /// The path of a fragment for the rest of the message, which only another service knows.
    var part: String?

    func sealed(_ forms: FormGuard) -> Cookie? {
        guard let json = try? JSONEncoder().encode(self) else { return nil }
        let text = forms.sealed([UInt8](json), for: Said.cookie)
        return text.utf8.count > Said.largest ? nil : Cookie(name: Said.cookie, value: text, maxAge: Said.kept)
    }

    static func opened(_ text: String, _ forms: FormGuard) -> Said? {
        guard let bytes = forms.opened(text, for: Said.cookie) else { return nil }
        return try? JSONDecoder().decode(Said.self, from: Data(bytes))
    }

    /// The text with its values, each in a `<bdi>`, and the mark of the part; HTML.
    func markup(_ text: String) -> String {
        let words = Catalogue.fill(Markup.escape(text), values.mapValues { "<bdi>\(Markup.escape($0))</bdi>" })
        return part.map { words + " " + IncludingPage.mark($0, quiet: true) } ?? words
    }
}

extension Answer {
    /// This answer, with a line that the next page shows once: "Feed the cat is done."
    ///
    /// - Parameters:
    ///   - key: a key of the catalogue.
    ///   - values: the values for the text's `{{name}}` places.
    ///   - part: the path of a fragment for the rest of the message, which only another service knows: "+25.00 EUR".
    package func saying(_ key: String, _ values: [String: String] = [:], with part: String? = nil) -> Answer {
        var answer = self
        answer.said = Said(key: key, values: values, part: part)
        return answer
    }
}
