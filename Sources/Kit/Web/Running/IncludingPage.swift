import Values

/// A page with marks of parts to include, as ``Answer/include(_:)`` writes them. The marks are directives of
/// server-side includes, which nginx understands too.
package struct IncludingPage: Sendable {
    /// The header that says that the page still has marks: `Popug-Includes: yes`.
    package static let header = "popug-includes"

    /// The paths of the fragments.
    package let paths: [String]
    /// Whether a part is simply left out while its service is down. If not, a line says so.
    package let quiet: [Bool]
    private let response: WebResponse
    /// The text around the parts: one piece more than there are parts.
    private let pieces: [ArraySlice<UInt8>]

    private static let open = Array("<!--#include virtual=\"".utf8)
    private static let close = Array("\" -->".utf8)

    /// - Parameter quiet: whether the part is left out while its service is down.
    static func mark(_ path: String, quiet: Bool = false) -> String {
        "<!--#include virtual=\"\(path)\(quiet ? (path.has("?") ? "&" : "?") + quietly : "")\" -->"
    }

    /// At the end of a mark's path. Fragments do not read it; nginx does, in the gateway's place.
    private static let quietly = "quiet=1"

    static func isQuiet(_ mark: ArraySlice<UInt8>) -> Bool {
        mark.dropLast(close.count).suffix(quietly.utf8.count).elementsEqual(quietly.utf8)
    }

    /// `nil` if there is nothing to include.
    package init?(_ response: WebResponse) {
        guard response.kind == .page || response.kind == .form, response.status != 303 else { return nil }
        // A file that people download may have such a mark in what somebody typed. The gateway knows no type here, and
        // looks only into answers that say that they have marks.
        if let type = response.header("content-type"), !type.begins(with: "text/html") { return nil }
        let body = response.body
        var marks: [String] = []
        var pieces: [ArraySlice<UInt8>] = []
        var position = 0
        while marks.count < 32, let start = body.firstIndex(of: IncludingPage.open, from: position),
            let end = body.firstIndex(of: IncludingPage.close, from: start)
        {
            marks.append(String(decoding: body[(start + IncludingPage.open.count)..<end], as: UTF8.self))
            pieces.append(body[position..<start])
            position = end + IncludingPage.close.count
        }
        guard !marks.isEmpty else { return nil }
        pieces.append(body[position...])
        quiet = marks.map { $0.hasSuffix(IncludingPage.quietly) }
        paths = marks
        self.pieces = pieces
        self.response = response
    }

    /// - Parameter parts: the content for each mark; `nil` keeps the mark.
    package func filled(_ parts: [[UInt8]?]) -> WebResponse {
        var response = response
        response.body = []
        for (index, piece) in pieces.enumerated() {
            response.body += piece
            guard index < parts.count else { continue }
            response.body += parts[index] ?? Array(IncludingPage.mark(paths[index]).utf8)
        }
        if parts.contains(nil) { response.headers.append((IncludingPage.header, "yes")) }
        return response
    }
}
