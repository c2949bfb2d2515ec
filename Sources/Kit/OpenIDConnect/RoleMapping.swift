import Values

/// Which roles the groups of a provider give here, as somebody configures it: `popug-admins=admin,staff=employee`. A
/// group may be written with escapes, for commas and such (`cn%3Dstaff%2Cdc%3Dexample=employee`).
package struct RoleMapping: Hashable, Sendable {
    private struct Entry: Hashable, Sendable {
        let group: String
        let role: String
    }

    private var entries: [Entry] = []

    /// One that maps nothing.
    package init() {}

    /// `nil` if an entry is not a group, `=` and a role; empty text maps nothing.
    package init?(_ text: String) {
        guard !text.trimmed().isEmpty else { return }
        for part in text.parts(at: ",") {
            let sides = part.parts(at: "=").map { $0.trimmed() }
            guard sides.count == 2, let group = PercentCoding.decode(sides[0], plusIsSpace: false), !group.isEmpty,
                RoleMapping.isRole(sides[1])
            else { return nil }
            entries.append(Entry(group: group, role: sides[1]))
        }
    }

    /// All roles that can come of it.
    package var roles: Set<String> { Set(entries.map(\.role)) }

    /// What somebody in these groups may do; groups are compared byte by byte, and those that are not mapped give
    /// nothing.
    package func roles(of groups: [String]) -> Set<String> {
        Set(entries.filter { entry in groups.contains { $0.utf8.elementsEqual(entry.group.utf8) } }.map(\.role))
    }

    /// As Identity names roles: a lower-case letter, and up to 30 of them, digits and `-`.
    private static func isRole(_ text: String) -> Bool {
        guard (1...31).contains(text.utf8.count), let first = text.utf8.first, (0x61...0x7A).contains(first)
        else { return false }
        return text.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
        }
    }
}
