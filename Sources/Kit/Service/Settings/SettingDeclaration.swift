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

    /// The texts of its lines as they are in effect, given or by default.
    func inEffect(in values: SettingValues) -> [SettingInEffect]
}

extension SettingDeclaration {
    package func inEffect(in values: SettingValues) -> [SettingInEffect] {
        lines.map { SettingInEffect(line: $0, text: values.given($0.name)?.value ?? $0.standard ?? "") }
    }
}
