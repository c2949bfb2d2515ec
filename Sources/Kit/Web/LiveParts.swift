/// What is sent of a page to a reader who has the page already: its live elements of the topics that have moved, and
/// the marks of what other services put in.
///
/// The page is our own: its attributes stand in double quotes, and no tag stands in a text.
enum LiveParts {
    /// - Parameter topics: those that have moved.
    static func cut(_ page: [UInt8], topics: Set<String>) -> [UInt8] {
        var result = Array("<!doctype html>".utf8)
        var at = 0
        while let open = page.firstIndex(of: 0x3C, after: at) {
            if page.begins(with: "<!--#", at: open), let end = page.firstIndex(of: 0x3E, after: open) {
                result += page[open...end]
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

    /// Where the element that the tag opens ends.
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
        /// After its `>`.
        let end: Int
        private let text: String

        init?(_ page: [UInt8], at open: Int) {
            guard open + 1 < page.count, (0x61...0x7A).contains(page[open + 1]),
                let close = page.firstIndex(of: 0x3E, after: open)
            else { return nil }
            let inside = page[(open + 1)..<close]
            name = String(decoding: inside.prefix { $0 > 0x20 }, as: UTF8.self)
            text = inside.count > name.utf8.count ? String(decoding: inside, as: UTF8.self) : ""
            end = close + 1
        }

        func isLive(_ topics: Set<String>) -> Bool {
            guard let live = text.firstRange(of: " data-live=\""), text.firstRange(of: " id=\"") != nil else {
                return false
            }
            return text[live.upperBound...].prefix { $0 != "\"" }.utf8.split(separator: 0x20)
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
