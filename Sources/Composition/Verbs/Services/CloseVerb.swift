import ArgumentParser
import Foundation
import Values

struct CloseVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "close",
        abstract: "Preview the next day close; confirm a suspicious day.",
        discussion: """
            Days close by themselves at the closing hour. A day that lies more than seven after the last one waits until \
            an accountant or admin confirms it, here or on the page: a wrong clock must not pay out years.
            """)

    @OptionGroup var options: PlaceOptions
    @Option(help: "Confirm that this day (YYYY-MM-DD) may open.") var confirm: String?

    func run() async throws {
        let confirm = confirm
        if let confirm, Day(confirm) == nil { throw ValidationError("--confirm takes a date such as 2026-11-21") }
        try await Verb.connected(options) { connection in
            if let confirm {
                _ = try await connection.send(
                    "POST", "/api/day-closes/\(confirm)/confirmation", body: [], type: nil, key: UUID().uuidString
                ).json()
                Terminal.say("\(confirm) is confirmed.")
            }
            let next = try await connection.get("/api/day-closes/next").json()
            Terminal.say("Open day:       \(next["day"].text ?? "")")
            Terminal.say("Ends at:        \(next["ends_at"].text ?? "")")
            Terminal.say("To be paid:     \(Terminal.count(next["people"].number ?? 0, "person", "people"))")
            Terminal.say("In all:         \(Cents(next["sum"].number ?? 0).plain)")
            if next["waits_for_confirmation"].flag, let day = next["clock_day"].text {
                Terminal.say("Waiting:        \(day) must be confirmed: popug close --confirm \(day)")
            }
        }
    }
}
