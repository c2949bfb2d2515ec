import Foundation

/// One line of `popug config`: a name and its purpose. The value can be given on the command line (`--listen`), in the
/// environment (`POPUG_LISTEN`) and in the folder's `popug.json` (`"listen"`).
package struct SettingLine: Sendable {
    package let name: String
    /// The default, if nothing is given.
    package let standard: String?
    package let about: String
    /// Shown as dots, and left out of a backup without secrets.
    package let isSecret: Bool
}

/// What can be configured of a service, or of the house: declared once, with what its text may be. Each stands in
/// `popug config`, and `popug doctor` reads it.
package protocol SettingDeclaration<Value>: Sendable {
    associatedtype Value: Sendable
    var lines: [SettingLine] { get }

    /// The value of the given text, or the default.
    /// - Throws: ``SettingError``, which names the setting and says what it must be.
    func value(in values: SettingValues) throws -> Value
}

/// Settings that belong together: each a stored property that is a ``SettingDeclaration``. To declare one is to list it.
package protocol SettingGroup: Sendable {}

extension SettingGroup {
    /// All of them, in the order in which they are written.
    package var declared: [any SettingDeclaration] {
        Mirror(reflecting: self).children.compactMap { $0.value as? any SettingDeclaration }
    }
}

/// Nothing can be configured.
package struct NoSettings: SettingGroup {
    package init() {}
}

/// A setting is wrong or missing; says what it must be, for the person who set it.
package struct SettingError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String
    /// Nothing was given, and there is no default.
    package let isMissing: Bool

    package init(_ description: String, isMissing: Bool = false) {
        self.description = description
        self.isMissing = isMissing
    }
}

/// A setting of one line.
package struct Setting<Value: Sendable>: SettingDeclaration {
    package let name: String
    package let standard: String?
    package let about: String
    private let meaning: @Sendable (_ text: String) throws -> Value
    /// The value if the text is empty or missing.
    private let absent: Value?

    /// - Parameter meaning: throws ``SettingError`` if the text is not valid for this setting.
    package init(
        _ name: String, standard: String?, _ about: String, _ meaning: @escaping @Sendable (String) throws -> Value
    ) {
        (self.name, self.standard, self.about, self.meaning, absent) = (name, standard, about, meaning, nil)
    }

    private init(
        _ name: String, _ standard: String?, _ about: String, absent: Value,
        _ meaning: @escaping @Sendable (String) throws -> Value
    ) {
        (self.name, self.standard, self.about, self.meaning, self.absent) = (name, standard, about, meaning, absent)
    }

    /// - Parameters:
    ///   - mustBe: `an hour from 0 to 23`; the error message if `meaning` returns `nil`.
    package init(
        _ name: String, standard: String?, _ about: String, mustBe: String,
        _ meaning: @escaping @Sendable (String) -> Value?
    ) {
        self.init(name, standard: standard, about) { text in
            guard let value = meaning(text) else { throw SettingError("\(name) must be \(mustBe)") }
            return value
        }
    }

    /// A setting that may be left empty, which means `nil`.
    package static func optional<Wrapped: Sendable>(
        _ name: String, standard: String? = "", _ about: String,
        _ meaning: @escaping @Sendable (String) throws -> Wrapped
    ) -> Setting<Wrapped?> where Value == Wrapped? {
        Setting<Wrapped?>(name, standard, about, absent: nil, { try meaning($0) })
    }

    package var lines: [SettingLine] { [SettingLine(name: name, standard: standard, about: about, isSecret: false)] }

    package func value(in values: SettingValues) throws -> Value {
        let text = values.given(name)?.value ?? standard
        if let absent, text?.isEmpty ?? true { return absent }
        guard let text else { throw SettingError("\(name) is not set", isMissing: true) }
        return try meaning(text)
    }
}

extension Setting where Value == Int {
    /// A whole number, in digits only, without a sign or a space.
    package static func whole(
        _ name: String, standard: Int, _ range: ClosedRange<Int>, _ about: String, mustBe: String
    ) -> Setting<Int> {
        Setting(name, standard: String(standard), about, mustBe: mustBe) { SettingText.whole($0, range) }
    }
}

extension Setting where Value == String? {
    /// Any text; an empty one means `nil`.
    package static func text(_ name: String, standard: String? = "", _ about: String) -> Setting<String?> {
        .optional(name, standard: standard, about) { $0 }
    }
}

/// A secret, given directly under its name, or in a file of one line under `NAME-file`.
package struct SecretSetting<Value: Sendable>: SettingDeclaration {
    package let name: String
    package let about: String
    private let keepsSpaces: Bool
    private let meaning: @Sendable (_ text: String, _ source: String) throws -> Value

    /// - Parameters:
    ///   - keepsSpaces: whether spaces at the ends of a file's text are part of the secret.
    ///   - meaning: throws ``SettingError``; `source` says where the text came from, for the message.
    package init(
        _ name: String, _ about: String, keepsSpaces: Bool = false,
        _ meaning: @escaping @Sendable (_ text: String, _ source: String) throws -> Value
    ) {
        (self.name, self.about, self.keepsSpaces, self.meaning) = (name, about, keepsSpaces, meaning)
    }

    package var lines: [SettingLine] {
        [
            SettingLine(name: name, standard: nil, about: about, isSecret: true),
            SettingLine(name: file, standard: nil, about: "A file that holds \(name)", isSecret: false),
        ]
    }

    private var file: String { name + "-file" }

    /// `nil` if neither is given.
    package func value(in values: SettingValues) throws -> Value? {
        if let given = values.given(name), !given.value.isEmpty { return try meaning(given.value, given.source) }
        guard let path = values.given(file)?.value, !path.isEmpty else { return nil }
        let text = try values.read(path, file)
        return try meaning(
            text.trimmingCharacters(in: keepsSpaces ? .newlines : .whitespacesAndNewlines), path)
    }
}

/// The given settings, wherever they come from: services read no environment and no files.
package struct SettingValues: Sendable {
    /// A text, and its source: `flag`, `environment` or `file`.
    package struct Given: Sendable {
        package let value: String
        package let source: String

        package init(value: String, source: String) {
            self.value = value
            self.source = source
        }
    }

    package let given: @Sendable (_ name: String) -> Given?
    /// Reads the text of a file. The second argument is the setting that names the file.
    package let read: @Sendable (_ path: String, _ setting: String) throws -> String

    package init(
        given: @escaping @Sendable (_ name: String) -> Given?,
        read: @escaping @Sendable (_ path: String, _ setting: String) throws -> String
    ) {
        self.given = given
        self.read = read
    }

    /// These values, and the defaults for all others: for tests, and for programs that only inspect services.
    package init(_ values: [String: String] = [:]) {
        self.init(given: { name in values[name].map { Given(value: $0, source: "flag") } }) { path, setting in
            throw SettingError("\(path), which \(setting) names, cannot be read here")
        }
    }

    /// - Throws: ``SettingError``.
    package func value<Value>(of setting: some SettingDeclaration<Value>) throws -> Value {
        try setting.value(in: self)
    }
}

/// Parses the texts of settings, one function per form.
package enum SettingText {
    /// A number in digits only, without a sign or a space.
    package static func whole(_ text: String, _ range: ClosedRange<Int>) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text),
            range.contains(number)
        else { return nil }
        return number
    }

    /// Names separated by commas or spaces.
    package static func list(_ text: String) -> [String] {
        text.utf8.split { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: " ") }.compactMap { String($0) }
    }
}
