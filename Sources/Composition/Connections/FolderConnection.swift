import Hosting
import Web

/// The services of a stopped folder, for as long as a verb takes.
package final class FolderConnection: ProgramConnection {
    private let installation: Installation

    package init(settings: Settings) throws {
        installation = try Installation(settings)
    }

    package func send(_ method: String, _ target: String, body: [UInt8], type: String?, key: String?) async throws
        -> WebResponse
    {
        try await Aside.run { [installation] in
            try installation.exchange.respondLocally(method, target, body: body, type: type, key: key)
        }
    }

    package func advance() async throws {
        try await Aside.run { [installation] in
            for _ in 0..<10 where try !installation.exchange.step() { return }
        }
    }

    package func settle() async throws {
        try await Aside.run { [installation] in try installation.exchange.settle() }
    }

    package func close() async {
        installation.close()
    }
}
