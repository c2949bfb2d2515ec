import ArgumentParser
import Foundation
import Values
import Web

struct ImportVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Import a file of work: CSV with a header, or JSON Lines.",
        discussion: """
            Columns: created_at, created_by, title; optionally jira_id and description. People who are named but not \
            known are created, without a password. Lines that break a rule go to the rejects file, with their number \
            and the reason. Importing the same file again adds nothing; after an interruption, just run it again. --stop \
            ends what is being imported, also from elsewhere: what has become a task stays one. Exit code 1 where the \
            import was stopped or could not be worked off.
            """)

    @OptionGroup var options: PlaceOptions
    @Argument(help: "The file: .csv, or .jsonl for JSON Lines.")
    var file: String?
    @Flag(help: "Stop every import that is under way or waits.") var stop = false
    @Option(help: "Where to write the lines that were not imported; FILE.rejects.csv where it is not given.")
    var rejects: String?

    func validate() throws {
        if stop == (file != nil) { throw ValidationError("Give a file, or --stop.") }
    }

    func run() async throws {
        guard let file else { return try await Verb.connected(options) { try await ImportVerb.stop($0) } }
        let target = rejects ?? file + ".rejects.csv"
        try await Verb.connected(options) { connection in
            let content = try TextFile.bytes(file, .unavailable)
            let lines = ["jsonl", "ndjson"].contains((file as NSString).pathExtension.lowercased())
            let name = PercentCoding.encode((file as NSString).lastPathComponent)
            let answer = try await connection.send(
                "POST", "/api/imports?name=\(name)", body: content,
                type: lines ? "application/x-ndjson" : "text/csv", key: UUID().uuidString)
            let id = try answer.json()["id"].text ?? ""
            let done = try await follow(id, connection)
            let imported = done["created"].number ?? 0
            let known = done["repeated"].number ?? 0
            let rejected = done["rejected"].number ?? 0
            Terminal.say("\(imported) imported, \(known) known already, \(rejected) rejected")
            if rejected > 0 {
                let rows = try await connection.get("/api/imports/\(id)/rejects")
                guard rows.status == 200, FileManager.default.createFile(atPath: target, contents: Data(rows.body))
                else {
                    throw Failure(
                        .unavailable, "the rejects cannot be written to \(target); name another with --rejects")
                }
                Terminal.say("rejects: \(target)")
            }
            switch done["state"].text {
            case "stopped": throw Failure(.refused, "The import was stopped; run it again to go on.")
            case "failed": throw Failure(.refused, "The import could not go on: \(done["trouble"].text ?? "")")
            default: break
            }
        }
    }

    /// Stops the newest import. Imports under way are done one after another, and are few.
    private static func stop(_ connection: any ProgramConnection) async throws {
        let imports = try await connection.get("/api/imports?limit=200").json()["items"].list
        let open = imports.filter { isUnderWay($0) }
        for each in open {
            _ = try await connection.send(
                "PUT", "/api/imports/\(each["id"].text ?? "")/stop", body: [], type: nil, key: nil
            ).json()
            Terminal.say("\(each["name"].text ?? "") stopped, \(each["created"].number ?? 0) tasks made")
        }
        if open.isEmpty { Terminal.say("No import is under way.") }
    }

    private static func isUnderWay(_ state: JSONValue) -> Bool {
        ["people", "tasks"].contains(state["state"].text)
    }

    private func follow(_ id: String, _ connection: any ProgramConnection) async throws -> JSONValue {
        let bar = ProgressBar("Importing")
        defer { bar.end() }
        while true {
            let now = try await connection.get("/api/imports/\(id)").json()
            bar.show(now["reached"].number ?? 0, of: now["size"].number ?? 0)
            if !ImportVerb.isUnderWay(now) { return now }
            try await connection.advance()
        }
    }
}
