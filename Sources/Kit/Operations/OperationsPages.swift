import Web

extension Operations {
    /// Their templates and texts; whoever shows the pages, or a link to them, adds them to a renderer's sets.
    package static let pages = PageSet(
        templates: [
            "operations/overview": PackageResources.operations_mustache,
            "operations/events": PackageResources.events_mustache,
            "operations/event": PackageResources.event_mustache,
            "operations/audit": PackageResources.audit_mustache,
            "operations/parked": PackageResources.parked_mustache,
            "operations/parked-state": PackageResources.parked_state_mustache,
            "operations/parked-event": PackageResources.parked_event_mustache,
            "operations/backups": PackageResources.backups_mustache,
        ], english: PackageResources.en_json, russian: PackageResources.ru_json)
}
