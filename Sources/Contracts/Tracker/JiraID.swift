/// The id of a ticket in another system: `POP-42`.
package struct JiraID: Hashable, Sendable {
    package let text: String
    static let longest = 50

    /// Capitals and digits beginning with a capital, a dash, a number; `nil` for anything else.
    package init?(_ text: String) {
        let scalars = Array(text.unicodeScalars)
        guard scalars.count <= JiraID.longest, JiraID.end(in: scalars[...], from: 0) == scalars.count else {
            return nil
        }
        self.text = text
    }

    /// Where the id that begins at `start` ends; `nil` if there is none.
    static func end(in scalars: ArraySlice<Unicode.Scalar>, from start: Int) -> Int? {
        var position = start
        guard position < scalars.endIndex, ("A"..."Z").contains(scalars[position]) else { return nil }
        while position < scalars.endIndex,
            ("A"..."Z").contains(scalars[position]) || ("0"..."9").contains(scalars[position])
        { position += 1 }
        guard position < scalars.endIndex, scalars[position] == "-" else { return nil }
        position += 1
        let digits = position
        while position < scalars.endIndex, ("0"..."9").contains(scalars[position]) { position += 1 }
        return position > digits ? position : nil
    }
}
