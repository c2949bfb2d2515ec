import ArgumentParser
import Foundation

struct MailVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mail", abstract: "Outgoing mail: how it does, and a test letter.",
        subcommands: [State.self, Test.self])

    struct State: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Say where letters go, and how many wait.")
        @OptionGroup var options: PlaceOptions

        func run() async throws {
            try await Verb.connected(options) { connection in
                let mail = try await connection.get("/api/mail").json()
                Terminal.say("Mail server:    \(mail["server"].text ?? "none: letters are kept, see the page Letters")")
                Terminal.say("From:           \(mail["from"].text ?? "")")
                Terminal.say("Waiting:        \(Terminal.count(mail["waiting"].number ?? 0, "letter", "letters"))")
                if let since = mail["held_at"].text {
                    Terminal.say("Held since:     \(since), until an accountant or admin releases them")
                }
                if let since = mail["away_since"].text {
                    Terminal.say("Away since:     \(since); next try \(mail["paused_until"].text ?? "")")
                    Terminal.say("                \(mail["words"].text ?? "")")
                }
            }
        }
    }

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send a test letter and print what the mail server said.",
            discussion: "Exit code 1 where the server did not take it.")
        @OptionGroup var options: PlaceOptions
        @Argument(help: "Where to.") var address: String

        func run() async throws {
            let address = address
            try await Verb.connected(options) { connection in
                let answer = try await connection.post(
                    "/api/mail/tests", ["address": .text(address)], key: UUID().uuidString
                ).json()
                let words = answer["words"].text ?? ""
                switch answer["outcome"].text {
                case "accepted": Terminal.say("The server took it: \(words)")
                case "refused": throw Failure(.refused, "The server refused it: \(words)")
                case "later": throw Failure(.refused, "The server does not take it now: \(words)")
                default: throw Failure(.refused, "The server cannot be reached, or does not let us in: \(words)")
                }
            }
        }
    }
}
