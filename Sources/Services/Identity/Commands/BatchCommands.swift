import Directory
import Messaging
import Storage
import Values
import Web

extension IdentityCommands {
    /// The most people that one call registers.
    package static let largestBatch = 1000

    /// Makes sure that everybody named in an import has an account (X19). A name is matched to a person who had this
    /// name in an earlier import, who has this e-mail address, or who is the only active person of this name. Other
    /// names get a new account as employees, without a password. A new account's id is derived from the name, so a
    /// repeated call gives the same result, even after a crash.
    /// - Parameter names: up to 1,000, each 1 to 100 characters.
    /// - Returns: the id of each name. If a text cannot be a person's name, or several active people have that name, it
    ///   is left out, and no account is created.
    package func registerMissing(_ names: [String], _ act: CommandContext) throws -> [String: ID] {
        guard names.count <= IdentityCommands.largestBatch else {
            throw Problem.invalid("people", "identity.batch-large")
        }
        try act.pass(gate: "batch")
        var names = Array(Set(names)).sorted()
        var found = try known(names, act)
        names.removeAll { found[$0] != nil }
        let namesakes = try namesakes(of: names, act)
        var people: [(external: String, person: Person)] = []
        var new: [String: ID] = [:]
        for name in names {
            let key = name.lowercased()
            if let known = namesakes[key] {
                // If several people have the name, nobody can say which one is meant.
                found[name] = known.count == 1 ? known[0] : nil
            } else if let id = new[key] {
                found[name] = id
            } else {
                let id = company.installation.derived("person:" + name)
                guard let person = newcomer(name, id: id) else { continue }
                people.append((name, person))
                found[name] = id
                new[key] = id
            }
        }
        guard !people.isEmpty else { return found }
        try insert(people, act)
        return found
    }

    /// The active people of each name, by the normalized name.
    private func namesakes(of names: [String], _ act: CommandContext) throws -> [String: [ID]] {
        let rows = try act.transaction.fetch(in: Set(names.map { $0.lowercased() }).sorted()) {
            """
            SELECT p.name_key, p.id FROM identity_person p JOIN directory_person d ON d.id = p.id
            WHERE p.name_key IN (\(list: $0)) AND d.active = 1
            """
        }
        var found: [String: [ID]] = [:]
        for row in rows { found[try row(0), default: []].append(try row(1)) }
        return found
    }

    private func newcomer(_ text: String, id: ID) -> Person? {
        guard let name = try? PersonRules.name(text) else { return nil }
        let email = text.has("@") ? (try? PersonRules.email(text)) ?? "" : ""
        return Person(id: id, name: name, email: email, roles: [Role.employee], active: true)
    }

    private func known(_ names: [String], _ act: CommandContext) throws -> [String: ID] {
        let imported = try act.transaction.fetch(in: names) {
            "SELECT external, id FROM identity_person WHERE external IN (\(list: $0))"
        }
        var found: [String: ID] = [:]
        for row in imported { found[try row(0)] = try row(1) }
        let addresses = Dictionary(
            names.filter { $0.has("@") }.map { (MailAddress.key($0), [$0]) }, uniquingKeysWith: +)
        let addressed = try act.transaction.fetch(in: addresses.keys.sorted()) {
            "SELECT email_key, id FROM identity_person WHERE email_key IN (\(list: $0))"
        }
        for row in addressed {
            for name in addresses[try row(0)] ?? [] where found[name] == nil { found[name] = try row(1) }
        }
        return found
    }

    private func insert(_ people: [(external: String, person: Person)], _ act: CommandContext) throws {
        // If one batch has two spellings of one new address, the first account gets it; the second has only its name.
        var addresses: Set<String> = []
        var people = people
        for index in people.indices {
            let key = MailAddress.key(people[index].person.email)
            if !key.isEmpty, !addresses.insert(key).inserted { people[index].person.email = "" }
        }
        try act.transaction.send(
            "INSERT INTO identity_person (id, name_key, email_key, external, created_at) VALUES (?, ?, ?, ?, ?)",
            rows: people.map { external, person in
                let key = MailAddress.key(person.email)
                return [
                    person.id.stored, .text(person.name.lowercased()), key.isEmpty ? .null : .text(key),
                    .text(external), act.now.stored,
                ]
            })
        try Directory.put(people.map(\.person), in: act.transaction)
        try act.transaction.send(
            "INSERT INTO identity_word (word, person) VALUES (?, ?)",
            rows: people.flatMap { _, person in
                PersonRules.words(name: person.name, email: person.email).map { [.text($0), person.id.stored] }
            })
        try act.transaction.send(
            "INSERT INTO identity_history (id, person, at, by_person, what, detail) VALUES (?, ?, ?, ?, ?, ?)",
            rows: people.map { _, person in
                [
                    act.environment.newID().stored, person.id.stored, act.now.stored, act.by.stored,
                    .text(HistoryEntry.What.registered.rawValue), .text(Role.employee),
                ]
            })
        try journal.append(
            people.map { (PersonRegistered(person: $0.person, by: act.by), act.environment.newID()) }, at: act.now,
            trace: act.trace, in: act.transaction)
    }
}
