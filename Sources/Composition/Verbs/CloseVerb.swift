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

    @OptionGroup var options: FolderOptions
    @Option(help: "Confirm that this day (YYYY-MM-DD) may open.") var confirm: String?

    func run() async throws {
        let confirm = confirm
        if let confirm, Day(confirm) == nil { throw ValidationError("--confirm takes a date such as 2026-11-21") }
        try await Verb.connected(options) { connection in
            if let confirm {
                _ = try await connection.post(
                    "/api/day-closes/\(confirm)/confirmation", [:], key: UUID().uuidString
                ).json()
                Terminal.say("\(confirm) is confirmed.")
            }
            let next = try await connection.get("/api/day-closes/next").json()
            Terminal.say("Open day:       \(next["day"].text ?? "")")
            Terminal.say("Closes at:      \(next["closes_at"].text ?? "")")
            Terminal.say("Accounts:       \(next["accounts"].text ?? "0")")
            Terminal.say("To be paid:     \(next["people"].text ?? "0") people")
            Terminal.say("In all:         \(Cents(next["sum"].number ?? 0).plain)")
            if let waiting = next["waiting_for"].text {
                Terminal.say("Waiting:        \(waiting) must be confirmed: popug close --confirm \(waiting)")
            }
        }
    }
}
