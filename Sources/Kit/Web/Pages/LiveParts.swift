import Values

/// The part of a page that is sent to a reader who already has the page: its live elements of the topics that have
/// changed, and the marks of parts from other services.
///
/// The page is always ours: its attributes are in double quotes, and no text contains a tag.
enum LiveParts {
    /// - Parameter topics: the topics that have changed.
    static func cut(_ page: [UInt8], topics: Set<String>) -> [UInt8] {
        var result = Array("<!doctype html>".utf8)
        var at = 0
        while let open = page.firstIndex(of: 0x3C, after: at) {
            if page.begins(with: "<!--#", at: open), let end = page.firstIndex(of: 0x3E, after: open) {
                // What waits, beside the navigation, has an address of its own.
                if !IncludingPage.isQuiet(page[open...end]) { result += page[open...end] }
                at = end + 1
                continue
            }
            guard let tag = Tag(page, at: open) else {
                at = open + 1
                continue
            }
            at = tag.end
            switch tag.name {
            case "title": result += page[open..<element(tag, in: page)]
            case "body": result += page[open..<tag.end]
            default:
                guard tag.isLive(topics) else { continue }
                at = element(tag, in: page)
                result += page[open..<at]
            }
        }
        return result
    }

    /// The end of the element that the tag opens.
    private static func element(_ tag: Tag, in page: [UInt8]) -> Int {
        var depth = 1
        var at = tag.end
        while let next = page.firstIndex(of: 0x3C, after: at) {
            if page.begins(with: "</\(tag.name)>", at: next) {
                depth -= 1
                at = next + tag.name.utf8.count + 3
                if depth == 0 { return at }
            } else if let other = Tag(page, at: next) {
                if other.name == tag.name { depth += 1 }
                at = other.end
            } else {
                at = next + 1
            }
        }
        return page.count
    }

    /// A tag that opens an element.
    private struct Tag {
        let name: String
        /// The position after its `>`.
        let end: Int
        private let inside: [UInt8]

        init?(_ page: [UInt8], at open: Int) {
            guard open + 1 < page.count, (0x61...0x7A).contains(page[open + 1]),
                let close = page.firstIndex(of: 0x3E, after: open)
            else { return nil }
            inside = Array(page[(open + 1)..<close])
            name = String(decoding: inside.prefix { $0 > 0x20 }, as: UTF8.self)
            end = close + 1
        }

        func isLive(_ topics: Set<String>) -> Bool {
            // By bytes: an attribute may hold what somebody typed.
            guard let live = inside.place(of: Array(" data-live=\"".utf8)),
                inside.place(of: Array(" id=\"".utf8)) != nil
            else { return false }
            return inside[live.upperBound...].prefix { $0 != 0x22 }.split(separator: 0x20)
                .contains { topics.contains(String(decoding: $0, as: UTF8.self)) }
        }
    }
}

extension [UInt8] {
    fileprivate func firstIndex(of byte: UInt8, after start: Int) -> Int? {
        start < count ? self[start...].firstIndex(of: byte) : nil
    }

    fileprivate func begins(with text: String, at place: Int) -> Bool {
        self[place...].starts(with: text.utf8)
    }
}
