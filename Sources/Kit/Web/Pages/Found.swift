/// A search result: a link, and what distinguishes it from others of the same name.
package struct Found: Sendable {
    let path: String
    let title: String
    let note: String

    package init(_ title: String, path: String, note: String = "") {
        self.path = path
        self.title = title
        self.note = note
    }
}

extension Answer {
    /// A service's part of a search; empty if it found nothing.
    ///
    /// - Parameters:
    ///   - heading: a catalogue key: "Tasks".
    ///   - more: the address of the whole list, if there are more results than these.
    package static func found(_ heading: String, _ found: [Found], more: String? = nil) -> Answer {
        .fragment(
            "kit/found",
            [
                "heading": .key(heading), "any": .flag(!found.isEmpty), "more": .text(more ?? ""),
                "found": .list(
                    found.map { ["title": .text($0.title), "path": .text($0.path), "note": .text($0.note)] }),
            ])
    }
}
