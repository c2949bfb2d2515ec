import Values

/// The texts of all page sets, in every language. Each key exists once in each language.
struct Catalogue: Sendable {
    let texts: [Language: [String: String]]

    /// - Throws: ``PagesError``, which names every key that is missing or defined twice.
    init(sets: [PageSet]) throws {
        var problems: [String] = []
        var texts: [Language: [String: String]] = [:]
        for language in Language.allCases {
            texts[language] = [:]
            for set in sets {
                for (key, text) in set.texts[language] ?? [:] {
                    if let other = texts[language]?.updateValue(text, forKey: key), other != text {
                        problems.append("text \(key) is defined twice in \(language.rawValue)")
                    }
                }
            }
        }
        let all = Set(texts.values.flatMap(\.keys))
        for language in Language.allCases {
            for key in all.subtracting((texts[language] ?? [:]).keys) {
                problems.append("text \(key) is missing in \(language.rawValue)")
            }
        }
        guard problems.isEmpty else { throw PagesError(problems: problems.sorted()) }
        self.texts = texts
    }

    func text(_ key: String, _ language: Language) -> String? {
        texts[language]?[key]
    }

    /// A problem's text for a page, as one piece: its title and, if there is more to say, what to do. `nil` if there is
    /// no such problem.
    static func words(of problem: String, in texts: [String: String]) -> String? {
        guard let title = texts["problem." + problem] else { return nil }
        return texts["problem.\(problem).todo"].map { "\(title). \($0)" } ?? title
    }

    /// The template with each `[[key]]` replaced by its text, HTML-escaped. Keys that do not exist are added to
    /// `missing`. A problem's key also includes what to do, so that a page cannot leave it out.
    func filled(_ template: String, _ language: Language, missing: inout Set<String>) -> String {
        var result = ""
        var rest = template[...]
        while let open = rest.firstRange(of: "[["), let close = rest[open.upperBound...].firstRange(of: "]]") {
            let key = String(rest[open.upperBound..<close.lowerBound])
            guard Self.isKey(key) else {
                result += rest[..<open.upperBound]
                rest = rest[open.upperBound...]
                continue
            }
            result += rest[..<open.lowerBound]
            let problem = key.hasPrefix("problem.") && !key.hasSuffix(".todo") ? key.dropFirst("problem.".count) : nil
            let words = problem.flatMap { Self.words(of: String($0), in: texts[language] ?? [:]) }
            if let text = words ?? text(key, language) { result += Markup.escape(text) } else { missing.insert(key) }
            rest = rest[close.upperBound...]
        }
        return result + rest
    }

    private static func isKey(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F
                    || (0x41...0x5A).contains($0)
            }
    }

    /// The text with its `{{name}}` places filled, as plain text.
    static func fill(_ text: String, _ values: [String: String]) -> String {
        guard text.utf8.contains(UInt8(ascii: "{")) else { return text }
        let bytes = Array(text.utf8)
        var result = ""
        var at = 0
        while let open = bytes.place(of: Array("{{".utf8), from: at),
            let close = bytes.place(of: Array("}}".utf8), from: open.upperBound)
        {
            result += String(decoding: bytes[at..<open.lowerBound], as: UTF8.self)
            result += values[String(decoding: bytes[open.upperBound..<close.lowerBound], as: UTF8.self)] ?? ""
            at = close.upperBound
        }
        return result + String(decoding: bytes[at...], as: UTF8.self)
    }
}
