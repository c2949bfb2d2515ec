import Composition
import Contracts
import Foundation
import Hosting
import Messaging
import Schemas
import ServiceKit
import TestKit
import Testing
import Web

/// X44, X50 to X52: what `contracts/` says is what the types encode and decode, for every event that is published.
@Suite("Contracts")
struct ContractTests {
    @Test("The files in contracts/ are what the types say; else: make contracts")
    func files() throws {
        let contracts = try ContractFiles()
        #expect(contracts.files.stale(in: Repository.path("contracts")) == [])
        #expect(try ContractFiles().files == contracts.files, "not the same bytes twice")
    }

    @Test("X44: no change of a version breaks who reads it")
    func compatible() throws {
        #expect(try ContractFiles().breaks(with: Repository.path("contracts")) == [])
    }

    @Test("Every event in Contracts, in the Directory and of the kit is listed, each version once")
    func listed() throws {
        let listed = Services.events.map { "\($0)" }
        let pattern = /extension (\w+): Contract\b/
        var found: [String] = []
        for folder in ["Sources/Contracts", "Sources/Kit/Directory", "Sources/Kit/Service"] {
            let before = found.count
            for file in Repository.files(below: folder, ".swift") {
                found += try Repository.text(file).matches(of: pattern).map { String($0.1) }
            }
            #expect(found.count > before, "\(folder)")
        }
        #expect(Set(found).subtracting(listed).isEmpty, "published by no service")
        #expect(Set(Services.events.map { "\($0.topic) \($0.type)" }).count == listed.count)
    }

    @Test("The reference page has every event; a problem's type leads to what it means", arguments: ["en", "ru"])
    func pages(language: String) throws {
        let exchange = try TestExchange()
        var request = WebRequest("GET", "/api/event-types")
        request.headers.acceptLanguage = language
        let page = exchange.exchange.respond(to: request)
        #expect(page.status == 200)
        for event in Services.events { #expect(page.text.contains("id=\"\(event.type)\"")) }
        let refusal = exchange.send("POST", "/api/tasks", json: "{\"title\":\"[x\"}", as: exchange.admin)
        let problem = try JSONSerialization.jsonObject(with: Data(refusal.body)) as? [String: Any]
        let type = try #require(problem?["type"] as? String)
        #expect(type == "/problems/task.brackets")
        for path in [type, "/problems"] {
            let about = exchange.exchange.respond(to: WebRequest("GET", path))
            #expect(about.status == 200 && about.text.contains("task.brackets") && !about.text.contains("{{"))
        }
        #expect(exchange.exchange.respond(to: WebRequest("GET", "/problems/no-such")).status == 404)
    }

    @Test("X44: who takes an event takes all its versions")
    func takeAll() throws {
        let services = try TestExchange().exchange.hosts.map(\.service)
        for service in services {
            for reaction in service.reactions {
                for event in Services.events where reaction.events.contains(event.type) {
                    #expect(event.types.isSubset(of: reaction.events), "\(service.name): \(event.type)")
                }
                let known = Set(Services.events.filter { $0.topic == reaction.topic }.map { $0.type })
                #expect(reaction.events.isSubset(of: known), "\(service.name) takes what nobody publishes")
            }
        }
    }

    @Test("An event's fields are what its type encodes and decodes", arguments: Services.events.indices)
    func fields(index: Int) throws { try prove(Services.events[index]) }

    /// The example has every field and fits the schema; each field is needed or not, and of its type, as declared.
    private func prove<E: Contract>(_ type: E.Type) throws {
        let data = Data(try E.example.data())
        let schema = Schema.object(E.name, E.fields)
        #expect(schema.faults(in: try JSONText([UInt8](data))) == [], "\(E.type)")
        let whole = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(
            value(at: E.keyField.split(separator: ".").map(String.init), in: whole) as? String == "\(E.example.key)")
        #expect(decodes(E.self, whole))
        try proveFields(E.fields, of: whole, "\(E.type)") { decodes(E.self, $0) }
    }

    private func proveFields(
        _ fields: [Schema.Field], of whole: [String: Any], _ place: String, decodes: ([String: Any]) -> Bool
    ) throws {
        for field in fields {
            let where_ = "\(place).\(field.name)"
            let value = try #require(whole[field.name], "\(where_) is missing in the example")
            var without = whole
            without[field.name] = nil
            #expect(decodes(without) == field.isOptional, "\(where_) left out")
            var wrong = whole
            wrong[field.name] = value is String ? 7 as Any : "wrong" as Any
            #expect(!decodes(wrong), "\(where_) of another type")
            try proveWithin(field.schema, value, where_) { inner in
                var changed = whole
                changed[field.name] = inner
                return decodes(changed)
            }
        }
    }

    /// What a field holds: objects by their fields, lists by their items, texts by their format.
    private func proveWithin(
        _ schema: Schema, _ value: Any, _ place: String, decodes: (Any) -> Bool
    ) throws {
        switch schema {
        case .optional(let inner): try proveWithin(inner, value, place, decodes: decodes)
        case .object(_, let fields):
            try proveFields(fields, of: try #require(value as? [String: Any]), place) { decodes($0) }
        case .list(let item):
            let first = try #require((value as? [Any])?.first, "\(place): the example's list is empty")
            try proveWithin(item, first, place + "[]") { decodes([$0]) }
        case .id, .instant, .day: #expect(!decodes("no such thing"), "\(place) is any text")
        case .string, .open: #expect(decodes("any text"), "\(place) is not any text")
        case .integer, .cents: #expect(!decodes(1.5), "\(place) is no whole number")
        case .boolean: #expect(!decodes(2))
        case .text, .number, .choice: break
        }
    }

    private func decodes<E: Contract>(_ type: E.Type, _ object: [String: Any]) -> Bool {
        guard let data = try? JSONSerialization.data(withJSONObject: object) else { return false }
        return (try? E(data: [UInt8](data))) != nil
    }

    private func value(at path: [String], in object: [String: Any]) -> Any? {
        guard let first = path.first else { return nil }
        return path.count == 1
            ? object[first] : self.value(at: Array(path.dropFirst()), in: object[first] as? [String: Any] ?? [:])
    }
}
