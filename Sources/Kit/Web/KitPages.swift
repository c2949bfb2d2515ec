extension PageSet {
    /// The kit's own page set: layout, error page, operations pages, and the texts of problems that any endpoint may
    /// have. The renderer adds it.
    static func kit() -> PageSet {
        PageSet(
            templates: [
                "kit/layout": PackageResources.layout_mustache, "kit/error": PackageResources.error_mustache,
                "kit/search": PackageResources.search_mustache, "kit/found": PackageResources.found_mustache,
                "kit/count": PackageResources.count_mustache,
                "kit/confirmation": PackageResources.confirmation_mustache,
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
