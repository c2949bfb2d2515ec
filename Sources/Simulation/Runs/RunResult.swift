/// The result of a run.
package struct RunResult: Sendable {
    package let plan: RunPlan
    /// What was found wrong, and at which step; `nil` if everything held.
    package let finding: String?
    package let steps: Int
    /// Simulated days on which people worked, without leaps of the clock and without the time to come to rest at the
    /// end.
    package let days: Double
    /// How many requests people sent.
    package let requests: Int
    package let marks: Marks
    package let digest: UInt64
    /// How many places there were at which the program might have died.
    package let points: Int
    /// What each of these places is, if the plan asks for it.
    package var places: [String] = []
}
