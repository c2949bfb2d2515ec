import Directory
import Messaging
import Schemas
import Values

/// A service has found at its start that a setting is not what it was at its last start. Nobody knows who changed the
/// file, or the environment. Of a secret the event says only that it is another one.
package struct SettingChanged: Sendable {
    package static let topic = Topic.everyService
    package static let name = "setting-changed"
    package static let version = 1

    package let installation: ID
    package let setting: String
    /// The value before; `nil` for a secret.
    package let before: String?
    /// The value now; `nil` for a secret.
    package let after: String?
    /// When the service started.
    package let time: Instant
    package var key: ID { installation }

    package init(installation: ID, setting: String, before: String?, after: String?, time: Instant) {
        self.installation = installation
        self.setting = setting
        self.before = before
        self.after = after
        self.time = time
    }
}

extension SettingChanged: Contract {
    package static let about = "A setting is not what it was when the service last started"
    package static let keyField = "installation"
    package static let shape = Shape("SettingChanged", SettingChanged.init) {
        Field("installation", \.installation, "The event's key: one for the whole installation")
        Field("setting", \.setting, "Its name")
        Field("before", \.before, "The value before; missing for a secret")
        Field("after", \.after, "The value now; missing for a secret")
        Field("time", \.time, "When the service started")
    }
    package static var example: SettingChanged {
        SettingChanged(
            installation: Examples.installation, setting: "closing-hour", before: "0", after: "6", time: Examples.time)
    }
}

extension SettingChanged: AuditedContract {
    package static let kinds: [String: AuditArea] = ["setting": .settings, "secret": .settings]

    package var audit: Audit? {
        var audit = Audit(after == nil ? "secret" : "setting", by: nil)
        audit.saysWho = false
        audit.subject = setting
        audit.before = before
        audit.after = after
        return audit
    }
}
