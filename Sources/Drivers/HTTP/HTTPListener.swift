import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle

/// Listens for requests and answers them until it is told to stop; then gives requests under way their time.
package struct HTTPListener<Answering: HTTPResponder>: ServiceLifecycle.Service
where Answering.Context == RequestConnection {
    private let options: HTTPServer.Options
    private let responder: Answering
    private let listening: @Sendable (Int) async -> Void
    private let log: Logger

    /// - Parameter listening: called once, with the port that was bound (0 for a socket).
    package init(
        options: HTTPServer.Options, responder: Answering, listening: @escaping @Sendable (Int) async -> Void,
        log: Logger
    ) {
        self.options = options
        self.responder = responder
        self.listening = listening
        self.log = log
    }

    package func run() async throws {
        var bounded = options
        bounded.mostConnections = Descriptors.connections(atMost: options.mostConnections)
        let options = bounded
        let address: BindAddress
        switch options.listen {
        case .port(let host, let port): address = .hostname(host, port: port)
        case .socket(let path): address = .unixDomainSocket(path: path)
        }
        // The framework's own lines add nothing to ours, except its errors.
        var log = log
        log.logLevel = .error
        let application = Application(
            responder: responder,
            server: .init { [options] responder in
                HTTPConnections(
                    framework: HTTP1Channel(
                        responder: responder,
                        configuration: .init(
                            idleTimeout: .seconds(options.idleSeconds),
                            httpDecoderConfiguration: .init(
                                maxHeaderFieldSize: 16 * 1024, maxHeaderListSize: 32 * 1024,
                                maxHeaderFieldCount: 100))),
                    options: options)
            },
            configuration: .init(
                address: address, backlog: 1024,
                availableConnectionsDelegate: MaximumAvailableConnections(options.mostConnections, logger: log)),
            onServerRunning: { channel in await opened(channel) },
            logger: log)
        defer { removeSocket() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            group.addTask {
                // Waits for the signal to stop, then gives requests under way their time, and no more.
                try await gracefulShutdown()
                try await Task.sleep(for: .milliseconds(options.graceMilliseconds))
            }
            try await group.next()
            group.cancelAll()
            while let result = await group.nextResult() {
                if case .failure(let error) = result, !(error is CancellationError) { throw error }
            }
        }
    }

    private func opened(_ channel: any Channel) async {
        if case .socket(let path) = options.listen {
            do {
                try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
            } catch {
                log.error("cannot restrict \(path): \(error)")
            }
        }
        await listening(channel.localAddress?.port ?? 0)
    }

    private func removeSocket() {
        guard case .socket(let path) = options.listen else { return }
        // It does not matter if the file is gone already.
        try? FileManager.default.removeItem(atPath: path)
    }
}
