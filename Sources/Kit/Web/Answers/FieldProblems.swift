import Schemas

/// Several errors in one body or query, each with its field. They are reported together, with status 422.
package struct FieldProblems: Error, Sendable, Hashable {
    package let problems: [Problem]

    package init(_ problems: [Problem]) {
        self.problems = problems
    }
}

extension Schema {
    /// What is wrong with a value, as it is shown to the caller; empty if it fits.
    func problems(with value: JSONText) -> [Problem] {
        faults(in: value).map { .invalid($0.place, $0.key, values: $0.values) }
    }
}

extension Problem {
    /// 400: a body that is not JSON.
    static func broken(_ json: BrokenJSON) -> Problem {
        Problem(400, "web.json", values: ["position": String(json.position)])
    }
}
