import Schemas

/// The events that every service publishes, in its own topic: the kit writes them, and no service has to know of them.
package enum KitEvents {
    package static let all: [any Contract.Type] = [ParkedDecided.self, SettingChanged.self]

    /// The kinds of changes by hand that they tell of. Their texts stand with the operations pages, which show them.
    package static let kinds: [String: AuditArea] = all.reduce(into: [:]) { kinds, contract in
        if let contract = contract as? any AuditedContract.Type { kinds.merge(contract.kinds) { $1 } }
    }
}
