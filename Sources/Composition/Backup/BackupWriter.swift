import Archive
import Foundation
import SQLiteDriver
import Storage
import Values

/// Writes one backup file.
package struct BackupWriter {
    package struct Result: Sendable {
        package let manifest: BackupManifest
        /// Bytes of the file.
        package let size: Int64
        package let seconds: Double
    }

    let source: BackupSource
    let installation: ID
    let company: String
    let held: Duration
    /// `nil` if the secret is not available: the backup then has no code.
    private let seal: BackupSeal?
    var isSigned: Bool { seal != nil }
    /// How many threads compress: half of the machine's cores, so that a server on the same machine keeps the others.
    private let lanes = max(1, ProcessInfo.processInfo.activeProcessorCount / 2)

    package init(_ source: BackupSource, settings: Settings, held: Duration) throws {
        self.source = source
        let company = try settings.company()
        installation = company.installation
        self.company = company.name
        self.held = held
        seal = (try? settings.secret()).map(BackupSeal.init)
    }

    /// Writes the backup, named `file.partial` until all of it is on the disk. After a stop or an error, no file is
    /// left.
    ///
    /// - Parameter progress: is called with the bytes done and the total; what it throws stops the work.
    /// - Throws: ``Failure`` if the file exists already, `StorageError` for the disk, what `progress` throws.
    package func write(
        to file: String, progress: (_ done: Int64, _ total: Int64) throws -> Void
    ) throws -> Result {
        let start = ContinuousClock.now
        guard !FileManager.default.fileExists(atPath: file) else {
            throw Failure(.refused, "\(file) is there already; a backup never takes another's place. Name a new file.")
        }
        let partial = file + ".partial"
        guard ArchiveWriter.clear(partial) else {
            throw Failure(.refused, "Another backup is being written to \(file). Name another file, or wait for it.")
        }
        do {
            let size: Int64
            let manifest = try manifest()
            do {
                let archive = try ArchiveWriter(path: partial, lanes: lanes)
                try fill(archive, manifest, beside: URL(filePath: file).deletingLastPathComponent().path, progress)
                size = archive.written
            }
            guard rename(partial, file) == 0 else {
                throw StorageError.unavailable("\(file): \(String(cString: strerror(errno)))")
            }
            try DataFolder.sync(URL(filePath: file).deletingLastPathComponent().path)
            return Result(manifest: manifest, size: size, seconds: start.duration(to: .now).seconds)
        } catch {
            unlink(partial)
            throw error
        }
    }

    private func manifest() throws -> BackupManifest {
        let small = source.small.map { BackupManifest.File(name: $0.name, size: Int64($0.bytes.count), schema: nil) }
        let databases = try source.databases.map { name, snapshot in
            BackupManifest.File(name: name, size: try snapshot.size(), schema: try snapshot.schema())
        }
        return BackupManifest(
            version: Version.text, installation: installation, company: company, at: source.at,
            heldMilliseconds: (held.seconds * 100_000).rounded() / 100, files: small + databases,
            leftOut: source.leftOut)
    }

    private func fill(
        _ archive: ArchiveWriter, _ manifest: BackupManifest, beside folder: String,
        _ progress: (_ done: Int64, _ total: Int64) throws -> Void
    ) throws {
        let time = source.at.seconds
        var sums = ""
        func note(_ name: String, _ sum: String) { sums += "\(sum)  \(name)\n" }
        note(BackupManifest.name, try archive.add(BackupManifest.name, manifest.encoded(), time: time))
        for file in source.small { note(file.name, try archive.add(file.name, file.bytes, time: time)) }
        // Every byte is copied once and compressed once.
        let total = manifest.files.reduce(0) { $0 + $1.size } * 2
        var done = source.small.reduce(Int64(0)) { $0 + Int64($1.bytes.count) } * 2
        for (name, snapshot) in source.databases {
            let size = try snapshot.size()
            let before = done
            let copy = try snapshot.copy(in: folder) { pages, of in
                try progress(before + (of == 0 ? 0 : size * pages / of), total)
            }
            defer { try? copy.close() }
            done += size
            try copy.seek(toOffset: 0)
            let sum = try archive.add(name, length: size, time: time) {
                let piece = try copy.read(upToCount: 1 << 20) ?? Data()
                done += Int64(piece.count)
                try progress(done, total)
                return [UInt8](piece)
            }
            note(name, sum)
            snapshot.end()
        }
        _ = try archive.add(BackupManifest.sums, Array(sums.utf8), time: time)
        if let seal { _ = try archive.add(BackupSeal.name, seal.code(of: Array(sums.utf8)), time: time) }
        try archive.finish()
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
