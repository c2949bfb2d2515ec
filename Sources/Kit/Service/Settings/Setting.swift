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
