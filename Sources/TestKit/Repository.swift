import Foundation

/// The files of the repository, for tests that compare them with the program or with each other.
package enum Repository {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The path of a file or folder, given relative to the repository's root.
    package static func path(_ name: String) -> String { root.appending(path: name).path }

    package static func text(_ name: String) throws -> String {
        try String(contentsOfFile: path(name), encoding: .utf8)
    }

    /// The files below a folder whose names have one of these endings, relative to the repository's root.
    package static func files(below folder: String, _ ends: String...) -> [String] {
        let all = FileManager.default.enumerator(atPath: path(folder))?.allObjects as? [String] ?? []
        return all.filter { name in ends.contains { name.hasSuffix($0) } }.map { folder + "/" + $0 }
    }
}
