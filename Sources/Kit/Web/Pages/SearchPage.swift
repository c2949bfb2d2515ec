import Values

/// One search over everything that the reader may see. Each service searches its own data, with a fragment that it
/// lists in its `search`. The fragment is requested with `?q=`, and returns a section of the template `kit/found`, see
/// ``Answer/found(_:_:more:)``.
package enum SearchPage {
    /// The maximum length of the search text that is read, in scalars.
    package static let longest = 200

    /// - Parameter parts: the paths of the fragments.
    package static func endpoint(_ parts: [String], _ pages: PageRenderer) -> Endpoint {
        .page("/search", "Search everything that one may see", access: .staff) { call, _ in
            let text = words(call)
            let asked = "?q=" + PercentCoding.encode(text)
            let links = try pages.links(named: text, for: call.person(), call.language)
            return .page(
                "kit/search", title: "web.search",
                [
                    "q": .text(text), "asked": .flag(!text.isEmpty),
                    "pages": .list(links.map { ["title": .text($0.title), "path": .text($0.path)] }),
                    "anyPage": .flag(!links.isEmpty),
                    "parts": .text(
                        text.isEmpty ? "" : parts.map { IncludingPage.mark($0 + asked) }.joined(separator: "\n")),
                ])
        }
    }

    /// The typed text, as the page and its fragments read it.
    package static func words(_ call: Call) -> String { (call.query("q") ?? "").beginning(longest) }
}
