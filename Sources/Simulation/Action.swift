/// What people do in a run.
package enum Action: String, CaseIterable, Sendable {
    case create, createWrongly = "create-wrongly", complete, completeWrongly = "complete-wrongly", reassign
    case importFile = "import", register, change, correct, confirm, park, read, look
    case sendAgain = "send-again", mixKeys = "mix-keys"
    case payee, retry, hold, copy, rebuild
    case signIn = "sign-in"

    /// How often, relative to the other actions.
    var weight: Double {
        switch self {
        case .create: 8
        case .complete: 8
        case .read: 3
        case .look, .change, .createWrongly, .completeWrongly, .sendAgain: 1.5
        case .payee, .signIn: 2
        case .reassign, .correct, .park, .register, .retry: 1
        case .hold, .copy, .rebuild: 0.4
        case .importFile, .mixKeys, .confirm: 0.5
        }
    }
}
