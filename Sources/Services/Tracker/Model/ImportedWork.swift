import Values

/// A line that follows all rules.
package struct ImportedWork: Sendable, Hashable {
    package let line: Int
    package let typedAt: Instant?
    package let createdBy: String
    package let title: TaskTitle
    package let description: String?
    /// A hash of the content, 16 bytes. It is the same in every file and for every order of columns.
    package let key: [UInt8]

    /// The id of the line's task. It is derived from the content and the occurrence, so importing the line again finds
    /// the task. It begins with the line's own time, so a file sorted by time is written in the order of ids.
    package func task(occurrence: Int) -> ID {
        ImportedWork.namespace(typedAt).derived(Hexadecimal.text(key) + "#\(occurrence)")
    }

    private static func namespace(_ time: Instant?) -> ID {
        ID(milliseconds: max(0, time?.milliseconds ?? 0), random: (0x0706, 0x1_4010))
    }
}
