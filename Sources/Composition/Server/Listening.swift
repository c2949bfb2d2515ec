import Foundation
import NIOCore
import ServiceLifecycle

/// A server that listens on an address that people choose, and explains in words if it cannot.
struct Listening<Served: ServiceLifecycle.Service>: ServiceLifecycle.Service {
    let server: Served
    let host: String
    let port: Int

    func run() async throws {
        do {
            try await server.run()
        } catch {
            guard let reason = reason(error) else { throw error }
            throw Failure(
                .unavailable,
                "\(ListenAddress.authority(host, port)) cannot be listened on: \(reason). Name another with --listen.")
        }
    }

    private func reason(_ error: any Error) -> String? {
        if error is SocketAddressError.UnknownHost { return "nobody knows where \(host) is" }
        return switch (error as? IOError)?.errnoCode {
        case EADDRINUSE: "another program does so already"
        case EADDRNOTAVAIL: "\(host) is no address of this machine"
        case EACCES: "this user has no right to that port"
        default: nil
        }
    }
}
