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
