import Messaging
import Storage
import Values

/// A setting's text as it is in effect.
package struct SettingInEffect: Sendable {
    package let line: SettingLine
    package let text: String

    package init(line: SettingLine, text: String) {
        self.line = line
        self.text = text
    }
}

/// The settings that a service had at its last start. Settings are changed in a file or in the environment, where nobody
/// looks on; so a service finds at its start what has changed, and publishes it (``SettingChanged``).
package struct LastSettings: Sendable {
    private let journal: Journal
    private let installation: ID

    /// - Parameter journal: the service's.
    package init(journal: Journal, installation: ID) {
        self.journal = journal
        self.installation = installation
    }

    /// For the kit's fifth step. Of a secret, a keyed code is stored.
    static let schema = """
        CREATE TABLE last_setting (
            name TEXT PRIMARY KEY,
            value TEXT NOT NULL
        ) STRICT, WITHOUT ROWID
        """

    /// Compares the settings, stores them, and publishes each change. The first start of all only stores them. The same
    /// settings cost one read. Of several processes that find a change at once, one publishes it.
    @available(*, noasync)
    package func compare(
        _ settings: [SettingInEffect], in database: any Database, _ environment: Environment
    ) throws {
        let last = try database.read { try LastSettings.all(in: $0) }
        guard settings.contains(where: { last[$0.line.name] != mark($0.text, of: $0.line) }) else { return }
        try database.write { transaction in
            let last = try LastSettings.all(in: transaction)
            let now = environment.now()
            for setting in settings {
                guard let before = try store(setting, last, in: transaction), !last.isEmpty else { continue }
                let id = installation.derived("\(journal.topic) \(setting.line.name) \(now.milliseconds)")
                try journal.append(
                    changed(setting, from: before, at: now), id: id, at: now, trace: "start", in: transaction)
            }
        }
    }

    private static func all(in transaction: any Transaction) throws -> [String: String] {
        let rows = try transaction.fetch("SELECT name, value FROM last_setting")
        return Dictionary(uniqueKeysWithValues: try rows.map { (try $0(0), try $0(1)) })
    }

    /// Returns what was stored before; `nil` if that is the same, or another process has stored it meanwhile.
    private func store(
        _ setting: SettingInEffect, _ last: [String: String], in transaction: any Transaction
    ) throws -> String? {
        let (name, value) = (setting.line.name, mark(setting.text, of: setting.line))
        guard let before = last[name] else {
            let stored = try transaction.change(
                "INSERT INTO last_setting (name, value) VALUES (\(name), \(value)) ON CONFLICT (name) DO NOTHING")
            // A setting of a new version: before, what is its default now was in effect.
            let standard = mark(setting.line.standard ?? "", of: setting.line)
            return stored == 1 && standard != value ? standard : nil
        }
        guard before != value else { return nil }
        let stored = try transaction.change(
            "UPDATE last_setting SET value = \(value) WHERE name = \(name) AND value = \(before)")
        return stored == 1 ? before : nil
    }

    /// What a setting is compared by.
    private func mark(_ text: String, of line: SettingLine) -> String {
        guard line.isSecret, !text.isEmpty else { return text }
        return Hexadecimal.text(
            journal.codes.code(ofRow: Array("setting \(line.name)\0\(text)".utf8), in: journal.topic))
    }

    private static let longest = 500

    private func changed(_ setting: SettingInEffect, from before: String, at now: Instant) -> SettingChanged {
        let isSecret = setting.line.isSecret
        return SettingChanged(
            installation: installation, setting: setting.line.name,
            before: isSecret ? nil : before.beginning(LastSettings.longest),
            after: isSecret ? nil : setting.text.beginning(LastSettings.longest), time: now)
    }
}
