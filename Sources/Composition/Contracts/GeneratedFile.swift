import Foundation

/// A file of the repository that the program writes from its own declarations.
package struct GeneratedFile: Sendable, Hashable {
    /// The path inside its folder: `tracker/task-created.2.json`.
    package let path: String
    package let text: String
}

extension [GeneratedFile] {
    /// The files in a folder that differ from what the program would write.
    package func stale(in folder: String) -> [String] {
        filter { (try? String(contentsOfFile: folder + "/" + $0.path, encoding: .utf8)) != $0.text }.map(\.path)
    }

    /// Writes the files that differ, and returns them.
    package func write(to folder: String) throws -> [String] {
        let stale = Set(stale(in: folder))
        for file in self where stale.contains(file.path) {
            let url = URL(filePath: folder + "/" + file.path)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(file.text.utf8).write(to: url)
        }
        return stale.sorted()
    }
}
