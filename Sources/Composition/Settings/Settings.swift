import Configuration
import Contracts
import Foundation
import Logging
import Messaging
import SystemPackage
import Values

/// The effective configuration of one data folder: for each setting the first that is given of flag, environment
/// variable, the folder's `popug.json`, and the default.
package struct Settings: Sendable {
    /// A value, and where it came from: `flag`, `environment`, `file` or `default`.
    package struct Found: Sendable {
        package let value: String
        package let source: String
    }

    package let folder: String
    private let providers: [any ConfigProvider]

    /// - Parameter flags: what was given on the command line, by setting name.
    /// - Throws: ``Failure`` for a `popug.json` that cannot be read.
    package init(
        folder: String, flags: [String: String], environment: [String: String] = ProcessInfo.processInfo.environment
    ) async throws {
        self.folder = folder
        let given = flags.map { (AbsoluteConfigKey([$0.key]), ConfigValue(.string($0.value), isSecret: false)) }
        let environment =
            environment
            .filter { $0.key.hasPrefix("POPUG_") }
            .map {
                (
                    AbsoluteConfigKey([$0.key.dropFirst(6).lowercased().replacing("_", with: "-")]),
                    ConfigValue(.string($0.value), isSecret: false)
                )
            }
        let file: any ConfigProvider
        do {
            file = try await FileProvider<JSONSnapshot>(
                filePath: FilePath(folder + "/" + DataFolder.configurationName), allowMissing: true)
        } catch {
            // A file that can be read as text is not the JSON that it should be.
            let path = folder + "/" + DataFolder.configurationName
            _ = try TextFile.read(path, .configuration)
            throw Failure(.configuration, "\(path) is not an object of JSON: \(error). Mend or restore it.")
        }
        providers = [
            InMemoryProvider(name: "flag", values: Dictionary(given, uniquingKeysWith: { $1 })),
            InMemoryProvider(name: "environment", values: Dictionary(environment, uniquingKeysWith: { $1 })),
            file,
        ]
    }

    /// The value of a setting; `nil` where it is not given and has no default.
    package func find(_ name: String) -> Found? {
        let key = AbsoluteConfigKey([name])
        for (provider, source) in zip(providers, ["flag", "environment", "file"]) {
            if let text = Settings.text(try? provider.value(forKey: key, type: .string).value) {
                return Found(value: text, source: source)
            }
            // A number in the file without quotes is meant all the same.
            if let text = Settings.text(try? provider.value(forKey: key, type: .int).value) {
                return Found(value: text, source: source)
            }
        }
        return Setting.all.first { $0.name == name }?.standard.map { Found(value: $0, source: "default") }
    }

    private static func text(_ value: ConfigValue?) -> String? {
        switch value?.content {
        case .string(let text): text
        case .int(let number): String(number)
        default: nil
        }
    }

    /// - Throws: ``Failure`` where the setting has no value.
    package func required(_ name: String) throws -> String {
        guard let found = find(name) else {
            throw Failure(.configuration, "\(name) is not set. Run `popug init --data \(folder)` first.")
        }
        return found.value
    }

    package func installation() throws -> ID {
        guard let installation = ID(try required("installation")) else {
            throw Failure(.configuration, "installation is not an id; restore popug.json from a backup")
        }
        return installation
    }

    /// The company that the folder belongs to.
    /// - Throws: ``Failure`` that names the setting that is wrong.
    package func company() throws -> Company {
        let zone = try SettingRules.zone(try required("time-zone"))
        let hour = try SettingRules.closingHour(try required("closing-hour"))
        guard let calendar = BusinessCalendar(zone: zone, closingHour: hour) else {
            throw Failure(.configuration, "time-zone and closing-hour are not understood")
        }
        return Company(
            installation: try installation(), name: try SettingRules.company(try required("company")),
            currency: try SettingRules.currency(try required("currency")), calendar: calendar,
            publicAddress: try SettingRules.publicAddress(try required("public-address")))
    }

    /// A range of whole units, written `10-20`.
    package func range(_ name: String) throws -> ClosedRange<Int64> {
        try SettingRules.range(try required(name), of: name)
    }

    package func logLevel() throws -> Logger.Level {
        try SettingRules.logLevel(try required("log-level"))
    }

    /// The hour at which the server makes a backup by itself; `nil` for never.
    package func backupHour() throws -> Int? {
        let text = try required("backup-at")
        guard !text.isEmpty else { return nil }
        guard let hour = SettingRules.whole(text, 0...23) else {
            throw Failure(.configuration, "backup-at must be an hour from 0 to 23, or empty")
        }
        return hour
    }

    package func backupsKept() throws -> Int {
        guard let count = SettingRules.whole(try required("backup-keep"), 1...1000) else {
            throw Failure(.configuration, "backup-keep must be a number from 1 to 1000")
        }
        return count
    }

    /// Older event versions that are published beside the newest: names with versions, separated by commas or spaces.
    package func olderEvents() throws -> Set<String> {
        let given = try required("older-events").split { $0 == "," || $0 == " " }.map(String.init)
        let known = TaskCreated.older.map(\.type)
        guard given.allSatisfy(known.contains) else {
            throw Failure(.configuration, "older-events may name: \(known.sorted().joined(separator: ", "))")
        }
        return Set(given)
    }

    /// Whether an event that has no code is taken for one: see `EventCodes`.
    func acceptsEventsWithoutCodes() throws -> Bool {
        switch try required("event-codes") {
        case "required": return false
        case "optional": return true
        default: throw Failure(.configuration, "event-codes must be required or optional")
        }
    }

    /// Host and port to listen on.
    package func listen() throws -> (host: String, port: Int) {
        try SettingRules.listen(try required("listen"))
    }

    /// The installation's 32 secret bytes: the key of prices (X21), of private keys at rest and of form tokens.
    package func secret() throws -> [UInt8] {
        if let found = find("secret") { return try Settings.secretBytes(found.value, from: found.source) }
        let path = find("secret-file")?.value ?? folder + "/" + DataFolder.secretName
        let text: String
        do {
            text = try TextFile.read(path, .configuration)
        } catch {
            throw Failure(
                .configuration,
                "the secret: \(error). Restore it from where you keep it; without it prices cannot be drawn and nobody "
                    + "can sign in.")
        }
        return try Settings.secretBytes(text.trimmingCharacters(in: .whitespacesAndNewlines), from: path)
    }

    static func secretBytes(_ text: String, from source: String) throws -> [UInt8] {
        guard let bytes = Hexadecimal.bytes(text), bytes.count == 32 else {
            throw Failure(.configuration, "the secret from \(source) must be 64 hexadecimal digits")
        }
        return bytes
    }
}
