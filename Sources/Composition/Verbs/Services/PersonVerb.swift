import ArgumentParser
import Directory
import Foundation
import Values
import Web

struct PersonVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "person",
        abstract: "People, roles, ways to sign in, and programs' tokens.",
        subcommands: [
            Add.self, List.self, Roles.self, Deactivate.self, Password.self, Link.self,
            Passkeys.self, Company.self, Token.self,
        ])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create an account; prints its id and, without a password, the link to set one.")
        @OptionGroup var options: PlaceOptions
        @Option(help: "The person's name.") var name: String
        @Option(help: "The person's e-mail address, used to sign in.") var email: String
        @Option(help: "Roles, separated by commas: employee, boss, accountant, manager, admin.") var roles: String
        @Option(help: "A file with the first password; - for standard input.") var passwordFile: String?

        func run() async throws {
            let (name, email, file) = (name, email, passwordFile)
            let roles = PersonVerb.roles(roles)
            try await Verb.connected(options) { connection in
                var body: [String: JSONValue] = ["name": .text(name), "email": .text(email), "roles": .list(roles)]
                if let file, let password = try Verb.password(file: file, question: "Password") {
                    body["password"] = .text(password)
                }
                let person = try await connection.post("/api/people", body, key: UUID().uuidString).json()
                Terminal.say(person["id"].text ?? "")
                if file == nil, let id = person["id"].text {
                    let link = try await connection.send(
                        "POST", "/api/people/\(id)/welcome-links", body: [], type: nil, key: nil)
                    Terminal.say(try link.json()["address"].text ?? "")
                }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List everyone.")
        @OptionGroup var options: PlaceOptions

        func run() async throws {
            try await Verb.connected(options) { connection in
                var rows = [["ID", "NAME", "E-MAIL", "ROLES", "ACTIVE"]]
                try await connection.each("/api/people") { person in
                    rows.append([
                        person["id"].text ?? "", person["name"].text ?? "",
                        MailAddress.shown(person["email"].text ?? ""),
                        person["roles"].list.compactMap(\.text).sorted().joined(separator: ","),
                        person["active"].flag ? "yes" : "no",
                    ])
                }
                Terminal.table(rows)
            }
        }
    }

    struct Roles: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Set a person's roles: all that they are to hold.")
        @OptionGroup var options: PlaceOptions
        @Argument(help: "The person's id or e-mail address.") var person: String
        @Argument(help: "Roles, separated by commas.") var roles: String

        func run() async throws {
            let (person, roles) = (person, PersonVerb.roles(roles))
            try await Verb.connected(options) { connection in
                let id = try await connection.person(person)
                _ = try await connection.post(
                    "PATCH", "/api/people/\(id)", ["roles": .list(roles)], key: UUID().uuidString
                )
                .json()
            }
        }
    }

    struct Deactivate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Deactivate a person: signed out everywhere, never deleted.")
        @OptionGroup var options: PlaceOptions
        @Argument(help: "The person's id or e-mail address.") var person: String
        @Flag(help: "Take the person back instead.") var undo = false

        func run() async throws {
            let (person, active) = (person, undo)
            try await Verb.connected(options) { connection in
                let id = try await connection.person(person)
                _ = try await connection.post(
                    "PATCH", "/api/people/\(id)", ["active": .flag(active)], key: UUID().uuidString
                )
                .json()
            }
        }
    }

    struct Password: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set a person's password, or print a link with which the person sets it.")
        @OptionGroup var options: PlaceOptions
        @Argument(help: "The person's id or e-mail address.") var person: String
        @Option(help: "A file with the password; - for standard input. Without it a link is printed.")
        var passwordFile: String?

        func run() async throws {
            let (person, file) = (person, passwordFile)
            try await Verb.connected(options) { connection in
                let id = try await connection.person(person)
                if let file, let password = try Verb.password(file: file, question: "Password") {
                    _ = try await connection.post(
                        "PUT", "/api/people/\(id)/password", ["password": .text(password)], key: UUID().uuidString
                    ).json()
                } else {
                    let link = try await connection.send(
                        "POST", "/api/people/\(id)/welcome-links", body: [], type: nil, key: nil)
                    Terminal.say(try link.json()["address"].text ?? "")
                }
            }
        }
    }

    struct Link: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a link that signs a person in, once, within 15 minutes: of somebody with no other way in.")
        @OptionGroup var options: PlaceOptions
        @Argument(help: "The person's id or e-mail address.") var person: String

        func run() async throws {
            let person = person
            try await Verb.connected(options) { connection in
                let path = "/api/people/\(try await connection.person(person))/sign-in-links"
                let link = try await connection.send("POST", path, body: [], type: nil, key: nil)
                Terminal.say(try link.json()["address"].text ?? "")
            }
        }
    }

    struct Passkeys: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List a person's passkeys, or remove one: of somebody who has lost the device.")
        @OptionGroup var options: PlaceOptions
        @Argument(help: "The person's id or e-mail address.") var person: String
        @Option(help: "The id of the passkey to remove.") var remove: String?

        func run() async throws {
            try await PersonVerb.ways(
                "passkeys", of: person, remove: remove,
                [("NAME", "name"), ("MADE", "created"), ("LAST USED", "used")], options)
        }
    }

    struct Company: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List a person's accounts at the company's identity provider, or remove one.")
        @OptionGroup var options: PlaceOptions
        @Argument(help: "The person's id or e-mail address.") var person: String
        @Option(help: "The id of the account to remove.") var remove: String?

        func run() async throws {
            try await PersonVerb.ways(
                "company-accounts", of: person, remove: remove,
                [("PROVIDER", "issuer"), ("SUBJECT", "subject"), ("LINKED", "created"), ("LAST USED", "used")],
                options)
        }
    }

    /// Lists a person's ways in of one kind, or removes one.
    private static func ways(
        _ kind: String, of person: String, remove: String?, _ columns: [(title: String, field: String)],
        _ options: PlaceOptions
    ) async throws {
        try await Verb.connected(options) { connection in
            let path = "/api/people/\(try await connection.person(person))/\(kind)"
            if let remove {
                guard let id = ID(remove) else { throw ValidationError("--remove: \(remove) is not an id") }
                _ = try await connection.send("DELETE", "\(path)/\(id)", body: [], type: nil, key: nil).json()
                return
            }
            var rows = [["ID"] + columns.map(\.title) + ["WORKS"]]
            for way in try await connection.get(path).json()["items"].list {
                rows.append(
                    [way["id"].text ?? ""] + columns.map { way[$0.field].text ?? "" }
                        + [way["works"].flag ? "yes" : "no"])
            }
            Terminal.table(rows)
        }
    }

    struct Token: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a token for a program that acts as a person; prints it, this once.")
        @OptionGroup var options: PlaceOptions
        @Argument(help: "The person's id or e-mail address.") var person: String
        @Option(help: "What the token is for, as the person's page shows it.") var name: String
        @Option(help: "Days until it expires, 1 to 366.") var days: Int = 90
        @Option(
            help: "What it may change, by commas: \(Scope.all.joined(separator: ", ")). Without it, it may only read.")
        var scopes: String = ""

        func run() async throws {
            let (person, name, days) = (person, name, days)
            let scopes = scopes.parts(at: ",").map { $0.trimmed() }.filter { !$0.isEmpty }
            guard (1...366).contains(days) else { throw ValidationError("--days must be 1 to 366") }
            if let other = scopes.first(where: { !Scope.all.contains($0) }) {
                throw ValidationError("--scopes: there is no \(other); there are \(Scope.all.joined(separator: ", "))")
            }
            try await Verb.connected(options) { connection in
                let id = try await connection.person(person)
                let token = try await connection.post(
                    "/api/people/\(id)/tokens",
                    ["name": .text(name), "days": .number(Int64(days)), "scopes": .list(scopes.map { .text($0) })],
                    key: UUID().uuidString
                ).json()
                Terminal.say(token["token"].text ?? "")
            }
        }
    }

    static func roles(_ text: String) -> [JSONValue] {
        text.split(separator: ",").map { .text($0.trimmingCharacters(in: .whitespaces)) }
    }
}

extension ProgramConnection {
    /// Goes through all pages of a list.
    func each(_ path: String, _ body: (JSONValue) throws -> Void) async throws {
        var cursor: String?
        repeat {
            let separator = path.contains("?") ? "&" : "?"
            let target = path + separator + "limit=200" + (cursor.map { "&cursor=\($0)" } ?? "")
            let page = try await get(target).json()
            for item in page["items"].list { try body(item) }
            cursor = page["next"].text
        } while cursor != nil
    }

    /// The id of a person who is named by id or by e-mail address.
    func person(_ word: String) async throws -> ID {
        if let id = ID(word) { return id }
        let query = PercentCoding.encode(word)
        let found = try await get("/api/people?search=\(query)").json()["items"].list
            .filter { $0["email"].text.map(MailAddress.key) == MailAddress.key(word) }
        guard found.count == 1, let id = found[0]["id"].text.flatMap({ ID($0) }) else {
            throw Failure(.refused, "Nobody here is \(word). `popug person list` shows everyone.")
        }
        return id
    }
}
