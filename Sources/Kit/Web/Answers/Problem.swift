/// An error that is shown to the caller (RFC 9457): what is wrong and what to do about it, in the caller's language. If
/// an endpoint's function throws it, everything is rolled back. Programs get `application/problem+json`. People get a
/// page, or the form again with the message at its field.
package struct Problem: Error, Sendable, Hashable {
    package let status: Int
    /// A catalogue key, and the end of the problem's `type`: `task.brackets`. The catalogue has its title under
    /// `problem.KEY` and, if there is more to say, what to do under `problem.KEY.todo`.
    package let key: String
    /// Values for the text's `{{name}}` places.
    package var values: [String: String] = [:]
    /// The field or parameter that is wrong, if it is one of these.
    package var field: String?
    /// Seconds after which to try again, sent as `Retry-After`.
    package var retryAfter: Int?
    /// Why, for the log and nobody else: whoever tries to get in is told no more than that it failed.
    package var cause: String?

    package init(
        _ status: Int, _ key: String, values: [String: String] = [:], field: String? = nil, retryAfter: Int? = nil,
        cause: String? = nil
    ) {
        self.status = status
        self.key = key
        self.values = values
        self.field = field
        self.retryAfter = retryAfter
        self.cause = cause
    }

    /// 422: a value that breaks a rule.
    package static func invalid(_ field: String, _ key: String, values: [String: String] = [:]) -> Problem {
        Problem(422, key, values: values, field: field)
    }

    /// 409: the current state does not allow it.
    package static func conflict(_ key: String, values: [String: String] = [:]) -> Problem {
        Problem(409, key, values: values)
    }

    package static let notFound = Problem(404, "web.not-found")
    package static let signInNeeded = Problem(401, "web.sign-in")
    /// The caller is known, but not allowed.
    package static let forbidden = Problem(403, "web.forbidden")
}
