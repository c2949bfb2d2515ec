extension PageSet {
    /// The page set of endpoints: the texts of refusals, and the page of the API reference. The renderer adds it.
    static func endpoints() -> PageSet {
        PageSet(
            templates: [
                "kit/api-reference": PackageResources.api_reference_mustache,
                "kit/event-types": PackageResources.event_types_mustache,
                "kit/problems": PackageResources.problems_mustache,
            ],
            english: PackageResources.endpoints_en_json, russian: PackageResources.endpoints_ru_json)
    }
}
