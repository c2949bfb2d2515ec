import Values

/// A request, kept so that it can be sent again with its key until it is answered.
struct Intent: Sendable {
    enum Aim: Sendable {
        case create(title: String, valid: Bool)
        case complete(ID)
        case reassign
        case importFile([String: Int])
        case register(roles: [String])
        case change(ID, roles: [String]?, active: Bool?)
        case correct
        case confirm
        case anything
        case mixed
    }

    let aim: Aim
    let method: String
    let target: String
    var body: [UInt8] = []
    var type: String?
    let by: ID
    let key: String
    /// The service whose Directory the guard looks at.
    let service: String
    /// Empty if the whole staff may.
    var roles: Set<String> = []
    let at: Instant

    /// Requests of one kind run the same code: `POST /api/tasks/…/completion`.
    var kind: String {
        let path = target.prefix { $0 != "?" }.split(separator: "/").map { ID(String($0)) == nil ? $0 : "…" }
        return "\(method) /" + path.joined(separator: "/")
    }

    /// Whether it is to be sent again if no answer came.
    var insists: Bool { method == "POST" }

    /// Whether the same key gets the same answer. A request that may be done twice is answered by the current state.
    var isAnsweredOnce: Bool {
        if case .anything = aim { return false }
        return insists
    }
}
