import ArgumentParser
import Foundation

/// The program from its arguments to its exit code, for every verb.
package enum Program {
    /// Runs the verb that the arguments name. Not `async`, because what applies to all threads must be set up before
    /// the first thread is made.
    package static func run(_ command: (some AsyncParsableCommand).Type) -> Never {
        // Everything the program makes is accessible only to its owner: databases, backups, sockets.
        umask(0o077)
        Descriptor.holdStandard()
        Descriptor.ignoreSignals()
        Task {
            let code = await end(of: command)
            exit(Terminal.ending(code))
        }
        dispatchMain()
    }

    private static func end(of command: (some AsyncParsableCommand).Type) async -> Int32 {
        do {
            var verb = try await command.asyncParseAsRoot(try arguments())
            if var verb = verb as? any AsyncParsableCommand { try await verb.run() } else { try verb.run() }
            return 0
        } catch let failure as Failure {
            Terminal.complain("popug: \(failure.description)")
            return failure.code.rawValue
        } catch {
            let code = command.exitCode(for: error)
            let text = command.fullMessage(for: error)
            // Help, and other text that was asked for, is a result.
            if code.isSuccess { Terminal.say(text) } else if !text.isEmpty { Terminal.complain(text) }
            return code == .validationFailure ? Failure.Code.usage.rawValue : code.rawValue
        }
    }

    /// - Throws: ``Failure`` for text that is not UTF-8, which would otherwise arrive with replaced characters.
    private static func arguments() throws -> [String] {
        let given = UnsafeBufferPointer(start: CommandLine.unsafeArgv, count: Int(CommandLine.argc))
        for (index, argument) in given.enumerated() {
            guard let argument, String(validatingCString: argument) == nil else { continue }
            throw Failure(.usage, "Argument \(index), \(String(cString: argument)), is not text in UTF-8")
        }
        for name in ProcessInfo.processInfo.environment.keys.sorted() where name.hasPrefix("POPUG_") {
            guard let bytes = getenv(name), String(validatingCString: bytes) == nil else { continue }
            throw Failure(.configuration, "\(name) is not text in UTF-8")
        }
        return Array(CommandLine.arguments.dropFirst())
    }
}
