import Archive
import ArgumentParser
import Foundation
import SQLiteDriver
import Storage

/// What every verb does the same way: find its folder, reach the services, and end with a message and an exit code.
enum Verb {
    /// The folder that is meant: the option, else `POPUG_DATA`, else `popug-data` here.
    static func folder(_ options: FolderOptions) -> String {
        options.data ?? ProcessInfo.processInfo.environment["POPUG_DATA"] ?? "popug-data"
    }

    static func settings(_ options: FolderOptions, flags: [String: String?] = [:]) async throws -> Settings {
        let folder = folder(options)
        // Processes of a spread installation may have variables alone.
        let isByVariables = ProcessInfo.processInfo.environment["POPUG_INSTALLATION"] != nil
        guard DataFolder.exists(folder) || isByVariables else {
            throw Failure(
                .configuration,
                "There is no installation in \(folder). Run `popug init --data \(folder)`, or name "
                    + "another folder with --data.")
        }
        return try await Settings(folder: folder, flags: flags.compactMapValues { $0 })
    }

    /// The server at an address; the running server of the folder, or the services on the stopped folder; the services'
    /// databases, where they are spread over processes.
    static func connect(_ options: FolderOptions) async throws -> any Connection {
        if let server = options.server {
            guard let token = try password(file: options.tokenFile, question: "Token"), !token.isEmpty else {
                throw Failure(.usage, "Give --token-file too: a file with a token of an admin's.")
            }
            return try RemoteConnection(server, token: token)
        }
        let settings = try await settings(options)
        if let spread = try settings.spread() { return try MemberConnection(settings, spread) }
        if let socket = SocketConnection(folder: settings.folder) { return socket }
        return try FolderConnection(settings: settings)
    }

    /// Connects, works, and closes whatever happens.
    static func connected(
        _ options: FolderOptions, _ body: @escaping @Sendable (any Connection) async throws -> Void
    ) async throws {
        try await run {
            let connection = try await connect(options)
            do {
                try await body(connection)
                try await connection.settle()
            } catch {
                await connection.close()
                throw error
            }
            await connection.close()
        }
    }

    /// Runs the body; a failure becomes one line on standard error and an exit code.
    static func run(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let failure as Failure {
            Terminal.complain("popug: \(failure.description)")
            throw ExitCode(failure.code.rawValue)
        } catch let error as StorageError {
            Terminal.complain("popug: \(error.description)")
            throw ExitCode(Failure.Code.unavailable.rawValue)
        } catch let error as ArchiveError {
            Terminal.complain("popug: \(error.description)")
            throw ExitCode(Failure.Code.refused.rawValue)
        } catch let code as ExitCode {
            throw code
        } catch {
            Terminal.complain("popug: \(error)")
            throw ExitCode(Failure.Code.refused.rawValue)
        }
    }

    /// A secret that is not to stand on a command line: from a file, `-` for standard input, or asked for.
    static func password(file: String?, question: String) throws -> String? {
        guard let file else { return Terminal.ask(question, hidden: true) }
        if file == "-" { return readLine(strippingNewline: true) }
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
            throw Failure(.unavailable, "\(file) cannot be read")
        }
        return text.trimmingCharacters(in: .newlines)
    }
}
