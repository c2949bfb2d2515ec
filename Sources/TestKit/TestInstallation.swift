import Composition
import Directory
import Foundation
import Values

/// An installation made with the real verbs: an admin and some people, each with an API token.
package struct TestInstallation: Sendable {
    package let folder: TemporaryFolder
    package let admin: String
    package let manager: String
    package let accountant: String
    package let employees: [String]
    package static let password = "correct horse battery"

    package var data: String { folder.path + "/data" }

    /// - Parameters:
    ///   - options: further options for `init`.
    ///   - spread: whether it works on PostgreSQL and a broker. A verb that opens all of that takes seconds, so people
    ///     are then made through a server.
    /// - Throws: ``VerbFailure`` with what the verb printed.
    package init(
        employees count: Int = 5, zone: String = "Europe/Berlin", options: [String] = [], cluster: Bool = false
    ) throws {
        folder = try TemporaryFolder()
        let data = folder.path + "/data"
        try TestInstallation.run(
            [
                "init", "--data", data, "--company", "Popug Inc.", "--currency", "EUR", "--time-zone", zone,
                "--closing-hour", "0", "--public-address", "http://localhost:8080", "--admin-name", "Ada Admin",
                "--admin-email", "ada@example.com", "--admin-password-file", "-",
            ] + options, input: TestInstallation.password + "\n")
        admin = try TestInstallation.token("ada@example.com", ["--data", data])
        // No other process runs yet, and none is asked.
        let nowhere = Services.names.map { "\($0)=http://127.0.0.1:1" }.joined(separator: ";")
        let server =
            try cluster
            ? PopugProcess(
                data: data, arguments: ["--services", "identity"], environment: ["POPUG_UPSTREAMS": nowhere]) : nil
        defer { server?.stop() }
        var way = ["--data", data]
        if let server {
            let file = folder.path + "/token"
            try admin.write(toFile: file, atomically: true, encoding: .utf8)
            way = ["--server", server.address, "--token-file", file]
        }
        func add(_ name: String, _ role: String) throws -> String {
            let email = name.lowercased().replacing(" ", with: ".") + "@example.com"
            try TestInstallation.run(["person", "add", "--name", name, "--email", email, "--roles", role] + way)
            return try TestInstallation.token(email, way)
        }
        manager = try add("Mia Manager", "manager")
        accountant = try add("Abe Accountant", "accountant")
        employees = try (1...count).map { try add("Worker \($0)", "employee") }
    }

    /// An API token with all rights of its person.
    /// - Parameter way: the options by which verbs find the installation.
    package static func token(_ person: String, _ way: [String]) throws -> String {
        let scopes = Scope.all.joined(separator: ",")
        return try run(["person", "token", person, "--name", "tests", "--scopes", scopes] + way)
    }

    /// Runs a verb that must succeed, and returns what it printed, without the last line end.
    @discardableResult
    package static func run(_ arguments: [String], input: String? = nil) throws -> String {
        let result = try PopugProcess.run(arguments, input: input)
        guard result.status == 0 else {
            throw VerbFailure(arguments: arguments, status: result.status, output: result.output + result.errors)
        }
        return result.output.trimmingCharacters(in: .newlines)
    }

    /// Runs `popug verify` on the folder: what it printed, and whether it found nothing.
    package func verify() throws -> (clean: Bool, output: String) {
        let result = try PopugProcess.run(["verify", "--data", data])
        return (result.status == 0, result.output + result.errors)
    }

    package struct VerbFailure: Error, CustomStringConvertible {
        package let arguments: [String]
        package let status: Int32
        package let output: String
        package var description: String { "popug \(arguments.joined(separator: " ")) ended with \(status):\n\(output)" }
    }
}
