import Directory
import Storage
import Values

/// The people who can be assigned tasks (X4), numbered without gaps: positions 1 to count, one person each.
package enum Eligible {
    /// Draws `count` people, each uniformly and independently of the others (X12, X14); `nil` if nobody is eligible.
    package static func draw(
        _ count: Int, _ environment: Environment, in transaction: any Transaction
    ) throws -> [ID]? {
        guard let size: Int = try transaction.fetchSharing("SELECT count FROM eligible_size WHERE one = 1").first?(0),
            size > 0
        else { return nil }
        let drawn = (0..<count).map { _ in environment.draw(below: size) + 1 }
        let rows = try transaction.fetch(in: Set(drawn).sorted()) {
            "SELECT position, person FROM eligible WHERE position IN (\(list: $0))"
        }
        var people: [Int: ID] = [:]
        for row in rows { people[try row(0)] = try row(1) }
        return try drawn.map { position in
            guard let person = people[position] else {
                throw StorageError.corrupt("nobody stands at \(position) of \(size) in the list of the eligible")
            }
            return person
        }
    }

    /// How many people are eligible.
    package static func count(in transaction: any Transaction) throws -> Int {
        try transaction.value("SELECT count FROM eligible_size WHERE one = 1") ?? 0
    }

    /// Adds a person to the list, or removes them, by their present state in the Directory. The last one moves into the
    /// gap.
    static func update(_ person: Person, in transaction: any Transaction) throws {
        let size: Int =
            try transaction.fetchLocking("SELECT count FROM eligible_size WHERE one = 1").first.map { try $0(0) } ?? 0
        let held: Int? = try transaction.value("SELECT position FROM eligible WHERE person = \(person.id)")
        switch (held, person.isEligible) {
        case (nil, true):
            try transaction.send("INSERT INTO eligible (position, person) VALUES (\(size + 1), \(person.id))")
            try transaction.send("UPDATE eligible_size SET count = \(size + 1) WHERE one = 1")
        case (let gap?, false):
            try transaction.send("DELETE FROM eligible WHERE position = \(gap)")
            try transaction.send("UPDATE eligible SET position = \(gap) WHERE position = \(size)")
            try transaction.send("UPDATE eligible_size SET count = \(size - 1) WHERE one = 1")
        default: break
        }
    }
}

extension Person {
    /// Whether they may be assigned tasks (X4): active staff without the roles `manager` and `admin`, whatever other
    /// roles they have.
    var isEligible: Bool { isStaff && !roles.contains(Role.manager) && !roles.contains(Role.admin) }
}
