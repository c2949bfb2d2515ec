import Directory
import Schemas
import Storage
import Values
import Web

/// Backups that were made, and one more. Only `popug restore` puts one back, and only the folder's owner reads one: it
/// holds the secret, so there is nothing to download here.
extension Operations {
    /// How many past ones are shown.
    private static let shown = 50

    var backupPages: [Endpoint] {
        [
            .page("/backups", "Backups, and the one under way", access: Self.access) { call, _ in
                try backupsPage(call)
            },
            .form("/backups", "Make a backup", access: Self.access) { _, _ in
                .redirect(to: "/backups").saying("backups.said.started")
            }.asking { call in try begin(call) },
            .page("/backups/stop", "Whether the backup under way is to be stopped", access: Self.access) { _, _ in
                guard backups.current != nil else { throw Problem.conflict("backups.none") }
                return .asking(
                    Confirmation(
                        title: "backups.stop.title", button: "backups.stop", lines: [], action: "/backups/stop",
                        back: "/backups"))
            },
            .form("/backups/stop", "Stop the backup under way", access: Self.access, idempotent: false) { call, _ in
                .redirect(to: "/backups").saying(
                    "backups.said.stopped", ["since": call.format.time(try call.found())])
            }.asking { _ in try stop() },
        ]
    }

    private func begin(_ call: Call) throws {
        guard backups.start(by: try call.person().name, trace: call.onceKey) else {
            throw Problem.conflict("backups.running")
        }
    }

    /// - Returns: when the one that is stopped began.
    private func stop() throws -> Instant {
        guard let current = backups.current, backups.stop() else { throw Problem.conflict("backups.none") }
        return current.since
    }

    private func backupsPage(_ call: Call) throws -> Answer {
        let rows = try backups.latest(Self.shown)
        let last = rows.first { $0.error == nil }
        let hours = last.map { max(0, (call.now.seconds - $0.at.seconds) / 3600) } ?? 0
        var model: [String: Model] = [
            "last": .time(last?.at),
            "hours": .flag(hours > 0), "count": .text(call.format.count(hours)),
            "hour": .text(backups.hour.map(String.init) ?? ""), "kept": .text(call.format.count(backups.kept)),
            "rows": .list(rows.map { Self.row($0, call.format) }), "any": .flag(!rows.isEmpty),
        ]
        if let current = backups.current {
            model["running"] = [
                "by": .text(current.by), "bySchedule": .flag(current.by == BackupRecord.schedule),
                "since": .time(current.since), "stopping": .flag(current.isStopping),
                "percent": .text(String(current.total == 0 ? 0 : min(100, current.done * 100 / current.total))),
                // Every byte counts twice in the progress: read, then packed.
                "done": .text(Self.mebibytes(current.done / 2, call.format)),
                "total": .text(Self.mebibytes(current.total / 2, call.format)),
            ]
        }
        return .page("operations/backups", title: "backups.title", .object(model))
    }

    private static func row(_ record: BackupRecord, _ format: Format) -> Model {
        let nobody = [BackupRecord.schedule, BackupRecord.commandLine].contains(record.by)
        return [
            "id": .text("\(record.at.milliseconds)-\(record.size)"), "at": .time(record.at), "file": .text(record.file),
            "error": .text(record.error ?? ""),
            "size": .text(mebibytes(record.size, format)), "seconds": .text(tenths(record.seconds, format)),
            "held": .text(tenths(record.heldMilliseconds, format)), "by": .text(nobody ? "" : record.by),
            "bySchedule": .flag(record.by == BackupRecord.schedule),
            "byCommand": .flag(record.by == BackupRecord.commandLine),
        ]
    }

    private static func mebibytes(_ bytes: Int64, _ format: Format) -> String {
        tenths(Double(bytes) / 1_048_576, format)
    }

    /// `12.3`; `12,3` in Russian.
    private static func tenths(_ number: Double, _ format: Format) -> String {
        let tenths = Int64((number * 10).rounded())
        return format.count(tenths / 10) + (format.language == .english ? "." : ",") + String(tenths % 10)
    }

    // MARK: For programs

    var backupAPI: [Endpoint] {
        [
            .read(
                "/api/backups", "The latest backups, newest first", access: Self.access,
                givesAll: BackupRecord.resource
            ) { _, _ in try backups.latest(Self.shown) },
            .command(.post, "/api/backups", "Make a backup into the folder's `backups`", access: Self.access) { _, _ in
                Answer(status: 202)
            }.asking { call in try begin(call) },
            .command(
                .delete, "/api/backups/current", "Stop the backup under way", access: Self.access, idempotent: false
            ) { _, _ in .nothing }.asking { _ in try stop() },
        ]
    }
}

extension BackupRecord {
    /// A backup, as programs see it.
    static let resource = Resource<BackupRecord>("Backup") {
        Field("at", \.at, "The moment that it shows")
        Field("file", \.file, "Its file")
        Field("size", \.size, "Bytes; 0 where it failed")
        Field("seconds", \.seconds, "How long it took")
        Field("held_milliseconds", \.heldMilliseconds, "How long the services' writers stood still for it")
        Field("by", \.by, "A person's name, `schedule` or `command line`")
        Field("error", \.error, "Why there is none")
    }
}
