import Configuration
import Foundation
import Logging
import ServiceKit
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

    /// All that can be set, of the house and of its services.
    package static let declared: [any SettingDeclaration] =
        house.declared + Services.all.flatMap { $0.settings.declared }

    static let house = HouseSettings()

    /// The same, by the lines of `popug config`.
    package static let lines: [SettingLine] = declared.flatMap(\.lines)

    /// The value of a setting; `nil` where it is not given and has no default.
    package func find(_ name: String) -> Found? {
        given(name) ?? Settings.lines.first { $0.name == name }?.standard.map { Found(value: $0, source: "default") }
    }

    private func given(_ name: String) -> Found? {
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
        return nil
    }

    /// For the services, and for whoever reads what was declared.
    package var values: SettingValues {
        SettingValues(
            given: { name in given(name).map { SettingValues.Given(value: $0.value, source: $0.source) } },
            read: { try TextFile.read($0, .configuration, whose: $1) })
    }

    /// - Throws: ``Failure`` that says what the setting must be.
    func value<Value>(of setting: some SettingDeclaration<Value>) throws -> Value {
        do {
            return try values.value(of: setting)
        } catch let error as SettingError {
            let more = error.isMissing ? ". Run `popug init --data \(folder)` first." : ""
            throw Failure(.configuration, error.description + more)
        }
    }

    private static func text(_ value: ConfigValue?) -> String? {
        switch value?.content {
        case .string(let text): text
        case .int(let number): String(number)
        default: nil
        }
    }

    /// - Throws: ``Failure`` where the setting is wrong.
    func check(_ setting: some SettingDeclaration) throws { _ = try value(of: setting) }

    package func installation() throws -> ID { try value(of: Settings.house.installation) }

    /// The company that the folder belongs to.
    /// - Throws: ``Failure`` that names the setting that is wrong.
    package func company() throws -> Company {
        let (zone, hour) = (try value(of: Settings.house.zone), try value(of: Settings.house.closingHour))
        guard let calendar = BusinessCalendar(zone: zone, closingHour: hour) else {
            throw Failure(.configuration, "time-zone and closing-hour are not understood")
        }
        return Company(
            installation: try installation(), name: try value(of: Settings.house.company),
            currency: try value(of: Settings.house.currency), calendar: calendar,
            publicAddress: try value(of: Settings.house.publicAddress))
    }

    /// The installation's 32 secret bytes: the key of prices (X21), of private keys at rest and of form tokens.
    package func secret() throws -> [UInt8] {
        do {
            if let given = try values.value(of: Settings.house.secret) { return given }
            let path = folder + "/" + DataFolder.secretName
            let text = try TextFile.read(path, .configuration).trimmingCharacters(in: .whitespacesAndNewlines)
            return try HouseSettings.secretBytes(text, from: path)
        } catch let error as SettingError {
            throw Failure(.configuration, error.description)
        } catch {
            throw Failure(
                .configuration,
                "the secret: \(error). Restore it from where you keep it; without it prices cannot be drawn and nobody "
                    + "can sign in.")
        }
    }

    /// A value as it may be shown: without secrets, and without the passwords of addresses.
    static func shown(_ line: SettingLine, _ value: String) -> String {
        if line.isSecret { return "••••••••" }
        // Whatever its name: what is shown is also published when it changes. A password may have any character up to the
        // `@`, and may be quoted as libpq reads it.
        return value.replacing(#/(:\/\/[^:@\/]*):[^@\/]*@/#) { "\($0.output.1):••••@" }
            .replacing(#/password\s*=\s*('(?:[^'\\]|\\.)*'|(?:[^\s\\]|\\.)+)/#, with: "password=••••")
    }
}
