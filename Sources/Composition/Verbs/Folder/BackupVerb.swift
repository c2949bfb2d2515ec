import ArgumentParser
import Foundation
import Operations
import SQLiteDriver
import Values
import Web

struct BackupVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Write everything as of one moment into one file, running or stopped.",
        discussion: """
            All services and the event log stand still together for some milliseconds; then work goes on while the file \
            is written. FILE is a .tar.gz with a manifest and checksums; a folder takes a file named after the time. It \
            holds the installation's secret, and is readable by its owner only: keep it like the secret. While it is \
            made, its folder needs room for the largest database beside it. Ctrl-C leaves nothing.
            """)

    @OptionGroup var options: FolderOptions
    @Argument(help: "The file to write; it must not be there yet. Or a folder.") var file: String
    @Flag(
        help: "Leave the secret out, and settings that hold one. Without a copy of it the backup cannot be used.")
    var withoutSecret = false

    func run() async throws {
        try await Verb.run {
            let settings = try await Verb.settings(options)
            try settings.requireFolder(
                "backup", instead: "Back the databases up with PostgreSQL's own tools (docs/operating.md).")
            let now = Environment.live().now()
            var isFolder: ObjCBool = false
            let isThere = FileManager.default.fileExists(atPath: file, isDirectory: &isFolder)
            let target = isThere && isFolder.boolValue ? file + "/" + BackupRoom.name(at: now) : file
            let stop = StopSignals()
            let (source, held) = try await BackupVerb.open(settings, withSecret: !withoutSecret)
            defer { source.end() }
            let bar = ProgressBar("Backing up", unit: .bytes)
            let writer = try BackupWriter(source, settings: settings, held: held)
            let result = try writer.write(to: target) { done, total in
                try stop.check()
                bar.show(done / 2, of: total / 2)
            }
            bar.end()
            let path = URL(filePath: target).standardizedFileURL.path
            try? BackupRecords(folder: settings.folder).add(
                BackupRecord(
                    at: result.manifest.at, file: path, size: result.size, seconds: result.seconds,
                    heldMilliseconds: result.manifest.heldMilliseconds, by: BackupRecord.commandLine, error: nil))
            report(result, path)
            if !writer.isSigned {
                Terminal.complain(
                    "The secret is not at hand, so this backup has no code that shows that it is genuine: restoring it "
                        + "needs --unsigned. Set POPUG_SECRET or secret-file where backups are made.")
            }
        }
    }

    private func report(_ result: BackupWriter.Result, _ path: String) {
        let manifest = result.manifest
        let size = manifest.files.reduce(0) { $0 + $1.size }
        Terminal.say("\(manifest.company) as of \(manifest.at): \(path)")
        Terminal.say(
            "\(Terminal.size(result.size)) of \(Terminal.size(size)) in \(Terminal.decimal(result.seconds)) s; "
                + "writers stood still for \(Terminal.decimal(manifest.heldMilliseconds)) ms")
        Terminal.say(
            manifest.hasSecret
                ? "It holds the secret: keep it where nobody else reads it."
                : "The secret is not in it: it is of use only together with a copy of that.")
        if let names = manifest.leftOut, !names.isEmpty {
            Terminal.say("Left out as well: \(names.joined(separator: ", ")).")
        }
    }

    /// Opens everything at one moment: the running server stops its writers for it; in a stopped folder nobody writes.
    private static func open(_ settings: Settings, withSecret: Bool) async throws -> (BackupSource, Duration) {
        func source() throws -> BackupSource {
            try BackupSource(folder: settings.folder, withSecret: withSecret, at: Environment.live().now())
        }
        guard let server = SocketConnection(folder: settings.folder) else {
            let lock = try FolderLock(folder: settings.folder)
            defer { withExtendedLifetime(lock) {} }
            return (try source(), .zero)
        }
        do {
            let token = try await BackupVerb.local(LocalHold.hold, server)["token"].text ?? ""
            let opened = Result { try source() }
            // Also if something could not be opened: the writers are waiting.
            let answer = try await BackupVerb.local(LocalHold.release + "?" + token, server)
            await server.close()
            return (try opened.get(), .microseconds(answer["held_microseconds"].number ?? 0))
        } catch {
            await server.close()
            throw error
        }
    }

    private static func local(_ path: String, _ server: SocketConnection) async throws -> JSONValue {
        let answer = try await server.send("POST", path, body: [], type: nil, key: nil)
        guard answer.status == 200 else {
            throw Failure(
                .unavailable, "The server could not hold its writers: \(answer.text.trimmingCharacters(in: .newlines))")
        }
        return try answer.json()
    }
}
