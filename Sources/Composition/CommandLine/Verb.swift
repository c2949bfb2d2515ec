import Archive
import ArgumentParser
import Foundation
import SQLiteDriver
import ServiceKit
import Storage
import Web

/// What every verb does in the same way: find its folder, reach the services, and end with a message and an exit code.
enum Verb {
    /// The data folder: the option, or `POPUG_DATA`, or `popug-data` in the current folder.
    static func folder(_ options: FolderOptions) -> String {
        options.data ?? ProcessInfo.processInfo.environment["POPUG_DATA"] ?? "popug-data"
    }

    static func settings(_ options: FolderOptions, flags: [String: String?] = [:]) async throws -> Settings {
        let folder = folder(options)
        // Processes of an installation that is spread over several may be configured by variables alone.
        let isByVariables = ProcessInfo.processInfo.environment["POPUG_INSTALLATION"] != nil
        guard try isByVariables || DataFolder.exists(folder) else {
            throw Failure(
                .configuration,
                "There is no installation in \(folder). Run `popug init --data \(folder)`, or name "
                    + "another folder with --data.")
        }
        return try await Settings(folder: folder, flags: flags.compactMapValues { $0 })
    }

    /// Connects to the server at an address; or to the running server of the folder; or to the services on the stopped
    /// folder; or, if services are spread over processes, to their databases.
    static func connect(_ options: PlaceOptions) async throws -> any ProgramConnection {
        if let server = options.server {
            guard let token = try password(file: options.tokenFile, question: "Token"), !token.isEmpty else {
                throw Failure(.usage, "Give --token-file too: a file with a token of an admin's.")
            }
            return try RemoteConnection(server, token: token)
        }
        let settings = try await settings(options.folder)
        if let cluster = try settings.cluster() { return try NodeConnection(settings, cluster) }
        if let socket = SocketConnection(folder: settings.folder) { return socket }
        return try FolderConnection(settings: settings)
    }

    /// Connects, runs the work, and closes the connection whatever happens.
    static func connected(
        _ options: PlaceOptions, _ body: @escaping @Sendable (any ProgramConnection) async throws -> Void
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
        } catch let code as ExitCode {
            throw code
        } catch let error as ValidationError {
            throw error
        } catch {
            throw failure(error)
        }
    }

    /// An error as a message for people, with its exit code.
    static func failure(_ error: any Error) -> Failure {
        switch error {
        case let failure as Failure: failure
        case let error as SettingError: Failure(.configuration, error.description)
        case let error as StorageError: Failure(.unavailable, error.description)
        case let error as ArchiveError: Failure(.refused, error.description)
        case let problem as Problem: Failure(.refused, words(of: problem))
        // A Foundation error, whose own description is for programmers.
        case let error as CocoaError: Failure(.unavailable, error.localizedDescription)
        default: Failure(.refused, "\(error)")
        }
    }

    /// A problem in the catalogue's words, as a server would answer it.
    static func words(of problem: Problem) -> String {
        guard let pages = try? Declarations(GatewayServer.nobody()).pages else { return problem.key }
        let key = "problem." + problem.key
        func text(_ key: String) -> String { pages.text(key, values: problem.values, language: .english) }
        return WebResponse.words(
            title: text(key), detail: pages.hasText(key + ".todo") ? text(key + ".todo") : nil,
            fields: problem.field.map { [($0, text(key))] } ?? [])
    }

    /// A secret that must not be on a command line: from a file, from standard input for `-`, or asked for.
    static func password(file: String?, question: String) throws -> String? {
        guard let file else { return try Terminal.ask(question, hidden: true) }
        if file == "-" { return try Terminal.line() }
        return try TextFile.read(file, .unavailable).trimmingCharacters(in: .newlines)
    }
}
