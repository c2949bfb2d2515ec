import ArgumentParser
import Schemas
import Values

struct AuditVerb: AsyncParsableCommand {
    private static let areas = AuditArea.allCases.map(\.rawValue).joined(separator: ", ")
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "What people changed by hand in the last 30 days, the newest first.")
    @OptionGroup var options: PlaceOptions
    @Option(help: "Only what is about this: \(AuditVerb.areas).") var area: String?
    @Option(name: .shortAndLong, help: "How many, 1 to 200.") var count: Int = 50

    func run() async throws {
        let (area, count) = (area, count)
        guard (1...200).contains(count) else { throw ValidationError("--count must be 1 to 200") }
        guard area.map({ AuditArea(rawValue: $0) != nil }) ?? true else {
            throw ValidationError("--area must be one of \(AuditVerb.areas)")
        }
        let target = "/api/audit?limit=\(count)" + (area.map { "&area=\($0)" } ?? "")
        try await Verb.connected(options) { connection in
            var rows = [["TIME", "SERVICE", "CHANGE", "SUBJECT", "WHOSE", "BEFORE", "AFTER", "BY"]]
            for entry in try await connection.get(target).json()["items"].list {
                func text(_ field: String, or absent: String = "-") -> String { entry[field].text ?? absent }
                let sum = entry["sum"].number.map { Cents($0).plain }
                rows.append([
                    text("time"), text("service"), text("kind", or: text("name")), text("subject"),
                    text("person_name"), text("before"), text("after", or: sum ?? "-"), text("by_name"),
                ])
            }
            if rows.count == 1 { Terminal.say("Nothing was changed by hand.") } else { Terminal.table(rows) }
        }
    }
}
