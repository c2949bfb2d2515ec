import Foundation
import TestKit
import Testing

/// docs/first-service.md shows the code that is built.
@Suite("Your first service: the page")
struct PageTests {
    /// The page's pieces of Swift.
    private static func pieces() throws -> [String] {
        try Repository.text("docs/first-service.md").components(separatedBy: "```swift\n").dropFirst().map {
            $0.components(separatedBy: "```")[0].trimmingCharacters(in: .newlines)
        }
    }

    @Test("Each piece of code on the page stands in the sources")
    func pieces() throws {
        let files =
            Repository.files(below: "examples/Thanks", ".swift") + ["Tests/ThanksTests/ThanksTests.swift"]
        let sources = try files.map { try Repository.text($0) }
        let pieces = try PageTests.pieces()
        #expect(pieces.count >= 12)
        for piece in pieces { #expect(sources.contains { $0.contains(piece) }, "\(piece)") }
    }
}
