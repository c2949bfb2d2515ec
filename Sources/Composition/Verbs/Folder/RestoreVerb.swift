import ArgumentParser
import Foundation

struct RestoreVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Put a backup back into a new folder, checked first.",
        discussion: """
            Checks every checksum, the code that only this installation can have made, and every database before the \
            folder gets its name; a folder that is there is never touched. Everyone signs in again, programs need new tokens, and what would leave the house (money, letters) \
            is held until an accountant releases it. Never run the restored installation beside the old one.
            """)

    @Argument(help: "The backup.") var file: String
    @OptionGroup var options: FolderOptions
    @Option(help: "A file with the secret: for a backup without one, and to check any against.") var secretFile: String?
    @Flag(help: "Only check it: nothing is left behind. Needs the room of a restored folder beside the backup.")
    var check = false
    @Flag(help: "Take a backup without a code (made before 0.4.0), or whose code cannot be checked.") var unsigned =
        false

    func run() async throws {
        try await Verb.run {
            let scratch = URL(filePath: file).standardizedFileURL.path + ".check"
            let folder = check ? scratch : Verb.folder(options)
            let stop = StopSignals()
            let bar = ProgressBar(check ? "Checking" : "Restoring", unit: .bytes)
            let restore = Restore(file: file, folder: folder, secretFile: secretFile, unsigned: unsigned)
            let manifest = try await (check ? restore.check : restore.run) { done, total in
                try stop.check()
                bar.show(done, of: total)
            }
            bar.end()
            guard !check else {
                return Terminal.say(
                    "\(manifest.company) as of \(manifest.at), made by popug \(manifest.version): it can be restored.")
            }
            Terminal.say(
                "\(manifest.company) as of \(manifest.at), made by popug \(manifest.version), is in \(folder).")
            Terminal.say(
                "What happened after that moment is not in it. Nobody is signed in, and tokens of programs ended.")
            if Services.names.contains("payouts") {
                Terminal.say("Payouts and letters are held until an accountant releases them.")
            }
            if !manifest.hasSecret, secretFile == nil {
                Terminal.say("Its secret is missing: put a copy of it into \(folder)/\(DataFolder.secretName) first.")
            }
            if let names = manifest.leftOut, !names.isEmpty {
                Terminal.say("Settings that were left out: \(names.joined(separator: ", ")). Set them anew.")
            }
            Terminal.say("Check it with: popug verify --data \(folder)")
            Terminal.say("Start it with: popug serve --data \(folder)")
        }
    }
}
