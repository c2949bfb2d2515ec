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
