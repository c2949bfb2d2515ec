import Foundation
import Hosting
import Logging
import Operations
import SQLiteDriver
import Storage
import Synchronization
import Values

/// Makes backups in the folder's own `backups/` while the server runs: when an admin asks, and once a day if an hour is
/// set. It makes one at a time, on a thread of its own, and deletes the oldest if there are more than are kept.
package final class BackupRoom: BackupKeeper, Sendable {
    private struct State {
        var databases: [any Database] = []
        var feed: LiveFeed?
        var wanted: (by: String, trace: String)?
        var current: BackupProgress?
        /// The trace of the backup that is wanted or under way, or of the last one.
        var trace = ""
        var told = ContinuousClock.now
        var failedAt: Instant?
        var isEnding = false
    }

    package let kept: Int
    package let hour: Int?
    private let settings: Settings
    private let environment: Values.Environment
    private let logger: Logger
    private let calendar: BusinessCalendar?
    private let records: BackupRecords
    private let state = Mutex(State())
    private let wake = Signal()
    private let ended = Signal()

    /// - Throws: ``Failure`` if a setting is wrong.
    package init(_ settings: Settings, environment: Values.Environment, logger: Logger) throws {
        self.settings = settings
        self.environment = environment
        self.logger = logger
        records = BackupRecords(folder: settings.folder)
        (hour, kept) = (
            try settings.value(of: Settings.house.backupAt), try settings.value(of: Settings.house.backupKeep)
        )
        calendar = hour.flatMap {
            BusinessCalendar(zone: settings.find("time-zone")?.value ?? "UTC", closingHour: $0)
        }
    }

    private var place: String { settings.folder + "/" + DataFolder.backupsName }

    // MARK: Its thread

    /// Removes what a killed process left, and starts to work.
    /// - Parameter databases: all databases whose writers are held, in order.
    package func start(_ databases: [any Database], feed: LiveFeed) {
        state.withLock { ($0.databases, $0.feed) = (databases, feed) }
        for name in (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? [] {
            if name.hasSuffix(".partial") || name.hasPrefix(".popug-copy-") { unlink(place + "/" + name) }
        }
        let thread = Thread { [self] in
            work()
            ended.end()
        }
        thread.name = "backups"
        thread.start()
    }

    /// Stops the backup that is under way and ends the thread. To be called before the databases are closed.
    package func end() {
        let wasStarted = state.withLock { state in
            state.isEnding = true
            return state.feed != nil
        }
        wake.note()
        while wasStarted, !ended.isOver { ended.wait(past: ended.count, atMost: 1) }
    }

    private func work() {
        while true {
            let seen = wake.count
            if state.withLock({ $0.isEnding }) { return }
            if let (by, trace) = state.withLock({ $0.wanted }) {
                make(by: by, trace: trace)
            } else if isDue() {
                make(by: BackupRecord.schedule, trace: "")
            } else {
                wake.wait(past: seen, atMost: hour == nil ? 3600 : 20)
            }
        }
    }

    /// Whether the daily backup is still to be made: a missed one is made at the start. After a failure, it waits an
    /// hour.
    private func isDue() -> Bool {
        guard let calendar else { return false }
        let now = environment.now()
        // A time in the future was recorded by a clock that ran ahead, and is ignored (X65).
        if let failed = state.withLock({ $0.failedAt }), failed <= now, now < failed.adding(seconds: 3600) {
            return false
        }
        let last = (try? records.latest(100))?.first {
            $0.error == nil && $0.by == BackupRecord.schedule && $0.at <= now
        }
        return last.map { calendar.day(of: $0.at) < calendar.day(of: now) } ?? true
    }

    // MARK: One backup

    private func make(by name: String, trace: String) {
        let begun = environment.now()
        let databases = state.withLock { state in
            // A backup that was requested while the daily one began is made after it.
            if state.wanted?.trace == trace { state.wanted = nil }
            state.current = BackupProgress(since: begun, by: name)
            return state.databases
        }
        tell()
        let file = BackupRoom.name(at: begun)
        let record: BackupRecord
        do {
            let result = try write(file, databases)
            record = BackupRecord(
                at: result.manifest.at, file: file, size: result.size, seconds: result.seconds,
                heldMilliseconds: result.manifest.heldMilliseconds, by: name, error: nil)
            thin(keeping: file)
            state.withLock { $0.failedAt = nil }
        } catch {
            logger.error("backup failed", metadata: ["error": "\(error)"])
            record = BackupRecord(
                at: begun, file: file, size: 0,
                seconds: Double(environment.now().milliseconds - begun.milliseconds) / 1000,
                heldMilliseconds: 0, by: name, error: "\(error)")
            state.withLock { $0.failedAt = begun }
        }
        do { try records.add(record) } catch { logger.error("backup not recorded", metadata: ["error": "\(error)"]) }
        state.withLock { $0.current = nil }
        tell()
    }

    private func write(_ file: String, _ databases: [any Database]) throws -> BackupWriter.Result {
        try FileManager.default.createDirectory(
            atPath: place, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let hold = WriterHold(databases)
        try hold.begin()
        let opened = Result {
            try BackupSource(folder: settings.folder, withSecret: true, at: environment.now())
        }
        let held = Result { try hold.end() }
        let source = try opened.get()
        defer { source.end() }
        return try BackupWriter(source, settings: settings, held: try held.get()).write(to: place + "/" + file) {
            done, total in
            let (isOver, isNews) = state.withLock { state in
                state.current?.done = done
                state.current?.total = total
                let isNews = state.told.duration(to: .now) > .milliseconds(500)
                if isNews { state.told = .now }
                return (state.isEnding || state.current?.isStopping == true, isNews)
            }
            if isOver { throw Failure(.refused, "stopped") }
            if isNews { tell() }
        }
    }

    /// `popug-2026-11-21-093000.tar.gz`, in UTC: names sort in the order of their times.
    static func name(at instant: Instant) -> String {
        let text = instant.description
        return "popug-\(text.prefix(10))-\(text.dropFirst(11).prefix(8).filter { $0 != ":" }).tar.gz"
    }

    /// Deletes the oldest backups made here; files that others have put there are left alone.
    private func thin(keeping new: String) {
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []).filter { name in
            name != new && name.wholeMatch(of: /popug-\d{4}-\d\d-\d\d-\d{6}\.tar\.gz/) != nil
        }.sorted()
        for name in names.dropLast(kept - 1) { unlink(place + "/" + name) }
    }

    private func tell() {
        state.withLock { $0.feed }?.moved("backups")
    }

    // MARK: As the pages see it

    package var current: BackupProgress? { state.withLock { $0.current } }

    package func latest(_ limit: Int) throws -> [BackupRecord] { try records.latest(limit) }

    package func start(by name: String, trace: String) -> Bool {
        let isTaken = state.withLock { state in
            if state.trace == trace { return true }
            guard state.current == nil, state.wanted == nil else { return false }
            (state.wanted, state.trace) = ((name, trace), trace)
            return true
        }
        wake.note()
        return isTaken
    }

    package func stop() -> Bool {
        state.withLock { state in
            guard state.current != nil else { return false }
            state.current?.isStopping = true
            return true
        }
    }
}
