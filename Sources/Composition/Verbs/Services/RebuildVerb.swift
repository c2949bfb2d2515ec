import ArgumentParser
import Foundation

struct RebuildVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild",
        abstract: "Build what a service has derived from others' events anew from the event log.",
        subcommands: [Analytics.self])

    struct Analytics: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Build all figures of Analytics anew.",
            discussion: """
                Everything goes on meanwhile: readers see the old figures until the new ones are complete. Ctrl-C ends \
                only the watching while a server runs; --stop stops the rebuild where it is, and running the verb again \
                goes on from there. On a stopped folder Ctrl-C stops the rebuild, and it goes on with the next start. \
                Exit code 1 where the new figures are not the same as the old ones, or the rebuild was stopped.
                """)

        @OptionGroup var options: PlaceOptions
        @Flag(help: "Stop the rebuild that is under way.") var stop = false
        @Flag(help: "Give up the rebuild that is under way or was stopped: the figures stay as they are.")
        var abandon = false

        func validate() throws {
            if stop, abandon { throw ValidationError("Give --stop or --abandon, not both.") }
        }

        func run() async throws {
            let (stop, abandon) = (stop, abandon)
            try await Verb.connected(options) { connection in
                if abandon { return try await RebuildVerb.abandon(connection) }
                if stop { return try await RebuildVerb.stop(connection) }
                try await RebuildVerb.rebuild(connection)
            }
        }
    }

    private static let path = "/api/analytics/rebuilds"

    private static func rebuild(_ connection: any ProgramConnection) async throws {
        let begun = try await connection.send("POST", path, body: [], type: nil, key: UUID().uuidString).json()
        let id = begun["id"].text ?? ""
        if let reached = begun["reached"].number, reached > 0 {
            Terminal.say("Going on at event \(reached) of \(begun["total"].number ?? 0)")
        }
        let ended = try await follow(id, connection)
        guard ended["state"].text == "done" else {
            throw Failure(
                .refused, "The rebuild was stopped or given up; run the verb again to go on, or to begin anew.")
        }
        let (before, after) = (ended["digest_before"].text ?? "", ended["digest_after"].text ?? "")
        Terminal.say("\(ended["total"].number ?? 0) events read")
        Terminal.say("before  \(before)")
        Terminal.say("after   \(after)")
        guard before == after else {
            throw Failure(.refused, "The figures were not what the event log says. They are now.")
        }
        Terminal.say("The same to the byte.")
    }

    private static func follow(_ id: String, _ connection: any ProgramConnection) async throws -> JSONValue {
        let bar = ProgressBar("Rebuilding")
        defer { bar.end() }
        while true {
            let now = try await connection.get("\(path)/\(id)").json()
            bar.show(now["reached"].number ?? 0, of: now["total"].number ?? 0)
            if now["state"].text != "running" { return now }
            try await connection.advance()
        }
    }

    private static func abandon(_ connection: any ProgramConnection) async throws {
        let latest = try await connection.get("\(path)?limit=1").json()["items"].list.first
        guard let latest, ["running", "stopped"].contains(latest["state"].text), let id = latest["id"].text else {
            return Terminal.say("No rebuild is under way.")
        }
        _ = try await connection.send("DELETE", "\(path)/\(id)", body: [], type: nil, key: nil).json()
        Terminal.say("Given up. The figures are as they were.")
    }

    private static func stop(_ connection: any ProgramConnection) async throws {
        let latest = try await connection.get("\(path)?limit=1").json()["items"].list.first
        guard let latest, latest["state"].text == "running", let id = latest["id"].text else {
            return Terminal.say("No rebuild is under way.")
        }
        let stopped = try await connection.send("PUT", "\(path)/\(id)/stop", body: [], type: nil, key: nil).json()
        Terminal.say("Stopped at event \(stopped["reached"].number ?? 0) of \(stopped["total"].number ?? 0).")
    }
}
