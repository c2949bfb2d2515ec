import ArgumentParser
import Foundation

struct DoctorVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look the installation over, running or stopped, and say what to do.",
        discussion: """
            Configuration, folder and rights, disk, secret, clock, versions, parked events, the last backup, the mail \
            server and the payment provider (nothing is sent or ordered), the server. Changes nothing. Exit code 1 where \
            something is wrong; a warning is none. Whether the books are right is what `verify` asks.
            """)

    @OptionGroup var options: FolderOptions

    func run() async throws {
        try await Verb.run {
            let settings = try await Verb.settings(options)
            try settings.requireFolder("doctor", instead: "Ask each process for /readyz, and see docs/operating.md.")
            let server = SocketConnection(folder: settings.folder)
            let found = await Doctor(settings).examine(server: server)
            await server?.close()
            for line in found {
                let mark = line.verdict.rawValue.padding(toLength: 8, withPad: " ", startingAt: 0)
                Terminal.say("\(mark) \(line.about): \(line.finding)")
                if let todo = line.todo { Terminal.say("         \(todo)") }
            }
            let wrong = found.count { $0.verdict == .wrong }
            let number = found.count { $0.verdict == .warning }
            let warnings = Terminal.count(Int64(number), "warning", "warnings")
            guard wrong == 0 else { throw Failure(.refused, "\(wrong) wrong, \(warnings)") }
            Terminal.say(number == 0 ? "All is well." : "Nothing is wrong; \(warnings).")
        }
    }
}
