import ArgumentParser

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
