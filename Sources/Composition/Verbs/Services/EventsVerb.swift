import ArgumentParser
import Foundation

struct EventsVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "What the services tell each other.", subcommands: [Tail.self])

    struct Tail: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the latest events, one line each, and with --follow those that come.")
        @OptionGroup var options: PlaceOptions
        @Option(name: .shortAndLong, help: "How many to begin with, 1 to 200.") var count: Int = 20
        @Flag(name: .shortAndLong, help: "Go on until Ctrl-C.") var follow = false

        func run() async throws {
            let (count, follow) = (count, follow)
            guard (1...200).contains(count) else { throw ValidationError("--count must be 1 to 200") }
            try await Verb.connected(options) { connection in
                let latest = try await connection.get("/api/events?limit=\(count)").json()["items"].list
                var shown = Set<String>()
                for event in latest.reversed() { print(event, &shown) }
                while follow {
                    try Terminal.check()
                    try await connection.advance()
                    let more = try await connection.get("/api/events?limit=200").json()["items"].list
                    for event in more.reversed() { print(event, &shown) }
                }
            }
        }

        private func print(_ event: JSONValue, _ shown: inout Set<String>) {
            guard let id = event["id"].text, shown.insert(id).inserted else { return }
            let place = "\(event["service"].text ?? "")/\(event["partition"].text ?? "")/\(event["number"].text ?? "")"
            Terminal.say(
                "\(event["time"].text ?? "")  \(place)  \(event["name"].text ?? "")  \(event["key"].text ?? "")  \(id)")
        }
    }
}

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
