import Composition
import Foundation
import TestKit
import Testing

/// What the documents say of the code, where it can be compared.
@Suite("Documents")
struct DocumentTests {
    @Test("ARCHITECTURE.md names every service")
    func services() throws {
        let architecture = try Repository.text("ARCHITECTURE.md")
        for module in Services.all {
            let target = "\(module)".replacing("Service", with: "")
            #expect(architecture.contains("`\(target)`"), "\(target)")
        }
    }

    @Test("Every rule that is cited stands in docs/rules.md")
    func rules() throws {
        let known = Set(try Repository.text("docs/rules.md").matches(of: /(?m)^\| (X\d+) \|/).map { String($0.1) })
        #expect(known.count > 40)
        var cited = 0
        for folder in ["Sources", "Tests", "docs", "examples"] {
            for path in Repository.files(below: folder, ".swift", ".md", ".py") {
                for match in try Repository.text(path).matches(of: /\b(X\d{1,2})\b/) {
                    cited += 1
                    #expect(known.contains(String(match.1)), "\(path) cites \(match.1)")
                }
            }
        }
        #expect(cited > 400)
    }

    @Test("A link from one document to another leads somewhere")
    func links() throws {
        let documents =
            ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"]
            + Repository.files(below: "docs", ".md")
        for document in documents {
            let folder = URL(filePath: Repository.path(document)).deletingLastPathComponent()
            for match in try Repository.text(document).matches(of: /\]\(([^)#\s]+)(?:#[^)]*)?\)/) {
                let target = String(match.1)
                guard !target.contains("://"), !target.hasPrefix("mailto:") else { continue }
                let path = folder.appending(path: target).standardizedFileURL.path
                #expect(FileManager.default.fileExists(atPath: path), "\(document): \(target)")
            }
        }
    }
}
