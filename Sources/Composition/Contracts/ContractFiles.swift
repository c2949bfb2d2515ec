import Contracts
import Foundation
import Hosting
import Logging
import Messaging
import SQLiteDriver
import Schemas
import Storage
import Values
import Web

/// The files in `contracts/`, generated from the types and declarations in the program. The same program always makes
/// the same bytes.
package struct ContractFiles: Sendable {
    package let files: [GeneratedFile]

    /// Opens all services in memory, to read what they declare.
    package init() throws {
        let environment = Environment.live()
        guard let calendar = BusinessCalendar(zone: "UTC", closingHour: 0) else {
            throw Failure(.unavailable, "this system knows no time zones")
        }
        let company = Company(
            installation: environment.newID(), name: "Popug Inc.", currency: "EUR", calendar: calendar,
            publicAddress: "http://localhost:8080")
        let secret = Installation.noSecret
        let log = try SQLiteEventLog.memory(
            codes: Installation.codes(secret: secret, environment: environment), now: environment.now())
        defer { log.close() }
        let exchange = try Exchange(
            Exchange.Parts(
                company: company, environment: environment, secret: secret,
                database: { try SQLiteDatabase.inline(name: $0) }, log: log,
                logger: Logger(label: "contracts", factory: { _ in SwiftLogNoOpLogHandler() })))
        defer { exchange.close() }
        let events = Services.events.map { $0.contract }
        let consumers = Exchange.consumers(of: exchange.hosts.map(\.service))
        let openAPI = try JSONText(exchange.respond(to: WebRequest("GET", "/api/openapi.json")).body)
        let asyncAPI = AsyncAPI.document(
            of: events, in: Services.names, consumers: consumers, version: Version.text)
        files =
            events.map { GeneratedFile(path: "\($0.topic)/\($0.type).json", text: $0.schema.pretty) } + [
                GeneratedFile(path: "asyncapi.yaml", text: YAMLText.written(asyncAPI)),
                GeneratedFile(path: "openapi.json", text: openAPI.pretty),
            ]
    }

    /// The schemas of events in a folder, by path.
    package static func schemas(in folder: String) throws -> [String: JSONText] {
        let paths = FileManager.default.enumerator(atPath: folder)?.allObjects as? [String] ?? []
        var schemas: [String: JSONText] = [:]
        for path in paths where path.hasSuffix(".json") && path.contains("/") {
            schemas[path] = try JSONText([UInt8](Data(contentsOf: URL(filePath: folder + "/" + path))))
        }
        return schemas
    }

    /// What would break for a consumer of the schemas that are accepted in a folder.
    package func breaks(with folder: String) throws -> [String] {
        let present = Dictionary(uniqueKeysWithValues: files.map { ($0.path, $0.text) })
        return try ContractFiles.schemas(in: folder).sorted { $0.key < $1.key }.flatMap { path, accepted in
            guard let text = present[path] else {
                return ["\(path): this version is gone, and events of it are in the log. Put its type back."]
            }
            return Compatibility.breaks(
                String(path.dropLast(".json".count)), from: accepted, to: try JSONText(Array(text.utf8)))
        }
    }
}
