import ArgumentParser
import Foundation
import Web

struct ImportVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Import a file of work: CSV with a header, or JSON Lines.",
        discussion: """
            Columns: created_at, created_by, title; optionally jira_id and description. People who are named but not \
            known are created, without a password. Lines that break a rule go to the rejects file, with their number \
            and the reason. Importing the same file again adds nothing; after an interruption, just run it again.
            """)

    @OptionGroup var options: PlaceOptions
    @Argument(help: "The file: .csv, or .jsonl for JSON Lines.")
    var file: String
    @Option(help: "Where to write the lines that were not imported; FILE.rejects.csv where it is not given.")
    var rejects: String?

    func run() async throws {
        let file = file
        let target = rejects ?? file + ".rejects.csv"
        try await Verb.connected(options) { connection in
            let content = try TextFile.bytes(file, .unavailable)
            let lines = ["jsonl", "ndjson"].contains((file as NSString).pathExtension.lowercased())
            let name = (file as NSString).lastPathComponent.addingPercentEncoding(withAllowedCharacters: .alphanumerics)
            let answer = try await connection.send(
                "POST", "/api/imports?name=\(name ?? "file")", body: content,
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
        }
    }

    private func follow(_ id: String, _ connection: any Connection) async throws -> JSONValue {
        let bar = ProgressBar("Importing")
        defer { bar.end() }
        while true {
            let now = try await connection.get("/api/imports/\(id)").json()
            bar.show(now["reached"].number ?? 0, of: now["size"].number ?? 0)
            if now["state"].text == "done" { return now }
            try await connection.advance()
        }
    }
}
