import Messaging
import Schemas
import Values

/// The public keys that tokens are signed with, all that are valid now.
package struct KeysChanged: Sendable {
    package static let topic = Topic.identity
    package static let name = "keys-changed"
    package static let version = 1

    package struct Key: Sendable, Hashable {
        /// The token's `kid`.
        package let id: String
        /// Base64 of the uncompressed P-256 point, 65 bytes.
        package let publicKey: String
        /// After this, no token signed with the key is valid.
        package let until: Instant
        package init(id: String, publicKey: String, until: Instant) {
            self.id = id
            self.publicKey = publicKey
            self.until = until
        }
    }

    /// One key for all such events, so that they stay in order.
    package let installation: ID
    package let keys: [Key]
    package var key: ID { installation }

    package init(installation: ID, keys: [Key]) {
        self.installation = installation
        self.keys = keys
    }
}

extension KeysChanged.Key: Shaped {
    package static let shape = Shape("PublicKey", KeysChanged.Key.init) {
        Field("id", \.id, "The token's kid")
        Field("publicKey", \.publicKey, "Base64 of the uncompressed P-256 point, 65 bytes")
        Field("until", \.until, "No token signed with it is valid after this")
    }
}

extension KeysChanged: Contract {
    package static let about = "The public keys that tokens are signed with"
    package static let keyField = "installation"
    package static let shape = Shape("KeysChanged", KeysChanged.init) {
        Field("installation", \.installation, "The event's key: one for the whole installation")
        Field("keys", \.keys, "All that are valid now")
    }
    package static var example: KeysChanged {
        KeysChanged(
            installation: Examples.installation,
            keys: [Key(id: "k1", publicKey: "BAEC", until: Examples.time)])
    }
}
