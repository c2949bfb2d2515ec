import ArgumentParser
import Foundation

struct ParkedVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parked",
        abstract: "Events that a service could not handle.",
        subcommands: [List.self, Show.self, Replay.self, Discard.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List parked events.")
        @OptionGroup var options: PlaceOptions

        func run() async throws {
            try await Verb.connected(options) { connection in
                var rows = [["SERVICE", "EVENT", "NAME", "TRIES", "NEXT TRY", "ERROR"]]
                try await connection.each("/api/parked") { event in
                    rows.append([
                        event["service"].text ?? "", event["id"].text ?? "", event["name"].text ?? "",
                        event["tries"].text ?? "", event["next_try"].text ?? "-", event["error"].text ?? "",
                    ])
                }
                if rows.count == 1 { Terminal.say("Nothing is parked.") } else { Terminal.table(rows) }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a parked event with its data.")
        @OptionGroup var options: PlaceOptions
        @Argument(help: "The service that parked it.") var service: String
        @Argument(help: "The event's id.") var event: String

        func run() async throws {
            let path = "/api/parked/\(service)/\(event)"
            try await Verb.connected(options) { connection in
                let event = try await connection.get(path).json()
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
                Terminal.say(String(decoding: try encoder.encode(event), as: UTF8.self))
            }
        }
    }

    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Try a parked event again now.")
        @OptionGroup var options: PlaceOptions
        @Argument(help: "The service that parked it.") var service: String
        @Argument(help: "The event's id.") var event: String

        func run() async throws {
            let path = "/api/parked/\(service)/\(event)/replay-requests"
            try await Verb.connected(options) { connection in
                _ = try await connection.send("POST", path, body: [], type: nil, key: UUID().uuidString).json()
            }
        }
    }

    struct Discard: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a parked event up; later ones of its key go on. The reason is kept.")
        @OptionGroup var options: PlaceOptions
        @Argument(help: "The service that parked it.") var service: String
        @Argument(help: "The event's id.") var event: String
        @Option(help: "Why it is given up.") var reason: String

        func run() async throws {
            let path = "/api/parked/\(service)/\(event)/discard"
            let reason = reason
            try await Verb.connected(options) { connection in
                _ = try await connection.post("PUT", path, ["reason": .text(reason)], key: UUID().uuidString).json()
            }
        }
    }
}
