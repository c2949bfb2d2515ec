/// One line of `popug doctor`.
package struct Diagnosis: Sendable, Hashable {
    package enum Verdict: String, Sendable {
        case fine = "ok"
        case warning
        case wrong
    }

    package let verdict: Verdict
    /// What was checked.
    package let about: String
    package let finding: String
    /// What to do, if anything.
    package let todo: String?

    static func fine(_ about: String, _ finding: String) -> Diagnosis {
        Diagnosis(verdict: .fine, about: about, finding: finding, todo: nil)
    }

    static func warning(_ about: String, _ finding: String, _ todo: String) -> Diagnosis {
        Diagnosis(verdict: .warning, about: about, finding: finding, todo: todo)
    }

    static func wrong(_ about: String, _ finding: String, _ todo: String) -> Diagnosis {
        Diagnosis(verdict: .wrong, about: about, finding: finding, todo: todo)
    }
}
