import Foundation
import Values

extension PageSet {
    /// A set whose texts are JSON files: flat objects of strings.
    /// - Throws: a decoding error for anything else.
    package init(templates: [String: [UInt8]], english: [UInt8], russian: [UInt8]) throws {
        let decoder = JSONDecoder()
        self.init(
            templates: templates.mapValues { String(decoding: $0, as: UTF8.self) },
            texts: [
                .english: try decoder.decode([String: String].self, from: Data(english)),
                .russian: try decoder.decode([String: String].self, from: Data(russian)),
            ])
    }

    /// The kit's own: layout, error page, operations pages, and the texts of problems that any endpoint may meet. The
    /// renderer adds it.
    static func kit() throws -> PageSet {
        try PageSet(
            templates: [
                "kit/layout": PackageResources.layout_mustache, "kit/error": PackageResources.error_mustache,
                "kit/preferences": PackageResources.preferences_mustache,
                "operations/overview": PackageResources.operations_mustache,
                "operations/events": PackageResources.events_mustache,
                "operations/event": PackageResources.event_mustache,
                "operations/parked": PackageResources.parked_mustache,
                "operations/parked-state": PackageResources.parked_state_mustache,
                "operations/parked-event": PackageResources.parked_event_mustache,
                "operations/backups": PackageResources.backups_mustache,
            ],
            english: PackageResources.en_json, russian: PackageResources.ru_json)
    }
}
