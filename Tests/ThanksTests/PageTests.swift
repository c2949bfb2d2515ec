import Foundation
import Testing

/// docs/first-service.md shows the code that is built.
@Suite("Your first service: the page")
struct PageTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// The page's pieces of Swift.
    private static func pieces() throws -> [String] {
        try text("docs/first-service.md").components(separatedBy: "```swift\n").dropFirst().map {
            $0.components(separatedBy: "```")[0].trimmingCharacters(in: .newlines)
        }
    }

    @Test("Each piece of code on the page stands in the sources")
    func pieces() throws {
        let folders = ["examples/Thanks", "Tests/ThanksTests"]
        let sources = try folders.flatMap { folder in
            try FileManager.default.contentsOfDirectory(atPath: PageTests.root.appending(path: folder).path)
                .filter { $0.hasSuffix(".swift") && $0 != "PageTests.swift" }
                .map { try PageTests.text(folder + "/" + $0) }
        }
        let pieces = try PageTests.pieces()
        #expect(pieces.count >= 12)
        for piece in pieces { #expect(sources.contains { $0.contains(piece) }, "\(piece)") }
    }
}
