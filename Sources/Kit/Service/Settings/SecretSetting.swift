import Foundation

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
        guard let secret = try found(in: values) else { return nil }
        return try meaning(secret.text, secret.source)
    }

    /// A secret in a file is what the file holds. If it can't be read, nothing is said of the secret: where it is needed,
    /// the server does not start for that reason, and elsewhere it must start.
    package func inEffect(in values: SettingValues) -> [SettingInEffect] {
        lines.compactMap { line in
            guard line.isSecret else { return SettingInEffect(line: line, text: values.given(line.name)?.value ?? "") }
            guard case .success(let secret) = Result(catching: { try found(in: values) }) else { return nil }
            return SettingInEffect(line: line, text: secret?.text ?? "")
        }
    }

    private func found(in values: SettingValues) throws -> (text: String, source: String)? {
        if let given = values.given(name), !given.value.isEmpty { return (given.value, given.source) }
        guard let path = values.given(file)?.value, !path.isEmpty else { return nil }
        let text = try values.read(path, file)
        return (text.trimmingCharacters(in: keepsSpaces ? .newlines : .whitespacesAndNewlines), path)
    }
}
