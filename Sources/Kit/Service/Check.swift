/// A part of `popug verify`: an invariant of one service's own data, or a comparison with what its publishers wrote.
package struct Check: Sendable {
    package let name: String
    package let run: @Sendable (_ snapshots: Snapshots, _ report: inout Findings) throws -> Void

    package init(
        _ name: String, run: @escaping @Sendable (_ snapshots: Snapshots, _ report: inout Findings) throws -> Void
    ) {
        self.name = name
        self.run = run
    }
}
